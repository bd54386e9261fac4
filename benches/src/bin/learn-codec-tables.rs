//! Learns the chunk codec's tables and taps from the corpus, and prints them as the source file
//! `firmware-protocol/src/codec/tables.rs`.
//!
//! ```sh
//! cargo run --release -p zhibi-benches --bin learn-codec-tables ../shared/data/handwriting
//! ```
//!
//! Learnt from the writers that are not held out, as `codec/model.rs` and `codec/fragment.rs` see
//! their strokes. Version 1 is frozen with the tables that this printed when it was learnt; ink of
//! another kind gets a set of tables with another number.

use std::path::PathBuf;

use pen_sim::corpus::{CorpusSample, CorpusWriter, Making, unipen};

const SYMBOLS: usize = 16;
const CODE_BITS_MAX: usize = 9;
const SEED: u64 = 1;

/// Name, how many tables, what for; they stand one behind another.
const GROUPS: [(&str, usize, &str); 11] = [
    ("POSITION_TABLE", 8, "x and y, by how much they erred before."),
    ("OPENING_TABLE", 3, "x and y in a fragment's first step."),
    ("FORCE_TABLE", 8, "Force, tilt and twist, by how much they erred before."),
    ("RISING_FORCE_TABLE", 3, "Force in each of a stroke's first three steps."),
    ("CLOCK_TABLE", 3, "The clock, where each time is written: after no, a small, a large error."),
    ("RUN_TABLE", 1, "Samples that the clock foretells, one after another."),
    ("MISSED_TABLE", 1, "By how much the clock erred behind such a run."),
    ("PAUSE_TABLE", 1, "From one fragment's end to the next one's start."),
    ("START_X_TABLE", 1, "A fragment's first x, from the one before."),
    ("START_Y_TABLE", 1, "A fragment's first y, from the one before."),
    ("START_FORCE_TABLE", 1, "A fragment's first force, from the one before."),
];
const POSITION: usize = 0;
const OPENING: usize = 8;
const FORCE: usize = 11;
const RISING_FORCE: usize = 19;
const CLOCK: usize = 22;
const RUN: usize = 25;
const MISSED: usize = 26;
const PAUSE: usize = 27;
const START_X: usize = 28;
const START_Y: usize = 29;
const START_FORCE: usize = 30;
const TABLES: usize = 31;

/// Contexts that have a table each.
const ROWS: usize = 8;
/// The least row of x and y in a fragment's first step.
const OPENING_ROW: usize = 5;
/// Low bits that are written plainly of the first x and y.
const START_X_SHIFT: u32 = 6;
const START_Y_SHIFT: u32 = 4;

/// First and last but one of each group's tables.
fn groups() -> impl Iterator<Item = (&'static str, std::ops::Range<usize>, &'static str)> {
    let mut next = 0;
    GROUPS.into_iter().map(move |(name, len, what)| {
        let tables = next..next + len;
        next += len;
        (name, tables, what)
    })
}

type Taps = [i32; 4];

fn main() {
    let Some(directory) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: learn-codec-tables DIRECTORY-OF-HANDWRITING");
        std::process::exit(2);
    };
    let load = |jitter_ms, held_out| {
        let writers = unipen(&directory, Making { seed: SEED, jitter_ms }).unwrap_or_else(|| {
            eprintln!("{} does not hold the UNIPEN sets", directory.display());
            std::process::exit(1);
        });
        writers.into_iter().filter(|writer| writer.held_out == held_out).collect::<Vec<_>>()
    };
    let (even, jittering) = (load(0, false), load(1, false));
    let mut taps = Learnt {
        position: [[55, 11, -9, -5]; ROWS],
        force: [[43, 0, 0, 0]; ROWS],
        rising_force: [[64, 0, 0, 0]; 3],
    };
    let mut counts = Counts::new();
    for round in 0..6 {
        counts = Counts::new();
        let mut fits = Fits::new();
        for stroke in even.iter().flat_map(|writer| &writer.strokes) {
            walk(stroke, &taps, &mut counts, &mut fits);
        }
        // The last round counts with the taps that it was given.
        if round < 5 {
            taps = fits.solve();
        }
    }
    for tick_ms in [10, 1] {
        even.iter().for_each(|writer| count_starts(writer, tick_ms, &mut counts));
    }
    jittering.iter().for_each(|writer| count_times(writer, &mut counts));
    report(&counts, &taps, &load(0, true));
    print_source(&counts, &taps);
}

