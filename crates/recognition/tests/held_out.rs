//! Reads handwriting of writers whom the weights were never fitted to nor chosen by.
//!
//! Failure is a share of right readings below the bound of its set, or a calibration error above
//! it. The shared data is not part of the project: where it is absent (neither `ZHIBI_DATA` nor
//! `../shared/data` beside the workspace), the test says so in one line and checks nothing. The
//! readings are deterministic.

use std::fs::File;
use std::io::BufReader;
use std::time::Instant;

use ink::Handwriting;
use recognition::{Alphabet, Read, Recognizer, Split, Summary, coverage, read_handwriting};

/// Reads the items of `file` by test writers whose label is asked for, and checks the share that
/// is read right and the calibration error.
fn check(file: &str, alphabet: Alphabet, accuracy_min: f64, ece_max: f64) {
    let Some(file) = test_needs::data(&format!("handwriting/{file}")) else { return };
    let file = File::open(file).expect("the set's file");
    let asked = |item: &Handwriting| match alphabet.is_number() {
        true => item.label.len() > 1 && item.label.bytes().all(|b| b.is_ascii_digit()),
        false => alphabet.symbols().contains(&item.label) && item.label.chars().count() == 1,
    };
    let items: Vec<Handwriting> = Handwriting::read(BufReader::new(file))
        .map(|item| item.expect("a readable line"))
        .filter(|item| Split::of(&item.writer) == Split::Test && asked(item))
        .collect();
    let start = Instant::now();
    let reads = read_handwriting(&Recognizer::embedded(), &items, alphabet);
    let summary = Summary::of(&reads, start.elapsed());
    let (half_percent, ece) = (coverage(&reads, 0.005), ece(&reads));
    println!("{alphabet:?}: {summary:?}, at 0.5 %: {half_percent:.3}, ece {ece:.4}");
    assert!(summary.n > 50, "only {} items", summary.n);
    assert!(summary.accuracy >= accuracy_min, "{alphabet:?}: {summary:?}");
    assert!(ece <= ece_max, "{alphabet:?}: calibration error {ece}");
}

/// Expected calibration error over ten bins.
fn ece(reads: &[Read]) -> f64 {
    let mut bins = [0.0; 10];
    for read in reads {
        let right = f64::from(u8::from(read.label == read.read));
        let bin = ((read.confidence * 10.0) as usize).min(9);
        bins[bin] += f64::from(read.confidence) - right;
    }
    bins.iter().map(|off| off.abs()).sum::<f64>() / reads.len() as f64
}

#[test]
fn digits_of_pendigits() {
    check("pendigits-train.jsonl", Alphabet::Digits, 0.995, 0.009);
}

#[test]
fn digits_of_unipen() {
    check("unipen-digits.jsonl", Alphabet::Digits, 0.98, 0.015);
}

#[test]
fn capitals() {
    check("unipen-upper.jsonl", Alphabet::Letters, 0.965, 0.018);
}

#[test]
fn operators() {
    check("unipen-symbols.jsonl", Alphabet::Operators, 0.93, 0.03);
}

#[test]
fn comparisons() {
    check("unipen-symbols.jsonl", Alphabet::Comparison, 0.95, 0.065);
}
