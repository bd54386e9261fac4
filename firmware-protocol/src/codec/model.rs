//! The model: predicts each sample from the ones before it in the same fragment, and says how
//! wide the error is likely to be. Encoder and decoder run the same code, in integers only.
//!
//! A sample is its errors as tokens, in this order: time where the chunk says that each is written,
//! x, y, then force, tilt x, tilt y and twist as far as the chunk has these channels. With d the
//! last differences and e the magnitudes of the last errors, newest first, and pace the sum of
//! abs(d₁) of x and of y, both before this sample:
//!
//! | | magnitude M | context |
//! |---|---|---|
//! | x | 5·e₁ + 2·e₂ + e₃ + pace + 14 | c = max(2b + h − 8, 0), where b = ⌊log₂ M⌋ and h is |
//! | y | likewise, + 2·e₁ of x, which is this sample's | M's second bit from the top |
//! | others | 4·e₁ + 3·e₂ + 2·e₃ + abs(d₁) + 16 | likewise |
//!
//! Contexts below 8 have a table each, shift 0. One at or above it, s = ⌊(c − 8) / 2⌋ + 1: the table
//! of c − 2s, shift s. So ink in units finer or coarser than
//! the tables were learnt from costs the bits that its size costs, and little else.
//!
//! The guess is value + (t₁·d₁ + t₂·d₂ + t₃·d₃ + t₄·d₄ + 32) >> 6, with the taps t of that table.
//!
//! A fragment begins with d = 0, but that force begins with d₁ = its first value where the stroke
//! begins: it came from none. It begins with e = 12 in x and y, 36 in others, shifted up where the
//! pen's counts are finer than those that the tables were learnt from ([`Channels`]). In its first
//! step x and y use tables of their own; force, where the stroke begins, in each of its first three,
//! with shift as the pen's counts are fine.
//!
//! Arithmetic on counts wraps, on purpose: values, their errors and M are taken modulo 2³², which
//! makes every pair of 32-bit positions encodable without a wider type. In C, compute in unsigned.
//! An M above 2²⁴ − 1 counts as that.

use super::bits::{Forward, PutBits};
use super::clock::Clock;
use super::tables::{
    CLOCK_TABLE, FORCE_TABLE, FORCE_TAPS, OPENING_TABLE, POSITION_TABLE, POSITION_TAPS,
    RISING_FORCE_TABLE, RISING_FORCE_TAPS, ROWS, Taps,
};
use super::token::{TOKEN_BITS_MAX, put_token};
use crate::Orientation;

/// Time, x, y, force, two tilts and twist.
pub(crate) const SAMPLE_BITS_MAX: usize = 7 * TOKEN_BITS_MAX;

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

/// What a chunk's samples have beside time, x and y, and how fine its counts are: how often they
/// could be doubled and be no coarser than those that the tables were learnt from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Channels {
    pub(crate) force: bool,
    pub(crate) tilt: bool,
    pub(crate) twist: bool,
    pub(crate) position_fineness: u32,
    pub(crate) force_fineness: u32,
}

impl Channels {
    /// Nanometres that a count of the tables' ink has at most, and the full scale of its force.
    const UNIT_NM: u32 = 24_000;
    const FORCE_MAX: u32 = 852;
    const FINENESS_MAX: u32 = 8;

    pub(crate) fn new(unit_nm: u32, force_max: u16, tilt: bool, twist: bool) -> Self {
        let doublings = |fits: &dyn Fn(u32) -> bool| {
            (1..=Self::FINENESS_MAX).rev().find(|&times| fits(times)).unwrap_or(0)
        };
        Self {
            force: force_max != 0,
            tilt,
            twist,
            // Units are at most 1,000,000.
            position_fineness: doublings(&|times| unit_nm << times <= Self::UNIT_NM),
            force_fineness: doublings(&|times| Self::FORCE_MAX << times <= force_max.into()),
        }
    }
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
    /// Larger magnitudes count as the largest below it.
    const MAGNITUDE_END: u32 = 1 << 24;
    /// Contexts change at multiples of 8 only.
    const STEP: u32 = 8;

