//! Chunks, clocks and the quarantine: what ingestion writes.

mod erased;
mod insert;
mod seen;

use std::sync::Arc;

use attribution::Start;
use erased::erased;
use insert::insert_chunks;

use crate::database::Connection;
use crate::sql::query;
use crate::{Store, StoreError};

pub use seen::{GatewaySeen, GatewaySession, PenSeen};

/// A sealed chunk's own key, or a hello's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The pen.
    pub pen: u64,
    /// The pen's count of its starts.
    pub boot_counter: u32,
    /// Random bits of that start.
    pub boot_random: u32,
    /// Counts from 1 within the start; 0 is the hello.
    pub number: u32,
}

/// One page face that a chunk's strokes touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Touch {
    /// See [`folio`].
    pub folio: i64,
    /// The page address's page.
    pub page: u32,
    /// Unix milliseconds of the first sample there, by the pen's own clock.
    pub first_ms: i64,
    /// Unix milliseconds of the last sample there, by the pen's own clock.
    pub last_ms: i64,
}

/// A verified chunk or hello that is to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its key.
    pub key: Key,
    /// The whole frame as received.
    pub bytes: Vec<u8>,
    /// The gateway that sent it.
    pub gateway: String,
    /// Server time, Unix milliseconds.
    pub received_ms: i64,
    /// The page faces its strokes touch, each once.
    pub touches: Vec<Touch>,
    /// The pen's model, where this is a hello.
    pub hello_model: Option<String>,
}

/// What became of an [`Arrival`]. All are durable but what was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is new.
    Fresh,
    /// The same bytes are there already.
    Duplicate,
    /// Other bytes stand under its key: it is in the quarantine.
    Conflict,
    /// Its ink was erased by right: nothing of it is kept.
    Erased,
}

/// Bytes that could not be stored as ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The gateway that sent them.
    pub gateway: String,
    /// A short code, `[a-z_]+`.
    pub reason: &'static str,
    /// The decoder's words.
    pub detail: String,
    /// The frame's key, where it can be known.
    pub key: Option<Key>,
    /// What is kept of them.
    pub bytes: Vec<u8>,
    /// How many there were before they were cut.
    pub bytes_len: usize,
    /// Server time, Unix milliseconds.
    pub received_ms: i64,
}

/// The offset that turns the clock of one start of a pen into Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockRow {
    /// The pen.
    pub pen: u64,
    /// The pen's count of its starts.
    pub boot_counter: u32,
    /// Random bits of that start.
    pub boot_random: u32,
    /// Milliseconds to add.
    pub offset_ms: i64,
    /// By how much that may be wrong.
    pub error_ms: i64,
}

/// What one transaction of ingestion holds.
#[derive(Clone, Debug, Default)]
pub struct Delivery {
    /// Chunks and hellos, in the order of their arrival.
    pub arrivals: Vec<Arrival>,
    /// What cannot be stored as ink.
    pub quarantined: Vec<Quarantined>,
    /// Clocks heard of.
    pub clocks: Vec<ClockRow>,
    /// What pens said of themselves, in the order in which they did.
    pub pens_seen: Vec<PenSeen>,
    /// What was heard of gateways, in that order.
    pub gateways_seen: Vec<GatewaySeen>,
}

/// Packs a page address but for its page: `section << 56 | owner << 32 | book`, as the signed
/// integer of the same bits. `owner` has 24 bits.
pub fn folio(section: u8, owner: u32, book: u32) -> i64 {
    (u64::from(section) << 56 | u64::from(owner & 0x00ff_ffff) << 32 | u64::from(book))
        .cast_signed()
}

/// The inverse of [`folio`]: section, owner, book.
pub fn unfold(folio: i64) -> (u8, u32, u32) {
    let bits = folio.cast_unsigned();
    // Each part is cut to its own width.
    ((bits >> 56) as u8, (bits >> 32) as u32 & 0x00ff_ffff, bits as u32)
}

