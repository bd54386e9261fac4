use super::*;

/// A sample worksheet as the sample data has it.
fn sample(name: &str) -> Worksheet {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sample-strokes/worksheets/");
    Worksheet::load(std::path::Path::new(&format!("{dir}{name}"))).unwrap()
}

/// A page of `mixed-g3` whose artwork is these texts at millimetres, with the questions of these
/// labels and fields.
fn sheet(artwork: &str, questions: &[(&str, Field)]) -> Worksheet {
    let mut sheet = sample("mixed-g3");
    sheet.pages.truncate(1);
    sheet.pages[0].artwork = format!("<svg>{artwork}</svg>");
    let like = sheet.questions[0].clone();
    let question = |(label, field): &(&str, Field)| {
        let mut question = Question { id: (*label).into(), label: (*label).into(), ..like.clone() };
        question.parts.truncate(1);
        question.parts[0].field = field.clone();
        question.parts[0].score_box = None;
        question
    };
    sheet.questions = questions.iter().map(question).collect();
    sheet
}

/// Millimetres.
fn rect(x: i32, y: i32, width: i32, height: i32) -> Rect {
    let um = |mm: i32| mm * 1_000;
    Rect { x_um: um(x), y_um: um(y), width_um: um(width), height_um: um(height) }
}

fn text(x: i32, y: i32, text: &str) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" font-size=\"5\">{text}</text>")
}

/// Letters as a PDF's are drawn, from left to right.
fn letters(x: i32, y: i32, count: i32) -> String {
    let letter = |at| format!("<use href=\"#g\" transform=\"matrix(0.005 0 0 -0.005 {at} {y})\"/>");
    (0..count).map(|i| letter(x + 3 * i)).collect()
}

fn of(sheet: &Worksheet, at: usize, ink: Option<Bounds>) -> Bounds {
    let question = &sheet.questions[at];
    let page = sheet.pages.iter().find(|page| page.number == question.page).unwrap();
    piece(sheet, page, question, ink).unwrap()
}

fn holds(piece: &Bounds, other: &Bounds) -> bool {
    piece.with(other) == *piece
}

/// Failure: a piece without its number or one of its fields, or with a field or number of another.
#[test]
fn a_piece_holds_its_own_question_and_no_other() {
    for name in ["mental-arithmetic-g3", "english-g3", "mixed-g3"] {
        let worksheet = sample(name);
        for (at, question) in worksheet.questions.iter().enumerate() {
            let page = worksheet.pages.iter().find(|page| page.number == question.page).unwrap();
            let sheet = Sheet::new(&worksheet, page);
            let piece = of(&worksheet, at, None);
            for place in &sheet.places {
                let whose = format!("{name}: {} in {}", place.question.id, question.id);
                let number = place.number.expect("samples have numbers");
                if place.question.id == question.id {
                    assert!(holds(&piece, &number), "{whose}");
                    let open = crate::notebook::pupil::is_open(question);
                    assert!(open || holds(&piece, &place.fields), "{whose}");
                } else {
                    assert!(!piece.touches(&number), "{whose}");
                    assert!(!piece.touches(&place.fields), "{whose}");
                }
            }
            assert!(piece.x1 - piece.x0 <= WIDTH_MAX && piece.y1 - piece.y0 <= HEIGHT_MAX);
        }
    }
}

/// Failure: a word of a question is cut off it, or is shown with another.
#[test]
fn every_word_below_a_heading_is_in_one_piece() {
    for (name, passages) in [("mental-arithmetic-g3", 0), ("mixed-g3", 0), ("english-g3", 12)] {
        let worksheet = sample(name);
        for page in &worksheet.pages {
            let of_page = |at: &usize| worksheet.questions[*at].page == page.number;
            let pieces: Vec<Bounds> = (0..worksheet.questions.len())
                .filter(of_page)
                .map(|at| of(&worksheet, at, None))
                .collect();
            let words = texts(&page.artwork);
            let first = words.iter().find(|(_, text)| is_heading(text)).unwrap().0.y1;
            let mut nobodys = Vec::new();
            for (word, text) in words.iter().filter(|(_, text)| !is_heading(text)) {
                // What stands in an empty field is left out.
                if word.y0 < first || word.y1 > 28_600 || text.starts_with("答") {
                    continue;
                }
                // Its width is a guess, and may reach into the next column.
                let word = &Bounds { x1: word.x0 + (word.x1 - word.x0) * 9 / 10, ..*word };
                match pieces.iter().filter(|piece| holds(piece, word)).count() {
                    0 => nobodys.push(*text),
                    1 => {}
                    _ => panic!("{name}: {text} is shown twice"),
                }
            }
            assert!(nobodys.len() <= passages, "{name}: {nobodys:?}");
        }
    }
}

