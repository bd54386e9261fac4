//! The model: predicts each sample from the ones before it in the same fragment, and says how
//! wide the error is likely to be. Encoder and decoder run the same code, in integers only.
//!
//! A sample is its errors as tokens, in this order: time where the chunk says that each is written,
//! x, y, then force, tilt x, tilt y and twist as far as the chunk has these channels. With d the
//! last differences and e the magnitudes of the last errors, newest first:
//!
//! | | magnitude M | context |
//! |---|---|---|
//! | x | 5·e₁ + 2·e₂ + e₃ + abs(d₁) + 14 | c = max(2b + h − 8, 0), where b = ⌊log₂ M⌋ and h is |
//! | y | likewise, + 3·e₁ of x, which is this sample's | M's second bit from the top |
//! | others | 5·e₁ + 3·e₂ + 2·e₃ + 16 | likewise |
//!
//! Contexts below the top (8 for x and y, 12 for others) have a table each, shift 0. One at or above
//! it, s = ⌊(c − top) / 2⌋ + 1: the table of c − 2s, shift s. So ink in units finer or coarser than
//! the tables were learnt from costs the bits that its size costs, and little else.
//!
//! The guess is value + (t₁·d₁ + t₂·d₂ + t₃·d₃ + t₄·d₄ + 32) >> 6, with the taps t of that table. In
//! the first step of a fragment, where every d is 0, tables of their own are used: x and y another
//! eight, the others one.
//!
//! A fragment begins with d = 0 and e = 12 (others: 36). In M, e and abs(d₁) are cut at 2²⁰.
//!
//! Arithmetic on counts wraps, on purpose: values and their errors are taken modulo 2³², which
//! makes every pair of 32-bit positions encodable without a wider type. In C, compute in unsigned.

use super::bits::{Forward, PutBits};
use super::clock::Clock;
use super::tables::{
    CLOCK_TABLE, FORCE_TABLE, FORCE_TAPS, FORCE_TOP, OPENING_FORCE_TABLE, OPENING_TABLE,
    POSITION_TABLE, POSITION_TAPS, POSITION_TOP, Taps,
};
use super::token::{TOKEN_BITS_MAX, put_token};
use crate::Orientation;

/// Time, x, y, force, two tilts and twist.
pub(crate) const SAMPLE_BITS_MAX: usize = 7 * TOKEN_BITS_MAX;
/// Magnitudes are remembered up to here: beyond it only their being large matters.
const MAGNITUDE_MAX: u32 = 1 << 20;

/// A sample as the codec sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) ticks: u32,
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) force: u16,
    pub(crate) orientation: Orientation,
}

impl Point {
    /// Where nothing was written.
    pub(crate) const NOWHERE: Self =
        Self { ticks: 0, x: 0, y: 0, force: 0, orientation: Orientation::NONE };
}

/// What a chunk's samples have beside time, x and y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Channels {
    pub(crate) force: bool,
    pub(crate) tilt: bool,
    pub(crate) twist: bool,
}

/// One coordinate, or one of the other channels.
#[derive(Clone, Copy, Debug)]
struct Track {
    value: i32,
    /// The last four differences, newest first.
    d: [i32; 4],
    /// The magnitudes of the last three errors, newest first.
    e: [u32; 3],
}

/// Where a number's size puts it: a row of tables, and how many low bits are written plainly.
#[derive(Clone, Copy)]
struct Context {
    row: usize,
    shift: u32,
}

impl Context {
    #[inline(always)]
    fn of(magnitude: u32, top: u32) -> Self {
        // At least 14, so the logarithm is at least 3.
        let b = 31_u32.wrapping_sub((magnitude | 1).leading_zeros());
        // The two bits from the top down are 2 + h.
        let top_bits = magnitude.wrapping_shr(b.wrapping_sub(1));
        let c = b.wrapping_mul(2).wrapping_add(top_bits).saturating_sub(10);
        // 0 below the top, then one for each two: without a branch, which the hand would mispredict.
        let shift = c.wrapping_add(2).saturating_sub(top) / 2;
        Self { row: c.wrapping_sub(shift.wrapping_mul(2)) as usize, shift }
    }
}

