use super::*;
use crate::hand::{Hand, rect};

/// Two fields in a row 40 mm apart, and a third close under the first.
fn regions() -> Vec<Bounds> {
    [rect(20, 20, 20, 9), rect(80, 20, 20, 9), rect(20, 31, 20, 9)].map(Bounds::of).to_vec()
}

fn check(hand: &Hand, homes: &[Home]) {
    assert_eq!(assign(&hand.placed(), &regions(), 1_250), homes);
}

#[test]
fn ink_in_a_field_is_its_own_and_ink_elsewhere_is_nobodys() {
    let mut hand = Hand::new(1);
    hand.one(25.0, 22.0).one(85.0, 22.0).one(150.0, 22.0).one(60.0, 22.0);
    check(&hand, &[Home::Region(0), Home::Region(1), Home::Nowhere, Home::Nowhere]);
}

#[test]
fn ink_that_sticks_out_stays_with_the_field_that_has_most_of_it() {
    let mut hand = Hand::new(1);
    // From 26 to 32 mm: a third of it lies in the field below.
    hand.wait(60_000).line(&[(25.0, 24.0), (25.0, 33.0)]);
    check(&hand, &[Home::Region(0)]);
}

#[test]
fn ink_half_way_between_two_fields_is_between_them() {
    let mut hand = Hand::new(1);
    hand.line(&[(30.0, 27.0), (33.0, 27.2), (33.0, 30.0), (36.0, 32.8), (30.0, 33.0)]);
    let homes = assign(&hand.placed(), &regions(), 1_250);
    assert!(matches!(homes[0], Home::Between(0, 2) | Home::Between(2, 0)), "{homes:?}");
}

#[test]
fn an_answer_that_overflows_takes_its_last_symbols_along() {
    let mut hand = Hand::new(1);
    hand.zero(33.0, 22.0).zero(37.0, 22.0).zero(41.6, 22.5).zero(46.2, 23.0);
    check(&hand, &[Home::Region(0); 4]);
    // The same ink ten minutes later and further off is a note.
    let mut note = Hand::new(1);
    note.zero(33.0, 22.0).wait(600_000).zero(47.0, 22.0);
    check(&note, &[Home::Region(0), Home::Nowhere]);
}

#[test]
fn an_answer_that_begins_before_its_field_takes_its_first_symbols_along() {
    let mut hand = Hand::new(1);
    hand.zero(10.0, 22.0).zero(14.5, 22.0).zero(19.0, 22.0).zero(23.5, 22.0);
    check(&hand, &[Home::Region(0); 4]);
}

#[test]
fn company_on_another_line_is_none() {
    let mut hand = Hand::new(1);
    hand.zero(83.0, 22.0).zero(83.0, 34.0);
    check(&hand, &[Home::Region(1), Home::Nowhere]);
}

#[test]
fn between_two_answers_ink_goes_with_the_one_written_without_a_pause() {
    let regions = [rect(20, 20, 20, 9), rect(46, 20, 20, 9)].map(Bounds::of);
    let check = |wait_ms: [i64; 2], home: Home| {
        let mut hand = Hand::new(1);
        hand.zero(37.0, 22.0).wait(wait_ms[0]);
        hand.line(&[(43.0, 22.0), (43.0, 27.0)]).wait(wait_ms[1]).zero(46.0, 22.0);
        assert_eq!(assign(&hand.placed(), &regions, 1_250)[1], home);
    };
    check([0, 60_000], Home::Region(0));
    check([60_000, 0], Home::Region(1));
    check([60_000, 60_000], Home::Between(0, 1));
}

#[test]
fn an_answer_over_one_that_was_crossed_out_belongs_to_its_field() {
    let check = |wait_ms: i64, home: Home| {
        let mut hand = Hand::new(1);
        hand.zero(82.0, 21.0).scribble(81.5, 21.0, 4.0, 5.0).wait(wait_ms).zero(82.0, 13.5);
        assert_eq!(assign(&hand.placed(), &regions(), 1_250)[2], home);
    };
    check(1_500, Home::Region(1));
    check(60_000, Home::Nowhere);
}

#[test]
fn both_rings_of_an_eight_go_with_the_digit_beside_it() {
    let mut hand = Hand::new(1);
    hand.ellipse(14.6, 22.9, 1.2, 1.9).ellipse(15.5, 26.3, 1.6, 1.6);
    hand.line(&[(21.4, 20.0), (19.4, 25.2), (23.0, 25.2)]).line(&[(22.3, 23.0), (22.2, 28.0)]);
    check(&hand, &[Home::Region(0); 4]);
}
