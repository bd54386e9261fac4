//! The ink of one paper, in one snapshot.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use crate::ink::Key;
use crate::setup::{Holder, LeaseRow};
use crate::work::Job;
use crate::{ClockRow, Store, StoreError};

/// A chunk that touches a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkRow {
    /// Its key.
    pub key: Key,
    /// The whole frame as received.
    pub bytes: Vec<u8>,
}

/// What there is to mark. Chunks carry strokes of other pages and times too: attribution is by
/// stroke, with [`PaperChunks::holder`].
#[derive(Clone, Debug)]
pub struct PaperChunks {
    /// The paper's revision in the snapshot; goes back with the outcome.
    pub ink_rev: i64,
    /// May hold the pupil's ink. On a shared run, of pens that were the pupil's at the time; else
    /// of every pen that no marker held all the while.
    pub pupil: Vec<ChunkRow>,
    /// May hold red ink: a marker held the pen for some of the time. Empty on a shared run, where
    /// nothing tells yet whose paper a marker means.
    pub red: Vec<ChunkRow>,
    /// Of the pens' starts above, where known.
    pub clocks: Vec<ClockRow>,
    /// Of the pens above.
    pub leases: Vec<LeaseRow>,
}

impl PaperChunks {
    /// What a start's clock must have added to give Unix time, milliseconds; 0 where unknown.
    pub fn offset_ms(&self, pen: u64, boot_counter: u32, boot_random: u32) -> i64 {
        let known = self.clocks.iter().find(|clock| {
            (clock.pen, clock.boot_counter, clock.boot_random) == (pen, boot_counter, boot_random)
        });
        known.map_or(0, |clock| clock.offset_ms)
    }

    /// Who held a pen at a corrected Unix time in milliseconds.
    pub fn holder(&self, pen: u64, at_ms: i64) -> Option<&Holder> {
        let held = |lease: &&LeaseRow| {
            lease.pen == pen
                && lease.from_ms <= at_ms
                && lease.until_ms.is_none_or(|until_ms| at_ms < until_ms)
        };
        self.leases.iter().filter(held).max_by_key(|lease| lease.from_ms).map(|lease| &lease.holder)
    }
}

impl Store {
    /// The paper's revision and chunks, with what is needed to attribute them, in one snapshot.
    /// Chunks are ordered by key.
    ///
    /// # Errors
    /// Where the paper is gone or the database refuses.
    pub async fn paper_chunks(&self, job: &Job) -> Result<PaperChunks, StoreError> {
        // A deferred transaction: every statement in it sees the same state.
        let mut tx = self.readers().begin().await?;
        let ink_rev: i64 = sqlx::query_scalar(
            "SELECT ink_rev FROM paper
             WHERE school = ?1 AND assignment = ?2 AND pupil = ?3 AND page = ?4",
        )
        .bind(&job.school)
        .bind(&job.assignment)
        .bind(&job.pupil)
        .bind(job.page)
        .fetch_one(&mut *tx)
        .await?;
        let leases = leases(&mut tx, job).await?;
        let clocks = clocks(&mut tx, job).await?;
        let chunks = chunks(&mut tx, job).await?;
        tx.commit().await?;
        let mut paper = PaperChunks { ink_rev, pupil: Vec::new(), red: Vec::new(), clocks, leases };
        paper.sort_in(job, chunks);
        Ok(paper)
    }
}

impl PaperChunks {
    /// Leads each chunk to where its strokes may belong.
    fn sort_in(&mut self, job: &Job, chunks: Vec<Timed>) {
        let offsets: HashMap<_, _> = (self.clocks.iter())
            .map(|k| ((k.pen, k.boot_counter, k.boot_random), k.offset_ms))
            .collect();
        for Timed { chunk, first_ms, last_ms } in chunks {
            let key = chunk.key;
            let offset_ms =
                offsets.get(&(key.pen, key.boot_counter, key.boot_random)).copied().unwrap_or(0);
            let first_ms = first_ms.saturating_add(offset_ms);
            let last_ms = last_ms.saturating_add(offset_ms);
            let overlapping = || {
                self.leases.iter().filter(move |lease| {
                    lease.pen == key.pen
                        && lease.from_ms <= last_ms
                        && lease.until_ms.is_none_or(|until_ms| first_ms < until_ms)
                })
            };
            let is_marker = |lease: &LeaseRow| matches!(lease.holder, Holder::Marker(_));
            if job.shared {
                let own = |lease: &LeaseRow| lease.holder == Holder::Pupil(job.pupil.clone());
                if overlapping().any(own) {
                    self.pupil.push(chunk);
                }
                continue;
            }
            let red = overlapping().any(is_marker);
            let all_red = red
                && overlapping().all(is_marker)
                && [first_ms, last_ms]
                    .iter()
                    .all(|at_ms| matches!(self.holder(key.pen, *at_ms), Some(Holder::Marker(_))));
            if red {
                self.red.push(chunk.clone());
            }
            if !all_red {
                self.pupil.push(chunk);
            }
        }
    }
}

