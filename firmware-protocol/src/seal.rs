//! The sealer: what a pen's firmware runs to turn samples into sealed chunks.

use crate::chunk::{TICKS_MAX, UNIX_MS_MAX};
use crate::codec::{BitWriter, Chain, HEAD_BITS_MAX, Head, Model, Point, SAMPLE_BITS_MAX};
use crate::cursor::Writer;
use crate::envelope::{CRC_LEN, HEADER_LEN, Kind, close_frame};
use crate::message::UNIT_MAX;
use crate::{BootId, CHUNK_BYTES_MAX, ChunkHead, ChunkKey, PageAddress, PenId, StrokeEnd};

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

/// What a pen's counts and ticks are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PenHead {
    /// Nanometres a count of position, 1 to 1,000,000.
    pub unit_nm: u32,
    /// The highest force it reports; 0 where it measures none.
    pub force_max: u16,
    /// Microseconds a tick, 1 to 1,000,000.
    pub tick_us: u32,
}

/// Clocks beyond these ends are none; no reader takes them.
const UNIX_MS_END: i64 = UNIX_MS_MAX as i64;
/// Payload bits end here in the longest chunk.
const PAYLOAD_BITS_MAX: usize = (CHUNK_BYTES_MAX - CRC_LEN) * 8;
/// A body is written this far behind its head's place, and moved up when the head is known.
const BODY_GAP_BYTES: usize = HEAD_BITS_MAX.div_ceil(8) + 16;
/// The gap, one sample too many, and a bit writer's window.
const BUFFER_BYTES: usize = CHUNK_BYTES_MAX + BODY_GAP_BYTES + SAMPLE_BITS_MAX.div_ceil(8) + 8;

/// Turns samples into sealed chunks; every sealed chunk goes to `out` as a whole frame.
///
/// It may be told anything in any order: a missing pen-up ends the stroke as `Inferred`, a missing
/// pen-down begins one without a page, a clock that jumps begins a new chunk. Nothing is lost and
/// nothing panics. Its memory is itself, below 1.5 KiB, the chunk being built included.
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
    chunk: Option<OpenChunk>,
    down: Option<OpenStroke>,
    buffer: [u8; BUFFER_BYTES],
}

/// The chunk being built.
#[derive(Clone, Copy)]
struct OpenChunk {
    anchor_ticks: u64,
    /// The latest time in it, in ticks.
    last_ticks: u64,
    /// Where the next fragment's head goes, in bits.
    at: usize,
    chain: Chain,
}

/// The stroke being written.
#[derive(Clone, Copy)]
struct OpenStroke {
    number: u32,
    address: Option<PageAddress>,
    /// Whether no fragment of it was closed yet.
    first: bool,
    /// The time of its last sample, or of the pen-down.
    ticks: u64,
    unix_ms: i64,
    /// Its fragment in the open chunk; none before the first sample.
    fragment: Option<OpenFragment>,
}

#[derive(Clone, Copy)]
struct OpenFragment {
    start: Point,
    count: u16,
    regular: u16,
    head_bits_max: usize,
    /// Where its body began and goes on, in bits.
    body: usize,
    at: usize,
    model: Model,
}

impl Sealer {
    /// A sealer for one start of a pen. The next chunk has number 1: 0 is the hello. Units outside
    /// 1 to 1,000,000 are cut to it: no reader takes others.
    pub fn new(pen: PenId, boot: BootId, head: PenHead, policy: SealPolicy) -> Self {
        let unit_nm = head.unit_nm.clamp(1, UNIT_MAX);
        let head = PenHead { unit_nm, tick_us: head.tick_us.clamp(1, UNIT_MAX), ..head };
        Self {
            pen,
            boot,
            head,
            policy,
            number: 1,
            stroke: 0,
            period: 0,
            chunk: None,
            down: None,
            buffer: [0; BUFFER_BYTES],
        }
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
        self.pen_up(StrokeEnd::Inferred);
        let ticks = ticks.min(TICKS_MAX);
        self.rest(ticks, out);
        let address = address.map(|page| PageAddress { owner: page.owner & 0x00ff_ffff, ..page });
        let number = self.stroke;
        self.stroke = self.stroke.wrapping_add(1);
        self.down =
            Some(OpenStroke { number, address, first: true, ticks, unix_ms, fragment: None });
        // So that an empty stroke, whose pen-up may follow, finds its place.
        let fits = self.chunk.is_some_and(|chunk| {
            let start = Point { ticks: since(&chunk, ticks), x: 0, y: 0, force: 0 };
            let head_bits = self.head_bits_max(&chunk, start, 0);
            self.in_time(&chunk, ticks) && chunk.at + head_bits <= PAYLOAD_BITS_MAX
        });
        if !fits {
            self.seal(out);
        }
    }

