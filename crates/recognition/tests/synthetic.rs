//! Reads a few answers that the project's own made-up hand wrote (synthetic: `pen-sim`'s example
//! `handwriting`, seeds 11 and 12).
//!
//! Failure is any answer read as another one, or right with less than even confidence. It is a
//! smoke test: how well real writers are read is measured on real writers.

use ink::{Handwriting, Sample};
use recognition::{
    Alphabet, Answer, Context, Recognizer, SYMBOL_HEIGHT_UM, Scratch, read_handwriting, samples,
};

fn items() -> Vec<Handwriting> {
    let file: &[u8] = include_bytes!("synthetic.jsonl");
    let mut items: Vec<Handwriting> =
        Handwriting::read(file).map(|item| item.expect("a readable line")).collect();
    for item in &mut items {
        // A teacher's tick and cross are read as a pupil's.
        item.label = item.label.replace('✓', "√").replace('✗', "×");
    }
    items
}

fn alphabet(label: &str) -> Alphabet {
    match label {
        "√" | "×" => Alphabet::TrueFalse,
        "÷" => Alphabet::Operators,
        "<" | ">" => Alphabet::Comparison,
        "A" | "B" | "C" | "D" | "E" | "F" | "G" => Alphabet::Letters,
        _ if label.contains('.') && label.len() > 1 => Alphabet::Decimal,
        _ if label.len() > 1 => Alphabet::Number,
        _ if label.chars().all(|c| c.is_ascii_digit()) => Alphabet::Digits,
        _ => Alphabet::Operators,
    }
}

#[test]
fn every_synthetic_answer_is_read() {
    let recognizer = Recognizer::embedded();
    let mut wrong = Vec::new();
    for item in items() {
        let alphabet = alphabet(&item.label);
        // Its unit is 10 µm, and the hand's size is known to the field it writes into.
        let strokes = samples(&item, 10.0);
        let strokes: Vec<&[Sample]> = strokes.iter().map(Vec::as_slice).collect();
        let context = Context { symbol_height_um: Some(SYMBOL_HEIGHT_UM), only: None };
        let reading = recognizer.read(&strokes, alphabet, &context, &mut Scratch::new());
        let right = reading.as_ref().is_some_and(|r| r.text == item.label && r.probability > 0.5);
        if !right {
            wrong.push((item.label, reading));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Failure is a number that reads otherwise beside others by its hand than alone.
#[test]
fn numbers_of_one_hand_are_read_together_as_each_alone() {
    let numbers = items().into_iter().filter(|item| alphabet(&item.label).is_number());
    let (labels, strokes): (Vec<String>, Vec<Vec<Vec<Sample>>>) =
        numbers.map(|item| (item.label.clone(), samples(&item, 10.0))).unzip();
    let context = Context { symbol_height_um: Some(SYMBOL_HEIGHT_UM), only: None };
    let mut answers: Vec<Answer<'_>> = Vec::new();
    for (strokes, label) in strokes.iter().zip(&labels) {
        let strokes = strokes.iter().map(Vec::as_slice).collect();
        answers.push(Answer { strokes, alphabet: alphabet(label), context });
    }
    assert!(answers.len() >= 5, "{labels:?}");
    let read = Recognizer::embedded().read_together(&answers, &mut Scratch::new());
    let read: Vec<String> = read.into_iter().flatten().map(|reading| reading.text).collect();
    assert_eq!(read, labels);
}

#[test]
fn a_digit_that_is_asked_for_as_a_letter_is_not_believed() {
    let seven: Vec<Handwriting> = items().into_iter().filter(|item| item.label == "7").collect();
    assert!(!seven.is_empty());
    for read in read_handwriting(&Recognizer::embedded(), &seven, Alphabet::TrueFalse) {
        assert!(read.confidence < 0.9, "{read:?}");
    }
}

#[test]
fn a_point_is_no_digit_of_a_whole_number() {
    let decimals = items().into_iter().filter(|item| item.label.contains('.') && item.label != ".");
    let decimals: Vec<Handwriting> = decimals.collect();
    assert!(!decimals.is_empty());
    for read in read_handwriting(&Recognizer::embedded(), &decimals, Alphabet::Number) {
        assert!(read.confidence < 0.5, "{read:?}");
    }
}
