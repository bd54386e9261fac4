//! Puts right who held the pens of a paper, or on whose paper its ink is.

use std::collections::{BTreeMap, BTreeSet};

use attribution::{Holder, Lease, Start};
use school::PupilId;

use super::keep::{Held, Moved, leases, moved, noted, replace_leases, replace_moved};
use super::pieces::{PaperName, Piece, pieces};
use super::timeline::{Window, changed, held_by};
use super::{Correction, Said, When};
use crate::database::Connection;
use crate::moments::{first_ms, has_time, last_ms};
use crate::sql::query;
use crate::view::roster;
use crate::{AssignmentHead, Printed, Store, StoreError};

/// Ink that rests for so long ends an evening, milliseconds: two hours.
const REST_MS: i64 = 2 * 3_600_000;
/// An evening is looked for within so much time of the paper's ink, milliseconds: a day.
const AROUND_MS: i64 = 24 * 3_600_000;

/// What became of a correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corrected {
    /// It holds, under this name.
    Done(i64),
    /// It is so already: the button was pressed twice.
    Already,
    /// No ink of the pen is on the paper; it may have gone to another meanwhile.
    NoInk,
    /// One of the two pupils had no pen then.
    NoPen,
    /// The pen was held by somebody who is not of the class, or by a marker.
    OthersPen,
    /// The assignment does not concern the other pupil.
    Stranger,
    /// The other pupil's page bears ink already, and nobody said that it may come onto that.
    OntoInk,
}

impl Store {
    /// Stores what a teacher says of the ink of a paper, and has it attributed again.
    ///
    /// On a sheet that all share, who held the pen is corrected, and with it all that the pen wrote
    /// then; ink whose clock says nothing is moved by itself. On a copy the address owns the paper:
    /// if its owner wrote, who held the pen is corrected; if another pupil did, the ink is moved to
    /// that pupil's paper. Ask for [`school::Right::Give`] first.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn correct(
        &self,
        head: &AssignmentHead,
        correction: Correction,
    ) -> Result<Corrected, StoreError> {
        let pupil = PupilId::new(correction.pupil.clone())?;
        let of = PaperName { head: head.clone(), pupil, page: correction.page };
        self.write(move |tx| Box::pin(async move { correct(tx, &of, &correction).await })).await
    }
}

/// What a correction comes to.
#[derive(Default)]
struct Change {
    /// Pens with their leases before and after.
    leases: Vec<(i64, Vec<Lease>, Vec<Lease>)>,
    /// When the leases differ.
    window: Option<Window>,
    /// Where ink is moved.
    moved: Vec<Moved>,
}

async fn correct(
    tx: &mut Connection,
    of: &PaperName,
    correction: &Correction,
) -> Result<Corrected, StoreError> {
    let class: BTreeSet<String> =
        roster(tx, &of.head.id).await?.into_iter().map(|pupil| pupil.id).collect();
    if !class.contains(correction.to.as_str()) {
        return Ok(Corrected::Stranger);
    }
    let mut ink = pieces(tx, of).await?;
    ink.retain(|piece| correction.pen.is_none_or(|pen| piece.start.pen == pen));
    if ink.is_empty() {
        // The button was pressed twice, and the ink is where it was said to be.
        let already = holds(tx, of, correction, None).await?;
        return Ok(if already { Corrected::Already } else { Corrected::NoInk });
    }
    let change = match correction.said {
        Said::Wrote => wrote(tx, correction, &ink, &class).await?,
        Said::Swapped => swapped(tx, of, correction, &ink).await?,
    };
    if change.is_ok() && joins_ink(tx, of, correction).await? {
        return Ok(Corrected::OntoInk);
    }
    match change {
        Ok(change) => store(tx, of, correction, change).await,
        Err(refused) => Ok(refused),
    }
}

