//! Files of pages without a pattern, for people to read: vectors in the colours of screens.

use super::document::{Document, Drawing, Piece};
use super::fonts::Fonts;
use super::svg::{Colours, Parsed};
use crate::PrintingError;

/// A PDF under construction. The same calls give the same bytes. It holds what was written of the file
/// so far, and no page's drawing.
pub struct Booklet<'a> {
    document: Document<'a>,
    fonts: &'a Fonts,
}

impl std::fmt::Debug for Booklet<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Booklet").field("pages", &self.document.len()).finish_non_exhaustive()
    }
}

impl<'a> Booklet<'a> {
    /// A file without pages.
    #[must_use]
    pub fn new(fonts: &'a Fonts) -> Self {
        Self { document: Document::new(fonts), fonts }
    }

    /// Reads an SVG document that pages of this booklet can show; on paper it has that size,
    /// micrometres.
    ///
    /// # Errors
    /// Where it is no SVG.
    pub fn drawing(&self, svg: &str, size_um: (i32, i32)) -> Result<Drawing, PrintingError> {
        Ok(Drawing { parsed: Parsed::new(svg, size_um.0, self.fonts)?, shared: None, size_um })
    }

    /// The same of a drawing that several pages show whole: the file holds it once.
    ///
    /// # Errors
    /// Where it is no SVG, cannot be printed, or has a character that no font has.
    pub fn shared(&mut self, svg: &str, size_um: (i32, i32)) -> Result<Drawing, PrintingError> {
        let mut drawing = self.drawing(svg, size_um)?;
        let shared = self.document.share_in(&drawing.parsed, size_um, Colours::Screen)?;
        drawing.shared = Some(shared);
        Ok(drawing)
    }

    /// Appends a page of that size, micrometres, with pieces one over another.
    ///
    /// # Errors
    /// Where a piece cannot be printed, or has a character that no font has.
    pub fn page(&mut self, size_um: (i32, i32), pieces: &[Piece<'_>]) -> Result<(), PrintingError> {
        self.document.plain_page(size_um, pieces)
    }

    /// How many pages it has.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.document.len()
    }

    /// The whole file.
    ///
    /// # Errors
    /// Where a font cannot be cut to what the file needs.
    pub fn finish(self, title: &str) -> Result<Vec<u8>, PrintingError> {
        self.document.finish_plain(title)
    }
}
