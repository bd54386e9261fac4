//! Little-endian fields and varints, read from and written to slices.

use crate::{BufferFull, FrameError};

/// Reads fields one after another; knows its offset in the frame for errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    /// Offset of `bytes[0]` in the frame.
    base: usize,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], base: usize) -> Self {
        Self { bytes, base, at: 0 }
    }

    /// Offset of the next byte in the frame.
    pub(crate) fn offset(&self) -> usize {
        self.base + self.at
    }

    pub(crate) fn error(&self, field: &'static str, reason: &'static str) -> FrameError {
        FrameError::Field { offset: self.offset(), field, reason }
    }

    pub(crate) fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], FrameError> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let Some(taken) = rest.get(..len) else {
            return Err(self.error(field, "the payload ends within it"));
        };
        self.at += len;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], FrameError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, field)?);
        Ok(array)
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, FrameError> {
        Ok(self.array::<1>(field)?[0])
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, FrameError> {
        Ok(u16::from_le_bytes(self.array(field)?))
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, FrameError> {
        Ok(u32::from_le_bytes(self.array(field)?))
    }

    pub(crate) fn u64(&mut self, field: &'static str) -> Result<u64, FrameError> {
        Ok(u64::from_le_bytes(self.array(field)?))
    }

    pub(crate) fn i64(&mut self, field: &'static str) -> Result<i64, FrameError> {
        Ok(i64::from_le_bytes(self.array(field)?))
    }

    /// LEB128, at most ten bytes, in its shortest form only: one meaning, one spelling.
    pub(crate) fn varint(&mut self, field: &'static str) -> Result<u64, FrameError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8(field)?;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 {
                return Err(self.error(field, "a varint over 64 bits"));
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return Err(self.error(field, "a varint that is not in its shortest form"));
                }
                return Ok(value);
            }
        }
        Err(self.error(field, "a varint over ten bytes"))
    }

    /// A varint that must fit 32 bits.
    pub(crate) fn varint32(&mut self, field: &'static str) -> Result<u32, FrameError> {
        u32::try_from(self.varint(field)?).map_err(|_| self.error(field, "over 32 bits"))
    }
}

/// Writes fields one after another.
#[derive(Debug)]
pub(crate) struct Writer<'b> {
    bytes: &'b mut [u8],
    at: usize,
}

impl<'b> Writer<'b> {
    pub(crate) fn new(bytes: &'b mut [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn written(&self) -> usize {
        self.at
    }

    pub(crate) fn put(&mut self, field: &[u8]) -> Result<(), BufferFull> {
        let room = self.bytes.get_mut(self.at..self.at + field.len()).ok_or(BufferFull)?;
        room.copy_from_slice(field);
        self.at += field.len();
        Ok(())
    }

    pub(crate) fn varint(&mut self, mut value: u64) -> Result<(), BufferFull> {
        while value >= 0x80 {
            self.put(&[(value as u8) | 0x80])?;
            value >>= 7;
        }
        self.put(&[value as u8])
    }
}

/// Signed → unsigned, small magnitudes first.
pub(crate) fn zigzag64(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag64`].
pub(crate) fn unzigzag64(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}
