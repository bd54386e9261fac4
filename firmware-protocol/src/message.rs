//! Hello and states.

use crate::cursor::Reader;
use crate::envelope::{Kind, encode_frame};
use crate::{BootId, BufferFull, ChunkKey, FrameError, PenId};

/// A pen's model: up to 16 bytes of printable ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelName {
    bytes: [u8; 16],
    len: u8,
}

impl ModelName {
    /// `None` unless the name is 1 to 16 bytes of printable ASCII.
    pub fn new(name: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        let printable = name.bytes().all(|byte| (0x20..0x7F).contains(&byte));
        if name.is_empty() || !printable {
            return None;
        }
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        // At most 16.
        Some(Self { bytes, len: name.len() as u8 })
    }

    /// The name.
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
    pub model: ModelName,
    /// Samples a second while the pen is down.
    pub sample_rate_hz: u16,
    /// The force that is full scale, in the pen's counts; 0 where it measures none.
    pub force_max: u16,
    /// Nanometres a position count.
    pub unit_nm: u32,
    /// Microseconds a tick of the pen's clock.
    pub tick_us: u32,
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

impl Hello {
    pub(crate) fn decode(key: ChunkKey, mut reader: Reader<'_>) -> Result<Self, FrameError> {
        if key.number != 0 {
            return Err(FrameError::Field { offset: 22, field: "number", reason: "a hello is 0" });
        }
        let sample_rate_hz = reader.u16("sample_rate_hz")?;
        let force_max = reader.u16("force_max")?;
        let unit_nm = reader.u32("unit_nm")?;
        let tick_us = reader.u32("tick_us")?;
        let len = reader.u8("model")?;
        let bytes = reader.take(usize::from(len), "model")?;
        let model = core::str::from_utf8(bytes)
            .ok()
            .and_then(ModelName::new)
            .ok_or_else(|| reader.error("model", "it is not 1 to 16 bytes of printable ASCII"))?;
        check_scale(&reader, unit_nm, tick_us)?;
        Ok(Self { key, model, sample_rate_hz, force_max, unit_nm, tick_us })
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

/// Writes a hello; gives its length.
///
/// # Errors
/// When the buffer is too small; 64 bytes are always enough.
pub fn encode_hello(hello: &Hello, buffer: &mut [u8]) -> Result<usize, BufferFull> {
    let key = ChunkKey { number: 0, ..hello.key };
    encode_frame(Kind::Hello, key, buffer, |writer| {
        writer.put(&hello.sample_rate_hz.to_le_bytes())?;
        writer.put(&hello.force_max.to_le_bytes())?;
        writer.put(&hello.unit_nm.to_le_bytes())?;
        writer.put(&hello.tick_us.to_le_bytes())?;
        writer.put(&[hello.model.len])?;
        writer.put(hello.model.as_str().as_bytes())
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
        writer.put(&[state.battery_percent])?;
        writer.put(&state.backlog.to_le_bytes())
    })
}

/// Writes a gateway's state; gives its length. The envelope names no pen: its key is all zero.
///
/// # Errors
/// When the buffer is too small; 64 bytes are always enough.
pub fn encode_gateway_state(state: &GatewayState, buffer: &mut [u8]) -> Result<usize, BufferFull> {
    let nobody = ChunkKey { pen: PenId(0), boot: BootId { counter: 0, random: 0 }, number: 0 };
    encode_frame(Kind::GatewayState, nobody, buffer, |writer| {
        writer.put(&[u8::from(state.online)])?;
        writer.put(&state.session.to_le_bytes())?;
        writer.put(&state.unix_ms.to_le_bytes())
    })
}
