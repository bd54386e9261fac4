use super::*;

const NUMBER: Kind = Kind::Number(NumberForm::Decimal);

fn number(text: &str) -> Written {
    Written::parse(&NUMBER, text).expect("a number")
}

#[test]
fn numbers_are_equal_by_value_and_differ_as_written() {
    let holds = |key: &str, text: &str| Accepted::one(number(key)).holds(&number(text));
    for (key, text) in [("7", "07"), ("7", "7.0"), ("3.50", "3.5"), ("0", "-0"), ("-3", "-3.0")] {
        assert!(holds(key, text), "{key} {text}");
        assert_ne!(number(key), number(text), "each keeps its form");
    }
    for (key, text) in [
        ("7", "70"),
        ("3.5", "3.05"),
        ("3", "-3"),
        // Equal as 64-bit floats, not as numbers.
        ("0.1", "0.100000000000000005"),
    ] {
        assert!(!holds(key, text), "{key} {text}");
    }
}

#[test]
fn what_is_no_answer_of_its_kind_is_not_parsed() {
    let long = "1234567890123456789";
    for text in ["", ".", "3.", ".5", "1.2.3", "1e3", "-", "+5", "٣", "3 4", long] {
        assert_eq!(Written::parse(&NUMBER, text), None, "{text:?}");
    }
    let letter = Kind::Letter("ABCD".into());
    for (kind, text) in [
        (Kind::Number(NumberForm::Whole), "3.5"),
        (letter.clone(), "E"),
        (letter, "AB"),
        (Kind::TrueFalse, "✓"),
        (Kind::Comparison, "+"),
        (Kind::Digits, "1.2"),
        (Kind::Choice, "AB"),
        (Kind::Choices, "BA"),
        (Kind::Choices, "AA"),
        (Kind::Choices, ""),
        (Kind::Character, "大小"),
        (Kind::Expression, " "),
        (Kind::Steps, "3×12="),
        (Kind::Pairs, "1B 1B"),
        (Kind::Pairs, "B1"),
        (Kind::Pairs, "1B2A"),
        (Kind::Free, "x"),
    ] {
        assert_eq!(Written::parse(&kind, text), None, "{kind:?} {text:?}");
    }
}

#[test]
fn an_answer_reads_back_from_its_text() {
    for (kind, text) in [
        (Kind::Digits, "007"),
        (NUMBER, "-03.50"),
        (Kind::Number(NumberForm::Whole), "070"),
        (Kind::Letter("ABCD".into()), "B"),
        (Kind::TrueFalse, "√"),
        (Kind::TrueFalse, "×"),
        (Kind::Comparison, "<"),
        (Kind::Comparison, ">"),
        (Kind::Comparison, "="),
        (Kind::Expression, "to go"),
        (Kind::Steps, "3×12=36"),
        (Kind::Character, "𠮷"),
        (Kind::Choice, "C"),
        (Kind::Choices, "ACD"),
        (Kind::Pairs, "1B 2A 3C"),
    ] {
        let written = Written::parse(&kind, text).expect(text);
        assert_eq!(written.to_string(), text);
        assert!(Accepted::one(written.clone()).holds(&written));
        let json = serde_json::to_string(&written).expect("plain data");
        assert_eq!(serde_json::from_str::<Written>(&json).expect("as written"), written);
    }
}

#[test]
fn a_key_may_have_several_answers_and_a_tolerance() {
    let tolerance = Decimal::parse("0.1").expect("a number");
    let equal = Equivalence::Value { tolerance };
    let key = Accepted { answers: vec![number("3.5"), number("7")], equal };
    assert_eq!(key.to_string(), "3.5 / 7 ± 0.1");
    let held = ["3.4", "3.60", "7.1", "3.39", "3.61", "7.11"].map(|text| key.holds(&number(text)));
    assert_eq!(held, [true, true, true, false, false, false]);
    let same = Accepted { equal: Equivalence::Same, ..key };
    assert!(same.holds(&number("7")) && !same.holds(&number("7.0")));
}

#[test]
fn decimals_show_no_zeros_that_do_not_count() {
    for (text, shown) in [("03.50", "3.5"), ("-0.10", "-0.1"), ("120", "120"), ("0", "0")] {
        assert_eq!(Decimal::parse(text).expect(text).to_string(), shown);
    }
    let tenths = |text: &str| Decimal::parse(text).expect(text).tenths();
    assert_eq!(
        [tenths("2.5"), tenths("2.50"), tenths("2.55"), tenths("-1")].map(|t| t),
        [Some(25), Some(25), None, None]
    );
}

#[test]
fn a_fraction_is_the_number_that_it_comes_to() {
    let holds = |key: &str, text: &str| Accepted::one(number(key)).holds(&number(text));
    for (key, text) in
        [("0.5", "1/2"), ("1/2", "0.50"), ("1/3", "2/6"), ("1.5", "1 1/2"), ("1 1/2", "3/2")]
    {
        assert!(holds(key, text), "{key} {text}");
        assert_eq!(number(text).to_string(), text);
    }
    for (key, text) in [("1/3", "0.3333"), ("1/2", "2/1"), ("1 1/2", "11/2"), ("9998/9999", "1")] {
        assert!(!holds(key, text), "{key} {text}");
    }
    for text in ["1/0", "1/", "/2", "1/2/3", "1  1/2", "1 2", "12345/2", "1/-2", "1/2%", "1 /2"] {
        assert_eq!(Number::parse(text), None, "{text}");
    }
    assert_eq!(Number::parse("-1/4").map(|n| n.value().to_string()).as_deref(), Some("-0.25"));
    assert_eq!(Written::parse(&Kind::Number(NumberForm::Whole), "4/2"), None);
}

#[test]
fn a_percent_sign_or_a_unit_may_stand_after_a_number() {
    let check = |text: &str, written: &str, figures: &str, value: &str, unit: Option<&str>| {
        let number = Number::parse(text).expect("a number");
        assert_eq!((number.to_string().as_str(), number.figures()), (written, figures));
        assert_eq!((number.value().to_string().as_str(), number.unit()), (value, unit));
        assert_eq!(Number::parse(written), Some(number), "its text is read back");
    };
    check("25%", "25%", "25", "0.25", Some("%"));
    check("12厘米", "12 厘米", "12", "12", Some("厘米"));
    check("3.5 元", "3.5 元", "3.5", "3.5", Some("元"));
    check("60千米/时", "60 千米/时", "60", "60", Some("千米/时"));
    check("12 …", "12 …", "12", "12", Some(Number::UNREAD));
    for text in ["12 ", "25%%", "12 厘米2", "厘米", "1/2厘米", "3.元", "12 /时", "5……2"]
    {
        assert_eq!(Number::parse(text), None, "{text}");
    }
    let is_of = |text: &str| {
        [NumberForm::Whole, NumberForm::Decimal, NumberForm::Percent, NumberForm::Unit]
            .map(|form| Written::parse(&Kind::Number(form), text).is_some())
    };
    assert_eq!(is_of("12"), [true; 4]);
    assert_eq!(is_of("1.2"), [false, true, true, true]);
    assert_eq!(is_of("25%"), [false, false, true, true]);
    assert_eq!(is_of("12 厘米"), [false, false, false, true]);
}
