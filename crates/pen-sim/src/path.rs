//! Paths in the plane: polylines and the curves through knots.

#[cfg(test)]
mod tests;

/// A point; the unit is the caller's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl Point {
    pub(crate) fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    pub(crate) fn distance(self, other: Self) -> f64 {
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        (dx * dx + dy * dy).sqrt()
    }

    /// The point at `part` of the way to `other`.
    pub(crate) fn towards(self, other: Self, part: f64) -> Self {
        Self::new(self.x + (other.x - self.x) * part, self.y + (other.y - self.y) * part)
    }
}

/// A point that the pen passes, in units of a digit's height; y = 0 top, y = 1 baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knot {
    /// Where it lies.
    pub at: Point,
    /// The path breaks its direction here.
    pub corner: bool,
}

/// An upright rectangle; the unit is the caller's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Bounds {
    /// The bounds of all points; `None` where there is none.
    pub(crate) fn of<'a>(points: impl IntoIterator<Item = &'a Point>) -> Option<Self> {
        points.into_iter().fold(None, |bounds: Option<Self>, p| {
            let b = bounds.unwrap_or(Self { left: p.x, top: p.y, right: p.x, bottom: p.y });
            Some(Self {
                left: b.left.min(p.x),
                top: b.top.min(p.y),
                right: b.right.max(p.x),
                bottom: b.bottom.max(p.y),
            })
        })
    }

    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub(crate) fn centre(&self) -> Point {
        Point::new((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0)
    }

    /// The same rectangle, larger by `by` on every side.
    pub(crate) fn grown(&self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

impl From<worksheet::Rect> for Bounds {
    fn from(rect: worksheet::Rect) -> Self {
        Self {
            left: f64::from(rect.x_um),
            top: f64::from(rect.y_um),
            right: f64::from(rect.x_um) + f64::from(rect.width_um),
            bottom: f64::from(rect.y_um) + f64::from(rect.height_um),
        }
    }
}

/// Points of a curve between two knots.
const POINTS_A_SPAN: usize = 12;

/// The smooth curve through knots, broken at corners, as a polyline.
pub(crate) fn curve(knots: &[Knot]) -> Vec<Point> {
    let mut path = Vec::with_capacity(knots.len() * POINTS_A_SPAN);
    path.extend(knots.first().map(|knot| knot.at));
    let mut begin = 0;
    for end in 1..knots.len() {
        if knots[end].corner || end + 1 == knots.len() {
            smooth_part(&knots[begin..=end], &mut path);
            begin = end;
        }
    }
    path
}

/// Appends the curve from the first knot (excluded) to the last of a part without corners inside.
fn smooth_part(knots: &[Knot], path: &mut Vec<Point>) {
    let at = |index: usize| knots[index.min(knots.len() - 1)].at;
    for span in 0..knots.len() - 1 {
        // The curve runs straight out at the ends: the missing neighbour is mirrored.
        let (p1, p2) = (at(span), at(span + 1));
        let p0 = if span == 0 { mirror(p1, p2) } else { at(span - 1) };
        let p3 = if span + 2 == knots.len() { mirror(p2, p1) } else { at(span + 2) };
        path.extend(
            (1..=POINTS_A_SPAN)
                .map(|step| catmull_rom([p0, p1, p2, p3], step as f64 / POINTS_A_SPAN as f64)),
        );
    }
}

fn mirror(about: Point, point: Point) -> Point {
    Point::new(2.0 * about.x - point.x, 2.0 * about.y - point.y)
}

/// Centripetal Catmull-Rom between p1 and p2 (Barry and Goldman 1988): no cusps and no loops
/// between knots, however unevenly they lie.
fn catmull_rom(p: [Point; 4], part: f64) -> Point {
    let knot_step = |a: Point, b: Point| a.distance(b).sqrt().max(1e-6);
    let t1 = knot_step(p[0], p[1]);
    let t2 = t1 + knot_step(p[1], p[2]);
    let t3 = t2 + knot_step(p[2], p[3]);
    let t = t1 + (t2 - t1) * part;
    let a1 = p[0].towards(p[1], t / t1);
    let a2 = p[1].towards(p[2], (t - t1) / (t2 - t1));
    let a3 = p[2].towards(p[3], (t - t2) / (t3 - t2));
    let b1 = a1.towards(a2, t / t2);
    let b2 = a2.towards(a3, (t - t1) / (t3 - t1));
    b1.towards(b2, (t - t1) / (t2 - t1))
}

/// The same path with points at equal distances of about `step`; ends are kept.
pub(crate) fn resample(path: &[Point], step: f64) -> Vec<Point> {
    let length: f64 = path.windows(2).map(|w| w[0].distance(w[1])).sum();
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return Vec::new() };
    let pieces = (length / step).round().max(1.0) as usize;
    let step = length / pieces as f64;
    let mut out = Vec::with_capacity(pieces + 1);
    out.push(*first);
    let mut walked = 0.0;
    for w in path.windows(2) {
        let d = w[0].distance(w[1]);
        while d > 0.0 && out.len() < pieces && walked + d >= step * out.len() as f64 {
            out.push(w[0].towards(w[1], (step * out.len() as f64 - walked) / d));
        }
        walked += d;
    }
    if length > 0.0 {
        out.push(*last);
    }
    out
}

/// Rounds corners: the mean over `reach` points to both sides, less near the ends, which stay.
pub(crate) fn rounded(path: &[Point], reach: usize) -> Vec<Point> {
    let last = path.len().saturating_sub(1);
    (0..path.len())
        .map(|index| {
            let reach = reach.min(index).min(last - index);
            let near = &path[index - reach..=index + reach];
            let count = near.len() as f64;
            Point::new(
                near.iter().map(|p| p.x).sum::<f64>() / count,
                near.iter().map(|p| p.y).sum::<f64>() / count,
            )
        })
        .collect()
}
