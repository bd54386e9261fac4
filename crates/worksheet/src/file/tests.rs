mod parts;

use super::WorksheetError;
use crate::{Field, Key, Kind, NumberForm, Part, PartOf, Rect, Score, Worksheet};

/// One question of each kind.
const SHEET: &str = r#"
id = "sheet"
version = 1
title_zh = "练习"
title_en = "Exercise"
subject = "math"
grade = 3
page = [{ artwork = "page-1.svg", width_um = 210000, height_um = 297000 }]

[[knowledge_point]]
id = "math"
zh = "数学"
en = "Mathematics"

[[knowledge_point]]
id = "math.add"
parent = "math"
zh = "加法"
en = "Addition"

[[question]]
id = "number"
page = 1
label = "1"
prompt = "1.5 + 2 ="
points = 2.5
knowledge_points = ["math.add"]
box = { x_um = 10000, y_um = 10000, width_um = 20000, height_um = 10000 }
answer = { kind = "number", right = "3.5" }

[[question]]
id = "letter"
page = 1
label = "2"
prompt = 'Which? "A" or "B"'
points = 1
knowledge_points = ["math"]
box = { x_um = 10000, y_um = 30000, width_um = 20000, height_um = 10000 }
answer = { kind = "letter", right = "B", options = "ABCD" }

[[question]]
id = "truth"
page = 1
label = "3"
prompt = "1 > 2"
points = 1
knowledge_points = ["math"]
box = { x_um = 10000, y_um = 50000, width_um = 20000, height_um = 10000 }
answer = { kind = "true_false", right = false }

[[question]]
id = "sign"
page = 1
label = "4"
prompt = "1 ○ 2"
points = 1
knowledge_points = ["math"]
box = { x_um = 10000, y_um = 70000, width_um = 10000, height_um = 10000 }
answer = { kind = "comparison", right = "<" }

[[question]]
id = "bubble"
page = 1
label = "5"
prompt = "Which?"
points = 1
knowledge_points = ["math"]
bubbles = [
    { letter = "A", rect = { x_um = 10000, y_um = 90000, width_um = 5000, height_um = 3500 } },
    { letter = "B", rect = { x_um = 20000, y_um = 90000, width_um = 5000, height_um = 3500 } },
]
answer = { kind = "choice", right = "A" }

[[question]]
id = "free"
page = 1
label = "6"
prompt = "Why?"
points = 6
knowledge_points = ["math"]
box = { x_um = 10000, y_um = 110000, width_um = 100000, height_um = 50000 }
answer = { kind = "free", score_box = { x_um = 150000, y_um = 110000, width_um = 14000, height_um = 10000 } }
"#;

fn parse(toml: &str) -> Result<Worksheet, WorksheetError> {
    Worksheet::parse(toml, |name| Ok(format!("<svg>{name}</svg>")))
}

/// Parses the sheet after one change; the change must be refused with these words.
fn check(from: &str, to: &str, refusal: &str) {
    assert_eq!(SHEET.matches(from).count(), 1, "{from:?} stands once in the sheet");
    let error = parse(&SHEET.replace(from, to)).unwrap_err().to_string();
    assert!(error.contains(refusal), "{from:?} → {to:?} said: {error}");
}

#[test]
fn every_kind_of_question_is_read() {
    let sheet = parse(SHEET).unwrap();
    assert_eq!(sheet.pages[0].artwork, "<svg>page-1.svg</svg>");
    let number = sheet.question("number").unwrap();
    let rect = Rect { x_um: 10_000, y_um: 10_000, width_um: 20_000, height_um: 10_000 };
    assert_eq!((number.points(), &number.parts[0].field), (Score(25), &Field::Box(rect)));
    let expected = [
        (Kind::Number(NumberForm::Decimal), Some("3.5")),
        (Kind::Letter("ABCD".into()), Some("B")),
        (Kind::TrueFalse, Some("×")),
        (Kind::Comparison, Some("<")),
        (Kind::Choice, Some("A")),
        (Kind::Free, None),
    ];
    let expected = expected.map(|(kind, key)| (kind, key.map(str::to_owned)));
    let asked = sheet.parts().map(|of| (of.part.kind.clone(), of.answer()));
    assert_eq!(asked.collect::<Vec<_>>(), expected);
    assert!(sheet.parts().all(|of| of.part.id == of.question.id && of.number().is_none()));
    let free = sheet.part("free").and_then(|of| of.part.score_box);
    assert_eq!(free.map(|rect| rect.x_um), Some(150_000));
}

#[test]
fn what_is_written_reads_back_the_same() {
    let sheet = parse(SHEET).unwrap();
    let mut files = sheet.files().into_iter();
    let (name, toml) = files.next().unwrap();
    assert_eq!(name, "worksheet.toml");
    let again = Worksheet::parse(&toml, |wanted| {
        let (name, artwork) = files.next().unwrap();
        assert_eq!(name, wanted);
        Ok(artwork)
    });
    assert_eq!(again.unwrap(), sheet);
}