struct Timed {
    chunk: ChunkRow,
    /// By the pen's own clock.
    first_ms: i64,
    last_ms: i64,
}

/// Key, bytes, and first and last time by the pen's own clock.
type ChunkColumns = (i64, u32, u32, u32, Vec<u8>, i64, i64);
/// Pen, start, end, pupil, marker.
type LeaseColumns = (i64, i64, Option<i64>, Option<String>, Option<String>);

/// Pens whose chunks are read: all that wrote at the address; on a shared run only those that the
/// pupil ever held, since the whole class writes there.
async fn chunks(tx: &mut SqliteConnection, job: &Job) -> Result<Vec<Timed>, StoreError> {
    let rows: Vec<ChunkColumns> = sqlx::query_as(
        "SELECT c.pen, c.boot_counter, c.boot_random, c.number, c.bytes, a.first_ms, a.last_ms
         FROM chunk_address a CROSS JOIN chunk c ON c.id = a.chunk
         WHERE a.folio = ?1 AND a.page = ?2
           AND (NOT ?3 OR a.pen IN (SELECT pen FROM lease WHERE pupil = ?4))
         ORDER BY c.pen, c.boot_counter, c.boot_random, c.number",
    )
    .bind(job.folio)
    .bind(job.address_page)
    .bind(job.shared)
    .bind(&job.pupil)
    .fetch_all(tx)
    .await?;
    let timed = |row: ChunkColumns| {
        let (pen, boot_counter, boot_random, number, bytes, first_ms, last_ms) = row;
        let key = Key { pen: pen.cast_unsigned(), boot_counter, boot_random, number };
        Timed { chunk: ChunkRow { key, bytes }, first_ms, last_ms }
    };
    Ok(rows.into_iter().map(timed).collect())
}

async fn leases(tx: &mut SqliteConnection, job: &Job) -> Result<Vec<LeaseRow>, StoreError> {
    let rows: Vec<LeaseColumns> = sqlx::query_as(
        "SELECT pen, from_ms, until_ms, pupil, marker FROM lease
         WHERE pen IN (SELECT pen FROM ink WHERE folio = ?1 AND page = ?2)
           AND (NOT ?3 OR pen IN (SELECT pen FROM lease WHERE pupil = ?4))
         ORDER BY pen, from_ms",
    )
    .bind(job.folio)
    .bind(job.address_page)
    .bind(job.shared)
    .bind(&job.pupil)
    .fetch_all(tx)
    .await?;
    let lease = |(pen, from_ms, until_ms, pupil, marker): LeaseColumns| {
        let holder = pupil.map(Holder::Pupil).or(marker.map(Holder::Marker))?;
        Some(LeaseRow { pen: pen.cast_unsigned(), holder, from_ms, until_ms })
    };
    Ok(rows.into_iter().filter_map(lease).collect())
}

async fn clocks(tx: &mut SqliteConnection, job: &Job) -> Result<Vec<ClockRow>, StoreError> {
    let rows: Vec<(i64, u32, u32, i64, i64)> = sqlx::query_as(
        "SELECT k.pen, k.boot_counter, k.boot_random, k.offset_ms, k.error_ms
         FROM (SELECT DISTINCT pen, boot_counter, boot_random FROM chunk_address
               WHERE folio = ?1 AND page = ?2) a
         JOIN clock k USING (pen, boot_counter, boot_random)",
    )
    .bind(job.folio)
    .bind(job.address_page)
    .fetch_all(tx)
    .await?;
    let clock = |(pen, boot_counter, boot_random, offset_ms, error_ms): (i64, _, _, _, _)| {
        ClockRow { pen: pen.cast_unsigned(), boot_counter, boot_random, offset_ms, error_ms }
    };
    Ok(rows.into_iter().map(clock).collect())
}
