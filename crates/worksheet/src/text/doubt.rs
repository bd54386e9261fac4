//! What is likely to be wrong with a text, though a sheet can be built from it.

use super::{Blank, BlankKey, Draft, Fault, Piece, Place, Question, Wrong};
use crate::compute::{amounts, mismatch, without_unit};
use crate::{Number, Steps};

/// Numbers below 0 are learnt from this grade on.
const BELOW_ZERO_GRADE: u8 = 6;

impl Draft {
    /// Keys that are not what their questions compute, with their places.
    pub fn doubts(&self) -> Vec<Fault> {
        self.doubts_by_question().map(|(_, fault)| fault).collect()
    }

    /// The same, each with the place of its question among all, from 0.
    pub(crate) fn doubts_by_question(&self) -> impl Iterator<Item = (usize, Fault)> {
        let questions = self.sections.iter().flat_map(|section| &section.questions);
        let grade = self.grade;
        questions.enumerate().filter_map(move |(at, question)| Some((at, doubt(question, grade)?)))
    }
}

fn doubt(question: &Question, grade: u8) -> Option<Fault> {
    if let Some(place) = continued(question) {
        return Some(Fault { place, wrong: Wrong::Continued });
    }
    if is_out_of_order(question) {
        return Some(Fault { place: question.place, wrong: Wrong::OrderOff });
    }
    if let Some((place, side)) = below_zero(question).filter(|_| grade < BELOW_ZERO_GRADE) {
        return Some(Fault { place, wrong: Wrong::BelowZero(side) });
    }
    let place = question.blanks().next()?.place;
    if !question.options.is_empty() || question.bubbles.is_some() {
        return None;
    }
    let mut equation = String::new();
    for piece in &question.stem {
        match piece {
            Piece::Text(text) => equation.push_str(text),
            Piece::Fraction(over, under) => equation.push_str(&format!("({over}/{under})")),
            Piece::Blank(blank) => equation.push_str(&key(blank)?),
            Piece::Break => equation.push(' '),
        }
    }
    let equation = without_unit(&equation).unwrap_or(equation);
    mismatch(&equation).map(|mismatch| Fault { place, wrong: Wrong::Computes(mismatch) })
}

/// Whether numbers that are to be put in order neither rise nor fall, or not as the question says.
fn is_out_of_order(question: &Question) -> bool {
    let Some(space) = question.space.as_ref().filter(|space| space.order.len() > 1) else {
        return false;
    };
    let Some(values) = amounts(&space.order) else { return false };
    let all = |wanted: fn(std::cmp::Ordering) -> bool| {
        values.windows(2).all(|pair| pair[0].compare(pair[1]).is_some_and(wanted))
    };
    let (rise, fall) = (all(std::cmp::Ordering::is_lt), all(std::cmp::Ordering::is_gt));
    let asked = question.prompt().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| asked.contains(word));
    let up = says(&[
        "小到大",
        "少到多",
        "短到长",
        "轻到重",
        "低到高",
        "smallest to",
        "ascending",
        "least to",
    ]);
    let down = says(&[
        "大到小",
        "多到少",
        "长到短",
        "重到轻",
        "高到低",
        "largest to",
        "biggest to",
        "descending",
        "greatest to",
    ]);
    match (up, down) {
        (true, false) => !rise,
        (false, true) => !fall,
        _ => !rise && !fall,
    }
}

/// A side of a question's steps that comes to less than 0.
fn below_zero(question: &Question) -> Option<(Place, String)> {
    let below = |steps: &Steps| steps.below_zero().map(str::to_owned);
    let space = question.space.as_ref().and_then(|space| space.steps.as_ref());
    let in_space = space.and_then(below).map(|side| (question.place, side));
    in_space.or_else(|| {
        question.blanks().find_map(|blank| match &blank.key {
            BlankKey::Steps(steps) => Some((blank.place, below(steps)?)),
            BlankKey::Number { right, .. } => {
                let number = Number::parse(right).filter(|_| right.starts_with('-'))?;
                Some((blank.place, number.to_string()))
            }
            _ => None,
        })
    })
}

/// The first blank of an indented line under a line that has blanks of its own: in running text
/// every paragraph is indented, and each was meant as a question.
fn continued(question: &Question) -> Option<Place> {
    let first = question.blanks().next()?;
    let behind = question.stem.iter().skip_while(|piece| !matches!(piece, Piece::Break));
    let mut behind = behind.filter_map(|piece| match piece {
        Piece::Blank(blank) => Some(blank.place),
        _ => None,
    });
    behind.find(|_| question.place.line == first.place.line)
}

/// A key as it stands in an equation.
fn key(blank: &Blank) -> Option<String> {
    match &blank.key {
        BlankKey::Number { right, tolerance: None, .. } | BlankKey::Digits(right) => {
            // A percent sign is arithmetic, a unit is not.
            let number = Number::parse(right)?;
            match number.unit() {
                Some(unit) if unit != "%" => Some(format!("({}) {unit}", number.figures())),
                _ => Some(format!("({right})")),
            }
        }
        BlankKey::Fraction(over, under) => Some(format!("({over}/{under})")),
        BlankKey::Remainder(quotient, rest) => Some(format!("({quotient})…({rest})")),
        BlankKey::Mixed(whole, over, under) => Some(format!("({whole}+{over}/{under})")),
        BlankKey::Comparison(sign) => Some(crate::Written::Comparison(*sign).to_string()),
        _ => None,
    }
}
