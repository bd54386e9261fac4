//! What reading a symbol or a number costs.

use std::fs::File;
use std::hint::black_box;
use std::io::BufReader;

use anyhow::Context;
use ink::Handwriting;
use recognition::{Alphabet, Recognizer, read_handwriting};

use super::figure::{Figure, rates};
use super::{Bench, Of};

/// Items that are read in a round.
const ITEMS: usize = 2_000;

/// Hands that are made up where there is no handwriting.
const SYNTHETIC_WRITERS: u32 = 100;

/// File of real handwriting, what is read as, what is made up instead, and the figure's name.
const SETS: [(&str, Alphabet, &[&str], &str); 3] = [
    ("unipen-digits.jsonl", Alphabet::Digits, &["0", "1", "2", "5", "7", "9"], "digits"),
    ("unipen-upper.jsonl", Alphabet::Letters, &["A", "B", "C", "D"], "letters A–G"),
    ("unipen-numbers.jsonl", Alphabet::Number, &["12", "48", "105", "3967"], "whole numbers"),
];

pub(super) fn bench(of: &Of) -> anyhow::Result<Bench> {
    let recognizer = Recognizer::embedded();
    let mut figures = Vec::new();
    for (file, alphabet, labels, name) in SETS {
        let items = match of.handwriting() {
            Some(folder) => {
                let path = folder.join(file);
                let opened = File::open(&path);
                let opened = opened.with_context(|| format!("cannot read {}", path.display()))?;
                Handwriting::read(BufReader::new(opened))
                    .collect::<Result<Vec<_>, _>>()
                    .with_context(|| format!("{} is no handwriting", path.display()))?
            }
            None => pen_sim::synthetic_handwriting(labels, SYNTHETIC_WRITERS, of.seed).collect(),
        };
        let symbols = alphabet.symbols();
        let items: Vec<_> = (items.into_iter())
            .filter(|item| item.label.chars().all(|symbol| symbols.contains(symbol)))
            .take(ITEMS)
            .collect();
        let read = &mut || {
            black_box(read_handwriting(&recognizer, black_box(&items), alphabet));
        };
        let seconds = of.seconds / SETS.len() as f64;
        let [read] = rates(seconds, items.len() as f64, [read]);
        figures.push(Figure::speed(name, "items/s and core", read));
    }
    let hands = of.handwriting().map_or("synthetic handwriting", |_| "UNIPEN's handwriting");
    let of = format!("{hands}, up to {ITEMS} items a set, one after another");
    Ok(Bench { bench: "read".into(), of, figures })
}
