//! What can be written in a field: the one type of accepted answers and of readings, and the one
//! place where both become text and are parsed.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Kind, NumberForm, Steps, StepsOutcome};

/// An answer of a certain kind. Its text is what `Display` gives and [`Written::parse`] takes:
/// `3.5`, `B`, `√`, `<`, `ACD`, `1B 2A`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// Digits, each of which counts.
    Digits(String),
    /// A number.
    Number(Number),
    /// A capital letter.
    Letter(char),
    /// `true` for √.
    TrueFalse(bool),
    /// A sign between two numbers.
    Comparison(Comparison),
    /// Words, or whatever else is on a line.
    Expression(String),
    /// Arithmetic worked out.
    Steps(Steps),
    /// One character.
    Character(char),
    /// The letters of the bubbles that are filled.
    Choices(BTreeSet<char>),
    /// The figures and letters that lines go between.
    Pairs(BTreeSet<(char, char)>),
}

/// `<`, `>` or `=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `<`
    Less,
    /// `>`
    Greater,
    /// `=`
    Equal,
}

/// A number as it is written, and its value: `3.50` and `3.5` differ in the one and not in the
/// other. A percent sign or a unit may stand after it: `25%`, `12 厘米`. A fraction is one too, and a
/// whole number with a fraction: `1/2`, `1 1/2`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number {
    written: String,
    /// How much of `written` is figures, in bytes.
    figures: usize,
    value: Decimal,
}

/// The longest unit, in characters: `平方千米`, `千米/小时`.
const UNIT_MAX: usize = 8;

/// A decimal number in units of 10⁻¹⁸, so that no rounding makes two numbers equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

/// Digits before the point, and after it.
const DIGITS_MAX: usize = 18;
/// Figures over the bar of a fraction, under it, and before it.
const FRACTION_DIGITS_MAX: usize = 4;
const ONE: i128 = 10_i128.pow(DIGITS_MAX as u32);

/// The answers that are right, and when another one is equal to one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// At least one; the first is the one that people are told.
    pub answers: Vec<Written>,
    /// When an answer is one of them.
    pub equal: Equivalence,
}

/// When two answers are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equivalence {
    /// Where they are written alike; steps where they work the same sum out rightly.
    Same,
    /// Where their values differ by no more than this: for numbers.
    Value {
        /// Not negative; 0 for equal values.
        tolerance: Decimal,
    },
}

impl Accepted {
    /// One right answer: numbers by value, the rest as written.
    pub fn one(answer: Written) -> Self {
        let equal = match &answer {
            Written::Number(_) => Equivalence::Value { tolerance: Decimal::default() },
            _ => Equivalence::Same,
        };
        Self { answers: vec![answer], equal }
    }

    /// Whether `answer` is right.
    pub fn holds(&self, answer: &Written) -> bool {
        self.answers.iter().any(|accepted| match (self.equal, accepted, answer) {
            (Equivalence::Value { tolerance }, Written::Number(a), Written::Number(b)) => {
                a.value.distance(b.value) <= tolerance && a.unit() == b.unit()
            }
            (_, Written::Steps(key), Written::Steps(steps)) => {
                steps.against(key).outcome == StepsOutcome::Right
            }
            _ => accepted == answer,
        })
    }
}

/// What people are told is right: `3.5`, `0.5 / 1.5`, `3.5 ± 0.1`.
impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, answer) in self.answers.iter().enumerate() {
            let between = if index == 0 { "" } else { " / " };
            write!(f, "{between}{answer}")?;
        }
        match self.equal {
            Equivalence::Value { tolerance } if tolerance != Decimal::default() => {
                write!(f, " ± {tolerance}")
            }
            _ => Ok(()),
        }
    }
}

