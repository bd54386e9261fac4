//! Fonts of the machine, and what of them goes into a file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Finish, Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;
use usvg::fontdb::{Database, ID};
use usvg::layout::PositionedGlyph;

use crate::PrintingError;

/// Chinese faces that systems have, by name, for what is printed beside the artwork.
const FACES: &str = "'Noto Sans CJK SC','Source Han Sans SC','WenQuanYi Zen Hei','Microsoft YaHei',\
                     'PingFang SC',SimHei,sans-serif";

/// The fonts that text is set in.
#[derive(Debug)]
pub struct Fonts {
    pub(super) options: usvg::Options<'static>,
    /// Families for what is printed beside the artwork, as SVG names them.
    pub(super) families: String,
}

impl Fonts {
    /// The system's fonts, and before them a file's where one is named: it sets names, and whatever
    /// other fonts lack.
    ///
    /// # Errors
    /// Where the file is no font, or there is none at all.
    pub fn of_system(file: Option<&Path>) -> Result<Self, PrintingError> {
        let mut options = usvg::Options::default();
        // Artwork comes from outside: its pictures lie in it, and it names no file of this machine.
        options.image_href_resolver.resolve_string = Box::new(|_, _| None);
        let database = Arc::make_mut(&mut options.fontdb);
        let mut families = FACES.to_owned();
        if let Some(file) = file {
            let refused = |reason: String| PrintingError::Font { file: file.to_owned(), reason };
            database.load_font_file(file).map_err(|error| refused(error.to_string()))?;
            let face = database.faces().next();
            let family = face.and_then(|face| face.families.first());
            let (name, _) = family.ok_or_else(|| refused("it is no font".to_owned()))?;
            families = format!("'{}',{FACES}", super::svg::escape(name).replace('\'', ""));
        }
        database.load_system_fonts();
        if database.is_empty() {
            return Err(PrintingError::NoFont);
        }
        // A line whose families are all missing is set in any font: what that lacks is then found in
        // others, or named.
        let select = usvg::FontResolver::default_font_selector();
        options.font_resolver.select_font = Box::new(move |font, database| {
            select(font, database).or_else(|| database.faces().next().map(|face| face.id))
        });
        Ok(Self { options, families })
    }

    /// The families of names and whatever else is printed beside artwork, as an attribute of SVG has
    /// them.
    #[must_use]
    pub fn families(&self) -> &str {
        &self.families
    }

    /// The characters of a text that no font has, each once, in their order.
    #[must_use]
    pub fn lacking(&self, text: &str) -> Vec<char> {
        let mut distinct: Vec<char> = Vec::new();
        for c in text.chars().filter(|c| !c.is_control() && !c.is_whitespace()) {
            if !distinct.contains(&c) {
                distinct.push(c);
            }
        }
        let mut lacking = Vec::new();
        // One element per character: what a font joins with its neighbours is not looked for here.
        let texts = distinct.iter().map(|c| {
            let c = super::svg::escape(&c.to_string());
            format!("<text y=\"10\" font-family=\"{}\">{c}</text>", self.families)
        });
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\" xml:lang=\"zh-CN\">{}</svg>",
            texts.collect::<String>()
        );
        // What is no SVG holds a character that XML has not: it is found when it is drawn.
        let Ok(tree) = usvg::Tree::from_str(&svg, &self.options) else { return lacking };
        missing(tree.root(), &mut lacking);
        lacking
    }

    fn database(&self) -> &Database {
        &self.options.fontdb
    }
}

/// Adds the characters of a drawing's text that no font has.
fn missing(group: &usvg::Group, lacking: &mut Vec<char>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(inner) => missing(inner, lacking),
            usvg::Node::Text(text) => {
                let spans = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
                let none = spans.filter(|glyph| glyph.id.0 == 0);
                lacking.extend(none.filter_map(|glyph| glyph.text.chars().next()));
            }
            usvg::Node::Path(_) | usvg::Node::Image(_) => {}
        }
    }
}

/// One font's part that a file needs.
struct Subset {
    face: ID,
    glyphs: GlyphRemapper,
    /// What each glyph, as it is numbered in the file, stands for.
    text: BTreeMap<u16, String>,
}

/// The fonts of a file, each numbered by its first use.
#[derive(Default)]
pub(super) struct Subsets {
    subsets: Vec<Subset>,
}

impl Subsets {
    /// The font's number in the file, and the glyph's number in the font.
    pub(super) fn glyph(&mut self, glyph: &PositionedGlyph) -> Result<(usize, u16), PrintingError> {
        let id = u16::try_from(glyph.id.0).unwrap_or(0);
        if id == 0 {
            return Err(PrintingError::NoGlyph { text: glyph.text.clone() });
        }
        let known = self.subsets.iter().position(|subset| subset.face == glyph.font);
        let number = known.unwrap_or_else(|| {
            let (glyphs, text) = (GlyphRemapper::new(), BTreeMap::new());
            self.subsets.push(Subset { face: glyph.font, glyphs, text });
            self.subsets.len() - 1
        });
        let subset = &mut self.subsets[number];
        let new = subset.glyphs.remap(id);
        subset.text.entry(new).or_insert_with(|| glyph.text.clone());
        Ok((number, new))
    }

