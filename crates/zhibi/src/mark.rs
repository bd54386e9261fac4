//! `zhibi mark`: marks a capture offline.

use std::collections::BTreeMap;
use std::io::Write;

use firmware_protocol::PageAddress;
use marking::{Learned, Marker, PageInk, Response, Scratch, Thresholds, learn_registration};
use serde_json::json;
use worksheet::Registration;

use crate::Verdict;
use crate::cli::MarkArgs;
use crate::ink_file::{PaperPage, Unplaced, WrittenSheet};

/// Runs the command.
pub(crate) fn run(args: &MarkArgs) -> anyhow::Result<Verdict> {
    let sheet = WrittenSheet::load(&args.page)?;
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let registrations = registrations(&sheet);
    for (place, ink) in &sheet.papers {
        let registration = registrations.get(&place.page).unwrap_or(&sheet.run.registration);
        let paper = marker.mark(&sheet.worksheet, place.page, registration, ink, &mut scratch);
        for response in &paper.responses {
            if args.json {
                writeln!(out, "{}", object(place, response))?;
            } else {
                writeln!(out, "{}", line(place, response))?;
            }
        }
    }
    for (unplaced, strokes) in &sheet.unplaced {
        if args.json {
            writeln!(out, "{}", unplaced_object(unplaced, *strokes))?;
        } else {
            writeln!(out, "{}", unplaced_line(unplaced, *strokes))?;
        }
    }
    out.flush()?;
    Ok(if sheet.unplaced.is_empty() { Verdict::Clean } else { Verdict::Findings })
}

/// The registration of each page of the sheet where the ink on its copies says that it is not the
/// print run's. What was found, or that nothing was, is told on standard error.
fn registrations(sheet: &WrittenSheet) -> BTreeMap<u32, Registration> {
    let mut copies: BTreeMap<u32, Vec<&PageInk>> = BTreeMap::new();
    for (place, ink) in &sheet.papers {
        copies.entry(place.page).or_default().push(ink);
    }
    let mut found = BTreeMap::new();
    for (page, copies) in copies {
        match learn_registration(&sheet.worksheet, page, &sheet.run.registration, &copies) {
            Learned::AsGiven => {}
            Learned::Found(registration) => {
                let Registration { dx_um, dy_um, rotation_urad, scale_ppm, .. } = registration;
                tell!(
                    "page {page}: the ink fits the fields if the print lies {dx_um}, {dy_um} µm off, \
                     turned by {rotation_urad} µrad and larger by {scale_ppm} ppm: marked so"
                );
                found.insert(page, registration);
            }
            Learned::Ambiguous => {
                tell!(
                    "page {page}: the ink does not fit the fields, and nothing says how it would"
                );
            }
        }
    }
    found
}

/// Has the fields of a response's object too, as null where ink is nobody's.
fn unplaced_object(unplaced: &Unplaced, strokes: usize) -> serde_json::Value {
    json!({
        "copy": unplaced.copy,
        "page": unplaced.page,
        "question": null,
        "part": null,
        "unplaced": unplaced.reason.code(),
        "pen": format!("{:012x}", unplaced.pen.0),
        "address": unplaced.address.map(shown),
        "strokes": strokes,
    })
}

pub(crate) fn unplaced_line(unplaced: &Unplaced, strokes: usize) -> String {
    let Unplaced { pen, address, reason, .. } = unplaced;
    let address = address.map_or("no address".to_owned(), shown);
    format!("nobody's  pen {:012x}  {address}  {strokes} strokes: {}", pen.0, reason.words())
}

fn shown(address: PageAddress) -> String {
    let PageAddress { section, owner, book, page } = address;
    format!("{section}.{owner}.{book}.{page}")
}

fn object(place: &PaperPage, response: &Response) -> serde_json::Value {
    json!({
        "copy": place.copy,
        "page": place.page,
        "question": response.question,
        "part": response.part,
        "reading": response.reading.as_ref().map(|reading| reading.written.to_string()),
        "probability": response.reading.as_ref().map(|reading| reading.probability),
        "review": response.review.map(|review| review.code()),
        "machine": response.machine,
        "red": response.red_mark,
        "red_criteria": response.red_criteria,
    })
}

fn line(place: &PaperPage, response: &Response) -> String {
    let reading = response.reading.as_ref().map(|reading| reading.written.to_string());
    let reading = reading.unwrap_or_default();
    let criteria: Vec<String> = (response.red_criteria.iter())
        .map(|given| format!("{} {}", given.criterion, given.mark.score))
        .collect();
    let verdict = match (&response.red_mark, &response.machine, response.review) {
        (Some(red), _, _) => format!("{} (red pen)", red.verdict.code()),
        (None, _, None) if !criteria.is_empty() => format!("{} (red pen)", criteria.join(", ")),
        (None, Some(machine), _) => machine.verdict.code().to_owned(),
        (None, None, Some(review)) => format!("to decide: {}", review.code()),
        (None, None, None) => String::new(),
    };
    format!(
        "copy {:>3}  page {}  {:<8} {reading:<8} {verdict}",
        place.copy, place.page, response.part
    )
}
