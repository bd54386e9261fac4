//! Hello, states and policy.

use core::ops::RangeInclusive;

use crate::cursor::Reader;
use crate::envelope::{CRC_LEN, Kind, encode_frame, header_len, number_offset, peek_envelope};
use crate::{BootId, BufferFull, ChunkKey, FrameError, PenHead, PenId, SealPolicy, crc32c};

/// A pen's model, or its firmware's version: 1 to 16 bytes of printable ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortText {
    bytes: [u8; 16],
    len: u8,
}

impl ShortText {
    /// `None` unless the text is 1 to 16 bytes of printable ASCII.
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        let printable = text.bytes().all(|byte| (0x20..0x7F).contains(&byte));
        if text.is_empty() || !printable {
            return None;
        }
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        // At most 16.
        Some(Self { bytes, len: text.len() as u8 })
    }

    fn read(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, FrameError> {
        let len = reader.u8(field)?;
        let bytes = reader.take(usize::from(len), field)?;
        core::str::from_utf8(bytes)
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| reader.error(field, "it is not 1 to 16 bytes of printable ASCII"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or("")
    }
}

/// A pen introduces one of its starts. It is number 0 of its boot, and receipted like a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Its key; the number is 0.
    pub key: ChunkKey,
    /// The pen's model.
    pub model: ShortText,
    /// The firmware's version, as its maker writes it.
    pub firmware: ShortText,
    /// The lowest and the highest version of the protocol that the pen speaks.
    pub versions: (u8, u8),
    /// Samples a second while the pen is down.
    pub sample_rate_hz: u16,
    /// What the pen measures, and what its counts and ticks are worth; chunks say so, too.
    pub head: PenHead,
    /// Where the pen's own clock comes from.
    pub clock: ClockSource,
    /// Unix milliseconds of the pen's own clock at its tick 0.
    pub epoch_unix_ms: i64,
}

/// Where a pen's own clock comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSource {
    /// It was never set: Unix times of this start mean nothing.
    Unset,
    /// It went on through the time that the pen was off.
    Kept,
    /// A gateway set it at this start.
    Set,
}

/// A pen's clock, battery and backlog, as its gateway heard them. It carries no ink, so it is
/// neither numbered nor receipted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PenState {
    /// The pen.
    pub pen: PenId,
    /// The pen's start.
    pub boot: BootId,
    /// The pen's raw ticks.
    pub ticks: u64,
    /// Unix milliseconds by the gateway's clock when it heard the pen say `ticks`.
    pub seen_unix_ms: i64,
    /// Unix milliseconds that the pen thought it was.
    pub pen_unix_ms: i64,
    /// Battery, 0–100.
    pub battery_percent: u8,
    /// Whether it is being charged.
    pub charging: bool,
    /// Memory in use, 0–100.
    pub memory_percent: u8,
    /// Chunks that the pen still keeps.
    pub backlog: u32,
}

/// A gateway's birth (retained) or will, on `up/state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewayState {
    /// `false` in the will.
    pub online: bool,
    /// Ties a will to its birth.
    pub session: u64,
    /// Unix milliseconds by the gateway's clock at the session's start.
    pub unix_ms: i64,
}

/// When pens seal, and which versions the server reads: the server's word to all pens of a gateway,
/// on `down/policy` and on their links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// When a chunk is sealed; within [`Policy::INK_MS`] and [`Policy::REST_MS`].
    pub seal: SealPolicy,
    /// The lowest and the highest version of chunks that the server reads, 1 to 15.
    pub versions: (u8, u8),
}

/// Positions count from the top left corner of the page face; there is no other origin yet.
const ORIGIN_TOP_LEFT: u8 = 0;
const TILT: u8 = 1;
const TWIST: u8 = 1 << 1;
const IMAGES: u8 = 1 << 2;

impl ClockSource {
    fn of_code(code: u8) -> Option<Self> {
        [Self::Unset, Self::Kept, Self::Set].get(usize::from(code)).copied()
    }
}

