//! A frame as a JSON object, and back: the same bytes, but for what a later version appended to a
//! message.

use firmware_protocol::{
    BootId, Chunk, ChunkHead, ChunkKey, ChunkWriter, ClockSource, FragmentHead, FragmentStart,
    Frame, FrameError, GatewayState, Hello, Images, Orientation, Outcome, PageAddress, PenHead,
    PenId, PenState, RawFrame, RawSample, ReceiptRange, ReceiptWriter, RefusalCode, ShortText,
    StrokeEnd, encode_gateway_state, encode_hello, encode_pen_state,
};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// A line: a frame and where it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// The bundle's number in its capture, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bundle: Option<usize>,
    /// Bytes from the bundle's beginning.
    #[serde(default)]
    pub(crate) offset: usize,
    #[serde(flatten)]
    pub(crate) frame: FrameJson,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub(crate) enum FrameJson {
    Hello(HelloJson),
    Chunk(ChunkJson),
    PenState(PenStateJson),
    GatewayState(GatewayStateJson),
    Receipt(ReceiptJson),
    /// What this version does not read, or nobody: its bytes in hexadecimal, and why.
    Error(ErrorJson),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ErrorJson {
    /// Bytes from the frame's beginning, as far as that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    pub(crate) error: String,
    pub(crate) hex: String,
}

/// Whose a frame is; a boot is `counter-random`, the random part in hexadecimal, like the pen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeyJson {
    pub(crate) pen: String,
    pub(crate) boot: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) number: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HelloJson {
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChunkJson {
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PenStateJson {
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GatewayStateJson {
    online: bool,
    session: u64,
    unix_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReceiptJson {
    #[serde(flatten)]
    key: KeyJson,
    ranges: Vec<RangeJson>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeJson {
    outcome: OutcomeJson,
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
}

/// What cannot be written, completing "line 3: …".
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    #[error("{field}: {text:?} is not {expected}")]
    Text { field: &'static str, text: String, expected: &'static str },
    #[error("{field}: {value} is not within {range}")]
    Range { field: &'static str, value: i64, range: &'static str },
    #[error(
        "fragment {fragment}, sample {sample}: it has {found} numbers; this chunk has {expected}"
    )]
    Sample { fragment: usize, sample: usize, found: usize, expected: usize },
    #[error("fragment {fragment}: start_ticks is {start_ticks}, {expected} is expected")]
    Start { fragment: usize, start_ticks: u32, expected: i64 },
    #[error(
        "fragment {fragment}: the chunk is full at sample {sample}; a frame is at most 1,024 bytes"
    )]
    Full { fragment: usize, sample: usize },
    #[error("the frame is too long: a frame is at most 1,024 bytes")]
    Long,
}

/// The object of a frame. `with_key` order is the wire's.
pub(crate) fn to_json(raw: &RawFrame<'_>) -> FrameJson {
    let read = raw.frame.as_ref().map_err(|error| *error).and_then(describe);
    read.unwrap_or_else(|error| {
        let (at, field) = match error {
            FrameError::Field { offset, field, .. } => (Some(offset), Some(field)),
            FrameError::Truncated { have, .. } => (Some(have), Some("length")),
            FrameError::BadMagic => (Some(0), Some("magic")),
            FrameError::Length { .. } => (Some(2), Some("shape")),
            FrameError::Crc { total_len } => (Some(total_len - 4), Some("crc")),
            FrameError::UnknownVersion { .. } => (Some(1), Some("version")),
            FrameError::UnknownKind { .. } => (Some(1), Some("kind")),
            FrameError::UnknownTables { .. } => (None, Some("table set")),
        };
        let hex = raw.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let field = field.map(str::to_owned);
        FrameJson::Error(ErrorJson { at, field, error: error.to_string(), hex })
    })
}

