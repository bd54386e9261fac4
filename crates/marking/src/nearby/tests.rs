use super::*;
use crate::hand::{Hand, rect};

/// Two fields in a row, and one under the first.
fn fields() -> Vec<Bounds> {
    [rect(20, 20, 20, 9), rect(110, 20, 20, 9), rect(20, 40, 20, 9)].map(Bounds::of).to_vec()
}

/// The fields that a hand's ink may belong to, and the one it does; `answered` want none.
fn check(hand: &Hand, answered: &[usize], may: &[usize], one: Option<usize>) {
    let (placed, all) = (hand.placed(), fields());
    let found = pieces(&placed.iter().collect::<Vec<_>>());
    assert_eq!(found.len(), 1, "{found:?}");
    let open: Vec<(usize, Bounds)> =
        all.iter().copied().enumerate().filter(|(i, _)| !answered.contains(i)).collect();
    let near = may_belong(found[0].bounds, &open, &all);
    assert_eq!((near.as_slice(), nearest(found[0].bounds, &near, &all)), (may, one));
}

#[test]
fn ink_belongs_to_the_field_that_it_stands_by() {
    let mut right = Hand::new(1);
    right.four(42.0, 22.0).seven(46.0, 22.0);
    check(&right, &[], &[0, 2, 1], Some(0));
    check(&right, &[0], &[2, 1], None);
    let mut between = Hand::new(1);
    between.seven(25.0, 32.0);
    check(&between, &[], &[0, 2], None);
    check(&between, &[2], &[0], Some(0));
}

#[test]
fn ink_in_a_row_belongs_to_it_but_not_past_another_field() {
    let mut option = Hand::new(1);
    option.zero(90.0, 27.0);
    check(&option, &[1], &[0, 2], None);
    check(&option, &[1, 2], &[0], None);
    let mut beyond = Hand::new(1);
    beyond.zero(150.0, 22.0);
    check(&beyond, &[1, 2], &[], None);
}

#[test]
fn ink_far_from_every_field_is_nobodys() {
    let mut hand = Hand::new(1);
    hand.zero(60.0, 200.0);
    check(&hand, &[], &[], None);
}

#[test]
fn taps_are_no_pieces_and_strokes_that_stand_together_are_one() {
    let mut hand = Hand::new(1);
    hand.dot(60.0, 22.0).line(&[(70.0, 22.0), (70.8, 22.4)]);
    let placed = hand.placed();
    assert_eq!(pieces(&placed.iter().collect::<Vec<_>>()), []);
    hand.zero(60.0, 22.0).wait(60_000).zero(70.0, 22.0).zero(65.0, 22.0);
    let placed = hand.placed();
    let found = pieces(&placed.iter().collect::<Vec<_>>());
    assert_eq!(found.iter().map(|p| p.strokes.clone()).collect::<Vec<_>>(), [[0, 1, 2, 3, 4]]);
}
