//! A small movement of the page.

use worksheet::Registration;

use crate::bounds::Bounds;

/// Where ink lies truly, as a movement from where it was thought to lie: turned and scaled about
/// the middle of the page's fields, then moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pose {
    pub(super) dx_um: f64,
    pub(super) dy_um: f64,
    /// Clockwise, radians.
    pub(super) turn: f64,
    /// Scale minus one.
    pub(super) scale: f64,
}

impl Pose {
    pub(super) const NONE: Self = Self { dx_um: 0.0, dy_um: 0.0, turn: 0.0, scale: 0.0 };

    /// Where a box lies by this pose; `middle` is the point about which it turns. The box's size
    /// does not change: poses are small.
    pub(super) fn apply(&self, bounds: &Bounds, middle: (f64, f64)) -> Bounds {
        let (x, y) =
            ((bounds.left + bounds.right) as f64 / 2.0, (bounds.top + bounds.bottom) as f64 / 2.0);
        let (px, py) = self.point((x, y), middle);
        let (dx, dy) = ((px - x).round() as i64, (py - y).round() as i64);
        Bounds {
            left: bounds.left + dx,
            right: bounds.right + dx,
            top: bounds.top + dy,
            bottom: bounds.bottom + dy,
        }
    }

    /// Where a point lies by this pose.
    pub(super) fn point(&self, (x, y): (f64, f64), middle: (f64, f64)) -> (f64, f64) {
        let (sin, cos) = self.turn.sin_cos();
        let (x, y) = (x - middle.0, y - middle.1);
        let scale = 1.0 + self.scale;
        (
            scale * (cos * x - sin * y) + middle.0 + self.dx_um,
            scale * (sin * x + cos * y) + middle.1 + self.dy_um,
        )
    }

    /// The registration that places ink where this pose moves it from where `given` placed it.
    pub(super) fn after(&self, given: &Registration, middle: (f64, f64)) -> Registration {
        let (x, y) = self.point((f64::from(given.dx_um), f64::from(given.dy_um)), middle);
        let scale = (1.0 + f64::from(given.scale_ppm) / 1e6) * (1.0 + self.scale) - 1.0;
        Registration {
            version: given.version.saturating_add(1),
            dx_um: x.round() as i32,
            dy_um: y.round() as i32,
            rotation_urad: given.rotation_urad.saturating_add((self.turn * 1e6).round() as i32),
            scale_ppm: (scale * 1e6).round() as i32,
        }
    }
}
