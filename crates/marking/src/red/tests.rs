use super::*;
use crate::hand::{Hand, rect};

/// Two answers in a row, one below the first, and a free one with a score box.
fn targets() -> Vec<Target> {
    let plain = |question, r| Target {
        bounds: Bounds::of(r),
        ink: None,
        question,
        score_boxes: Vec::new(),
    };
    vec![
        plain(0, rect(20, 20, 20, 9)),
        plain(1, rect(80, 20, 20, 9)),
        plain(2, rect(20, 34, 20, 9)),
        Target {
            bounds: Bounds::of(rect(20, 80, 150, 60)),
            ink: None,
            question: 3,
            score_boxes: vec![Bounds::of(rect(150, 66, 14, 10))],
        },
    ]
}

fn marks(hand: &Hand) -> Vec<RedMark> {
    let recognizer = recognition::Recognizer::embedded();
    let mut scratch = recognition::Scratch::new();
    let thresholds = &Thresholds {
        red_min: 0.5,
        decide_min: 0.3,
        decide_number_min: 0.3,
        ..Thresholds::STANDARD
    };
    Reader { recognizer: &recognizer, thresholds, scratch: &mut scratch }
        .marks(&hand.placed(), &targets())
}

fn check(hand: &Hand, expect: &[(At, Says)]) {
    let found: Vec<(At, Says)> = marks(hand).into_iter().map(|m| (m.at, m.says)).collect();
    assert_eq!(found, expect);
}

#[test]
fn marks_bind_to_the_question_they_touch_or_stand_beside() {
    let mut hand = Hand::new(2);
    hand.tick(38.0, 27.0).cross(90.0, 25.0).tick(44.0, 39.0);
    check(
        &hand,
        &[(At::Answer(0), Says::Tick), (At::Answer(1), Says::Cross), (At::Answer(2), Says::Tick)],
    );
}

/// Where a single tick stands.
fn ticked(x: f64, y: f64, targets: &[Target]) -> At {
    let mut hand = Hand::new(2);
    hand.tick(x, y);
    let recognizer = recognition::Recognizer::embedded();
    let mut scratch = recognition::Scratch::new();
    let thresholds = &Thresholds { red_min: 0.5, ..Thresholds::STANDARD };
    let marks = Reader { recognizer: &recognizer, thresholds, scratch: &mut scratch }
        .marks(&hand.placed(), targets);
    assert_eq!((marks.len(), &marks[0].says), (1, &Says::Tick));
    marks[0].at.clone()
}

#[test]
fn a_mark_far_off_is_that_of_the_answer_in_whose_row_it_stands() {
    let of = |x, y| ticked(x, y, &targets());
    // Right of the first, over the sum of the second, at the paper's edge, in the left margin.
    assert_eq!(of(49.0, 25.0), At::Answer(0));
    assert_eq!(of(68.0, 25.0), At::Answer(1));
    assert_eq!(of(190.0, 25.0), At::Answer(1));
    assert_eq!(of(150.0, 39.0), At::Answer(2));
    assert_eq!(of(8.0, 25.0), At::Answer(0));
    assert_eq!(of(8.0, 120.0), At::Answer(3));
}

#[test]
fn a_mark_that_may_be_of_several_is_not_dropped() {
    let of = |x, y| ticked(x, y, &targets());
    // Between two answers of a row, between two rows, under the last row.
    assert_eq!(of(60.0, 25.0), At::AnyOf(vec![0, 1]));
    let between = of(45.0, 31.8);
    assert!(
        matches!(&between, At::AnyOf(all) if all.contains(&0) && all.contains(&2)),
        "{between:?}"
    );
    assert_eq!(of(30.0, 62.0), At::AnyOf(vec![3, 2]));
}

#[test]
fn a_mark_that_touches_none_of_a_question_names_none() {
    let mut targets = targets();
    targets[1].question = 0;
    let all = vec![0, 1];
    let of = |x, y| ticked(x, y, &targets);
    assert_eq!(of(90.0, 25.0), At::Answer(1));
    assert_eq!(of(105.0, 25.0), At::Question { nearest: 1, all: all.clone() });
    assert_eq!(of(150.0, 25.0), At::Question { nearest: 1, all: all.clone() });
    assert_eq!(of(8.0, 25.0), At::Question { nearest: 0, all });
}

