//! Golden vectors: do not change the test, nor the files in `vectors/`.
//!
//! A vector that does not match is a pen that nobody can read. All of version 1 is frozen; hello,
//! states and policy may grow at their ends. `vectors/README.md` says what the files are.

mod cases;

use cases::{
    EXTREMES, GATEWAY_STATE, HEAD, KEY, ODD_STROKES, PEN_STATE, POLICY, RANGES, TWO_STROKES, Told,
    UNIX_MS,
};
use firmware_protocol::*;

/// The bytes of a vector.
fn vector(name: &str) -> Vec<u8> {
    let path = format!("{}/vectors/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("a vector's file");
    let digits = text.lines().flat_map(|line| {
        line.split('#').next().unwrap_or("").split_whitespace().map(|byte| {
            assert_eq!(byte.len(), 2, "{path}: {byte}");
            u8::from_str_radix(byte, 16).expect("hexadecimal")
        })
    });
    digits.collect()
}

fn frame(bytes: &[u8]) -> Frame<'_> {
    let (frame, taken) = decode_frame(bytes).expect("a golden frame");
    assert_eq!(taken, bytes.len());
    frame
}

/// That these chunks mean what was told, with all heads and clocks.
fn check_chunks(chunks: &[&[u8]], head: PenHead, told: &[Told]) {
    let mut samples: Vec<Vec<(u64, i32, i32, u16)>> = told.iter().map(|_| Vec::new()).collect();
    for (index, bytes) in chunks.iter().enumerate() {
        let Frame::Chunk(chunk) = frame(bytes) else { panic!("a chunk") };
        assert_eq!(chunk.key, ChunkKey { number: index as u32 + 1, ..KEY });
        let ChunkHead { anchor_ticks, anchor_unix_ms, period, timed, .. } = chunk.head;
        let expected = head.anchored(anchor_ticks, UNIX_MS);
        assert_eq!(chunk.head, ChunkHead { anchor_unix_ms, period, timed, ..expected });
        let mut fragments = chunk.fragments();
        while let Some(head) = fragments.next().expect("a golden fragment") {
            let FragmentHead { stroke, address, first, end, start_ticks, count, .. } = head;
            let told = &told[stroke as usize];
            let read = &mut samples[stroke as usize];
            assert_eq!((address, first), (told.address, read.is_empty()));
            let anchor = chunk.head.anchor_ticks;
            let mut came = Vec::new();
            fragments.samples(|sample| came.push(sample)).expect("golden samples");
            assert_eq!(came.len(), usize::from(count));
            read.extend(came.iter().map(|s| (anchor + u64::from(s.ticks), s.x, s.y, s.force)));
            let starts = read.len() == came.len();
            assert!(!starts || anchor + u64::from(start_ticks) == told.down_ticks);
            let whole = read.len() == told.samples.len();
            assert_eq!(end, if whole { told.end } else { StrokeEnd::Continued });
        }
    }
    for (samples, told) in samples.iter().zip(told) {
        assert_eq!(samples, told.samples);
    }
}

#[test]
fn what_is_written_is_the_vectors() {
    for (name, bytes) in cases::all() {
        assert_eq!(bytes, vector(name), "{name}");
    }
}

#[test]
fn messages_are_read() {
    let bytes = vector("hello");
    assert!(matches!(frame(&bytes), Frame::Hello(hello) if hello == cases::hello()));
    let bytes = vector("pen-state");
    assert!(matches!(frame(&bytes), Frame::PenState(state) if state == PEN_STATE));
    let bytes = vector("gateway-state");
    assert!(matches!(frame(&bytes), Frame::GatewayState(state) if state == GATEWAY_STATE));
    let bytes = vector("policy");
    assert!(matches!(frame(&bytes), Frame::Policy(policy) if policy == POLICY));
    let bytes = vector("receipt");
    let Frame::Receipt(receipt) = frame(&bytes) else { panic!("a receipt") };
    assert_eq!((receipt.pen, receipt.boot), (KEY.pen, KEY.boot));
    let ranges: Result<Vec<_>, _> = receipt.ranges().collect();
    assert_eq!(ranges, Ok(RANGES.to_vec()));
}

