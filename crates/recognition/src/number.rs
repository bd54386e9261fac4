//! Numbers: ink is cut into more pieces than it has symbols, neighbouring pieces are put together
//! in every sensible way, and the way whose every part looks like a symbol wins.
//!
//! The network's "no symbol" output does the work that a grammar of shapes would do: half a `4`
//! and a `10` taken as one symbol are no symbols. What else may stand around a number is known to
//! [`grammar`]; where a symbol stands beside the others, to [`place`].

use crate::alphabet::{Alphabet, SYMBOLS, SymbolSet};
use crate::features::{self, Glyph};
use crate::hand::{self, Hands, Own};
use crate::network::{JOIN, OUTPUTS, Workspace};
use crate::weights::Model;

mod grammar;
mod line;
mod pieces;
mod place;
#[cfg(test)]
mod tests;

use grammar::{Steps, Text, Tokens, Way};
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
    work: Workspace,
    steps: Steps,
}

/// An answer's ink in parts that may be symbols, and what the network makes of each.
#[derive(Debug, Default)]
pub(crate) struct Lattice {
    pieces: usize,
    cuts: usize,
    parts: Vec<Part>,
    /// [`OUTPUTS`] per part.
    outputs: Vec<f32>,
    /// Where each part lies if it is a digit.
    places: Vec<hand::Place>,
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
    way: Way,
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

impl Lattice {
    /// Places at which strokes were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.cuts
    }

    fn clear(&mut self) {
        self.parts.clear();
        self.outputs.clear();
        self.places.clear();
        self.cuts = 0;
    }
}

impl Search {
    /// Cuts `glyph` into parts and has the network look at each.
    pub(crate) fn look(&mut self, model: &Model, glyph: &Glyph, lattice: &mut Lattice) {
        self.pieces.cut(glyph);
        lattice.clear();
        // What has too many pieces is no number: it is left without parts.
        lattice.pieces = self.pieces.len();
        if lattice.pieces > PIECES_MAX {
            return;
        }
        lattice.cuts = self.pieces.cuts();
        self.collect_parts(glyph, &mut lattice.parts);
        let symbols = &self.symbols[..lattice.parts.len() * features::LEN];
        lattice.outputs.extend_from_slice(model.network.forward(symbols, &mut self.work));
        let hidden = self.work.hidden().chunks_exact(JOIN.outputs).take(lattice.parts.len());
        lattice.places.extend(hidden.map(|hidden| model.hands.place(hidden)));
    }

    /// The likeliest numbers, or lines, of what was looked at, likeliest first; none where no way
    /// through has a chance. `own` adds to the outputs for digits where hands and own digits of the
    /// writer are known.
    pub(crate) fn read(
        &mut self,
        lattice: &Lattice,
        set: SymbolSet,
        grammar: Grammar,
        own: Option<(&Hands, &Own)>,
    ) -> Vec<Found> {
        self.steps.clear();
        let mut best: Vec<Vec<Text>> = vec![Vec::new(); lattice.pieces + 1];
        best[0].push(Text::default());
        // Parts come ordered by their first piece, so that what leads to them is complete.
        for (at, part) in lattice.parts.iter().enumerate() {
            let weight = 1.0 + PIECE_WEIGHT * (part.end - part.first - 1) as f32;
            let (before, after) = best.split_at_mut(part.end);
            let mut row = [0.0; OUTPUTS];
            row.copy_from_slice(&lattice.outputs[at * OUTPUTS..][..OUTPUTS]);
            if let Some((hands, own)) = own {
                let says = hands.says(own, &lattice.places[at]);
                row.iter_mut().zip(says).for_each(|(output, says)| *output += says);
            }
            for (symbol, p) in log_softmax(&row, &set) {
                if p < FOLLOWED_MIN {
                    continue;
                }
                for token in grammar.tokens(symbol, &part.place, &set) {
                    for text in &before[part.first] {
                        let score = weight * p - part.cost;
                        text.add((at, token), score, &mut after[0], &mut self.steps);
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
        let ways = if lattice.parts.is_empty() { None } else { best.pop() };
        for written in ways.unwrap_or_default() {
            let way = written.way;
            let (text, foreign, score) = match grammar {
                Grammar::Number => written.settle(point),
                Grammar::Line => line::settle(&written),
            };
            match found.iter_mut().find(|f| f.text == text && f.foreign == foreign) {
                Some(known) => known.score = log_sum(known.score, score),
                None => found.push(Found { text, foreign, score, way }),
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found
    }

    /// The digits of what the last [`Self::read`] found in this lattice, and where they lie.
    pub(crate) fn digits(&self, lattice: &Lattice, found: &Found) -> Vec<(usize, hand::Place)> {
        let digit = |(part, symbol): (usize, Option<char>)| {
            Some((symbol?.to_digit(10)? as usize, lattice.places[part]))
        };
        self.steps.back(found.way).filter_map(digit).collect()
    }

    fn collect_parts(&mut self, glyph: &Glyph, parts: &mut Vec<Part>) {
        for first in 0..self.pieces.len() {
            for end in first + 1..=(first + JOINED_MAX).min(self.pieces.len()) {
                if !self.pieces.may_join(first, end, glyph.size) {
                    break;
                }
                self.pieces.join(glyph, first, end, &mut self.glyph);
                let at = parts.len() * features::LEN;
                if self.symbols.len() == at {
                    self.symbols.resize(at + features::LEN, 0.0);
                }
                let own = &mut self.symbols[at..at + features::LEN];
                features::extract(&self.glyph, &mut self.path, own);
                let cost = CUT_COST * self.pieces.cuts_at(end) as f32
                    + OVERLAP_COST * self.pieces.overlap_at(end, glyph.size);
                let place = self.pieces.place(first, end, glyph.size);
                parts.push(Part { first, end, cost, place });
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
