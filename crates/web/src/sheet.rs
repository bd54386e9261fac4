//! A page as it was written: artwork, ink and signs as SVG.
//!
//! Lengths in the drawing are hundredths of a millimetre, so that whole numbers suffice.

mod line;
mod place;
mod print;

use std::fmt::Write as _;

use attribution::Role;
use ink::drawn::{DrawnStroke, UNIT_UM};
use worksheet::{Page, Rect};

use crate::sign::Sign;

pub(crate) use line::{Bounds, Line};
pub(crate) use print::words;

/// Whose ink it is and whether it still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// The pupil's, counted.
    Live,
    /// The pupil's, crossed out or written over.
    Superseded,
    /// The pupil's, outside every field.
    Loose,
    /// Nobody has looked at it yet.
    Fresh,
    /// The teacher's.
    Red,
}

impl Ink {
    /// Ink of a stroke with a role.
    pub(crate) fn of(role: Role) -> Self {
        match role {
            Role::Live => Self::Live,
            Role::Superseded => Self::Superseded,
            Role::Red => Self::Red,
            Role::Loose => Self::Loose,
        }
    }

    /// The class in the style sheet.
    pub(crate) fn class(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Superseded => "old",
            Self::Loose => "loose",
            Self::Fresh => "fresh",
            Self::Red => "redpen",
        }
    }
}

/// A stroke as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) ink: Ink,
    /// The question that it answers, if any.
    pub(crate) question: Option<String>,
    /// When it begins in the replay of the page, milliseconds after the page's first stroke.
    pub(crate) since_ms: i64,
    /// The same in the replay of its question alone.
    pub(crate) own_ms: i64,
    /// How long the pupil did not write before it, if that is worth a mark.
    pub(crate) pause: Option<Pause>,
    pub(crate) line: Line,
}

/// A time in which the pupil wrote nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    /// Milliseconds as they passed, and not as the replay cuts them short.
    pub(crate) length_ms: i64,
    /// Whether the stroke before it belongs to the same question: a pause inside an answer.
    pub(crate) inside: bool,
}

/// What the bar of the replay shows: a page, or one question of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replay {
    /// `None` is the page.
    pub(crate) question: Option<String>,
    /// From the first stroke to the last, milliseconds.
    pub(crate) span_ms: i64,
    /// Where pauses end, in thousandths of the span, and their seconds.
    pub(crate) pauses: Vec<(i64, i64)>,
}

/// The page.
#[derive(Clone)]
pub(crate) struct Sheet {
    pub(crate) width_um: i32,
    pub(crate) height_um: i32,
    /// Where the artwork lies.
    pub(crate) artwork: String,
    pub(crate) marks: Vec<Mark>,
    pub(crate) glyphs: Vec<Glyph>,
}

/// The sign of a verdict beside its question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) question: String,
    pub(crate) sign: Sign,
    pub(crate) provisional: bool,
    /// Read out, and shown on hover.
    pub(crate) title: String,
    /// Top left, in drawing units.
    pub(crate) x: i32,
    pub(crate) y: i32,
}

/// A question whose sign is to be placed.
pub(crate) struct Asked {
    pub(crate) question: String,
    pub(crate) sign: Sign,
    pub(crate) provisional: bool,
    pub(crate) title: String,
    /// The bounds of its fields.
    pub(crate) field: Rect,
}

/// Side of a sign's square, in drawing units.
pub(crate) const GLYPH: i32 = 440;

impl Sheet {
    /// A page of a worksheet with its ink; `artwork` is where its picture lies. Every sign stands
    /// where no ink, no field and no word is.
    pub(crate) fn new(page: &Page, artwork: String, marks: Vec<Mark>, asked: Vec<Asked>) -> Self {
        let Page { width_um, height_um, .. } = *page;
        let printed = if asked.is_empty() { Vec::new() } else { words(&page.artwork) };
        let glyphs = place::place(width_um, height_um, &printed, &marks, asked);
        Self { width_um, height_um, artwork, marks, glyphs }
    }

    pub(crate) fn width(&self) -> i32 {
        self.width_um / UNIT_UM
    }

    pub(crate) fn height(&self) -> i32 {
        self.height_um / UNIT_UM
    }

    /// The strokes as SVG elements.
    pub(crate) fn ink(&self) -> String {
        ink_svg(&self.marks)
    }

