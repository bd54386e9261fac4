//! How a print run's artwork lies on its pattern, learnt from the ink on it.
//!
//! Answers are written into fields. Ink of many pages of one run that lies beside its fields, all of
//! it in one direction, says that the sheet was printed elsewhere than was thought; so does one
//! page's, if there is enough of it.

use worksheet::{Field, Kind, PartOf, Placement, Question, Registration, Worksheet};

use crate::PageInk;
use crate::bounds::Bounds;
use crate::placed::{Placed, place};

mod pieces;
mod pose;
mod search;
#[cfg(test)]
mod tests;

use pieces::pieces;
use pose::Pose;
use search::{Fields, Search};

/// What the ink says of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// Nothing against it.
    AsGiven,
    /// That this one is true; its version is one more than that of the given one.
    Found(Registration),
    /// That it is not true, but not which one is.
    Ambiguous,
}

/// Fewer answers than these on all pages say nothing.
const PIECES_MIN: usize = 16;
/// More are not needed.
const PIECES_MAX: usize = 600;
/// Where fields and ink fit as well as this, nothing is sought.
const FITS: f64 = 0.93;
/// Another registration must fit better by this.
const BETTER: f64 = 0.03;
/// A registration by which less than this of the ink lies in fields is none.
const INSIDE_MIN: f64 = 0.6;
/// Ink in fewer fields than these fits in many ways, on however many copies it stands.
const FIELDS_MIN: usize = 4;

/// One page's ink fits badly below this, and another registration must fit better by this.
const PAGE_FITS: f64 = 0.75;
const PAGE_BETTER: f64 = 0.15;
const PAGE_PIECES_MIN: usize = 6;

/// Learns the registration of one page of a print run from the ink on several copies of it.
///
/// `pages` are copies of page `page` (from 1) of `worksheet`; the more, the better. What is found
/// differs from `given` by up to 8 mm, 2° and 2 %. It is pure, and the order of the
/// pages does not matter where there are few enough to use all.
pub fn learn_registration(
    worksheet: &Worksheet,
    page: u32,
    given: &Registration,
    pages: &[&PageInk],
) -> Learned {
    let fields = Fields::new(&fields_on(worksheet, page));
    let placement = Placement::new(given);
    let mut all: Vec<Bounds> = Vec::new();
    for ink in pages {
        all.extend(pieces(&place(&ink.pupil, &placement)));
    }
    if all.len() > PIECES_MAX {
        let every = all.len().div_ceil(PIECES_MAX);
        all = all.into_iter().step_by(every).collect();
    }
    if all.len() < PIECES_MIN || fields.is_empty() {
        return Learned::AsGiven;
    }
    let search = Search::new(&fields, &all);
    let as_given = search.fit(&Pose::NONE);
    if search.inside(&Pose::NONE) >= FITS {
        return Learned::AsGiven;
    }
    let found = search.best();
    if search.fit(&found.pose) < as_given + BETTER {
        return Learned::AsGiven;
    }
    if found.ambiguous
        || search.inside(&found.pose) < INSIDE_MIN
        || search.fields_with_ink(&found.pose) < FIELDS_MIN
    {
        return Learned::Ambiguous;
    }
    Learned::Found(found.pose.after(given, fields.middle()))
}

/// Whether the ink of one page, placed, lies beside its fields all in one direction.
pub(crate) fn is_misplaced(parts: &[PartOf<'_>], pupil: &[Placed<'_>]) -> bool {
    let all = pieces(pupil);
    if all.len() < PAGE_PIECES_MIN {
        return false;
    }
    let rects: Vec<Bounds> = parts.iter().flat_map(|of| written_into(of)).collect();
    let fields = Fields::new(&rects);
    let search = Search::new(&fields, &all);
    let inside = search.inside(&Pose::NONE);
    inside < PAGE_FITS && {
        let found = search.best();
        search.inside(&found.pose) >= inside + PAGE_BETTER
    }
}

fn fields_on(worksheet: &Worksheet, page: u32) -> Vec<Bounds> {
    let parts = worksheet.questions_on(page).flat_map(Question::each);
    parts.flat_map(|of| written_into(&of)).collect()
}

/// The rectangles that ink is expected in, one by one; combs as a whole.
fn written_into(of: &PartOf<'_>) -> Vec<Bounds> {
    match &of.part.field {
        Field::Bubbles(bubbles) if of.part.kind != Kind::Pairs => {
            bubbles.iter().map(|b| Bounds::of(b.rect)).collect()
        }
        field => field.bounds().map(Bounds::of).into_iter().collect(),
    }
}
