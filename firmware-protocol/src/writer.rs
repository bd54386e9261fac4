//! Writes one chunk.

use crate::chunk::{TICKS_MAX, UNIX_MS_MAX};
use crate::codec::{
    BackWriter, Before, BitWriter, CLOSE_BITS_MAX, Clock, IMAGES_BITS_MAX, Model, OWNER_MAX,
    Opening, Point, PutBits, RUN_BITS_MAX, Run, RunEnd, SAMPLE_BITS_MAX, START_BITS_MAX,
    TOKEN_BITS_MAX,
};
use crate::envelope::{CRC_LEN, Kind, close_frame, header_len};
use crate::message::UNIT_MAX;
use crate::{
    BufferFull, CHUNK_BYTES_MAX, ChunkHead, ChunkKey, Images, PageAddress, RawSample, StrokeEnd,
};

/// The longest thing that is written before it is known to fit, and a bit writer's window.
const SLACK_BYTES: usize =
    (if START_BITS_MAX > SAMPLE_BITS_MAX { START_BITS_MAX } else { SAMPLE_BITS_MAX }) / 8 + 9;
/// The backward stream ends here until the chunk is finished.
const BUFFER_BYTES: usize = CHUNK_BYTES_MAX + SLACK_BYTES;
/// Bits of the longest miss: a run of at most 4,095, its end, a token.
const MISS_BITS_MAX: usize = RUN_BITS_MAX + 2 + TOKEN_BITS_MAX;

/// Writes the fragments of one chunk, sample by sample, into a buffer of its own. What does not fit
/// any more changes nothing: finish, and go on in the next chunk.
///
/// ```
/// # use firmware_protocol::*;
/// let key = ChunkKey { pen: PenId(42), boot: BootId { counter: 1, random: 7 }, number: 1 };
/// let head = PenHead::new(23_710, 852, 1_000).anchored(5_000, 1_790_000_000_000);
/// let mut writer = ChunkWriter::new(key, head);
/// let sample = RawSample { ticks: 0, x: 100, y: 200, force: 300, orientation: Orientation::NONE };
/// let start = FragmentStart { stroke: 0, first: true, address: None, ticks: 0 };
/// writer.begin(start, Some(sample))?;
/// writer.sample(RawSample { ticks: 10, x: 104, ..sample })?;
/// writer.end(StrokeEnd::Up, None);
/// assert!(decode_frame(writer.finish()).is_ok());
/// # Ok::<(), BufferFull>(())
/// ```
#[derive(Clone)]
pub struct ChunkWriter {
    key: ChunkKey,
    head: ChunkHead,
    marks: Marks,
    /// The fragment that was begun and has samples.
    open: Option<Open>,
    misses: u16,
    samples: u16,
    buffer: [u8; BUFFER_BYTES],
}

/// How far the two streams are, and what the next start is relative to.
#[derive(Clone, Copy)]
struct Marks {
    /// Bits from the buffer's first on.
    forward: usize,
    /// Bits from the buffer's last down.
    backward: usize,
    before: Before,
}

#[derive(Clone, Copy)]
struct Open {
    opening: Opening,
    count: u16,
    /// Samples since the last miss.
    run: u16,
    model: Model,
}

/// Where a fragment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentStart {
    /// The stroke's number since the pen's start.
    pub stroke: u32,
    /// Whether this is the stroke's first part.
    pub first: bool,
    /// The page face; `None` under plain paper. An owner above 24 bits is cut to them.
    pub address: Option<PageAddress>,
    /// Ticks since the chunk's anchor; of the chunk's first fragment always 0.
    pub ticks: u32,
}

impl ChunkWriter {
    /// An empty chunk. What no reader takes is cut to what they take: units to 1 to 1,000,000, the
    /// clocks to their ends.
    pub fn new(key: ChunkKey, head: ChunkHead) -> Self {
        let mut writer = Self {
            key,
            head,
            marks: Marks { forward: 0, backward: 0, before: Before::nothing(0) },
            open: None,
            misses: 0,
            samples: 0,
            buffer: [0; BUFFER_BYTES],
        };
        writer.restart(key, head);
        writer
    }

    /// Forgets what was written and begins another chunk.
    pub fn restart(&mut self, key: ChunkKey, head: ChunkHead) {
        self.key = key;
        self.head = ChunkHead {
            unit_nm: head.unit_nm.clamp(1, UNIT_MAX),
            tick_us: head.tick_us.clamp(1, UNIT_MAX),
            anchor_ticks: head.anchor_ticks.min(TICKS_MAX),
            anchor_unix_ms: head.anchor_unix_ms.clamp(-UNIX_MS_MAX, UNIX_MS_MAX),
            period: head.period.min(Clock::PERIOD_MAX),
            ..head
        };
        let mut bits = BitWriter::new(&mut self.buffer, header_len(key) * 8);
        self.head.write(&mut bits);
        // A head always fits.
        let forward = bits.finish().unwrap_or(0);
        self.marks = Marks { forward, backward: 0, before: Before::nothing(self.head.period) };
        (self.open, self.misses, self.samples) = (None, 0, 0);
    }

    /// What the chunk's counts and ticks are worth.
    pub fn head(&self) -> &ChunkHead {
        &self.head
    }

    /// Whether no fragment was ended yet.
    pub fn is_empty(&self) -> bool {
        !self.marks.before.any()
    }

    /// Samples so far, and how many of them the clock did not foretell.
    pub(crate) fn misses(&self) -> (u16, u16) {
        (self.samples, self.misses)
    }

    /// What the clock takes from sample to sample in the fragment that was begun, in 1/16 tick.
    pub(crate) fn period(&self) -> Option<u32> {
        self.open.filter(|open| open.count > 1).map(|open| open.model.clock.period())
    }

