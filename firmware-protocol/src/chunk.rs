//! A chunk: a sealed run of one pen's strokes, numbered by the pen and never cut anew.
//!
//! The payload is a head, then fragments: what is known when each begins and its samples forward,
//! what is known when it ends backward (`codec/bits.rs` says how the two share the payload).
//! `PROTOCOL.md` has every field.

use crate::codec::{
    Backward, Before, Channels, Clock, Forward, Model, Opening, Point, PutBits, Run, RunEnd,
    TABLE_SET, meet, unzigzag, zigzag,
};
use crate::envelope::CRC_LEN;
use crate::message::UNIT_MAX;
use crate::{ChunkKey, FrameError, PageAddress, PenHead};

/// Anchors stay below these, so that no sum of an anchor and an offset in a chunk overflows.
pub(crate) const TICKS_MAX: u64 = u64::MAX / 2;
/// Unix milliseconds of a chunk are at most this, and at least its negative.
pub const UNIX_MS_MAX: i64 = 1 << 61;
/// 2026-09-21, from which anchors are counted.
const UNIX_MS_EPOCH: i64 = 1_790_000_000_000;

/// Unit, force and tick of usual pens, which have a code of four bits, from 1 on; 0 says that the
/// three follow.
const USUAL: [(u32, u16, u32); 4] =
    [(23_710, 852, 1_000), (23_710, 0, 1_000), (23_710, 852, 10_000), (23_710, 0, 10_000)];

/// Scales that have a code likewise.
const UNITS_NM: [u32; 6] = [23_710, 15_240, 12_700, 10_000, 5_000, 1_000];
const FORCES_MAX: [u32; 7] = [852, 255, 1_023, 2_047, 4_095, 8_191, 65_535];
const TICKS_US: [u32; 4] = [1_000, 10_000, 5_000, 100];

const UNIT_ORDER: u32 = 14;
const FORCE_MAX_ORDER: u32 = 8;
const TICK_ORDER: u32 = 10;
const ANCHOR_TICKS_ORDER: u32 = 20;
const ANCHOR_UNIX_ORDER: u32 = 36;
const PERIOD_ORDER: u32 = 5;

/// What counts and ticks of a chunk are worth; in every chunk, so that none depends on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkHead {
    /// Nanometres a count of position.
    pub unit_nm: u32,
    /// The highest force the pen reports; 0 where it measures none.
    pub force_max: u16,
    /// Microseconds a tick.
    pub tick_us: u32,
    /// Whether samples say how the pen is tilted.
    pub tilt: bool,
    /// Whether samples say how the pen is turned about its axis.
    pub twist: bool,
    /// Whether fragments say how many images the pen saw and decoded.
    pub images: bool,
    /// The pen's ticks that samples count from: those of the first fragment's start.
    pub anchor_ticks: u64,
    /// Unix milliseconds at the anchor by the pen's own clock, right or wrong.
    pub anchor_unix_ms: i64,
    /// What the sampling clock is expected to take from sample to sample, in 1/16 tick; 0 unknown.
    pub period: u32,
    /// Whether each sample's time is written, not only the times that the clock does not foretell.
    pub timed: bool,
}

impl ChunkHead {
    /// Ticks since the anchor to milliseconds since the anchor, rounded down.
    pub fn ticks_to_ms(&self, ticks: u32) -> i64 {
        // (2³² - 1)² / 1000 < 2⁵⁵, so it fits.
        (u64::from(ticks) * u64::from(self.tick_us) / 1000) as i64
    }

    /// Counts to micrometres, rounded to the nearest; what does not fit is cut to the nearest end.
    pub fn counts_to_um(&self, counts: i32) -> i32 {
        let nm = i64::from(counts) * i64::from(self.unit_nm);
        let um = (nm + 500).div_euclid(1000);
        um.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
    }

    /// Force as a fraction of the full scale, 0 to 65,535; 0 where the pen measures none.
    pub fn force_fraction(&self, force: u16) -> u16 {
        if self.force_max == 0 {
            return 0;
        }
        let full = u32::from(self.force_max);
        let fraction = (u32::from(force) * u32::from(u16::MAX) + full / 2) / full;
        fraction.min(u32::from(u16::MAX)) as u16
    }

