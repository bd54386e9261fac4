//! Lines of writing: which strokes of an answer stand on one line.

use crate::bounds::Bounds;
use crate::placed::Placed;

/// Strokes lower than this share of the tallest say nothing of where a line runs.
const TALL: f64 = 0.5;
/// A stroke is on a line if it shares this part of its height with what stands last there.
const SHARED: f64 = 0.4;
/// How many of the last strokes of a line tell where it runs: lines rise and fall.
const LAST: usize = 3;

/// Positions of the strokes of each line, from the top down; within a line in the order given, which
/// is that of time.
pub(crate) fn rows(strokes: &[&Placed<'_>]) -> Vec<Vec<usize>> {
    let mut heights: Vec<i64> = strokes.iter().map(|s| s.bounds.height()).collect();
    heights.sort_unstable();
    // Of the tallest the one at nine tenths: a stroke through two lines is no measure.
    let tall = heights.get(heights.len() * 9 / 10).copied().unwrap_or(0);
    let is_tall = |at: &usize| strokes[*at].bounds.height() as f64 >= TALL * tall as f64;
    let (mut of_lines, small): (Vec<usize>, Vec<usize>) = (0..strokes.len()).partition(is_tall);
    of_lines.sort_by_key(|at| (strokes[*at].bounds.left, *at));
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for at in of_lines {
        let stroke = strokes[at].bounds;
        let share = |row: &Vec<usize>| {
            let last = row.iter().rev().take(LAST).map(|at| strokes[*at].bounds);
            last.map(|last| shared(stroke, last)).fold(0.0, f64::max)
        };
        let best = rows.iter_mut().max_by(|a, b| share(a).total_cmp(&share(b)));
        match best {
            Some(row) if share(row) >= SHARED => row.push(at),
            _ => rows.push(vec![at]),
        }
    }
    let lines: Vec<Vec<usize>> = rows.clone();
    for at in small {
        let stroke = strokes[at].bounds;
        let away = |row: &Vec<usize>| {
            // Of the line's strokes, the one that it stands by.
            let beside = row.iter().map(|other| strokes[*other].bounds);
            let beside = beside.min_by_key(|other| stroke.gap_x(*other).max(0));
            beside.map_or(i64::MAX, |other| off(stroke, other))
        };
        match (0..lines.len()).min_by_key(|row| away(&lines[*row])) {
            Some(row) => rows[row].push(at),
            None => rows.push(vec![at]),
        }
    }
    let middle = |row: &Vec<usize>| {
        let sum: i64 = row.iter().map(|at| strokes[*at].bounds.middle_y()).sum();
        sum / row.len().max(1) as i64
    };
    rows.sort_by_key(middle);
    for row in &mut rows {
        row.sort_unstable();
    }
    rows
}

/// The share of the lower one's height that both have in common.
fn shared(a: Bounds, b: Bounds) -> f64 {
    -a.gap_y(b) as f64 / a.height().min(b.height()).max(1) as f64
}

/// How far a small stroke's middle lies above or below another stroke.
fn off(small: Bounds, other: Bounds) -> i64 {
    let middle = small.middle_y();
    (other.top - middle).max(middle - other.bottom).max(0)
}
