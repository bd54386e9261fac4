//! Who holds a pen, and what a correction moves.

use sqlx::SqliteConnection;

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

async fn insert(tx: &mut SqliteConnection, row: &LeaseRow) -> Result<(), StoreError> {
    let (pen, pupil, marker) = row.columns();
    let known: Option<(Option<i64>, Option<String>, Option<String>)> =
        sqlx::query_as("SELECT until_ms, pupil, marker FROM lease WHERE pen = ?1 AND from_ms = ?2")
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
    sqlx::query(
        "INSERT INTO lease (pen, from_ms, until_ms, pupil, marker) VALUES (?1, ?2, ?3, ?4, ?5)
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
    ink_again(tx, pen, row.from_ms, until_ms).await
}

/// The ink that a pen wrote between two times is attributed again.
async fn ink_again(
    tx: &mut SqliteConnection,
    pen: i64,
    from_ms: i64,
    until_ms: Option<i64>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE ink SET attributed_rev = 0 WHERE pen = ?1 AND EXISTS (
             SELECT 1 FROM chunk_address a
             LEFT JOIN clock k ON k.pen = a.pen AND k.boot_counter = a.boot_counter
                              AND k.boot_random = a.boot_random
             WHERE a.folio = ink.folio AND a.page = ink.page AND a.pen = ?1
               AND a.last_ms + coalesce(k.offset_ms, 0) >= ?2
               AND (?3 IS NULL OR a.first_ms + coalesce(k.offset_ms, 0) < ?3))",
    )
    .bind(pen)
    .bind(from_ms)
    .bind(until_ms)
    .execute(tx)
    .await?;
    Ok(())
}

/// The papers of one pupil on which a pen wrote are marked again: they may lose its ink.
async fn papers_again(tx: &mut SqliteConnection, pen: i64, pupil: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE paper SET ink_rev = ink_rev + 1 WHERE pupil = ?2
             AND (folio, address_page) IN (SELECT folio, page FROM ink WHERE pen = ?1)",
    )
    .bind(pen)
    .bind(pupil)
    .execute(tx)
    .await?;
    Ok(())
}
