//! Whether the ink of one answer is two: a wide gap, another line, or a long pause in it.

use crate::cross_out::{Symbol, symbols};
use crate::placed::Placed;
use crate::read::{TALL_UM, is_dot};

#[cfg(test)]
mod tests;

/// A gap is wide from this many of the writing's usual gaps on, and from this share of its height.
const GAPS: f64 = 3.0;
const HEIGHTS: f64 = 0.9;
/// In a number that has a rhythm of its own, from this share.
const HEIGHTS_IN_RHYTHM: f64 = 0.6;
/// Where nothing says how wide gaps usually are, from this share.
const HEIGHTS_ALONE: f64 = 1.3;
/// Ink after this pause is another answer if it also stands a little apart: by this share of the
/// height.
const PAUSE_MS: i64 = 20_000;
const HEIGHTS_AFTER_PAUSE: f64 = 0.35;
/// After this one it is, wherever it stands.
const LONG_PAUSE_MS: i64 = 90_000;

/// Parts of one symbol stand no further apart than this share of its height.
const SYMBOLS_APART: f64 = 0.12;

/// How wide gaps between symbols are on a page, in heights of the symbols; `None` where too little
/// says it.
pub(crate) fn usual_gap<'s>(answers: impl Iterator<Item = &'s [&'s Placed<'s>]>) -> Option<f64> {
    let mut gaps: Vec<f64> = Vec::new();
    for strokes in answers {
        let symbols = tall(strokes);
        let height = middle_height(&symbols);
        gaps.extend(pairs(&symbols).map(|(a, b)| a.bounds.gap_x(b.bounds) as f64 / height));
    }
    gaps.sort_unstable_by(f64::total_cmp);
    (gaps.len() >= 4).then(|| gaps[gaps.len() / 2])
}

/// Whether a number's live strokes, ordered by time, are likely two answers.
pub(crate) fn are_two(strokes: &[&Placed<'_>], usual_gap: Option<f64>) -> bool {
    let strokes: Vec<&Placed<'_>> = strokes.iter().copied().filter(|s| !is_dot(s)).collect();
    let strokes = strokes.as_slice();
    let symbols = tall(strokes);
    if stand_in_two_lines(strokes) || rested(strokes) {
        return true;
    }
    let height = middle_height(&symbols);
    let gap = |(a, b): (&Symbol, &Symbol)| a.bounds.gap_x(b.bounds) as f64 / height;
    // A number of many symbols has a rhythm of its own.
    let mut own: Vec<f64> = pairs(&symbols).map(gap).collect();
    own.sort_unstable_by(f64::total_cmp);
    let own = (own.len() >= 3).then(|| own[own.len() / 2]);
    let least = if own.is_some() { HEIGHTS_IN_RHYTHM } else { HEIGHTS };
    let wide = match own.into_iter().chain(usual_gap).reduce(f64::max) {
        Some(usual) => least.max(GAPS * usual.max(0.0)),
        None => HEIGHTS_ALONE,
    };
    pairs(&symbols).any(|(a, b)| {
        let gap = gap((a, b));
        gap >= wide || gap >= HEIGHTS_AFTER_PAUSE && pause_ms(a, b, strokes) >= PAUSE_MS
    })
}

/// Whether live strokes, ordered by time, are likely two symbols where one is asked for.
pub(crate) fn are_two_symbols(strokes: &[&Placed<'_>]) -> bool {
    let strokes: Vec<&Placed<'_>> = strokes.iter().copied().filter(|s| !is_dot(s)).collect();
    let symbols = tall(&strokes);
    let beside = pairs(&symbols).any(|(a, b)| {
        a.bounds.gap_x(b.bounds) as f64 >= SYMBOLS_APART * middle_height(&symbols)
            && a.bounds.height().min(b.bounds.height()) >= TALL_UM
    });
    beside || stand_in_two_lines(&strokes) || rested(&strokes)
}

/// The symbols that are as tall as writing, from left to right.
fn tall(strokes: &[&Placed<'_>]) -> Vec<Symbol> {
    let all: Vec<usize> = (0..strokes.len()).collect();
    let mut symbols = symbols(&all, strokes);
    let tallest = symbols.iter().map(|s| s.bounds.height()).max().unwrap_or(0);
    symbols.retain(|s| s.bounds.height() * 5 >= tallest * 2);
    symbols
}

fn pairs(symbols: &[Symbol]) -> impl Iterator<Item = (&Symbol, &Symbol)> {
    symbols.windows(2).map(|pair| (&pair[0], &pair[1]))
}

/// The symbols' middle height, micrometres; not 0.
fn middle_height(symbols: &[Symbol]) -> f64 {
    let mut heights: Vec<i64> = symbols.iter().map(|s| s.bounds.height()).collect();
    heights.sort_unstable();
    heights.get(heights.len() / 2).map_or(1.0, |height| (*height).max(1) as f64)
}

/// How long the pen rested between two symbols, whichever came first.
fn pause_ms(a: &Symbol, b: &Symbol, strokes: &[&Placed<'_>]) -> i64 {
    let first = |s: &Symbol| s.strokes.iter().map(|i| strokes[*i].start_ms).min().unwrap_or(0);
    let last = |s: &Symbol| s.strokes.iter().map(|i| strokes[*i].end_ms).max().unwrap_or(0);
    let (early, late) = if first(a) <= first(b) { (a, b) } else { (b, a) };
    first(late).saturating_sub(last(early))
}

/// Whether the pen rested long between two strokes.
fn rested(strokes: &[&Placed<'_>]) -> bool {
    strokes.windows(2).any(|pair| pair[1].start_ms.saturating_sub(pair[0].end_ms) >= LONG_PAUSE_MS)
}

/// Whether tall ink stands under other tall ink and nothing joins the two.
fn stand_in_two_lines(strokes: &[&Placed<'_>]) -> bool {
    // The rings of an 8 may not quite touch.
    const BETWEEN_UM: i64 = 700;
    let mut spans: Vec<(i64, i64)> =
        strokes.iter().map(|s| (s.bounds.top, s.bounds.bottom)).collect();
    spans.sort_unstable();
    let mut lines: Vec<(i64, i64)> = Vec::new();
    for (top, bottom) in spans {
        match lines.last_mut() {
            Some(line) if top <= line.1 + BETWEEN_UM => line.1 = line.1.max(bottom),
            _ => lines.push((top, bottom)),
        }
    }
    lines.iter().filter(|(top, bottom)| bottom - top >= TALL_UM).count() > 1
}
