//! Where the signs go: beside their question, never on ink or on a field.

use super::line::Bounds;
use super::{Asked, GLYPH, Glyph, Mark, UNIT_UM};

/// Air between a field and its sign, in drawing units.
const GAP: i32 = 90;
/// A field that begins this far left has its question behind it: its sign goes before it.
const LEFT_MARGIN: i32 = 3000;
/// How far the sign wanders from its field before it gives up, in steps of its own size.
const STEPS: i32 = 4;

pub(super) fn place(
    width_um: i32,
    height_um: i32,
    marks: &[Mark],
    asked: Vec<Asked>,
) -> Vec<Glyph> {
    let page = Bounds { x0: 60, y0: 60, x1: width_um / UNIT_UM - 60, y1: height_um / UNIT_UM - 60 };
    let mut taken: Vec<Bounds> = marks.iter().map(|mark| mark.line.bounds).collect();
    taken.extend(asked.iter().map(|asked| Bounds::of(&asked.field)));
    let mut glyphs = Vec::with_capacity(asked.len());
    for asked in asked {
        let field = Bounds::of(&asked.field);
        let spot = spot(&field, &page, &taken);
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

/// The first free place beside the field; where all is full, the first place of all.
fn spot(field: &Bounds, page: &Bounds, taken: &[Bounds]) -> Bounds {
    let middle = (field.y0 + field.y1 - GLYPH) / 2;
    // A tall field has its sign at its first line.
    let y = if field.y1 - field.y0 > 4 * GLYPH { field.y0 + GLYPH / 4 } else { middle };
    let square = |x: i32, y: i32| Bounds { x0: x, y0: y, x1: x + GLYPH, y1: y + GLYPH };
    let right = (0..STEPS).map(|step| square(field.x1 + GAP + step * GLYPH, y));
    let left = (0..STEPS).map(|step| square(field.x0 - GAP - (step + 1) * GLYPH, y));
    let sides: Vec<Bounds> = if field.x0 < LEFT_MARGIN {
        left.chain(right).collect()
    } else {
        right.chain(left).collect()
    };
    let above_and_below = [
        square(field.x1 - GLYPH, field.y1 + GAP),
        square(field.x1 - GLYPH, field.y0 - GAP - GLYPH),
        square(field.x1 + GAP, field.y1 + GAP),
        square(field.x1 + GAP, field.y0 - GAP - GLYPH),
    ];
    let within =
        |b: &Bounds| b.x0 >= page.x0 && b.y0 >= page.y0 && b.x1 <= page.x1 && b.y1 <= page.y1;
    let inside = |b: &Bounds| {
        let x0 = b.x0.clamp(page.x0, page.x1 - GLYPH);
        let y0 = b.y0.clamp(page.y0, page.y1 - GLYPH);
        square(x0, y0)
    };
    sides
        .iter()
        .chain(&above_and_below)
        .find(|b| within(b) && !taken.iter().any(|other| other.touches(b)))
        .copied()
        .unwrap_or_else(|| inside(&sides[0]))
}
