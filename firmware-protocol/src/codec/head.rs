//! A fragment's head: bit-packed, each field relative to the head before it in the same chunk.

use super::bits::{BitReader, BitWriter, unzigzag, zigzag};
use super::model::Point;
use crate::{CHUNK_BYTES_MAX, FrameError, PageAddress, StrokeEnd};

/// Two bits a sample at the least: one for x, one for y.
const SAMPLE_BITS_MIN: u32 = 2;
/// Bits of the longest head: marker, first, end; stroke; address; count; start; x, y; force; clock;
/// body.
pub(crate) const HEAD_BITS_MAX: usize =
    5 + 65 + (2 + 32 + 2 * 75) + 40 + 80 + 2 * 72 + 40 + 40 + 40;

/// Bits of a chunk, and the samples that they are at the most.
const BITS_MAX: u32 = 8 * CHUNK_BYTES_MAX as u32;
const COUNT_MAX: u16 = (BITS_MAX / SAMPLE_BITS_MIN) as u16;

const COUNT_ORDER: u32 = 4;
const BOOK_ORDER: u32 = 9;
const PAGE_ORDER: u32 = 7;
const POSITION_ORDER: u32 = 7;
const FORCE_ORDER: u32 = 6;
const REGULAR_ORDER: u32 = 3;
const BODY_ORDER: u32 = 9;
/// Owners are 24 bits wide.
const OWNER_BITS: u32 = 24;

/// What the next head is relative to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    /// The chunk's sampling period in 1/16 tick.
    pub(crate) period: u32,
    /// The number the next stroke has if none is skipped.
    stroke: u32,
    address: Option<PageAddress>,
    /// Where the clock is after the fragment before.
    ticks: u32,
    /// Where the fragment before began.
    x: i32,
    y: i32,
}

/// One fragment's head, with the first sample.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) stroke: u32,
    pub(crate) address: Option<PageAddress>,
    pub(crate) first: bool,
    pub(crate) end: StrokeEnd,
    pub(crate) count: u16,
    /// The first sample; of an empty fragment only its time.
    pub(crate) start: Point,
    /// Intervals from the first that the sampling clock foretells; times after them are written.
    pub(crate) regular: u16,
    /// Bits of the samples after the first.
    pub(crate) body_bits: u32,
}

impl Chain {
    /// What the first head of a chunk is relative to.
    pub(crate) fn starting(period: u32) -> Self {
        Self { period, stroke: 0, address: None, ticks: 0, x: 0, y: 0 }
    }

    fn follow(&mut self, head: &Head) {
        self.stroke = head.stroke.wrapping_add(1);
        self.address = head.address;
        let length = (u32::from(head.count).wrapping_mul(self.period)) >> 4;
        self.ticks = head.start.ticks.wrapping_add(length);
        if head.count > 0 {
            (self.x, self.y) = (head.start.x, head.start.y);
        }
    }

    /// Pauses between strokes are some thirty samples long.
    fn start_order(&self) -> u32 {
        5 + (self.period >> 4).max(1).ilog2()
    }
}

impl Head {
    /// Bits that the head takes at most, whatever its count and body turn out to be. Uses the end
    /// of what `bits` may write to.
    pub(crate) fn bits_max(&self, chain: &Chain, with_force: bool, bits: BitWriter<'_>) -> usize {
        let grown = Self { count: COUNT_MAX, regular: COUNT_MAX - 2, body_bits: BITS_MAX, ..*self };
        let start = bits.at();
        let mut bits = bits;
        let longest = if self.count == 0 { self } else { &grown };
        longest.write(&mut chain.clone(), with_force, &mut bits);
        bits.at() - start
    }

