use super::*;

/// A bad line costs only itself: the sound one behind it is read.
fn check(line: &str, expect: &str) {
    let sound = r#"{"label":"1","writer":"w","strokes":[[[1,2],[3,4,5]]],"hz":100}"#;
    let file = format!("{line}\n{sound}\n");
    let items: Vec<_> = Handwriting::read(file.as_bytes()).collect();
    let [Err(error), Ok(_)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!(error.to_string(), expect);
}

#[test]
fn a_number_without_end_is_no_number() {
    let expect = "line 1: a number is above 3.4e38 or below -3.4e38";
    check(r#"{"label":"7","writer":"w","strokes":[[[1e39,0]]]}"#, expect);
    check(r#"{"label":"7","writer":"w","strokes":[[[0,0],[0,0,-1e39]]]}"#, expect);
    check(r#"{"label":"7","writer":"w","strokes":[],"hz":1e39}"#, expect);
    check(r#"{"label":"7","writer":"w","strokes":[],"pts_per_mm":1e39}"#, expect);
}

#[test]
fn a_point_has_two_or_three_numbers() {
    let expect = "line 1: stroke 1 has a point that is neither [x, y] nor [x, y, t_ms]";
    check(r#"{"label":"7","writer":"w","strokes":[[],[[1]]]}"#, expect);
}

#[test]
fn times_are_64_bit_and_a_byte_order_mark_is_passed_over() {
    let file = "\u{feff}{\"label\":\"1\",\"writer\":\"w\",\
                \"strokes\":[[[1,2,1795345300000],[3,4,1795345300013]]]}\r\n\r\n";
    let items: Vec<_> = Handwriting::read(file.as_bytes()).collect();
    let [Ok(item)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!(item.strokes[0][1][2] - item.strokes[0][0][2], 13.0);
}

/// A stroke whose samples lie `apart` from each other, and begin at `first`.
fn timed(first: f64, apart: f64) -> String {
    let point = |step: u32| format!("[{step},{step},{}]", first + apart * f64::from(step));
    let points: Vec<_> = (0..8).map(point).collect();
    format!(r#"{{"label":"1","writer":"w","strokes":[[{}]]}}"#, points.join(","))
}

#[test]
fn times_of_another_unit_are_told() {
    let told = |unit: &str| {
        format!(
            "line 1: its times seem to be {unit}, and [x, y, t_ms] has milliseconds: multiply or \
             divide them first"
        )
    };
    for (first, apart, unit) in [
        (0.0, 0.0125, "seconds"),
        (1_795_345_300.0, 0.0125, "seconds"),
        // In whole seconds most are the same.
        (1_795_345_300.0, 0.0, "seconds"),
        (0.0, 12_500.0, "microseconds"),
        (1_795_345_300_000_000.0, 12_500.0, "microseconds"),
        (0.0, 12_500_000.0, "nanoseconds"),
        (1_795_345_300_000_000_000.0, 12_500_000.0, "nanoseconds"),
    ] {
        check(&timed(first, apart), &told(unit));
    }
    for (first, apart) in [(0.0, 12.5), (1_795_345_300_000.0, 2.8), (5.0, 0.0), (0.0, 900.0)] {
        let read: Vec<_> = Handwriting::read(timed(first, apart).as_bytes()).collect();
        assert!(matches!(read[..], [Ok(_)]), "{first} {apart}: {read:?}");
    }
}

#[test]
fn files_put_together_keep_their_marks() {
    let line = timed(0.0, 10.0);
    let file = format!("\u{feff}{line}\n\u{feff}{line}\n");
    assert_eq!(Handwriting::read(file.as_bytes()).filter_map(Result::ok).count(), 2);
}