/// Files and stored worksheets of before have no model answer.
#[test]
fn a_model_answer_may_stand_beside_an_open_question() {
    let free = "height_um = 10000 } }\n";
    let with = |text: &str| SHEET.replacen(free, &format!("{free}model_answer = {text:?}\n"), 1);
    assert_eq!(SHEET.matches(free).count(), 1, "only the open question ends so");
    assert_eq!(parse(SHEET).unwrap().part("free").unwrap().part.model_answer, None);
    let sheet = parse(&with("Because.")).unwrap();
    let model_answer = sheet.part("free").unwrap().part.model_answer.as_deref();
    assert_eq!(model_answer, Some("Because."));
    let (_, toml) = sheet.files().swap_remove(0);
    assert_eq!(parse(&toml).unwrap().questions, sheet.questions, "it is written too");
    let error = parse(&with(" ")).unwrap_err().to_string();
    assert!(error.contains("question free: its model answer is empty"), "{error}");
    let key = "kind = \"number\", right = \"3.5\" }";
    check(key, &format!("{key}\nmodel_answer = \"3.5\""), "question number: it has a key");
}

#[test]
fn a_wrong_key_is_refused_by_its_question() {
    check("right = \"3.5\"", "right = \"3.5.1\"", "question number: its answer is no decimal");
    check("right = \"3.5\"", "right = \".5\"", "question number: its answer is no decimal");
    check("right = \"3.5\"", "right = \"NaN\"", "question number: its answer is no decimal");
    check("right = \"B\"", "right = \"E\"", "question letter: its answer is none of its options");
    check("\"ABCD\"", "\"ABCB\"", "question letter: its options are no different letters");
    check("\"ABCD\"", "\"ABXY\"", "question letter: its options are no different letters");
    check("right = \"<\"", "right = \"≤\"", "question sign: its answer is none of < > =");
    check(
        "right = \"A\"",
        "right = \"C\"",
        "question bubble: its answer is the letter of no bubble",
    );
    check("letter = \"B\"", "letter = \"A\"", "question bubble: its bubbles have no different");
}

/// The form comes from what is asked, never from what is right.
#[test]
fn a_number_is_decimal_unless_its_form_is_whole() {
    let key = "kind = \"number\", right = \"3.5\"";
    let whole = |right: &str| format!("kind = \"number\", form = \"whole\", right = \"{right}\"");
    let sheet = parse(&SHEET.replace(key, &whole("35"))).unwrap();
    assert_eq!(sheet.part("number").unwrap().part.kind, Kind::Number(NumberForm::Whole));
    let sheet = parse(&SHEET.replace("right = \"3.5\"", "right = \"35\"")).unwrap();
    assert_eq!(sheet.part("number").unwrap().part.kind, Kind::Number(NumberForm::Decimal));
    check(
        key,
        &whole("3.5"),
        "question number: its answer is no whole number: its form is decimal",
    );
}

#[test]
fn a_wrong_question_is_refused_by_its_id() {
    check("id = \"truth\"", "id = \"letter\"", "question letter: its id stands twice");
    check("page = 1\nlabel = \"3\"", "page = 2\nlabel = \"3\"", "question truth: page 2 does not");
    check("y_um = 50000", "y_um = 290000", "question truth: its field");
    check("y_um = 50000", "y_um = 2147483647", "question truth: its field");
    check("y_um = 50000", "y_um = 35000", "on page 1 lies on that of question letter");
    check("x_um = 20000, y_um = 90000", "x_um = 12000, y_um = 90000", "question bubble: its field");
    check("x_um = 150000", "x_um = 100000", "question free: its field");
    check("points = 2.5", "points = 2.55", "question number: its points are no tenths");
    check("points = 2.5", "points = 0", "question number: its points are no tenths");
    check("[\"math.add\"]", "[]", "question number: it names no knowledge point");
    check("[\"math.add\"]", "[\"math.sub\"]", "question number: knowledge point math.sub is not");
    check(
        "bubbles = [",
        "box = { x_um = 1, y_um = 1, width_um = 9, height_um = 9 }\nbubbles = [",
        "question bubble: a choice has `bubbles` and no `box`",
    );
}

#[test]
fn a_wrong_sheet_is_refused() {
    check("id = \"sheet\"", "id = \"../sheet\"", "worksheet \"../sheet\": an id is [a-z0-9-]");
    check("version = 1", "version = 0", "a version above 0");
    check(
        "\"page-1.svg\"",
        "\"../page-1.svg\"",
        "page 1: its artwork lies in the worksheet's folder",
    );
    check("height_um = 297000", "height_um = 0", "page 1 has no area");
    check("parent = \"math\"", "parent = \"art\"", "knowledge point math.add: its parent is not");
    check(
        "parent = \"math\"",
        "parent = \"math.add\"",
        "knowledge point math.add: its parent is not",
    );
    check("id = \"math.add\"", "id = \"math\"", "knowledge point math: it stands twice");
    check("grade = 3", "grade = 3\ncolour = 1", "unknown field `colour`");
}

#[test]
fn a_missing_file_is_named() {
    let error = Worksheet::load(std::path::Path::new("/nowhere")).unwrap_err().to_string();
    assert!(error.starts_with("/nowhere/worksheet.toml: "), "{error}");
}
