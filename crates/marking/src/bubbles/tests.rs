use super::*;
use crate::hand::{Hand, PLAIN, rect};

fn check(hand: &Hand, letter: Option<char>, review: Option<Review>, superseded: &[usize]) {
    let choice = chosen(hand, false);
    assert_eq!((choice.letters, choice.review), (letter.into_iter().collect(), review));
    assert_eq!(choice.superseded, superseded);
}

fn chosen(hand: &Hand, several: bool) -> Choice {
    let bubbles = [('A', 20), ('B', 32), ('C', 44)]
        .map(|(letter, x)| Bubble { letter, rect: rect(x, 60, 5, 4) });
    let placed = hand.placed();
    let strokes: Vec<&Placed<'_>> = placed.iter().collect();
    choose(
        &bubbles,
        several,
        &strokes,
        &Placement::new(&PLAIN),
        &Thresholds::STANDARD,
        &mut Coverage::new(),
    )
}

/// Fills the bubble whose left edge is at `x`.
fn fill(hand: &mut Hand, x: f64) {
    hand.scribble(x + 0.8, 60.6, 3.4, 2.8).scribble(x + 1.2, 60.8, 2.6, 2.4);
}

#[test]
fn one_bubble_is_filled() {
    let mut hand = Hand::new(1);
    fill(&mut hand, 32.0);
    check(&hand, Some('B'), None, &[]);
}

#[test]
fn no_ink_chooses_nothing() {
    check(&Hand::new(1), None, None, &[]);
    let mut taps = Hand::new(1);
    taps.dot(28.0, 60.0).line(&[(40.0, 62.0), (40.8, 62.5)]);
    check(&taps, None, None, &[]);
}

#[test]
fn a_mark_by_an_option_is_for_a_person() {
    let by = |write: fn(&mut Hand) -> &mut Hand, letter: char| {
        let mut hand = Hand::new(1);
        write(&mut hand);
        check(&hand, Some(letter), Some(Review::MarkedOtherwise), &[]);
    };
    by(|h| h.one(28.0, 60.0), 'A');
    by(|h| h.line(&[(31.0, 58.0), (34.5, 60.1), (38.0, 58.0)]), 'B');
    by(|h| h.tick(41.0, 63.5), 'B');
    by(|h| h.line(&[(50.0, 64.8), (58.0, 64.7)]), 'C');
    by(|h| h.ellipse(53.0, 62.0, 3.0, 2.5), 'C');
}

#[test]
fn a_ring_around_one_bubble_chooses_it() {
    let mut hand = Hand::new(1);
    hand.ellipse(34.5, 62.0, 3.6, 3.0);
    check(&hand, Some('B'), None, &[]);
    // A second ring says that neither is sure, and so does a filling elsewhere.
    let mut two = Hand::new(1);
    two.ellipse(34.5, 62.0, 3.6, 3.0).ellipse(46.5, 62.0, 3.6, 3.0);
    let choice = chosen(&two, false);
    assert_eq!(choice.review, Some(Review::MarkedOtherwise));
    assert_eq!(choice.letters, BTreeSet::from(['B', 'C']));
    fill(&mut hand, 20.0);
    check(&hand, Some('A'), Some(Review::TwoBubbles), &[]);
}

#[test]
fn a_line_under_text_does_not_change_what_is_filled() {
    let mut hand = Hand::new(1);
    fill(&mut hand, 32.0);
    hand.line(&[(50.0, 64.8), (58.0, 64.7)]);
    check(&hand, Some('B'), None, &[]);
    hand.tick(54.0, 63.5);
    check(&hand, Some('B'), Some(Review::TwoBubbles), &[]);
}

#[test]
fn a_light_touch_is_not_a_fill() {
    let mut hand = Hand::new(1);
    hand.line(&[(33.0, 61.0), (36.0, 63.0)]);
    check(&hand, Some('B'), Some(Review::LightBubble), &[]);
}

#[test]
fn a_touch_beside_a_fill_changes_nothing() {
    let mut hand = Hand::new(1);
    fill(&mut hand, 32.0);
    hand.line(&[(45.0, 61.5), (47.0, 62.0)]);
    check(&hand, Some('B'), None, &[]);
}

