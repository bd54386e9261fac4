//! Ink as SVG elements and documents.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ink::drawn::{self, DrawnStroke};
use worksheet::Page;

use super::crop::px;
use super::line::{Bounds, Line, outline};
use super::{Ink, Mark};

/// Stroke widths from the lightest to the heaviest, in drawing units.
pub const WIDTHS: [u32; drawn::WIDTHS as usize] = [24, 31, 38, 45, 52, 60];
/// The width of the strike through what was superseded, in drawing units.
const STRIKE: u32 = 26;
/// The pupil's ink, and the teacher's.
const BLUE: &str = "#1f2a5a";
const RED: &str = "#c8102e";

/// See [`crate::page_svg`]. The artwork is a document of its own inside, in CSS pixels, as it
/// stands in a file; the ink is scaled to them.
pub(crate) fn standalone(page: &Page, marks: &[Mark]) -> String {
    const PX_PER_MM: f64 = 96.0 / 25.4;
    let mm = |um: i32| f64::from(um) / 1_000.0;
    let (width, height) = (mm(page.width_um), mm(page.height_um));
    let artwork = page.artwork.find("<svg").map_or("", |at| &page.artwork[at..]);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
         viewBox=\"0 0 {} {}\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>{artwork}\
         <g transform=\"scale({})\">{}</g></svg>\n",
        width * PX_PER_MM,
        height * PX_PER_MM,
        PX_PER_MM / 100.0,
        plain_ink(marks),
    )
}

/// Strokes as SVG elements that need no style sheet, in drawing units: all runs of one ink and one
/// width are one path, so that a page of ink is a few elements.
pub fn plain_ink(marks: &[Mark]) -> String {
    let mut paths: BTreeMap<(Ink, u8), String> = BTreeMap::new();
    for mark in marks {
        for run in mark.line.runs() {
            outline(run, paths.entry((mark.ink, run.width)).or_default());
        }
    }
    let common = "fill=\"none\" stroke-linecap=\"round\" stroke-linejoin=\"round\"";
    let mut svg = String::new();
    for ((ink, width), path) in &paths {
        let (colour, opacity) = match ink {
            Ink::Live | Ink::Loose | Ink::Fresh => (BLUE, 1.0),
            Ink::Superseded => (BLUE, 0.35),
            Ink::Red => (RED, 1.0),
        };
        let width = WIDTHS[usize::from(*width).min(WIDTHS.len() - 1)];
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            "<path {common} stroke=\"{colour}\" stroke-width=\"{width}\" \
             stroke-opacity=\"{opacity}\" d=\"{path}\"/>"
        );
    }
    for bounds in struck(marks) {
        let (path, colour) = (strike(&bounds), BLUE);
        let _ = write!(
            svg,
            "<path {common} stroke=\"{colour}\" stroke-width=\"{STRIKE}\" stroke-opacity=\"0.55\" \
             d=\"{path}\"/>"
        );
    }
    svg
}

/// Strokes by themselves, as they were written, in a drawing just large enough, at the scale of
/// [`Crop`](super::Crop).
pub fn loose_svg(strokes: &[ink::Stroke], label: &str) -> String {
    /// Around the ink, in drawing units: 3 mm.
    const MARGIN: i32 = 300;
    let lines: Vec<Line> = (strokes.iter())
        .filter_map(|stroke| DrawnStroke::new(stroke, false, |in_pattern| in_pattern))
        .map(|drawn| Line::new(drawn.line))
        .collect();
    let bounds = lines.iter().map(|line| line.bounds).reduce(|all, one| all.with(&one));
    let Some(Bounds { x0, y0, x1, y1 }) = bounds else { return String::new() };
    let width = x1.saturating_sub(x0).saturating_add(2 * MARGIN);
    let height = y1.saturating_sub(y0).saturating_add(2 * MARGIN);
    let mut svg = format!(
        "<svg class=\"nobodys-ink ink\" width=\"{}\" height=\"{}\" viewBox=\"{} {} {width} {height}\" \
         role=\"img\" aria-label=\"{label}\"><g class=\"{}\">",
        px(width),
        px(height),
        x0.saturating_sub(MARGIN),
        y0.saturating_sub(MARGIN),
        Ink::Fresh.class(),
    );
    lines.iter().for_each(|line| line.write(&mut svg));
    svg.push_str("</g></svg>");
    svg
}

/// One group per stroke, and for each question a strike through what was crossed out.
pub(super) fn ink_svg(marks: &[Mark]) -> String {
    let mut svg = String::with_capacity(marks.len() * 120);
    for mark in marks {
        // Writing to a string cannot fail.
        let _ = write!(svg, "<g class=\"{}\" data-t=\"{}\"", mark.ink.class(), mark.since_ms);
        if let Some(question) = &mark.question {
            let question = escape(question);
            let _ = write!(svg, " data-q=\"{question}\" data-o=\"{}\"", mark.own_ms);
        }
        svg.push('>');
        mark.line.write(&mut svg);
        svg.push_str("</g>");
    }
    for bounds in struck(marks) {
        let _ = write!(svg, "<path class=\"strike\" d=\"{}\"/>", strike(&bounds));
    }
    svg
}

/// The path of a strike through something.
fn strike(bounds: &Bounds) -> String {
    let y = i32::midpoint(bounds.y0, bounds.y1);
    format!("M{} {y}H{}", bounds.x0 - 60, bounds.x1 + 60)
}

/// A text as the value of an attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// The bounds of what was superseded, one per question.
fn struck(marks: &[Mark]) -> Vec<Bounds> {
    let mut struck: Vec<(&Option<String>, Bounds)> = Vec::new();
    for mark in marks.iter().filter(|mark| mark.ink == Ink::Superseded) {
        match struck.iter_mut().find(|(question, _)| *question == &mark.question) {
            Some((_, bounds)) => *bounds = bounds.with(&mark.line.bounds),
            None => struck.push((&mark.question, mark.line.bounds)),
        }
    }
    struck.into_iter().map(|(_, bounds)| bounds).collect()
}
