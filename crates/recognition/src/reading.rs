//! Reading: the public face of the crate.

use ink::Sample;

use crate::alphabet::{Alphabet, SYMBOLS, SymbolSet};
use crate::calibration::Evidence;
use crate::features::{self, Glyph};
use crate::hand::{Own, Place};
use crate::network::Workspace;
use crate::number::{Found, Grammar, Lattice, Search};
use crate::weights::{Model, ModelError};

#[cfg(test)]
mod tests;

/// How tall pupils mostly write a symbol, micrometres. Ink of an unknown unit is made as tall
/// before it is read.
pub const SYMBOL_HEIGHT_UM: f32 = 5_000.0;

/// What is known of an answer besides its ink.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Context<'a> {
    /// How tall this writer's symbols usually are, micrometres; or what the field suggests. It
    /// tells `.` from `-` and `1`. `None`: [`SYMBOL_HEIGHT_UM`].
    pub symbol_height_um: Option<f32>,
    /// The symbols that may be answered here, for example `"ABCD"`; `None`: the whole alphabet.
    /// Symbols outside the alphabet do not count, and a list of none but such restricts nothing.
    pub only: Option<&'a str>,
}

/// One of several answers by the same hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<'a> {
    /// In written order, y down.
    pub strokes: Vec<&'a [Sample]>,
    /// As what it is read.
    pub alphabet: Alphabet,
    /// What else is known of it.
    pub context: Context<'a>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The likeliest text.
    pub text: String,
    /// How likely it is, 0–1, that `text` is what was written: calibrated, so that of the answers
    /// read with 0.9 nine in ten are right.
    pub probability: f32,
    /// Other texts and their probabilities, likeliest first.
    pub alternatives: Vec<(String, f32)>,
    /// Whether the ink most likely holds something that is no part of such an answer: then `text`
    /// is what is left of it, and improbable.
    pub foreign: bool,
}

/// Alternatives that are told.
const ALTERNATIVES_MAX: usize = 3;
/// A hand's digits count as its own from this probability of their number on.
const OWN_MIN: f32 = 0.97;
/// A number with these log odds, against other numbers and against anything foreign, is not read again
/// with them. On twelve evenings of validation and training hands they changed what was decided from 4
/// on down, and nothing from 5 on up; searching each number twice took an eighth of marking.
const SETTLED_MIN: f32 = 6.0;
/// Less likely texts are not told.
const ALTERNATIVE_MIN: f32 = 1e-4;

/// Memory that reading uses; one per thread, kept from answer to answer.
#[derive(Debug, Default)]
pub struct Scratch {
    glyph: Glyph,
    path: Vec<[f32; 2]>,
    symbol: Vec<f32>,
    work: Workspace,
    search: Search,
}

impl Scratch {
    /// Empty; it grows with use.
    pub fn new() -> Self {
        Self::default()
    }
}

/// Reads symbols and numbers.
#[derive(Clone, Debug)]
pub struct Recognizer {
    model: Model,
}

impl Recognizer {
    /// Names the weights: readings of one version are comparable.
    pub const MODEL_VERSION: &str = "reader-4";

    /// The recognizer with the weights that are part of this crate.
    pub fn embedded() -> Self {
        // Unwrap safety: the bytes are a constant, and a test reads them.
        #[expect(clippy::unwrap_used, reason = "constant bytes")]
        Self::from_bytes(include_bytes!("../weights/reader-4.bin")).unwrap()
    }

