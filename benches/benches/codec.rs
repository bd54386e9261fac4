//! The chunk codec beside its peers: bytes per sample, and samples per second.
//!
//! Floor: a copy of the same samples in memory. Peers, on the same samples in the same chunks:
//! second differences as zigzag varints, row by row, as protobuf or a vendor's export would have
//! them; the same by columns, deflated (zlib, level 9) or packed by zstd (level 19), chunk by
//! chunk. Each is at its best: only the codec's figures hold envelopes, addresses and checksums.
//!
//! Handwriting is the shared sets' (`ZHIBI_DATA`, or `../shared/data` beside the workspace), of the
//! writers that were held out when tables were learnt. Where the sets are missing, synthetic loops,
//! which flatter every codec alike, take their place.

use std::hint::black_box;
use std::io::Write;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use firmware_protocol::{Frame, decode_frame};
use pen_sim::corpus::{
    CorpusSample, CorpusWriter, Making, PenSetting, seal, synthetic_loops, unipen,
};

/// Full chunks, ticks of 10 ms, with force.
const FULL: PenSetting = PenSetting { tick_ms: 10, force: true, ink_ms_max: u32::MAX };

fn corpus() -> (&'static str, Vec<CorpusWriter>) {
    let making = Making { seed: 1, jitter_ms: 0 };
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let data = std::env::var_os("ZHIBI_DATA").map_or_else(beside, PathBuf::from);
    let directory = data.join("handwriting");
    match unipen(&directory, making) {
        Some(mut writers) => {
            writers.retain(|writer| writer.held_out);
            ("UNIPEN's fine tablets at 100 Hz, writers held out, force modelled", writers)
        }
        None => ("synthetic loops", synthetic_loops(making, 20_000)),
    }
}

fn seal_all(writers: &[CorpusWriter], setting: PenSetting) -> Vec<Vec<u8>> {
    (0..).zip(writers).flat_map(|(pen, writer)| seal(pen, writer, setting).0).collect()
}

/// Decodes everything; gives the number of samples.
fn open(chunks: &[Vec<u8>]) -> usize {
    let mut count = 0;
    for bytes in chunks {
        let Ok((Frame::Chunk(chunk), _)) = decode_frame(bytes) else { panic!("a chunk") };
        let mut fragments = chunk.fragments();
        while let Ok(Some(_)) = fragments.next() {
            let read = fragments.samples(|sample| {
                black_box(sample);
                count += 1;
            });
            read.expect("a sealed fragment");
        }
    }
    count
}

/// The samples of each chunk, in columns' order: ticks, x, y, force.
type Rows = Vec<[i64; 4]>;

fn rows(chunks: &[Vec<u8>]) -> Vec<Rows> {
    let of_chunk = |bytes: &Vec<u8>| {
        let Ok((Frame::Chunk(chunk), _)) = decode_frame(bytes) else { panic!("a chunk") };
        let (mut rows, mut fragments) = (Rows::new(), chunk.fragments());
        while let Ok(Some(_)) = fragments.next() {
            let row = |s: firmware_protocol::RawSample| {
                rows.push([s.ticks.into(), s.x.into(), s.y.into(), s.force.into()]);
            };
            fragments.samples(row).expect("a sealed fragment");
        }
        rows
    };
    chunks.iter().map(of_chunk).collect()
}

fn put_varint(value: i64, out: &mut Vec<u8>) {
    let mut zigzag = ((value << 1) ^ (value >> 63)) as u64;
    while zigzag >= 0x80 {
        out.push(zigzag as u8 | 0x80);
        zigzag >>= 7;
    }
    out.push(zigzag as u8);
}

/// Second differences, row by row.
fn varint_rows(rows: &Rows) -> Vec<u8> {
    let (mut last, mut step, mut out) = ([0_i64; 4], [0_i64; 4], Vec::new());
    for row in rows {
        for column in 0..4 {
            let difference = row[column] - last[column];
            put_varint(difference - step[column], &mut out);
            (last[column], step[column]) = (row[column], difference);
        }
    }
    out
}