/// Whether ink would come to a page that bears some, which nobody said may be.
async fn joins_ink(
    tx: &mut Connection,
    of: &PaperName,
    correction: &Correction,
) -> Result<bool, StoreError> {
    let moves = correction.said == Said::Wrote && correction.to != of.pupil;
    if correction.onto_ink || !moves || holds(tx, of, correction, None).await? {
        return Ok(false);
    }
    let inked = query(
        "SELECT EXISTS (SELECT 1 FROM attribution
                        WHERE school = $1 AND assignment = $2 AND pupil = $3 AND paper_page = $4)",
    );
    let inked = inked.bind(&of.head.school).bind(&of.head.id).bind(correction.to.as_str());
    Ok(inked.bind(of.page).scalar(tx).await?)
}

/// Who held a pen according to its leases, and the first and last time of its ink in question.
type OfPen = (BTreeSet<Option<Holder>>, (i64, i64));

/// Another pupil wrote some ink.
async fn wrote(
    tx: &mut Connection,
    correction: &Correction,
    ink: &[Piece],
    class: &BTreeSet<String>,
) -> Result<Result<Change, Corrected>, StoreError> {
    let to = Holder::Pupil(correction.to.clone());
    let mut change = Change::default();
    let mut held: BTreeMap<i64, OfPen> = BTreeMap::new();
    for piece in ink {
        match remedy(piece, &correction.to) {
            Remedy::None => {}
            Remedy::Move(to) => {
                let Start { counter, random, .. } = piece.start;
                let ink = (piece.folio, piece.page, piece.pen(), counter, random);
                let to = to.then(|| {
                    (correction.to.to_string(), correction.staff.clone(), correction.at_ms)
                });
                change.moved.push(Moved { ink, to });
            }
            Remedy::Lease(first_ms, last_ms) => {
                let of_pen =
                    held.entry(piece.pen()).or_insert((BTreeSet::new(), (first_ms, last_ms)));
                of_pen.0.insert(piece.holder.clone());
                of_pen.1 = (of_pen.1.0.min(first_ms), of_pen.1.1.max(last_ms));
            }
        }
    }
    let is_ours = |holder: &Option<Holder>| match holder {
        None => true,
        Some(Holder::Pupil(id)) => class.contains(id.as_str()),
        Some(Holder::Marker(_)) => false,
    };
    if !held.values().flat_map(|(holders, _)| holders).all(is_ours) {
        return Ok(Err(Corrected::OthersPen));
    }
    let times = held.values().map(|(_, times)| *times);
    if let Some((first_ms, last_ms)) = times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) {
        let pens: Vec<i64> = held.keys().copied().collect();
        let window = window(tx, &pens, (first_ms, last_ms), correction.when).await?;
        change.window = Some(window);
        for (pen, (holders, _)) in held {
            let before = leases(tx, pen).await?;
            let after = changed(pen.cast_unsigned(), &before, window, |holder| {
                let wrong = holders.contains(&holder.cloned());
                if wrong { Some(to.clone()) } else { holder.cloned() }
            });
            change.leases.push((pen, before, after));
        }
    }
    Ok(Ok(change))
}

/// What puts a piece of ink on the right paper.
enum Remedy {
    None,
    /// It is moved by a word, or no longer is.
    Move(bool),
    /// Its pen was held by the pupil then: first and last time of the ink.
    Lease(i64, i64),
}

fn remedy(piece: &Piece, to: &PupilId) -> Remedy {
    let is_theirs = piece.holder.as_ref() == Some(&Holder::Pupil(to.clone()));
    let by_lease = || piece.written_ms.map_or(Remedy::Move(true), |(a, b)| Remedy::Lease(a, b));
    match &piece.printed {
        Printed::Nothing => Remedy::None,
        Printed::Copy(owner) if owner.as_ref() != Some(to) => Remedy::Move(true),
        Printed::Shared if piece.moved => Remedy::Move(!is_theirs),
        Printed::Copy(_) if piece.moved => Remedy::Move(false),
        _ if piece.red || is_theirs => Remedy::None,
        _ => by_lease(),
    }
}

