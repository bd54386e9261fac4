//! The same symbol as another hand, pen and tablet might have written it.

use std::f32::consts::TAU;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::chance::{around, happens, normal};

/// Strokes of points.
pub(crate) type Strokes = Vec<Vec<[f32; 2]>>;

/// Returns a distorted copy; never empty where `strokes` is not.
pub(crate) fn distort(strokes: &Strokes, rng: &mut ChaCha8Rng) -> Strokes {
    let (centre, extent) = frame(strokes);
    let mut out = order(strokes.clone(), rng);
    out.iter_mut().for_each(|stroke| thin(stroke, rng));
    if happens(rng, 0.2) {
        out.iter_mut().for_each(|stroke| trim(stroke, rng));
    }
    if happens(rng, 0.12) {
        out.iter_mut().for_each(|stroke| hook(stroke, extent, rng));
    }
    let bend = Bend::new(centre, extent, rng);
    let jitter = if happens(rng, 0.5) { extent * 0.008 * rng.random::<f32>() } else { 0.0 };
    for p in out.iter_mut().flatten() {
        *p = bend.apply(*p);
        *p = [p[0] + jitter * normal(rng), p[1] + jitter * normal(rng)];
    }
    if happens(rng, 0.4) {
        // A pen's grid: 24 µm against symbols of a few millimetres, or a coarse tablet's.
        let grid = extent / rng.random_range(30.0..250.0);
        for p in out.iter_mut().flatten() {
            *p = p.map(|v| (v / grid).round() * grid);
        }
    }
    out
}

/// Centre and longer side of the box around all points.
pub(crate) fn frame(strokes: &Strokes) -> ([f32; 2], f32) {
    let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
    for p in strokes.iter().flatten() {
        low = [low[0].min(p[0]), low[1].min(p[1])];
        high = [high[0].max(p[0]), high[1].max(p[1])];
    }
    let extent = (high[0] - low[0]).max(high[1] - low[1]).max(1e-3);
    ([(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0], extent)
}

/// Sometimes other stroke orders and directions.
fn order(mut strokes: Strokes, rng: &mut ChaCha8Rng) -> Strokes {
    if strokes.len() > 1 && happens(rng, 0.06) {
        let (a, b) = (rng.random_range(0..strokes.len()), rng.random_range(0..strokes.len()));
        strokes.swap(a, b);
    }
    for stroke in &mut strokes {
        if happens(rng, 0.08) {
            stroke.reverse();
        }
    }
    strokes
}

/// Fewer samples, as of a slower pen, or some lost.
fn thin(stroke: &mut Vec<[f32; 2]>, rng: &mut ChaCha8Rng) {
    if stroke.len() < 12 {
        return;
    }
    let last = stroke.len() - 1;
    if happens(rng, 0.4) {
        let step = rng.random_range(1.2..2.4f32);
        let count = ((last as f32 / step) as usize).max(6);
        *stroke = (0..=count)
            .map(|i| {
                let at = i as f32 * last as f32 / count as f32;
                let (k, part) = ((at as usize).min(last - 1), at.fract());
                let part = if at as usize >= last { 1.0 } else { part };
                [0, 1].map(|a| stroke[k][a] + (stroke[k + 1][a] - stroke[k][a]) * part)
            })
            .collect();
    } else if happens(rng, 0.3) {
        let lost = rng.random_range(0.05..0.35);
        let mut i = 0;
        stroke.retain(|_| {
            i += 1;
            i == 1 || i == last + 1 || !happens(rng, lost)
        });
    }
}

/// Leaves out a little at the ends.
fn trim(stroke: &mut Vec<[f32; 2]>, rng: &mut ChaCha8Rng) {
    if stroke.len() >= 10 {
        let most = stroke.len() / 14 + 1;
        stroke.truncate(stroke.len() - rng.random_range(0..=most));
        stroke.drain(..rng.random_range(0..=most));
    }
}

/// The pen touches down or lifts in passing.
fn hook(stroke: &mut Vec<[f32; 2]>, extent: f32, rng: &mut ChaCha8Rng) {
    let (Some(first), Some(last)) = (stroke.first().copied(), stroke.last().copied()) else {
        return;
    };
    let mut beside = |p: [f32; 2]| {
        let (angle, far) = (TAU * rng.random::<f32>(), extent * rng.random_range(0.02..0.09));
        [p[0] + far * angle.cos(), p[1] + far * angle.sin()]
    };
    let (before, after) = (beside(first), beside(last));
    if happens(rng, 0.6) {
        stroke.insert(0, before);
    }
    if happens(rng, 0.6) {
        stroke.push(after);
    }
}

/// A turn, stretch and slant, and two waves through the plane.
struct Bend {
    centre: [f32; 2],
    matrix: [f32; 4],
    waves: [Wave; 2],
}

struct Wave {
    /// Radians a unit, x and y.
    along: [f32; 2],
    phase: f32,
    push: [f32; 2],
}

impl Bend {
    fn new(centre: [f32; 2], extent: f32, rng: &mut ChaCha8Rng) -> Self {
        let angle = (normal(rng) * 5.5f32).clamp(-14.0, 14.0).to_radians();
        let slant = around(rng, 0.2);
        let stretch = [around(rng, 0.17).exp(), around(rng, 0.17).exp()];
        let (sin, cos) = angle.sin_cos();
        let matrix = [
            cos * stretch[0],
            (cos * slant - sin) * stretch[1],
            sin * stretch[0],
            (sin * slant + cos) * stretch[1],
        ];
        let mut wave = || Wave {
            along: [0, 1].map(|_| around(rng, 1.3) * TAU / extent),
            phase: TAU * rng.random::<f32>(),
            push: [0, 1].map(|_| 0.028 * extent * normal(rng)),
        };
        Self { centre, matrix, waves: [wave(), wave()] }
    }

    fn apply(&self, p: [f32; 2]) -> [f32; 2] {
        let (x, y) = (p[0] - self.centre[0], p[1] - self.centre[1]);
        let m = &self.matrix;
        let mut out = [m[0] * x + m[1] * y, m[2] * x + m[3] * y];
        for wave in &self.waves {
            let height = (wave.along[0] * x + wave.along[1] * y + wave.phase).sin();
            out = [out[0] + wave.push[0] * height, out[1] + wave.push[1] * height];
        }
        out
    }
}
