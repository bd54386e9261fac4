//! Reading a file: limits before everything, and nothing that a file does reaches the caller but as
//! a page or a fault.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hayro_interpret::font::FontQuery;
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, Rect};
use hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings, InterpreterWarning, interpret_page,
};

use crate::device::{Halt, MM, Taker};
use crate::measure::{self, Measured};
use crate::spots::{Spot, spots};
use crate::{Note, PdfFault};

/// The most bytes of a file that is read.
pub const BYTES_MAX: usize = 20 << 20;
/// The most pages of a file that is read.
pub const PAGES_MAX: usize = 20;

/// The most bytes of artwork that a file may become.
const ARTWORK_MAX: usize = 32 << 20;

/// A4, micrometres.
const A4_UM: (i32, i32) = (210_000, 297_000);
/// What a page of coded paper has dots for, micrometres.
const PAPER_MAX_UM: (i32, i32) = (224_000, 298_000);
/// Programs round A4 in their own ways.
const ROUNDING_UM: i32 = 1_500;
/// The stack of the thread that reads: drawings nest 50 deep.
const STACK_BYTES: usize = 32 << 20;

/// One page of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct PdfPage {
    /// Width of the page, micrometres.
    pub width_um: i32,
    /// Height of the page, micrometres.
    pub height_um: i32,
    /// An SVG document whose user unit is one millimetre, without script, style or outside references.
    pub artwork: String,
    /// Where answers might be written, from the top of the page.
    pub spots: Vec<Spot>,
    /// What is drawn otherwise than it was made.
    pub notes: Vec<Note>,
}

/// A wish that a reading ends, which whoever waits for it may voice from another thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends the reading soon, with [`PdfFault::Stopped`].
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_wished(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn check(&self) -> Result<(), PdfFault> {
        if self.is_wished() { Err(PdfFault::Stopped) } else { Ok(()) }
    }
}

/// Reads all pages of a file. It takes up to some seconds of computing and some hundred megabytes:
/// call it where nobody else waits, and a few at a time.
///
/// # Errors
/// Where the file is no PDF, is locked or cut off, exceeds a limit, or `stop` was voiced.
pub fn read(bytes: Vec<u8>, stop: Stop) -> Result<Vec<PdfPage>, PdfFault> {
    let size = bytes.len();
    if size > BYTES_MAX {
        let (mb, limit_mb) = (size.div_ceil(1 << 20), BYTES_MAX >> 20);
        return Err(PdfFault::TooLarge { mb, limit_mb });
    }
    // A thread of its own has a deeper stack, and a panic in the reader of a broken file ends it alone.
    let reader = std::thread::Builder::new()
        .name("pdf".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || pages(bytes, &stop))
        .map_err(|_| PdfFault::Broken)?;
    reader.join().unwrap_or(Err(PdfFault::Broken))
}

fn pages(bytes: Vec<u8>, stop: &Stop) -> Result<Vec<PdfPage>, PdfFault> {
    let has_head = bytes.windows(5).take(2_000).any(|five| five == b"%PDF-");
    if !has_head {
        return Err(PdfFault::NoPdf);
    }
    if measure::is_cut(&bytes) {
        return Err(PdfFault::CutOff);
    }
    measure::bytes(&bytes, stop)?;
    let pdf = Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => PdfFault::Locked,
        LoadPdfError::Decryption(_) => PdfFault::Locked,
        LoadPdfError::Invalid => PdfFault::NoPdf,
    })?;
    let count = pdf.pages().len();
    if count == 0 {
        return Err(PdfFault::Empty);
    }
    if count > PAGES_MAX {
        return Err(PdfFault::TooManyPages { pages: count, limit: PAGES_MAX });
    }
    if measure::lacks_pages(&pdf) {
        return Err(PdfFault::CutOff);
    }
    let measured = measure::streams(&pdf, stop)?;
    let cache = InterpreterCache::new();
    let mut pages = Vec::new();
    let mut artwork = 0;
    for (number, page) in (1..).zip(pdf.pages().iter()) {
        let page = self::page(number, page, &cache, &measured, stop)?;
        artwork += page.artwork.len();
        if artwork > ARTWORK_MAX {
            return Err(PdfFault::TooMuch { page: number });
        }
        pages.push(page);
    }
    Ok(pages)
}

