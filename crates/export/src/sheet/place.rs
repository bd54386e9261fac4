//! Where the signs go: beside their question, never on ink, on a field or on print.

use super::line::Bounds;
use super::{Asked, GLYPH, Glyph, Mark, UNIT_UM};

/// Air between a field and its sign, in drawing units.
const GAP: i32 = 70;
/// A field that begins this far left has its question behind it: its sign goes before it.
const LEFT_MARGIN: i32 = 3_000;
/// Signs keep off the edges of the paper.
const EDGE: i32 = 60;

pub(super) fn place(
    width_um: i32,
    height_um: i32,
    printed: &[Bounds],
    marks: &[Mark],
    asked: Vec<Asked>,
) -> Vec<Glyph> {
    let page = Bounds {
        x0: EDGE,
        y0: EDGE,
        x1: width_um / UNIT_UM - EDGE,
        y1: height_um / UNIT_UM - EDGE,
    };
    let mut taken: Vec<Bounds> = marks.iter().map(|mark| mark.line.bounds).collect();
    taken.extend(printed);
    taken.extend(asked.iter().map(|asked| Bounds::of(&asked.field)));
    let mut glyphs = Vec::with_capacity(asked.len());
    for asked in asked {
        let spot = spot(&Bounds::of(&asked.field), &page, &taken);
        taken.push(spot);
        glyphs.push(Glyph {
            question: asked.question,
            sign: asked.sign,
            provisional: asked.provisional,
            title: asked.title,
            x: spot.x0,
            y: spot.y0,
        });
    }
    glyphs
}

/// The first free place around the field; where all is full, the first place of all.
fn spot(field: &Bounds, page: &Bounds, taken: &[Bounds]) -> Bounds {
    let square = |x: i32, y: i32| Bounds { x0: x, y0: y, x1: x + GLYPH, y1: y + GLYPH };
    let middle = (field.y0 + field.y1 - GLYPH) / 2;
    // A tall field has its sign at its first line.
    let y = if field.y1 - field.y0 > 4 * GLYPH { field.y0 + GLYPH / 4 } else { middle };
    let side = |x: i32| [y, field.y0 - GLYPH * 2 / 3, field.y1 - GLYPH / 3].map(|y| square(x, y));
    let right = side(field.x1 + GAP);
    let left = side(field.x0 - GAP - GLYPH);
    let (first, second) = if field.x0 < LEFT_MARGIN { (left, right) } else { (right, left) };
    let above = square(field.x1 - GLYPH, field.y0 - GAP - GLYPH);
    let below = square(field.x1 - GLYPH, field.y1 + GAP);
    let beyond = [
        square(field.x1 + GAP + GLYPH, y),
        square(field.x0 - GAP - 2 * GLYPH, y),
        square(field.x1 + GAP + 2 * GLYPH, y),
    ];
    let within =
        |b: &Bounds| b.x0 >= page.x0 && b.y0 >= page.y0 && b.x1 <= page.x1 && b.y1 <= page.y1;
    let free = |b: &Bounds| within(b) && !taken.iter().any(|other| other.touches(b));
    let inside = square(
        first[0].x0.clamp(page.x0, page.x1 - GLYPH),
        first[0].y0.clamp(page.y0, page.y1 - GLYPH),
    );
    first.into_iter().chain([above, below]).chain(second).chain(beyond).find(free).unwrap_or(inside)
}
