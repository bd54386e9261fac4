//! Lines of points, and where they cross and touch each other.

use worksheet::PagePoint;

use crate::placed::{Placed, distance_um, segments};

/// Long strokes are thinned to this many points before lines are held against lines.
const POINTS_MAX: usize = 64;
/// Lines that come as near as this touch: a ballpoint's line is half as wide.
const TOUCH_UM: f64 = 450.0;
/// Crossings nearer to each other than this are one.
const APART_UM: f64 = 600.0;

/// At most [`POINTS_MAX`] of the points, the first and the last among them.
pub(crate) fn thinned(points: &[PagePoint]) -> Vec<PagePoint> {
    let count = points.len();
    if count <= POINTS_MAX {
        return points.to_vec();
    }
    (0..POINTS_MAX).map(|i| points[i * (count - 1) / (POINTS_MAX - 1)]).collect()
}

/// Where two lines of points first cross.
pub(crate) fn crossing(a: &[PagePoint], b: &[PagePoint]) -> Option<PagePoint> {
    segments(a).find_map(|(a, b_)| segments(b).find_map(|(c, d)| meet(a, b_, c, d)))
}

/// Where two strokes cross, crossings close together being one.
pub(crate) fn crossings(a: &Placed<'_>, b: &Placed<'_>) -> Vec<PagePoint> {
    if !a.bounds.meets(b.bounds) {
        return Vec::new();
    }
    let (a, b) = (thinned(&a.points), thinned(&b.points));
    let mut found: Vec<PagePoint> = Vec::new();
    for (p, q) in segments(&a) {
        for (r, s) in segments(&b) {
            let at = meet(p, q, r, s);
            found.extend(at.filter(|at| found.iter().all(|f| distance_um(*f, *at) >= APART_UM)));
        }
    }
    found
}

/// Whether two strokes cross or all but touch.
pub(crate) fn touch(a: &Placed<'_>, b: &Placed<'_>) -> bool {
    if !a.bounds.grown(TOUCH_UM as i64).meets(b.bounds) {
        return false;
    }
    let (a, b) = (thinned(&a.points), thinned(&b.points));
    let near = a.iter().any(|p| b.iter().any(|q| distance_um(*p, *q) <= TOUCH_UM));
    near || crossing(&a, &b).is_some()
}

/// Where the segment a–b meets the segment c–d; `None` too where they are parallel.
fn meet(a: PagePoint, b: PagePoint, c: PagePoint, d: PagePoint) -> Option<PagePoint> {
    let vector = |p: PagePoint, q: PagePoint| {
        (f64::from(q.x_um) - f64::from(p.x_um), f64::from(q.y_um) - f64::from(p.y_um))
    };
    let ((rx, ry), (sx, sy), (qx, qy)) = (vector(a, b), vector(c, d), vector(a, c));
    let denominator = rx * sy - ry * sx;
    if denominator == 0.0 {
        return None;
    }
    let t = (qx * sy - qy * sx) / denominator;
    let u = (qx * ry - qy * rx) / denominator;
    if !(0.0..=1.0).contains(&t) || !(0.0..=1.0).contains(&u) {
        return None;
    }
    let along = |from: i32, by: f64| (f64::from(from) + t * by).round() as i32;
    Some(PagePoint { x_um: along(a.x_um, rx), y_um: along(a.y_um, ry) })
}
