//! Which piece of a page a question is.

use worksheet::{Field, Page, Question, Rect, Worksheet};

use crate::sheet::{Bounds, words};

/// Words on one line are of one question where no more than this is between them, drawing units.
const BESIDE: i32 = 1_200;
/// Lines that stand this close above each other belong together.
const ABOVE: i32 = 460;
/// How far before a field its question's number stands.
const LABEL: i32 = 900;
/// What counts as the same place.
const TOLERANCE: i32 = 100;
/// Air around a piece.
const AIR: i32 = 150;
/// What of a large field is shown where it is empty.
const EMPTY: i32 = 1_200;
/// The widest and the highest piece.
const WIDTH_MAX: i32 = 18_000;
const HEIGHT_MAX: i32 = 20_000;

/// The piece of a page that shows a question as it is printed, with the ink in it: its fields, and
/// the words that belong to them rather than to another question's fields.
pub(super) fn piece(
    worksheet: &Worksheet,
    page: &Page,
    question: &Question,
    ink: Option<Bounds>,
) -> Option<Bounds> {
    let mut bounds = own(question, ink)?;
    let others: Vec<Bounds> = worksheet
        .questions_on(page.number)
        .filter(|other| other.id != question.id)
        .filter_map(|other| Rect::around(other.parts.iter().flat_map(|part| part.rects())))
        .map(|rect| Bounds::of(&rect))
        .collect();
    let printed = words(&page.artwork);
    let place = Place::new(own(question, None)?, others, &printed);
    while let Some(more) = printed.iter().find_map(|word| {
        let with = bounds.with(word);
        let grows =
            with != bounds && with.x1 - with.x0 <= WIDTH_MAX && with.y1 - with.y0 <= HEIGHT_MAX;
        let joins = bounds.is_beside(word, BESIDE)
            || stands_above(&bounds, word)
            || (place.field_first && stands_above(word, &bounds));
        let free = !place.others.iter().any(|other| with.touches(other));
        (grows && joins && free && place.owns(word)).then_some(with)
    }) {
        bounds = more;
    }
    Some(with_air(&bounds, page, &place.others))
}

/// Where a question stands among the others of its page.
struct Place {
    /// Its fields.
    own: Bounds,
    /// The fields of each other question.
    others: Vec<Bounds>,
    /// Where the next question of its row begins, with its field.
    right: Option<i32>,
    /// Where the one before in its row ends, with its field.
    left: Option<i32>,
    /// Whether print follows its field, as in brackets before a statement and bubbles before words.
    field_first: bool,
}

impl Place {
    fn new(own: Bounds, others: Vec<Bounds>, printed: &[Bounds]) -> Self {
        let in_row = |other: &&Bounds| other.y0 < own.y1 && own.y0 < other.y1;
        let row = || others.iter().filter(in_row);
        let right = row().map(|other| other.x0).filter(|x0| *x0 > own.x0).min();
        let left = row().map(|other| other.x1).filter(|x1| *x1 <= own.x0 + TOLERANCE).max();
        let first = row().map(|other| other.x0).fold(own.x0, i32::min);
        let before = |word: &Bounds| is_on_line(word, &own) && word.x1 <= first + TOLERANCE;
        let field_first = !printed.iter().any(before);
        Self { own, others, right, left, field_first }
    }

    /// Whether a word belongs to the question rather than to another.
    fn owns(&self, word: &Bounds) -> bool {
        if is_on_line(word, &self.own) {
            return if self.field_first {
                word.x0 + TOLERANCE >= self.own.x0 && self.right.is_none_or(|right| word.x0 < right)
            } else {
                self.is_nearest(word)
            };
        }
        // Another line: it is of a question that has a field there, or of the one in its column.
        let room = if self.field_first { 0 } else { LABEL };
        !self.others.iter().any(|other| is_on_line(word, other))
            && self.right.is_none_or(|right| word.x0 < right - room)
            && self.left.is_none_or(|left| word.x0 + TOLERANCE >= left)
    }