    /// Of the magnitudes that nearly all are, so that nobody asks for logarithms: row << 4 | shift.
    const OF_SMALL: [u8; 512] = {
        let mut of = [0; 512];
        let mut at = 0;
        while at < of.len() {
            let Self { row, shift } = Self::reckoned(at as u32 * Self::STEP);
            of[at] = (row << 4) as u8 | shift as u8;
            at += 1;
        }
        of
    };

    #[inline(always)]
    fn of(magnitude: u32) -> Self {
        static OF_SMALL: [u8; 512] = Context::OF_SMALL;
        match OF_SMALL.get((magnitude / Self::STEP) as usize) {
            Some(&context) => {
                Self { row: usize::from(context >> 4), shift: u32::from(context & 15) }
            }
            None => Self::of_large(magnitude),
        }
    }

    #[cold]
    fn of_large(magnitude: u32) -> Self {
        Self::reckoned(magnitude)
    }

    const fn reckoned(magnitude: u32) -> Self {
        // Below 16 all have context 0. (In constants there is no `clamp`.)
        let magnitude = match magnitude {
            0..16 => 16,
            Self::MAGNITUDE_END.. => Self::MAGNITUDE_END - 1,
            between => between,
        };
        let b = magnitude.ilog2();
        let h = magnitude >> (b - 1) & 1;
        let c = (2 * b + h) as usize - 8;
        let shift = if c < ROWS { 0 } else { (c - ROWS) / 2 + 1 };
        Self { row: c - 2 * shift, shift: shift as u32 }
    }
}

/// Errors to be expected in a stroke's first step, in counts.
const POSITION_ERROR: u32 = 12;
const FORCE_ERROR: u32 = 36;
/// The least row of a first step, where M is 110 or more unless it wrapped.
const OPENING_ROW: usize = 5;
/// While force is still rising, and its history short.
const RISING_STEPS: usize = 3;

/// How errors are passed on: written, or read. Gives the error that the other side sees, too, and
/// its magnitude.
trait Pass {
    fn pass(
        &mut self,
        field: &'static str,
        table: usize,
        shift: u32,
        value: i32,
        guess: i32,
    ) -> (i32, u32);
}

struct Write<'w, B>(&'w mut B);

struct Read<'r, 'a>(&'r mut Forward<'a>);

impl<B: PutBits> Pass for Write<'_, B> {
    #[inline(always)]
    fn pass(
        &mut self,
        field: &'static str,
        table: usize,
        shift: u32,
        value: i32,
        guess: i32,
    ) -> (i32, u32) {
        let error = value.wrapping_sub(guess);
        self.0.name(field, value.into());
        put_token(self.0, table, shift, error);
        (error, error.unsigned_abs())
    }
}

impl Pass for Read<'_, '_> {
    #[inline(always)]
    fn pass(&mut self, _: &'static str, table: usize, shift: u32, _: i32, _: i32) -> (i32, u32) {
        self.0.token(table, shift)
    }
}

impl Track {
    /// Starts at the first value; `error` is how far off the first guesses are likely to be, since
    /// a pen comes down moving.
    const fn at(value: i32, error: u32) -> Self {
        Self { value, d: [0; 4], e: [error; 3] }
    }

    #[inline(always)]
    fn guess(&self, taps: &Taps) -> i32 {
        let part = |at: usize| self.d[at].wrapping_mul(taps[at]);
        let sum = part(0).wrapping_add(part(1)).wrapping_add(part(2)).wrapping_add(part(3));
        self.value.wrapping_add(sum.wrapping_add(32) >> 6)
    }

    /// The magnitude of the last difference.
    #[inline(always)]
    fn pace(&self) -> u32 {
        self.d[0].unsigned_abs()
    }

    /// `around` is what of M does not come from the errors before.
    #[inline(always)]
    fn position_context(&self, around: u32) -> Context {
        let [e1, e2, e3] = self.e;
        let before = e1.wrapping_mul(5).wrapping_add(e2.wrapping_mul(2)).wrapping_add(e3);
        Context::of(before.wrapping_add(around))
    }

