use firmware_protocol::{
    BootId, BundleWriter, Channel, GatewayId, PenHead, PenId, Reading, SealPolicy, Sealer,
    StrokeEnd,
};
use serde_json::Value;

use super::*;

/// Chunks of strokes of ten samples, each stroke's end sealed; the third stroke is cut in two.
fn chunks(x: i32) -> Vec<Vec<u8>> {
    let boot = BootId { counter: 1, random: 2 };
    let head = PenHead::new(23_710, 0, 1_000);
    let mut sealer = Sealer::new(PenId(7), boot, head, SealPolicy::STANDARD);
    let mut chunks = Vec::new();
    let mut out = |chunk: &[u8]| chunks.push(chunk.to_vec());
    for stroke in 0..3 {
        for step in 0..10 {
            if stroke == 2 && step == 5 {
                sealer.flush(&mut out);
            }
            let ticks = (1_000 * stroke + 10 * step) as u64;
            sealer.sample(Reading::new(ticks, 0, x + step, 0, 0), &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
        sealer.flush(&mut out);
    }
    chunks
}

fn bundle(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut buffer = [0; 4096];
    let mut writer = BundleWriter::new(&mut buffer).unwrap();
    for frame in frames {
        writer.push(frame).unwrap();
    }
    writer.finish().to_vec()
}

fn payload(number: usize, bytes: Vec<u8>) -> Payload {
    let len = bytes.len();
    Payload { number, from: "g-1".into(), bytes, len }
}

/// The report's objects, and the summary.
fn report(payloads: &[Payload], bytes_max: u64, chunks_max: usize) -> (Vec<Value>, Summary) {
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, bytes_max, chunks_max);
    for payload in payloads {
        writer.payload(payload).unwrap();
    }
    let summary = writer.finish(payloads.len(), 0).unwrap();
    let text = String::from_utf8(out).unwrap();
    (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), summary)
}

#[test]
fn a_sound_frame_is_described_and_a_damaged_one_explained() {
    let mut bytes = bundle(&chunks(0)[1..3]);
    let len = bytes.len();
    bytes[len - 1] ^= 1;
    let (lines, summary) = report(&[payload(0, bytes)], REPORT_BYTES_MAX, 10);
    let [sound, damaged, last] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!((&sound["gateway"], &sound["frame"]), (&"g-1".into(), &"chunk".into()));
    assert_eq!((&sound["payload"], &sound["offset"]), (&0.into(), &8.into()));
    assert_eq!((sound.get("findings"), sound.get("explain")), (None, None));
    let crc = damaged["at"].as_u64().unwrap() as usize;
    assert_eq!(
        (&damaged["field"], crc),
        (&"crc".into(), len - 4 - damaged["offset"].as_u64().unwrap() as usize)
    );
    let explain = damaged["explain"].as_array().unwrap();
    assert_eq!(explain.last().unwrap(), &format!("# crc mismatch at byte {crc}"));
    let want = Summary {
        payloads: 1,
        frames: 2,
        chunks: 1,
        samples: 10,
        faults: 1,
        findings: 0,
        dropped: 0,
    };
    assert_eq!(summary, want);
    assert_eq!(last["summary"], serde_json::to_value(want).unwrap());
}

#[test]
fn a_finding_stands_with_the_frame_that_came_last() {
    let (one, other) = (chunks(0), chunks(5));
    // The same key again, and a stroke's second half before another first half.
    let payloads = [
        payload(0, bundle(&[one[1].clone()])),
        payload(1, bundle(&[one[3].clone(), other[1].clone()])),
    ];
    let (lines, summary) = report(&payloads, REPORT_BYTES_MAX, 10);
    assert_eq!(summary.findings, 1);
    let [_, half, again, _] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!(half.get("findings"), None);
    let finding = &again["findings"][0];
    assert_eq!(finding["rule"], "one-key");
    assert_eq!(finding["other"], serde_json::json!({ "payload": 0, "offset": 8 }));
    assert!(again["explain"].as_array().unwrap().len() > 20);

    // Chunk 2's stroke has ended, and chunk 3 came first and goes on as if it had not.
    let mut three = Vec::new();
    let boot = BootId { counter: 1, random: 2 };
    let mut sealer =
        Sealer::new(PenId(7), boot, PenHead::new(23_710, 0, 1_000), SealPolicy::STANDARD);
    for part in 0..3 {
        sealer.sample(Reading::new(100 * part, 0, 1, 1, 0), &mut |_| {});
        sealer.flush(&mut |chunk| three = chunk.to_vec());
    }
    let payloads = [payload(0, bundle(&[three])), payload(1, bundle(&[one[1].clone()]))];
    let (lines, _) = report(&payloads, REPORT_BYTES_MAX, 10);
    assert_eq!(lines[0].get("findings"), None);
    assert_eq!(lines[1]["findings"][0]["rule"], "stroke-order");
    assert_eq!(lines[1]["findings"][0]["other"], serde_json::json!({ "payload": 0, "offset": 8 }));
}

