//! Things to be put in order: each has a pair of brackets before it, for its place.

use super::answers::divided;
use super::{STEM_UM, Setting};
use crate::draw::svg::{Shape, Type};
use crate::layout::set::Set;
use crate::measure::width_um;
use crate::text::{Space, Wrong};
use crate::{Accepted, Field, Key, Kind, Number, NumberForm, Part, Rect, Written};

/// Brackets, as wide as for any number.
const PLACE_UM: (i32, i32) = (18_000, 10_000);
/// Between brackets and their thing, between things, and from one row to the next.
const AFTER_UM: i32 = 1_500;
const BETWEEN_UM: i32 = 6_000;
const PITCH_UM: i32 = 13_000;

impl Setting<'_> {
    /// Sets the things in rows, in an order that follows from their text. Each is a part whose key is
    /// its place, from 1, and which earns its share of the points.
    pub(super) fn order(&self, space: &Space, set: &mut Set) -> Result<(), Wrong> {
        let size_um = self.style.size_um;
        let (left_um, right_um) = (self.x_um + STEM_UM, self.x_um + self.style.column_um);
        let (mut x_um, mut y_um) = (left_um, set.height_um);
        for thing in space.in_print() {
            let wide_um = PLACE_UM.0 + AFTER_UM + width_um(thing, size_um);
            if x_um + wide_um > right_um && x_um > left_um {
                (x_um, y_um) = (left_um, y_um + PITCH_UM);
            }
            if x_um + wide_um > right_um {
                return Err(Wrong::TooWide);
            }
            let middle_um = y_um + PITCH_UM / 2;
            let (width_um, height_um) = PLACE_UM;
            let rect = Rect { x_um, y_um: middle_um - height_um / 2, width_um, height_um };
            let at = set.parts.len();
            let id = Part::id_of(self.id, at);
            set.field(&id, "", Shape::Brackets, rect);
            let (text_um, baseline_um) =
                (x_um + width_um + AFTER_UM, middle_um + size_um * 35 / 100);
            set.text(text_um, baseline_um, Type::new(size_um), thing);
            let place = space.order.iter().position(|other| other == thing).unwrap_or(0) + 1;
            let place = Number::parse(&place.to_string()).ok_or(Wrong::Order)?;
            set.parts.push(Part {
                id,
                field: Field::Bracket(rect),
                kind: Kind::Number(NumberForm::Whole),
                key: Key::Accepted(Accepted::one(Written::Number(place))),
                points: divided(self.question.points, space.order.len(), at),
                score_box: None,
                model_answer: None,
            });
            x_um += wide_um + BETWEEN_UM;
        }
        set.height_um = y_um + PITCH_UM;
        Ok(())
    }
}
