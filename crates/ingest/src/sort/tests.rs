use firmware_protocol::{
    BootId, BundleWriter, ClockSource, GatewayState, Hello, PageAddress, PenHead, PenId, ShortText,
    VERSION, encode_gateway_state, encode_hello, encode_pen_state,
};

use super::*;
use crate::Counters;
use crate::pen::{self, ADDRESS};

fn gateway() -> GatewayId {
    GatewayId::parse("g-1").unwrap()
}

fn bundle(frames: &[&[u8]]) -> Vec<u8> {
    let mut buffer = vec![0; 65_536];
    let mut writer = BundleWriter::new(&mut buffer).unwrap();
    for frame in frames {
        writer.push(frame).unwrap();
    }
    writer.finish().to_vec()
}

fn sort(payload: &[u8]) -> (Sorted, Counters) {
    sort_on(Channel::UpInk, payload)
}

fn sort_on(channel: Channel, payload: &[u8]) -> (Sorted, Counters) {
    let (tally, mut sorted) = (Tally::default(), Sorted::default());
    let now = Instant::now();
    let topic = Topic { gateway: gateway(), channel };
    let message = Message { topic, payload, received_ms: 77 };
    sorted.add(&message, &mut Quota::new(now), &mut Seen::default(), now, &tally);
    (sorted, tally.counters())
}

/// Puts a frame's CRC right again after a change.
fn seal(frame: &mut [u8]) {
    let end = frame.len() - 4;
    let crc = firmware_protocol::crc32c(&frame[..end]);
    frame[end..].copy_from_slice(&crc.to_le_bytes());
}

#[tokio::test]
async fn chunks_say_which_pages_they_touch_and_when() {
    let chunks = pen::chunks(7, 1);
    let (sorted, _) = sort(&bundle(&[&chunks[0]]));
    let [arrival] = &sorted.delivery.arrivals[..] else { panic!("{sorted:?}") };
    assert_eq!(arrival.bytes, chunks[0]);
    assert_eq!((arrival.key.pen, arrival.key.number, arrival.received_ms), (7, 1, 77));
    let PageAddress { section, owner, book, page } = ADDRESS;
    let touch = Touch {
        folio: folio(section, owner, book),
        page,
        first_ms: pen::START_MS + 1_000,
        last_ms: pen::START_MS + 1_090,
    };
    assert_eq!(arrival.touches, [touch]);
    assert_eq!(decode_for_check(&chunks[0]).unwrap().touches, [touch]);
}