    /// Writes the head and its marker; `chain` goes on to it.
    pub(crate) fn write(&self, chain: &mut Chain, with_force: bool, bits: &mut BitWriter<'_>) {
        bits.put(1, 1);
        bits.put(u64::from(self.first), 1);
        bits.put(u64::from(self.end.code()), 3);
        bits.exp_golomb(zigzag(self.stroke.wrapping_sub(chain.stroke) as i32), 0);
        bits.put(u64::from(self.address != chain.address), 1);
        if self.address != chain.address {
            bits.put(u64::from(self.address.is_some()), 1);
            if let Some(address) = self.address {
                bits.put(u64::from(address.section), 8);
                // Wider owners do not exist in print; the sealer lets none through.
                bits.put(u64::from(address.owner & ((1 << OWNER_BITS) - 1)), OWNER_BITS);
                bits.exp_golomb(address.book, BOOK_ORDER);
                bits.exp_golomb(address.page, PAGE_ORDER);
            }
        }
        bits.exp_golomb(u32::from(self.count), COUNT_ORDER);
        let start = self.start.ticks.wrapping_sub(chain.ticks) as i32;
        bits.exp_golomb(zigzag(start), chain.start_order());
        if self.count > 0 {
            bits.exp_golomb(zigzag(self.start.x.wrapping_sub(chain.x)), POSITION_ORDER);
            bits.exp_golomb(zigzag(self.start.y.wrapping_sub(chain.y)), POSITION_ORDER);
            if with_force {
                bits.exp_golomb(u32::from(self.start.force), FORCE_ORDER);
            }
        }
        if self.count > 1 {
            let all = self.regular + 1 >= self.count;
            bits.put(u64::from(all), 1);
            if !all {
                bits.exp_golomb(u32::from(self.regular), REGULAR_ORDER);
            }
            bits.exp_golomb(self.body_bits, BODY_ORDER);
        }
        chain.follow(self);
    }

    /// Reads a head whose marker was read; `chain` goes on to it. Leaves the reader at the body.
    pub(crate) fn read(
        chain: &mut Chain,
        with_force: bool,
        bits: &mut BitReader<'_>,
    ) -> Result<Self, FrameError> {
        let offset = bits.at() / 8;
        let wrong = |field, reason| Err(FrameError::Field { offset, field, reason });
        let first = bits.take(1) == 1;
        let Some(end) = StrokeEnd::of_code(bits.take(3)) else {
            return wrong("end", "unknown code");
        };
        let stroke = chain.stroke.wrapping_add(unzigzag(bits.exp_golomb(0)) as u32);
        let mut address = chain.address;
        if bits.take(1) == 1 {
            address = (bits.take(1) == 1).then(|| PageAddress {
                section: bits.take(8) as u8,
                owner: bits.take(OWNER_BITS),
                book: bits.exp_golomb(BOOK_ORDER),
                page: bits.exp_golomb(PAGE_ORDER),
            });
        }
        let Ok(count) = u16::try_from(bits.exp_golomb(COUNT_ORDER)) else {
            return wrong("count", "above 65535");
        };
        let ticks = chain.ticks.wrapping_add(unzigzag(bits.exp_golomb(chain.start_order())) as u32);
        let mut start = Point { ticks, x: 0, y: 0, force: 0 };
        if count > 0 {
            start.x = chain.x.wrapping_add(unzigzag(bits.exp_golomb(POSITION_ORDER)));
            start.y = chain.y.wrapping_add(unzigzag(bits.exp_golomb(POSITION_ORDER)));
            if with_force {
                let Ok(force) = u16::try_from(bits.exp_golomb(FORCE_ORDER)) else {
                    return wrong("force", "above 65535");
                };
                start.force = force;
            }
        }
        let (mut regular, mut body_bits) = (count.saturating_sub(1), 0);
        if count > 1 {
            if bits.take(1) == 0 {
                match u16::try_from(bits.exp_golomb(REGULAR_ORDER)) {
                    Ok(intervals) if intervals < regular => regular = intervals,
                    _ => return wrong("regular", "not below the number of intervals"),
                }
            }
            body_bits = bits.exp_golomb(BODY_ORDER);
        }
        let head = Self { stroke, address, first, end, count, start, regular, body_bits };
        if bits.overrun() || body_bits as usize > bits.left() {
            return wrong("fragment", "longer than its chunk");
        }
        if u32::from(count.saturating_sub(1)) > body_bits / SAMPLE_BITS_MIN {
            return wrong("count", "more samples than bits");
        }
        chain.follow(&head);
        Ok(head)
    }
}
