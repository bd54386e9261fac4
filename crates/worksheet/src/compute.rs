//! What an equation of plain numbers comes to, so that a key that is not what its question computes
//! is noticed. Whatever else stands in a question is left alone.

#[cfg(test)]
mod tests;

use std::fmt;

use crate::arithmetic::{Fraction, Term, term, value};
use crate::{Accepted, Equivalence, Question, Written};

/// An equation whose two sides do not fit its sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What the left side comes to.
    pub left: String,
    /// `=`, `<` or `>`.
    pub sign: char,
    /// What the right side comes to.
    pub right: String,
}

/// `7 = 8`.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.left, self.sign, self.right)
    }
}

/// The first two sides of an equation that do not fit; `None` where all of them do, or where it has
/// anything but numbers, signs and brackets in it.
pub(crate) fn mismatch(equation: &str) -> Option<Mismatch> {
    // A quotient with what remains: 17 ÷ 5 = 3 …… 2.
    if let Some((division, rest)) = equation.split_once('…') {
        let (asked, quotient) = division.split_once(['=', '＝'])?;
        let (dividend, divisor) = asked.split_once('÷')?;
        let (dividend, divisor) = (value(dividend)?, value(divisor)?);
        let back = divisor.times(value(quotient)?)?.plus(value(rest.trim_matches('…'))?)?;
        return differing(dividend, '=', back);
    }
    let mut sides = Vec::new();
    let mut side = String::new();
    for c in equation.chars() {
        match c {
            '=' | '＝' => sides.push((std::mem::take(&mut side), '=')),
            '<' | '＜' => sides.push((std::mem::take(&mut side), '<')),
            '>' | '＞' => sides.push((std::mem::take(&mut side), '>')),
            c => side.push(c),
        }
    }
    if sides.is_empty() {
        return None;
    }
    let last = value(&side)?;
    let values: Option<Vec<(Fraction, char)>> =
        sides.iter().map(|(side, sign)| Some((value(side)?, *sign))).collect();
    let values = values?;
    let nexts = values.iter().skip(1).map(|(next, _)| *next).chain([last]);
    let mut pairs = values.iter().zip(nexts);
    pairs.find_map(|((left, sign), right)| differing(*left, *sign, right))
}

/// What things to be put in order come to: sums or measures in one unit; `None` where one of them is
/// neither.
pub(crate) fn amounts(things: &[String]) -> Option<Vec<Fraction>> {
    let all = things.join(" = ");
    let plain = without_unit(&all).unwrap_or(all);
    plain.split(" = ").map(value).collect()
}

/// An equation without the one unit that stands in it behind numbers or brackets; `None` where there
/// is none, or anything else that is no arithmetic. A unit on one side alone, where nothing is worked
/// out, says that the sides are not alike.
pub(crate) fn without_unit(equation: &str) -> Option<String> {
    let is_word = |c: char| c.is_alphabetic() || matches!(c, '²' | '³' | '℃' | '°');
    let (mut plain, mut unit) = (String::new(), None);
    let mut rest = equation;
    while let Some(c) = rest.chars().next() {
        if !is_word(c) {
            plain.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let behind =
            plain.trim_end().ends_with(|c: char| c.is_ascii_digit() || matches!(c, ')' | '）'));
        if !behind || *unit.get_or_insert(&rest[..end]) != &rest[..end] {
            return None;
        }
        rest = &rest[end..];
    }
    let is_worked_out = |side: &str| term(side).is_some_and(|t| !matches!(t, Term::Number(_)));
    let unit = unit?;
    let sides = || equation.split(['=', '＝', '<', '＜', '>', '＞']);
    let sound = sides().all(|side| side.contains(unit))
        || plain.split(['=', '＝', '<', '＜', '>', '＞']).any(is_worked_out);
    sound.then_some(plain)
}

fn differing(left: Fraction, sign: char, right: Fraction) -> Option<Mismatch> {
    let order = left.compare(right)?;
    let fits = match sign {
        '<' => order.is_lt(),
        '>' => order.is_gt(),
        _ => order.is_eq(),
    };
    (!fits).then(|| Mismatch { left: left.to_string(), sign, right: right.to_string() })
}

/// What is wrong with the keys of a question whose prompt is an equation, if they make it one.
pub(crate) fn of_question(question: &Question) -> Option<Mismatch> {
    let mut equation = String::new();
    let mut parts = question.parts.iter();
    let mut rest = question.prompt.as_str();
    while !rest.is_empty() {
        let blank = ["( )", "○"].iter().find(|blank| rest.starts_with(**blank));
        match blank {
            Some(blank) => {
                let key = plain(parts.next()?.accepted()?)?;
                if *blank == "○" {
                    equation.push_str(&key);
                } else {
                    equation.push_str(&format!("({key})"));
                }
                rest = &rest[blank.len()..];
            }
            None => {
                let c = rest.chars().next()?;
                equation.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    let equation = without_unit(&equation).unwrap_or(equation);
    parts.next().is_none().then(|| mismatch(&equation)).flatten()
}

/// The answer that people are told, where it is one number or sign that is exactly right.
fn plain(accepted: &Accepted) -> Option<String> {
    let exact = match accepted.equal {
        Equivalence::Same => true,
        Equivalence::Value { tolerance } => tolerance == crate::Decimal::default(),
    };
    match accepted.answers.first().filter(|_| exact)? {
        answer @ (Written::Number(_) | Written::Digits(_) | Written::Comparison(_)) => {
            Some(answer.to_string())
        }
        _ => None,
    }
}
