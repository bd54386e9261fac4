//! Tokens: how a number is written whose size is roughly known.
//!
//! A number is split into a *symbol* that says how large its magnitude is, bits that say which of
//! that size, and a sign. The symbol alone is coded by a table of prefix codes; a table is chosen by
//! what was seen before, and learnt from ink.
//!
//! With magnitude `m`, shift `s` and `v = m >> s`:
//!
//! | v | symbol | then |
//! |---|---|---|
//! | 0 to 3 | v | nothing |
//! | 4 to 191 | 2·o + h | the low o − 1 bits of v |
//! | above | 15, the escape | v − 192 as Exp-Golomb of order 7 |
//!
//! where o = ⌊log₂ v⌋ and h is v's second bit from the top. Then come the low s bits of m, and, where
//! m is not 0, one bit: 1 for below zero.
//!
//! Few symbols, because a code that never comes takes room from those that do: with 32 of them and
//! codes of ten bits, samples took 0.7 % more.

use super::bits::{BitReader, PutBits};
use super::tables::{CODE_LENGTHS, TABLES};

/// Symbols of a table.
pub(crate) const SYMBOLS: usize = 16;
/// No code is longer.
pub(crate) const CODE_BITS_MAX: u32 = 9;
/// Shifts are at most this.
pub(crate) const SHIFT_MAX: u32 = 16;
/// Bits of the longest token, an escape's: code, Exp-Golomb of any 32 bits, sign. (What a shift
/// writes behind the Exp-Golomb it takes from it twice.)
pub(crate) const TOKEN_BITS_MAX: usize = CODE_BITS_MAX as usize + 25 + 26 + 7 + 1;

const ESCAPE: usize = SYMBOLS - 1;
/// Values from here on are escaped: 3 · 2⁶.
const ESCAPED: u32 = 3 << 6;
const ESCAPE_ORDER: u32 = 7;

/// Prefix codes, in the order of their symbols: length << 12 | code. Canonical: shorter codes first,
/// among equals the smaller symbol first, counting up from zero.
static CODES: [[u16; SYMBOLS]; TABLES] = {
    let mut codes = [[0; SYMBOLS]; TABLES];
    let mut table = 0;
    while table < TABLES {
        let mut code = 0_u16;
        let mut length = 1;
        while length <= CODE_BITS_MAX as u16 {
            let mut symbol = 0;
            while symbol < SYMBOLS {
                if CODE_LENGTHS[table][symbol] as u16 == length {
                    codes[table][symbol] = length << 12 | code;
                    code += 1;
                }
                symbol += 1;
            }
            code <<= 1;
            length += 1;
        }
        // Complete: every bit string begins with exactly one code.
        assert!(code == 2 << CODE_BITS_MAX);
        table += 1;
    }
    codes
};

/// What the first bits of a token say: bits 0–7 the symbol's smallest value, 8–11 the length of its
/// code, 12–15 how many bits of the value are below it.
#[derive(Clone, Copy)]
struct Entry(u16);

/// Stands for the bits below the escape, which have no fixed number.
const ESCAPE_BELOW: u16 = 15;

impl Entry {
    /// What a window's first bits say.
    #[inline(always)]
    fn of(window: u64, table: usize) -> Self {
        let first = (window >> (64 - CODE_BITS_MAX)) as usize;
        // Not as one number of both parts: some machines are slow to shift two words together.
        ENTRIES[table % PLACES][first]
    }

    /// The number at a window's beginning, which is no escape, and its magnitude; how many bits it
    /// takes.
    #[inline(always)]
    fn number(self, window: u64, shift: u32) -> ((i32, u32), u32) {
        let below = self.below().wrapping_add(shift);
        // What is below, and the sign.
        let rest = window.wrapping_shl(self.length());
        let rest = rest.wrapping_shr(63_u32.wrapping_sub(below)) as u32;
        let magnitude = self.least().wrapping_shl(shift) | rest >> 1;
        let signed = u32::from(magnitude != 0);
        let negative = rest & signed;
        // Two's complement: all bits turned, and one more, where it is below zero.
        let value = (magnitude ^ negative.wrapping_neg()).wrapping_add(negative);
        ((value as i32, magnitude), self.length().wrapping_add(below).wrapping_add(signed))
    }

