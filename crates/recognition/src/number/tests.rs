use super::Pieces;
use super::grammar::Text;
use crate::features::Glyph;

fn glyph(strokes: &[&[[f32; 2]]]) -> Glyph {
    let mut glyph = Glyph::new(10.0);
    strokes.iter().for_each(|s| glyph.push(s.iter().copied()));
    glyph
}

/// Checks how many pieces `strokes` are cut into.
fn check_cuts(strokes: &[&[[f32; 2]]], pieces: usize) {
    let mut cut = Pieces::default();
    cut.cut(&glyph(strokes));
    assert_eq!(cut.len(), pieces, "{cut:?}");
}

#[test]
fn only_wide_strokes_are_cut() {
    check_cuts(&[&[[0.0, 0.0], [0.0, 10.0]]], 1);
    check_cuts(&[&[[0.0, 0.0], [3.0, 5.0], [5.0, 10.0]]], 1);
    check_cuts(&[&[[0.0, 0.0], [0.0, 10.0], [6.0, 10.0], [12.0, 0.0], [12.0, 10.0]]], 2);
}

#[test]
fn a_stroke_is_whole_again_when_its_pieces_are_joined() {
    let whole = glyph(&[&[[0.0, 0.0], [0.0, 10.0], [6.0, 10.0], [12.0, 0.0], [12.0, 10.0]]]);
    let (mut pieces, mut joined) = (Pieces::default(), Glyph::default());
    pieces.cut(&whole);
    assert!(pieces.may_join(0, pieces.len(), 10.0));
    pieces.join(&whole, 0, pieces.len(), &mut joined);
    assert_eq!((joined.points, joined.ends), (whole.points.clone(), whole.ends.clone()));
    assert_eq!((pieces.cuts_at(1), pieces.cuts_at(2)), (1, 0));
}

#[test]
fn what_is_far_apart_is_not_joined() {
    let two = glyph(&[&[[0.0, 0.0], [0.0, 10.0]], &[[6.0, 0.0], [6.0, 10.0]]]);
    let mut pieces = Pieces::default();
    pieces.cut(&two);
    assert!(pieces.may_join(0, 1, 10.0));
    assert!(!pieces.may_join(0, 2, 10.0));
}

/// Checks what is left of a written number; `None` where it holds something foreign.
fn check_settled(written: &str, point: bool, number: Option<&str>) {
    let text = Text { written: written.into(), ..Text::default() };
    let (settled, foreign, _) = text.settle(point);
    assert_eq!((!foreign).then_some(settled.as_str()), number, "{written}");
}

#[test]
fn punctuation_around_a_number_is_no_part_of_it() {
    check_settled("83", false, Some("83"));
    check_settled("=83", false, Some("83"));
    check_settled("83。", false, Some("83"));
    check_settled("83.", true, Some("83"));
    check_settled("2,000", false, Some("2000"));
    check_settled("12,345,678.9", true, Some("12345678.9"));
}

#[test]
fn what_no_number_has_is_foreign() {
    for written in ["", "=", "8=3", "8。3", "83=", "2,00", "2000,000", "2,000,", ",200", "83,"] {
        check_settled(written, true, None);
    }
    for written in [".5", "1.2.3", "5,.2", "1.2,345"] {
        check_settled(written, true, None);
    }
    check_settled("8.3", false, None);
    check_settled("8.3", true, Some("8.3"));
}

#[test]
fn a_point_before_three_digits_may_be_a_comma() {
    let score = |written: &str| Text { written: written.into(), ..Text::default() }.settle(true).2;
    assert!(score("2.000") < score("2.00") && score("0.125") == score("0.12"));
}

/// Where the last stroke stands beside the others.
fn place_of_last(strokes: &[&[[f32; 2]]]) -> super::Place {
    let mut pieces = Pieces::default();
    pieces.cut(&glyph(strokes));
    pieces.place(pieces.len() - 1, pieces.len(), 10.0)
}

#[test]
fn small_and_raised_is_no_digit_of_the_number() {
    let tall: &[[f32; 2]] = &[[0.0, 0.0], [0.0, 10.0]];
    let carry = place_of_last(&[tall, &[[6.0, -2.0], [6.0, 3.0]]]);
    let digit = place_of_last(&[tall, &[[6.0, 1.0], [6.0, 9.0]]]);
    let small = place_of_last(&[tall, &[[6.0, 5.0], [6.0, 10.0]]]);
    assert_eq!((carry.is_raised(), digit.is_raised(), small.is_raised()), (1.0, 0.0, 0.0));
    assert!(carry.cost_of_digit() > 5.0, "{carry:?}");
    assert_eq!((digit.cost_of_digit(), small.cost_of_digit()), (0.0, 0.0));
}

#[test]
fn a_full_stop_is_small_and_low() {
    let tall: &[[f32; 2]] = &[[0.0, 0.0], [0.0, 10.0]];
    let low = place_of_last(&[tall, &[[6.0, 8.0], [8.0, 10.0]]]);
    let high = place_of_last(&[tall, &[[6.0, 0.0], [8.0, 2.0]]]);
    let zero = place_of_last(&[tall, &[[6.0, 5.0], [8.0, 10.0]]]);
    assert_eq!((low.cost_of_ring(), low.cost_of_point()), (0.0, 0.0));
    assert!(low.cost_of_digit() > 5.0 && high.cost_of_point() > 5.0 && zero.cost_of_ring() > 5.0);
    assert!(!place_of_last(&[tall]).known, "there is nothing beside it");
}
