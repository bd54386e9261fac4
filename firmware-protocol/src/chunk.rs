//! A chunk: a sealed run of one pen's strokes, numbered by the pen and never cut anew.
//!
//! The payload is a head in whole bytes, then fragments in bits without a gap, most significant
//! bit first.
//!
//! | head | |
//! |---|---|
//! | 1 byte | coding: codec 0 in bits 4–7; bit 0: force is measured; bits 1–3 zero |
//! | varint | unit_nm: nanometres a count |
//! | varint | force_max: full scale, not 0; only where force is measured |
//! | varint | tick_us: microseconds a tick |
//! | varint | anchor_ticks: the pen's ticks at the anchor |
//! | varint, zigzag | anchor_unix_ms: Unix milliseconds at the anchor, by the pen's own clock |
//! | varint | period: what the sampling clock is expected to take, in 1/16 tick; 0 unknown |
//!
//! Before each fragment stands a one; behind the last, zeros to the next whole byte, which may be
//! none. `EGk` is the Exp-Golomb code of order k, of the zigzag where the value has a sign;
//! "before" is the fragment before in this chunk, or zeros and no address.
//!
//! | fragment | |
//! |---|---|
//! | 1 bit | first: the stroke begins here |
//! | 3 bits | end: see [`StrokeEnd`], in its order from 0; 6 and 7 are none |
//! | EG0, signed | stroke − (stroke before + 1); of the first fragment, stroke |
//! | 1 bit | whether the address is another than before; if so: |
//! | · 1 bit | whether there is one; if so: |
//! | · · 8 + 24 bits, EG9, EG7 | section, owner, book, page |
//! | EG4 | count of samples |
//! | EGk, signed | start_ticks − (start_ticks before + ⌊count before · period / 16⌋), where k = 5 + ⌊log₂ max(⌊period / 16⌋, 1)⌋ |
//! | EG7 twice, signed | first x and y − those of the last fragment that had samples; where count > 0 |
//! | EG6 | first force; where count > 0 and force is measured |
//! | 1 bit | whether the clock foretells every sample; where count > 1 |
//! | EG3 | otherwise, how many intervals from the first it foretells |
//! | EG9 | bits of the samples behind the first; where count > 1 |
//! | … | these samples, see `codec/model.rs` |

use crate::codec::{BitReader, Chain, Head, Model, Point, Timing};
use crate::cursor::{Reader, Writer, unzigzag64, zigzag64};
use crate::message::check_scale;
use crate::{BufferFull, ChunkKey, FrameError, PageAddress};

/// Codec 0 in the high half; the low half holds the channels beside x, y and time.
const CODING: u8 = 0x00;
const CODING_FORCE: u8 = 0x01;

/// Anchors stay below these, so that no sum of an anchor and an offset in a chunk overflows.
pub(crate) const TICKS_MAX: u64 = u64::MAX / 2;
pub(crate) const UNIX_MS_MAX: u64 = 1 << 62;

/// What counts and ticks of a chunk are worth; in every chunk, so that none depends on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkHead {
    /// Nanometres a count of position.
    pub unit_nm: u32,
    /// The highest force the pen reports; 0 where it measures none.
    pub force_max: u16,
    /// Microseconds a tick.
    pub tick_us: u32,
    /// The pen's ticks that samples count from.
    pub anchor_ticks: u64,
    /// Unix milliseconds at the anchor by the pen's own clock, right or wrong.
    pub anchor_unix_ms: i64,
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

    /// Writes the head, then the sampling period in 1/16 tick.
    pub(crate) fn write(&self, period: u32, out: &mut Writer<'_>) -> Result<(), BufferFull> {
        if self.force_max == 0 {
            out.put(&[CODING])?;
        } else {
            out.put(&[CODING | CODING_FORCE])?;
        }
        out.varint(u64::from(self.unit_nm))?;
        if self.force_max != 0 {
            out.varint(u64::from(self.force_max))?;
        }
        out.varint(u64::from(self.tick_us))?;
        out.varint(self.anchor_ticks)?;
        out.varint(zigzag64(self.anchor_unix_ms))?;
        out.varint(u64::from(period))
    }

    fn read(reader: &mut Reader<'_>) -> Result<(Self, u32), FrameError> {
        let with_force = match reader.u8("coding")? {
            CODING => false,
            CODING_FORCE => true,
            _ => return Err(reader.error("coding", "an unknown codec or channel")),
        };
        let unit_nm = reader.varint32("unit_nm")?;
        let mut force_max = 0;
        if with_force {
            force_max = u16::try_from(reader.varint("force_max")?)
                .map_err(|_| reader.error("force_max", "over 16 bits"))?;
            if force_max == 0 {
                return Err(reader.error("force_max", "it is 0 beside a force channel"));
            }
        }
        let tick_us = reader.varint32("tick_us")?;
        check_scale(reader, unit_nm, tick_us)?;
        let anchor_ticks = reader.varint("anchor_ticks")?;
        let anchor_unix_ms = unzigzag64(reader.varint("anchor_unix_ms")?);
        if anchor_ticks > TICKS_MAX || anchor_unix_ms.unsigned_abs() > UNIX_MS_MAX {
            return Err(reader.error("anchor", "it is beyond any clock"));
        }
        let period = reader.varint32("period")?;
        if period > Timing::PERIOD_MAX {
            return Err(reader.error("period", "over 65,535 ticks"));
        }
        Ok((Self { unit_nm, force_max, tick_us, anchor_ticks, anchor_unix_ms }, period))
    }
}

