//! What is printed on a page beside its artwork: who it is for, its address, and marks.

use std::fmt::Write;

use firmware_protocol::PageAddress;
use qrcodegen::{QrCode, QrCodeEcc};

use super::fonts::Fonts;
use super::svg::escape;

/// The colour of what is printed beside the artwork: composed, without carbon.
const DARK: &str = "#3b424c";

/// An SVG document under construction whose unit is a millimetre.
pub(super) struct Over<'a> {
    text: String,
    families: &'a str,
}

/// Which point of a line its x names.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
}

impl<'a> Over<'a> {
    pub(super) fn new(width_um: i32, height_um: i32, fonts: &'a Fonts) -> Self {
        let (width, height) = (f64::from(width_um) / 1e3, f64::from(height_um) / 1e3);
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
             viewBox=\"0 0 {width} {height}\" xml:lang=\"zh-CN\">"
        );
        Self { text, families: &fonts.families }
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>");
        self.text
    }

    /// A line of text on a baseline.
    pub(super) fn line(&mut self, (x, y): (f64, f64), size: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
        };
        let (families, text) = (self.families, escape(text));
        self.put(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" font-family=\"{families}\" \
             text-anchor=\"{anchor}\" fill=\"{DARK}\">{text}</text>"
        ));
    }

    /// A line of text that is set smaller where it would be wider than its room, in millimetres.
    pub(super) fn fitted(
        &mut self,
        at: (f64, f64),
        size: f64,
        room: f64,
        anchor: Anchor,
        text: &str,
    ) {
        let wide = ems(text) * size;
        let size = if wide > room { size * room / wide } else { size };
        self.line(at, size, anchor, text);
    }

    /// A filled or drawn outline, as SVG has it.
    pub(super) fn shape(&mut self, path: &str, attributes: &str) {
        self.put(format_args!("<path d=\"{path}\" {attributes}/>"));
    }

    /// Crosses in the corners: from one to the next on paper is what a scale or a turn is told by.
    pub(super) fn corners(&mut self, width: f64, height: f64) {
        const FROM_EDGE: f64 = 6.0;
        for x in [FROM_EDGE, width - FROM_EDGE] {
            for y in [FROM_EDGE, height - FROM_EDGE] {
                let path = format!("M{} {y}h4M{x} {}v4", x - 2.0, y - 2.0);
                self.shape(
                    &path,
                    &format!("stroke=\"{DARK}\" stroke-width=\"0.15\" fill=\"none\""),
                );
            }
        }
    }

    /// An address as a QR code whose upper left corner and side are given.
    pub(super) fn code(&mut self, (x, y): (f64, f64), side: f64, address: PageAddress) {
        // The longest address has 29 characters, and a code has room for thousands.
        let Ok(code) = QrCode::encode_text(&shown(address), QrCodeEcc::Medium) else { return };
        let module = side / f64::from(code.size());
        let mut path = String::new();
        for row in 0..code.size() {
            for column in 0..code.size() {
                if code.get_module(column, row) {
                    let (left, top) = (x + f64::from(column) * module, y + f64::from(row) * module);
                    // Writing to a string cannot fail.
                    let _ =
                        write!(path, "M{left:.3} {top:.3}h{module:.4}v{module:.4}h-{module:.4}z");
                }
            }
        }
        self.shape(&path, &format!("fill=\"{DARK}\""));
    }

    fn put(&mut self, what: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(what);
    }
}

/// How wide a line is, in ems, at the most: which font sets it is not known here.
pub(super) fn ems(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.65 } else { 1.0 }).sum()
}

/// An address as people read it.
pub(super) fn shown(address: PageAddress) -> String {
    let PageAddress { section, owner, book, page } = address;
    format!("{section}.{owner}.{book}.{page}")
}
