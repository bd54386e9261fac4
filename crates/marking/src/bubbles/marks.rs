//! Marks that choose an option without filling its bubble: rings, ticks, lines under its text.

use std::collections::BTreeSet;

use worksheet::{Bubble, PagePoint, Review};

use crate::bounds::Bounds;
use crate::cross_out::STRAIGHT;
use crate::placed::{Placed, segments};

/// Smaller ink is taps and slips of the pen.
const MARK_UM_MIN: i64 = 1_500;
/// How far around a bubble a ring goes, in turns.
const TURNS_MIN: f64 = 0.85;
/// A mark may begin this far before its option's bubble.
const BEFORE_UM: i64 = 1_500;

/// What stands in a question besides fillings.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The letters of the bubbles in rings.
    ringed: BTreeSet<char>,
    /// The letters of the options by which other marks stand.
    by: BTreeSet<char>,
    /// The same without lines under text, which may be there to learn by.
    by_signs: BTreeSet<char>,
}

impl Marks {
    /// Looks at the strokes that were not taken back.
    pub(super) fn find(bubbles: &[Bubble], strokes: &[&Placed<'_>]) -> Self {
        let mut marks = Self::default();
        for stroke in strokes.iter().filter(|s| s.bounds.extent() >= MARK_UM_MIN) {
            let within = |b: &&Bubble| is_around(stroke, Bounds::of(b.rect));
            let ringed: BTreeSet<char> = bubbles.iter().filter(within).map(|b| b.letter).collect();
            if !ringed.is_empty() {
                marks.ringed.extend(ringed);
                continue;
            }
            // What lies in bubbles is told by how much of them it covers.
            let inside = |b: &Bubble| stroke.share_inside(Bounds::of(b.rect)) >= 0.3;
            if bubbles.iter().any(inside) {
                continue;
            }
            let letter = option_by(bubbles, stroke.bounds);
            marks.by.extend(letter);
            let level = stroke.bounds.height() * 3 <= stroke.bounds.width();
            if !(level && stroke.straightness() >= STRAIGHT) {
                marks.by_signs.extend(letter);
            }
        }
        marks
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ringed.is_empty() && self.by.is_empty()
    }

    /// What was found in the bubbles, with what the marks say.
    pub(super) fn with(
        self,
        (letters, review): (BTreeSet<char>, Option<Review>),
    ) -> (BTreeSet<char>, Option<Review>) {
        let light = review == Some(Review::LightBubble);
        if letters.is_empty() || light && letters == self.ringed {
            if self.by.is_empty() && self.ringed.len() == 1 {
                // One ring around one bubble and nothing else.
                return (self.ringed, None);
            }
            let marked: BTreeSet<char> = self.ringed.union(&self.by).copied().collect();
            let review = (!marked.is_empty()).then_some(Review::MarkedOtherwise).or(review);
            return if letters.is_empty() { (marked, review) } else { (letters, review) };
        }
        let another = self.ringed.union(&self.by_signs).any(|letter| !letters.contains(letter));
        let review = review.or(another.then_some(Review::TwoBubbles));
        (letters, review)
    }
}

/// Whether a stroke goes around the middle of a bubble and not through it.
fn is_around(stroke: &Placed<'_>, bubble: Bounds) -> bool {
    let core = bubble.grown(-bubble.width().min(bubble.height()) / 4);
    if !stroke.bounds.meets(core) || stroke.share_inside(core) > 0.05 {
        return false;
    }
    let (x, y) = ((bubble.left + bubble.right) as f64 / 2.0, bubble.middle_y() as f64);
    let angle = |p: PagePoint| (f64::from(p.y_um) - y).atan2(f64::from(p.x_um) - x);
    let turned: f64 = segments(&stroke.points)
        .map(|(a, b)| {
            let by = angle(b) - angle(a);
            (by + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI
        })
        .sum();
    turned.abs() >= TURNS_MIN * std::f64::consts::TAU
}

/// The option by which a mark stands: in the nearest row, the last one whose bubble begins before
/// the mark's middle, since options' texts follow their bubbles.
fn option_by(bubbles: &[Bubble], mark: Bounds) -> Option<char> {
    let off = |b: &Bubble| (Bounds::of(b.rect).middle_y() - mark.middle_y()).abs();
    let nearest = bubbles.iter().map(off).min()?;
    let height = bubbles.first().map_or(0, |b| i64::from(b.rect.height_um));
    let row = bubbles.iter().filter(|b| off(b) <= nearest + height / 2);
    let middle = (mark.left + mark.right) / 2;
    let begun = row.clone().filter(|b| i64::from(b.rect.x_um) - BEFORE_UM <= middle);
    let found = begun.max_by_key(|b| b.rect.x_um).or_else(|| row.min_by_key(|b| b.rect.x_um));
    found.map(|b| b.letter)
}
