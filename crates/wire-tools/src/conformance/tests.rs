use firmware_protocol::{
    BootId, BundleWriter, ClockSource, GatewayState, Hello, Images, PenId, PenState, Reading,
    ReceiptWriter, SealPolicy, Sealer, ShortText, crc32c, decode_frame, encode_gateway_state,
    encode_hello, encode_pen_state,
};

use super::*;

const PEN: PenId = PenId(7);
const BOOT: BootId = BootId { counter: 1, random: 2 };

/// Chunks of strokes of ten samples, each stroke's end sealed; the third stroke is cut in two.
fn chunks(x: i32) -> Vec<Vec<u8>> {
    let mut sealer = Sealer::new(PEN, BOOT, PenHead::new(23_710, 0, 1_000), SealPolicy::STANDARD);
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

/// The rules that these frames break.
fn broken(frames: &[Vec<u8>]) -> Vec<&'static str> {
    let mut conformance = Conformance::remembering(100);
    for (offset, bytes) in frames.iter().enumerate() {
        let frame = decode_frame(bytes).map(|(frame, _)| frame);
        conformance.frame(0, &RawFrame { offset, bytes, frame });
    }
    conformance.take_findings().iter().map(|finding| finding.rule).collect()
}

#[test]
fn what_a_sealer_writes_conforms_but_for_the_hello_that_is_missing() {
    let chunks = chunks(0);
    assert_eq!(chunks.len(), 4);
    assert_eq!(broken(&chunks), ["hello-first"]);
    // Backlog behind live chunks, and again.
    assert_eq!(broken(&[&chunks[2..], &chunks[..]].concat()), ["hello-first"]);
}

#[test]
fn each_breach_is_named() {
    let (one, other) = (chunks(0), chunks(5));
    assert_eq!(broken(&[one[1].clone(), other[1].clone()]), ["one-key"]);
    // Chunk 3 ends with a stroke that goes on; another encoder's chunk 4 begins one.
    let mut sealer = Sealer::new(PEN, BOOT, PenHead::new(23_710, 0, 1_000), SealPolicy::STANDARD);
    let mut four = Vec::new();
    for stroke in 0..4 {
        sealer.sample(Reading::new(5_000 * stroke, 0, 1, 1, 0), &mut |_| {});
        sealer.pen_up(StrokeEnd::Up, &mut |_| {});
        sealer.flush(&mut |chunk| four = chunk.to_vec());
    }
    assert_eq!(broken(&[one[2].clone(), four]), ["stroke-order"]);
    let mut sealer = Sealer::new(PEN, BOOT, PenHead::new(23_710, 0, 1_000), SealPolicy::STANDARD);
    let mut back = Vec::new();
    for ticks in [1_000, 1_020, 1_010] {
        sealer.sample(Reading::new(ticks, 0, 1, 1, 0), &mut |_| {});
    }
    sealer.flush(&mut |chunk| back = chunk.to_vec());
    assert_eq!(broken(&[back]), ["hello-first", "time-order"]);
}

const HEAD: PenHead = PenHead::new(23_710, 852, 1_000);

fn hello(versions: (u8, u8), head: PenHead) -> Hello {
    Hello {
        key: ChunkKey { pen: PEN, boot: BOOT, number: 0 },
        model: ShortText::new("M").expect("a letter"),
        firmware: ShortText::new("1").expect("a digit"),
        versions,
        sample_rate_hz: 100,
        head,
        clock: ClockSource::Unset,
        epoch_unix_ms: 0,
    }
}

fn framed(write: impl FnOnce(&mut [u8]) -> usize) -> Vec<u8> {
    let mut buffer = [0; 256];
    let len = write(&mut buffer);
    buffer[..len].to_vec()
}

fn hello_frame(hello: Hello) -> Vec<u8> {
    framed(|buffer| encode_hello(&hello, buffer).expect("room"))
}

/// A frame with one byte changed, its checksum made good.
fn with_byte(mut frame: Vec<u8>, at: usize, byte: u8) -> Vec<u8> {
    frame[at] = byte;
    let end = frame.len() - 4;
    let crc = crc32c(&frame[..end]);
    frame[end..].copy_from_slice(&crc.to_le_bytes());
    frame
}

/// One chunk of one sample with this force and these images.
fn one_sample(head: PenHead, force: u16, images: Option<Images>) -> Vec<u8> {
    let mut sealer = Sealer::new(PEN, BOOT, head, SealPolicy::STANDARD);
    let mut chunk = Vec::new();
    let mut out = |frame: &[u8]| chunk = frame.to_vec();
    sealer.sample(Reading::new(0, 0, 1, 1, force), &mut out);
    if let Some(Images { seen, decoded }) = images {
        sealer.saw(seen, decoded);
    }
    sealer.pen_up(StrokeEnd::Up, &mut out);
    sealer.flush(&mut out);
    chunk
}

