//! The codec's corpus: real handwriting as a pen would have sent it.
//!
//! Positions are real: the writers of UNIPEN whose tablets are as fine as a pen, brought to 100 Hz
//! and to a pen's counts. What the sets do not have is made up here, and everything that is reported
//! on the corpus says so:
//!
//! - **Force**, 0 to 852. Attack and release approach a plateau exponentially, with time constants
//!   that are the writer's (attack 1.5 to 4 samples, release 1 to 3); the plateau is the writer's,
//!   too, from stroke to stroke within a fifth, and wanders within a stroke as if the hand pushed it.
//!   The sensor's noise is ± 2 counts, uniform.
//! - **Pauses**: 80 to 250 ms between strokes and up to 200 ms more between items, so that the pen
//!   is down about half of the time.
//! - **Losses**: one reading in a hundred is missing, never a stroke's first.
//! - **Places**: items stand side by side on lines of 170 mm, 12 mm apart, on one A4 page.
//! - **Jitter** of the clock, where asked for: uniform, both ways.
//!
//! The same seed gives the same corpus on every machine.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use firmware_protocol::{
    BootId, Frame, PageAddress, PenHead, PenId, RawSample, Reading, SealPolicy, Sealer, StrokeEnd,
    decode_frame,
};
use ink::Handwriting;

use crate::random::Random;

/// Nanometres per count.
pub const UNIT_NM: u32 = 23_710;
/// Full scale of force.
pub const FORCE_MAX: u16 = 852;
/// The page that everything is written on.
pub const PAGE: PageAddress = PageAddress { section: 3, owner: 27, book: 168, page: 12 };

const UNIT_UM: f64 = UNIT_NM as f64 / 1000.0;
/// 100 Hz.
const INTERVAL_MS: i64 = 10;
/// Readings that a pen fails to take, 0–1.
const MISSED: f64 = 0.01;
/// When pens start: 2026-09-01 19:00 in Shanghai.
const START_UNIX_MS: i64 = 1_788_260_400_000;

/// One reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorpusSample {
    /// Milliseconds since the pen's start.
    pub ms: u64,
    /// Counts to the right.
    pub x: i32,
    /// Counts downwards.
    pub y: i32,
    /// Counts of force; made up.
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
#[derive(Clone, Debug)]
pub struct CorpusWriter {
    /// The set's pseudonym.
    pub name: String,
    /// Whether the codec's tables were learnt without this writer: figures are reported on these.
    pub held_out: bool,
    /// At least one; none is empty.
    pub strokes: Vec<Vec<CorpusSample>>,
}

/// How a pen of the corpus keeps time, measures force and seals.
#[derive(Clone, Copy, Debug)]
pub struct PenSetting {
    /// Milliseconds per tick: 10 is one tick per reading.
    pub tick_ms: u64,
    /// Whether force is measured.
    pub force: bool,
    /// Milliseconds from a chunk's first sample on; `u32::MAX` for full chunks.
    pub ink_ms_max: u32,
}

/// UNIPEN's fine tablets, by writer: 100 to 200 points per second, at least 19 points per millimetre, so
/// that their grid is at most some two counts of the pen. `None` where the sets are not in
/// `directory`.
pub fn unipen(directory: &Path, making: Making) -> Option<Vec<CorpusWriter>> {
    let mut writers: Vec<(CorpusWriter, Hand)> = Vec::new();
    for set in ["digits", "upper", "lower", "symbols", "numbers"] {
        let file = File::open(directory.join(format!("unipen-{set}.jsonl"))).ok()?;
        for item in Handwriting::read(BufReader::new(file)).flatten() {
            let (Some(hz), Some(density)) = (item.hz, item.pts_per_mm) else { continue };
            if !(100.0..=200.0).contains(&hz) || density < 19.0 {
                continue;
            }
            let known = writers.iter().position(|(writer, _)| writer.name == item.writer);
            let index = known.unwrap_or_else(|| {
                let hand = Hand::new(&item.writer, making);
                writers.push((CorpusWriter::named(&item.writer), hand));
                writers.len() - 1
            });
            let (writer, hand) = &mut writers[index];
            hand.write(&item, hz.into(), density.into(), &mut writer.strokes);
        }
    }
    let writers = writers.into_iter().map(|(writer, _)| writer);
    Some(writers.filter(|writer| !writer.strokes.is_empty()).collect())
}

