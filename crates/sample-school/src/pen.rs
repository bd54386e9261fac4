//! Pens to write with, and what of theirs reaches a store.

use firmware_protocol::{
    BootId, PageAddress, PenHead, PenId, Reading, SealPolicy, Sealer, StrokeEnd,
};
use store::Arrival;

/// A pen whose count is a micrometre and whose tick is a millisecond.
pub struct Pen {
    sealer: Sealer,
    frames: Vec<Vec<u8>>,
}

impl Pen {
    /// At its first start.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self::started(number, 1)
    }

    /// At a later start.
    #[must_use]
    pub fn started(number: u64, times: u32) -> Self {
        let head = PenHead::new(1_000, 1_023, 1_000);
        let boot = BootId { counter: times, random: 7 };
        let sealer = Sealer::new(PenId(number), boot, head, SealPolicy::STANDARD);
        Self { sealer, frames: Vec::new() }
    }

    /// A stroke along `points` in pattern micrometres, from `at_ms` on by the pen's own clock, a
    /// sample in 10 ms.
    pub fn stroke(&mut self, at: PageAddress, at_ms: i64, points: &[(i32, i32)]) {
        let Self { sealer, frames } = self;
        let mut out = |frame: &[u8]| frames.push(frame.to_vec());
        // Pens whose clocks are wrong may stand a little before 1970.
        let ticks = |at_ms: i64| at_ms.saturating_add(1_000_000).max(0).cast_unsigned();
        sealer.pen_down(Some(at), ticks(at_ms), at_ms, &mut out);
        for (at_ms, (x, y)) in (at_ms..).step_by(10).zip(points) {
            sealer.sample(Reading::new(ticks(at_ms), at_ms, *x, *y, 500), &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
    }

    /// The chunks sealed since the last call, as ingest stores them.
    pub fn arrivals(&mut self, received_ms: i64) -> Vec<Arrival> {
        let Self { sealer, frames } = self;
        sealer.flush(&mut |frame| frames.push(frame.to_vec()));
        std::mem::take(frames).iter().map(|bytes| arrival(bytes, received_ms)).collect()
    }
}

/// A sealed chunk as ingest stores it.
///
/// # Panics
/// Where the bytes are no chunk.
#[must_use]
pub fn arrival(bytes: &[u8], received_ms: i64) -> Arrival {
    ingest::arrival(bytes, "g-1", received_ms).expect("a sealed chunk")
}
