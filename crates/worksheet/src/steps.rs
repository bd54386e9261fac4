//! Arithmetic worked out step by step: a sum on one line, `3×12=36`, or over several, each of which
//! begins with `=` (递等式). Each step is held against the one before it, so that a slip is found where
//! it happened, and what follows rightly from it is no second one.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::arithmetic::{Fraction, Term, half_width, term, value};

/// Sides that must be equal, divided by `=`, and perhaps further sums, divided by `;`. Where the first
/// side is left out, as in `=100+36=136`, the printed one goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Steps(String);

/// The longest text, in bytes: more than anybody writes on a page's lines.
const TEXT_MAX: usize = 1_000;

/// What became of steps that were held against a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepsJudged {
    /// In written order; the side that begins a sum is none.
    pub steps: Vec<Step>,
    /// What follows for all of them.
    pub outcome: StepsOutcome,
}

/// One step: from the side before an `=` to the side after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The side before, as it is written.
    pub from: String,
    /// The side after, as it is written.
    pub to: String,
    /// What the side before comes to where the side after does not: the slip.
    pub should_be: Option<String>,
}

/// What follows for all steps together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepsOutcome {
    /// Every step follows, and the last side is the right number.
    Right,
    /// The right number stands there at once, and the key has steps before it.
    Unworked,
    /// So many steps do not follow from the one before.
    Slips(usize),
    /// Another sum than the key's was worked out.
    AnotherWay,
    /// The last side is not worked out.
    Unfinished,
    /// A side alone disagrees with those on both of its sides, which agree: a slip of the pen, or of
    /// the reader.
    Unclear,
}

impl Steps {
    /// From a text in which spaces, full-width signs and `*` may stand.
    ///
    /// `None` where a side is no plain arithmetic, or cannot be computed.
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text.chars().map(half_width).filter(|c| *c != ' ').collect();
        if plain.len() > TEXT_MAX {
            return None;
        }
        let sound = plain.split(';').enumerate().all(|(at, sum)| {
            let led = sum.strip_prefix('=').filter(|_| at == 0).unwrap_or(sum);
            led.split('=').all(|side| term(side).and_then(|term| term.value()).is_some())
        });
        sound.then_some(Self(plain))
    }

    /// The steps that work `asked` out, one operation at a time; `None` where it is no plain arithmetic.
    pub fn of(asked: &str) -> Option<Self> {
        let mut steps = Self::parse(asked)?.0;
        if steps.contains(['=', ';']) {
            return None;
        }
        let mut last = term(&steps)?;
        while let Some(next) = last.stepped() {
            steps.push_str(&format!("={next}"));
            last = next;
        }
        Self::parse(&steps)
    }

    /// The same of one operation as it is worked out in figures under each other: with the products by
    /// each digit of the second factor, `24×13=72+240=312`. `None` of anything else.
    pub(crate) fn in_columns(&self) -> Option<Self> {
        let [asked, result] = self.0.split('=').collect::<Vec<_>>().try_into().ok()?;
        let single = match term(asked)? {
            Term::Sum(terms) => terms.len() == 2 && terms.iter().all(|(_, t)| is_plain(t)),
            Term::Product(terms) => terms.len() == 2 && terms.iter().all(|(_, t)| is_plain(t)),
            Term::Number(_) => false,
        };
        let Some((first, second)) = asked.split_once('×') else {
            return single.then(|| self.clone());
        };
        let digits: Vec<char> = second.chars().filter(char::is_ascii_digit).collect();
        match digits.as_slice() {
            _ if !single => None,
            [_] => Some(self.clone()),
            [tens, ones] if !second.contains('.') && !first.contains('.') && *ones != '0' => {
                let by = |digit: &str| value(&format!("{first}×{digit}"));
                let (ones, tens) = (by(&ones.to_string())?, by(&format!("{tens}0"))?);
                Self::parse(&format!("{asked}={ones}+{tens}={result}"))
            }
            [_, '0'] => Some(self.clone()),
            _ => None,
        }
    }

    /// A side with its operations done one at a time, itself first, each as it is written.
    pub fn worked(side: &str) -> Vec<String> {
        Self::of(side)
            .map_or_else(Vec::new, |steps| steps.0.split('=').map(str::to_owned).collect())
    }

    /// Whether it can be a key: sums that begin and end with a side each, follow, and come to a number.
    pub fn is_key(&self) -> bool {
        let sound = |sum: Vec<&str>| {
            let values: Vec<Option<Fraction>> = sum.iter().map(|side| value(side)).collect();
            sum.len() >= 2
                && values.windows(2).all(|pair| pair[0] == pair[1])
                && sum.last().is_some_and(|last| is_number(last))
        };
        !self.0.starts_with('=') && self.sums().into_iter().all(sound)
    }

    /// Whether every side equals the one before, of two or more that the pupil wrote: so much rarely
    /// agrees by a mistake of the reader.
    pub fn agree(&self) -> bool {
        let written = self.0.trim_start_matches('=');
        let agree = |sum: &str| {
            let values: Vec<Option<Fraction>> = sum.split('=').map(value).collect();
            values.len() >= 2 && values.windows(2).all(|pair| pair[0] == pair[1])
        };
        written.split(';').all(agree)
    }

    /// What a key has worked out: its first side.
    pub(crate) fn asked(&self) -> &str {
        self.0.split(['=', ';']).next().unwrap_or_default()
    }

    /// Whether the printed sum goes on, as in `=100+36=136`.
    pub(crate) fn goes_on(&self) -> bool {
        self.0.starts_with('=')
    }

    /// A side, or the number that it begins with, that comes to less than 0.
    pub(crate) fn below_zero(&self) -> Option<&str> {
        let zero = value("0")?;
        let below = |side: &&str| {
            value(side).and_then(|value| value.compare(zero)).is_some_and(|order| order.is_lt())
        };
        let first = |side: &'_ str| {
            let is_sign = |c: char| matches!(c, '+' | '-' | '×' | '÷');
            let end = side.get(1..).and_then(|rest| rest.find(is_sign));
            end.map_or(side.len(), |end| end + 1)
        };
        self.0.split(['=', ';']).flat_map(|side| [side, &side[..first(side)]]).find(below)
    }

    /// Whether there is a bracket in it.
    pub(crate) fn has_brackets(&self) -> bool {
        self.0.contains('(')
    }

    /// Whether a fraction stands in it.
    pub(crate) fn has_fractions(&self) -> bool {
        self.0.contains('/')
    }

    /// Whether brackets stand after the side that a sum begins with, which may be printed.
    pub(crate) fn has_brackets_to_write(&self) -> bool {
        self.sums().iter().any(|sum| sum.iter().skip(1).any(|side| side.contains('(')))
    }

    /// Holds the steps against a key.
    pub fn against(&self, key: &Self) -> StepsJudged {
        let (mut sums, keys) = (self.sums(), key.sums());
        if let (Some(first), Some(asked)) = (sums.first_mut(), keys.first())
            && self.goes_on()
        {
            first[0] = asked[0];
        }
        // What only says again what stands before it is no step.
        let repeats = |side: &&str, before: &&str| {
            side == before || is_number(side) && is_number(before) && value(side) == value(before)
        };
        sums.iter_mut().for_each(|sum| sum.dedup_by(|side, before| repeats(side, before)));
        let steps: Vec<Step> = sums.iter().flat_map(|sum| sum.windows(2)).map(step).collect();
        let outcome = outcome(&sums, &keys, &steps);
        StepsJudged { steps, outcome }
    }

    /// The sides of each sum; an empty one first where the printed one goes on.
    fn sums(&self) -> Vec<Vec<&str>> {
        self.0.split(';').map(|sum| sum.split('=').collect()).collect()
    }
}