    pub(crate) fn channels(&self) -> Channels {
        Channels::new(self.unit_nm, self.force_max, self.tilt, self.twist)
    }

    /// The code of a usual pen; 0 where it is none.
    fn usual_code(&self) -> usize {
        let scales = (self.unit_nm, self.force_max, self.tick_us);
        let known = USUAL.iter().position(|usual| *usual == scales);
        known.filter(|_| !self.tilt && !self.twist).map_or(0, |at| at + 1)
    }

    pub(crate) fn write(&self, bits: &mut impl PutBits) {
        bits.name("tables", TABLE_SET.into());
        bits.put(TABLE_SET.into(), 4);
        bits.name("images", self.images.into());
        bits.put(self.images.into(), 1);
        bits.name("timed", self.timed.into());
        bits.put(self.timed.into(), 1);
        let usual = self.usual_code();
        bits.name("usual pen", usual as i64);
        bits.put(usual as u64, 4);
        if usual == 0 {
            self.write_scales(bits);
        }
        // Below 2⁶³.
        bits.name("anchor_ticks", self.anchor_ticks as i64);
        bits.exp_golomb(self.anchor_ticks, ANCHOR_TICKS_ORDER);
        bits.name("anchor_unix_ms", self.anchor_unix_ms);
        bits.exp_golomb(zigzag(self.anchor_unix_ms - UNIX_MS_EPOCH), ANCHOR_UNIX_ORDER);
        bits.name("period", self.period.into());
        bits.exp_golomb(self.period.into(), PERIOD_ORDER);
    }

    fn write_scales(&self, bits: &mut impl PutBits) {
        let force = self.force_max != 0;
        for (field, flag) in [("force", force), ("tilt", self.tilt), ("twist", self.twist)] {
            bits.name(field, flag.into());
            bits.put(flag.into(), 1);
        }
        bits.name("unit_nm", self.unit_nm.into());
        write_scale(self.unit_nm, &UNITS_NM, UNIT_ORDER, bits);
        if force {
            bits.name("force_max", self.force_max.into());
            write_scale(self.force_max.into(), &FORCES_MAX, FORCE_MAX_ORDER, bits);
        }
        bits.name("tick_us", self.tick_us.into());
        write_scale(self.tick_us, &TICKS_US, TICK_ORDER, bits);
    }

    fn read(bits: &mut Forward<'_>) -> Result<Self, Broken> {
        let broken = |field, reason| Err(Broken { field, reason });
        let (images, timed) = (bits.flag(), bits.flag());
        let scales = match bits.take(4) as usize {
            0 => Self::read_scales(bits)?,
            code => {
                let Some(&(unit_nm, force_max, tick_us)) = USUAL.get(code - 1) else {
                    return broken("usual pen", "no code");
                };
                PenHead::new(unit_nm, force_max, tick_us)
            }
        };
        let anchor_ticks = bits.exp_golomb(ANCHOR_TICKS_ORDER);
        let since_epoch = unzigzag(bits.exp_golomb(ANCHOR_UNIX_ORDER));
        let anchor_unix_ms = since_epoch.saturating_add(UNIX_MS_EPOCH);
        if anchor_ticks > TICKS_MAX || !(-UNIX_MS_MAX..=UNIX_MS_MAX).contains(&anchor_unix_ms) {
            return broken("anchor", "it is beyond any clock");
        }
        let period = bits.exp_golomb32(PERIOD_ORDER);
        if period > Clock::PERIOD_MAX {
            return broken("period", "over 65,535 ticks");
        }
        if bits.overrun() {
            return broken("head", bits.overrun_reason());
        }
        let pen = PenHead { images, ..scales };
        Ok(Self { period, timed, ..pen.anchored(anchor_ticks, anchor_unix_ms) })
    }

