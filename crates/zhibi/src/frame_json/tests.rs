use firmware_protocol::*;
use proptest::prelude::*;

use super::*;

fn read(bytes: &[u8]) -> FrameJson {
    let frame = decode_frame(bytes).map(|(frame, _)| frame);
    to_json(&RawFrame { offset: 0, bytes, frame })
}

/// Through text, as a file would have it.
fn check_round_trip(bytes: &[u8]) {
    let line = Line { bundle: None, offset: 0, frame: read(bytes) };
    let text = serde_json::to_string(&line).unwrap();
    let again: Line = serde_json::from_str(&text).unwrap();
    assert_eq!(again, line);
    assert_eq!(to_bytes(&again.frame).unwrap(), bytes, "{text}");
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