    /// Writes the fonts, and gives each one's object.
    pub(super) fn write(
        &self,
        pdf: &mut Pdf,
        fonts: &Fonts,
        mut next: impl FnMut() -> Ref,
    ) -> Result<Vec<Ref>, PrintingError> {
        let mut written = Vec::new();
        for (number, subset) in self.subsets.iter().enumerate() {
            let name = format!("ZHIBI{}+Text", letter(number));
            let cut = fonts.database().with_face_data(subset.face, |data, index| {
                subsetter::subset(data, index, &subset.glyphs).map_err(|e| e.to_string())
            });
            let family = || {
                let face = fonts.database().face(subset.face);
                face.map_or_else(String::new, |face| face.post_script_name.clone())
            };
            let cut = cut
                .unwrap_or_else(|| Err("it cannot be read".to_owned()))
                .map_err(|reason| PrintingError::Subset { font: family(), reason })?;
            written.push(subset.write(pdf, &name, &cut, &mut next));
        }
        Ok(written)
    }
}

impl Subset {
    fn write(&self, pdf: &mut Pdf, name: &str, font: &[u8], next: &mut impl FnMut() -> Ref) -> Ref {
        let (whole, cid, descriptor, file, cmap) = (next(), next(), next(), next(), next());
        let name = Name(name.as_bytes());
        let system =
            SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
        pdf.type0_font(whole)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(cmap);
        let compact = table(font, b"CFF ");
        let mut dict = pdf.cid_font(cid);
        dict.base_font(name).system_info(system).font_descriptor(descriptor).default_width(1_000.0);
        // Each glyph is put where it stands. By their widths programs tell which of them are one word.
        if let Some(widths) = widths(font) {
            dict.widths().consecutive(0, widths);
        }
        if compact.is_some() {
            dict.subtype(CidFontType::Type0);
        } else {
            dict.subtype(CidFontType::Type2).cid_to_gid_map_predefined(Name(b"Identity"));
        }
        dict.finish();
        let mut dict = pdf.font_descriptor(descriptor);
        dict.name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(-1_000.0, -1_000.0, 2_000.0, 2_000.0))
            .italic_angle(0.0)
            .ascent(880.0)
            .descent(-120.0)
            .cap_height(730.0)
            .stem_v(80.0);
        if compact.is_some() {
            dict.font_file3(file)
        } else {
            dict.font_file2(file)
        };
        dict.finish();
        let bytes = super::document::packed(compact.unwrap_or(font));
        let mut stream = pdf.stream(file, &bytes);
        stream.filter(pdf_writer::Filter::FlateDecode);
        if compact.is_some() {
            stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        }
        stream.finish();
        let mut unicode = UnicodeCmap::new(Name(b"Zhibi"), system);
        for (glyph, text) in &self.text {
            unicode.pair_with_multiple(*glyph, text.chars());
        }
        let bytes = super::document::packed(&unicode.finish());
        pdf.cmap(cmap, &bytes).filter(pdf_writer::Filter::FlateDecode);
        whole
    }
}

/// A table of a font: the part that a PDF takes of a font of the compact format.
fn table<'a>(font: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let entries = font.get(12..)?.chunks_exact(16);
    let entry = entries.take_while(|entry| entry[..4].is_ascii()).find(|e| e[..4] == *name)?;
    let word = |at: usize| {
        let bytes = entry.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    let (at, len) = (word(8)?, word(12)?);
    font.get(at..at.checked_add(len)?)
}

/// How far each glyph of a font advances, in thousandths of the em (OpenType, `hmtx`): the last of the
/// full metrics holds for all glyphs behind it.
fn widths(font: &[u8]) -> Option<Vec<f32>> {
    let word = |table: &[u8], at: usize| {
        let bytes = table.get(at..at + 2)?.try_into().ok()?;
        Some(u16::from_be_bytes(bytes))
    };
    let units = f32::from(word(table(font, b"head")?, 18).filter(|units| *units > 0)?);
    let full = usize::from(word(table(font, b"hhea")?, 34)?).checked_sub(1)?;
    let glyphs = usize::from(word(table(font, b"maxp")?, 4)?);
    let metrics = table(font, b"hmtx")?;
    let width =
        |glyph: usize| Some(f32::from(word(metrics, 4 * glyph.min(full))?) * 1_000.0 / units);
    (0..glyphs).map(width).collect()
}

/// A letter of its own for each of a file's fonts; there are seldom more than three.
fn letter(number: usize) -> char {
    char::from(b'A' + (number % 26) as u8)
}