    /// Reads what [`write_scales`](Self::write_scales) wrote.
    fn read_scales(bits: &mut Forward<'_>) -> Result<PenHead, Broken> {
        let broken = |field, reason| Err(Broken { field, reason });
        let (force, tilt, twist) = (bits.flag(), bits.flag(), bits.flag());
        let Some(unit_nm) = read_scale(&UNITS_NM, UNIT_ORDER, UNIT_MAX, bits) else {
            return broken("unit_nm", "no code, not its shortest, or not within 1..=1,000,000");
        };
        let mut force_max = 0;
        if force {
            let Some(max) = read_scale(&FORCES_MAX, FORCE_MAX_ORDER, u16::MAX.into(), bits) else {
                return broken("force_max", "no code, not its shortest, or not within 1..=65,535");
            };
            force_max = max as u16;
        }
        let Some(tick_us) = read_scale(&TICKS_US, TICK_ORDER, UNIT_MAX, bits) else {
            return broken("tick_us", "no code, not its shortest, or not within 1..=1,000,000");
        };
        let pen = PenHead { tilt, twist, ..PenHead::new(unit_nm, force_max, tick_us) };
        if pen.anchored(0, 0).usual_code() != 0 {
            return broken("usual pen", "it has a code");
        }
        Ok(pen)
    }
}

/// Writes a scale: by its code where it has one.
fn write_scale(value: u32, known: &[u32], order: u32, bits: &mut impl PutBits) {
    match (1..).zip(known).find(|(_, known)| **known == value) {
        Some((code, _)) => bits.put(code, 4),
        None => {
            bits.put(0, 4);
            bits.exp_golomb(value.into(), order);
        }
    }
}

/// `None` for a code that is none, a value that has a code, 0, and what is above `max`.
fn read_scale(known: &[u32], order: u32, max: u32, bits: &mut Forward<'_>) -> Option<u32> {
    match bits.take(4) {
        0 => {
            let value = bits.exp_golomb32(order);
            (1..=max).contains(&value).then_some(value).filter(|value| !known.contains(value))
        }
        code => known.get(code as usize - 1).copied(),
    }
}

/// What is wrong, where the place is known elsewhere.
struct Broken {
    field: &'static str,
    reason: &'static str,
}

/// A sealed run of strokes whose envelope, checksum and head were checked.
#[derive(Clone, Debug)]
pub struct Chunk<'a> {
    /// Its name.
    pub key: ChunkKey,
    /// What its counts and ticks are worth.
    pub head: ChunkHead,
    /// Where the payload begins in the frame, in bytes.
    base: usize,
    payload: &'a [u8],
    /// Stands behind the head.
    forward: Forward<'a>,
}

impl<'a> Chunk<'a> {
    /// `base` is where the payload begins in its frame, in bytes.
    pub(crate) fn decode(
        key: ChunkKey,
        base: usize,
        payload: &'a [u8],
    ) -> Result<Self, FrameError> {
        if key.number == 0 {
            // It takes the byte before the payload.
            let (offset, reason) = (base - 1, "0 is the hello's");
            return Err(FrameError::Field { offset, field: "number", reason });
        }
        let mut forward = Forward::new(payload);
        let set = forward.take(4);
        if set != TABLE_SET && !payload.is_empty() {
            let total_len = base + payload.len() + CRC_LEN;
            return Err(FrameError::UnknownTables { set: set as u8, key, total_len });
        }
        let head = ChunkHead::read(&mut forward).map_err(|Broken { field, reason }| {
            FrameError::Field { offset: base + forward.last_byte(), field, reason }
        })?;
        Ok(Self { key, head, base, payload, forward })
    }

    /// The fragments in written order.
    pub fn fragments(&self) -> Fragments<'a> {
        Fragments {
            base: self.base,
            head: self.head,
            channels: self.head.channels(),
            before: Before::nothing(self.head.period),
            forward: self.forward.clone(),
            backward: Backward::new(self.payload),
            unread: None,
            done: false,
        }
    }
}

/// Why a stroke, or this part of it, ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StrokeEnd {
    /// The pen was lifted.
    Up,
    /// The pen went on to another page face without being lifted.
    PageChange,
    /// A pen without memory lost its gateway.
    LinkLost,
    /// The battery died, or the pen was switched off.
    PowerLost,
    /// The end was missed; somebody concluded that there was one.
    Inferred,
    /// It goes on in another fragment: this part is not the last.
    Continued,
}

