//! Points given and taken off in red, and rings around answers, by many made-up hands: all of the ink is
//! synthetic.
//!
//! Failure: fewer than eight in ten are read, or one in a hundred is read as another mark; or a mark
//! that is none gives or takes points. No failure: that a person must look.

use std::path::Path;

use firmware_protocol::{BootId, PenId, StrokeEnd};
use ink::{Handwriting, Sample, Stroke, StrokeKey};
use marking::{MarkOf, Marker, PageInk, Response, Scratch, Thresholds};
use pen_sim::synthetic_handwriting;
use worksheet::text::Draft;
use worksheet::{Framework, Question, Registration, Review, Score, Worksheet};

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

/// Each sample in red on a page of two questions of 20 points, whose first one has an answer in it. The
/// page is marked with the sample's top left at `at`, given the answer's box: (left, top, right,
/// bottom), micrometres.
fn on_page(
    labels: &[&str],
    sizes: [f64; 3],
    at: impl Fn(&Handwriting, f64, [f64; 4]) -> (f64, f64),
    look: impl FnMut(&Handwriting, &marking::MarkedPaper),
) {
    on_underlined_page(false, labels, sizes, at, look);
}

/// The same, with a line under each sample if `underlined`.
fn on_underlined_page(
    underlined: bool,
    labels: &[&str],
    sizes: [f64; 3],
    at: impl Fn(&Handwriting, f64, [f64; 4]) -> (f64, f64),
    mut look: impl FnMut(&Handwriting, &marking::MarkedPaper),
) {
    let text = "标题：练习\n年级：四\n科目：数学\n\n一、算。（每题 20 分）\n36 + 47 = [83]\n\
        48 + 52 = [100]\n";
    let sheet = Draft::build(text, &Framework::own(), |_| None).expect("a sheet");
    let field = sheet.questions[0].parts[0].field.bounds().expect("a field");
    let marker = Marker::new(Thresholds::STANDARD);
    let mut scratch = Scratch::new();
    let answers = synthetic_handwriting(&["83"], HANDS, 11);
    let answers: Vec<Handwriting> = answers.collect();
    for (sample, turn) in synthetic_handwriting(labels, HANDS, 7).zip(0..) {
        let answer = &answers[turn % answers.len()];
        let (x, y) = (f64::from(field.x_um + 4_000), f64::from(field.y_um + 2_500));
        let mut pupil = strokes(answer, x, y, 1.0);
        for stroke in &mut pupil {
            stroke.key.pen = PenId(8);
            stroke.start_ms -= 3_600_000;
        }
        let points = || pupil.iter().flat_map(|s| &s.samples);
        let most = |of: fn(&Sample) -> i32| f64::from(points().map(of).max().unwrap_or(0));
        let ink = [x, y, most(|s| s.x_um), most(|s| s.y_um)];
        let size = sizes[turn % sizes.len()];
        let (x, y) = at(&sample, size, ink);
        let mut red = strokes(&sample, x, y, size);
        red.extend(underlined.then(|| line_under(&red)));
        let paper = marker.mark(&sheet, 1, &PLAIN, &PageInk { pupil, red }, &mut scratch);
        look(&sample, &paper);
    }
}

/// A level line from the left end of some strokes to their right end, 1.5 mm under them.
fn line_under(over: &[Stroke]) -> Stroke {
    let samples = || over.iter().flat_map(|stroke| &stroke.samples);
    let (left, right) = (samples().map(|s| s.x_um).min(), samples().map(|s| s.x_um).max());
    let (left, right) = (left.unwrap_or(0), right.unwrap_or(0));
    let y_um = samples().map(|s| s.y_um).max().unwrap_or(0) + 1_500;
    let mut line = over.last().expect("a stroke").clone();
    line.key.number += 1;
    line.start_ms += 900;
    line.samples = (0..=20)
        .map(|i| Sample {
            x_um: left + (right - left) / 20 * i,
            y_um,
            force: 30_000,
            t_ms: i as u32 * 10,
        })
        .collect();
    line
}

