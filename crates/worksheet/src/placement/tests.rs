use proptest::prelude::*;

use super::*;

fn registration(dx_um: i32, dy_um: i32, rotation_urad: i32, scale_ppm: i32) -> Registration {
    Registration { version: 1, dx_um, dy_um, rotation_urad, scale_ppm }
}

fn check(registration: &Registration, pattern: (i32, i32), page: (i32, i32)) {
    let placement = Placement::new(registration);
    let on_page = placement.to_page(PatternPoint { x_um: pattern.0, y_um: pattern.1 });
    assert_eq!((on_page.x_um, on_page.y_um), page);
}

#[test]
fn offset_scale_and_rotation_apply_in_that_sense() {
    check(&registration(0, 0, 0, 0), (123, -456), (123, -456));
    check(&registration(0, 0, 0, 1_000), (100_000, 200_000), (100_100, 200_200));
    // A quarter turn clockwise takes the right to below.
    check(&registration(0, 0, 1_570_796, 0), (10_000, 0), (0, 10_000));
    // The offset is added on the page, after scale and rotation.
    check(&registration(5, 7, 1_570_796, 1_000_000), (10_000, 0), (5, 20_007));
}

#[test]
fn a_registration_without_inverse_still_gives_a_point() {
    let nothing = Placement::new(&registration(0, 0, 0, -1_000_000));
    nothing.to_pattern(PagePoint { x_um: 1, y_um: 2 });
    assert_eq!(
        nothing.to_page(PatternPoint { x_um: i32::MAX, y_um: i32::MIN }),
        PagePoint { x_um: 0, y_um: 0 }
    );
}

#[test]
fn points_at_the_limits_of_a_chunk_keep_a_distance_that_can_be_counted() {
    let turned = Placement::new(&registration(i32::MAX, i32::MIN, 785_398, 900_000));
    for (x_um, y_um) in [(i32::MIN, i32::MIN), (i32::MAX, i32::MIN), (i32::MAX, i32::MAX)] {
        let point = turned.to_page(PatternPoint { x_um, y_um });
        for um in [point.x_um, point.y_um] {
            assert!(um.checked_mul(4).is_some(), "{point:?}");
        }
    }
}

proptest! {
    #[test]
    fn pattern_to_page_and_back_is_the_same_to_a_micrometre(
        x_um in -500_000..500_000, y_um in -500_000..500_000,
        dx_um in -20_000..20_000, dy_um in -20_000..20_000,
        rotation_urad in -50_000..50_000, scale_ppm in -5_000..5_000,
    ) {
        let placement = Placement::new(&registration(dx_um, dy_um, rotation_urad, scale_ppm));
        let back = placement.to_pattern(placement.to_page(PatternPoint { x_um, y_um }));
        prop_assert!((back.x_um - x_um).abs() <= 1 && (back.y_um - y_um).abs() <= 1);
    }
}
