//! Drawing a page of ink: 300 strokes of 60 samples on A4 at 150 dpi.
//!
//! Floor: filling the picture's bytes. Peer: tiny-skia, which strokes each polyline at one width
//! with round ends and joins (less than what is asked of us: our width follows the force) and
//! fills it into a mask. All three in the same run, on the same input, in turns.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use ink::Sample;
use raster::{Coverage, PenWidth, Window, draw};
use tiny_skia::{FillRule, LineCap, LineJoin, Mask, PathBuilder, PathStroker, Stroke, Transform};

const STROKES: usize = 300;
const SAMPLES: usize = 60;
const DPI: u32 = 150;
const A4: Window = Window { x_um: 0, y_um: 0, width_um: 210_000, height_um: 297_000, dpi: DPI };
const WIDTH: PenWidth = PenWidth { min_um: 300, max_um: 700 };

/// Loops of a few millimetres in rows, as handwriting fills a page.
fn page() -> Vec<Vec<Sample>> {
    let stroke = |k: usize| {
        let (left, top) = (12_000.0 + (k % 20) as f32 * 9_500.0, (k / 20) as f32 * 18_000.0);
        let sample = |i: usize| {
            let t = i as f32 * 0.16 + k as f32;
            let x = left + 90.0 * i as f32 + 1_800.0 * (t * 0.7).sin();
            let y = top + 16_000.0 + 2_600.0 * (t * 1.1).cos();
            let force = 32_000.0 + 20_000.0 * (t * 0.5).sin();
            Sample { x_um: x as i32, y_um: y as i32, force: force as u16, t_ms: 10 * i as u32 }
        };
        (0..SAMPLES).map(sample).collect()
    };
    (0..STROKES).map(stroke).collect()
}

fn ours(page: &[&[Sample]], coverage: &mut Coverage) {
    draw(page, &A4, &WIDTH, coverage);
    black_box(&coverage.data);
}

fn floor(coverage: &mut Coverage) {
    black_box(&mut coverage.data).fill(0);
}

fn peer(page: &[&[Sample]], mask: &mut Mask) {
    mask.clear();
    let scale = DPI as f32 / 25_400.0;
    let width = (WIDTH.min_um + WIDTH.max_um) as f32 / 2.0 * scale;
    let pen =
        Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
    let mut stroker = PathStroker::new();
    for stroke in page {
        let mut path = PathBuilder::new();
        path.move_to(stroke[0].x_um as f32 * scale, stroke[0].y_um as f32 * scale);
        for sample in &stroke[1..] {
            path.line_to(sample.x_um as f32 * scale, sample.y_um as f32 * scale);
        }
        let outline = path.finish().and_then(|path| stroker.stroke(&path, &pen, 1.0));
        if let Some(outline) = outline {
            mask.fill_path(&outline, FillRule::Winding, true, Transform::identity());
        }
    }
    black_box(mask.data());
}

fn main() {
    let page = page();
    let page: Vec<&[Sample]> = page.iter().map(Vec::as_slice).collect();
    let (width, height) = A4.size();
    let mut coverage = Coverage::new();
    ours(&page, &mut coverage);
    let mut empty = coverage.clone();
    let mut mask = Mask::new(width as u32, height as u32).expect("a mask of A4's size");

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("raster/a4-150dpi");
    group.throughput(Throughput::Elements((STROKES * SAMPLES) as u64));
    group.bench_function("zhibi", |b| b.iter(|| ours(&page, &mut coverage)));
    group.bench_function("floor-memset", |b| b.iter(|| floor(&mut empty)));
    group.bench_function("peer-tiny-skia", |b| b.iter(|| peer(&page, &mut mask)));
    group.finish();
    criterion.final_summary();

    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..31 {
        times[0].push(timed(|| ours(&page, &mut coverage)));
        times[1].push(timed(|| floor(&mut empty)));
        times[2].push(timed(|| peer(&page, &mut mask)));
    }
    let [ours, floor, peer] = times.map(|mut all| {
        all.sort();
        all[all.len() / 2].as_secs_f64()
    });
    println!(
        "medians in turns: {:.0} pages/s; {:.1} x tiny-skia; {:.1} x the floor's time",
        1.0 / ours,
        peer / ours,
        ours / floor
    );
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
