//! The smallest boxes that level and upright lines enclose.

use hayro_interpret::kurbo::Rect;

use super::{Line, NEAR};

/// The most corners from which boxes are sought.
const CORNERS_MAX: usize = 40_000;

/// Every box whose four sides are lines and which no other line divides. Both lists are sorted by the
/// lines' places.
pub(super) fn cells(level: &[Line], upright: &[Line]) -> Vec<Rect> {
    let mut cells = Vec::new();
    let mut corners = 0;
    for (row, top) in level.iter().enumerate() {
        for (column, left) in upright.iter().enumerate() {
            if !meets(top, left) || left.to <= top.at + NEAR || top.to <= left.at + NEAR {
                continue;
            }
            corners += 1;
            if corners > CORNERS_MAX {
                return cells;
            }
            cells.extend(from_corner((top, &level[row + 1..]), (left, &upright[column + 1..])));
        }
    }
    cells
}

/// The smallest box with this corner at its top left.
fn from_corner((top, lower): (&Line, &[Line]), (left, further): (&Line, &[Line])) -> Option<Rect> {
    // What stands at the corner's own place goes no further.
    let rights = || further.iter().filter(|right| right.at > left.at + 2.0 * NEAR);
    let lows = lower.iter().filter(|low| low.at > top.at + 2.0 * NEAR && meets(low, left));
    for low in lows {
        let spans = |right: &&Line| {
            meets(top, right)
                && meets(low, right)
                && right.from <= top.at + NEAR
                && right.to >= low.at - NEAR
        };
        let closes =
            |line: &Line, right: &Line| line.from <= left.at + NEAR && line.to >= right.at - NEAR;
        let is_left = left.from <= top.at + NEAR && left.to >= low.at - NEAR;
        let right = rights().find(spans);
        if let Some(right) =
            right.filter(|right| is_left && closes(top, right) && closes(low, right))
        {
            return Some(Rect::new(left.at, top.at, right.at, low.at));
        }
    }
    None
}

/// Whether a level and an upright line touch.
fn meets(level: &Line, upright: &Line) -> bool {
    (level.from - NEAR..=level.to + NEAR).contains(&upright.at)
        && (upright.from - NEAR..=upright.to + NEAR).contains(&level.at)
}