#[test]
fn points_beside_a_question_are_given_and_those_at_the_head_are_the_total() {
    let (mut all, mut given, mut total, mut wrong) = (0, 0, 0, Vec::new());
    let labels = ["8", "15", "18", "20", "9.5"];
    let tenths = |sample: &Handwriting| {
        Score((sample.label.parse::<f64>().expect("a number") * 10.0).round() as u32)
    };
    let beside = |_: &Handwriting, _: f64, ink: [f64; 4]| (ink[2] + 14_000.0, ink[1] - 500.0);
    on_page(&labels, SIZES, beside, |sample, paper| {
        all += 1;
        match paper.responses[0].red_mark {
            Some(mark) if mark.score == tenths(sample) => given += 1,
            Some(mark) => wrong.push((sample.label.clone(), sample.writer.clone(), mark)),
            None => {}
        }
        assert!(paper.responses[1].red_mark.is_none() && paper.total.is_none());
    });
    let head = |_: &Handwriting, _: f64, _: [f64; 4]| (150_000.0, 8_000.0);
    let mut wrong_totals = Vec::new();
    on_page(&["38", "25", "36.5", "40"], SIZES, head, |sample, paper| {
        match paper.total {
            Some(read) if read == tenths(sample) => total += 1,
            Some(read) => wrong_totals.push((sample.label.clone(), sample.writer.clone(), read)),
            None => {}
        }
        assert!(paper.responses.iter().all(|response| response.red_mark.is_none()));
    });
    println!("{all}: {given} given, {wrong:?} wrong; {total} totals, {wrong_totals:?} wrong");
    assert!(wrong.len() * 100 <= all && wrong_totals.len() * 100 <= all);
    assert!(given * 10 >= all * 6 && total * 10 >= 4 * HANDS as usize * 4);
}

/// As large as teachers write them, with a line under each.
#[test]
fn large_totals_are_read_and_underlined_ones_too() {
    let tenths = |sample: &Handwriting| {
        Score((sample.label.parse::<f64>().expect("a number") * 10.0).round() as u32)
    };
    let head = |_: &Handwriting, _: f64, _: [f64; 4]| (150_000.0, 8_000.0);
    for line in [false, true] {
        let (mut all, mut read, mut wrong) = (0, 0, Vec::new());
        let labels = ["38", "25", "36.5", "40", "95"];
        on_underlined_page(line, &labels, [1.5, 2.0, 2.5], head, |sample, paper| {
            all += 1;
            match paper.total {
                Some(total) if total == tenths(sample) => read += 1,
                Some(total) => wrong.push((sample.label.clone(), sample.writer.clone(), total)),
                None => {}
            }
        });
        println!("{all} large totals, underlined {line}: {read} read, {wrong:?} wrong");
        assert!(read * 100 >= all * 75 && wrong.len() * 100 <= all);
    }
}

/// Failure: a tick or a cross in the row of an answer is dropped, or read as another mark.
#[test]
fn ticks_and_crosses_by_many_hands_count_however_far_right_they_stand() {
    for away_um in [0.0, 5_000.0, 10_000.0, 25_000.0, 60_000.0] {
        let (mut all, mut read, mut dropped, mut wrong) = (0, 0, 0, Vec::new());
        let right_of =
            |_: &Handwriting, _: f64, ink: [f64; 4]| (ink[2] + away_um, ink[1] - 1_000.0);
        on_page(&["✓", "✗"], SIZES, right_of, |sample, paper| {
            all += 1;
            let response = &paper.responses[0];
            let meant = if sample.label == "✓" { Score(200) } else { Score(0) };
            match response.red_mark {
                Some(mark) if mark.score == meant => read += 1,
                Some(mark) => wrong.push((sample.label.clone(), sample.writer.clone(), mark)),
                // It may stand as near to the next row: then that answer, or this one, is shown; or
                // it is no clear mark and stands in no row: then the page counts it.
                None => {
                    let shown = paper.responses.iter().any(|response| response.review.is_some());
                    dropped += usize::from(!shown && paper.loose.is_empty());
                }
            }
            assert!(paper.responses[1].red_mark.is_none());
        });
        println!("{away_um} µm right: {all}, {read} read, {dropped} dropped, {wrong:?} wrong");
        assert!(read * 10 >= all * 9 && dropped == 0 && wrong.len() * 100 <= all);
    }
}

#[test]
fn a_ring_around_an_answer_gives_no_points_and_takes_none() {
    let (mut all, mut looked, mut marks) = (0, 0, Vec::new());
    // A 0 as large as this is a ring.
    let around = |sample: &Handwriting, size: f64, ink: [f64; 4]| {
        let most = |of: usize| {
            let points = sample.strokes.iter().flatten();
            points.map(|p| p[of]).fold(0.0, f64::max) * 10.0 * size
        };
        ((ink[0] + ink[2] - most(0)) / 2.0, (ink[1] + ink[3] - most(1)) / 2.0)
    };
    on_page(&["0"], [2.4, 2.8, 3.2], around, |sample, paper| {
        all += 1;
        let response = &paper.responses[0];
        marks.extend(response.red_mark.map(|mark| (sample.writer.clone(), mark)));
        looked += usize::from(response.review == Some(Review::RedUnclear));
    });
    println!("{all} rings: {looked} shown to a person, {marks:?}");
    assert!(marks.is_empty() && looked * 10 >= all * 9);
}
