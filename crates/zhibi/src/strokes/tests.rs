use super::*;

const DEFAULTS: Defaults = Defaults {
    pen: PenId(1),
    boot: BootId { counter: 1, random: 2 },
    address: None,
    start_ms: 1_000,
    rate_hz: 100.0,
    device_unit_nm: Some(1_000.0),
};

/// Starts and times of the strokes of one item.
#[track_caller]
fn check(strokes: &str, expected: &[(i64, &[u32])]) {
    let file = format!("\u{feff}{{\"label\":\"1\",\"writer\":\"w\",\"strokes\":{strokes}}}\r\n");
    assert!(is_json(file.as_bytes()));
    let ink = read(file.as_bytes(), "file", &DEFAULTS).expect("it is read");
    assert_eq!(ink.faults, 0);
    let found: Vec<(i64, Vec<u32>)> = (ink.strokes.iter())
        .map(|stroke| (stroke.start_ms, stroke.samples.iter().map(|s| s.t_ms).collect()))
        .collect();
    let expected: Vec<_> = expected.iter().map(|(start, times)| (*start, times.to_vec())).collect();
    assert_eq!(found, expected, "{strokes}");
}

#[test]
fn times_of_handwriting_are_those_of_one_pen() {
    check("[[[1,1],[2,2]],[],[[3,3]]]", &[(1_000, &[0, 10]), (1_110, &[0])]);
    // Since the item's beginning, with the pause between strokes.
    check("[[[1,1,5],[2,2,25]],[[3,3,905],[4,4,1e3]]]", &[(1_000, &[0, 20]), (1_900, &[0, 95])]);
    // Restarting in each stroke; one time for all; going back; left out.
    check("[[[1,1,0],[2,2,30]],[[3,3,0],[4,4,20]]]", &[(1_000, &[0, 30]), (1_130, &[0, 20])]);
    check("[[[1,1,7],[2,2,7]],[[3,3,7]]]", &[(1_000, &[0, 10]), (1_110, &[0])]);
    check("[[[1,1,50],[2,2,20],[3,3,90]]]", &[(1_000, &[0, 0, 40])]);
    check("[[[1,1,50],[2,2],[3,3,90]]]", &[(1_000, &[0, 0, 40])]);
    // Unix milliseconds.
    let unix = "[[[1,1,1795345300000],[2,2,1795345300143]],[[3,3,1795345300200]]]";
    check(unix, &[(1_795_345_300_000, &[0, 143]), (1_795_345_300_200, &[0])]);
}

#[test]
fn text_in_utf_16_is_named() {
    let said = |bytes: &[u8]| match read(bytes, "file", &DEFAULTS) {
        Ok(_) => panic!("it holds no ink"),
        Err(error) => error.to_string(),
    };
    assert!(said(b"\xff\xfe{\0\"\0").contains("UTF-16: convert it to UTF-8"));
    assert!(said(b"\xfe\xff\0{").contains("UTF-16: convert it to UTF-8"));
    assert!(said(b"{\0\"\0").contains("UTF-16: convert it to UTF-8"));
    assert!(said(b"[{\"label\":\"1\"}]").contains("jq -c '.[]'"));
}

/// What stands in the file, item by item, with `strokes` as each item's.
fn items(strokes: &[&str]) -> String {
    let item =
        |strokes: &&str| format!("{{\"label\":\"1\",\"writer\":\"w\",\"strokes\":{strokes}}}\n");
    strokes.iter().map(item).collect()
}

#[test]
fn a_number_that_does_not_fit_costs_its_line() {
    for wrong in [
        "[[[1,1],[3e9,1]]]",
        "[[[1,1],[1,-3e9]]]",
        "[[[1,1,0],[1,1,5e9]]]",
        "[[[1,1,1e300]]]",
        "[[[1,1,-1e300],[2,2,1e300]]]",
    ] {
        let file = items(&["[[[1,1],[2,2]]]", wrong, "[[[3,3]]]"]);
        let ink = read(file.as_bytes(), "file", &DEFAULTS).expect("two lines are sound");
        assert_eq!((ink.faults, ink.strokes.len()), (1, 2), "{wrong}");
        assert_eq!(ink.verdict(), Verdict::Findings);
    }
    let widest = items(&["[[[-2147483648,2147483647]]]"]);
    let ink = read(widest.as_bytes(), "file", &DEFAULTS).expect("it fits");
    assert_eq!((ink.strokes[0].samples[0].x_um, ink.faults), (i32::MIN, 0));
}

#[test]
fn a_book_ends_at_its_last_page() {
    let address =
        firmware_protocol::PageAddress { section: 3, owner: 27, book: 168, page: u32::MAX };
    let defaults = Defaults { address: Some(address), ..DEFAULTS };
    let one = items(&["[[[1,1]]]"]);
    assert_eq!(read(one.as_bytes(), "file", &defaults).expect("one page").strokes.len(), 1);
    let two = items(&["[[[1,1]]]", "[[[2,2]]]"]);
    let error = read(two.as_bytes(), "file", &defaults).err().expect("no second page").to_string();
    assert!(error.contains("item 1") && error.contains("4294967295"), "{error}");
}
