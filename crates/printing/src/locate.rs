//! From dots to a place in the plane.
//!
//! Each line votes for the shift of the main sequence that most of its dots agree with; shifts of
//! neighbours differ by digits of the secondary sequences, and these vote for the place in each of
//! them. The place that wins must then explain the dots. A wrong place on one axis explains half of
//! the dots on it, as any guess does, and since the section is known, a wrong place on one axis fails
//! on the other too.

#[cfg(test)]
mod tests;

use crate::pattern::main_from;
use crate::sequence::{
    MAIN_LEN, MAIN_ORDER, PERIOD, SECONDARY, SECONDARY_ORDER, SHIFT_MAX, SHIFT_MIN,
};
use crate::window::Line;
use crate::{PatchPlace, Plane, Window};

/// The least share of dots that must agree with a place, on each axis. At 0.78 no place was wrong in
/// a trial of 3,400 damaged views; at 0.72 two of 5,760 were.
const AGREEMENT_MIN: f64 = 0.78;

/// By how many standard deviations more dots must agree than half of them, which is chance.
const DEVIATIONS_MIN: f64 = 4.5;

/// Where the first dot of a window lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Located {
    /// The page, and the dot on it.
    pub place: PatchPlace,
    /// The share of the dots seen that lie as the pattern has them, on the axis that has fewer.
    pub agreement: f64,
}

/// Where a window lies that may be turned by quarters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turned {
    /// By how many quarters it must be turned clockwise to stand upright.
    pub quarters: u8,
    /// Where the first dot of the upright window lies.
    pub located: Located,
}

impl Plane {
    /// Finds an upright window. Any 6 × 6 dots without damage are found; larger ones may have damage.
    /// `None` rather than a place that may be wrong.
    #[must_use]
    pub fn locate(self, window: &Window) -> Option<Located> {
        let (columns, rows) = window.lines();
        let (column, row) = (line_of(&columns)?, line_of(&rows)?);
        let place = self.place(column, row)?;
        let x = agreeing(&columns, self.column_shifts(column), row);
        let y = agreeing(&rows, self.row_shifts(row), column);
        let seen = window.seen() as f64;
        let agreement = f64::from(x.min(y)) / seen;
        // Half of the dots agree by chance, with a standard deviation of half the root of their
        // number.
        let by_chance = 0.5 + DEVIATIONS_MIN / 2.0 / seen.sqrt();
        let is_sure = agreement >= AGREEMENT_MIN.max(by_chance);
        is_sure.then_some(Located { place, agreement })
    }

    /// Finds a window whose turn is not known. From 8 × 8 dots without damage on, it is told by them;
    /// where two turns explain a window, none does.
    #[must_use]
    pub fn locate_turned(self, window: &Window) -> Option<Turned> {
        let mut found = None;
        let mut turned = window.clone();
        for quarters in 0..4 {
            if let Some(located) = self.locate(&turned) {
                if found.is_some() {
                    return None;
                }
                found = Some(Turned { quarters, located });
            }
            turned = turned.turned();
        }
        found
    }
}

/// Where in the plane the first of some lines lies; `None` where they do not tell.
fn line_of(lines: &[Line]) -> Option<u32> {
    let shifts: Vec<Option<u32>> = lines.iter().map(|line| shift_of(*line)).collect();
    let rests: Vec<Option<u32>> = shifts
        .windows(2)
        .map(|pair| {
            let step = (pair[1]? + MAIN_LEN - pair[0]?) % MAIN_LEN;
            (SHIFT_MIN..=SHIFT_MAX).contains(&step).then(|| step - SHIFT_MIN)
        })
        .collect();
    if rests.iter().flatten().count() < SECONDARY_ORDER {
        return None;
    }
    // The Chinese remainder theorem, a length at a time.
    let (mut line, mut product) = (0_u64, 1_u64);
    for secondary in &SECONDARY {
        let len = secondary.len();
        let votes = |at: &u32| {
            let agrees = |(behind, rest): (u32, &Option<u32>)| {
                rest.is_some_and(|rest| {
                    secondary.digit((at + behind) % len) == secondary.digit_of_rest(rest)
                })
            };
            (0..).zip(&rests).filter(|vote| agrees(*vote)).count()
        };
        let at = u64::from(only_best(0..len, votes)?);
        let len = u64::from(len);
        // One of `len` steps arrives, since the lengths have no common divisor.
        while line % len != at {
            line += product;
        }
        product *= len;
    }
    debug_assert!(line < PERIOD);
    u32::try_from(line).ok()
}

/// The shift that most dots of a line agree with.
fn shift_of(line: Line) -> Option<u32> {
    if line.seen.count_ones() < MAIN_ORDER as u32 {
        return None;
    }
    only_best(0..MAIN_LEN, |shift| line.agreeing(main_from(*shift)))
}

/// The item of the highest score; `None` where two have it.
fn only_best<S: Ord>(items: impl Iterator<Item = u32>, score: impl Fn(&u32) -> S) -> Option<u32> {
    let mut best = None;
    let mut is_only = false;
    for item in items {
        let score = score(&item);
        match &best {
            Some((_, highest)) if *highest > score => {}
            Some((_, highest)) if *highest == score => is_only = false,
            _ => {
                best = Some((item, score));
                is_only = true;
            }
        }
    }
    best.filter(|_| is_only).map(|(item, _)| item)
}

/// How many dots of lines agree with the lines of the plane that have these shifts, when the first
/// dot of each lies in line `across`.
fn agreeing(lines: &[Line], shifts: impl Iterator<Item = u32>, across: u32) -> u32 {
    let start = across % MAIN_LEN;
    let of_line =
        |(line, shift): (&Line, u32)| line.agreeing(main_from((shift + start) % MAIN_LEN));
    lines.iter().zip(shifts).map(of_line).sum()
}
