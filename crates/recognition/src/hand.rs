//! A hand's own digits as evidence for its others: a `1` with a flag is no `7` where the same hand's
//! sevens are wider.
//!
//! The network's last hidden layer, projected onto a few dimensions, puts a digit near the centre of
//! its class, moved by whose hand it is. How far hands move it, against how far one hand strays, is
//! fitted on training writers; where a hand's other digits lie then says where this one should
//! (probabilistic linear discriminant analysis; Ioffe 2006, "Probabilistic linear discriminant
//! analysis").

use crate::network::JOIN;

#[cfg(test)]
mod tests;

/// Dimensions that ten classes span.
pub const DIMENSIONS: usize = 9;
/// Digits.
const CLASSES: usize = 10;
/// A distance counts as in a t distribution of so many degrees of freedom: what lies far off is odd
/// rather than impossible. Chosen on validation writers.
const FREEDOM: f32 = 10.0;
/// A difference says no more than this, in nats.
const MAX: f32 = 12.0;

/// Where the projection puts a digit; one hand's digits of a class stray by 1 in each dimension.
pub type Place = [f32; DIMENSIONS];

/// How hands differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Hands {
    /// From the hidden layer ([`JOIN`]'s outputs) to a place, row after row.
    pub projection: Vec<f32>,
    /// Variance of hands' own centres about their class's, in each dimension.
    pub spread: Place,
    /// Each class's centre.
    pub centres: [Place; CLASSES],
    /// How much of what own digits say counts, 0–1.
    pub trust: f32,
}

/// Digits of one hand that were read surely.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Own {
    sums: [Place; CLASSES],
    counts: [u16; CLASSES],
}

impl Own {
    /// Takes a digit in.
    pub fn add(&mut self, digit: usize, place: &Place) {
        self.sums[digit].iter_mut().zip(place).for_each(|(sum, at)| *sum += at);
        self.counts[digit] += 1;
    }

    /// Takes a digit out again that was taken in.
    pub fn remove(&mut self, digit: usize, place: &Place) {
        self.sums[digit].iter_mut().zip(place).for_each(|(sum, at)| *sum -= at);
        self.counts[digit] -= 1;
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.counts == [0; CLASSES]
    }
}

impl Hands {
    /// Floats in a model file.
    const FLOATS: usize = (JOIN.outputs + 1 + CLASSES) * DIMENSIONS + 1;
    /// Bytes in a model file.
    pub(crate) const BYTES: usize = 4 * Self::FLOATS;

    /// Where what the hidden layer made of a symbol lies.
    ///
    /// # Panics
    /// If `hidden` is not as long as the layer is wide.
    pub fn place(&self, hidden: &[f32]) -> Place {
        assert_eq!(hidden.len(), JOIN.outputs, "the hidden layer has another width");
        let mut place = Place::default();
        for (value, row) in hidden.iter().zip(self.projection.chunks_exact(DIMENSIONS)) {
            place.iter_mut().zip(row).for_each(|(at, weight)| *at += value * weight);
        }
        place
    }

    /// What own digits add to the network's outputs for each digit, in nats.
    ///
    /// A class of which the hand has no digit yet may look like any: it gets as much as the class
    /// that gains most. Otherwise ones that were all taken for sevens would confirm each other.
    pub fn says(&self, own: &Own, place: &Place) -> [f32; CLASSES] {
        let says: [Option<f32>; CLASSES] = std::array::from_fn(|digit| {
            let known = own.counts[digit] > 0;
            known.then(|| self.trust * self.difference(own, digit, place).clamp(-MAX, MAX))
        });
        let most = says.iter().flatten().copied().fold(0.0, f32::max);
        says.map(|says| says.unwrap_or(most))
    }

    /// How much likelier a digit of a class lies at `place` by this hand than by any.
    fn difference(&self, own: &Own, digit: usize, place: &Place) -> f32 {
        let count = f32::from(own.counts[digit]);
        let (mut far_own, mut far, mut narrower) = (0.0, 0.0, 0.0);
        for (at, spread) in self.spread.iter().enumerate() {
            let centre = self.centres[digit][at];
            let told = count * spread / (count * spread + 1.0);
            let own_centre = centre + told * (own.sums[digit][at] / count - centre);
            let (own_variance, variance) = (1.0 + spread - told * spread, 1.0 + spread);
            far_own += (place[at] - own_centre).powi(2) / own_variance;
            far += (place[at] - centre).powi(2) / variance;
            narrower += 0.5 * (variance / own_variance).ln();
        }
        let log = |far: f32| -0.5 * (FREEDOM + DIMENSIONS as f32) * (far / FREEDOM).ln_1p();
        log(far_own) - log(far) + narrower
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut values =
            bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let mut next = |_| values.next().unwrap_or(0.0);
        Self {
            projection: (0..JOIN.outputs * DIMENSIONS).map(&mut next).collect(),
            spread: std::array::from_fn(&mut next),
            centres: std::array::from_fn(|_| std::array::from_fn(&mut next)),
            trust: next(0),
        }
    }

    pub(crate) fn to_bytes(&self) -> impl Iterator<Item = u8> {
        let floats = self.projection.iter().chain(&self.spread);
        let floats = floats.chain(self.centres.iter().flatten()).chain([&self.trust]);
        floats.flat_map(|value| value.to_le_bytes())
    }

    /// Says nothing, whatever is there; for a network whose hands are not fitted yet.
    pub fn none() -> Self {
        Self {
            projection: vec![0.0; JOIN.outputs * DIMENSIONS],
            spread: Place::default(),
            centres: Default::default(),
            trust: 0.0,
        }
    }
}
