use proptest::prelude::*;

use super::*;

/// The other way, as `Registration` documents it.
fn to_page(registration: &Registration, pattern: Point) -> Point {
    let angle = f64::from(registration.rotation_urad) * 1e-6;
    let scale = 1.0 + f64::from(registration.scale_ppm) * 1e-6;
    let (x, y) = (pattern.x, pattern.y);
    Point::new(
        scale * (x * angle.cos() - y * angle.sin()) + f64::from(registration.dx_um),
        scale * (x * angle.sin() + y * angle.cos()) + f64::from(registration.dy_um),
    )
}

proptest! {
    #[test]
    fn pattern_and_page_undo_each_other(
        x in 0.0..210_000.0, y in 0.0..297_000.0,
        dx_um in -5_000..5_000, dy_um in -5_000..5_000,
        rotation_urad in -20_000..20_000, scale_ppm in -5_000..5_000,
    ) {
        let registration = Registration { version: 1, dx_um, dy_um, rotation_urad, scale_ppm };
        let page = Point::new(x, y);
        let back = to_page(&registration, to_pattern(&registration, page));
        prop_assert!(back.distance(page) < 0.01, "{back:?}");
    }
}
