//! The same writing by another hand, with another pen.

use ink::Handwriting;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Another slant, pen and tablet, as a figure's footnote states it: rotation and shear up to 10°,
/// each axis scaled by up to 15 %, 0.6 to 1.2 of the samples, a grid of a hundredth to a
/// five-hundredth of the writing, and jitter of up to 0.5 %.
pub fn perturb(strokes: &[Vec<[f32; 2]>], rng: &mut ChaCha8Rng) -> Vec<Vec<[f32; 2]>> {
    let (centre, extent) = frame(strokes);
    let (sin, cos) = (10.0 * around(rng, 1.0)).to_radians().sin_cos();
    let shear = (10.0 * around(rng, 1.0)).to_radians().tan();
    let scale = [1.0 + around(rng, 0.15), 1.0 + around(rng, 0.15)];
    let rate = rng.random_range(0.6..1.2f32);
    let grid = extent / rng.random_range(100.0..500.0f32);
    let jitter = extent * 0.005 * rng.random::<f32>();
    let mut place = |p: [f32; 2]| {
        let (x, y) = ((p[0] - centre[0]) * scale[0], (p[1] - centre[1]) * scale[1]);
        let x = x + shear * y;
        let p = [cos * x - sin * y, sin * x + cos * y];
        p.map(|v| ((v + jitter * normal(rng)) / grid).round() * grid)
    };
    let stroke = |s: &Vec<[f32; 2]>| resampled(s, rate).into_iter().map(&mut place).collect();
    strokes.iter().map(stroke).collect()
}

/// Every item perturbed, each by chance of its own place in the list.
pub fn perturb_all(items: &[Handwriting], seed: u64) -> Vec<Handwriting> {
    let one = |(item, stream): (&Handwriting, u64)| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        let point = |p: &Vec<f64>| [p[0] as f32, p[1] as f32];
        let strokes: Vec<Vec<[f32; 2]>> =
            item.strokes.iter().map(|s| s.iter().map(point).collect()).collect();
        let strokes = perturb(&strokes, &mut rng);
        let strokes = strokes.iter().map(|s| s.iter().map(|p| p.map(f64::from).to_vec()).collect());
        Handwriting { strokes: strokes.collect(), ..item.clone() }
    };
    items.iter().zip(0..).map(one).collect()
}

/// The same stroke with `rate` times as many points.
fn resampled(stroke: &[[f32; 2]], rate: f32) -> Vec<[f32; 2]> {
    if stroke.len() < 4 {
        return stroke.to_vec();
    }
    let last = stroke.len() - 1;
    let count = ((last as f32 * rate) as usize).max(3);
    let point = |i: usize| {
        let at = i as f32 * last as f32 / count as f32;
        let k = (at as usize).min(last - 1);
        [0, 1].map(|a| stroke[k][a] + (stroke[k + 1][a] - stroke[k][a]) * (at - k as f32))
    };
    (0..=count).map(point).collect()
}

/// Centre and longer side of the box around all points.
fn frame(strokes: &[Vec<[f32; 2]>]) -> ([f32; 2], f32) {
    let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
    for p in strokes.iter().flatten() {
        low = [low[0].min(p[0]), low[1].min(p[1])];
        high = [high[0].max(p[0]), high[1].max(p[1])];
    }
    let extent = (high[0] - low[0]).max(high[1] - low[1]).max(1e-3);
    ([(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0], extent)
}

/// Normal with mean 0 and variance 1, by Box and Muller.
fn normal(rng: &mut ChaCha8Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
    radius * (std::f32::consts::TAU * rng.random::<f32>()).cos()
}

/// Even between `-width` and `width`.
fn around(rng: &mut ChaCha8Rng, width: f32) -> f32 {
    (rng.random::<f32>() * 2.0 - 1.0) * width
}