fn describe(frame: &Frame<'_>) -> Result<FrameJson, FrameError> {
    Ok(match frame {
        Frame::Hello(hello) => FrameJson::Hello(HelloJson {
            key: key_json(hello.key),
            model: hello.model.as_str().to_owned(),
            firmware: hello.firmware.as_str().to_owned(),
            version_min: hello.versions.0,
            version_max: hello.versions.1,
            sample_rate_hz: hello.sample_rate_hz,
            measures: measures_json(hello.head),
            clock: match hello.clock {
                ClockSource::Unset => ClockJson::Unset,
                ClockSource::Kept => ClockJson::Kept,
                ClockSource::Set => ClockJson::Set,
            },
            epoch_unix_ms: hello.epoch_unix_ms,
        }),
        Frame::Chunk(chunk) => FrameJson::Chunk(chunk_json(chunk)?),
        Frame::PenState(state) => FrameJson::PenState(PenStateJson {
            key: key_json(ChunkKey { pen: state.pen, boot: state.boot, number: 0 }),
            ticks: state.ticks,
            seen_unix_ms: state.seen_unix_ms,
            pen_unix_ms: state.pen_unix_ms,
            battery_percent: state.battery_percent,
            charging: state.charging,
            memory_percent: state.memory_percent,
            backlog: state.backlog,
        }),
        Frame::GatewayState(state) => FrameJson::GatewayState(GatewayStateJson {
            online: state.online,
            session: state.session,
            unix_ms: state.unix_ms,
        }),
        Frame::Receipt(receipt) => {
            let ranges: Result<Vec<_>, _> = receipt.ranges().collect();
            let ranges = ranges?.into_iter().map(|range| RangeJson {
                outcome: outcome_json(range.outcome),
                first: range.first,
                last: range.last,
            });
            let key = ChunkKey { pen: receipt.pen, boot: receipt.boot, number: 0 };
            FrameJson::Receipt(ReceiptJson { key: key_json(key), ranges: ranges.collect() })
        }
        _ => return Err(FrameError::BadMagic),
    })
}

fn key_json(key: ChunkKey) -> KeyJson {
    KeyJson {
        pen: format!("{:012x}", key.pen.0),
        boot: format!("{}-{:08x}", key.boot.counter, key.boot.random),
        number: key.number,
    }
}

fn measures_json(head: PenHead) -> MeasuresJson {
    let PenHead { unit_nm, force_max, tick_us, tilt, twist, images } = head;
    MeasuresJson { unit_nm, force_max, tick_us, tilt, twist, images }
}

fn chunk_json(chunk: &Chunk<'_>) -> Result<ChunkJson, FrameError> {
    let ChunkHead { unit_nm, force_max, tick_us, tilt, twist, images, .. } = chunk.head;
    let (mut read, mut fragments) = (chunk.fragments(), Vec::new());
    while let Some(head) = read.next()? {
        let mut samples = Vec::with_capacity(usize::from(head.count));
        read.samples(|sample| samples.push(numbers(&sample, &chunk.head)))?;
        let FragmentHead { stroke, first, address, end, start_ticks, images, .. } = head;
        fragments.push(FragmentJson {
            stroke,
            first,
            address: address.map(|PageAddress { section, owner, book, page }| AddressJson {
                section,
                owner,
                book,
                page,
            }),
            end: end_json(end),
            start_ticks,
            images: images.map(|Images { seen, decoded }| ImagesJson { seen, decoded }),
            samples,
        });
    }
    Ok(ChunkJson {
        key: key_json(chunk.key),
        measures: MeasuresJson { unit_nm, force_max, tick_us, tilt, twist, images },
        anchor_ticks: chunk.head.anchor_ticks,
        anchor_unix_ms: chunk.head.anchor_unix_ms,
        period: chunk.head.period,
        timed: chunk.head.timed,
        fragments,
    })
}

/// A sample's numbers, as far as the chunk has channels for them.
fn numbers(sample: &RawSample, head: &ChunkHead) -> Vec<i64> {
    let mut numbers = vec![sample.ticks.into(), sample.x.into(), sample.y.into()];
    if head.force_max > 0 {
        numbers.push(sample.force.into());
    }
    if head.tilt {
        numbers.extend([sample.orientation.tilt_x, sample.orientation.tilt_y].map(i64::from));
    }
    if head.twist {
        numbers.push(sample.orientation.twist.into());
    }
    numbers
}

