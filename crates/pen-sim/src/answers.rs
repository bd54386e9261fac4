//! What a pupil means to write: right answers, plausible wrong ones, and judging both.

use worksheet::{Decimal, Kind, Number, Part, PartOf, Steps, Written};

use crate::random::Random;
use crate::truth::ExpectedVerdict;

#[cfg(test)]
mod tests;

/// The verdict on what was meant.
pub(crate) fn judge(part: &Part, meant: Option<&str>) -> ExpectedVerdict {
    let Some(accepted) = part.accepted() else { return ExpectedVerdict::None };
    let Some(meant) = meant else { return ExpectedVerdict::Blank };
    match Written::parse(&part.kind, meant).is_some_and(|meant| accepted.holds(&meant)) {
        true => ExpectedVerdict::Right,
        false => ExpectedVerdict::Wrong,
    }
}

/// The right answer that is told first; `None` for a free response.
pub(crate) fn right(part: &Part) -> Option<String> {
    Some(part.accepted()?.answers.first()?.to_string())
}

/// A wrong answer that a child might give; `None` where the simulation knows none.
pub(crate) fn wrong(of: PartOf<'_>, random: &mut Random) -> Option<String> {
    let key = right(of.part)?;
    let options: String = match &of.part.kind {
        Kind::Number(_) => {
            let number = Number::parse(&key)?;
            let wrong = wrong_number(number.figures(), &of.question.prompt, random);
            return Some(wrong + &key[number.figures().len()..]);
        }
        Kind::Comparison => return Some(wrong_sign(&key, random).to_owned()),
        Kind::Letter(options) => options.clone(),
        Kind::TrueFalse => return Some(if key == "√" { "×" } else { "√" }.to_owned()),
        Kind::Choice => of.part.field.bubbles().iter().map(|b| b.letter).collect(),
        Kind::Choices => {
            let options: Vec<char> = of.part.field.bubbles().iter().map(|b| b.letter).collect();
            return Some(wrong_choices(&key, &options, random));
        }
        Kind::Digits | Kind::Expression => return wrong_digit(&key, random),
        Kind::Pairs => return wrong_pairs(&key),
        Kind::Steps | Kind::Column => {
            let (before, last) = key.rsplit_once('=')?;
            return Some(format!("{before}={}", wrong_digit(last, random)?));
        }
        Kind::Character | Kind::Free => return None,
    };
    Some(neighbour(key.chars().next()?, &options, random).to_string())
}

/// The lines that a pupil writes who works a sum out on several; where it is not `right`, with a slip
/// in one step, from which the rest follows. None where there is nothing to work out.
pub(crate) fn worked_out(of: PartOf<'_>, right: bool, random: &mut Random) -> Vec<String> {
    let key = self::right(of.part).unwrap_or_default();
    let asked = key.split('=').next().unwrap_or_default();
    let sides = Steps::worked(asked);
    let slip =
        if right { usize::MAX } else { 1 + random.below(sides.len().saturating_sub(1).max(1)) };
    let (mut written, mut last) = (Vec::new(), asked.to_owned());
    while let Some(next) = Steps::worked(&last).into_iter().nth(1) {
        let slipped = (written.len() + 1 == slip).then(|| wrong_digit(&next, random)).flatten();
        // A slip that leaves nothing to compute with is none.
        last = slipped.filter(|text| Steps::parse(text).is_some()).unwrap_or(next);
        written.push(format!("={last}"));
    }
    let is_printed = Steps::of(of.question.prompt.trim().trim_end_matches('=')).is_some();
    if let Some(first) = written.first_mut().filter(|_| !is_printed) {
        first.insert_str(0, asked);
    }
    written
}

/// The rows of figures under each other, each with how many places it ends left of the others:
/// `24×13=72+240=312` is `24`, `×13`, `72`, `24` one place to the left, `312`.
pub(crate) fn in_columns(steps: &str) -> Vec<(String, usize)> {
    let mut sides = steps.split('=');
    let asked = sides.next().unwrap_or_default();
    let sign = asked.find(['+', '-', '×']).unwrap_or(asked.len());
    let mut rows = vec![(asked[..sign].to_owned(), 0), (asked[sign..].to_owned(), 0)];
    for side in sides {
        match side.split_once('+') {
            Some((ones, tens)) => {
                let tens = tens.strip_suffix('0').unwrap_or(tens);
                rows.extend([(ones.to_owned(), 0), (tens.to_owned(), 1)]);
            }
            None => rows.push((side.to_owned(), 0)),
        }
    }
    rows
}

/// The ends of the first and the last line changed for each other; `None` where they are one.
fn wrong_pairs(right: &str) -> Option<String> {
    let mut pairs: Vec<Vec<char>> = right.split(' ').map(|pair| pair.chars().collect()).collect();
    let last = pairs.len().checked_sub(1).filter(|last| pairs[0][1] != pairs[*last][1])?;
    let to = pairs[0][1];
    pairs[0][1] = pairs[last][1];
    pairs[last][1] = to;
    let pairs: Vec<String> = pairs.into_iter().map(String::from_iter).collect();
    Some(pairs.join(" "))
}

