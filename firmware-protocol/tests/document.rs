//! What `PROTOCOL.md` shows in bytes is what this crate writes.
//!
//! Failure: a byte of an example that is another one, or a topic. Deterministic.

mod cases;

use cases::{KEY, PEN_STATE, UNIX_MS};
use firmware_protocol::*;

fn framed(write: impl FnOnce(&mut [u8]) -> Result<usize, BufferFull>) -> Vec<u8> {
    let mut buffer = [0; CHUNK_BYTES_MAX];
    let len = write(&mut buffer).expect("room");
    buffer[..len].to_vec()
}

fn bundle(frames: &[&[u8]]) -> Vec<u8> {
    let mut buffer = [0; 2_048];
    let mut writer = BundleWriter::new(&mut buffer).expect("room");
    frames.iter().for_each(|frame| writer.push(frame).expect("room"));
    writer.finish().to_vec()
}

fn receipt(outcome: Outcome) -> Vec<u8> {
    let mut buffer = [0; 64];
    let mut writer = ReceiptWriter::new(KEY.pen, KEY.boot, &mut buffer);
    writer.push(ReceiptRange { outcome, first: 0, last: 1 }).expect("room");
    writer.finish().expect("a range").to_vec()
}

/// A step as the document shows it: what is said, and its bytes.
fn step(text: &mut String, what: &str, bytes: &[u8]) {
    text.push_str(what);
    text.push('\n');
    for row in bytes.chunks(24) {
        let row: Vec<_> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        text.push_str(&format!("  {}\n", row.join(" ")));
    }
}

#[test]
fn the_exchange_by_topic_is_what_is_written() {
    let gateway = GatewayId::parse("room-12").expect("an id");
    let topic = |channel| Topic { gateway, channel }.to_string();
    let state = |online, session, unix_ms| {
        framed(|out| encode_gateway_state(&GatewayState { online, session, unix_ms }, out))
    };
    let vector = |wanted: &str| {
        let found = cases::all().into_iter().find(|(name, _)| *name == wanted);
        found.expect("a vector").1
    };
    let (hello, chunk) = (vector("hello"), vector("chunk-two-strokes"));
    let pen_state = |seen_unix_ms| {
        let state = PenState { seen_unix_ms, ..PEN_STATE };
        framed(|out| encode_pen_state(&state, out))
    };
    let (now, up_state) = (UNIX_MS - 60_000, topic(Channel::UpState));
    let mut text = String::new();
    let mut say = |what: String, bytes: &[u8]| step(&mut text, &what, bytes);
    say(
        format!("CONNECT client id {gateway}, will {up_state}, QoS 1, retained"),
        &bundle(&[&state(false, 77, now)]),
    );
    say(format!("SUBSCRIBE {} and …/down/policy, QoS 1", topic(Channel::DownReceipt)), &[]);
    say(format!("PUBLISH {up_state}, QoS 1, retained"), &bundle(&[&state(true, 77, now)]));
    say("gateway → pen: the time".into(), &state(true, 0, UNIX_MS - 5_000));
    say("pen → gateway: hello".into(), &hello);
    say("pen → gateway: its state".into(), &pen_state(0));
    say("pen → gateway: chunk 1".into(), &chunk);
    say("gateway → pen: taken, 0 to 1".into(), &receipt(Outcome::Taken));
    say(
        format!("PUBLISH {}, QoS 1", topic(Channel::UpInk)),
        &bundle(&[&pen_state(PEN_STATE.seen_unix_ms), &hello, &chunk]),
    );
    say(
        format!("the server, PUBLISH {}, QoS 1: stored, 0 to 1", topic(Channel::DownReceipt)),
        &bundle(&[&receipt(Outcome::Stored)]),
    );
    say("gateway → pen: stored, 0 to 1; the pen erases".into(), &receipt(Outcome::Stored));

    let path = format!("{}/PROTOCOL.md", env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(path).expect("the document");
    assert!(document.contains(&text), "the document does not show this:\n{text}");
}
