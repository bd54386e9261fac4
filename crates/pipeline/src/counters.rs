//! What a pipeline has done since its start.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a pipeline has done since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Rows of ink attributed to their papers.
    pub ink_attributed: u64,
    /// Markings saved; a paper with late ink counts again.
    pub papers_marked: u64,
    /// Markings thrown away, since another claimed the paper or marked a revision at least as new.
    pub claims_lost: u64,
    /// Papers that could not be marked. Each is marked when more ink comes, and not before.
    pub faults: u64,
    /// Chunks that could not be read when they were marked, though they could when they came.
    pub chunks_unreadable: u64,
    /// Papers settled.
    pub papers_settled: u64,
    /// Profiles saved.
    pub profiles_saved: u64,
    /// Answers left out of a profile, since their question could not be found.
    pub answers_left_out: u64,
    /// Refusals of the store, retries included.
    pub store_errors: u64,
}

/// The counters while they count.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    pub(crate) ink_attributed: AtomicU64,
    pub(crate) papers_marked: AtomicU64,
    pub(crate) claims_lost: AtomicU64,
    pub(crate) faults: AtomicU64,
    pub(crate) chunks_unreadable: AtomicU64,
    pub(crate) papers_settled: AtomicU64,
    pub(crate) profiles_saved: AtomicU64,
    pub(crate) answers_left_out: AtomicU64,
    pub(crate) store_errors: AtomicU64,
}

impl Counting {
    pub(crate) fn snapshot(&self) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            ink_attributed: read(&self.ink_attributed),
            papers_marked: read(&self.papers_marked),
            claims_lost: read(&self.claims_lost),
            faults: read(&self.faults),
            chunks_unreadable: read(&self.chunks_unreadable),
            papers_settled: read(&self.papers_settled),
            profiles_saved: read(&self.profiles_saved),
            answers_left_out: read(&self.answers_left_out),
            store_errors: read(&self.store_errors),
        }
    }
}

pub(crate) fn count(counter: &AtomicU64, by: usize) {
    counter.fetch_add(by as u64, Ordering::Relaxed);
}
