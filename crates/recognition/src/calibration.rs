//! From outputs to probabilities that can be believed.

use crate::alphabet::Alphabet;

/// Fitted on validation writers: a temperature per alphabet of single symbols (Guo et al. 2017, "On
/// calibration of modern neural networks"), and a logistic curve for numbers (Platt 1999).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Outputs are divided by it: digits, letters, true/false, operators, comparison.
    pub temperatures: [f32; 5],
    /// Constant, and weights of the two [`Evidence`]s of a number.
    pub number: [f32; 3],
}

/// What speaks for the likeliest text of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Logarithm of the weight of its parts: zero where each part is a sure symbol.
    pub quality: f32,
    /// Logarithm of its odds against all other texts, at most [`Evidence::LEAD_MAX`].
    pub lead: f32,
}

impl Evidence {
    /// More lead than this says nothing more.
    pub const LEAD_MAX: f32 = 12.0;
    /// Nor does a worse quality than this.
    pub const QUALITY_MIN: f32 = -12.0;

    /// From the logarithm of the best weight and its share of all weights.
    pub(crate) fn new(quality: f32, share: f32) -> Self {
        let lead = (share / (1.0 - share).max(1e-9)).ln();
        let most = Self::LEAD_MAX;
        Self { quality: quality.clamp(Self::QUALITY_MIN, 1.0), lead: lead.clamp(-most, most) }
    }
}

impl Calibration {
    /// Changes nothing; for outputs that are not calibrated yet.
    pub const NONE: Self = Self { temperatures: [1.0; 5], number: [0.0, 1.0, 1.0] };
    /// Bytes in a model file.
    pub(crate) const BYTES: usize = 8 * 4;

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

    /// The probability that a number's likeliest text is right.
    pub fn number(&self, evidence: Evidence) -> f32 {
        let [constant, quality, lead] = self.number;
        let log_odds = constant + quality * evidence.quality + lead * evidence.lead;
        1.0 / (1.0 + (-log_odds).exp())
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut values =
            bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let mut next = |_| values.next().unwrap_or(1.0);
        Self {
            temperatures: std::array::from_fn(&mut next),
            number: std::array::from_fn(&mut next),
        }
    }

    pub(crate) fn to_bytes(self) -> impl Iterator<Item = u8> {
        self.temperatures.into_iter().chain(self.number).flat_map(f32::to_le_bytes)
    }
}
