use worksheet::{Accepted, Bubble, Credit, Field, Key, NumberForm, Question, Rect, Score};

use super::*;

const RECT: Rect = Rect { x_um: 0, y_um: 0, width_um: 26_000, height_um: 12_000 };

fn question(kind: Kind, key: Option<&str>, prompt: &str) -> Question {
    let field = match kind {
        Kind::Choice => {
            Field::Bubbles("ABCD".chars().map(|letter| Bubble { letter, rect: RECT }).collect())
        }
        _ => Field::Box(RECT),
    };
    let typed = |key| Accepted::one(Written::parse(&kind, key).expect("a key of its kind"));
    let key = key.map_or(Key::None, |key| Key::Accepted(typed(key)));
    let (id, points) = ("1".to_owned(), Score(10));
    let part = Part { id, field, kind, key, points, score_box: None, model_answer: None };
    Question {
        id: "1".into(),
        page: 1,
        label: "1".into(),
        prompt: prompt.into(),
        knowledge_points: vec!["k".into()],
        parts: vec![part],
        credit: Credit::default(),
    }
}

fn number(right: &str, prompt: &str) -> Question {
    question(Kind::Number(NumberForm::Decimal), Some(right), prompt)
}

/// The only part.
fn of(question: &Question) -> PartOf<'_> {
    question.each().next().expect("a part")
}

fn judge(question: &Question, meant: Option<&str>) -> ExpectedVerdict {
    super::judge(of(question).part, meant)
}

#[test]
fn numbers_are_judged_by_value() {
    let check = |key: &str, meant: &str| judge(&number(key, ""), Some(meant));
    for (key, meant) in [("3.5", "3.50"), ("40", "40.0"), ("0", "00"), ("7", "07")] {
        assert_eq!(check(key, meant), ExpectedVerdict::Right, "{key} {meant}");
    }
    for (key, meant) in [("3.5", "35"), ("40", "4"), ("0.8", "8"), ("100", "10"), ("2000", "200")] {
        assert_eq!(check(key, meant), ExpectedVerdict::Wrong, "{key} {meant}");
    }
}

#[test]
fn blanks_and_workings_have_their_own_verdicts() {
    assert_eq!(judge(&number("7", ""), None), ExpectedVerdict::Blank);
    let free = question(Kind::Free, None, "");
    assert_eq!(judge(&free, Some("1+1=2")), ExpectedVerdict::None);
    assert_eq!(judge(&free, None), ExpectedVerdict::None);
}

#[test]
fn wrong_answers_are_wrong_and_of_the_same_kind() {
    let mut random = Random::stream(5, &["test"]);
    let questions = [
        (number("83", "36 + 47 ="), "0123456789"),
        (number("100", "25 × 4 ="), "0123456789"),
        (number("3.8", "2.5 + 1.3 ="), "0123456789."),
        (number("0.8", "8 角 = ( ) 元"), "0123456789."),
        (number("0", "5 − 5 ="), "0123456789"),
        (question(Kind::Letter("ABCD".into()), Some("B"), ""), "ABCD"),
        (question(Kind::Choice, Some("D"), ""), "ABCD"),
        (question(Kind::Comparison, Some("="), ""), "<>="),
        (question(Kind::TrueFalse, Some("√"), ""), "√×"),
    ];
    for (question, alphabet) in questions {
        for _ in 0..300 {
            let wrong = wrong(of(&question), &mut random).unwrap();
            assert_eq!(judge(&question, Some(&wrong)), ExpectedVerdict::Wrong, "{wrong}");
            assert!(wrong.chars().all(|c| alphabet.contains(c)), "{wrong}");
            assert!(wrong.len() <= 5, "{wrong}");
        }
    }
}

#[test]
fn wrong_numbers_are_those_of_children() {
    let mut random = Random::stream(5, &["test"]);
    let question = number("83", "36 + 47 =");
    let seen: std::collections::BTreeSet<String> =
        (0..500).filter_map(|_| wrong(of(&question), &mut random)).collect();
    for expected in ["73", "93", "82", "84", "11", "38"] {
        assert!(seen.contains(expected), "{expected} in {seen:?}");
    }
}

#[test]
fn numbers_are_spelled_and_found() {
    assert_eq!(spelled(1150, 2), "11.5");
    assert_eq!(spelled(830, 2), "8.3");
    assert_eq!(spelled(5, 2), "0.05");
    assert_eq!(spelled(2000, 2), "20");
    assert_eq!(numbers("带了 20 元，8.5 元和 3.2 元。", 100), [2000, 850, 320]);
}

#[test]
fn a_sum_is_worked_out_with_a_slip_or_without() {
    let mut random = Random::stream(1, &["test"]);
    let lines = |key: &str, prompt: &str, right: bool, random: &mut Random| {
        let question = question(Kind::Steps, Some(key), prompt);
        let of = question.each().next().expect("a part");
        worked_out(of, right, random)
    };
    let printed = "25 × 4 + 36";
    assert_eq!(lines("25×4+36=136", printed, true, &mut random), ["=100+36", "=136"]);
    assert_eq!(lines("20-8.5=11.5", "还剩多少元？", true, &mut random), ["20-8.5=11.5"]);
    for _ in 0..20 {
        let wrong = lines("25×4+36=136", printed, false, &mut random);
        let steps = Steps::parse(&wrong.concat()).expect("arithmetic");
        let key = Steps::parse("25×4+36=136").expect("arithmetic");
        let slips = steps.against(&key).steps.iter().filter(|s| s.should_be.is_some()).count();
        assert!(slips <= 1, "{wrong:?}");
    }
    assert_eq!(wrong_pairs("1B 2A 3C").as_deref(), Some("1C 2A 3B"));
    assert_eq!(wrong_pairs("1A 2A"), None);
}
