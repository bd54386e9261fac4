use firmware_protocol::{Bundle, Capture, Frame, PageAddress, bare_frames};
use ink::inkml::{Defaults, Notation};
use ink::{Assembly, StrokeKey};

use super::*;
use crate::cli::InkDefaults;
use wire_tools::conformance::Conformance;

const DEFAULTS: Defaults = Defaults {
    pen: PenId(0x7f3a),
    boot: BootId { counter: 1, random: 2 },
    address: None,
    start_ms: 0,
    rate_hz: 100.0,
    device_unit_nm: None,
};

fn stroke(pen: u64, number: u32, start_ms: i64, samples: Vec<Sample>) -> Stroke {
    Stroke {
        key: StrokeKey { pen: PenId(pen), boot: DEFAULTS.boot, number },
        address: number.is_multiple_of(2).then_some(PageAddress {
            section: 3,
            owner: 27,
            book: 168,
            page: number,
        }),
        start_ms,
        start_ticks: (start_ms - 500) as u64,
        end: StrokeEnd::Up,
        complete: true,
        samples,
        orientation: Vec::new(),
    }
}

/// A line of readings 10 ms apart, longer than one chunk where `count` is above some 400.
fn line(count: i32) -> Vec<Sample> {
    let sample = |i: i32| Sample {
        x_um: 12_345 + 37 * i - i * i,
        y_um: -500 + 41 * i,
        force: (30_000 + 97 * i) as u16,
        t_ms: 10 * i as u32,
    };
    (0..count).map(sample).collect()
}

/// What the capture of these strokes gives.
fn through_a_capture(strokes: &[Stroke], unit_nm: u32) -> Vec<Stroke> {
    let chunks = seal(strokes.to_vec(), unit_nm).expect("they fit");
    let bytes = capture(&chunks);
    let parsed = Capture::parse(&bytes).expect("a capture");
    let mut frames = Vec::new();
    for bundle in parsed.bundles() {
        let bundle = Bundle::parse(bundle.expect("a bundle")).expect("a bundle");
        frames.extend(bundle.frames().map(|raw| raw.bytes.to_vec()));
    }
    assert_eq!(frames, chunks);
    let chunks = frames.iter().map(Vec::as_slice);
    let assembly = Assembly::of_chunks(chunks.filter(|frame| frame[1] == 0x12));
    assert_eq!(assembly.errors, []);
    assembly.strokes
}

#[test]
fn strokes_come_back_from_a_capture_in_micrometres() {
    let strokes = [
        stroke(1, 0, 10_000, line(30)),
        stroke(1, 1, 10_400, line(900)),
        // Two numbers have no stroke, and the clock went back.
        stroke(1, 4, 9_000, line(1)),
        stroke(2, 2, 20_000, vec![Sample { x_um: i32::MIN, y_um: i32::MAX, force: 1, t_ms: 0 }]),
    ];
    assert_eq!(through_a_capture(&strokes, 1_000), strokes);
}

#[test]
fn what_is_written_conforms() {
    let strokes = [stroke(1, 0, 10_000, line(30)), stroke(2, 1, 10_400, line(900))];
    let frames = seal(strokes.to_vec(), 1_000).expect("they fit");
    let mut conformance = Conformance::remembering(usize::MAX);
    let mut hellos = Vec::new();
    for raw in bare_frames(&frames.concat()) {
        conformance.frame(0, &raw);
        if let Ok(Frame::Hello(hello)) = raw.frame {
            hellos.push((hello.key.pen.0, hello.sample_rate_hz, hello.epoch_unix_ms));
        }
    }
    assert_eq!(conformance.take_findings(), []);
    assert_eq!(hellos, [(1, 100, 500), (2, 100, 500)]);
}

#[test]
fn one_file_on_two_pages_has_two_starts() {
    let start = |address: &str, start_ms: i64| {
        let address = ink::inkml::parse_address(address).ok();
        let args =
            InkDefaults { device_unit_nm: None, pen: PenId(0), address, start_ms, rate_hz: 100 };
        strokes::defaults(&args, b"{}").boot
    };
    assert_eq!(start("3.27.168.12", 0), start("3.27.168.12", 0));
    assert_ne!(start("3.27.168.12", 0), start("3.27.168.13", 0));
    assert_ne!(start("3.27.168.12", 0), start("3.27.168.12", 1));
}

#[test]
fn how_the_pen_was_held_comes_back() {
    let mut turned = stroke(1, 0, 10_000, line(900));
    let held = |i: i32| Orientation { tilt_x: (i % 90) as u8, tilt_y: 45, twist: (i % 360) as u16 };
    turned.orientation = (0..900).map(held).collect();
    assert_eq!(through_a_capture(&[turned.clone()], 1_000), [turned]);
}

