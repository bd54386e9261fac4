//! The chunk: a sealed run of one pen's strokes.
//!
//! The payload is a head and fragments without a gap.
//!
//! | head | |
//! |---|---|
//! | varint | unit_nm: nanometres a position count |
//! | varint | force_max: full scale |
//! | varint | tick_us: microseconds a tick |
//! | varint | anchor_ticks: the pen's ticks at the anchor |
//! | varint, zigzag | anchor_unix_ms: Unix milliseconds at the anchor, by the pen's own clock |
//!
//! | fragment | |
//! |---|---|
//! | 1 byte | bits 0–1 address (0 none, 1 as the fragment before in this chunk, 2 follows), bit 2 first, bits 3–5 end, bits 6–7 zero |
//! | varint | stroke number |
//! | varint | start_ticks since the anchor |
//! | 2 bytes | samples |
//! | 2 bytes | bytes of coded samples |
//! | 12 bytes | where it follows: section 1, owner 3, book 4, page 4 |
//! | … | coded samples, see `predict` |

use crate::bits::BitReader;
use crate::cursor::{Reader, unzigzag64};
use crate::message::check_scale;
use crate::predict::SampleCoder;
use crate::{ChunkKey, FrameError, PageAddress};

/// What every number in a chunk means; nothing of it is inherited from another frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkHead {
    /// Nanometres a position count, 1 to 1,000,000.
    pub unit_nm: u32,
    /// The force that is full scale, in the pen's counts, not 0.
    pub force_max: u16,
    /// Microseconds a tick, 1 to 1,000,000.
    pub tick_us: u32,
    /// The pen's raw ticks at the anchor, the chunk's first pen-down or sample.
    pub anchor_ticks: u64,
    /// Unix milliseconds at the anchor by the pen's own clock, right or wrong.
    pub anchor_unix_ms: i64,
}

impl ChunkHead {
    /// Milliseconds that so many ticks last, rounded down.
    pub fn ticks_to_ms(&self, ticks: u32) -> i64 {
        i64::from(ticks) * i64::from(self.tick_us) / 1000
    }

    /// Micrometres, rounded to the nearest; what does not fit is cut at the largest.
    pub fn counts_to_um(&self, counts: i32) -> i32 {
        let nanometres = i64::from(counts) * i64::from(self.unit_nm);
        let micrometres = (nanometres + 500).div_euclid(1000);
        micrometres.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
    }

    /// Force as a fraction of full scale: 65,535 is all of it, and more than all of it too.
    pub fn force_fraction(&self, force: u16) -> u16 {
        let full = u32::from(self.force_max.max(1));
        (u32::from(force) * 65_535 / full).min(65_535) as u16
    }
}

/// Why a stroke ended here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum StrokeEnd {
    /// The pen was lifted.
    Up = 0,
    /// The pen slid onto another page.
    PageChange = 1,
    /// The link was lost before the pen was seen to lift.
    LinkLost = 2,
    /// The pen's power went.
    PowerLost = 3,
    /// Nobody saw it end, but another stroke began.
    Inferred = 4,
    /// It did not: its next fragment stands in the next chunk.
    Continued = 5,
}

/// What is known of a fragment before its samples are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentHead {
    /// The stroke's number since the pen's start.
    pub stroke: u32,
    /// The page face; `None` under plain paper.
    pub address: Option<PageAddress>,
    /// Whether the stroke begins here.
    pub first: bool,
    /// Why it ends here.
    pub end: StrokeEnd,
    /// Ticks from the chunk's anchor to the first sample.
    pub start_ticks: u32,
    /// Samples.
    pub count: u16,
}

/// One reading of the pen in its native counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawSample {
    /// Ticks since the chunk's anchor.
    pub ticks: u32,
    /// Counts to the right.
    pub x: i32,
    /// Counts downwards.
    pub y: i32,
    /// Force in counts.
    pub force: u16,
}

/// A decoded chunk; its fragments are read where they lie.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// The chunk's name.
    pub key: ChunkKey,
    /// What its numbers mean.
    pub head: ChunkHead,
    fragments: Reader<'a>,
}

