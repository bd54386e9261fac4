use worksheet::{Kind, NumberForm};

use super::*;

const POINTS: Score = Score(30);

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
