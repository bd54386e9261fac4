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
