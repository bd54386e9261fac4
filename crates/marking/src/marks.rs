//! Marks in and about a number that are no part of it: a point between the digits of a whole number,
//! a line under them, a sign behind them. The reader takes no notice of them, or takes them for
//! digits.

use crate::bounds::Bounds;
use crate::cross_out::{Symbol, overlap, symbols};
use crate::foot::is_foot_of_one;
use crate::placed::Placed;
use crate::read::{TALL_UM, is_dot};

#[cfg(test)]
mod tests;

/// Smaller ink is a tap, or a part of a digit, micrometres.
const MARK_UM: i64 = 1_000;
/// A hand's line is at least as straight and as flat as this.
const LINE_STRAIGHT: f64 = 0.8;
const FLAT: i64 = 4;
/// A line at the foot of a number, in tenths of its height: how wide it is, and how far above the
/// lowest ink it may lie.
const FOOT_WIDTH: i64 = 6;
const FOOT_ABOVE: i64 = 1;
/// A line this many heights wide is no bar of a digit wherever it lies, tenths.
const WIDE: i64 = 16;
/// The stroke of a fraction leans to the right at its top by this share of its height, and goes this
/// share beyond the digits on both of its sides, above and below.
const LEANS: f64 = 0.3;
const LEANS_FAR: f64 = 0.45;
/// How straight a stroke is that begins or ends with a hook.
const BENT: f64 = 0.6;
const BEYOND: f64 = 0.02;
/// A caret is at most this tall against the digits; both of its legs are as long as this share of it.
const CARET: f64 = 0.7;
const LEG: f64 = 0.6;
/// A fraction's bar is this many times as wide as tall, if it is as long as a figure is tall.
const BOWED: i64 = 2;
/// A fraction's bar may touch what stands above and below it, micrometres.
const BAR_UM: i64 = 500;
/// Lines that strike a number out stand as near to each other as this, micrometres.
const STRIKES_UM: i64 = 3_000;
/// The dot of a `!` or `?` stands this far under its stroke, micrometres.
const UNDER_UM: i64 = 300;

