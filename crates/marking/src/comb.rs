//! Numbers written into a comb: one digit in each box.

use recognition::{Alphabet, Context, Reading, Recognizer, Scratch};
use worksheet::Rect;

use crate::bounds::Bounds;
use crate::placed::Placed;
use crate::read::read_as;

#[cfg(test)]
mod tests;

/// Other readings that are told.
const ALTERNATIVES_MAX: usize = 3;

/// Reads the digits of a comb; `None` where a box between two digits is empty, or nothing is
/// written. Boxes before the first digit and after the last one may be empty.
pub(crate) fn read(
    recognizer: &Recognizer,
    cells: &[Rect],
    strokes: &[&Placed<'_>],
    context: &Context<'_>,
    scratch: &mut Scratch,
) -> Option<Reading> {
    let mut written: Vec<Vec<&Placed<'_>>> = vec![Vec::new(); cells.len()];
    for stroke in strokes {
        written.get_mut(nearest(stroke, cells)?)?.push(stroke);
    }
    let first = written.iter().position(|ink| !ink.is_empty())?;
    let last = written.iter().rposition(|ink| !ink.is_empty())?;
    let mut digits = Vec::new();
    for ink in &written[first..=last] {
        digits.push(read_as(recognizer, ink, Alphabet::Digits, context, scratch)?);
    }
    Some(joined(&digits))
}

/// The box whose middle is nearest to the stroke's.
fn nearest(stroke: &Placed<'_>, cells: &[Rect]) -> Option<usize> {
    let middle = |bounds: Bounds| bounds.left + bounds.right;
    let distance = |cell: &Rect| middle(stroke.bounds).abs_diff(middle(Bounds::of(*cell)));
    (0..cells.len()).min_by_key(|at| distance(&cells[*at]))
}

/// The digits as one text. Each is read by itself, so their probabilities multiply; the others are
/// those that differ in one digit.
fn joined(digits: &[Reading]) -> Reading {
    let text: String = digits.iter().map(|digit| digit.text.as_str()).collect();
    let probability: f32 = digits.iter().map(|digit| digit.probability).product();
    let mut alternatives: Vec<(String, f32)> = Vec::new();
    for (at, digit) in digits.iter().enumerate() {
        for (other, p) in &digit.alternatives {
            let one = digits.iter().enumerate();
            let one = one.map(|(i, digit)| if i == at { other } else { &digit.text });
            alternatives
                .push((one.map(String::as_str).collect(), probability / digit.probability * p));
        }
    }
    alternatives.sort_by(|a, b| b.1.total_cmp(&a.1));
    alternatives.truncate(ALTERNATIVES_MAX);
    let foreign = digits.iter().any(|digit| digit.foreign);
    Reading { text, probability, alternatives, foreign }
}
