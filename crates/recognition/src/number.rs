//! Numbers: ink is cut into more pieces than it has symbols, neighbouring pieces are put together
//! in every sensible way, and the way whose every part looks like a symbol wins.
//!
//! The network's "no symbol" output does the work that a grammar of shapes would do: half a `4`
//! and a `10` taken as one symbol are no symbols. What else may stand around a number is known to
//! [`grammar`]; where a symbol stands beside the others, to [`place`].

use crate::alphabet::{Alphabet, SYMBOLS, SymbolSet};
use crate::features::{self, Glyph};
use crate::network::{Network, OUTPUTS, Workspace};

mod grammar;
mod line;
mod pieces;
mod place;
#[cfg(test)]
mod tests;

use grammar::{Text, Tokens};
pub(crate) use pieces::Pieces;
use place::Place;

/// Pieces put together at most.
const JOINED_MAX: usize = 5;
/// Pieces of one answer at most; more is a drawing, not a number.
const PIECES_MAX: usize = 48;
/// Texts kept at each place, and as many again that hold something foreign.
const KEPT: usize = 8;
/// Cost of each cut inside a stroke: pens mostly lift between symbols.
const CUT_COST: f32 = 2.0;
/// How much a part made of several pieces counts for each piece beyond the first: otherwise fewer
/// parts would always be likelier than more.
const PIECE_WEIGHT: f32 = 0.7;
/// Cost of going over from one symbol to the next where they stand fully above each other.
const OVERLAP_COST: f32 = 8.0;
/// Symbols less likely than this (a logarithm) are not followed.
const FOLLOWED_MIN: f32 = -9.0;

/// Memory of the search.
#[derive(Debug, Default)]
pub(crate) struct Search {
    pieces: Pieces,
    glyph: Glyph,
    path: Vec<[f32; 2]>,
    /// What the network sees of each part, and behind it what is left of an earlier number.
    symbols: Vec<f32>,
    parts: Vec<Part>,
    work: Workspace,
}

/// Neighbouring pieces taken for one symbol.
#[derive(Clone, Copy, Debug)]
struct Part {
    first: usize,
    /// One beyond the last.
    end: usize,
    /// What going over to the next symbol costs.
    cost: f32,
    place: Place,
}

/// What was found: a number and the logarithm of its weight against the others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// Digits, and for decimals a point.
    pub(crate) text: String,
    /// Whether the ink then holds something that is no part of a number.
    pub(crate) foreign: bool,
    pub(crate) score: f32,
}

/// What symbols beside each other may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// One number, and what may stand around it.
    Number,
    /// A line of arithmetic.
    Line,
}

impl Grammar {
    pub(crate) fn of(alphabet: Alphabet) -> Self {
        if alphabet == Alphabet::Line { Self::Line } else { Self::Number }
    }

    /// What a part that looks like output `at` may be.
    fn tokens(self, at: usize, place: &Place, set: &SymbolSet) -> Tokens {
        match self {
            Self::Number => grammar::tokens(at, place),
            Self::Line => line::tokens(at, place, set),
        }
    }
}

impl Search {
    /// The likeliest numbers, or lines, of `glyph`, likeliest first; none where no way through has a
    /// chance.
    pub(crate) fn run(
        &mut self,
        network: &Network,
        glyph: &Glyph,
        set: SymbolSet,
        grammar: Grammar,
    ) -> Vec<Found> {
        self.pieces.cut(glyph);
        let count = self.pieces.len();
        if count == 0 || count > PIECES_MAX {
            return Vec::new();
        }
        self.collect_parts(glyph);
        let symbols = &self.symbols[..self.parts.len() * features::LEN];
        let outputs = network.forward(symbols, &mut self.work);
        let mut best: Vec<Vec<Text>> = vec![Vec::new(); count + 1];
        best[0].push(Text::default());
        // Parts come ordered by their first piece, so that what leads to them is complete.
        for (part, row) in self.parts.iter().zip(outputs.chunks_exact(OUTPUTS)) {
            let weight = 1.0 + PIECE_WEIGHT * (part.end - part.first - 1) as f32;
            let (before, after) = best.split_at_mut(part.end);
            for (symbol, p) in log_softmax(row, &set) {
                if p < FOLLOWED_MIN {
                    continue;
                }
                for token in grammar.tokens(symbol, &part.place, &set) {
                    for text in &before[part.first] {
                        text.add(token, weight * p - part.cost, &mut after[0]);
                    }
                }
            }
            after[0].sort_by(|a, b| b.score.total_cmp(&a.score));
            let mut kept = [0; 2];
            after[0].retain(|text| {
                let kept = &mut kept[usize::from(text.foreign)];
                *kept += 1;
                *kept <= KEPT
            });
        }
        let point = set_has(&set, '.');
        let mut found: Vec<Found> = Vec::new();
        for text in best.pop().unwrap_or_default() {
            let (text, foreign, score) = match grammar {
                Grammar::Number => text.settle(point),
                Grammar::Line => line::settle(&text),
            };
            match found.iter_mut().find(|f| f.text == text && f.foreign == foreign) {
                Some(known) => known.score = log_sum(known.score, score),
                None => found.push(Found { text, foreign, score }),
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found
    }

    /// Places at which strokes of the last number were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.pieces.cuts()
    }

    fn collect_parts(&mut self, glyph: &Glyph) {
        self.parts.clear();
        for first in 0..self.pieces.len() {
            for end in first + 1..=(first + JOINED_MAX).min(self.pieces.len()) {
                if !self.pieces.may_join(first, end, glyph.size) {
                    break;
                }
                self.pieces.join(glyph, first, end, &mut self.glyph);
                let at = self.parts.len() * features::LEN;
                if self.symbols.len() == at {
                    self.symbols.resize(at + features::LEN, 0.0);
                }
                let own = &mut self.symbols[at..at + features::LEN];
                features::extract(&self.glyph, &mut self.path, own);
                let cost = CUT_COST * self.pieces.cuts_at(end) as f32
                    + OVERLAP_COST * self.pieces.overlap_at(end, glyph.size);
                let place = self.pieces.place(first, end, glyph.size);
                self.parts.push(Part { first, end, cost, place });
            }
        }
    }
}

fn set_has(set: &SymbolSet, symbol: char) -> bool {
    SYMBOLS.iter().position(|s| *s == symbol).is_some_and(|at| set.has(at))
}

/// Logarithm of the sum of two weights, from their logarithms.
fn log_sum(a: f32, b: f32) -> f32 {
    a.max(b) + (a.min(b) - a.max(b)).exp().ln_1p()
}

/// Logarithms of the probabilities of all outputs, where a number is asked for.
fn log_softmax(row: &[f32], set: &SymbolSet) -> impl Iterator<Item = (usize, f32)> {
    let weighed = row.iter().zip(set.log_priors()).map(|(output, prior)| output + prior);
    let most = weighed.clone().fold(f32::MIN, f32::max);
    let all = most + weighed.clone().map(|o| (o - most).exp()).sum::<f32>().ln();
    weighed.map(move |o| o - all).enumerate()
}
