//! A school's own PDF as the pages of a worksheet.
//!
//! This crate owns the way from a PDF file of any program to artwork, an SVG document per page in the
//! plain form that the rest of the workspace draws and prints, and to the places on a page where an
//! answer might be written ([`Spot`]). It must never know questions, keys or who asks.

mod artwork;
mod clip;
mod device;
mod fault;
mod image;
mod measure;
mod path;
mod read;
mod spots;
mod unpack;

pub use fault::{Note, PdfFault};
pub use read::{BYTES_MAX, PAGES_MAX, PdfPage, Stop, read};
pub use spots::{Shape, Spot};
