use super::*;
use crate::hand::Hand;

/// A bracket from (x, top) to (x, low), its middle `bow` to the right.
fn bracket(hand: &mut Hand, x: f64, bow: f64) {
    let arc: Vec<(f64, f64)> = (0..=12)
        .map(|i| f64::from(i) / 12.0)
        .map(|t| (x + 4.0 * t * (1.0 - t) * bow, -0.5 + 6.0 * t))
        .collect();
    hand.line(&arc);
}

fn check(hand: &Hand, taken: Option<&[usize]>) {
    let placed = hand.placed();
    let all: Vec<usize> = (0..placed.len()).collect();
    let found = bracketed(&all, &placed.iter().collect::<Vec<_>>()).map(|mut found| {
        found.sort_unstable();
        found
    });
    assert_eq!(found.as_deref(), taken);
}

#[test]
fn what_was_put_in_brackets_is_taken_back() {
    let mut hand = Hand::new(1);
    hand.zero(0.0, 0.0).seven(4.0, 0.0);
    bracket(&mut hand, -0.8, -1.2);
    bracket(&mut hand, 8.0, 1.2);
    hand.four(11.0, 0.0);
    check(&hand, Some(&[0, 1, 2, 3]));
}

#[test]
fn square_brackets_are_brackets() {
    let mut hand = Hand::new(1);
    hand.zero(0.0, 0.0).seven(4.0, 0.0);
    hand.line(&[(-0.2, -0.5), (-1.2, -0.5), (-1.2, 5.5), (-0.2, 5.5)]);
    hand.line(&[(7.4, -0.5), (8.4, -0.5), (8.4, 5.5), (7.4, 5.5)]);
    check(&hand, Some(&[0, 1, 2, 3]));
}

#[test]
fn digits_are_no_brackets() {
    let mut hand = Hand::new(1);
    hand.one(0.0, 0.0).zero(2.0, 0.0).seven(6.0, 0.0).four(10.0, 0.0);
    check(&hand, None);
    // Written in a row, not around what stood there.
    let mut row = Hand::new(1);
    bracket(&mut row, -0.8, -1.2);
    row.zero(0.0, 0.0);
    bracket(&mut row, 4.0, 1.2);
    check(&row, None);
    let mut one_side = Hand::new(1);
    one_side.zero(0.0, 0.0);
    bracket(&mut one_side, 4.0, 1.2);
    check(&one_side, None);
}

/// Drawn in a row, as `(83)` is.
#[test]
fn brackets_stand_around_whenever_they_were_drawn() {
    let around = |write: &dyn Fn(&mut Hand)| {
        let mut hand = Hand::new(1);
        write(&mut hand);
        let placed = hand.placed();
        stand_around(&placed.iter().collect::<Vec<_>>())
    };
    assert!(around(&|h| {
        bracket(h, -0.8, -0.9);
        h.zero(0.0, 0.0).seven(4.0, 0.0);
        bracket(h, 8.0, 0.9);
    }));
    // A wrong answer in brackets, and another behind it.
    assert!(around(&|h| {
        bracket(h, -0.8, -0.9);
        h.zero(0.0, 0.0);
        bracket(h, 4.0, 0.9);
        h.four(6.0, 0.0).seven(10.0, 0.0);
    }));
    assert!(!around(&|h| {
        h.one(0.0, 0.0).zero(2.0, 0.0).one(6.0, 0.0);
    }));
    // Bowed 1s, both as one hand writes them.
    assert!(!around(&|h| {
        bracket(h, 0.0, 0.9);
        h.zero(2.0, 0.0);
        bracket(h, 6.0, 0.9);
    }));
}