/// Errors to be expected in a stroke's first step, in counts.
const POSITION_ERROR: u32 = 12;
const FORCE_ERROR: u32 = 36;

impl Track {
    /// Starts at the first value; `error` is how far off the first guesses are likely to be, since
    /// a pen comes down moving.
    const fn at(value: i32, error: u32) -> Self {
        Self { value, d: [0; 4], e: [error; 3] }
    }

    #[inline(always)]
    fn guess(&self, taps: &Taps) -> i32 {
        let part = |at: usize| self.d[at].wrapping_mul(i32::from(taps[at]));
        let sum = part(0).wrapping_add(part(1)).wrapping_add(part(2)).wrapping_add(part(3));
        self.value.wrapping_add(sum.wrapping_add(32) >> 6)
    }

    #[inline(always)]
    fn position_context(&self, beside: u32) -> Context {
        let [e1, e2, e3] = self.e;
        let pace = self.d[0].unsigned_abs().min(MAGNITUDE_MAX);
        // All at most 2²⁰, so the sum is below 2²⁴.
        let errors = e1.wrapping_mul(5).wrapping_add(e2.wrapping_mul(2)).wrapping_add(e3);
        let rest = beside.wrapping_mul(3).wrapping_add(pace).wrapping_add(14);
        Context::of(errors.wrapping_add(rest), POSITION_TOP)
    }

    #[inline(always)]
    fn force_context(&self) -> Context {
        let [e1, e2, e3] = self.e;
        let errors = e1.wrapping_mul(5).wrapping_add(e2.wrapping_mul(3));
        Context::of(errors.wrapping_add(e3.wrapping_mul(2)).wrapping_add(16), FORCE_TOP)
    }

    #[inline(always)]
    fn advance(&mut self, value: i32, error: i32) {
        let [d1, d2, d3, _] = self.d;
        self.d = [value.wrapping_sub(self.value), d1, d2, d3];
        self.e = [error.unsigned_abs().min(MAGNITUDE_MAX), self.e[0], self.e[1]];
        self.value = value;
    }
}

/// Which table an error is coded by, and how many of its low bits are written plainly.
#[derive(Clone, Copy)]
struct Place {
    table: usize,
    shift: u32,
}

/// How an error is passed on: written, or read.
trait Pass {
    /// Gives the error that the other side sees, too.
    fn pass(&mut self, field: &'static str, place: Place, value: i32, guess: i32) -> i32;
}

struct Write<'w, B>(&'w mut B);

struct Read<'r, 'a>(&'r mut Forward<'a>);

impl<B: PutBits> Pass for Write<'_, B> {
    #[inline(always)]
    fn pass(&mut self, field: &'static str, place: Place, value: i32, guess: i32) -> i32 {
        let error = value.wrapping_sub(guess);
        self.0.name(field, value.into());
        put_token(self.0, place.table, place.shift, error);
        error
    }
}

impl Pass for Read<'_, '_> {
    #[inline(always)]
    fn pass(&mut self, _: &'static str, place: Place, _: i32, _: i32) -> i32 {
        self.0.token(place.table, place.shift)
    }
}

impl Track {
    #[inline(always)]
    fn position(
        &mut self,
        field: &'static str,
        table: usize,
        beside: u32,
        value: i32,
        errors: &mut impl Pass,
    ) {
        let Context { row, shift } = self.position_context(beside);
        let guess = self.guess(&POSITION_TAPS[row & 7]);
        let error =
            errors.pass(field, Place { table: table.wrapping_add(row), shift }, value, guess);
        self.advance(guess.wrapping_add(error), error);
    }

    #[inline(always)]
    fn other(&mut self, field: &'static str, opening: bool, value: i32, errors: &mut impl Pass) {
        let Context { row, shift } = self.force_context();
        let (table, shift) =
            if opening { (OPENING_FORCE_TABLE, 0) } else { (FORCE_TABLE.wrapping_add(row), shift) };
        let guess = self.guess(&FORCE_TAPS[row.min(11)]);
        let error = errors.pass(field, Place { table, shift }, value, guess);
        self.advance(guess.wrapping_add(error), error);
    }
}

