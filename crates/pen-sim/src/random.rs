//! Seeded randomness in independent streams.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// One stream of random numbers. Streams are named, so that one more draw in a pupil's evening
/// changes nobody else's.
#[derive(Clone, Debug)]
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of `seed` that carries these names.
    pub(crate) fn stream(seed: u64, names: &[&str]) -> Self {
        // FNV-1a, with a separator between names.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for name in names {
            for byte in name.bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        Self(ChaCha8Rng::seed_from_u64(hash))
    }

    /// Any 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Any 32 bits.
    pub(crate) fn bits_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Uniform in 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform between two values.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform between two whole milliseconds, the upper one excluded.
    pub(crate) fn between_ms(&mut self, low: i64, high: i64) -> i64 {
        low + (self.unit() * (high - low).max(0) as f64) as i64
    }

    /// Nearly normal, mean 0, deviation 1, never beyond ±6: the sum of twelve uniforms, which
    /// needs no logarithm and so gives the same bits on every machine.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Nearly normal with this mean and deviation, held within ±2.5 deviations.
    pub(crate) fn around(&mut self, mean: f64, deviation: f64) -> f64 {
        mean + deviation * self.normal().clamp(-2.5, 2.5)
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A position below `count`; 0 where there is none.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// One of them, in proportion to its weight; `None` where there is none.
    pub(crate) fn weighted<T>(&mut self, items: &[T], weight: impl Fn(&T) -> f64) -> Option<usize> {
        let total: f64 = items.iter().map(&weight).sum();
        let mut at = self.unit() * total;
        for (index, item) in items.iter().enumerate() {
            at -= weight(item);
            if at < 0.0 {
                return Some(index);
            }
        }
        items.len().checked_sub(1)
    }
}

/// Logistic function: 0..1.
pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}
