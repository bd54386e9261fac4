//! From what the pen sees to where it stands on the page.

use crate::Registration;

#[cfg(test)]
mod tests;

/// A place in the coded pattern, as the pen sees it: micrometres from its top left, y down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PatternPoint {
    /// To the right.
    pub x_um: i32,
    /// Downwards.
    pub y_um: i32,
}

impl From<(i32, i32)> for PatternPoint {
    fn from((x_um, y_um): (i32, i32)) -> Self {
        Self { x_um, y_um }
    }
}

/// A place on the printed page, where fields are: micrometres from its top left, y down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PagePoint {
    /// To the right.
    pub x_um: i32,
    /// Downwards.
    pub y_um: i32,
}

impl From<PagePoint> for (i32, i32) {
    fn from(point: PagePoint) -> Self {
        (point.x_um, point.y_um)
    }
}

/// A print run's registration, ready to be applied: page = scale · rotation · pattern + offset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// Scale times cosine.
    cos: f64,
    /// Scale times sine; positive turns clockwise, since y goes down.
    sin: f64,
    dx_um: f64,
    dy_um: f64,
}

impl Placement {
    /// The placement that a registration describes.
    pub fn new(registration: &Registration) -> Self {
        let scale = 1.0 + f64::from(registration.scale_ppm) / 1e6;
        let (sin, cos) = (f64::from(registration.rotation_urad) / 1e6).sin_cos();
        Self {
            cos: scale * cos,
            sin: scale * sin,
            dx_um: f64::from(registration.dx_um),
            dy_um: f64::from(registration.dy_um),
        }
    }

    /// Where a point of the pattern lies on the page. Beyond ±500 m it stays at the limit, so that
    /// the distance of any two points, and a few times that distance, fits an `i32` too.
    ///
    /// ```
    /// use worksheet::{PagePoint, PatternPoint, Placement, Registration};
    ///
    /// let shifted =
    ///     Registration { version: 1, dx_um: 300, dy_um: -200, rotation_urad: 0, scale_ppm: 0 };
    /// let point = Placement::new(&shifted).to_page(PatternPoint { x_um: 1_000, y_um: 1_000 });
    /// assert_eq!(point, PagePoint { x_um: 1_300, y_um: 800 });
    /// ```
    pub fn to_page(&self, point: PatternPoint) -> PagePoint {
        let (x, y) = (f64::from(point.x_um), f64::from(point.y_um));
        PagePoint {
            x_um: rounded(self.cos * x - self.sin * y + self.dx_um),
            y_um: rounded(self.sin * x + self.cos * y + self.dy_um),
        }
    }

    /// Where a point of the page lies in the pattern, to the nearest micrometre: the inverse.
    ///
    /// A registration that shrinks the pattern to nothing has no inverse; the answer is then some
    /// point.
    pub fn to_pattern(&self, point: PagePoint) -> PatternPoint {
        let (x, y) = (f64::from(point.x_um) - self.dx_um, f64::from(point.y_um) - self.dy_um);
        // The determinant of scale · rotation is the scale squared.
        let determinant = self.cos * self.cos + self.sin * self.sin;
        PatternPoint {
            x_um: rounded((self.cos * x + self.sin * y) / determinant),
            y_um: rounded((self.cos * y - self.sin * x) / determinant),
        }
    }
}

/// No page is as large. A sound chunk of a broken or hostile pen holds any `i32`.
const FURTHEST_UM: f64 = 500_000_000.0;

/// `as` turns NaN into 0.
fn rounded(um: f64) -> i32 {
    um.round().clamp(-FURTHEST_UM, FURTHEST_UM) as i32
}
