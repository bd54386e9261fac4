use worksheet::PatternPoint;

use super::*;
use crate::hand::{Hand, PLAIN, sheet};

/// Answers in five fields of the sheet, all off by (x, y) millimetres.
fn answers(x: f64, y: f64) -> PageInk {
    let mut hand = Hand::new(1);
    hand.four(25.0 + x, 22.5 + y).seven(29.0 + x, 22.5 + y).wait(6_000);
    hand.zero(25.0 + x, 42.5 + y).wait(6_000);
    hand.scribble(33.0 + x, 60.6 + y, 3.0, 2.6).wait(6_000);
    hand.tick(126.0 + x, 27.0 + y).wait(6_000);
    hand.zero(125.5 + x, 42.0 + y);
    PageInk { pupil: hand.strokes, red: Vec::new() }
}

fn learnt(pages: &[PageInk]) -> Learned {
    learn_registration(&sheet(), 1, &PLAIN, &pages.iter().collect::<Vec<_>>())
}

#[test]
fn ink_that_lies_in_its_fields_changes_nothing_and_little_ink_says_nothing() {
    let fits: Vec<PageInk> = (0..8).map(|_| answers(0.0, 0.0)).collect();
    assert_eq!(learnt(&fits), Learned::AsGiven);
    assert_eq!(learnt(&[answers(0.0, 6.0)]), Learned::AsGiven);
    assert_eq!(learnt(&[]), Learned::AsGiven);
}

#[test]
fn ink_that_lies_off_its_fields_says_where_they_are() {
    for (x, y) in [(0.0, 5.0), (0.0, -5.0), (4.0, 4.0), (-5.0, -3.0)] {
        let pages: Vec<PageInk> = (0..8).map(|_| answers(x, y)).collect();
        let Learned::Found(found) = learnt(&pages) else { panic!("{:?}", learnt(&pages)) };
        assert_eq!(found.version, PLAIN.version + 1);
        // Bubbles and brackets tell to a millimetre, in which reading does not change.
        let middle = PatternPoint { x_um: 80_000, y_um: 40_000 };
        let placed = Placement::new(&found).to_page(middle);
        let off = |um: i32, from: i32, mm: f64| f64::from(um - from) / 1_000.0 + mm;
        let (dx, dy) = (off(placed.x_um, middle.x_um, x), off(placed.y_um, middle.y_um, y));
        assert!(dx.abs() < 2.0 && dy.abs() < 1.5, "{x} {y}: {dx} {dy}");
    }
}

#[test]
fn ink_that_lies_nowhere_near_is_ambiguous_or_changes_nothing() {
    let pages: Vec<PageInk> = (0..8).map(|_| answers(60.0, 130.0)).collect();
    assert!(!matches!(learnt(&pages), Learned::Found(_)), "{:?}", learnt(&pages));
}

#[test]
fn what_stands_in_one_place_of_many_copies_says_nothing() {
    let pages: Vec<PageInk> = (0..40)
        .map(|_| {
            let mut hand = Hand::new(1);
            hand.line(&[(24.0, 53.0), (43.5, 53.0)]);
            PageInk { pupil: hand.strokes, red: Vec::new() }
        })
        .collect();
    assert_eq!(learnt(&pages), Learned::Ambiguous);
}

#[test]
fn a_pose_and_its_registration_move_ink_to_the_same_place() {
    let given =
        Registration { version: 3, dx_um: 420, dy_um: -650, rotation_urad: 1_800, scale_ppm: -500 };
    let pose = Pose { dx_um: 3_000.0, dy_um: -2_000.0, turn: 0.02, scale: 0.01 };
    let middle = (100_000.0, 150_000.0);
    let found = Placement::new(&pose.after(&given, middle));
    for point in [(0, 0), (200_000, 10_000), (30_000, 280_000)] {
        let thought = Placement::new(&given).to_page(point.into());
        let thought = (f64::from(thought.x_um), f64::from(thought.y_um));
        let (x, y) = pose.point(thought, middle);
        let placed = found.to_page(point.into());
        let off = (x - f64::from(placed.x_um)).hypot(y - f64::from(placed.y_um));
        assert!(off < 3.0, "{point:?}: {off} µm");
    }
}

#[test]
fn one_page_of_answers_off_their_fields_is_noticed() {
    let misplaced = |ink: &PageInk| {
        let sheet = sheet();
        let parts: Vec<PartOf<'_>> = sheet.questions_on(1).flat_map(Question::each).collect();
        is_misplaced(&parts, &place(&ink.pupil, &Placement::new(&PLAIN)))
    };
    assert!(!misplaced(&answers(0.0, 0.0)));
    let mut six = answers(0.0, 8.0);
    six.pupil.extend(Hand::new(3).four(28.0, 52.0).strokes.clone());
    let mut hand = Hand::new(5);
    hand.wait(600_000).zero(25.0, 30.5).wait(6_000).zero(35.0, 50.5);
    six.pupil.extend(hand.strokes);
    assert!(misplaced(&six));
}