/// Bits per sample that each group takes on the writers that were held out, on standard error.
fn report(counts: &Counts, taps: &Learnt, held_out: &[CorpusWriter]) {
    let mut found = Counts::new();
    for stroke in held_out.iter().flat_map(|writer| &writer.strokes) {
        walk(stroke, taps, &mut found, &mut Fits::new());
    }
    held_out.iter().for_each(|writer| count_starts(writer, 10, &mut found));
    let samples: usize = held_out.iter().flat_map(|w| &w.strokes).map(Vec::len).sum();
    for (name, tables, _) in groups() {
        let codes: u64 = tables
            .clone()
            .map(|table| {
                let lengths = code_lengths(&counts.0[table]);
                found.0[table].iter().zip(lengths).map(|(n, len)| n * u64::from(len)).sum::<u64>()
            })
            .sum();
        let rest: u64 = tables.map(|table| found.1[table]).sum();
        let per_sample = |bits: u64| bits as f64 / samples as f64;
        eprintln!("{name:<20}{:>8.3} bits a sample", per_sample(codes + rest));
    }
}

/// Where numbers fell, by table: symbols, and bits that are written below them.
struct Counts(Vec<[u64; SYMBOLS]>, [u64; TABLES]);

impl Counts {
    fn new() -> Self {
        Self(vec![[0; SYMBOLS]; TABLES], [0; TABLES])
    }

    fn put(&mut self, table: usize, shift: u32, value: i64) {
        let v = value.unsigned_abs() >> shift;
        let symbol = match v {
            0..4 => v,
            4..192 => 2 * u64::from(v.ilog2()) + (v >> (v.ilog2() - 1) & 1),
            _ => 15,
        };
        self.0[table][symbol as usize] += 1;
        let below = match symbol {
            0..4 => 0,
            4..15 => symbol / 2 - 1,
            // Exp-Golomb of order 7.
            _ => 2 * u64::from((((v - 192) >> 7) + 1).ilog2()) + 1 + 7,
        };
        let signed = u64::from(value != 0 && table != RUN && table != PAUSE);
        self.1[table] += below + u64::from(shift) + signed;
    }
}

#[derive(Clone)]
struct Learnt {
    position: [Taps; ROWS],
    force: [Taps; ROWS],
    rising_force: [Taps; 3],
}

/// Normal equations of the taps, by table.
struct Fits {
    position: Vec<Fit>,
    force: Vec<Fit>,
    rising_force: Vec<Fit>,
}

#[derive(Clone, Default)]
struct Fit {
    a: [[f64; 4]; 4],
    b: [f64; 4],
}

impl Fit {
    /// The less it erred the more it weighs: bits grow with the logarithm of the error.
    fn add(&mut self, d: &[i64; 4], step: i64, error: i64) {
        let weight = 1.0 / (error.abs() as f64 + 0.7);
        for i in 0..4 {
            for j in 0..4 {
                self.a[i][j] += weight * d[i] as f64 * d[j] as f64;
            }
            self.b[i] += weight * d[i] as f64 * step as f64;
        }
    }

    /// In 1/64; with too little to go by, as the nearest that has more.
    fn solve(&self) -> Option<Taps> {
        if self.a[0][0] < 1e6 {
            return None;
        }
        let (mut a, mut b) = (self.a, self.b);
        for i in 0..4 {
            a[i][i] += 1.0 + 0.002 * self.a[0][0];
            let pivot = a[i];
            for row in i + 1..4 {
                let share = a[row][i] / pivot[i];
                a[row].iter_mut().zip(pivot).for_each(|(cell, above)| *cell -= share * above);
                b[row] -= share * b[i];
            }
        }
        let mut taps = [0.0; 4];
        for i in (0..4).rev() {
            let known: f64 = (i + 1..4).map(|j| a[i][j] * taps[j]).sum();
            taps[i] = (b[i] - known) / a[i][i];
        }
        Some(taps.map(|tap| (tap * 64.0).round().clamp(-128.0, 127.0) as i32))
    }
}

impl Fits {
    fn new() -> Self {
        Self {
            position: vec![Fit::default(); ROWS],
            force: vec![Fit::default(); ROWS],
            rising_force: vec![Fit::default(); 3],
        }
    }

