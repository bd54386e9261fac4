//! The envelope: the same in all versions.
//!
//! | bytes | field |
//! |---|---|
//! | 0–1 | magic `5A 42` ("ZB") |
//! | 2 | version |
//! | 3 | kind |
//! | 4–5 | payload length n, little endian, ≤ 994 |
//! | 6–13 | pen |
//! | 14–17 | boot: counter |
//! | 18–21 | boot: random |
//! | 22–25 | number |
//! | 26… | payload, n bytes |
//! | 26+n… | CRC-32C of all bytes before it, little endian |

use crate::cursor::{Reader, Writer};
use crate::{
    BootId, BufferFull, CHUNK_BYTES_MAX, Chunk, ChunkKey, FrameError, GatewayState, Hello, PenId,
    PenState, Receipt, VERSION,
};

pub(crate) const MAGIC: [u8; 2] = *b"ZB";
pub(crate) const HEADER_LEN: usize = 26;
pub(crate) const CRC_LEN: usize = 4;
pub(crate) const PAYLOAD_LEN_MAX: usize = CHUNK_BYTES_MAX - HEADER_LEN - CRC_LEN;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A pen introduces one of its starts.
    Hello = 1,
    /// A sealed run of strokes.
    Chunk = 2,
    /// A pen's clock, battery and backlog, as its gateway heard them.
    PenState = 3,
    /// A gateway's birth or will.
    GatewayState = 4,
    /// The server's word after its commit.
    Receipt = 5,
}

/// The part of a frame that every version reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Protocol version.
    pub version: u8,
    /// Kind, known or not.
    pub kind: u8,
    /// Whose it is.
    pub key: ChunkKey,
    /// Bytes of the whole frame, CRC included.
    pub total_len: usize,
}

/// Any frame that this version reads.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// See [`Hello`].
    Hello(Hello),
    /// See [`Chunk`].
    Chunk(Chunk<'a>),
    /// See [`PenState`].
    PenState(PenState),
    /// See [`GatewayState`].
    GatewayState(GatewayState),
    /// See [`Receipt`].
    Receipt(Receipt<'a>),
}

/// CRC-32C (Castagnoli), as in iSCSI (RFC 3720, appendix B.4).
pub fn crc32c(bytes: &[u8]) -> u32 {
    const CRC: crc::Crc<u32, crc::Table<16>> =
        crc::Crc::<u32, crc::Table<16>>::new(&crc::CRC_32_ISCSI);
    static TABLE: crc::Crc<u32, crc::Table<16>> = CRC;
    TABLE.checksum(bytes)
}

/// Reads the envelope at the start of `bytes` and verifies its CRC, whatever its version and kind.
///
/// # Errors
/// [`FrameError::Truncated`], [`BadMagic`](FrameError::BadMagic),
/// [`TooLong`](FrameError::TooLong) or [`Crc`](FrameError::Crc).
pub fn peek_envelope(bytes: &[u8]) -> Result<Envelope, FrameError> {
    let have = bytes.len();
    if bytes.iter().zip(MAGIC).any(|(byte, magic)| *byte != magic) {
        return Err(FrameError::BadMagic);
    }
    let needed = HEADER_LEN + CRC_LEN;
    let truncated = |needed| FrameError::Truncated { needed, have };
    if have < needed {
        return Err(truncated(needed));
    }
    let mut reader = Reader::new(bytes, 0);
    reader.take(2, "magic")?;
    let version = reader.u8("version")?;
    let kind = reader.u8("kind")?;
    let payload_len = usize::from(reader.u16("length")?);
    if payload_len > PAYLOAD_LEN_MAX {
        return Err(FrameError::TooLong { payload_len });
    }
    let key = ChunkKey {
        pen: PenId(reader.u64("pen")?),
        boot: BootId { counter: reader.u32("boot")?, random: reader.u32("boot")? },
        number: reader.u32("number")?,
    };
    let total_len = needed + payload_len;
    let frame = bytes.get(..total_len).ok_or(truncated(total_len))?;
    let (covered, crc) = frame.split_at(total_len - CRC_LEN);
    if crc32c(covered).to_le_bytes() != crc {
        return Err(FrameError::Crc { total_len });
    }
    Ok(Envelope { version, kind, key, total_len })
}

/// Decodes the frame at the start of `bytes`; gives it with the number of bytes it takes.
///
/// Never panics. The cost is linear in the frame, which is at most [`CHUNK_BYTES_MAX`] long.
///
/// # Errors
/// See [`FrameError`].
pub fn decode_frame(bytes: &[u8]) -> Result<(Frame<'_>, usize), FrameError> {
    let Envelope { version, kind, key, total_len } = peek_envelope(bytes)?;
    if version != VERSION {
        return Err(FrameError::UnknownVersion { version, key, total_len });
    }
    let payload = &bytes[HEADER_LEN..total_len - CRC_LEN];
    let reader = Reader::new(payload, HEADER_LEN);
    let frame = match kind {
        k if k == Kind::Hello as u8 => Frame::Hello(Hello::decode(key, reader)?),
        k if k == Kind::Chunk as u8 => {
            let covered = &bytes[..total_len - CRC_LEN];
            Frame::Chunk(Chunk::decode(key, reader, covered)?)
        }
        k if k == Kind::PenState as u8 => Frame::PenState(PenState::decode(key, reader)?),
        k if k == Kind::GatewayState as u8 => Frame::GatewayState(GatewayState::decode(reader)?),
        k if k == Kind::Receipt as u8 => Frame::Receipt(Receipt::decode(key, payload)?),
        _ => return Err(FrameError::UnknownKind { kind, key, total_len }),
    };
    Ok((frame, total_len))
}

/// Writes an envelope around the payload that `payload` writes; gives the frame's length.
pub(crate) fn encode_frame(
    kind: Kind,
    key: ChunkKey,
    buffer: &mut [u8],
    payload: impl FnOnce(&mut Writer<'_>) -> Result<(), BufferFull>,
) -> Result<usize, BufferFull> {
    let limit = buffer.len().min(CHUNK_BYTES_MAX);
    let room = limit.checked_sub(CRC_LEN).ok_or(BufferFull)?;
    let body = buffer.get_mut(HEADER_LEN..room).ok_or(BufferFull)?;
    let mut writer = Writer::new(body);
    payload(&mut writer)?;
    let payload_len = writer.written();
    Ok(close_frame(kind, key, buffer, payload_len))
}

/// Writes header and CRC around a payload of `payload_len` bytes that stands at `HEADER_LEN`.
pub(crate) fn close_frame(
    kind: Kind,
    key: ChunkKey,
    buffer: &mut [u8],
    payload_len: usize,
) -> usize {
    buffer[0..2].copy_from_slice(&MAGIC);
    buffer[2] = VERSION;
    buffer[3] = kind as u8;
    // At most PAYLOAD_LEN_MAX = 994.
    buffer[4..6].copy_from_slice(&(payload_len as u16).to_le_bytes());
    buffer[6..14].copy_from_slice(&key.pen.0.to_le_bytes());
    buffer[14..18].copy_from_slice(&key.boot.counter.to_le_bytes());
    buffer[18..22].copy_from_slice(&key.boot.random.to_le_bytes());
    buffer[22..26].copy_from_slice(&key.number.to_le_bytes());
    let end = HEADER_LEN + payload_len;
    let crc = crc32c(&buffer[..end]);
    buffer[end..end + CRC_LEN].copy_from_slice(&crc.to_le_bytes());
    end + CRC_LEN
}