    /// A recognizer with other weights, as the training writes them.
    ///
    /// # Errors
    /// If the bytes are no model of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        Ok(Self { model: Model::from_bytes(bytes)? })
    }

    /// What it reads with.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Reads `strokes` (in written order, y down) as an answer of `alphabet`.
    ///
    /// `None` where there is no ink. Ink that is nothing of the alphabet is read with a low
    /// probability, not refused.
    pub fn read(
        &self,
        strokes: &[&[Sample]],
        alphabet: Alphabet,
        context: &Context<'_>,
        scratch: &mut Scratch,
    ) -> Option<Reading> {
        if alphabet.is_number() {
            let looked = self.look(strokes, alphabet, context, scratch)?;
            return Some(self.number(&looked));
        }
        let size = context.symbol_height_um.unwrap_or(SYMBOL_HEIGHT_UM).max(1.0);
        take(strokes, size, &mut scratch.glyph);
        let set = SymbolSet::new(alphabet, context.only);
        let is_blank = scratch.glyph.points.is_empty();
        (!is_blank).then(|| self.read_symbol(alphabet, set, scratch))
    }

    /// Reads numbers that one hand wrote: each as [`Self::read`] does, but its digits that are read
    /// surely in other answers say how this hand writes them. What is no number is read by itself.
    pub fn read_together(
        &self,
        answers: &[Answer<'_>],
        scratch: &mut Scratch,
    ) -> Vec<Option<Reading>> {
        let numbers = self.look_together(answers, scratch);
        let read = |(answer, looked): (&Answer<'_>, Option<Number>)| match looked {
            Some(looked) => Some(self.number(&looked)),
            None => self.read(&answer.strokes, answer.alphabet, &answer.context, scratch),
        };
        answers.iter().zip(numbers).map(read).collect()
    }

    fn read_symbol(&self, alphabet: Alphabet, set: SymbolSet, scratch: &mut Scratch) -> Reading {
        scratch.symbol.resize(features::LEN, 0.0);
        features::extract(&scratch.glyph, &mut scratch.path, &mut scratch.symbol);
        let outputs = self.model.network.forward(&scratch.symbol, &mut scratch.work);
        let scale = self.model.calibration.scale(alphabet);
        let mut symbols = normalized(scale.weigh(outputs, &set).enumerate().collect());
        let foreign = symbols.first().is_some_and(|(best, _)| !set.has(*best));
        symbols.retain(|(symbol, _)| set.has(*symbol));
        reading(symbols.into_iter().map(|(symbol, p)| (SYMBOLS[symbol].to_string(), p)), foreign)
    }

    fn number(&self, Number { lattice, found, .. }: &Number) -> Reading {
        let foreign = found.first().is_some_and(|best| best.foreign);
        let Some((best, evidence)) = weigh(found, lattice.cuts()) else {
            // Nothing but foreign ink: its digits are told, and not believed.
            let text = found.first().map_or_else(String::new, |best| best.text.clone());
            return reading(std::iter::once((text, 0.0)), foreign);
        };
        let sure = self.model.calibration.number(evidence);
        // What is left is shared among the others, none of which is likelier than the best.
        let most = found[0].score;
        let weight = |found: &Found| (found.score - most).exp();
        let left: f32 = found.iter().filter(|f| **f != *best).map(weight).sum();
        let scale = (1.0 - sure) / left.max(1e-9);
        let others = found.iter().filter(|f| !f.foreign && **f != *best);
        let others = others.map(|f| (f.text.clone(), (weight(f) * scale).min(sure)));
        reading(std::iter::once((best.text.clone(), sure)).chain(others), foreign)
    }

    /// The likeliest texts of numbers that one hand wrote and what speaks for each, before
    /// calibration: what the training calibrates with. `None` where nothing but foreign ink can be
    /// read.
    pub fn evidence_together(
        &self,
        answers: &[Answer<'_>],
        scratch: &mut Scratch,
    ) -> Vec<Option<(String, Evidence)>> {
        let evidence = |number: Option<Number>| {
            let Number { lattice, found, .. } = number?;
            let (best, evidence) = weigh(&found, lattice.cuts())?;
            Some((best.text.clone(), evidence))
        };
        self.look_together(answers, scratch).into_iter().map(evidence).collect()
    }

    /// Looks at the numbers among answers of one hand; `None` where there is no ink, or no number.
    fn look_together(&self, answers: &[Answer<'_>], scratch: &mut Scratch) -> Vec<Option<Number>> {
        let mut numbers: Vec<Option<Number>> =
            answers.iter().map(|answer| self.look_answer(answer, scratch)).collect();
        let mut own = Own::default();
        for (digit, place) in numbers.iter().flatten().flat_map(|number| &number.own) {
            own.add(*digit, place);
        }
        for number in numbers.iter_mut().flatten() {
            // No digit speaks for itself.
            number.own.iter().for_each(|(digit, place)| own.remove(*digit, place));
            if !own.is_empty() && !is_settled(number) {
                let hand = Some((&self.model.hands, &own));
                number.found =
                    scratch.search.read(&number.lattice, number.set, number.grammar, hand);
            }
            number.own.iter().for_each(|(digit, place)| own.add(*digit, place));
        }
        numbers
    }

    fn look_answer(&self, answer: &Answer<'_>, scratch: &mut Scratch) -> Option<Number> {
        let Answer { strokes, alphabet, context } = answer;
        alphabet.is_number().then(|| self.look(strokes, *alphabet, context, scratch)).flatten()
    }

    /// Looks at one number by itself; `None` where there is no ink.
    fn look(
        &self,
        strokes: &[&[Sample]],
        alphabet: Alphabet,
        context: &Context<'_>,
        scratch: &mut Scratch,
    ) -> Option<Number> {
        let size = context.symbol_height_um.unwrap_or(SYMBOL_HEIGHT_UM).max(1.0);
        take(strokes, size, &mut scratch.glyph);
        if scratch.glyph.points.is_empty() {
            return None;
        }
        scratch.glyph.size = number_size(&scratch.glyph);
        let (set, grammar) = (SymbolSet::new(alphabet, context.only), Grammar::of(alphabet));
        let Scratch { search, glyph, .. } = scratch;
        let mut lattice = Lattice::default();
        search.look(&self.model, glyph, &mut lattice);
        let found = search.read(&lattice, set, grammar, None);
        let best = found.first().filter(|best| !best.foreign);
        let is_sure = |(_, evidence): &(_, _)| self.model.calibration.number(*evidence) >= OWN_MIN;
        let sure = best.filter(|_| weigh(&found, lattice.cuts()).as_ref().is_some_and(is_sure));
        let own = sure.map_or_else(Vec::new, |best| search.digits(&lattice, best));
        Some(Number { lattice, set, grammar, found, own })
    }
}

/// A number that was looked at.
struct Number {
    lattice: Lattice,
    set: SymbolSet,
    grammar: Grammar,
    found: Vec<Found>,
    /// Its digits and where they lie, if it was read surely by itself.
    own: Vec<(usize, Place)>,
}

/// Whether what other digits of its hand say is not asked of a number: alone, it leads far.
fn is_settled(number: &Number) -> bool {
    let evidence = weigh(&number.found, number.lattice.cuts());
    evidence.is_some_and(|(_, of)| of.lead.min(of.clean) >= SETTLED_MIN) && !number.own.is_empty()
}

/// The likeliest number without anything foreign, and what speaks for it against all else, strokes
/// having been cut at `cuts` places.
fn weigh(found: &[Found], cuts: usize) -> Option<(&Found, Evidence)> {
    let best = found.iter().find(|found| !found.foreign)?;
    let sum = |foreign: bool| {
        let others = found.iter().filter(|other| *other != best && other.foreign == foreign);
        others.map(|other| (other.score - best.score).exp()).sum::<f32>()
    };
    Some((best, Evidence::new(best.score, sum(false), sum(true), cuts)))
}

/// A stroke that begins this near to where the last one ended, as a part of the symbol height, goes
/// on with it: a hand that lifts the pen moves further, a pen that loses the paper does not.
const RESUMED_MAX: f32 = 0.04;

/// Lays strokes into a glyph; what a faulty pen broke into several is one stroke again.
fn take(strokes: &[&[Sample]], size: f32, glyph: &mut Glyph) {
    glyph.clear(size);
    let place = |sample: &Sample| [sample.x_um as f32, sample.y_um as f32];
    for stroke in strokes {
        let points = stroke.iter().map(place);
        let gap = glyph
            .points
            .last()
            .zip(stroke.first().map(place))
            .map(|(end, begin)| (begin[0] - end[0]).hypot(begin[1] - end[1]));
        match gap {
            Some(gap) if gap <= RESUMED_MAX * size => {
                glyph.extend_last(points.skip(usize::from(gap == 0.0)));
            }
            _ => glyph.push(points),
        }
    }
}

/// How tall the symbols of a number are: the median of its taller strokes, unless that is far from
/// what the writer or the field suggests.
fn number_size(glyph: &Glyph) -> f32 {
    let height = |stroke: &[[f32; 2]]| {
        let ys = stroke.iter().map(|p| p[1]);
        ys.clone().fold(f32::MIN, f32::max) - ys.fold(f32::MAX, f32::min)
    };
    let mut heights: Vec<f32> = glyph.strokes().map(height).collect();
    heights.sort_by(f32::total_cmp);
    let tallest = heights.last().copied().unwrap_or(0.0);
    heights.retain(|h| *h >= 0.45 * tallest);
    let median = heights.get(heights.len() / 2).copied().unwrap_or(0.0);
    median.clamp(0.4 * glyph.size, 2.5 * glyph.size)
}

/// Probabilities from logarithms of weights, likeliest first.
fn normalized<T>(mut texts: Vec<(T, f32)>) -> Vec<(T, f32)> {
    texts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let most = texts.first().map_or(0.0, |best| best.1);
    let sum: f32 = texts.iter().map(|(_, score)| (score - most).exp()).sum();
    texts.iter_mut().for_each(|(_, score)| *score = (*score - most).exp() / sum);
    texts
}

fn reading(mut texts: impl Iterator<Item = (String, f32)>, foreign: bool) -> Reading {
    let (text, probability) = texts.next().unwrap_or_default();
    let told = texts.filter(|(_, p)| *p >= ALTERNATIVE_MIN).take(ALTERNATIVES_MAX);
    Reading { text, probability, alternatives: told.collect(), foreign }
}