impl StrokeEnd {
    const ALL: [Self; 6] = [
        Self::Up,
        Self::PageChange,
        Self::LinkLost,
        Self::PowerLost,
        Self::Inferred,
        Self::Continued,
    ];

    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Up => 0,
            Self::PageChange => 1,
            Self::LinkLost => 2,
            Self::PowerLost => 3,
            Self::Inferred => 4,
            Self::Continued => 5,
        }
    }

    pub(crate) fn of_code(code: u32) -> Option<Self> {
        Self::ALL.get(code as usize).copied()
    }
}

/// How well the pen could read the pattern while it wrote a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Images {
    /// Images that the camera took.
    pub seen: u16,
    /// Those of them that were decoded into a position.
    pub decoded: u16,
}

/// How the pen is held, in its own counts; a chunk says which of them it measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Orientation {
    /// Tilt along x.
    pub tilt_x: u8,
    /// Tilt along y.
    pub tilt_y: u8,
    /// Rotation about the pen's own axis.
    pub twist: u16,
}

impl Orientation {
    /// What stands for it where it is not measured.
    pub const NONE: Self = Self { tilt_x: 0, tilt_y: 0, twist: 0 };
}

/// What a fragment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentHead {
    /// The stroke's number since the pen's start.
    pub stroke: u32,
    /// The page face; `None` under plain paper.
    pub address: Option<PageAddress>,
    /// Whether this is the stroke's first part.
    pub first: bool,
    /// Why it ends.
    pub end: StrokeEnd,
    /// Ticks of the first sample since the chunk's anchor; of an empty stroke, of its pen-down.
    pub start_ticks: u32,
    /// Samples.
    pub count: u16,
    /// What the camera saw, where the chunk has that channel.
    pub images: Option<Images>,
}

/// One reading of the pen, in its native counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RawSample {
    /// Ticks since the chunk's anchor.
    pub ticks: u32,
    /// Counts to the right.
    pub x: i32,
    /// Counts downwards.
    pub y: i32,
    /// Force in the pen's own scale; 0 where it measures none.
    pub force: u16,
    /// How the pen is held.
    pub orientation: Orientation,
}

/// Reads a chunk's fragments one after another: a fragment ends where its samples do, so each is
/// gone through before the next one's place is known.
///
/// ```
/// # use firmware_protocol::*;
/// fn longest(chunk: &Chunk<'_>) -> Result<u16, FrameError> {
///     let (mut fragments, mut longest) = (chunk.fragments(), 0);
///     while let Some(head) = fragments.next()? {
///         fragments.samples(|sample| assert!(sample.ticks >= head.start_ticks))?;
///         longest = longest.max(head.count);
///     }
///     Ok(longest)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Fragments<'a> {
    base: usize,
    head: ChunkHead,
    channels: Channels,
    before: Before,
    forward: Forward<'a>,
    backward: Backward<'a>,
    /// The fragment whose samples were not asked for.
    unread: Option<Unread<'a>>,
    done: bool,
}

#[derive(Clone, Debug)]
struct Unread<'a> {
    opening: Opening,
    start: Point,
    count: u32,
    first_run: Run,
    /// Stands behind the first run.
    runs: Backward<'a>,
}

/// A sample takes at least a bit for x and one for y.
const SAMPLE_BITS_MIN: usize = 2;

impl<'a> Fragments<'a> {
    /// Goes on to the next fragment; `None` behind the last. Samples of the one before that were
    /// not asked for are passed over.
    ///
    /// # Errors
    /// [`FrameError::Field`] where the payload breaks the format; then nothing follows.
    #[expect(clippy::should_implement_trait, reason = "it lends, and it may fail")]
    pub fn next(&mut self) -> Result<Option<FragmentHead>, FrameError> {
        self.samples(|_| {})?;
        // A chunk's first fragment is always there; behind one, nothing may be left.
        let follows = self.before.any();
        self.done |= follows && meet(&mut self.forward, &self.backward);
        if self.done {
            return Ok(None);
        }
        let mut plain = false;
        if follows {
            let Some(marker) = Opening::read_marker(&mut self.forward) else {
                return self.fail("end", "the payload does not end where its fragments do");
            };
            plain = marker;
        }
        let first_run = self.read_run()?;
        let runs = self.backward.clone();
        let (count, end, images) = self.read_runs(first_run)?;
        let samples = count > 0;
        let opening = Opening::read(plain, samples, &self.before, self.channels, &mut self.forward);
        if self.forward.overrun() {
            return self.fail("fragment", self.forward.overrun_reason());
        }
        let bits = SAMPLE_BITS_MIN * (count as usize).saturating_sub(1);
        let Some(count16) = u16::try_from(count).ok().filter(|_| bits <= self.forward.left())
        else {
            return self.fail("count", "more samples than bits");
        };
        self.before.follow(&opening, opening.ticks);
        self.unread = opening.start.map(|start| Unread { opening, start, count, first_run, runs });
        Ok(Some(FragmentHead {
            stroke: opening.stroke,
            address: opening.address,
            first: opening.first,
            end,
            start_ticks: opening.ticks,
            count: count16,
            images,
        }))
    }

