//! Arithmetic worked out on a line or on several: from ink to what stands there.

use recognition::{Alphabet, Context, Recognizer, SYMBOLS};
use worksheet::{Field, Steps, Written};

use crate::Reading;
use crate::brackets::bow;
use crate::cross_out::{STROKES_MAX, Sorted, sort_out};
use crate::placed::Placed;
use crate::read::{WritingStyle, is_dot, read_as};

mod rows;
#[cfg(test)]
mod tests;

pub(crate) use rows::rows;

/// More strokes than any working of a few lines has.
const ALL_MAX: usize = 400;
/// Sides that agree by a mistake of the reader: chosen by hand, few misread digits keep a sum right.
const AGREE_BY_CHANCE: f32 = 0.05;
/// A slip that another reading as likely as this would undo is no slip for certain.
const OTHERWISE_MIN: f32 = 0.001;
/// A bracket is at least this tall against the other symbols, and at most as wide against its height.
const BRACKET_TALL: f64 = 0.8;
const BRACKET_WIDE: f64 = 0.45;
/// A stroke that bows less is likelier a 1; see [`bow`].
const BRACKET_BOW: f64 = 0.1;
/// How sure a pair of brackets is, and ink that may be one bracket and is read as a digit.
const SURE_PAIR: f32 = 0.98;
const ODD_BRACKET: f32 = 0.5;

/// Strokes of one answer, by lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines<'w> {
    /// What stands, from the top line down, each line by time.
    pub(crate) live: Vec<Vec<&'w Placed<'w>>>,
    /// The lines drawn under figures, where these stand under each other.
    pub(crate) rules: Vec<&'w Placed<'w>>,
    /// Ink that was taken for a carry.
    pub(crate) carries: Vec<&'w Placed<'w>>,
}

impl Lines<'_> {
    /// Whether a stroke has the shape of a bracket.
    pub(crate) fn may_have_brackets(&self) -> bool {
        self.live.iter().any(|line| !brackets(line).is_empty())
    }
}

/// Sorts the strokes of an answer, ordered by time, line by line; `None` where there are too many.
pub(crate) fn sort_out_lines<'w>(ink: &[&'w Placed<'w>]) -> Option<(Sorted, Lines<'w>)> {
    if ink.len() > ALL_MAX {
        return None;
    }
    sort_out_each(ink, rows(ink))
}

/// Sorts the strokes of each line by themselves; lines are positions in the ink.
pub(crate) fn sort_out_each<'w>(
    ink: &[&'w Placed<'w>],
    rows: Vec<Vec<usize>>,
) -> Option<(Sorted, Lines<'w>)> {
    let (mut sorted, mut lines) = (Sorted::default(), Lines::default());
    for row in rows {
        if row.len() > STROKES_MAX {
            return None;
        }
        let strokes: Vec<&'w Placed<'w>> = row.iter().map(|at| ink[*at]).collect();
        let of_row = sort_out(&strokes, false);
        sorted.live.extend(of_row.live.iter().map(|at| row[*at]));
        sorted.superseded.extend(of_row.superseded.iter().map(|at| row[*at]));
        sorted.rewrites += of_row.rewrites;
        sorted.overwritten |= of_row.overwritten;
        let live: Vec<&Placed<'_>> = of_row.live.iter().map(|at| strokes[*at]).collect();
        if !live.iter().all(|s| is_dot(s)) {
            lines.live.push(live);
        }
    }
    sorted.live.sort_unstable();
    sorted.superseded.sort_unstable();
    Some((sorted, lines))
}

/// Reads the lines; `None` where they are no plain arithmetic.
pub(crate) fn read(
    recognizer: &Recognizer,
    field: &Field,
    lines: &Lines<'_>,
    style: &WritingStyle,
    scratch: &mut recognition::Scratch,
) -> Option<Reading> {
    let context = Context { symbol_height_um: style.height_in(field), only: None };
    let read = |line: &Vec<&Placed<'_>>| read_line(recognizer, line, &context, scratch);
    let read: Option<Vec<Line>> = lines.live.iter().map(read).collect();
    put_together(&read?, |texts| Some(joined(texts)))
}

