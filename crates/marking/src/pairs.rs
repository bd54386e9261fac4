//! Lines drawn between things in two columns.

use std::collections::BTreeSet;

use worksheet::{Bubble, PagePoint, Review};

use crate::bounds::Bounds;
use crate::placed::{Placed, distance_um};

#[cfg(test)]
mod tests;

/// Names how pairs are read: readings of one version are comparable.
pub(crate) const READER: &str = "pairs-1";
/// Shorter ink joins nothing.
const LINE_UM_MIN: f64 = 8_000.0;
/// A line ends at a ring no further from it than this, across and down.
const REACH_UM: (f64, f64) = (16_000.0, 6_500.0);
/// The next ring is further from that end by this factor.
const CLEARLY: f64 = 1.5;
/// A line that was put down goes on within this distance.
const GOES_ON_UM: f64 = 2_500.0;
/// Larger ink that joins nothing is a correction, or a mark that a person must see.
const MARK_UM: i64 = 2_500;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Joined {
    /// The names of the rings that are joined, the left one first.
    pub(crate) pairs: BTreeSet<(char, char)>,
    /// Why it is not certain.
    pub(crate) review: Option<Review>,
}

/// Reads the lines between `rings`, of which those named by figures stand on the left, from strokes
/// ordered by time.
pub(crate) fn join(rings: &[Bubble], strokes: &[&Placed<'_>]) -> Joined {
    let mut joined = Joined::default();
    for line in lines(rings, strokes) {
        match line.pair(rings) {
            // The same line drawn again says nothing new.
            Some(pair) => drop(joined.pairs.insert(pair)),
            None if line.is_mark() => joined.review = Some(Review::OutOfAlphabet),
            None => {}
        }
    }
    // Of as many things on both sides none has two; the larger side has one each.
    let [left, right] = [true, false]
        .map(|figures| rings.iter().filter(|ring| ring.letter.is_ascii_digit() == figures).count());
    let is_twice = |of: fn(&(char, char)) -> char| {
        joined.pairs.iter().map(of).collect::<BTreeSet<_>>().len() < joined.pairs.len()
    };
    if left >= right && is_twice(|pair| pair.0) || right >= left && is_twice(|pair| pair.1) {
        joined.review = joined.review.or(Some(Review::TwoAnswers));
    }
    joined
}

/// One line, perhaps of several strokes.
struct Line {
    from: PagePoint,
    to: PagePoint,
    length_um: f64,
    bounds: Bounds,
}

/// Strokes as lines: one that begins where the last one ended, away from every ring, goes on with it.
fn lines(rings: &[Bubble], strokes: &[&Placed<'_>]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for stroke in strokes {
        let (from, to) = (stroke.first(), stroke.last());
        match lines.last_mut() {
            Some(line)
                if distance_um(line.to, from) <= GOES_ON_UM
                    && nearest(rings, line.to).is_none() =>
            {
                line.to = to;
                line.length_um += stroke.length_um;
                line.bounds = line.bounds.union(stroke.bounds);
            }
            _ => lines.push(Line { from, to, length_um: stroke.length_um, bounds: stroke.bounds }),
        }
    }
    lines
}

impl Line {
    fn is_mark(&self) -> bool {
        self.bounds.extent() >= MARK_UM
    }

    /// The rings that it joins, one on each side; `None` where that is not clear, or it is no line.
    fn pair(&self, rings: &[Bubble]) -> Option<(char, char)> {
        // A line that wanders about is a scribble.
        let is_line = self.length_um >= LINE_UM_MIN
            && self.length_um <= 1.6 * distance_um(self.from, self.to);
        if !is_line {
            return None;
        }
        let (a, b) = (nearest(rings, self.from)?, nearest(rings, self.to)?);
        match (a.is_ascii_digit(), b.is_ascii_digit()) {
            (true, false) => Some((a, b)),
            (false, true) => Some((b, a)),
            _ => None,
        }
    }
}

/// The ring that an end lies at, if it is clearly that one.
fn nearest(rings: &[Bubble], end: PagePoint) -> Option<char> {
    let away = |ring: &Bubble| {
        let ring = Bounds::of(ring.rect);
        let (x, y) = ((ring.left + ring.right) / 2, ring.middle_y());
        let across = (i64::from(end.x_um) - x).abs() as f64;
        let down = (i64::from(end.y_um) - y).abs() as f64;
        (across <= REACH_UM.0 && down <= REACH_UM.1).then(|| across.hypot(2.0 * down))
    };
    let mut near: Vec<(f64, char)> =
        rings.iter().filter_map(|ring| Some((away(ring)?.max(500.0), ring.letter))).collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    match near.as_slice() {
        [only] => Some(only.1),
        [first, second, ..] if second.0 >= CLEARLY * first.0 => Some(first.1),
        _ => None,
    }
}
