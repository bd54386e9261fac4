//! Items of the shared sets that are not what their label says: looked at one by one where the
//! recognizer was surest of something else, or told by a rule.
//!
//! Nothing is learnt from them. The figures are given with and without them.

use crate::augment::Strokes;

/// Of each file, the lines (counting from 0) whose drawing shows another symbol or a part of one.
const LISTED: [(&str, &[usize]); 4] = [
    ("pendigits-train.jsonl", &[437, 443, 858, 1469, 5207]),
    ("unipen-digits.jsonl", &[88, 1390, 4477, 4481, 4482, 4851, 5079, 5492, 5494]),
    ("unipen-upper.jsonl", &[8183, 8188, 8630, 10211, 10221]),
    ("unipen-symbols.jsonl", &[29]),
];

/// Whether the item at `line` of `file` is among those that were looked at.
pub(crate) fn is_listed(file: &str, line: usize) -> bool {
    LISTED.iter().any(|(name, lines)| *name == file && lines.contains(&line))
}

/// A stroke whose ends are at least this part of its length apart is straight.
const STRAIGHT_MIN: f32 = 0.93;
/// Ink that is smaller than this part of the writer's size is a dot.
const DOT_MAX: f32 = 0.12;

/// Whether strokes of the label must have been lost: one straight line or a dot is no `4`, and a
/// level line is no `1`. `size` is how tall the writer's symbols usually are.
pub(crate) fn has_lost_strokes(strokes: &Strokes, label: char, size: f32) -> bool {
    let never_a_line = "023456789ABCDEFGabdeg%+=<>";
    let inked: Vec<&Vec<[f32; 2]>> = strokes.iter().filter(|s| !s.is_empty()).collect();
    let [stroke] = inked[..] else { return false };
    let (first, last) = (stroke[0], stroke[stroke.len() - 1]);
    let (across, down) = ((last[0] - first[0]).abs(), (last[1] - first[1]).abs());
    let far = |a: [f32; 2], b: [f32; 2]| (b[0] - a[0]).hypot(b[1] - a[1]);
    let length: f32 = stroke.windows(2).map(|pair| far(pair[0], pair[1])).sum();
    let straight = far(first, last) >= STRAIGHT_MIN * length;
    let dot = length < DOT_MAX * size;
    match label {
        '1' => dot || straight && across > 1.5 * down,
        _ => never_a_line.contains(label) && (straight || dot),
    }
}