/// The steps that lines say together.
pub(crate) fn put_together(
    read: &[Line],
    joined: impl Fn(&[&str]) -> Option<String>,
) -> Option<Reading> {
    let parse = |texts: &[&str]| Steps::parse(&joined(texts)?);
    let texts: Vec<&str> = read.iter().map(|line| line.text.as_str()).collect();
    let steps = parse(&texts)?;
    let sure: f32 = read.iter().map(|line| line.probability).product();
    let mut alternatives: Vec<(Written, f32)> = Vec::new();
    for (at, line) in read.iter().enumerate() {
        for (other, p) in &line.alternatives {
            let mut texts = texts.clone();
            texts[at] = other;
            let p = p * sure / line.probability.max(1e-6);
            let other = parse(&texts).filter(|other| *other != steps);
            alternatives.extend(other.map(|other| (Written::Steps(other), p)));
        }
    }
    alternatives.sort_by(|a, b| b.1.total_cmp(&a.1));
    alternatives.truncate(ALTERNATIVES_MAX);
    let reader = Recognizer::MODEL_VERSION.to_owned();
    Some(Reading { written: Written::Steps(steps), probability: sure, alternatives, reader })
}

/// Other readings that are told.
const ALTERNATIVES_MAX: usize = 3;

/// How likely a reading is once it is known whether its sides agree. A digit that is always misread
/// lets them agree too, so that this holds of working that is right, and of no slip.
pub(crate) fn likely(reading: &Reading) -> f32 {
    let sure = reading.probability;
    match &reading.written {
        Written::Steps(steps) if steps.agree() => sure / (sure + (1.0 - sure) * AGREE_BY_CHANCE),
        _ => sure,
    }
}

/// Whether a slip in a reading may be the reader's: with another reading all sides agree.
pub(crate) fn is_slip_of_reader(reading: &Reading) -> bool {
    let agree = |written: &Written| matches!(written, Written::Steps(steps) if steps.agree());
    let others = reading.alternatives.iter().filter(|(_, p)| *p >= OTHERWISE_MIN);
    !agree(&reading.written) && others.into_iter().any(|(other, _)| agree(other))
}

/// Lines as one text: one that begins with a sign goes on with the line above, any other begins a sum.
fn joined(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        let goes_on = line.starts_with(['=', '+', '-', '×', '÷']);
        let is_open = text.ends_with(['=', '+', '-', '×', '÷', '(']);
        if !text.is_empty() && !goes_on && !is_open {
            text.push(';');
        }
        // An equals sign at the end of a line may be written again on the next.
        let line = if text.ends_with('=') { line.trim_start_matches('=') } else { line };
        text.push_str(line);
    }
    text
}

/// A line as it was read.
pub(crate) struct Line {
    pub(crate) text: String,
    probability: f32,
    alternatives: Vec<(String, f32)>,
}

