//! Reading all that is written on a page: one hand wrote it, so that its answers tell of each other.

use worksheet::{Kind, Number, NumberForm, Written};

use super::work::Work;
use super::{Marker, nothing_stands};
use crate::placed::Placed;
use crate::read::{Asked, WritingStyle, read_all};
use crate::{Reading, tail};

/// What stands above a fraction's bar, or below it.
const PART_OF_FRACTION: Kind = Kind::Number(NumberForm::Whole);

/// What was read in one part.
#[derive(Default)]
pub(super) struct Read {
    pub(super) reading: Option<Reading>,
    /// Something that is not read follows the number.
    pub(super) has_unit: bool,
}

impl Marker {
    /// Reads the symbols of each part; nothing of a part that has none.
    pub(super) fn read_written(
        &self,
        work: &[Work<'_>],
        style: &WritingStyle,
        scratch: &mut recognition::Scratch,
    ) -> Vec<Read> {
        let figures: Vec<Option<Vec<&Placed<'_>>>> =
            work.iter().map(|work| self.figures(work, style, scratch)).collect();
        let asked: Vec<Vec<Asked<'_>>> = (work.iter().zip(&figures))
            .map(|(work, figures)| asked(work, figures.as_deref().unwrap_or(&work.number), style))
            .collect();
        let counts: Vec<usize> = asked.iter().map(Vec::len).collect();
        let asked: Vec<Asked<'_>> = asked.into_iter().flatten().collect();
        let mut readings = read_all(&self.recognizer, &asked, scratch).into_iter();
        let read = |((work, figures), count): ((&Work<'_>, &Option<_>), usize)| {
            let readings: Vec<Option<Reading>> = readings.by_ref().take(count).collect();
            let reading = match work.fraction {
                Some(_) => in_one_line(&readings),
                None => readings.into_iter().next().flatten(),
            };
            let tail = match (figures, work.percent) {
                (Some(_), _) => Some(Number::UNREAD),
                (None, true) => Some("%"),
                (None, false) => None,
            };
            let followed = |reading| match tail {
                Some(tail) => tail::followed(reading, tail),
                None => reading,
            };
            Read { reading: reading.map(followed), has_unit: figures.is_some() }
        };
        work.iter().zip(&figures).zip(counts).map(read).collect()
    }

    /// The strokes of a number before a unit; `None` where there is no unit.
    fn figures<'w>(
        &self,
        work: &Work<'w>,
        style: &WritingStyle,
        scratch: &mut recognition::Scratch,
    ) -> Option<Vec<&'w Placed<'w>>> {
        let (field, kind) = (&work.of.part.field, &work.of.part.kind);
        let (_, may_be_unit) = tail::may_follow(kind);
        let sure = self.thresholds.decide_min(kind);
        (may_be_unit && !work.percent && is_read(work))
            .then(|| tail::unit(&self.recognizer, field, &work.live, style, (sure, scratch)))
            .flatten()
    }
}

/// Whether something stands there that is read as symbols.
fn is_read(work: &Work<'_>) -> bool {
    work.is_read() && nothing_stands(work).is_none()
}

/// The strokes of a part as they are read: of a fraction, each of its numbers by itself.
fn asked<'s>(
    work: &'s Work<'_>,
    strokes: &[&'s Placed<'s>],
    style: &WritingStyle,
) -> Vec<Asked<'s>> {
    let part = work.of.part;
    match &work.fraction {
        _ if !is_read(work) => Vec::new(),
        None => Vec::from_iter(Asked::new(&part.field, &part.kind, strokes, style)),
        Some(fraction) => {
            let of = |part: &&Vec<usize>| part.iter().map(|at| work.ink[*at]).collect();
            let parts = [&fraction.whole, &fraction.over, &fraction.under];
            let parts = parts.iter().filter(|strokes| !strokes.is_empty()).map(of);
            let asked = |strokes: Vec<&'s Placed<'s>>| {
                Asked::new(&part.field, &PART_OF_FRACTION, &strokes, style)
            };
            parts.filter_map(asked).collect()
        }
    }
}

/// The numbers of a fraction as one: `1/2`, `1 1/2`. The others are those that differ in one number.
fn in_one_line(readings: &[Option<Reading>]) -> Option<Reading> {
    let numbers: Vec<&Reading> = readings.iter().map(Option::as_ref).collect::<Option<_>>()?;
    let fraction = |numbers: &[String]| {
        let text = match numbers {
            [over, under] => format!("{over}/{under}"),
            [whole, over, under] => format!("{whole} {over}/{under}"),
            _ => return None,
        };
        Number::parse(&text).map(Written::Number)
    };
    let texts: Vec<String> = numbers.iter().map(|number| number.written.to_string()).collect();
    let probability: f32 = numbers.iter().map(|number| number.probability).product();
    let mut alternatives: Vec<(Written, f32)> = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        for (other, p) in &number.alternatives {
            let mut texts = texts.clone();
            texts[at] = other.to_string();
            let p = probability * p / number.probability.max(f32::MIN_POSITIVE);
            alternatives.extend(fraction(&texts).map(|written| (written, p)));
        }
    }
    alternatives.sort_by(|a, b| b.1.total_cmp(&a.1));
    alternatives.truncate(ALTERNATIVES_MAX);
    let reader = recognition::Recognizer::MODEL_VERSION.to_owned();
    Some(Reading { written: fraction(&texts)?, probability, alternatives, reader })
}

/// Other readings that are told.
const ALTERNATIVES_MAX: usize = 3;
