//! The foot of a 1: a level line under a narrow symbol, often much wider than it.

use crate::bounds::Bounds;

#[cfg(test)]
mod tests;

/// A 1 is narrower than this against its height, its flag included.
const WIDTH: f64 = 0.6;
/// How far the foot lies above the lowest ink of the 1 at most, and below it, in its heights.
const ABOVE: f64 = 0.25;
const BELOW: f64 = 0.45;

/// Whether a line is level, and lies where the symbol over it ends.
pub(crate) fn is_at_foot(line: Bounds, symbol: Bounds) -> bool {
    let off = (line.middle_y() - symbol.bottom) as f64 / symbol.height().max(1) as f64;
    line.height() * 2 <= line.width() && -ABOVE < off && off <= BELOW
}

/// Whether a line is at the foot of a symbol that may be a 1.
pub(crate) fn is_foot_of_one(line: Bounds, symbol: Bounds) -> bool {
    (symbol.width() as f64) < WIDTH * symbol.height() as f64 && is_at_foot(line, symbol)
}
