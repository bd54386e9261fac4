use std::sync::Arc;

use super::*;
use crate::hand::Hand;
use crate::skeleton::Skeletons;

const MOTION: Motion = Motion { speed_mm_s: 34.0, force: 0.55, tremor_um: 20.0 };

fn perform_line(points: &[(f64, f64)]) -> Vec<Reading> {
    let path: Vec<Point> = points.iter().map(|(x, y)| Point::new(*x, *y)).collect();
    perform(&path, &MOTION, &mut Random::stream(1, &["test"]))
}

fn speeds_mm_s(readings: &[Reading]) -> Vec<f64> {
    readings.windows(2).map(|w| w[0].at.distance(w[1].at) / f64::from(READING_MS)).collect()
}

#[test]
fn a_digit_takes_a_third_to_two_thirds_of_a_second() {
    let skeletons = Arc::new(Skeletons::own());
    let mut random = Random::stream(1, &["test"]);
    let mut mean_ms = 0.0;
    for number in 0..200 {
        let hand = Hand::new(1, &format!("hand {number}"), &skeletons, None);
        let digit = char::from(b'0' + (number % 10) as u8).to_string();
        let writing = hand.write(&digit, hand.size_um, &mut random);
        let ms: u32 = writing
            .strokes
            .iter()
            .map(|path| perform(path, &hand.motion, &mut random).len() as u32 * READING_MS)
            .sum();
        assert!((90..1000).contains(&ms), "{digit}: {ms} ms");
        mean_ms += f64::from(ms) / 200.0;
    }
    assert!((300.0..600.0).contains(&mean_ms), "{mean_ms} ms");
}

#[test]
fn the_pen_is_slow_at_its_ends_and_in_a_corner() {
    let readings = perform_line(&[(0.0, 0.0), (12_000.0, 0.0), (12_000.0, 12_000.0)]);
    let speeds = speeds_mm_s(&readings);
    let fastest = speeds.iter().copied().fold(0.0, f64::max);
    let corner = readings.iter().position(|reading| reading.at.x > 11_900.0).unwrap();
    assert!(speeds[0] < 0.6 * fastest, "{speeds:?}");
    assert!(speeds[speeds.len() - 1] < 0.8 * fastest, "{speeds:?}");
    assert!(speeds[corner] < 0.6 * fastest, "{speeds:?}");
}

#[test]
fn a_dot_is_rested_on() {
    let readings = perform_line(&[(0.0, 0.0), (150.0, 120.0)]);
    assert!((3..=9).contains(&readings.len()), "{}", readings.len());
}

#[test]
fn a_single_point_is_one_reading() {
    assert_eq!(perform_line(&[(5.0, 5.0)]).len(), 1);
}

#[test]
fn force_rises_stays_and_falls() {
    let readings = perform_line(&[(0.0, 0.0), (20_000.0, 0.0)]);
    let middle = readings[readings.len() / 2].force;
    assert!((0.3..0.9).contains(&middle), "{middle}");
    assert!(readings[0].force < 0.6 * middle);
    assert!(readings[readings.len() - 1].force < 0.9 * middle);
    assert!(readings.iter().all(|reading| (0.0..=1.0).contains(&reading.force)));
}

#[test]
fn a_coarse_path_is_not_crawled_along() {
    // Points that jump to and fro across the line, as those of old tablets do.
    let steps: Vec<(f64, f64)> =
        (0..200).map(|i| (f64::from(i) * 20.0, f64::from(i % 2) * 98.0)).collect();
    let readings = perform_line(&steps);
    let length_mm = 199.0 * 20.0_f64.hypot(98.0) / 1000.0;
    let mean_mm_s = length_mm / (readings.len() as f64 / 100.0);
    assert!(mean_mm_s > 15.0, "{mean_mm_s}");
}
