//! Something set and not placed yet: its drawing and its parts, from y = 0 down.

use crate::draw::svg::{Shape, Svg, Type, attribute};
use crate::{Field, Part, Rect};

use super::picture::Art;

/// One thing drawn.
#[derive(Clone)]
pub(super) enum Mark {
    Text { x_um: i32, y_um: i32, set: Type, text: String },
    Rule { x_um: i32, y_um: i32, length_um: i32 },
    Bar { x_um: i32, y_um: i32, length_um: i32 },
    Heading { x_um: i32, y_um: i32, heading: String, note: String },
    Frame(Rect),
    Field { attributes: String, shape: Shape, rect: Rect },
    Guides(Rect),
    Square(Rect),
    Picture { rect: Rect, art: Art },
}

/// Drawing and parts of a heading, a passage or a question.
#[derive(Clone, Default)]
pub(super) struct Set {
    pub(super) marks: Vec<Mark>,
    pub(super) parts: Vec<Part>,
    pub(super) height_um: i32,
}

impl Set {
    pub(super) fn text(&mut self, x_um: i32, y_um: i32, set: Type, text: impl Into<String>) {
        self.marks.push(Mark::Text { x_um, y_um, set, text: text.into() });
    }

    /// Draws the outline of a field of the part `id`; `more` are further attributes.
    pub(super) fn field(&mut self, id: &str, more: &str, shape: Shape, rect: Rect) {
        let attributes = attribute(id) + more;
        self.marks.push(Mark::Field { attributes, shape, rect });
    }

    /// Draws it from `y_um` down; returns its parts where they lie now.
    pub(super) fn place(self, y_um: i32, svg: &mut Svg) -> Vec<Part> {
        let down = |rect: Rect| Rect { y_um: rect.y_um + y_um, ..rect };
        for mark in self.marks {
            match mark {
                Mark::Text { x_um, y_um: y, set, text } => svg.text(x_um, y + y_um, set, &text),
                Mark::Rule { x_um, y_um: y, length_um } => svg.rule(x_um, y + y_um, length_um, 150),
                Mark::Bar { x_um, y_um: y, length_um } => svg.bar(x_um, y + y_um, length_um),
                Mark::Heading { x_um, y_um: y, heading, note } => {
                    svg.heading(x_um, y + y_um, &heading, &note);
                }
                Mark::Frame(rect) => svg.frame(down(rect)),
                Mark::Field { attributes, shape, rect } => {
                    svg.field(&attributes, shape, down(rect));
                }
                Mark::Guides(rect) => svg.guides(down(rect)),
                Mark::Square(rect) => svg.square(down(rect)),
                Mark::Picture { rect, art } => svg.picture(&art.draw(down(rect))),
            }
        }
        self.parts.into_iter().map(|part| moved(part, down)).collect()
    }
}

fn moved(mut part: Part, to: impl Fn(Rect) -> Rect) -> Part {
    match &mut part.field {
        Field::Box(rect) | Field::Bracket(rect) | Field::Area(rect) | Field::Lines { rect, .. } => {
            *rect = to(*rect);
        }
        Field::Comb(cells) => cells.iter_mut().for_each(|cell| *cell = to(*cell)),
        Field::Bubbles(bubbles) => bubbles.iter_mut().for_each(|b| b.rect = to(b.rect)),
    }
    part.score_box = part.score_box.map(&to);
    if let crate::Key::Rubric(criteria) = &mut part.key {
        for criterion in criteria {
            criterion.score_box = criterion.score_box.map(&to);
        }
    }
    part
}