#[test]
fn a_mark_near_no_question_is_loose() {
    let mut hand = Hand::new(2);
    hand.cross(100.0, 200.0).dot(25.0, 25.0);
    let found: Vec<At> = marks(&hand).into_iter().map(|m| m.at).collect();
    assert_eq!(found, [At::Nowhere, At::Nowhere]);
}

#[test]
fn a_word_in_a_row_is_no_tick_and_no_cross() {
    // A cross with other ink close to it, far from the answer of its row.
    let mut hand = Hand::new(2);
    hand.cross(150.0, 39.0).wait(300).zero(156.6, 36.5);
    let found: Vec<(Says, bool)> = marks(&hand).into_iter().map(|m| (m.says, m.aside)).collect();
    assert_eq!(found, [(Says::Unclear, true), (Says::Unclear, true)]);
}

#[test]
fn points_taken_off_are_those_of_the_tick_that_they_stand_by() {
    let mut hand = Hand::new(2);
    // Nearer to the second answer than to the first.
    hand.tick(49.0, 26.0).line(&[(57.0, 24.6), (59.4, 24.5)]).four(61.0, 22.0);
    check(&hand, &[(At::Answer(0), Says::Tick), (At::Answer(0), Says::Deduction("4".into()))]);
    // Under the tick's arm, in its box.
    let mut hand = Hand::new(2);
    hand.line(&[(36.5, 25.0), (38.0, 28.0), (46.0, 18.0)]);
    hand.line(&[(43.0, 25.6), (45.4, 25.5)]).four(47.0, 23.0);
    check(&hand, &[(At::Answer(0), Says::Tick), (At::Answer(0), Says::Deduction("4".into()))]);
}

#[test]
fn strokes_of_one_mark_stay_together_and_marks_apart() {
    let mut hand = Hand::new(2);
    hand.cross(30.0, 25.0).wait(2_000).cross(30.5, 25.5).wait(2_000).tick(92.0, 26.0);
    let found: Vec<Vec<usize>> = marks(&hand).into_iter().map(|m| m.strokes).collect();
    assert_eq!(found, [vec![0, 1], vec![2, 3], vec![4]]);
}

#[test]
fn a_remark_is_unclear() {
    let mut hand = Hand::new(2);
    hand.zero(90.0, 22.0);
    check(&hand, &[(At::Answer(1), Says::Unclear)]);
}

#[test]
fn digits_in_the_score_box_are_points() {
    let mut hand = Hand::new(2);
    hand.seven(154.0, 68.0);
    check(&hand, &[(At::Answer(3), Says::Score("7".into()))]);
    // Corrected: the last stands.
    hand.scribble(153.5, 68.0, 4.0, 5.0).wait(2_000).four(159.5, 68.0);
    check(&hand, &[(At::Answer(3), Says::Score("4".into()))]);
}

/// An answer of 6 × 5 mm stands in each of the short fields.
fn looked(hand: &Hand) -> Option<At> {
    let mut targets = targets();
    for target in &mut targets[..3] {
        let of = target.bounds;
        let (right, bottom) = (of.left + 9_000, of.top + 7_000);
        target.ink = Some(Bounds { left: of.left + 3_000, top: of.top + 2_000, right, bottom });
    }
    let placed = hand.placed();
    looked_at(&placed.iter().collect::<Vec<_>>(), &targets)
}

#[test]
fn a_ring_around_an_answer_or_a_line_under_it_points_at_it() {
    let mut hand = Hand::new(2);
    assert_eq!(looked(hand.ellipse(26.0, 24.5, 5.0, 4.0)), Some(At::Answer(0)));
    let mut hand = Hand::new(2);
    assert_eq!(looked(hand.line(&[(82.0, 28.4), (90.0, 28.0)])), Some(At::Answer(1)));
    let mut hand = Hand::new(2);
    let both = looked(hand.ellipse(26.0, 32.0, 7.0, 14.0));
    assert!(matches!(&both, Some(At::AnyOf(all)) if *all == [0, 2]), "{both:?}");
    // A 0 beside an answer, a tick over it, a minus before it.
    let none: [fn(&mut Hand) -> &mut Hand; 3] = [
        |hand| hand.zero(32.0, 22.0),
        |hand| hand.tick(27.0, 26.0),
        |hand| hand.line(&[(41.0, 25.0), (44.0, 25.0)]),
    ];
    for write in none {
        assert_eq!(looked(write(&mut Hand::new(2))), None);
    }
}
