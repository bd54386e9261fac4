//! An answer's ink to a reading.

use recognition::{Alphabet, Answer, Context, Recognizer};
use worksheet::{Field, Kind, NumberForm, Review, Written};

use crate::bounds::Bounds;
use crate::cross_out::{Symbol, symbols};
use crate::placed::Placed;
use crate::{Reading, Thresholds, apart, comb};

#[cfg(test)]
mod tests;

/// Ink no larger than this is a tap or a dot, micrometres.
pub(crate) const DOT_UM: i64 = 600;
/// Symbols flatter than this (`-`, `=`, a point) say nothing of how large somebody writes.
pub(crate) const TALL_UM: i64 = 1_800;
/// Symbols nearer than this nearly touch, in heights of the tallest.
const NEARLY: f64 = 0.15;
/// See [`may_be_one`].
const ONE_MIN: f32 = 0.02;
/// The strokes of a cross are straighter than a tick.
const TICK_STRAIGHT: f64 = 0.75;
/// From this many symbols on, the page's own ink says it better than the fields do.
const SYMBOLS_MIN: usize = 3;
/// How much of a field's height writing fills, and what no pupil's writing exceeds.
const FILLS: f32 = 0.6;
const HEIGHT_UM: (f32, f32) = (2_500.0, 9_000.0);

/// How the pupil of one page writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WritingStyle {
    /// How tall this pupil writes on this page; `None` where too little says it.
    pub(crate) height_um: Option<f32>,
    /// How wide the gaps between digits are, in heights; `None` where too little says it.
    pub(crate) gap_heights: Option<f64>,
}

impl WritingStyle {
    /// From the live ink in the page's boxes, and in those for numbers among them.
    pub(crate) fn of<'s>(
        answers: impl Iterator<Item = &'s [&'s Placed<'s>]>,
        numbers: impl Iterator<Item = &'s [&'s Placed<'s>]>,
    ) -> Self {
        let mut heights: Vec<i64> = Vec::new();
        for strokes in answers {
            let all: Vec<usize> = (0..strokes.len()).collect();
            let tall = symbols(&all, strokes).into_iter().map(|s: Symbol| s.bounds.height());
            heights.extend(tall.filter(|height| *height >= TALL_UM));
        }
        heights.sort_unstable();
        let enough = heights.len() >= SYMBOLS_MIN;
        let height_um = enough.then(|| heights[heights.len() / 2] as f32);
        Self { height_um, gap_heights: apart::usual_gap(numbers) }
    }

    /// The page's height of symbols, or what the field suggests.
    pub(crate) fn height_in(&self, field: &Field) -> Option<f32> {
        let fills = |um: i32| (um as f32 * FILLS).clamp(HEIGHT_UM.0, HEIGHT_UM.1);
        let suggested = || match field {
            Field::Bubbles(_) => None,
            Field::Lines { pitch_um, .. } => Some(fills(*pitch_um)),
            Field::Box(_) | Field::Bracket(_) | Field::Comb(_) | Field::Area(_) => {
                field.rects().first().map(|rect| fills(rect.height_um))
            }
        };
        self.height_um.or_else(suggested)
    }
}

/// How answers of a kind are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ReadBy<'k> {
    /// By the recognizer, as symbols of an alphabet; of these alone, where some are named.
    Symbols(Alphabet, Option<&'k str>),
    /// By the recognizer, as lines of arithmetic.
    Steps,
    /// By the recognizer, as rows of figures under each other.
    Column,
    /// By the strokes of characters.
    Character,
    /// By the ends of lines between rings.
    Pairs,
    /// By the ink in bubbles.
    Bubbles,
    /// By a person.
    Person(Review),
}

