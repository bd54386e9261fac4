//! Two columns whose things are joined by lines.

use super::{STEM_UM, Setting};
use crate::draw::svg::{Shape, Type};
use crate::layout::set::Set;
use crate::measure::width_um;
use crate::text::{Wrong, columns};
use crate::{Accepted, Bubble, Field, Key, Kind, Part, Rect, Written};

/// From one thing to the next below it: room for lines that end there.
const PITCH_UM: i32 = 13_000;
/// The ring at which a line begins or ends.
const RING_UM: i32 = 3_000;
const RING_GAP_UM: i32 = 2_500;
/// Between the rings of the two columns.
const BETWEEN_UM: i32 = 55_000;
const BETWEEN_MIN_UM: i32 = 30_000;

impl Setting<'_> {
    /// Sets the things of the left column with figures, and those of the right one with letters, in an
    /// order that follows from their text.
    pub(super) fn pairs(&self, pairs: &[(String, String)], set: &mut Set) -> Result<(), Wrong> {
        let (from, to) = columns(pairs);
        let size_um = self.style.size_um;
        let widest = |texts: &[&str]| {
            texts.iter().map(|text| width_um(text, size_um) + 2 * size_um).max().unwrap_or(0)
        };
        let rings_um = 2 * (RING_GAP_UM + RING_UM);
        let texts_um = STEM_UM + widest(&from) + widest(&to) + rings_um;
        let between_um = (self.style.column_um - texts_um).min(BETWEEN_UM);
        if between_um < BETWEEN_MIN_UM {
            return Err(Wrong::TooWide);
        }
        let left_um = self.x_um + STEM_UM + widest(&from) + RING_GAP_UM;
        let right_um = left_um + RING_UM + between_um;
        let top_um = set.height_um;
        let mut bubbles = Vec::new();
        let columns = [('1', left_um, &from), ('A', right_um, &to)];
        for (first, x_um, texts) in columns {
            for ((name, text), row) in (first..).zip(texts).zip(0..) {
                let middle_um = top_um + row * PITCH_UM + PITCH_UM / 2;
                let y_um = middle_um - RING_UM / 2;
                let rect = Rect { x_um, y_um, width_um: RING_UM, height_um: RING_UM };
                set.field(self.id, &format!(" data-bubble=\"{name}\""), Shape::Oval, rect);
                bubbles.push(Bubble { letter: name, rect });
                let (text, baseline_um) =
                    (format!("{name}. {text}"), middle_um + size_um * 35 / 100);
                let size = Type::new(size_um);
                match first {
                    '1' => set.text(x_um - RING_GAP_UM, baseline_um, size.to_the_left(), text),
                    _ => set.text(x_um + RING_UM + RING_GAP_UM, baseline_um, size, text),
                }
            }
        }
        set.height_um = top_um + PITCH_UM * from.len().max(to.len()) as i32;
        let name = |texts: &[&str], first: char, text: &str| {
            let at = texts.iter().position(|other| *other == text);
            at.and_then(|at| (first..).nth(at)).unwrap_or(first)
        };
        let ends = |(a, b): &(String, String)| (name(&from, '1', a), name(&to, 'A', b));
        let right = pairs.iter().map(ends).collect();
        set.parts.push(Part {
            id: self.id.to_owned(),
            field: Field::Bubbles(bubbles),
            kind: Kind::Pairs,
            key: Key::Accepted(Accepted::one(Written::Pairs(right))),
            points: self.question.points,
            score_box: None,
            model_answer: None,
        });
        Ok(())
    }
}