    /// Also of several entries, one over another: no other's bits below have the highest bit.
    #[inline(always)]
    fn escapes(self) -> bool {
        self.0 >> 15 == 1
    }

    #[inline(always)]
    fn length(self) -> u32 {
        u32::from(self.0 >> 8 & 15)
    }

    #[inline(always)]
    fn below(self) -> u32 {
        u32::from(self.0 >> 12)
    }

    #[inline(always)]
    fn least(self) -> u32 {
        u32::from(self.0 & 0xff)
    }
}

/// Tables, rounded up to a power of two: an index that is masked needs no check.
const PLACES: usize = TABLES.next_power_of_two();

/// For each table, what each string of so many bits as a code can have says.
static ENTRIES: [[Entry; 1 << CODE_BITS_MAX]; PLACES] = {
    let mut of = [[Entry(0); 1 << CODE_BITS_MAX]; PLACES];
    let mut table = 0;
    while table < TABLES {
        let mut symbol = 0;
        while symbol < SYMBOLS {
            let length = CODE_LENGTHS[table][symbol] as u32;
            let spread = 1 << (CODE_BITS_MAX - length);
            let code = (CODES[table][symbol] & 0xfff) as usize;
            let (least, below) = VALUES[symbol];
            let entry = Entry(least | (length as u16) << 8 | below << 12);
            let mut at = 0;
            while at < spread {
                of[table][code * spread + at] = entry;
                at += 1;
            }
            symbol += 1;
        }
        table += 1;
    }
    of
};

/// Each symbol's smallest value, and the bits that say how far above it.
const VALUES: [(u16, u16); SYMBOLS] = {
    let mut of = [(0, 0); SYMBOLS];
    let mut symbol = 0;
    while symbol < SYMBOLS {
        of[symbol] = if symbol < 4 {
            (symbol as u16, 0)
        } else {
            let octave = symbol as u16 / 2;
            ((2 + (symbol as u16 & 1)) << (octave - 1), octave - 1)
        };
        symbol += 1;
    }
    of[ESCAPE] = (0, ESCAPE_BELOW);
    of
};

/// Writes a number that may be below zero; the shift is at most [`SHIFT_MAX`].
#[inline]
pub(crate) fn put_token(bits: &mut impl PutBits, table: usize, shift: u32, value: i32) {
    let magnitude = value.unsigned_abs();
    let sign = (magnitude != 0).then_some(value < 0);
    put_magnitude(bits, table, shift, magnitude, sign);
}

/// Writes a number that is never below zero: a token without its sign.
pub(crate) fn put_count(bits: &mut impl PutBits, table: usize, shift: u32, count: u32) {
    put_magnitude(bits, table, shift, count, None);
}

#[inline]
fn put_magnitude(
    bits: &mut impl PutBits,
    table: usize,
    shift: u32,
    magnitude: u32,
    sign: Option<bool>,
) {
    let v = magnitude >> shift;
    let symbol = if v < 4 {
        v as usize
    } else if v < ESCAPED {
        let octave = v.ilog2();
        (2 * octave + (v >> (octave - 1) & 1)) as usize
    } else {
        ESCAPE
    };
    let entry = CODES[table][symbol];
    let (mut code, mut length) = (u64::from(entry & 0xfff), u32::from(entry >> 12));
    let mut below = shift;
    if symbol == ESCAPE {
        bits.put(code, length);
        bits.exp_golomb((v - ESCAPED).into(), ESCAPE_ORDER);
        (code, length) = (0, 0);
    } else {
        below += u32::from(VALUES[symbol].1);
    }
    let rest = u64::from(magnitude) & ((1 << below) - 1);
    let signed = u32::from(sign.is_some());
    let sign = u64::from(sign == Some(true));
    bits.put((code << below | rest) << signed | sign, length + below + signed);
}

