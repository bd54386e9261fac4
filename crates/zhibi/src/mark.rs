//! `zhibi mark`: marks a capture offline.

use std::io::Write;

use marking::{Marker, Response, Scratch, Thresholds};
use serde_json::json;

use crate::Verdict;
use crate::cli::MarkArgs;
use crate::ink_file::{PaperPage, WrittenSheet};

/// Runs the command.
pub(crate) fn run(args: &MarkArgs) -> anyhow::Result<Verdict> {
    let sheet = WrittenSheet::load(&args.page)?;
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (place, ink) in &sheet.papers {
        let registration = &sheet.run.registration;
        let paper = marker.mark(&sheet.worksheet, place.page, registration, ink, &mut scratch);
        for response in &paper.responses {
            if args.json {
                writeln!(out, "{}", object(place, response))?;
            } else {
                writeln!(out, "{}", line(place, response))?;
            }
        }
    }
    out.flush()?;
    Ok(Verdict::Clean)
}

fn object(place: &PaperPage, response: &Response) -> serde_json::Value {
    json!({
        "copy": place.copy,
        "page": place.page,
        "question": response.question,
        "reading": response.reading.as_ref().map(|reading| &reading.text),
        "probability": response.reading.as_ref().map(|reading| reading.probability),
        "review": response.review.map(|review| review.code()),
        "machine": response.machine,
        "red": response.red_mark,
    })
}

fn line(place: &PaperPage, response: &Response) -> String {
    let reading = response.reading.as_ref().map_or("", |reading| reading.text.as_str());
    let verdict = match (&response.red_mark, &response.machine, response.review) {
        (Some(red), _, _) => format!("{} (red pen)", red.verdict.code()),
        (None, Some(machine), _) => machine.verdict.code().to_owned(),
        (None, None, Some(review)) => format!("to decide: {}", review.code()),
        (None, None, None) => String::new(),
    };
    format!(
        "copy {:>3}  page {}  {:<8} {reading:<8} {verdict}",
        place.copy, place.page, response.question
    )
}
