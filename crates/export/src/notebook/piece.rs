//! Which piece of a page a question is: its number, what it asks, its options and its fields.

mod band;
mod number;

use worksheet::{Field, Page, Question, Rect, Worksheet};

use crate::sheet::{Bounds, outlines, texts};
use number::{is_heading, number};

/// What counts as the same place, drawing units.
const TOLERANCE: i32 = 100;
/// Air around a piece.
const AIR: i32 = 150;
/// Lines of one question stand this close to each other.
const APART: i32 = 900;
/// Nothing of a question stands nearer to the sides, or to the lower edge with its page number.
const SIDE: i32 = 800;
const FOOT: i32 = 1_100;
/// The widest and the highest piece.
const WIDTH_MAX: i32 = 18_000;
const HEIGHT_MAX: i32 = 20_000;

/// The piece of a page that shows a question as it is printed, with the ink in it: from its number to
/// the next question of its row and to what comes below. A large field is shown where there is ink in
/// it; room to write stands below the piece anyway. Where the page has no numbers that can be read, as
/// a school's own PDF, it is a band around the fields.
pub(super) fn piece(
    worksheet: &Worksheet,
    page: &Page,
    question: &Question,
    ink: Option<Bounds>,
) -> Option<Bounds> {
    let sheet = Sheet::new(worksheet, page);
    let at = sheet.places.iter().position(|place| place.question.id == question.id)?;
    let place = &sheet.places[at];
    let cell = if place.number.is_some() { sheet.cell(at) } else { sheet.band(at) };
    Some(sheet.cut(place, &cell, ink))
}

/// A page with what is printed on it.
struct Sheet<'w> {
    size: Bounds,
    places: Vec<Place<'w>>,
    /// Words, letters and pictures, without headings.
    print: Vec<Bounds>,
    headings: Vec<Bounds>,
}

/// Where a question stands.
struct Place<'w> {
    question: &'w Question,
    /// Its fields, without score boxes.
    fields: Bounds,
    number: Option<Bounds>,
    /// Its fields and its number.
    whole: Bounds,
}

/// What is a question's own.
struct Cell {
    /// Nothing outside of it is the question's.
    room: Bounds,
    print: Vec<Bounds>,
}

impl<'w> Sheet<'w> {
    fn new(worksheet: &'w Worksheet, page: &'w Page) -> Self {
        let size = Bounds { x0: 0, y0: 0, x1: page.width_um / 10, y1: page.height_um / 10 };
        let texts = texts(&page.artwork);
        let place = |question: &'w Question| {
            let rects = question.parts.iter().flat_map(|part| part.field.rects());
            let fields = Bounds::of(&Rect::around(rects)?);
            let number = number(&question.label, &fields, &texts);
            let whole = number.map_or(fields, |number| fields.with(&number));
            Some(Place { question, fields, number, whole })
        };
        let places = worksheet.questions_on(page.number).filter_map(place).collect();
        let (headings, words): (Vec<_>, Vec<_>) =
            texts.into_iter().partition(|(_, text)| is_heading(text));
        // A picture of the whole page is paper.
        let is_paper = |print: &Bounds| {
            print.x1 - print.x0 > size.x1 * 3 / 4 && print.y1 - print.y0 > size.y1 / 2
        };
        let words = words.into_iter().map(|(bounds, _)| bounds);
        let print = words.chain(outlines(&page.artwork)).filter(|print| !is_paper(print)).collect();
        let headings = headings.into_iter().map(|(bounds, _)| bounds).collect();
        Self { size, places, print, headings }
    }

    fn others(&self, at: usize) -> impl Iterator<Item = &Place<'w>> {
        self.places
            .iter()
            .enumerate()
            .filter(move |(other, _)| *other != at)
            .map(|(_, place)| place)
    }

    /// A numbered question reaches to the next of its row and down to what is below.
    fn cell(&self, at: usize) -> Cell {
        let own = self.places[at].whole;
        let in_row = |other: &Bounds| other.y0 < own.y1 && own.y0 < other.y1;
        let wholes = || self.others(at).map(|place| place.whole);
        let behind = wholes().filter(|other| in_row(other) && other.x0 > own.x0 + TOLERANCE);
        let right = behind.map(|other| other.x0).min();
        let x1 = right.map_or(self.size.x1 - SIDE, |right| right - TOLERANCE);
        let below = wholes().filter(|other| {
            !in_row(other) && other.y0 >= own.y1 - TOLERANCE && other.x0 < x1 && own.x0 < other.x1
        });
        let headings = self.headings.iter().filter(|heading| heading.y0 >= own.y0);
        let y1 = below.chain(headings.copied()).map(|other| other.y0 - TOLERANCE / 2).min();
        let y1 = y1.unwrap_or(self.size.y1 - FOOT);
        let room = Bounds { x0: own.x0 - TOLERANCE, y0: own.y0 - TOLERANCE, x1, y1 };
        let mut inside = self.inside(&room);
        inside.sort_by_key(|print| print.y0);
        let mut low = own.y1;
        inside.retain(|print| {
            let joins = print.y0 <= low + APART;
            low = if joins { low.max(print.y1) } else { low };
            joins
        });
        Cell { room, print: inside }
    }

    /// The print whose middle is in a room.
    fn inside(&self, room: &Bounds) -> Vec<Bounds> {
        let is_inside = |print: &&Bounds| {
            let x = i32::midpoint(print.x0, print.x1);
            let y = i32::midpoint(print.y0, print.y1);
            (room.x0..room.x1).contains(&x) && (room.y0..room.y1).contains(&y)
        };
        self.print.iter().filter(is_inside).copied().collect()
    }

    /// The print of a cell with its fields and the ink, and a little air.
    fn cut(&self, place: &Place<'_>, cell: &Cell, ink: Option<Bounds>) -> Bounds {
        let parts = || place.question.parts.iter();
        let large = |field: &Field| matches!(field, Field::Lines { .. } | Field::Area(_));
        let blank: Vec<Bounds> = parts()
            .filter(|part| ink.is_none() && large(&part.field))
            .filter_map(|part| Some(Bounds::of(&part.field.bounds()?)))
            .collect();
        // What is printed in an empty field goes with it.
        let shown = |piece: &Bounds| !blank.iter().any(|field| field.touches(piece));
        let rects = parts().flat_map(|part| part.rects()).map(|rect| Bounds::of(&rect));
        // Widths of words are guesses, and the next question's begin outside the room.
        let guess = |print: &Bounds| Bounds { x1: print.x1.min(cell.room.x1), ..*print };
        let print = cell.print.iter().map(guess).chain(place.number);
        let has_print = print.clone().any(|print| shown(&print));
        let pieces = print.chain(rects).filter(|piece| shown(piece) || !has_print).chain(ink);
        let tight = pieces.reduce(|a, b| a.with(&b)).unwrap_or(place.fields);
        let x1 = tight.x1.max(cell.room.x1);
        let inked = ink.unwrap_or(tight);
        let low = cell.room.y1.max(inked.y1).max(place.fields.y1);
        let wide = Bounds {
            x0: (tight.x0 - AIR).max(self.size.x0),
            y0: (tight.y0 - AIR).max(self.size.y0),
            x1: x1.min(self.size.x1),
            y1: (tight.y1 + AIR).min(low).min(self.size.y1),
        };
        let x1 = wide.x1.min(wide.x0 + WIDTH_MAX);
        Bounds { x1, y1: wide.y1.min(wide.y0 + HEIGHT_MAX), ..wide }
    }
}

#[cfg(test)]
mod tests;