fn page<'a>(
    number: u32,
    page: &Page<'a>,
    cache: &InterpreterCache<'a>,
    measured: &Measured,
    stop: &Stop,
) -> Result<PdfPage, PdfFault> {
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let (size_um, scale) = size(number, width * MM, height * MM)?;
    measured.page(number, page)?;
    let (font_missing, picture_lost) = (Arc::new(AtomicBool::new(false)), Arc::default());
    let settings = settings(&font_missing, &picture_lost);
    let initial = Affine::new(page.initial_transform(true).as_coeffs());
    let bounds = Rect::new(0.0, 0.0, width, height);
    let mut context = Context::new(initial, bounds, cache, page.xref(), settings);
    let mut taker = Taker::new(width * MM, height * MM, stop.clone());
    // The interpreter goes on to the end of the page, and forms within forms may have no end: the
    // device leaves by unwinding.
    let interpreted =
        catch_unwind(AssertUnwindSafe(|| interpret_page(page, &mut context, &mut taker)));
    if let Err(why) = interpreted
        && !why.is::<Halt>()
    {
        resume_unwind(why);
    }
    if taker.is_too_much() {
        return Err(PdfFault::TooMuch { page: number });
    }
    stop.check()?;
    let is_empty = taker.is_empty();
    let mut notes = taker.notes;
    if is_empty {
        notes.push(Note::Empty);
    }
    for (told, note) in [(&font_missing, Note::FontMissing), (&picture_lost, Note::PictureLost)] {
        if told.load(Ordering::Relaxed) && !notes.contains(&note) {
            notes.push(note);
        }
    }
    if scale < 1.0 {
        notes.push(Note::Shrunk);
    }
    notes.sort_unstable();
    let spots = spots(&taker.marks, scale, size_um);
    let artwork = taker.artwork.finish(size_um, scale);
    Ok(PdfPage { width_um: size_um.0, height_um: size_um.1, artwork, spots, notes })
}

/// The size of the worksheet's page, micrometres, and by what the PDF's page is made smaller.
fn size(number: u32, width_mm: f64, height_mm: f64) -> Result<((i32, i32), f64), PdfFault> {
    let um = |mm: f64| (mm.clamp(0.0, 100_000.0) * 1e3).round() as i32;
    let (width_um, height_um) = (um(width_mm), um(height_mm));
    let is_near = |one: i32, other: i32| (one - other).abs() <= ROUNDING_UM;
    if is_near(width_um, A4_UM.0) && is_near(height_um, A4_UM.1) {
        return Ok((A4_UM, 1.0));
    }
    if width_um <= PAPER_MAX_UM.0 && height_um <= PAPER_MAX_UM.1 && width_um.min(height_um) > 20_000
    {
        return Ok(((width_um, height_um), 1.0));
    }
    if width_um > height_um || width_um.min(height_um) <= 20_000 {
        let (width_mm, height_mm) = (width_um / 1_000, height_um / 1_000);
        return Err(PdfFault::TooWide { page: number, width_mm, height_mm });
    }
    let scale =
        (f64::from(A4_UM.0) / f64::from(width_um)).min(f64::from(A4_UM.1) / f64::from(height_um));
    let scaled = |um: i32| (f64::from(um) * scale).round() as i32;
    Ok(((scaled(width_um), scaled(height_um)), scale))
}

/// Settings that say when a font or a picture is wanting.
fn settings(font_missing: &Arc<AtomicBool>, picture_lost: &Arc<AtomicBool>) -> InterpreterSettings {
    let (font_missing, picture_lost) = (font_missing.clone(), picture_lost.clone());
    let own = InterpreterSettings::default();
    let resolver = own.font_resolver.clone();
    InterpreterSettings {
        font_resolver: Arc::new(move |query| {
            // The 14 standard fonts are every reader's to have; what else is not in the file is lost.
            if matches!(query, FontQuery::Fallback(_)) {
                font_missing.store(true, Ordering::Relaxed);
            }
            resolver(query)
        }),
        warning_sink: Arc::new(move |warning| {
            if matches!(warning, InterpreterWarning::ImageDecodeFailure) {
                picture_lost.store(true, Ordering::Relaxed);
            }
        }),
        ..own
    }
}
