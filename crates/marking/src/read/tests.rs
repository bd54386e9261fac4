use super::*;
use crate::hand::{Hand, rect};

fn without_dots(hand: &Hand, decimal: bool) -> Vec<u32> {
    let placed = hand.placed();
    let strokes: Vec<&Placed<'_>> = placed.iter().collect();
    without_stray_dots(&strokes, decimal).iter().map(|s| s.key.number).collect()
}

#[test]
fn a_dot_counts_where_a_point_may_stand() {
    let mut hand = Hand::new(1);
    hand.seven(0.0, 0.0).dot(3.6, 4.8).four(5.0, 0.0);
    assert_eq!(without_dots(&hand, true), [0, 1, 2, 3]);
    assert_eq!(without_dots(&hand, false), [0, 2, 3]);
    let mut stray = Hand::new(1);
    stray.seven(0.0, 0.0).dot(3.6, 0.2).dot(12.0, 4.8);
    assert_eq!(without_dots(&stray, true), [0]);
}

#[test]
fn a_page_of_writing_says_how_tall_it_is_and_little_ink_does_not() {
    let height = |hand: &Hand| {
        let placed = hand.placed();
        let strokes: Vec<&Placed<'_>> = placed.iter().collect();
        WritingStyle::of(std::iter::once(strokes.as_slice()), std::iter::empty()).height_um
    };
    let mut hand = Hand::new(1);
    hand.seven(0.0, 0.0).dot(3.6, 4.8).four(5.0, 0.0);
    assert_eq!(height(&hand), None);
    hand.zero(10.0, 0.0).line(&[(15.0, 0.0), (15.0, 12.0)]);
    assert_eq!(height(&hand), Some(5_000.0));
    let field = Field::Box(rect(0, 0, 20, 10));
    assert_eq!(
        WritingStyle { height_um: None, gap_heights: None }.height_in(&field),
        Some(6_000.0)
    );
    assert_eq!(
        WritingStyle { height_um: Some(4e3), gap_heights: None }.height_in(&field),
        Some(4e3)
    );
}

#[test]
fn digits_that_stand_apart_and_were_not_read_are_missed() {
    let mut hand = Hand::new(1);
    hand.four(0.0, 0.0).zero(4.0, 0.0).dot(8.0, 4.8).zero(9.0, 0.0);
    let placed = hand.placed();
    let strokes: Vec<&Placed<'_>> = placed.iter().collect();
    assert!(has_more_symbols(&strokes, "40"));
    assert!(has_more_symbols(&strokes, "4.0"));
    assert!(!has_more_symbols(&strokes, "40.0"));
    // The two strokes of an open 4 that do not touch.
    let mut open = Hand::new(1);
    open.line(&[(0.0, 0.0), (0.0, 3.0), (2.0, 3.0)]).line(&[(2.5, 0.0), (2.5, 5.0)]);
    let placed = open.placed();
    assert!(!has_more_symbols(&placed.iter().collect::<Vec<_>>(), "4"));
    open.wait(200).line(&[(5.0, 0.0), (5.0, 5.0)]);
    let placed = open.placed();
    assert!(has_more_symbols(&placed.iter().collect::<Vec<_>>(), "4"));
    // Digits that touch are one for the eye and may be several for the reader.
    assert!(!has_more_symbols(&strokes[..3], "410"));
}

#[test]
fn a_low_mark_that_was_read_as_a_digit_may_be_a_point() {
    let mut hand = Hand::new(1);
    hand.seven(0.0, 0.0).line(&[(4.0, 2.6), (4.1, 5.2)]).zero(5.0, 0.0);
    let placed = hand.placed();
    let strokes: Vec<&Placed<'_>> = placed.iter().collect();
    assert!(has_low_mark(&strokes, "710"));
    assert!(!has_low_mark(&strokes, "7.0"));
    assert!(!has_low_mark(&strokes[..1], "7"));
    let mut small = Hand::new(1);
    small.four(0.0, 0.0).ellipse(5.0, 3.8, 0.9, 1.2);
    let placed = small.placed();
    assert!(!has_low_mark(&placed.iter().collect::<Vec<_>>(), "40"));
}

#[test]
fn a_seven_that_may_be_a_one_is_told() {
    let may = |read: i64, other: i64, p: f32| {
        let whole = |n| Written::parse(&Kind::Number(NumberForm::Whole), &format!("{n}"));
        may_be_one(&Reading {
            written: whole(read).expect("a number"),
            probability: 0.95,
            alternatives: vec![(whole(other).expect("a number"), p)],
            reader: String::new(),
        })
    };
    assert!(may(752, 152, 0.04));
    assert!(!may(752, 152, 0.01) && !may(752, 252, 0.04) && !may(152, 752, 0.04));
    assert!(!may(77, 11, 0.04));
}

#[test]
fn a_tick_and_a_cross_over_each_other_are_told() {
    let told = |hand: &Hand| {
        let placed = hand.placed();
        are_tick_and_cross(&placed.iter().collect::<Vec<_>>())
    };
    assert!(told(Hand::new(1).tick(0.0, 0.0).cross(1.0, -2.0)));
    assert!(told(Hand::new(1).cross(1.0, -2.0).tick(0.0, 0.0)));
    assert!(told(Hand::new(1).tick(0.0, 0.0).line(&[(0.0, -4.0), (3.0, 0.0)])));
    assert!(!told(Hand::new(1).tick(0.0, 0.0).dot(5.0, 0.0)));
    assert!(!told(Hand::new(1).cross(0.0, 0.0)));
}
