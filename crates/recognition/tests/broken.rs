//! Reads numbers of a pen that does not tell well when it leaves the paper (synthetic: the
//! project's made-up hand, broken here).
//!
//! Failure is a number broken into many strokes that is read differently from the whole one.

use ink::{Handwriting, Sample};
use recognition::{Alphabet, Context, Reading, Recognizer, SYMBOL_HEIGHT_UM, Scratch, samples};

/// The numbers of the file, in micrometres.
fn numbers() -> Vec<(String, Vec<Vec<Sample>>)> {
    let file: &[u8] = include_bytes!("synthetic.jsonl");
    let items = Handwriting::read(file).map(|item| item.expect("a readable line"));
    let is_whole = |item: &Handwriting| item.label.bytes().all(|b| b.is_ascii_digit());
    items.filter(is_whole).map(|item| (item.label.clone(), samples(&item, 10.0))).collect()
}

/// The digits of `text`, each as the file has it, side by side.
fn side_by_side(text: &str) -> Vec<Vec<Vec<Sample>>> {
    let digits = numbers();
    let mut right = 0;
    let mut symbols = Vec::new();
    for digit in text.chars() {
        let form = digits.iter().find(|(label, _)| *label == digit.to_string());
        let form = &form.expect("every digit is in the file").1;
        let xs = || form.iter().flatten().map(|s| s.x_um);
        let left = xs().min().expect("points");
        let moved = |s: &Sample| Sample { x_um: s.x_um - left + right, ..*s };
        symbols.push(form.iter().map(|stroke| stroke.iter().map(moved).collect()).collect());
        right += xs().max().expect("points") - left + 900;
    }
    symbols
}

fn read(strokes: &[Vec<Sample>]) -> Reading {
    let strokes: Vec<&[Sample]> = strokes.iter().map(Vec::as_slice).collect();
    let context = Context { symbol_height_um: Some(SYMBOL_HEIGHT_UM), only: None };
    let reading =
        Recognizer::embedded().read(&strokes, Alphabet::Number, &context, &mut Scratch::new());
    reading.expect("there is ink")
}

/// Every `samples` samples the pen lifts, and goes on where it lifted.
fn broken(strokes: &[Vec<Sample>], samples: usize) -> Vec<Vec<Sample>> {
    let pieces = |stroke: &Vec<Sample>| {
        let stroke = stroke.clone();
        let begins = (0..stroke.len().max(2) - 1).step_by(samples);
        begins
            .map(move |at| stroke[at..(at + samples + 1).min(stroke.len())].to_vec())
            .collect::<Vec<_>>()
    };
    strokes.iter().flat_map(pieces).collect()
}

const NUMBERS: [&str; 10] = ["84", "32", "94", "58", "27", "805", "639", "1248", "70", "46"];

#[test]
fn a_number_broken_into_many_strokes_is_read_like_a_whole_one() {
    for text in NUMBERS {
        let strokes = side_by_side(text).concat();
        let whole = read(&strokes);
        for samples in [3, 5, 8] {
            assert_eq!(read(&broken(&strokes, samples)), whole, "{text}, {samples} samples");
        }
    }
}
