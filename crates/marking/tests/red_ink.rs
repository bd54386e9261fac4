//! Points taken off in red, by many made-up hands: all of the ink is synthetic.
//!
//! Failure: of the deductions fewer than eight in ten are read, or one in a hundred is read as
//! another mark; or a mark that is none takes points off. No failure: that a person must look.

use std::path::Path;

use firmware_protocol::{BootId, PenId, StrokeEnd};
use ink::{Handwriting, Sample, Stroke, StrokeKey};
use marking::{MarkOf, Marker, PageInk, Response, Scratch, Thresholds};
use pen_sim::synthetic_handwriting;
use worksheet::{Question, Registration, Score, Worksheet};

const PLAIN: Registration =
    Registration { version: 1, dx_um: 0, dy_um: 0, rotation_urad: 0, scale_ppm: 0 };
const HANDS: u32 = 100;
/// How large red ink is against the hand's own size.
const SIZES: [f64; 3] = [0.8, 1.2, 1.7];

/// A sample's strokes with their top left at (x, y) micrometres, a fifth of a second apart.
fn strokes(of: &Handwriting, x: f64, y: f64, size: f64) -> Vec<Stroke> {
    let mut start_ms = 1_700_000_000_000;
    let mut strokes = Vec::new();
    for (points, number) in of.strokes.iter().zip(0..) {
        let first_ms = points.first().map_or(0.0, |p| p[2]);
        let samples: Vec<Sample> = points
            .iter()
            .map(|p| Sample {
                x_um: (x + 10.0 * size * p[0]).round() as i32,
                y_um: (y + 10.0 * size * p[1]).round() as i32,
                force: 30_000,
                t_ms: (p[2] - first_ms).round() as u32,
            })
            .collect();
        let boot = BootId { counter: 1, random: 7 };
        let duration_ms = samples.last().map_or(0, |s| i64::from(s.t_ms));
        strokes.push(Stroke {
            key: StrokeKey { pen: PenId(9), boot, number },
            address: None,
            start_ms,
            start_ticks: 0,
            end: StrokeEnd::Up,
            complete: true,
            samples,
            orientation: Vec::new(),
        });
        start_ms += duration_ms + 200;
    }
    strokes
}

/// What each sample, written in red beside an answer, does to it; with the answer's points.
fn marked(labels: &[&str], mut look: impl FnMut(&Handwriting, Score, &Response)) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-strokes/worksheets");
    let sheet = Worksheet::load(&dir.join("mental-arithmetic-g3")).expect("a worksheet");
    let parts: Vec<_> = sheet.questions_on(1).flat_map(Question::each).collect();
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    for (sample, turn) in synthetic_handwriting(labels, HANDS, 7).zip(0..) {
        let part = parts[turn % parts.len()].part;
        let field = part.field.bounds().expect("a field");
        let (x, y) = (field.x_um + field.width_um - 4_000, field.y_um + 1_000);
        let red = strokes(&sample, f64::from(x), f64::from(y), SIZES[turn % SIZES.len()]);
        let ink = PageInk { pupil: Vec::new(), red };
        let paper = marker.mark(&sheet, 1, &PLAIN, &ink, &mut scratch);
        let response = paper.responses.iter().find(|r| r.part == part.id).expect("its response");
        look(&sample, part.points, response);
    }
}

#[test]
fn deductions_by_many_hands_are_read() {
    let (mut all, mut read, mut wrong) = (0, 0, Vec::new());
    marked(&["-1", "-2", "-3"], |sample, points, response| {
        let off: u32 = sample.label[1..].parse().expect("a number");
        all += 1;
        match response.red_mark {
            Some(MarkOf { score, .. }) if Some(score.0) == points.0.checked_sub(10 * off) => {
                read += 1;
            }
            Some(mark) => wrong.push((sample.label.clone(), sample.writer.clone(), mark)),
            None => {}
        }
    });
    println!("{all} deductions: {read} read, {} as another mark: {wrong:?}", wrong.len());
    assert!(read * 10 >= all * 8 && wrong.len() * 100 <= all);
}

#[test]
fn what_is_no_deduction_takes_nothing_off() {
    let mut taken = Vec::new();
    marked(&["+2", "=", "-", "8"], |sample, _, response| {
        taken.extend(response.red_mark.map(|mark| (sample.label.clone(), mark)));
    });
    assert!(taken.is_empty(), "{taken:?}");
}
