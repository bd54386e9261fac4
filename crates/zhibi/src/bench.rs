//! `zhibi bench`: figures on this machine, with the floor beside them.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use firmware_protocol::{Frame, RawSample, decode_frame};
use pen_sim::corpus::{CorpusWriter, Making, PenSetting, seal, synthetic_loops, unipen};
use serde::Serialize;

use crate::Verdict;
use crate::cli::{BenchArgs, BenchWhat};

/// Runs the command.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<Verdict> {
    match args.what {
        BenchWhat::Codec => {
            let report = codec(args);
            if args.json {
                put!("{}", serde_json::to_string(&report)?)?;
            } else {
                report.print()?;
            }
        }
    }
    Ok(Verdict::Clean)
}

/// What the chunk codec takes and how fast it is. Bytes hold everything: envelopes, heads,
/// addresses, checksums.
#[derive(Debug, Serialize)]
struct CodecReport {
    bench: &'static str,
    /// What the figures are of, and what of it is made up.
    corpus: &'static str,
    seed: u64,
    writers: usize,
    strokes: usize,
    samples: usize,
    /// Full chunks, one tick per sample, with force.
    bytes_per_sample: f64,
    /// The same without force.
    bytes_per_sample_without_force: f64,
    settings: Vec<SettingReport>,
    /// Of the first setting, one core; medians.
    encode_samples_per_s: f64,
    decode_samples_per_s: f64,
    /// The floor: copying the decoded samples in memory.
    copy_samples_per_s: f64,
}

#[derive(Debug, Serialize)]
struct SettingReport {
    tick_ms: u64,
    jitter_ms: i64,
    force: bool,
    /// Seconds of ink in a chunk; `null` where chunks are full.
    chunk_s: Option<f64>,
    bytes_per_sample: f64,
    samples_per_chunk: f64,
}

const REAL: &str = "UNIPEN's fine tablets at 100 Hz on a 23.71 µm grid, writers held out of the \
                    tables' learning; force, pauses and lost readings are modelled";
const SYNTHETIC: &str = "synthetic loops (no handwriting found: --handwriting DIR or ZHIBI_DATA); \
                         smooth, and kind to any codec";

/// Loops where there is no handwriting.
const SYNTHETIC_STROKES: usize = 20_000;

fn codec(args: &BenchArgs) -> CodecReport {
    let seed = args.seed;
    let (corpus, writers) = load(args, 0);
    let (_, jittering) = load(args, 1);
    let mut settings = Vec::new();
    for (writers, jitter_ms, tick_ms) in
        [(&writers, 0, 10_u64), (&writers, 0, 1), (&jittering, 1, 1)]
    {
        for force in [true, false] {
            for ink_ms_max in [u32::MAX, 4_000, 2_000] {
                let setting = PenSetting { tick_ms, force, ink_ms_max };
                settings.push(measure_bytes(writers, setting, jitter_ms));
            }
        }
    }
    let full = PenSetting { tick_ms: 10, force: true, ink_ms_max: u32::MAX };
    let chunks = seal_all(&writers, full).0;
    let samples: usize = writers.iter().flat_map(|writer| &writer.strokes).map(Vec::len).sum();
    let limit = Duration::from_secs_f64(args.seconds / 3.0);
    let mut flat = Vec::with_capacity(samples);
    decode_all(&chunks, |sample| flat.push(sample));
    let per_s = |seconds: f64| samples as f64 / seconds;
    CodecReport {
        bench: "codec",
        corpus,
        seed,
        writers: writers.len(),
        strokes: writers.iter().map(|writer| writer.strokes.len()).sum(),
        samples,
        bytes_per_sample: settings[0].bytes_per_sample,
        bytes_per_sample_without_force: settings[3].bytes_per_sample,
        settings,
        encode_samples_per_s: per_s(median(limit, || {
            black_box(seal_all(black_box(&writers), full));
        })),
        decode_samples_per_s: per_s(median(limit, || {
            let mut sum = 0_i64;
            let all = |s: RawSample| i64::from(s.ticks) + i64::from(s.x ^ s.y) + i64::from(s.force);
            decode_all(black_box(&chunks), |sample| sum = sum.wrapping_add(all(sample)));
            black_box(sum);
        })),
        copy_samples_per_s: per_s(median(limit, || {
            black_box(black_box(&flat).clone());
        })),
    }
}

