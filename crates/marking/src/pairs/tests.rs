use super::*;
use crate::hand::{Hand, rect};

/// Three things on each side, the rings 60 mm apart and 13 mm below each other.
fn rings() -> Vec<Bubble> {
    let column = |first: char, x: i32| {
        (first..)
            .zip(0..3)
            .map(move |(letter, row)| Bubble { letter, rect: rect(x, 20 + 13 * row, 3, 3) })
    };
    column('1', 40).chain(column('A', 100)).collect()
}

fn check(hand: &Hand, pairs: &str, review: Option<Review>) {
    let placed = hand.placed();
    let joined = join(&rings(), &placed.iter().collect::<Vec<_>>());
    let told: Vec<String> = joined.pairs.iter().map(|(a, b)| format!("{a}{b}")).collect();
    assert_eq!((told.join(" ").as_str(), joined.review), (pairs, review));
}

#[test]
fn lines_join_what_they_end_at_wherever_they_begin() {
    let mut hand = Hand::new(1);
    hand.line(&[(41.5, 21.5), (101.5, 34.5)]).line(&[(96.0, 23.0), (46.0, 33.5)]);
    hand.line(&[(38.0, 48.0), (72.0, 49.0), (108.0, 46.5)]);
    check(&hand, "1B 2A 3C", None);
}

#[test]
fn a_line_of_two_strokes_is_one() {
    let mut hand = Hand::new(1);
    hand.line(&[(41.5, 21.5), (70.0, 28.0)]).line(&[(70.8, 28.1), (101.5, 34.5)]);
    check(&hand, "1B", None);
}

#[test]
fn what_is_no_line_or_ends_between_two_is_for_a_person() {
    let mut between = Hand::new(1);
    between.line(&[(41.5, 21.5), (101.5, 28.0)]);
    check(&between, "", Some(Review::OutOfAlphabet));
    let mut crossed = Hand::new(1);
    crossed.line(&[(41.5, 21.5), (101.5, 34.5)]).scribble(60.0, 24.0, 12.0, 6.0);
    check(&crossed, "1B", Some(Review::OutOfAlphabet));
    let mut twice = Hand::new(1);
    twice.line(&[(41.5, 21.5), (101.5, 34.5)]).line(&[(41.5, 21.5), (101.5, 47.5)]);
    check(&twice, "1B 1C", Some(Review::TwoAnswers));
    let mut taps = Hand::new(1);
    taps.dot(60.0, 30.0);
    check(&taps, "", None);
}
