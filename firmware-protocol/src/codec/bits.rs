//! Bits, most significant first, and the code of numbers that have no table.
//!
//! A chunk's payload is a string of bits that holds two streams: one runs forward from its first
//! bit, the other backward from its last. What is known when a fragment begins goes forward, what is
//! known only when it ends goes backward, so that a pen writes each sample once and moves nothing.
//! Between the two are zeros, fewer than eight.
//!
//! *Exp-Golomb of order k* of `u`: with `v = (u >> k) + 1` of `n` bits: `n - 1` zeros, `v` in `n`
//! bits, the low `k` bits of `u`.

/// Writes bits forward into a buffer that has at least 8 bytes behind the last bit ever written.
/// Bits that do not fit are dropped and remembered.
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

    /// Where the next bit goes; `None` where some did not fit.
    pub(crate) fn finish(self) -> Option<usize> {
        (!self.full).then_some(self.at)
    }
}

/// Writes bits backward from the end of a buffer.
pub(crate) struct BackWriter<'b> {
    bytes: &'b mut [u8],
    /// Bits written so far, from the buffer's last byte down.
    at: usize,
}

impl<'b> BackWriter<'b> {
    pub(crate) fn new(bytes: &'b mut [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where the next bit goes.
    pub(crate) fn at(&self) -> usize {
        self.at
    }
}

/// Whatever takes bits.
pub(crate) trait PutBits {
    /// The low `width` bits of `value`, which has no others; `width` is at most 56.
    fn put(&mut self, value: u64, width: u32);

    /// What the bits behind this mean, up to the next name, for whoever explains them.
    #[inline]
    fn name(&mut self, _field: &'static str, _value: i64) {}

    /// The order is at most 36.
    fn exp_golomb(&mut self, u: u64, order: u32) {
        // Everything that is coded so stays below 2⁶³.
        let v = (u >> order) + 1;
        let digits = 64 - v.leading_zeros();
        self.put_wide(0, digits - 1);
        self.put_wide(v, digits);
        self.put(u & ((1 << order) - 1), order);
    }

    /// As `put`, for up to 64 bits.
    fn put_wide(&mut self, value: u64, width: u32) {
        if width > 32 {
            self.put(value >> 32, width - 32);
            self.put(value & u64::from(u32::MAX), 32);
        } else {
            self.put(value, width);
        }
    }
}

impl PutBits for BitWriter<'_> {
    #[inline]
    fn put(&mut self, value: u64, width: u32) {
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
}

impl PutBits for BackWriter<'_> {
    fn put(&mut self, value: u64, width: u32) {
        for place in (0..width).rev() {
            let (index, bit) = (self.bytes.len().wrapping_sub(1 + self.at / 8), self.at % 8);
            if let Some(byte) = self.bytes.get_mut(index) {
                // What was written before stays; behind it something given up may stand.
                let kept = *byte & !(u8::MAX << bit);
                *byte = kept | ((value >> place & 1) as u8) << bit;
            }
            self.at += 1;
        }
    }
}

/// Reads a payload's bits forward.
pub(crate) type Forward<'a> = BitReader<'a, false>;
/// Reads a payload's bits backward.
pub(crate) type Backward<'a> = BitReader<'a, true>;

/// Reads the bits of a payload, one way or the other. Behind the end there are zeros: whoever
/// reads looks at [`overrun`](Self::overrun) before believing.
#[derive(Clone, Debug)]
pub(crate) struct BitReader<'a, const BACK: bool> {
    bytes: &'a [u8],
    /// How many bits there are, and one; 0 where a code was met that no writer makes.
    limit: usize,
    /// Where the window ends, in bits of the stream.
    end: usize,
    /// The next bits, from the top down.
    pub(super) window: u64,
    /// How many bits the window has; below them are zeros.
    pub(super) valid: u32,
}