fn end_json(end: StrokeEnd) -> EndJson {
    match end {
        StrokeEnd::Up => EndJson::Up,
        StrokeEnd::PageChange => EndJson::PageChange,
        StrokeEnd::LinkLost => EndJson::LinkLost,
        StrokeEnd::PowerLost => EndJson::PowerLost,
        StrokeEnd::Inferred => EndJson::Inferred,
        StrokeEnd::Continued => EndJson::Continued,
    }
}

fn outcome_json(outcome: Outcome) -> OutcomeJson {
    match outcome {
        Outcome::Stored => OutcomeJson::Stored,
        Outcome::Held => OutcomeJson::Held,
        Outcome::Taken => OutcomeJson::Taken,
        Outcome::Refused(RefusalCode::UnknownVersion) => OutcomeJson::RefusedUnknownVersion,
        Outcome::Refused(RefusalCode::Erased) => OutcomeJson::RefusedErased,
        Outcome::Refused(RefusalCode::Malformed) => OutcomeJson::RefusedMalformed,
    }
}

/// The bytes of a frame.
pub(crate) fn to_bytes(frame: &FrameJson) -> Result<Vec<u8>, EncodeError> {
    let mut buffer = [0; firmware_protocol::CHUNK_BYTES_MAX];
    let len = match frame {
        FrameJson::Hello(hello) => encode_hello(&hello.parse()?, &mut buffer),
        FrameJson::Chunk(chunk) => return chunk.write(),
        FrameJson::PenState(state) => encode_pen_state(&state.parse()?, &mut buffer),
        FrameJson::GatewayState(GatewayStateJson { online, session, unix_ms }) => {
            let state = GatewayState { online: *online, session: *session, unix_ms: *unix_ms };
            encode_gateway_state(&state, &mut buffer)
        }
        FrameJson::Receipt(receipt) => return receipt.write(&mut buffer),
        FrameJson::Error(error) => return error.bytes(),
    };
    Ok(buffer[..len.map_err(|_| EncodeError::Long)?].to_vec())
}

impl ErrorJson {
    fn bytes(&self) -> Result<Vec<u8>, EncodeError> {
        let wrong = || EncodeError::Text {
            field: "hex",
            text: self.hex.chars().take(40).collect(),
            expected: "pairs of hexadecimal digits",
        };
        if !self.hex.len().is_multiple_of(2) || !self.hex.is_ascii() {
            return Err(wrong());
        }
        let byte = |at: usize| u8::from_str_radix(&self.hex[at..at + 2], 16).map_err(|_| wrong());
        (0..self.hex.len()).step_by(2).map(byte).collect()
    }
}

impl KeyJson {
    fn parse(&self) -> Result<ChunkKey, EncodeError> {
        let text = |field, text: &String, expected| EncodeError::Text {
            field,
            text: text.clone(),
            expected,
        };
        let pen = u64::from_str_radix(&self.pen, 16)
            .map_err(|_| text("pen", &self.pen, "1 to 16 hexadecimal digits"))?;
        let boot = self.boot.split_once('-').and_then(|(counter, random)| {
            let counter = counter.parse().ok()?;
            Some(BootId { counter, random: u32::from_str_radix(random, 16).ok()? })
        });
        let expected = "counter-random, for example 5-a1b2c3d4";
        let boot = boot.ok_or_else(|| text("boot", &self.boot, expected))?;
        Ok(ChunkKey { pen: PenId(pen), boot, number: self.number })
    }
}

impl MeasuresJson {
    fn parse(&self) -> Result<PenHead, EncodeError> {
        let &Self { unit_nm, force_max, tick_us, tilt, twist, images } = self;
        within("unit_nm", unit_nm.into(), 1..=1_000_000, "1 to 1,000,000")?;
        within("tick_us", tick_us.into(), 1..=1_000_000, "1 to 1,000,000")?;
        Ok(PenHead { unit_nm, force_max, tick_us, tilt, twist, images })
    }
}

