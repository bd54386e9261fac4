//! The sealer: what a pen's firmware runs to turn readings into sealed chunks.

use crate::chunk::TICKS_MAX;
use crate::writer::{ChunkWriter, FragmentStart};
use crate::{
    BootId, BufferFull, ChunkHead, ChunkKey, Images, Orientation, PageAddress, PenId, RawSample,
    StrokeEnd,
};

/// When a chunk is sealed, besides when it is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealPolicy {
    /// Milliseconds from a chunk's first sample to its last, pauses included.
    pub ink_ms_max: u32,
    /// Milliseconds with the pen up.
    pub rest_ms_max: u32,
}

impl SealPolicy {
    /// Four seconds of ink, half a second of rest.
    pub const STANDARD: Self = Self { ink_ms_max: 4_000, rest_ms_max: 500 };
}

/// What a pen measures, and what its counts and ticks are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PenHead {
    /// Nanometres a count of position, 1 to 1,000,000.
    pub unit_nm: u32,
    /// The highest force it reports; 0 where it measures none.
    pub force_max: u16,
    /// Microseconds a tick, 1 to 1,000,000.
    pub tick_us: u32,
    /// Whether it measures its tilt.
    pub tilt: bool,
    /// Whether it measures its twist.
    pub twist: bool,
    /// Whether it counts its camera's images.
    pub images: bool,
}

impl PenHead {
    /// A pen that measures position and, unless `force_max` is 0, force.
    pub const fn new(unit_nm: u32, force_max: u16, tick_us: u32) -> Self {
        Self { unit_nm, force_max, tick_us, tilt: false, twist: false, images: false }
    }

    /// The head of a chunk whose first fragment starts at `ticks`, when the pen's clock says
    /// `unix_ms`.
    pub const fn anchored(self, ticks: u64, unix_ms: i64) -> ChunkHead {
        let Self { unit_nm, force_max, tick_us, tilt, twist, images } = self;
        ChunkHead {
            unit_nm,
            force_max,
            tick_us,
            tilt,
            twist,
            images,
            anchor_ticks: ticks,
            anchor_unix_ms: unix_ms,
            period: 0,
            timed: false,
        }
    }
}

/// One reading of the pen while it is down, in its native counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The pen's ticks since its start; they end at 2⁶³ - 1.
    pub ticks: u64,
    /// Unix milliseconds by the pen's own clock, right or wrong.
    pub unix_ms: i64,
    /// Counts to the right.
    pub x: i32,
    /// Counts downwards.
    pub y: i32,
    /// Force in the pen's own scale.
    pub force: u16,
    /// How the pen is held.
    pub orientation: Orientation,
}

impl Reading {
    /// Of a pen that does not measure how it is held.
    pub const fn new(ticks: u64, unix_ms: i64, x: i32, y: i32, force: u16) -> Self {
        Self { ticks, unix_ms, x, y, force, orientation: Orientation::NONE }
    }
}

/// Turns readings into sealed chunks; every sealed chunk goes to `out` as a whole frame.
///
/// It may be told anything in any order: a missing pen-up ends the stroke as `Inferred`, a missing
/// pen-down begins one without a page, a clock that jumps begins a new chunk. Nothing is lost and
/// nothing panics. Its memory is itself, below 2 KiB, the chunk being built included.
#[derive(Clone)]
pub struct Sealer {
    pen: PenId,
    boot: BootId,
    head: PenHead,
    policy: SealPolicy,
    /// The number of the next chunk.
    number: u32,
    /// The number of the next stroke.
    stroke: u32,
    /// The sampling period seen last, in 1/16 tick; 0 while unknown.
    period: u32,
    /// Whether the clock jitters so much that chunks write each sample's time.
    timed: bool,
    /// Images since the last fragment ended.
    images: Images,
    down: Option<OpenStroke>,
    /// The time of the last sample or pen-down in the chunk; `None` while no chunk is begun.
    last_ticks: Option<u64>,
    writer: ChunkWriter,
}

