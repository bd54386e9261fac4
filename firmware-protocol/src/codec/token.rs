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
//! | 4 to 49,151 | 4 + 2·(o − 2) + h | the low o − 1 bits of v |
//! | above | 31 | m in 32 bits, and no low bits |
//!
//! where o = ⌊log₂ v⌋ and h is v's second bit from the top. Then come the low s bits of m, and, where
//! m is not 0, one bit: 1 for below zero.

use super::bits::{BitReader, PutBits};
use super::tables::{CODE_LENGTHS, TABLES};

/// Symbols of a table.
pub(crate) const SYMBOLS: usize = 32;
/// No code is longer.
pub(crate) const CODE_BITS_MAX: u32 = 10;
/// Bits of the longest token: the escape's code, a magnitude, a sign.
pub(crate) const TOKEN_BITS_MAX: usize = CODE_BITS_MAX as usize + 32 + 1;

const ESCAPE: usize = SYMBOLS - 1;
/// Values from here on are escaped: 3 · 2¹⁴.
const ESCAPED: u32 = 3 << 14;

/// Prefix codes, in the order of their symbols; canonical: shorter codes first, among equals the
/// smaller symbol first, counting up from zero.
static CODES: [[u16; SYMBOLS]; TABLES] = {
    let mut codes = [[0; SYMBOLS]; TABLES];
    let mut table = 0;
    while table < TABLES {
        let mut code = 0_u16;
        let mut length = 1;
        while length <= CODE_BITS_MAX as u8 {
            let mut symbol = 0;
            while symbol < SYMBOLS {
                if CODE_LENGTHS[table][symbol] == length {
                    codes[table][symbol] = code;
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

/// Bits that say of most codes which they are.
const GLANCE_BITS: u32 = 8;
/// Tables, rounded up to a power of two: an index that is masked needs no check.
const PLACES: usize = TABLES.next_power_of_two();

/// What the first bits of a token say: bits 0–15 the symbol's smallest value, 16–23 the bits below
/// it, 24–31 the length of its code; 0 where the code is longer than these bits.
#[derive(Clone, Copy)]
struct Entry(u32);

impl Entry {
    #[inline(always)]
    fn length(self) -> u32 {
        self.0 >> 24
    }

    #[inline(always)]
    fn below(self) -> u32 {
        self.0 >> 16 & 0xff
    }

    #[inline(always)]
    fn least(self) -> u32 {
        self.0 & 0xffff
    }
}

static GLANCE: [Entry; PLACES << GLANCE_BITS] = lookup::<{ PLACES << GLANCE_BITS }>(GLANCE_BITS);
static LOOK: [Entry; PLACES << CODE_BITS_MAX] =
    lookup::<{ PLACES << CODE_BITS_MAX }>(CODE_BITS_MAX);

/// For each table, what each string of so many bits says.
const fn lookup<const LEN: usize>(bits: u32) -> [Entry; LEN] {
    let mut of = [Entry(0); LEN];
    let mut table = 0;
    while table < TABLES {
        let mut symbol = 0;
        while symbol < SYMBOLS {
            let length = CODE_LENGTHS[table][symbol] as u32;
            if length <= bits {
                let spread = 1 << (bits - length);
                let first = (table << bits) + (CODES[table][symbol] as usize) * spread;
                let (least, below) = VALUES[symbol];
                let entry = Entry(least as u32 | (below as u32) << 16 | length << 24);
                let mut at = 0;
                while at < spread {
                    of[first + at] = entry;
                    at += 1;
                }
            }
            symbol += 1;
        }
        table += 1;
    }
    of
}

/// Stands for the bits below the escape, which have no symbol's base.
const ESCAPE_BELOW: u8 = 32;

/// Each symbol's smallest value, and the bits that say how far above it.
const VALUES: [(u16, u8); SYMBOLS] = {
    let mut of = [(0, 0); SYMBOLS];
    let mut symbol = 0;
    while symbol < SYMBOLS {
        of[symbol] = if symbol < 4 {
            (symbol as u16, 0)
        } else {
            let octave = symbol as u32 / 2;
            ((2 + (symbol as u16 & 1)) << (octave - 1), octave as u8 - 1)
        };
        symbol += 1;
    }
    of[ESCAPE] = (0, ESCAPE_BELOW);
    of
};

/// Writes a number that may be below zero; the shift is at most 16.
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
    let (code, length) = (u64::from(CODES[table][symbol]), u32::from(CODE_LENGTHS[table][symbol]));
    // Below the symbol: what is left of the magnitude, and its sign.
    let below = if symbol == ESCAPE { 32 } else { u32::from(VALUES[symbol].1) + shift };
    let rest = u64::from(magnitude) & ((1 << below) - 1);
    let signed = u32::from(sign.is_some());
    let sign = u64::from(sign == Some(true));
    bits.put((code << below | rest) << signed | sign, length + below + signed);
}

// Shifts and sums below wrap only where the bits are none that a writer makes, and widths are
// checked by the tables: at most 10 + 14 + 16 + 1 bits, or 10 + 32 + 1.
impl<const BACK: bool> BitReader<'_, BACK> {
    /// Reads what [`put_token`] wrote.
    #[inline(always)]
    pub(crate) fn token(&mut self, table: usize, shift: u32) -> i32 {
        let (magnitude, used) = self.magnitude(table, shift);
        let signed = u32::from(magnitude != 0);
        let negative = (self.window.wrapping_shl(used) >> 63) as u32 & signed;
        self.pass(used.wrapping_add(signed));
        self.broken_if(magnitude > i32::MAX as u32 + negative);
        // Two's complement: all bits turned, and one more, where it is below zero.
        (magnitude ^ negative.wrapping_neg()).wrapping_add(negative) as i32
    }

    /// Reads what [`put_count`] wrote.
    pub(crate) fn count(&mut self, table: usize, shift: u32) -> u32 {
        let (magnitude, used) = self.magnitude(table, shift);
        self.pass(used);
        magnitude
    }

    /// A magnitude, and how many bits it takes; they are not passed, and behind them the window
    /// shows one more at least.
    #[inline(always)]
    fn magnitude(&mut self, table: usize, shift: u32) -> (u32, u32) {
        let shown = self.shown(table, shift);
        // What was concluded from fewer bits than the window has is right: no code begins another.
        if shown.1 < self.valid {
            return shown;
        }
        self.refill();
        self.shown(table, shift)
    }

    /// The magnitude that the window shows, and how many bits it takes.
    #[inline(always)]
    fn shown(&mut self, table: usize, shift: u32) -> (u32, u32) {
        let window = self.window;
        let glance = table << GLANCE_BITS | (window >> (64 - GLANCE_BITS)) as usize;
        let mut entry = GLANCE[glance & (GLANCE.len() - 1)];
        if entry.length() == 0 {
            let look = table << CODE_BITS_MAX | (window >> (64 - CODE_BITS_MAX)) as usize;
            entry = LOOK[look & (LOOK.len() - 1)];
        }
        let rest = window.wrapping_shl(entry.length());
        if entry.below() == u32::from(ESCAPE_BELOW) {
            return self.escape(rest, entry.length(), shift);
        }
        let below = entry.below().wrapping_add(shift);
        // Two shifts, so that none is by 64.
        let low = (rest >> 1).wrapping_shr(63_u32.wrapping_sub(below)) as u32;
        (entry.least().wrapping_shl(shift) | low, entry.length().wrapping_add(below))
    }

    #[cold]
    fn escape(&mut self, rest: u64, length: u32, shift: u32) -> (u32, u32) {
        let (magnitude, used) = ((rest >> 32) as u32, length + 32);
        // Smaller ones have a symbol of their own.
        self.broken_if(used < self.valid && magnitude >> shift < ESCAPED);
        (magnitude, used)
    }
}
