//! Files of other programs, read whole.
//!
//! Failure: a box, line or bracket that a person would write in and that is not found; artwork that
//! could run, load or refer outside itself; a broken, locked or oversized file that is read, or that
//! ends in anything but a fault. Not failure: spots beyond those, of which a person chooses.

use std::path::Path;

use pdf_sheet::{BYTES_MAX, Note, PdfFault, PdfPage, Shape, Spot, Stop};

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    std::fs::read(path).expect("the file is part of the sources")
}

fn read(bytes: Vec<u8>) -> Result<Vec<PdfPage>, PdfFault> {
    pdf_sheet::read(bytes, Stop::default())
}

/// Whether some spot of that shape has these bounds, in millimetres to within 0.6.
#[track_caller]
fn assert_spot(page: &PdfPage, shape: Shape, [x, y, width, height]: [f64; 4]) {
    let near = |um: i32, mm: f64| (f64::from(um) / 1e3 - mm).abs() <= 0.6;
    let is_it = |spot: &Spot| {
        let rect = spot.rect;
        spot.shape == shape
            && near(rect.x_um, x)
            && near(rect.y_um, y)
            && near(rect.width_um, width)
            && near(rect.height_um, height)
    };
    let of_shape: Vec<String> = (page.spots.iter())
        .filter(|spot| spot.shape == shape)
        .map(|spot| spot.rect.to_string())
        .collect();
    assert!(page.spots.iter().any(is_it), "{shape:?}: {of_shape:#?}");
}

#[test]
fn what_reportlab_drew_is_found_where_it_was_drawn() {
    let pages = read(file("form.pdf")).unwrap();
    assert_eq!(pages.len(), 2);
    let page = &pages[0];
    assert_eq!((page.width_um, page.height_um), (210_000, 297_000));
    assert_eq!(page.notes, []);
    assert_spot(page, Shape::Box, [60.0, 19.0, 30.0, 12.0]);
    assert_spot(page, Shape::Line, [75.0, 38.0, 75.0, 10.0]);
    assert_spot(page, Shape::Box, [60.0, 83.0, 30.0, 14.0]);
    assert_spot(page, Shape::Box, [113.0, 83.0, 14.0, 14.0]);
    let brackets = page.spots.iter().filter(|spot| spot.shape == Shape::Bracket);
    assert_eq!(brackets.count(), 1);
    // The edges of a box with round corners are no lines to write on.
    assert_eq!(page.spots.iter().filter(|spot| spot.shape == Shape::Line).count(), 1);
    // A filled rectangle is no box to write in.
    assert_eq!(page.spots.iter().filter(|spot| spot.shape == Shape::Box).count(), 3);
    // A3 is drawn smaller, and what was found on it too.
    assert_eq!((pages[1].width_um, pages[1].height_um), (210_000, 296_970));
    assert_eq!(pages[1].notes, [Note::Shrunk]);
    let scale = 210.0 / 297.0;
    let shrunk = [100.0, 90.0, 60.0, 30.0].map(|mm| mm * scale);
    assert_spot(&pages[1], Shape::Box, shrunk);
}

#[test]
fn what_chromium_printed_is_found() {
    let pages = read(file("unit.pdf")).unwrap();
    assert_eq!(pages.len(), 1);
    let page = &pages[0];
    assert_eq!((page.width_um, page.height_um), (210_000, 297_000));
    let sized = |shape: Shape, width: f64, height: f64| {
        let near = |um: i32, mm: f64| (f64::from(um) / 1e3 - mm).abs() <= 0.9;
        let of = |spot: &&Spot| {
            spot.shape == shape
                && near(spot.rect.width_um, width)
                && near(spot.rect.height_um, height)
        };
        page.spots.iter().filter(of).count()
    };
    let told =
        || page.spots.iter().map(|s| format!("{:?} {}\n", s.shape, s.rect)).collect::<String>();
    assert_eq!(sized(Shape::Box, 26.4, 12.4), 2, "boxes\n{}", told());
    assert_eq!(sized(Shape::Box, 11.4, 11.4), 2, "circles\n{}", told());
    assert_eq!(sized(Shape::Box, 28.7, 13.3), 9, "cells\n{}", told());
    assert_eq!(
        page.spots.iter().filter(|spot| spot.shape == Shape::Bracket).count(),
        2,
        "{}",
        told()
    );
    let lines = page.spots.iter().filter(|spot| spot.shape == Shape::Line);
    let lines: Vec<i32> = lines.map(|spot| (spot.rect.width_um + 500) / 1_000).collect();
    assert_eq!(lines, [24, 30, 40], "the underlined words are none\n{}", told());
}

/// Artwork is shown as a picture and printed; it holds drawing alone, whatever the file held.
#[test]
fn artwork_is_drawing_alone() {
    for name in ["unit.pdf", "form.pdf"] {
        for page in read(file(name)).unwrap() {
            let document = roxmltree::Document::parse(&page.artwork).unwrap();
            for node in document.descendants().filter(roxmltree::Node::is_element) {
                let tag = node.tag_name().name();
                let allowed = ["svg", "defs", "g", "path", "clipPath", "use", "image"];
                assert!(allowed.contains(&tag), "{name} holds {tag}");
                for attribute in node.attributes() {
                    let (key, value) = (attribute.name(), attribute.value());
                    assert!(!key.starts_with("on") && key != "style", "{name} holds {key}");
                    if key == "href" {
                        let inside =
                            value.starts_with('#') || value.starts_with("data:image/png;base64,");
                        assert!(inside, "{name} refers to {value}");
                    }
                }
            }
            assert!(page.artwork.len() < 2 << 20, "{} bytes", page.artwork.len());
        }
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_reason() {
    assert_eq!(read(file("locked.pdf")), Err(PdfFault::Locked));
    let wide = PdfFault::TooWide { page: 1, width_mm: 420, height_mm: 297 };
    assert_eq!(read(file("wide.pdf")), Err(wide));
    assert_eq!(read(b"GIF89a".to_vec()), Err(PdfFault::NoPdf));
    assert_eq!(read(Vec::new()), Err(PdfFault::NoPdf));
    let large = PdfFault::TooLarge { mb: 21, limit_mb: 20 };
    assert_eq!(read(vec![b' '; BYTES_MAX + 1]), Err(large));
}

/// Files cut short or with bytes turned over end in pages or in a fault, within the test's time.
#[test]
fn broken_files_end_in_pages_or_a_fault() {
    let whole = file("form.pdf");
    for cut in (0..whole.len()).step_by(97) {
        let _ = read(whole[..cut].to_vec());
    }
    for at in (0..whole.len()).step_by(13) {
        let mut broken = whole.clone();
        broken[at] ^= 0x15;
        let _ = read(broken);
    }
}
