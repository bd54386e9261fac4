//! A page as it was written: artwork, ink and signs as SVG.
//!
//! Lengths in the drawing are hundredths of a millimetre, so that whole numbers suffice.

mod crop;
mod line;
mod place;
mod print;
mod svg;

use attribution::Role;
use ink::drawn::UNIT_UM;
use worksheet::{Page, Rect};

use crate::Sign;

pub use crop::Crop;
pub use line::{Bounds, Line};
pub use print::words;
pub(crate) use print::{outlines, texts};
use svg::ink_svg;
pub(crate) use svg::standalone;
pub use svg::{WIDTHS, loose_svg, plain_ink};

/// Whose ink it is and whether it still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ink {
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
    pub fn of(role: Role) -> Self {
        match role {
            Role::Live => Self::Live,
            Role::Superseded => Self::Superseded,
            Role::Red => Self::Red,
            Role::Loose => Self::Loose,
        }
    }

    /// The class in the style sheet.
    pub fn class(self) -> &'static str {
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
pub struct Mark {
    /// Whose it is, and whether it counts.
    pub ink: Ink,
    /// The question that it answers, if any.
    pub question: Option<String>,
    /// When it begins in the replay of the page, milliseconds after the page's first stroke.
    pub since_ms: i64,
    /// The same in the replay of its question alone.
    pub own_ms: i64,
    /// How long the pupil did not write before it, if that is worth a mark.
    pub pause: Option<Pause>,
    /// Where it lies.
    pub line: Line,
}

/// A time in which the pupil wrote nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Milliseconds as they passed, and not as the replay cuts them short.
    pub length_ms: i64,
    /// Whether the stroke before it belongs to the same question: a pause inside an answer.
    pub inside: bool,
}

/// What the bar of the replay shows: a page, or one question of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// `None` is the page.
    pub question: Option<String>,
    /// From the first stroke to the last, milliseconds.
    pub span_ms: i64,
    /// Where pauses end, in thousandths of the span, and their seconds.
    pub pauses: Vec<(i64, i64)>,
}

/// The page.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Width of the paper, micrometres.
    pub width_um: i32,
    /// Height of the paper, micrometres.
    pub height_um: i32,
    /// Where the artwork lies.
    pub artwork: String,
    /// The strokes in written order.
    pub marks: Vec<Mark>,
    /// The signs beside the questions.
    pub glyphs: Vec<Glyph>,
}

/// The sign of a verdict beside its question.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    /// The id of the question's part.
    pub question: String,
    /// What is drawn.
    pub sign: Sign,
    /// Whether the paper may still change.
    pub provisional: bool,
    /// Read out, and shown on hover.
    pub title: String,
    /// Its left edge, in drawing units.
    pub x: i32,
    /// Its top edge, in drawing units.
    pub y: i32,
}

/// A question whose sign is to be placed.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The id of the question's part.
    pub question: String,
    /// What is drawn.
    pub sign: Sign,
    /// Whether the paper may still change.
    pub provisional: bool,
    /// Read out, and shown on hover.
    pub title: String,
    /// The bounds of its fields.
    pub field: Rect,
}

/// Side of a sign's square, in drawing units.
pub const GLYPH: i32 = 440;

impl Sheet {
    /// A page of a worksheet with its ink; `artwork` is where its picture lies. Every sign stands
    /// where no ink, no field and no word is.
    pub fn new(page: &Page, artwork: String, marks: Vec<Mark>, asked: Vec<Asked>) -> Self {
        let Page { width_um, height_um, .. } = *page;
        let printed = if asked.is_empty() { Vec::new() } else { words(&page.artwork) };
        let glyphs = place::place(width_um, height_um, &printed, &marks, asked);
        Self { width_um, height_um, artwork, marks, glyphs }
    }

    /// Width in drawing units.
    pub fn width(&self) -> i32 {
        self.width_um / UNIT_UM
    }

    /// Height in drawing units.
    pub fn height(&self) -> i32 {
        self.height_um / UNIT_UM
    }

    /// The strokes as SVG elements.
    pub fn ink(&self) -> String {
        ink_svg(&self.marks)
    }

    /// What can be played: the page, then each question that has more than one stroke.
    pub fn replays(&self) -> Vec<Replay> {
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

#[cfg(test)]
mod tests;
