//! Sheets as they come out of a renderer: the pattern is read back from pixels.
//!
//! Failure: a place more than a dot from where it is, no place where the picture is good enough for
//! one, carbon in artwork, or a file that differs from the same file made again. Not failure: no
//! place in a picture that is worse. Nothing here was printed; `pdftoppm` is the only renderer.
#![expect(clippy::unwrap_used, reason = "a test's helpers stop at what is not as expected")]

mod plate;

use std::path::{Path, PathBuf};

use firmware_protocol::PageAddress;
use plate::{Plate, render};
use printing::{
    Fonts, Label, OWNER, PITCH_UM, Paper, Plane, PrintingError, SECTION, SheetCopy, View, labels,
    registration, sheets, test_page,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use worksheet::{Copies, PrintRun, Registration, Worksheet};

const PLANE: Plane = Plane { section: SECTION };
const PLAIN: Paper = Paper::Plain(PLANE);

/// A name with a character beyond the first plane and a middle dot.
const NAME: &str = "7 号　𠮷欧·买买提";

fn sample() -> Worksheet {
    let folder = "../../sample-strokes/worksheets/mixed-g3";
    Worksheet::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
}

fn run(worksheet: &Worksheet) -> PrintRun {
    PrintRun {
        id: "run".into(),
        worksheet: worksheet.id.clone(),
        section: SECTION,
        owner: OWNER,
        book: 12,
        first_page: 345,
        pages: 2,
        copies: Copies::PerCopy(3),
        registration: registration(),
    }
}

fn copy(copy: u32) -> SheetCopy {
    SheetCopy { copy, bearer: NAME.into(), note: "三（2）班".into() }
}

/// The system's fonts, if they have Chinese.
fn fonts() -> Option<Fonts> {
    let fonts = Fonts::of_system(None).ok();
    let fonts = fonts.filter(|fonts| test_page(fonts, PLANE).is_ok());
    if fonts.is_none() {
        test_needs::missing("a Chinese font", "tests/run");
    }
    fonts
}

fn program(name: &str) -> Option<PathBuf> {
    let found = test_needs::program(name);
    if found.is_none() {
        test_needs::missing(name, "tests/run");
    }
    found
}

/// How a picture is taken of a plate.
#[derive(Clone, Copy, Default)]
struct Shot {
    turn: f64,
    /// 0 for what is said.
    enlarged: f64,
    blur_um: f64,
    missing: f64,
}

/// A grey picture of 8 mm around a point of a plate, in its pixels.
fn shoot(plate: &Plate, middle: (f64, f64), shot: Shot, numbers: &mut ChaCha8Rng) -> Vec<u8> {
    let mut carbon: Vec<f64> = plate.carbon.iter().map(|c| f64::from(*c)).collect();
    lose_dots(plate, &mut carbon, shot.missing, numbers);
    let (sin, cos) = shot.turn.sin_cos();
    let size = 1.0 / (1.0 + shot.enlarged);
    let side = side_px(plate);
    // A blur as samples on two rings.
    let spread = shot.blur_um / plate.um_per_pixel;
    let around = (0..16).map(|n| {
        let (sin, cos) = (f64::from(n) * std::f64::consts::TAU / 16.0).sin_cos();
        let reach = if n % 2 == 0 { 0.8 } else { 1.7 };
        (reach * spread * cos, reach * spread * sin)
    });
    let around: Vec<_> = if spread > 0.0 { around.collect() } else { vec![(0.0, 0.0)] };
    let value = |at: (f64, f64)| {
        let samples =
            around.iter().map(|away| between(plate, &carbon, at.0 + away.0, at.1 + away.1));
        samples.sum::<f64>() / around.len() as f64
    };
    (0..side * side)
        .map(|at| {
            let half = side as f64 / 2.0;
            let (x, y) = ((at % side) as f64 + 0.5 - half, (at / side) as f64 + 0.5 - half);
            // The paper is turned clockwise, so the camera looks against it.
            let from =
                (middle.0 + (x * cos + y * sin) * size, middle.1 + (y * cos - x * sin) * size);
            (230.0 - 0.8 * value(from)) as u8
        })
        .collect()
}

fn side_px(plate: &Plate) -> usize {
    (8_000.0 / plate.um_per_pixel) as usize
}

/// A pixel's value between the middles of four.
fn between(plate: &Plate, carbon: &[f64], x: f64, y: f64) -> f64 {
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (right, low) = (x - left, y - top);
    let at = |column: f64, row: f64| {
        let inside =
            column >= 0.0 && row >= 0.0 && column < plate.width as f64 && row < plate.height as f64;
        if inside { carbon[row as usize * plate.width + column as usize] } else { 0.0 }
    };
    at(left, top) * (1.0 - right) * (1.0 - low)
        + at(left + 1.0, top) * right * (1.0 - low)
        + at(left, top + 1.0) * (1.0 - right) * low
        + at(left + 1.0, top + 1.0) * right * low
}

/// Whitens the surroundings of nodes, as many as are to miss.
fn lose_dots(plate: &Plate, carbon: &mut [f64], missing: f64, numbers: &mut ChaCha8Rng) {
    let pitch = PITCH_UM / plate.um_per_pixel;
    let first = f64::from(registration().dx_um) / plate.um_per_pixel;
    let nodes = |start: usize, len: usize| {
        let before = ((start as f64 - first) / pitch).ceil();
        let node = move |n: u32| first + (before + f64::from(n)) * pitch - start as f64;
        (0..).map(node).take_while(move |at| *at < len as f64)
    };
    let reach = pitch * 0.4;
    for y in nodes(plate.at_px.1, plate.height) {
        for x in nodes(plate.at_px.0, plate.width) {
            if numbers.random::<f64>() >= missing {
                continue;
            }
            let span = |at: f64, len: usize| {
                (at - reach).max(0.0) as usize..((at + reach) as usize + 1).min(len)
            };
            for row in span(y, plate.height) {
                for column in span(x, plate.width) {
                    carbon[row * plate.width + column] = 0.0;
                }
            }
        }
    }
}

/// Takes pictures of a plate at many places; returns the worst distance in dots of those that were
/// found, and how many were.
fn look(plate: &Plate, address: PageAddress, shots: &[Shot]) -> (f64, usize) {
    let mut numbers = ChaCha8Rng::seed_from_u64(3);
    let (mut worst, mut found) = (0.0_f64, 0);
    for shot in shots {
        let edge = side_px(plate) as f64 * 0.8;
        let mut within = |len: usize| numbers.random_range(edge..len as f64 - edge);
        let middle = (within(plate.width), within(plate.height));
        let pixels = shoot(plate, middle, *shot, &mut numbers);
        let view =
            View { width: side_px(plate), pixels: &pixels, um_per_pixel: plate.um_per_pixel };
        let Some(sighting) = PLANE.sight(view) else { continue };
        assert_eq!(sighting.place.address, address);
        // Pixels of the page → micrometres of the page → of the pattern.
        let Registration { dx_um, dy_um, .. } = registration();
        let x_um = (plate.at_px.0 as f64 + middle.0) * plate.um_per_pixel - f64::from(dx_um);
        let y_um = (plate.at_px.1 as f64 + middle.1) * plate.um_per_pixel - f64::from(dy_um);
        worst = worst.max((sighting.x_um - x_um).hypot(sighting.y_um - y_um) / PITCH_UM);
        found += 1;
    }
    (worst, found)
}

#[test]
fn places_are_read_from_the_pixels_of_a_printed_page() {
    let (Some(fonts), Some(pdftoppm)) = (fonts(), program("pdftoppm")) else { return };
    let worksheet = sample();
    let pdf = sheets(&fonts, &worksheet, &run(&worksheet), PLAIN, &[copy(1)]).unwrap();
    let turned = |n: usize, faults: Shot| Shot {
        turn: n as f64 * 0.7,
        enlarged: (n % 5) as f64 * 0.025 - 0.05,
        ..faults
    };
    for (page, number) in [(1, 347), (2, 348)] {
        let address = PageAddress { section: SECTION, owner: OWNER, book: 12, page: number };
        for dpi in [600, 1_200] {
            // 30 mm of the page with text and a box, and its lower right corner.
            let side = dpi * 30 / 25;
            for at in [(dpi, dpi * 2), (dpi * 8_267 / 1_000 - side, dpi * 11_692 / 1_000 - side)] {
                let plate = render(&pdftoppm, &pdf, page, dpi, at, side);
                let plain = [Shot::default(); 4];
                let faults = [
                    Shot::default(),
                    Shot { blur_um: 30.0, ..Shot::default() },
                    Shot { missing: 0.1, ..Shot::default() },
                    Shot { blur_um: 30.0, missing: 0.1, ..Shot::default() },
                ];
                let shots = plain.into_iter().chain((0..8).map(|n| turned(n, faults[n % 4])));
                let shots: Vec<_> = shots.collect();
                let (worst, found) = look(&plate, address, &shots);
                println!("page {page}, {dpi} dpi: {found} of {}, worst {worst:.3}", shots.len());
                assert_eq!(found, shots.len(), "page {page} at {dpi} dpi from {at:?}");
                assert!(worst < 1.0, "page {page} at {dpi} dpi: {worst} dots away");
            }
        }
    }
}

/// What the distances above are worth: a printer that fits the page between its margins, by 3 %, puts
/// every place more than a dot from where it is.
#[test]
fn a_page_that_the_printer_shrank_is_told_by_its_places() {
    let (Some(fonts), Some(pdftoppm)) = (fonts(), program("pdftoppm")) else { return };
    let worksheet = sample();
    let pdf = sheets(&fonts, &worksheet, &run(&worksheet), PLAIN, &[copy(0)]).unwrap();
    let mut plate = render(&pdftoppm, &pdf, 1, 582, (1_200, 1_200), 600);
    plate.um_per_pixel = 25_400.0 / 600.0;
    let address = PageAddress { section: SECTION, owner: OWNER, book: 12, page: 345 };
    let (worst, found) = look(&plate, address, &[Shot::default(); 4]);
    assert!(found == 4 && worst > 1.0, "{found} of 4, {worst} dots away");
}

#[test]
fn a_label_tells_its_address_wherever_a_pen_touches_it() {
    let (Some(fonts), Some(pdftoppm)) = (fonts(), program("pdftoppm")) else { return };
    let label = |page| Label {
        address: PageAddress { section: SECTION, owner: OWNER, book: 0, page },
        name: NAME.into(),
        note: "三（2）班　7 号".into(),
    };
    let all: Vec<Label> = (1..=25).map(label).collect();
    let pdf = labels(&fonts, PLANE, &all).unwrap();
    // The middle of the second label of the second row, and of the first of the second sheet.
    for (sheet, middle_mm, page) in [(1, (105.0, 56.0), 5), (2, (35.0, 19.0), 25)] {
        let side = 400;
        let px = |mm: f64| (mm / 25.4 * 600.0) as usize - side / 2;
        let plate = render(&pdftoppm, &pdf, sheet, 600, (px(middle_mm.0), px(middle_mm.1)), side);
        let pixels: Vec<u8> = plate.carbon.iter().map(|carbon| 255 - carbon).collect();
        let view = View { width: side, pixels: &pixels, um_per_pixel: plate.um_per_pixel };
        assert_eq!(PLANE.sight(view).unwrap().place.address, label(page).address);
    }
}

/// The pens' camera sees carbon alone: artwork with any would hide dots.
#[test]
fn artwork_has_no_carbon() {
    let (Some(fonts), Some(pdftoppm)) = (fonts(), program("pdftoppm")) else { return };
    let mut worksheet = sample();
    // A teacher's own drawing may well be black.
    worksheet.pages[0].artwork = worksheet.pages[0].artwork.replace("#3b424c", "#000000");
    let pdf = sheets(&fonts, &worksheet, &run(&worksheet), Paper::Coded, &[copy(0)]).unwrap();
    let plate = render(&pdftoppm, &pdf, 1, 150, (0, 0), 1_700);
    assert_eq!(plate.carbon.iter().max(), Some(&0));
    let pdf = sheets(&fonts, &worksheet, &run(&worksheet), PLAIN, &[copy(0)]).unwrap();
    let plate = render(&pdftoppm, &pdf, 1, 150, (0, 0), 1_700);
    assert!(plate.carbon.iter().max() > Some(&30), "the test can fail");
}

#[test]
fn the_same_copies_are_the_same_bytes() {
    let Some(fonts) = fonts() else { return };
    let worksheet = sample();
    let print = |fonts: &Fonts, copies: &[SheetCopy]| {
        sheets(fonts, &worksheet, &run(&worksheet), PLAIN, copies).unwrap()
    };
    let again = Fonts::of_system(None).unwrap();
    let first = print(&fonts, &[copy(0), copy(1)]);
    assert!(first == print(&again, &[copy(0), copy(1)]));
    assert!(first != print(&again, &[copy(0), copy(2)]));
}

#[test]
fn a_page_takes_what_its_dots_take() {
    let Some(fonts) = fonts() else { return };
    let worksheet = sample();
    let print = |copies: &[SheetCopy]| {
        sheets(&fonts, &worksheet, &run(&worksheet), PLAIN, copies).unwrap().len()
    };
    // A copy more is two pages more, and nothing of the artwork.
    let more = print(&[copy(0), copy(1)]) - print(&[copy(0)]);
    assert!(more < 2 * 215_000, "{more} bytes");
}

#[test]
fn what_cannot_be_printed_is_refused_by_name() {
    let Some(fonts) = fonts() else { return };
    let worksheet = sample();
    let print = |worksheet: &Worksheet, run: &PrintRun, copy: SheetCopy| {
        sheets(&fonts, worksheet, run, PLAIN, &[copy]).unwrap_err().to_string()
    };
    let sound = run(&worksheet);
    // The last character of the third plane that there is, in no font yet.
    let strange = SheetCopy { bearer: "张\u{323af}".into(), ..copy(0) };
    let why = print(&worksheet, &sound, strange);
    assert!(why.contains("\u{323af} (U+323AF)") && why.contains("--font"), "{why}");

    let why = print(&worksheet, &sound, copy(3));
    assert_eq!(why, "print run run: it has no page 1 of copy 3");
    let far = PrintRun { first_page: 407_527, ..sound.clone() };
    let why = print(&worksheet, &far, copy(0));
    assert!(why.starts_with("page address 3.23106.12.407527: its page is 407527"), "{why}");
    let other = Registration { dx_um: 0, ..registration() };
    let why = print(&worksheet, &PrintRun { registration: other, ..sound.clone() }, copy(0));
    assert!(why.contains("its pattern lies otherwise"), "{why}");

    let mut large = worksheet.clone();
    large.pages[1].width_um = 420_000;
    let why = print(&large, &sound, copy(0));
    assert!(why.contains("page 2 is 420 × 297 mm"), "{why}");
    let mut faint = worksheet.clone();
    let group = "<g opacity=\"0.5\"><path d=\"M1 1h9v9z\"/></g></svg>";
    faint.pages[0].artwork = faint.pages[0].artwork.replace("</svg>", group);
    let why = print(&faint, &sound, copy(0));
    assert!(why.starts_with("artwork: page 1: it has a group that is faint"), "{why}");
    faint.pages[0].artwork = "no drawing".into();
    assert!(print(&faint, &sound, copy(0)).starts_with("artwork: page 1: "));

    let no_font = Fonts::of_system(Some(Path::new("/nowhere.ttf")));
    assert!(matches!(no_font, Err(PrintingError::Font { .. })));
}

/// A name can be searched for and copied, a rare character too; an address is one word.
#[test]
fn names_are_text() {
    let (Some(fonts), Some(pdftotext)) = (fonts(), program("pdftotext")) else { return };
    let worksheet = sample();
    let pdf = sheets(&fonts, &worksheet, &run(&worksheet), PLAIN, &[copy(1)]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pdf");
    std::fs::write(&file, pdf).unwrap();
    let output = std::process::Command::new(pdftotext).arg(&file).arg("-").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let dots = text.contains("abdbdb") || text.len() > 9_000;
    assert!(text.contains("𠮷欧·买买提") && !dots, "{text:.500}");
    for address in ["3.23106.12.347", "3.23106.12.348"] {
        assert!(text.contains(address), "{address}: {text:.500}");
    }
}
