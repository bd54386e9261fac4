//! From outputs to probabilities that can be believed.

use crate::alphabet::Alphabet;

/// Fitted on validation writers: a temperature per alphabet of single symbols (Guo et al. 2017, "On
/// calibration of modern neural networks"), and two logistic curves for numbers (Platt 1999).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Outputs are divided by it: digits, letters, true/false, operators, comparison.
    pub temperatures: [f32; 5],
    /// Of each [`Evidence`] of a number, the constant and the slope of its log odds.
    pub number: [[f32; 2]; 2],
}

/// What speaks for the likeliest text of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Logarithm of its odds against all other numbers.
    pub lead: f32,
    /// Logarithm of its odds against something in the ink being no part of a number.
    pub clean: f32,
}

impl Evidence {
    /// More odds than these, either way, say nothing more.
    pub const MAX: f32 = 12.0;

    /// From the weights of the likeliest number, of other numbers and of those with something
    /// foreign.
    pub(crate) fn new(best: f32, others: f32, foreign: f32) -> Self {
        let odds = |against: f32| (best / against.max(1e-9)).ln().clamp(-Self::MAX, Self::MAX);
        Self { lead: odds(others), clean: odds(foreign) }
    }
}

impl Calibration {
    /// Changes nothing; for outputs that are not calibrated yet.
    pub const NONE: Self = Self { temperatures: [1.0; 5], number: [[0.0, 1.0]; 2] };
    /// Bytes in a model file.
    pub(crate) const BYTES: usize = 9 * 4;

    /// Where an alphabet of single symbols has its temperature; numbers share the digits'.
    pub fn position(alphabet: Alphabet) -> usize {
        match alphabet {
            Alphabet::Digits | Alphabet::Number | Alphabet::Decimal => 0,
            Alphabet::Letters => 1,
            Alphabet::TrueFalse => 2,
            Alphabet::Operators => 3,
            Alphabet::Comparison => 4,
        }
    }

    pub(crate) fn temperature(&self, alphabet: Alphabet) -> f32 {
        self.temperatures[Self::position(alphabet)]
    }

    /// The probability that a number's likeliest text is right: that nothing in the ink is
    /// foreign, and that the number is no other one.
    pub fn number(&self, evidence: Evidence) -> f32 {
        let odds =
            |[constant, slope]: [f32; 2], x: f32| 1.0 / (1.0 + (-constant - slope * x).exp());
        odds(self.number[0], evidence.lead) * odds(self.number[1], evidence.clean)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut values =
            bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let mut next = |_| values.next().unwrap_or(1.0);
        Self {
            temperatures: std::array::from_fn(&mut next),
            number: std::array::from_fn(|_| std::array::from_fn(&mut next)),
        }
    }

    pub(crate) fn to_bytes(self) -> impl Iterator<Item = u8> {
        self.temperatures
            .into_iter()
            .chain(self.number.into_iter().flatten())
            .flat_map(f32::to_le_bytes)
    }
}
