//! Bits, most significant first, and the two codes that everything is written in.
//!
//! *Exp-Golomb of order k* of `u`: with `v = (u >> k) + 1` of `n` bits: `n - 1` zeros, `v` in `n`
//! bits, the low `k` bits of `u`. *Rice with an escape*: with `q = u >> k` below 8: `q` zeros, a
//! one, the low `k` bits of `u`; otherwise 8 zeros and the Exp-Golomb code of order k of
//! `u - (8 << k)`.

/// Quotients from here on are escaped.
const RICE_QUOTIENT_MAX: u32 = 8;
/// Orders above this are never used, so that a Rice code fits one window.
const ORDER_MAX: u32 = 24;

/// Writes bits into a buffer that has at least 8 bytes behind the last bit ever written. Bits
/// that do not fit are dropped and remembered.
pub(crate) struct BitWriter<'b> {
    bytes: &'b mut [u8],
    /// Bits written so far, from the buffer's first byte on.
    at: usize,
    full: bool,
}

impl<'b> BitWriter<'b> {
    pub(crate) fn new(bytes: &'b mut [u8], at: usize) -> Self {
        Self { bytes, at, full: false }
    }

    /// Where the next bit goes.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Where the next bit goes; `None` where some did not fit.
    pub(crate) fn finish(self) -> Option<usize> {
        (!self.full).then_some(self.at)
    }

    /// The low `width` bits of `value`, which has no others; `width` is at most 56.
    pub(crate) fn put(&mut self, value: u64, width: u32) {
        if width == 0 {
            return;
        }
        let byte = self.at >> 3;
        let used = (self.at & 7) as u32;
        let Some(window) = self.bytes.get_mut(byte..).and_then(|b| b.first_chunk_mut::<8>()) else {
            self.full = true;
            return;
        };
        // What stands before the position stays; what stands behind it was never written.
        let kept = u64::from(window[0]) << 56 & !(u64::MAX >> used);
        *window = (kept | value << (64 - width - used)).to_be_bytes();
        self.at += width as usize;
    }

    pub(crate) fn exp_golomb(&mut self, u: u32, order: u32) {
        let v = u64::from(u >> order) + 1;
        let digits = 64 - v.leading_zeros();
        self.put(0, digits - 1);
        self.put(v, digits);
        self.put(u64::from(u & ((1 << order) - 1)), order);
    }

    pub(crate) fn rice(&mut self, u: u32, order: u32) {
        let order = order.min(ORDER_MAX);
        let quotient = u >> order;
        if quotient < RICE_QUOTIENT_MAX {
            let low = u64::from(u & ((1 << order) - 1));
            self.put(1 << order | low, quotient + 1 + order);
        } else {
            self.put(0, RICE_QUOTIENT_MAX);
            self.exp_golomb(u - (RICE_QUOTIENT_MAX << order), order);
        }
    }

    /// Copies `len` bits that begin at byte `from`, which lies at least 16 bytes ahead.
    pub(crate) fn append_from(&mut self, from: usize, len: usize) {
        let mut left = len;
        let mut byte = from;
        while left > 0 {
            let Some(&[a, b, c, d]) = self.bytes.get(byte..).and_then(|b| b.first_chunk()) else {
                self.full = true;
                return;
            };
            let take = left.min(32);
            let word = u64::from(u32::from_be_bytes([a, b, c, d]));
            self.put(word >> (32 - take), take as u32);
            left -= take;
            byte += 4;
        }
    }
}

/// Reads bits of a buffer up to an end. Behind the end there are zeros: whoever reads looks at
/// [`overrun`](Self::overrun) before believing.
#[derive(Clone, Debug)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    /// A code that no writer makes was met.
    broken: bool,
}

impl<'a> BitReader<'a> {
    /// Reads the bits `at..end` of `bytes`; an end behind the bytes' is cut to it.
    pub(crate) fn new(bytes: &'a [u8], at: usize, end: usize) -> Self {
        Self { bytes, at, end: end.min(bytes.len() * 8), broken: false }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// Whether more was read than there is, or a code was broken.
    pub(crate) fn overrun(&self) -> bool {
        self.broken || self.at > self.end
    }

    /// A reader of the next `len` bits, which this one passes over; fewer where there are fewer.
    pub(crate) fn part(&mut self, len: usize) -> Self {
        let end = self.at + len.min(self.left());
        let part = Self { end, ..self.clone() };
        self.at = end;
        part
    }

    /// At least the next 57 bits, from the top down.
    #[inline]
    fn window(&self) -> u64 {
        let byte = self.at >> 3;
        let rest = self.bytes.get(byte..).unwrap_or(&[]);
        let word = match rest.first_chunk::<8>() {
            Some(chunk) => u64::from_be_bytes(*chunk),
            None => {
                let mut padded = [0; 8];
                padded[..rest.len()].copy_from_slice(rest);
                u64::from_be_bytes(padded)
            }
        };
        word << (self.at & 7)
    }

    /// The next `width` bits, at most 32.
    #[inline]
    pub(crate) fn take(&mut self, width: u32) -> u32 {
        if width == 0 {
            return 0;
        }
        let value = (self.window() >> (64 - width)) as u32;
        self.at += width as usize;
        value
    }

    pub(crate) fn exp_golomb(&mut self, order: u32) -> u32 {
        let zeros = self.window().leading_zeros();
        if zeros > 32 {
            self.broken = true;
            return 0;
        }
        self.at += zeros as usize;
        let digits = zeros + 1;
        // At most 33 digits, so one window holds them.
        let v = self.window() >> (64 - digits);
        self.at += digits as usize;
        let low = self.take(order);
        let value = (v - 1) << order | u64::from(low);
        match u32::try_from(value) {
            Ok(value) => value,
            Err(_) => {
                self.broken = true;
                0
            }
        }
    }

    #[inline]
    pub(crate) fn rice(&mut self, order: u32) -> u32 {
        let order = order.min(ORDER_MAX);
        let window = self.window();
        let quotient = window.leading_zeros();
        if quotient < RICE_QUOTIENT_MAX {
            let width = quotient + 1 + order;
            self.at += width as usize;
            let code = (window >> (64 - width)) as u32;
            // The code's leading one counts as the order's next bit: put the quotient in its place.
            return (code & ((1 << order) - 1)) | quotient << order;
        }
        self.at += RICE_QUOTIENT_MAX as usize;
        let rest = self.exp_golomb(order);
        match rest.checked_add(RICE_QUOTIENT_MAX << order) {
            Some(value) => value,
            None => {
                self.broken = true;
                0
            }
        }
    }
}

/// Small magnitudes of either sign to small unsigned numbers: 0, -1, 1, -2, … to 0, 1, 2, 3, …
#[inline]
pub(crate) const fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

/// Undoes [`zigzag`].
#[inline]
pub(crate) const fn unzigzag(value: u32) -> i32 {
    (value >> 1) as i32 ^ -((value & 1) as i32)
}
