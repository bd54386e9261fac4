//! Whether a stroke was written over what stood there, and is neither part of it nor crosses it out.

use worksheet::PagePoint;

use crate::bounds::Bounds;
use crate::cross_out::{STRAIGHT, Symbol, covered, length_to_diagonal, overlap};
use crate::lines::{crossings, touch};
use crate::placed::Placed;
use crate::read::is_dot;

/// From here on, ink over a whole symbol is a shape and not the bar or hat that belongs to it.
const SHAPE_LENGTH: f64 = 1.9;
/// The share of a symbol's box that a shape covers which was written over it.
const COVER: f64 = 0.6;
/// A hand goes on with its symbol within this time.
const LATE_MS: i64 = 1_200;
/// A shorter line is no stem.
const STEM_UM_MIN: i64 = 2_200;
/// A shape has this share of its width on both sides of a stem that it was written over.
const BOTH_SIDES: f64 = 0.1;
/// A stroke turns from this length on, in diagonals of its box.
const TURNING: f64 = 1.45;
/// Straighter strokes are lines.
const CURVED: f64 = 0.85;

/// Whether `stroke` overwrites one of the symbols written before it. Where the answer is a
/// number, no symbol begins with a whole stem or shape and goes on over it.
pub(crate) fn overwrites(
    stroke: &Placed<'_>,
    symbols: &[Symbol],
    strokes: &[&Placed<'_>],
    number: bool,
) -> bool {
    if is_dot(stroke) {
        return false;
    }
    symbols.iter().any(|symbol| {
        let ink: Vec<&Placed<'_>> = symbol.strokes.iter().map(|i| strokes[*i]).collect();
        is_shape_over(stroke, symbol, &ink)
            || is_late(stroke, &ink, symbols, strokes) && meets(stroke, symbol, &ink)
            || number
                && (over_stem(stroke, &ink)
                    || over_shape(stroke, symbol, &ink)
                    || is_second_stem(stroke, &ink))
    })
}

/// Whether a shape covers a whole symbol that is more than a stem.
fn is_shape_over(stroke: &Placed<'_>, symbol: &Symbol, ink: &[&Placed<'_>]) -> bool {
    let bounds = symbol.bounds;
    // A leaning stem is as wide as a shape.
    let stem = matches!(ink, [only] if only.straightness() >= STRAIGHT);
    !stem
        && length_to_diagonal(stroke) >= SHAPE_LENGTH
        && bounds.width() * 3 >= bounds.height()
        && bounds.height() * 3 >= bounds.width()
        && covered(bounds, stroke.bounds) >= COVER
}

/// Whether the pen had left the symbol before: it rested, or wrote another one.
fn is_late(
    stroke: &Placed<'_>,
    ink: &[&Placed<'_>],
    symbols: &[Symbol],
    strokes: &[&Placed<'_>],
) -> bool {
    let end_ms = ink.iter().map(|s| s.end_ms).max().unwrap_or(i64::MAX);
    let rested = stroke.start_ms.saturating_sub(end_ms) >= LATE_MS;
    let wrote_on = || {
        let all = symbols.iter().flat_map(|symbol| &symbol.strokes);
        all.map(|i| strokes[*i]).any(|other| other.start_ms > end_ms && !is_dot(other))
    };
    rested || wrote_on()
}

/// Whether a stroke is more than a bar or a hat and lies on the symbol's ink.
fn meets(stroke: &Placed<'_>, symbol: &Symbol, ink: &[&Placed<'_>]) -> bool {
    let (line, under) = (stroke.bounds, symbol.bounds);
    let flat = |bounds: Bounds| bounds.height() * 3 <= bounds.width();
    let bar = flat(line) && (flat(under) || line.height() * 10 <= under.height() * 4);
    if bar || !overlap(symbol.bounds, stroke.bounds) {
        return false;
    }
    match stem(ink) {
        Some(stem) => {
            on_stem(stroke, stem)
                || !crossings(stroke, stem).is_empty()
                || around_stem(stroke, stem)
        }
        None => ink.iter().any(|under| touch(stroke, under)),
    }
}

/// The only stroke of a symbol, if it is steep and straight.
fn stem<'i, 'a>(ink: &[&'i Placed<'a>]) -> Option<&'i Placed<'a>> {
    let [only] = ink else { return None };
    let steep = only.bounds.height() >= (2 * only.bounds.width()).max(STEM_UM_MIN);
    (steep && only.straightness() >= STRAIGHT).then_some(*only)
}

/// Whether a tall curved stroke was written over a stem.
fn over_stem(stroke: &Placed<'_>, ink: &[&Placed<'_>]) -> bool {
    let Some(stem) = stem(ink) else { return false };
    let (over, under) = (stroke.bounds, stem.bounds);
    stroke.straightness() < CURVED
        // The arms of a 4 whose stem came first end well above its foot.
        && over.bottom >= under.bottom - under.height() / 8
        && over.height() * 10 >= under.height() * 5
        && -over.gap_y(under) * 10 >= under.height() * 5
        && (on_stem(stroke, stem) || through_stem(stroke, stem) || around_stem(stroke, stem))
}

