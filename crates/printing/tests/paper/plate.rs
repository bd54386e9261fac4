//! The carbon plate of a page, as `pdftoppm` renders it: what infrared light shows.

use std::path::Path;
use std::process::Command;

/// A part of a page's carbon plate, 255 for full carbon.
pub(crate) struct Plate {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) carbon: Vec<u8>,
    pub(crate) um_per_pixel: f64,
    /// Where it begins on the page.
    pub(crate) at_px: (usize, usize),
}

/// Renders part of a page of a file; the page counts from 1.
pub(crate) fn render(
    pdftoppm: &Path,
    pdf: &[u8],
    page: usize,
    dpi: usize,
    at_px: (usize, usize),
    side_px: usize,
) -> Plate {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pdf");
    std::fs::write(&file, pdf).unwrap();
    let number = |n: usize| n.to_string();
    // TIFF is the format that keeps the four inks apart, and -overprint asks for them.
    let output = Command::new(pdftoppm)
        .args(["-singlefile", "-overprint", "-tiff", "-tiffcompression", "none"])
        .args(["-r", &number(dpi), "-f", &number(page), "-l", &number(page)])
        .args(["-x", &number(at_px.0), "-y", &number(at_px.1)])
        .args(["-W", &number(side_px), "-H", &number(side_px)])
        .arg(&file)
        .arg(folder.path().join("a"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{told}");
    let (width, height, inks) = tiff(&std::fs::read(folder.path().join("a.tif")).unwrap());
    let carbon = inks.iter().skip(3).step_by(4).copied().collect();
    Plate { width, height, carbon, um_per_pixel: 25_400.0 / dpi as f64, at_px }
}

/// Width, height and samples of an uncompressed little-endian TIFF of four inks.
fn tiff(bytes: &[u8]) -> (usize, usize, Vec<u8>) {
    let short = |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
    let long = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(&bytes[..4], b"II*\0");
    let directory = long(4);
    let entries = (0..short(directory)).map(|n| directory + 2 + 12 * n);
    // All values of a tag: shorts or longs, in the entry where they fit.
    let values = |tag: usize| -> Vec<usize> {
        let at = entries.clone().find(|at| short(*at) == tag).unwrap();
        let (kind, count) = (short(at + 2), long(at + 4));
        let size = if kind == 3 { 2 } else { 4 };
        let first = if count * size <= 4 { at + 8 } else { long(at + 8) };
        let value = |n: usize| if kind == 3 { short(first + 2 * n) } else { long(first + 4 * n) };
        (0..count).map(value).collect()
    };
    assert_eq!((values(259)[0], values(277)[0]), (1, 4), "uncompressed, four inks");
    let strips = values(273).into_iter().zip(values(279));
    let samples = strips.flat_map(|(at, len)| bytes[at..at + len].iter().copied()).collect();
    (values(256)[0], values(257)[0], samples)
}
