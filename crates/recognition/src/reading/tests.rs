use ink::Sample;

use super::{Context, Recognizer, Scratch};
use crate::alphabet::Alphabet;

const ANY: Context<'_> = Context { symbol_height_um: None, only: None };

fn stroke(points: &[(i32, i32)]) -> Vec<Sample> {
    let sample = |(x, y): &(i32, i32)| Sample { x_um: *x, y_um: *y, force: 20_000, t_ms: 0 };
    points.iter().map(sample).collect()
}

fn check(strokes: &[Vec<Sample>], alphabet: Alphabet, context: &Context<'_>, text: Option<&str>) {
    let strokes: Vec<&[Sample]> = strokes.iter().map(Vec::as_slice).collect();
    let reading = Recognizer::embedded().read(&strokes, alphabet, context, &mut Scratch::new());
    assert_eq!(reading.as_ref().map(|r| r.text.as_str()), text, "{reading:?}");
}

#[test]
fn no_ink_is_no_reading() {
    check(&[], Alphabet::Digits, &ANY, None);
    check(&[vec![]], Alphabet::Number, &ANY, None);
}

#[test]
fn a_number_is_read_from_left_to_right() {
    let seven = stroke(&[(4_000, 0), (8_000, 0), (6_000, 5_000)]);
    let one = stroke(&[(1_000, 0), (1_000, 5_000)]);
    check(&[seven, one], Alphabet::Number, &ANY, Some("17"));
}

#[test]
fn only_what_may_be_answered_is_read() {
    let c = stroke(&[(4_000, 800), (2_000, 0), (0, 2_500), (2_000, 5_000), (4_000, 4_500)]);
    check(std::slice::from_ref(&c), Alphabet::Letters, &ANY, Some("C"));
    let only = Context { only: Some("ABD"), ..ANY };
    let strokes = [c.as_slice()];
    let reading =
        Recognizer::embedded().read(&strokes, Alphabet::Letters, &only, &mut Scratch::new());
    assert_ne!(reading.map(|r| r.text).as_deref(), Some("C"));
}
