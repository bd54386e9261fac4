//! What PDF files here have in common: text over pages, and the strokes of papers.

use std::fmt::Write as _;
use std::sync::Arc;

use ink::drawn::DrawnStroke;
use printing::Fonts;
use store::{AssignmentHead, PaperChunks, Store};
use worksheet::{Registration, Worksheet};

use crate::{ExportError, strokes};

/// Drawing units per millimetre: hundredths of a millimetre.
pub(crate) const MM: i32 = 100;
/// Micrometres per drawing unit.
pub(crate) const UM: i32 = 10;

/// The colours of text: what is read first, and what is beside it.
pub(crate) const DARK: &str = "#22262e";
pub(crate) const MUTED: &str = "#5d6470";

/// A PDF, and what its reader should be told.
#[derive(Clone, PartialEq, Eq)]
pub struct Told {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
    /// Characters of names that no font of this machine has. Where they would stand is 〓, and the
    /// first page that has one says which they are.
    pub lacking: Vec<char>,
}

impl std::fmt::Debug for Told {
    /// Leaves the characters out: they are of names.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (bytes, pages) = (self.bytes.len(), self.pages);
        f.debug_struct("Told").field("bytes", &bytes).field("pages", &pages).finish_non_exhaustive()
    }
}

/// Which point of a line its x names.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// What stands in place of a character that no font has: the geta mark, as printers use it.
const NO_GLYPH: char = '〓';

/// An SVG document over a page, in drawing units.
pub(crate) struct Overlay<'a> {
    svg: String,
    families: &'a str,
    lacking: &'a [char],
}

impl<'a> Overlay<'a> {
    pub(crate) fn new(
        (width_um, height_um): (i32, i32),
        fonts: &'a Fonts,
        lacking: &'a [char],
    ) -> Self {
        let (width, height) = (width_um / UM, height_um / UM);
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" xml:lang=\"zh-CN\">"
        );
        Self { svg, families: fonts.families(), lacking }
    }

    /// A line of text on a baseline, as much of it as there is room for.
    pub(crate) fn text(
        &mut self,
        (x, y): (i32, i32),
        size: i32,
        anchor: Anchor,
        colour: &str,
        room: i32,
        text: &str,
    ) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escape(&self.shown(&fitted(text, size, room)));
        let families = self.families;
        // Writing to a string cannot fail.
        let _ = write!(
            self.svg,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" font-family=\"{families}\" \
             text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>"
        );
    }

    /// Elements as they are.
    pub(crate) fn put(&mut self, elements: &str) {
        self.svg.push_str(elements);
    }

    /// Elements of a page whose point `from` lies at `at`.
    pub(crate) fn put_at(&mut self, from: (i32, i32), at: (i32, i32), elements: &str) {
        let (x, y) = (at.0 - from.0, at.1 - from.1);
        let _ = write!(self.svg, "<g transform=\"translate({x} {y})\">{elements}</g>");
    }

    /// A hairline, dashed or not, around a rectangle.
    pub(crate) fn frame(&mut self, [x, y, width, height]: [i32; 4]) {
        let _ = write!(
            self.svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"120\" fill=\"none\" \
             stroke=\"#a5abb6\" stroke-width=\"18\" stroke-dasharray=\"90 70\"/>"
        );
    }

    pub(crate) fn rule(&mut self, (x, y): (i32, i32), width: i32) {
        let _ = write!(
            self.svg,
            "<path d=\"M{x} {y}h{width}\" stroke=\"#c9cdd4\" stroke-width=\"14\"/>"
        );
    }

    pub(crate) fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }

    fn shown(&self, text: &str) -> String {
        let shown = |c: char| if self.lacking.contains(&c) { NO_GLYPH } else { c };
        text.chars().map(shown).collect()
    }
}

/// Says which characters no font has; empty where all are there.
pub(crate) fn lacking_line(lacking: &[char], language: crate::Language) -> String {
    if lacking.is_empty() {
        return String::new();
    }
    let points: Vec<String> = lacking.iter().map(|c| format!("U+{:04X}", u32::from(*c))).collect();
    let points = points.join(" ");
    match language {
        crate::Language::Zh => format!("{NO_GLYPH}：本机字体没有的字 {points}"),
        crate::Language::En => format!("{NO_GLYPH}: characters that no font here has: {points}"),
    }
}

/// A text as the content of an element. Characters that XML does not have become spaces.
pub(crate) fn escape(text: &str) -> String {
    let allowed = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let text: String = text.chars().map(|c| if allowed(c) { c } else { ' ' }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// How wide a text is about, in units of its size's.
pub(crate) fn width(text: &str, size: i32) -> i32 {
    let ems: f64 = text.chars().map(|c| if c >= '\u{2e80}' { 1.0 } else { 0.55 }).sum();
    (ems * f64::from(size)) as i32
}

/// As much of a text as there is room for, with an ellipsis where it was cut.
fn fitted(text: &str, size: i32, room: i32) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if width(&kept, size) + 2 * size > room {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

/// The strokes of a page: as they were marked, or the chunks that hold them.
#[derive(Debug)]
pub(crate) enum Written {
    Drawn(Vec<DrawnStroke>),
    /// Decoding takes its time and is done where the page is drawn.
    Chunks(Box<PaperChunks>, Registration),
}

impl Written {
    /// Nothing is written.
    pub(crate) fn nothing() -> Self {
        Self::Drawn(Vec::new())
    }

    /// Reads a page's strokes; `drawn` are those that were kept when it was marked.
    pub(crate) async fn load(
        store: &Store,
        head: &AssignmentHead,
        (pupil, page): (&str, u32),
        facts: &store::PaperFacts,
        drawn: Option<Vec<DrawnStroke>>,
    ) -> Result<Self, ExportError> {
        if let Some(drawn) = drawn.filter(|_| facts.marked && !facts.stale) {
            return Ok(Self::Drawn(drawn));
        }
        let chunks = store.paper_ink(head, pupil, page, facts).await?;
        let registration = store.load_print_run(&head.print_run).await?.registration;
        Ok(Self::Chunks(Box::new(chunks), registration))
    }

    /// The strokes as pages draw them.
    pub(crate) fn strokes(&self) -> std::borrow::Cow<'_, [DrawnStroke]> {
        match self {
            Self::Drawn(strokes) => strokes.as_slice().into(),
            Self::Chunks(chunks, registration) => strokes::draw(chunks, registration).into(),
        }
    }
}

/// Worksheets that were read, each once.
#[derive(Debug, Default)]
pub(crate) struct Worksheets(std::collections::HashMap<(String, u32), Arc<Worksheet>>);

impl Worksheets {
    pub(crate) async fn of(
        &mut self,
        store: &Store,
        head: &AssignmentHead,
    ) -> Result<Arc<Worksheet>, ExportError> {
        let key = (head.worksheet.clone(), head.version);
        if let Some(known) = self.0.get(&key) {
            return Ok(known.clone());
        }
        let read = Arc::new(store.load_worksheet(&head.worksheet, head.version).await?);
        self.0.insert(key, read.clone());
        Ok(read)
    }
}
