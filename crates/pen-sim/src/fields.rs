//! Writing in the fields of a sheet: where, how large, and what happens when it goes wrong.

use std::collections::BTreeSet;

use worksheet::{Bubble, Kind};

use crate::desk::{Desk, Paper};
use crate::hand::Writing;
use crate::kinematics::Motion;
use crate::path::{Bounds, Point};
use crate::persona::Persona;
use crate::random::Random;
use crate::scribble;

#[cfg(test)]
mod tests;

/// A pupil at work on one page.
pub(crate) struct Scribe<'a> {
    pub(crate) persona: &'a Persona,
    pub(crate) desk: &'a mut Desk,
    pub(crate) paper: Paper,
    pub(crate) random: &'a mut Random,
}

/// Where an answer came to lie.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed {
    /// Of the ink that counts.
    pub(crate) bounds: Bounds,
    /// It leaves the field.
    pub(crate) outside: bool,
    /// Whose handwriting it is; nobody's for a filled bubble.
    pub(crate) writers: BTreeSet<String>,
}

/// Room that careful writing leaves to a field's edge.
const MARGIN_UM: f64 = 500.0;

impl Scribe<'_> {
    /// Writes an answer in a box. `over` makes it too large or puts it over the edge.
    pub(crate) fn write_in_box(
        &mut self,
        kind: &Kind,
        field: &Bounds,
        text: &str,
        over: bool,
    ) -> Option<Placed> {
        let writing = self.answer(kind, field, text, over);
        let size = writing.bounds()?;
        let lean = (self.persona.leaning + self.random.around(0.0, 0.08)) * field.width() / 2.0;
        let dip = self.random.around(0.02, 0.05) * field.height();
        let middle = field.centre();
        let mut centre = Point::new(middle.x + lean, middle.y + dip);
        if over {
            // A third of the ink's own size beyond the right, the lower or the upper edge.
            match self.random.below(3) {
                0 => centre.x = field.right - size.width() * self.random.between(0.16, 0.3),
                1 => centre.y = field.bottom - size.height() * self.random.between(0.2, 0.32),
                _ => centre.y = field.top + size.height() * self.random.between(0.2, 0.32),
            }
        } else {
            centre = held_within(centre, &size, &field.grown(-MARGIN_UM));
        }
        self.ink(writing.centred(centre), field)
    }

    /// Crosses out what lies within `earlier` and writes another answer beside it, or above.
    pub(crate) fn correct(
        &mut self,
        kind: &Kind,
        field: &Bounds,
        earlier: &Bounds,
        text: &str,
        taken: &[Bounds],
    ) -> Option<Placed> {
        let crossed = self.cross_out(earlier);
        self.desk.pause(self.random.between(1200.0, 4000.0));
        let writing = self.answer(kind, field, text, false);
        let centre = beside(&writing.bounds()?, &crossed, field, taken)?;
        self.ink(writing.centred(centre), field)
    }

    /// Crosses out what lies within `earlier` and gives the bounds of both.
    pub(crate) fn cross_out(&mut self, earlier: &Bounds) -> Bounds {
        self.desk.pause(self.random.between(700.0, 2500.0));
        let scribble = scribble::cross_out(earlier, self.random);
        let motion = self.quick(2.6);
        let bounds = self.desk.put(self.paper, &scribble, &motion, self.random);
        bounds.map_or(*earlier, |bounds| bounds.union(earlier))
    }

    /// Fills a bubble.
    pub(crate) fn fill(&mut self, bubble: &Bubble) -> Option<Placed> {
        let bounds = Bounds::from(bubble.rect);
        let fill = scribble::fill(&bounds, self.persona.fill, self.random);
        let motion = self.quick(1.7);
        let bounds = self.desk.put(self.paper, &fill, &motion, self.random)?;
        Some(Placed { bounds, outside: false, writers: BTreeSet::new() })
    }

    /// Crosses a bubble that was filled by mistake.
    pub(crate) fn cross_bubble(&mut self, bubble: &Bubble) {
        self.desk.pause(self.random.between(800.0, 2500.0));
        let cross = scribble::cross(&bubble.rect.into(), self.random);
        let motion = self.quick(1.3);
        self.desk.put(self.paper, &cross, &motion, self.random);
    }

    /// An answer's writing at the size that its field and kind ask for.
    fn answer(&mut self, kind: &Kind, field: &Bounds, text: &str, over: bool) -> Writing {
        let hand = &self.persona.hand;
        let (factor, share) = match (kind, text) {
            (Kind::Letter(_), _) => (1.02, 0.74),
            (Kind::TrueFalse, "√") => (1.12, 0.86),
            (Kind::TrueFalse, _) => (0.98, 0.86),
            (Kind::Comparison, _) => (1.25, 0.8),
            _ => (1.0, 0.66),
        };
        let mut size = (hand.size_um * factor).min(field.height() * share);
        if over && self.random.chance(0.5) {
            size *= self.random.between(1.25, 1.5);
        }
        let writing = hand.write(text, size, self.random);
        let width = writing.bounds().map_or(0.0, |bounds| bounds.width());
        let room = field.width() - 2.0 * MARGIN_UM;
        if width <= room || over {
            return writing;
        }
        hand.write(text, size * room / width * 0.95, self.random)
    }

    fn quick(&self, factor: f64) -> Motion {
        let motion = self.persona.hand.motion;
        Motion { speed_mm_s: motion.speed_mm_s * factor, ..motion }
    }

    fn ink(&mut self, writing: Writing, field: &Bounds) -> Option<Placed> {
        let motion = self.persona.hand.motion;
        let bounds = self.desk.put(self.paper, &writing, &motion, self.random)?;
        let outside = leaves(&bounds, field);
        Some(Placed { bounds, outside, writers: writing.writers })
    }
}

