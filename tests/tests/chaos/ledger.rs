//! What pens handed over and heard, and what receipts said: the model that the store is held
//! against.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firmware_protocol::{Bundle, ChunkKey, Frame, Outcome, Receipt, ReceiptRange};
use tokio::sync::watch;

use super::rows::Rows;

/// Numbers that one range may name and be believed: a pen has no more.
const NAMED_MAX: u32 = 100_000;

/// Everything that was said, shared by pens, listener and auditor.
#[derive(Clone)]
pub(crate) struct Ledger {
    inner: Arc<Mutex<Inner>>,
    /// How much was heard so far.
    heard: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    handed: BTreeMap<ChunkKey, Vec<u8>>,
    taken: BTreeSet<ChunkKey>,
    erased: BTreeSet<ChunkKey>,
    named: BTreeMap<ChunkKey, Outcome>,
    /// Named and not held against the store yet.
    unaudited: Vec<(ChunkKey, Outcome)>,
    audited: u64,
    copies: u64,
    faults: Vec<String>,
}

/// How much of what there was.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) handed: usize,
    pub(crate) copies: u64,
    pub(crate) taken: usize,
    pub(crate) erased: usize,
    pub(crate) named: usize,
    pub(crate) audited: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { handed, copies, taken, erased, named, audited } = self;
        write!(
            f,
            "{handed} chunks handed over and {copies} copies, {taken} taken, {erased} erased; \
             {named} named by receipts, {audited} names held against the store"
        )
    }
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self { inner: Arc::default(), heard: watch::Sender::new(0) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Each change is whole before anything in it could panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much was heard so far, to wait for more.
    pub(crate) fn heard(&self) -> watch::Receiver<u64> {
        self.heard.subscribe()
    }

    /// A pen is about to hand a chunk over.
    pub(crate) fn hands_over(&self, key: ChunkKey, frame: &[u8]) {
        let mut inner = self.inner();
        if inner.handed.insert(key, frame.to_vec()).is_some() {
            inner.copies += 1;
        }
    }

    /// A pen heard `taken`, or a receipt; only of chunks that it keeps.
    pub(crate) fn pen_hears(&self, key: ChunkKey, outcome: Outcome) {
        {
            let mut inner = self.inner();
            if outcome == Outcome::Taken {
                inner.taken.insert(key);
            } else {
                inner.name(key, outcome);
                if outcome.pen_erases() {
                    inner.erased.insert(key);
                }
                if outcome != Outcome::Stored {
                    inner.faults.push(format!("{key:?} is sound and its pen heard {outcome:?}"));
                }
            }
        }
        self.heard.send_modify(|heard| *heard += 1);
    }

    /// The listener heard a bundle of receipts.
    pub(crate) fn listener_hears(&self, payload: &[u8]) {
        {
            let mut inner = self.inner();
            let Ok(bundle) = Bundle::parse(payload) else {
                inner.faults.push("a payload on a receipt topic is no bundle".into());
                return;
            };
            for raw in bundle.frames() {
                let Ok(Frame::Receipt(receipt)) = raw.frame else {
                    inner.faults.push("a frame on a receipt topic is no receipt".into());
                    continue;
                };
                for range in receipt.ranges().flatten() {
                    inner.name_all(&receipt, range);
                }
            }
        }
        self.heard.send_modify(|heard| *heard += 1);
    }

    /// What receipts named since the last call.
    pub(crate) fn unaudited(&self) -> Vec<(ChunkKey, Outcome)> {
        std::mem::take(&mut self.inner().unaudited)
    }

    /// The store could not be asked: what receipts named is to be held against it later.
    pub(crate) fn put_back(&self, named: Vec<(ChunkKey, Outcome)>) {
        self.inner().unaudited.extend(named);
    }

    /// Holds what receipts named against what the store has now.
    pub(crate) fn audit(&self, named: &[(ChunkKey, Outcome)], rows: &Rows) {
        let mut inner = self.inner();
        inner.audited += named.len() as u64;
        for (key, outcome) in named {
            let is_there = match outcome {
                Outcome::Stored => rows.chunks.contains_key(key),
                Outcome::Held => rows.chunks.contains_key(key) && rows.quarantined.contains(key),
                // What a pen erases on such a word is kept for people.
                Outcome::Refused(_) if outcome.pen_erases() => rows.quarantined.contains(key),
                Outcome::Refused(_) | Outcome::Taken => true,
            };
            if !is_there {
                inner.faults.push(format!("{key:?} was named {outcome:?} and is not there"));
            }
        }
    }

    /// Holds all that was handed over against what the store has: who was promised something is
    /// there, once, with the same bytes. Gives the keys that are lost, and those that are there twice.
    pub(crate) fn compare(&self, rows: &Rows) -> (BTreeSet<ChunkKey>, BTreeSet<ChunkKey>) {
        let inner = self.inner();
        let promised = inner.taken.iter().chain(&inner.erased);
        let is_lost = |key: &&ChunkKey| {
            let stored = rows.chunks.get(key).and_then(|copies| copies.first());
            stored != inner.handed.get(key)
        };
        let lost = promised.filter(is_lost).copied().collect();
        let twice = rows.chunks.iter().filter(|(_, copies)| copies.len() > 1);
        (lost, twice.map(|(key, _)| *key).collect())
    }

    /// How many of these keys gateways have taken.
    pub(crate) fn taken_of(&self, keys: impl Iterator<Item = ChunkKey>) -> usize {
        let inner = self.inner();
        keys.filter(|key| inner.taken.contains(key) || inner.erased.contains(key)).count()
    }

    /// What was wrong so far.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.inner().faults.clone()
    }

    pub(crate) fn counts(&self) -> Counts {
        let inner = self.inner();
        Counts {
            handed: inner.handed.len(),
            copies: inner.copies,
            taken: inner.taken.len(),
            erased: inner.erased.len(),
            named: inner.named.len(),
            audited: inner.audited,
        }
    }
}

impl Inner {
    fn name(&mut self, key: ChunkKey, outcome: Outcome) {
        self.named.insert(key, outcome);
        self.unaudited.push((key, outcome));
    }

    fn name_all(&mut self, receipt: &Receipt<'_>, range: ReceiptRange) {
        if range.outcome == Outcome::Taken {
            self.faults.push("the server said taken".into());
        }
        if range.last - range.first > NAMED_MAX {
            self.faults.push(format!("a receipt names {} to {}", range.first, range.last));
            return;
        }
        for number in range.first..=range.last {
            let key = ChunkKey { pen: receipt.pen, boot: receipt.boot, number };
            self.name(key, range.outcome);
        }
    }
}
