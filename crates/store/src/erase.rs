//! The erasure of a pupil: everything that the store holds of them, and what keeps their ink from
//! coming back.
//!
//! What was written by the pupil's hand, and what lies on the pupil's own copies, goes with the
//! chunks that hold it. What another hand wrote across the pupil's page and somebody else's in one
//! chunk stays: it is not the pupil's. Numbers of the chunks stay, in the table `erased_ink`, so that a
//! spool that sends them again brings nothing back.

mod whose;

use std::collections::{BTreeMap, BTreeSet};

use crate::database::Connection;
use crate::sql::query;
use crate::{Store, StoreError};
use whose::{Boot, Chunk};

/// How much is, or would be, erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Chunks of ink.
    pub chunks: u64,
    /// Papers with their responses and marks.
    pub papers: u64,
    /// Chunks that hold ink on the pupil's pages and stay, since another hand wrote them across
    /// somebody else's page too.
    pub others_chunks: u64,
    /// Frames in the quarantine whose pen is known.
    pub quarantined: u64,
}

/// A pupil as a person recognises them before they are erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PupilFound {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The Chinese name of the class that they were in last, and their number there.
    pub class: Option<(String, u32)>,
    /// When they left it, Unix milliseconds; `None` where they have not.
    pub until_ms: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    id: String,
    name: String,
    class: Option<String>,
    #[sqlx(try_from = "crate::sql::Nullable")]
    number: Option<u32>,
    until_ms: Option<i64>,
}

/// SQL: every pupil `p` with the enrolment `e` that began last.
macro_rules! with_last_class {
    () => {
        "SELECT p.id, p.name, c.name_zh AS class, e.number, e.until_ms
         FROM pupil p
         LEFT JOIN enrolment e ON e.pupil = p.id
               AND e.from_ms = (SELECT max(from_ms) FROM enrolment WHERE pupil = p.id)
         LEFT JOIN class c ON c.id = e.class "
    };
}

/// SQL: a row `q` of the quarantine is of a number in the ranges of `$1`.
macro_rules! of_numbers {
    () => {
        "q.pen IS NOT NULL AND EXISTS (
             SELECT 1 FROM json_each($1)
             WHERE CAST(value->>0 AS BIGINT) = q.pen
               AND CAST(value->>1 AS BIGINT) = q.boot_counter
               AND CAST(value->>2 AS BIGINT) = q.boot_random
               AND q.number BETWEEN CAST(value->>3 AS BIGINT) AND CAST(value->>4 AS BIGINT))"
    };
}
/// Rows that name a pupil, by table and column. Those that refer to others come first.
const OF_PUPIL: [(&str, &str); 18] = [
    ("mark", "pupil"),
    ("response", "pupil"),
    ("drawn_ink", "pupil"),
    ("attribution", "pupil"),
    ("key_change_paper", "pupil"),
    ("parent_link", "pupil"),
    ("paper", "pupil"),
    ("profile", "pupil"),
    ("knowledge_state", "pupil"),
    ("outbox", "pupil"),
    ("given_ink", "pupil"),
    ("moved_ink", "pupil"),
    ("lease", "pupil"),
    ("name_label", "pupil"),
    ("copy", "pupil"),
    ("enrolment", "pupil"),
    ("correction", "pupil"),
    ("correction", "to_pupil"),
];

