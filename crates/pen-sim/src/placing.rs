//! From the artwork to the coded pattern under it.

use worksheet::Registration;

use crate::path::Point;

#[cfg(test)]
mod tests;

/// Where a point of the page lies on the pattern, in micrometres: the inverse of the run's
/// registration (page = scale · rotation · pattern + offset, the rotation clockwise).
pub(crate) fn to_pattern(registration: &Registration, page: Point) -> Point {
    let angle = f64::from(registration.rotation_urad) * 1e-6;
    let scale = 1.0 + f64::from(registration.scale_ppm) * 1e-6;
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let x = (page.x - f64::from(registration.dx_um)) / scale;
    let y = (page.y - f64::from(registration.dy_um)) / scale;
    // With y down, (cos, sin) turns clockwise; this turns back.
    Point::new(x * cos + y * sin, y * cos - x * sin)
}
