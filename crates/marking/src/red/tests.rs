use super::*;
use crate::hand::{Hand, rect};

/// Two answers in a row, one below the first, and a free one with a score box.
fn targets() -> Vec<Target> {
    let plain = |r| Target { bounds: Bounds::of(r), ink: None, score_boxes: Vec::new() };
    vec![
        plain(rect(20, 20, 20, 9)),
        plain(rect(80, 20, 20, 9)),
        plain(rect(20, 34, 20, 9)),
        Target {
            bounds: Bounds::of(rect(20, 80, 150, 60)),
            ink: None,
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
        &[
            (At::Question(0), Says::Tick),
            (At::Question(1), Says::Cross),
            (At::Question(2), Says::Tick),
        ],
    );
}

#[test]
fn a_mark_far_from_every_question_is_loose() {
    let mut hand = Hand::new(2);
    hand.tick(60.0, 25.0).cross(100.0, 200.0).dot(25.0, 25.0);
    let found: Vec<At> = marks(&hand).into_iter().map(|m| m.at).collect();
    assert_eq!(found, [At::Nowhere; 3]);
}

#[test]
fn a_mark_between_two_rows_is_nobodys_for_sure() {
    let mut hand = Hand::new(2);
    hand.tick(45.0, 31.8);
    let found = marks(&hand);
    assert!(matches!(found[0].at, At::Between(0, 2) | At::Between(2, 0)), "{found:?}");
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
    check(&hand, &[(At::Question(1), Says::Unclear)]);
}

#[test]
fn digits_in_the_score_box_are_points() {
    let mut hand = Hand::new(2);
    hand.seven(154.0, 68.0);
    check(&hand, &[(At::Question(3), Says::Score("7".into()))]);
    // Corrected: the last stands.
    hand.scribble(153.5, 68.0, 4.0, 5.0).wait(2_000).four(159.5, 68.0);
    check(&hand, &[(At::Question(3), Says::Score("4".into()))]);
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
    assert_eq!(looked(hand.ellipse(26.0, 24.5, 5.0, 4.0)), Some(At::Question(0)));
    let mut hand = Hand::new(2);
    assert_eq!(looked(hand.line(&[(82.0, 28.4), (90.0, 28.0)])), Some(At::Question(1)));
    let mut hand = Hand::new(2);
    let both = looked(hand.ellipse(26.0, 32.0, 7.0, 14.0));
    assert!(matches!(both, Some(At::Between(0, 2))), "{both:?}");
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
