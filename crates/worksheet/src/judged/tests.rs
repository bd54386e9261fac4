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
    let seven = digits("7");
    let earns = sheet.question("3").unwrap().earns(&[Some((&seven, true)), Some((&seven, true))]);
    assert_eq!(earns, [Some(Ok(Score(0))), Some(Ok(Score(10)))]);
}

/// What an answer of a kind earns of 6 points.
fn earned(kind: &Kind, keys: &[&str], answer: &str) -> Result<u32, Review> {
    let answers: Vec<Written> =
        keys.iter().map(|key| Written::parse(kind, key).expect("a key of its kind")).collect();
    let key = Accepted { equal: Accepted::one(answers[0].clone()).equal, answers };
    let answer = Written::parse(kind, answer).expect("an answer of its kind");
    key.earns(&answer, true, Score(60)).map(|score| score.0)
}

#[test]
fn a_share_of_the_steps_or_pairs_earns_a_share_of_the_points() {
    let key = ["25×4+36=100+36=136"];
    let steps = |answer| earned(&Kind::Steps, &key, answer);
    assert_eq!(steps("=100+36=136"), Ok(60));
    assert_eq!(steps("=100+36=146"), Ok(30));
    assert_eq!(steps("=136"), Err(Review::NoWorking));
    assert_eq!(steps("=100+36"), Err(Review::Unfinished));
    // What is said twice is said once.
    assert_eq!(steps("=136=136"), Err(Review::NoWorking));
    assert_eq!([steps("=146=146=146"), steps("=100+36=146=146")], [Ok(0), Ok(30)]);
    let fractions = |answer| earned(&Kind::Steps, &["1/2+1/3=5/6"], answer);
    assert_eq!([fractions("=5/6"), fractions("=516")], [Ok(60), Err(Review::LowConfidence)]);
    let pairs = |answer| earned(&Kind::Pairs, &["1B 2A 3C"], answer);
    assert_eq!([pairs("1B 2A 3C"), pairs("1A 2B 3C"), pairs("1C 2B")], [Ok(60), Ok(20), Ok(0)]);
}

#[test]
fn a_unit_is_not_judged_and_not_passed_over() {
    let length = |answer| earned(&Kind::Number(NumberForm::Unit), &["12 厘米"], answer);
    assert_eq!(length("12厘米"), Ok(60));
    assert_eq!(length("12…"), Err(Review::UnitUnread));
    assert_eq!(length("13…"), Err(Review::UnitUnread), "its figures may be a unit's");
    assert_eq!(length("12"), Err(Review::NoUnit));
    assert_eq!(length("129"), Err(Review::UnitUnread), "12 g");
    assert_eq!(length("21"), Ok(0));
    let plain = |answer| earned(&Kind::Number(NumberForm::Unit), &["12"], answer);
    assert_eq!([plain("12"), plain("12…")], [Ok(60), Err(Review::UnitUnread)]);
}

#[test]
fn a_percentage_is_right_where_the_key_says_so() {
    let percent = |keys: &[&str], answer| earned(&Kind::Number(NumberForm::Percent), keys, answer);
    assert_eq!([percent(&["50%"], "50%"), percent(&["50%"], "50.0%")], [Ok(60); 2]);
    assert_eq!([percent(&["50%"], "0.5"), percent(&["50%"], "50")], [Ok(0); 2]);
    assert_eq!([percent(&["50%", "0.5"], "0.50"), percent(&["0.5"], "50%")], [Ok(60), Ok(0)]);
    assert_eq!(percent(&["50"], "50%"), Err(Review::UnitUnread), "it may be printed there already");
}

/// Failure: a word problem is right by its result alone, because its key has no step to be left out.
#[test]
fn a_bare_result_is_an_answer_where_its_sum_is_printed_only() {
    let earns = |question: &str, answer: &str| {
        let text = format!("标题：练习\n年级：四\n科目：数学\n一、算。（每题 6 分）\n{question}\n");
        let draft = crate::text::Draft::build(&text, &crate::Framework::own(), |_| None);
        let question = draft.expect("a sheet").questions[0].clone();
        let answer = Written::parse(&question.parts[0].kind, answer).expect("steps");
        let answers = [Some((&answer, true))];
        assert_eq!(
            question.right(&[Some(&answer)])[0],
            Some(question.earns(&answers)[0] == Some(Ok(Score(60))))
        );
        question.earns(&answers)[0].expect("a key")
    };
    let words = "小明有 20 元，花了 8.5 元，还剩多少元？\n  算式：3 行\n  答案：20 − 8.5 = 11.5";
    assert_eq!(earns(words, "20-8.5=11.5"), Ok(Score(60)));
    assert_eq!(earns(words, "=11.5"), Err(Review::NoWorking));
    assert_eq!(earns(words, "=12.5"), Err(Review::AnotherWay));
    assert_eq!(earns("3 个 12 是多少？[3 × 12 = 36]", "=36"), Err(Review::NoWorking));
    for printed in [
        "20 − 8.5\n  算式：3 行",
        "20 − 8.5 =\n  算式：3 行",
        "计算 20 − 8.5。\n  算式：3 行\n  答案：20 − 8.5 = 11.5",
    ] {
        assert_eq!(earns(printed, "=11.5"), Ok(Score(60)), "{printed}");
        assert_eq!(earns(printed, "=12.5"), Ok(Score(0)), "{printed}");
    }
}

#[test]
fn a_fraction_that_was_not_asked_for_is_right_or_a_person_sees_it() {
    let earns = |key: &str, text: &str| {
        Accepted::one(number(key)).earns(&number(text), true, Score(20)).map_err(|review| {
            assert_eq!(review, Review::LowConfidence);
        })
    };
    assert_eq!(earns("0.5", "1/2"), Ok(Score(20)));
    assert_eq!(earns("0.5", "2/4"), Ok(Score(20)));
    assert_eq!(earns("0.5", "1/3"), Err(()));
    assert_eq!(earns("1/2", "1/3"), Ok(Score(0)));
    assert_eq!(earns("1/2", "0.5"), Ok(Score(20)));
}
