//! What a teacher does on the screen. Each is one transaction, with its history, the verdict in
//! force, the profile's revision and the line in the outbox.

use super::assignment::AssignmentHead;
use crate::database::Connection;
use crate::marks::{OutboxKind, PaperOf, announce, refold, refresh_verdict, want_profile};
use crate::sql::{Small, query};
use crate::{MarkRow, Store, StoreError, Verdict};

/// Names a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseName {
    /// Whose it is.
    pub pupil: String,
    /// The part.
    pub part: String,
    /// The criterion of its rubric; `None`: the part as a whole.
    pub criterion: Option<String>,
}

impl ResponseName {
    /// As marks name it.
    fn criterion(&self) -> &str {
        self.criterion.as_deref().unwrap_or_default()
    }
}

/// A verdict given on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Of what.
    pub response: ResponseName,
    /// Who decides.
    pub staff: String,
    /// What.
    pub mark: MarkRow,
}

/// What a person saw of a response when they decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The ink: [`ResponseView::changed_rev`](super::paper::ResponseView::changed_rev).
    pub changed_rev: i64,
    /// The decision on the screen, if there was one.
    pub mark: Option<i64>,
}

/// What came of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It counts. The id of its mark, by which it can be taken back.
    Stored(i64),
    /// Another person decided in between; theirs counts, and nothing is changed.
    Contested(Standing),
    /// The pupil wrote on in between, and nothing is changed: the ink that is there now, as
    /// [`Seen::changed_rev`].
    Rewritten(i64),
}

/// Another person's decision that counts.
#[derive(Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its mark.
    pub id: i64,
    /// The name of who gave it.
    pub name: String,
    /// What they thought of it.
    pub verdict: Verdict,
    /// Tenths of a point.
    pub score: u32,
}

impl std::fmt::Debug for Standing {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Standing").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Store {
    /// Decides one response: see [`Store::decide_each`].
    ///
    /// # Errors
    /// Where the head's scope does not decide. On an error nothing is written.
    pub async fn decide(
        &self,
        head: &AssignmentHead,
        decision: Decision,
        seen: Seen,
        now_ms: i64,
    ) -> Result<Option<Decided>, StoreError> {
        let decided = self.decide_each(head, vec![(decision, seen)], now_ms).await?;
        Ok(decided.and_then(|mut each| each.pop()))
    }

    /// Decides responses as the person saw each, in one transaction: does not overrule a newer
    /// decision of another person unseen, nor judge ink that the page did not show yet; what that
    /// keeps from one response leaves the others alone. Returns what came of each, or `None` and
    /// changes nothing where the assignment does not have one of them. The same decision twice
    /// counts once: a request may be sent again when its answer was lost.
    ///
    /// # Errors
    /// Where the head's scope does not decide. On an error nothing is written.
    pub async fn decide_each(
        &self,
        head: &AssignmentHead,
        decisions: Vec<(Decision, Seen)>,
        now_ms: i64,
    ) -> Result<Option<Vec<Decided>>, StoreError> {
        let head = deciding(head)?;
        self.write(move |tx| {
            Box::pin(async move { decide_each(tx, &head, &decisions, now_ms).await })
        })
        .await
    }

    /// Takes one decision back: see [`Store::undo_each`].
    ///
    /// # Errors
    /// Where the head's scope does not decide. On an error nothing is written.
    pub async fn undo(
        &self,
        head: &AssignmentHead,
        response: ResponseName,
        mark: i64,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        self.undo_each(head, vec![(response, mark)], now_ms).await
    }

    /// Takes back decisions on responses, each named by its mark, in one transaction: the one
    /// before it counts again, or else the red pen's or the machine's. One that no longer counts
    /// stays as it is: somebody decided since, or the request was sent twice. Returns `false` and
    /// changes nothing where one of the responses never had such a decision.
    ///
    /// # Errors
    /// Where the head's scope does not decide. On an error nothing is written.
    pub async fn undo_each(
        &self,
        head: &AssignmentHead,
        decisions: Vec<(ResponseName, i64)>,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let head = deciding(head)?;
        self.write(move |tx| {
            Box::pin(async move { undo_each(tx, &head, &decisions, now_ms).await })
        })
        .await
    }

    /// Notes that an assignment, or one pupil's part of it, is handed in: what is marked then
    /// settles. Returns how many papers that concerns.
    ///
    /// # Errors
    /// Where the head's scope does not decide. On an error nothing is written.
    pub async fn hand_in(
        &self,
        head: &AssignmentHead,
        pupil: Option<String>,
        now_ms: i64,
    ) -> Result<usize, StoreError> {
        let head = deciding(head)?;
        self.write(move |tx| {
            Box::pin(async move { hand_in(tx, &head, pupil.as_deref(), now_ms).await })
        })
        .await
    }

