//! A frame's bytes in hexadecimal with what they mean as comments: a golden vector's form.

use firmware_protocol::{Frame, Part, RawFrame, explain_frame};

use crate::conformance::COUNT_OFFSET;
use crate::frame_file::{Form, FrameFile};
use crate::frame_json::FrameJson;

#[cfg(test)]
mod tests;

const CRC_BYTES: usize = 4;
/// A bundle's length in a capture.
const LENGTH_BYTES: usize = 4;

/// The lines of a frame. What cannot be read is told as far as it can, and then why it ends there.
pub fn frame(raw: &RawFrame<'_>, frame: &FrameJson) -> Vec<String> {
    let mut parts = Vec::new();
    let told = explain_frame(raw.bytes, |part| parts.push(part));
    let in_bytes =
        |part: &Part| !part.backward && part.bit.is_multiple_of(8) && part.bits.is_multiple_of(8);
    let chunk = matches!(raw.frame, Ok(Frame::Chunk(_)));
    let payload = parts.iter().position(|part| chunk && part.field == "tables");
    let (head, payload) = parts.split_at(payload.unwrap_or(parts.len()));
    let mut lines = vec![format!("# frame at byte {}, {} bytes", raw.offset, raw.bytes.len())];
    lines.extend(head.iter().filter(|part| in_bytes(part)).map(|part| byte_line(raw.bytes, part)));
    if let Some(first) = payload.first() {
        let (bytes, crc) = raw.bytes.split_at(raw.bytes.len() - CRC_BYTES);
        lines.extend(dump(&bytes[first.bit / 8..]));
        lines.push("# the payload by field; < is read backward from its end".to_owned());
        // Where reading stops there is no checksum among the parts.
        for part in payload.iter().filter(|part| part.field != "crc32c") {
            let way = if part.backward { '<' } else { ' ' };
            let digits = bit_digits(raw.bytes, part);
            lines.push(format!("# {way} {digits:<40} {}: {}", part.field, part.value));
        }
        lines.push(line(crc, "crc32c"));
    }
    match (told, frame) {
        (Err(error), _) => {
            if parts.is_empty() {
                lines.extend(dump(raw.bytes));
            }
            lines.push(format!("# {error}"));
        }
        (Ok(()), FrameJson::Error(error)) => lines.push(format!("# {}", error.error)),
        _ => {}
    }
    lines
}

/// The lines of what stands before a bundle's frames: headers of the file and of the bundle. None
/// of bare frames.
pub fn before_frames(file: &FrameFile, bundle: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let Some((before, bytes)) = file.around(bundle) else { return lines };
    if file.form() == Form::Capture {
        let (magic, length) = before.split_at(before.len().saturating_sub(LENGTH_BYTES));
        if !magic.is_empty() {
            lines.push(line(magic, "magic \"ZCAP\", version 1, three zeros"));
        }
        lines.push(line(length, "length of the bundle that follows"));
    }
    if file.form() != Form::Bare {
        lines.extend(bundle_header(bytes));
    }
    lines
}

/// The lines of the header that a bundle begins with.
pub fn bundle_header(bundle: &[u8]) -> [String; 2] {
    let (magic, rest) = bundle.split_at(bundle.len().min(COUNT_OFFSET));
    [
        line(magic, "magic \"ZBND\", version 1, a zero"),
        line(&rest[..rest.len().min(2)], "number of frames"),
    ]
}

/// The lines of bytes whose meaning is unknown.
pub fn dump(bytes: &[u8]) -> impl Iterator<Item = String> {
    bytes.chunks(16).map(hex)
}

/// Bytes and what they are.
fn line(bytes: &[u8], what: &str) -> String {
    format!("{:<40} # {what}", hex(bytes))
}

fn byte_line(bytes: &[u8], part: &Part) -> String {
    let slice = &bytes[part.bit / 8..(part.bit + part.bits) / 8];
    let meaning = match part.field {
        "magic" | "crc32c" | "shape" => String::new(),
        "version and kind" => format!(": version {}, kind {}", part.value >> 4, part.value & 15),
        "pen" | "boot random" => format!(": {:x}", part.value),
        // Unsigned, of eight bytes.
        "ticks" | "session" => format!(": {}", part.value.cast_unsigned()),
        "model" | "firmware" => format!(": {}", String::from_utf8_lossy(slice)),
        _ => format!(": {}", part.value),
    };
    line(slice, &format!("{}{meaning}", part.field))
}

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// A part's bits in the order in which they are read.
fn bit_digits(bytes: &[u8], part: &Part) -> String {
    let at = |place: usize| if part.backward { part.bit - place } else { part.bit + place };
    let digit = |at: usize| if bytes[at / 8] >> (7 - at % 8) & 1 == 1 { '1' } else { '0' };
    (0..part.bits).map(|place| digit(at(place))).collect()
}
