//! The envelope: the same in all versions.
//!
//! | bytes | field |
//! |---|---|
//! | 0 | magic `5A` ("Z") |
//! | 1 | version in bits 4–7, not 0; kind in bits 0–3 |
//! | 2–3 | shape, little endian: length of the whole frame in bits 0–10, at most 1,024; bit 11: whether the pen takes 8 bytes, else 6; bits 12–13: bytes of the boot's counter, less one; bits 14–15: bytes of the number, less one |
//! | 6 or 8 | pen |
//! | 1–4 | boot: counter |
//! | 4 | boot: random |
//! | 1–4 | number |
//! | … | payload |
//! | last 4 | CRC-32C of all bytes before it |
//!
//! All numbers are little endian, and each takes as few bytes as its shape can say.

use crate::cursor::{Reader, Writer};
use crate::{
    BootId, BufferFull, CHUNK_BYTES_MAX, Chunk, ChunkKey, FrameError, GatewayState, Hello, PenId,
    PenState, Policy, Receipt, VERSION,
};

pub(crate) const MAGIC: u8 = b'Z';
pub(crate) const CRC_LEN: usize = 4;
/// Magic, version and kind, shape; the shortest key: 6 + 1 + 4 + 1.
pub(crate) const HEADER_LEN_MIN: usize = 4 + 12;
/// The longest key: 8 + 4 + 4 + 4.
pub(crate) const HEADER_LEN_MAX: usize = 4 + 20;
/// What every frame has room for, whatever its key.
pub(crate) const PAYLOAD_LEN_MAX: usize = CHUNK_BYTES_MAX - HEADER_LEN_MAX - CRC_LEN;

const LENGTH_MASK: u16 = 0x07ff;
const LONG_PEN: u16 = 1 << 11;
const COUNTER_SHIFT: u32 = 12;
const NUMBER_SHIFT: u32 = 14;

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
    /// When pens seal, and which versions the server reads.
    Policy = 6,
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

impl Envelope {
    /// Whether the key names what a receipt may speak of: a hello, which is number 0, or a chunk,
    /// which is not. The number of any other frame names nothing.
    pub fn is_receipted(&self) -> bool {
        (self.kind == Kind::Hello as u8 && self.key.number == 0)
            || (self.kind == Kind::Chunk as u8 && self.key.number > 0)
    }
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
    /// See [`Policy`].
    Policy(Policy),
}

/// CRC-32C (Castagnoli), as in iSCSI (RFC 3720, appendix B.4).
pub fn crc32c(bytes: &[u8]) -> u32 {
    const CRC: crc::Crc<u32, crc::Table<16>> =
        crc::Crc::<u32, crc::Table<16>>::new(&crc::CRC_32_ISCSI);
    static TABLE: crc::Crc<u32, crc::Table<16>> = CRC;
    TABLE.checksum(bytes)
}

/// Bytes that a pen takes.
pub(crate) const fn pen_len(pen: PenId) -> usize {
    if pen.0 >> 48 == 0 { 6 } else { 8 }
}

/// Bytes that a counter or number takes: 1 to 4.
const fn number_len(number: u32) -> usize {
    let bits = 32 - (number | 1).leading_zeros();
    bits.div_ceil(8) as usize
}

/// Bytes before the payload of a frame with this key.
pub(crate) const fn header_len(key: ChunkKey) -> usize {
    4 + pen_len(key.pen) + number_len(key.boot.counter) + 4 + number_len(key.number)
}

/// Where the number begins.
pub(crate) const fn number_offset(key: ChunkKey) -> usize {
    header_len(key) - number_len(key.number)
}

/// Whether a frame of this length may begin so, as far as its bytes are there: cheap enough to ask
/// at every byte of a damaged stream.
pub(crate) fn may_begin(bytes: &[u8]) -> bool {
    let version = bytes.get(1).is_none_or(|byte| byte >> 4 != 0);
    let length = match bytes {
        [_, _, low, high, ..] => usize::from(u16::from_le_bytes([*low, *high]) & LENGTH_MASK),
        _ => HEADER_LEN_MIN + CRC_LEN,
    };
    bytes.first().is_none_or(|byte| *byte == MAGIC)
        && version
        && (HEADER_LEN_MIN + CRC_LEN..=CHUNK_BYTES_MAX).contains(&length)
}

/// Reads the envelope at the start of `bytes` and verifies its CRC, whatever its version and kind.
///
/// # Errors
/// [`FrameError::Truncated`], [`BadMagic`](FrameError::BadMagic),
/// [`Length`](FrameError::Length) or [`Crc`](FrameError::Crc); [`Field`](FrameError::Field) where
/// the key is not in its shortest form.
pub fn peek_envelope(bytes: &[u8]) -> Result<Envelope, FrameError> {
    Ok(open_envelope(bytes)?.0)
}

/// Tells how long the frame at the start of `bytes` is, whose checksum holds. So many bytes are its
/// own, whatever its version, its kind and the spelling of its key: a frame that [`peek_envelope`]
/// refuses for its key alone is passed over whole, for what stands in it is no frame.
///
/// # Errors
/// As [`peek_envelope`], but for [`Field`](FrameError::Field).
pub fn frame_len(bytes: &[u8]) -> Result<usize, FrameError> {
    Ok(open_shape(bytes)?.total_len)
}

/// What a shape says, where the checksum holds.
struct Shape {
    total_len: usize,
    pen_len: usize,
    counter_len: usize,
    number_len: usize,
}