/// SQL: the run that holds the address of ink `i`, if any.
pub(crate) const RUN: &str = "LEFT JOIN print_run r ON r.folio = i.folio
    AND r.first_page = (SELECT max(first_page) FROM print_run
                        WHERE folio = i.folio AND first_page <= i.page)
    AND i.page < r.first_page + r.pages * coalesce(r.copies, 1)";

impl Store {
    /// Stores chunks and hellos in one transaction; one outcome per arrival, in their order.
    /// Storing again changes nothing.
    ///
    /// # Errors
    /// On an error nothing of the batch is stored, and the whole batch may be tried again.
    pub async fn store_chunks(&self, arrivals: Vec<Arrival>) -> Result<Vec<Stored>, StoreError> {
        self.take_delivery(Delivery { arrivals, ..Delivery::default() }).await
    }

    /// Stores everything of one delivery in one transaction; one outcome per arrival.
    ///
    /// # Errors
    /// On an error nothing of the delivery is stored, and all of it may be tried again.
    pub async fn take_delivery(
        &self,
        delivery: impl Into<Arc<Delivery>>,
    ) -> Result<Vec<Stored>, StoreError> {
        let delivery = delivery.into();
        self.write(move |tx| Box::pin(async move { take(tx, &delivery).await })).await
    }

    /// Keeps bytes that are no ink. Bytes of a known key are kept once.
    ///
    /// # Errors
    /// On an error nothing is kept.
    pub async fn quarantine(&self, quarantined: Vec<Quarantined>) -> Result<(), StoreError> {
        self.take_delivery(Delivery { quarantined, ..Delivery::default() }).await.map(drop)
    }

    /// Records clocks. A clock that differs from the known one by more than its error causes the
    /// ink of that start to be attributed again.
    ///
    /// # Errors
    /// On an error nothing is changed.
    pub async fn clocks(&self, clocks: Vec<ClockRow>) -> Result<(), StoreError> {
        self.take_delivery(Delivery { clocks, ..Delivery::default() }).await.map(drop)
    }
}

/// See [`Store::take_delivery`].
pub(crate) async fn take(
    tx: &mut Connection,
    delivery: &Delivery,
) -> Result<Vec<Stored>, StoreError> {
    let stored = insert_arrivals(tx, &delivery.arrivals).await?;
    quarantine_new(tx, &delivery.quarantined).await?;
    for clock in &delivery.clocks {
        set_clock(tx, clock).await?;
    }
    seen::note_pens(tx, &delivery.pens_seen).await?;
    seen::note_gateways(tx, &delivery.gateways_seen).await?;
    Ok(stored)
}

/// Stores chunks, but for those whose ink was erased.
async fn insert_arrivals(
    tx: &mut Connection,
    arrivals: &[Arrival],
) -> Result<Vec<Stored>, StoreError> {
    let keys = arrivals.iter().map(|arrival| arrival.key).enumerate();
    let erased = erased(tx, keys).await?;
    if erased.is_empty() {
        return insert_chunks(tx, arrivals).await;
    }
    let kept = (0..).zip(arrivals).filter(|(index, _)| !erased.contains(index));
    let kept: Vec<Arrival> = kept.map(|(_, arrival)| arrival.clone()).collect();
    let mut stored = insert_chunks(tx, &kept).await?.into_iter();
    let outcome = |index| match erased.contains(&index) {
        true => Some(Stored::Erased),
        false => stored.next(),
    };
    Ok((0..arrivals.len()).filter_map(outcome).collect())
}

/// Keeps frames, but for those whose ink was erased.
async fn quarantine_new(tx: &mut Connection, rows: &[Quarantined]) -> Result<(), StoreError> {
    let keyed = rows.iter().enumerate().filter_map(|(index, row)| Some((index, row.key?)));
    if rows.iter().all(|row| row.key.is_none()) {
        return insert_quarantined(tx, rows).await;
    }
    let erased = erased(tx, keyed).await?;
    let kept = (0..).zip(rows).filter(|(index, _)| !erased.contains(index));
    insert_quarantined(tx, &kept.map(|(_, row)| row.clone()).collect::<Vec<_>>()).await
}