impl<'k> ReadBy<'k> {
    /// The one table of kinds and what reads them. A kind without a reader goes to a person.
    pub(crate) fn of(kind: &'k Kind) -> Self {
        match kind {
            Kind::Digits | Kind::Number(NumberForm::Whole) => Self::Symbols(Alphabet::Number, None),
            Kind::Number(_) => Self::Symbols(Alphabet::Decimal, None),
            Kind::Letter(options) => Self::Symbols(Alphabet::Letters, Some(options)),
            Kind::TrueFalse => Self::Symbols(Alphabet::TrueFalse, None),
            Kind::Comparison => Self::Symbols(Alphabet::Comparison, None),
            Kind::Choice | Kind::Choices => Self::Bubbles,
            Kind::Pairs => Self::Pairs,
            Kind::Steps => Self::Steps,
            Kind::Column => Self::Column,
            Kind::Character => Self::Character,
            Kind::Expression => Self::Person(Review::NoReader),
            Kind::Free => Self::Person(Review::NoKey),
        }
    }
}

/// The live strokes of one answer that is written, as they are read.
pub(crate) struct Asked<'s> {
    field: &'s Field,
    kind: &'s Kind,
    strokes: Vec<&'s Placed<'s>>,
    alphabet: Alphabet,
    context: Context<'s>,
}

impl<'s> Asked<'s> {
    /// `None` where nothing can be read. The key is not among what it is given.
    pub(crate) fn new(
        field: &'s Field,
        kind: &'s Kind,
        strokes: &[&'s Placed<'s>],
        style: &WritingStyle,
    ) -> Option<Self> {
        let ReadBy::Symbols(alphabet, only) = ReadBy::of(kind) else { return None };
        let context = Context { symbol_height_um: style.height_in(field), only };
        let strokes = without_stray_dots(strokes, matches!(alphabet, Alphabet::Decimal));
        Some(Self { field, kind, strokes, alphabet, context })
    }

    fn answer(&self) -> Answer<'_> {
        let strokes = self.strokes.iter().map(|s| &*s.samples).collect();
        Answer { strokes, alphabet: self.alphabet, context: self.context }
    }

    fn reading(&self, read: &recognition::Reading) -> Option<Reading> {
        let others = read.alternatives.iter();
        Some(Reading {
            written: Written::parse(self.kind, &read.text)?,
            probability: read.probability,
            alternatives: others
                .filter_map(|(t, p)| Some((Written::parse(self.kind, t)?, *p)))
                .collect(),
            reader: Recognizer::MODEL_VERSION.to_owned(),
        })
    }
}

/// Reads answers of one hand, each as it is asked for; `None` where nothing can be read.
pub(crate) fn read_all(
    recognizer: &Recognizer,
    asked: &[Asked<'_>],
    scratch: &mut recognition::Scratch,
) -> Vec<Option<Reading>> {
    let is_comb = |asked: &Asked<'_>| matches!(asked.field, Field::Comb(_));
    let answers: Vec<Answer<'_>> =
        asked.iter().filter(|asked| !is_comb(asked)).map(Asked::answer).collect();
    let mut together = recognizer.read_together(&answers, scratch).into_iter();
    let mut read = |asked: &Asked<'_>| {
        let read = match asked.field {
            Field::Comb(cells) => {
                comb::read(recognizer, cells, &asked.strokes, &asked.context, scratch)
            }
            _ => together.next().flatten(),
        };
        asked.reading(&read?)
    };
    asked.iter().map(&mut read).collect()
}

