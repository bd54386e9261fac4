//! `zhibi render`: draws a page with its artwork and ink.

mod png;

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use export::PageInk;
use ink::StrokeKey;
use marking::{Marker, Scratch, Thresholds};

use crate::cli::RenderArgs;
use crate::ink_file::{PaperPage, WrittenSheet};
use crate::{Verdict, mark};

use png::png;

/// Runs the command.
pub(crate) fn run(args: &RenderArgs) -> anyhow::Result<Verdict> {
    let kind = args.out.extension().and_then(|extension| extension.to_str());
    ensure!(
        matches!(kind, Some("svg" | "png")),
        "{} ends in neither .svg nor .png: name it so",
        args.out.display()
    );
    let sheet = WrittenSheet::load(&args.page)?;
    let place = PaperPage { copy: args.copy, page: args.page_number };
    let Some(page) = sheet.worksheet.pages.iter().find(|page| page.number == place.page) else {
        bail!("the worksheet has {} pages, not page {}", sheet.worksheet.pages.len(), place.page);
    };
    ensure!(
        place.copy < sheet.copies,
        "there is no copy {}: the print run has {}, counted from 0",
        place.copy,
        sheet.copies
    );
    for (unplaced, strokes) in &sheet.unplaced {
        tell!("{}", mark::unplaced_line(unplaced, *strokes));
    }
    let ink = sheet.papers.get(&place).cloned().unwrap_or_default();
    let registration = &sheet.run.registration;
    let marked = Marker::new(Thresholds::STANDARD).mark(
        &sheet.worksheet,
        place.page,
        registration,
        &ink,
        &mut Scratch::new(),
    );
    let superseded: BTreeMap<StrokeKey, String> = marked
        .responses
        .iter()
        .flat_map(|response| response.superseded.iter().map(|key| (*key, response.part.clone())))
        .collect();
    let drawn = PageInk { pupil: &ink.pupil, red: &ink.red, superseded: &superseded };
    let svg = export::page_svg(page, registration, &drawn);
    let bytes = match kind {
        Some("png") => png(&svg, page)?,
        _ => svg.into_bytes(),
    };
    std::fs::write(&args.out, bytes)
        .with_context(|| format!("cannot write {}", args.out.display()))?;
    Ok(Verdict::Clean)
}

#[cfg(test)]
mod tests;
