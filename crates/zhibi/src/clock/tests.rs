use super::*;

fn clock() -> FastClock {
    // 57 minutes behind the wall clock at 20 times its speed: caught up after 3.
    FastClock::behind(1_000_000, 57 * 60_000, 20)
}

#[test]
fn runs_fast_and_then_as_the_wall_clock() {
    let clock = clock();
    let start = clock.start_ms;
    assert_eq!(clock.at(1_000), start + 20_000);
    assert_eq!(clock.at(180_000), start + 3_600_000);
    assert_eq!(clock.at(181_000), start + 3_601_000);
}

#[test]
fn never_runs_backwards() {
    let clock = clock();
    let shown: Vec<i64> = (0..400_000).step_by(777).map(|ms| clock.at(ms)).collect();
    assert!(shown.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn real_until_is_the_inverse() {
    let clock = clock();
    for elapsed_ms in [0, 1, 90_000, 179_999, 180_000, 200_000] {
        let back = clock.real_until(clock.at(elapsed_ms)).as_millis();
        assert_eq!(back, elapsed_ms as u128);
    }
}