fn within(
    field: &'static str,
    value: i64,
    legal: std::ops::RangeInclusive<i64>,
    range: &'static str,
) -> Result<i64, EncodeError> {
    if legal.contains(&value) { Ok(value) } else { Err(EncodeError::Range { field, value, range }) }
}

impl HelloJson {
    fn parse(&self) -> Result<Hello, EncodeError> {
        let text = |field, text: &String| {
            let expected = "1 to 16 characters of printable ASCII";
            ShortText::new(text).ok_or_else(|| EncodeError::Text {
                field,
                text: text.clone(),
                expected,
            })
        };
        Ok(Hello {
            key: self.key.parse()?,
            model: text("model", &self.model)?,
            firmware: text("firmware", &self.firmware)?,
            versions: (self.version_min, self.version_max),
            sample_rate_hz: self.sample_rate_hz,
            head: self.measures.parse()?,
            clock: match self.clock {
                ClockJson::Unset => ClockSource::Unset,
                ClockJson::Kept => ClockSource::Kept,
                ClockJson::Set => ClockSource::Set,
            },
            epoch_unix_ms: self.epoch_unix_ms,
        })
    }
}

impl PenStateJson {
    fn parse(&self) -> Result<PenState, EncodeError> {
        let ChunkKey { pen, boot, .. } = self.key.parse()?;
        within("battery_percent", self.battery_percent.into(), 0..=100, "0 to 100")?;
        within("memory_percent", self.memory_percent.into(), 0..=100, "0 to 100")?;
        Ok(PenState {
            pen,
            boot,
            ticks: self.ticks,
            seen_unix_ms: self.seen_unix_ms,
            pen_unix_ms: self.pen_unix_ms,
            battery_percent: self.battery_percent,
            charging: self.charging,
            memory_percent: self.memory_percent,
            backlog: self.backlog,
        })
    }
}

impl ReceiptJson {
    fn write(&self, buffer: &mut [u8]) -> Result<Vec<u8>, EncodeError> {
        let ChunkKey { pen, boot, .. } = self.key.parse()?;
        let mut writer = ReceiptWriter::new(pen, boot, buffer);
        for &RangeJson { outcome, first, last } in &self.ranges {
            within("last", last.into(), first.into()..=u32::MAX.into(), "first and above")?;
            let outcome = match outcome {
                OutcomeJson::Stored => Outcome::Stored,
                OutcomeJson::Held => Outcome::Held,
                OutcomeJson::Taken => Outcome::Taken,
                OutcomeJson::RefusedUnknownVersion => Outcome::Refused(RefusalCode::UnknownVersion),
                OutcomeJson::RefusedErased => Outcome::Refused(RefusalCode::Erased),
                OutcomeJson::RefusedMalformed => Outcome::Refused(RefusalCode::Malformed),
            };
            let range = ReceiptRange { outcome, first, last };
            writer.push(range).map_err(|_| EncodeError::Long)?;
        }
        let expected = "at least one range";
        let empty = || EncodeError::Text { field: "ranges", text: "[]".into(), expected };
        writer.finish().map(<[u8]>::to_vec).ok_or_else(empty)
    }
}

/// Anchors end here.
const ANCHOR_TICKS_MAX: u64 = u64::MAX / 2;
const ANCHOR_UNIX_MS_MAX: i64 = 1 << 61;

impl ChunkJson {
    /// How many samples it holds.
    pub(crate) fn samples(&self) -> usize {
        self.fragments.iter().map(|fragment| fragment.samples.len()).sum()
    }

    fn write(&self) -> Result<Vec<u8>, EncodeError> {
        let key = self.key.parse()?;
        within("number", key.number.into(), 1..=u32::MAX.into(), "1 and above")?;
        let unix_ms = within(
            "anchor_unix_ms",
            self.anchor_unix_ms,
            -ANCHOR_UNIX_MS_MAX..=ANCHOR_UNIX_MS_MAX,
            "±2^61",
        )?;
        let ticks = i64::try_from(self.anchor_ticks.min(ANCHOR_TICKS_MAX + 1)).unwrap_or(-1);
        within("anchor_ticks", ticks, 0..=i64::MAX, "0 to 2^63 - 1")?;
        within("period", self.period.into(), 0..=65_535 * 16, "0 to 1,048,560")?;
        let head = self.measures.parse()?.anchored(self.anchor_ticks, unix_ms);
        let head = ChunkHead { period: self.period, timed: self.timed, ..head };
        let mut writer = ChunkWriter::new(key, head);
        for (index, fragment) in self.fragments.iter().enumerate() {
            fragment.write(index, &head, &mut writer)?;
        }
        Ok(writer.finish().to_vec())
    }
}

