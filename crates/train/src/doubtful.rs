//! Items of the shared sets of which strokes were lost, told by a rule. Those that show another symbol
//! than their label says are listed in [`report::doubtful`].
//!
//! Nothing is learnt from either. The figures are given with and without them.

use crate::augment::Strokes;

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
