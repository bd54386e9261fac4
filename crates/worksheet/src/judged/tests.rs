use super::*;
use crate::NumberForm;

fn number(text: &str) -> Written {
    Written::parse(&Kind::Number(NumberForm::Decimal), text).expect("a number")
}

#[test]
fn each_key_of_blanks_in_any_order_is_given_once() {
    let right = |keys: &[&[&str]], answers: &[&str]| {
        let keys: Vec<Accepted> = (keys.iter())
            .map(|key| {
                let answers: Vec<Written> = key.iter().map(|text| number(text)).collect();
                Accepted { answers, ..Accepted::one(number(key[0])) }
            })
            .collect();
        let written = |text: &&str| (!text.is_empty()).then(|| number(text));
        let answers: Vec<Option<Written>> = answers.iter().map(written).collect();
        let answers: Vec<Option<&Written>> = answers.iter().map(Option::as_ref).collect();
        right_in_any_order(&keys.iter().collect::<Vec<_>>(), &answers)
    };
    assert_eq!(right(&[&["3"], &["7"]], &["3", "7"]), [true, true]);
    assert_eq!(right(&[&["3"], &["7"]], &["7.0", "3"]), [true, true], "swapped");
    assert_eq!(right(&[&["3"], &["7"]], &["7", "7"]), [false, true], "one of them once");
    assert_eq!(right(&[&["3"], &["7"]], &["7", "8"]), [true, false]);
    assert_eq!(right(&[&["3"], &["7"]], &["7", ""]), [true, false], "the other is not read");
    // The first answer must leave its own key to the second, which has no other.
    assert_eq!(right(&[&["3", "7"], &["3", "5"]], &["3", "7"]), [true, true]);
}

/// A sheet with a number, a letter and two blanks in any order.
fn sheet() -> Worksheet {
    let toml = r#"
id = "mended"
version = 3
title_zh = "—"
title_en = "—"
subject = "math"
grade = 3

[[page]]
artwork = "page-1.svg"
width_um = 210000
height_um = 297000

[[knowledge_point]]
id = "k"
zh = "—"
en = "—"

[[question]]
id = "1"
page = 1
label = "1"
prompt = "—"
points = 2
knowledge_points = ["k"]
box = { x_um = 10000, y_um = 10000, width_um = 20000, height_um = 10000 }
answer = { kind = "number", right = "0.5", tolerance = "0.1" }

[[question]]
id = "2"
page = 1
label = "2"
prompt = "—"
points = 2
knowledge_points = ["k"]
box = { x_um = 10000, y_um = 30000, width_um = 20000, height_um = 10000 }
answer = { kind = "letter", right = "B", options = "ABC" }

[[question]]
id = "3"
page = 1
label = "3"
prompt = "—"
points = 1
knowledge_points = ["k"]
unordered = [[1, 2]]
box = { x_um = 10000, y_um = 50000, width_um = 20000, height_um = 10000 }
answer = { kind = "digits", right = "3" }

[[question.part]]
points = 1
box = { x_um = 40000, y_um = 50000, width_um = 20000, height_um = 10000 }
answer = { kind = "digits", right = "7" }
"#;
    Worksheet::parse(toml, |_| Ok("<svg/>".to_owned())).unwrap()
}

#[test]
fn a_key_is_typed_as_people_type() {
    let sheet = sheet();
    let typed = |part: &str, text: &str| {
        let part = sheet.part(part).unwrap().part;
        part.typed_key(text).map(|key| key.to_string())
    };
    assert_eq!(typed("1", "０．５｜1.5"), Ok("0.5 / 1.5 ± 0.1".to_owned()), "the rule stays");
    assert_eq!(typed("1", "0.5 | x"), Err("x".to_owned()));
    assert_eq!(typed("2", "c|b| C "), Ok("C / B".to_owned()));
    assert_eq!(typed("2", "D"), Err("D".to_owned()), "no option of it");
    assert_eq!(typed("2", " | "), Err(String::new()));
}

#[test]
fn a_corrected_key_is_in_the_file_and_nothing_else_changes() {
    let sheet = sheet();
    let key = sheet.part("2").unwrap().part.typed_key("C|B").unwrap();
    let mended = sheet.with_key("2", key.clone()).unwrap();
    let files = mended.files();
    let again = Worksheet::parse(&files[0].1, |_| Ok("<svg/>".to_owned())).unwrap();
    assert_eq!(again, mended, "{}", files[0].1);
    assert_eq!(again.part("2").unwrap().part.accepted(), Some(&key));
    assert_eq!(
        sheet.with_key("2", again.part("2").unwrap().part.typed_key("B").unwrap()).unwrap(),
        sheet
    );
    assert!(sheet.with_key("4", key).is_err(), "there is no such part");
}

#[test]
fn parts_in_any_order_are_held_against_all_of_their_keys() {
    let sheet = sheet();
    let digits = |text: &str| Written::parse(&Kind::Digits, text).unwrap();
    let right = |answers: [Option<&str>; 2]| {
        let answers = answers.map(|text| text.map(digits));
        let answers: Vec<Option<&Written>> = answers.iter().map(Option::as_ref).collect();
        sheet.question("3").unwrap().right(&answers)
    };
    assert_eq!(right([Some("7"), Some("3")]), [Some(true), Some(true)]);
    assert_eq!(right([Some("7"), Some("7")]), [Some(false), Some(true)]);
    assert_eq!(right([None, Some("3")]), [None, Some(true)]);
}