    /// What can be played: the page, then each question that has more than one stroke.
    pub(crate) fn replays(&self) -> Vec<Replay> {
        let mut questions: Vec<&String> = Vec::new();
        for question in self.marks.iter().filter_map(|mark| mark.question.as_ref()) {
            if !questions.contains(&question) {
                questions.push(question);
            }
        }
        let page = Replay::new(None, self.marks.iter().map(|m| (m.since_ms, m.pause)));
        let question = |question: &String| {
            let own = self.marks.iter().filter(|mark| mark.question.as_ref() == Some(question));
            let inside = own.map(|m| (m.own_ms, m.pause.filter(|pause| pause.inside)));
            Replay::new(Some(question.clone()), inside)
        };
        let own = questions.into_iter().map(question).filter(|replay| replay.span_ms > 0);
        std::iter::once(page).chain(own).collect()
    }
}

impl Replay {
    /// From when each stroke begins, and the pause before it.
    fn new(
        question: Option<String>,
        strokes: impl Iterator<Item = (i64, Option<Pause>)> + Clone,
    ) -> Self {
        let span_ms = strokes.clone().map(|(at_ms, _)| at_ms).max().unwrap_or(0);
        let pauses = strokes.filter_map(|(at_ms, pause)| {
            let permille = (at_ms * 1_000).checked_div(span_ms)?;
            Some((permille, pause?.length_ms / 1_000))
        });
        Self { question, span_ms, pauses: pauses.collect() }
    }
}

/// A piece of a page, cut out around one question.
#[derive(Clone)]
pub(crate) struct Crop {
    pub(crate) sheet: Sheet,
    /// In drawing units.
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// Air around what is cut out, in drawing units.
const CROP_AIR: i32 = 300;
/// Words this close to what is cut out belong to it.
const CROP_REACH: i32 = 900;
/// An option's word begins this close to its bubble.
const CROP_OPTION_REACH: i32 = 300;
/// The narrowest piece, and the widest for the sake of a word: with its air it fits one column.
const CROP_WIDTH_MIN: i32 = 4_400;
const CROP_WIDTH_MAX: i32 = 6_900;
const CROP_OPEN_WIDTH_MIN: i32 = 12_000;
/// CSS pixels per page millimetre. All pieces have this one scale, so that large writing looks
/// large and small writing small; a screen that is narrower than a piece reduces it.
const CROP_PX_PER_MM: i32 = 4;
/// Columns of a list of cards in CSS pixels, and the gap between two; the style sheet has the same.
const CARD_COLUMN_PX: i32 = 300;
const CARD_GAP_PX: i32 = 24;
/// Air around a field alone: less than there is to the print before it.
const CROP_BARE_AIR: i32 = 200;

impl Crop {
    /// Cuts out a field with the ink that answers it and the words beside it, as far as there is
    /// room for whole words.
    pub(crate) fn new(sheet: Sheet, field: &Rect, printed: &[Bounds]) -> Self {
        let mut bounds = answered(&sheet, field);
        // What is asked stands before the field or behind it, in pieces.
        while let Some(with_word) = printed
            .iter()
            .filter(|word| bounds.is_beside(word, CROP_REACH))
            .map(|word| bounds.with(word))
            .filter(|with_word| *with_word != bounds)
            .find(|with_word| with_word.x1 - with_word.x0 <= CROP_WIDTH_MAX)
        {
            bounds = with_word;
        }
        Self::around(sheet, &bounds, CROP_AIR, CROP_WIDTH_MIN)
    }

    /// Cuts out bubbles with the ink that answers and the word beside each, the last one's too.
    pub(crate) fn of_choices(sheet: Sheet, bubbles: &[Rect], printed: &[Bounds]) -> Self {
        let is_option = |word: &&Bounds| {
            bubbles.iter().any(|bubble| Bounds::of(bubble).is_beside(word, CROP_OPTION_REACH))
        };
        let field = bubbles.iter().map(Bounds::of).reduce(|a, b| a.with(&b));
        let bounds = sheet.marks.iter().filter(|mark| mark.question.is_some());
        let bounds = bounds.map(|mark| mark.line.bounds).chain(field);
        let bounds = bounds.chain(printed.iter().filter(is_option).copied());
        let bounds = bounds.reduce(|a, b| a.with(&b));
        // A question without a bubble has no place of its own.
        let whole = Bounds { x0: 0, y0: 0, x1: sheet.width(), y1: sheet.height() };
        Self::around(sheet, &bounds.unwrap_or(whole), CROP_BARE_AIR, 0)
    }