/// Whether a number's live strokes have such a mark among them; `whole` where the number may have no
/// point.
pub(crate) fn are_marked(strokes: &[&Placed<'_>], whole: bool) -> bool {
    let (dots, ink): (Vec<&Placed<'_>>, Vec<&Placed<'_>>) =
        strokes.iter().copied().partition(|stroke| is_dot(stroke));
    let all: Vec<usize> = (0..ink.len()).collect();
    let symbols = symbols(&all, &ink);
    let Some(written) = symbols.iter().map(|s| s.bounds).reduce(Bounds::union) else {
        return false;
    };
    is_ruled(&ink)
        || whole && dots.iter().any(|dot| is_inner_point(dot.bounds, &symbols, written))
        || dots.iter().any(|dot| is_under_the_last(dot.bounds, &symbols, written))
        || ends_in_comma(&symbols)
        || ink.iter().any(|stroke| is_caret(stroke, written))
        || has_stroke_of_fraction(&symbols, &ink)
}

/// Whether a level line stands between ink above it and ink below it, taken back or not: a fraction.
/// Several lines above each other strike a number out.
pub(crate) fn has_bar(ink: &[&Placed<'_>]) -> bool {
    // A real hand's bar may be bowed, or begin with a hook.
    let is_line = |stroke: &&&Placed<'_>| {
        let (height, width) = (stroke.bounds.height(), stroke.bounds.width());
        height * FLAT <= width || height * BOWED <= width && width >= TALL_UM
    };
    let lines: Vec<Bounds> = ink.iter().filter(is_line).map(|line| line.bounds).collect();
    let is_alone = |line: &Bounds| {
        let beside = |other: &&Bounds| {
            (other.middle_y() - line.middle_y()).abs() <= STRIKES_UM
                && -other.gap_x(*line) * 2 >= other.width().min(line.width())
        };
        lines.iter().filter(beside).count() == 1
    };
    lines.iter().filter(|line| is_alone(line)).any(|line| {
        let y = line.middle_y();
        let beside = ink.iter().map(|s| s.bounds).filter(|other| {
            other.height() >= TALL_UM && -other.gap_x(*line) * 2 >= other.width().max(300)
        });
        let (mut above, mut below) = (false, false);
        for other in beside {
            above |= other.bottom <= y + BAR_UM;
            below |= other.top >= y - BAR_UM;
        }
        above && below
    })
}

/// Whether a stroke goes up and down again as a caret does, under which something is put in.
fn is_caret(stroke: &Placed<'_>, written: Bounds) -> bool {
    let height = stroke.bounds.height();
    let Some(apex) = stroke.points.iter().min_by_key(|p| p.y_um) else { return false };
    let (first, last) = (stroke.first(), stroke.last());
    let leg = |end: worksheet::PagePoint| {
        f64::from(end.y_um) - f64::from(apex.y_um) >= LEG * height as f64
    };
    let between = (first.x_um.min(last.x_um)..=first.x_um.max(last.x_um)).contains(&apex.x_um);
    height as f64 <= CARET * written.height() as f64
        && height >= MARK_UM
        && leg(first)
        && leg(last)
        && between
        && stroke.bounds.top > written.top
}

/// Whether one straight stroke between two digits leans to the right and goes beyond both of them; one
/// that leans as no 1 does need not be as straight, nor go below both.
fn has_stroke_of_fraction(symbols: &[Symbol], ink: &[&Placed<'_>]) -> bool {
    symbols.windows(3).any(|three| {
        let [only] = three[1].strokes.as_slice() else { return false };
        let (stroke, line) = (ink[*only], three[1].bounds);
        let (low, high) = match stroke.first().y_um >= stroke.last().y_um {
            true => (stroke.first(), stroke.last()),
            false => (stroke.last(), stroke.first()),
        };
        let lean = (f64::from(high.x_um) - f64::from(low.x_um)) / line.height().max(1) as f64;
        let beyond = (BEYOND * line.height() as f64) as i64;
        let mut sides = [three[0].bounds, three[2].bounds].into_iter();
        let below = |digit: Bounds| line.bottom - digit.bottom >= beyond;
        let above = sides.clone().all(|digit| digit.top - line.top >= beyond);
        let straight = stroke.straightness();
        above
            && (straight >= LINE_STRAIGHT && lean >= LEANS && sides.clone().all(below)
                || straight >= BENT && lean >= LEANS_FAR && sides.any(below))
    })
}

/// Whether a stroke is a level line, as a hand draws one.
fn is_level(stroke: &Placed<'_>) -> bool {
    stroke.straightness() >= LINE_STRAIGHT && stroke.bounds.height() * FLAT <= stroke.bounds.width()
}

/// The symbols that strokes are without their level lines.
fn without_lines(ink: &[&Placed<'_>]) -> Vec<Symbol> {
    let upright: Vec<usize> = (0..ink.len()).filter(|index| !is_level(ink[*index])).collect();
    symbols(&upright, ink)
}

/// Whether one of the strokes is a line under the others, or too wide for a digit's.
fn is_ruled(ink: &[&Placed<'_>]) -> bool {
    let symbols = without_lines(ink);
    let Some(digits) = symbols.iter().map(|s| s.bounds).reduce(Bounds::union) else {
        return false;
    };
    let height = digits.height();
    ink.iter().copied().filter(|s| is_level(s)).any(|stroke| {
        let line = stroke.bounds;
        let foot = line.middle_y() * 10 >= digits.bottom * 10 - height * FOOT_ABOVE;
        line.width() * 10 >= height * WIDE
            || foot && line.width() * 10 >= height * FOOT_WIDTH && !is_foot(line, &symbols, height)
    })
}

/// Whether a line is the foot of one symbol and lies under no other; small ones, as the flag of a 1
/// is, aside. `tall` is the number's height.
fn is_foot(line: Bounds, symbols: &[Symbol], tall: i64) -> bool {
    let symbols = symbols.iter().map(|s| s.bounds).filter(|s| s.height() * 2 >= tall);
    let mut over = symbols.filter(|s| overlap(*s, line));
    let (Some(one), None) = (over.next(), over.next()) else { return false };
    is_foot_of_one(line, one)
}

/// Whether a dot stands between two digits, where a point may stand.
fn is_inner_point(dot: Bounds, symbols: &[Symbol], written: Bounds) -> bool {
    let (x, y) = ((dot.left + dot.right) / 2, dot.middle_y());
    let height = written.height();
    let level = (written.top + height / 3..=written.bottom + height / 3).contains(&y);
    let middle = |s: &Symbol| (s.bounds.left + s.bounds.right) / 2;
    let within = |s: &Symbol| {
        let quarter = s.bounds.width() / 4;
        s.bounds.width() > 0
            && (s.bounds.left + quarter..=s.bounds.right - quarter).contains(&x)
            && y <= s.bounds.bottom
    };
    level
        && symbols.iter().any(|s| middle(s) < x)
        && symbols.iter().any(|s| middle(s) > x)
        && !symbols.iter().any(within)
}

/// Whether a dot stands under the last of several symbols, as that of a `!` or `?` does.
fn is_under_the_last(dot: Bounds, symbols: &[Symbol], written: Bounds) -> bool {
    let [.., _, last] = symbols else { return false };
    let under = dot.top - last.bounds.bottom;
    (UNDER_UM..=written.height() / 2).contains(&under) && dot.gap_x(last.bounds) <= UNDER_UM
}

/// Whether the last symbol is small and goes from the foot of the others down below the line.
fn ends_in_comma(symbols: &[Symbol]) -> bool {
    let [before @ .., last] = symbols else { return false };
    let Some(tallest) = before.iter().map(|s| s.bounds).max_by_key(|b| b.height()) else {
        return false;
    };
    let (last, height) = (last.bounds, tallest.height());
    last.height() * 5 <= height * 3
        && last.width() * 2 <= height
        && last.top >= tallest.middle_y()
        && (last.bottom - tallest.bottom) * 12 >= height
}
