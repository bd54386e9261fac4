//! Fractions in one box: numbers above and below a bar, or on both sides of a stroke, and perhaps a
//! whole number before them. Where the ink leaves a doubt about that, it is no fraction here.

use crate::bounds::Bounds;
use crate::cross_out::{Symbol, symbols};
use crate::placed::Placed;
use crate::read::{TALL_UM, is_dot};

#[cfg(test)]
mod tests;

/// More strokes than any fraction has.
const STROKES_MAX: usize = 30;
/// A bar is this many times as wide as tall; it may be bowed, or begin with a hook.
const FLAT: i64 = 2;
/// The stroke between two numbers is at least this straight.
const STRAIGHT: f64 = 0.85;
/// A bar goes over all of what stands above and below it but for this share of its width, and is this
/// wide against the taller of both: the hat of a 5 and the foot of a 1 are narrower.
const UNCOVERED: f64 = 0.15;
const WIDE: f64 = 0.5;
/// So far what stands above a bar may reach below it, and the other way round, in heights.
const REACHES: f64 = 0.12;
/// And so far away from it at most.
const AWAY: f64 = 0.8;
/// A stroke leans to the right at its top by this share of its height, and goes this share beyond the
/// digits on both of its sides, above or below: a 1 does not.
const LEANS: f64 = 0.3;
const BEYOND: f64 = 0.04;
/// A whole number stands this far before what is above a stroke, in heights; nearer than the second
/// figure it is the first figure of that.
const WHOLE_GAP: f64 = 0.7;
const FIGURE_GAP: f64 = 0.4;

/// An answer's strokes by what they are a part of, each in written order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fraction {
    /// Positions of the strokes of the whole number before it; none where there is none.
    pub(crate) whole: Vec<usize>,
    pub(crate) over: Vec<usize>,
    pub(crate) under: Vec<usize>,
}

/// The fraction that ink, ordered by time, is; `None` of anything else.
pub(crate) fn fraction(ink: &[&Placed<'_>]) -> Option<Fraction> {
    if ink.len() > STROKES_MAX || ink.iter().any(|stroke| is_dot(stroke)) {
        return None;
    }
    let mut found = (0..ink.len()).filter_map(|at| stacked(ink, at).or_else(|| slashed(ink, at)));
    let fraction = found.next()?;
    // Two bars are an equals sign, or a correction.
    found.next().is_none().then_some(fraction)
}

/// With stroke `bar` between what stands above and below it.
fn stacked(ink: &[&Placed<'_>], bar: usize) -> Option<Fraction> {
    let line = ink[bar].bounds;
    if line.height() * FLAT > line.width() || line.width() < TALL_UM {
        return None;
    }
    let middle = |of: Bounds| (of.left + of.right) / 2;
    let mut parts = Fraction { whole: Vec::new(), over: Vec::new(), under: Vec::new() };
    for (at, stroke) in ink.iter().enumerate().filter(|(at, _)| *at != bar) {
        let of = stroke.bounds;
        let part = match (of.right <= line.left, of.middle_y() < line.middle_y()) {
            (true, _) => &mut parts.whole,
            (false, _) if !(line.left..=line.right).contains(&middle(of)) => return None,
            (false, true) => &mut parts.over,
            (false, false) => &mut parts.under,
        };
        part.push(at);
    }
    let (over, under) = (bounds(ink, &parts.over)?, bounds(ink, &parts.under)?);
    let tall = over.height().max(under.height()) as f64;
    let uncovered = |of: Bounds| {
        ((line.left - of.left).max(0) + (of.right - line.right).max(0)) as f64
            <= UNCOVERED * of.width().max(1_000) as f64
    };
    let apart = |gap: i64| (-REACHES * tall..=AWAY * tall).contains(&(gap as f64));
    let is_level = |whole: &Bounds| {
        whole.top < line.top && whole.bottom > line.bottom && whole.height() >= TALL_UM
    };
    let stands = uncovered(over)
        && uncovered(under)
        && line.width() as f64 >= WIDE * tall
        && apart(line.middle_y() - over.bottom)
        && apart(under.top - line.middle_y())
        && [over, under].iter().all(|of| of.height() >= TALL_UM * 2 / 3)
        && (parts.whole.is_empty() || bounds(ink, &parts.whole).as_ref().is_some_and(is_level));
    stands.then_some(parts)
}

/// With a stroke `slash` between what stands on its left and on its right.
fn slashed(ink: &[&Placed<'_>], slash: usize) -> Option<Fraction> {
    let stroke = ink[slash];
    let line = stroke.bounds;
    let (low, high) = match stroke.first().y_um >= stroke.last().y_um {
        true => (stroke.first(), stroke.last()),
        false => (stroke.last(), stroke.first()),
    };
    let lean = f64::from(high.x_um) - f64::from(low.x_um);
    if stroke.straightness() < STRAIGHT || lean < LEANS * line.height() as f64 {
        return None;
    }
    let others: Vec<usize> = (0..ink.len()).filter(|at| *at != slash).collect();
    let middle = |of: Bounds| (of.left + of.right) / 2;
    let (before, under): (Vec<usize>, Vec<usize>) =
        others.into_iter().partition(|at| middle(ink[*at].bounds) < middle(line));
    let (left, right) = (bounds(ink, &before)?, bounds(ink, &under)?);
    let beyond = (BEYOND * line.height() as f64) as i64;
    let above = |of: Bounds| line.top + beyond <= of.top;
    let below = |of: Bounds| line.bottom - beyond >= of.bottom;
    // What stands over it may be raised, and what stands under it lowered.
    let goes_beyond = (above(left) || below(left))
        && (above(right) || below(right))
        && (above(left) || above(right))
        && (below(left) || below(right));
    // What the stroke lies over it may take back.
    let touches = |of: Bounds| -of.gap_x(line) * 2 >= of.width().min(line.width()).max(300);
    if !goes_beyond || ink_of(ink, &before).chain(ink_of(ink, &under)).any(touches) {
        return None;
    }
    let figures = symbols(&before, ink);
    let gap = |at: usize| {
        let (a, b) = (figures[at].bounds, figures[at + 1].bounds);
        a.gap_x(b) as f64 / left.height().max(1) as f64
    };
    // Neither near nor far: one number or two.
    let wide: Vec<usize> = (0..figures.len() - 1).filter(|at| gap(*at) >= FIGURE_GAP).collect();
    let (whole, over) = match wide.as_slice() {
        [] => (Vec::new(), before),
        [only] if gap(*only) >= WHOLE_GAP => {
            let (whole, over) = figures.split_at(only + 1);
            (strokes(whole), strokes(over))
        }
        _ => return None,
    };
    Some(Fraction { whole, over, under })
}

fn strokes(symbols: &[Symbol]) -> Vec<usize> {
    let mut strokes: Vec<usize> =
        symbols.iter().flat_map(|symbol| symbol.strokes.iter().copied()).collect();
    strokes.sort_unstable();
    strokes
}

fn ink_of<'i>(ink: &'i [&Placed<'_>], part: &'i [usize]) -> impl Iterator<Item = Bounds> + 'i {
    part.iter().map(|at| ink[*at].bounds)
}

fn bounds(ink: &[&Placed<'_>], part: &[usize]) -> Option<Bounds> {
    ink_of(ink, part).reduce(Bounds::union)
}