#[test]
fn ticks_become_milliseconds_where_they_were_none() {
    let mut strokes = [stroke(1, 0, 10_000, line(3)), stroke(1, 1, 10_400, line(3))];
    strokes[1].start_ticks = 7;
    let read = through_a_capture(&strokes, 1_000);
    assert_eq!((read[0].start_ticks, read[1].start_ticks), (0, 400));
    for (read, mut stroke) in read.into_iter().zip(strokes) {
        stroke.start_ticks = read.start_ticks;
        assert_eq!(read, stroke);
    }
}

#[test]
fn a_coarser_unit_rounds_by_half_of_itself() {
    let strokes = [stroke(1, 0, 10_000, line(50))];
    let read = through_a_capture(&strokes, 23_710);
    for (read, sample) in read[0].samples.iter().zip(&strokes[0].samples) {
        assert!(read.x_um.abs_diff(sample.x_um) <= 12 && read.y_um.abs_diff(sample.y_um) <= 12);
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    #[track_caller]
    fn check(stroke: Stroke, unit_nm: u32, expected: &str) {
        let error = seal(vec![stroke], unit_nm).expect_err("too much");
        assert_eq!(error.to_string(), expected);
    }
    let far = vec![Sample { x_um: i32::MAX, y_um: 0, force: 0, t_ms: 0 }];
    let expected = "stroke 1-1-2-0: a position is beyond 2³¹ counts of 500 nm";
    check(stroke(1, 0, 600, far), 500, expected);
    let expected = "stroke 1-1-2-70000: more than 65536 numbers before it have no stroke";
    check(stroke(1, 70_000, 600, line(1)), 1_000, expected);
    let now = vec![Sample { x_um: 0, y_um: 0, force: 0, t_ms: 0 }];
    for start_ms in [(1 << 61) + 1, i64::MAX] {
        let expected =
            format!("stroke 1-1-2-0: its time, {start_ms} ms, is beyond 2⁶¹ ms from 1970");
        check(stroke(1, 0, start_ms, now.clone()), 1_000, &expected);
    }
    let late = vec![Sample { x_um: 0, y_um: 0, force: 0, t_ms: 7 }];
    let expected =
        format!("stroke 1-1-2-0: its time, {} ms, is beyond 2⁶¹ ms from 1970", (1_i64 << 61) + 6);
    check(stroke(1, 0, (1 << 61) - 1, late), 1_000, &expected);
}

#[test]
fn the_sample_capture_survives_export_and_import() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../sample-strokes/captures/three-pupils/evening.zcap"
    );
    let bytes = std::fs::read(path).expect("the sample capture");
    let first = strokes::read(&bytes, "evening", &DEFAULTS).expect("ink").strokes;
    assert!(first.len() > 100);
    for notation in [Notation::Differences, Notation::Explicit] {
        let mut text = Vec::new();
        inkml::write(&first, notation, &mut text).expect("memory takes all");
        let read = strokes::read(&text, "inkml", &DEFAULTS).expect("ink");
        assert_eq!((read.faults, &read.strokes), (0, &first));
        let mut again = through_a_capture(&read.strokes, 1_000);
        for (again, first) in again.iter_mut().zip(&first) {
            again.start_ticks = first.start_ticks;
        }
        assert_eq!(again, first);
    }
}

#[test]
fn handwriting_becomes_strokes_one_after_another() {
    let lines =
        br#"{"label":"7","writer":"w","strokes":[[[0,0],[1,2]],[[3,4]]],"hz":50,"pts_per_mm":10}
{"label":"1","writer":"w","strokes":[[[5,5,100],[6,6,130]]],"hz":9600}"#;
    let address = Some(PageAddress { section: 3, owner: 27, book: 168, page: 12 });
    let defaults = Defaults { address, device_unit_nm: Some(200_000.0), ..DEFAULTS };
    let read = strokes::read(lines, "lines", &defaults).expect("ink").strokes;
    let told = |stroke: &Stroke| {
        let page = stroke.address.map(|address| address.page);
        let points = stroke.samples.iter().map(|s| (s.x_um, s.y_um, s.t_ms));
        (stroke.key.number, page, stroke.start_ms, points.collect::<Vec<_>>())
    };
    let expected = [
        (0, Some(12), 0, vec![(0, 0, 0), (200, 400, 20)]),
        (1, Some(12), 120, vec![(600, 800, 0)]),
        (2, Some(13), 1_220, vec![(1_000, 1_000, 0), (1_200, 1_200, 30)]),
    ];
    assert_eq!(read.iter().map(told).collect::<Vec<_>>(), expected);
    let error = strokes::read(lines, "lines", &DEFAULTS).err().expect("no size");
    let expected = "lines: item 1 has no pts_per_mm: name a size with --device-unit-nm";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn one_value_over_several_lines_is_told_once() {
    let pretty = b"{\n \"label\": \"7\",\n \"strokes\": [[[0, 0]]]\n}\n";
    let error = strokes::read(pretty, "lines", &DEFAULTS).err().expect("no lines").to_string();
    assert!(error.starts_with("lines is one JSON value over several lines"), "{error}");
}
