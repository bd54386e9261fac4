//! What stands in a number and around it: an equals sign before it, a full stop after it, commas
//! at its thousands. Everything else is foreign, and a number with it is nothing to be sure of.

use super::log_sum;
use super::place::Place;
use crate::alphabet::SYMBOLS;

/// What a part of the ink is taken for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    /// A symbol that the grammar knows; `None` for what is no part of a number.
    symbol: Option<char>,
    cost: f32,
}

/// What one part of the ink may be.
pub(super) type Tokens = std::iter::Flatten<std::array::IntoIter<Option<Token>, 3>>;

impl Token {
    pub(super) fn new(symbol: Option<char>, cost: f32) -> Self {
        Self { symbol, cost }
    }
}

/// Cost of ink that is no symbol at all: what a wrong cut leaves looks like that too.
const NOTHING_COST: f32 = 6.0;
/// Cost of a digit that is no part of the number: none where it is small and raised.
const CARRY_COST: f32 = 9.0;
/// Cost of a point that parts off three digits, which a comma does more often.
const THOUSANDS_POINT_COST: f32 = 2.0;

/// What a part that looks like output `at` may be. The network does not know commas and small
/// rings: it takes them for what they are like, and their place tells.
pub(crate) fn tokens(at: usize, place: &Place) -> Tokens {
    let token = |symbol, cost| Some(Token { symbol, cost });
    let foreign = |cost| token(None, cost);
    let digit = |digit| token(Some(digit), place.cost_of_digit());
    let carry = foreign(place.cost_of_no_digit(CARRY_COST));
    let comma = token(Some(','), place.cost_of_comma());
    let ring = token(Some('。'), place.cost_of_ring());
    match SYMBOLS.get(at).copied() {
        None => [foreign(NOTHING_COST), comma, ring],
        Some(zero @ ('0' | '6' | '8' | '9')) => [digit(zero), carry, ring],
        Some('1') => [
            token(Some('1'), place.cost_of_one()),
            foreign(place.cost_of_no_one(CARRY_COST)),
            comma,
        ],
        Some(bent @ ('2' | '7')) => [digit(bent), carry, comma],
        Some(other @ '0'..='9') => [digit(other), carry, None],
        Some('.') => {
            [token(Some('.'), place.cost_of_point().min(6.0)), foreign(NOTHING_COST), comma]
        }
        Some('/') => [foreign(0.0), comma, None],
        Some('A'..='G') => [foreign(0.0), ring, None],
        Some('=') => [token(Some('='), 0.0), None, None],
        Some(_) => [foreign(0.0), None, None],
    }
    .into_iter()
    .flatten()
}

/// A number as far as it is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Text {
    /// Digits and punctuation as written.
    pub(crate) written: String,
    /// Whether something stood among them that is no part of a number.
    pub(crate) foreign: bool,
    /// Logarithm of its weight.
    pub(crate) score: f32,
    /// Equal for equal texts, and for hardly any others: most are told apart without a look at them.
    pub(super) hash: u64,
    /// The likeliest way to it.
    pub(crate) way: Way,
}

/// A way through the parts of an answer: its last step among those that a search took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Way(u32);

/// The steps that a search took.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<Step>);

/// What one part was taken for, after others.
#[derive(Clone, Copy, Debug)]
struct Step {
    before: Way,
    part: u16,
    symbol: Option<char>,
}

impl Steps {
    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn go_on(&mut self, before: Way, part: usize, symbol: Option<char>) -> Way {
        self.0.push(Step { before, part: part as u16, symbol });
        Way(self.0.len() as u32)
    }

    /// The parts of a way and what each was taken for, last first; `None` for what is foreign.
    pub(crate) fn back(&self, way: Way) -> impl Iterator<Item = (usize, Option<char>)> {
        let step = |way: Way| self.0.get((way.0 as usize).checked_sub(1)?);
        let steps = std::iter::successors(step(way), move |last| step(last.before));
        steps.map(|step| (usize::from(step.part), step.symbol))
    }
}

impl Text {
    /// Adds this text and `token`, which `part` is taken for, to `texts`, or its weight to the same
    /// text.
    pub(crate) fn add(
        &self,
        (part, token): (usize, Token),
        p: f32,
        texts: &mut Vec<Self>,
        steps: &mut Steps,
    ) {
        let score = self.score + p - token.cost;
        let foreign = self.foreign || token.symbol.is_none();
        let hash = token.symbol.map_or(self.hash, |symbol| hashed(self.hash, symbol));
        let is_same = |known: &&mut Self| {
            known.hash == hash
                && known.foreign == foreign
                && match token.symbol {
                    Some(symbol) => known.written.strip_suffix(symbol) == Some(&self.written),
                    None => known.written == self.written,
                }
        };
        match texts.iter_mut().find(is_same) {
            // A way that weighs more than all before it together is the likeliest; that one which
            // weighs less may be too does no harm.
            Some(known) => {
                if score > known.score {
                    known.way = steps.go_on(self.way, part, token.symbol);
                }
                known.score = log_sum(known.score, score);
            }
            None => {
                let written = self.written.chars().chain(token.symbol).collect();
                let way = steps.go_on(self.way, part, token.symbol);
                texts.push(Self { written, foreign, score, hash, way });
            }
        }
    }

    /// The number without punctuation, whether anything foreign is left then, and the logarithm of
    /// its weight. A number may have a point where `point` says so.
    pub(crate) fn settle(&self, point: bool) -> (String, bool, f32) {
        let text = self.written.strip_prefix('=').unwrap_or(&self.written);
        let text = text.strip_suffix(['.', '。']).unwrap_or(text);
        let (whole, part) = match text.split_once('.') {
            Some((whole, part)) => (whole, Some(part)),
            None => (text, None),
        };
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let is_part = |part: &str| point && is_digits(part);
        let grammatical = is_grouped(whole) && part.is_none_or(is_part);
        let kept = |c: &char| c.is_ascii_digit() || (grammatical && *c == '.');
        let thousands = part.is_some_and(|part| part.len() == 3) && whole != "0";
        let cost = if thousands { THOUSANDS_POINT_COST } else { 0.0 };
        let number = text.chars().filter(kept).collect();
        (number, self.foreign || !grammatical, self.score - cost)
    }
}

/// The hash of a text with one more symbol, as FNV-1a works it out.
fn hashed(hash: u64, symbol: char) -> u64 {
    (hash ^ u64::from(symbol)).wrapping_mul(0x0000_0100_0000_01b3)
}

/// Whether it is digits, or digits with a comma before each three of them.
fn is_grouped(whole: &str) -> bool {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let is_digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let mut rest = groups.peekable();
    let led = !first.is_empty() && (rest.peek().is_none() || first.len() <= 3);
    led && is_digits(first) && rest.all(|group| group.len() == 3 && is_digits(group))
}
