//! Figures under each other (竖式): from ink to the steps that they work out.
//!
//! Rows are told by where their figures stand, and parted by the lines drawn under them. Small raised
//! figures are carries, which belong to no row. Sums and differences have two rows over one line and
//! one under it; a product by two digits has two more between two lines. Anything else is not read.

use recognition::{Context, Recognizer};
use worksheet::Field;

use crate::Reading;
use crate::bounds::Bounds;
use crate::cross_out::{Sorted, overlap};
use crate::placed::Placed;
use crate::read::{WritingStyle, is_dot};
use crate::steps::{Line, Lines, put_together, read_part, rows, sort_out_each};

#[cfg(test)]
mod tests;

/// More strokes than any sum has.
const ALL_MAX: usize = 300;
/// A line under figures is this straight, this many times as wide as tall, and this wide against the
/// figures' height: a minus is narrower.
const RULE_STRAIGHT: f64 = 0.9;
const RULE_FLAT: i64 = 6;
const RULE_WIDE: f64 = 1.6;
/// A line nearer to a figure's middle than this share of its height strikes it.
const STRIKES: f64 = 0.3;
/// A carry is no larger than this against the figures.
const CARRY: f64 = 0.65;
/// Flatter ink is a minus.
const MINUS_FLAT: i64 = 3;
/// A row ends so far left of the one above it, in widths of a figure, that it counts tens.
const SHIFTED: f64 = 0.6;

/// Sorts the strokes of an answer, ordered by time, into rows; `None` where there are too many.
pub(crate) fn sort_out_rows<'w>(ink: &[&'w Placed<'w>]) -> Option<(Sorted, Lines<'w>)> {
    if ink.len() > ALL_MAX {
        return None;
    }
    let tall = height_of_figures(ink);
    let all: Vec<usize> = (0..ink.len()).collect();
    let (rules, rest): (Vec<usize>, Vec<usize>) =
        all.into_iter().partition(|at| is_rule(ink[*at], ink, tall));
    let (carries, rest): (Vec<usize>, Vec<usize>) =
        rest.iter().copied().partition(|at| is_carry(*at, &rest, ink, tall));
    let strokes: Vec<&Placed<'_>> = rest.iter().map(|at| ink[*at]).collect();
    let rows = rows(&strokes).into_iter();
    let rows = rows.map(|row| row.into_iter().map(|at| rest[at]).collect()).collect();
    let (mut sorted, mut lines) = sort_out_each(ink, rows)?;
    sorted.live.extend(rules.iter().chain(&carries));
    sorted.live.sort_unstable();
    lines.rules = rules.into_iter().map(|at| ink[at]).collect();
    lines.carries = carries.into_iter().map(|at| ink[at]).collect();
    Some((sorted, lines))
}

/// Reads the rows; `None` where they are not those of one sum.
pub(crate) fn read(
    recognizer: &Recognizer,
    field: &Field,
    lines: &Lines<'_>,
    style: &WritingStyle,
    scratch: &mut recognition::Scratch,
) -> Option<Reading> {
    let bounds = |row: &Vec<&Placed<'_>>| {
        row.iter().map(|s| s.bounds).reduce(Bounds::union).unwrap_or(Bounds::at(row[0].first()))
    };
    let places: Vec<Bounds> = lines.live.iter().map(bounds).collect();
    // How many rows stand over the first line, between each two, and under the last.
    let mut bands = vec![0; lines.rules.len() + 1];
    for place in &places {
        let over = lines.rules.iter().filter(|rule| rule.bounds.middle_y() < place.middle_y());
        bands[over.count()] += 1;
    }
    let with_products = match bands.as_slice() {
        [2, 1] => false,
        [2, 2, 1] => true,
        _ => return None,
    };
    let context = Context { symbol_height_um: style.height_in(field), only: None };
    let read = |row: &Vec<&Placed<'_>>| read_part(recognizer, row, &context, scratch);
    let read: Option<Vec<Line>> = lines.live.iter().map(read).collect();
    let read = read?;
    let tens = with_products && {
        let figures = read[2].text.chars().filter(char::is_ascii_digit).count().max(1) as f64;
        let figure_um = places[2].width() as f64 / figures;
        (places[2].right - places[3].right) as f64 >= SHIFTED * figure_um
    };
    put_together(&read, |rows| in_one_line(rows, tens))
}