/// The columns of a key as they stand in the database.
type KeyColumns = (i64, u32, u32, u32);

impl Key {
    pub(crate) fn start(&self) -> Start {
        Start { pen: self.pen, counter: self.boot_counter, random: self.boot_random }
    }

    pub(crate) fn columns(&self) -> KeyColumns {
        (self.pen.cast_signed(), self.boot_counter, self.boot_random, self.number)
    }
}

async fn insert_quarantined(tx: &mut Connection, rows: &[Quarantined]) -> Result<(), StoreError> {
    for row in rows {
        let key = row.key.map(|key| key.columns());
        // A pen that keeps a refused chunk sends it again and again: it is kept once.
        query(
            "INSERT INTO quarantine (gateway, reason, detail, pen, boot_counter, boot_random,
                                     number, bytes, bytes_len, received_ms)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
             WHERE NOT EXISTS (
                 SELECT 1 FROM quarantine WHERE pen = $4 AND boot_counter = $5
                    AND boot_random = $6 AND number = $7 AND bytes = $8)",
        )
        .bind(&row.gateway)
        .bind(row.reason)
        .bind(&row.detail)
        .bind(key.map(|key| key.0))
        .bind(key.map(|key| key.1))
        .bind(key.map(|key| key.2))
        .bind(key.map(|key| key.3))
        .bind(&row.bytes)
        .bind(i64::try_from(row.bytes_len).unwrap_or(i64::MAX))
        .bind(row.received_ms)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// A pen's clock that is off by more, some 35,000 years, is no clock.
const OFFSET_MAX: i64 = 1 << 50;

/// Takes a clock if none is known for that start or the known one is off by more than the errors
/// allow: what is known stays otherwise, so that jitter moves no ink.
async fn set_clock(tx: &mut Connection, clock: &ClockRow) -> Result<(), StoreError> {
    let pen = clock.pen.cast_signed();
    // Added to a time of ink, which is within 2^61, it must stay a number of the database.
    let clock = ClockRow { offset_ms: clock.offset_ms.clamp(-OFFSET_MAX, OFFSET_MAX), ..*clock };
    let known: Option<(i64, i64)> = query(
        "SELECT offset_ms, error_ms FROM clock
         WHERE pen = $1 AND boot_counter = $2 AND boot_random = $3",
    )
    .bind(pen)
    .bind(clock.boot_counter)
    .bind(clock.boot_random)
    .fetch_optional(&mut *tx)
    .await?;
    let (offset_ms, error_ms) = known.unwrap_or((0, clock.error_ms));
    let moved = clock.offset_ms.saturating_sub(offset_ms).saturating_abs();
    let within = moved <= clock.error_ms.max(error_ms);
    if known.is_some() && within {
        return Ok(());
    }
    query(
        "INSERT INTO clock (pen, boot_counter, boot_random, offset_ms, error_ms)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (pen, boot_counter, boot_random) DO UPDATE SET
             offset_ms = excluded.offset_ms, error_ms = excluded.error_ms",
    )
    .bind(pen)
    .bind(clock.boot_counter)
    .bind(clock.boot_random)
    .bind(clock.offset_ms)
    .bind(clock.error_ms)
    .execute(&mut *tx)
    .await?;
    if within {
        return Ok(());
    }
    query(
        "UPDATE ink SET attributed_rev = 0 WHERE pen = $1 AND EXISTS (
             SELECT 1 FROM chunk_address a
             WHERE a.folio = ink.folio AND a.page = ink.page AND a.pen = ink.pen
               AND a.boot_counter = $2 AND a.boot_random = $3)",
    )
    .bind(pen)
    .bind(clock.boot_counter)
    .bind(clock.boot_random)
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
