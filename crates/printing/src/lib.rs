//! Coded paper: the dot pattern that tells a pen where it is, and sheets that bear it.
//!
//! This crate owns the pattern of this project: its sequences, which page address has which patch of
//! it, and the way back from dots or pixels to a place; and it owns the PDF files of worksheets and
//! name labels, and the writer of PDF that other files for people use ([`Booklet`]). It must never know a store, a pupil's
//! identity, or what is right on a sheet. No commercial pen reads this pattern; paper of a maker of
//! pens is bought coded and comes into Zhibi by its address range alone.

mod address;
mod dot;
mod error;
mod locate;
mod pattern;
mod pdf;
mod sequence;
mod view;
mod window;

pub use address::{LABEL_BOOK, OWNER, PAGES_PER_BOOK, Patch, PatchPlace, Plane, SECTION};
pub use dot::{Dot, PITCH_UM};
pub use error::PrintingError;
pub use locate::{Located, Turned};
pub use pdf::{
    Booklet, Drawing, Fonts, Label, Paper, Piece, SheetCopy, TEST_PAGE, copies, labels,
    registration, sheets, test_page,
};
pub use view::{Sighting, View};
pub use window::{SIDE_MAX, Window};
