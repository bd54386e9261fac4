//! A PDF of another program on coded paper: read as a worksheet's page, printed, and rendered again.
//!
//! Failure: something of the page that is missing, in another place or colour, or not cut where the
//! page cuts it; colours that a printer makes of carbon; a picture of this machine's files. Not
//! failure: colours that differ as inks do from a screen.
#![expect(clippy::unwrap_used, reason = "a test's helpers stop at what is not as expected")]

use std::path::Path;
use std::process::Command;

use printing::{Fonts, OWNER, Paper, Plane, SECTION, SheetCopy, registration, sheets, test_page};
use worksheet::{Copies, Page, PrintRun, Worksheet, WorksheetId};

const PLANE: Plane = Plane { section: SECTION };
const DPI: f64 = 100.0;

fn fonts() -> Option<Fonts> {
    let fonts = Fonts::of_system(None).ok().filter(|fonts| test_page(fonts, PLANE).is_ok());
    if fonts.is_none() {
        test_needs::missing("a Chinese font", "tests/run");
    }
    fonts
}

fn sheet(artwork: Vec<(i32, i32, String)>) -> Worksheet {
    let page =
        |(number, (width_um, height_um, artwork))| Page { number, width_um, height_um, artwork };
    Worksheet {
        id: WorksheetId { id: "own".into(), version: 1 },
        title_zh: "—".into(),
        title_en: "—".into(),
        subject: "math".into(),
        grade: 3,
        pages: (1..).zip(artwork).map(page).collect(),
        questions: Vec::new(),
        knowledge_points: Vec::new(),
    }
}

fn print(fonts: &Fonts, sheet: &Worksheet) -> Vec<u8> {
    let run = PrintRun {
        id: "run".into(),
        worksheet: sheet.id.clone(),
        section: SECTION,
        owner: OWNER,
        book: 12,
        first_page: 345,
        pages: sheet.pages.len() as u32,
        copies: Copies::PerCopy(1),
        registration: registration(),
    };
    let copy = SheetCopy { copy: 0, bearer: "1 号".into(), note: String::new() };
    sheets(fonts, sheet, &run, Paper::Coded, &[copy]).unwrap()
}

/// The first page in pixels, and a colour of it: red, green and blue at a place in millimetres.
fn colour(pixels: &[u8], width: usize, (x_mm, y_mm): (f64, f64)) -> [u8; 3] {
    let at = |mm: f64| (mm / 25.4 * DPI) as usize;
    let from = (at(y_mm) * width + at(x_mm)) * 3;
    [pixels[from], pixels[from + 1], pixels[from + 2]]
}

/// A page as `pdftoppm` draws it: its pixels and their number in a row.
fn render(pdf: &[u8]) -> Option<(Vec<u8>, usize)> {
    let Some(program) = test_needs::program("pdftoppm") else {
        test_needs::missing("pdftoppm", "tests/run");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sheet.pdf");
    std::fs::write(&file, pdf).unwrap();
    let out = Command::new(program)
        .args(["-r", &DPI.to_string(), "-f", "1", "-l", "1"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{:?}", out.stderr);
    let ppm = out.stdout;
    // P6, width and height, 255, and the pixels.
    let mut lines = ppm.splitn(4, |byte| *byte == b'\n');
    assert_eq!(lines.next(), Some(&b"P6"[..]));
    let size = std::str::from_utf8(lines.next().unwrap()).unwrap().to_owned();
    let width = size.split(' ').next().unwrap().parse().unwrap();
    lines.next();
    Some((lines.next().unwrap().to_vec(), width))
}

#[test]
fn a_pdf_of_another_program_is_printed_whole_and_without_carbon() {
    let Some(fonts) = fonts() else { return };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pdf-sheet/tests/data/form.pdf");
    let pages = pdf_sheet::read(std::fs::read(file).unwrap(), pdf_sheet::Stop::default()).unwrap();
    let pages = pages.into_iter().map(|page| (page.width_um, page.height_um, page.artwork));
    let sheet = sheet(pages.take(1).collect());
    let pdf = print(&fonts, &sheet);
    assert_eq!(pdf, print(&fonts, &sheet), "the same page gives the same bytes");
    // A printer makes carbon black of grey and of screen colours.
    let holds = |text: &str| pdf.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(!holds("/DeviceRGB") && !holds("/DeviceGray"), "carbon");
    let Some((pixels, width)) = render(&pdf) else { return };
    let at = |x, y| colour(&pixels, width, (x, y));
    let near = |[r, g, b]: [u8; 3], [r2, g2, b2]: [u8; 3]| {
        r.abs_diff(r2) < 60 && g.abs_diff(g2) < 60 && b.abs_diff(b2) < 60
    };
    // The picture's middle is blue and its rest sand; the circle around 50, 137 cuts it.
    assert!(near(at(52.0, 137.0), [30, 90, 200]), "{:?}", at(52.0, 137.0));
    assert!(near(at(42.0, 137.0), [250, 220, 180]), "{:?}", at(42.0, 137.0));
    assert_eq!(at(37.0, 124.5), [255; 3], "outside the circle");
    assert!(near(at(115.0, 147.0), [204, 26, 26]), "{:?}", at(115.0, 147.0));
    // The left side of the first box.
    let dark = [59.8, 60.0, 60.1].into_iter().any(|x| at(x, 25.0)[0] < 160);
    assert!(dark, "the box");
}

/// Artwork may come from outside: a file of this machine that it names is not printed.
#[test]
fn no_file_of_this_machine_gets_onto_the_paper() {
    let Some(fonts) = fonts() else { return };
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("secret.png");
    let png: &[u8] = &[
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0,
        0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, 0x49, 0x44,
        0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0,
        0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
    ];
    std::fs::write(&picture, png).unwrap();
    let artwork = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"210mm\" height=\"297mm\" \
         viewBox=\"0 0 210 297\"><image href=\"{}\" width=\"50\" height=\"50\"/></svg>",
        picture.display()
    );
    let pdf = print(&fonts, &sheet(vec![(210_000, 297_000, artwork)]));
    let holds = |text: &str| pdf.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(!holds("/Image"), "the file is in the document");
}
