//! Entries one below another on pages of A4.

use printing::{Booklet, Drawing, Fonts, Piece};

use crate::paper::{Anchor, DARK, MM, MUTED, Overlay, UM};
use crate::sheet::Bounds;
use crate::{ExportError, Language};

/// A4, micrometres.
pub(super) const SIZE_UM: (i32, i32) = (210_000, 297_000);
/// From the paper's edge to what is printed, drawing units.
const MARGIN: i32 = 15 * MM;
const WIDTH: i32 = 180 * MM;
const BOTTOM: i32 = 280 * MM;
/// Room to try again.
const RETRY: i32 = 18 * MM;
const RETRY_OPEN: i32 = 45 * MM;

/// What an entry shows.
pub(super) struct Block<'a> {
    /// Where and when, and what it is about.
    pub(super) about: String,
    /// The artwork of the page that the piece is of.
    pub(super) artwork: &'a Drawing,
    pub(super) piece: Bounds,
    /// The ink in the piece, as elements of the page.
    pub(super) ink: String,
    /// What was written, or how many missed it.
    pub(super) found: String,
    /// What is right.
    pub(super) answer: String,
    /// Whether it takes more than a line to answer.
    pub(super) open: bool,
}

/// The pages of a file, filled from top to bottom.
pub(super) struct Flow<'f, 'b> {
    booklet: &'b mut Booklet<'f>,
    fonts: &'f Fonts,
    lacking: &'b [char],
    language: Language,
    /// What stands above every page after the first of a chapter.
    running: String,
    page: Option<Open<'b>>,
    number: usize,
}

/// A page that is being filled.
struct Open<'b> {
    overlay: Overlay<'b>,
    pieces: Vec<(&'b Drawing, [i32; 4], (i32, i32))>,
    y: i32,
}

impl<'f: 'b, 'b> Flow<'f, 'b> {
    pub(super) fn new(
        booklet: &'b mut Booklet<'f>,
        fonts: &'f Fonts,
        lacking: &'b [char],
        language: Language,
    ) -> Self {
        let running = String::new();
        Self { booklet, fonts, lacking, language, running, page: None, number: 0 }
    }

    /// Begins a chapter on a new page.
    pub(super) fn chapter(
        &mut self,
        title: &str,
        whose: &str,
        lines: &[String],
    ) -> Result<(), ExportError> {
        self.end_page()?;
        self.number = 0;
        self.running = format!("{title}　{whose}");
        let mut overlay = self.overlay();
        overlay.text((MARGIN, 24 * MM), 8 * MM, Anchor::Start, DARK, WIDTH, title);
        overlay.text((MARGIN, 32 * MM), 5 * MM, Anchor::Start, DARK, WIDTH, whose);
        let mut y = 38 * MM;
        for line in lines.iter().filter(|line| !line.is_empty()) {
            overlay.text((MARGIN, y), 3 * MM + 20, Anchor::Start, MUTED, WIDTH, line);
            y += 5 * MM;
        }
        self.open(overlay, y + 2 * MM);
        Ok(())
    }

    /// Appends an entry, on a new page where there is no room for all of it.
    pub(super) fn entry(&mut self, block: &Block<'b>) -> Result<(), ExportError> {
        let Block { piece, .. } = block;
        let retry = if block.open { RETRY_OPEN } else { RETRY };
        let (width, height) = (piece.x1 - piece.x0, piece.y1 - piece.y0);
        let whole = 6 * MM + height + 3 * MM + retry + 8 * MM;
        if self.page.as_ref().is_none_or(|page| page.y + whole > BOTTOM) {
            self.end_page()?;
            let mut overlay = self.overlay();
            overlay.text((MARGIN, 14 * MM), 3 * MM, Anchor::Start, MUTED, WIDTH, &self.running);
            self.open(overlay, 18 * MM);
        }
        let language = self.language;
        let Some(page) = &mut self.page else { return Ok(()) };
        let overlay = &mut page.overlay;
        overlay.rule((MARGIN, page.y), WIDTH);
        let mut y = page.y + 5 * MM;
        overlay.text((MARGIN, y), 3 * MM + 20, Anchor::Start, MUTED, WIDTH, &block.about);
        y += 2 * MM;
        let cut_um = [piece.x0, piece.y0, width, height].map(|units| units * UM);
        page.pieces.push((block.artwork, cut_um, (MARGIN * UM, y * UM)));
        overlay.put_at((piece.x0, piece.y0), (MARGIN, y), &block.ink);
        y += height + 2 * MM;
        overlay.frame([MARGIN, y, WIDTH, retry]);
        let again = language.pick("再做一次", "Try again");
        overlay.text((MARGIN + 3 * MM, y + 5 * MM), 3 * MM, Anchor::Start, MUTED, WIDTH, again);
        y += retry + 4 * MM + 20;
        let half = WIDTH / 2 - 2 * MM;
        overlay.text((MARGIN, y), 3 * MM, Anchor::Start, MUTED, half, &block.found);
        overlay.text((MARGIN + WIDTH, y), 3 * MM, Anchor::End, MUTED, half, &block.answer);
        page.y = y + 4 * MM;
        Ok(())
    }

    /// Writes the last page.
    pub(super) fn finish(mut self) -> Result<(), ExportError> {
        self.end_page()
    }

    fn overlay(&self) -> Overlay<'b> {
        Overlay::new(SIZE_UM, self.fonts, self.lacking)
    }

    fn open(&mut self, overlay: Overlay<'b>, y: i32) {
        self.page = Some(Open { overlay, pieces: Vec::new(), y });
    }

    fn end_page(&mut self) -> Result<(), ExportError> {
        let Some(Open { mut overlay, pieces, .. }) = self.page.take() else { return Ok(()) };
        self.number += 1;
        let number = self.number.to_string();
        overlay.text((105 * MM, 289 * MM), 3 * MM, Anchor::Middle, MUTED, WIDTH, &number);
        let overlay = self.booklet.drawing(&overlay.finish(), SIZE_UM)?;
        let piece = |(drawing, cut, at_um): &(&'b Drawing, [i32; 4], (i32, i32))| Piece {
            drawing,
            cut_um: Some(*cut),
            at_um: *at_um,
        };
        let mut all: Vec<Piece<'_>> = pieces.iter().map(piece).collect();
        all.push(Piece { drawing: &overlay, cut_um: None, at_um: (0, 0) });
        self.booklet.page(SIZE_UM, &all)?;
        Ok(())
    }
}
