//! One slash through one symbol.

use super::{GOES_ON_MS, STRAIGHT, Symbol, length_to_diagonal};
use crate::bounds::Bounds;
use crate::lines::crossings;
use crate::placed::{Placed, distance_um, segments};

/// What a line is to the symbols before it.
pub(super) enum Slash<'s> {
    /// It takes this one back.
    Through(&'s Symbol),
    /// It may take one back, or belong to one.
    Perhaps,
    /// No slash.
    None,
}

/// A slash runs along this share of its symbol's width and height; one of a row of slashes along
/// this.
const ALONG: f64 = 0.7;
const ALONG_IN_RUN: f64 = 0.5;
/// A slash ends outside of its symbol: above and below together by this share of its height.
const BEYOND: f64 = 1.0 / 12.0;
/// The slash of a 0 is drawn at once and leaves it by no more than this share of its height.
const ZERO_MS: i64 = 600;
const ZERO_BEYOND: f64 = 0.15;
/// The ring of a 0 goes about its middle this often at least.
const AROUND: f64 = 0.85;
/// A hand goes on with its digit within this time.
const STEM_MS: i64 = 600;
/// Lines cross if they do so no nearer to an end than this share of them.
const INSIDE: f64 = 0.15;

/// Looks at a line that is neither level nor upright.
pub(super) fn slash<'s>(
    stroke: &Placed<'_>,
    symbols: &'s [Symbol],
    strokes: &[&Placed<'_>],
    number: bool,
    in_run: bool,
) -> Slash<'s> {
    let is_line = stroke.straightness() >= STRAIGHT && stroke.bounds.extent() >= 2_000;
    if !is_line || stroke.bounds.height() * 2 <= stroke.bounds.width() {
        return Slash::None;
    }
    let line = stroke.bounds;
    let mut candidates = symbols.iter().filter(|s| enters(stroke, s, strokes, in_run));
    let (Some(symbol), None) = (candidates.next(), candidates.next()) else { return Slash::None };
    let under = symbol.bounds;
    let ink: Vec<&Placed<'_>> = symbol.strokes.iter().map(|i| strokes[*i]).collect();
    if ink.iter().all(|s| s.straightness() >= STRAIGHT) {
        if in_run {
            return Slash::Through(symbol);
        }
        // A cross, or the legs of a letter, elsewhere.
        let crosses =
            number && is_steep(&ink) && ink.iter().any(|s| !crossings(stroke, s).is_empty());
        return if crosses { Slash::Perhaps } else { Slash::None };
    }
    if !is_slanting(stroke) {
        return Slash::None;
    }
    let least = if in_run { ALONG_IN_RUN } else { ALONG };
    let along = |common: i64, side: i64| common as f64 >= least * side as f64;
    if !along(-line.gap_x(under), under.width()) || !along(-line.gap_y(under), under.height()) {
        return if in_run { Slash::Perhaps } else { Slash::None };
    }
    if in_run {
        return Slash::Through(symbol);
    }
    let (above, below) = (under.top - line.top, line.bottom - under.bottom);
    let height = under.height() as f64;
    let crossed: usize = ink.iter().map(|s| crossings(stroke, s).len()).sum();
    if crossed < 2 && ink.len() == 1 {
        // The stem of a 4 that leans crosses what stands of it once.
        let at_once = stroke.start_ms.saturating_sub(ink[0].end_ms) <= STEM_MS;
        return if at_once { Slash::None } else { Slash::Perhaps };
    }
    let falls = stroke.first().y_um < stroke.last().y_um && 2 * line.width() <= line.height();
    if falls && ink.len() == 1 && stroke.start_ms.saturating_sub(ink[0].end_ms) <= STEM_MS {
        return Slash::Perhaps;
    }
    if encloses(&ink) {
        let end_ms = ink.iter().map(|s| s.end_ms).max().unwrap_or(i64::MIN);
        let at_once = stroke.start_ms.saturating_sub(end_ms) <= ZERO_MS;
        let short = above.max(below) as f64 <= ZERO_BEYOND * height;
        return if at_once && short && is_round(&ink) { Slash::None } else { Slash::Perhaps };
    }
    let beyond = above >= 0 && below >= 0 && (above + below) as f64 >= BEYOND * height;
    if beyond { Slash::Through(symbol) } else { Slash::Perhaps }
}

