//! Who holds a pen, and what a correction moves.

use std::collections::BTreeSet;

use crate::database::Connection;
use crate::hands::{first_ms, has_time, last_ms};
use crate::sql::query;
use crate::{Store, StoreError};

/// Who holds a pen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Holder {
    /// A pupil's id.
    Pupil(String),
    /// The id of a member of staff who marks with it.
    Marker(String),
}

/// Who holds a pen, from when to when. Where leases of one pen overlap, the later start holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LeaseRow {
    /// The pen.
    pub pen: u64,
    /// Who holds it.
    pub holder: Holder,
    /// Server time, Unix milliseconds.
    pub from_ms: i64,
    /// Exclusive; `None`: still.
    pub until_ms: Option<i64>,
}

impl LeaseRow {
    fn columns(&self) -> (i64, Option<&str>, Option<&str>) {
        let (pupil, marker) = match &self.holder {
            Holder::Pupil(id) => (Some(id.as_str()), None),
            Holder::Marker(id) => (None, Some(id.as_str())),
        };
        (self.pen.cast_signed(), pupil, marker)
    }
}

impl Store {
    /// Stores leases, all or none. A lease is named by its pen and start: another holder or end
    /// under the same name is a correction, and the ink that it concerns is attributed again.
    ///
    /// # Errors
    /// Where a pupil or member of staff does not exist.
    pub async fn insert_leases(&self, rows: Vec<LeaseRow>) -> Result<(), StoreError> {
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

async fn insert(tx: &mut Connection, row: &LeaseRow) -> Result<(), StoreError> {
    let (pen, pupil, marker) = row.columns();
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
        if let Some(loser) = known_pupil {
            papers_again(tx, pen, &loser).await?;
        }
    }
    let reds: bool =
        query("SELECT EXISTS (SELECT 1 FROM lease WHERE pen = $1 AND marker IS NOT NULL)")
            .bind(pen)
            .scalar(&mut *tx)
            .await?;
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
    timeless_papers_again(tx, pen).await?;
    // From its first marker on, none of a pen's ink is a pupil's without a lease that says so.
    let from_ms = if marker.is_some() && !reds { i64::MIN } else { row.from_ms };
    ink_again(tx, pen, from_ms, until_ms).await
}

/// The ink that a pen wrote between two times is attributed again, and the ink that has no time.
async fn ink_again(
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

/// The papers of pupils who ever held a pen, on which it wrote without a time, are marked again:
/// another holder may take such ink from them.
async fn timeless_papers_again(tx: &mut Connection, pen: i64) -> Result<(), StoreError> {
    query(concat!(
        "UPDATE paper SET ink_rev = ink_rev + 1
         WHERE pupil IN (SELECT pupil FROM lease WHERE pen = $1 AND pupil IS NOT NULL)
           AND (folio, address_page) IN (
             SELECT a.folio, a.page FROM ink i
             JOIN chunk_address a ON a.folio = i.folio AND a.page = i.page AND a.pen = i.pen
             LEFT JOIN clock k ON k.pen = a.pen AND k.boot_counter = a.boot_counter
                              AND k.boot_random = a.boot_random
             WHERE i.pen = $1 AND NOT ",
        has_time!(),
        ")",
    ))
    .bind(pen)
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
) -> Result<Vec<LeaseRow>, StoreError> {
    let rows: Vec<LeaseColumns> = query(
        "SELECT pen, from_ms, until_ms, pupil, marker FROM lease
         WHERE pen IN (SELECT CAST(value->>0 AS BIGINT) FROM json_each($1))",
    )
    .bind(serde_json::to_string(&pens.iter().map(|pen| [pen]).collect::<Vec<_>>())?)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().filter_map(lease_of).collect())
}

/// A lease from its columns; the schema allows none without a holder.
pub(crate) fn lease_of((pen, from_ms, until_ms, pupil, marker): LeaseColumns) -> Option<LeaseRow> {
    let holder = pupil.map(Holder::Pupil).or(marker.map(Holder::Marker))?;
    Some(LeaseRow { pen: pen.cast_unsigned(), holder, from_ms, until_ms })
}

/// The papers of one pupil on which a pen wrote are marked again: they may lose its ink.
pub(super) async fn papers_again(
    tx: &mut Connection,
    pen: i64,
    pupil: &str,
) -> Result<(), StoreError> {
    query(
        "UPDATE paper SET ink_rev = ink_rev + 1 WHERE pupil = $2
             AND (folio, address_page) IN (SELECT folio, page FROM ink WHERE pen = $1)",
    )
    .bind(pen)
    .bind(pupil)
    .execute(tx)
    .await?;
    Ok(())
}
