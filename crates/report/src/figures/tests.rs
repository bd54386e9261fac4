use super::*;

fn made(of: &[(f32, bool)]) -> Vec<Case> {
    of.iter()
        .map(|(probability, right)| Case { probability: *probability, right: *right })
        .collect()
}

fn near(value: f64, expected: f64) {
    assert!((value - expected).abs() < 5e-5, "{value} is not {expected}");
}

/// The exact bounds of a binomial share; with no error, 1 − 0.05^(1/n).
#[test]
fn bounds_are_those_of_the_tables() {
    near(upper_bound(0, 100), 0.029_51);
    near(upper_bound(0, 2_995), 0.001);
    near(upper_bound(1, 10), 0.394_16);
    near(upper_bound(5, 50), 0.198_83);
    near(upper_bound(3, 3), 1.0);
    near(upper_bound(0, 0), 1.0);
    let large = upper_bound(400, 100_000);
    assert!(large > 0.004 && large < 0.004_4, "{large}");
}

#[test]
fn an_interval_holds_its_share() {
    let (low, high) = interval(9, 10);
    near(low, 0.595_85);
    near(high, 0.982_12);
    assert_eq!(interval(0, 0), (0.0, 1.0));
    assert!(interval(10, 10).1 == 1.0 && interval(10, 10).0 > 0.7);
}

#[test]
fn the_calibration_error_is_the_mean_distance() {
    // One bin: 0.95 was said, three of four are right.
    near(ece(&made(&[(0.95, true), (0.95, true), (0.95, true), (0.95, false)])), 0.2);
    // Two bins, off by 0.2 and 0.1, one case each.
    near(ece(&made(&[(0.8, true), (0.1, false)])), 0.15);
    near(ece(&[]), 0.0);
}

#[test]
fn as_much_is_decided_as_its_errors_allow() {
    let mut some: Vec<(f32, bool)> = (0..200).map(|i| (0.99 - 0.001 * i as f32, true)).collect();
    some[100].1 = false;
    let all = made(&some);
    let strict = decided_at(&all, 0.001);
    assert_eq!((strict.decided, strict.wrong, strict.all), (100, 0, 200));
    near(strict.coverage(), 0.5);
    near(strict.silent_max(), upper_bound(0, 100));
    let lax = decided_at(&all, 0.005);
    assert_eq!((lax.decided, lax.wrong), (200, 1));
    assert_eq!(decided_at(&made(&[(0.9, false)]), 0.005).decided, 0);
    // Of equal probabilities none is decided alone.
    assert_eq!(decided_at(&made(&[(0.9, true), (0.9, false)]), 0.001).decided, 0);
    assert_eq!(decided_from(&all, 0.98).decided, 11);
}

/// Failure: the recognizer's own coverage is another one.
#[test]
fn coverage_is_the_recognizers() {
    let read = |i: usize| Read {
        label: "1".into(),
        read: if i % 37 == 5 { "7" } else { "1" }.into(),
        confidence: ((i * 7_919) % 101) as f32 / 101.0,
    };
    let reads: Vec<Read> = (0..500).map(read).collect();
    for error_max in [0.001, 0.005, 0.02, 0.03] {
        let share = decided_at(&cases(&reads), error_max).coverage();
        assert_eq!(share, recognition::coverage(&reads, error_max), "{error_max}");
    }
}
