use super::*;
use crate::hand::Hand;

fn check(hand: &Hand, usual_gap: Option<f64>, two: bool) {
    let placed = hand.placed();
    assert_eq!(are_two(&placed.iter().collect::<Vec<_>>(), usual_gap), two);
}

#[test]
fn a_number_is_one_answer_however_its_writer_spaces_it() {
    let mut hand = Hand::new(1);
    hand.four(0.0, 0.0).seven(4.0, 0.0).dot(8.0, 4.8);
    check(&hand, None, false);
    check(&hand, Some(0.1), false);
    let mut wide = Hand::new(1);
    wide.four(0.0, 0.0).seven(8.0, 0.0);
    check(&wide, None, false);
    check(&wide, Some(0.9), false);
    check(&wide, Some(0.2), true);
}

#[test]
fn a_wide_gap_parts_two_answers() {
    let mut hand = Hand::new(1);
    hand.four(0.0, 0.0).seven(4.0, 0.0).four(14.0, 0.0).one(18.0, 0.0);
    check(&hand, None, true);
    check(&hand, Some(0.2), true);
    // Less than a digit's height, but much wider than its other gaps.
    let mut same = Hand::new(1);
    same.four(0.0, 0.0).seven(3.8, 0.0).four(10.5, 0.0).seven(14.3, 0.0);
    check(&same, None, true);
    check(&same, Some(0.2), true);
    check(&same, Some(0.3), false);
    let mut pair = Hand::new(1);
    pair.four(0.0, 0.0).four(7.7, 0.0);
    check(&pair, Some(0.2), true);
}

#[test]
fn a_pause_parts_two_answers_that_stand_apart() {
    let write = |pause_ms: i64, gap: f64| {
        let mut hand = Hand::new(1);
        hand.four(0.0, 0.0).wait(pause_ms).seven(3.0 + gap, 0.0);
        hand
    };
    check(&write(2_000, 2.5), None, false);
    check(&write(30_000, 0.8), None, false);
    check(&write(30_000, 2.5), None, true);
    check(&write(240_000, 0.8), None, true);
    // A tap later is no answer.
    let mut tap = Hand::new(1);
    tap.four(0.0, 0.0).wait(600_000).dot(9.0, 4.0);
    check(&tap, None, false);
}

#[test]
fn two_lines_are_two_answers_and_two_rings_an_eight() {
    let mut lines = Hand::new(1);
    lines.four(0.0, 0.0).seven(4.0, 0.0).four(0.0, 6.2).one(4.5, 6.2);
    check(&lines, None, true);
    let mut eight = Hand::new(1);
    eight.ellipse(1.5, 1.3, 1.2, 1.3).ellipse(1.5, 4.2, 1.4, 1.4);
    check(&eight, None, false);
}

#[test]
fn a_page_says_how_wide_its_gaps_are() {
    let mut hand = Hand::new(1);
    for x in [0.0, 4.0, 8.0, 12.0, 16.0] {
        hand.zero(x, 0.0);
    }
    let placed = hand.placed();
    let strokes: Vec<&Placed<'_>> = placed.iter().collect();
    let usual = usual_gap(std::iter::once(strokes.as_slice())).expect("four gaps");
    assert!((usual - 0.2).abs() < 0.02, "{usual}");
    assert_eq!(usual_gap(std::iter::once(&strokes[..3])), None);
}
