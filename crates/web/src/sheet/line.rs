//! One stroke as a few polylines of constant width.

use std::fmt::Write as _;

use worksheet::Rect;

use super::UNIT_UM;

/// A sample on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PagePoint {
    pub(crate) x_um: i32,
    pub(crate) y_um: i32,
    /// 0 to 65,535.
    pub(crate) force: u16,
}

/// Widths that are told apart, from the lightest to the heaviest; the style sheet has them as
/// `w0` … `w5`.
const WIDTHS: u32 = 6;

/// How far the drawn line may lie from the written one, in drawing units: 0.03 mm, a tenth of a
/// pixel on a page 800 pixels wide.
const TOLERANCE: f32 = 3.0;

/// A rectangle in drawing units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) x0: i32,
    pub(crate) y0: i32,
    pub(crate) x1: i32,
    pub(crate) y1: i32,
}

impl Bounds {
    pub(crate) fn of(rect: &Rect) -> Self {
        Self {
            x0: rect.x_um / UNIT_UM,
            y0: rect.y_um / UNIT_UM,
            x1: (rect.x_um + rect.width_um) / UNIT_UM,
            y1: (rect.y_um + rect.height_um) / UNIT_UM,
        }
    }

    /// The smallest that holds both.
    pub(crate) fn with(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// Whether the other stands on the same line, at most `reach` away.
    pub(crate) fn is_beside(&self, other: &Self, reach: i32) -> bool {
        let middle = i32::midpoint(other.y0, other.y1);
        (self.y0..self.y1).contains(&middle)
            && other.x0 <= self.x1 + reach
            && self.x0 <= other.x1 + reach
    }

    pub(crate) fn touches(&self, other: &Self) -> bool {
        self.x0 < other.x1 && other.x0 < self.x1 && self.y0 < other.y1 && other.y0 < self.y1
    }
}

/// A stroke, simplified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) bounds: Bounds,
    /// Width and points; each begins where the one before ended.
    pub(crate) runs: Vec<(u32, Vec<(i32, i32)>)>,
}

impl Line {
    /// Simplifies a stroke; `None` where it has no sample.
    pub(crate) fn new(points: &[PagePoint]) -> Option<Self> {
        let at = |p: &PagePoint| (p.x_um / UNIT_UM, p.y_um / UNIT_UM);
        let (first, last) = (points.first()?, points.len() - 1);
        let kept = simplify(points);
        let widths = widths(points);
        let mut bounds = Bounds { x0: i32::MAX, y0: i32::MAX, x1: i32::MIN, y1: i32::MIN };
        for &(x, y) in points.iter().map(at).collect::<Vec<_>>().iter() {
            bounds = bounds.with(&Bounds { x0: x, y0: y, x1: x, y1: y });
        }
        if last == 0 {
            return Some(Self { bounds, runs: vec![(widths[0], vec![at(first)])] });
        }
        let mut runs: Vec<(u32, Vec<(i32, i32)>)> = Vec::new();
        for pair in kept.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let width = widths[usize::midpoint(from, to)];
            match runs.last_mut() {
                Some((run_width, run)) if *run_width == width => run.push(at(&points[to])),
                _ => runs.push((width, vec![at(&points[from]), at(&points[to])])),
            }
        }
        Some(Self { bounds, runs })
    }

    /// Appends a path a run.
    pub(crate) fn write(&self, svg: &mut String) {
        for (width, points) in &self.runs {
            let Some(&(x, y)) = points.first() else { continue };
            // Writing to a string cannot fail.
            let _ = write!(svg, "<path class=\"w{width}\" d=\"M{x} {y}");
            if points.len() == 1 {
                svg.push_str("h0");
            }
            let (mut last_x, mut last_y) = (x, y);
            for (index, &(x, y)) in points.iter().enumerate().skip(1) {
                let (dx, dy) = (x - last_x, y - last_y);
                let before = match (index, dx) {
                    (1, _) => "l",
                    (_, 0..) => " ",
                    _ => "",
                };
                let between = if dy >= 0 { " " } else { "" };
                let _ = write!(svg, "{before}{dx}{between}{dy}");
                (last_x, last_y) = (x, y);
            }
            svg.push_str("\"/>");
        }
    }
}

/// The width of each sample, from its force smoothed over five samples.
fn widths(points: &[PagePoint]) -> Vec<u32> {
    (0..points.len())
        .map(|i| {
            let near = &points[i.saturating_sub(2)..points.len().min(i + 3)];
            let sum: u32 = near.iter().map(|p| u32::from(p.force)).sum();
            // A slice around `i` is never empty, and 65,535 · 6 fits.
            let mean = sum / near.len() as u32;
            mean * WIDTHS / 65_536
        })
        .collect()
}

/// Longer strokes are simplified piece by piece, with the pieces' ends kept: the work grows with the
/// square of a piece's length, and a pen that is never lifted writes a stroke of hours.
const PIECE_SAMPLES_MAX: usize = 256;

/// Which samples suffice (Douglas and Peucker, 1973): the line through them is nowhere further
/// than [`TOLERANCE`] from the others.
fn simplify(points: &[PagePoint]) -> Vec<usize> {
    let last = points.len() - 1;
    let mut keep = vec![false; points.len()];
    let ends: Vec<usize> =
        (0..last).step_by(PIECE_SAMPLES_MAX).chain(std::iter::once(last)).collect();
    ends.iter().for_each(|&end| keep[end] = true);
    let mut open: Vec<(usize, usize)> = ends.windows(2).map(|pair| (pair[0], pair[1])).collect();
    while let Some((from, to)) = open.pop() {
        let furthest = (from + 1..to)
            .map(|i| (i, distance(&points[i], &points[from], &points[to])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((middle, distance)) = furthest
            && distance > TOLERANCE
        {
            keep[middle] = true;
            open.push((from, middle));
            open.push((middle, to));
        }
    }
    keep.iter().enumerate().filter(|(_, keep)| **keep).map(|(i, _)| i).collect()
}

/// From a point to a line segment, in drawing units.
fn distance(p: &PagePoint, a: &PagePoint, b: &PagePoint) -> f32 {
    let unit = UNIT_UM as f32;
    let (px, py) = ((p.x_um - a.x_um) as f32 / unit, (p.y_um - a.y_um) as f32 / unit);
    let (dx, dy) = ((b.x_um - a.x_um) as f32 / unit, (b.y_um - a.y_um) as f32 / unit);
    let length2 = dx * dx + dy * dy;
    let along = if length2 > 0.0 { ((px * dx + py * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
    (px - along * dx).hypot(py - along * dy)
}
