//! A drawn stroke as SVG, and what it takes up.

use std::fmt::Write as _;

use ink::drawn::{self, Run, UNIT_UM};
use worksheet::Rect;

/// A rectangle in drawing units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Left edge.
    pub x0: i32,
    /// Top edge.
    pub y0: i32,
    /// Right edge.
    pub x1: i32,
    /// Bottom edge.
    pub y1: i32,
}

impl Bounds {
    /// Of a rectangle on the page.
    pub fn of(rect: &Rect) -> Self {
        Self {
            x0: rect.x_um / UNIT_UM,
            y0: rect.y_um / UNIT_UM,
            x1: (rect.x_um + rect.width_um) / UNIT_UM,
            y1: (rect.y_um + rect.height_um) / UNIT_UM,
        }
    }

    /// The smallest that holds both.
    pub fn with(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// Whether the other stands on the same line, at most `reach` away.
    pub fn is_beside(&self, other: &Self, reach: i32) -> bool {
        let middle = i32::midpoint(other.y0, other.y1);
        (self.y0..self.y1).contains(&middle)
            && other.x0 <= self.x1 + reach
            && self.x0 <= other.x1 + reach
    }

    /// Whether the two overlap.
    pub fn touches(&self, other: &Self) -> bool {
        self.x0 < other.x1 && other.x0 < self.x1 && self.y0 < other.y1 && other.y0 < self.y1
    }
}

/// A drawn stroke and what it takes up.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it takes up.
    pub bounds: Bounds,
    drawn: drawn::Line,
}

impl Line {
    /// A simplified stroke.
    pub fn new(drawn: drawn::Line) -> Self {
        let points = drawn.runs().iter().flat_map(|run| &run.points);
        let point = |&(x, y): &(i32, i32)| Bounds { x0: x, y0: y, x1: x, y1: y };
        let nothing = Bounds { x0: i32::MAX, y0: i32::MAX, x1: i32::MIN, y1: i32::MIN };
        let bounds = points.map(point).fold(nothing, |all, one| all.with(&one));
        Self { bounds, drawn }
    }

    /// Appends one path per run. The style sheet has the widths as `w0` … `w5`.
    pub fn write(&self, svg: &mut String) {
        for run in self.drawn.runs() {
            // Writing to a string cannot fail.
            let _ = write!(svg, "<path class=\"w{}\" d=\"", run.width);
            outline(run, svg);
            svg.push_str("\"/>");
        }
    }

    /// The polylines of one width each.
    pub(super) fn runs(&self) -> &[Run] {
        self.drawn.runs()
    }
}

/// Appends a polyline as the data of an SVG path.
pub(super) fn outline(Run { points, .. }: &Run, svg: &mut String) {
    let Some(&(x, y)) = points.first() else { return };
    // Writing to a string cannot fail.
    let _ = write!(svg, "M{x} {y}");
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
}
