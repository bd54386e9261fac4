//! What waits for a person in an assignment, with answers that are alike side by side.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::AssertSqlSafe;
use worksheet::Review;

use super::assignment::AssignmentHead;
use super::criteria::add_criteria;
use super::paper::{COUNTS, ResponseView, response_columns, shown};
use super::{NUMBER, WAITS_OF_ONE, WANTED};
use crate::database::Connection;
use crate::sql::query;
use crate::{Store, StoreError};

/// A teacher's sitting at the decide page: what they and others decided since it began stays in sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Who sits there.
    pub staff: String,
    /// The last mark before it began; `None`: it begins now.
    pub since: Option<i64>,
}

/// A response that waits for a person, or has just been decided, of any page of an assignment.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Undecided {
    /// Whose it is.
    pub pupil: String,
    /// The pupil's number.
    #[sqlx(try_from = "i64")]
    pub number: u32,
    /// The pupil's name.
    pub name: String,
    /// Page of the worksheet.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// Whether its paper is settled.
    pub settled: bool,
    /// JSON: what the paper's result was made with.
    pub versions: String,
    /// The response.
    #[sqlx(flatten)]
    pub response: ResponseView,
}

/// How many responses wait for the same thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// All of them.
    pub responses: u32,
    /// The groups in which they can be decided.
    pub groups: u32,
}

/// What waits for a person in an assignment.
#[derive(Clone, Debug, PartialEq)]
pub struct UndecidedView {
    /// The first groups, and what was decided since the sitting began, as it was decided. Deciding
    /// moves none. Each has at least one response, and at most [`GROUP_MAX`], by number: answers to
    /// one part in which the same was read and that wait for the same reason. What was not read is
    /// like nothing else.
    pub groups: Vec<Vec<Undecided>>,
    /// The last mark before the sitting began.
    pub since: i64,
    /// What the machine is not sure of, in all.
    pub to_decide: Waiting,
    /// What has no key, in all.
    pub to_score: Waiting,
    /// The outbox's last line in the same snapshot: updates go on from here.
    pub after: i64,
}

/// Members of a group: a large class. What is more waits until these are decided.
pub const GROUP_MAX: usize = 60;

/// Decided responses of a sitting that are shown, their own and others' each; taking one back brings
/// the one before into sight.
const DECIDED_MAX: u32 = 120;

/// Responses that are shown while they wait, unless one group alone has more.
const WAITING_MAX: usize = 240;

/// What is needed of a response to find those that are alike.
#[derive(sqlx::FromRow)]
struct Line {
    pupil: String,
    number: i64,
    part: String,
    position: i64,
    reading: Option<String>,
    probability: Option<f64>,
    review: Option<String>,
    /// Of a decided one, when that was, Unix milliseconds.
    decided_ms: Option<i64>,
    /// Of a decided one, its points, tenths.
    score: Option<i64>,
}

impl Line {
    /// Whose it is, and the part.
    fn name(&self) -> (String, String) {
        (self.pupil.clone(), self.part.clone())
    }

    /// Whether it has no key.
    fn open(&self) -> bool {
        self.review.as_deref() == Some(Review::NoKey.code())
    }

    /// The same for answers that are alike: part, reading and reason for review. An answer that was
    /// not read, or has no key, is like no other pupil's.
    fn alike(&self) -> Alike {
        let review = self.review.as_deref();
        let reading = shown(self.reading.as_deref(), self.probability, review);
        let reading = reading.filter(|_| !self.open());
        Alike {
            part: self.part.clone(),
            alone: reading.is_none().then(|| self.pupil.clone()),
            reading: reading.map(str::to_owned),
            review: self.review.clone(),
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    part: String,
    reading: Option<String>,
    review: Option<String>,
    /// The pupil of an answer that is like no other.
    alone: Option<String>,
}

/// Puts alike answers together, what was decided at once apart from what waits: doubts before what
/// has no key, and of what is alike the most before the single ones. Where answers stand depends on
/// how many are alike, decided or not, so that deciding moves none.
fn grouped(lines: Vec<Line>) -> Vec<Vec<Line>> {
    let mut alike: BTreeMap<Alike, Vec<Line>> = BTreeMap::new();
    for line in lines {
        alike.entry(line.alike()).or_default().push(line);
    }
    let mut groups = Vec::new();
    for mut lines in alike.into_values() {
        lines.sort_by_key(|line| (line.decided_ms, line.score, line.number));
        let (all, first) = (lines.len(), lines.iter().map(|line| line.number).min());
        let mut rest = lines.into_iter().peekable();
        while let Some(line) = rest.next() {
            let at_once = (line.decided_ms, line.score);
            let mut group = vec![line];
            while group.len() < GROUP_MAX
                && let Some(line) = rest.next_if(|next| (next.decided_ms, next.score) == at_once)
            {
                group.push(line);
            }
            let place = (group[0].open(), Reverse(all), group[0].position, first);
            groups.push(((place, Reverse(group.len()), group[0].number), group));
        }
    }
    groups.sort_by_key(|(place, _)| *place);
    groups.into_iter().map(|(_, group)| group).collect()
}

impl Store {
    /// What waits for a person in an assignment, alike answers in groups: what the machine is not
    /// sure of before what has no key, then the largest groups, then by part and number; the first
    /// `limit` groups. With it what was decided in the sitting, by whomever, each in the place where it
    /// waited: a card that a colleague decides does not make room for another one.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn undecided(
        &self,
        head: &AssignmentHead,
        sitting: Sitting,
        limit: usize,
    ) -> Result<UndecidedView, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let after = super::outbox::last(&mut tx).await?;
        let since = match sitting.since {
            Some(since) => since,
            None => query("SELECT coalesce(max(id), 0) FROM mark").scalar(&mut tx).await?,
        };
        let lines = lines(&mut tx, head, &sitting.staff, since).await?;
        let (mut to_decide, mut to_score) = (Waiting::default(), Waiting::default());
        let (mut groups, mut responses) = (0, 0);
        let mut chosen = grouped(lines);
        chosen.retain(|group| {
            if group[0].decided_ms.is_some() {
                return true;
            }
            let count = if group[0].open() { &mut to_score } else { &mut to_decide };
            count.responses += u32::try_from(group.len()).unwrap_or(u32::MAX);
            count.groups += 1;
            groups += 1;
            responses += group.len();
            groups == 1 || groups <= limit && responses <= WAITING_MAX
        });
        let groups = filled(&mut tx, head, &chosen).await?;
        Ok(UndecidedView { groups, since, to_decide, to_score, after })
    }
}

