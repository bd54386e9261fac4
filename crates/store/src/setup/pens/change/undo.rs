//! Putting rows back as they were before a change.

use attribution::Lease;

use super::super::super::leases::{holder_of, ink_again, insert as insert_lease};
use super::{Became, Keeper, LeaseState, Moved, PenState, Rows};
use crate::StoreError;
use crate::database::Connection;
use crate::sql::query;

pub(super) async fn undo(tx: &mut Connection, keeper: &Keeper, id: i64) -> Result<(), StoreError> {
    let row: Option<(String, String, Option<i64>)> =
        query("SELECT pens, moved, undone_ms FROM pen_change WHERE id = $1 AND school = $2")
            .bind(id)
            .bind(&keeper.school)
            .fetch_optional(&mut *tx)
            .await?;
    let missing = || StoreError::Missing { what: "change of pens", id: id.to_string() };
    let (pens, moved, undone_ms) = row.ok_or_else(missing)?;
    if undone_ms.is_some() {
        return Ok(());
    }
    let pens: Vec<u64> = serde_json::from_str(&pens)?;
    let (leases, places): Moved = serde_json::from_str(&moved)?;
    let now = Rows::of(tx, &pens).await?;
    for ((pen, from_ms), _, is) in &leases {
        if now.leases.get(&(*pen, *from_ms)) != is.as_ref() {
            return Err(StoreError::PenChanged { pen: pen.cast_unsigned() });
        }
    }
    for (pen, _, is) in &places {
        if now.pens.get(pen) != is.as_ref() {
            return Err(StoreError::PenChanged { pen: pen.cast_unsigned() });
        }
    }
    for ((pen, from_ms), was, is) in leases {
        restore_lease(tx, (pen, from_ms), was, is).await?;
    }
    restore_places(tx, places).await?;
    query("UPDATE pen_change SET undone_ms = $2 WHERE id = $1")
        .bind(id)
        .bind(keeper.now_ms)
        .execute(tx)
        .await?;
    Ok(())
}

async fn restore_lease(
    tx: &mut Connection,
    (pen, from_ms): (i64, i64),
    was: Option<LeaseState>,
    is: Option<LeaseState>,
) -> Result<(), StoreError> {
    if let Some((until_ms, pupil, marker)) = was {
        let missing = || StoreError::Missing { what: "holder of pen", id: format!("{pen:012x}") };
        let holder = holder_of(pupil, marker)?.ok_or_else(missing)?;
        let lease = Lease { pen: pen.cast_unsigned(), from_ms, until_ms, holder };
        return insert_lease(tx, &lease).await;
    }
    query("DELETE FROM lease WHERE pen = $1 AND from_ms = $2")
        .bind(pen)
        .bind(from_ms)
        .execute(&mut *tx)
        .await?;
    // If a marker no longer ever held it, ink without a time may be a pupil's.
    let red = is.as_ref().is_some_and(|(.., marker)| marker.is_some());
    let until_ms = is.and_then(|(until_ms, ..)| until_ms);
    ink_again(tx, pen, if red { i64::MIN } else { from_ms }, until_ms.filter(|_| !red)).await
}

async fn restore_places(
    tx: &mut Connection,
    places: Vec<Became<i64, PenState>>,
) -> Result<(), StoreError> {
    // Two pens may have exchanged their places: each leaves its own before any takes one.
    for (pen, ..) in &places {
        query("UPDATE pen SET set_name = NULL, number = NULL WHERE id = $1")
            .bind(*pen)
            .execute(&mut *tx)
            .await?;
    }
    for (pen, was, _) in places {
        let (school, set, number, lost_ms) = was.unwrap_or_default();
        if let (Some(school), Some(set), Some(number)) = (&school, &set, number) {
            let other: Option<i64> = query(
                "SELECT id FROM pen WHERE school = $1 AND set_name = $2 AND number = $3
                    AND id <> $4",
            )
            .bind(school)
            .bind(set)
            .bind(number)
            .bind(pen)
            .scalar_optional(&mut *tx)
            .await?;
            if let Some(other) = other {
                return Err(StoreError::PenChanged { pen: other.cast_unsigned() });
            }
        }
        query("UPDATE pen SET school = $2, set_name = $3, number = $4, lost_ms = $5 WHERE id = $1")
            .bind(pen)
            .bind(school)
            .bind(set)
            .bind(number)
            .bind(lost_ms)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