    fn solve(&self) -> Learnt {
        let nearest = |fits: &[Fit], row: usize| {
            let by_distance = (0..fits.len()).flat_map(|d| [row.checked_sub(d), Some(row + d)]);
            let solved = by_distance.flatten().find_map(|at| fits.get(at).and_then(Fit::solve));
            solved.unwrap_or([64, 0, 0, 0])
        };
        Learnt {
            position: std::array::from_fn(|row| nearest(&self.position, row)),
            force: std::array::from_fn(|row| nearest(&self.force, row)),
            rising_force: std::array::from_fn(|row| nearest(&self.rising_force, row)),
        }
    }
}

struct Track {
    value: i64,
    d: [i64; 4],
    e: [i64; 3],
}

impl Track {
    fn at(value: i64, error: i64) -> Self {
        Self { value, d: [0; 4], e: [error; 3] }
    }

    /// Goes on to a value and gives its error.
    fn step(&mut self, to: i64, taps: &Taps, fit: Option<&mut Fit>) -> i64 {
        let sum: i64 = self.d.iter().zip(taps).map(|(d, tap)| d * i64::from(*tap)).sum();
        let error = to - (self.value + ((sum + 32) >> 6));
        let step = to - self.value;
        if let Some(fit) = fit {
            fit.add(&self.d, step, error);
        }
        self.d = [step, self.d[0], self.d[1], self.d[2]];
        self.e = [error.abs(), self.e[0], self.e[1]];
        self.value = to;
        error
    }
}

/// Row and shift of a magnitude.
fn context(magnitude: i64) -> (usize, u32) {
    let b = magnitude.ilog2();
    let c = (2 * b + (magnitude >> (b - 1) & 1) as u32).saturating_sub(8) as usize;
    let shift = if c < ROWS { 0 } else { (c - ROWS) / 2 + 1 };
    (c - 2 * shift, shift as u32)
}

/// Goes through a stroke as `codec/model.rs` does.
fn walk(stroke: &[CorpusSample], taps: &Learnt, counts: &mut Counts, fits: &mut Fits) {
    let first = &stroke[0];
    let (mut x, mut y) = (Track::at(first.x.into(), 12), Track::at(first.y.into(), 12));
    let mut force = Track::at(first.force.into(), 36);
    force.d[0] = first.force.into();
    for (index, sample) in stroke.iter().enumerate().skip(1) {
        let opening = index == 1;
        let pace = x.d[0].abs() + y.d[0].abs();
        let mut beside = 0;
        for (track, to) in [(&mut x, sample.x), (&mut y, sample.y)] {
            let e = track.e;
            let magnitude = 5 * e[0] + 2 * e[1] + e[2] + pace + 14 + 2 * beside;
            let (row, shift) = context(magnitude);
            let fit = (!opening).then_some(&mut fits.position[row]);
            let error = track.step(to.into(), &taps.position[row], fit);
            let table = if opening { OPENING + row - OPENING_ROW } else { POSITION + row };
            counts.put(table, shift, error);
            beside = error.abs();
        }
        if index <= 3 {
            let row = index - 1;
            let fit = Some(&mut fits.rising_force[row]);
            let error = force.step(sample.force.into(), &taps.rising_force[row], fit);
            counts.put(RISING_FORCE + row, 0, error);
            continue;
        }
        let e = force.e;
        let magnitude = 4 * e[0] + 3 * e[1] + 2 * e[2] + force.d[0].abs() + 16;
        let (row, shift) = context(magnitude);
        let error = force.step(sample.force.into(), &taps.force[row], Some(&mut fits.force[row]));
        counts.put(FORCE + row, shift, error);
    }
}

/// Counts runs, misses and starts with an even clock.
fn count_starts(writer: &CorpusWriter, tick_ms: i64, counts: &mut Counts) {
    let period = 10 / tick_ms;
    let shift = period.ilog2();
    for pair in writer.strokes.windows(2) {
        let [before, stroke] = pair else { continue };
        let (was, is) = (&before[0], &stroke[0]);
        let last_ms = before[before.len() - 1].ms as i64;
        // Where the clock is after the stroke before, if none of its samples was missed.
        counts.put(PAUSE, shift, (is.ms as i64 - last_ms) / tick_ms - period);
        counts.put(START_X, START_X_SHIFT, i64::from(is.x) - i64::from(was.x));
        counts.put(START_Y, START_Y_SHIFT, i64::from(is.y) - i64::from(was.y));
        counts.put(START_FORCE, 0, i64::from(is.force) - i64::from(was.force));
    }
    for stroke in &writer.strokes {
        let mut run = 1;
        for pair in stroke.windows(2) {
            let missed = (pair[1].ms - pair[0].ms) as i64 / tick_ms - period;
            if missed == 0 {
                run += 1;
            } else {
                counts.put(RUN, 0, run);
                counts.put(MISSED, shift, missed);
                run = 0;
            }
        }
        counts.put(RUN, 0, run);
    }
}

