//! What happened, in numbers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use firmware_protocol::RefusalCode;
use metrics::{counter, histogram};
use store::{Delivery, Stored};
use tokio::time::Instant;

use crate::batch::Batch;

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// What happened since the start. Each only grows.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Counters {
            $($(#[doc = $doc])+ pub $name: u64,)+
        }

        /// The same while it is counted.
        #[derive(Debug, Default)]
        pub(crate) struct Tally {
            $(pub(crate) $name: AtomicU64,)+
        }

        impl Tally {
            pub(crate) fn counters(&self) -> Counters {
                Counters { $($name: self.$name.load(Ordering::Relaxed),)+ }
            }
        }
    };
}

counters! {
    /// Messages on ink topics that were bundles.
    bundles,
    /// Chunks and hellos that were new and are stored.
    chunks_stored,
    /// Chunks and hellos whose bytes were stored already.
    duplicates,
    /// Chunks whose key was stored with other bytes: held.
    conflicts,
    /// Chunks and hellos whose ink was erased by right: refused, and not kept.
    erased,
    /// Pen states.
    pen_states,
    /// Births and wills of gateways.
    gateway_states,
    /// Messages that were no bundle.
    not_bundles,
    /// Messages longer than a bundle may be.
    oversized,
    /// Messages on topics that name no gateway.
    bad_topics,
    /// Bundles with fewer frames than they claim.
    short_bundles,
    /// Runs of bytes in bundles that were no sound frame: damaged, cut off or foreign.
    damaged_frames,
    /// Frames with a sound envelope around a payload that breaks the format: refused.
    malformed_frames,
    /// Frames of an unknown version or table set; hellos and chunks among them are refused.
    unknown_versions,
    /// Frames of an unknown kind: passed over, not answered.
    unknown_kinds,
    /// Frames that have no business on their topic.
    misplaced_frames,
    /// Rows handed to the quarantine.
    quarantined,
    /// What went unkept because its gateway had filled its quarantine for the minute.
    quarantine_refused,
    /// Transactions committed.
    commits,
    /// Transactions that failed and were tried again.
    store_errors,
    /// Times reading paused because the memory for waiting messages was full.
    pauses,
    /// Times it paused so long that the connection was dropped.
    overflows,
    /// Times a connection was made, the first included.
    connections,
    /// Bundles of receipts given to the broker.
    receipts_sent,
    /// Bundles of receipts dropped because the broker did not take them in time; gateways that
    /// send again get others.
    receipts_dropped,
}

/// Adds to a counter.
pub(crate) fn count(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Ordering::Relaxed);
}

/// Counts a committed batch for monitoring: once per batch and never once per chunk, so that the
/// cost to ingestion is too small to measure. No gateway, pen or page is named.
pub(crate) fn meter(batch: &Batch, delivery: &Delivery, stored: &[Stored], now: Instant) {
    counter!("zhibi_ingest_messages_total").increment(batch.acks.len() as u64);
    counter!("zhibi_ingest_received_bytes_total").increment(batch.bytes as u64);
    for arrived in &batch.arrived {
        histogram!("zhibi_ingest_commit_seconds").record(now.duration_since(*arrived));
    }
    let mut chunks: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (arrival, stored) in delivery.arrivals.iter().zip(stored) {
        let (count, bytes) = chunks.entry(word_of(*stored)).or_default();
        *count += 1;
        *bytes += arrival.bytes.len() as u64;
    }
    for (outcome, (count, bytes)) in chunks {
        counter!("zhibi_ingest_chunks_total", "outcome" => outcome).increment(count);
        counter!("zhibi_ingest_chunk_bytes_total", "outcome" => outcome).increment(bytes);
    }
    for (_, _, code) in &batch.sorted.refused {
        counter!("zhibi_ingest_refused_total", "code" => code_of(*code)).increment(1);
    }
    let conflicts = stored.iter().filter(|stored| **stored == Stored::Conflict);
    let reasons = delivery.quarantined.iter().map(|row| row.reason);
    for reason in reasons.chain(conflicts.map(|_| "conflict")) {
        counter!("zhibi_ingest_quarantined_total", "reason" => reason).increment(1);
    }
}

fn word_of(stored: Stored) -> &'static str {
    match stored {
        Stored::Fresh => "stored",
        Stored::Duplicate => "duplicate",
        Stored::Conflict => "held",
        Stored::Erased => "erased",
    }
}

fn code_of(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::UnknownVersion => "unknown_version",
        RefusalCode::Erased => "erased",
        RefusalCode::Malformed => "malformed",
    }
}
