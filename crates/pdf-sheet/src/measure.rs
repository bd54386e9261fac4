//! What a file would take to be read, before it is read.

use std::collections::HashMap;

use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::content::UntypedIter;
use hayro_interpret::hayro_syntax::object::dict::keys::{CONTENTS, COUNT, LENGTH1, PAGES, SUBTYPE};
use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, Stream};
use hayro_interpret::hayro_syntax::page::Page;

use crate::PdfFault;
use crate::read::Stop;
use crate::unpack;

const MB: usize = 1 << 20;
/// The most that a picture may unpack to: A4 at 600 dpi in four colours.
const PICTURE_MAX: usize = 160 * MB;
/// The most that anything else may; fonts of all Chinese characters have 20 MB.
const STREAM_MAX: usize = 48 * MB;
/// The most that all drawing of one page may, without forms, which count for themselves.
const CONTENT_MAX: usize = 16 * MB;
/// The most that all streams of a file may together.
const FILE_MAX: usize = 1_024 * MB;
/// The most steps of drawing in a page, or in a form.
const STEPS_MAX: usize = 1_000_000;

/// Lengths of a file's streams once unpacked.
pub(crate) struct Measured(HashMap<ObjectIdentifier, usize>);

/// Looks at deflated streams wherever they stand in a file's bytes: opening a file already unpacks
/// those that hold its table of objects.
pub(crate) fn bytes(file: &[u8], stop: &Stop) -> Result<(), PdfFault> {
    let mut sum = 0;
    for at in places(file, b"stream") {
        stop.check()?;
        let behind = &file[at + 6..];
        let behind = behind.strip_prefix(b"\r").unwrap_or(behind);
        let behind = behind.strip_prefix(b"\n").unwrap_or(behind);
        // The head of a deflated stream: 8 for its kind, and a check of the two bytes.
        let is_deflated = matches!(behind, [kind, check, ..]
            if kind & 15 == 8 && (usize::from(*kind) * 256 + usize::from(*check)) % 31 == 0);
        if is_deflated {
            let length = match miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(
                behind,
                PICTURE_MAX,
            ) {
                Ok(bytes) => bytes.len(),
                Err(failed) => failed.output.len(),
            };
            sum += length;
            if length >= PICTURE_MAX || sum > FILE_MAX {
                return Err(swollen(PICTURE_MAX));
            }
        }
    }
    Ok(())
}

/// Looks at all streams of a file, with whatever they are packed by.
pub(crate) fn streams(pdf: &Pdf, stop: &Stop) -> Result<Measured, PdfFault> {
    let (mut lengths, mut sum) = (HashMap::new(), 0);
    for object in pdf.objects() {
        stop.check()?;
        let Object::Stream(stream) = object else { continue };
        let kind = stream.dict().get::<Name<'_>>(SUBTYPE);
        let kind = kind.as_deref().unwrap_or_default();
        let limit = match kind {
            b"Image" => PICTURE_MAX,
            b"Form" => CONTENT_MAX,
            _ => STREAM_MAX,
        };
        let length = unpack::length(&stream.raw_data(), &stream.filters(), limit);
        let length = length.ok_or(swollen(limit))?;
        sum += length;
        if sum > FILE_MAX {
            return Err(swollen(FILE_MAX));
        }
        // Fonts are no drawing.
        let may_draw = kind.is_empty() || kind == b"Form";
        if length > STEPS_MAX && may_draw && !stream.dict().contains_key(LENGTH1) {
            let steps = stream.decoded_data().map_or(0, |bytes| steps(&bytes));
            if steps > STEPS_MAX {
                return Err(PdfFault::TooManySteps);
            }
        }
        lengths.insert(stream.obj_id(), length);
    }
    Ok(Measured(lengths))
}

impl Measured {
    /// Looks at what a page draws, which may name one stream many times.
    pub(crate) fn page(&self, number: u32, page: &Page<'_>) -> Result<(), PdfFault> {
        let contents = page.raw().get::<Array<'_>>(CONTENTS);
        let streams: Vec<Stream<'_>> = match &contents {
            Some(array) => array.iter().take(100_000).collect(),
            None => page.raw().get(CONTENTS).into_iter().collect(),
        };
        let length = |stream: &Stream<'_>| match self.0.get(&stream.obj_id()) {
            Some(length) => Some(*length),
            None => unpack::length(&stream.raw_data(), &stream.filters(), CONTENT_MAX),
        };
        let mut sum = 0;
        for stream in &streams {
            sum += length(stream).unwrap_or(CONTENT_MAX + 1);
            if sum > CONTENT_MAX {
                return Err(PdfFault::TooMuch { page: number });
            }
        }
        match page.page_stream().map_or(0, steps) {
            0..=STEPS_MAX => Ok(()),
            _ => Err(PdfFault::TooMuch { page: number }),
        }
    }
}

/// Whether the file says that it has more pages than were found.
pub(crate) fn lacks_pages(pdf: &Pdf) -> bool {
    let root = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    let count = root.and_then(|root| root.get::<Dict<'_>>(PAGES)?.get::<i32>(COUNT));
    count.is_some_and(|count| count > pdf.pages().len() as i32)
}

/// Whether the end of a file is missing: behind its last object stands what says where its objects
/// are.
pub(crate) fn is_cut(file: &[u8]) -> bool {
    let last = |word: &[u8]| places(file, word).last();
    let end = [&b"startxref"[..], b"trailer", b"%%EOF"].into_iter().filter_map(last).max();
    // A table of objects is an object itself in newer files.
    end < last(b"endobj").or(last(b" obj"))
}

/// Where a word stands in a file.
fn places<'a>(file: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let starts = file.windows(word.len()).enumerate();
    starts.filter(move |(_, bytes)| *bytes == word).map(|(at, _)| at)
}

/// How many steps a drawing has, counted to one more than the limit.
fn steps(drawing: &[u8]) -> usize {
    let (mut steps, mut all) = (0, UntypedIter::new(drawing));
    while steps <= STEPS_MAX && all.next().is_some() {
        steps += 1;
    }
    steps
}

fn swollen(limit: usize) -> PdfFault {
    PdfFault::Swollen { limit_mb: limit / MB }
}