/// All that waits in an assignment, and the last of what somebody, and what others, decided there
/// after a mark.
async fn lines(
    tx: &mut Connection,
    head: &AssignmentHead,
    staff: &str,
    since: i64,
) -> Result<Vec<Line>, StoreError> {
    let select = |decided: &str, score: &str| {
        format!(
            "SELECT r.pupil, {NUMBER} AS number, r.part, r.position, r.reading, r.probability,
                    r.review, {decided} AS decided_ms, {score} AS score
             FROM response r
             JOIN assignment a ON a.id = r.assignment
             JOIN pupil u ON u.id = r.pupil
             WHERE r.school = $1 AND r.assignment = $2"
        )
    };
    let none = "CAST(NULL AS BIGINT)";
    let sql = format!("{} AND {WAITS_OF_ONE}", select(none, none));
    let mut lines: Vec<Line> =
        query(AssertSqlSafe(sql)).bind(&head.school).bind(&head.id).fetch_all(&mut *tx).await?;
    for own in ["m.staff = $4", "m.staff <> $4"] {
        let sql = format!(
            "{} AND r.review IS NOT NULL AND {WANTED} IS NULL
               AND EXISTS (SELECT 1 {COUNTS} AND m.id > $3 AND {own})
             ORDER BY (SELECT max(m.id) {COUNTS}) DESC LIMIT $5",
            select(&format!("(SELECT max(m.at_ms) {COUNTS})"), "r.score")
        );
        let decided: Vec<Line> = query(AssertSqlSafe(sql))
            .bind(&head.school)
            .bind(&head.id)
            .bind(since)
            .bind(staff)
            .bind(DECIDED_MAX)
            .fetch_all(&mut *tx)
            .await?;
        // Of a rubric both may have decided a criterion.
        let known: BTreeSet<_> = lines.iter().map(Line::name).collect();
        let new: Vec<_> = decided.iter().map(|line| !known.contains(&line.name())).collect();
        lines.extend(decided.into_iter().zip(new).filter_map(|(line, new)| new.then_some(line)));
    }
    Ok(lines)
}

/// The groups with everything that is shown of their responses.
async fn filled(
    tx: &mut Connection,
    head: &AssignmentHead,
    groups: &[Vec<Line>],
) -> Result<Vec<Vec<Undecided>>, StoreError> {
    let names: Vec<(&str, &str)> =
        groups.iter().flatten().map(|line| (line.pupil.as_str(), line.part.as_str())).collect();
    let sql = format!(
        "SELECT r.pupil, {NUMBER} AS number, u.name, r.page, p.settled_ms IS NOT NULL AS settled,
                p.versions, {}
         FROM json_each($1) CROSS JOIN response r
         JOIN assignment a ON a.id = r.assignment
         JOIN pupil u ON u.id = r.pupil
         JOIN paper p ON p.school = r.school AND p.assignment = r.assignment
                     AND p.pupil = r.pupil AND p.page = r.page
         WHERE r.school = $2 AND r.assignment = $3 AND r.pupil = value->>0 AND r.part = value->>1",
        response_columns()
    );
    let mut rows: Vec<Undecided> = query(AssertSqlSafe(sql))
        .bind(serde_json::to_string(&names)?)
        .bind(&head.school)
        .bind(&head.id)
        .fetch_all(&mut *tx)
        .await?;
    let each = rows.iter_mut().map(|row| (row.pupil.as_str(), &mut row.response));
    add_criteria(tx, head, None, each).await?;
    let mut of: HashMap<(String, String), Undecided> =
        rows.into_iter().map(|row| ((row.pupil.clone(), row.response.part.clone()), row)).collect();
    let mut taken = |line: &Line| of.remove(&(line.pupil.clone(), line.part.clone()));
    let groups = groups.iter().map(|group| group.iter().filter_map(&mut taken).collect());
    Ok(groups.filter(|group: &Vec<_>| !group.is_empty()).collect())
}
