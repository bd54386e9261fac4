//! From a path to what a pen reads along it: speed, force and tremor.

use crate::path::{Point, resample};
use crate::random::Random;

#[cfg(test)]
mod tests;

/// Milliseconds between two readings of a 100 Hz pen.
pub(crate) const READING_MS: u32 = 10;

/// How a hand moves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Motion {
    /// Speed where the path bends with a radius of 2 mm, millimetres a second.
    pub(crate) speed_mm_s: f64,
    /// Force at the plateau, as a fraction of full scale.
    pub(crate) force: f64,
    /// Amplitude of the tremor, micrometres.
    pub(crate) tremor_um: f64,
}

/// One reading of the pen, before it is put into counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    /// Since the stroke's first reading; a multiple of [`READING_MS`].
    pub(crate) t_ms: u32,
    /// Micrometres.
    pub(crate) at: Point,
    /// Fraction of full scale, 0..1.
    pub(crate) force: f64,
}

/// Distance between the points at which the speed is worked out.
const STEP_UM: f64 = 100.0;

/// Paths shorter than this are dots: the pen rests on them.
const DOT_UM: f64 = 900.0;

/// Mean speed of a stroke below which nobody writes, as a share of the hand's speed.
const SLOWEST: f64 = 0.5;

/// Moves the pen along `path` (micrometres) and reads it every 10 ms.
///
/// Speed follows the power law of Lacquaniti, Terzuolo and Viviani (1983): it falls with the
/// cubic root of the curvature. Acceleration is limited, so that the pen slows before a corner
/// and towards both ends.
pub(crate) fn perform(path: &[Point], motion: &Motion, random: &mut Random) -> Vec<Reading> {
    let path = resample(path, STEP_UM);
    let speed = speeds(&path, motion.speed_mm_s * 1000.0);
    let mut at_ms = Vec::with_capacity(path.len());
    let mut t = 0.0;
    for (index, point) in path.iter().enumerate() {
        if index > 0 {
            let mean = (speed[index - 1] + speed[index]) / 2.0;
            t += path[index - 1].distance(*point) / mean * 1000.0;
        }
        at_ms.push(t);
    }
    let length: f64 = path.windows(2).map(|w| w[0].distance(w[1])).sum();
    if t > 0.0 {
        // A coarse tablet's steps look like corners: nobody writes that slowly.
        let slowest = motion.speed_mm_s * SLOWEST;
        let stretch = match length {
            dot if dot < DOT_UM => (random.between(35.0, 80.0) / t).max(1.0),
            _ => (length / slowest / t).min(1.0),
        };
        at_ms.iter_mut().for_each(|ms| *ms *= stretch);
    }
    read(&path, &at_ms, motion, random)
}

/// Micrometres a second at each point of an evenly spaced path.
fn speeds(path: &[Point], nominal_um_s: f64) -> Vec<f64> {
    // The nominal speed holds at a radius of 2 mm: 0.5/mm, and 0.15/mm keeps straights finite.
    const NOMINAL_CURVATURE: f64 = 0.65;
    let mut speed: Vec<f64> = (0..path.len())
        .map(|index| {
            let bend = libm::cbrt(NOMINAL_CURVATURE / (curvature_per_mm(path, index) + 0.15));
            (nominal_um_s * bend).clamp(nominal_um_s * 0.2, nominal_um_s * 1.6)
        })
        .collect();
    // From rest to the nominal speed in 60 ms.
    let acceleration = nominal_um_s / 0.06;
    let Some(last) = speed.len().checked_sub(1) else { return speed };
    speed[0] = speed[0].min(nominal_um_s * 0.35);
    speed[last] = speed[last].min(nominal_um_s * 0.4);
    let reachable = |from: f64, d: f64| (from * from + 2.0 * acceleration * d).sqrt();
    for index in 1..=last {
        let d = path[index - 1].distance(path[index]);
        speed[index] = speed[index].min(reachable(speed[index - 1], d));
    }
    for index in (0..last).rev() {
        let d = path[index + 1].distance(path[index]);
        speed[index] = speed[index].min(reachable(speed[index + 1], d));
    }
    speed
}