/// A golden vector: frames one behind another.
fn vector(name: &str) -> Vec<u8> {
    let path = format!("{}/../../firmware-protocol/vectors/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let bytes = text.lines().flat_map(|line| line.split('#').next().unwrap().split_whitespace());
    bytes.map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// Failure: a message that is taken, refused or kept in another way than PROTOCOL.md (sections 8 and
/// 10) says, on either topic; an answer to what is never answered.
#[tokio::test]
async fn each_message_is_taken_and_answered_as_the_document_says() {
    let took = |sorted: &Sorted, counters: &Counters| {
        let kept = sorted.delivery.quarantined.first().map(|row| row.reason);
        let refused = sorted.refused.first().map(|(_, key, code)| (key.number, *code));
        let states = (counters.pen_states, counters.gateway_states);
        (sorted.delivery.arrivals.len(), states, refused, kept)
    };
    let malformed = Some((0, RefusalCode::Malformed));
    let vectors = [
        ("hello", (1, (0, 0), None, None)),
        ("hello-unknown-field", (1, (0, 0), None, None)),
        ("hello-strange-values", (1, (0, 0), None, None)),
        ("refused-hello-unit", (0, (0, 0), malformed, Some("malformed"))),
        ("refused-hello-tick", (0, (0, 0), malformed, Some("malformed"))),
        ("refused-hello-origin", (0, (0, 0), malformed, Some("malformed"))),
        ("refused-hello-clock", (0, (0, 0), malformed, Some("malformed"))),
        ("refused-hello-text", (0, (0, 0), malformed, Some("malformed"))),
        ("refused-hello-cut", (0, (0, 0), malformed, Some("malformed"))),
        ("refused-hello-number", (0, (0, 0), None, Some("misplaced"))),
        ("pen-state", (0, (1, 0), None, None)),
        ("pen-state-unknown-field", (0, (1, 0), None, None)),
        ("pen-state-strange-values", (0, (1, 0), None, None)),
        ("refused-pen-state-cut", (0, (0, 0), None, Some("misplaced"))),
        ("gateway-state", (0, (0, 1), None, None)),
        ("gateway-state-unknown-field", (0, (0, 1), None, None)),
        ("gateway-state-strange-values", (0, (0, 1), None, None)),
        ("refused-gateway-state", (0, (0, 0), None, Some("misplaced"))),
        ("receipt", (0, (0, 0), None, Some("misplaced"))),
        ("receipt-out-of-order", (0, (0, 0), None, Some("misplaced"))),
        ("refused-receipt-length", (0, (0, 0), None, Some("misplaced"))),
        ("policy", (0, (0, 0), None, Some("misplaced"))),
        ("refused-policy-ink", (0, (0, 0), None, Some("misplaced"))),
        ("unknown-kind", (0, (0, 0), None, Some("unknown_kind"))),
    ];
    for (name, expected) in vectors {
        let bytes = vector(name);
        let in_bundle = bundle(&[&bytes]);
        for (channel, payload) in [
            (Channel::UpInk, &in_bundle),
            (Channel::UpState, &in_bundle),
            (Channel::UpState, &bytes),
        ] {
            let (sorted, counters) = sort_on(channel, payload);
            assert_eq!(took(&sorted, &counters), expected, "{name} on {channel:?}");
        }
    }
    // Times at their ends are no clock, and nothing overflows.
    let (sorted, _) = sort(&bundle(&[&vector("pen-state-strange-values")]));
    assert_eq!(sorted.delivery.clocks, []);
}

#[tokio::test]
async fn one_bad_frame_costs_itself() {
    let mut chunks = pen::chunks(7, 3);
    let last = chunks[1].len() - 5;
    chunks[1][last] ^= 1;
    let (sorted, counters) = sort(&bundle(&[&chunks[0], &chunks[1], &chunks[2]]));
    let numbers: Vec<u32> = sorted.delivery.arrivals.iter().map(|a| a.key.number).collect();
    assert_eq!(numbers, [1, 3]);
    assert_eq!(sorted.refused, [], "a chunk whose crc fails is never named");
    let [kept] = &sorted.delivery.quarantined[..] else { panic!("{sorted:?}") };
    assert_eq!((kept.reason, kept.key, &kept.bytes), ("damaged", None, &chunks[1]));
    assert_eq!((counters.damaged_frames, counters.quarantined), (1, 1));
}

#[tokio::test]
async fn frames_of_the_future_are_kept_and_those_of_ink_refused() {
    use firmware_protocol::Kind;
    let chunks = pen::chunks(7, 2);
    let (mut version, mut kind) = (chunks[0].clone(), chunks[1].clone());
    version[1] = 9 << 4 | Kind::Chunk as u8;
    kind[1] = VERSION << 4 | 14;
    seal(&mut version);
    seal(&mut kind);
    let (sorted, counters) = sort(&bundle(&[&version, &kind]));
    let refused: Vec<_> = sorted.refused.iter().map(|(_, key, code)| (key.number, *code)).collect();
    assert_eq!(refused, [(1, RefusalCode::UnknownVersion)], "an unknown kind has no number");
    let kept: Vec<_> = sorted.delivery.quarantined.iter().map(|row| row.reason).collect();
    assert_eq!(kept, ["unknown_version", "unknown_kind"]);
    assert_eq!((counters.unknown_versions, counters.unknown_kinds), (1, 1));
}

#[tokio::test]
async fn a_sound_envelope_around_nonsense_is_refused_and_always_kept() {
    let mut chunk = pen::chunks(7, 1).remove(0);
    let middle = chunk.len() / 2;
    chunk[middle..].fill(0xff);
    seal(&mut chunk);
    assert!(decode_for_check(&chunk).is_err());
    let frames = vec![chunk.as_slice(); 100];
    let payload = bundle(&frames);
    let (sorted, counters) = sort(&payload);
    assert_eq!(counters.malformed_frames, 100);
    assert_eq!(sorted.refused[99].2, RefusalCode::Malformed);
    assert_eq!(sorted.delivery.quarantined.len(), 100, "the pen erases it on our word");
    assert!(sorted.delivery.quarantined[0].key.is_some());
}

#[tokio::test]
async fn a_key_in_a_longer_spelling_is_refused_and_answered_to_nobody() {
    // Pen 0, boot 1-0, a number 1 that takes two bytes.
    let mut long = vec![0x5a, 0x12, 21, 0x40, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0];
    seal(&mut long);
    let (sorted, counters) = sort(&bundle(&[&long]));
    assert_eq!(sorted.refused, []);
    let [kept] = &sorted.delivery.quarantined[..] else { panic!("{sorted:?}") };
    assert_eq!((kept.reason, kept.key), ("malformed", None));
    assert_eq!((counters.malformed_frames, counters.misplaced_frames), (1, 0));
}

#[tokio::test]
async fn noise_is_counted_cut_and_limited() {
    let (tally, mut sorted) = (Tally::default(), Sorted::default());
    let now = Instant::now();
    let mut quota = Quota::new(now);
    let noise = vec![0xa5; 10_000];
    let topic = Topic { gateway: gateway(), channel: Channel::UpInk };
    let message = Message { topic, payload: &noise, received_ms: 0 };
    for _ in 0..1_000 {
        sorted.add(&message, &mut quota, &mut Seen::default(), now, &tally);
    }
    let counters = tally.counters();
    assert_eq!(counters.not_bundles, 1_000);
    assert_eq!(counters.quarantined + counters.quarantine_refused, 1_000);
    let kept = &sorted.delivery.quarantined;
    assert!(kept.len() <= 60, "{}", kept.len());
    assert!(kept.iter().all(|row| row.bytes.len() == 1024 && row.bytes_len == 10_000));
    let later = now + std::time::Duration::from_secs(60);
    sorted.add(&message, &mut quota, &mut Seen::default(), later, &tally);
    assert_eq!(tally.counters().quarantined, counters.quarantined + 1, "the next minute");
}

#[tokio::test]
async fn states_are_no_chunks() {
    let mut buffer = [0; 256];
    let boot = BootId { counter: 1, random: 2 };
    let state = PenState {
        pen: PenId(7),
        boot,
        ticks: 5,
        seen_unix_ms: 10_000,
        pen_unix_ms: 4_000,
        battery_percent: 80,
        charging: false,
        memory_percent: 1,
        backlog: 0,
    };
    let len = encode_pen_state(&state, &mut buffer).unwrap();
    let pen_state = buffer[..len].to_vec();
    let birth = GatewayState { online: true, session: 3, unix_ms: 5 };
    let len = encode_gateway_state(&birth, &mut buffer).unwrap();
    let birth = buffer[..len].to_vec();
    let hello = Hello {
        key: ChunkKey { pen: PenId(7), boot, number: 0 },
        model: ShortText::new("M-1").unwrap(),
        firmware: ShortText::new("1.0").unwrap(),
        versions: (1, 1),
        sample_rate_hz: 100,
        head: PenHead::new(23_710, 852, 1_000),
        clock: ClockSource::Set,
        epoch_unix_ms: 0,
    };
    let len = encode_hello(&hello, &mut buffer).unwrap();
    let (sorted, counters) = sort(&bundle(&[&pen_state, &birth, &buffer[..len]]));
    assert_eq!((counters.pen_states, counters.gateway_states), (1, 1));
    assert_eq!(sorted.delivery.clocks[0].offset_ms, 6_000);
    let [arrival] = &sorted.delivery.arrivals[..] else { panic!("{sorted:?}") };
    assert_eq!(arrival.hello_model.as_deref(), Some("M-1"));
    let batteries: Vec<_> =
        sorted.delivery.pens_seen.iter().map(|seen| (seen.pen, seen.battery_percent)).collect();
    assert_eq!(batteries, [(7, Some(80)), (7, None)]);
    let sessions: Vec<_> =
        sorted.delivery.gateways_seen.iter().map(|seen| seen.session.map(|s| s.session)).collect();
    assert_eq!(sessions, [Some(3), None], "its birth, and that it brought ink");
    assert_eq!(sorted.delivery.quarantined, []);
}

/// A frame with another version and kind.
fn turned(frame: &[u8], version_and_kind: u8) -> Vec<u8> {
    let mut frame = frame.to_vec();
    frame[1] = version_and_kind;
    seal(&mut frame);
    frame
}

#[tokio::test]
async fn what_is_no_hello_and_no_chunk_frees_none() {
    let mut buffer = [0; 64];
    let birth = GatewayState { online: true, session: 3, unix_ms: 5 };
    let len = encode_gateway_state(&birth, &mut buffer).unwrap();
    let (chunk, state) = (pen::chunks(7, 1).remove(0), &buffer[..len]);
    // States and receipts of a later version, a chunk that has a hello's number, a hello that has a
    // chunk's, and kinds that nobody knows.
    let frames = [
        turned(state, 0x23),
        turned(state, 0x24),
        turned(state, 0x25),
        turned(state, 0x12),
        turned(state, 0x22),
        turned(&chunk, 0x11),
        turned(&chunk, 0x21),
        turned(&chunk, 0x1e),
        turned(&chunk, 0x16),
    ];
    for frame in &frames {
        let (sorted, _) = sort(&bundle(&[frame]));
        assert_eq!(sorted.refused, [], "{frame:02x?}");
        assert_eq!((sorted.delivery.quarantined.len(), sorted.senders.len()), (1, 0));
    }
}

#[tokio::test]
async fn a_state_comes_in_a_bundle_or_as_it_is() {
    let mut buffer = [0; 64];
    let birth = GatewayState { online: true, session: 3, unix_ms: 5 };
    let len = encode_gateway_state(&birth, &mut buffer).unwrap();
    let frame = &buffer[..len];
    for payload in [frame.to_vec(), bundle(&[frame])] {
        let (sorted, counters) = sort_on(Channel::UpState, &payload);
        assert_eq!((counters.gateway_states, counters.not_bundles), (1, 0));
        assert_eq!(sorted.delivery.quarantined, []);
    }
    let (_, counters) = sort(frame);
    assert_eq!((counters.gateway_states, counters.not_bundles), (0, 1), "ink comes in bundles");
    let (_, counters) = sort_on(Channel::UpState, b"noise");
    assert_eq!((counters.gateway_states, counters.not_bundles), (0, 1));
}

#[tokio::test]
async fn a_state_that_no_gateway_timed_says_nothing_of_the_clock() {
    const DAY_MS: i64 = 86_400_000;
    let state = |seen_unix_ms| PenState {
        pen: PenId(7),
        boot: BootId { counter: 1, random: 2 },
        ticks: 5,
        seen_unix_ms,
        pen_unix_ms: 4_000,
        battery_percent: 80,
        charging: false,
        memory_percent: 1,
        backlog: 0,
    };
    let mut buffer = [0; 64];
    // In 1970 and in 2100, as the gateway's own clock has it.
    for seen_unix_ms in [0, -500 * DAY_MS, 2 * DAY_MS, i64::MAX, i64::MIN] {
        let len = encode_pen_state(&state(seen_unix_ms), &mut buffer).unwrap();
        let (sorted, counters) = sort(&bundle(&[&buffer[..len]]));
        assert_eq!((counters.pen_states, sorted.delivery.clocks.len()), (1, 0), "{seen_unix_ms}");
    }
}

#[tokio::test]
async fn a_bundle_that_was_cut_off_gives_what_is_whole() {
    let chunks = pen::chunks(7, 2);
    let whole = bundle(&[&chunks[0], &chunks[1]]);
    let (sorted, counters) = sort(&whole[..8 + chunks[0].len()]);
    assert_eq!(sorted.delivery.arrivals.len(), 1);
    assert_eq!(counters.short_bundles, 1);
    for end in 0..whole.len() {
        let (sorted, _) = sort(&whole[..end]);
        assert!(sorted.delivery.arrivals.len() < 2);
    }
}
