use firmware_protocol::{BootId, PenId, StrokeEnd};
use proptest::prelude::*;

use super::*;
use crate::Sample;

fn key(pen: u64, number: u32) -> StrokeKey {
    StrokeKey { pen: PenId(pen), boot: BootId { counter: 2, random: 0x9c41_d07b }, number }
}

fn run(width: u8, points: &[(i32, i32)]) -> Run {
    Run { width, points: points.to_vec() }
}

fn stroke(pen: u64, number: u32, start_ms: i64, runs: Vec<Run>) -> DrawnStroke {
    let line = Line::of_runs(runs).expect("sound runs");
    DrawnStroke { key: key(pen, number), red: pen == 9, start_ms, length_ms: 40, line }
}

fn place() -> impl Strategy<Value = (i32, i32)> {
    prop_oneof![8 => (0_i32..21_000, 0_i32..29_700), 1 => any::<(i32, i32)>()]
}

fn line() -> impl Strategy<Value = Line> {
    let run = (0..WIDTHS, proptest::collection::vec(place(), 1..6));
    proptest::collection::vec(run, 1..4).prop_map(|runs| {
        let mut joined: Vec<Run> = Vec::new();
        for (width, mut points) in runs {
            if let Some(end) = joined.last().and_then(|run| run.points.last()) {
                points.insert(0, *end);
            }
            joined.push(Run { width, points });
        }
        Line::of_runs(joined).expect("joined")
    })
}

fn strokes() -> impl Strategy<Value = Vec<DrawnStroke>> {
    let number = prop_oneof![3 => 0_u32..300, 1 => any::<u32>()];
    let start_ms = prop_oneof![3 => 1_795_345_300_000_i64..1_795_345_400_000, 1 => any::<i64>()];
    let stroke = (any::<bool>(), prop_oneof![Just(7), any::<u64>()], number, start_ms);
    let stroke = (stroke, any::<u32>(), line());
    let stroke = stroke.prop_map(|((red, pen, number, start_ms), length_ms, line)| DrawnStroke {
        key: key(pen, number),
        red,
        start_ms,
        length_ms,
        line,
    });
    proptest::collection::vec(stroke, 0..12)
}

proptest! {
    #[test]
    fn what_is_kept_is_what_was_drawn(strokes in strokes()) {
        prop_assert_eq!(decode(&encode(&strokes)), Ok(strokes));
    }

    /// Nor does it ask for much memory: what a count promises must be there.
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
        let _ = decode(&[&[1], bytes.as_slice()].concat());
    }

    #[test]
    fn what_is_cut_off_is_said(strokes in strokes(), at in any::<prop::sample::Index>()) {
        let bytes = encode(&strokes);
        let cut = at.index(bytes.len());
        prop_assert!(decode(&bytes[..cut]).is_err());
    }
}

/// Golden: what is stored must be read for ever. Do not change the bytes; make a new version.
#[test]
fn version_1() {
    let strokes = [
        stroke(
            7,
            3,
            1_000,
            vec![run(2, &[(100, 200), (110, 190)]), run(3, &[(110, 190), (111, 190)])],
        ),
        stroke(7, 4, 1_100, vec![run(2, &[(120, 200)])]),
        stroke(9, 1, 5_000, vec![run(5, &[(0, 0)])]),
    ];
    #[rustfmt::skip]
    let bytes = [
        1, 3,
        // No flags; pen 7, counter 2, random; number 3; begins at 1,000; 40 ms; two runs.
        0, 7, 2, 0xfb, 0xa0, 0x87, 0xe2, 0x09, 6, 0xd0, 0x0f, 40, 2,
        // Two points of width 2, then one of width 3.
        2 << 3 | 2, 0xc8, 1, 0x90, 3, 20, 19, 1 << 3 | 3, 2, 0,
        // The same start; the next number; 60 ms after the stroke before ended; one run.
        2, 2, 120, 40, 1, 1 << 3 | 2, 18, 20,
        // Red, another pen.
        1, 9, 2, 0xfb, 0xa0, 0x87, 0xe2, 0x09, 2, 0xa8, 0x3c, 40, 1, 1 << 3 | 5, 0xef, 1, 0x8f, 3,
    ];
    assert_eq!(encode(&strokes), bytes);
    assert_eq!(decode(&bytes), Ok(strokes.to_vec()));
}

#[test]
fn what_is_damaged_or_of_another_version_is_said() {
    assert_eq!(decode(&[]), Err(DrawnError::Damaged(0)));
    assert_eq!(decode(&[2, 0]), Err(DrawnError::Version(2)));
    assert_eq!(decode(b"[]"), Err(DrawnError::Version(b'[')));
    assert_eq!(decode(&[1, 0]), Ok(Vec::new()));
    assert_eq!(decode(&[1, 0, 0]), Err(DrawnError::Damaged(2)), "something follows");
    assert_eq!(decode(&[1, 0xff, 0xff, 0x7f]), Err(DrawnError::Damaged(4)), "a count of nothing");
}

#[test]
fn a_stroke_is_drawn_where_it_lies_on_the_page() {
    let sample = |t_ms: u32| Sample { x_um: 100 * t_ms as i32, y_um: 0, force: 30_000, t_ms };
    let mut written = Stroke {
        key: key(7, 1),
        address: None,
        start_ms: 5,
        start_ticks: 0,
        end: StrokeEnd::Up,
        complete: true,
        samples: (0..=10).map(sample).collect(),
        orientation: Vec::new(),
    };
    let moved = |(x_um, y_um)| (x_um + 1_000, y_um + 50);
    let drawn = DrawnStroke::new(&written, false, moved).expect("it has samples");
    assert_eq!(drawn.line.runs(), [run(2, &[(100, 5), (200, 5)])]);
    assert_eq!((drawn.start_ms, drawn.length_ms), (5, 10));
    written.samples.clear();
    assert_eq!(DrawnStroke::new(&written, false, moved), None);
}

fn point(x_um: i32, y_um: i32) -> Point {
    Point { x_um, y_um, force: 30_000 }
}

/// Two hours of a pen that is never lifted: by the square of its samples that is minutes of work.
#[test]
fn a_stroke_without_an_end_is_drawn_in_pieces() {
    let points: Vec<_> = (0..700_000).map(|i| point(i * 7 % 7_000, i * 13 % 7_100)).collect();
    let line = Line::new(&points).expect("a stroke has samples");
    let drawn: usize = line.runs().iter().map(|run| run.points.len()).sum();
    assert!((2_000..=700_000 + line.runs().len()).contains(&drawn), "{drawn}");
}

#[test]
fn runs_of_other_width_meet() {
    let points: Vec<_> = (0..40)
        .map(|i| Point {
            x_um: i * 200,
            y_um: (i % 2) * 100,
            force: if i < 20 { 5_000 } else { 60_000 },
        })
        .collect();
    let line = Line::new(&points).expect("a stroke has samples");
    let runs = line.runs();
    assert!(runs.len() >= 2);
    for pair in runs.windows(2) {
        assert_eq!(pair[0].points.last(), pair[1].points.first());
    }
    assert_eq!(runs.first().map(|run| run.width), Some(0));
    assert_eq!(runs.last().map(|run| run.width), Some(5));
    assert_eq!(Line::of_runs(runs.to_vec()), Some(line.clone()));
    assert_eq!(Line::of_runs(runs[1..].iter().chain(&runs[..1]).cloned().collect()), None);
    assert_eq!(Line::new(&[]), None);
}
