//! What an equation of plain numbers comes to, so that a key that is not what its question computes
//! is noticed. Whatever else stands in a question is left alone.

#[cfg(test)]
mod tests;

use std::fmt;

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

/// The value of one side: numbers, `+ − × ÷`, fractions, per cent and brackets; `None` of anything
/// else.
fn value(side: &str) -> Option<Fraction> {
    let tokens: Vec<char> = side.chars().map(half_width).collect();
    let mut reader = Reader { tokens: &tokens, depth: 0 };
    let value = reader.sum()?;
    reader.skip();
    reader.tokens.is_empty().then_some(value)
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        '＋' => '+',
        '−' | '－' | '–' => '-',
        '*' => '×',
        '（' => '(',
        '）' => ')',
        '％' => '%',
        '．' => '.',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

struct Reader<'a> {
    tokens: &'a [char],
    depth: u32,
}

/// Brackets within brackets, at most.
const DEPTH_MAX: u32 = 20;

impl Reader<'_> {
    fn skip(&mut self) {
        while let [' ', rest @ ..] = self.tokens {
            self.tokens = rest;
        }
    }

    /// Takes the next sign, if it is one of these.
    fn take(&mut self, signs: &[char]) -> Option<char> {
        self.skip();
        let (first, rest) = self.tokens.split_first()?;
        signs.contains(first).then(|| {
            self.tokens = rest;
            *first
        })
    }

    fn sum(&mut self) -> Option<Fraction> {
        let mut sum = self.product()?;
        while let Some(sign) = self.take(&['+', '-']) {
            let next = self.product()?;
            sum = sum.plus(if sign == '+' { next } else { next.negative() })?;
        }
        Some(sum)
    }

    fn product(&mut self) -> Option<Fraction> {
        let mut product = self.fraction()?;
        while let Some(sign) = self.take(&['×', '÷']) {
            let next = self.fraction()?;
            product = if sign == '×' { product.times(next)? } else { product.over(next)? };
        }
        Some(product)
    }

    /// A stroke binds closer than ÷: `2 ÷ 1/2` is 4.
    fn fraction(&mut self) -> Option<Fraction> {
        let over = self.single()?;
        match self.take(&['/']) {
            Some(_) => over.over(self.single()?),
            None => Some(over),
        }
    }

    fn single(&mut self) -> Option<Fraction> {
        if self.take(&['-']).is_some() {
            return Some(self.unsigned()?.negative());
        }
        self.unsigned()
    }

    fn unsigned(&mut self) -> Option<Fraction> {
        let value = if self.take(&['(']).is_some() {
            self.depth += 1;
            if self.depth > DEPTH_MAX {
                return None;
            }
            let value = self.sum()?;
            self.take(&[')'])?;
            self.depth -= 1;
            value
        } else {
            self.number()?
        };
        match self.take(&['%']) {
            Some(_) => value.over(Fraction { over: 100, under: 1 }),
            None => Some(value),
        }
    }

    fn number(&mut self) -> Option<Fraction> {
        self.skip();
        let is_part = |c: &&char| c.is_ascii_digit() || **c == '.';
        let length = self.tokens.iter().take_while(is_part).count();
        let (digits, rest) = self.tokens.split_at(length);
        self.tokens = rest;
        let text: String = digits.iter().collect();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        // One point, and figures on both of its sides.
        if whole.is_empty() || decimals.contains('.') || text.ends_with('.') {
            return None;
        }
        let under = 10_i128.checked_pow(u32::try_from(decimals.len()).ok()?)?;
        let over = format!("{whole}{decimals}").parse().ok()?;
        Some(Fraction { over, under }.reduced())
    }
}

/// A number as one whole number over another, which is above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fraction {
    over: i128,
    under: i128,
}

impl Fraction {
    fn reduced(self) -> Self {
        let (mut a, mut b) = (self.over.unsigned_abs(), self.under.unsigned_abs());
        while b > 0 {
            (a, b) = (b, a % b);
        }
        // Both fit where one of them did; 0 over 0 does not come up.
        let common = i128::try_from(a).unwrap_or(1).max(1);
        Self { over: self.over / common, under: self.under / common }
    }

    fn negative(self) -> Self {
        Self { over: -self.over, ..self }
    }

    fn plus(self, other: Self) -> Option<Self> {
        let over =
            self.over.checked_mul(other.under)?.checked_add(other.over.checked_mul(self.under)?)?;
        Some(Self { over, under: self.under.checked_mul(other.under)? }.reduced())
    }

    fn times(self, other: Self) -> Option<Self> {
        let over = self.over.checked_mul(other.over)?;
        Some(Self { over, under: self.under.checked_mul(other.under)? }.reduced())
    }

    fn over(self, other: Self) -> Option<Self> {
        if other.over == 0 {
            return None;
        }
        let sign = other.over.signum();
        let over = self.over.checked_mul(other.under)?.checked_mul(sign)?;
        Some(Self { over, under: self.under.checked_mul(other.over.checked_abs()?)? }.reduced())
    }

    fn compare(self, other: Self) -> Option<std::cmp::Ordering> {
        Some(self.over.checked_mul(other.under)?.cmp(&other.over.checked_mul(self.under)?))
    }
}

/// As a decimal where that ends soon, else as a fraction.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, over) = (if self.over < 0 { "-" } else { "" }, self.over.unsigned_abs());
        let under = self.under.unsigned_abs();
        for decimals in 0..=6_u32 {
            let scale = 10_u128.pow(decimals);
            let Some(scaled) = over.checked_mul(scale) else { break };
            if scaled.is_multiple_of(under) {
                let digits = scaled / under;
                return match decimals {
                    0 => write!(f, "{sign}{digits}"),
                    _ => write!(
                        f,
                        "{sign}{}.{:0>width$}",
                        digits / scale,
                        digits % scale,
                        width = decimals as usize
                    ),
                };
            }
        }
        write!(f, "{sign}{over}/{under}")
    }
}