impl Hello {
    pub(crate) fn decode(key: ChunkKey, mut reader: Reader<'_>) -> Result<Self, FrameError> {
        if key.number != 0 {
            let offset = number_offset(key);
            return Err(FrameError::Field { offset, field: "number", reason: "a hello is 0" });
        }
        let versions = (reader.u8("version_min")?, reader.u8("version_max")?);
        let sample_rate_hz = reader.u16("sample_rate_hz")?;
        let unit_nm = reader.u32("unit_nm")?;
        let force_max = reader.u16("force_max")?;
        let tick_us = reader.u32("tick_us")?;
        check_scale(&reader, unit_nm, tick_us)?;
        let channels = reader.u8("channels")?;
        let [tilt, twist, images] = [TILT, TWIST, IMAGES].map(|bit| channels & bit != 0);
        let head = PenHead { unit_nm, force_max, tick_us, tilt, twist, images };
        if reader.u8("origin")? != ORIGIN_TOP_LEFT {
            return Err(reader.error("origin", "it is not the top left corner of the page face"));
        }
        let clock = ClockSource::of_code(reader.u8("clock")?)
            .ok_or_else(|| reader.error("clock", "it is not 0 (unset), 1 (kept) or 2 (set)"))?;
        let epoch_unix_ms = reader.i64("epoch_unix_ms")?;
        let model = ShortText::read(&mut reader, "model")?;
        let firmware = ShortText::read(&mut reader, "firmware")?;
        Ok(Self { key, model, firmware, versions, sample_rate_hz, head, clock, epoch_unix_ms })
    }
}

/// 1 mm a count, or 1 s a tick.
pub(crate) const UNIT_MAX: u32 = 1_000_000;

/// What every reader of units may rely on: no zero divisor, no unit beyond 1 mm or 1 s.
pub(crate) fn check_scale(
    reader: &Reader<'_>,
    unit_nm: u32,
    tick_us: u32,
) -> Result<(), FrameError> {
    if unit_nm == 0 || unit_nm > UNIT_MAX {
        return Err(reader.error("unit_nm", "it is not within 1..=1,000,000"));
    }
    if tick_us == 0 || tick_us > UNIT_MAX {
        return Err(reader.error("tick_us", "it is not within 1..=1,000,000"));
    }
    Ok(())
}

impl PenState {
    pub(crate) fn decode(key: ChunkKey, mut reader: Reader<'_>) -> Result<Self, FrameError> {
        Ok(Self {
            pen: key.pen,
            boot: key.boot,
            ticks: reader.u64("ticks")?,
            seen_unix_ms: reader.i64("seen_unix_ms")?,
            pen_unix_ms: reader.i64("pen_unix_ms")?,
            battery_percent: reader.u8("battery_percent")?.min(100),
            charging: reader.u8("charging")? != 0,
            memory_percent: reader.u8("memory_percent")?.min(100),
            backlog: reader.u32("backlog")?,
        })
    }
}

impl GatewayState {
    pub(crate) fn decode(mut reader: Reader<'_>) -> Result<Self, FrameError> {
        let online = match reader.u8("online")? {
            0 => false,
            1 => true,
            _ => return Err(reader.error("online", "it is neither 0 nor 1")),
        };
        Ok(Self { online, session: reader.u64("session")?, unix_ms: reader.i64("unix_ms")? })
    }
}

impl Policy {
    /// What `ink_ms` may be: below, chunks would be many and nearly empty; above, a page would
    /// lag behind its pen, and more ink lie unsealed in it.
    pub const INK_MS: RangeInclusive<u32> = 500..=60_000;

    /// What `rest_ms` may be.
    pub const REST_MS: RangeInclusive<u32> = 100..=60_000;

    /// The highest version that an envelope can say.
    const VERSION_MAX: u8 = 15;

    /// Whether each value is within its range: no reader takes another policy.
    pub fn is_sound(&self) -> bool {
        self.fault().is_none()
    }

    /// The field that is out of its range, and what that is.
    fn fault(&self) -> Option<(&'static str, &'static str)> {
        let (min, max) = self.versions;
        if !Self::INK_MS.contains(&self.seal.ink_ms_max) {
            Some(("ink_ms", "it is not within 500..=60,000"))
        } else if !Self::REST_MS.contains(&self.seal.rest_ms_max) {
            Some(("rest_ms", "it is not within 100..=60,000"))
        } else if min == 0 || min > max || max > Self::VERSION_MAX {
            Some(("version_max", "the versions are not 1 to 15, the lower first"))
        } else {
            None
        }
    }

    pub(crate) fn decode(mut reader: Reader<'_>) -> Result<Self, FrameError> {
        let seal =
            SealPolicy { ink_ms_max: reader.u32("ink_ms")?, rest_ms_max: reader.u32("rest_ms")? };
        let policy =
            Self { seal, versions: (reader.u8("version_min")?, reader.u8("version_max")?) };
        match policy.fault() {
            None => Ok(policy),
            Some((field, reason)) => Err(reader.error(field, reason)),
        }
    }
}