    /// One reading while the pen is down.
    pub fn sample(
        &mut self,
        ticks: u64,
        unix_ms: i64,
        x: i32,
        y: i32,
        force: u16,
        out: &mut impl FnMut(&[u8]),
    ) {
        let ticks = ticks.min(TICKS_MAX);
        if self.down.is_none() {
            self.pen_down(None, ticks, unix_ms, out);
        }
        if self.chunk.is_some_and(|chunk| !self.in_time(&chunk, ticks)) {
            self.seal(out);
        }
        let force = if self.head.force_max == 0 { 0 } else { force };
        let point = |chunk: &OpenChunk| Point { ticks: since(chunk, ticks), x, y, force };
        // Where the stroke, longer by this sample, is too long for the chunk, it goes on in the next.
        let fitting = self.chunk.and_then(|chunk| self.longer(&chunk, point(&chunk)));
        let (mut chunk, fragment) = match (self.chunk, fitting) {
            (Some(chunk), Some(fragment)) => (chunk, fragment),
            _ => {
                self.seal(out);
                let chunk = self.open(ticks, unix_ms);
                let fragment = self.begin(&chunk, point(&chunk));
                (chunk, fragment)
            }
        };
        chunk.last_ticks = chunk.last_ticks.max(ticks);
        self.chunk = Some(chunk);
        if let Some(stroke) = &mut self.down {
            stroke.fragment = Some(fragment);
            (stroke.ticks, stroke.unix_ms) = (ticks, unix_ms);
        }
    }

    /// The pen leaves the page face. Nothing happens where it was up already.
    pub fn pen_up(&mut self, end: StrokeEnd) {
        let Some(stroke) = self.down else { return };
        if self.chunk.is_none() {
            // A stroke without samples, or one whose last sample went with the chunk before.
            self.chunk = Some(self.open(stroke.ticks, stroke.unix_ms));
        }
        self.close_fragment(end);
        self.down = None;
    }

    /// Time passes: call it while the pen is up. Seals once the pen has rested, or the chunk is old.
    pub fn rest(&mut self, ticks: u64, out: &mut impl FnMut(&[u8])) {
        let (Some(chunk), None) = (&self.chunk, &self.down) else { return };
        let rested = self.ms(chunk.last_ticks, ticks) >= u64::from(self.policy.rest_ms_max);
        let old = self.ms(chunk.anchor_ticks, ticks) >= u64::from(self.policy.ink_ms_max);
        if rested || old {
            self.seal(out);
        }
    }

    /// Seals what there is. A stroke that is being written goes on in the next chunk.
    pub fn flush(&mut self, out: &mut impl FnMut(&[u8])) {
        self.seal(out);
    }

    /// Milliseconds from one tick to another; 0 where the clock went back.
    fn ms(&self, from: u64, to: u64) -> u64 {
        to.saturating_sub(from).saturating_mul(u64::from(self.head.tick_us)) / 1000
    }

    /// Whether a sample at `ticks` belongs into the open chunk: it is not old, and the clock did not
    /// jump.
    fn in_time(&self, chunk: &OpenChunk, ticks: u64) -> bool {
        let since = ticks.checked_sub(chunk.anchor_ticks);
        let in_reach = since.is_some_and(|since| u32::try_from(since).is_ok());
        in_reach && self.ms(chunk.anchor_ticks, ticks) < u64::from(self.policy.ink_ms_max)
    }

    /// Begins a chunk whose clock is anchored at `ticks`.
    fn open(&mut self, ticks: u64, unix_ms: i64) -> OpenChunk {
        let head = ChunkHead {
            unit_nm: self.head.unit_nm,
            force_max: self.head.force_max,
            tick_us: self.head.tick_us,
            anchor_ticks: ticks,
            anchor_unix_ms: unix_ms.clamp(-UNIX_MS_END, UNIX_MS_END),
        };
        let mut writer = Writer::new(&mut self.buffer[HEADER_LEN..]);
        // A byte and six varints always fit an empty chunk.
        let _fits = head.write(self.period, &mut writer);
        let at = (HEADER_LEN + writer.written()) * 8;
        OpenChunk {
            anchor_ticks: ticks,
            last_ticks: ticks,
            at,
            chain: Chain::starting(self.period),
        }
    }

    /// The stroke's fragment with one sample more; `None` where the chunk has no room for it.
    fn longer(&mut self, chunk: &OpenChunk, point: Point) -> Option<OpenFragment> {
        let fragment = match self.down?.fragment {
            None => self.begin(chunk, point),
            Some(fragment) => self.go_on(fragment, point),
        };
        let end = chunk.at + fragment.head_bits_max + (fragment.at - fragment.body);
        (end <= PAYLOAD_BITS_MAX).then_some(fragment)
    }

