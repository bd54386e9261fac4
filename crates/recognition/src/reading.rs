//! Reading: the public face of the crate.

use ink::Sample;

use crate::alphabet::{Alphabet, SymbolSet};
use crate::prototype;

#[cfg(test)]
mod tests;

/// What is known of an answer besides its ink.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Context<'a> {
    /// How tall this writer's symbols usually are, micrometres; or what the field suggests. It
    /// tells `.` from `-` and `1`. `None`: as tall as pupils mostly write.
    pub symbol_height_um: Option<f32>,
    /// The symbols that may be answered here, for example `"ABCD"`; `None`: the whole alphabet.
    /// Symbols outside the alphabet do not count, and a list of none but such restricts nothing.
    pub only: Option<&'a str>,
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
}

/// Memory that reading uses; one a thread, kept from answer to answer.
#[derive(Debug, Default)]
pub struct Scratch {}

impl Scratch {
    /// Empty; it grows with use.
    pub fn new() -> Self {
        Self::default()
    }
}

/// Reads symbols and numbers.
#[derive(Debug)]
pub struct Recognizer {
    prototypes: Vec<prototype::Prototype>,
}

impl Recognizer {
    /// Names the weights: readings of one version are comparable.
    pub const MODEL_VERSION: &str = "prototype-0";

    /// The recognizer with the weights that are part of this crate.
    pub fn embedded() -> Self {
        Self { prototypes: prototype::all() }
    }

    /// Reads `strokes` (in written order, y down) as an answer of `alphabet`.
    ///
    /// `None` where there is no ink.
    pub fn read(
        &self,
        strokes: &[&[Sample]],
        alphabet: Alphabet,
        context: &Context<'_>,
        _scratch: &mut Scratch,
    ) -> Option<Reading> {
        let set = SymbolSet::new(alphabet, context.only);
        let strokes: Vec<&[Sample]> = strokes.iter().copied().filter(|s| !s.is_empty()).collect();
        if strokes.is_empty() {
            return None;
        }
        if !alphabet.is_number() {
            return prototype::read(&self.prototypes, &strokes, set);
        }
        let mut number = Reading { text: String::new(), probability: 1.0, alternatives: vec![] };
        for group in prototype::columns(&strokes) {
            let digit = prototype::read(&self.prototypes, &group, set)?;
            number.text += &digit.text;
            number.probability *= digit.probability;
        }
        Some(number)
    }
}
