//! Pen data for the codec: real handwriting as a pen would have sent it.
//!
//! The shared sets carry no force, no pen-up times and an even clock. What is added here is made
//! up and called so: force with attack, plateau and release, pauses between strokes, and one
//! reading in a hundred that a pen drops. Positions are the tablets' own, resampled to 100 Hz on
//! a 23.71 µm grid. Everything follows from a seed.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use ink::Handwriting;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Nanometres a count.
pub const UNIT_NM: u32 = 23_710;
/// Full scale of force.
pub const FORCE_MAX: u16 = 852;

const UNIT_UM: f32 = UNIT_NM as f32 / 1000.0;
/// 100 Hz.
const INTERVAL_MS: u64 = 10;

/// What a pen sees between pen-down and pen-up.
pub type PenStroke = Vec<PenSample>;

/// One reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PenSample {
    /// Milliseconds since the pen's start.
    pub ms: u64,
    /// Counts to the right.
    pub x: i32,
    /// Counts downwards.
    pub y: i32,
    /// Counts of force.
    pub force: u16,
}

/// How the corpus is made.
#[derive(Clone, Copy, Debug)]
pub struct Making {
    /// Everything made up follows from it.
    pub seed: u64,
    /// Milliseconds by which each reading's time may be off, either way.
    pub jitter_ms: i64,
}

/// One writer's strokes in order, as one pen would see them.
pub struct Writer {
    /// The set's pseudonym.
    pub name: String,
    /// At least one.
    pub strokes: Vec<PenStroke>,
}

/// UNIPEN's dense tablets: at least 100 points a second and 10 a millimetre, by writer. `None`
/// where the sets are not there.
pub fn unipen(directory: &Path, making: Making) -> Option<Vec<Writer>> {
    let mut writers: Vec<(Writer, Pen)> = Vec::new();
    for set in ["digits", "upper", "lower", "symbols", "numbers"] {
        let file = File::open(directory.join(format!("unipen-{set}.jsonl"))).ok()?;
        for item in Handwriting::read(BufReader::new(file)).flatten() {
            let (Some(hz), Some(density)) = (item.hz, item.pts_per_mm) else { continue };
            if !(100.0..=200.0).contains(&hz) || density < 10.0 {
                continue;
            }
            let index = writers.iter().position(|(w, _)| w.name == item.writer);
            let index = index.unwrap_or_else(|| {
                let seed = making.seed ^ writers.len() as u64;
                let pen = Pen::new(seed, making.jitter_ms);
                writers.push((Writer { name: item.writer.clone(), strokes: Vec::new() }, pen));
                writers.len() - 1
            });
            let (writer, pen) = &mut writers[index];
            pen.write(&item, hz, density, &mut writer.strokes);
        }
    }
    Some(writers.into_iter().map(|(writer, _)| writer).collect())
}

/// Loops and straight lines, where there is no handwriting: smooth, and kind to any codec.
pub fn synthetic(making: Making, strokes: usize) -> Vec<Writer> {
    let mut pen = Pen::new(making.seed, making.jitter_ms);
    let mut writer = Writer { name: "synthetic".to_owned(), strokes: Vec::new() };
    for _ in 0..strokes {
        let (rx, ry) = (pen.rng.random_range(0.5_f32..3.0), pen.rng.random_range(0.5_f32..3.0));
        let turns = pen.rng.random_range(0.2_f32..1.2);
        let count = pen.rng.random_range(8_usize..60);
        let points: Vec<Vec<f32>> = (0..count)
            .map(|i| {
                let angle = turns * std::f32::consts::TAU * i as f32 / count as f32;
                vec![rx * angle.cos() * 100.0, ry * angle.sin() * 100.0]
            })
            .collect();
        let item = Handwriting {
            label: String::new(),
            writer: String::new(),
            strokes: vec![points],
            source: String::new(),
            hz: None,
            pts_per_mm: None,
        };
        pen.write(&item, 100.0, 100.0, &mut writer.strokes);
    }
    vec![writer]
}

/// Where a writer's pen is, in time and on the page.
struct Pen {
    rng: ChaCha8Rng,
    ms: u64,
    jitter_ms: i64,
    x_um: f32,
    y_um: f32,
}

impl Pen {
    fn new(seed: u64, jitter_ms: i64) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        Self { rng, ms: 60_000, jitter_ms, x_um: 20_000.0, y_um: 20_000.0 }
    }

    /// Writes an item beside the one before, on lines of 170 mm, 12 mm apart.
    fn write(&mut self, item: &Handwriting, hz: f32, density: f32, out: &mut Vec<PenStroke>) {
        let scale_um = 1000.0 / density;
        let points = || item.strokes.iter().flatten();
        let left = points().map(|p| p[0]).fold(f32::INFINITY, f32::min);
        let right = points().map(|p| p[0]).fold(f32::NEG_INFINITY, f32::max);
        let width_um = (right - left) * scale_um;
        if !width_um.is_finite() || width_um > 100_000.0 {
            return;
        }
        if self.x_um + width_um > 190_000.0 {
            (self.x_um, self.y_um) = (20_000.0, self.y_um + 12_000.0);
        }
        if self.y_um > 270_000.0 {
            self.y_um = 20_000.0;
        }
        for stroke in &item.strokes {
            self.ms += self.rng.random_range(80..350) / INTERVAL_MS * INTERVAL_MS;
            let place = |p: &Vec<f32>| {
                let x = (p[0] - left) * scale_um + self.x_um;
                (x / UNIT_UM, (p[1] * scale_um + self.y_um) / UNIT_UM)
            };
            let at_100_hz = resample(&stroke.iter().map(place).collect::<Vec<_>>(), hz);
            let stroke = self.feel(&at_100_hz);
            if !stroke.is_empty() {
                out.push(stroke);
            }
        }
        self.x_um += width_um + 2_000.0;
        self.ms += self.rng.random_range(100..900) / INTERVAL_MS * INTERVAL_MS;
    }

    /// Adds time and force to positions in counts.
    fn feel(&mut self, points: &[(f32, f32)]) -> PenStroke {
        let plateau = self.rng.random_range(300.0..600.0_f32);
        let count = points.len();
        let mut stroke = Vec::with_capacity(count);
        for (i, &(x, y)) in points.iter().enumerate() {
            self.ms += INTERVAL_MS;
            if i > 0 && self.rng.random_range(0..100) == 0 {
                continue;
            }
            let attack = 1.0 - 0.7 * (-(i as f32) / 3.0).exp();
            let release = 1.0 - 0.8 * (-((count - 1 - i) as f32) / 2.0).exp();
            let noise = self.rng.random_range(-2.0..=2.0_f32);
            let force = (plateau * attack * release + noise).clamp(1.0, f32::from(FORCE_MAX));
            let jitter = self.rng.random_range(-self.jitter_ms..=self.jitter_ms);
            stroke.push(PenSample {
                ms: self.ms.saturating_add_signed(jitter),
                x: x.round() as i32,
                y: y.round() as i32,
                force: force as u16,
            });
        }
        stroke
    }
}

/// Linear between points, every 10 ms.
fn resample(points: &[(f32, f32)], hz: f32) -> Vec<(f32, f32)> {
    let step = hz / 100.0;
    let Some(last) = points.len().checked_sub(1) else { return Vec::new() };
    let count = (last as f32 / step) as usize + 1;
    (0..count)
        .map(|i| {
            let at = i as f32 * step;
            let from = at as usize;
            let share = at - from as f32;
            let (a, b) = (points[from], points[(from + 1).min(last)]);
            (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share)
        })
        .collect()
}
