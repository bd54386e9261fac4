//! The chunk codec: bytes a sample, and samples a second.
//!
//! Floor: a copy of the same samples in memory, 16 bytes each. Peer: zigzag varints of second
//! differences in rows, as vendors' exports and protobuf would have them, without heads, addresses
//! or checksums, so it is measured at its best. The codec's figures hold all of that. Handwriting
//! is the shared sets' (`ZHIBI_HANDWRITING`, or `../shared/data/handwriting` beside the workspace);
//! where they are not there, synthetic loops, which flatter every codec alike.

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use firmware_protocol::{
    BootId, Frame, PageAddress, PenHead, PenId, SealPolicy, Sealer, StrokeEnd, decode_frame,
};
use zhibi_benches::ink_corpus::{FORCE_MAX, Making, PenSample, UNIT_NM, Writer, synthetic, unipen};

const PAGE: PageAddress = PageAddress { section: 3, owner: 27, book: 168, page: 12 };

/// How a pen of the corpus keeps time, measures force and seals.
#[derive(Clone, Copy)]
struct Setting {
    tick_ms: u64,
    force: bool,
    ink_ms_max: u32,
}

/// Full chunks, ticks of 10 ms, with force.
const FULL: Setting = Setting { tick_ms: 10, force: true, ink_ms_max: u32::MAX };

fn corpus(jitter_ms: i64) -> (&'static str, Vec<Writer>) {
    let making = Making { seed: 1, jitter_ms };
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/handwriting");
    let directory = std::env::var_os("ZHIBI_HANDWRITING").map_or(beside, PathBuf::from);
    match unipen(&directory, making) {
        Some(writers) => ("UNIPEN's dense tablets at 100 Hz, force made up", writers),
        None => ("synthetic loops", synthetic(making, 20_000)),
    }
}

fn count(writers: &[Writer]) -> usize {
    writers.iter().flat_map(|writer| &writer.strokes).map(Vec::len).sum()
}

fn seal(writers: &[Writer], setting: Setting) -> Vec<Vec<u8>> {
    let Setting { tick_ms, force, ink_ms_max } = setting;
    let force_max = if force { FORCE_MAX } else { 0 };
    let head = PenHead { unit_nm: UNIT_NM, force_max, tick_us: 1_000 * tick_ms as u32 };
    let policy = SealPolicy { ink_ms_max, rest_ms_max: u32::MAX };
    let mut chunks = Vec::new();
    for (pen, writer) in writers.iter().enumerate() {
        let boot = BootId { counter: 1, random: 0x5eed };
        let mut sealer = Sealer::new(PenId(pen as u64), boot, head, policy);
        let mut out = |chunk: &[u8]| chunks.push(chunk.to_vec());
        for stroke in &writer.strokes {
            let unix_ms = |ms: u64| 1_788_220_800_000 + ms as i64;
            let start = stroke[0].ms;
            sealer.pen_down(Some(PAGE), start / tick_ms, unix_ms(start), &mut out);
            for &PenSample { ms, x, y, force } in stroke {
                sealer.sample(ms / tick_ms, unix_ms(ms), x, y, force, &mut out);
            }
            sealer.pen_up(StrokeEnd::Up);
        }
        sealer.flush(&mut out);
    }
    chunks
}

/// Decodes everything; gives the number of samples.
fn open(chunks: &[Vec<u8>]) -> usize {
    let mut count = 0;
    for bytes in chunks {
        let Ok((Frame::Chunk(chunk), _)) = decode_frame(bytes) else { panic!("a chunk") };
        for fragment in chunk.fragments().flatten() {
            count += fragment.samples().flatten().map(black_box).count();
        }
    }
    count
}

/// Second differences of one stroke's columns, row by row.
fn peer_encode(stroke: &[PenSample], out: &mut Vec<u8>) {
    let (mut last, mut step) = ([0_i64; 4], [0_i64; 4]);
    for sample in stroke {
        let row = [sample.ms as i64, sample.x.into(), sample.y.into(), sample.force.into()];
        for column in 0..4 {
            let difference = row[column] - last[column];
            let second = difference - step[column];
            (last[column], step[column]) = (row[column], difference);
            let mut zigzag = ((second << 1) ^ (second >> 63)) as u64;
            while zigzag >= 0x80 {
                out.push(zigzag as u8 | 0x80);
                zigzag >>= 7;
            }
            out.push(zigzag as u8);
        }
    }
}

fn peer_decode(mut bytes: &[u8]) -> usize {
    let (mut last, mut step, mut count) = ([0_i64; 4], [0_i64; 4], 0);
    while !bytes.is_empty() {
        for column in 0..4 {
            let (mut zigzag, mut shift) = (0_u64, 0);
            while let [byte, rest @ ..] = bytes {
                bytes = rest;
                zigzag |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            step[column] += (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
            last[column] += step[column];
        }
        black_box(last);
        count += 1;
    }
    count
}

fn peer(writers: &[Writer]) -> Vec<Vec<u8>> {
    let strokes = writers.iter().flat_map(|writer| &writer.strokes);
    let encode = |stroke: &Vec<PenSample>| {
        let mut out = Vec::with_capacity(8 * stroke.len());
        peer_encode(stroke, &mut out);
        out
    };
    strokes.map(encode).collect()
}

/// Bytes a sample, everything included, in each setting.
fn report_sizes() {
    for (clock, tick_ms, jitter_ms) in
        [("10 ms ticks", 10, 0), ("1 ms ticks", 1, 0), ("1 ms ticks, off by ±1", 1, 1)]
    {
        let (source, writers) = corpus(jitter_ms);
        let samples = count(&writers);
        let strokes: usize = writers.iter().map(|writer| writer.strokes.len()).sum();
        println!(
            "\n{source}; {clock}: {} writers, {strokes} strokes, {samples} samples",
            writers.len()
        );
        println!("{:<28}{:>12}{:>12}", "bytes a sample", "with force", "without");
        for (chunks, ink_ms_max) in [("1 KiB", u32::MAX), ("4 s", 4_000), ("2 s", 2_000)] {
            let size = |force| {
                let chunks = seal(&writers, Setting { tick_ms, force, ink_ms_max });
                chunks.iter().map(Vec::len).sum::<usize>() as f64 / samples as f64
            };
            println!("{:<28}{:>12.3}{:>12.3}", format!("{chunks} chunks"), size(true), size(false));
        }
        let peer = peer(&writers).iter().map(Vec::len).sum::<usize>() as f64 / samples as f64;
        println!("{:<28}{peer:>12.3}", "peer: varints, no heads");
    }
    println!();
}

fn codec(criterion: &mut Criterion) {
    report_sizes();
    let (_, writers) = corpus(0);
    let samples = count(&writers);
    let chunks = seal(&writers, FULL);
    assert_eq!(open(&chunks), samples, "lossless");
    let flat: Vec<PenSample> = writers.iter().flat_map(|w| &w.strokes).flatten().copied().collect();
    let varints = peer(&writers);

    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(samples as u64)).sample_size(10);
    group.bench_function("decode", |b| b.iter(|| open(black_box(&chunks))));
    group.bench_function("decode, peer varints", |b| {
        b.iter(|| black_box(&varints).iter().map(|bytes| peer_decode(bytes)).sum::<usize>());
    });
    group.bench_function("encode", |b| b.iter(|| seal(black_box(&writers), FULL)));
    group.bench_function("encode, peer varints", |b| b.iter(|| peer(black_box(&writers))));
    group.bench_function("floor: copy the samples", |b| b.iter(|| black_box(&flat).clone()));
    group.finish();
}

criterion_group!(benches, codec);
criterion_main!(benches);