#[test]
fn what_is_no_bundle_is_told_whole() {
    let long = vec![0; BUNDLE_BYTES_MAX + 1];
    let gateway = GatewayId::parse("g-1").unwrap();
    let topic = Topic { gateway, channel: Channel::UpInk }.to_string();
    let stray = topic.replace(&format!("/{:02}/", gateway.shard()), "/99/");
    let payloads = [
        payload(0, b"ink?".to_vec()),
        Payload { len: long.len(), ..payload(1, long[..OVERSIZED_BYTES_KEPT].to_vec()) },
        Payload { from: stray.clone(), ..payload(2, bundle(&[])) },
    ];
    let (lines, summary) = report(&payloads, REPORT_BYTES_MAX, 10);
    assert_eq!((summary.faults, summary.frames), (3, 0));
    assert_eq!((&lines[0]["at"], &lines[0]["hex"]), (&0.into(), &"696e6b3f".into()));
    assert_eq!(
        lines[0]["explain"],
        serde_json::json!(["69 6e 6b 3f", "# no bundle: bad magic at byte 0"])
    );
    assert_eq!(lines[1]["error"], "no bundle: 65537 bytes, more than 65536");
    let explain = lines[1]["explain"].as_array().unwrap();
    assert_eq!(explain[explain.len() - 2], "# and 64513 bytes more");
    assert_eq!((&lines[2]["gateway"], &lines[2]["field"]), (&stray.into(), &"topic".into()));
}

#[test]
fn a_bundle_that_miscounts_shows_its_header() {
    let mut bytes = bundle(&chunks(0)[1..2]);
    bytes[6] = 2;
    let (lines, summary) = report(&[payload(0, bytes)], REPORT_BYTES_MAX, 10);
    assert_eq!((summary.faults, summary.findings), (0, 1));
    assert_eq!((&lines[1]["offset"], lines[1].get("frame")), (&6.into(), None));
    assert_eq!(lines[1]["findings"][0]["rule"], "bundle-count");
    assert_eq!(lines[1]["findings"][0].get("other"), None);
    assert!(lines[1]["explain"][1].as_str().unwrap().starts_with("02 00 "));
}

#[test]
fn what_is_missing_or_forgotten_or_too_much_is_said() {
    let frames = chunks(0);
    let one = |number, frame: usize| payload(number, bundle(&frames[frame..=frame]));
    let notes = |lines: &[Value]| lines.iter().filter(|line| line.get("note").is_some()).count();
    let (lines, _) = report(&[one(0, 1), one(3, 2)], REPORT_BYTES_MAX, 10);
    assert_eq!(notes(&lines), 1);
    assert!(lines[1]["note"].as_str().unwrap().starts_with("payloads 1 to 2 "));
    let (lines, _) = report(&[one(0, 1), one(1, 2), one(2, 3)], REPORT_BYTES_MAX, 1);
    assert_eq!(notes(&lines), 1);
    let (lines, summary) = report(&[one(0, 1), one(1, 2), one(2, 3)], 10, 10);
    assert_eq!((lines.len(), notes(&lines), summary.frames), (2, 1, 3));
}

/// Nobody empties the queue: the observer returns all the same, and counts.
#[test]
fn an_observer_never_waits() {
    let (send, mut waiting) = mpsc::channel(2);
    let arrivals = Arc::new(Arrivals::default());
    let observer = observer(send, Arc::clone(&arrivals));
    for _ in 0..5 {
        (observer.0)("g-1", &[0; 100_000]);
    }
    assert_eq!(arrivals.payloads.load(Ordering::Relaxed), 5);
    assert_eq!(arrivals.dropped.load(Ordering::Relaxed), 3);
    let first = waiting.try_recv().unwrap();
    assert_eq!((first.len, first.bytes.len()), (100_000, OVERSIZED_BYTES_KEPT));
}

#[tokio::test]
async fn a_report_is_one_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("conformance.jsonl");
    let (report, observer) = Report::start(&path).unwrap();
    drop(observer);
    report.finish().await.unwrap();
    // Nothing arrived: it can be begun again.
    let (report, observer) = Report::start(&path).unwrap();
    (observer.0)("g-1", b"noise");
    drop(observer);
    report.finish().await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 2);
    let Err(error) = Report::start(&path) else { panic!("it began again") };
    assert!(format!("{error:#}").contains("there already"), "{error:#}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

/// Opened for writing, a FIFO waits for a reader that never comes.
#[test]
fn a_report_that_is_no_regular_file_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("report.jsonl");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    let (say, said) = std::sync::mpsc::channel();
    std::thread::spawn({
        let fifo = fifo.clone();
        move || say.send(open(&fifo).map(drop).map_err(|error| error.to_string()))
    });
    let refused = said.recv_timeout(Duration::from_secs(10)).expect("it does not wait");
    assert!(refused.unwrap_err().contains("no regular file"));
    for path in [dir.path(), Path::new("/dev/null")] {
        open(path).map(drop).unwrap_err();
    }
}
