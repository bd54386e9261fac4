//! The grid that spots lie beside.

use std::f64::consts::{FRAC_PI_2, TAU};

use super::spots::Spot;
use crate::dot::OFFSET;
use crate::{Dot, SIDE_MAX, Window};

/// By how much the pitch may be off what was said.
const SCALE_MAX: f64 = 0.06;

/// How often the grid is fitted to the spots again once their sides are known.
const FITS: usize = 4;

/// From a spot's node to the spot: a pixel of seven. What is much nearer or farther is no dot.
const DISTANCES: std::ops::Range<f64> = OFFSET * 0.25..OFFSET * 2.2;

/// Nodes as pixels: the node `(i, j)` lies at `origin + i · across + j · down`.
pub(super) struct Lattice {
    origin: (f64, f64),
    across: (f64, f64),
    down: (f64, f64),
}

impl Lattice {
    /// The grid beside whose nodes most spots lie, with the node `(0, 0)` near `middle`.
    pub(super) fn of(spots: &[Spot], pitch: f64, middle: Spot) -> Option<Self> {
        let around: Vec<Spot> =
            spots.iter().map(|spot| (spot.0 - middle.0, spot.1 - middle.1)).collect();
        let (across, down) = waves(&around, pitch);
        // Waves to vectors: the inverse of the matrix of the two.
        let determinant = across.0 * down.1 - across.1 * down.0;
        if determinant.abs() < 0.5 / (pitch * pitch) {
            return None;
        }
        let (phase_u, phase_v) = (phase(&around, across), phase(&around, down));
        let mut lattice = Self {
            origin: middle,
            across: (down.1 / determinant, -down.0 / determinant),
            down: (-across.1 / determinant, across.0 / determinant),
        };
        lattice.origin.0 += phase_u * lattice.across.0 + phase_v * lattice.down.0;
        lattice.origin.1 += phase_u * lattice.across.1 + phase_v * lattice.down.1;
        for _ in 0..FITS {
            lattice = lattice.fitted(spots)?;
        }
        Some(lattice)
    }

    /// A point in nodes.
    pub(super) fn node_of(&self, point: Spot) -> (f64, f64) {
        let (x, y) = (point.0 - self.origin.0, point.1 - self.origin.1);
        let determinant = self.across.0 * self.down.1 - self.across.1 * self.down.0;
        (
            (x * self.down.1 - y * self.down.0) / determinant,
            (y * self.across.0 - x * self.across.1) / determinant,
        )
    }

    /// By how much the grid is turned clockwise.
    pub(super) fn turn(&self) -> f64 {
        self.across.1.atan2(self.across.0)
    }

    /// The node that a spot belongs to and the side of it on which it lies; `None` for what lies as
    /// no dot does.
    fn dot_of(&self, spot: Spot) -> Option<((f64, f64), Dot)> {
        let (u, v) = self.node_of(spot);
        let node = (u.round(), v.round());
        let (du, dv) = (u - node.0, v - node.1);
        let dot = match (du.abs() > dv.abs(), du > 0.0, dv > 0.0) {
            (true, true, _) => Dot::Right,
            (true, false, _) => Dot::Left,
            (false, _, true) => Dot::Down,
            (false, _, false) => Dot::Up,
        };
        DISTANCES.contains(&du.hypot(dv)).then_some((node, dot))
    }

    /// The grid that lies best, by least squares, beside the spots as this one names them.
    fn fitted(&self, spots: &[Spot]) -> Option<Self> {
        // Normal equations of x and y = origin + u · across + v · down.
        let (mut matrix, mut sums) = ([[0.0; 3]; 3], [[0.0; 2]; 3]);
        for spot in spots {
            let Some((node, dot)) = self.dot_of(*spot) else { continue };
            let side = dot.side();
            let row = [1.0, node.0 + OFFSET * side.0, node.1 + OFFSET * side.1];
            for (at, one) in row.iter().enumerate() {
                for (other, cell) in row.iter().zip(&mut matrix[at]) {
                    *cell += one * other;
                }
                sums[at][0] += one * spot.0;
                sums[at][1] += one * spot.1;
            }
        }
        let [origin, across, down] = solved(matrix, sums)?;
        Some(Self { origin, across, down })
    }

