//! The pattern as text: a font of four glyphs, one for each side of a node, and a line of text for
//! each row of the grid.
//!
//! Text is the smallest way to print 700,000 dots, some 170 kB a page: two bits a dot. The pitch is
//! seven pixels of 600 dpi. Nodes lie a sixteenth of a pixel beside a pixel's corner, so that nothing
//! is rounded now up and now down, and a dot 1.6 pixels wide covers two pixels in either direction,
//! four of 1,200 dpi.

use pdf_writer::types::FontFlags;
use pdf_writer::{Finish, Name, Pdf, Rect, Ref};
use worksheet::Registration;

use super::points;
use crate::dot::{OFFSET, PIXEL_UM};
use crate::{Dot, PITCH_UM, Patch};

/// Units of the font's em, which is one pitch: 200 a pixel of 600 dpi.
const EM: i16 = 1_400;

/// Half the side of a dot: 0.8 pixels. A dot is 0.068 mm wide.
const HALF_DOT: i16 = 160;

/// From a node to the middle of its dot: one pixel.
const OFFSET_UNITS: i16 = (EM as f64 * OFFSET) as i16;

/// How far nodes lie beside pixels' corners, pixels.
const BESIDE_PX: f64 = 1.0 / 16.0;

/// Where the first node of a page lies, pixels of 600 dpi from the left and from the top.
pub(super) const FIRST_PX: u32 = 4;

/// Part of a patch as it is printed.
pub(super) struct Block {
    /// The dots.
    pub(super) patch: Patch,
    /// Where the first node lies, pixels of 600 dpi from the page's left and top.
    pub(super) at_px: (u32, u32),
    /// How many columns and rows of it.
    pub(super) size: (u32, u32),
}

impl Block {
    /// The dots of a page of that size, up to its edges.
    pub(super) fn of_page(patch: Patch, width_um: i32, height_um: i32) -> Self {
        let fit = |um: i32| {
            let pitches = (f64::from(um) - node_um(FIRST_PX)) / PITCH_UM;
            // A dot reaches some two pixels beyond its node.
            (pitches - 0.3).max(0.0) as u32 + 1
        };
        Self { patch, at_px: (FIRST_PX, FIRST_PX), size: (fit(width_um), fit(height_um)) }
    }
}

/// Where a node lies that stands so many pixels from the edge, micrometres.
fn node_um(px: u32) -> f64 {
    (f64::from(px) + BESIDE_PX) * PIXEL_UM
}

/// How the pattern lies on every page that is printed here.
#[must_use]
pub fn registration() -> Registration {
    // 172 µm, to a fifth of a micrometre.
    let um = node_um(FIRST_PX).round() as i32;
    Registration { version: 1, dx_um: um, dy_um: um, rotation_urad: 0, scale_ppm: 0 }
}

/// The glyph that stands for a dot.
fn letter(dot: Dot) -> u8 {
    match dot {
        Dot::Right => b'a',
        Dot::Up => b'b',
        Dot::Left => b'c',
        Dot::Down => b'd',
    }
}

/// What draws blocks of dots on a page `height_um` high, in carbon black.
pub(super) fn content(blocks: &[Block], height_um: i32, font: &str) -> Vec<u8> {
    // Whoever copies the page's text gets none of the letters.
    let mut text = b"/Span<</ActualText()>>BDC\n".to_vec();
    let size = points(PITCH_UM);
    for block in blocks {
        let (x, y) = (node_um(block.at_px.0), f64::from(height_um) - node_um(block.at_px.1));
        text.extend(format!("BT 0 0 0 1 k /{font} {size} Tf {size} TL ").bytes());
        text.extend(format!("{:.5} {:.5} Td\n", points(x), points(y)).bytes());
        for row in block.patch.rows(block.size.0, block.size.1) {
            text.push(b'(');
            text.extend(row.into_iter().map(letter));
            text.extend(b")Tj T*\n");
        }
        text.extend(b"ET\n");
    }
    text.extend(b"EMC\n");
    text
}

/// Writes the font's objects.
pub(super) fn write_font(pdf: &mut Pdf, font: Ref, descriptor: Ref, file: Ref) {
    let name = Name(b"ZhibiDots");
    let mut dict = pdf.indirect(font).dict();
    dict.pair(Name(b"Type"), Name(b"Font"));
    dict.pair(Name(b"Subtype"), Name(b"TrueType"));
    dict.pair(Name(b"BaseFont"), name);
    dict.pair(Name(b"FirstChar"), i32::from(b'a'));
    dict.pair(Name(b"LastChar"), i32::from(b'd'));
    dict.insert(Name(b"Widths")).array().items([1_000; 4]);
    dict.pair(Name(b"FontDescriptor"), descriptor);
    dict.finish();
    let side = f32::from(OFFSET_UNITS + HALF_DOT) * 1_000.0 / f32::from(EM);
    pdf.font_descriptor(descriptor)
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(-side, -side, side, side))
        .italic_angle(0.0)
        .ascent(side)
        .descent(-side)
        .cap_height(side)
        .stem_v(side)
        .font_file2(file);
    let bytes = true_type();
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    pdf.stream(file, &bytes).pair(Name(b"Length1"), length);
}