#[test]
fn two_filled_bubbles_are_for_a_person() {
    let mut hand = Hand::new(1);
    fill(&mut hand, 20.0);
    fill(&mut hand, 44.0);
    let mut backwards = Hand::new(1);
    fill(&mut backwards, 44.0);
    fill(&mut backwards, 20.0);
    check(&hand, Some('A'), Some(Review::TwoBubbles), &[]);
    check(&backwards, Some('A'), Some(Review::TwoBubbles), &[]);
}

#[test]
fn a_bubble_struck_out_does_not_count() {
    let mut hand = Hand::new(1);
    fill(&mut hand, 20.0);
    hand.line(&[(18.0, 63.0), (27.0, 61.0)]);
    check(&hand, None, Some(Review::CrossedOut), &[0, 1, 2]);
    fill(&mut hand, 44.0);
    check(&hand, Some('C'), None, &[0, 1, 2]);
}

#[test]
fn the_later_and_much_denser_of_two_counts() {
    let mut hand = Hand::new(1);
    hand.scribble(21.0, 61.0, 2.6, 2.0);
    for _ in 0..3 {
        fill(&mut hand, 32.0);
        hand.ellipse(34.5, 62.0, 2.2, 1.7);
    }
    check(&hand, Some('B'), None, &[]);
}

#[test]
fn a_bubble_crossed_with_two_lines_does_not_count() {
    let mut hand = Hand::new(1);
    fill(&mut hand, 20.0);
    hand.line(&[(19.4, 59.4), (25.6, 64.6)]).line(&[(25.6, 59.4), (19.4, 64.6)]);
    fill(&mut hand, 44.0);
    check(&hand, Some('C'), None, &[0, 1, 2, 3]);
}

#[test]
fn several_bubbles_may_be_filled_where_several_may_be_right() {
    let letters = |hand: &Hand| {
        let choice = chosen(hand, true);
        (choice.letters.into_iter().collect::<String>(), choice.review)
    };
    let mut hand = Hand::new(1);
    assert_eq!(letters(&hand), (String::new(), None));
    fill(&mut hand, 44.0);
    assert_eq!(letters(&hand), ("C".into(), None));
    fill(&mut hand, 20.0);
    assert_eq!(letters(&hand), ("AC".into(), None));
    let mut light = Hand::new(1);
    fill(&mut light, 44.0);
    light.line(&[(33.0, 61.0), (36.0, 63.0)]);
    assert_eq!(letters(&light), ("BC".into(), Some(Review::LightBubble)), "meant or not");
    hand.line(&[(18.0, 63.0), (27.0, 61.0)]);
    assert_eq!(letters(&hand), ("C".into(), None), "A was struck out");
}

/// Failure: A is filled, B is slashed, and A counts for certain.
#[test]
fn a_slash_through_another_bubble_than_the_filled_one_is_for_a_person() {
    let mut hand = Hand::new(1);
    fill(&mut hand, 20.0);
    hand.wait(2_000).line(&[(31.0, 64.6), (38.0, 59.4)]);
    check(&hand, Some('A'), Some(Review::TwoBubbles), &[]);
}

#[test]
fn a_bubble_blackened_far_beyond_its_edge_is_for_a_person() {
    let mut hand = Hand::new(1);
    fill(&mut hand, 20.0);
    hand.wait(2_000).scribble(18.2, 58.4, 8.6, 7.2);
    check(&hand, Some('A'), Some(Review::CrossedOut), &[]);
    // A careless filling goes beyond one side or two.
    let mut careless = Hand::new(1);
    careless.scribble(19.6, 60.2, 6.8, 3.8);
    check(&careless, Some('A'), None, &[]);
}

#[test]
fn a_short_stroke_in_a_bubble_is_not_blank() {
    let mut hand = Hand::new(1);
    hand.line(&[(33.0, 61.5), (34.2, 62.2)]);
    assert_eq!(chosen(&hand, false).review, Some(Review::LightBubble));
}
