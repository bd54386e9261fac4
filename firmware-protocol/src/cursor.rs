//! Little-endian fields, read from and written to slices.

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

    /// A number of `len` bytes, at most 8.
    pub(crate) fn uint(&mut self, len: usize, field: &'static str) -> Result<u64, FrameError> {
        let mut bytes = [0; 8];
        bytes[..len].copy_from_slice(self.take(len, field)?);
        Ok(u64::from_le_bytes(bytes))
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
}