    #[inline(always)]
    fn other_context(&self) -> Context {
        let [e1, e2, e3] = self.e;
        let before = e1.wrapping_mul(4).wrapping_add(e2.wrapping_mul(3));
        let before = before.wrapping_add(e3.wrapping_mul(2));
        Context::of(before.wrapping_add(self.pace()).wrapping_add(16))
    }

    #[inline(always)]
    fn position(
        &mut self,
        field: &'static str,
        (base, least_row): (usize, usize),
        around: u32,
        value: i32,
        errors: &mut impl Pass,
    ) {
        let Context { row, shift } = self.position_context(around);
        let guess = self.guess(&POSITION_TAPS[row % ROWS]);
        let passed = errors.pass(field, base.wrapping_add(row.max(least_row)), shift, value, guess);
        self.advance(guess, passed);
    }

    #[inline(always)]
    fn other(&mut self, field: &'static str, value: i32, errors: &mut impl Pass) {
        let Context { row, shift } = self.other_context();
        let guess = self.guess(&FORCE_TAPS[row % ROWS]);
        let passed = errors.pass(field, FORCE_TABLE.wrapping_add(row), shift, value, guess);
        self.advance(guess, passed);
    }

    /// Force in a stroke's first steps, of which `step` have been.
    #[inline(always)]
    fn rising_force(&mut self, step: usize, fineness: u32, value: i32, errors: &mut impl Pass) {
        let step = step % RISING_STEPS;
        let (guess, table) = (self.guess(&RISING_FORCE_TAPS[step]), RISING_FORCE_TABLE + step);
        let passed = errors.pass("force", table, fineness, value, guess);
        self.advance(guess, passed);
    }

    #[inline(always)]
    fn advance(&mut self, guess: i32, (error, magnitude): (i32, u32)) {
        let value = guess.wrapping_add(error);
        let [d1, d2, d3, _] = self.d;
        self.d = [value.wrapping_sub(self.value), d1, d2, d3];
        self.e = [magnitude, self.e[0], self.e[1]];
        self.value = value;
    }
}

/// Everything that is carried from one sample of a fragment to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    channels: Channels,
    /// Whether the next step is the first.
    opening: bool,
    /// How many of the stroke's first steps of force are left.
    rising: usize,
    pub(crate) clock: Clock,
    x: Track,
    y: Track,
    force: Track,
    tilt_x: Track,
    tilt_y: Track,
    twist: Track,
}

impl Model {
    /// Starts at a fragment's first sample; `first` where the stroke begins there. `period` in 1/16
    /// tick.
    pub(crate) fn starting(start: Point, first: bool, period: u32, channels: Channels) -> Self {
        let Point { ticks, x, y, force, orientation } = start;
        let position = |value| Track::at(value, POSITION_ERROR << channels.position_fineness);
        let other = |value: u16| Track::at(i32::from(value), FORCE_ERROR);
        let mut from_none = Track::at(i32::from(force), FORCE_ERROR << channels.force_fineness);
        if first {
            from_none.d[0] = i32::from(force);
        }
        Self {
            channels,
            opening: true,
            rising: if first { RISING_STEPS } else { 0 },
            clock: Clock::starting(ticks, period),
            x: position(x),
            y: position(y),
            force: from_none,
            tilt_x: other(u16::from(orientation.tilt_x)),
            tilt_y: other(u16::from(orientation.tilt_y)),
            twist: other(orientation.twist),
        }
    }

    /// One step; `F` where the chunk may have force, `O` where it may have orientation.
    #[inline(always)]
    fn step<const F: bool, const O: bool>(&mut self, to: Point, errors: &mut impl Pass) {
        let opening = core::mem::replace(&mut self.opening, false);
        let base =
            if opening { (OPENING_TABLE - OPENING_ROW, OPENING_ROW) } else { (POSITION_TABLE, 0) };
        let around = self.x.pace().wrapping_add(self.y.pace()).wrapping_add(14);
        self.x.position("x", base, around, to.x, errors);
        // The hand errs in both directions at once.
        let around = around.wrapping_add(self.x.e[0].wrapping_mul(2));
        self.y.position("y", base, around, to.y, errors);
        if F && self.channels.force {
            let value = i32::from(to.force);
            if self.rising == 0 {
                self.force.other("force", value, errors);
            } else {
                let step = RISING_STEPS.wrapping_sub(self.rising);
                self.rising -= 1;
                let fineness = self.channels.force_fineness;
                self.force.rising_force(step, fineness, value, errors);
            }
        }
        let Orientation { tilt_x, tilt_y, twist } = to.orientation;
        if O && self.channels.tilt {
            self.tilt_x.other("tilt_x", i32::from(tilt_x), errors);
            self.tilt_y.other("tilt_y", i32::from(tilt_y), errors);
        }
        if O && self.channels.twist {
            self.twist.other("twist", i32::from(twist), errors);
        }
    }

