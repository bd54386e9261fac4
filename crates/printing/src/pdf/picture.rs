//! Pictures made of pixels, in cyan, magenta and yellow only.

use std::sync::Arc;

use pdf_writer::{Filter, Finish, Name, Pdf, Ref};

use super::document::packed;

/// The most pixels of a picture: an A4 page at 600 dpi has 35 million.
const PIXELS_MAX: u64 = 40_000_000;

/// A picture, decoded.
pub(super) struct Picture {
    width: i32,
    height: i32,
    colours: Colours,
    /// A byte for each pixel, 255 where it hides what lies below; `None` where all do.
    alpha: Option<Vec<u8>>,
}

/// The pictures of a file. One that several drawings show, or one drawing several times, is there once.
#[derive(Default)]
pub(super) struct Pictures {
    /// The file of each is kept, so that no other can lie where it lay.
    pictures: Vec<(Arc<Vec<u8>>, Picture)>,
}

impl Pictures {
    /// The number of a PNG among the file's pictures; `None` where it is broken or too large.
    pub(super) fn number(&mut self, png: &Arc<Vec<u8>>) -> Option<usize> {
        let known = self.pictures.iter().position(|(known, _)| Arc::ptr_eq(known, png));
        if known.is_some() {
            return known;
        }
        self.pictures.push((png.clone(), Picture::of_png(png)?));
        Some(self.pictures.len() - 1)
    }

    /// The pictures by their numbers.
    pub(super) fn into_all(self) -> impl Iterator<Item = Picture> {
        self.pictures.into_iter().map(|(_, picture)| picture)
    }
}

enum Colours {
    /// A byte for each pixel, 0 for black.
    Grey(Vec<u8>),
    /// Four bytes for each pixel, the last of them 0: cyan, magenta, yellow, and no black.
    Inks(Vec<u8>),
}

impl Picture {
    /// Decodes a PNG; `None` where it is broken or too large.
    fn of_png(bytes: &[u8]) -> Option<Self> {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        let (width, height) = (reader.info().width, reader.info().height);
        if u64::from(width) * u64::from(height) > PIXELS_MAX {
            return None;
        }
        let mut pixels = vec![0; reader.output_buffer_size()?];
        let frame = reader.next_frame(&mut pixels).ok()?;
        pixels.truncate(frame.buffer_size());
        let channels = frame.color_type.samples();
        let inks = |rgb: &[u8]| [255 - rgb[0], 255 - rgb[1], 255 - rgb[2], 0];
        let each = || pixels.chunks_exact(channels);
        let colours = match channels {
            1 | 2 => Colours::Grey(each().map(|pixel| pixel[0]).collect()),
            3 | 4 => Colours::Inks(each().flat_map(inks).collect()),
            _ => return None,
        };
        let alpha =
            matches!(channels, 2 | 4).then(|| each().map(|pixel| pixel[channels - 1]).collect());
        let (width, height) = (i32::try_from(width).ok()?, i32::try_from(height).ok()?);
        Some(Self { width, height, colours, alpha })
    }

    /// Writes the picture as an object of a file. `mask` names the object of its transparency.
    pub(super) fn write(&self, pdf: &mut Pdf, id: Ref, mask: Ref) {
        if let Some(alpha) = &self.alpha {
            let bytes = packed(alpha);
            let mut object = pdf.image_xobject(mask, &bytes);
            object.filter(Filter::FlateDecode);
            object.width(self.width).height(self.height).bits_per_component(8);
            object.color_space().device_gray();
            object.finish();
        }
        let bytes = match &self.colours {
            Colours::Grey(bytes) | Colours::Inks(bytes) => packed(bytes),
        };
        let mut object = pdf.image_xobject(id, &bytes);
        object.filter(Filter::FlateDecode);
        object.width(self.width).height(self.height).bits_per_component(8);
        match &self.colours {
            // A printer makes carbon black of grey, so each grey is a row of a table of inks.
            Colours::Grey(_) => {
                let table: Vec<u8> =
                    (0..=255_u8).flat_map(|grey| [255 - grey, 255 - grey, 255 - grey, 0]).collect();
                object.color_space().indexed(Name(b"DeviceCMYK"), 255, &table);
            }
            Colours::Inks(_) => object.color_space().device_cmyk(),
        }
        if self.alpha.is_some() {
            object.s_mask(mask);
        }
        object.finish();
    }
}
