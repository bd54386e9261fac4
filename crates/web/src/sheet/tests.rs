mod crop;

use ink::drawn::{self, Point};

use super::line::Bounds;
use super::*;

fn point(x_um: i32, y_um: i32) -> Point {
    Point { x_um, y_um, force: 30_000 }
}

fn mark(ink: Ink, question: &str, points: &[Point]) -> Mark {
    let line = Line::new(drawn::Line::new(points).expect("a stroke has samples"));
    let question = Some(question.into());
    Mark { ink, question, since_ms: 0, own_ms: 0, pause: None, line }
}

fn asked(question: &str, field: Rect) -> Asked {
    Asked {
        question: question.into(),
        sign: Sign::Right,
        provisional: false,
        title: String::new(),
        field,
    }
}

const FIELD: Rect = Rect { x_um: 60_000, y_um: 50_000, width_um: 20_000, height_um: 8_000 };

/// A4 with a word behind [`FIELD`].
fn a4(words: &str) -> Page {
    Page { number: 1, width_um: 210_000, height_um: 297_000, artwork: words.to_owned() }
}

fn svg(points: &[Point]) -> String {
    let mut svg = String::new();
    Line::new(drawn::Line::new(points).expect("a stroke has samples")).write(&mut svg);
    svg
}

#[test]
fn a_straight_stroke_keeps_its_ends_only() {
    let points: Vec<_> = (0..50).map(|i| point(i * 100, i * 50)).collect();
    assert_eq!(svg(&points), "<path class=\"w2\" d=\"M0 0l490 245\"/>");
}

#[test]
fn a_corner_is_kept() {
    let points = [point(0, 0), point(5_000, 0), point(10_000, 0), point(10_000, 7_000)];
    assert_eq!(svg(&points), "<path class=\"w2\" d=\"M0 0l1000 0 0 700\"/>");
}

#[test]
fn a_dot_is_drawn() {
    assert_eq!(svg(&[point(1_000, 2_000)]), "<path class=\"w2\" d=\"M100 200h0\"/>");
}

#[test]
fn a_sign_stands_right_of_its_field() {
    let sheet = Sheet::new(&a4(""), String::new(), vec![], vec![asked("q1", FIELD)]);
    assert_eq!((sheet.glyphs[0].x, sheet.glyphs[0].y), (8_070, 5_180));
}

#[test]
fn a_sign_never_stands_on_ink_or_on_another_sign() {
    let overflow = mark(Ink::Live, "q1", &[point(70_000, 54_000), point(90_000, 54_500)]);
    let next = Rect { x_um: 95_000, ..FIELD };
    let sheet = Sheet::new(
        &a4(""),
        String::new(),
        vec![overflow],
        vec![asked("q1", FIELD), asked("q2", next)],
    );
    let squares: Vec<_> = sheet
        .glyphs
        .iter()
        .map(|g| Bounds { x0: g.x, y0: g.y, x1: g.x + GLYPH, y1: g.y + GLYPH })
        .collect();
    assert!(!squares[0].touches(&squares[1]));
    for square in &squares {
        assert!(!square.touches(&sheet.marks[0].line.bounds), "{square:?} is on the ink");
        assert!(!square.touches(&Bounds::of(&FIELD)), "{square:?} is on a field");
        assert!(!square.touches(&Bounds::of(&next)), "{square:?} is on a field");
    }
}

#[test]
fn a_sign_keeps_off_print() {
    // 元 stands right behind the field.
    let page = a4("<text x='81' y='56' font-size='5'>元</text>");
    let sheet = Sheet::new(&page, String::new(), vec![], vec![asked("q1", FIELD)]);
    assert_eq!((sheet.glyphs[0].x, sheet.glyphs[0].y), (8_070, 4_707), "at the corner instead");
}

#[test]
fn a_field_at_the_left_edge_has_its_sign_before_it() {
    let field = Rect { x_um: 20_000, ..FIELD };
    let sheet = Sheet::new(&a4(""), String::new(), vec![], vec![asked("q1", field)]);
    assert!(sheet.glyphs[0].x < 2_000);
}

#[test]
fn what_was_crossed_out_is_struck_once_a_question() {
    let marks = vec![
        mark(Ink::Superseded, "q1", &[point(60_000, 50_000), point(62_000, 56_000)]),
        mark(Ink::Superseded, "q1", &[point(64_000, 50_000), point(66_000, 56_000)]),
        mark(Ink::Live, "q1", &[point(70_000, 50_000), point(72_000, 56_000)]),
    ];
    let svg = ink_svg(&marks);
    assert_eq!(svg.matches("class=\"strike\"").count(), 1, "{svg}");
    assert!(svg.contains("M5940 5300H6660"), "{svg}");
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

impl Sheet {
    pub(crate) fn sample() -> Self {
        let signs =
            [Sign::Right, Sign::Wrong, Sign::Partly, Sign::Blank, Sign::Right, Sign::Decide];
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
        Self::new(&a4(""), "sample-artwork.svg".into(), marks, asked_for)
    }
}

impl Crop {
    pub(crate) fn sample(n: u32) -> Self {
        let field = sample_field(n);
        let marks = vec![
            digit(n, field.x_um + 2_500, field.y_um + 1_500, Ink::Live),
            digit(n + 1, field.x_um + 8_500, field.y_um + 1_600, Ink::Live),
        ];
        Self::new(Sheet::new(&a4(""), "sample-artwork.svg".into(), marks, vec![]), &field, &[])
    }
}

#[test]
fn a_replay_is_of_the_page_or_of_one_question() {
    let stroke = |question: &str, since_ms, own_ms, pause: Option<(i64, bool)>| Mark {
        since_ms,
        own_ms,
        pause: pause.map(|(length_ms, inside)| Pause { length_ms, inside }),
        ..mark(Ink::Live, question, &[point(30_000, 30_000)])
    };
    let marks = vec![
        stroke("q1", 0, 0, None),
        stroke("q1", 500, 500, Some((7_900, true))),
        stroke("q2", 1_000, 0, Some((3_000, false))),
        stroke("q1", 2_000, 1_000, None),
    ];
    let sheet = Sheet::new(&a4(""), String::new(), marks, vec![]);
    let replay = |question: Option<&str>, span_ms, pauses: &[(i64, i64)]| Replay {
        question: question.map(Into::into),
        span_ms,
        pauses: pauses.to_vec(),
    };
    let page = replay(None, 2_000, &[(250, 7), (500, 3)]);
    let first = replay(Some("q1"), 1_000, &[(500, 7)]);
    assert_eq!(sheet.replays(), [page, first], "one stroke alone is not played");
    assert!(sheet.ink().contains("data-t=\"2000\" data-q=\"q1\" data-o=\"1000\">"));
    let nothing = Sheet::new(&a4(""), String::new(), vec![], vec![]);
    assert_eq!(nothing.replays(), [replay(None, 0, &[])]);
}

#[test]
fn the_name_of_a_question_is_text() {
    let svg = ink_svg(&[mark(Ink::Live, "\"><b>&", &[point(0, 0)])]);
    assert!(svg.contains("data-q=\"&quot;>&lt;b>&amp;\""), "{svg}");
}