/// Failure: a field that a later version appended changes what was said before it, or a value that
/// no encoder of this version writes is not taken as the document says.
#[test]
fn messages_are_read_as_they_grow() {
    let bytes = vector("hello-unknown-field");
    assert!(matches!(frame(&bytes), Frame::Hello(hello) if hello == cases::hello()));
    let bytes = vector("hello-strange-values");
    let strange = Hello { versions: (0, 255), clock: ClockSource::Unset, ..cases::hello() };
    assert!(matches!(frame(&bytes), Frame::Hello(hello) if hello == strange));
    let bytes = vector("pen-state-unknown-field");
    assert!(matches!(frame(&bytes), Frame::PenState(state) if state == PEN_STATE));
    let mut stamped = vector("pen-state-unknown-field");
    stamp_pen_state(&mut stamped, -5).expect("a frame");
    let expected = PenState { seen_unix_ms: -5, ..PEN_STATE };
    assert!(matches!(frame(&stamped), Frame::PenState(state) if state == expected));
    let end = stamped.len() - 4;
    assert_eq!(stamped[end - 3..end], [0xde, 0xad, 0xbe], "what was appended stays");
    let bytes = vector("pen-state-strange-values");
    assert!(matches!(frame(&bytes), Frame::PenState(state) if state == cases::PEN_STATE_LARGEST));
    let bytes = vector("gateway-state-unknown-field");
    assert!(matches!(frame(&bytes), Frame::GatewayState(state) if state == GATEWAY_STATE));
    let bytes = vector("gateway-state-strange-values");
    let largest = GatewayState { online: true, session: u64::MAX, unix_ms: i64::MIN };
    assert!(matches!(frame(&bytes), Frame::GatewayState(state) if state == largest));
    let bytes = vector("policy-unknown-field");
    assert!(matches!(frame(&bytes), Frame::Policy(policy) if policy == POLICY));
    for (name, seal) in [
        ("policy-least", SealPolicy { ink_ms_max: 500, rest_ms_max: 100 }),
        ("policy-most", SealPolicy { ink_ms_max: 60_000, rest_ms_max: 60_000 }),
    ] {
        let bytes = vector(name);
        assert!(matches!(frame(&bytes), Frame::Policy(policy) if policy.seal == seal), "{name}");
    }
    // In any order, and overlapping: each range says what it says.
    let bytes = vector("receipt-out-of-order");
    let Frame::Receipt(receipt) = frame(&bytes) else { panic!("a receipt") };
    let ranges: Result<Vec<_>, _> = receipt.ranges().collect();
    assert_eq!(ranges, Ok(cases::OUT_OF_ORDER.to_vec()));
}

#[test]
fn chunks_are_read() {
    check_chunks(&[&vector("chunk-two-strokes")], HEAD, TWO_STROKES);
    check_chunks(&[&vector("chunk-odd-strokes")], PenHead { force_max: 0, ..HEAD }, ODD_STROKES);
    let largest = PenHead::new(1_000_000, u16::MAX, 1);
    check_chunks(&[&vector("chunk-extremes")], largest, EXTREMES);
}

#[test]
fn bundles_and_captures_are_read() {
    let capture = vector("capture");
    let bundles: Result<Vec<_>, _> =
        Capture::parse(&capture).expect("a capture").bundles().collect();
    assert_eq!(bundles, Ok(vec![vector("bundle").as_slice()]));
    let bytes = vector("bundle");
    let bundle = Bundle::parse(&bytes).expect("a bundle");
    let frames: Vec<_> = bundle.frames().collect();
    assert_eq!((frames.len(), bundle.claimed_frames()), (3, 3));
    assert!(matches!(frames[0].frame, Ok(Frame::Hello(hello)) if hello == cases::hello()));
    check_chunks(&[frames[1].bytes, frames[2].bytes], HEAD, TWO_STROKES);
}

/// Every file is a vector of ours, so that none is forgotten.
#[test]
fn there_is_no_other_vector() {
    let directory = format!("{}/vectors", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(directory).expect("vectors");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
    let mut names: Vec<_> =
        names.filter_map(|name| name.strip_suffix(".hex").map(str::to_owned)).collect();
    names.sort();
    let mut expected: Vec<_> = cases::all().into_iter().map(|(name, _)| name.to_owned()).collect();
    expected.sort();
    assert_eq!(names, expected);
}
