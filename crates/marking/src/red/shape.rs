//! The forms of ticks and crosses.

use worksheet::PagePoint;

use crate::bounds::Bounds;
use crate::cross_out::STRAIGHT;
use crate::lines::{crossing, thinned};
use crate::placed::{Placed, distance_um, segments};

#[cfg(test)]
mod tests;

/// What a red mark looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Tick,
    /// A tick with a short bar or a dot on its long arm.
    HalfTick,
    Cross,
}

/// Marks smaller than this are not looked at.
const EXTENT_UM_MIN: i64 = 1_500;
/// A longer level line is no minus, and what is taken off stands no further behind it.
const MINUS_UM_MAX: i64 = 10_000;
const MINUS_GAP_UM: i64 = 4_000;
/// How much longer than its chord an arm may be.
const ARM_BEND: f64 = 1.35;

/// The form of a mark and the point with which it points: the vertex of a tick, the crossing of a
/// cross.
pub(crate) fn find(ink: &[&Placed<'_>]) -> (Option<Shape>, Option<PagePoint>) {
    let found = match ink {
        [one] => tick(one)
            .map(|vertex| (Shape::Tick, vertex))
            .or_else(|| cross_in_one(one).map(|at| (Shape::Cross, at))),
        [first, second] => half_tick(first, second)
            .map(|vertex| (Shape::HalfTick, vertex))
            .or_else(|| cross(first, second).map(|at| (Shape::Cross, at))),
        _ => None,
    };
    found.map_or((None, None), |(shape, point)| (Some(shape), Some(point)))
}

/// A deduction: a minus, and behind it the strokes of what is taken off; and where it stands.
pub(crate) fn minus<'i, 'a>(ink: &[&'i Placed<'a>]) -> Option<(PagePoint, Vec<&'i Placed<'a>>)> {
    let [minus, points @ ..] = ink else { return None };
    let (line, first) = (minus.bounds, points.first()?.bounds);
    let all = points.iter().map(|s| s.bounds).reduce(Bounds::union)?;
    let stands = is_minus(minus)
        && is_behind(first, line)
        && all.left >= line.right - MINUS_GAP_UM / 4
        && line.width() <= 2 * all.height()
        && (all.top..=all.bottom).contains(&line.middle_y());
    stands.then(|| (minus.first(), points.to_vec()))
}

/// Whether a stroke is a short level line.
pub(crate) fn is_minus(stroke: &Placed<'_>) -> bool {
    let line = stroke.bounds;
    (EXTENT_UM_MIN..=MINUS_UM_MAX).contains(&line.width())
        && line.height() * 3 <= line.width()
        && stroke.straightness() >= STRAIGHT
}

/// Whether ink stands close behind other ink in its line.
pub(crate) fn is_behind(ink: Bounds, before: Bounds) -> bool {
    let gap = ink.left - before.right;
    (-MINUS_GAP_UM / 4..=MINUS_GAP_UM).contains(&gap)
        && (ink.top..=ink.bottom).contains(&before.middle_y())
}

/// The vertex of a tick: down and, further, up to the right, without a turn elsewhere.
fn tick(stroke: &Placed<'_>) -> Option<PagePoint> {
    if stroke.bounds.extent() < EXTENT_UM_MIN {
        return None;
    }
    let points = thinned(&stroke.points);
    let lowest = (0..points.len()).max_by_key(|i| points[*i].y_um)?;
    let vertex = points[lowest];
    let (first, last) = (*points.first()?, *points.last()?);
    let arm = |points: &[PagePoint]| segments(points).map(|(a, b)| distance_um(a, b)).sum::<f64>();
    let (down, up) = (distance_um(first, vertex), distance_um(vertex, last));
    let right_um = i64::from(last.x_um) - i64::from(vertex.x_um);
    let rise_um = i64::from(vertex.y_um) - i64::from(last.y_um);
    let straight = arm(&points[lowest..]) <= ARM_BEND * up
        && arm(&points[..=lowest]) <= ARM_BEND * down.max(600.0);
    let is_tick = straight
        && down >= 0.08 * up
        && up >= 1.1 * down
        && right_um * 4 >= stroke.bounds.width()
        && rise_um * 5 >= stroke.bounds.height() * 3
        // The short arm comes from the left: a `V` leaning the other way is none.
        && i64::from(first.x_um) - i64::from(vertex.x_um) <= stroke.bounds.width() / 4;
    is_tick.then_some(vertex)
}

/// A tick whose long arm a second, much shorter stroke crosses or touches.
fn half_tick(first: &Placed<'_>, second: &Placed<'_>) -> Option<PagePoint> {
    let vertex = tick(first)?;
    let short = second.bounds.extent() * 10 <= first.bounds.extent() * 7;
    let points = thinned(&first.points);
    let from = points.iter().position(|p| *p == vertex)?;
    let arm = &points[from..];
    let bar = thinned(&second.points);
    let touches = crossing(arm, &bar).is_some()
        || arm.iter().any(|p| bar.iter().any(|q| distance_um(*p, *q) <= 500.0));
    (short && touches).then_some(vertex)
}

/// Where two nearly straight strokes of like length cross, well inside of both.
fn cross(first: &Placed<'_>, second: &Placed<'_>) -> Option<PagePoint> {
    let chord = |s: &Placed<'_>| distance_um(s.first(), s.last());
    let (a, b) = (chord(first), chord(second));
    let alike = a.min(b) * 2.5 >= a.max(b) && a.max(b) >= EXTENT_UM_MIN as f64;
    if !alike || [first, second].iter().any(|s| s.length_um > ARM_BEND * chord(s)) {
        return None;
    }
    let at = crossing(&thinned(&first.points), &thinned(&second.points))?;
    let inside = |s: &Placed<'_>, chord: f64| {
        distance_um(at, s.first()).min(distance_um(at, s.last())) >= 0.15 * chord
    };
    // A plus stands upright: a cross's lines lean, one each way.
    let leans = |s: &Placed<'_>| {
        let (w, h) = (s.bounds.width(), s.bounds.height());
        w * 4 >= h && h * 4 >= w
    };
    let falls =
        |s: &Placed<'_>| (s.first().x_um < s.last().x_um) == (s.first().y_um < s.last().y_um);
    let is_cross = inside(first, a)
        && inside(second, b)
        && leans(first)
        && leans(second)
        && falls(first) != falls(second);
    is_cross.then_some(at)
}

/// A cross written without lifting the pen: its beginning crosses its end, near its middle.
fn cross_in_one(stroke: &Placed<'_>) -> Option<PagePoint> {
    if stroke.bounds.extent() < EXTENT_UM_MIN {
        return None;
    }
    let points = thinned(&stroke.points);
    let (early, late) = (points.len() * 2 / 5, points.len() * 3 / 5);
    let at = crossing(points.get(..=early)?, points.get(late..)?)?;
    let middle = stroke.bounds.grown(-stroke.bounds.width().min(stroke.bounds.height()) / 5);
    middle.contains(at).then_some(at)
}