impl Store {
    /// The pupil of an id.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pupil_found(&self, pupil: &str) -> Result<Option<PupilFound>, StoreError> {
        let found = query(concat!(with_last_class!(), "WHERE p.id = $1")).bind(pupil);
        let found = found.fetch_optional::<FoundRow>(self.readers()).await?;
        Ok(found.map(PupilFound::from))
    }

    /// Pupils of a school, or of all, who are in no class at a moment and will be in none; by the
    /// class and number that they had last.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pupils_left(
        &self,
        school: Option<&str>,
        at_ms: i64,
    ) -> Result<Vec<PupilFound>, StoreError> {
        let left = query(concat!(
            with_last_class!(),
            "WHERE ($1 IS NULL OR p.school = $1)
               AND NOT EXISTS (SELECT 1 FROM enrolment n WHERE n.pupil = p.id
                               AND (n.until_ms IS NULL OR n.until_ms > $2))
             ORDER BY c.name_zh, e.number, p.id"
        ));
        let left = left.bind(school).bind(at_ms);
        let left = left.fetch_all::<FoundRow>(self.readers()).await?;
        Ok(left.into_iter().map(PupilFound::from).collect())
    }

    /// Counts what [`erase_pupil`](Self::erase_pupil) would erase, and erases nothing.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such pupil.
    pub async fn erasable(&self, pupil: &str) -> Result<Erased, StoreError> {
        let pupil = pupil.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let found = Found::of(tx, &pupil).await?;
                found.counted(tx, &pupil).await
            })
        })
        .await
    }

    /// Erases a pupil: name, enrolments, pens held, papers, answers, marks, profile and ink. What is
    /// left names nobody. It cannot be undone.
    ///
    /// In a file what is deleted is overwritten. What was deleted or moved within the file before may
    /// still lie in its unused parts, and in the log: [`Store::rewrite_file`] frees it of both.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such pupil. On an error nothing is erased.
    pub async fn erase_pupil(&self, pupil: &str) -> Result<Erased, StoreError> {
        let pupil = pupil.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let found = Found::of(tx, &pupil).await?;
                let erased = found.counted(tx, &pupil).await?;
                overwrite_deleted(tx, true).await?;
                let done = async {
                    found.erase_ink(tx).await?;
                    erase_person(tx, &pupil).await
                };
                let done = done.await;
                overwrite_deleted(tx, false).await?;
                done.map(|()| erased)
            })
        })
        .await
    }
}

impl From<FoundRow> for PupilFound {
    fn from(row: FoundRow) -> Self {
        let FoundRow { id, name, class, number, until_ms } = row;
        Self { id, name, class: class.zip(number), until_ms }
    }
}

/// The ink of a pupil.
struct Found {
    chunks: Vec<Chunk>,
    /// Numbers that are never to come back, by start of a pen: first and last.
    numbers: Vec<(Boot, u32, u32)>,
    others_chunks: u64,
}

impl Found {
    async fn of(tx: &mut Connection, pupil: &str) -> Result<Self, StoreError> {
        let there: bool = query("SELECT EXISTS (SELECT 1 FROM pupil WHERE id = $1)")
            .bind(pupil)
            .scalar(&mut *tx)
            .await?;
        if !there {
            return Err(StoreError::Missing { what: "pupil", id: pupil.to_owned() });
        }
        let (all, others_chunks) = whose::chunks(tx, pupil).await?;
        let later = whose::later_boots(tx, &all).await?;
        let mut numbers = Vec::new();
        let mut by_boot: BTreeMap<Boot, Vec<&Chunk>> = BTreeMap::new();
        for chunk in &all {
            by_boot.entry(chunk.boot).or_default().push(chunk);
        }
        for (boot, mut chunks) in by_boot {
            chunks.sort_unstable_by_key(|chunk| chunk.number);
            if chunks.iter().all(|chunk| chunk.is_theirs) && later.contains(&boot) {
                // The pen has started anew since, so nobody else wrote in that start.
                numbers.push((boot, 0, u32::MAX));
                continue;
            }
            for run in chunks.chunk_by(|a, b| a.is_theirs == b.is_theirs) {
                if let [first, ..] = run
                    && let Some(last) = run.last()
                    && first.is_theirs
                {
                    numbers.push((boot, first.number, last.number));
                }
            }
        }
        let is_erased = |chunk: &Chunk| chunk.is_theirs && chunk.id.is_some();
        let chunks = all.into_iter().filter(is_erased).collect();
        Ok(Self { chunks, numbers, others_chunks })
    }

    async fn counted(&self, tx: &mut Connection, pupil: &str) -> Result<Erased, StoreError> {
        let papers: i64 = query("SELECT count(*) FROM paper WHERE pupil = $1")
            .bind(pupil)
            .scalar(&mut *tx)
            .await?;
        let quarantined: i64 =
            query(concat!("SELECT count(*) FROM quarantine q WHERE ", of_numbers!()))
                .bind(self.json()?)
                .scalar(tx)
                .await?;
        Ok(Erased {
            chunks: self.chunks.len() as u64,
            papers: papers.unsigned_abs(),
            others_chunks: self.others_chunks,
            quarantined: quarantined.unsigned_abs(),
        })
    }

    /// The ranges of numbers, as statements take them.
    fn json(&self) -> Result<String, StoreError> {
        let rows: Vec<_> = self
            .numbers
            .iter()
            .map(|((pen, counter, random), first, last)| (pen, counter, random, first, last))
            .collect();
        Ok(serde_json::to_string(&rows)?)
    }

