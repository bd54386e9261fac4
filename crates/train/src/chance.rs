//! Randomness with a shape.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Normal with mean 0 and variance 1, by Box and Muller.
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
    radius * (std::f32::consts::TAU * rng.random::<f32>()).cos()
}

/// Even between `-width` and `width`.
pub(crate) fn around(rng: &mut ChaCha8Rng, width: f32) -> f32 {
    (rng.random::<f32>() * 2.0 - 1.0) * width
}

/// True in `share` of the cases.
pub(crate) fn happens(rng: &mut ChaCha8Rng, share: f32) -> bool {
    rng.random::<f32>() < share
}
