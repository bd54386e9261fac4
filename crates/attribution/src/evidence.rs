//! What is known of the pens that wrote, and what it says of each stroke.

use std::collections::HashMap;

use ink::{Stroke, StrokeKey};
use school::PupilId;

use crate::hand::{Hand, Holder, Lease, Told, Written};
use crate::label::Labelled;
use crate::sheet::{Belongs, Nobody, Sheet, whose};

/// A start of a pen, within which its clock runs on and its strokes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Start {
    /// The pen.
    pub pen: u64,
    /// The pen's count of its starts.
    pub counter: u32,
    /// Random bits of that start.
    pub random: u32,
}

impl Start {
    /// The start within which a stroke was written.
    pub fn of(key: &StrokeKey) -> Self {
        Self { pen: key.pen.0, counter: key.boot.counter, random: key.boot.random }
    }
}

/// When a chunk was received, and when its ink on one page face was written. Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Receipt {
    /// Of the first sample, by the pen's own clock.
    pub first_ms: i64,
    /// Of the last sample, by the pen's own clock.
    pub last_ms: i64,
    /// Server time.
    pub received_ms: i64,
}

/// What is known of the pens that wrote on one page face. Neither the order in which it became known
/// nor that of its lists changes any answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// By pen: every lease of it.
    leases: HashMap<u64, Vec<Lease>>,
    /// What a start's clock must be moved by to give Unix time, milliseconds; 0 where unknown.
    pub offsets_ms: HashMap<Start, i64>,
    /// What bounds the times of a start's ink on this page face.
    pub receipts: HashMap<Start, Vec<Receipt>>,
    /// Whose ink of a start on this page face is, by a person's word, where nothing else tells.
    pub given: HashMap<Start, Holder>,
    /// On whose paper ink of a start on this page face is, by a person's word, whatever else tells.
    pub moved: HashMap<Start, PupilId>,
    /// For whom the ink of a start is where a marker holds the pen.
    pub labelled: HashMap<Start, Vec<Labelled>>,
}

impl Evidence {
    /// What leases alone tell.
    pub fn of_leases(leases: impl IntoIterator<Item = Lease>) -> Self {
        let mut by_pen: HashMap<u64, Vec<Lease>> = HashMap::new();
        for lease in leases {
            by_pen.entry(lease.pen).or_default().push(lease);
        }
        Self { leases: by_pen, ..Self::default() }
    }

    /// Unix milliseconds of a time by the clock of a start.
    pub fn corrected_ms(&self, start: Start, by_pen_ms: i64) -> i64 {
        by_pen_ms.saturating_add(self.offset_ms(start))
    }

    /// When ink of a start began to be written, Unix milliseconds: by its clock, and where that says
    /// nothing, when it was received at the latest.
    pub fn began_ms(&self, start: Start, receipt: &Receipt) -> i64 {
        match self.written_at(start, receipt) {
            Written::At(at_ms) | Written::Before(at_ms) => at_ms,
        }
    }