/// Loops and straight lines, where there is no handwriting: smooth, and kind to any codec.
pub fn synthetic_loops(making: Making, strokes: usize) -> Vec<CorpusWriter> {
    let mut writer = CorpusWriter { held_out: true, ..CorpusWriter::named("synthetic") };
    let mut hand = Hand::new("synthetic", making);
    for _ in 0..strokes {
        let (rx, ry) = (hand.random.between(50.0, 300.0), hand.random.between(50.0, 300.0));
        let turns = hand.random.between(0.2, 1.2);
        let count = hand.random.between_ms(8, 60);
        let point = |i: i64| {
            let angle = turns * std::f64::consts::TAU * i as f64 / count as f64;
            vec![rx * libm::cos(angle), ry * libm::sin(angle)]
        };
        let item = Handwriting {
            label: String::new(),
            writer: String::new(),
            strokes: vec![(0..count).map(point).collect()],
            source: String::new(),
            hz: None,
            pts_per_mm: None,
        };
        hand.write(&item, 100.0, 100.0, &mut writer.strokes);
    }
    vec![writer]
}

/// A writer's chunks as their pen seals them, and how many samples they hold.
pub fn seal(pen: u64, writer: &CorpusWriter, setting: PenSetting) -> (Vec<Vec<u8>>, usize) {
    let PenSetting { tick_ms, force, ink_ms_max } = setting;
    let force_max = if force { FORCE_MAX } else { 0 };
    let head = PenHead::new(UNIT_NM, force_max, 1_000 * tick_ms as u32);
    let policy = SealPolicy { ink_ms_max, rest_ms_max: u32::MAX };
    // A radio address has 48 bits.
    let (pen, boot) = (PenId(0x9c7b_d200_0000 | pen), BootId { counter: 7, random: 0x5eed_1e55 });
    let mut sealer = Sealer::new(pen, boot, head, policy);
    let (mut chunks, mut samples) = (Vec::new(), 0);
    let mut out = |chunk: &[u8]| chunks.push(chunk.to_vec());
    let unix = |ms: u64| START_UNIX_MS + ms as i64;
    for stroke in &writer.strokes {
        sealer.pen_down(Some(PAGE), stroke[0].ms / tick_ms, unix(stroke[0].ms), &mut out);
        for &CorpusSample { ms, x, y, force } in stroke {
            sealer.sample(Reading::new(ms / tick_ms, unix(ms), x, y, force), &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
        samples += stroke.len();
    }
    sealer.flush(&mut out);
    (chunks, samples)
}

/// Puts every sample of the chunks into one list. It is here, and not where it is measured, to be
/// compiled as the readers of chunks are.
pub fn decode(chunks: &[Vec<u8>], into: &mut Vec<RawSample>) {
    for bytes in chunks {
        // What is damaged has no samples.
        let Ok((Frame::Chunk(chunk), _)) = decode_frame(bytes) else { continue };
        let mut fragments = chunk.fragments();
        while let Ok(Some(_)) = fragments.next() {
            let _sealed = fragments.samples(|sample| into.push(sample));
        }
    }
}

impl CorpusWriter {
    fn named(name: &str) -> Self {
        // FNV-1a: half of the writers, whatever the order of the sets.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self { name: name.to_owned(), held_out: hash >> 20 & 1 == 1, strokes: Vec::new() }
    }
}

/// Where a writer's pen is, in time and on the page, and how it is pressed.
struct Hand {
    random: Random,
    ms: i64,
    jitter_ms: i64,
    x_um: f64,
    y_um: f64,
    /// Time constants in samples.
    attack: f64,
    release: f64,
    /// Counts of force.
    firmness: f64,
}

impl Hand {
    fn new(writer: &str, making: Making) -> Self {
        let mut random = Random::stream(making.seed, &["corpus", writer]);
        Self {
            attack: random.between(1.5, 4.0),
            release: random.between(1.0, 3.0),
            firmness: random.between(200.0, 600.0),
            random,
            ms: 60_000,
            jitter_ms: making.jitter_ms,
            x_um: 20_000.0,
            y_um: 20_000.0,
        }
    }

    /// Writes an item beside the one before; one that is wider than a line is left out.
    fn write(
        &mut self,
        item: &Handwriting,
        hz: f64,
        density: f64,
        out: &mut Vec<Vec<CorpusSample>>,
    ) {
        let scale_um = 1000.0 / density;
        let xs = || item.strokes.iter().flatten().map(|point| point[0]);
        let left = xs().fold(f64::INFINITY, f64::min);
        let width_um = (xs().fold(f64::NEG_INFINITY, f64::max) - left) * scale_um;
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
            self.pause(80, 250);
            let place = |point: &Vec<f64>| {
                let x = (point[0] - left) * scale_um + self.x_um;
                (x / UNIT_UM, (point[1] * scale_um + self.y_um) / UNIT_UM)
            };
            let placed: Vec<_> = stroke.iter().map(place).collect();
            let stroke = self.feel(&resample(&placed, hz));
            if !stroke.is_empty() {
                out.push(stroke);
            }
        }
        self.x_um += width_um + 2_000.0;
        self.pause(0, 200);
    }

    fn pause(&mut self, low_ms: i64, high_ms: i64) {
        self.ms += self.random.between_ms(low_ms, high_ms) / INTERVAL_MS * INTERVAL_MS;
    }

    /// Adds time and force to positions in counts.
    fn feel(&mut self, points: &[(f64, f64)]) -> Vec<CorpusSample> {
        let plateau = self.firmness * self.random.between(0.8, 1.25);
        let (mut push, mut wandered) = (0.0, 0.0);
        let mut stroke = Vec::with_capacity(points.len());
        for (i, &(x, y)) in points.iter().enumerate() {
            self.ms += INTERVAL_MS;
            if i > 0 && self.random.chance(MISSED) {
                continue;
            }
            push = 0.8 * push + self.random.between(-0.004, 0.004);
            wandered = 0.9 * wandered + push;
            let left = (points.len() - 1 - i) as f64;
            let attack = 1.0 - 0.7 * libm::exp(-(i as f64) / self.attack);
            let release = 1.0 - 0.8 * libm::exp(-left / self.release);
            let noise = self.random.between(-2.0, 2.0);
            let force = plateau * (1.0 + wandered) * attack * release + noise;
            let off_ms = self.random.between_ms(-self.jitter_ms, self.jitter_ms + 1);
            stroke.push(CorpusSample {
                ms: (self.ms + off_ms).unsigned_abs(),
                x: x.round() as i32,
                y: y.round() as i32,
                force: force.round().clamp(1.0, f64::from(FORCE_MAX)) as u16,
            });
        }
        stroke
    }
}

/// Linear between points, every 10 ms.
fn resample(points: &[(f64, f64)], hz: f64) -> Vec<(f64, f64)> {
    let step = hz / 100.0;
    let Some(last) = points.len().checked_sub(1) else { return Vec::new() };
    let count = (last as f64 / step) as usize + 1;
    let between = |i: usize| {
        let at = i as f64 * step;
        let from = at as usize;
        let share = at - from as f64;
        let (a, b) = (points[from], points[(from + 1).min(last)]);
        (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share)
    };
    (0..count).map(between).collect()
}
