//! Prints synthetic handwriting as JSON Lines: every symbol that has a skeleton, once per writer.
//!
//! `cargo run --release -p pen-sim --example handwriting -- --writers 200 --seed 1`
//!
//! More labels may follow: `… -- --writers 10 --seed 1 42 3.5` writes those instead.

use std::io::Write;
use std::process::ExitCode;

struct Wanted {
    writers: u32,
    seed: u64,
    labels: Vec<String>,
}

fn wanted(mut arguments: impl Iterator<Item = String>) -> Option<Wanted> {
    let mut wanted = Wanted { writers: 1, seed: 1, labels: Vec::new() };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--writers" => wanted.writers = arguments.next()?.parse().ok()?,
            "--seed" => wanted.seed = arguments.next()?.parse().ok()?,
            "--" => {}
            other if other.starts_with("--") => return None,
            label => wanted.labels.push(label.to_owned()),
        }
    }
    if wanted.labels.is_empty() {
        wanted.labels = pen_sim::skeleton_symbols().iter().map(char::to_string).collect();
    }
    Some(wanted)
}

fn main() -> ExitCode {
    let Some(wanted) = wanted(std::env::args().skip(1)) else {
        eprintln!("usage: handwriting [--writers N] [--seed S] [LABEL]…");
        return ExitCode::from(2);
    };
    let labels: Vec<&str> = wanted.labels.iter().map(String::as_str).collect();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for item in pen_sim::synthetic_handwriting(&labels, wanted.writers, wanted.seed) {
        let written = serde_json::to_writer(&mut out, &item)
            .map_err(std::io::Error::from)
            .and_then(|()| writeln!(out));
        if let Err(error) = written {
            eprintln!("not written: {error}");
            return ExitCode::FAILURE;
        }
    }
    match out.flush() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("not written: {error}");
            ExitCode::FAILURE
        }
    }
}