    async fn erase_ink(&self, tx: &mut Connection) -> Result<(), StoreError> {
        let ids: Vec<[i64; 1]> = self.chunks.iter().filter_map(|c| c.id).map(|id| [id]).collect();
        let ids = serde_json::to_string(&ids)?;
        let faces: BTreeSet<_> = self.chunks.iter().flat_map(|chunk| chunk.faces.clone()).collect();
        query(
            "DELETE FROM chunk_address WHERE chunk IN
                 (SELECT CAST(value->>0 AS BIGINT) FROM json_each($1))",
        )
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
        query(
            "DELETE FROM chunk WHERE id IN (SELECT CAST(value->>0 AS BIGINT) FROM json_each($1))",
        )
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
        query(concat!("DELETE FROM quarantine AS q WHERE ", of_numbers!()))
            .bind(self.json()?)
            .execute(&mut *tx)
            .await?;
        query(
            "INSERT INTO erased_ink (pen, boot_counter, boot_random, first, last)
             SELECT CAST(value->>0 AS BIGINT), CAST(value->>1 AS BIGINT),
                    CAST(value->>2 AS BIGINT), CAST(value->>3 AS BIGINT),
                    CAST(value->>4 AS BIGINT)
             FROM json_each($1) WHERE true
             ON CONFLICT (pen, boot_counter, boot_random, first) DO UPDATE SET
                 last = CASE WHEN excluded.last > erased_ink.last
                             THEN excluded.last ELSE erased_ink.last END",
        )
        .bind(self.json()?)
        .execute(&mut *tx)
        .await?;
        // What is left on these pages is somebody else's, and is looked at again.
        let faces = serde_json::to_string(&faces)?;
        query(
            "UPDATE ink SET attributed_rev = 0, ink_rev = (
                 SELECT count(*) FROM chunk_address a
                 WHERE a.folio = ink.folio AND a.page = ink.page AND a.pen = ink.pen)
             WHERE (folio, page, pen) IN (
                 SELECT CAST(value->>0 AS BIGINT), CAST(value->>1 AS BIGINT),
                        CAST(value->>2 AS BIGINT) FROM json_each($1))",
        )
        .bind(&faces)
        .execute(&mut *tx)
        .await?;
        query("DELETE FROM ink WHERE ink_rev = 0").execute(&mut *tx).await?;
        query(
            "DELETE FROM attribution WHERE NOT EXISTS (
                 SELECT 1 FROM ink i WHERE i.folio = attribution.folio
                   AND i.page = attribution.page AND i.pen = attribution.pen)",
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// Has SQLite overwrite what is deleted with zeros. PostgreSQL leaves that to VACUUM.
async fn overwrite_deleted(tx: &mut Connection, does: bool) -> Result<(), StoreError> {
    if let Connection::Sqlite(_) = tx {
        let pragma = if does { "PRAGMA secure_delete = ON" } else { "PRAGMA secure_delete = OFF" };
        tx.run(pragma).await?;
    }
    Ok(())
}

/// Deletes everything that names a pupil.
async fn erase_person(tx: &mut Connection, pupil: &str) -> Result<(), StoreError> {
    // The log of pens and corrections: a line that names the pupil goes whole, since it could not be
    // taken back any more.
    let named = format!("%\"{pupil}\"%");
    query("DELETE FROM pen_change WHERE pupil = $1 OR moved LIKE $2")
        .bind(pupil)
        .bind(&named)
        .execute(&mut *tx)
        .await?;
    query("DELETE FROM correction WHERE held_before LIKE $1 OR held_after LIKE $1")
        .bind(&named)
        .execute(&mut *tx)
        .await?;
    // Others' ink on the pupil's pages has no paper any more.
    query(
        "UPDATE ink SET attributed_rev = 0 WHERE (folio, page, pen) IN (
             SELECT folio, page, pen FROM attribution WHERE pupil = $1)",
    )
    .bind(pupil)
    .execute(&mut *tx)
    .await?;
    for (table, column) in OF_PUPIL {
        let delete = format!("DELETE FROM {table} WHERE {column} = $1");
        query(sqlx::AssertSqlSafe(delete)).bind(pupil).execute(&mut *tx).await?;
    }
    query("DELETE FROM source_identity WHERE entity = 'pupil' AND id = $1")
        .bind(pupil)
        .execute(&mut *tx)
        .await?;
    query("DELETE FROM pupil WHERE id = $1").bind(pupil).execute(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