impl<'a> Chunk<'a> {
    pub(crate) fn decode(key: ChunkKey, mut reader: Reader<'a>) -> Result<Self, FrameError> {
        let unit_nm = reader.varint32("unit_nm")?;
        let force_max = u16::try_from(reader.varint("force_max")?)
            .map_err(|_| reader.error("force_max", "over 16 bits"))?;
        let tick_us = reader.varint32("tick_us")?;
        check_scale(&reader, unit_nm, force_max, tick_us)?;
        let anchor_ticks = reader.varint("anchor_ticks")?;
        let anchor_unix_ms = unzigzag64(reader.varint("anchor_unix_ms")?);
        // So that no sum of an anchor and an offset in a chunk can overflow.
        if anchor_ticks > u64::MAX / 2 || anchor_unix_ms.unsigned_abs() > 1 << 62 {
            return Err(reader.error("anchor", "it is beyond any clock"));
        }
        let head = ChunkHead { unit_nm, force_max, tick_us, anchor_ticks, anchor_unix_ms };
        Ok(Self { key, head, fragments: reader })
    }

    /// The fragments in written order. After an error there is nothing more.
    pub fn fragments(&self) -> impl Iterator<Item = Result<Fragment<'a>, FrameError>> + use<'a> {
        let mut reader = self.fragments;
        let tick_us = self.head.tick_us;
        let mut address = None;
        let mut failed = false;
        core::iter::from_fn(move || {
            if failed || reader.is_empty() {
                return None;
            }
            let fragment = Fragment::decode(&mut reader, &mut address, tick_us);
            failed = fragment.is_err();
            Some(fragment)
        })
    }
}

/// A stroke, or the part of one that a chunk holds; decodable by itself.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// What is known before its samples are read.
    pub head: FragmentHead,
    tick_us: u32,
    samples: Reader<'a>,
}

impl<'a> Fragment<'a> {
    /// `address` is that of the fragment before; it becomes this one's.
    fn decode(
        reader: &mut Reader<'a>,
        address: &mut Option<Option<PageAddress>>,
        tick_us: u32,
    ) -> Result<Self, FrameError> {
        let flags = reader.u8("fragment flags")?;
        if flags & 0b1100_0000 != 0 {
            return Err(reader.error("fragment flags", "bits 6–7 are not zero"));
        }
        let end = match flags >> 3 {
            0 => StrokeEnd::Up,
            1 => StrokeEnd::PageChange,
            2 => StrokeEnd::LinkLost,
            3 => StrokeEnd::PowerLost,
            4 => StrokeEnd::Inferred,
            5 => StrokeEnd::Continued,
            _ => return Err(reader.error("fragment flags", "the end is not known")),
        };
        let stroke = reader.varint32("stroke")?;
        let start_ticks = reader.varint32("start_ticks")?;
        let count = reader.u16("samples")?;
        let len = reader.u16("sample bytes")?;
        *address = match flags & 0b11 {
            0 => Some(None),
            1 if address.is_some() => *address,
            1 => return Err(reader.error("address", "no fragment stands before the first")),
            2 => Some(Some(read_address(reader)?)),
            _ => return Err(reader.error("address", "its code is not known")),
        };
        let base = reader.offset();
        let samples = Reader::new(reader.take(usize::from(len), "samples")?, base);
        let first = flags & 0b100 != 0;
        let head =
            FragmentHead { stroke, address: address.flatten(), first, end, start_ticks, count };
        Ok(Self { head, tick_us, samples })
    }

    /// The samples in written order. After an error there is nothing more.
    pub fn samples(&self) -> impl Iterator<Item = Result<RawSample, FrameError>> + use<'a> {
        let mut bits = BitReader::new(self.samples);
        let mut coder = SampleCoder::new(self.head.start_ticks, self.tick_us);
        let mut left = self.head.count;
        let end = self.samples;
        let mut closed = false;
        core::iter::from_fn(move || {
            if left == 0 {
                let spent = closed || bits.is_spent();
                closed = true;
                return (!spent).then(|| Err(end.error("samples", "bytes are left over")));
            }
            left -= 1;
            let sample = coder.decode(&mut bits);
            if sample.is_err() {
                (left, closed) = (0, true);
            }
            Some(sample)
        })
    }
}

fn read_address(reader: &mut Reader<'_>) -> Result<PageAddress, FrameError> {
    let section = reader.u8("section")?;
    let [a, b, c] = reader.array::<3>("owner")?;
    let owner = u32::from_le_bytes([a, b, c, 0]);
    Ok(PageAddress { section, owner, book: reader.u32("book")?, page: reader.u32("page")? })
}