/// Reads strokes as `alphabet`.
pub(crate) fn read_as(
    recognizer: &Recognizer,
    strokes: &[&Placed<'_>],
    alphabet: Alphabet,
    context: &Context<'_>,
    scratch: &mut recognition::Scratch,
) -> Option<recognition::Reading> {
    let samples: Vec<&[ink::Sample]> = strokes.iter().map(|s| &*s.samples).collect();
    recognizer.read(&samples, alphabet, context, scratch)
}

/// Whether ink is only that of a pen that touched the paper.
pub(crate) fn is_dot(stroke: &Placed<'_>) -> bool {
    stroke.bounds.extent() <= DOT_UM
}

/// The strokes without stray taps. Where a number may have a decimal point, a dot in the lower half
/// of the writing, or not far from it, counts as one.
fn without_stray_dots<'s, 'a>(strokes: &[&'s Placed<'a>], decimal: bool) -> Vec<&'s Placed<'a>> {
    let written = strokes.iter().filter(|s| !is_dot(s)).map(|s| s.bounds).reduce(Bounds::union);
    let Some(written) = written else { return strokes.to_vec() };
    let low = Bounds { top: written.middle_y(), ..written };
    let point = |s: &Placed<'_>| decimal && s.bounds.distance(low) <= written.height() as f64 / 3.0;
    strokes.iter().copied().filter(|s| !is_dot(s) || point(s)).collect()
}

/// Whether more symbols stand apart than were read: then some ink was not read, or read as a part
/// of its neighbour. Symbols that are much flatter than the others (points, the hat of a 5) may be
/// parts of one, and so may those that nearly touch: the two strokes of an open 4.
pub(crate) fn has_more_symbols(strokes: &[&Placed<'_>], text: &str) -> bool {
    let all: Vec<usize> = (0..strokes.len()).collect();
    let mut symbols: Vec<Bounds> = symbols(&all, strokes).iter().map(|s| s.bounds).collect();
    let tallest = symbols.iter().map(|s| s.height()).max().unwrap_or(0);
    symbols.retain(|s| s.height() * 2 >= tallest);
    let apart = |pair: &&[Bounds]| pair[1].gap_x(pair[0]) as f64 >= NEARLY * tallest as f64;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let first = usize::from(!symbols.is_empty());
    first + symbols.windows(2).filter(apart).count() > digits
}

/// Whether a mark that stands low and is smaller than the digits was read as one of them, though it
/// may be the point of a decimal. A long one is narrow: a small 0 is none.
pub(crate) fn has_low_mark(strokes: &[&Placed<'_>], text: &str) -> bool {
    let all: Vec<usize> = (0..strokes.len()).collect();
    let symbols = symbols(&all, strokes);
    let Some(tallest) = symbols.iter().max_by_key(|s| s.bounds.height()) else { return false };
    let low = |s: &Symbol| {
        let (height, width) = (s.bounds.height(), s.bounds.width());
        let long = height * 5 > tallest.bounds.height() * 2;
        height * 5 <= tallest.bounds.height() * 3
            && width * (if long { 4 } else { 2 }) <= tallest.bounds.height()
            && s.bounds.top >= tallest.bounds.top + tallest.bounds.height() / 3
    };
    !text.contains('.') && symbols.len() > 1 && symbols.iter().any(low)
}

/// Whether a 7 was read that is a 1 with this chance or more: a 1 with a flag is like a 7, and a hand
/// that writes it so does it always.
pub(crate) fn may_be_one(reading: &Reading) -> bool {
    let read = reading.written.to_string();
    let ones = |other: &str| {
        let mut pairs = read.chars().zip(other.chars()).filter(|(a, b)| a != b);
        other.len() == read.len() && pairs.next() == Some(('7', '1')) && pairs.next().is_none()
    };
    reading.alternatives.iter().any(|(other, p)| *p >= ONE_MIN && ones(&other.to_string()))
}

/// Whether the strokes of a √ or × are more than one of them has: more than two, or two of which one
/// turns as a tick does.
pub(crate) fn are_tick_and_cross(strokes: &[&Placed<'_>]) -> bool {
    let strokes: Vec<_> = strokes.iter().filter(|s| !is_dot(s)).collect();
    let turns = |s: &&&Placed<'_>| s.straightness() < TICK_STRAIGHT;
    strokes.len() > 2 || strokes.len() == 2 && strokes.iter().any(turns)
}

/// Whether a reading of this probability is sure enough to be judged.
pub(crate) fn is_sure(probability: f32, kind: &Kind, thresholds: &Thresholds) -> bool {
    // A NaN probability is never sure.
    probability >= thresholds.decide_min(kind)
}
