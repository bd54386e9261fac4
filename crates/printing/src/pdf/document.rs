//! A file under construction: pages, what they share, and how it ends.

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::deflate::core::{
    CompressionStrategy, CompressorOxide, TDEFLFlush, compress_to_output,
    create_comp_flags_from_zip_params,
};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, TextStr};

use super::dots::{self, Block};
use super::fonts::{Fonts, Subsets};
use super::picture::Pictures;
use super::svg::{Colours, Parsed};
use super::{points, svg};
use crate::PrintingError;

/// The pattern's font, as pages name it.
const DOTS: &str = "D";

/// A drawing that several pages show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared(usize);

/// One page.
pub(super) struct Leaf<'a> {
    /// Its size, micrometres.
    pub(super) size_um: (i32, i32),
    /// What lies lowest.
    pub(super) artwork: Option<Shared>,
    /// An SVG document drawn over it.
    pub(super) over: &'a str,
    /// What is painted last.
    pub(super) dots: &'a [Block],
    /// A rectangle of carbon black, which test pages alone have: left, top, width, height.
    pub(super) carbon_um: Option<[i32; 4]>,
}

/// A drawing that pages show whole or in pieces.
#[derive(Debug)]
pub struct Drawing {
    pub(super) parsed: Parsed,
    /// Where it is shown whole by several pages: which of the file's shared drawings it is.
    pub(super) shared: Option<Shared>,
    pub(super) size_um: (i32, i32),
}

/// A drawing, or a piece of it, on a page.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// What is shown.
    pub drawing: &'a Drawing,
    /// Which rectangle of it, micrometres: left, top, width, height; `None` is all of it. Text that
    /// lies outside is left out of the file and not only out of sight.
    pub cut_um: Option<[i32; 4]>,
    /// Where the piece's top left corner lies on the page, micrometres.
    pub at_um: (i32, i32),
}

/// A file under construction. The same calls give the same bytes.
pub(super) struct Document<'a> {
    pdf: Pdf,
    fonts: &'a Fonts,
    subsets: Subsets,
    shared: Vec<Ref>,
    pictures: Pictures,
    pages: Vec<Ref>,
    last: i32,
}

/// Objects whose numbers are known before they are written.
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const RESOURCES: Ref = Ref::new(3);

impl<'a> Document<'a> {
    pub(super) fn new(fonts: &'a Fonts) -> Self {
        Self {
            pdf: Pdf::new(),
            fonts,
            subsets: Subsets::default(),
            shared: Vec::new(),
            pictures: Pictures::default(),
            pages: Vec::new(),
            last: RESOURCES.get(),
        }
    }

    fn next(&mut self) -> Ref {
        self.last += 1;
        Ref::new(self.last)
    }

    fn draw(&mut self, document: &str, size_um: (i32, i32)) -> Result<Vec<u8>, PrintingError> {
        svg::draw(document, size_um, self.fonts, &mut self.subsets, &mut self.pictures)
    }

    /// A drawing that pages of its size can show.
    pub(super) fn share(
        &mut self,
        document: &str,
        size_um: (i32, i32),
    ) -> Result<Shared, PrintingError> {
        let parsed = Parsed::new(document, size_um.0, self.fonts)?;
        self.share_in(&parsed, size_um, Colours::WithoutCarbon)
    }

    /// The same of what is parsed already.
    pub(super) fn share_in(
        &mut self,
        parsed: &Parsed,
        size_um: (i32, i32),
        colours: Colours,
    ) -> Result<Shared, PrintingError> {
        let pictures = &mut self.pictures;
        let drawn = packed(&parsed.whole(size_um.1, &mut self.subsets, pictures, colours)?);
        let id = self.next();
        let mut form = self.pdf.form_xobject(id, &drawn);
        form.filter(Filter::FlateDecode);
        form.bbox(Rect::new(0.0, 0.0, points(size_um.0.into()), points(size_um.1.into())));
        form.pair(Name(b"Resources"), RESOURCES);
        form.finish();
        self.shared.push(id);
        Ok(Shared(self.shared.len() - 1))
    }

    /// Appends a page.
    pub(super) fn page(&mut self, leaf: &Leaf<'_>) -> Result<(), PrintingError> {
        let mut content = Content::new();
        if let Some(Shared(number)) = leaf.artwork {
            content.x_object(Name(format!("X{number}").as_bytes()));
        }
        let mut drawn = content.finish().to_vec();
        drawn.extend(b"\nq\n");
        drawn.extend(self.draw(leaf.over, leaf.size_um)?);
        drawn.extend(b"\nQ\n");
        let (page, over, last) = (self.next(), self.next(), self.next());
        self.pdf.stream(over, &packed(&drawn)).filter(Filter::FlateDecode);
        let mut text = dots::content(leaf.dots, leaf.size_um.1, DOTS);
        if let Some([left, top, width, height]) = leaf.carbon_um {
            let mut square = Content::new();
            let [left, low, width, height] =
                [left, leaf.size_um.1 - top - height, width, height].map(|um| points(um.into()));
            square.set_fill_cmyk(0.0, 0.0, 0.0, 1.0).rect(left, low, width, height).fill_nonzero();
            text.extend_from_slice(&square.finish());
        }
        self.pdf.stream(last, &packed_evenly(&text)).filter(Filter::FlateDecode);
        self.list(page, leaf.size_um, &[over, last]);
        Ok(())
    }

