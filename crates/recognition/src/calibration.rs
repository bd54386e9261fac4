//! From outputs to probabilities that can be believed.

use crate::alphabet::{Alphabet, SymbolSet};

/// Fitted on validation writers: a scale per alphabet of single symbols, and two logistic curves
/// for numbers (Platt 1999).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Of digits, letters, true/false, operators, comparison.
    pub scales: [Scale; 5],
    /// Of a number's two questions, whether it is another number and whether something foreign is
    /// in the ink: the constant of its log odds, and their slopes over what [`Evidence::of`] gives.
    pub number: [[f32; 4]; 2],
}

/// How the outputs of the network are weighed for single symbols of an alphabet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Outputs are divided by it (Guo et al. 2017, "On calibration of modern neural networks").
    pub temperature: f32,
    /// Is added to the outputs outside the alphabet: what else is written there is rarer, or more
    /// often, than their priors say.
    pub outside: f32,
}

impl Scale {
    /// Changes nothing.
    pub const NONE: Self = Self { temperature: 1.0, outside: 0.0 };

    /// The logarithms of the weights of all outputs.
    pub fn weigh(self, outputs: &[f32], set: &SymbolSet) -> impl Iterator<Item = f32> {
        outputs.iter().zip(set.log_priors()).enumerate().map(move |(at, (output, prior))| {
            let outside = if set.is_outside(at) { self.outside } else { 0.0 };
            output / self.temperature + prior + outside
        })
    }
}

/// What speaks for the likeliest text of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Logarithm of its odds against all other numbers.
    pub lead: f32,
    /// Logarithm of its odds against something in the ink being no part of a number.
    pub clean: f32,
    /// Logarithm of its own weight: zero where each part is a sure symbol.
    pub quality: f32,
    /// Places at which its strokes had to be cut.
    pub cuts: usize,
}

impl Evidence {
    /// More odds than these, either way, say nothing more.
    pub const MAX: f32 = 12.0;
    /// More cuts than these say nothing more.
    const CUTS_MAX: usize = 2;

    /// From the logarithm of the likeliest number's weight, and the weights against it of other
    /// numbers and of those with something foreign.
    pub(crate) fn new(best: f32, others: f32, foreign: f32, cuts: usize) -> Self {
        let odds = |against: f32| (-against.max(1e-9).ln()).clamp(-Self::MAX, Self::MAX);
        let quality = best.clamp(-Self::MAX, 0.0);
        Self { lead: odds(others), clean: odds(foreign), quality, cuts }
    }

    /// What speaks for it in its two questions: its odds, its quality, and how whole its strokes
    /// are. More of each never makes a number less likely.
    pub fn of(&self) -> [[f32; 3]; 2] {
        let cuts = -(self.cuts.min(Self::CUTS_MAX) as f32);
        [[self.lead, self.quality, cuts], [self.clean, self.quality, cuts]]
    }
}

impl Calibration {
    /// Changes nothing; for outputs that are not calibrated yet.
    pub const NONE: Self = Self { scales: [Scale::NONE; 5], number: [[0.0, 1.0, 0.0, 0.0]; 2] };
    /// Bytes in a model file.
    pub(crate) const BYTES: usize = 18 * 4;

    /// Where an alphabet of single symbols has its scale; numbers share the digits'.
    pub fn position(alphabet: Alphabet) -> usize {
        match alphabet {
            Alphabet::Digits | Alphabet::Number | Alphabet::Decimal | Alphabet::Line => 0,
            Alphabet::Letters => 1,
            Alphabet::TrueFalse => 2,
            Alphabet::Operators => 3,
            Alphabet::Comparison => 4,
        }
    }

    /// How the outputs are weighed for symbols of `alphabet`.
    pub fn scale(&self, alphabet: Alphabet) -> Scale {
        self.scales[Self::position(alphabet)]
    }

    /// The probability that a number's likeliest text is right: that nothing in the ink is
    /// foreign, and that the number is no other one.
    pub fn number(&self, evidence: Evidence) -> f32 {
        let answers = self.number.iter().zip(evidence.of()).map(|([constant, slopes @ ..], of)| {
            let log_odds = slopes.iter().zip(of).fold(*constant, |sum, (slope, x)| sum + slope * x);
            1.0 / (1.0 + (-log_odds).exp())
        });
        answers.product()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut values =
            bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let mut next = |_| values.next().unwrap_or(1.0);
        Self {
            scales: std::array::from_fn(|at| Scale { temperature: next(at), outside: next(at) }),
            number: std::array::from_fn(|_| std::array::from_fn(&mut next)),
        }
    }

    pub(crate) fn to_bytes(self) -> impl Iterator<Item = u8> {
        self.scales
            .into_iter()
            .flat_map(|scale| [scale.temperature, scale.outside])
            .chain(self.number.into_iter().flatten())
            .flat_map(f32::to_le_bytes)
    }
}
