//! An object as a frame's bytes.

use firmware_protocol::{
    BootId, ChunkHead, ChunkKey, ChunkWriter, ClockSource, FragmentStart, GatewayState, Hello,
    Images, Orientation, Outcome, PageAddress, PenHead, PenId, PenState, Policy, RawSample,
    ReceiptRange, ReceiptWriter, RefusalCode, SealPolicy, ShortText, StrokeEnd,
    encode_gateway_state, encode_hello, encode_pen_state, encode_policy,
};

use super::*;

/// What cannot be written, completing "line 3: …".
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// Text that is not of its field's form.
    #[error("{field}: {text:?} is not {expected}")]
    Text {
        /// The field.
        field: &'static str,
        /// What it says.
        text: String,
        /// What it may say.
        expected: &'static str,
    },
    /// A number out of its field's range.
    #[error("{field}: {value} is not within {range}")]
    Range {
        /// The field.
        field: &'static str,
        /// Its value.
        value: i64,
        /// What it may be.
        range: &'static str,
    },
    /// A sample with another count of numbers than the chunk has channels.
    #[error(
        "fragment {fragment}, sample {sample}: it has {found} numbers; this chunk has {expected}"
    )]
    Sample {
        /// The fragment, from 0.
        fragment: usize,
        /// The sample, from 0.
        sample: usize,
        /// How many numbers it has.
        found: usize,
        /// How many it is to have.
        expected: usize,
    },
    /// A fragment that does not start where its first sample is.
    #[error("fragment {fragment}: start_ticks is {start_ticks}, {expected} is expected")]
    Start {
        /// The fragment, from 0.
        fragment: usize,
        /// Where it says that it starts.
        start_ticks: u32,
        /// Where it does.
        expected: i64,
    },
    /// More samples than a chunk holds.
    #[error(
        "fragment {fragment}: the chunk is full at sample {sample}; a frame is at most 1,024 bytes"
    )]
    Full {
        /// The fragment, from 0.
        fragment: usize,
        /// The sample, from 0.
        sample: usize,
    },
    /// No fragment.
    #[error("fragments: a chunk holds at least one")]
    Empty,
    /// More bytes than a frame holds.
    #[error("the frame is too long: a frame is at most 1,024 bytes")]
    Long,
    /// Bytes and fields that say two things.
    #[error("bytes: they mean something else than the other fields say; leave one of them out")]
    Bytes,
}

/// The bytes of hexadecimal digits.
pub(super) fn of_hex(field: &'static str, text: &str) -> Result<Vec<u8>, EncodeError> {
    let wrong = || EncodeError::Text {
        field,
        text: text.chars().take(40).collect(),
        expected: "pairs of hexadecimal digits",
    };
    if !text.len().is_multiple_of(2) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong());
    (0..text.len()).step_by(2).map(byte).collect()
}

/// The bytes of a frame.
///
/// # Errors
/// Where a field says what a frame cannot hold.
pub fn to_bytes(frame: &FrameJson) -> Result<Vec<u8>, EncodeError> {
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
        FrameJson::Policy(policy) => encode_policy(&policy.parse()?, &mut buffer),
        FrameJson::Error(error) => return of_hex("hex", &error.hex),
    };
    Ok(buffer[..len.map_err(|_| EncodeError::Long)?].to_vec())
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
        for &RangeJson { outcome, code, first, last } in &self.ranges {
            if outcome != OutcomeJson::Unknown {
                within("last", last.into(), first.into()..=u32::MAX.into(), "first and above")?;
            }
            let outcome = match outcome {
                OutcomeJson::Unknown => {
                    let expected = "with code: outcome and code as two numbers";
                    let text =
                        || EncodeError::Text { field: "outcome", text: "unknown".into(), expected };
                    let code = code.ok_or_else(text)?;
                    writer.push_raw(code, first, last).map_err(|_| EncodeError::Long)?;
                    continue;
                }
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

impl PolicyJson {
    fn parse(&self) -> Result<Policy, EncodeError> {
        let &Self { ink_ms, rest_ms, version_min, version_max } = self;
        within("ink_ms", ink_ms.into(), 500..=60_000, "500 to 60,000")?;
        within("rest_ms", rest_ms.into(), 100..=60_000, "100 to 60,000")?;
        within("version_min", version_min.into(), 1..=15, "1 to 15")?;
        let legal = version_min.into()..=15;
        within("version_max", version_max.into(), legal, "version_min to 15")?;
        let seal = SealPolicy { ink_ms_max: ink_ms, rest_ms_max: rest_ms };
        Ok(Policy { seal, versions: (version_min, version_max) })
    }
}

/// Anchors end here.
const ANCHOR_TICKS_MAX: u64 = u64::MAX / 2;
const ANCHOR_UNIX_MS_MAX: i64 = 1 << 61;

impl ChunkJson {
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
        if self.fragments.is_empty() {
            return Err(EncodeError::Empty);
        }
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
