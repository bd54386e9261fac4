//! The ink of one paper, in one snapshot.

use std::collections::HashMap;

use crate::database::Connection;
use crate::hands::{Hand, Written};
use crate::ink::Key;
use crate::setup::{Holder, LeaseColumns, LeaseRow, lease_of};
use crate::sql::{Small, query};
use crate::work::Job;
use crate::{ClockRow, Store, StoreError};

/// A start of a pen: pen, count of its starts, random bits.
type Start = (u64, u32, u32);

/// When a chunk was received, and the ink of it on a page face was written. Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// By the pen's own clock.
    pub first_ms: i64,
    /// By the pen's own clock.
    pub last_ms: i64,
    /// Server time.
    pub received_ms: i64,
}

/// A chunk that touches a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkRow {
    /// Its key.
    pub key: Key,
    /// The whole frame as received.
    pub bytes: Vec<u8>,
}

/// What there is to mark. Chunks carry strokes of other pages and times too: attribution is by
/// stroke, with [`PaperChunks::hand`].
#[derive(Clone, Debug)]
pub struct PaperChunks {
    /// The paper's revision in the snapshot; goes back with the outcome.
    pub ink_rev: i64,
    /// May hold the pupil's ink. On a shared run, of pens that were the pupil's at the time, or whose
    /// clock tells no time; else of every pen that no marker held all the while.
    pub pupil: Vec<ChunkRow>,
    /// May hold red ink: a marker held the pen for some of the time. Empty on a shared run, where
    /// nothing tells yet whose paper a marker means.
    pub red: Vec<ChunkRow>,
    /// Of the pens' starts above, where known.
    pub clocks: Vec<ClockRow>,
    /// Of the pens above.
    pub leases: Vec<LeaseRow>,
    /// Of the pens' starts above: what bounds the times of each chunk's ink on this page face.
    pub receipts: HashMap<Start, Vec<Receipt>>,
    /// Whose ink of a start is, by a person's word, where nothing else tells.
    pub given: HashMap<Start, Holder>,
}

impl PaperChunks {
    /// What a start's clock must have added to give Unix time, milliseconds; 0 where unknown.
    pub fn offset_ms(&self, pen: u64, boot_counter: u32, boot_random: u32) -> i64 {
        let known = self.clocks.iter().find(|clock| {
            (clock.pen, clock.boot_counter, clock.boot_random) == (pen, boot_counter, boot_random)
        });
        known.map_or(0, |clock| clock.offset_ms)
    }

    /// Whose hand a stroke of a start is, by its corrected Unix time in milliseconds.
    pub fn hand(&self, pen: u64, boot_counter: u32, boot_random: u32, at_ms: i64) -> Hand<'_> {
        let start = (pen, boot_counter, boot_random);
        match Hand::of(&self.leases, pen, self.written(start, at_ms)) {
            Hand::Holder(holder) => Hand::Holder(holder),
            unknown => self.given.get(&start).map_or(unknown, Hand::Holder),
        }
    }

    fn written(&self, start: Start, at_ms: i64) -> Written {
        let (pen, counter, random) = start;
        let offset_ms = self.offset_ms(pen, counter, random);
        let by_pen_ms = at_ms.saturating_sub(offset_ms);
        let receipts = self.receipts.get(&start);
        let of_stroke = receipts
            .into_iter()
            .flatten()
            .find(|receipt| (receipt.first_ms..=receipt.last_ms).contains(&by_pen_ms));
        match of_stroke {
            Some(receipt) => receipt.written(at_ms, offset_ms),
            None => Written::alone(at_ms),
        }
    }
}

impl Receipt {
    fn written(&self, at_ms: i64, offset_ms: i64) -> Written {
        let Self { first_ms, last_ms, received_ms } = *self;
        let corrected = |ms: i64| ms.saturating_add(offset_ms);
        Written::received(at_ms, corrected(first_ms), corrected(last_ms), received_ms)
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
        let mut tx = self.readers().snapshot().await?;
        let ink_rev: i64 = query(
            "SELECT ink_rev FROM paper
             WHERE school = $1 AND assignment = $2 AND pupil = $3 AND page = $4",
        )
        .bind(&job.school)
        .bind(&job.assignment)
        .bind(&job.pupil)
        .bind(job.page)
        .scalar(&mut tx)
        .await?;
        let paper = read(&mut tx, job, ink_rev).await?;
        Ok(paper)
    }

