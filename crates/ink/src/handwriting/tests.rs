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
