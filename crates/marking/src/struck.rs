//! Strokes through the body of a symbol that was read all the same. The reader takes a digit with a
//! line through it for that digit; but few symbols have such a stroke, and these have it in one
//! direction.
//!
//! Which symbols have which strokes was counted in the 11,000 digits and capitals of the writers that
//! the reader learns from or is calibrated on: of 4,500 `2`, `3`, `6`, `8`, `9` two have one.

use worksheet::Kind;

use crate::bounds::Bounds;
use crate::cross_out::{Symbol, symbols};
use crate::foot::is_foot_of_one;
use crate::lines::crossings;
use crate::placed::{Placed, distance_um};
use crate::read::is_dot;

#[cfg(test)]
mod tests;

/// A hand's line is at least as straight as this, and as long.
const STRAIGHT: f64 = 0.85;
const LINE_UM_MIN: f64 = 650.0;
/// The middle of a stroke through a symbol lies off the symbol's middle by no more than this share of
/// its width, and between these shares of its height.
const OFF: f64 = 0.4;
const BETWEEN: (f64, f64) = (0.2, 0.85);
/// A symbol narrower than this share of its height counts as being so wide.
const NARROW: f64 = 0.2;
/// A line that is not level, and a stroke that is no line, go through a symbol from these shares of its
/// height on.
const LONG: f64 = 0.35;
const BENT: f64 = 0.3;
/// Degrees by which lines rise: a bar less than the first, the slash of a 0 more than the second, a stem
/// more than the third.
const LEVEL: f64 = 40.0;
const RISING: f64 = 25.0;
const STEEP: f64 = 70.0;
/// The slash of a 0 is at least this straight.
const SLASH_STRAIGHT: f64 = 0.5;
/// A level line over two symbols lies over this share of each.
const SHARED: f64 = 0.3;
/// A bar goes beyond its letter on the left by no more than this share of the letter's width.
const BEYOND: f64 = 0.15;
/// What is under a stroke is surely something from this probability on.
const SURE: f32 = 0.95;
/// An `A` without its bar is mostly read as one, but not as surely as a whole one.
const LETTER_SURE: f32 = 0.995;
/// A second line begins to strike a sign out, or to underline it, this share of its height from its top.
const ARM: f64 = 0.3;
/// A stroke that begins as near to where the last one ended goes on with it, micrometres.
const RESUMED_UM: f64 = 300.0;

/// What strokes through symbols say of a reading.
#[derive(Debug, PartialEq)]
pub(crate) enum Through {
    /// There are none.
    Nothing,
    /// One of them belongs to nothing that was read.
    Foreign,
    /// Each may belong to a symbol, unless the rest of that is read so that it cannot.
    MayBelong(Vec<Rest>),
}