    /// Gives the samples of the fragment that [`next`](Self::next) came to, in written order; none
    /// if they were given before.
    ///
    /// # Errors
    /// [`FrameError::Field`] where they break the format, after those before the break were given;
    /// then nothing follows.
    #[inline]
    pub fn samples(&mut self, each: impl FnMut(RawSample)) -> Result<(), FrameError> {
        let Some(unread) = self.unread.take() else { return Ok(()) };
        let Channels { force, tilt, twist, .. } = self.channels;
        match (force, self.head.timed || tilt || twist) {
            (true, false) => self.samples_of::<true, false>(unread, each),
            (false, false) => self.samples_of::<false, false>(unread, each),
            (_, true) => self.samples_of::<true, true>(unread, each),
        }
    }

    /// With `F` where the chunk may have force, and `R` where it may have what few have: times of
    /// each sample, tilt, twist.
    #[inline]
    fn samples_of<const F: bool, const R: bool>(
        &mut self,
        unread: Unread<'a>,
        mut each: impl FnMut(RawSample),
    ) -> Result<(), FrameError> {
        let Unread { opening, start, count, first_run: mut run, mut runs } = unread;
        let ChunkHead { period, images, timed, .. } = self.head;
        // Local, so that they can stay in registers.
        let mut bits = self.forward.clone();
        let mut model = Model::starting(start, opening.first, period, self.channels);
        let mut give = |point: Point| {
            let Point { ticks, x, y, force, orientation } = point;
            each(RawSample { ticks, x, y, force, orientation });
        };
        give(start);
        // The first run holds the first sample.
        let mut foretold = run.len.saturating_sub(1);
        for _ in 1..count {
            let mut error = 0;
            if foretold > 0 {
                foretold -= 1;
            } else {
                if let RunEnd::Missed(missed) = run.end {
                    error = missed;
                }
                run = Run::read(period, images, &mut runs);
                foretold = run.len;
            }
            let point = model.decode::<F, R>(R && timed, error, &mut bits);
            if bits.overrun() {
                return self.fail("samples", bits.overrun_reason());
            }
            give(point);
        }
        self.before.follow(&opening, model.clock.ticks());
        self.forward = bits;
        Ok(())
    }

    /// Goes through a fragment's runs: how many samples, why it ends, what the camera saw.
    fn read_runs(&mut self, first: Run) -> Result<(u32, StrokeEnd, Option<Images>), FrameError> {
        // A fragment's first sample is where it says; a timed chunk says where all are.
        let missed = matches!(first.end, RunEnd::Missed(_));
        if missed && (self.head.timed || first.len == 0) {
            return self.fail("run", "it ends at no sample that was missed");
        }
        let (mut run, mut count) = (first, first.len);
        loop {
            match run.end {
                RunEnd::Fragment(end, images) => return Ok((count, end, images)),
                RunEnd::Missed(_) => run = self.read_run()?,
            }
            count = count.saturating_add(1).saturating_add(run.len);
        }
    }

    fn read_run(&mut self) -> Result<Run, FrameError> {
        let run = Run::read(self.head.period, self.head.images, &mut self.backward);
        if self.backward.overrun() {
            return self.fail("run", self.backward.overrun_reason());
        }
        Ok(run)
    }

    fn fail<T>(&mut self, field: &'static str, reason: &'static str) -> Result<T, FrameError> {
        (self.done, self.unread) = (true, None);
        let offset = self.base + self.forward.last_byte();
        Err(FrameError::Field { offset, field, reason })
    }
}
