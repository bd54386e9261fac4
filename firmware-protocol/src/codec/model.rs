//! The model: predicts each sample from the ones before it in the same fragment, and says how
//! wide the error is likely to be. Encoder and decoder run the same code, in integers only.
//!
//! A sample is four codes: its time where the clock does not foretell it, x, y, and force where it
//! is measured. Each is the Rice code, of an order k, of the zigzag of its error. With d the last
//! differences and e the magnitudes of the last errors, newest first:
//!
//! | | guess | magnitude M | k |
//! |---|---|---|---|
//! | x | x + ((64·d₁ + 10·d₂ − 20·d₃ + 32) >> 6) | 5·e₁ + 2·e₂ + e₃ + abs(d₁) + 14 | ⌊log₂ M⌋ − 3 |
//! | y | likewise | likewise, + 3·e₁ of x | likewise |
//! | force | f + ((43·d₁ + 32) >> 6) | 5·e₁ + 3·e₂ + 2·e₃ + 16 | ⌊log₂ M⌋ − 3, + 1 from M = 64 on |
//! | time | see `Timing` | | 1 after an error of 1 to 3 ticks, else 0 |
//!
//! A fragment begins with d = 0 and e = 8 (force: 24). In M, e and abs(d₁) are cut at 2²⁰.
//!
//! Arithmetic on counts wraps, on purpose: positions and their errors are taken modulo 2³², which
//! makes every pair of 32-bit positions encodable without a wider type. In C, compute in unsigned.

use super::bits::{BitReader, BitWriter, unzigzag, zigzag};

/// An escape of 8 bits and the longest Exp-Golomb code, for each of time, x, y and force.
pub(crate) const SAMPLE_BITS_MAX: usize = 4 * (8 + 65);

/// Magnitudes are remembered up to here: beyond it only their being large matters.
const MAGNITUDE_MAX: u32 = 1 << 20;

/// One coordinate, or force.
#[derive(Clone, Copy, Debug)]
struct Track {
    value: i32,
    /// The last three differences, newest first.
    d: [i32; 3],
    /// The magnitudes of the last three errors, newest first.
    e: [u32; 3],
}

impl Track {
    /// Starts at the first value; `error` is how far off the first guesses are likely to be, since
    /// a pen comes down moving.
    const fn at(value: i32, error: u32) -> Self {
        Self { value, d: [0; 3], e: [error; 3] }
    }

    /// Third-order extrapolation, fitted to handwriting at 100 Hz: a smooth hand at constant
    /// acceleration.
    #[inline]
    fn predict_position(&self) -> i32 {
        let [d1, d2, d3] = self.d;
        let step = (d1.wrapping_mul(64))
            .wrapping_add(d2.wrapping_mul(10))
            .wrapping_sub(d3.wrapping_mul(20))
            .wrapping_add(32)
            >> 6;
        self.value.wrapping_add(step)
    }

    /// Force goes on changing at two thirds of its pace.
    #[inline]
    fn predict_force(&self) -> i32 {
        self.value.wrapping_add(self.d[0].wrapping_mul(43).wrapping_add(32) >> 6)
    }

    #[inline]
    fn magnitude_position(&self) -> u32 {
        let [e1, e2, e3] = self.e;
        5 * e1 + 2 * e2 + e3 + self.d[0].unsigned_abs().min(MAGNITUDE_MAX) + 14
    }

    #[inline]
    fn magnitude_force(&self) -> u32 {
        let [e1, e2, e3] = self.e;
        5 * e1 + 3 * e2 + 2 * e3 + 16
    }

    #[inline]
    fn advance(&mut self, value: i32, error: i32) {
        self.d = [value.wrapping_sub(self.value), self.d[0], self.d[1]];
        self.e = [error.unsigned_abs().min(MAGNITUDE_MAX), self.e[0], self.e[1]];
        self.value = value;
    }
}

/// The Rice order for a coordinate's next error: the magnitude is some sixteen times the error to
/// be expected, and the code is for its zigzag, so twice that.
#[inline]
fn position_order(magnitude: u32) -> u32 {
    // At least 14, so the logarithm is at least 3.
    magnitude.ilog2() - 3
}

/// The same for force, which errs more widely still while it rises or falls.
#[inline]
fn force_order(magnitude: u32) -> u32 {
    magnitude.ilog2() - 3 + u32::from(magnitude >= 64)
}

/// Errors to be expected at a stroke's start, in counts.
const POSITION_ERROR: u32 = 8;
const FORCE_ERROR: u32 = 24;

/// The sampling clock, followed in sixteenths of a tick.
///
/// With phase p, period q and the last error e (0 at first), the guess is t = ⌊(p + q + 8) / 16⌋;
/// a fragment begins with p = 16 · start_ticks and the chunk's q. After an error n:
/// - 32·abs(n) < q: p becomes p + q + 4·n, q becomes q + n, e becomes n;
/// - else: where q = 0 or n = e, q becomes 16 · (the interval just seen); p becomes 16 · (the time
///   just seen); e becomes n, or 0 where q was 0.
///
/// q stays within 0 and 16 · 65,535.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    ticks: u32,
    /// Where the clock is, in 1/16 tick since the chunk's anchor.
    phase: i64,
    /// How far it goes a sample, in 1/16 tick; 0 while unknown.
    period: i64,
    /// The last error, in ticks.
    error: i32,
}

