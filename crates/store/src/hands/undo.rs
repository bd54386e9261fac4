//! Takes a correction back.

use attribution::Lease;

use super::keep::{Held, leases, moved, read_note, replace_leases, replace_moved};
use super::timeline::{Window, restored, same};
use crate::database::Connection;
use crate::sql::query;
use crate::{AssignmentHead, Store, StoreError};

/// What became of taking a correction back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// It no longer holds.
    Done,
    /// It did not hold: the button was pressed twice.
    Already,
    /// The pens or the ink were changed again since then, by another correction, or because a pen
    /// came back or was lent to somebody. Nothing was changed.
    Since,
}

impl Store {
    /// Takes back a correction of a paper of an assignment: each pen is held as before while it
    /// held, and ink that it moved lies where it lay. The ink is attributed again.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn undo_correction(
        &self,
        head: &AssignmentHead,
        id: i64,
        now_ms: i64,
    ) -> Result<Undone, StoreError> {
        let (class, assignment) = (head.class.clone(), head.id.clone());
        self.write(move |tx| {
            Box::pin(async move { undo(tx, (&class, &assignment), id, now_ms).await })
        })
        .await
    }
}

async fn undo(
    tx: &mut Connection,
    (class, assignment): (&str, &str),
    id: i64,
    now_ms: i64,
) -> Result<Undone, StoreError> {
    type Columns = (Option<i64>, Option<i64>, String, String);
    let row: Option<Columns> = query(
        "SELECT from_ms, until_ms, held_before, held_after FROM correction
         WHERE id = $1 AND class = $2 AND assignment = $3 AND undone_ms IS NULL",
    )
    .bind(id)
    .bind(class)
    .bind(assignment)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((from_ms, until_ms, before, after)) = row else { return Ok(Undone::Already) };
    let (before, after): (Held, Held) =
        (serde_json::from_str(&before)?, serde_json::from_str(&after)?);
    // A note of leases has a time.
    let window = Window { from_ms: from_ms.unwrap_or(i64::MAX), until_ms };
    let mut wanted: Vec<(i64, Vec<Lease>)> = Vec::new();
    for ((pen, was), (_, became)) in before.leases.iter().zip(&after.leases) {
        let now = leases(tx, *pen).await?;
        if !same(&now, &read_note(*pen, became)?, window) {
            return Ok(Undone::Since);
        }
        let was = read_note(*pen, was)?;
        wanted.push((*pen, restored(pen.cast_unsigned(), &now, &was, window)));
    }
    for became in &after.moved {
        if moved(tx, became.ink).await? != *became {
            return Ok(Undone::Since);
        }
    }
    for (pen, leases) in &wanted {
        replace_leases(tx, *pen, leases, window).await?;
    }
    for was in &before.moved {
        replace_moved(tx, was).await?;
    }
    query("UPDATE correction SET undone_ms = $2 WHERE id = $1")
        .bind(id)
        .bind(now_ms)
        .execute(tx)
        .await?;
    Ok(Undone::Done)
}
