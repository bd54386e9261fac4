//! The copies of a worksheet.

use firmware_protocol::PageAddress;
use worksheet::{Copies, PrintRun, Worksheet};

use super::document::{Document, Leaf};
use super::dots::{Block, registration};
use super::fonts::Fonts;
use super::stickers::{Anchor, Over, shown};
use crate::{Patch, Plane, PrintingError};

/// What a worksheet is printed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// Plain paper: the pattern is printed too, on addresses of this plane.
    Plain(Plane),
    /// Paper that a maker of pens sold coded: artwork alone is printed on it.
    Coded,
}

/// One copy that is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetCopy {
    /// Which copy of the run, from 0.
    pub copy: u32,
    /// Whose it is, such as `7 号　张小明`; empty on sheets that bear no name.
    pub bearer: String,
    /// Printed small before the address, such as the class.
    pub note: String,
}

/// Every copy of a run, with the names that some of them bear: copy, number in class and name.
/// `note` is printed small on each.
#[must_use]
pub fn copies(
    run: &PrintRun,
    note: &str,
    bearers: impl IntoIterator<Item = (u32, Option<u32>, String)>,
) -> Vec<SheetCopy> {
    let nameless = |copy| SheetCopy { copy, bearer: String::new(), note: note.to_owned() };
    let printed = match run.copies {
        Copies::PerCopy(copies) => copies,
        Copies::Shared => 1,
    };
    let mut copies: Vec<SheetCopy> = (0..printed).map(nameless).collect();
    for (copy, number, name) in bearers {
        let Some(copy) = copies.get_mut(copy as usize) else { continue };
        copy.bearer = match number {
            Some(number) => format!("{number} 号　{name}"),
            None => name,
        };
    }
    copies
}

/// The copies of a worksheet, one after another, each with all its pages.
///
/// # Errors
/// Where the run has no such copy, its addresses are not the paper's, a page is larger than a patch,
/// or artwork or a name cannot be printed.
pub fn sheets(
    fonts: &Fonts,
    worksheet: &Worksheet,
    run: &PrintRun,
    paper: Paper,
    copies: &[SheetCopy],
) -> Result<Vec<u8>, PrintingError> {
    let refused = |reason: String| PrintingError::Run { run: run.id.clone(), reason };
    if matches!(paper, Paper::Plain(_)) && run.registration != registration() {
        return Err(refused(
            "its pattern lies otherwise on the page than it is printed here".into(),
        ));
    }
    let mut document = Document::new(fonts);
    let mut artwork = Vec::new();
    for page in &worksheet.pages {
        let (width_um, height_um) = (page.width_um, page.height_um);
        if !Patch::holds(width_um, height_um) {
            let (width, height) = (width_um / 1_000, height_um / 1_000);
            let number = page.number;
            return Err(refused(format!(
                "page {number} is {width} × {height} mm, and an address has dots for 224 × 298 mm"
            )));
        }
        let drawn =
            document.share(&page.artwork, (width_um, height_um)).map_err(|error| match error {
                PrintingError::Artwork(what) => {
                    PrintingError::Artwork(format!("page {}: {what}", page.number))
                }
                other => other,
            })?;
        artwork.push(drawn);
    }
    for copy in copies {
        for (page, drawn) in worksheet.pages.iter().zip(&artwork) {
            let number = run.address_page(copy.copy, page.number);
            let Some(number) = number else {
                let (page, copy) = (page.number, copy.copy);
                return Err(refused(format!("it has no page {page} of copy {copy}")));
            };
            let PrintRun { section, owner, book, .. } = *run;
            let address = PageAddress { section, owner, book, page: number };
            let size_um = (page.width_um, page.height_um);
            let dots = match paper {
                Paper::Plain(plane) => {
                    vec![Block::of_page(plane.patch(address)?, size_um.0, size_um.1)]
                }
                Paper::Coded => Vec::new(),
            };
            let over = over(fonts, size_um, address, copy);
            document.page(&Leaf {
                size_um,
                artwork: Some(*drawn),
                over: &over,
                dots: &dots,
                carbon_um: None,
            })?;
        }
    }
    document.finish(&worksheet.title_zh)
}

/// The name's line and size, millimetres: as high as printers reach.
const NAME_MM: (f64, f64) = (7.7, 3.6);
/// The same of the line with the address under it.
const ADDRESS_MM: (f64, f64) = (10.6, 2.3);

/// Who a page is for, its address in print and as a code, and marks in its corners.
fn over(fonts: &Fonts, size_um: (i32, i32), address: PageAddress, copy: &SheetCopy) -> String {
    let (width, height) = (f64::from(size_um.0) / 1e3, f64::from(size_um.1) / 1e3);
    let mut over = Over::new(size_um.0, size_um.1, fonts);
    over.corners(width, height);
    // Up to the code.
    let room = width - 20.0 - 2.0 - 11.0;
    over.fitted((11.0, NAME_MM.0), NAME_MM.1, room, Anchor::Start, &copy.bearer);
    let note = match copy.note.as_str() {
        "" => shown(address),
        note => format!("{note}　{}", shown(address)),
    };
    over.fitted((11.0, ADDRESS_MM.0), ADDRESS_MM.1, room, Anchor::Start, &note);
    over.code((width - 20.0, 4.5), 9.0, address);
    over.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a sheet's own head begins: page 2 repeats the title there, in letters of 3.8 mm on a line
    /// at 17.5 mm.
    const HEAD_MM: f64 = 17.5 - 3.8;

    /// Failure: the small address touches what the sheet has below it, or the name above.
    #[test]
    fn what_is_printed_over_a_sheet_touches_nothing_of_it() {
        // A character reaches nine tenths of its size above its line, and a quarter below.
        let top = |(y, size): (f64, f64)| y - 0.9 * size;
        let bottom = |(y, size): (f64, f64)| y + 0.25 * size;
        assert!(top(NAME_MM) > 4.2, "what no printer reaches");
        assert!(bottom(NAME_MM) <= top(ADDRESS_MM) + 0.2);
        assert!(HEAD_MM - bottom(ADDRESS_MM) > 2.0, "{}", HEAD_MM - bottom(ADDRESS_MM));
    }
}
