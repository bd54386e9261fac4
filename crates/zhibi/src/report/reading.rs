//! `zhibi report reading`.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::ensure;
use ink::Handwriting;
use recognition::{Recognizer, Split, read_handwriting};

use ::report::batch::Batch;
use ::report::peers::peers;
use ::report::perturb::perturb_all;
use ::report::reading::{File, Line, Measured, page};
use ::report::sets::{Set, sets};

use super::{ensure_writable, handwriting, head};
use crate::cli::ReportReadingArgs;
use crate::progress::Progress;
use crate::{Verdict, whole_file};

/// Symbols of a page, which are read at once.
const BATCH: usize = 64;
/// How often a batch is timed; the least counts.
const ROUNDS: usize = 12;

/// Runs the command.
pub(crate) fn run(args: &ReportReadingArgs) -> anyhow::Result<Verdict> {
    let started = Instant::now();
    ensure_writable(&args.out)?;
    let files = handwriting(&args.data)?;
    let sets = sets(&files, args.seed);
    ensure!(
        !sets.is_empty(),
        "{} has no symbol or number by a writer that the reader was not trained on: nothing can be \
         measured",
        args.data.display()
    );
    let recognizer = Recognizer::embedded();
    let mut progress = Progress::new("reading", 3 * sets.len() as u64);
    let mut measured = Vec::new();
    for (set, done) in sets.into_iter().zip((0..).step_by(3)) {
        measured.push(measure(&recognizer, set, args.seed, |step| {
            progress.set(done + step, "");
        }));
    }
    progress.finish();
    let files: Vec<File> = files.iter().map(|(name, items)| file(name, items)).collect();
    let (html, lines) = page(&head(started), &files, &measured)?;
    whole_file::write(&args.out, html.as_bytes())?;
    tell_lines(&lines)?;
    put!("{}: {} bytes", args.out.display(), html.len())?;
    Ok(Verdict::Clean)
}

fn measure(recognizer: &Recognizer, set: Set, seed: u64, mut done: impl FnMut(u64)) -> Measured {
    let begun = Instant::now();
    let reads = read_handwriting(recognizer, &set.test, set.alphabet);
    let us_per_item = begun.elapsed().as_secs_f64() * 1e6 / set.test.len() as f64;
    let us_batched = (!set.alphabet.is_number()).then(|| batched(recognizer, &set));
    done(1);
    let perturbed = perturb_all(&set.test, seed);
    let perturbed = read_handwriting(recognizer, &perturbed, set.alphabet);
    done(2);
    let peers = peers(&set);
    done(3);
    Measured { set, reads, perturbed, us_per_item, us_batched, peers }
}

/// Microseconds per symbol where many are read at once.
fn batched(recognizer: &Recognizer, set: &Set) -> f64 {
    let some = &set.test[..set.test.len().min(BATCH)];
    let mut batch = Batch::of(some, set.alphabet);
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        batch.features();
        batch.network(&recognizer.model().network);
        least = least.min(begun.elapsed().as_secs_f64());
    }
    least * 1e6 / batch.len() as f64
}

fn file(name: &str, items: &[Handwriting]) -> File {
    let test = || items.iter().filter(|item| Split::of(&item.writer) == Split::Test);
    let writers: BTreeSet<&str> = test().map(|item| item.writer.as_str()).collect();
    File { name: name.to_owned(), items: items.len(), test: test().count(), writers: writers.len() }
}

fn tell_lines(lines: &[Line]) -> std::io::Result<()> {
    put!(
        "{:<28} {:<24} {:>6} {:>11} {:>11} {:>15} {:>10}",
        "set",
        "files",
        "n",
        "right",
        "perturbed",
        "at 0.1 % error",
        "ECE"
    )?;
    for Line { name, files, n, figures: [right, perturbed, coverage, ece] } in lines {
        put!(
            "{:<28} {files:<24.24} {n:>6} {right:>11} {perturbed:>11} {coverage:>15} {ece:>10}",
            name.en
        )?;
    }
    put!("✓ the goal is met, ✗ it is not")
}