/// Writes a hello; gives its length.
///
/// # Errors
/// When the buffer is too small; 96 bytes are always enough.
pub fn encode_hello(hello: &Hello, buffer: &mut [u8]) -> Result<usize, BufferFull> {
    let key = ChunkKey { number: 0, ..hello.key };
    let PenHead { unit_nm, force_max, tick_us, tilt, twist, images } = hello.head;
    let channel = |bit, measured| if measured { bit } else { 0 };
    encode_frame(Kind::Hello, key, buffer, |writer| {
        writer.put(&[hello.versions.0, hello.versions.1])?;
        writer.put(&hello.sample_rate_hz.to_le_bytes())?;
        writer.put(&unit_nm.to_le_bytes())?;
        writer.put(&force_max.to_le_bytes())?;
        writer.put(&tick_us.to_le_bytes())?;
        writer.put(&[channel(TILT, tilt) | channel(TWIST, twist) | channel(IMAGES, images)])?;
        writer.put(&[ORIGIN_TOP_LEFT, hello.clock as u8])?;
        writer.put(&hello.epoch_unix_ms.to_le_bytes())?;
        for text in [&hello.model, &hello.firmware] {
            writer.put(&[text.len])?;
            writer.put(text.as_str().as_bytes())?;
        }
        Ok(())
    })
}

/// Writes a pen's state; gives its length.
///
/// # Errors
/// When the buffer is too small; 64 bytes are always enough.
pub fn encode_pen_state(state: &PenState, buffer: &mut [u8]) -> Result<usize, BufferFull> {
    let key = ChunkKey { pen: state.pen, boot: state.boot, number: 0 };
    encode_frame(Kind::PenState, key, buffer, |writer| {
        writer.put(&state.ticks.to_le_bytes())?;
        writer.put(&state.seen_unix_ms.to_le_bytes())?;
        writer.put(&state.pen_unix_ms.to_le_bytes())?;
        writer.put(&[state.battery_percent, u8::from(state.charging), state.memory_percent])?;
        writer.put(&state.backlog.to_le_bytes())
    })
}

/// Writes a gateway's clock into a pen's state, as its gateway does when it hears it, and makes the
/// checksum good. Whatever else the frame says stays, what a later version appended included.
///
/// # Errors
/// Where the bytes are no frame. One that ends before its `seen_unix_ms` does is left as it is.
pub fn stamp_pen_state(frame: &mut [u8], seen_unix_ms: i64) -> Result<(), FrameError> {
    let envelope = peek_envelope(frame)?;
    let end = envelope.total_len - CRC_LEN;
    let at = header_len(envelope.key) + SEEN_OFFSET;
    if envelope.kind == Kind::PenState as u8 && at + 8 <= end {
        frame[at..at + 8].copy_from_slice(&seen_unix_ms.to_le_bytes());
        let crc = crc32c(&frame[..end]);
        frame[end..end + CRC_LEN].copy_from_slice(&crc.to_le_bytes());
    }
    Ok(())
}

/// Where `seen_unix_ms` stands in a pen state's payload: behind its ticks.
const SEEN_OFFSET: usize = 8;

/// Writes a gateway's state; gives its length. The envelope names no pen: its key is all zero.
///
/// # Errors
/// When the buffer is too small; 64 bytes are always enough.
pub fn encode_gateway_state(state: &GatewayState, buffer: &mut [u8]) -> Result<usize, BufferFull> {
    encode_frame(Kind::GatewayState, NOBODY, buffer, |writer| {
        writer.put(&[u8::from(state.online)])?;
        writer.put(&state.session.to_le_bytes())?;
        writer.put(&state.unix_ms.to_le_bytes())
    })
}

/// The key of a frame that names no pen.
const NOBODY: ChunkKey =
    ChunkKey { pen: PenId(0), boot: BootId { counter: 0, random: 0 }, number: 0 };

/// Writes a policy as it stands, sound or not; gives its length. The envelope names no pen: its key
/// is all zero.
///
/// # Errors
/// When the buffer is too small; 64 bytes are always enough.
pub fn encode_policy(policy: &Policy, buffer: &mut [u8]) -> Result<usize, BufferFull> {
    encode_frame(Kind::Policy, NOBODY, buffer, |writer| {
        writer.put(&policy.seal.ink_ms_max.to_le_bytes())?;
        writer.put(&policy.seal.rest_ms_max.to_le_bytes())?;
        writer.put(&[policy.versions.0, policy.versions.1])
    })
}
