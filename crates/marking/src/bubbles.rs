//! Which bubble is filled.

use std::collections::BTreeSet;

use raster::{Coverage, PenWidth, Window};
use worksheet::{Bubble, PagePoint, Placement, Review};

use crate::Thresholds;
use crate::bounds::Bounds;
use crate::placed::Placed;

mod marks;
#[cfg(test)]
mod tests;

use marks::Marks;

/// Names how bubbles are read: readings of one version are comparable.
pub(crate) const READER: &str = "bubbles-2";
/// Ballpoint lines, as wide as pens write.
const WIDTH: PenWidth = PenWidth { min_um: 400, max_um: 600 };
/// A bubble is some thirty pixels wide: enough for its share of ink.
const DPI: u32 = 150;
/// A straight line that leaves the bubble this far at both ends does not fill it but strikes it.
const BEYOND_UM: i64 = 250;
const STRAIGHT: f64 = 0.9;
/// Two bubbles are filled: the later counts if it has this many times the ink.
const DENSER: f32 = 1.6;
/// A stroke as long as this share of a bubble's diagonal goes across it.
const ACROSS: f64 = 0.7;
/// Ink that goes this far beyond a bubble on three sides does not fill it but blackens it out.
const BLACKENED_UM: i64 = 1_000;
/// Ink as long as this is more than a tap: where nothing else says what is meant, a person must see it.
const INK_UM: i64 = 1_000;
/// No printed bubble is larger; a larger one is drawn no finer than this.
const SIDE_UM_MAX: i32 = 40_000;

/// What was found in a question's bubbles.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Choice {
    /// The letters of the bubbles that are filled, or most likely meant; none: there is no ink.
    pub(crate) letters: BTreeSet<char>,
    /// Why it is not certain.
    pub(crate) review: Option<Review>,
    /// Ink that was taken back; positions in the question's strokes.
    pub(crate) superseded: Vec<usize>,
    /// How many bubbles were taken back.
    pub(crate) rewrites: u32,
}

/// One bubble's ink.
struct Filling {
    letter: char,
    /// Share of the bubble under ink, 0–1.
    coverage: f32,
    /// When the last ink came that lies in it.
    last_ms: i64,
    struck: bool,
    /// A line goes through it that takes nothing back: there was nothing.
    slashed: bool,
    /// It is filled far beyond its edge, as what was filled before is blackened out.
    blackened: bool,
    strokes: Vec<usize>,
}