fn read_line(
    recognizer: &Recognizer,
    strokes: &[&Placed<'_>],
    context: &Context<'_>,
    scratch: &mut recognition::Scratch,
) -> Option<Line> {
    let marks = if SYMBOLS.contains(&'(') { Vec::new() } else { brackets(strokes) };
    if !is_balanced(&marks) {
        let odd = marks.iter().any(|mark| mark.bow >= BRACKET_BOW);
        let line = read_part(recognizer, strokes, context, scratch)?;
        let sure = if odd { ODD_BRACKET } else { 1.0 };
        return Some(Line { probability: line.probability * sure, ..line });
    }
    let mut line = Line { text: String::new(), probability: 1.0, alternatives: Vec::new() };
    let mut rest: Vec<&Placed<'_>> = strokes.to_vec();
    for mark in &marks {
        let middle = |s: &Placed<'_>| s.bounds.left + s.bounds.right;
        let at = middle(strokes[mark.stroke]);
        rest.retain(|s| s.key != strokes[mark.stroke].key);
        let (before, after): (Vec<&Placed<'_>>, Vec<_>) =
            rest.into_iter().partition(|s| middle(s) < at);
        rest = after;
        line.push(recognizer, &before, context, scratch)?;
        line.text.push(if mark.opens { '(' } else { ')' });
        line.alternatives
            .iter_mut()
            .for_each(|(text, _)| text.push(if mark.opens { '(' } else { ')' }));
        line.probability *= if mark.bow >= BRACKET_BOW { SURE_PAIR } else { ODD_BRACKET };
    }
    line.push(recognizer, &rest, context, scratch)?;
    Some(line)
}

impl Line {
    /// Reads more of the line.
    fn push(
        &mut self,
        recognizer: &Recognizer,
        strokes: &[&Placed<'_>],
        context: &Context<'_>,
        scratch: &mut recognition::Scratch,
    ) -> Option<()> {
        if strokes.is_empty() {
            return Some(());
        }
        let part = read_part(recognizer, strokes, context, scratch)?;
        let before = self.text.clone();
        for (text, p) in &mut self.alternatives {
            text.push_str(&part.text);
            *p *= part.probability;
        }
        let others = part.alternatives.iter();
        let others = others.map(|(text, p)| (format!("{before}{text}"), p * self.probability));
        self.alternatives.extend(others);
        self.text.push_str(&part.text);
        self.probability *= part.probability;
        Some(())
    }
}

pub(crate) fn read_part(
    recognizer: &Recognizer,
    strokes: &[&Placed<'_>],
    context: &Context<'_>,
    scratch: &mut recognition::Scratch,
) -> Option<Line> {
    let read = read_as(recognizer, strokes, Alphabet::Line, context, scratch)?;
    let recognition::Reading { text, probability, alternatives, .. } = read;
    Some(Line { text, probability, alternatives })
}

/// A stroke that may be a bracket.
struct Mark {
    /// Its position in the line.
    stroke: usize,
    opens: bool,
    bow: f64,
}

/// The strokes that may be brackets, from left to right: tall, narrow, bowed evenly, and alone.
fn brackets(strokes: &[&Placed<'_>]) -> Vec<Mark> {
    let mut heights: Vec<i64> = strokes.iter().map(|s| s.bounds.height()).collect();
    heights.sort_unstable();
    let tall = heights.get(heights.len() * 3 / 4).copied().unwrap_or(0) as f64;
    let mut marks: Vec<Mark> = Vec::new();
    for (at, stroke) in strokes.iter().enumerate() {
        let (width, height) = (stroke.bounds.width() as f64, stroke.bounds.height() as f64);
        let alone = |(other, s): (usize, &&Placed<'_>)| {
            other == at || -stroke.bounds.gap_x(s.bounds) * 2 < stroke.bounds.width().max(400)
        };
        let is_one = height >= BRACKET_TALL * tall
            && width <= BRACKET_WIDE * height
            && strokes.iter().enumerate().all(alone);
        if let Some(bow) = bow(stroke).filter(|_| is_one && bows_evenly(stroke)) {
            marks.push(Mark { stroke: at, opens: bow < 0.0, bow: bow.abs() });
        }
    }
    marks.sort_by_key(|mark| strokes[mark.stroke].bounds.left);
    marks
}

/// Whether a stroke lies furthest from the line between its ends near its middle: a 7 does so near its
/// top.
fn bows_evenly(stroke: &Placed<'_>) -> bool {
    let (a, b) = (stroke.first(), stroke.last());
    let f = f64::from;
    let (dx, dy) = (f(b.x_um) - f(a.x_um), f(b.y_um) - f(a.y_um));
    let length = dx.hypot(dy).max(1.0);
    let off = |p: &worksheet::PagePoint| {
        let (x, y) = (f(p.x_um) - f(a.x_um), f(p.y_um) - f(a.y_um));
        ((x * dy - y * dx).abs() / length, (x * dx + y * dy) / (length * length))
    };
    let furthest = stroke.points.iter().map(off).max_by(|a, b| a.0.total_cmp(&b.0));
    furthest.is_some_and(|(_, along)| (0.3..=0.7).contains(&along))
}

/// Whether brackets open and close in turn, each after its other half.
fn is_balanced(marks: &[Mark]) -> bool {
    let mut open = 0_i32;
    marks.iter().all(|mark| {
        open += if mark.opens { 1 } else { -1 };
        open >= 0
    }) && open == 0
}
