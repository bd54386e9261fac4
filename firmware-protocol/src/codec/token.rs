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

/// What the first bits of a token say: a symbol's smallest value, the bits below it, and its code's
/// length.
#[derive(Clone, Copy)]
struct Entry {
    least: u16,
    below: u8,
    /// 0 where the code is longer than these bits.
    length: u8,
}

static GLANCE: [[Entry; 1 << GLANCE_BITS]; TABLES] = lookup::<GLANCE_BITS, { 1 << GLANCE_BITS }>();
static LOOK: [[Entry; 1 << CODE_BITS_MAX]; TABLES] =
    lookup::<CODE_BITS_MAX, { 1 << CODE_BITS_MAX }>();

const fn lookup<const BITS: u32, const LEN: usize>() -> [[Entry; LEN]; TABLES] {
    let mut of = [[Entry { least: 0, below: 0, length: 0 }; LEN]; TABLES];
    let mut table = 0;
    while table < TABLES {
        let mut symbol = 0;
        while symbol < SYMBOLS {
            let length = CODE_LENGTHS[table][symbol];
            if length as u32 <= BITS {
                let spread = 1 << (BITS - length as u32);
                let first = (CODES[table][symbol] as usize) * spread;
                let (least, below) = VALUES[symbol];
                let mut at = 0;
                while at < spread {
                    of[table][first + at] = Entry { least, below, length };
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

impl<const BACK: bool> BitReader<'_, BACK> {
    /// Reads what [`put_token`] wrote.
    #[inline]
    pub(crate) fn token(&mut self, table: usize, shift: u32) -> i32 {
        let (magnitude, used) = self.magnitude(table, shift);
        let signed = u32::from(magnitude != 0);
        let negative = (self.window << used >> 63) as u32 & signed;
        self.pass(used + signed);
        self.broken_if(magnitude > (1 << 31) - 1 + negative);
        // Two's complement: all bits turned, and one more, where it is below zero.
        (magnitude ^ negative.wrapping_neg()).wrapping_add(negative) as i32
    }

    /// Reads what [`put_count`] wrote.
    pub(crate) fn count(&mut self, table: usize, shift: u32) -> u32 {
        let (magnitude, used) = self.magnitude(table, shift);
        self.pass(used);
        magnitude
    }

    /// A magnitude, and how many bits it takes; they are not passed.
    #[inline]
    fn magnitude(&mut self, table: usize, shift: u32) -> (u32, u32) {
        let window = self.window(TOKEN_BITS_MAX as u32);
        let mut entry = GLANCE[table][(window >> (64 - GLANCE_BITS)) as usize];
        if entry.length == 0 {
            entry = LOOK[table][(window >> (64 - CODE_BITS_MAX)) as usize];
        }
        let Entry { least, below, length } = entry;
        let rest = window << length;
        if below == ESCAPE_BELOW {
            let magnitude = (rest >> 32) as u32;
            // Smaller ones have a symbol of their own.
            self.broken_if(magnitude >> shift < ESCAPED);
            return (magnitude, u32::from(length) + 32);
        }
        let below = u32::from(below) + shift;
        // Two shifts, so that none is by 64.
        let magnitude = u32::from(least) << shift | (rest >> 1 >> (63 - below)) as u32;
        (magnitude, u32::from(length) + below)
    }
}