/// A sealed run of strokes whose envelope, checksum and head were checked.
#[derive(Clone, Debug)]
pub struct Chunk<'a> {
    /// Its name.
    pub key: ChunkKey,
    /// What its counts and ticks are worth.
    pub head: ChunkHead,
    bits: BitReader<'a>,
    period: u32,
}

impl<'a> Chunk<'a> {
    /// `frame` is the whole frame without its checksum; `reader` stands at its payload.
    pub(crate) fn decode(
        key: ChunkKey,
        mut reader: Reader<'a>,
        frame: &'a [u8],
    ) -> Result<Self, FrameError> {
        if key.number == 0 {
            let reason = "0 is the hello's";
            return Err(FrameError::Field { offset: 22, field: "number", reason });
        }
        let (head, period) = ChunkHead::read(&mut reader)?;
        let bits = BitReader::new(frame, reader.offset() * 8, frame.len() * 8);
        Ok(Self { key, head, bits, period })
    }

    /// The fragments in written order. After an error nothing follows.
    pub fn fragments(&self) -> Fragments<'a> {
        Fragments {
            bits: self.bits.clone(),
            chain: Chain::starting(self.period),
            with_force: self.head.force_max != 0,
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
    /// It goes on in the next chunk: this part is not the last.
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
}

/// One stroke, or the part of it that this chunk holds; it can be decoded without the others.
#[derive(Clone, Debug)]
pub struct Fragment<'a> {
    /// What it says of itself.
    pub head: FragmentHead,
    start: Point,
    regular: u16,
    body: BitReader<'a>,
    period: u32,
    with_force: bool,
}

impl<'a> Fragment<'a> {
    /// The samples in written order. After an error nothing follows.
    pub fn samples(&self) -> Samples<'a> {
        Samples {
            model: Model::starting(self.start, self.period, self.with_force),
            start: self.start,
            bits: self.body.clone(),
            next: 0,
            count: self.head.count,
            regular: self.regular,
        }
    }
}

/// Iterates over a chunk's fragments.
#[derive(Clone, Debug)]
pub struct Fragments<'a> {
    bits: BitReader<'a>,
    chain: Chain,
    with_force: bool,
    done: bool,
}

impl<'a> Iterator for Fragments<'a> {
    type Item = Result<Fragment<'a>, FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let fragment = self.read().transpose();
        self.done = !matches!(fragment, Some(Ok(_)));
        fragment
    }
}

impl<'a> Fragments<'a> {
    fn read(&mut self) -> Result<Option<Fragment<'a>>, FrameError> {
        let offset = self.bits.at() / 8;
        if self.bits.left() == 0 {
            return Ok(None);
        }
        if self.bits.take(1) == 0 {
            let left = self.bits.left();
            if left >= 8 || self.bits.take(left as u32) != 0 {
                let reason = "it is not zeros to the next byte";
                return Err(FrameError::Field { offset, field: "padding", reason });
            }
            return Ok(None);
        }
        let head = Head::read(&mut self.chain, self.with_force, &mut self.bits)?;
        let body = self.bits.part(head.body_bits as usize);
        Ok(Some(Fragment {
            head: FragmentHead {
                stroke: head.stroke,
                address: head.address,
                first: head.first,
                end: head.end,
                start_ticks: head.start.ticks,
                count: head.count,
            },
            start: head.start,
            regular: head.regular,
            body,
            period: self.chain.period,
            with_force: self.with_force,
        }))
    }
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
}

/// Iterates over a fragment's samples.
#[derive(Clone, Debug)]
pub struct Samples<'a> {
    model: Model,
    start: Point,
    bits: BitReader<'a>,
    next: u16,
    count: u16,
    regular: u16,
}

impl Iterator for Samples<'_> {
    type Item = Result<RawSample, FrameError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.count {
            return None;
        }
        let index = self.next;
        self.next += 1;
        let point = match index {
            0 => Some(self.start),
            _ => self.model.decode(index > self.regular, &mut self.bits),
        };
        // The last sample ends with the last bit.
        let left_over = self.next == self.count && self.bits.left() > 0;
        match point {
            Some(Point { ticks, x, y, force }) if !left_over && !self.bits.overrun() => {
                Some(Ok(RawSample { ticks, x, y, force }))
            }
            _ => {
                self.next = self.count;
                let (offset, reason) = (self.bits.at() / 8, "no encoder writes this");
                Some(Err(FrameError::Field { offset, field: "samples", reason }))
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // An error ends them early.
        let left = usize::from(self.count - self.next);
        (left.min(1), Some(left))
    }
}