#[test]
fn values_that_readers_take_and_no_encoder_writes_are_named() {
    let sound = hello_frame(hello((1, 1), HEAD));
    assert_eq!(broken(&[sound.clone(), one_sample(HEAD, 852, None)]), [""; 0]);
    assert_eq!(broken(&[sound.clone(), one_sample(HEAD, 853, None)]), ["force-max"]);

    let camera = PenHead { images: true, ..HEAD };
    let with_camera = hello_frame(hello((1, 1), camera));
    for (seen, decoded, rules) in [(3, 3, &[][..]), (2, 3, &["images"])] {
        let chunk = one_sample(camera, 1, Some(Images { seen, decoded }));
        assert_eq!(broken(&[with_camera.clone(), chunk]), rules);
    }
    let finer = PenHead { unit_nm: 1_000, ..HEAD };
    assert_eq!(broken(&[sound.clone(), one_sample(finer, 1, None)]), ["hello-units"]);
    assert_eq!(broken(&[with_camera, one_sample(HEAD, 1, None)]), ["hello-units"]);

    for versions in [(2, 1), (0, 1), (2, 3), (1, 16)] {
        assert_eq!(broken(&[hello_frame(hello(versions, HEAD))]), ["hello-versions"]);
    }
    // Payload bytes begin behind a key of twelve bytes: channels at 14.
    assert_eq!(broken(&[with_byte(sound.clone(), 16 + 14, 0x08)]), ["message-values"]);
    let told_time = Hello { epoch_unix_ms: 5, ..hello((1, 1), HEAD) };
    assert_eq!(broken(&[hello_frame(told_time)]), ["message-values"]);

    let state = PenState {
        pen: PEN,
        boot: BOOT,
        ticks: 1,
        seen_unix_ms: 2,
        pen_unix_ms: 3,
        battery_percent: 100,
        charging: true,
        memory_percent: 100,
        backlog: 0,
    };
    let state = framed(|buffer| encode_pen_state(&state, buffer).expect("room"));
    assert_eq!(broken(std::slice::from_ref(&state)), [""; 0]);
    for (at, value) in [(24, 101), (25, 2), (26, 101)] {
        assert_eq!(broken(&[with_byte(state.clone(), 16 + at, value)]), ["message-values"]);
    }
    assert_eq!(broken(&[with_byte(state, 15, 1)]), ["message-number"]);
    let gateway = GatewayState { online: true, session: 1, unix_ms: 2 };
    let gateway = framed(|buffer| encode_gateway_state(&gateway, buffer).expect("room"));
    assert_eq!(broken(std::slice::from_ref(&gateway)), [""; 0]);
    assert_eq!(broken(&[with_byte(gateway, 4, 7)]), ["message-number"]);
}

#[test]
fn receipts_name_a_number_once_and_say_something() {
    let receipt = |ranges: &[([u8; 2], u32, u32)]| {
        framed(|buffer| {
            let mut writer = ReceiptWriter::new(PEN, BOOT, buffer);
            for (code, first, last) in ranges {
                writer.push_raw(*code, *first, *last).expect("room");
            }
            writer.finish().expect("a range").len()
        })
    };
    assert_eq!(broken(&[receipt(&[([0, 0], 1, 2), ([2, 3], 3, 3)])]), [""; 0]);
    assert_eq!(broken(&[receipt(&[([0, 0], 1, 2), ([1, 0], 2, 3)])]), ["receipt-ranges"]);
    assert_eq!(broken(&[receipt(&[([0, 0], 2, 1)])]), ["receipt-ranges"]);
    assert_eq!(broken(&[receipt(&[([7, 0], 1, 2), ([0, 0], 1, 2)])]), ["receipt-ranges"]);
}

#[test]
fn a_bundle_counts_frames_and_not_what_lies_between() {
    let hello = hello_frame(hello((1, 1), HEAD));
    let check = |frames: &[&[u8]], claimed: u16, reserved: u8| {
        let mut buffer = [0; 1_024];
        let mut writer = BundleWriter::new(&mut buffer).expect("room");
        frames.iter().for_each(|frame| writer.push(frame).expect("room"));
        let mut bytes = writer.finish().to_vec();
        bytes[6..8].copy_from_slice(&claimed.to_le_bytes());
        bytes[5] = reserved;
        let bundle = Bundle::parse(&bytes).expect("a bundle");
        let mut conformance = Conformance::remembering(10);
        bundle.frames().for_each(|raw| conformance.frame(0, &raw));
        conformance.bundle_end(0, &bundle);
        conformance.take_findings().iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    let (one, garbage) = (hello.as_slice(), &b"garbage"[..]);
    assert_eq!(check(&[one, one], 2, 0), [""; 0]);
    assert_eq!(check(&[one], 2, 0), ["bundle-count"]);
    assert_eq!(check(&[one, one], 1, 0), ["bundle-count"]);
    assert_eq!(check(&[one], 1, 9), ["bundle-header"]);
    // What trails is no frame; what is damaged may have been some.
    assert_eq!(check(&[one, garbage], 1, 0), [""; 0]);
    assert_eq!(check(&[one, garbage], 3, 0), [""; 0]);
    assert_eq!(check(&[one, one, garbage], 1, 0), ["bundle-count"]);
}