fn load(args: &BenchArgs, jitter_ms: i64) -> (&'static str, Vec<CorpusWriter>) {
    let making = Making { seed: args.seed, jitter_ms };
    let data = std::env::var_os("ZHIBI_DATA").map(PathBuf::from);
    let data = data.unwrap_or_else(|| Path::new("../shared/data").into());
    let directory = args.handwriting.clone().unwrap_or_else(|| data.join("handwriting"));
    match unipen(&directory, making) {
        Some(mut writers) => {
            writers.retain(|writer| writer.held_out);
            (REAL, writers)
        }
        None => (SYNTHETIC, synthetic_loops(making, SYNTHETIC_STROKES)),
    }
}

fn seal_all(writers: &[CorpusWriter], setting: PenSetting) -> (Vec<Vec<u8>>, usize) {
    let (mut chunks, mut samples) = (Vec::new(), 0);
    for (pen, writer) in (0..).zip(writers) {
        let (sealed, count) = seal(pen, writer, setting);
        chunks.extend(sealed);
        samples += count;
    }
    (chunks, samples)
}

fn measure_bytes(writers: &[CorpusWriter], setting: PenSetting, jitter_ms: i64) -> SettingReport {
    let (chunks, samples) = seal_all(writers, setting);
    let bytes: usize = chunks.iter().map(Vec::len).sum();
    let PenSetting { tick_ms, force, ink_ms_max } = setting;
    SettingReport {
        tick_ms,
        jitter_ms,
        force,
        chunk_s: (ink_ms_max != u32::MAX).then(|| f64::from(ink_ms_max) / 1000.0),
        bytes_per_sample: bytes as f64 / samples as f64,
        samples_per_chunk: samples as f64 / chunks.len() as f64,
    }
}

fn decode_all(chunks: &[Vec<u8>], mut each: impl FnMut(RawSample)) {
    for bytes in chunks {
        // All were sealed a moment ago.
        let Ok((Frame::Chunk(chunk), _)) = decode_frame(bytes) else { continue };
        let mut fragments = chunk.fragments();
        while let Ok(Some(_)) = fragments.next() {
            let _sealed = fragments.samples(&mut each);
        }
    }
}

/// Median seconds of at least five rounds, in about the time given.
fn median(limit: Duration, mut round: impl FnMut()) -> f64 {
    let begun = Instant::now();
    let mut seconds = Vec::new();
    while seconds.len() < 5 || begun.elapsed() < limit {
        let from = Instant::now();
        round();
        seconds.push(from.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

impl CodecReport {
    fn print(&self) -> std::io::Result<()> {
        put!("{}", self.corpus)?;
        let Self { writers, strokes, samples, seed, .. } = self;
        put!("{writers} writers, {strokes} strokes, {samples} samples, seed {seed}\n")?;
        put!("bytes per sample, everything included  full chunks      4 s      2 s")?;
        for row in self.settings.chunks(3) {
            let SettingReport { tick_ms, jitter_ms, force, .. } = row[0];
            let force = if force { "force" } else { "no force" };
            let cells: String =
                row.iter().map(|cell| format!("{:>10.3}", cell.bytes_per_sample)).collect();
            put!("{:<38}{cells}", format!("{tick_ms} ms ticks, ±{jitter_ms} ms, {force}"))?;
        }
        let million = |per_s: f64| per_s / 1e6;
        put!("\nsamples a second and core, millions (10 ms ticks, force, full chunks)")?;
        put!("encode {:>8.1}", million(self.encode_samples_per_s))?;
        put!("decode {:>8.1}", million(self.decode_samples_per_s))?;
        put!("floor  {:>8.1}   copying the decoded samples", million(self.copy_samples_per_s))
    }
}
