//! Which pupil's paper a red pen marks next: the one whose name label (姓名贴) it has touched.

use std::collections::BTreeMap;

use school::PupilId;

/// A touch of a name label within a start of a pen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// The chunk that holds it.
    pub number: u32,
    /// When, by the pen's own clock, Unix milliseconds.
    pub at_ms: i64,
    /// Whose label it is.
    pub pupil: PupilId,
}

/// A stretch of a start's ink, by the pen's own clock, that is meant for one pupil's papers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// From the touch on, Unix milliseconds.
    pub from_ms: i64,
    /// Exclusive: the next touch, or the end of what is known to follow the touch without a gap.
    pub until_ms: i64,
    /// Whose label was touched.
    pub pupil: PupilId,
}

/// The stretches of a start's ink that its touches name. `chunks` has the number of every chunk of the
/// start that is stored, from the first touch on at least, with the time of its last sample; `None`
/// for one without ink on coded paper.
///
/// A chunk that is missing may hold the touch of another label: what was written after it is nobody's
/// until the chunk comes. A chunk that nothing follows misses nothing.
pub fn labelled(mut taps: Vec<Tap>, chunks: &BTreeMap<u32, Option<i64>>) -> Vec<Labelled> {
    taps.sort_by_key(|tap| (tap.at_ms, tap.number));
    let ends: Vec<i64> = taps.iter().skip(1).map(|tap| tap.at_ms).chain([i64::MAX]).collect();
    let stretch = |(tap, next_ms): (Tap, i64)| {
        let gap_ms = gap_after(tap.number, chunks).map(|ms| ms.max(tap.at_ms));
        Labelled {
            from_ms: tap.at_ms,
            until_ms: gap_ms.map_or(next_ms, |gap_ms| next_ms.min(gap_ms.saturating_add(1))),
            pupil: tap.pupil,
        }
    };
    taps.into_iter().zip(ends).map(stretch).collect()
}

/// The last time before the first gap behind a chunk; `None` where nothing is missing.
fn gap_after(number: u32, chunks: &BTreeMap<u32, Option<i64>>) -> Option<i64> {
    let mut last_ms = i64::MIN;
    let mut expected = number;
    for (number, until_ms) in chunks.range(number..) {
        if *number != expected {
            return Some(last_ms);
        }
        last_ms = last_ms.max(until_ms.unwrap_or(i64::MIN));
        expected = expected.saturating_add(1);
    }
    None
}

#[cfg(test)]
mod tests;