fn read_varint_rows(mut bytes: &[u8]) -> usize {
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

/// Second differences, column by column.
fn varint_columns(rows: &Rows) -> Vec<u8> {
    let mut out = Vec::new();
    for column in 0..4 {
        let (mut last, mut step) = (0, 0);
        for row in rows {
            let difference = row[column] - last;
            put_varint(difference - step, &mut out);
            (last, step) = (row[column], difference);
        }
    }
    out
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("into memory");
    encoder.finish().expect("into memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 19).expect("into memory")
}

/// Bytes per sample of the codec and its peers, in full chunks with force.
fn report_sizes(source: &str, chunks: &[Vec<u8>], rows: &[Rows]) {
    let samples: usize = rows.iter().map(Vec::len).sum();
    println!("\n{source}: {samples} samples in {} full chunks, force", chunks.len());
    let print = |name: &str, bytes: usize| {
        println!("{name:<34}{:>8.3} bytes per sample", bytes as f64 / samples as f64);
    };
    let sum = |encode: &dyn Fn(&Rows) -> Vec<u8>| rows.iter().map(|rows| encode(rows).len()).sum();
    print("chunks, everything included", chunks.iter().map(Vec::len).sum());
    print("peer: varints in rows", sum(&varint_rows));
    print("peer: columns, zlib level 9", sum(&|rows| zlib(&varint_columns(rows))));
    print("peer: columns, zstd level 19", sum(&|rows| zstd(&varint_columns(rows))));
    println!();
}

/// Any 32 bits for a place and a seed (Murmur3's finalizer).
fn scatter(at: usize, seed: u32) -> i32 {
    let mut hash = (at as u32).wrapping_mul(0x9e37_79b9) ^ seed;
    for (shift, factor) in [(16, 0x85eb_ca6b), (13, 0xc2b2_ae35_u32)] {
        hash = (hash ^ hash >> shift).wrapping_mul(factor);
    }
    (hash ^ hash >> 16) as i32
}

type Change = fn(usize, CorpusSample) -> CorpusSample;

/// Ink that the tables were not learnt from.
const UNLIKE: [(&str, Change); 5] = [
    ("counts of 1 µm", |_, s| CorpusSample { x: s.x * 24, y: s.y * 24, ..s }),
    ("counts of 100 µm", |_, s| CorpusSample { x: s.x / 4, y: s.y / 4, ..s }),
    ("a sensor's noise of ±8 counts", |at, s| CorpusSample {
        x: s.x + scatter(at, 1) % 9,
        y: s.y + scatter(at, 2) % 9,
        ..s
    }),
    ("force to 4,095, noise of ±40", |at, s| CorpusSample {
        force: (i32::from(s.force) * 4 + 41 + scatter(at, 3) % 41) as u16,
        ..s
    }),
    ("anywhere on the page", |at, s| CorpusSample {
        x: scatter(at, 4).rem_euclid(8_000),
        y: scatter(at, 5).rem_euclid(12_000),
        ..s
    }),
];

/// Shows that ink unlike the tables costs what it costs any codec, and little more.
fn report_unlike(writers: &[CorpusWriter]) {
    println!("ink unlike the tables, full chunks, force     chunks   columns, zlib level 9");
    for (name, change) in UNLIKE {
        let mut writers = writers.to_vec();
        let samples = writers.iter_mut().flat_map(|writer| &mut writer.strokes).flatten();
        samples.enumerate().for_each(|(at, sample)| *sample = change(at, *sample));
        let chunks = seal_all(&writers, FULL);
        let rows = rows(&chunks);
        let samples = rows.iter().map(Vec::len).sum::<usize>() as f64;
        let bytes = chunks.iter().map(Vec::len).sum::<usize>() as f64;
        let peer = rows.iter().map(|rows| zlib(&varint_columns(rows)).len()).sum::<usize>() as f64;
        println!("{name:<44}{:>8.3}{:>10.3}", bytes / samples, peer / samples);
    }
    println!();
}

fn codec(criterion: &mut Criterion) {
    let (source, writers) = corpus();
    let chunks = seal_all(&writers, FULL);
    let rows = rows(&chunks);
    report_sizes(source, &chunks, &rows);
    report_unlike(&writers);
    let samples: usize = writers.iter().flat_map(|writer| &writer.strokes).map(Vec::len).sum();
    assert_eq!(open(&chunks), samples, "lossless");
    let encode = |encode: &dyn Fn(&Rows) -> Vec<u8>| rows.iter().map(encode).collect::<Vec<_>>();
    let (varints, deflated) = (encode(&varint_rows), encode(&|rows| zlib(&varint_columns(rows))));
    let packed = encode(&|rows| zstd(&varint_columns(rows)));

    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(samples as u64)).sample_size(10);
    group.bench_function("decode", |b| b.iter(|| open(black_box(&chunks))));
    group.bench_function("decode, peer: varints in rows", |b| {
        b.iter(|| black_box(&varints).iter().map(|bytes| read_varint_rows(bytes)).sum::<usize>());
    });
    group.bench_function("decode, peer: zlib, bytes only", |b| {
        b.iter(|| {
            for bytes in black_box(&deflated) {
                let mut out = Vec::new();
                flate2::write::ZlibDecoder::new(&mut out).write_all(bytes).expect("deflated");
                black_box(out);
            }
        });
    });
    group.bench_function("decode, peer: zstd, bytes only", |b| {
        b.iter(|| {
            for bytes in black_box(&packed) {
                black_box(zstd::bulk::decompress(bytes, 1 << 16).expect("packed"));
            }
        });
    });
    group.bench_function("encode", |b| b.iter(|| seal_all(black_box(&writers), FULL)));
    group.bench_function("encode, peer: varints in rows", |b| {
        b.iter(|| black_box(&rows).iter().map(varint_rows).collect::<Vec<_>>());
    });
    group.bench_function("floor: copy the samples", |b| b.iter(|| black_box(&rows).clone()));
    group.finish();
}

criterion_group!(benches, codec);
criterion_main!(benches);