    /// Cuts out a field with the ink that answers it and no word, where what is asked stands above
    /// all the pieces.
    pub(crate) fn bare(sheet: Sheet, field: &Rect) -> Self {
        let bounds = answered(&sheet, field);
        Self::around(sheet, &bounds, CROP_BARE_AIR, 0)
    }

    /// Cuts out what was written in a large field, and no more of its empty lines than must be.
    pub(crate) fn of_ink(sheet: Sheet, field: &Rect) -> Self {
        let ink = sheet.marks.iter().map(|mark| mark.line.bounds);
        let bounds = ink.reduce(|a, b| a.with(&b)).unwrap_or_else(|| Bounds::of(field));
        Self::around(sheet, &bounds, CROP_AIR, CROP_OPEN_WIDTH_MIN)
    }

    /// What lacks in width is taken from both sides; what one side has not, from the other.
    fn around(sheet: Sheet, bounds: &Bounds, air: i32, width_min: i32) -> Self {
        let (page_width, page_height) = (sheet.width(), sheet.height());
        let width = (bounds.x1 - bounds.x0 + 2 * air).max(width_min).min(page_width);
        let x0 = ((bounds.x0 + bounds.x1 - width) / 2).clamp(0, page_width - width);
        let x1 = x0 + width;
        let y0 = (bounds.y0 - air).max(0);
        let y1 = (bounds.y1 + air).min(page_height);
        Self { sheet, x: x0, y: y0, width: (x1 - x0).max(1), height: (y1 - y0).max(1) }
    }

    /// How large it is drawn, in CSS pixels.
    pub(crate) fn width_px(&self) -> i32 {
        px(self.width)
    }

    /// See [`Self::width_px`].
    pub(crate) fn height_px(&self) -> i32 {
        px(self.height)
    }

    /// The class of its card by how many columns it needs: none for one, `wide` for two, `full`
    /// for the whole row.
    pub(crate) fn span(&self) -> &'static str {
        match self.width_px() {
            ..=CARD_COLUMN_PX => "",
            width if width <= 2 * CARD_COLUMN_PX + CARD_GAP_PX => "wide",
            _ => "full",
        }
    }

    /// The strokes as SVG elements.
    pub(crate) fn ink(&self) -> String {
        ink_svg(&self.sheet.marks)
    }
}

/// Drawing units in CSS pixels, rounded up.
fn px(units: i32) -> i32 {
    units.saturating_mul(CROP_PX_PER_MM).saturating_add(99) / 100
}

/// A field with the ink that answers it.
fn answered(sheet: &Sheet, field: &Rect) -> Bounds {
    sheet
        .marks
        .iter()
        .filter(|mark| mark.question.is_some())
        .fold(Bounds::of(field), |bounds, mark| bounds.with(&mark.line.bounds))
}

/// See [`crate::page_svg`]. The artwork is a document of its own inside, in CSS pixels, as it
/// stands in a file; the ink is scaled to them.
pub(crate) fn standalone(page: &Page, marks: &[Mark]) -> String {
    const PX_PER_MM: f64 = 96.0 / 25.4;
    let mm = |um: i32| f64::from(um) / 1_000.0;
    let (width, height) = (mm(page.width_um), mm(page.height_um));
    let artwork = page.artwork.find("<svg").map_or("", |at| &page.artwork[at..]);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
         viewBox=\"0 0 {} {}\"><style>{}</style>\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>{artwork}\
         <g class=\"ink\" transform=\"scale({})\">{}</g></svg>\n",
        width * PX_PER_MM,
        height * PX_PER_MM,
        include_str!("../assets/ink.css"),
        PX_PER_MM / 100.0,
        ink_svg(marks),
    )
}

/// Strokes by themselves, as they were written, in a drawing just large enough, at the scale of
/// [`Crop`].
pub(crate) fn loose_svg(strokes: &[ink::Stroke], label: &str) -> String {
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

/// One group a stroke, and a strike through what was crossed out of each question.
fn ink_svg(marks: &[Mark]) -> String {
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
        let y = (bounds.y0 + bounds.y1) / 2;
        let _ = write!(
            svg,
            "<path class=\"strike\" d=\"M{} {y}H{}\"/>",
            bounds.x0 - 60,
            bounds.x1 + 60
        );
    }
    svg
}

/// A text as the value of an attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// The bounds of what was superseded, one a question.
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

#[cfg(test)]
mod tests;
