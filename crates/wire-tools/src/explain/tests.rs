use firmware_protocol::{
    BootId, PenHead, PenId, Reading, SealPolicy, Sealer, StrokeEnd, crc32c, decode_frame,
};

use super::*;
use crate::frame_json::to_json;

/// A chunk of one stroke.
fn chunk() -> Vec<u8> {
    let boot = BootId { counter: 1, random: 2 };
    let mut sealer =
        Sealer::new(PenId(7), boot, PenHead::new(23_710, 0, 1_000), SealPolicy::STANDARD);
    let mut chunk = Vec::new();
    for step in 0..20 {
        let reading = Reading::new(10 * step, 0, 7 * step as i32, -3, 0);
        sealer.sample(reading, &mut |bytes| chunk = bytes.to_vec());
    }
    sealer.pen_up(StrokeEnd::Up, &mut |bytes| chunk = bytes.to_vec());
    sealer.flush(&mut |bytes| chunk = bytes.to_vec());
    chunk
}

fn explained(bytes: &[u8]) -> Vec<String> {
    let raw = RawFrame { offset: 8, bytes, frame: decode_frame(bytes).map(|(frame, _)| frame) };
    frame(&raw, &to_json(&raw))
}

#[test]
fn every_byte_of_a_frame_is_there() {
    let bytes = chunk();
    let mut shown = Vec::new();
    for line in explained(&bytes) {
        let digits = line.split('#').next().unwrap_or("").split_whitespace();
        shown.extend(digits.map(|byte| u8::from_str_radix(byte, 16).unwrap()));
    }
    assert_eq!(shown, bytes);
}

/// A maker's mistake has a good checksum: what was read is told, then where and why it ends.
#[test]
fn a_chunk_that_breaks_off_is_told_up_to_there() {
    let sound = chunk();
    let end = sound.len() - CRC_BYTES;
    let mut stopped_within = 0;
    for bit in 8 * 16..8 * end {
        let mut bytes = sound.clone();
        bytes[bit / 8] ^= 0x80 >> (bit % 8);
        let crc = crc32c(&bytes[..end]);
        bytes[end..].copy_from_slice(&crc.to_le_bytes());
        let lines = explained(&bytes);
        let raw =
            RawFrame { offset: 8, bytes: &bytes, frame: decode_frame(&bytes).map(|(f, _)| f) };
        let FrameJson::Error(error) = to_json(&raw) else { continue };
        assert_eq!(lines.last(), Some(&format!("# {}", error.error)), "bit {bit}");
        if raw.frame.is_ok() {
            stopped_within += 1;
            let checksums = lines.iter().filter(|line| line.ends_with("# crc32c")).count();
            assert_eq!(checksums, 1, "bit {bit}: {lines:#?}");
            assert!(lines.iter().any(|line| line.ends_with(" tables: 1")), "bit {bit}");
        }
    }
    assert!(stopped_within > 10, "{stopped_within}");
}
