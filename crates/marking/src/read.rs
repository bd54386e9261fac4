//! An answer's ink to a reading.

use recognition::{Alphabet, Context, Recognizer};
use worksheet::{Field, Kind, NumberForm};

use crate::bounds::Bounds;
use crate::cross_out::{Symbol, symbols};
use crate::placed::Placed;
use crate::{Reading, Thresholds};

#[cfg(test)]
mod tests;

/// Ink no larger than this is a tap or a dot, micrometres.
pub(crate) const DOT_UM: i64 = 600;
/// Symbols flatter than this (`-`, `=`, a point) say nothing of how large somebody writes.
const TALL_UM: i64 = 1_800;
/// From this many symbols on, the page's own ink says it better than the fields do.
const SYMBOLS_MIN: usize = 3;
/// How much of a field's height writing fills, and what no pupil's writing exceeds.
const FILLS: f32 = 0.6;
const HEIGHT_UM: (f32, f32) = (2_500.0, 9_000.0);

/// How the answers of one page are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// How tall this pupil writes on this page; `None` where too little says it.
    pub(crate) height_um: Option<f32>,
}

impl Manner {
    /// From the live ink in the page's boxes.
    pub(crate) fn of<'s>(answers: impl Iterator<Item = &'s [&'s Placed<'s>]>) -> Self {
        let mut heights: Vec<i64> = Vec::new();
        for strokes in answers {
            let all: Vec<usize> = (0..strokes.len()).collect();
            let tall = symbols(&all, strokes).into_iter().map(|s: Symbol| s.bounds.height());
            heights.extend(tall.filter(|height| *height >= TALL_UM));
        }
        heights.sort_unstable();
        let enough = heights.len() >= SYMBOLS_MIN;
        let height_um = enough.then(|| heights[heights.len() / 2] as f32);
        Self { height_um }
    }

    /// The page's height of symbols, or what the field suggests.
    fn height_in(&self, field: &Field) -> Option<f32> {
        let suggested = || match field {
            Field::Box(rect) => {
                Some((rect.height_um as f32 * FILLS).clamp(HEIGHT_UM.0, HEIGHT_UM.1))
            }
            Field::Bubbles(_) => None,
        };
        self.height_um.or_else(suggested)
    }
}

/// Reads the live strokes of one answer that is written; `None` where nothing can be read. What is
/// right there is not among what it is given.
pub(crate) fn read(
    recognizer: &Recognizer,
    field: &Field,
    kind: &Kind,
    strokes: &[&Placed<'_>],
    manner: &Manner,
    scratch: &mut recognition::Scratch,
) -> Option<Reading> {
    let (alphabet, only) = match kind {
        Kind::Number(NumberForm::Decimal) => (Alphabet::Decimal, None),
        Kind::Number(NumberForm::Whole) => (Alphabet::Number, None),
        Kind::Letter(options) => (Alphabet::Letters, Some(options.as_str())),
        Kind::TrueFalse => (Alphabet::TrueFalse, None),
        Kind::Comparison => (Alphabet::Comparison, None),
        Kind::Choice | Kind::Free => return None,
    };
    let context = Context { symbol_height_um: manner.height_in(field), only };
    let strokes = without_stray_dots(strokes, matches!(alphabet, Alphabet::Decimal));
    read_as(recognizer, &strokes, alphabet, &context, scratch)
}

/// Reads strokes as `alphabet`.
pub(crate) fn read_as(
    recognizer: &Recognizer,
    strokes: &[&Placed<'_>],
    alphabet: Alphabet,
    context: &Context<'_>,
    scratch: &mut recognition::Scratch,
) -> Option<Reading> {
    let samples: Vec<&[ink::Sample]> = strokes.iter().map(|s| &*s.samples).collect();
    let read = recognizer.read(&samples, alphabet, context, scratch)?;
    Some(Reading {
        text: read.text,
        probability: read.probability,
        alternatives: read.alternatives,
    })
}

/// Whether ink is only that of a pen that touched the paper.
pub(crate) fn is_dot(stroke: &Placed<'_>) -> bool {
    stroke.bounds.extent() <= DOT_UM
}

/// The strokes without taps that are no part of what is written: where a number may have a point,
/// a dot in the lower half of the writing and not far from it is one.
fn without_stray_dots<'s, 'a>(strokes: &[&'s Placed<'a>], decimal: bool) -> Vec<&'s Placed<'a>> {
    let written = strokes.iter().filter(|s| !is_dot(s)).map(|s| s.bounds).reduce(Bounds::union);
    let Some(written) = written else { return strokes.to_vec() };
    let low = Bounds { top: written.middle_y(), ..written };
    let point = |s: &Placed<'_>| decimal && s.bounds.distance(low) <= written.height() as f64 / 3.0;
    strokes.iter().copied().filter(|s| !is_dot(s) || point(s)).collect()
}

/// Whether more symbols stand apart than were read: then some ink was not read, or read as a part
/// of its neighbour. Symbols that are much flatter than the others (points, the hat of a 5) may be
/// parts of one.
pub(crate) fn has_more_symbols(strokes: &[&Placed<'_>], text: &str) -> bool {
    let all: Vec<usize> = (0..strokes.len()).collect();
    let heights: Vec<i64> = symbols(&all, strokes).iter().map(|s| s.bounds.height()).collect();
    let tallest = heights.iter().copied().max().unwrap_or(0);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    heights.iter().filter(|height| **height * 2 >= tallest).count() > digits
}

/// Whether a reading is sure enough to be judged.
pub(crate) fn is_sure(reading: &Reading, thresholds: &Thresholds) -> bool {
    // A probability that is no number decides nothing.
    reading.probability >= thresholds.decide_min
}
