//! Pages written by made-up hands, stroke by stroke.

use firmware_protocol::{BootId, PenId, StrokeEnd};
use ink::{Sample, Stroke, StrokeKey};
use marking::PageInk;
use pen_sim::synthetic_handwriting;

/// SplitMix64: tests need no better chance.
#[derive(Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() % 10_000) as f64 / 10_000.0
    }
}

/// Where ink lies, millimetres.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Area {
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// One page and the hand that writes on it.
#[derive(Debug)]
pub struct Page {
    pub(crate) chance: Chance,
    pub(crate) pen: u64,
    /// Seed of the hand.
    pub(crate) hand: u64,
    /// Height of a digit, millimetres.
    pub(crate) size: f64,
    /// To the right at the top.
    pub(crate) slant: f64,
    pub(crate) now_ms: i64,
    strokes: Vec<Stroke>,
}

impl Page {
    /// An empty one.
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let (hand, size) = (chance.below(40), chance.between(3.6, 7.0));
        let slant = chance.between(-0.1, 0.3);
        Self { chance, pen: 1, hand, size, slant, now_ms: 1_700_000_000_000, strokes: Vec::new() }
    }

    pub(crate) fn wait(&mut self, ms: i64) -> &mut Self {
        self.now_ms += ms;
        self
    }

    /// Writes `text`, its top left at (x, y).
    pub(crate) fn write(&mut self, text: &str, x: f64, y: f64) -> Area {
        let labels = [text];
        let seed = self.hand;
        let Some(written) = synthetic_handwriting(&labels, 1, seed).next() else {
            return Area { left: x, top: y, right: x, bottom: y };
        };
        let points = || written.strokes.iter().flatten();
        let high = points().fold(0.0_f64, |most, p| most.max(p[1]));
        let scale = self.size / high.max(1.0);
        let leaning = self.slant;
        let slant = |p: &[f64]| (p[0] * scale + leaning * (high - p[1]) * scale, p[1] * scale);
        let left = points().map(|p| slant(p).0).fold(f64::INFINITY, f64::min);
        let mut area: Option<Area> = None;
        for stroke in &written.strokes {
            let line: Vec<(f64, f64)> =
                stroke.iter().map(|p| slant(p)).map(|(px, py)| (x + px - left, y + py)).collect();
            let drawn = self.samples(&line);
            area = Some(area.map_or(drawn, |area| area.union(drawn)));
        }
        area.unwrap_or(Area { left: x, top: y, right: x, bottom: y })
    }

    /// A stroke through corners, with a hand's small shaking.
    pub(crate) fn line(&mut self, corners: &[(f64, f64)]) -> Area {
        let mut points = vec![corners[0]];
        let bow = self.chance.between(-0.04, 0.04);
        for pair in corners.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let length = (bx - ax).hypot(by - ay);
            let steps = (length / 0.35).ceil().max(1.0) as usize;
            for i in 1..=steps {
                let t = i as f64 / steps as f64;
                // A hand's line is a bow.
                let off = 4.0 * t * (1.0 - t) * bow;
                points.push((
                    ax + t * (bx - ax) - off * (by - ay),
                    ay + t * (by - ay) + off * (bx - ax),
                ));
            }
        }
        self.samples(&points)
    }

    /// One stroke along `line`, a sample each 10 ms.
    fn samples(&mut self, line: &[(f64, f64)]) -> Area {
        let um = |mm: f64| (mm * 1_000.0).round() as i32;
        let samples: Vec<Sample> = (line.iter().zip(0..))
            .map(|((x, y), i)| Sample { x_um: um(*x), y_um: um(*y), force: 30_000, t_ms: i * 10 })
            .collect();
        let number = self.strokes.len() as u32;
        let lasted_ms = samples.last().map_or(0, |s| i64::from(s.t_ms));
        self.strokes.push(Stroke {
            key: StrokeKey { pen: PenId(self.pen), boot: BootId { counter: 1, random: 7 }, number },
            address: None,
            start_ms: self.now_ms,
            start_ticks: 0,
            end: StrokeEnd::Up,
            complete: true,
            samples,
            orientation: Vec::new(),
        });
        self.now_ms += lasted_ms + 90 + self.chance.below(120) as i64;
        let (xs, ys) = (line.iter().map(|p| p.0), line.iter().map(|p| p.1));
        Area {
            left: xs.clone().fold(f64::INFINITY, f64::min),
            right: xs.fold(f64::NEG_INFINITY, f64::max),
            top: ys.clone().fold(f64::INFINITY, f64::min),
            bottom: ys.fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// A ring around an area, `by` millimetres off.
    pub(crate) fn ring(&mut self, around: Area, by: f64) -> Area {
        let (cx, cy) = ((around.left + around.right) / 2.0, (around.top + around.bottom) / 2.0);
        let (rx, ry) = (around.width() / 2.0 + by, around.height() / 2.0 + by);
        let (start, turn) = (self.chance.between(-0.8, 0.8), self.chance.between(0.96, 1.12));
        let line: Vec<(f64, f64)> = (0..=40)
            .map(|i| start + turn * f64::from(i) / 40.0 * std::f64::consts::TAU)
            .map(|a| (cx - rx * a.sin() * wobble(a), cy - ry * a.cos()))
            .collect();
        self.samples(&line)
    }

    /// A tick with its vertex at (x, y).
    pub(crate) fn tick(&mut self, x: f64, y: f64, high: f64) -> Area {
        self.line(&[(x - 0.3 * high, y - 0.35 * high), (x, y), (x + 0.7 * high, y - high)])
    }

    /// What stands on it, in page micrometres.
    pub fn ink(&self) -> PageInk {
        PageInk { pupil: self.strokes.clone(), red: Vec::new() }
    }
}

fn wobble(a: f64) -> f64 {
    1.0 + 0.03 * (3.0 * a).sin()
}