/// Turning over about half a millimetre, in radians per millimetre.
fn curvature_per_mm(path: &[Point], index: usize) -> f64 {
    let reach = 3.min(index).min(path.len() - 1 - index);
    if reach == 0 {
        return 0.0;
    }
    let (a, b, c) = (path[index - reach], path[index], path[index + reach]);
    let (ux, uy, vx, vy) = (b.x - a.x, b.y - a.y, c.x - b.x, c.y - b.y);
    let turn = libm::atan2(ux * vy - uy * vx, ux * vx + uy * vy).abs();
    turn / ((a.distance(b) + b.distance(c)) / 2000.0).max(1e-6)
}

/// Readings every 10 ms along timed points, with tremor and force.
fn read(path: &[Point], at_ms: &[f64], motion: &Motion, random: &mut Random) -> Vec<Reading> {
    let (Some(&end_ms), Some(&first)) = (at_ms.last(), path.first()) else { return Vec::new() };
    let count = (end_ms / f64::from(READING_MS)) as u32 + 1;
    let mut tremor = Tremor::new(motion.tremor_um, random);
    let mut force = Force::new(motion.force, random);
    let mut segment = 0;
    let mut before = first;
    (0..count)
        .map(|number| {
            let t_ms = number * READING_MS;
            let t = f64::from(t_ms);
            while segment + 2 < at_ms.len() && at_ms[segment + 1] < t {
                segment += 1;
            }
            let at = match at_ms.get(segment + 1) {
                Some(next) if *next > at_ms[segment] => {
                    let part = ((t - at_ms[segment]) / (next - at_ms[segment])).clamp(0.0, 1.0);
                    path[segment].towards(path[segment + 1], part)
                }
                _ => path[segment],
            };
            let down_mm_s = (at.y - before.y) / f64::from(READING_MS);
            before = at;
            let force = force.at(t, end_ms, down_mm_s, random);
            Reading { t_ms, at: tremor.shake(at, t, random), force }
        })
        .collect()
}

/// A tremor of 8–11 Hz with a little noise.
struct Tremor {
    amplitude_um: f64,
    radians_per_ms: f64,
    phase_x: f64,
    phase_y: f64,
}

impl Tremor {
    fn new(amplitude_um: f64, random: &mut Random) -> Self {
        const TURN: f64 = std::f64::consts::TAU;
        Self {
            amplitude_um,
            radians_per_ms: TURN * random.between(8.0, 11.0) / 1000.0,
            phase_x: random.between(0.0, TURN),
            phase_y: random.between(0.0, TURN),
        }
    }

    fn shake(&mut self, at: Point, t_ms: f64, random: &mut Random) -> Point {
        let phase = t_ms * self.radians_per_ms;
        let noise_um = 0.2 * self.amplitude_um;
        Point::new(
            at.x + self.amplitude_um * libm::sin(phase + self.phase_x) + noise_um * random.normal(),
            at.y + self.amplitude_um * libm::sin(phase + self.phase_y) + noise_um * random.normal(),
        )
    }
}

/// Attack, plateau and release; heavier on the way down.
struct Force {
    plateau: f64,
    drift: f64,
}

impl Force {
    fn new(plateau: f64, random: &mut Random) -> Self {
        Self { plateau: random.around(plateau, 0.05).clamp(0.2, 0.92), drift: 0.0 }
    }

    fn at(&mut self, t_ms: f64, end_ms: f64, down_mm_s: f64, random: &mut Random) -> f64 {
        // Half the plateau is reached 12 ms after the tip closed, which was before the first
        // reading, and is left as fast.
        let rise = |ms: f64| 1.0 - 1.0 / (1.0 + (ms / 12.0) * (ms / 12.0));
        self.drift = 0.9 * self.drift + 0.008 * random.normal();
        let shape = rise(t_ms + 6.0) * rise(end_ms - t_ms + 8.0);
        let plateau = self.plateau * (1.0 + 0.003 * down_mm_s.clamp(-40.0, 40.0)) + self.drift;
        (plateau * shape + 0.0016 * random.normal()).clamp(0.012, 1.0)
    }
}