/// The font: glyph 0 is empty, glyphs 1 to 4 are the letters a to d.
fn true_type() -> Vec<u8> {
    let sides = [Dot::Right, Dot::Up, Dot::Left, Dot::Down].map(Dot::side);
    // A font's y goes up.
    let centres = sides.map(|(x, y)| (x as i16 * OFFSET_UNITS, -(y as i16) * OFFSET_UNITS));
    let mut glyf = Vec::new();
    // In halves, one per glyph and the end; the first glyph is empty.
    let mut loca = vec![0_u16];
    for centre in centres {
        loca.push((glyf.len() / 2) as u16);
        glyf.extend(square(centre));
    }
    loca.push((glyf.len() / 2) as u16);
    let reach = OFFSET_UNITS + HALF_DOT;
    let words = |words: &[i32]| words.iter().flat_map(|w| (*w as u16).to_be_bytes()).collect();
    let (em, reach, least) = (i32::from(EM), i32::from(reach), -i32::from(reach));
    // Version 1.0, revision, checksum (filled in later), magic number.
    let mut head: Vec<u8> = words(&[1, 0, 1, 0, 0, 0, 0x5F0F, 0x3CF5, 0, em]);
    // Made and changed at no time; the box; no style, smallest size 1, left to right, short offsets.
    head.extend::<Vec<u8>>(words(&[
        0, 0, 0, 0, 0, 0, 0, 0, least, least, reach, reach, 0, 1, 2, 0, 0,
    ]));
    let hhea: Vec<u8> =
        words(&[1, 0, reach, least, 0, em, least, 0, reach, 1, 0, 0, 0, 0, 0, 0, 0, 5]);
    let hmtx: Vec<u8> = [(em, 0)]
        .into_iter()
        .chain(centres.map(|(x, _)| (em, i32::from(x - HALF_DOT))))
        .flat_map(|(advance, left)| words(&[advance, left]) as Vec<u8>)
        .collect();
    // 5 glyphs of 4 points and 1 contour, and no instructions.
    let maxp: Vec<u8> = words(&[1, 0, 5, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    // One table for the Macintosh, which symbolic fonts are read by: a byte each for 256 codes.
    let mut cmap: Vec<u8> = words(&[0, 1, 1, 0, 0, 12, 0, 262, 0]);
    cmap.extend((0..=255_u8).map(|code| match code {
        b'a'..=b'd' => code - b'a' + 1,
        _ => 0,
    }));
    let loca = loca.into_iter().flat_map(u16::to_be_bytes).collect();
    assemble([
        (b"cmap", cmap),
        (b"glyf", glyf),
        (b"head", head),
        (b"hhea", hhea),
        (b"hmtx", hmtx),
        (b"loca", loca),
        (b"maxp", maxp),
    ])
}

/// A filled square around a point.
fn square((x, y): (i16, i16)) -> Vec<u8> {
    let (left, low, right, high) = (x - HALF_DOT, y - HALF_DOT, x + HALF_DOT, y + HALF_DOT);
    let side = 2 * HALF_DOT;
    // One contour, its box, its last point, no instructions.
    let mut glyph: Vec<u8> =
        [1, left, low, right, high, 3, 0].into_iter().flat_map(i16::to_be_bytes).collect();
    // Four points on the outline, their steps in words.
    glyph.extend([1; 4]);
    // Clockwise from the lower left: x, then y.
    glyph.extend([left, 0, side, 0, low, side, 0, -side].into_iter().flat_map(i16::to_be_bytes));
    debug_assert!(glyph.len().is_multiple_of(2));
    glyph
}

/// Puts tables, by name in order, behind their directory.
fn assemble(tables: [(&[u8; 4], Vec<u8>); 7]) -> Vec<u8> {
    let sum = |bytes: &[u8]| {
        let word = |four: &[u8]| {
            let mut word = [0; 4];
            word[..four.len()].copy_from_slice(four);
            u32::from_be_bytes(word)
        };
        bytes.chunks(4).map(word).fold(0, u32::wrapping_add)
    };
    // 7 tables: the largest power of two is 4 = 2², and 7 · 16 − 64 = 48.
    let mut font = vec![0, 1, 0, 0, 0, 7, 0, 64, 0, 2, 0, 48];
    let mut at = 12 + 16 * tables.len();
    let mut head_at = 0;
    for (name, table) in &tables {
        if *name == b"head" {
            head_at = at;
        }
        font.extend_from_slice(*name);
        for word in [sum(table), at as u32, table.len() as u32] {
            font.extend(word.to_be_bytes());
        }
        at += table.len().next_multiple_of(4);
    }
    for (_, table) in tables {
        font.extend(&table);
        font.resize(font.len().next_multiple_of(4), 0);
    }
    // The sum of the whole font is this constant.
    let whole = 0xB1B0_AFBA_u32.wrapping_sub(sum(&font));
    font[head_at + 8..head_at + 12].copy_from_slice(&whole.to_be_bytes());
    font
}