    /// Begins a fragment with its first sample. One without samples is ended at once.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn begin(
        &mut self,
        start: FragmentStart,
        sample: Option<RawSample>,
    ) -> Result<(), BufferFull> {
        self.end(StrokeEnd::Inferred, None);
        let FragmentStart { stroke, first, address, ticks } = start;
        let ticks = if self.is_empty() { 0 } else { ticks };
        let address = address.map(|page| PageAddress { owner: page.owner & OWNER_MAX, ..page });
        let start = sample.map(|sample| Point { ticks, ..self.point(sample) });
        let opening = Opening { first, stroke, address, ticks, start };
        let (channels, before) = (self.head.channels(), self.marks.before);
        let mut bits = BitWriter::new(&mut self.buffer, self.marks.forward);
        opening.write(&before, channels, &mut bits);
        let forward = bits.finish().ok_or(BufferFull)?;
        self.check(forward, self.marks.backward)?;
        self.marks.forward = forward;
        let start = start.unwrap_or(Point { ticks, ..Point::NOWHERE });
        let count = u16::from(sample.is_some());
        let model = Model::starting(start, first, self.head.period, channels);
        self.open = Some(Open { opening, count, run: count, model });
        self.samples += count;
        Ok(())
    }

    /// Adds a sample to the fragment that was begun.
    ///
    /// # Errors
    /// When there is no room for it, or no fragment with a first sample.
    pub fn sample(&mut self, sample: RawSample) -> Result<(), BufferFull> {
        let point = self.point(sample);
        let Some(open) = self.open.as_mut().filter(|open| open.count > 0) else {
            return Err(BufferFull);
        };
        let Marks { forward, backward, .. } = self.marks;
        // Far from the end nothing has to be taken back.
        let roomy = forward + backward + SAMPLE_BITS_MAX + MISS_BITS_MAX + CLOSE_BITS_MAX + 24
            <= (CHUNK_BYTES_MAX - CRC_LEN) * 8;
        let kept = (!roomy).then_some(*open);
        let mut bits = BitWriter::new(&mut self.buffer, forward);
        let error = open.model.encode(point, self.head.timed, &mut bits);
        let forward = bits.finish();
        let mut behind = backward;
        if error != 0 && !self.head.timed {
            let run = Run { len: open.run.into(), end: RunEnd::Missed(error) };
            let mut bits = BackWriter::new(&mut self.buffer, backward);
            run.write(self.head.period, &mut bits);
            behind = bits.at();
            open.run = 0;
        } else {
            open.run += 1;
        }
        open.count += 1;
        if let Some(kept) = kept
            && !forward.is_some_and(|forward| fits(forward, behind, self.head.images))
        {
            self.open = Some(kept);
            return Err(BufferFull);
        }
        self.samples += 1;
        self.misses += u16::from(error != 0);
        (self.marks.forward, self.marks.backward) = (forward.ok_or(BufferFull)?, behind);
        Ok(())
    }

    /// Ends the fragment that was begun, if there is one. `images` are written where the chunk's
    /// head has that channel.
    pub fn end(&mut self, end: StrokeEnd, images: Option<Images>) {
        let Some(open) = self.open.take() else { return };
        let none = Images { seen: 0, decoded: 0 };
        let images = self.head.images.then_some(images.unwrap_or(none));
        let run = Run { len: open.run.into(), end: RunEnd::Fragment(end, images) };
        let mut bits = BackWriter::new(&mut self.buffer, self.marks.backward);
        run.write(self.head.period, &mut bits);
        self.marks.backward = bits.at();
        self.marks.before.follow(&open.opening, open.model.clock.ticks());
    }

    /// Ends the chunk and gives the whole frame. A fragment that is still open is ended as
    /// continued. Restart before writing on. A chunk without a fragment is none: no reader takes it.
    pub fn finish(&mut self) -> &[u8] {
        self.end(StrokeEnd::Continued, None);
        let Marks { forward, backward, .. } = self.marks;
        // Something that did not fit may stand behind the last bit.
        BitWriter::new(&mut self.buffer, forward).put(0, 8);
        let (end, behind) = ((forward + backward).div_ceil(8), backward.div_ceil(8));
        let shared = self.buffer[end - behind];
        self.buffer.copy_within(BUFFER_BYTES - behind.., end - behind);
        if end - behind < forward.div_ceil(8) {
            // The streams meet within a byte.
            self.buffer[end - behind] |= shared;
        }
        let payload_len = end - header_len(self.key);
        let len = close_frame(Kind::Chunk, self.key, &mut self.buffer, payload_len);
        &self.buffer[..len]
    }

    fn check(&self, forward: usize, backward: usize) -> Result<(), BufferFull> {
        if fits(forward, backward, self.head.images) { Ok(()) } else { Err(BufferFull) }
    }

    /// What of a sample the chunk has channels for.
    fn point(&self, sample: RawSample) -> Point {
        let RawSample { ticks, x, y, force, mut orientation } = sample;
        if !self.head.tilt {
            (orientation.tilt_x, orientation.tilt_y) = (0, 0);
        }
        if !self.head.twist {
            orientation.twist = 0;
        }
        let force = if self.head.force_max == 0 { 0 } else { force };
        Point { ticks, x, y, force, orientation }
    }
}

/// Whether streams of so many bits and the open fragment's close fit a chunk.
fn fits(forward: usize, backward: usize, images: bool) -> bool {
    let close = if images { CLOSE_BITS_MAX } else { CLOSE_BITS_MAX - IMAGES_BITS_MAX };
    forward + backward + close <= (CHUNK_BYTES_MAX - CRC_LEN) * 8
}