    /// Takes back what was handed in at `stamp_ms`, of an assignment or of one pupil: what settled
    /// by it is provisional again. Returns how many papers that concerns.
    ///
    /// # Errors
    /// Where the head's scope does not decide. On an error nothing is written.
    pub async fn give_back(
        &self,
        head: &AssignmentHead,
        pupil: Option<String>,
        stamp_ms: i64,
        now_ms: i64,
    ) -> Result<usize, StoreError> {
        let head = deciding(head)?;
        self.write(move |tx| {
            Box::pin(async move { give_back(tx, &head, pupil.as_deref(), stamp_ms, now_ms).await })
        })
        .await
    }
}

/// The head of an assignment, if the asker may decide there. A head is also given to those who may
/// only see.
fn deciding(head: &AssignmentHead) -> Result<AssignmentHead, StoreError> {
    if head.may_decide {
        Ok(head.clone())
    } else {
        Err(StoreError::MayNotDecide { assignment: head.id.clone() })
    }
}

fn of<'a>(head: &'a AssignmentHead, pupil: &'a str) -> PaperOf<'a> {
    PaperOf { school: &head.school, assignment: &head.id, pupil }
}

/// The response's page and the revision at which its ink last changed.
async fn place(
    tx: &mut Connection,
    head: &AssignmentHead,
    response: &ResponseName,
) -> Result<Option<(i64, i64)>, StoreError> {
    let place = query(
        "SELECT r.page, r.changed_rev FROM response r
         WHERE r.school = $1 AND r.assignment = $2 AND r.pupil = $3 AND r.part = $4",
    )
    .bind(&head.school)
    .bind(&head.id)
    .bind(&response.pupil)
    .bind(&response.part)
    .fetch_optional(tx)
    .await?;
    Ok(place)
}

/// The decision on the screen that counts, and who gave it.
async fn standing(
    tx: &mut Connection,
    head: &AssignmentHead,
    response: &ResponseName,
) -> Result<Option<(String, Standing)>, StoreError> {
    let row: Option<(String, i64, String, Verdict, Small)> = query(
        "SELECT m.staff, m.id, s.name, m.verdict, m.score
         FROM mark m JOIN staff s ON s.id = m.staff
         WHERE m.school = $1 AND m.assignment = $2 AND m.pupil = $3 AND m.part = $4
           AND m.criterion = $5
           AND m.source = 'screen' AND m.superseded_ms IS NULL",
    )
    .bind(&head.school)
    .bind(&head.id)
    .bind(&response.pupil)
    .bind(&response.part)
    .bind(response.criterion())
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|(staff, id, name, verdict, Small(score))| {
        (staff, Standing { id, name, verdict, score })
    }))
}

async fn decide_each(
    tx: &mut Connection,
    head: &AssignmentHead,
    decisions: &[(Decision, Seen)],
    now_ms: i64,
) -> Result<Option<Vec<Decided>>, StoreError> {
    // All are looked up before the first is written, so that nothing of a wrong request is stored.
    let mut places = Vec::with_capacity(decisions.len());
    for (decision, _) in decisions {
        let Some(place) = place(tx, head, &decision.response).await? else { return Ok(None) };
        places.push(place);
    }
    let mut decided = Vec::with_capacity(decisions.len());
    for ((decision, seen), place) in decisions.iter().zip(places) {
        let standing = standing(tx, head, &decision.response).await?;
        decided.push(match standing {
            Some((staff, standing))
                if staff != decision.staff && Some(standing.id) != seen.mark =>
            {
                Decided::Contested(standing)
            }
            _ => decide(tx, head, decision, place, seen.changed_rev, now_ms).await?,
        });
    }
    Ok(Some(decided))
}

async fn decide(
    tx: &mut Connection,
    head: &AssignmentHead,
    decision: &Decision,
    (page, changed_rev): (i64, i64),
    seen_rev: i64,
    now_ms: i64,
) -> Result<Decided, StoreError> {
    let ResponseName { pupil, part, .. } = &decision.response;
    let criterion = decision.response.criterion();
    let same: Option<i64> = query(
        "SELECT id FROM mark
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND part = $4
           AND source = 'screen' AND superseded_ms IS NULL
           AND verdict = $5 AND score = $6 AND staff = $7 AND ink_rev = $8 AND criterion = $9",
    )
    .bind(&head.school)
    .bind(&head.id)
    .bind(pupil)
    .bind(part)
    .bind(decision.mark.verdict)
    .bind(decision.mark.score)
    .bind(&decision.staff)
    .bind(seen_rev)
    .bind(criterion)
    .scalar_optional(&mut *tx)
    .await?;
    if let Some(same) = same {
        return Ok(Decided::Stored(same));
    }
    if seen_rev != changed_rev {
        return Ok(Decided::Rewritten(changed_rev));
    }
    query(
        "UPDATE mark SET superseded_ms = $5
         WHERE school = $1 AND assignment = $2 AND pupil = $3 AND part = $4
           AND source = 'screen' AND superseded_ms IS NULL AND criterion = $6",
    )
    .bind(&head.school)
    .bind(&head.id)
    .bind(pupil)
    .bind(part)
    .bind(now_ms)
    .bind(criterion)
    .execute(&mut *tx)
    .await?;
    let id = query(
        "INSERT INTO mark (school, assignment, pupil, part, source, verdict, score, staff, ink_rev,
                           at_ms, criterion)
         VALUES ($1, $2, $3, $4, 'screen', $5, $6, $7, $8, $9, $10) RETURNING id",
    )
    .bind(&head.school)
    .bind(&head.id)
    .bind(pupil)
    .bind(part)
    .bind(decision.mark.verdict)
    .bind(decision.mark.score)
    .bind(&decision.staff)
    .bind(seen_rev)
    .bind(now_ms)
    .bind(criterion)
    .scalar(&mut *tx)
    .await?;
    tell(tx, head, &decision.response, page, now_ms).await?;
    Ok(Decided::Stored(id))
}