/// The stroke being written.
#[derive(Clone, Copy)]
struct OpenStroke {
    number: u32,
    address: Option<PageAddress>,
    /// Whether no fragment of it was ended yet.
    first: bool,
    /// The time of its last sample, or of the pen-down.
    ticks: u64,
    unix_ms: i64,
    /// Whether its fragment in the chunk was begun.
    begun: bool,
}

/// A chunk whose clock errs at one sample in so many writes on with each sample's time.
const TIMED_SHARE: u16 = 8;
/// A chunk with fewer samples says nothing of the clock.
const SAMPLES_TELLING: u16 = 16;

impl Sealer {
    /// A sealer for one start of a pen. The next chunk has number 1: 0 is the hello. Units outside
    /// 1 to 1,000,000 are cut to it: no reader takes others.
    pub fn new(pen: PenId, boot: BootId, head: PenHead, policy: SealPolicy) -> Self {
        let key = ChunkKey { pen, boot, number: 1 };
        Self {
            pen,
            boot,
            head,
            policy,
            number: 1,
            stroke: 0,
            period: 0,
            timed: false,
            images: Images { seen: 0, decoded: 0 },
            down: None,
            last_ticks: None,
            writer: ChunkWriter::new(key, head.anchored(0, 0)),
        }
    }

    /// Seals by another policy from now on, the chunk under way included. One that is not sound
    /// ([`Policy::is_sound`](crate::Policy::is_sound)) is for tests alone: no reader takes it.
    pub fn obey(&mut self, policy: SealPolicy) {
        self.policy = policy;
    }

    /// The number of the chunk under way, or of the next one.
    pub fn next_number(&self) -> u32 {
        self.number
    }

    /// The pen touches a page face (`None`: plain paper). An owner above 24 bits is cut to them.
    ///
    /// `ticks` and `unix_ms` are the pen's own clocks, here and below; ticks end at 2⁶³ - 1.
    pub fn pen_down(
        &mut self,
        address: Option<PageAddress>,
        ticks: u64,
        unix_ms: i64,
        out: &mut impl FnMut(&[u8]),
    ) {
        self.pen_up(StrokeEnd::Inferred, out);
        let ticks = ticks.min(TICKS_MAX);
        self.rest(ticks, out);
        let number = self.stroke;
        self.stroke = self.stroke.wrapping_add(1);
        self.down = Some(OpenStroke { number, address, first: true, ticks, unix_ms, begun: false });
        if !self.in_time(ticks) {
            self.seal(out);
        }
    }

    /// One reading while the pen is down.
    pub fn sample(&mut self, reading: Reading, out: &mut impl FnMut(&[u8])) {
        let Reading { ticks, unix_ms, x, y, force, orientation } = reading;
        let ticks = ticks.min(TICKS_MAX);
        if self.down.is_none() {
            self.pen_down(None, ticks, unix_ms, out);
        }
        if !self.in_time(ticks) {
            self.seal(out);
        }
        if let Some(down) = &mut self.down {
            (down.ticks, down.unix_ms) = (ticks, unix_ms);
        }
        let sample = RawSample { ticks: 0, x, y, force, orientation };
        if self.add(sample).is_err() {
            self.seal(out);
            // An empty chunk has room for a sample.
            let _fits = self.add(sample);
        }
        self.last_ticks = self.last_ticks.max(Some(ticks));
    }

    /// The camera took `seen` images since it was last told, and decoded `decoded` of them.
    pub fn saw(&mut self, seen: u16, decoded: u16) {
        self.images.seen = self.images.seen.saturating_add(seen);
        self.images.decoded = self.images.decoded.saturating_add(decoded);
    }

    /// The pen leaves the page face. Nothing happens where it was up already.
    pub fn pen_up(&mut self, end: StrokeEnd, out: &mut impl FnMut(&[u8])) {
        let Some(down) = self.down else { return };
        if !down.begun && self.begin(None).is_err() {
            // A stroke without samples, or one whose last sample went with the chunk before.
            self.seal(out);
            let _fits = self.begin(None);
        }
        self.end_fragment(end);
        self.last_ticks = self.last_ticks.max(Some(down.ticks));
        self.down = None;
    }