/// Everything that is carried from one sample of a fragment to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    channels: Channels,
    /// Whether the next step is the first.
    opening: bool,
    pub(crate) clock: Clock,
    x: Track,
    y: Track,
    force: Track,
    tilt_x: Track,
    tilt_y: Track,
    twist: Track,
}

impl Model {
    /// Starts at a fragment's first sample. `period` in 1/16 tick.
    pub(crate) fn starting(first: Point, period: u32, channels: Channels) -> Self {
        let Point { ticks, x, y, force, orientation } = first;
        let other = |value: u16| Track::at(i32::from(value), FORCE_ERROR);
        Self {
            channels,
            opening: true,
            clock: Clock::starting(ticks, period),
            x: Track::at(x, POSITION_ERROR),
            y: Track::at(y, POSITION_ERROR),
            force: other(force),
            tilt_x: other(u16::from(orientation.tilt_x)),
            tilt_y: other(u16::from(orientation.tilt_y)),
            twist: other(orientation.twist),
        }
    }

    #[inline(always)]
    fn step(&mut self, to: Point, errors: &mut impl Pass) {
        let opening = core::mem::replace(&mut self.opening, false);
        let table = if opening { OPENING_TABLE } else { POSITION_TABLE };
        self.x.position("x", table, 0, to.x, errors);
        // The hand errs in both directions at once.
        self.y.position("y", table, self.x.e[0], to.y, errors);
        if self.channels.force {
            self.force.other("force", opening, i32::from(to.force), errors);
        }
        if self.channels.tilt || self.channels.twist {
            self.turn(opening, to.orientation, errors);
        }
    }

    fn turn(&mut self, opening: bool, to: Orientation, errors: &mut impl Pass) {
        if self.channels.tilt {
            self.tilt_x.other("tilt_x", opening, i32::from(to.tilt_x), errors);
            self.tilt_y.other("tilt_y", opening, i32::from(to.tilt_y), errors);
        }
        if self.channels.twist {
            self.twist.other("twist", opening, i32::from(to.twist), errors);
        }
    }

    /// Writes the next sample; its time only where `timed`. Gives the clock's error.
    pub(crate) fn encode(&mut self, point: Point, timed: bool, bits: &mut impl PutBits) -> i32 {
        let error = point.ticks.wrapping_sub(self.clock.guess()) as i32;
        if timed {
            bits.name("ticks", point.ticks.into());
            put_token(bits, CLOCK_TABLE + self.clock.context(), 0, error);
        }
        self.clock.advance(point.ticks, error);
        self.step(point, &mut Write(bits));
        error
    }

    /// Reads the next sample; its clock's error is read where `timed`, and otherwise given. Whether
    /// the bits were there and made by a writer is the reader's to say.
    #[inline(always)]
    pub(crate) fn decode(&mut self, timed: bool, given: i32, bits: &mut Forward<'_>) -> Point {
        let error = if timed { bits.token(CLOCK_TABLE + self.clock.context(), 0) } else { given };
        let ticks = self.clock.guess().wrapping_add(error as u32);
        self.clock.advance(ticks, error);
        // Once a sample: its tokens nearly always fit one window.
        bits.refill();
        self.step(Point::NOWHERE, &mut Read(bits));
        let mut point = Point { ticks, x: self.x.value, y: self.y.value, ..Point::NOWHERE };
        let mut narrow = |value: i32, max: i32| {
            bits.broken_if(!(0..=max).contains(&value));
            value as u16
        };
        if self.channels.force {
            point.force = narrow(self.force.value, 0xffff);
        }
        if self.channels.tilt || self.channels.twist {
            point.orientation = Orientation {
                tilt_x: narrow(self.tilt_x.value, 0xff) as u8,
                tilt_y: narrow(self.tilt_y.value, 0xff) as u8,
                twist: narrow(self.twist.value, 0xffff),
            };
        }
        point
    }
}