/// Whether the stroke just before is a slash of which it was doubted that it takes back anything:
/// slashes in a row, one over each digit, say of each other what they are.
pub(super) fn is_doubted_before(index: usize, strokes: &[&Placed<'_>], doubtful: &[usize]) -> bool {
    let Some(before) = index.checked_sub(1).filter(|before| doubtful.contains(before)) else {
        return false;
    };
    let pause_ms = strokes[index].start_ms.saturating_sub(strokes[before].end_ms);
    pause_ms <= GOES_ON_MS && is_slanting(strokes[before]) && is_slanting(strokes[index])
}

/// The strokes that such a slash goes through, and itself.
pub(super) fn doubted_before(
    index: usize,
    strokes: &[&Placed<'_>],
    symbols: &[Symbol],
    doubtful: &[usize],
) -> Vec<usize> {
    if !is_doubted_before(index, strokes, doubtful) {
        return Vec::new();
    }
    let symbol = symbols.iter().find(|symbol| symbol.strokes.contains(&(index - 1)));
    symbol.map_or_else(Vec::new, |symbol| symbol.strokes.clone())
}

/// Whether a line goes through the middle of a symbol: of a stem, crossing it; of a shape, along some
/// of its width.
pub(super) fn enters(
    stroke: &Placed<'_>,
    symbol: &Symbol,
    strokes: &[&Placed<'_>],
    in_run: bool,
) -> bool {
    let under = symbol.bounds;
    let mut all = symbol.strokes.iter().map(|i| strokes[*i]);
    if in_run && passes(stroke.bounds, under) && all.all(|s| s.straightness() >= STRAIGHT) {
        return true;
    }
    if under.height() < 1_500 || !stroke.points.iter().any(|p| middle(under).contains(*p)) {
        return false;
    }
    let mut ink = symbol.strokes.iter().map(|i| strokes[*i]);
    let least = if in_run { ALONG_IN_RUN } else { ALONG };
    ink.clone().any(|s| s.straightness() >= STRAIGHT && cross_inside(stroke, s))
        || !ink.all(|s| s.straightness() >= STRAIGHT)
            && -stroke.bounds.gap_x(under) as f64 >= least * under.width() as f64
}

/// Whether a slanting line runs along most of a symbol's width, and over its height.
pub(super) fn passes(line: Bounds, symbol: Bounds) -> bool {
    let line = line.grown(400);
    symbol.height() >= 1_500
        && line.height() * 2 > line.width()
        && -line.gap_x(symbol) * 10 >= symbol.width().max(200) * 6
        && -line.gap_y(symbol) * 10 >= symbol.height() * 7
}

/// The middle of a symbol, which what takes it back goes through.
pub(super) fn middle(symbol: Bounds) -> Bounds {
    symbol.grown(-symbol.width().min(symbol.height()) / 4).grown(200)
}

fn is_slanting(stroke: &Placed<'_>) -> bool {
    let line = stroke.bounds;
    stroke.straightness() >= STRAIGHT
        && line.height() * 2 > line.width()
        && line.width() * 5 >= line.height()
        && line.extent() >= 2_000
}

fn is_steep(ink: &[&Placed<'_>]) -> bool {
    ink.iter().all(|s| s.bounds.height() >= s.bounds.width())
}

/// Whether two straight strokes cross, and not near their ends.
fn cross_inside(a: &Placed<'_>, b: &Placed<'_>) -> bool {
    crossings(a, b).iter().any(|at| {
        [a, b].iter().all(|s| {
            let ends = distance_um(*at, s.first()).min(distance_um(*at, s.last()));
            ends >= INSIDE * s.length_um
        })
    })
}

/// Whether ink is one stroke that goes about its middle nearly once or more, as a 0 does wherever it
/// begins and ends.
fn encloses(ink: &[&Placed<'_>]) -> bool {
    let [ring] = ink else { return false };
    let (bounds, f) = (ring.bounds, f64::from);
    let middle = ((bounds.left + bounds.right) as f64 / 2.0, bounds.middle_y() as f64);
    let turned: f64 = segments(&ring.points)
        .map(|(a, b)| {
            let (ax, ay) = (f(a.x_um) - middle.0, f(a.y_um) - middle.1);
            let (bx, by) = (f(b.x_um) - middle.0, f(b.y_um) - middle.1);
            (ax * by - ay * bx).atan2(ax * bx + ay * by)
        })
        .sum();
    turned.abs() >= AROUND * std::f64::consts::TAU
}

/// Whether ink is one closed ring.
fn is_round(ink: &[&Placed<'_>]) -> bool {
    let [ring] = ink else { return false };
    distance_um(ring.first(), ring.last()) <= 0.3 * ring.bounds.diagonal()
        && length_to_diagonal(ring) <= 2.6
}
