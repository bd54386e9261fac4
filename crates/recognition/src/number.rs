//! Numbers: ink is cut into more pieces than it has symbols, neighbouring pieces are put together
//! in every sensible way, and the way whose every part looks like a symbol wins.
//!
//! The network's "no symbol" output does the work that a grammar of shapes would do: half a `4`
//! and a `10` taken as one symbol are no symbols. Language is hardly used: a point stands between
//! digits, and once.

use crate::alphabet::{SYMBOLS, SymbolSet};
use crate::features::{self, Glyph};
use crate::network::{Network, OUTPUTS, REJECT, Workspace};

mod pieces;
#[cfg(test)]
mod tests;

pub(crate) use pieces::Pieces;

/// Pieces put together at most.
const JOINED_MAX: usize = 5;
/// Pieces of one answer at most; more is a drawing, not a number.
const PIECES_MAX: usize = 48;
/// Texts kept at each place.
const KEPT: usize = 6;
/// Cost of each cut inside a stroke: pens mostly lift between symbols.
const CUT_COST: f32 = 2.0;
/// How much a part made of several pieces counts for each piece beyond the first: otherwise fewer
/// parts would always be likelier than more.
const PIECE_WEIGHT: f32 = 0.7;
/// Cost of going over from one symbol to the next where they stand fully above each other.
const OVERLAP_COST: f32 = 8.0;

/// Memory of the search.
#[derive(Debug, Default)]
pub(crate) struct Search {
    pieces: Pieces,
    glyph: Glyph,
    path: Vec<[f32; 2]>,
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
}

/// A text and the logarithm of its weight against the others.
type Text = (String, f32);

impl Search {
    /// The likeliest texts of `glyph` and the logarithms of their weights, likeliest first; none
    /// where no way through has a chance.
    pub(crate) fn run(&mut self, network: &Network, glyph: &Glyph, set: SymbolSet) -> Vec<Text> {
        self.pieces.cut(glyph);
        let count = self.pieces.len();
        if count == 0 || count > PIECES_MAX {
            return Vec::new();
        }
        self.collect_parts(glyph);
        let outputs = network.forward(&self.symbols, &mut self.work);
        let mut best: Vec<Vec<Text>> = vec![Vec::new(); count + 1];
        best[0].push((String::new(), 0.0));
        // Parts come ordered by their first piece, so that what leads to them is complete.
        for (part, row) in self.parts.iter().zip(outputs.chunks_exact(OUTPUTS)) {
            let weight = 1.0 + PIECE_WEIGHT * (part.end - part.first - 1) as f32;
            let (before, after) = best.split_at_mut(part.end);
            for (index, p) in log_softmax(row, set) {
                if p > -9.0 {
                    for (text, score) in &before[part.first] {
                        add(&mut after[0], text, SYMBOLS[index], score + weight * p - part.cost);
                    }
                }
            }
            after[0].sort_by(|a, b| b.1.total_cmp(&a.1));
            after[0].truncate(KEPT);
        }
        let mut texts = best.pop().unwrap_or_default();
        texts.retain(|(text, _)| !text.ends_with('.'));
        texts
    }

    fn collect_parts(&mut self, glyph: &Glyph) {
        self.parts.clear();
        self.symbols.clear();
        for first in 0..self.pieces.len() {
            for end in first + 1..=(first + JOINED_MAX).min(self.pieces.len()) {
                if !self.pieces.may_join(first, end, glyph.size) {
                    break;
                }
                self.pieces.join(glyph, first, end, &mut self.glyph);
                let at = self.symbols.len();
                self.symbols.resize(at + features::LEN, 0.0);
                features::extract(&self.glyph, &mut self.path, &mut self.symbols[at..]);
                let cost = CUT_COST * self.pieces.cuts_at(end) as f32
                    + OVERLAP_COST * self.pieces.overlap_at(end, glyph.size);
                self.parts.push(Part { first, end, cost });
            }
        }
    }
}

/// Adds `text` + `symbol` to the texts of one place, or its weight to the same text.
fn add(texts: &mut Vec<Text>, text: &str, symbol: char, score: f32) {
    if symbol == '.' && (text.is_empty() || text.contains('.')) {
        return;
    }
    let same = |known: &&mut Text| known.0.strip_suffix(symbol) == Some(text);
    match texts.iter_mut().find(same) {
        Some(known) => {
            let (high, low) = (known.1.max(score), known.1.min(score));
            known.1 = high + (low - high).exp().ln_1p();
        }
        None => texts.push((format!("{text}{symbol}"), score)),
    }
}

/// Logarithms of the probabilities of the symbols in `set`. "No symbol" is possible too, and so is
/// a point: in a whole number it is no digit, and must not be taken for one.
fn log_softmax(row: &[f32], set: SymbolSet) -> impl Iterator<Item = (usize, f32)> {
    let open = move |i: &usize| set.has(*i) || *i == REJECT || SYMBOLS.get(*i) == Some(&'.');
    let most = (0..=REJECT).filter(open).map(|i| row[i]).fold(f32::MIN, f32::max);
    let sum: f32 = (0..=REJECT).filter(open).map(|i| (row[i] - most).exp()).sum();
    let all = most + sum.ln();
    (0..REJECT).filter(move |i| set.has(*i)).map(move |i| (i, row[i] - all))
}
