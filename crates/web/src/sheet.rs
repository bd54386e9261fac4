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

use crate::sign::Sign;

pub(crate) use crop::Crop;
pub(crate) use line::Line;
pub(crate) use print::words;
use svg::ink_svg;
pub(crate) use svg::{loose_svg, standalone};

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

#[cfg(test)]
mod tests;
