use firmware_protocol::{BootId, PenHead, PenId, Reading, SealPolicy, Sealer, decode_frame};

use super::*;

const PEN: PenId = PenId(7);
const BOOT: BootId = BootId { counter: 1, random: 2 };

/// Chunks of strokes of ten samples, each stroke's end sealed; the third stroke is cut in two.
pub(crate) fn chunks(x: i32) -> Vec<Vec<u8>> {
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