/// Counts the clock's errors where it jitters, as `codec/clock.rs` follows it.
fn count_times(writer: &CorpusWriter, counts: &mut Counts) {
    for stroke in &writer.strokes {
        let (mut ticks, mut period, mut last) = (stroke[0].ms as i64, 160_i64, 0_i64);
        let mut phase = 16 * ticks;
        for sample in &stroke[1..] {
            let error = sample.ms as i64 - ((phase + period + 8) >> 4);
            let table = CLOCK
                + match last.abs() {
                    0 => 0,
                    1..4 => 1,
                    _ => 2,
                };
            counts.put(table, 0, error);
            if 32 * error.abs() < period {
                phase += period + 4 * error;
                period += error;
            } else {
                if error == last {
                    period = 16 * (sample.ms as i64 - ticks);
                }
                phase = 16 * sample.ms as i64;
            }
            (last, ticks) = (error, sample.ms as i64);
        }
    }
}

/// Lengths of the best prefix code of at most nine bits: package-merge (Larmore and Hirschberg
/// 1990). Every symbol gets one, however rare, so that any ink can be written.
fn code_lengths(counts: &[u64; SYMBOLS]) -> [u8; SYMBOLS] {
    let mut coins: Vec<(u64, Vec<usize>)> =
        counts.iter().enumerate().map(|(symbol, n)| (16 * n + 1, vec![symbol])).collect();
    coins.sort();
    let mut packed = coins.clone();
    for _ in 1..CODE_BITS_MAX {
        let pairs = packed.chunks_exact(2);
        let mut next: Vec<_> = pairs
            .map(|pair| (pair[0].0 + pair[1].0, [&pair[0].1[..], &pair[1].1].concat()))
            .collect();
        next.extend(coins.iter().cloned());
        next.sort();
        packed = next;
    }
    let mut lengths = [0; SYMBOLS];
    for symbol in packed.iter().take(2 * SYMBOLS - 2).flat_map(|(_, symbols)| symbols) {
        lengths[*symbol] += 1;
    }
    lengths
}

fn print_source(counts: &Counts, taps: &Learnt) {
    println!(
        "//! Tables and taps of set 1, learnt from real handwriting and modelled force by\n\
         //! `learn-codec-tables` in `benches`. Frozen with version 1: another set gets another number.\n\n\
         /// Sixty-fourths of the last four differences, newest first.\n\
         pub(crate) type Taps = [i32; 4];\n\n\
         /// The number of this set of tables and taps.\n\
         pub(crate) const TABLE_SET: u32 = 1;\n\
         /// How many tables there are.\n\
         pub(crate) const TABLES: usize = {TABLES};\n\n\
         /// Contexts that have a table each.\n\
         pub(crate) const ROWS: usize = {ROWS};\n"
    );
    for (name, tables, what) in groups() {
        println!("/// {what}\npub(crate) const {name}: usize = {};", tables.start);
    }
    let rows = |taps: &[Taps]| {
        taps.iter()
            .map(|t| format!("    [{}, {}, {}, {}],\n", t[0], t[1], t[2], t[3]))
            .collect::<String>()
    };
    println!(
        "\n/// Taps of x and y.\n#[rustfmt::skip]\npub(crate) static POSITION_TAPS: [Taps; ROWS] = [\n{}];",
        rows(&taps.position)
    );
    println!(
        "\n/// Taps of the other channels.\n#[rustfmt::skip]\npub(crate) static FORCE_TAPS: [Taps; ROWS] = [\n{}];",
        rows(&taps.force)
    );
    println!(
        "\n/// Taps of force in each of a stroke's first three steps.\n#[rustfmt::skip]\n\
         pub(crate) static RISING_FORCE_TAPS: [Taps; 3] = [\n{}];",
        rows(&taps.rising_force)
    );
    println!(
        "\n/// Lengths of each table's codes, by symbol.\n#[rustfmt::skip]\n\
         pub(crate) static CODE_LENGTHS: [[u8; 16]; TABLES] = ["
    );
    for (name, tables, _) in groups() {
        println!("    // {name}");
        for table in tables {
            let lengths = code_lengths(&counts.0[table]).map(|length| length.to_string());
            println!("    [{}],", lengths.join(", "));
        }
    }
    println!("];");
}
