//! Bits, most significant first, and the Exp-Golomb code.

use crate::FrameError;
use crate::cursor::Reader;

/// The longest code word of [`BitWriter::golomb`] with order ≤ 20: 32 zeros, 33 bits, 20 bits.
pub(crate) const CODE_BITS_MAX: usize = 32 + 33 + 20;

/// Appends bits to a slice that is known to have room.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BitWriter {
    /// Bits not yet written, right-aligned; fewer than eight between calls.
    pending: u64,
    pending_len: u32,
}

impl BitWriter {
    /// Writes the low `len` ≤ 40 bits of `value`; `at` is where the next byte goes.
    fn put(&mut self, buffer: &mut [u8], at: &mut usize, value: u64, len: u32) {
        self.pending = (self.pending << len) | (value & ((1 << len) - 1));
        self.pending_len += len;
        while self.pending_len >= 8 {
            self.pending_len -= 8;
            buffer[*at] = (self.pending >> self.pending_len) as u8;
            *at += 1;
        }
        self.pending &= (1 << self.pending_len) - 1;
    }

    /// Exp-Golomb of order `k` ≤ 20: with q = (value >> k) + 1 of n bits, n − 1 zeros, q, and the
    /// low k bits of the value.
    pub(crate) fn golomb(&mut self, buffer: &mut [u8], at: &mut usize, value: u32, k: u32) {
        let quotient = u64::from(value >> k) + 1;
        let len = quotient.ilog2() + 1;
        self.put(buffer, at, 0, len - 1);
        self.put(buffer, at, quotient, len);
        self.put(buffer, at, u64::from(value), k);
    }

    /// Fills the last byte with zeros.
    pub(crate) fn finish(&mut self, buffer: &mut [u8], at: &mut usize) {
        if self.pending_len > 0 {
            self.put(buffer, at, 0, 8 - self.pending_len);
        }
    }
}

/// Reads bits from a slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BitReader<'a> {
    bytes: Reader<'a>,
    pending: u64,
    pending_len: u32,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(bytes: Reader<'a>) -> Self {
        Self { bytes, pending: 0, pending_len: 0 }
    }

    fn refill(&mut self) {
        while self.pending_len <= 56 {
            let Ok(byte) = self.bytes.u8("samples") else { return };
            self.pending |= u64::from(byte) << (56 - self.pending_len);
            self.pending_len += 8;
        }
    }

    fn take(&mut self, len: u32) -> Result<u64, FrameError> {
        if self.pending_len < len {
            self.refill();
            if self.pending_len < len {
                return Err(self.bytes.error("samples", "the fragment ends within a sample"));
            }
        }
        if len == 0 {
            return Ok(0);
        }
        let value = self.pending >> (64 - len);
        self.pending <<= len;
        self.pending_len -= len;
        Ok(value)
    }

    /// The inverse of [`BitWriter::golomb`].
    pub(crate) fn golomb(&mut self, k: u32) -> Result<u32, FrameError> {
        self.refill();
        let zeros = self.pending.leading_zeros();
        if zeros > 32 || zeros >= self.pending_len {
            return Err(self.bytes.error("samples", "a code word over 32 bits, or cut"));
        }
        self.take(zeros)?;
        let quotient = self.take(zeros + 1)? - 1;
        let low = self.take(k)?;
        u32::try_from((quotient << k) | low)
            .map_err(|_| self.bytes.error("samples", "a value over 32 bits"))
    }

    /// Whether all that is left is the filling of the last byte, with zeros.
    pub(crate) fn is_spent(&mut self) -> bool {
        self.refill();
        self.bytes.is_empty() && self.pending_len < 8 && self.pending == 0
    }
}