/// Whether ink leaves its field by more than half a millimetre.
fn leaves(ink: &Bounds, field: &Bounds) -> bool {
    let field = field.grown(500.0);
    ink.left < field.left
        || ink.top < field.top
        || ink.right > field.right
        || ink.bottom > field.bottom
}

/// The centre nearest to `centre` at which ink of this size lies within `room`; the room's own
/// centre along a side that is too short.
fn held_within(centre: Point, size: &Bounds, room: &Bounds) -> Point {
    let hold = |at: f64, length: f64, low: f64, high: f64| match length <= high - low {
        true => at.clamp(low + length / 2.0, high - length / 2.0),
        false => (low + high) / 2.0,
    };
    Point::new(
        hold(centre.x, size.width(), room.left, room.right),
        hold(centre.y, size.height(), room.top, room.bottom),
    )
}

/// Where the second answer goes: right of the crossed-out one, left of it, above or below it.
/// Within the field if there is room, else the place that leaves it least and touches no other
/// field (`taken`).
fn beside(size: &Bounds, crossed: &Bounds, field: &Bounds, taken: &[Bounds]) -> Option<Point> {
    const GAP_UM: f64 = 1_500.0;
    let (half_width, half_height) = (size.width() / 2.0, size.height() / 2.0);
    let level = held_within(crossed.centre(), size, field).y;
    let upright = held_within(crossed.centre(), size, field).x;
    let places = [
        Point::new(crossed.right + GAP_UM + half_width, level),
        Point::new(crossed.left - GAP_UM - half_width, level),
        Point::new(upright, crossed.top - GAP_UM - half_height),
        Point::new(upright, crossed.bottom + GAP_UM + half_height),
    ];
    let beyond = |centre: &Point| {
        let ink = Bounds {
            left: centre.x - half_width,
            top: centre.y - half_height,
            right: centre.x + half_width,
            bottom: centre.y + half_height,
        };
        let free = !taken.iter().any(|other| other.overlaps(&ink));
        let out = (ink.right - field.right).max(0.0)
            + (field.left - ink.left).max(0.0)
            + (ink.bottom - field.bottom).max(0.0)
            + (field.top - ink.top).max(0.0);
        free.then_some(out)
    };
    let (_, best) = places
        .iter()
        .enumerate()
        .filter_map(|(index, place)| Some((beyond(place)?, index)))
        .min_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))?;
    Some(places[best])
}