#[test]
fn a_question_on_lines_is_shown_with_what_it_asks_and_its_lines_where_they_are_written_on() {
    let lines = Field::Lines { rect: rect(16, 60, 178, 44), pitch_um: 11_000 };
    let artwork =
        text(16, 40, "1.") + &text(24, 40, "小𠮷有 50 元，还剩多少元？") + &text(21, 100, "答：");
    let sheet = sheet(&artwork, &[("三(1)", lines)]);
    let asked = Bounds { x0: 1_600, y0: 3_590, x1: 8_000, y1: 4_100 };
    let blank = of(&sheet, 0, None);
    assert!(holds(&blank, &asked) && blank.y1 < 6_000, "{blank:?}");
    let written = of(&sheet, 0, Some(Bounds { x0: 3_000, y0: 6_200, x1: 9_000, y1: 7_000 }));
    assert!(holds(&written, &asked) && written.y1 >= 10_400, "{written:?}");
}

#[test]
fn a_choice_is_shown_with_its_options_and_ends_before_the_next_question() {
    let artwork = [
        text(16, 50, "二、选一选。"),
        text(32, 60, "2."),
        text(38, 60, "哪个数最接近 700？"),
        text(38, 69, "A. 650"),
        text(141, 69, "C. 703"),
        text(32, 83, "3."),
        text(38, 83, "1 千克等于 1000 克。"),
    ];
    let bracket = |y| Field::Bracket(rect(16, y, 14, 9));
    let sheet = sheet(&artwork.concat(), &[("二(2)", bracket(54)), ("二(3)", bracket(77))]);
    let piece = of(&sheet, 0, None);
    assert!(holds(&piece, &Bounds { x0: 1_600, y0: 5_400, x1: 15_500, y1: 7_000 }), "{piece:?}");
    assert!(piece.y1 <= 7_700 && piece.y0 >= 5_100, "{piece:?}");
}

#[test]
fn a_question_of_a_schools_own_pdf_is_shown_with_what_stands_beside_and_above_its_field() {
    let artwork = [
        letters(60, 30, 10),
        letters(28, 63, 6),
        letters(28, 84, 6),
        letters(28, 105, 12),
        letters(28, 172, 4),
    ];
    let field = |y| Field::Box(rect(70, y, 32, 11));
    let area = Field::Area(rect(28, 178, 148, 45));
    let fields = [("1", field(56)), ("2", field(77)), ("3", field(98)), ("4", area)];
    let sheet = sheet(&artwork.concat(), &fields);
    for (at, base) in [(0, 6_300), (1, 8_400), (2, 10_500), (3, 17_200)] {
        let piece = of(&sheet, at, None);
        let beside = Bounds { x0: 2_800, y0: base - 400, x1: 3_900, y1: base };
        assert!(holds(&piece, &beside), "{at}: {piece:?}");
        for other in (0..4).filter(|other| *other != at) {
            let theirs = Bounds::of(&sheet.questions[other].parts[0].field.bounds().unwrap());
            assert!(!piece.touches(&theirs), "{other} in {at}: {piece:?}");
        }
        assert!(piece.y0 > 3_100, "the title is of no question");
    }
    let scan = sheet_without_letters();
    let piece = of(&scan, 0, None);
    assert!(piece.x0 < 2_000 && piece.y0 <= 5_600 - 2_000 && piece.x1 >= 10_200, "{piece:?}");
}

fn sheet_without_letters() -> Worksheet {
    let scan = "<image width=\"2100\" height=\"2970\" transform=\"matrix(0.1 0 0 0.1 0 0)\"/>";
    sheet(scan, &[("1", Field::Box(rect(70, 56, 32, 11)))])
}
