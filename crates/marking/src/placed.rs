//! Strokes laid on the page, with what the rules ask of their shape.

use std::borrow::Cow;

use ink::{Sample, Stroke, StrokeKey};
use worksheet::{PagePoint, PatternPoint, Placement};

use crate::bounds::Bounds;

#[cfg(test)]
mod tests;

/// A pen at 75 Hz or more cannot leave a point and come back over this length between three
/// samples: ten cells of a dot pattern, 10 × 2.371 mm.
const FLYING_UM: f64 = 23_710.0;

/// A stroke and where it lies on the page.
#[derive(Clone, Debug)]
pub(crate) struct Placed<'a> {
    pub(crate) key: StrokeKey,
    /// As the pen saw them, without flying dots: what readers of shapes are given.
    pub(crate) samples: Cow<'a, [Sample]>,
    /// The same samples on the page.
    pub(crate) points: Vec<PagePoint>,
    pub(crate) bounds: Bounds,
    /// Along the ink.
    pub(crate) length_um: f64,
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
    /// Whether every fragment of it has come.
    pub(crate) complete: bool,
}

/// Lays strokes on the page, in the order in which they were begun; the order in which they came in
/// does not matter.
pub(crate) fn place<'a>(strokes: &'a [Stroke], placement: &Placement) -> Vec<Placed<'a>> {
    let mut placed: Vec<_> = strokes.iter().filter_map(|s| Placed::new(s, placement)).collect();
    placed.sort_by_key(|s| (s.start_ms, s.key));
    placed
}

impl<'a> Placed<'a> {
    /// `None` for a stroke without samples, which no reader of chunks makes.
    fn new(stroke: &'a Stroke, placement: &Placement) -> Option<Self> {
        let samples = without_flying_dots(&stroke.samples);
        let to_page = |s: &Sample| placement.to_page(PatternPoint { x_um: s.x_um, y_um: s.y_um });
        let points: Vec<PagePoint> = samples.iter().map(to_page).collect();
        let bounds = Bounds::around(&points)?;
        let length_um = segments(&points).map(|(a, b)| distance_um(a, b)).sum();
        let duration_ms = samples.last().map_or(0, |s| i64::from(s.t_ms));
        Some(Self {
            key: stroke.key,
            samples,
            points,
            bounds,
            length_um,
            start_ms: stroke.start_ms,
            end_ms: stroke.start_ms.saturating_add(duration_ms),
            complete: stroke.complete,
        })
    }

    /// The share of its ink inside `bounds`, 0–1; a stroke without length lies where it begins.
    pub(crate) fn share_inside(&self, bounds: Bounds) -> f64 {
        if !self.bounds.meets(bounds) {
            return 0.0;
        }
        if self.length_um < 1.0 {
            return f64::from(u8::from(bounds.contains(self.first())));
        }
        // A segment is a third of a millimetre at writing speed: its middle says where it lies.
        let inside: f64 = segments(&self.points)
            .filter(|(a, b)| bounds.contains(middle(*a, *b)))
            .map(|(a, b)| distance_um(a, b))
            .sum();
        inside / self.length_um
    }

    pub(crate) fn first(&self) -> PagePoint {
        // Unwrap safety: `new` makes none without points.
        self.points[0]
    }

    pub(crate) fn last(&self) -> PagePoint {
        // Unwrap safety: as in `first`.
        self.points[self.points.len() - 1]
    }

    /// From end to end over along the ink: 1 is a straight line.
    pub(crate) fn straightness(&self) -> f64 {
        if self.length_um < 1.0 {
            0.0
        } else {
            distance_um(self.first(), self.last()) / self.length_um
        }
    }

    /// How often it turns back along its width or its height, whichever is more often; a turn
    /// counts when a third of that side, and 0.6 mm, is gone back.
    pub(crate) fn reversals(&self) -> usize {
        let along = |side_um: i64, of: fn(&PagePoint) -> i32| {
            let back_um = (side_um / 3).max(600);
            turns(self.points.iter().map(|p| i64::from(of(p))), back_um)
        };
        along(self.bounds.width(), |p| p.x_um).max(along(self.bounds.height(), |p| p.y_um))
    }
}

/// How often a walk along one axis turns back by at least `back_um`.
fn turns(mut walk: impl Iterator<Item = i64>, back_um: i64) -> usize {
    let Some(start) = walk.next() else { return 0 };
    let (mut low, mut high, mut rising, mut turns) = (start, start, None, 0);
    for at in walk {
        low = low.min(at);
        high = high.max(at);
        match rising {
            None if high - low >= back_um => rising = Some(at == high),
            Some(true) if high - at >= back_um => {
                (rising, low, turns) = (Some(false), at, turns + 1);
            }
            Some(false) if at - low >= back_um => {
                (rising, high, turns) = (Some(true), at, turns + 1);
            }
            _ => {}
        }
    }
    turns
}

/// Samples that jump far from both neighbours and back are the pen's misreadings, not ink.
fn without_flying_dots(samples: &[Sample]) -> Cow<'_, [Sample]> {
    let far = |a: &Sample, b: &Sample| {
        let (dx, dy) =
            (f64::from(a.x_um) - f64::from(b.x_um), f64::from(a.y_um) - f64::from(b.y_um));
        // Without a root: this is asked of each sample, and a root took a twentieth of marking.
        dx * dx + dy * dy > FLYING_UM * FLYING_UM
    };
    let flies = |w: &[Sample]| far(&w[0], &w[1]) && far(&w[1], &w[2]) && !far(&w[0], &w[2]);
    if !samples.windows(3).any(flies) {
        return Cow::Borrowed(samples);
    }
    let kept = samples.iter().enumerate().filter(|(i, _)| {
        let around = i.checked_sub(1).and_then(|from| samples.get(from..from + 3));
        !around.is_some_and(flies)
    });
    Cow::Owned(kept.map(|(_, sample)| *sample).collect())
}

pub(crate) fn segments(points: &[PagePoint]) -> impl Iterator<Item = (PagePoint, PagePoint)> {
    points.windows(2).map(|w| (w[0], w[1]))
}

pub(crate) fn distance_um(a: PagePoint, b: PagePoint) -> f64 {
    let (dx, dy) = (f64::from(a.x_um) - f64::from(b.x_um), f64::from(a.y_um) - f64::from(b.y_um));
    dx.hypot(dy)
}

fn middle(a: PagePoint, b: PagePoint) -> PagePoint {
    // The mean of two i32 is one.
    let mean = |a: i32, b: i32| ((i64::from(a) + i64::from(b)) / 2) as i32;
    PagePoint { x_um: mean(a.x_um, b.x_um), y_um: mean(a.y_um, b.y_um) }
}
