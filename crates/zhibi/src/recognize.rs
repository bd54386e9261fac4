//! `zhibi recognize`: how much of a file of labelled handwriting is read right.

use std::io::Write;
use std::time::Instant;

use anyhow::{Context, ensure};
use ink::Handwriting;
use recognition::{Alphabet, Recognizer, Summary, read_handwriting};

use crate::cli::{AlphabetArg, RecognizeArgs};
use crate::{Verdict, strokes};

/// Runs the command.
pub(crate) fn run(args: &RecognizeArgs) -> anyhow::Result<Verdict> {
    let file = args.file.display();
    let input = std::fs::read(&args.file).with_context(|| format!("cannot read {file}"))?;
    strokes::ensure_lines(&input, &file.to_string())?;
    let items: Vec<Handwriting> = Handwriting::read(input.as_slice())
        .collect::<Result<_, _>>()
        .with_context(|| format!("{file} is no handwriting as JSON Lines"))?;
    let (items, passed_over): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|item| is_of(&item.label, args.alphabet));
    ensure!(
        !items.is_empty(),
        "{file} has no sample of this alphabet: {} samples, all with other labels",
        passed_over.len()
    );
    let recognizer = Recognizer::embedded();
    let started = Instant::now();
    let reads = read_handwriting(&recognizer, &items, alphabet(args.alphabet));
    let summary = Summary::of(&reads, started.elapsed());
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if args.json {
        for read in &reads {
            writeln!(out, "{}", serde_json::to_string(read)?)?;
        }
        writeln!(out, "{}", serde_json::to_string(&summary)?)?;
    } else {
        let wrong = reads.iter().filter(|read| read.read != read.label);
        for read in wrong.take(20) {
            writeln!(out, "{:>8} read as {:<8} {:.3}", read.label, read.read, read.confidence)?;
        }
        writeln!(out, "{} samples, {} passed over", reads.len(), passed_over.len())?;
        writeln!(out, "accuracy                 {:.4}", summary.accuracy)?;
        writeln!(out, "coverage at 0.1 % error  {:.4}", summary.coverage_at_0_1_percent_error)?;
        writeln!(out, "µs a sample              {:.1}", summary.us_per_sample)?;
    }
    out.flush()?;
    Ok(Verdict::Clean)
}

fn alphabet(arg: AlphabetArg) -> Alphabet {
    match arg {
        AlphabetArg::Digits => Alphabet::Digits,
        AlphabetArg::Letters => Alphabet::Letters,
        AlphabetArg::Truefalse => Alphabet::TrueFalse,
        AlphabetArg::Operators => Alphabet::Operators,
        AlphabetArg::Comparison => Alphabet::Comparison,
        AlphabetArg::Number => Alphabet::Number,
    }
}

/// Whether a label can be written in the alphabet: one symbol of it, or digits for a number.
fn is_of(label: &str, arg: AlphabetArg) -> bool {
    let symbols = alphabet(arg).symbols();
    let mut letters = label.chars();
    let one = letters.next().is_some() && letters.next().is_none();
    let number = matches!(arg, AlphabetArg::Number);
    (one || number) && !label.is_empty() && label.chars().all(|symbol| symbols.contains(symbol))
}
