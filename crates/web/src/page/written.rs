//! A page and pieces of it that were written on, for the samples of pages.

use export::Sign;
use export::sheet::{Asked, Crop, Ink, Line, Mark, Sheet};
use ink::drawn::{self, Point};
use worksheet::{Page, Rect};

fn point(x_um: i32, y_um: i32) -> Point {
    Point { x_um, y_um, force: 30_000 }
}

fn mark(ink: Ink, question: &str, points: &[Point]) -> Mark {
    let line = Line::new(drawn::Line::new(points).expect("a stroke has samples"));
    let question = Some(question.into());
    Mark { ink, question, since_ms: 0, own_ms: 0, pause: None, line }
}

fn a4() -> Page {
    Page { number: 1, width_um: 210_000, height_um: 297_000, artwork: String::new() }
}

/// Digits as short polylines in a box of 10 × 10, enough to look at a page.
const DIGITS: [&[(i32, i32)]; 4] = [
    &[(3, 1), (7, 0), (9, 2), (8, 4), (4, 7), (1, 10), (4, 9), (9, 10)],
    &[(2, 1), (6, 0), (8, 2), (5, 5), (8, 7), (7, 9), (4, 10), (1, 9)],
    &[(1, 1), (5, 1), (9, 0), (7, 4), (5, 7), (4, 10)],
    &[(7, 0), (3, 4), (2, 8), (5, 10), (8, 8), (6, 5), (3, 7)],
];

fn digit(n: u32, x_um: i32, y_um: i32, ink: Ink) -> Mark {
    let shape = DIGITS[n as usize % DIGITS.len()];
    let points: Vec<_> = shape
        .windows(2)
        .flat_map(|pair| {
            (0..8).map(move |i| Point {
                x_um: x_um + (pair[0].0 * (8 - i) + pair[1].0 * i) * 45,
                y_um: y_um + (pair[0].1 * (8 - i) + pair[1].1 * i) * 70,
                force: u16::try_from(20_000 + i * 4_000).unwrap_or(0),
            })
        })
        .collect();
    let mut mark = mark(ink, &format!("q{n}"), &points);
    mark.since_ms = i64::from(n) * 1_500;
    mark
}

fn sample_field(n: u32) -> Rect {
    let (column, row) = ((n - 1) % 3, (n - 1) / 3);
    Rect {
        x_um: 48_000 + i32::try_from(column).unwrap_or(0) * 60_000,
        y_um: 60_000 + i32::try_from(row).unwrap_or(0) * 24_000,
        width_um: 18_000,
        height_um: 10_000,
    }
}

/// A page of twelve questions.
pub(crate) fn sheet() -> Sheet {
    let signs = [Sign::Right, Sign::Wrong, Sign::Partly, Sign::Blank, Sign::Right, Sign::Decide];
    let mut marks = Vec::new();
    let mut asked_for = Vec::new();
    for n in 1..=12u32 {
        let field = sample_field(n);
        let sign = signs[n as usize % signs.len()];
        let ink = if n == 4 { Ink::Superseded } else { Ink::Live };
        if sign != Sign::Blank {
            marks.push(digit(n, field.x_um + 2_500, field.y_um + 1_500, ink));
            marks.push(digit(n + 1, field.x_um + 8_500, field.y_um + 1_600, ink));
        }
        let title = "对".to_owned();
        let provisional = n.is_multiple_of(4);
        asked_for.push(Asked { question: format!("q{n}"), sign, provisional, title, field });
    }
    marks.push(digit(2, 150_000, 200_000, Ink::Loose));
    marks.push(mark(
        Ink::Red,
        "q1",
        &[point(68_000, 66_000), point(70_000, 70_000), point(78_000, 58_000)],
    ));
    Sheet::new(&a4(), "sample-artwork.svg".into(), marks, asked_for)
}

/// The piece of one question.
pub(crate) fn crop(n: u32) -> Crop {
    let field = sample_field(n);
    let marks = vec![
        digit(n, field.x_um + 2_500, field.y_um + 1_500, Ink::Live),
        digit(n + 1, field.x_um + 8_500, field.y_um + 1_600, Ink::Live),
    ];
    Crop::new(Sheet::new(&a4(), "sample-artwork.svg".into(), marks, vec![]), &field, &[])
}