/// Two pupils had each other's pens.
async fn swapped(
    tx: &mut Connection,
    of: &PaperName,
    correction: &Correction,
    ink: &[Piece],
) -> Result<Result<Change, Corrected>, StoreError> {
    let own = ink.iter().filter(|piece| !piece.red && !piece.moved);
    let times = own.filter_map(|piece| piece.written_ms);
    let Some(times) = times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else {
        return Ok(Err(Corrected::NoInk));
    };
    let both = [of.pupil.clone(), correction.to.clone()].map(Holder::Pupil);
    let pens: Vec<i64> = query("SELECT DISTINCT pen FROM lease WHERE pupil IN ($1, $2)")
        .bind(of.pupil.as_str())
        .bind(correction.to.as_str())
        .scalars(&mut *tx)
        .await?;
    // The pens that they held while the ink was written.
    let writing = Window { from_ms: times.0, until_ms: Some(times.1.saturating_add(1)) };
    let mut held: Vec<(i64, Vec<Lease>)> = Vec::new();
    let mut has_pen = [false; 2];
    for pen in pens {
        let before = leases(tx, pen).await?;
        let by = [0, 1].map(|at: usize| held_by(&before, writing, &both[at]));
        has_pen = [has_pen[0] | by[0], has_pen[1] | by[1]];
        if by[0] || by[1] {
            held.push((pen, before));
        }
    }
    if both[0] == both[1] || has_pen != [true; 2] {
        return Ok(Err(Corrected::NoPen));
    }
    let pens: Vec<i64> = held.iter().map(|(pen, _)| *pen).collect();
    let window = window(tx, &pens, times, correction.when).await?;
    // Pressed twice, the button would change the pens back.
    if holds(tx, of, correction, Some(window)).await? {
        return Ok(Err(Corrected::Already));
    }
    let mut change = Change { window: Some(window), ..Change::default() };
    for (pen, before) in held {
        let after = changed(pen.cast_unsigned(), &before, window, |holder| match holder {
            Some(holder) if *holder == both[0] => Some(both[1].clone()),
            Some(holder) if *holder == both[1] => Some(both[0].clone()),
            other => other.cloned(),
        });
        change.leases.push((pen, before, after));
    }
    Ok(Ok(change))
}

/// Whether the same correction of a paper holds; of two pupils' pens, on the paper of either, for the
/// same time.
async fn holds(
    tx: &mut Connection,
    of: &PaperName,
    correction: &Correction,
    window: Option<Window>,
) -> Result<bool, StoreError> {
    let holds = query(
        "SELECT EXISTS (
             SELECT 1 FROM correction
             WHERE class = $1 AND what = $2 AND undone_ms IS NULL
               AND (pupil = $3 AND to_pupil = $4 OR what = 'swapped' AND pupil = $4 AND to_pupil = $3)
               AND CASE WHEN $5 IS NULL THEN assignment = $6 AND page = $7
                        ELSE from_ms = $5 AND until_ms IS NOT DISTINCT FROM $8 END)",
    )
    .bind(&of.head.class)
    .bind(correction.said)
    .bind(of.pupil.as_str())
    .bind(correction.to.as_str())
    .bind(window.map(|window| window.from_ms))
    .bind(&of.head.id)
    .bind(of.page)
    .bind(window.and_then(|window| window.until_ms))
    .scalar(tx)
    .await?;
    Ok(holds)
}