    fn begin(&mut self, chunk: &OpenChunk, start: Point) -> OpenFragment {
        let body = body_at(chunk);
        let model = Model::starting(start, chunk.chain.period, self.head.force_max != 0);
        let head_bits_max = self.head_bits_max(chunk, start, 1);
        OpenFragment { start, count: 1, regular: 0, head_bits_max, body, at: body, model }
    }

    /// What the open stroke's head takes in this chunk at most.
    fn head_bits_max(&mut self, chunk: &OpenChunk, start: Point, count: u16) -> usize {
        let Some(head) = self.down.map(|stroke| stroke.head(StrokeEnd::Continued, start, count))
        else {
            return 0;
        };
        // The body's place is free: it has not begun.
        let bits = BitWriter::new(&mut self.buffer, body_at(chunk));
        head.bits_max(&chunk.chain, self.head.force_max != 0, bits)
    }

    fn go_on(&mut self, mut fragment: OpenFragment, point: Point) -> OpenFragment {
        let all_regular = fragment.regular + 1 == fragment.count;
        let regular = all_regular && fragment.model.foretells(point.ticks);
        let mut bits = BitWriter::new(&mut self.buffer, fragment.at);
        fragment.model.encode(point, !regular, &mut bits);
        // The buffer is longer than the chunk by the longest sample.
        fragment.at = bits.finish().unwrap_or(fragment.at);
        fragment.count += 1;
        fragment.regular += u16::from(regular);
        fragment
    }

    /// Writes the head of the stroke's fragment and moves the body up to it.
    fn close_fragment(&mut self, end: StrokeEnd) {
        let (Some(mut chunk), Some(mut stroke)) = (self.chunk, self.down) else { return };
        let with_force = self.head.force_max != 0;
        let ticks = since(&chunk, stroke.ticks);
        let nowhere = Point { ticks, x: 0, y: 0, force: 0 };
        let mut head = stroke.head(end, nowhere, 0);
        let (mut body, mut body_end) = (0, 0);
        if let Some(fragment) = &stroke.fragment {
            head = stroke.head(end, fragment.start, fragment.count);
            head.regular = fragment.regular;
            (body, body_end) = (fragment.body, fragment.at);
            // At most a chunk's bits, so it fits.
            head.body_bits = (body_end - body) as u32;
        }
        let mut bits = BitWriter::new(&mut self.buffer, chunk.at);
        head.write(&mut chunk.chain, with_force, &mut bits);
        bits.append_from(body / 8, body_end - body);
        // `longer` and `pen_down` left room for it.
        chunk.at = bits.finish().unwrap_or(chunk.at);
        if let Some(fragment) = stroke.fragment.take()
            && fragment.count > 1
        {
            self.period = fragment.model.timing().period();
        }
        stroke.first = false;
        self.chunk = Some(chunk);
        self.down = Some(stroke);
    }

    fn seal(&mut self, out: &mut impl FnMut(&[u8])) {
        if self.down.is_some_and(|stroke| stroke.fragment.is_some()) {
            self.close_fragment(StrokeEnd::Continued);
        }
        let Some(chunk) = self.chunk.take() else { return };
        let end = self.pad(chunk.at);
        let key = ChunkKey { pen: self.pen, boot: self.boot, number: self.number };
        // A chunk every half second for 68 years of one start: it does not come round.
        self.number = self.number.wrapping_add(1);
        let len = close_frame(Kind::Chunk, key, &mut self.buffer, end - HEADER_LEN);
        out(&self.buffer[..len]);
    }

    /// Zeros to the next whole byte; where the payload ends.
    fn pad(&mut self, at: usize) -> usize {
        let mut bits = BitWriter::new(&mut self.buffer, at);
        // At most seven.
        bits.put(0, at.wrapping_neg() as u32 & 7);
        bits.finish().unwrap_or(at) / 8
    }
}

impl OpenStroke {
    /// The head of a fragment of this stroke, whose body is not known yet.
    fn head(&self, end: StrokeEnd, start: Point, count: u16) -> Head {
        let &Self { number: stroke, address, first, .. } = self;
        Head { stroke, address, first, end, count, start, regular: 0, body_bits: 0 }
    }
}

/// Where the body of the chunk's next fragment goes while its head is not known, in bits.
fn body_at(chunk: &OpenChunk) -> usize {
    (chunk.at.div_ceil(8) + BODY_GAP_BYTES) * 8
}

/// Ticks since the chunk's anchor; `in_time` made sure that they fit.
fn since(chunk: &OpenChunk, ticks: u64) -> u32 {
    u32::try_from(ticks.saturating_sub(chunk.anchor_ticks)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