impl<'a, const BACK: bool> BitReader<'a, BACK> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, limit: bytes.len() * 8 + 1, end: 0, window: 0, valid: 0 }
    }

    /// Bits read so far.
    #[inline(always)]
    fn at(&self) -> usize {
        // Never below 0: a window shows at least what is passed.
        self.end.wrapping_sub(self.valid as usize)
    }

    /// The byte that was read last; 0 where none was, and the payload's last where more was read
    /// than there is.
    pub(crate) fn last_byte(&self) -> usize {
        self.at().div_ceil(8).min(self.bytes.len()).saturating_sub(1)
    }

    pub(crate) fn left(&self) -> usize {
        (self.bytes.len() * 8).saturating_sub(self.at())
    }

    /// Whether more was read than there is, or a code was broken.
    #[inline(always)]
    pub(crate) fn overrun(&self) -> bool {
        self.at() >= self.limit
    }

    /// Why [`overrun`](Self::overrun) says so.
    pub(crate) fn overrun_reason(&self) -> &'static str {
        if self.limit == 0 {
            "a value here is out of its range, or spelled as the format forbids"
        } else {
            "the payload ends within it"
        }
    }

    /// What was read is none that a writer makes, if so.
    #[inline(always)]
    pub(crate) fn broken_if(&mut self, so: bool) {
        self.limit = if so { 0 } else { self.limit };
    }

    /// The next bits from the top down, at least `width` of them; `width` is at most 57.
    #[inline(always)]
    pub(crate) fn window(&mut self, width: u32) -> u64 {
        if self.valid < width {
            self.refill();
        }
        self.window
    }

    /// Shows as many bits as a window can hold: at least 57.
    #[inline(always)]
    pub(crate) fn refill(&mut self) {
        let at = self.at();
        let used = (at & 7) as u32;
        self.window = self.word(at >> 3) << used;
        self.valid = 64 - used;
        self.end = at.wrapping_add(self.valid as usize);
    }

    /// Eight bytes from one on, in reading order; behind the last are zeros.
    #[inline(always)]
    fn word(&self, byte: usize) -> u64 {
        let word = if BACK {
            let until = self.bytes.len().wrapping_sub(byte);
            self.bytes.get(until.wrapping_sub(8)..until).map(|eight| be(eight).reverse_bits())
        } else {
            self.bytes.get(byte..byte.wrapping_add(8)).map(be)
        };
        word.unwrap_or_else(|| Self::last_word(self.bytes, byte))
    }

    #[cold]
    fn last_word(bytes: &[u8], byte: usize) -> u64 {
        let mut padded = [0; 8];
        if BACK {
            let rest = &bytes[..bytes.len().saturating_sub(byte)];
            let rest = &rest[rest.len().saturating_sub(8)..];
            padded[8 - rest.len()..].copy_from_slice(rest);
            return u64::from_be_bytes(padded).reverse_bits();
        }
        let rest = bytes.get(byte..).unwrap_or(&[]);
        let rest = &rest[..rest.len().min(8)];
        padded[..rest.len()].copy_from_slice(rest);
        u64::from_be_bytes(padded)
    }

    /// Passes over bits that a window showed, at most 57 of them.
    #[inline(always)]
    pub(crate) fn pass(&mut self, width: u32) {
        self.window <<= width;
        self.valid = self.valid.wrapping_sub(width);
    }

    /// The next `width` bits, at most 32.
    #[inline]
    pub(crate) fn take(&mut self, width: u32) -> u32 {
        // Two shifts, so that none is by 64.
        let value = (self.window(32) >> 32 >> (32 - width)) as u32;
        self.pass(width);
        value
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.take(1) == 1
    }

    /// The order is at most 36.
    pub(crate) fn exp_golomb(&mut self, order: u32) -> u64 {
        let zeros = self.window(57).leading_zeros();
        // What a window does not show, or does not fit 64 bits, nobody writes.
        if zeros >= 57 || zeros + order > 63 {
            self.broken_if(true);
            return 0;
        }
        self.pass(zeros);
        let v = self.take_wide(zeros + 1);
        (v - 1) << order | self.take_wide(order)
    }

    /// An Exp-Golomb code that must fit 32 bits.
    pub(crate) fn exp_golomb32(&mut self, order: u32) -> u32 {
        let value = self.exp_golomb(order);
        self.broken_if(value > u32::MAX.into());
        value as u32
    }

    /// As `take`, for up to 64 bits.
    fn take_wide(&mut self, width: u32) -> u64 {
        if width > 32 {
            let high = u64::from(self.take(width - 32));
            high << 32 | u64::from(self.take(32))
        } else {
            u64::from(self.take(width))
        }
    }
}

/// The number that eight bytes are.
#[inline(always)]
fn be(eight: &[u8]) -> u64 {
    u64::from_be_bytes(eight.try_into().unwrap_or([0; 8]))
}

/// Whether two streams meet: nothing is left between them but zeros, fewer than eight.
pub(crate) fn meet(forward: &mut Forward<'_>, backward: &Backward<'_>) -> bool {
    match (forward.bytes.len() * 8).checked_sub(forward.at() + backward.at()) {
        Some(between @ 0..8) => forward.window(7).leading_zeros() as usize >= between,
        _ => false,
    }
}

/// Small magnitudes of either sign to small unsigned numbers: 0, -1, 1, -2, … to 0, 1, 2, 3, …
pub(crate) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Undoes [`zigzag`].
pub(crate) const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