    /// Everything that was written on a page face, by whatever pen, as on a paper of its own. Only
    /// for who may see it: ask [`Store::nobodys_ink`] first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn ink_on(&self, folio: i64, address_page: u32) -> Result<PaperChunks, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let none = String::new;
        let job = Job {
            school: none(),
            class: none(),
            assignment: none(),
            pupil: none(),
            page: 0,
            folio,
            address_page,
            ink_rev: 0,
            fence: 0,
            worksheet: none(),
            version: 0,
            print_run: none(),
            shared: false,
        };
        let paper = read(&mut tx, &job, 0).await?;
        Ok(paper)
    }
}

async fn read(tx: &mut Connection, job: &Job, ink_rev: i64) -> Result<PaperChunks, StoreError> {
    let leases = leases(tx, job).await?;
    let clocks = clocks(tx, job).await?;
    let chunks = chunks(tx, job).await?;
    let given = given(tx, job).await?;
    let mut paper = PaperChunks {
        ink_rev,
        pupil: Vec::new(),
        red: Vec::new(),
        clocks,
        leases,
        receipts: receipts(&chunks),
        given,
    };
    paper.sort_in(job, chunks);
    Ok(paper)
}

impl PaperChunks {
    /// Leads each chunk to where its strokes may belong.
    fn sort_in(&mut self, job: &Job, chunks: Vec<Timed>) {
        let offsets: HashMap<_, _> = (self.clocks.iter())
            .map(|k| ((k.pen, k.boot_counter, k.boot_random), k.offset_ms))
            .collect();
        for Timed { chunk, receipt } in chunks {
            let start = chunk.key.start();
            let offset_ms = offsets.get(&start).copied().unwrap_or(0);
            let first_ms = receipt.first_ms.saturating_add(offset_ms);
            let last_ms = receipt.last_ms.saturating_add(offset_ms);
            let ends = [first_ms, last_ms];
            let of_pen = || self.leases.iter().filter(|lease| lease.pen == start.0);
            let timed = matches!(receipt.written(first_ms, offset_ms), Written::At(_));
            // Those who may have written in it.
            let possible: Vec<&Holder> = of_pen()
                .filter(|lease| {
                    !timed
                        || lease.from_ms <= last_ms
                            && lease.until_ms.is_none_or(|until_ms| first_ms < until_ms)
                })
                .map(|lease| &lease.holder)
                .chain(self.given.get(&start))
                .collect();
            if job.shared {
                let own =
                    |holder: &&Holder| matches!(holder, Holder::Pupil(id) if *id == job.pupil);
                if possible.iter().any(own) {
                    self.pupil.push(chunk);
                }
                continue;
            }
            let is_marker = |holder: &&Holder| matches!(holder, Holder::Marker(_));
            let red = possible.iter().any(is_marker);
            let (pen, counter, random) = start;
            let all_red = red
                && possible.iter().all(is_marker)
                && ends.iter().all(|ms| {
                    matches!(self.hand(pen, counter, random, *ms), Hand::Holder(Holder::Marker(_)))
                });
            if red {
                self.red.push(chunk.clone());
            }
            if !all_red {
                self.pupil.push(chunk);
            }
        }
    }
}

fn receipts(chunks: &[Timed]) -> HashMap<Start, Vec<Receipt>> {
    let mut receipts: HashMap<Start, Vec<Receipt>> = HashMap::new();
    for timed in chunks {
        receipts.entry(timed.chunk.key.start()).or_default().push(timed.receipt);
    }
    receipts
}

struct Timed {
    chunk: ChunkRow,
    receipt: Receipt,
}

/// Key, bytes, first and last time by the pen's own clock, and the receipt's.
type ChunkColumns = (i64, Small, Small, Small, Vec<u8>, i64, i64, i64);
/// A start, pupil, marker.
type GivenColumns = (i64, Small, Small, Option<String>, Option<String>);

