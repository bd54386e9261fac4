//! Who holds a pen, and what a correction moves.

use std::collections::BTreeSet;

use attribution::{Holder, Lease};

use crate::database::Connection;
use crate::moments::{first_ms, has_time, last_ms};
use crate::sql::query;
use crate::{Store, StoreError};

impl Store {
    /// Stores leases, all or none. A lease is named by its pen and start: another holder or end
    /// under the same name is a correction, and the ink that it concerns is attributed again.
    ///
    /// # Errors
    /// Where a pupil or member of staff does not exist.
    pub async fn insert_leases(&self, rows: Vec<Lease>) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                for row in &rows {
                    insert(tx, row).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// The pen, and the pupil or marker who holds it.
fn columns(lease: &Lease) -> (i64, Option<&str>, Option<&str>) {
    let (pupil, marker) = match &lease.holder {
        Holder::Pupil(id) => (Some(id.as_str()), None),
        Holder::Marker(id) => (None, Some(id.as_str())),
    };
    (lease.pen.cast_signed(), pupil, marker)
}

pub(super) async fn insert(tx: &mut Connection, row: &Lease) -> Result<(), StoreError> {
    let (pen, pupil, marker) = columns(row);
    let known: Option<(Option<i64>, Option<String>, Option<String>)> =
        query("SELECT until_ms, pupil, marker FROM lease WHERE pen = $1 AND from_ms = $2")
            .bind(pen)
            .bind(row.from_ms)
            .fetch_optional(&mut *tx)
            .await?;
    let mut until_ms = row.until_ms;
    if let Some((known_until_ms, known_pupil, known_marker)) = known {
        if (known_until_ms, known_pupil.as_deref(), known_marker.as_deref())
            == (row.until_ms, pupil, marker)
        {
            return Ok(());
        }
        // What the lease covered before the correction is concerned too.
        until_ms = until_ms.zip(known_until_ms).map(|(new, old)| new.max(old));
    }
    let red_before = marker_ever_held(tx, pen).await?;
    query(
        "INSERT INTO lease (pen, from_ms, until_ms, pupil, marker) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (pen, from_ms) DO UPDATE SET until_ms = excluded.until_ms,
             pupil = excluded.pupil, marker = excluded.marker",
    )
    .bind(pen)
    .bind(row.from_ms)
    .bind(row.until_ms)
    .bind(pupil)
    .bind(marker)
    .execute(&mut *tx)
    .await?;
    // If a marker ever held a pen, none of its ink is a pupil's without a lease that says so.
    if marker_ever_held(tx, pen).await? != red_before {
        return ink_again(tx, pen, i64::MIN, None).await;
    }
    ink_again(tx, pen, row.from_ms, until_ms).await
}

/// Whether a marker ever held a pen.
pub(crate) async fn marker_ever_held(tx: &mut Connection, pen: i64) -> Result<bool, StoreError> {
    let held = query("SELECT EXISTS (SELECT 1 FROM lease WHERE pen = $1 AND marker IS NOT NULL)");
    Ok(held.bind(pen).scalar(tx).await?)
}

/// The ink that a pen may have written between two times, and its ink without a time, is attributed
/// again.
pub(crate) async fn ink_again(
    tx: &mut Connection,
    pen: i64,
    from_ms: i64,
    until_ms: Option<i64>,
) -> Result<(), StoreError> {
    query(concat!(
        "UPDATE ink SET attributed_rev = 0 WHERE pen = $1 AND EXISTS (
             SELECT 1 FROM chunk_address a
             LEFT JOIN clock k ON k.pen = a.pen AND k.boot_counter = a.boot_counter
                              AND k.boot_random = a.boot_random
             WHERE a.folio = ink.folio AND a.page = ink.page AND a.pen = $1
               AND (NOT ",
        has_time!(),
        " OR ",
        last_ms!(),
        " >= $2 AND ($3 IS NULL OR ",
        first_ms!(),
        " < $3)))",
    ))
    .bind(pen)
    .bind(from_ms)
    .bind(until_ms)
    .execute(tx)
    .await?;
    Ok(())
}

/// Pen, start, end, pupil, marker.
pub(crate) type LeaseColumns = (i64, i64, Option<i64>, Option<String>, Option<String>);

/// Every lease of some pens.
pub(crate) async fn leases_of_pens(
    tx: &mut Connection,
    pens: &BTreeSet<i64>,
) -> Result<Vec<Lease>, StoreError> {
    let rows: Vec<LeaseColumns> = query(
        "SELECT pen, from_ms, until_ms, pupil, marker FROM lease
         WHERE pen IN (SELECT CAST(value->>0 AS BIGINT) FROM json_each($1))",
    )
    .bind(serde_json::to_string(&pens.iter().map(|pen| [pen]).collect::<Vec<_>>())?)
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(lease_of).collect()
}

/// A lease from its columns.
pub(crate) fn lease_of(columns: LeaseColumns) -> Result<Lease, StoreError> {
    let (pen, from_ms, until_ms, pupil, marker) = columns;
    let pen = pen.cast_unsigned();
    let missing = || StoreError::Missing { what: "holder of pen", id: format!("{pen:012x}") };
    let holder = holder_of(pupil, marker)?.ok_or_else(missing)?;
    Ok(Lease { pen, from_ms, until_ms, holder })
}

/// A holder from their columns, of which one is null; `None` where both are.
pub(crate) fn holder_of(
    pupil: Option<String>,
    marker: Option<String>,
) -> Result<Option<Holder>, StoreError> {
    Ok(match (pupil, marker) {
        (Some(pupil), _) => Some(Holder::pupil(pupil)?),
        (None, Some(marker)) => Some(Holder::marker(marker)?),
        (None, None) => None,
    })
}

#[cfg(test)]
mod tests;