impl FragmentJson {
    fn write(
        &self,
        index: usize,
        head: &ChunkHead,
        writer: &mut ChunkWriter,
    ) -> Result<(), EncodeError> {
        let fragment = index;
        let samples: Result<Vec<RawSample>, _> = (0..)
            .zip(&self.samples)
            .map(|(sample, numbers)| parse_sample(fragment, sample, numbers, head))
            .collect();
        let samples = samples?;
        let start_ticks = self.start_ticks;
        let expected = if index == 0 { Some(0) } else { samples.first().map(|s| s.ticks) };
        for expected in expected.into_iter().chain(samples.first().map(|s| s.ticks)) {
            if expected != start_ticks {
                let expected = expected.into();
                return Err(EncodeError::Start { fragment, start_ticks, expected });
            }
        }
        let address = self.address.map(|AddressJson { section, owner, book, page }| {
            within("owner", owner.into(), 0..=0xff_ffff, "24 bits")?;
            Ok(PageAddress { section, owner, book, page })
        });
        let (stroke, first, address) = (self.stroke, self.first, address.transpose()?);
        let start = FragmentStart { stroke, first, address, ticks: start_ticks };
        let full = |sample| move |_| EncodeError::Full { fragment, sample };
        writer.begin(start, samples.first().copied()).map_err(full(0))?;
        for (position, sample) in samples.iter().enumerate().skip(1) {
            writer.sample(*sample).map_err(full(position))?;
        }
        let end = match self.end {
            EndJson::Up => StrokeEnd::Up,
            EndJson::PageChange => StrokeEnd::PageChange,
            EndJson::LinkLost => StrokeEnd::LinkLost,
            EndJson::PowerLost => StrokeEnd::PowerLost,
            EndJson::Inferred => StrokeEnd::Inferred,
            EndJson::Continued => StrokeEnd::Continued,
        };
        writer.end(end, self.images.map(|ImagesJson { seen, decoded }| Images { seen, decoded }));
        Ok(())
    }
}

fn parse_sample(
    fragment: usize,
    sample: usize,
    numbers: &[i64],
    head: &ChunkHead,
) -> Result<RawSample, EncodeError> {
    let found = numbers.len();
    let expected =
        3 + usize::from(head.force_max > 0) + 2 * usize::from(head.tilt) + usize::from(head.twist);
    if found != expected {
        return Err(EncodeError::Sample { fragment, sample, found, expected });
    }
    let mut rest = numbers[3..].iter().copied();
    let mut next = |there: bool| if there { rest.next().unwrap_or(0) } else { 0 };
    let (force, tilt_x, tilt_y) = (next(head.force_max > 0), next(head.tilt), next(head.tilt));
    let twist = next(head.twist);
    let all_32 = i32::MIN.into()..=i32::MAX.into();
    Ok(RawSample {
        ticks: within("ticks", numbers[0], 0..=u32::MAX.into(), "32 bits")? as u32,
        x: within("x", numbers[1], all_32.clone(), "32 bits")? as i32,
        y: within("y", numbers[2], all_32, "32 bits")? as i32,
        force: within("force", force, 0..=u16::MAX.into(), "16 bits")? as u16,
        orientation: Orientation {
            tilt_x: within("tilt x", tilt_x, 0..=255, "8 bits")? as u8,
            tilt_y: within("tilt y", tilt_y, 0..=255, "8 bits")? as u8,
            twist: within("twist", twist, 0..=u16::MAX.into(), "16 bits")? as u16,
        },
    })
}
