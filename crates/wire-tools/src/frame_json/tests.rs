use firmware_protocol::*;
use proptest::prelude::*;

use super::*;

fn read(bytes: &[u8]) -> FrameJson {
    let frame = decode_frame(bytes).map(|(frame, _)| frame);
    to_json(&RawFrame { offset: 0, bytes, frame })
}

/// Through text, as a file would have it.
fn check_round_trip(bytes: &[u8]) {
    let frame = decode_frame(bytes).map(|(frame, _)| frame);
    let line = Line::of(None, &RawFrame { offset: 0, bytes, frame }, read(bytes));
    let text = serde_json::to_string(&line).unwrap();
    let again: Line = serde_json::from_str(&text).unwrap();
    assert_eq!(again, line);
    assert_eq!(again.to_bytes().unwrap(), bytes, "{text}");
}

/// All messages but chunks, which the golden vectors hold.
fn messages() -> Vec<Vec<u8>> {
    let key =
        ChunkKey { pen: PenId(u64::MAX), boot: BootId { counter: 70_000, random: 3 }, number: 0 };
    let mut buffer = [0; 256];
    let hello = Hello {
        key,
        model: ShortText::new("M \"1\"").unwrap(),
        firmware: ShortText::new("1.0").unwrap(),
        versions: (1, 1),
        sample_rate_hz: 100,
        head: PenHead { tilt: true, images: true, ..PenHead::new(10_000, 0, 100) },
        clock: ClockSource::Unset,
        epoch_unix_ms: i64::MIN,
    };
    let len = encode_hello(&hello, &mut buffer).unwrap();
    let mut messages = vec![buffer[..len].to_vec()];
    let mut writer = ReceiptWriter::new(key.pen, key.boot, &mut buffer);
    let outcomes = [Outcome::Held, Outcome::Taken, Outcome::Refused(RefusalCode::Erased)];
    for (first, outcome) in (0..).zip(outcomes) {
        writer.push(ReceiptRange { outcome, first, last: u32::MAX }).unwrap();
    }
    messages.push(writer.finish().unwrap().to_vec());
    messages
}

#[test]
fn messages_come_back_as_they_were() {
    messages().iter().for_each(|bytes| check_round_trip(bytes));
}

/// A frame with other bytes behind its payload's first `keep`, its length and checksum made good.
fn changed(frame: &[u8], keep: usize, behind: &[u8]) -> Vec<u8> {
    let head = 4 + 8 + 3 + 4 + 1;
    let mut frame = [&frame[..head + keep], behind].concat();
    let len = (frame.len() + 4) as u16;
    frame[2] = len as u8;
    frame[3] = frame[3] & 0xf8 | (len >> 8) as u8;
    frame.extend_from_slice(&crc32c(&frame).to_le_bytes());
    frame
}

#[test]
fn what_the_fields_do_not_tell_comes_back_too() {
    let messages = messages();
    let hello = &messages[0];
    let whole = hello.len() - 24;
    for behind in [1, 3, 8, 9, 40] {
        check_round_trip(&changed(hello, whole, &vec![0xee; behind]));
    }
    let state = PenState {
        pen: PenId(u64::MAX),
        boot: BootId { counter: 70_000, random: 3 },
        ticks: 1,
        seen_unix_ms: 2,
        pen_unix_ms: 3,
        battery_percent: 4,
        charging: false,
        memory_percent: 6,
        backlog: 7,
    };
    let mut buffer = [0; 64];
    let len = encode_pen_state(&state, &mut buffer).unwrap();
    // Battery 200 %, charging 7.
    let wild = changed(&buffer[..len], 24, &[200, 7, 6, 7, 0, 0, 0]);
    check_round_trip(&wild);
    let FrameJson::PenState(read) = read(&wild) else { panic!("a state") };
    assert_eq!((read.battery_percent, read.charging), (100, true));
}

#[test]
fn a_range_that_says_nothing_costs_itself() {
    let receipt = &messages()[1];
    // Outcome 9, code 1; then an end before its beginning; then one that holds.
    let ranges = [
        [9, 1, 1, 0, 0, 0, 2, 0, 0, 0],
        [0, 0, 5, 0, 0, 0, 3, 0, 0, 0],
        [1, 0, 7, 0, 0, 0, 8, 0, 0, 0],
    ];
    let bytes = changed(receipt, 0, &ranges.concat());
    check_round_trip(&bytes);
    let FrameJson::Receipt(read) = read(&bytes) else { panic!("a receipt") };
    let told = read.ranges.iter().map(|range| (range.outcome, range.code, range.first, range.last));
    let unknown = OutcomeJson::Unknown;
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (unknown, Some([9, 1]), 1, 2),
            (unknown, Some([0, 0]), 5, 3),
            (OutcomeJson::Held, None, 7, 8),
        ]
    );
}

#[test]
fn bytes_and_fields_may_not_contradict_each_other() {
    let bytes = changed(&messages()[0], messages()[0].len() - 24, &[1, 2]);
    let frame = decode_frame(&bytes).map(|(frame, _)| frame);
    let line = Line::of(None, &RawFrame { offset: 0, bytes: &bytes, frame }, read(&bytes));
    let text = serde_json::to_string(&line).unwrap();
    let other: Line = serde_json::from_str(&text.replace("\"1.0\"", "\"1.1\"")).unwrap();
    let error = other.to_bytes().unwrap_err().to_string();
    assert!(error.starts_with("bytes: they mean something else"), "{error}");
}

#[test]
fn what_breaks_the_rules_is_refused_with_its_place() {
    let wrong = |json: &str, part: &str| {
        let line: Line = serde_json::from_str(json).unwrap();
        let error = to_bytes(&line.frame).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    let chunk = |fragments: &str| {
        format!(
            r#"{{"frame":"chunk","pen":"7","boot":"1-2","number":1,"unit_nm":1,"force_max":9,
            "tick_us":1,"anchor_ticks":0,"anchor_unix_ms":0,"fragments":[{fragments}]}}"#
        )
    };
    let fragment = |start: u32, owner: u32, sample: &str| {
        chunk(&format!(
            r#"{{"stroke":0,"first":true,"end":"up","start_ticks":{start},
            "address":{{"section":1,"owner":{owner},"book":1,"page":1}},"samples":[{sample}]}}"#
        ))
    };
    wrong(&fragment(0, 1 << 24, "[0,1,2,3]"), "owner: 16777216 is not within 24 bits");
    wrong(&fragment(5, 1, "[5,1,2,3]"), "fragment 0: start_ticks is 5, 0 is expected");
    wrong(&fragment(0, 1, "[0,1,2]"), "fragment 0, sample 0: it has 3 numbers; this chunk has 4");
    wrong(&fragment(0, 1, "[0,1,2,70000]"), "force: 70000 is not within 16 bits");
    let boot = chunk("").replace("1-2", "12");
    wrong(&boot, "boot: \"12\" is not counter-random");
}

proptest! {
    #[test]
    fn any_bytes_come_back_as_they_were(bytes in proptest::collection::vec(any::<u8>(), 1..300)) {
        check_round_trip(&bytes);
    }
}