    /// Whose hand the stroke of a start is that begins at `by_pen_ms` by the pen's own clock.
    pub fn hand(&self, start: Start, by_pen_ms: i64) -> Hand<'_> {
        let at_ms = self.corrected_ms(start, by_pen_ms);
        let holding = self.receipts.get(&start).into_iter().flatten();
        let written = holding
            .filter(|receipt| (receipt.first_ms..=receipt.last_ms).contains(&by_pen_ms))
            .map(|receipt| self.written(start, receipt, at_ms))
            // A clock that one receipt confirms counts; otherwise the earliest receipt does.
            .min_by_key(|written| match written {
                Written::At(_) => (0, 0),
                Written::Before(received_ms) => (1, *received_ms),
            });
        self.hand_at(start, by_pen_ms, written.unwrap_or_else(|| Written::alone(at_ms)))
    }

    /// The paper that a stroke belongs to on a page face of `sheet`, on which it lies.
    ///
    /// # Errors
    /// Why it is nobody's.
    pub fn whose<'a>(&'a self, sheet: Sheet<'a>, stroke: &Stroke) -> Result<Belongs<'a>, Nobody> {
        self.whose_at(sheet, Start::of(&stroke.key), stroke.start_ms)
    }

    /// As [`Self::whose`], of a stroke of a start that begins at `by_pen_ms` by the pen's own clock.
    ///
    /// # Errors
    /// Why it is nobody's.
    pub fn whose_at<'a>(
        &'a self,
        sheet: Sheet<'a>,
        start: Start,
        by_pen_ms: i64,
    ) -> Result<Belongs<'a>, Nobody> {
        whose(sheet, self.hand(start, by_pen_ms), self.moved.get(&start))
    }

    /// When ink of a receipt began to be written, as far as the clock of its start can be believed.
    pub fn written_at(&self, start: Start, receipt: &Receipt) -> Written {
        self.written(start, receipt, self.corrected_ms(start, receipt.first_ms))
    }

    /// Every hand that a stroke that begins within a receipt may be: hands change where a lease
    /// begins or ends, and where a name label is touched.
    pub(crate) fn hands(&self, start: Start, receipt: &Receipt) -> Vec<Hand<'_>> {
        let first_ms = self.corrected_ms(start, receipt.first_ms);
        let last_ms = self.corrected_ms(start, receipt.last_ms);
        let leases = self.leases.get(&start.pen).into_iter().flatten();
        let changes_ms =
            leases.flat_map(|lease| std::iter::once(lease.from_ms).chain(lease.until_ms));
        let stretches = self.labelled.get(&start).into_iter().flatten();
        let touched_ms = stretches.flat_map(|stretch| [stretch.from_ms, stretch.until_ms]);
        let touched_ms = touched_ms.map(|by_pen_ms| self.corrected_ms(start, by_pen_ms));
        let inside = changes_ms.chain(touched_ms).filter(|ms| (first_ms..=last_ms).contains(ms));
        let mut times_ms: Vec<i64> = inside.chain([first_ms]).collect();
        times_ms.sort_unstable();
        times_ms.dedup();
        let hand = |at_ms: i64| {
            let by_pen_ms = at_ms.saturating_sub(self.offset_ms(start));
            self.hand_at(start, by_pen_ms, self.written(start, receipt, at_ms))
        };
        times_ms.into_iter().map(hand).collect()
    }

    fn offset_ms(&self, start: Start) -> i64 {
        self.offsets_ms.get(&start).copied().unwrap_or(0)
    }

    fn written(&self, start: Start, receipt: &Receipt, at_ms: i64) -> Written {
        let Receipt { first_ms, last_ms, received_ms } = *receipt;
        let (first_ms, last_ms) =
            (self.corrected_ms(start, first_ms), self.corrected_ms(start, last_ms));
        Written::received(at_ms, first_ms, last_ms, received_ms)
    }

    fn hand_at(&self, start: Start, by_pen_ms: i64, written: Written) -> Hand<'_> {
        let leases = self.leases.get(&start.pen).map_or(&[][..], Vec::as_slice);
        let hand = match Hand::of(leases, written) {
            Hand::Holder(holder, told) => Hand::Holder(holder, told),
            unknown => {
                let given = self.given.get(&start);
                given.map_or(unknown, |holder| Hand::Holder(holder, Told::Word))
            }
        };
        match hand {
            Hand::Holder(Holder::Marker(_), _) | Hand::SomeMarker(_) => {
                let mut stretches = self.labelled.get(&start).into_iter().flatten();
                let inside = |s: &&Labelled| (s.from_ms..s.until_ms).contains(&by_pen_ms);
                let marker = match hand {
                    Hand::Holder(marker, _) => Some(marker),
                    _ => None,
                };
                stretches.find(inside).map_or(hand, |s| Hand::Labelled { pupil: &s.pupil, marker })
            }
            hand => hand,
        }
    }
}

#[cfg(test)]
mod tests;