async fn undo_each(
    tx: &mut Connection,
    head: &AssignmentHead,
    decisions: &[(ResponseName, i64)],
    now_ms: i64,
) -> Result<bool, StoreError> {
    let mut counting = Vec::with_capacity(decisions.len());
    for (response, mark) in decisions {
        let Some((page, _)) = place(tx, head, response).await? else { return Ok(false) };
        let known: Option<(i64, bool)> = query(
            "SELECT at_ms, superseded_ms IS NULL FROM mark
             WHERE id = $5 AND school = $1 AND assignment = $2 AND pupil = $3 AND part = $4
               AND source = 'screen'",
        )
        .bind(&head.school)
        .bind(&head.id)
        .bind(&response.pupil)
        .bind(&response.part)
        .bind(mark)
        .fetch_optional(&mut *tx)
        .await?;
        let Some((at_ms, counts)) = known else { return Ok(false) };
        if counts {
            counting.push((response, *mark, page, at_ms));
        }
    }
    for (response, mark, page, at_ms) in counting {
        undo(tx, head, response, (mark, at_ms), now_ms).await?;
        tell(tx, head, response, page, now_ms).await?;
    }
    Ok(true)
}

/// Takes back the decision `mark`, which counts since `at_ms`.
async fn undo(
    tx: &mut Connection,
    head: &AssignmentHead,
    response: &ResponseName,
    (mark, at_ms): (i64, i64),
    now_ms: i64,
) -> Result<(), StoreError> {
    query("UPDATE mark SET superseded_ms = $2 WHERE id = $1")
        .bind(mark)
        .bind(now_ms)
        .execute(&mut *tx)
        .await?;
    // The decision that this one superseded, which happened at the same moment.
    query(
        "UPDATE mark SET superseded_ms = NULL
         WHERE id = (SELECT max(id) FROM mark
                     WHERE school = $1 AND assignment = $2 AND pupil = $3 AND part = $4
                       AND source = 'screen' AND id < $5 AND superseded_ms = $6
                       AND criterion = (SELECT criterion FROM mark WHERE id = $5))",
    )
    .bind(&head.school)
    .bind(&head.id)
    .bind(&response.pupil)
    .bind(&response.part)
    .bind(mark)
    .bind(at_ms)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// What follows from a changed mark.
async fn tell(
    tx: &mut Connection,
    head: &AssignmentHead,
    response: &ResponseName,
    page: i64,
    now_ms: i64,
) -> Result<(), StoreError> {
    let of = of(head, &response.pupil);
    refresh_verdict(tx, of, &response.part).await?;
    want_profile(tx, of).await?;
    announce(tx, OutboxKind::Decided, of, Some(page), now_ms).await
}

async fn hand_in(
    tx: &mut Connection,
    head: &AssignmentHead,
    pupil: Option<&str>,
    now_ms: i64,
) -> Result<usize, StoreError> {
    let papers: Vec<(String, i64)> = query(
        "UPDATE paper SET handed_in_ms = $4
         WHERE school = $1 AND assignment = $2 AND ($3 IS NULL OR pupil = $3)
           AND handed_in_ms IS NULL AND settled_ms IS NULL
         RETURNING pupil, page",
    )
    .bind(&head.school)
    .bind(&head.id)
    .bind(pupil)
    .bind(now_ms)
    .fetch_all(&mut *tx)
    .await?;
    for (pupil, page) in &papers {
        announce(tx, OutboxKind::Settled, of(head, pupil), Some(*page), now_ms).await?;
    }
    Ok(papers.len())
}

async fn give_back(
    tx: &mut Connection,
    head: &AssignmentHead,
    pupil: Option<&str>,
    stamp_ms: i64,
    now_ms: i64,
) -> Result<usize, StoreError> {
    let papers: Vec<(String, i64)> = query(
        "UPDATE paper SET handed_in_ms = NULL, settled_ms = NULL
         WHERE school = $1 AND assignment = $2 AND ($3 IS NULL OR pupil = $3)
           AND handed_in_ms = $4
         RETURNING pupil, page",
    )
    .bind(&head.school)
    .bind(&head.id)
    .bind(pupil)
    .bind(stamp_ms)
    .fetch_all(&mut *tx)
    .await?;
    for (pupil, page) in &papers {
        refold(tx, of(head, pupil)).await?;
        announce(tx, OutboxKind::Settled, of(head, pupil), Some(*page), now_ms).await?;
    }
    Ok(papers.len())
}
