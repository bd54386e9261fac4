//! Rules of single messages: values that readers take, cut or pass over, and that no encoder of this
//! version writes.

use std::collections::BTreeMap;

use firmware_protocol::{
    ClockSource, Frame, Hello, Receipt, VERSION, explain_frame, peek_envelope,
};

/// Bits of a hello's channels that mean something.
const CHANNELS: i64 = 0b111;

/// Tells the rules that a sound frame breaks, and how.
pub(super) fn breaches(
    frame: &Frame<'_>,
    bytes: &[u8],
    mut found: impl FnMut(&'static str, String),
) {
    let Ok(envelope) = peek_envelope(bytes) else { return };
    let numbered = matches!(frame, Frame::Hello(_) | Frame::Chunk(_));
    if !numbered && envelope.key.number != 0 {
        let what =
            format!("a state, receipt or policy has the number {}, not 0", envelope.key.number);
        found("message-number", what);
    }
    match frame {
        Frame::Hello(hello) => hello_breaches(hello, bytes, &mut found),
        Frame::PenState(_) => {
            let fields = fields(bytes);
            for (field, max) in [("battery_percent", 100), ("memory_percent", 100), ("charging", 1)]
            {
                let value = fields.get(field).copied().unwrap_or(0);
                if value > max {
                    found("message-values", format!("{field} is {value}, above {max}"));
                }
            }
        }
        Frame::GatewayState(_) | Frame::Policy(_) => {
            let boot = envelope.key.boot;
            if (envelope.key.pen.0, boot.counter, boot.random) != (0, 0, 0) {
                let what = "a gateway's state or a policy names a pen or a boot".to_owned();
                found("message-number", what);
            }
        }
        Frame::Receipt(receipt) => receipt_breaches(receipt, &mut found),
        _ => {}
    }
}

fn hello_breaches(hello: &Hello, bytes: &[u8], found: &mut impl FnMut(&'static str, String)) {
    let (min, max) = hello.versions;
    if !(min..=max).contains(&VERSION) || min == 0 || max > 15 {
        let what =
            format!("versions {min} to {max}: they are 1 to 15, with this frame's among them");
        found("hello-versions", what);
    }
    let channels = fields(bytes).get("channels").copied().unwrap_or(0);
    if channels & !CHANNELS != 0 {
        found("message-values", format!("channels is {channels:#04x}: bits 3 to 7 mean nothing"));
    }
    if hello.clock == ClockSource::Unset && hello.epoch_unix_ms != 0 {
        found("message-values", "epoch_unix_ms is not 0, and the clock was never set".to_owned());
    }
}

fn receipt_breaches(receipt: &Receipt<'_>, found: &mut impl FnMut(&'static str, String)) {
    let mut said: Vec<(u32, u32)> = Vec::new();
    for (range, (code, first, last)) in receipt.ranges().zip(receipt.raw_ranges()) {
        if range.is_err() {
            let [outcome, code] = code;
            let what = format!("{first} to {last} with outcome {outcome}, code {code}: no meaning");
            found("receipt-ranges", what);
        } else if said.iter().any(|&(from, to)| first <= to && from <= last) {
            found("receipt-ranges", format!("{first} to {last}: some of it was named before"));
        } else {
            said.push((first, last));
        }
    }
}

/// The fields of a frame as they stand there.
fn fields(bytes: &[u8]) -> BTreeMap<&'static str, i64> {
    let mut fields = BTreeMap::new();
    // A frame that was read can be explained.
    let _whole = explain_frame(bytes, |part| {
        fields.insert(part.field, part.value);
    });
    fields
}