impl Shape {
    fn header_len(&self) -> usize {
        4 + self.pen_len + self.counter_len + 4 + self.number_len
    }
}

fn open_shape(bytes: &[u8]) -> Result<Shape, FrameError> {
    let have = bytes.len();
    if bytes.first().is_some_and(|byte| *byte != MAGIC)
        || bytes.get(1).is_some_and(|byte| byte >> 4 == 0)
    {
        return Err(FrameError::BadMagic);
    }
    let truncated = |needed| FrameError::Truncated { needed, have };
    let &[_, _, low, high, ..] = bytes else {
        return Err(truncated(HEADER_LEN_MIN + CRC_LEN));
    };
    let bits = u16::from_le_bytes([low, high]);
    let shape = Shape {
        total_len: usize::from(bits & LENGTH_MASK),
        pen_len: if bits & LONG_PEN == 0 { 6 } else { 8 },
        counter_len: usize::from(bits >> COUNTER_SHIFT & 3) + 1,
        number_len: usize::from(bits >> NUMBER_SHIFT) + 1,
    };
    let total_len = shape.total_len;
    if total_len > CHUNK_BYTES_MAX || total_len < shape.header_len() + CRC_LEN {
        return Err(FrameError::Length { total_len });
    }
    let frame = bytes.get(..total_len).ok_or(truncated(total_len))?;
    let (covered, crc) = frame.split_at(total_len - CRC_LEN);
    if crc32c(covered).to_le_bytes() != crc {
        return Err(FrameError::Crc { total_len });
    }
    Ok(shape)
}

/// As [`peek_envelope`]; gives the payload's offset, too.
fn open_envelope(bytes: &[u8]) -> Result<(Envelope, usize), FrameError> {
    let shape = open_shape(bytes)?;
    let total_len = shape.total_len;
    let mut reader = Reader::new(&bytes[4..total_len - CRC_LEN], 4);
    let key = ChunkKey {
        pen: PenId(reader.uint(shape.pen_len, "pen")?),
        boot: BootId {
            // At most four bytes.
            counter: reader.uint(shape.counter_len, "boot")? as u32,
            random: reader.u32("boot")?,
        },
        number: reader.uint(shape.number_len, "number")? as u32,
    };
    let header_len = header_len(key);
    if header_len != shape.header_len() {
        let reason = "the key is not in its shortest form";
        return Err(FrameError::Field { offset: 2, field: "shape", reason });
    }
    let (version, kind) = (bytes[1] >> 4, bytes[1] & 15);
    Ok((Envelope { version, kind, key, total_len }, header_len))
}

/// Decodes the frame at the start of `bytes`; gives it with the number of bytes it takes.
///
/// Never panics. The cost is linear in the frame, which is at most [`CHUNK_BYTES_MAX`] long.
///
/// # Errors
/// See [`FrameError`].
pub fn decode_frame(bytes: &[u8]) -> Result<(Frame<'_>, usize), FrameError> {
    let (Envelope { version, kind, key, total_len }, header_len) = open_envelope(bytes)?;
    if version != VERSION {
        return Err(FrameError::UnknownVersion { version, key, total_len });
    }
    let payload = &bytes[header_len..total_len - CRC_LEN];
    let reader = Reader::new(payload, header_len);
    let frame = match kind {
        k if k == Kind::Hello as u8 => Frame::Hello(Hello::decode(key, reader)?),
        k if k == Kind::Chunk as u8 => Frame::Chunk(Chunk::decode(key, header_len, payload)?),
        k if k == Kind::PenState as u8 => Frame::PenState(PenState::decode(key, reader)?),
        k if k == Kind::GatewayState as u8 => Frame::GatewayState(GatewayState::decode(reader)?),
        k if k == Kind::Receipt as u8 => Frame::Receipt(Receipt::decode(key, header_len, payload)?),
        k if k == Kind::Policy as u8 => Frame::Policy(Policy::decode(reader)?),
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
    let body = buffer.get_mut(header_len(key)..room).ok_or(BufferFull)?;
    let mut writer = Writer::new(body);
    payload(&mut writer)?;
    let payload_len = writer.written();
    Ok(close_frame(kind, key, buffer, payload_len))
}

/// Writes header and CRC around a payload of `payload_len` bytes that stands behind the header's
/// place; gives the frame's length.
pub(crate) fn close_frame(
    kind: Kind,
    key: ChunkKey,
    buffer: &mut [u8],
    payload_len: usize,
) -> usize {
    let (pen_len, counter_len) = (pen_len(key.pen), number_len(key.boot.counter));
    let number_len = number_len(key.number);
    let end = header_len(key) + payload_len;
    // At most CHUNK_BYTES_MAX = 1,024: eleven bits.
    let mut shape = (end + CRC_LEN) as u16;
    shape |= if pen_len == 8 { LONG_PEN } else { 0 };
    shape |= (counter_len as u16 - 1) << COUNTER_SHIFT | (number_len as u16 - 1) << NUMBER_SHIFT;
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        buffer[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(&[MAGIC, VERSION << 4 | kind as u8]);
    put(&shape.to_le_bytes());
    put(&key.pen.0.to_le_bytes()[..pen_len]);
    put(&key.boot.counter.to_le_bytes()[..counter_len]);
    put(&key.boot.random.to_le_bytes());
    put(&key.number.to_le_bytes()[..number_len]);
    let crc = crc32c(&buffer[..end]);
    buffer[end..end + CRC_LEN].copy_from_slice(&crc.to_le_bytes());
    end + CRC_LEN
}