    /// The dots seen, with the node of the window's first. Two spots at a node are none.
    pub(super) fn window(&self, spots: &[Spot]) -> (Window, (i32, i32)) {
        let half = (SIDE_MAX / 2) as i32;
        let mut dots: Vec<((i32, i32), Dot)> = spots
            .iter()
            .filter_map(|spot| self.dot_of(*spot))
            .map(|(node, dot)| ((node.0 as i32, node.1 as i32), dot))
            .filter(|((i, j), _)| (-half..=half).contains(i) && (-half..=half).contains(j))
            .collect();
        dots.sort_unstable_by_key(|(node, _)| *node);
        let low = |of: fn(&(i32, i32)) -> i32| dots.iter().map(|(node, _)| of(node)).min();
        let high = |of: fn(&(i32, i32)) -> i32| dots.iter().map(|(node, _)| of(node)).max();
        let ends = (low(|n| n.0), high(|n| n.0), low(|n| n.1), high(|n| n.1));
        let (Some(left), Some(right), Some(top), Some(bottom)) = ends else {
            return (Window::new(0, 0), (0, 0));
        };
        let mut window = Window::new((right - left + 1) as usize, (bottom - top + 1) as usize);
        for alike in dots.chunk_by(|one, other| one.0 == other.0) {
            if let [((i, j), dot)] = alike {
                window.put((i - left) as usize, (j - top) as usize, Some(*dot));
            }
        }
        (window, (left, top))
    }
}

/// How well spots lie on the crests of a wave: 1 for all of them.
fn strength(spots: &[Spot], wave: (f64, f64)) -> f64 {
    let (re, im) = transform(spots, wave);
    re.hypot(im) / spots.len() as f64
}

/// Where the crests of a wave lie, as a fraction of it from the middle.
fn phase(spots: &[Spot], wave: (f64, f64)) -> f64 {
    let (re, im) = transform(spots, wave);
    im.atan2(re) / TAU
}

fn transform(spots: &[Spot], wave: (f64, f64)) -> (f64, f64) {
    let wave_of = |spot: &Spot| (TAU * (wave.0 * spot.0 + wave.1 * spot.1)).sin_cos();
    spots.iter().map(wave_of).fold((0.0, 0.0), |(re, im), (sin, cos)| (re + cos, im + sin))
}

/// The two waves on whose crests most spots lie, waves a pixel: one about to the right, up to half a
/// quarter off, and one about downwards.
fn waves(spots: &[Spot], pitch: f64) -> ((f64, f64), (f64, f64)) {
    // Spots `reach` from the middle are half a wave off where the wave is off by this.
    let reach = spots.iter().map(|spot| spot.0.hypot(spot.1)).fold(pitch, f64::max);
    let step = pitch / reach / 4.0;
    let polar = |turn: f64, scale: f64| {
        let (sin, cos) = turn.sin_cos();
        (cos * scale / pitch, sin * scale / pitch)
    };
    let (turns, scales) = ((FRAC_PI_2 / step).ceil() as i32, (SCALE_MAX / step).ceil() as i32);
    let mut best = (0.0, (0.0, 1.0));
    for turn in 0..turns {
        for scale in -scales..=scales {
            let (turn, scale) = (f64::from(turn) * step, 1.0 + f64::from(scale) * step);
            let both = strength(spots, polar(turn, scale))
                + strength(spots, polar(turn + FRAC_PI_2, scale));
            if both > best.0 {
                best = (both, (turn, scale));
            }
        }
    }
    let (turn, scale) = best.1;
    // The wave to the right is the one that is turned by less than half a quarter.
    let turn = if turn > FRAC_PI_2 / 2.0 { turn - FRAC_PI_2 } else { turn };
    let climbed = |turn: f64| climb(spots, polar(turn, scale), step / pitch / 2.0);
    (climbed(turn), climbed(turn + FRAC_PI_2))
}

/// The strongest wave near one, by ever smaller steps.
fn climb(spots: &[Spot], wave: (f64, f64), step: f64) -> (f64, f64) {
    let (mut best, mut step) = ((strength(spots, wave), wave), step);
    for _ in 0..8 {
        let from = best.1;
        for (x, y) in [(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)] {
            let near = (from.0 + x * step, from.1 + y * step);
            let strength = strength(spots, near);
            if strength > best.0 {
                best = (strength, near);
            }
        }
        if best.1 == from {
            step /= 2.0;
        }
    }
    best.1
}

/// Solves three equations for two unknown columns, with the pivot in the diagonal: the matrix is a
/// sum of squares. `None` where spots lie in one line.
fn solved(mut matrix: [[f64; 3]; 3], mut sums: [[f64; 2]; 3]) -> Option<[(f64, f64); 3]> {
    for at in 0..3 {
        let pivot = matrix[at][at];
        if pivot.abs() < 1e-9 {
            return None;
        }
        for other in 0..3 {
            if other == at {
                continue;
            }
            let factor = matrix[other][at] / pivot;
            let (row, sum) = (matrix[at], sums[at]);
            for (cell, of) in matrix[other].iter_mut().zip(row) {
                *cell -= factor * of;
            }
            for (cell, of) in sums[other].iter_mut().zip(sum) {
                *cell -= factor * of;
            }
        }
    }
    let column = |at: usize| (sums[at][0] / matrix[at][at], sums[at][1] / matrix[at][at]);
    Some([column(0), column(1), column(2)])
}
