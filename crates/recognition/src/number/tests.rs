use super::{Pieces, add};
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

#[test]
fn a_point_stands_once_and_after_a_digit() {
    let mut texts = Vec::new();
    add(&mut texts, "", '.', -1.0);
    add(&mut texts, "1.2", '.', -1.0);
    assert!(texts.is_empty());
    add(&mut texts, "12", '.', -1.0);
    add(&mut texts, "12", '.', -1.0);
    assert_eq!(texts.len(), 1);
    assert!((texts[0].1 - (-1.0 + 2.0_f32.ln())).abs() < 1e-6);
}
