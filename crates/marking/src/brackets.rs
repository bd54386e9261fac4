//! Brackets put around an answer that is taken back: `(83)`.

use worksheet::PagePoint;

use crate::bounds::Bounds;
use crate::cross_out::symbols;
use crate::placed::{Placed, distance_um};

#[cfg(test)]
mod tests;

/// How far the middle of a bracket lies off the line between its ends, in shares of that.
const BOW: (f64, f64) = (0.06, 0.6);
/// A bow, in shares of the same, that a 1 seldom has.
const CLEAR_BOW: f64 = 0.09;
/// A bracket is as tall as what it holds, or nearly.
const HEIGHT_MIN: f64 = 0.7;
/// How far from its bracket what it holds may stand.
const NEAR_UM: i64 = 4_000;

/// Positions in `live` of two brackets that were put around what had been written before, and of
/// what they hold. `live` is positions in `strokes`, ordered by time.
pub(crate) fn bracketed(live: &[usize], strokes: &[&Placed<'_>]) -> Option<Vec<usize>> {
    let opening = |i: &&usize| bow(strokes[**i]).is_some_and(|bow| bow < 0.0);
    let closing = |i: &&usize| bow(strokes[**i]).is_some_and(|bow| bow > 0.0);
    let mut latest: Option<(usize, Vec<usize>)> = None;
    for open in live.iter().filter(opening) {
        // Drawn one after the other.
        for close in live.iter().filter(closing).filter(|close| open.abs_diff(**close) == 1) {
            let (left, right) = (strokes[*open].bounds, strokes[*close].bounds);
            let drawn_ms = strokes[*open].start_ms.min(strokes[*close].start_ms);
            let tall = left.height().min(right.height());
            if left.right >= right.left || 2 * tall < left.height().max(right.height()) {
                continue;
            }
            let before: Vec<usize> = live
                .iter()
                .copied()
                .filter(|i| i != open && i != close && strokes[*i].end_ms <= drawn_ms)
                .collect();
            let inside: Vec<_> = symbols(&before, strokes)
                .into_iter()
                .filter(|symbol| {
                    let (from, to) = (left.left, right.right);
                    let middle = (symbol.bounds.left + symbol.bounds.right) / 2;
                    (from..=to).contains(&middle)
                        && -symbol.bounds.gap_y(left.union(right)) * 10
                            >= symbol.bounds.height() * 6
                })
                .collect();
            let Some(held) = inside.iter().map(|s| s.bounds).reduce(|a, b| a.union(b)) else {
                continue;
            };
            let near = left.gap_x(held) <= NEAR_UM && right.gap_x(held) <= NEAR_UM;
            if !near || (tall as f64) < HEIGHT_MIN * held.height() as f64 {
                continue;
            }
            let mut taken: Vec<usize> = inside.into_iter().flat_map(|s| s.strokes).collect();
            taken.extend([*open, *close]);
            // A digit may look like a bracket: what was drawn last is one more likely.
            if latest.as_ref().is_none_or(|(before, _)| *before < *open.max(close)) {
                latest = Some((*open.max(close), taken));
            }
        }
    }
    latest.map(|(_, taken)| taken)
}

/// Whether two strokes that bow away from each other stand about others that are no taller, whenever
/// they were drawn: brackets as tall as digits, which look like two 1s.
pub(crate) fn stand_around(strokes: &[&Placed<'_>]) -> bool {
    let bowed: Vec<(f64, Bounds)> = (strokes.iter())
        .filter_map(|stroke| Some((bow(stroke)?, stroke.bounds)))
        .filter(|(bow, _)| bow.abs() >= CLEAR_BOW)
        .collect();
    let is_pair = |left: Bounds, right: Bounds| {
        let (low, tall) = (left.height().min(right.height()), left.height().max(right.height()));
        let is_held = |s: &&Placed<'_>| {
            let middle = (s.bounds.left + s.bounds.right) / 2;
            (left.right..=right.left).contains(&middle)
                && s.bounds.height() as f64 * HEIGHT_MIN <= low as f64
                && -s.bounds.gap_y(left.union(right)) * 10 >= s.bounds.height() * 6
        };
        left.right < right.left && 2 * low >= tall && strokes.iter().any(is_held)
    };
    let opening = bowed.iter().filter(|(bow, _)| *bow < 0.0);
    opening
        .clone()
        .any(|(_, left)| bowed.iter().any(|(bow, right)| *bow > 0.0 && is_pair(*left, *right)))
}

/// How far a steep stroke bows to the right (positive) or left, as a share of its length; `None`
/// of a stroke that does not bow to one side.
pub(crate) fn bow(stroke: &Placed<'_>) -> Option<f64> {
    let (a, b) = (stroke.first(), stroke.last());
    let chord = distance_um(a, b);
    if chord < 2_000.0 || stroke.length_um > 2.2 * chord {
        return None;
    }
    let (from, to) = if a.y_um <= b.y_um { (a, b) } else { (b, a) };
    let f = f64::from;
    let (dx, dy) = (f(to.x_um) - f(from.x_um), f(to.y_um) - f(from.y_um));
    if dy.abs() < 1.6 * dx.abs() {
        return None;
    }
    // To the right of the way down.
    let off = |p: &PagePoint| {
        ((f(p.x_um) - f(from.x_um)) * dy - (f(p.y_um) - f(from.y_um)) * dx) / (chord * chord)
    };
    let (least, most) =
        stroke.points.iter().map(off).fold((0.0_f64, 0.0_f64), |(l, m), at| (l.min(at), m.max(at)));
    let (bow, other) = if most >= -least { (most, -least) } else { (least, most) };
    ((BOW.0..=BOW.1).contains(&bow.abs()) && other <= 0.25 * bow.abs()).then_some(bow)
}
