//! The receipt: the server's word after its commit.
//!
//! The payload is ranges of ten bytes: outcome (0 stored, 1 held, 2 refused, 3 taken), code (0 unless
//! refused), first number, last number. Ranges are disjoint and never cumulative: what no range
//! names has not been said.

use crate::cursor::Reader;
use crate::envelope::{CRC_LEN, Kind, PAYLOAD_LEN_MAX, close_frame, header_len};
use crate::{BootId, BufferFull, ChunkKey, FrameError, PenId};

const RANGE_LEN: usize = 10;

/// What became of chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Durable, by this copy or by an earlier one.
    Stored,
    /// Durable in quarantine: the key was there already with other bytes.
    Held,
    /// In the gateway's spool, fsynced: the pen keeps it, and stops sending it. Only gateways say so,
    /// and only to pens.
    Taken,
    /// Not taken, for a reason that fixes what the pen does.
    Refused(RefusalCode),
}

/// Why a chunk was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum RefusalCode {
    /// The server does not read this version yet: the pen keeps the chunk.
    UnknownVersion = 1,
    /// Its ink was erased by right: the pen erases it too.
    Erased = 2,
    /// It breaks the format in a way that sending again will not mend: the pen erases it.
    Malformed = 3,
}

impl Outcome {
    /// Whether the pen may erase its copy.
    pub fn pen_erases(self) -> bool {
        !matches!(self, Self::Taken | Self::Refused(RefusalCode::UnknownVersion))
    }

    fn to_bytes(self) -> [u8; 2] {
        match self {
            Self::Stored => [0, 0],
            Self::Held => [1, 0],
            Self::Refused(code) => [2, code as u8],
            Self::Taken => [3, 0],
        }
    }

    fn from_bytes(bytes: [u8; 2]) -> Option<Self> {
        Some(match bytes {
            [0, 0] => Self::Stored,
            [1, 0] => Self::Held,
            [2, 1] => Self::Refused(RefusalCode::UnknownVersion),
            [2, 2] => Self::Refused(RefusalCode::Erased),
            [2, 3] => Self::Refused(RefusalCode::Malformed),
            [3, 0] => Self::Taken,
            _ => return None,
        })
    }
}

/// Chunks of one start of one pen, numbered `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptRange {
    /// What became of them.
    pub outcome: Outcome,
    /// The first number.
    pub first: u32,
    /// The last number, not below the first.
    pub last: u32,
}

/// A decoded receipt.
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The pen.
    pub pen: PenId,
    /// The pen's start.
    pub boot: BootId,
    /// Where the payload begins in the frame, in bytes.
    base: usize,
    payload: &'a [u8],
}

impl<'a> Receipt<'a> {
    pub(crate) fn decode(
        key: ChunkKey,
        base: usize,
        payload: &'a [u8],
    ) -> Result<Self, FrameError> {
        if payload.is_empty() || !payload.len().is_multiple_of(RANGE_LEN) {
            return Err(Reader::new(payload, base)
                .error("ranges", "their length is no multiple of ten, or nothing"));
        }
        Ok(Self { pen: key.pen, boot: key.boot, base, payload })
    }

    /// The ranges as sent. One whose outcome is not known, or whose end is before its beginning, is
    /// an error and says nothing; the others hold.
    pub fn ranges(&self) -> impl Iterator<Item = Result<ReceiptRange, FrameError>> + use<'a> {
        let base = self.base;
        self.raw_ranges().enumerate().map(move |(index, (code, first, last))| {
            let offset = base + index * RANGE_LEN;
            let error = |offset, field, reason| FrameError::Field { offset, field, reason };
            let outcome = Outcome::from_bytes(code)
                .ok_or_else(|| error(offset, "outcome", "it is not known"))?;
            if last < first {
                return Err(error(offset + 6, "last", "it is below the first"));
            }
            Ok(ReceiptRange { outcome, first, last })
        })
    }

    /// Outcome and code, first and last number of each range, as they stand there.
    pub fn raw_ranges(&self) -> impl Iterator<Item = ([u8; 2], u32, u32)> + use<'a> {
        self.payload.chunks_exact(RANGE_LEN).map(|bytes| {
            let number = |at: usize| {
                u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
            };
            ([bytes[0], bytes[1]], number(2), number(6))
        })
    }
}

/// Writes one receipt frame, range by range.
#[derive(Debug)]
pub struct ReceiptWriter<'b> {
    key: ChunkKey,
    buffer: &'b mut [u8],
    payload_len: usize,
}

impl<'b> ReceiptWriter<'b> {
    /// A receipt for one start of one pen, written into `buffer`.
    pub fn new(pen: PenId, boot: BootId, buffer: &'b mut [u8]) -> Self {
        Self { key: ChunkKey { pen, boot, number: 0 }, buffer, payload_len: 0 }
    }

    /// Adds a range.
    ///
    /// # Errors
    /// When buffer or frame has no room for another: finish this one and begin the next.
    pub fn push(&mut self, range: ReceiptRange) -> Result<(), BufferFull> {
        self.push_raw(range.outcome.to_bytes(), range.first, range.last)
    }

    /// Adds a range of any outcome and code: for tools that write again what they read.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_raw(&mut self, code: [u8; 2], first: u32, last: u32) -> Result<(), BufferFull> {
        let len = self.payload_len + RANGE_LEN;
        let at = header_len(self.key) + self.payload_len;
        if len > PAYLOAD_LEN_MAX || self.buffer.len() < at + RANGE_LEN + CRC_LEN {
            return Err(BufferFull);
        }
        let room = &mut self.buffer[at..at + RANGE_LEN];
        room[..2].copy_from_slice(&code);
        room[2..6].copy_from_slice(&first.to_le_bytes());
        room[6..].copy_from_slice(&last.to_le_bytes());
        self.payload_len = len;
        Ok(())
    }

    /// Closes the frame and gives its bytes; `None` if it has no range, which says nothing.
    pub fn finish(self) -> Option<&'b [u8]> {
        if self.payload_len == 0 {
            return None;
        }
        let len = close_frame(Kind::Receipt, self.key, self.buffer, self.payload_len);
        Some(&self.buffer[..len])
    }
}
