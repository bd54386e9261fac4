//! What a correction reads and writes: leases, moved ink, and the note of both.

use std::collections::BTreeSet;

use attribution::{Holder, Lease};
use serde::{Deserialize, Serialize};

use super::timeline::Window;
use crate::StoreError;
use crate::database::Connection;
use crate::setup::{ink_again, lease_of, leases_of_pens, marker_ever_held};
use crate::sql::query;

/// Leases and moved ink as they stood, for the note of a correction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) leases: Vec<(i64, Vec<LeaseNote>)>,
    pub(super) moved: Vec<Moved>,
}

/// Start, end, pupil, marker.
pub(super) type LeaseNote = (i64, Option<i64>, Option<String>, Option<String>);

/// Folio, page, pen, and the start's count and random bits.
pub(super) type InkName = (i64, u32, i64, u32, u32);

/// To whose paper a piece of ink is moved; `to`: pupil, who said so, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Moved {
    pub(super) ink: InkName,
    pub(super) to: Option<(String, String, i64)>,
}

pub(super) fn noted(leases: &[Lease]) -> Vec<LeaseNote> {
    let note = |lease: &Lease| {
        let (pupil, marker) = match &lease.holder {
            Holder::Pupil(id) => (Some(id.to_string()), None),
            Holder::Marker(id) => (None, Some(id.to_string())),
        };
        (lease.from_ms, lease.until_ms, pupil, marker)
    };
    leases.iter().map(note).collect()
}

pub(super) fn read_note(pen: i64, notes: &[LeaseNote]) -> Result<Vec<Lease>, StoreError> {
    let lease = |(from_ms, until_ms, pupil, marker): &LeaseNote| {
        lease_of((pen, *from_ms, *until_ms, pupil.clone(), marker.clone()))
    };
    notes.iter().map(lease).collect()
}

/// Every lease of a pen.
pub(super) async fn leases(tx: &mut Connection, pen: i64) -> Result<Vec<Lease>, StoreError> {
    leases_of_pens(tx, &BTreeSet::from([pen])).await
}

/// Puts leases of a pen in the place of all that it has; they differ within a window alone, and the
/// ink of it is attributed again.
pub(super) async fn replace_leases(
    tx: &mut Connection,
    pen: i64,
    leases: &[Lease],
    window: Window,
) -> Result<(), StoreError> {
    let red_before = marker_ever_held(tx, pen).await?;
    query("DELETE FROM lease WHERE pen = $1").bind(pen).execute(&mut *tx).await?;
    for (from_ms, until_ms, pupil, marker) in noted(leases) {
        query(
            "INSERT INTO lease (pen, from_ms, until_ms, pupil, marker)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(pen)
        .bind(from_ms)
        .bind(until_ms)
        .bind(pupil)
        .bind(marker)
        .execute(&mut *tx)
        .await?;
    }
    // If a marker ever held a pen, none of its ink is a pupil's without a lease that says so.
    if marker_ever_held(tx, pen).await? != red_before {
        return ink_again(tx, pen, i64::MIN, None).await;
    }
    ink_again(tx, pen, window.from_ms, window.until_ms).await
}

/// Where a piece of ink is moved to.
pub(super) async fn moved(tx: &mut Connection, ink: InkName) -> Result<Moved, StoreError> {
    let (folio, page, pen, counter, random) = ink;
    let to = query(
        "SELECT pupil, staff, at_ms FROM moved_ink
         WHERE folio = $1 AND page = $2 AND pen = $3 AND boot_counter = $4 AND boot_random = $5",
    )
    .bind(folio)
    .bind(page)
    .bind(pen)
    .bind(counter)
    .bind(random)
    .fetch_optional(tx)
    .await?;
    Ok(Moved { ink, to })
}

/// Moves a piece of ink, or no longer; it is attributed again.
pub(super) async fn replace_moved(tx: &mut Connection, moved: &Moved) -> Result<(), StoreError> {
    let (folio, page, pen, counter, random) = moved.ink;
    query(
        "DELETE FROM moved_ink
         WHERE folio = $1 AND page = $2 AND pen = $3 AND boot_counter = $4 AND boot_random = $5",
    )
    .bind(folio)
    .bind(page)
    .bind(pen)
    .bind(counter)
    .bind(random)
    .execute(&mut *tx)
    .await?;
    if let Some((pupil, staff, at_ms)) = &moved.to {
        query(
            "INSERT INTO moved_ink (folio, page, pen, boot_counter, boot_random, pupil, staff, at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(folio)
        .bind(page)
        .bind(pen)
        .bind(counter)
        .bind(random)
        .bind(pupil)
        .bind(staff)
        .bind(*at_ms)
        .execute(&mut *tx)
        .await?;
    }
    query("UPDATE ink SET attributed_rev = 0 WHERE folio = $1 AND page = $2 AND pen = $3")
        .bind(folio)
        .bind(page)
        .bind(pen)
        .execute(tx)
        .await?;
    Ok(())
}
