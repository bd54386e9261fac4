//! PDF files: artwork in cyan, magenta and yellow, and last the pattern in carbon black; and files
//! without a pattern, which people read.

mod booklet;
mod document;
mod dots;
mod fonts;
mod labels;
mod picture;
mod sheets;
mod stickers;
mod svg;
mod test_page;

pub use booklet::Booklet;
pub use document::{Drawing, Piece};
pub use dots::registration;
pub use fonts::Fonts;
pub use labels::{Label, labels};
pub use sheets::{Paper, SheetCopy, copies, sheets};
pub use test_page::{TEST_PAGE, test_page};

/// Points of a PDF per micrometre.
const POINTS_PER_UM: f64 = 72.0 / 25_400.0;

/// A length on paper in points.
fn points(um: f64) -> f32 {
    (um * POINTS_PER_UM) as f32
}
