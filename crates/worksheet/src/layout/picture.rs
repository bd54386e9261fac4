//! Pictures beside questions: PNG and SVG files as elements that stand alone in the artwork.

use std::collections::BTreeMap;
use std::fmt::Write;

use roxmltree::{Document, Node};

use crate::Rect;
use crate::draw::svg::{TEXT, bounds, escape};
use crate::text::PictureFault;

/// The largest file, in bytes.
const BYTES_MAX: usize = 1 << 20;
/// The deepest nesting of an SVG's elements.
const DEPTH_MAX: usize = 32;
/// What is drawn of an SVG.
const ELEMENTS: [&str; 10] =
    ["g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"];
/// What says nothing that is drawn.
const SILENT: [&str; 4] = ["title", "desc", "metadata", "defs"];
/// What an element may say of itself, as attributes or as declarations of its `style`.
const ATTRIBUTES: [&str; 34] = [
    "d",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "width",
    "height",
    "points",
    "dx",
    "dy",
    "transform",
    "fill",
    "fill-rule",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-dasharray",
    "stroke-opacity",
    "opacity",
    "font-size",
    "font-family",
    "font-weight",
    "font-style",
    "text-anchor",
];

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Art {
    /// The file in base 64.
    Png(String),
    /// The view box, and the elements in it.
    Svg {
        /// As `viewBox` spells it.
        view: String,
        /// Elements of an SVG.
        inner: String,
    },
}

/// A picture and its size in units of its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured {
    pub(super) art: Art,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Art {
    /// The element that draws it in `rect`.
    pub(super) fn draw(&self, rect: Rect) -> String {
        let place = bounds(rect);
        match self {
            Self::Png(data) => format!("<image {place} href=\"data:image/png;base64,{data}\"/>"),
            Self::Svg { view, inner } => {
                format!("<svg {place} viewBox=\"{view}\" fill=\"{TEXT}\">{inner}</svg>")
            }
        }
    }
}

/// Reads a picture's file.
pub(super) fn read(bytes: &[u8]) -> Result<Measured, PictureFault> {
    if bytes.len() > BYTES_MAX {
        return Err(PictureFault::TooLarge);
    }
    let picture = match bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") {
        Some(rest) => png(bytes, rest).ok_or(PictureFault::Unreadable)?,
        None => svg(std::str::from_utf8(bytes).map_err(|_| PictureFault::Unreadable)?)?,
    };
    // So that no height overflows.
    let ratio = picture.height / picture.width;
    (0.02..=50.0).contains(&ratio).then_some(picture).ok_or(PictureFault::Unreadable)
}

/// The size stands in the first chunk (PNG, third edition, section 11.2.1).
fn png(bytes: &[u8], rest: &[u8]) -> Option<Measured> {
    let size = rest.strip_prefix(b"\0\0\0\rIHDR")?;
    let (width, size) = size.split_first_chunk::<4>()?;
    let (height, _) = size.split_first_chunk::<4>()?;
    let (width, height) = (u32::from_be_bytes(*width), u32::from_be_bytes(*height));
    let sound = width > 0 && height > 0;
    sound.then(|| Measured {
        art: Art::Png(base64(bytes)),
        width: f64::from(width),
        height: f64::from(height),
    })
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place) & 63) as usize;
            out.push(if place <= group.len() { ALPHABET[sextet].into() } else { '=' });
        }
    }
    out
}

fn svg(text: &str) -> Result<Measured, PictureFault> {
    let document = Document::parse(text).map_err(|_| PictureFault::Unreadable)?;
    let root = document.root_element();
    if root.tag_name().name() != "svg" {
        return Err(PictureFault::Unreadable);
    }
    let number = |name| {
        let value = root.attribute(name)?.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        value.parse::<f64>().ok()
    };
    let view: Vec<f64> = match root.attribute("viewBox") {
        Some(view) => {
            let numbers = view.split([' ', ',']).filter(|text| !text.is_empty());
            numbers.filter_map(|text| text.parse().ok()).collect()
        }
        None => match (number("width"), number("height")) {
            (Some(width), Some(height)) => vec![0.0, 0.0, width, height],
            _ => Vec::new(),
        },
    };
    let [_, _, width, height] = view[..] else { return Err(PictureFault::Unreadable) };
    if !view.iter().all(|number| number.is_finite()) || width <= 0.0 || height <= 0.0 {
        return Err(PictureFault::Unreadable);
    }
    let mut inner = String::new();
    for child in root.children() {
        copy(child, 0, &mut inner)?;
    }
    let view: Vec<String> = view.iter().map(f64::to_string).collect();
    Ok(Measured { art: Art::Svg { view: view.join(" "), inner }, width, height })
}

/// Copies what is drawn, and refuses what runs or refers to something else.
fn copy(node: Node<'_, '_>, depth: usize, out: &mut String) -> Result<(), PictureFault> {
    if depth > DEPTH_MAX {
        return Err(PictureFault::Unsafe);
    }
    if node.is_text() {
        let text = node.text().unwrap_or_default();
        out.push_str(&escape(if text.trim().is_empty() { "" } else { text }));
        return Ok(());
    }
    let tag = node.tag_name();
    let is_drawn = tag.namespace().is_none_or(|space| space == "http://www.w3.org/2000/svg");
    if !node.is_element() || !is_drawn || SILENT.contains(&tag.name()) {
        return Ok(());
    }
    if !ELEMENTS.contains(&tag.name()) {
        return Err(PictureFault::Unsafe);
    }
    let mut said = BTreeMap::new();
    for attribute in node.attributes().filter(|attribute| attribute.namespace().is_none()) {
        match attribute.name() {
            "style" => {
                for declaration in attribute.value().split(';') {
                    let (name, value) = declaration.split_once(':').unwrap_or_default();
                    // A style is stronger than attributes.
                    said.insert(name.trim(), value.trim());
                }
            }
            name => {
                said.entry(name).or_insert(attribute.value());
            }
        }
    }
    // Writing to a string cannot fail.
    let _ = write!(out, "<{}", tag.name());
    for (name, value) in said {
        say(name, value, out)?;
    }
    out.push('>');
    for child in node.children() {
        copy(child, depth + 1, out)?;
    }
    let _ = write!(out, "</{}>", tag.name());
    Ok(())
}

/// Writes an attribute that is drawn. Carbon black is kept for the coded pattern: see `draw::svg`.
fn say(name: &str, value: &str, out: &mut String) -> Result<(), PictureFault> {
    if name.starts_with("on") || name == "href" || value.contains("url(") {
        return Err(PictureFault::Unsafe);
    }
    if !ATTRIBUTES.contains(&name) {
        return Ok(());
    }
    let plain: String = value.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let is_black = matches!(plain.as_str(), "black" | "#000" | "#000000" | "rgb(0,0,0)");
    let _ = write!(out, " {name}=\"{}\"", escape(if is_black { TEXT } else { value }));
    Ok(())
}
