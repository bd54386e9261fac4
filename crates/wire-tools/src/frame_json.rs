//! A frame as a JSON object, and back: the same bytes.

use firmware_protocol::{RawFrame, decode_frame};
use serde::{Deserialize, Serialize};

mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::to_json;
use write::of_hex;
pub use write::{EncodeError, to_bytes};

/// A line: a frame and where it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The bundle's number in its capture, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<usize>,
    /// Bytes from the beginning of the bundle, or of the file where frames stand without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// The frame.
    #[serde(flatten)]
    pub frame: FrameJson,
    /// The frame in hexadecimal, where its fields do not tell all of it: what a later version
    /// appended, percents above 100, unknown bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
}

impl Line {
    /// The line of a frame that was read as `frame`.
    pub fn of(bundle: Option<usize>, raw: &RawFrame<'_>, frame: FrameJson) -> Self {
        let bytes = untold(raw, &frame);
        Self { bundle, offset: Some(raw.offset), frame, bytes }
    }

    /// The bytes of the frame.
    ///
    /// # Errors
    /// Where a field says what a frame cannot hold, or `bytes` say something else.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncodeError> {
        let Some(text) = &self.bytes else { return to_bytes(&self.frame) };
        let bytes = of_hex("bytes", text)?;
        let frame = decode_frame(&bytes).map(|(frame, _)| frame);
        let means = to_json(&RawFrame { offset: 0, bytes: &bytes, frame });
        if means == self.frame { Ok(bytes) } else { Err(EncodeError::Bytes) }
    }
}

/// A frame's bytes in hexadecimal, where the fields that it was read as do not tell all of them.
pub fn untold(raw: &RawFrame<'_>, frame: &FrameJson) -> Option<String> {
    // A chunk's meaning has only one spelling, and an error holds its bytes.
    let whole = match frame {
        FrameJson::Chunk(_) | FrameJson::Error(_) => true,
        _ => to_bytes(frame).is_ok_and(|bytes| bytes == raw.bytes),
    };
    (!whole).then(|| hex(raw.bytes))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A frame by kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub enum FrameJson {
    /// A pen says what it is.
    Hello(HelloJson),
    /// Ink.
    Chunk(ChunkJson),
    /// How a pen is.
    PenState(PenStateJson),
    /// How a gateway is.
    GatewayState(GatewayStateJson),
    /// What became of chunks.
    Receipt(ReceiptJson),
    /// When pens seal.
    Policy(PolicyJson),
    /// A frame that this version, or any, cannot read: its bytes in hexadecimal, and why.
    Error(ErrorJson),
}

/// A frame that cannot be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorJson {
    /// Bytes from the frame's beginning, as far as that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<usize>,
    /// The field that it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong.
    pub error: String,
    /// The bytes.
    pub hex: String,
}

/// Whose a frame is; a boot is `counter-random`, the random part in hexadecimal, like the pen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct KeyJson {
    pen: String,
    boot: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    number: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A pen's hello, with the fields of PROTOCOL.md.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HelloJson {
    #[serde(flatten)]
    key: KeyJson,
    model: String,
    firmware: String,
    version_min: u8,
    version_max: u8,
    sample_rate_hz: u16,
    #[serde(flatten)]
    measures: MeasuresJson,
    clock: ClockJson,
    epoch_unix_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClockJson {
    Unset,
    Kept,
    Set,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct MeasuresJson {
    unit_nm: u32,
    force_max: u16,
    tick_us: u32,
    #[serde(default)]
    tilt: bool,
    #[serde(default)]
    twist: bool,
    #[serde(default)]
    images: bool,
}

/// A chunk of ink, with the fields of PROTOCOL.md.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChunkJson {
    #[serde(flatten)]
    key: KeyJson,
    #[serde(flatten)]
    measures: MeasuresJson,
    anchor_ticks: u64,
    anchor_unix_ms: i64,
    #[serde(default)]
    period: u32,
    #[serde(default)]
    timed: bool,
    fragments: Vec<FragmentJson>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FragmentJson {
    stroke: u32,
    first: bool,
    address: Option<AddressJson>,
    end: EndJson,
    start_ticks: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    images: Option<ImagesJson>,
    /// Ticks, x, y; then force, tilt x, tilt y, twist as far as they are measured.
    samples: Vec<Vec<i64>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImagesJson {
    seen: u16,
    decoded: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressJson {
    section: u8,
    owner: u32,
    book: u32,
    page: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndJson {
    Up,
    PageChange,
    LinkLost,
    PowerLost,
    Inferred,
    Continued,
}

/// A pen's state, with the fields of PROTOCOL.md.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PenStateJson {
    #[serde(flatten)]
    key: KeyJson,
    ticks: u64,
    seen_unix_ms: i64,
    pen_unix_ms: i64,
    battery_percent: u8,
    charging: bool,
    memory_percent: u8,
    backlog: u32,
}

/// A gateway's state, with the fields of PROTOCOL.md.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GatewayStateJson {
    online: bool,
    session: u64,
    unix_ms: i64,
}

/// A receipt, with the fields of PROTOCOL.md.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiptJson {
    #[serde(flatten)]
    key: KeyJson,
    ranges: Vec<RangeJson>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeJson {
    outcome: OutcomeJson,
    /// Outcome and code as they stand there, of a range that says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<[u8; 2]>,
    first: u32,
    last: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeJson {
    Stored,
    Held,
    RefusedUnknownVersion,
    RefusedErased,
    RefusedMalformed,
    Taken,
    /// A range that says nothing: its outcome is not known, or its end is before its beginning. The
    /// other ranges hold.
    Unknown,
}

/// A policy, with the fields of PROTOCOL.md.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyJson {
    ink_ms: u32,
    rest_ms: u32,
    version_min: u8,
    version_max: u8,
}

impl ChunkJson {
    /// How many samples it holds.
    pub fn samples(&self) -> usize {
        self.fragments.iter().map(|fragment| fragment.samples.len()).sum()
    }
}