/// Whether a stroke touches a stem and is as wide as to hold it.
fn on_stem(stroke: &Placed<'_>, stem: &Placed<'_>) -> bool {
    let (over, under) = (stroke.bounds, stem.bounds);
    -over.gap_x(under) * 5 >= under.width() * 4 && touch(stroke, stem)
}

/// Whether a stem is the second one that a curved stroke goes through or touches: a 4 has one.
fn is_second_stem(stroke: &Placed<'_>, ink: &[&Placed<'_>]) -> bool {
    if stem(&[stroke]).is_none() {
        return false;
    }
    let curved = ink.iter().filter(|s| s.straightness() < CURVED);
    curved.filter(|curved| touch(stroke, curved)).any(|curved| {
        ink.iter().any(|other| stem(&[other]).is_some() && !crossings(curved, other).is_empty())
    })
}

/// Whether a stroke crosses a stem elsewhere than at its ends.
fn through_stem(stroke: &Placed<'_>, stem: &Placed<'_>) -> bool {
    let ends = Bounds::around(&[stem.first(), stem.last()]).unwrap_or(stem.bounds);
    let inner = Bounds {
        top: ends.top + ends.height() * 3 / 20,
        bottom: ends.bottom - ends.height() * 3 / 20,
        ..ends.grown(1_000)
    };
    crossings(stroke, stem).iter().any(|at| inner.contains(*at))
}

/// Whether a stroke lies on both sides of a stem, which may lean.
fn around_stem(stroke: &Placed<'_>, stem: &Placed<'_>) -> bool {
    let (top, low) = match stem.first().y_um <= stem.last().y_um {
        true => (stem.first(), stem.last()),
        false => (stem.last(), stem.first()),
    };
    let f = f64::from;
    let lean = (f(low.x_um) - f(top.x_um)) / (f(low.y_um) - f(top.y_um)).max(1.0);
    let beside = |p: &PagePoint| f(p.x_um) - f(top.x_um) - lean * (f(p.y_um) - f(top.y_um));
    let all = stroke.points.iter().map(beside);
    let (left, right) =
        all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, r), at| (l.min(at), r.max(at)));
    let least = BOTH_SIDES * (right - left);
    left <= -least && right >= least
}

/// Whether a curved stroke stands in the place of a symbol of like size and crosses it more than
/// once, or once if it turns more than a stem with a hook does.
fn over_shape(stroke: &Placed<'_>, symbol: &Symbol, ink: &[&Placed<'_>]) -> bool {
    let area = |b: Bounds| (b.width().max(300) as f64) * (b.height().max(300) as f64);
    let common = symbol.bounds.intersection(stroke.bounds).map_or(0.0, area);
    let larger = area(symbol.bounds).max(area(stroke.bounds));
    if common < 0.5 * larger || stroke.straightness() >= CURVED {
        return false;
    }
    let crossed: usize = ink.iter().map(|under| crossings(stroke, under).len()).sum();
    crossed >= 2 || crossed == 1 && length_to_diagonal(stroke) >= TURNING
}