impl Timing {
    /// Periods are followed up to here: 65,535 ticks.
    pub(crate) const PERIOD_MAX: u32 = 65_535 * 16;

    fn starting(ticks: u32, period: u32) -> Self {
        let period = i64::from(period.min(Self::PERIOD_MAX));
        Self { ticks, phase: i64::from(ticks) * 16, period, error: 0 }
    }

    /// The period in 1/16 tick.
    pub(crate) fn period(&self) -> u32 {
        // Kept within 0..=PERIOD_MAX by `advance`.
        self.period as u32
    }

    #[inline]
    fn predict(&self) -> u32 {
        // Taken modulo 2³² like everything on the wire.
        ((self.phase + self.period + 8) >> 4) as u32
    }

    #[inline]
    fn order(&self) -> u32 {
        // A jittering clock errs by a tick or so each time; a gap says nothing of the next interval.
        u32::from(matches!(self.error, -3..=-1 | 1..=3))
    }

    #[inline]
    fn advance(&mut self, ticks: u32, error: i32) {
        let wide = i64::from(error);
        if 32 * wide.abs() < self.period {
            // Jitter: a quarter of it is believed of the phase, a sixteenth of the pace.
            self.phase += self.period + 4 * wide;
            self.period = (self.period + wide).clamp(0, i64::from(Self::PERIOD_MAX));
            self.error = error;
        } else {
            // Dropped samples, or a pause: the pace stays, unless it was unknown or the same
            // surprise comes twice.
            let unknown = self.period == 0;
            if unknown || error == self.error {
                let interval = i64::from(ticks) - i64::from(self.ticks);
                self.period = (16 * interval).clamp(0, i64::from(Self::PERIOD_MAX));
            }
            self.phase = 16 * i64::from(ticks);
            self.error = if unknown { 0 } else { error };
        }
        self.ticks = ticks;
    }
}

/// Everything that is carried from one sample of a fragment to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    x: Track,
    y: Track,
    force: Track,
    timing: Timing,
    with_force: bool,
}

/// A sample as the codec sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) ticks: u32,
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) force: u16,
}

impl Model {
    /// Starts at a fragment's first sample, which its head holds. `period` in 1/16 tick.
    pub(crate) fn starting(first: Point, period: u32, with_force: bool) -> Self {
        Self {
            x: Track::at(first.x, POSITION_ERROR),
            y: Track::at(first.y, POSITION_ERROR),
            force: Track::at(i32::from(first.force), FORCE_ERROR),
            timing: Timing::starting(first.ticks, period),
            with_force,
        }
    }

    pub(crate) fn timing(&self) -> &Timing {
        &self.timing
    }

    /// Whether the sampling clock foretells `ticks`.
    pub(crate) fn foretells(&self, ticks: u32) -> bool {
        self.timing.predict() == ticks
    }

    /// Writes the next sample; its time only where `timed`, else the clock foretells it.
    pub(crate) fn encode(&mut self, point: Point, timed: bool, bits: &mut BitWriter<'_>) {
        let error = point.ticks.wrapping_sub(self.timing.predict()) as i32;
        if timed {
            bits.rice(zigzag(error), self.timing.order());
        }
        self.timing.advance(point.ticks, error);

        let error_x = point.x.wrapping_sub(self.x.predict_position());
        let wide = self.x.magnitude_position();
        bits.rice(zigzag(error_x), position_order(wide));
        self.x.advance(point.x, error_x);

        let error_y = point.y.wrapping_sub(self.y.predict_position());
        // The hand errs in both directions at once.
        let wide = self.y.magnitude_position() + 3 * self.x.e[0];
        bits.rice(zigzag(error_y), position_order(wide));
        self.y.advance(point.y, error_y);

        if self.with_force {
            let error = i32::from(point.force).wrapping_sub(self.force.predict_force());
            bits.rice(zigzag(error), force_order(self.force.magnitude_force()));
            self.force.advance(i32::from(point.force), error);
        }
    }

    /// Reads the next sample, `None` where its force is none that a writer makes. Whether the bits
    /// were there is the reader's to say.
    #[inline]
    pub(crate) fn decode(&mut self, timed: bool, bits: &mut BitReader<'_>) -> Option<Point> {
        let error = if timed { unzigzag(bits.rice(self.timing.order())) } else { 0 };
        let ticks = self.timing.predict().wrapping_add(error as u32);
        self.timing.advance(ticks, error);

        let wide = self.x.magnitude_position();
        let error_x = unzigzag(bits.rice(position_order(wide)));
        let x = self.x.predict_position().wrapping_add(error_x);
        self.x.advance(x, error_x);

        let wide = self.y.magnitude_position() + 3 * self.x.e[0];
        let error_y = unzigzag(bits.rice(position_order(wide)));
        let y = self.y.predict_position().wrapping_add(error_y);
        self.y.advance(y, error_y);

        let mut force = 0;
        if self.with_force {
            let wide = self.force.magnitude_force();
            let error = unzigzag(bits.rice(force_order(wide)));
            let value = self.force.predict_force().wrapping_add(error);
            force = u16::try_from(value).ok()?;
            self.force.advance(value, error);
        }
        Some(Point { ticks, x, y, force })
    }
}
