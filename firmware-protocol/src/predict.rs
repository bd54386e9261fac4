//! What the next sample will be, and how far off the guess may be: integers only, and the same on
//! both sides of the wire.
//!
//! Predictors and magnitude weights were fitted on real handwriting resampled to 100 Hz on a
//! 23.7 µm grid. Values wrap in 32 bits, so that every count is legal.

use crate::RawSample;
use crate::bits::{BitReader, BitWriter, CODE_BITS_MAX};
use crate::error::FrameError;

/// Bytes that one sample takes at most: four code words, and the byte under way.
pub(crate) const SAMPLE_BYTES_MAX: usize = (4 * CODE_BITS_MAX).div_ceil(8) + 1;

/// Orders of the code for a fragment's first position and force.
const FIRST_POSITION_ORDER: u32 = 12;
const FIRST_FORCE_ORDER: u32 = 8;

/// One coordinate's past.
#[derive(Clone, Copy, Debug, Default)]
struct Channel {
    last: i32,
    /// The last three differences, newest first.
    d: [i32; 3],
    /// The last three residuals' magnitudes, newest first.
    e: [u32; 3],
}

impl Channel {
    /// x̂ = x + (64·d₁ + 10·d₂ − 20·d₃ + 32) / 64
    fn guess_position(&self) -> i32 {
        let [d1, d2, d3] = self.d.map(i64::from);
        self.last.wrapping_add(((64 * d1 + 10 * d2 - 20 * d3 + 32) >> 6) as i32)
    }

    /// f̂ = f + (43·d₁ + 32) / 64
    fn guess_force(&self) -> i32 {
        self.last.wrapping_add(((43 * i64::from(self.d[0]) + 32) >> 6) as i32)
    }

    /// The order of the code for the next residual, from how far off the last ones were.
    fn position_order(&self, beside: u32) -> u32 {
        let [e1, e2, e3] = self.e.map(u64::from);
        let speed = u64::from(self.d[0].unsigned_abs());
        order(5 * e1 + 2 * e2 + e3 + speed + 3 * u64::from(beside) + 14)
    }

    fn force_order(&self) -> u32 {
        let [e1, e2, e3] = self.e.map(u64::from);
        order(5 * e1 + 3 * e2 + 2 * e3 + 16)
    }

    /// Takes in what came; gives the residual's magnitude.
    fn learn(&mut self, value: i32, residual: i32) -> u32 {
        let magnitude = residual.unsigned_abs();
        self.e = [magnitude, self.e[0], self.e[1]];
        self.d = [value.wrapping_sub(self.last), self.d[0], self.d[1]];
        self.last = value;
        magnitude
    }

    fn begin(&mut self, value: i32) {
        *self = Self { last: value, ..Self::default() };
    }
}

fn order(magnitude: u64) -> u32 {
    // At least 14, so the division leaves at least 1.
    (magnitude / 14).max(1).ilog2().min(20)
}

/// Codes the samples of one fragment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SampleCoder {
    x: Channel,
    y: Channel,
    force: Channel,
    ticks: u32,
    interval: u32,
    begun: bool,
}

impl SampleCoder {
    /// `start_ticks` is the first sample's time since the chunk's anchor.
    pub(crate) fn new(start_ticks: u32, tick_us: u32) -> Self {
        // 10 ms until the pen has shown its own interval.
        let interval = 10_000 / tick_us.max(1);
        let channel = Channel::default();
        Self { x: channel, y: channel, force: channel, ticks: start_ticks, interval, begun: false }
    }

    pub(crate) fn encode(
        &mut self,
        sample: RawSample,
        bits: &mut BitWriter,
        buffer: &mut [u8],
        at: &mut usize,
    ) {
        let mut put = |value: i32, order: u32| bits.golomb(buffer, at, zigzag(value), order);
        if !self.begun {
            put(sample.x, FIRST_POSITION_ORDER);
            put(sample.y, FIRST_POSITION_ORDER);
            put(i32::from(sample.force), FIRST_FORCE_ORDER);
            self.begin(sample);
            return;
        }
        let interval = sample.ticks.wrapping_sub(self.ticks);
        put(interval.wrapping_sub(self.interval) as i32, 0);
        (self.ticks, self.interval) = (sample.ticks, interval);
        let residual = sample.x.wrapping_sub(self.x.guess_position());
        put(residual, self.x.position_order(0));
        let beside = self.x.learn(sample.x, residual);
        let residual = sample.y.wrapping_sub(self.y.guess_position());
        put(residual, self.y.position_order(beside));
        self.y.learn(sample.y, residual);
        let force = i32::from(sample.force);
        let residual = force.wrapping_sub(self.force.guess_force());
        put(residual, self.force.force_order());
        self.force.learn(force, residual);
    }

    pub(crate) fn decode(&mut self, bits: &mut BitReader<'_>) -> Result<RawSample, FrameError> {
        if !self.begun {
            let x = unzigzag(bits.golomb(FIRST_POSITION_ORDER)?);
            let y = unzigzag(bits.golomb(FIRST_POSITION_ORDER)?);
            // Any code word stands for a force: what does not fit 16 bits wraps.
            let force = unzigzag(bits.golomb(FIRST_FORCE_ORDER)?) as u16;
            let sample = RawSample { ticks: self.ticks, x, y, force };
            self.begin(sample);
            return Ok(sample);
        }
        self.interval = self.interval.wrapping_add(unzigzag(bits.golomb(0)?) as u32);
        self.ticks = self.ticks.wrapping_add(self.interval);
        let residual = unzigzag(bits.golomb(self.x.position_order(0))?);
        let x = self.x.guess_position().wrapping_add(residual);
        let beside = self.x.learn(x, residual);
        let residual = unzigzag(bits.golomb(self.y.position_order(beside))?);
        let y = self.y.guess_position().wrapping_add(residual);
        self.y.learn(y, residual);
        let residual = unzigzag(bits.golomb(self.force.force_order())?);
        let force = self.force.guess_force().wrapping_add(residual) as u16;
        self.force.learn(i32::from(force), residual);
        Ok(RawSample { ticks: self.ticks, x, y, force })
    }

    fn begin(&mut self, sample: RawSample) {
        self.x.begin(sample.x);
        self.y.begin(sample.y);
        self.force.begin(i32::from(sample.force));
        self.begun = true;
    }
}

fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

fn unzigzag(value: u32) -> i32 {
    ((value >> 1) as i32) ^ -((value & 1) as i32)
}
