//! The chunk codec: what ink takes, and how fast it is coded and decoded.

use std::hint::black_box;

use pen_sim::corpus::{self, CorpusWriter, Making, PenSetting, seal, synthetic_loops, unipen};

use super::figure::{Figure, rates};
use super::{Bench, Of};

const REAL: &str = "UNIPEN's fine tablets at 100 Hz on a 23.71 µm grid, writers held out of the \
                    tables' learning; force, pauses and lost readings are modelled";
const SYNTHETIC: &str = "synthetic loops (no handwriting found: --handwriting DIR or ZHIBI_DATA); \
                         smooth, and kind to any codec";

/// Loops where there is no handwriting.
const SYNTHETIC_STROKES: usize = 20_000;

/// Bytes hold everything: envelopes, heads, addresses, checksums.
pub(super) fn bench(of: &Of) -> Bench {
    let (corpus, writers) = load(of, 0);
    let (_, jittering) = load(of, 1);
    let mut figures = Vec::new();
    for (writers, jitter_ms, tick_ms) in
        [(&writers, 0, 10_u64), (&writers, 0, 1), (&jittering, 1, 1)]
    {
        for force in [true, false] {
            for ink_ms_max in [u32::MAX, 4_000, 2_000] {
                let setting = PenSetting { tick_ms, force, ink_ms_max };
                figures.push(bytes_per_sample(writers, setting, jitter_ms));
            }
        }
    }
    let full = PenSetting { tick_ms: 10, force: true, ink_ms_max: u32::MAX };
    let chunks = seal_all(&writers, full).0;
    let samples: usize = writers.iter().flat_map(|writer| &writer.strokes).map(Vec::len).sum();
    let mut flat = Vec::with_capacity(samples);
    corpus::decode(&chunks, &mut flat);
    let encode = &mut || {
        black_box(seal_all(black_box(&writers), full));
    };
    let mut decoded = Vec::with_capacity(samples);
    let decode = &mut || {
        decoded.clear();
        corpus::decode(black_box(&chunks), &mut decoded);
        black_box(&decoded);
    };
    let copy = &mut || {
        black_box(black_box(&flat).clone());
    };
    let [encode, decode, copy] = rates(of.seconds, samples as f64, [encode, decode, copy]);
    let floor = "floor: copying the decoded samples";
    let unit = "samples/s and core";
    figures.push(Figure::speed("encode: 10 ms ticks, force, full chunks", unit, encode));
    figures.push(
        Figure::speed("decode: the same chunks, into one list", unit, decode).over(floor, copy),
    );
    let strokes: usize = writers.iter().map(|writer| writer.strokes.len()).sum();
    let of = format!("{} writers, {strokes} strokes, {samples} samples; {corpus}", writers.len());
    Bench { bench: "codec".into(), of, figures }
}

fn load(of: &Of, jitter_ms: i64) -> (&'static str, Vec<CorpusWriter>) {
    let making = Making { seed: of.seed, jitter_ms };
    match unipen(&of.folder, making) {
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

fn bytes_per_sample(writers: &[CorpusWriter], setting: PenSetting, jitter_ms: i64) -> Figure {
    let (chunks, samples) = seal_all(writers, setting);
    let bytes: usize = chunks.iter().map(Vec::len).sum();
    let PenSetting { tick_ms, force, ink_ms_max } = setting;
    let force = if force { "force" } else { "no force" };
    let cut = match ink_ms_max {
        u32::MAX => "full chunks".to_owned(),
        ms => format!("{} s", ms / 1_000),
    };
    let name = format!("{tick_ms} ms ticks, ±{jitter_ms} ms, {force}, {cut}");
    Figure::counted(name, "bytes/sample", bytes as f64 / samples as f64)
}
