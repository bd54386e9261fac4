use firmware_protocol::{BootId, PenId, StrokeEnd};

use super::*;
use crate::{Sample, StrokeKey};

/// Strokes as (start, length), put in order; then (number before, start).
#[track_caller]
fn check(spans: &[(i64, u32)], expected: &[(usize, i64)], moved: Moved) {
    let stroke = |(number, &(start_ms, lasts_ms)): (usize, &(i64, u32))| {
        let sample = |t_ms| Sample { x_um: number as i32, y_um: 0, force: 0, t_ms };
        Stroke {
            key: StrokeKey {
                pen: PenId(1),
                boot: BootId { counter: 1, random: 1 },
                number: number as u32,
            },
            address: None,
            start_ms,
            start_ticks: 0,
            end: StrokeEnd::Up,
            complete: true,
            samples: vec![sample(0), sample(lasts_ms)],
            orientation: Vec::new(),
        }
    };
    let mut strokes: Vec<Stroke> = spans.iter().enumerate().map(stroke).collect();
    let places: Vec<usize> = (0..strokes.len()).collect();
    assert_eq!(put_in_order(&mut strokes, &places), moved);
    let numbers: Vec<u32> = strokes.iter().map(|stroke| stroke.key.number).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let found: Vec<_> =
        strokes.iter().map(|stroke| (stroke.samples[0].x_um as usize, stroke.start_ms)).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_in_order_stays() {
    check(&[(0, 50), (51, 0), (9_000, 10)], &[(0, 0), (1, 51), (2, 9_000)], Moved::default());
    check(&[], &[], Moved::default());
}

#[test]
fn sound_times_sort() {
    let moved = Moved { sorted: 2, delayed: 0 };
    check(&[(500, 50), (-100, 50), (900, 1)], &[(1, -100), (0, 500), (2, 900)], moved);
}

#[test]
fn one_time_for_all_keeps_the_order_of_the_file() {
    let moved = Moved { sorted: 0, delayed: 2 };
    check(&[(7, 50), (7, 20), (7, 0)], &[(0, 7), (1, 157), (2, 277)], moved);
    // Times that restart in each trace, not all at the same one.
    check(&[(3, 50), (0, 20), (2, 90)], &[(0, 3), (1, 153), (2, 273)], moved);
    // An end that is the next one's beginning is no order.
    let one = Moved { sorted: 0, delayed: 1 };
    check(&[(0, 50), (50, 20), (500, 0)], &[(0, 0), (1, 150), (2, 500)], one);
}

#[test]
fn times_at_the_ends_of_the_world_end_nothing() {
    let mut places = Vec::new();
    for start_ms in [i64::MAX, i64::MIN, i64::MAX - 1] {
        places.push((start_ms, u32::MAX));
    }
    let delayed = Moved { sorted: 0, delayed: 2 };
    check(&places, &[(0, i64::MAX), (1, i64::MAX), (2, i64::MAX)], delayed);
}