/// One option too few or too many.
fn wrong_choices(right: &str, options: &[char], random: &mut Random) -> String {
    let changes = |option: &&char| right.chars().count() > 1 || !right.contains(**option);
    let changing: Vec<&char> = options.iter().filter(changes).collect();
    let Some(changed) = changing.get(random.below(changing.len().max(1))) else {
        return right.to_owned();
    };
    let chosen = |option: &&char| right.contains(**option) != (option == changed);
    options.iter().filter(chosen).collect()
}

/// One digit is another one; `None` where there is no digit.
fn wrong_digit(right: &str, random: &mut Random) -> Option<String> {
    let digits: Vec<usize> =
        right.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
    let at = *digits.get(random.below(digits.len().max(1)))?;
    let digit = right.as_bytes()[at] - b'0';
    let other = (usize::from(digit) + 1 + random.below(9)) % 10;
    Some(format!("{}{other}{}", &right[..at], &right[at + 1..]))
}

/// Another sign, mostly the one turned round.
fn wrong_sign(right: &str, random: &mut Random) -> &'static str {
    match (right, random.chance(0.8)) {
        ("<", true) | ("=", false) => ">",
        (">", true) | ("=", true) => "<",
        _ => "=",
    }
}

/// Another of the options, near ones first.
fn neighbour(right: char, options: &str, random: &mut Random) -> char {
    let options: Vec<char> = options.chars().collect();
    let at = options.iter().position(|option| *option == right).unwrap_or(0);
    let others: Vec<(char, f64)> = options
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != at)
        .map(|(index, option)| (*option, 1.0 / index.abs_diff(at) as f64))
        .collect();
    random.weighted(&others, |(_, weight)| *weight).map_or(right, |index| others[index].0)
}

/// A number off by a carry or by one, the result of another operation, with turned digits, or
/// with the point or a zero lost; never equal to the right one, never negative.
fn wrong_number(right: &str, prompt: &str, random: &mut Random) -> String {
    let decimals = right.split_once('.').map_or(0, |(_, part)| part.len());
    let unit = 10_i64.pow(decimals.min(6) as u32);
    let value = scaled(right, unit);
    let mut candidates: Vec<(String, f64)> = Vec::new();
    let mut propose = |text: String, weight: f64| {
        if Decimal::parse(&text).is_some_and(|value| Some(value) != Decimal::parse(right)) {
            candidates.push((text, weight));
        }
    };
    // Off by a carry, by one, and by both.
    for (step, weight) in [(10, 3.0), (-10, 3.0), (1, 2.0), (-1, 2.0), (9, 0.5), (-9, 0.5)] {
        if value + step >= 0 {
            propose(spelled(value + step, decimals), weight);
        }
    }
    if let [a, b] = numbers(prompt, unit).as_slice() {
        for other in [a + b, (a - b).abs()] {
            propose(spelled(other, decimals), 1.5);
        }
    }
    let turned: String = right.chars().rev().collect();
    if decimals == 0 && right.len() == 2 && !turned.starts_with('0') {
        propose(turned, 1.5);
    }
    if decimals > 0 {
        propose(right.replace('.', "").trim_start_matches('0').to_owned(), 1.5);
    } else if right.ends_with('0') && value != 0 {
        propose(spelled(value / 10, 0), 2.0);
    }
    let chosen = random.weighted(&candidates, |(_, weight)| *weight);
    chosen.map_or_else(|| spelled(value + 1, decimals), |index| candidates.swap_remove(index).0)
}

/// A decimal number times `unit`, cut off below one; 0 for what is none.
fn scaled(number: &str, unit: i64) -> i64 {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let mut value = whole.parse::<i64>().unwrap_or(0).saturating_mul(unit);
    let mut place = unit;
    for digit in part.chars().filter_map(|c| c.to_digit(10)) {
        place /= 10;
        value = value.saturating_add(i64::from(digit) * place);
    }
    value
}

/// The inverse of [`scaled`] for a unit of `10^decimals`, without useless zeros.
pub(crate) fn spelled(value: i64, decimals: usize) -> String {
    let unit = 10_i64.pow(decimals.min(6) as u32);
    let (whole, part) = (value / unit, value % unit);
    if part == 0 {
        return whole.to_string();
    }
    let part = format!("{part:0decimals$}");
    format!("{whole}.{}", part.trim_end_matches('0'))
}

/// The numbers that stand in a text, times `unit`.
pub(crate) fn numbers(text: &str, unit: i64) -> Vec<i64> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|number| number.trim_matches('.'))
        .filter(|number| !number.is_empty())
        .map(|number| scaled(number, unit))
        .collect()
}
