//! What stands after the figures of a number: a percent sign, which is told by its shape, or a unit,
//! which nothing reads.

use recognition::{Alphabet, Context, Recognizer};
use worksheet::{Field, Kind, Number, NumberForm, Written};

use crate::Reading;
use crate::cross_out::symbols;
use crate::lines::touch;
use crate::placed::{Placed, distance_um};
use crate::read::{WritingStyle, is_dot, read_as};

#[cfg(test)]
mod tests;

/// The slash of a percent sign: how straight it is, and how far its top stands to the right of its
/// foot, as a share of its height.
const SLASH_STRAIGHT: f64 = 0.85;
const LEANS: (f64, f64) = (0.15, 2.0);
/// It is at least this tall against the tallest stroke.
const SLASH_TALL: f64 = 0.5;
/// A ring: how near its ends come to each other, and how much longer than its diagonal it is.
const RING_OPEN: f64 = 0.5;
const RING_LENGTH: f64 = 1.6;
/// How tall a ring is against the slash.
const RING_TALL: (f64, f64) = (0.12, 0.7);
/// How far from the slash its ring stands at most, in heights of the slash.
const RING_GAP: f64 = 0.5;
/// Figures before a unit are read from this probability on; it is told, and not decided by.
const FIGURES_MIN: f32 = 0.5;

/// Positions of the three strokes of a percent sign with which ink ends; `None` where it does not.
pub(crate) fn percent(ink: &[&Placed<'_>]) -> Option<Vec<usize>> {
    let tallest = ink.iter().map(|s| s.bounds.height()).max()? as f64;
    let is_slash = |at: &usize| {
        let (stroke, height) = (ink[*at], ink[*at].bounds.height() as f64);
        let (a, b) = (stroke.first(), stroke.last());
        let (high, low) = if a.y_um <= b.y_um { (a, b) } else { (b, a) };
        let lean = f64::from(high.x_um) - f64::from(low.x_um);
        height >= SLASH_TALL * tallest
            && stroke.straightness() >= SLASH_STRAIGHT
            && (LEANS.0 * height..=LEANS.1 * height).contains(&lean)
    };
    (0..ink.len()).filter(is_slash).find_map(|slash| {
        let line = ink[slash].bounds;
        let middle = (line.left + line.right) / 2;
        let rings: Vec<usize> =
            (0..ink.len()).filter(|at| *at != slash && is_ring_of(ink[*at], ink[slash])).collect();
        let centre = |at: usize| (ink[at].bounds.left + ink[at].bounds.right) / 2;
        // One stands before the slash and high, the other behind it and low.
        let upper = rings
            .iter()
            .copied()
            .filter(|at| centre(*at) < middle && ink[*at].bounds.middle_y() < line.middle_y());
        let lower = rings
            .iter()
            .copied()
            .filter(|at| centre(*at) > middle && ink[*at].bounds.middle_y() > line.middle_y());
        let upper = upper.max_by_key(|at| ink[*at].bounds.left)?;
        let lower = lower.min_by_key(|at| ink[*at].bounds.left)?;
        let sign = [upper, slash, lower];
        let from = ink[upper].bounds.left.min(line.left);
        let others = (0..ink.len()).filter(|at| !sign.contains(at) && !is_dot(ink[*at]));
        let last = others.map(|at| (ink[at].bounds.left + ink[at].bounds.right) / 2).max()?;
        (last < from).then(|| {
            let mut sign = sign.to_vec();
            sign.sort_unstable();
            sign
        })
    })
}

/// Whether a stroke closes on itself, is smaller than a slash, and stands by it.
fn is_ring_of(stroke: &Placed<'_>, slash: &Placed<'_>) -> bool {
    let (ring, tall) = (stroke.bounds, slash.bounds.height() as f64);
    let ends = distance_um(stroke.first(), stroke.last());
    ends <= RING_OPEN * ring.diagonal()
        && stroke.length_um >= RING_LENGTH * ring.diagonal()
        && (RING_TALL.0 * tall..=RING_TALL.1 * tall).contains(&(ring.height() as f64))
        && (ring.distance(slash.bounds) <= RING_GAP * tall || touch(stroke, slash))
}

/// Parts the strokes of a number from those of a unit behind them: the longest beginning that is
/// read as a number, where what is left is more than dots. `None` where all of it is a number, or
/// none of it.
pub(crate) fn unit<'s, 'a>(
    recognizer: &Recognizer,
    field: &Field,
    strokes: &[&'s Placed<'a>],
    style: &WritingStyle,
    (sure, scratch): (f32, &mut recognition::Scratch),
) -> Option<Vec<&'s Placed<'a>>> {
    let all: Vec<usize> = (0..strokes.len()).collect();
    let symbols = symbols(&all, strokes);
    let context = Context { symbol_height_um: style.height_in(field), only: None };
    for count in (1..=symbols.len()).rev() {
        let mut first: Vec<usize> =
            symbols[..count].iter().flat_map(|s| s.strokes.iter().copied()).collect();
        first.sort_unstable();
        let number: Vec<&Placed<'_>> = first.iter().map(|at| strokes[*at]).collect();
        let least = if count == symbols.len() { sure } else { FIGURES_MIN };
        let read = read_as(recognizer, &number, Alphabet::Decimal, &context, scratch);
        if read.is_some_and(|read| !read.foreign && read.probability >= least) {
            let left = (0..strokes.len()).filter(|at| !first.contains(at));
            let is_more = left.into_iter().any(|at| !is_dot(strokes[at]));
            return is_more.then_some(number);
        }
    }
    None
}

/// Whether a percent sign may follow, and whether a unit.
pub(crate) fn may_follow(kind: &Kind) -> (bool, bool) {
    let unit = *kind == Kind::Number(NumberForm::Unit);
    (unit || *kind == Kind::Number(NumberForm::Percent), unit)
}

/// What was read, with a percent sign or a unit after it.
pub(crate) fn followed(reading: Reading, by: &str) -> Reading {
    let followed = |written: Written| match written {
        Written::Number(number) if number.unit().is_none() => {
            let with = Number::parse(&format!("{number}{by}"));
            Written::Number(with.unwrap_or(number))
        }
        other => other,
    };
    let alternatives = reading.alternatives.into_iter();
    Reading {
        written: followed(reading.written),
        alternatives: alternatives.map(|(other, p)| (followed(other), p)).collect(),
        ..reading
    }
}