impl Written {
    /// An answer of this kind from its text; `None` for what is none of the kind.
    pub fn parse(kind: &Kind, text: &str) -> Option<Self> {
        let one = || {
            let mut chars = text.chars();
            chars.next().filter(|_| chars.next().is_none())
        };
        let written = match kind {
            Kind::Digits => Self::Digits(text.to_owned()),
            Kind::Number(_) => Self::Number(Number::parse(text)?),
            Kind::Letter(_) => Self::Letter(one()?),
            Kind::TrueFalse => Self::TrueFalse(match text {
                "√" => true,
                "×" => false,
                _ => return None,
            }),
            Kind::Comparison => Self::Comparison(Comparison::parse(text)?),
            Kind::Expression => Self::Expression(text.trim().to_owned()),
            Kind::Steps | Kind::Column => Self::Steps(Steps::parse(text)?),
            Kind::Character => Self::Character(one()?),
            Kind::Choice | Kind::Choices => {
                let letters: BTreeSet<char> = text.chars().collect();
                // In order and none twice, so that one set has one text.
                if !letters.iter().copied().eq(text.chars()) {
                    return None;
                }
                Self::Choices(letters)
            }
            Kind::Pairs => {
                let mut pairs = BTreeSet::new();
                for pair in text.split(' ') {
                    let mut ends = pair.chars();
                    let (from, to) = (ends.next()?, ends.next()?);
                    // Each once, so that one set has one text.
                    if ends.next().is_some() || !pairs.insert((from, to)) {
                        return None;
                    }
                }
                Self::Pairs(pairs)
            }
            Kind::Free => return None,
        };
        written.is_of(kind).then_some(written)
    }

    /// Whether it is an answer of this kind.
    pub fn is_of(&self, kind: &Kind) -> bool {
        match (kind, self) {
            (Kind::Digits, Self::Digits(digits)) => is_digits(digits),
            (Kind::Number(form), Self::Number(number)) => match form {
                NumberForm::Whole => number.is_whole(),
                NumberForm::Decimal => number.unit().is_none(),
                NumberForm::Percent => number.unit().is_none_or(|unit| unit == "%"),
                NumberForm::Unit => true,
            },
            (Kind::Letter(options), Self::Letter(letter)) => options.contains(*letter),
            (Kind::TrueFalse, Self::TrueFalse(_)) | (Kind::Comparison, Self::Comparison(_)) => true,
            (Kind::Expression, Self::Expression(text)) => !text.is_empty(),
            (Kind::Steps | Kind::Column, Self::Steps(_)) => true,
            (Kind::Character, Self::Character(character)) => !character.is_whitespace(),
            (Kind::Choice, Self::Choices(letters)) => letters.len() == 1,
            (Kind::Choices, Self::Choices(letters)) => !letters.is_empty(),
            (Kind::Pairs, Self::Pairs(pairs)) => {
                let named =
                    |(from, to): &(char, char)| from.is_ascii_digit() && to.is_ascii_uppercase();
                !pairs.is_empty() && pairs.iter().all(named)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits(text) | Self::Expression(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Steps(steps) => write!(f, "{steps}"),
            Self::Letter(character) | Self::Character(character) => write!(f, "{character}"),
            Self::TrueFalse(true) => f.write_str("√"),
            Self::TrueFalse(false) => f.write_str("×"),
            Self::Comparison(sign) => f.write_str(sign.text()),
            Self::Pairs(pairs) => pairs.iter().enumerate().try_for_each(|(at, (from, to))| {
                write!(f, "{}{from}{to}", if at == 0 { "" } else { " " })
            }),
            Self::Choices(letters) => letters.iter().try_for_each(|letter| write!(f, "{letter}")),
        }
    }
}

impl Comparison {
    /// The sign of that text.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Less, Self::Greater, Self::Equal].into_iter().find(|sign| sign.text() == text)
    }

    fn text(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::Greater => ">",
            Self::Equal => "=",
        }
    }
}

impl Number {
    /// What stands for a unit that was written and not read.
    pub const UNREAD: &str = "…";

