//! Sealing: how a pen turns its samples into numbered chunks. One pass, integers only.

use crate::bits::BitWriter;
use crate::cursor::{Writer, zigzag64};
use crate::envelope::{CRC_LEN, HEADER_LEN, Kind, close_frame};
use crate::predict::{SAMPLE_BYTES_MAX, SampleCoder};
use crate::{BootId, CHUNK_BYTES_MAX, ChunkKey, PageAddress, PenId, RawSample, StrokeEnd};

/// Where the payload ends at the latest.
const PAYLOAD_END: usize = CHUNK_BYTES_MAX - CRC_LEN;

/// A fragment's head at its longest: flags, two varints, two lengths, an address.
const FRAGMENT_HEAD_MAX: usize = 1 + 5 + 5 + 2 + 2 + 12;

/// When a chunk is sealed before it is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealPolicy {
    /// After so many milliseconds since its first sample.
    pub ink_ms_max: u32,
    /// After so many milliseconds with the pen up.
    pub rest_ms_max: u32,
}

impl SealPolicy {
    /// Four seconds of ink, or half a second's rest.
    pub const STANDARD: Self = Self { ink_ms_max: 4_000, rest_ms_max: 500 };
}

/// What a pen's native numbers mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PenHead {
    /// Nanometres a position count, 1 to 1,000,000.
    pub unit_nm: u32,
    /// The force that is full scale, not 0.
    pub force_max: u16,
    /// Microseconds a tick, 1 to 1,000,000.
    pub tick_us: u32,
}

/// The fragment under way.
#[derive(Clone, Copy, Debug)]
struct Open {
    flags_at: usize,
    lengths_at: usize,
    samples_at: usize,
    count: u16,
    bits: BitWriter,
    coder: SampleCoder,
}

/// Seals one start of one pen; its chunks are numbered from 1.
#[derive(Clone, Debug)]
pub struct Sealer {
    pen: PenId,
    boot: BootId,
    head: PenHead,
    policy: SealPolicy,
    buffer: [u8; CHUNK_BYTES_MAX],
    /// Where the next byte goes; `HEADER_LEN` or less while no chunk is open.
    at: usize,
    number: u32,
    /// The number of the stroke under way, or of the next one.
    stroke: u32,
    /// `Some` while the pen is down.
    address: Option<Option<PageAddress>>,
    open: Option<Open>,
    /// The address of the fragment before in this chunk.
    before: Option<Option<PageAddress>>,
    anchor_ticks: u64,
    last_ticks: u64,
    began: bool,
}

impl Sealer {
    /// A sealer for a pen that has just started; the hello is number 0, so chunks begin at 1.
    pub fn new(pen: PenId, boot: BootId, head: PenHead, policy: SealPolicy) -> Self {
        Self {
            pen,
            boot,
            head,
            policy,
            buffer: [0; CHUNK_BYTES_MAX],
            at: 0,
            number: 1,
            stroke: 0,
            address: None,
            open: None,
            before: None,
            anchor_ticks: 0,
            last_ticks: 0,
            began: false,
        }
    }

    /// The number of the chunk under way, or of the next one.
    pub fn next_number(&self) -> u32 {
        self.number
    }

    /// The pen touched the page face `address`. A stroke still open ends as
    /// [`StrokeEnd::Inferred`].
    pub fn pen_down(
        &mut self,
        address: Option<PageAddress>,
        ticks: u64,
        unix_ms: i64,
        out: &mut impl FnMut(&[u8]),
    ) {
        self.pen_up(StrokeEnd::Inferred);
        self.address = Some(address);
        self.began = false;
        self.begin_fragment(ticks, unix_ms, out);
    }

    /// A reading while the pen is down; while it is up it is no ink, and passed over.
    pub fn sample(
        &mut self,
        ticks: u64,
        unix_ms: i64,
        x: i32,
        y: i32,
        force: u16,
        out: &mut impl FnMut(&[u8]),
    ) {
        if self.address.is_none() {
            return;
        }
        let full = self.at + SAMPLE_BYTES_MAX > PAYLOAD_END;
        if self.open.is_none() || full || self.unfit(ticks) {
            self.close_fragment(StrokeEnd::Continued);
            self.seal(out);
            self.begin_fragment(ticks, unix_ms, out);
        }
        // Checked by `unfit`: the distance fits 32 bits.
        let ticks_since = ticks.wrapping_sub(self.anchor_ticks) as u32;
        if let Some(open) = &mut self.open {
            let raw = RawSample { ticks: ticks_since, x, y, force };
            open.coder.encode(raw, &mut open.bits, &mut self.buffer, &mut self.at);
            // A sample takes four bits at least, so a chunk holds fewer than 2,000.
            open.count += 1;
        }
        self.last_ticks = ticks;
    }

    /// The pen was lifted, or the stroke ended otherwise.
    pub fn pen_up(&mut self, end: StrokeEnd) {
        if self.address.take().is_some() {
            self.close_fragment(end);
            self.stroke = self.stroke.wrapping_add(1);
        }
    }

