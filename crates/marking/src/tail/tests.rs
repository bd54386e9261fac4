use super::*;
use crate::hand::Hand;

/// A percent sign, 4 × 5 mm, its top left at (x, y).
fn sign(hand: &mut Hand, x: f64, y: f64) -> &mut Hand {
    hand.ellipse(x + 0.8, y + 1.0, 0.8, 1.0).line(&[(x + 3.4, y), (x + 0.6, y + 5.0)]).ellipse(
        x + 3.2,
        y + 4.0,
        0.8,
        1.0,
    )
}

fn found(write: impl Fn(&mut Hand)) -> Option<Vec<usize>> {
    let mut hand = Hand::new(1);
    write(&mut hand);
    let placed = hand.placed();
    percent(&placed.iter().collect::<Vec<_>>())
}

#[test]
fn a_percent_sign_is_two_rings_and_a_slash_at_the_end() {
    let after = |hand: &mut Hand| {
        sign(hand.seven(10.0, 10.0), 15.0, 10.0);
    };
    assert_eq!(found(after), Some(vec![1, 2, 3]));
    // The slash first, and a point in the number.
    let slash_first = |hand: &mut Hand| {
        hand.one(10.0, 10.0).dot(11.0, 15.0).zero(12.5, 10.0);
        hand.line(&[(20.4, 10.0), (17.6, 15.0)]);
        hand.ellipse(17.8, 11.0, 0.8, 1.0).ellipse(20.2, 14.0, 0.8, 1.0);
    };
    assert_eq!(found(slash_first), Some(vec![3, 4, 5]));
}

#[test]
fn what_only_resembles_a_percent_sign_is_none() {
    let alone = |hand: &mut Hand| {
        sign(hand, 15.0, 10.0);
    };
    assert_eq!(found(alone), None, "no number before it");
    let before = |hand: &mut Hand| {
        sign(hand, 10.0, 10.0).seven(16.0, 10.0);
    };
    assert_eq!(found(before), None, "a number behind it");
    let number = |hand: &mut Hand| {
        hand.one(10.0, 10.0).zero(12.0, 10.0).zero(16.0, 10.0);
    };
    assert_eq!(found(number), None);
    let fraction = |hand: &mut Hand| {
        hand.seven(6.0, 10.0).one(10.0, 10.0).line(&[(15.0, 9.0), (12.0, 16.0)]).four(15.0, 12.0);
    };
    assert_eq!(found(fraction), None);
    let tall = |hand: &mut Hand| {
        hand.one(8.0, 10.0).zero(10.0, 9.0).line(&[(17.0, 9.0), (13.5, 16.0)]).zero(16.0, 12.0);
    };
    assert_eq!(found(tall), None, "0/0: rings as tall as digits");
}