/// Reads the bubbles of one part from its strokes, ordered by time; `several` may be filled.
pub(crate) fn choose(
    bubbles: &[Bubble],
    several: bool,
    strokes: &[&Placed<'_>],
    placement: &Placement,
    thresholds: &Thresholds,
    coverage: &mut Coverage,
) -> Choice {
    let fillings: Vec<Filling> =
        bubbles.iter().map(|b| Filling::new(b, strokes, placement, coverage)).collect();
    let mut choice = Choice::default();
    for struck in fillings.iter().filter(|f| f.struck) {
        choice.superseded.extend(&struck.strokes);
        choice.rewrites += 1;
    }
    choice.superseded.sort_unstable();
    choice.superseded.dedup();
    let mut touched: Vec<&Filling> =
        fillings.iter().filter(|f| !f.struck && f.coverage >= thresholds.touch_min).collect();
    touched.sort_by(|a, b| b.coverage.total_cmp(&a.coverage));
    let found = if several { any(&touched, thresholds) } else { one(&touched, thresholds) };
    let standing: Vec<&Placed<'_>> = (strokes.iter().enumerate())
        .filter(|(index, _)| !choice.superseded.contains(index))
        .map(|(_, stroke)| *stroke)
        .collect();
    let marks = Marks::find(bubbles, &standing);
    let is_chosen = |f: &Filling, found: &BTreeSet<char>| found.contains(&f.letter);
    let found = match found {
        (letters, None) if fillings.iter().any(|f| f.slashed && !is_chosen(f, &letters)) => {
            (letters, Some(Review::TwoBubbles))
        }
        (letters, None) if fillings.iter().any(|f| f.blackened) => {
            (letters, Some(Review::CrossedOut))
        }
        (letters, None) if letters.is_empty() && standing.iter().any(|s| is_ink(s)) => {
            (letters, Some(Review::LightBubble))
        }
        found => found,
    };
    (choice.letters, choice.review) = match touched.is_empty() && choice.rewrites > 0 {
        true if marks.is_empty() => (BTreeSet::new(), Some(Review::CrossedOut)),
        _ => marks.with(found),
    };
    choice
}

/// The one bubble that is meant, of those that are touched, most ink first.
fn one(touched: &[&Filling], thresholds: &Thresholds) -> (BTreeSet<char>, Option<Review>) {
    let (most, review) = match touched {
        [] => return (BTreeSet::new(), None),
        [most, ..] if most.coverage < thresholds.fill_min => (most, Some(Review::LightBubble)),
        [only] => (only, None),
        [most, next, ..] => {
            let clear = next.coverage < thresholds.fill_min && next.coverage * 3.0 <= most.coverage
                || most.last_ms > next.last_ms && most.coverage >= DENSER * next.coverage;
            (most, (!clear).then_some(Review::TwoBubbles))
        }
    };
    (BTreeSet::from([most.letter]), review)
}

/// All bubbles that are meant, of those that are touched, most ink first.
fn any(touched: &[&Filling], thresholds: &Thresholds) -> (BTreeSet<char>, Option<Review>) {
    let filled = touched.iter().take_while(|filling| filling.coverage >= thresholds.fill_min);
    let filled: BTreeSet<char> = filled.map(|filling| filling.letter).collect();
    match filled.len() == touched.len() {
        true => (filled, None),
        false => (touched.iter().map(|f| f.letter).collect(), Some(Review::LightBubble)),
    }
}

impl Filling {
    fn new(
        bubble: &Bubble,
        strokes: &[&Placed<'_>],
        placement: &Placement,
        coverage: &mut Coverage,
    ) -> Self {
        let bounds = Bounds::of(bubble.rect);
        let near: Vec<usize> =
            (0..strokes.len()).filter(|i| strokes[*i].bounds.meets(bounds)).collect();
        let strikes = |i: &usize| strikes(strokes[*i], bounds);
        // A strike takes back what was there before it.
        let filled_before = |strike: usize| {
            near.iter().any(|i| *i < strike && strokes[*i].share_inside(bounds.grown(600)) >= 0.7)
        };
        let struck = near.iter().filter(|i| strikes(i)).any(|i| filled_before(*i));
        let crosses = |i: &usize| crosses(strokes[*i], bounds);
        let slashed = !struck && near.iter().any(crosses);
        let ink: Vec<&[ink::Sample]> = near.iter().map(|i| &*strokes[*i].samples).collect();
        Self {
            letter: bubble.letter,
            coverage: share_of_ink(&ink, bubble, placement, coverage),
            last_ms: near.iter().map(|i| strokes[*i].end_ms).max().unwrap_or(i64::MIN),
            struck,
            slashed,
            blackened: is_blackened(near.iter().map(|i| strokes[*i]), bounds),
            strokes: near,
        }
    }
}

/// Whether ink is more than a tap of the pen.
fn is_ink(stroke: &Placed<'_>) -> bool {
    stroke.bounds.extent() >= INK_UM
}

/// Whether strokes to and fro over a bubble go far beyond it on three sides at least.
fn is_blackened<'p>(strokes: impl Iterator<Item = &'p Placed<'p>>, bubble: Bounds) -> bool {
    let dense = strokes.filter(|s| s.reversals() >= 2 && s.share_inside(bubble) > 0.0);
    let Some(ink) = dense.map(|s| s.bounds).reduce(Bounds::union) else { return false };
    let beyond = [
        bubble.left - ink.left,
        bubble.top - ink.top,
        ink.right - bubble.right,
        ink.bottom - bubble.bottom,
    ];
    beyond.into_iter().filter(|um| *um >= BLACKENED_UM).count() >= 3
}

/// Whether a straight stroke goes from one side of a bubble to the other.
fn crosses(stroke: &Placed<'_>, bubble: Bounds) -> bool {
    let inner = bubble.grown(-bubble.width().min(bubble.height()) / 4);
    stroke.straightness() >= STRAIGHT
        && stroke.length_um >= ACROSS * bubble.diagonal()
        && stroke.share_inside(inner) > 0.0
}

/// Whether a straight stroke goes through a bubble and beyond it at both ends.
fn strikes(stroke: &Placed<'_>, bubble: Bounds) -> bool {
    let outside = bubble.grown(BEYOND_UM);
    let inner = bubble.grown(-bubble.width().min(bubble.height()) / 4);
    stroke.straightness() >= STRAIGHT
        && !outside.contains(stroke.first())
        && !outside.contains(stroke.last())
        && stroke.share_inside(inner) > 0.0
}

/// The share of the ellipse in the bubble's box that is under ink.
fn share_of_ink(
    ink: &[&[ink::Sample]],
    bubble: &Bubble,
    placement: &Placement,
    coverage: &mut Coverage,
) -> f32 {
    if ink.is_empty() {
        return 0.0;
    }
    let rect = bubble.rect;
    // A registration turns by a fraction of a degree: over a bubble, by less than a pixel.
    let corner = placement.to_pattern(PagePoint { x_um: rect.x_um, y_um: rect.y_um });
    let window = Window {
        x_um: corner.x_um,
        y_um: corner.y_um,
        width_um: rect.width_um.min(SIDE_UM_MAX),
        height_um: rect.height_um.min(SIDE_UM_MAX),
        dpi: DPI,
    };
    raster::draw(ink, &window, &WIDTH, coverage);
    let (width, height) = (coverage.width as f32, coverage.height as f32);
    let (mut inked, mut all) = (0_u64, 0_u64);
    for y in 0..coverage.height {
        let v = (y as f32 + 0.5) / height * 2.0 - 1.0;
        let reach = (1.0 - v * v).max(0.0).sqrt() * width / 2.0;
        let from = (width / 2.0 - reach).round() as usize;
        let to = ((width / 2.0 + reach).round() as usize).min(coverage.width);
        if from < to {
            inked += coverage.row(y)[from..to].iter().map(|c| u64::from(*c)).sum::<u64>();
            all += 255 * (to - from) as u64;
        }
    }
    if all == 0 { 0.0 } else { inked as f32 / all as f32 }
}