/// Pens whose chunks are read: all that wrote at the address; on a shared run only those that the
/// pupil ever held, since the whole class writes there.
async fn chunks(tx: &mut Connection, job: &Job) -> Result<Vec<Timed>, StoreError> {
    let rows: Vec<ChunkColumns> = query(
        "SELECT c.pen, c.boot_counter, c.boot_random, c.number, c.bytes, a.first_ms, a.last_ms,
                a.received_ms
         FROM chunk_address a CROSS JOIN chunk c
         WHERE c.id = a.chunk AND a.folio = $1 AND a.page = $2
           AND (NOT $3 OR a.pen IN (SELECT pen FROM lease WHERE pupil = $4
                                    UNION SELECT pen FROM given_ink
                                    WHERE folio = $1 AND page = $2 AND pupil = $4))
         ORDER BY c.pen, c.boot_counter, c.boot_random, c.number",
    )
    .bind(job.folio)
    .bind(job.address_page)
    .bind(job.shared)
    .bind(&job.pupil)
    .fetch_all(tx)
    .await?;
    let timed = |row: ChunkColumns| {
        let (
            pen,
            Small(boot_counter),
            Small(boot_random),
            Small(number),
            bytes,
            first_ms,
            last_ms,
            received_ms,
        ) = row;
        let key = Key { pen: pen.cast_unsigned(), boot_counter, boot_random, number };
        let receipt = Receipt { first_ms, last_ms, received_ms };
        Timed { chunk: ChunkRow { key, bytes }, receipt }
    };
    Ok(rows.into_iter().map(timed).collect())
}

async fn leases(tx: &mut Connection, job: &Job) -> Result<Vec<LeaseRow>, StoreError> {
    let rows: Vec<LeaseColumns> = query(
        "SELECT pen, from_ms, until_ms, pupil, marker FROM lease
         WHERE pen IN (SELECT pen FROM ink WHERE folio = $1 AND page = $2)
           AND (NOT $3 OR pen IN (SELECT pen FROM lease WHERE pupil = $4
                                  UNION SELECT pen FROM given_ink
                                  WHERE folio = $1 AND page = $2 AND pupil = $4))
         ORDER BY pen, from_ms",
    )
    .bind(job.folio)
    .bind(job.address_page)
    .bind(job.shared)
    .bind(&job.pupil)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().filter_map(lease_of).collect())
}

async fn given(tx: &mut Connection, job: &Job) -> Result<HashMap<Start, Holder>, StoreError> {
    let rows: Vec<GivenColumns> = query(
        "SELECT pen, boot_counter, boot_random, pupil, marker FROM given_ink
         WHERE folio = $1 AND page = $2",
    )
    .bind(job.folio)
    .bind(job.address_page)
    .fetch_all(tx)
    .await?;
    let given = |(pen, Small(counter), Small(random), pupil, marker): GivenColumns| {
        let holder = pupil.map(Holder::Pupil).or(marker.map(Holder::Marker))?;
        Some(((pen.cast_unsigned(), counter, random), holder))
    };
    Ok(rows.into_iter().filter_map(given).collect())
}

async fn clocks(tx: &mut Connection, job: &Job) -> Result<Vec<ClockRow>, StoreError> {
    let rows: Vec<(i64, Small, Small, i64, i64)> = query(
        "SELECT k.pen, k.boot_counter, k.boot_random, k.offset_ms, k.error_ms
         FROM (SELECT DISTINCT pen, boot_counter, boot_random FROM chunk_address
               WHERE folio = $1 AND page = $2) a
         JOIN clock k USING (pen, boot_counter, boot_random)",
    )
    .bind(job.folio)
    .bind(job.address_page)
    .fetch_all(tx)
    .await?;
    let clock =
        |(pen, Small(boot_counter), Small(boot_random), offset_ms, error_ms): (i64, _, _, _, _)| {
            ClockRow { pen: pen.cast_unsigned(), boot_counter, boot_random, offset_ms, error_ms }
        };
    Ok(rows.into_iter().map(clock).collect())
}