/// `24`, `×13`, `72`, `24`, `312` as `24×13=72+240=312`; `tens` says that the second product ends one
/// figure further left.
fn in_one_line(rows: &[&str], tens: bool) -> Option<String> {
    let is_number = |row: &str| row.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let (first, second, rest) = match rows {
        [first, second, rest @ ..] => (*first, *second, rest),
        _ => return None,
    };
    let plain = second.strip_prefix(['+', '-', '×'])?;
    if !is_number(first) || !is_number(plain) {
        return None;
    }
    match rest {
        [result] if is_number(result) => Some(format!("{first}{second}={result}")),
        [ones, by_tens, result] if second.starts_with('×') => {
            let by_tens = by_tens.trim_start_matches('+');
            let zero = if tens { "0" } else { "" };
            let sound = [*ones, by_tens, *result].into_iter().all(is_number);
            sound.then(|| format!("{first}{second}={ones}+{by_tens}{zero}={result}"))
        }
        _ => None,
    }
}

/// How tall most figures are; lines say nothing of that.
fn height_of_figures(ink: &[&Placed<'_>]) -> f64 {
    let upright = ink.iter().map(|s| s.bounds).filter(|b| 2 * b.height() >= b.width());
    let mut heights: Vec<i64> = upright.map(|b| b.height()).collect();
    heights.sort_unstable();
    heights.get(heights.len() * 3 / 5).copied().unwrap_or(0).max(1_500) as f64
}

/// Whether a stroke is a line under figures; one through figures takes them back.
fn is_rule(stroke: &Placed<'_>, ink: &[&Placed<'_>], tall: f64) -> bool {
    let line = stroke.bounds;
    let is_line = stroke.straightness() >= RULE_STRAIGHT
        && line.width() >= RULE_FLAT * line.height()
        && line.width() as f64 >= RULE_WIDE * tall;
    let strikes = |other: &&&Placed<'_>| {
        let of = other.bounds;
        of.height() as f64 >= 0.6 * tall
            && of.gap_x(line) < 0
            && ((of.middle_y() - line.middle_y()).abs() as f64) < STRIKES * of.height() as f64
    };
    is_line && !ink.iter().any(|other| strikes(&other))
}

/// Whether a stroke is small, stands by itself, and is neither a sign nor a point of its row.
fn is_carry(at: usize, rest: &[usize], ink: &[&Placed<'_>], tall: f64) -> bool {
    let small = |of: Bounds| of.extent() as f64 <= CARRY * tall;
    let of = ink[at].bounds;
    if !small(of) || of.width() >= MINUS_FLAT * of.height().max(1) && !is_dot(ink[at]) {
        return false;
    }
    let figures = || rest.iter().map(|other| ink[*other].bounds).filter(|other| !small(*other));
    // The hat of a 5 and the second stroke of a 4 belong to what they stand over.
    let is_part = |figure: Bounds| {
        overlap(figure, of) && (figure.gap_y(of) as f64) < 0.15 * tall && !is_dot(ink[at])
    };
    // A point stands at the foot of the figures beside it.
    let is_point = |figure: Bounds| {
        is_dot(ink[at])
            && (figure.bottom - of.middle_y()).abs() as f64 <= 0.3 * tall
            && figure.gap_x(of) as f64 <= tall
    };
    // A sign stands left of every figure of its row, and is level with them.
    let level = |figure: &Bounds| (figure.top..=figure.bottom).contains(&of.middle_y());
    let beside: Vec<Bounds> = figures().filter(level).collect();
    let is_sign = !beside.is_empty() && beside.iter().all(|figure| of.right <= figure.left);
    !figures().any(is_part) && !figures().any(is_point) && !is_sign
}
