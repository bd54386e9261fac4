use super::*;

fn bounds(left: f64, top: f64, right: f64, bottom: f64) -> Bounds {
    Bounds { left, top, right, bottom }
}

/// An answer of 4 × 5 mm.
fn size() -> Bounds {
    bounds(0.0, 0.0, 4_000.0, 5_000.0)
}

#[test]
fn careful_ink_is_held_within_its_room() {
    let room = bounds(0.0, 0.0, 20_000.0, 10_000.0);
    let held = held_within(Point::new(19_500.0, -3_000.0), &size(), &room);
    assert_eq!(held, Point::new(18_000.0, 2_500.0));
    let narrow = bounds(0.0, 0.0, 3_000.0, 10_000.0);
    assert_eq!(held_within(Point::new(2_900.0, 5_000.0), &size(), &narrow).x, 1_500.0);
}

#[test]
fn the_second_answer_goes_to_the_right_if_there_is_room() {
    let field = bounds(0.0, 0.0, 26_000.0, 12_000.0);
    let crossed = bounds(6_000.0, 3_000.0, 11_000.0, 9_000.0);
    let place = beside(&size(), &crossed, &field, &[]).unwrap();
    assert_eq!(place, Point::new(14_500.0, 6_000.0));
}

#[test]
fn the_second_answer_goes_to_the_left_if_only_there_is_room() {
    let field = bounds(0.0, 0.0, 26_000.0, 12_000.0);
    let crossed = bounds(12_000.0, 3_000.0, 24_000.0, 9_000.0);
    let place = beside(&size(), &crossed, &field, &[]).unwrap();
    assert_eq!(place, Point::new(8_500.0, 6_000.0));
}

#[test]
fn the_second_answer_avoids_other_fields() {
    let field = bounds(0.0, 0.0, 10_000.0, 10_000.0);
    let crossed = bounds(2_000.0, 2_000.0, 8_000.0, 8_000.0);
    let free = beside(&size(), &crossed, &field, &[]).unwrap();
    let taken = [field.grown(20_000.0)];
    assert!(beside(&size(), &crossed, &field, &taken).is_none());
    let right = [bounds(10_500.0, 0.0, 20_000.0, 10_000.0)];
    assert_ne!(beside(&size(), &crossed, &field, &right).unwrap(), free);
}

#[test]
fn a_crossed_out_answer_is_covered() {
    let mut random = Random::stream(3, &["test"]);
    let earlier = bounds(1_000.0, 1_000.0, 9_000.0, 6_000.0);
    for _ in 0..100 {
        let ink = scribble::cross_out(&earlier, &mut random).bounds().unwrap();
        let width = ink.right.min(earlier.right) - ink.left.max(earlier.left);
        let height = ink.bottom.min(earlier.bottom) - ink.top.max(earlier.top);
        let covered = width * height / (earlier.width() * earlier.height());
        assert!(covered > 0.6, "{covered}");
    }
}

#[test]
fn a_filled_bubble_is_filled_and_not_left() {
    use crate::persona::Fill;
    let mut random = Random::stream(3, &["test"]);
    let bubble = bounds(0.0, 0.0, 5_400.0, 3_800.0);
    for way in [Fill::Level, Fill::Slanting, Fill::Spiral] {
        for _ in 0..50 {
            let fill = scribble::fill(&bubble, way, &mut random);
            let ink = fill.bounds().unwrap();
            assert!(ink.width() > 0.6 * bubble.width() && ink.height() > 0.55 * bubble.height());
            let room = bubble.grown(900.0);
            assert!(ink.left > room.left && ink.right < room.right, "{way:?} {ink:?}");
            assert!(ink.top > room.top && ink.bottom < room.bottom, "{way:?} {ink:?}");
            // Lines half a millimetre apart, each about as long as the bubble is wide.
            let path = &fill.strokes[0];
            let length: f64 = path.windows(2).map(|w| w[0].distance(w[1])).sum();
            assert!(length > 14_000.0, "{way:?} {length}");
        }
    }
}