    /// A number in decimal notation, such as `-3.50`: figures, and between figures perhaps one
    /// point; a minus before, and after it perhaps a percent sign or a unit. `3.` is a number not
    /// finished, or a stray dot.
    ///
    /// Or a fraction of whole numbers of at most four figures, above zero below the bar; its value is
    /// cut off after 18 decimals, so that two of them are equal where their fractions are.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains('/') && text.bytes().all(|b| b.is_ascii_digit() || b" /-".contains(&b)) {
            let (written, figures) = (text.to_owned(), text.len());
            return Some(Self { written, figures, value: Decimal::of_fraction(text)? });
        }
        let is_figure = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
        let figures = text.find(|c| !is_figure(c)).unwrap_or(text.len());
        let (number, unit) = text.split_at(figures);
        let value = Decimal::parse(number)?;
        let (written, value) = match unit {
            "" => (number.to_owned(), value),
            "%" => (text.to_owned(), value.hundredth()?),
            _ => {
                let unit = unit.trim_start();
                is_unit(unit).then(|| (format!("{number} {unit}"), value))?
            }
        };
        Some(Self { written, figures, value })
    }

    /// Its value: that of `25%` is 0.25, that of `12 厘米` is 12.
    pub fn value(&self) -> Decimal {
        self.value
    }

    /// Its figures alone, without percent sign or unit.
    pub fn figures(&self) -> &str {
        &self.written[..self.figures]
    }

    /// The percent sign or unit after it.
    pub fn unit(&self) -> Option<&str> {
        Some(self.written[self.figures..].trim_start()).filter(|unit| !unit.is_empty())
    }

    /// Whether it is written without a point or a bar, and nothing after it.
    pub fn is_whole(&self) -> bool {
        !self.written.contains(['.', '/']) && self.unit().is_none()
    }

    /// Whether it is written as a fraction, or as a whole number with one.
    pub fn is_fraction(&self) -> bool {
        self.figures().contains('/')
    }
}

fn is_unit(text: &str) -> bool {
    let is_part = |c: char| c.is_alphabetic() || matches!(c, '/' | '²' | '³' | '°' | '℃' | '…');
    (1..=UNIT_MAX).contains(&text.chars().count())
        && text.chars().all(is_part)
        && !text.starts_with('/')
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.written
    }
}

impl TryFrom<String> for Number {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a decimal number")
    }
}

impl Decimal {
    /// See [`Number::parse`]; at most 18 figures before the point and 18 after it.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let all = digits.split('.').all(is_digits);
        if !all || whole.len() > DIGITS_MAX || fraction.len() > DIGITS_MAX {
            return None;
        }
        let units = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i128>().ok() };
        let places = (DIGITS_MAX - fraction.len()) as u32;
        Some(Self(sign * (units(whole)? * ONE + units(fraction)? * 10_i128.pow(places))))
    }

    /// In tenths; `None` where it is negative, too large, or has more than one decimal.
    pub fn tenths(self) -> Option<u32> {
        let tenth = ONE / 10;
        (self.0 % tenth == 0).then_some(self.0 / tenth).and_then(|tenths| tenths.try_into().ok())
    }

    /// The value of `1/2` or `1 1/2`.
    fn of_fraction(text: &str) -> Option<Self> {
        let (sign, text) = match text.strip_prefix('-') {
            Some(text) => (-1, text),
            None => (1, text),
        };
        let (whole, fraction) = text.split_once(' ').unwrap_or(("0", text));
        let (over, under) = fraction.split_once('/')?;
        let figures = |text: &str| {
            let is_short = is_digits(text) && text.len() <= FRACTION_DIGITS_MAX;
            is_short.then(|| text.parse::<i128>().ok()).flatten()
        };
        let (whole, over, under) = (figures(whole)?, figures(over)?, figures(under)?);
        (under > 0).then(|| Self(sign * (whole * ONE + over * ONE / under)))
    }

    fn hundredth(self) -> Option<Self> {
        (self.0 % 100 == 0).then_some(Self(self.0 / 100))
    }

    fn distance(self, other: Self) -> Self {
        // At most 2 × 10³⁶: an `i128` holds 80 times as much.
        Self((self.0 - other.0).abs())
    }
}

/// Without zeros that do not count.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.abs() / ONE, self.0.abs() % ONE);
        write!(f, "{sign}{whole}")?;
        match format!("{fraction:018}").trim_end_matches('0') {
            "" => Ok(()),
            digits => write!(f, ".{digits}"),
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