/// When pens were held by others than was noted, given when the ink in question was written.
async fn window(
    tx: &mut Connection,
    pens: &[i64],
    (first_ms, last_ms): (i64, i64),
    when: When,
) -> Result<Window, StoreError> {
    if let When::From(from_ms) = when {
        return Ok(Window { from_ms: from_ms.min(first_ms), until_ms: None });
    }
    let mut written: Vec<(i64, i64)> = Vec::new();
    for pen in pens {
        let rows: Vec<(i64, i64)> = query(concat!(
            "SELECT ",
            first_ms!(),
            ", ",
            last_ms!(),
            " FROM ink i JOIN chunk_address a ON a.folio = i.folio AND a.page = i.page
                                            AND a.pen = i.pen
             LEFT JOIN clock k ON k.pen = a.pen AND k.boot_counter = a.boot_counter
                              AND k.boot_random = a.boot_random
             WHERE i.pen = $1 AND i.received_ms >= $2 AND ",
            has_time!(),
            " AND ",
            last_ms!(),
            " >= $2 AND ",
            first_ms!(),
            " <= $3",
        ))
        .bind(*pen)
        .bind(first_ms.saturating_sub(AROUND_MS))
        .bind(last_ms.saturating_add(AROUND_MS))
        .fetch_all(&mut *tx)
        .await?;
        written.extend(rows);
    }
    let (first_ms, last_ms) = evening(written, (first_ms, last_ms));
    // Ink of the evening may still lie in a gateway: it began and ended in the rest around it.
    Ok(Window {
        from_ms: first_ms.saturating_sub(REST_MS / 2),
        until_ms: Some(last_ms.saturating_add(REST_MS / 2)),
    })
}

/// The first and last time of the ink around some of it that was written without a long rest.
fn evening(mut written: Vec<(i64, i64)>, (mut first_ms, mut last_ms): (i64, i64)) -> (i64, i64) {
    written.sort_unstable();
    for (from_ms, to_ms) in &written {
        if *to_ms >= first_ms && *from_ms <= last_ms.saturating_add(REST_MS) {
            last_ms = last_ms.max(*to_ms);
        }
    }
    written.sort_unstable_by_key(|(_, to_ms)| std::cmp::Reverse(*to_ms));
    for (from_ms, to_ms) in &written {
        if *from_ms <= last_ms && *to_ms >= first_ms.saturating_sub(REST_MS) {
            first_ms = first_ms.min(*from_ms);
        }
    }
    (first_ms, last_ms)
}

/// Writes a correction with what it changes.
async fn store(
    tx: &mut Connection,
    of: &PaperName,
    correction: &Correction,
    mut change: Change,
) -> Result<Corrected, StoreError> {
    change.leases.retain(|(_, before, after)| before != after);
    let (mut was, mut became) = (Held::default(), Held::default());
    for to in change.moved {
        let before = moved(tx, to.ink).await?;
        let pupil = |moved: &Moved| moved.to.as_ref().map(|(pupil, ..)| pupil.clone());
        if pupil(&before) != pupil(&to) {
            replace_moved(tx, &to).await?;
            was.moved.push(before);
            became.moved.push(to);
        }
    }
    let window = change.window.filter(|_| !change.leases.is_empty());
    for (pen, before, after) in change.leases {
        if let Some(window) = window {
            replace_leases(tx, pen, &after, window).await?;
        }
        was.leases.push((pen, noted(&before)));
        became.leases.push((pen, noted(&after)));
    }
    if was == became {
        return Ok(Corrected::Already);
    }
    let id = query(
        "INSERT INTO correction (class, assignment, pupil, page, what, to_pupil, staff, at_ms,
                                 from_ms, until_ms, held_before, held_after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
    )
    .bind(&of.head.class)
    .bind(&of.head.id)
    .bind(of.pupil.as_str())
    .bind(of.page)
    .bind(correction.said)
    .bind(correction.to.as_str())
    .bind(&correction.staff)
    .bind(correction.at_ms)
    .bind(window.map(|window| window.from_ms))
    .bind(window.and_then(|window| window.until_ms))
    .bind(serde_json::to_string(&was)?)
    .bind(serde_json::to_string(&became)?)
    .scalar(tx)
    .await?;
    Ok(Corrected::Done(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evening_ends_where_the_ink_rests() {
        let hours = |pairs: &[(i64, i64)]| -> Vec<(i64, i64)> {
            pairs.iter().map(|(a, b)| (a * REST_MS / 2, b * REST_MS / 2)).collect()
        };
        let written = hours(&[(0, 1), (4, 5), (6, 7), (9, 9), (12, 13)]);
        let found = evening(written, (6 * REST_MS / 2, 7 * REST_MS / 2));
        assert_eq!([found], hours(&[(4, 9)])[..]);
        assert_eq!(evening(Vec::new(), (3, 4)), (3, 4));
    }
}