    /// Time passes: call it while the pen is up. Seals once the pen has rested, or the chunk is old.
    pub fn rest(&mut self, ticks: u64, out: &mut impl FnMut(&[u8])) {
        let (Some(last_ticks), None) = (self.last_ticks, &self.down) else { return };
        let ticks = ticks.min(TICKS_MAX);
        let rested = self.ms(last_ticks, ticks) >= u64::from(self.policy.rest_ms_max);
        let old = self.ms(self.anchor_ticks(), ticks) >= u64::from(self.policy.ink_ms_max);
        if rested || old {
            self.seal(out);
        }
    }

    /// Seals what there is. A stroke that is being written goes on in the next chunk.
    pub fn flush(&mut self, out: &mut impl FnMut(&[u8])) {
        self.seal(out);
    }

    fn anchor_ticks(&self) -> u64 {
        self.writer.head().anchor_ticks
    }

    /// Milliseconds from one tick to another; 0 where the clock went back.
    fn ms(&self, from: u64, to: u64) -> u64 {
        let tick_us = u64::from(self.writer.head().tick_us);
        to.saturating_sub(from).saturating_mul(tick_us) / 1000
    }

    /// Whether a sample at `ticks` belongs into the chunk: it is not old, and the clock did not
    /// jump. Into one that is not begun everything does.
    fn in_time(&self, ticks: u64) -> bool {
        if self.last_ticks.is_none() {
            return true;
        }
        let since = ticks.checked_sub(self.anchor_ticks());
        let in_reach = since.is_some_and(|since| u32::try_from(since).is_ok());
        in_reach && self.ms(self.anchor_ticks(), ticks) < u64::from(self.policy.ink_ms_max)
    }

    /// Adds a sample at the stroke's time, in the fragment or as its first.
    fn add(&mut self, sample: RawSample) -> Result<(), BufferFull> {
        match self.down {
            Some(down) if down.begun => {
                self.writer.sample(RawSample { ticks: self.since(down.ticks), ..sample })
            }
            _ => self.begin(Some(sample)),
        }
    }

    /// Begins the stroke's fragment, and the chunk before it if need be.
    fn begin(&mut self, sample: Option<RawSample>) -> Result<(), BufferFull> {
        let Some(down) = self.down else { return Err(BufferFull) };
        if self.last_ticks.is_none() {
            let key = ChunkKey { pen: self.pen, boot: self.boot, number: self.number };
            let head = self.head.anchored(down.ticks, down.unix_ms);
            let (period, timed) = (self.period, self.timed);
            self.writer.restart(key, ChunkHead { period, timed, ..head });
            self.last_ticks = Some(down.ticks);
        }
        let OpenStroke { number: stroke, first, address, .. } = down;
        let start = FragmentStart { stroke, first, address, ticks: self.since(down.ticks) };
        self.writer.begin(start, sample)?;
        self.down = Some(OpenStroke { begun: true, ..down });
        Ok(())
    }

    /// Ends the stroke's fragment, if it was begun.
    fn end_fragment(&mut self, end: StrokeEnd) {
        let Some(down) = self.down.as_mut().filter(|down| down.begun) else { return };
        (down.first, down.begun) = (false, false);
        self.period = self.writer.period().unwrap_or(self.period);
        self.writer.end(end, Some(self.images));
        self.images = Images { seen: 0, decoded: 0 };
    }

    fn seal(&mut self, out: &mut impl FnMut(&[u8])) {
        self.end_fragment(StrokeEnd::Continued);
        if self.last_ticks.take().is_none() || self.writer.is_empty() {
            return;
        }
        let (samples, misses) = self.writer.misses();
        if samples >= SAMPLES_TELLING {
            self.timed = misses > samples / TIMED_SHARE;
        }
        out(self.writer.finish());
        // A chunk every half second for 68 years of one start: it does not come round.
        self.number = self.number.wrapping_add(1);
    }

    /// Ticks since the chunk's anchor; `in_time` made sure that they fit.
    fn since(&self, ticks: u64) -> u32 {
        u32::try_from(ticks.saturating_sub(self.anchor_ticks())).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests;
