//! A page's ink as pieces of writing.

use crate::bounds::Bounds;
use crate::placed::Placed;

/// Strokes as near as this, written at once, are one piece.
const TOGETHER_UM: i64 = 2_500;
const AT_ONCE_MS: i64 = 4_000;
/// Smaller and larger ink is no answer.
const EXTENT_UM: (i64, i64) = (1_800, 30_000);
/// A page full of ink is looked at no further.
const STROKES_MAX: usize = 600;

/// The boxes around answers, from a page's strokes ordered by time.
pub(super) fn pieces(strokes: &[Placed<'_>]) -> Vec<Bounds> {
    let mut pieces: Vec<(Bounds, i64)> = Vec::new();
    for stroke in strokes.iter().take(STROKES_MAX) {
        match pieces.last_mut() {
            Some((bounds, end_ms))
                if stroke.start_ms.saturating_sub(*end_ms) <= AT_ONCE_MS
                    && stroke.bounds.gap_x(*bounds) <= TOGETHER_UM
                    && stroke.bounds.gap_y(*bounds) <= TOGETHER_UM / 2 =>
            {
                *bounds = bounds.union(stroke.bounds);
                *end_ms = stroke.end_ms;
            }
            _ => pieces.push((stroke.bounds, stroke.end_ms)),
        }
    }
    let sound = |bounds: &Bounds| (EXTENT_UM.0..=EXTENT_UM.1).contains(&bounds.extent());
    pieces.into_iter().map(|(bounds, _)| bounds).filter(sound).collect()
}
