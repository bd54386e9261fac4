//! The bits of the plane.
//!
//! Each column of the grid carries, downwards in the x bits of its dots, the main sequence shifted by
//! some bits; from a column to the next the shift grows by an amount that the secondary sequences
//! give. Columns that stand beside each other thus tell digits of the secondary sequences, and these
//! tell where in the plane they stand. Rows and y bits are the same thing turned by a quarter.

#[cfg(test)]
mod tests;

use crate::sequence::{MAIN, MAIN_LEN, SECONDARY, SHIFT_MIN};

/// By how much the main sequence's shift grows from a line of the grid to the next.
fn step(line: u32) -> u32 {
    let digits = SECONDARY.iter().map(|s| s.digit(line % s.len()) * s.weight);
    SHIFT_MIN + digits.sum::<u32>()
}

/// The shifts of the lines from `first` on, where line 0 has the shift `start`.
pub(crate) fn shifts(first: u32, start: u32) -> impl Iterator<Item = u32> {
    let sums = SECONDARY.iter().map(|s| {
        let sum = |lines: u32| (0..lines).map(|at| u64::from(s.digit(at))).sum::<u64>();
        let rounds = u64::from(first / s.len());
        u64::from(s.weight) * (rounds * sum(s.len()) + sum(first % s.len()))
    });
    let before = u64::from(start) + u64::from(first) * u64::from(SHIFT_MIN) + sums.sum::<u64>();
    // Below 63.
    let shift = (before % u64::from(MAIN_LEN)) as u32;
    let next = |(line, shift): &(u32, u32)| {
        line.checked_add(1).map(|next| (next, (shift + step(*line)) % MAIN_LEN))
    };
    std::iter::successors(Some((first, shift)), next).map(|(_, shift)| shift)
}

/// The main sequence from a shift below 63 on: bit `i` is the bit of the `i`th dot of a line.
pub(crate) fn main_from(shift: u32) -> u64 {
    const ALL: u64 = (1 << MAIN_LEN) - 1;
    (MAIN >> shift | MAIN << (MAIN_LEN - shift)) & ALL
}
