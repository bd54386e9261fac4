//! Plain arithmetic as it is written in a line, with exact values.

use std::fmt;

/// The value of one side; `None` of what [`term`] does not read, or what cannot be computed.
pub(crate) fn value(side: &str) -> Option<Fraction> {
    term(side)?.value()
}

/// One side: numbers, `+ − × ÷`, fractions, per cent and brackets; `None` of anything else.
pub(crate) fn term(side: &str) -> Option<Term> {
    let tokens: Vec<char> = side.chars().map(half_width).collect();
    let mut reader = Reader { tokens: &tokens, depth: 0 };
    let term = reader.sum()?;
    reader.skip();
    reader.tokens.is_empty().then_some(term)
}

/// One side of an equation as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Term {
    /// A number; a fraction and per cent are one too.
    Number(Fraction),
    /// At least one, each with whether it is taken away.
    Sum(Vec<(bool, Term)>),
    /// At least two, each with whether it divides.
    Product(Vec<(bool, Term)>),
}

/// The only one, or all of them together.
fn alone(mut terms: Vec<(bool, Term)>, together: fn(Vec<(bool, Term)>) -> Term) -> Term {
    match (terms.len(), terms.pop()) {
        (1, Some((false, only))) => only,
        (_, last) => {
            terms.extend(last);
            together(terms)
        }
    }
}

fn divided(over: Term, under: Term) -> Option<Term> {
    match (&over, &under) {
        (Term::Number(a), Term::Number(b)) => Some(Term::Number(a.over(*b)?)),
        _ => Some(Term::Product(vec![(false, over), (true, under)])),
    }
}

impl Term {
    /// What it comes to; `None` where that cannot be computed.
    pub(crate) fn value(&self) -> Option<Fraction> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Sum(terms) => terms.iter().try_fold(Fraction::of(0), |sum, (minus, term)| {
                let value = term.value()?;
                sum.plus(if *minus { value.negative() } else { value })
            }),
            Self::Product(factors) => {
                factors.iter().try_fold(Fraction::of(1), |product, (divides, factor)| {
                    let value = factor.value()?;
                    if *divides { product.over(value) } else { product.times(value) }
                })
            }
        }
    }

    /// The same without brackets that change nothing and in an order of its own: `4×3` and `3×4` are
    /// one.
    pub(crate) fn arranged(&self) -> Self {
        let arranged = |terms: &[(bool, Self)], is_sum: bool| {
            let mut all: Vec<(bool, Self)> = Vec::new();
            for (other, term) in terms {
                match (term.arranged(), is_sum) {
                    (Self::Sum(inner), true) | (Self::Product(inner), false) => {
                        all.extend(inner.into_iter().map(|(of_it, term)| (of_it != *other, term)));
                    }
                    (term, _) => all.push((*other, term)),
                }
            }
            all.sort();
            all
        };
        match self {
            Self::Number(number) => Self::Number(*number),
            Self::Sum(terms) => Self::Sum(arranged(terms, true)),
            Self::Product(factors) => Self::Product(arranged(factors, false)),
        }
    }

    /// The same with its next operation done, by the rules of precedence and from the left; `None` of
    /// a number, and of what cannot be computed.
    pub(crate) fn stepped(&self) -> Option<Self> {
        let (terms, together): (_, fn(_) -> Self) = match self {
            Self::Number(_) => return None,
            Self::Sum(terms) => (terms, Self::Sum),
            Self::Product(factors) => (factors, Self::Product),
        };
        let mut terms = terms.clone();
        if let Some(at) = terms.iter().position(|(_, term)| !matches!(term, Self::Number(_))) {
            terms[at].1 = terms[at].1.stepped()?;
            return Some(alone(terms, together));
        }
        let both: Vec<(bool, Self)> = terms.drain(..terms.len().min(2)).collect();
        let done = Self::Number(together(both).value()?);
        terms.insert(0, (false, done));
        Some(alone(terms, together))
    }
}

/// As it is written in a line, without spaces.
impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (terms, signs) = match self {
            Self::Number(number) => return number.fmt(f),
            Self::Sum(terms) => (terms, ['+', '-']),
            Self::Product(factors) => (factors, ['×', '÷']),
        };
        let is_product = matches!(self, Self::Product(_));
        for (at, (other, term)) in terms.iter().enumerate() {
            if at > 0 || *other {
                write!(f, "{}", signs[usize::from(*other)])?;
            }
            match term {
                Self::Number(number) if at == 0 || number.over >= 0 => number.fmt(f)?,
                Self::Product(_) if !is_product => term.fmt(f)?,
                _ => write!(f, "({term})")?,
            }
        }
        Ok(())
    }
}

/// The sign that stands for this one in a line of arithmetic; any space is one.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        '＋' => '+',
        '−' | '－' | '–' => '-',
        '*' => '×',
        '（' => '(',
        '）' => ')',
        '％' => '%',
        '＝' => '=',
        '；' => ';',
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

    fn sum(&mut self) -> Option<Term> {
        let first = self.product()?;
        let mut terms = vec![(false, first)];
        while let Some(sign) = self.take(&['+', '-']) {
            terms.push((sign == '-', self.product()?));
        }
        Some(alone(terms, Term::Sum))
    }

    fn product(&mut self) -> Option<Term> {
        let first = self.fraction()?;
        let mut factors = vec![(false, first)];
        while let Some(sign) = self.take(&['×', '÷']) {
            factors.push((sign == '÷', self.fraction()?));
        }
        Some(alone(factors, Term::Product))
    }

    /// A stroke binds closer than ÷: `2 ÷ 1/2` is 4.
    fn fraction(&mut self) -> Option<Term> {
        let over = self.single()?;
        match self.take(&['/']) {
            Some(_) => divided(over, self.single()?),
            None => Some(over),
        }
    }

    fn single(&mut self) -> Option<Term> {
        if self.take(&['-']).is_some() {
            return Some(match self.unsigned()? {
                Term::Number(number) => Term::Number(number.negative()),
                other => Term::Sum(vec![(true, other)]),
            });
        }
        self.unsigned()
    }

    fn unsigned(&mut self) -> Option<Term> {
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
            Term::Number(self.number()?)
        };
        match self.take(&['%']) {
            Some(_) => divided(value, Term::Number(Fraction::of(100))),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fraction {
    over: i128,
    under: i128,
}

impl Fraction {
    fn of(whole: i128) -> Self {
        Self { over: whole, under: 1 }
    }

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

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let over =
            self.over.checked_mul(other.under)?.checked_add(other.over.checked_mul(self.under)?)?;
        Some(Self { over, under: self.under.checked_mul(other.under)? }.reduced())
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
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

    pub(crate) fn compare(self, other: Self) -> Option<std::cmp::Ordering> {
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
