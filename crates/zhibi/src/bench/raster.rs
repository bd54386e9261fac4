//! Drawing a page of ink, as pages and the reader's reports show it.

use std::hint::black_box;

use ink::Sample;
use raster::{Coverage, PenWidth, Window, draw};

use super::evening::Written;
use super::figure::{Figure, rates};
use super::{Bench, Of};

/// A page written full.
const SAMPLES: usize = 18_000;

const A4: [i32; 2] = [210_000, 297_000];
const WIDTH: PenWidth = PenWidth { min_um: 300, max_um: 700 };

pub(super) fn bench(of: &Of) -> anyhow::Result<Bench> {
    let written = Written::new(of)?;
    let papers = report::evening::papers(&written.setup, &written.evening);
    let mut samples = 0;
    let strokes: Vec<&[Sample]> = (papers.iter())
        .flat_map(|paper| &paper.ink.pupil)
        .map(|stroke| stroke.samples.as_slice())
        .take_while(|stroke| {
            samples += stroke.len();
            samples <= SAMPLES
        })
        .collect();
    let mut figures = Vec::new();
    for dpi in [150, 300] {
        let [width_um, height_um] = A4;
        let window = Window { x_um: 0, y_um: 0, width_um, height_um, dpi };
        let mut coverage = Coverage::new();
        draw(&strokes, &window, &WIDTH, &mut coverage);
        let mut empty = coverage.clone();
        let ours = &mut || {
            draw(black_box(&strokes), &window, &WIDTH, &mut coverage);
            black_box(&coverage.data);
        };
        let floor = &mut || {
            black_box(&mut empty).data.fill(0);
        };
        let [ours, floor] = rates(of.seconds / 2.0, 1.0, [ours, floor]);
        let figure = Figure::speed(format!("A4 at {dpi} dpi"), "pages/s and core", ours);
        figures.push(figure.over("floor: filling the picture's bytes", floor));
    }
    let count: usize = strokes.iter().map(|stroke| stroke.len()).sum();
    let of = format!("{} strokes, {count} samples on a page, from {}", strokes.len(), written.of);
    Ok(Bench { bench: "raster".into(), of, figures })
}
