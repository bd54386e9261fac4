//! A reading against the key.

use worksheet::{Kind, Score};

use crate::{MarkOf, Verdict};

#[cfg(test)]
mod tests;

/// Whether `text` is an answer of this kind at all, whatever the key.
pub(crate) fn is_answer(kind: &Kind, text: &str) -> bool {
    let one_of = |options: &str| {
        let mut symbols = text.chars();
        symbols.next().is_some_and(|c| options.contains(c)) && symbols.next().is_none()
    };
    match kind {
        Kind::Number(_) => Value::parse(text).is_some(),
        Kind::Letter(options) => one_of(options),
        Kind::TrueFalse => one_of("√×"),
        Kind::Comparison => one_of("<>="),
        Kind::Choice => text.chars().count() == 1,
        Kind::Free => false,
    }
}

/// The verdict on `text`, an answer of this kind, against its key; `None` where one of them is
/// none of the kind.
pub(crate) fn judge(kind: &Kind, key: &str, text: &str, points: Score) -> Option<MarkOf> {
    let equal = match kind {
        Kind::Number(_) => Value::parse(key)? == Value::parse(text)?,
        Kind::Letter(_) | Kind::TrueFalse | Kind::Comparison | Kind::Choice => text == key,
        Kind::Free => return None,
    };
    let (verdict, score) =
        if equal { (Verdict::Right, points) } else { (Verdict::Wrong, Score(0)) };
    Some(MarkOf { verdict, score })
}

/// A decimal number by its digits, so that no rounding makes two numbers equal.
#[derive(Debug, PartialEq, Eq)]
struct Value<'t> {
    negative: bool,
    /// Without leading zeros.
    whole: &'t str,
    /// Without trailing zeros.
    fraction: &'t str,
}

impl<'t> Value<'t> {
    /// `None` for what is no number in decimal notation.
    fn parse(text: &'t str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        // A point must have digits after it: `3.` is a number not finished, or a stray dot.
        let finished = !whole.is_empty() || !fraction.is_empty();
        let pointed = !digits.contains('.') || !fraction.is_empty();
        if !finished || !pointed || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }

    /// In tenths, rounded down; `None` where it is negative or too large.
    fn tenths(&self) -> Option<u32> {
        let whole = if self.whole.is_empty() { 0 } else { self.whole.parse::<u32>().ok()? };
        let tenth = self.fraction.bytes().next().map_or(0, |digit| u32::from(digit - b'0'));
        if self.negative { None } else { whole.checked_mul(10)?.checked_add(tenth) }
    }
}

/// A score as written in red; `None` where it is none, or more than `points`.
pub(crate) fn score(text: &str, points: Score) -> Option<MarkOf> {
    let value = Value::parse(text)?;
    // Scores come in tenths.
    if value.fraction.len() > 1 {
        return None;
    }
    let score = Score(value.tenths()?);
    let verdict = match score {
        Score(0) => Verdict::Wrong,
        all if all == points => Verdict::Right,
        some if some < points => Verdict::Partly,
        _ => return None,
    };
    Some(MarkOf { verdict, score })
}