fn step(pair: &[&str]) -> Step {
    let [from, to] = [pair[0], pair[1]];
    let should_be = value(from).filter(|from| value(to) != Some(*from));
    let should_be = should_be.map(|value| value.to_string());
    Step { from: from.to_owned(), to: to.to_owned(), should_be }
}

fn outcome(sums: &[Vec<&str>], keys: &[Vec<&str>], steps: &[Step]) -> StepsOutcome {
    let shape = |sum: &Vec<&str>| sum.first().and_then(|side| term(side)).map(|t| t.arranged());
    if sums.len() != keys.len() || sums.iter().zip(keys).any(|(sum, key)| shape(sum) != shape(key))
    {
        return StepsOutcome::AnotherWay;
    }
    let is_open =
        |sum: &Vec<&str>| sum.len() < 2 || !sum.last().is_some_and(|side| is_number(side));
    if sums.iter().any(is_open) {
        return StepsOutcome::Unfinished;
    }
    // What is asked for is the working; a number alone may come from anywhere.
    let is_bare = |(sum, key): (&Vec<&str>, &Vec<&str>)| {
        sum.len() == 2 && key.len() > 2 && value(sum[0]) == value(sum[1])
    };
    if sums.iter().zip(keys).any(is_bare) {
        return StepsOutcome::Unworked;
    }
    let alone = |three: &[&str]| {
        let [before, side, after] = [value(three[0]), value(three[1]), value(three[2])];
        before == after && side != before
    };
    if sums.iter().any(|sum| sum.windows(3).any(alone)) {
        return StepsOutcome::Unclear;
    }
    match steps.iter().filter(|step| step.should_be.is_some()).count() {
        0 => StepsOutcome::Right,
        slips => StepsOutcome::Slips(slips),
    }
}

/// Whether it is a number that is not below 0.
fn is_plain(term: &Term) -> bool {
    matches!(term, Term::Number(_)) && !term.to_string().starts_with('-')
}

/// Whether nothing is left to be worked out.
fn is_number(side: &str) -> bool {
    matches!(term(side), Some(Term::Number(_)))
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Steps> for String {
    fn from(steps: Steps) -> Self {
        steps.0
    }
}

impl TryFrom<String> for Steps {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not plain arithmetic")
    }
}