/// A symbol without a stroke that may belong to it.
#[derive(Debug, PartialEq)]
pub(crate) struct Rest {
    /// Positions in the answer's strokes.
    pub(crate) strokes: Vec<usize>,
    /// What the whole was read as.
    symbol: char,
    stroke: Stroke,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stroke {
    Level,
    Straight,
    Bent,
}

impl Rest {
    /// Whether the rest was read so that the stroke does not belong to it: as another symbol, or as the
    /// same where that does not come about without the stroke.
    pub(crate) fn is_whole(&self, text: &str, probability: f32) -> bool {
        let mut read = text.chars();
        let (Some(read), None) = (read.next(), read.next()) else { return false };
        let whole = match (self.symbol, read) {
            ('7', '7' | '1') => false,
            // An open 4 looks like a 0 before it has its stem, and a bent stroke may come after it.
            ('4', '4' | '0') => self.stroke == Stroke::Level,
            ('4', '1') => self.stroke != Stroke::Bent,
            _ => true,
        };
        whole && probability >= if self.symbol.is_alphabetic() { LETTER_SURE } else { SURE }
    }
}

/// Looks for strokes through the symbols of an answer that was read as `text`; strokes in written order.
pub(crate) fn through(strokes: &[&Placed<'_>], kind: &Kind, text: &str) -> Through {
    match kind {
        Kind::Comparison => through_sign(strokes, text),
        Kind::TrueFalse => Through::Nothing,
        _ => through_symbols(strokes, text),
    }
}

fn through_symbols(strokes: &[&Placed<'_>], text: &str) -> Through {
    let ink: Vec<usize> = (0..strokes.len()).filter(|at| !is_dot(strokes[*at])).collect();
    let all = symbols(&ink, strokes);
    let read: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_letter = text.chars().all(char::is_alphabetic);
    let mut may_belong = Vec::new();
    for (at, index) in ink.iter().enumerate().skip(1) {
        let stroke = strokes[*index];
        if is_straight(stroke) && stroke.length_um < LINE_UM_MIN {
            continue;
        }
        // The legs of a letter may stand apart.
        let before = match is_letter {
            true => Vec::from_iter(as_one(&ink[..at], strokes)),
            false => symbols(&ink[..at], strokes),
        };
        if before.iter().filter(|symbol| lies_over(stroke, symbol.bounds)).count() >= 2 {
            return Through::Foreign;
        }
        let Some(under) = before.iter().find(|symbol| is_through(stroke, symbol, strokes)) else {
            continue;
        };
        // Where as many symbols stand apart as were read, it is known which is which.
        let known = (all.len() == read.len())
            .then(|| all.iter().position(|symbol| symbol.strokes.contains(index)))
            .flatten();
        let read = known.map_or(read.as_slice(), |at| &read[at..=at]);
        let Some(symbol) = read.iter().find(|read| may_have(**read, stroke, under, strokes)) else {
            return Through::Foreign;
        };
        if matches!(symbol, '4' | '7') || symbol.is_alphabetic() && is_straight(stroke) {
            let (strokes, stroke) = (under.strokes.clone(), kind_of(stroke));
            may_belong.push(Rest { strokes, symbol: *symbol, stroke });
        }
    }
    if may_belong.is_empty() { Through::Nothing } else { Through::MayBelong(may_belong) }
}

/// A sign has two lines at most: `≡` and `≤` have one more.
fn through_sign(strokes: &[&Placed<'_>], text: &str) -> Through {
    let mut lines: Vec<usize> = Vec::new();
    for at in (0..strokes.len()).filter(|at| !is_dot(strokes[*at])) {
        let last = lines.last().map(|last| strokes[*last].last());
        if last.is_none_or(|last| distance_um(last, strokes[at].first()) > RESUMED_UM) {
            lines.push(at);
        }
    }
    let Some(symbol) = text.chars().next().filter(|_| lines.len() <= 2) else {
        return Through::Foreign;
    };
    // An arm that was drawn again lies above the middle of the sign.
    let is_under = |sign: Bounds, line: Bounds| {
        (line.middle_y() - sign.top) as f64 >= ARM * sign.height() as f64
    };
    let bent = lines.iter().filter(|at| {
        !is_straight(strokes[**at])
            && lines.iter().any(|i| i != *at && is_under(strokes[**at].bounds, strokes[*i].bounds))
    });
    let rest = |at: &usize| Rest { strokes: vec![*at], symbol, stroke: Stroke::Straight };
    match symbol != '=' && lines.len() == 2 {
        true => Through::MayBelong(bent.map(rest).collect()),
        false => Through::Nothing,
    }
}

/// Strokes as one symbol, however far apart.
fn as_one(ink: &[usize], strokes: &[&Placed<'_>]) -> Option<Symbol> {
    let bounds = ink.iter().map(|at| strokes[*at].bounds).reduce(Bounds::union)?;
    Some(Symbol { strokes: ink.to_vec(), bounds })
}

fn is_straight(stroke: &Placed<'_>) -> bool {
    stroke.straightness() >= STRAIGHT
}

fn kind_of(stroke: &Placed<'_>) -> Stroke {
    match is_straight(stroke) {
        true if rise(stroke).abs() <= LEVEL => Stroke::Level,
        true => Stroke::Straight,
        false => Stroke::Bent,
    }
}

/// How far a stroke rises from left to right, −90° to 90°.
fn rise(stroke: &Placed<'_>) -> f64 {
    let (a, b) = (stroke.first(), stroke.last());
    let (across, up) =
        (f64::from(b.x_um) - f64::from(a.x_um), f64::from(a.y_um) - f64::from(b.y_um));
    if across < 0.0 { (-up).atan2(-across).to_degrees() } else { up.atan2(across).to_degrees() }
}

/// Whether a level line lies over much of a symbol's width, and over its middle.
fn lies_over(line: &Placed<'_>, symbol: Bounds) -> bool {
    let shared = -line.bounds.gap_x(symbol) as f64;
    let height = (line.bounds.middle_y() - symbol.top) as f64 / symbol.height().max(1) as f64;
    is_straight(line)
        && rise(line).abs() <= RISING
        && 2 * symbol.height() >= symbol.width()
        && shared >= SHARED * symbol.width().max(symbol.height() / 5) as f64
        && (BETWEEN.0..=BETWEEN.1).contains(&height)
}

/// Whether the middle of a stroke lies in the body of a symbol; a line that is not level crosses ink.
fn is_through(stroke: &Placed<'_>, symbol: &Symbol, strokes: &[&Placed<'_>]) -> bool {
    let (ink, under) = (stroke.bounds, symbol.bounds);
    let height = under.height().max(1) as f64;
    let width = (under.width() as f64).max(NARROW * height);
    let off = ((ink.left + ink.right) - (under.left + under.right)) as f64 / 2.0 / width;
    let down = (ink.middle_y() - under.top) as f64 / height;
    let crosses = || symbol.strokes.iter().any(|at| !crossings(stroke, strokes[*at]).is_empty());
    off.abs() <= OFF
        && (BETWEEN.0..=BETWEEN.1).contains(&down)
        && match is_straight(stroke) {
            true if rise(stroke).abs() <= RISING => true,
            true => stroke.length_um >= LONG * height && crosses(),
            false => ink.extent() as f64 >= BENT * height,
        }
}

/// Whether a symbol that was read may have this stroke through the rest of it, `under`.
fn may_have(read: char, stroke: &Placed<'_>, under: &Symbol, strokes: &[&Placed<'_>]) -> bool {
    let (rise, ink, area) = (rise(stroke), stroke.bounds, under.bounds);
    let level = match is_straight(stroke) {
        true => rise.abs() <= LEVEL,
        false => 2 * ink.height() <= ink.width(),
    };
    let shared = ink.right.min(area.right) - ink.left.max(area.left);
    let mut others = under.strokes.iter().map(|at| strokes[*at]);
    match read {
        '0' => (rise >= RISING || rise <= -STEEP) && stroke.straightness() >= SLASH_STRAIGHT,
        '1' => is_foot_of_one(ink, area),
        '4' => true,
        '7' => {
            let flat = 4 * ink.height() <= ink.width();
            level
                && !(flat && ink.width() > area.width() && 10 * shared >= 9 * area.width())
                && others.map(|other| crossings(stroke, other).len()).sum::<usize>() <= 1
        }
        // A long stem goes through the ring.
        '9' => rise.abs() >= STEEP && 4 * (ink.bottom - area.bottom) >= area.height(),
        'A' | 'B' | 'D'..='G' if !is_straight(stroke) => true,
        // A bar, or a leg that came last.
        'A' if level => !others.any(|other| kind_of(other) == Stroke::Level),
        'A' => true,
        'E' | 'F' => level && (area.left - ink.left) as f64 <= BEYOND * area.width() as f64,
        'G' => level || rise.abs() >= STEEP,
        _ => false,
    }
}
