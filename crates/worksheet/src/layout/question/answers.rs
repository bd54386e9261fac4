//! From a blank's key to the parts of a worksheet: kind, accepted answers, points.

use crate::text::{Blank, BlankKey, Question};
use crate::{
    Accepted, Credit, Decimal, Equivalence, Field, Key, Kind, Number, NumberForm, Part, Rect,
    Score, Written,
};

/// What blank `at` of a question is worth: even shares, the first blanks getting the remainder.
pub(in crate::layout) fn share(question: &Question, at: usize) -> Score {
    divided(question.points, question.blanks().count().max(1), at)
}

/// The share of one of so many.
pub(super) fn divided(points: Score, count: usize, at: usize) -> Score {
    let count = count.max(1) as u32;
    Score(points.0 / count + u32::from((at as u32) < points.0 % count))
}

/// Which parts earn their points together.
pub(in crate::layout) fn credit(question: &Question, parts: usize) -> Credit {
    let all: Vec<usize> = (0..parts).collect();
    let mut credit = Credit::default();
    if question.any_order {
        credit.unordered.push(all.clone());
    }
    if question.all_or_nothing && parts > 1 {
        credit.all_or_nothing.push(all);
        return credit;
    }
    // Half of a fraction, or of a word, is nothing.
    let mut from = 0;
    for blank in question.blanks() {
        let to = from + blank.key.fields();
        if to - from > 1 {
            credit.all_or_nothing.push((from..to).collect());
        }
        from = to;
    }
    credit
}

/// The part of a blank's field `nth`.
pub(super) fn part(
    id: String,
    blank: &Blank,
    nth: usize,
    rect: Rect,
    points: Score,
    form: NumberForm,
    options: usize,
) -> Part {
    let (kind, accepted) = answer(&blank.key, nth, form, options);
    let brackets =
        blank.brackets || matches!(blank.key, BlankKey::Letter(_) | BlankKey::TrueFalse(_));
    let field = if brackets { Field::Bracket(rect) } else { Field::Box(rect) };
    let key = Key::Accepted(accepted);
    Part { id, field, kind, key, points, score_box: None, model_answer: None }
}

fn answer(key: &BlankKey, nth: usize, form: NumberForm, options: usize) -> (Kind, Accepted) {
    let number = |text: &str| Number::parse(text).map(Written::Number);
    let whole = |text: &str| {
        let equal = Equivalence::Value { tolerance: Decimal::default() };
        let answers = number(text).into_iter().collect();
        (Kind::Number(NumberForm::Whole), Accepted { answers, equal })
    };
    match key {
        BlankKey::Number { right, also, tolerance } => {
            let answers = std::iter::once(right).chain(also).filter_map(|text| number(text));
            let tolerance = tolerance.as_deref().and_then(Decimal::parse).unwrap_or_default();
            let equal = Equivalence::Value { tolerance };
            (Kind::Number(form), Accepted { answers: answers.collect(), equal })
        }
        BlankKey::Fraction(first, second) | BlankKey::Remainder(first, second) => {
            whole(if nth == 0 { first } else { second })
        }
        BlankKey::Mixed(whole_, over, under) => {
            whole([whole_, over, under].into_iter().nth(nth).unwrap_or(under))
        }
        BlankKey::Digits(text) => (Kind::Digits, Accepted::one(Written::Digits(text.clone()))),
        BlankKey::Letter(letter) => {
            // Without options here they stand elsewhere, in a passage or a picture.
            let options: String =
                ('A'..='G').take(if options == 0 { 7 } else { options }).collect();
            (Kind::Letter(options), Accepted::one(Written::Letter(*letter)))
        }
        BlankKey::TrueFalse(right) => (Kind::TrueFalse, Accepted::one(Written::TrueFalse(*right))),
        BlankKey::Comparison(sign) => (Kind::Comparison, Accepted::one(Written::Comparison(*sign))),
        BlankKey::Characters(characters, _) => {
            let character = characters.get(nth).copied().unwrap_or('　');
            (Kind::Character, Accepted::one(Written::Character(character)))
        }
        BlankKey::Steps(steps) => (Kind::Steps, Accepted::one(Written::Steps(steps.clone()))),
        BlankKey::Words { right, also } => {
            let answers = std::iter::once(right).chain(also).cloned().map(Written::Expression);
            (Kind::Expression, Accepted { answers: answers.collect(), equal: Equivalence::Same })
        }
    }
}