    /// Time passes: seals once the pen has rested, or the chunk has grown old.
    pub fn rest(&mut self, ticks: u64, out: &mut impl FnMut(&[u8])) {
        let rested = self.ms_between(self.last_ticks, ticks) >= u64::from(self.policy.rest_ms_max);
        if self.address.is_none() && self.has_chunk() && (rested || self.unfit(ticks)) {
            self.seal(out);
        }
    }

    /// Seals what there is; a stroke under way goes on in the next chunk with its next sample.
    pub fn flush(&mut self, out: &mut impl FnMut(&[u8])) {
        self.close_fragment(StrokeEnd::Continued);
        self.seal(out);
    }

    fn has_chunk(&self) -> bool {
        self.at > HEADER_LEN
    }

    fn ms_between(&self, from: u64, to: u64) -> u64 {
        u64::try_from(u128::from(to.saturating_sub(from)) * u128::from(self.head.tick_us) / 1000)
            .unwrap_or(u64::MAX)
    }

    /// Whether a sample at `ticks` must go to another chunk: this one is old, or the clock jumped.
    fn unfit(&self, ticks: u64) -> bool {
        let old = self.ms_between(self.anchor_ticks, ticks) >= u64::from(self.policy.ink_ms_max);
        let jumped = ticks.checked_sub(self.anchor_ticks).is_none_or(|d| d > u64::from(u32::MAX));
        self.has_chunk() && (old || jumped)
    }

    fn seal_if_unfit(&mut self, ticks: u64, out: &mut impl FnMut(&[u8])) {
        let full = self.at + FRAGMENT_HEAD_MAX + SAMPLE_BYTES_MAX > PAYLOAD_END;
        if self.has_chunk() && (full || self.unfit(ticks)) {
            self.seal(out);
        }
    }

    fn begin_chunk(&mut self, ticks: u64, unix_ms: i64) {
        let mut writer = Writer::new(&mut self.buffer[HEADER_LEN..]);
        let fields = [
            u64::from(self.head.unit_nm),
            u64::from(self.head.force_max),
            u64::from(self.head.tick_us),
            ticks,
            zigzag64(unix_ms),
        ];
        for field in fields {
            // Five varints of at most ten bytes always fit an empty chunk.
            let _fits = writer.varint(field);
        }
        self.at = HEADER_LEN + writer.written();
        self.anchor_ticks = ticks;
        self.last_ticks = ticks;
        self.before = None;
    }

    fn begin_fragment(&mut self, ticks: u64, unix_ms: i64, out: &mut impl FnMut(&[u8])) {
        self.seal_if_unfit(ticks, out);
        if !self.has_chunk() {
            self.begin_chunk(ticks, unix_ms);
        }
        let address = self.address.flatten();
        let mode = match address {
            None => 0,
            Some(_) if self.before == Some(address) => 1,
            Some(_) => 2,
        };
        let first = u8::from(!self.began) << 2;
        let start_ticks = ticks.wrapping_sub(self.anchor_ticks) as u32;
        let flags_at = self.at;
        let mut writer = Writer::new(&mut self.buffer[flags_at..PAYLOAD_END]);
        // `seal_if_unfit` left room for the longest head.
        let _fits = writer
            .put(&[mode | first])
            .and_then(|()| writer.varint(u64::from(self.stroke)))
            .and_then(|()| writer.varint(u64::from(start_ticks)));
        let lengths_at = flags_at + writer.written();
        let _fits = writer.put(&[0; 4]).and_then(|()| match address {
            Some(address) if mode == 2 => {
                writer.put(&[address.section])?;
                writer.put(&address.owner.to_le_bytes()[..3])?;
                writer.put(&address.book.to_le_bytes())?;
                writer.put(&address.page.to_le_bytes())
            }
            _ => Ok(()),
        });
        self.at = flags_at + writer.written();
        self.before = Some(address);
        self.began = true;
        self.open = Some(Open {
            flags_at,
            lengths_at,
            samples_at: self.at,
            count: 0,
            bits: BitWriter::default(),
            coder: SampleCoder::new(start_ticks, self.head.tick_us),
        });
    }

    fn close_fragment(&mut self, end: StrokeEnd) {
        let Some(mut open) = self.open.take() else { return };
        open.bits.finish(&mut self.buffer, &mut self.at);
        self.buffer[open.flags_at] |= (end as u8) << 3;
        let count = open.count.to_le_bytes();
        // At most PAYLOAD_END.
        let len = ((self.at - open.samples_at) as u16).to_le_bytes();
        let lengths = open.lengths_at..open.lengths_at + 4;
        self.buffer[lengths].copy_from_slice(&[count[0], count[1], len[0], len[1]]);
    }

    fn seal(&mut self, out: &mut impl FnMut(&[u8])) {
        if !self.has_chunk() {
            return;
        }
        let key = ChunkKey { pen: self.pen, boot: self.boot, number: self.number };
        let len = close_frame(Kind::Chunk, key, &mut self.buffer, self.at - HEADER_LEN);
        out(&self.buffer[..len]);
        self.number = self.number.wrapping_add(1);
        self.at = 0;
    }
}