    /// Reads a step behind a fragment's first ones whose tokens one window shows, which is asked once
    /// for all of them. False, and nothing done, where it does not.
    #[inline(always)]
    fn common_step<const F: bool>(&mut self, bits: &mut Forward<'_>) -> bool {
        let mut glimpse = bits.glimpse();
        let around = self.x.pace().wrapping_add(self.y.pace()).wrapping_add(14);
        let x = self.x.position_context(around);
        let x_error = glimpse.token(POSITION_TABLE.wrapping_add(x.row), x.shift);
        let y = self.y.position_context(around.wrapping_add(x_error.1.wrapping_mul(2)));
        let y_error = glimpse.token(POSITION_TABLE.wrapping_add(y.row), y.shift);
        let force = self.force.other_context();
        let mut force_error = (0, 0);
        if F {
            force_error = glimpse.token(FORCE_TABLE.wrapping_add(force.row), force.shift);
        }
        let whole = bits.believe(glimpse);
        if whole {
            self.x.advance(self.x.guess(&POSITION_TAPS[x.row % ROWS]), x_error);
            self.y.advance(self.y.guess(&POSITION_TAPS[y.row % ROWS]), y_error);
            if F {
                self.force.advance(self.force.guess(&FORCE_TAPS[force.row % ROWS]), force_error);
            }
        }
        whole
    }

    /// Writes the next sample; its time only where `timed`. Gives the clock's error.
    pub(crate) fn encode(&mut self, point: Point, timed: bool, bits: &mut impl PutBits) -> i32 {
        let error = point.ticks.wrapping_sub(self.clock.guess()) as i32;
        if timed {
            bits.name("ticks", point.ticks.into());
            put_token(bits, CLOCK_TABLE + self.clock.context(), 0, error);
        }
        self.clock.go_on(error);
        self.step::<true, true>(point, &mut Write(bits));
        error
    }

    /// Reads the next sample; its clock's error is read where `timed`, and otherwise given. Whether
    /// the bits were there and made by a writer is the reader's to say.
    ///
    /// `F` where the chunk may have force, `O` where it may have orientation: what is not asked for
    /// takes no room where the rest has to stay in registers.
    #[inline(always)]
    pub(crate) fn decode<const F: bool, const O: bool>(
        &mut self,
        timed: bool,
        given: i32,
        bits: &mut Forward<'_>,
    ) -> Point {
        let error = if timed { bits.token(CLOCK_TABLE + self.clock.context(), 0).0 } else { given };
        let ticks = self.clock.go_on(error);
        // Once a sample: its tokens nearly always fit one window.
        bits.refill();
        let common = !O && self.rising == 0 && !self.opening;
        if !(common && self.common_step::<F>(bits)) {
            self.step::<F, O>(Point::NOWHERE, &mut Read(bits));
        }
        let mut point = Point { ticks, x: self.x.value, y: self.y.value, ..Point::NOWHERE };
        let mut narrow = |value: i32, max: i32| {
            bits.broken_if(!(0..=max).contains(&value));
            value as u16
        };
        if F && self.channels.force {
            point.force = narrow(self.force.value, 0xffff);
        }
        if O && self.channels.tilt {
            point.orientation.tilt_x = narrow(self.tilt_x.value, 0xff) as u8;
            point.orientation.tilt_y = narrow(self.tilt_y.value, 0xff) as u8;
        }
        if O && self.channels.twist {
            point.orientation.twist = narrow(self.twist.value, 0xffff);
        }
        point
    }
}