    /// Appends a page of pieces, without a pattern and in the colours of screens.
    pub(super) fn plain_page(
        &mut self,
        size_um: (i32, i32),
        pieces: &[Piece<'_>],
    ) -> Result<(), PrintingError> {
        let mut content = Content::new();
        let height = points(size_um.1.into());
        for piece in pieces {
            let (subsets, pictures) = (&mut self.subsets, &mut self.pictures);
            let (x, y) = (points(piece.at_um.0.into()), points(piece.at_um.1.into()));
            let Drawing { parsed, shared, size_um } = piece.drawing;
            if let (Some(Shared(number)), None) = (shared, piece.cut_um) {
                content.save_state();
                let low = height - y - points(size_um.1.into());
                content.transform([1.0, 0.0, 0.0, 1.0, x, low]);
                content.x_object(Name(format!("X{number}").as_bytes()));
                content.restore_state();
                continue;
            }
            let scale = parsed.scale();
            content.save_state();
            // From here on in the drawing's own units, y down, from its top left corner.
            content.transform([scale, 0.0, 0.0, -scale, x, height - y]);
            let within = piece.cut_um.and_then(|cut| parsed.units(cut));
            if let Some(cut) = within {
                content.transform([1.0, 0.0, 0.0, 1.0, -cut.left(), -cut.top()]);
                content.rect(cut.left(), cut.top(), cut.width(), cut.height());
                content.clip_nonzero().end_path();
            }
            parsed.draw(&mut content, subsets, pictures, Colours::Screen, within)?;
            content.restore_state();
        }
        let (page, drawn) = (self.next(), self.next());
        self.pdf.stream(drawn, &packed(&content.finish())).filter(Filter::FlateDecode);
        self.list(page, size_um, &[drawn]);
        Ok(())
    }

    /// Writes a page's entry.
    fn list(&mut self, page: Ref, size_um: (i32, i32), contents: &[Ref]) {
        let (width, height) = (points(size_um.0.into()), points(size_um.1.into()));
        let mut dict = self.pdf.page(page);
        dict.parent(PAGES).media_box(Rect::new(0.0, 0.0, width, height));
        dict.contents_array(contents.iter().copied());
        dict.pair(Name(b"Resources"), RESOURCES);
        dict.finish();
        self.pages.push(page);
    }

    /// How many pages it has.
    pub(super) fn len(&self) -> usize {
        self.pages.len()
    }

    /// The whole file, with the pattern's font.
    pub(super) fn finish(mut self, title: &str) -> Result<Vec<u8>, PrintingError> {
        let (dots, descriptor, file) = (self.next(), self.next(), self.next());
        dots::write_font(&mut self.pdf, dots, descriptor, file);
        self.end(title, Some(dots))
    }

    /// The whole file, of pages without a pattern.
    pub(super) fn finish_plain(self, title: &str) -> Result<Vec<u8>, PrintingError> {
        self.end(title, None)
    }

    fn end(mut self, title: &str, dots: Option<Ref>) -> Result<Vec<u8>, PrintingError> {
        let mut pictures = Vec::new();
        for picture in std::mem::take(&mut self.pictures).into_all() {
            let (id, mask) = (self.next(), self.next());
            picture.write(&mut self.pdf, id, mask);
            pictures.push(id);
        }
        let mut last = self.last;
        let next = || {
            last += 1;
            Ref::new(last)
        };
        let fonts = self.subsets.write(&mut self.pdf, self.fonts, next)?;
        let info = Ref::new(last + 1);
        let mut resources = self.pdf.indirect(RESOURCES).dict();
        let mut dict = resources.insert(Name(b"Font")).dict();
        if let Some(dots) = dots {
            dict.pair(Name(DOTS.as_bytes()), dots);
        }
        for (number, font) in fonts.into_iter().enumerate() {
            dict.pair(Name(format!("F{number}").as_bytes()), font);
        }
        dict.finish();
        let mut dict = resources.insert(Name(b"XObject")).dict();
        for (number, form) in self.shared.iter().enumerate() {
            dict.pair(Name(format!("X{number}").as_bytes()), *form);
        }
        for (number, picture) in pictures.into_iter().enumerate() {
            dict.pair(Name(format!("I{number}").as_bytes()), picture);
        }
        dict.finish();
        resources.finish();
        let count = i32::try_from(self.pages.len()).unwrap_or(i32::MAX);
        self.pdf.pages(PAGES).kids(self.pages.iter().copied()).count(count);
        let mut catalog = self.pdf.catalog(CATALOG);
        catalog.pages(PAGES).lang(TextStr("zh-CN"));
        if dots.is_some() {
            // Asks the print dialogue for full size; "fit to page" would move every dot.
            catalog.viewer_preferences().pair(Name(b"PrintScaling"), Name(b"None"));
        }
        catalog.finish();
        self.pdf.document_info(info).title(TextStr(title)).producer(TextStr("Zhibi"));
        Ok(self.pdf.finish())
    }
}

/// Bytes compressed as PDF's `FlateDecode` has them.
pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec_zlib(bytes, 6)
}

/// The same for text in which nothing repeats: letters by how often they stand in it. A page of dots
/// takes 205 kB in 10 ms; the search for repetitions makes 193 kB of it in 90 ms, and 173 in 540.
fn packed_evenly(bytes: &[u8]) -> Vec<u8> {
    let with_header = 1;
    let flags =
        create_comp_flags_from_zip_params(1, with_header, CompressionStrategy::HuffmanOnly as i32);
    let mut packed = Vec::with_capacity(bytes.len() / 3);
    let mut compressor = CompressorOxide::new(flags);
    let _ = compress_to_output(&mut compressor, bytes, TDEFLFlush::Finish, |part| {
        packed.extend_from_slice(part);
        true
    });
    packed
}
