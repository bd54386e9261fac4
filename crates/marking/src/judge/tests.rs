use worksheet::NumberForm;

use super::*;

const POINTS: Score = Score(30);

const NUMBER: Kind = Kind::Number(NumberForm::Decimal);

fn check(kind: &Kind, key: &str, text: &str, verdict: Verdict) {
    let score = if verdict == Verdict::Right { POINTS } else { Score(0) };
    assert_eq!(judge(kind, key, text, POINTS), Some(MarkOf { verdict, score }), "{key} {text}");
}

#[test]
fn numbers_are_equal_by_value() {
    for (key, text) in [
        ("7", "07"),
        ("7", "7.0"),
        ("3.50", "3.5"),
        ("0.5", ".5"),
        ("0", "-0"),
        ("-3", "-3.0"),
        ("+5", "5"),
        ("123456789012345678901234567890", "0123456789012345678901234567890"),
    ] {
        check(&NUMBER, key, text, Verdict::Right);
    }
    for (key, text) in [
        ("7", "70"),
        ("3.5", "3.05"),
        ("3", "-3"),
        // Equal as 64-bit floats, not as numbers.
        ("0.1", "0.1000000000000000055"),
    ] {
        check(&NUMBER, key, text, Verdict::Wrong);
    }
}

#[test]
fn what_is_no_number_is_not_judged() {
    for text in ["", ".", "3.", "1.2.3", "1e3", "-", "٣", "3 4"] {
        assert!(!is_answer(&NUMBER, text), "{text:?}");
        assert_eq!(judge(&NUMBER, "3", text, POINTS), None, "{text:?}");
    }
}

#[test]
fn other_kinds_are_equal_by_symbol() {
    let letter = Kind::Letter("ABCD".into());
    check(&letter, "B", "B", Verdict::Right);
    check(&letter, "B", "C", Verdict::Wrong);
    assert!(is_answer(&letter, "D") && !is_answer(&letter, "E") && !is_answer(&letter, "AB"));
    check(&Kind::TrueFalse, "√", "√", Verdict::Right);
    check(&Kind::TrueFalse, "×", "√", Verdict::Wrong);
    check(&Kind::TrueFalse, "×", "×", Verdict::Right);
    check(&Kind::Comparison, "<", "<", Verdict::Right);
    check(&Kind::Comparison, "<", ">", Verdict::Wrong);
    assert!(!is_answer(&Kind::Comparison, "+"));
}

#[test]
fn a_score_keeps_within_the_questions_points() {
    let given = |text| score(text, POINTS).map(|mark| (mark.verdict, mark.score.0));
    assert_eq!(given("3"), Some((Verdict::Right, 30)));
    assert_eq!(given("2.5"), Some((Verdict::Partly, 25)));
    assert_eq!(given("02"), Some((Verdict::Partly, 20)));
    assert_eq!(given("0"), Some((Verdict::Wrong, 0)));
    for none in ["3.1", "4", "30", "-1", "2.55", "x", "99999999999"] {
        assert_eq!(given(none), None, "{none}");
    }
}