// Shifts and sums below wrap only where the bits are none that a writer makes, and widths are
// checked by the tables: at most 9 + 6 + 16 + 1 bits, but for escapes.
impl<const BACK: bool> BitReader<'_, BACK> {
    /// Reads what [`put_token`] wrote: the number and its magnitude.
    #[inline(always)]
    pub(crate) fn token(&mut self, table: usize, shift: u32) -> (i32, u32) {
        let entry = self.entry(table);
        let used = entry.length().wrapping_add(entry.below()).wrapping_add(shift);
        // What was concluded from fewer bits than the window has is right: no code begins another.
        if entry.escapes() || used >= self.valid {
            // A copy, so that the reader itself can stay in registers.
            let (reader, value) = self.clone().token_of_any_size(table, shift);
            *self = reader;
            return (value, value.unsigned_abs());
        }
        let (number, used) = entry.number(self.window, shift);
        self.window = self.window.wrapping_shl(used);
        self.valid = self.valid.wrapping_sub(used);
        number
    }

    #[cold]
    fn token_of_any_size(mut self, table: usize, shift: u32) -> (Self, i32) {
        let magnitude = self.count(table, shift);
        let negative = magnitude != 0 && self.flag();
        self.broken_if(magnitude > i32::MAX as u32 + u32::from(negative));
        let value = if negative { magnitude.wrapping_neg() } else { magnitude };
        (self, value as i32)
    }

    /// Reads what [`put_count`] wrote.
    pub(crate) fn count(&mut self, table: usize, shift: u32) -> u32 {
        self.window(CODE_BITS_MAX + 6 + SHIFT_MAX);
        let entry = self.entry(table);
        if entry.escapes() {
            self.pass(entry.length());
            let above = self.exp_golomb(ESCAPE_ORDER);
            let v = above.saturating_add(ESCAPED.into());
            self.broken_if(v > u64::from(u32::MAX >> shift));
            return (v as u32) << shift | self.take(shift);
        }
        self.pass(entry.length());
        entry.least() << shift | self.take(entry.below() + shift)
    }

    /// What the window's first bits say.
    #[inline(always)]
    fn entry(&self, table: usize) -> Entry {
        Entry::of(self.window, table)
    }

    /// Begins to read tokens of which it turns out only behind the last whether the window had them.
    #[inline(always)]
    pub(crate) fn glimpse(&self) -> Glimpse {
        Glimpse { window: self.window, used: 0, seen: 0 }
    }

    /// Passes over what a glimpse saw, if it saw all of it.
    #[inline(always)]
    pub(crate) fn believe(&mut self, glimpse: Glimpse) -> bool {
        let whole = !Entry(glimpse.seen).escapes() && glimpse.used < self.valid;
        if whole {
            self.window = glimpse.window;
            self.valid = self.valid.wrapping_sub(glimpse.used);
        }
        whole
    }
}

/// Tokens read on trust.
#[derive(Clone, Copy)]
pub(crate) struct Glimpse {
    window: u64,
    /// Bits so far.
    used: u32,
    /// All entries, one over another: an escape shows.
    seen: u16,
}

impl Glimpse {
    /// The next token and its magnitude; nonsense where the bits are not there or it is an escape.
    #[inline(always)]
    pub(crate) fn token(&mut self, table: usize, shift: u32) -> (i32, u32) {
        let entry = Entry::of(self.window, table);
        let (number, used) = entry.number(self.window, shift);
        self.seen |= entry.0;
        self.window = self.window.wrapping_shl(used);
        self.used = self.used.wrapping_add(used);
        number
    }
}
