//! What happened, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

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
