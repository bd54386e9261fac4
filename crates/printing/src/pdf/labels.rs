//! Name labels (姓名贴): a coded sticker per pupil.

use firmware_protocol::PageAddress;

use super::document::{Document, Leaf};
use super::dots::Block;
use super::fonts::Fonts;
use super::stickers::{Anchor, Over, shown};
use crate::dot::PIXEL_UM;
use crate::{PITCH_UM, Plane, PrintingError};

const A4_UM: (i32, i32) = (210_000, 297_000);
/// Labels beside and below each other: the sheet of 24 labels of 70 × 37 mm that shops sell.
const COLUMNS: usize = 3;
const ROWS: usize = 8;
const WIDTH_MM: f64 = 70.0;
const HEIGHT_MM: f64 = 37.0;
/// Above the first row: eight rows of 37 mm are a millimetre less than the page.
const TOP_MM: f64 = 0.5;
/// For a line of text within a label.
const ROOM_MM: f64 = 60.0;
/// Free of dots along a label's edges, so that no label has a neighbour's.
const MARGIN_MM: f64 = 2.0;

/// One label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The address in its dots.
    pub address: PageAddress,
    /// The pupil's name.
    pub name: String,
    /// Printed small, such as class and number.
    pub note: String,
}

/// Label sheets of 3 × 8 labels of 70 × 37 mm.
///
/// # Errors
/// Where an address is not the plane's, or a name cannot be printed.
pub fn labels(fonts: &Fonts, plane: Plane, labels: &[Label]) -> Result<Vec<u8>, PrintingError> {
    let mut document = Document::new(fonts);
    for sheet in labels.chunks(COLUMNS * ROWS) {
        let mut over = Over::new(A4_UM.0, A4_UM.1, fonts);
        let mut dots = Vec::new();
        for (at, label) in sheet.iter().enumerate() {
            let left = (at % COLUMNS) as f64 * WIDTH_MM;
            let top = TOP_MM + (at / COLUMNS) as f64 * HEIGHT_MM;
            let middle = left + WIDTH_MM / 2.0;
            over.fitted((middle, top + 19.0), 9.0, ROOM_MM, Anchor::Middle, &label.name);
            over.fitted((middle, top + 26.0), 3.2, ROOM_MM, Anchor::Middle, &label.note);
            over.line((middle, top + 32.0), 2.2, Anchor::Middle, &shown(label.address));
            let px = |mm: f64| (mm * 1e3 / PIXEL_UM).ceil() as u32;
            let fit = |mm: f64| ((mm - 2.0 * MARGIN_MM) * 1e3 / PITCH_UM) as u32;
            dots.push(Block {
                patch: plane.patch(label.address)?,
                at_px: (px(left + MARGIN_MM), px(top + MARGIN_MM)),
                size: (fit(WIDTH_MM), fit(HEIGHT_MM)),
            });
        }
        let over = over.finish();
        document.page(&Leaf {
            size_um: A4_UM,
            artwork: None,
            over: &over,
            dots: &dots,
            carbon_um: None,
        })?;
    }
    document.finish("姓名贴")
}
