//! Rectangles on the page, with room for any coordinate.

use worksheet::{PagePoint, Rect};

/// A closed rectangle in page micrometres; 64 bits, so that growing and measuring cannot overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) left: i64,
    pub(crate) top: i64,
    pub(crate) right: i64,
    pub(crate) bottom: i64,
}

impl Bounds {
    /// The smallest rectangle around `points`; `None` where there is none.
    pub(crate) fn around(points: &[PagePoint]) -> Option<Self> {
        points.iter().map(|p| Self::at(*p)).reduce(Self::union)
    }

    /// A rectangle of one point.
    pub(crate) fn at(point: PagePoint) -> Self {
        let (x, y) = (i64::from(point.x_um), i64::from(point.y_um));
        Self { left: x, top: y, right: x, bottom: y }
    }

    pub(crate) fn of(rect: Rect) -> Self {
        let (left, top) = (i64::from(rect.x_um), i64::from(rect.y_um));
        Self {
            left,
            top,
            right: left + i64::from(rect.width_um),
            bottom: top + i64::from(rect.height_um),
        }
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Larger by `um` on every side; a negative amount shrinks, to its middle at most.
    pub(crate) fn grown(self, um: i64) -> Self {
        let (x, y) = (um.max(-self.width() / 2), um.max(-self.height() / 2));
        Self {
            left: self.left - x,
            top: self.top - y,
            right: self.right + x,
            bottom: self.bottom + y,
        }
    }

    pub(crate) fn width(self) -> i64 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> i64 {
        self.bottom - self.top
    }

    /// The longer side.
    pub(crate) fn extent(self) -> i64 {
        self.width().max(self.height())
    }

    pub(crate) fn diagonal(self) -> f64 {
        (self.width() as f64).hypot(self.height() as f64)
    }

    pub(crate) fn middle_y(self) -> i64 {
        self.top + self.height() / 2
    }

    pub(crate) fn contains(self, point: PagePoint) -> bool {
        self.contains_xy(i64::from(point.x_um), i64::from(point.y_um))
    }

    pub(crate) fn contains_xy(self, x: i64, y: i64) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.gap_x(other) <= 0 && self.gap_y(other) <= 0
    }

    /// The part that both cover.
    pub(crate) fn intersection(self, other: Self) -> Option<Self> {
        self.meets(other).then(|| Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        })
    }

    /// How far they are apart from left to right; negative by how much they overlap.
    pub(crate) fn gap_x(self, other: Self) -> i64 {
        self.left.max(other.left) - self.right.min(other.right)
    }

    /// How far they are apart from top to bottom; negative by how much they overlap.
    pub(crate) fn gap_y(self, other: Self) -> i64 {
        self.top.max(other.top) - self.bottom.min(other.bottom)
    }

    /// The distance between their nearest points; 0 where they meet.
    pub(crate) fn distance(self, other: Self) -> f64 {
        (self.gap_x(other).max(0) as f64).hypot(self.gap_y(other).max(0) as f64)
    }
}