    /// Whether no other question's field is nearer to a word on the line. What is asked stands before
    /// its field rather than behind the one before.
    fn is_nearest(&self, word: &Bounds) -> bool {
        let gap = |field: &Bounds| {
            let (behind, before) = (word.x0 - field.x1, field.x0 - word.x1);
            // A field behind the word is nearer than one before it: print leads to a field.
            if behind > 0 { 2 * behind } else { before.max(0) }
        };
        let nearest = self.others.iter().filter(|other| is_on_line(word, other)).map(gap).min();
        nearest.is_none_or(|nearest| gap(&self.own) <= nearest)
    }
}

/// Whether the middle of a word is as high as a field.
fn is_on_line(word: &Bounds, field: &Bounds) -> bool {
    (field.y0..field.y1).contains(&i32::midpoint(word.y0, word.y1))
}

/// The fields of a question with the ink in them; of large ones no more than what is written.
fn own(question: &Question, ink: Option<Bounds>) -> Option<Bounds> {
    let field = |field: &Field, rect: &Rect| {
        let whole = Bounds::of(rect);
        match field {
            Field::Lines { .. } | Field::Area(_) => {
                Bounds { y1: whole.y1.min(whole.y0 + EMPTY), ..whole }
            }
            _ => whole,
        }
    };
    let rects = question
        .parts
        .iter()
        .flat_map(|part| part.field.rects().into_iter().map(move |rect| field(&part.field, &rect)));
    let fields = rects.reduce(|a, b| a.with(&b))?;
    Some(ink.map_or(fields, |ink| fields.with(&ink)))
}

/// Whether a word stands on the line above.
fn stands_above(bounds: &Bounds, word: &Bounds) -> bool {
    let gap = bounds.y0 - word.y1;
    (-ABOVE..=ABOVE).contains(&gap)
        && word.y0 < bounds.y0
        && word.x0 < bounds.x1
        && bounds.x0 < word.x1 + BESIDE
}

/// A little of what is around, if it is nobody else's.
fn with_air(bounds: &Bounds, page: &Page, others: &[Bounds]) -> Bounds {
    let sheet = Bounds { x0: 0, y0: 0, x1: page.width_um / 10, y1: page.height_um / 10 };
    let mut wide = Bounds {
        x0: (bounds.x0 - AIR).max(sheet.x0),
        y0: (bounds.y0 - AIR).max(sheet.y0),
        x1: (bounds.x1 + AIR).min(sheet.x1),
        y1: (bounds.y1 + AIR).min(sheet.y1),
    };
    wide.x1 = wide.x1.min(wide.x0 + WIDTH_MAX);
    wide.y1 = wide.y1.min(wide.y0 + HEIGHT_MAX);
    if others.iter().any(|other| other.touches(&wide) && !other.touches(bounds)) {
        return *bounds;
    }
    wide
}

#[cfg(test)]
mod tests {
    use worksheet::Worksheet;

    use super::*;

    /// The sample worksheet of mental arithmetic, in columns.
    fn sheet(name: &str) -> Worksheet {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sample-strokes/worksheets/");
        Worksheet::load(std::path::Path::new(&format!("{dir}{name}"))).unwrap()
    }

    #[test]
    fn a_piece_holds_its_own_field_and_no_other() {
        for name in ["mental-arithmetic-g3", "english-g3", "mixed-g3"] {
            let sheet = sheet(name);
            for question in &sheet.questions {
                let page = sheet.pages.iter().find(|page| page.number == question.page).unwrap();
                let piece = piece(&sheet, page, question, None).unwrap();
                for part in &question.parts {
                    let field = Bounds::of(&part.field.rects()[0]);
                    assert!(piece.touches(&field), "{name} {}", question.id);
                }
                for other in sheet.questions_on(page.number).filter(|o| o.id != question.id) {
                    for rect in other.parts.iter().flat_map(|part| part.rects()) {
                        let theirs = Bounds::of(&rect);
                        let own = own(question, None).unwrap();
                        let crossed = piece.touches(&theirs) && !own.touches(&theirs);
                        assert!(!crossed, "{name}: {} shows {}", question.id, other.id);
                    }
                }
                assert!(piece.x1 - piece.x0 <= WIDTH_MAX && piece.y1 - piece.y0 <= HEIGHT_MAX);
            }
        }
    }
}
