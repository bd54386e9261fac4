//! Where a fragment begins and ends: what is known at its start goes forward, the rest backward.

use super::bits::{Backward, Forward, PutBits, unzigzag, zigzag};
use super::model::{Channels, Point};
use super::tables::{
    MISSED_TABLE, PAUSE_TABLE, RUN_TABLE, START_FORCE_TABLE, START_X_TABLE, START_Y_TABLE,
};
use super::token::{TOKEN_BITS_MAX, put_count, put_token};
use crate::{Images, PageAddress, StrokeEnd};

/// Owners are 24 bits wide.
pub(crate) const OWNER_MAX: u32 = PageAddress::OWNER_MAX;

const STROKE_ORDER: u32 = 10;
const SECTION_ORDER: u32 = 2;
const OWNER_ORDER: u32 = 5;
const BOOK_ORDER: u32 = 9;
const PAGE_ORDER: u32 = 7;
const POSITION_ORDER: u32 = 13;
const FORCE_ORDER: u32 = 7;
const DECODED_ORDER: u32 = 5;
const SEEN_ORDER: u32 = 3;
/// Low bits that are written plainly of a first x and y, as coarse as the tables' ink.
const START_X_SHIFT: u32 = 6;
const START_Y_SHIFT: u32 = 4;

/// Bits of the longest start: marker and first; stroke; address; pause; x and y; force, tilts and
/// twist.
pub(crate) const START_BITS_MAX: usize =
    3 + 67 + (2 + 15 + 44 + 56 + 58) + TOKEN_BITS_MAX + 2 * 56 + TOKEN_BITS_MAX + 32;
/// Bits of the longest close: a run of at most 4,095 samples, since a chunk holds no more; the end;
/// two counts of images.
pub(crate) const CLOSE_BITS_MAX: usize = RUN_BITS_MAX + 6 + IMAGES_BITS_MAX;
/// Those of a run: an escape's code, Exp-Golomb of order 7 of up to 3,903.
pub(crate) const RUN_BITS_MAX: usize = 9 + 16;
/// Those of the two counts: differences of up to 65,535 either way.
pub(crate) const IMAGES_BITS_MAX: usize = 30 + 32;

/// What a fragment's start is relative to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    /// The chunk's sampling period in 1/16 tick.
    period: u32,
    /// Where the chunk is at its beginning, there is no fragment before.
    any: bool,
    /// The number the next stroke has if none is skipped.
    stroke: u32,
    address: Option<PageAddress>,
    /// When the next sample of the fragment before was to be expected.
    ticks: u32,
    /// Where the last fragment that had samples began.
    start: Option<Point>,
}

/// What is known when a fragment begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) first: bool,
    pub(crate) stroke: u32,
    pub(crate) address: Option<PageAddress>,
    pub(crate) ticks: u32,
    /// The first sample, if there is one; its time is `ticks`.
    pub(crate) start: Option<Point>,
}

impl Before {
    /// At the beginning of a chunk.
    pub(crate) fn nothing(period: u32) -> Self {
        Self { period, any: false, stroke: 0, address: None, ticks: 0, start: None }
    }

    /// Whether there is a fragment before.
    pub(crate) fn any(&self) -> bool {
        self.any
    }

    /// Goes on behind a fragment whose last sample, or start if it has none, is at `last_ticks`.
    pub(crate) fn follow(&mut self, opening: &Opening, last_ticks: u32) {
        *self = Self {
            period: self.period,
            any: true,
            stroke: opening.stroke.wrapping_add(1),
            address: opening.address,
            ticks: last_ticks.wrapping_add(self.period >> 4),
            start: opening.start.or(self.start),
        };
    }

    /// Times between samples are some periods long: their low bits say little.
    fn time_shift(&self) -> u32 {
        time_shift(self.period)
    }
}

/// ⌊log₂ max(period in ticks, 1)⌋, at most 15.
fn time_shift(period: u32) -> u32 {
    (period >> 4).max(1).ilog2().min(15)
}

impl Opening {
    /// Whether it says nothing but where the pen came down.
    fn is_plain(&self, before: &Before) -> bool {
        before.any && self.first && self.stroke == before.stroke && self.address == before.address
    }

    /// Writes marker and start.
    pub(crate) fn write(&self, before: &Before, channels: Channels, bits: &mut impl PutBits) {
        let plain = self.is_plain(before);
        if before.any {
            bits.name("plain start", plain.into());
            bits.put(1, if plain { 1 } else { 2 });
        }
        if !plain {
            bits.name("first", self.first.into());
            bits.put(u64::from(self.first), 1);
            bits.name("stroke", self.stroke.into());
            if before.any {
                let skipped = self.stroke.wrapping_sub(before.stroke) as i32;
                bits.exp_golomb(zigzag(skipped.into()), 0);
            } else {
                bits.exp_golomb(self.stroke.into(), STROKE_ORDER);
            }
            self.write_address(before.address, bits);
        }
        if before.any {
            // A clock that goes back wraps to a long pause.
            let pause = self.ticks.wrapping_sub(before.ticks);
            bits.name("pause", pause.into());
            put_count(bits, PAUSE_TABLE, before.time_shift(), pause);
        }
        if let Some(start) = self.start {
            write_point(start, before.start, channels, bits);
        }
    }

    fn write_address(&self, before: Option<PageAddress>, bits: &mut impl PutBits) {
        bits.name("another page", (self.address != before).into());
        bits.put(u64::from(self.address != before), 1);
        if self.address == before {
            return;
        }
        if before.is_some() {
            bits.name("any page", self.address.is_some().into());
            bits.put(u64::from(self.address.is_some()), 1);
        }
        if let Some(address) = self.address {
            bits.name("section", address.section.into());
            bits.exp_golomb(address.section.into(), SECTION_ORDER);
            bits.name("owner", address.owner.into());
            bits.exp_golomb(address.owner.into(), OWNER_ORDER);
            bits.name("book", address.book.into());
            bits.exp_golomb(address.book.into(), BOOK_ORDER);
            bits.name("page", address.page.into());
            bits.exp_golomb(address.page.into(), PAGE_ORDER);
        }
    }

    /// Reads the marker before a fragment that is not the chunk's first: whether a plain start
    /// follows, or another; `None` where it is no marker.
    pub(crate) fn read_marker(bits: &mut Forward<'_>) -> Option<bool> {
        if bits.flag() {
            return Some(true);
        }
        bits.flag().then_some(false)
    }

    /// Reads what follows the marker of a fragment with or without samples. Whether the bits were
    /// there and made by a writer is the reader's to say.
    pub(crate) fn read(
        plain: bool,
        samples: bool,
        before: &Before,
        channels: Channels,
        bits: &mut Forward<'_>,
    ) -> Self {
        let (mut first, mut stroke, mut address) = (true, before.stroke, before.address);
        if !plain {
            first = bits.flag();
            if before.any {
                let skipped = unzigzag(bits.exp_golomb(0));
                bits.broken_if(i32::try_from(skipped).is_err());
                stroke = before.stroke.wrapping_add(skipped as u32);
            } else {
                stroke = bits.exp_golomb32(STROKE_ORDER);
            }
            address = read_address(before.address, bits);
        }
        let mut ticks = 0;
        if before.any {
            ticks = before.ticks.wrapping_add(bits.count(PAUSE_TABLE, before.time_shift()));
        }
        let start = samples.then(|| read_point(ticks, before.start, channels, bits));
        let opening = Self { first, stroke, address, ticks, start };
        // One meaning, one spelling.
        bits.broken_if(!plain && opening.is_plain(before));
        opening
    }
}

fn read_address(before: Option<PageAddress>, bits: &mut Forward<'_>) -> Option<PageAddress> {
    if !bits.flag() {
        return before;
    }
    let mut address = None;
    if before.is_none() || bits.flag() {
        let (section, owner) = (bits.exp_golomb32(SECTION_ORDER), bits.exp_golomb32(OWNER_ORDER));
        bits.broken_if(section > 0xff || owner > OWNER_MAX);
        let (book, page) = (bits.exp_golomb32(BOOK_ORDER), bits.exp_golomb32(PAGE_ORDER));
        address = Some(PageAddress { section: section as u8, owner, book, page });
    }
    bits.broken_if(address == before);
    address
}

/// A fragment's first sample: relative to the one before, or, of the chunk's first, to nothing.
fn write_point(point: Point, before: Option<Point>, channels: Channels, bits: &mut impl PutBits) {
    if let Some(before) = before {
        let fineness = channels.position_fineness;
        bits.name("start x", point.x.into());
        let right = point.x.wrapping_sub(before.x);
        put_token(bits, START_X_TABLE, START_X_SHIFT + fineness, right);
        bits.name("start y", point.y.into());
        let down = point.y.wrapping_sub(before.y);
        put_token(bits, START_Y_TABLE, START_Y_SHIFT + fineness, down);
        if channels.force {
            bits.name("start force", point.force.into());
            let more = i32::from(point.force) - i32::from(before.force);
            put_token(bits, START_FORCE_TABLE, channels.force_fineness, more);
        }
    } else {
        bits.name("start x", point.x.into());
        bits.exp_golomb(zigzag(point.x.into()), POSITION_ORDER);
        bits.name("start y", point.y.into());
        bits.exp_golomb(zigzag(point.y.into()), POSITION_ORDER);
        if channels.force {
            bits.name("start force", point.force.into());
            bits.exp_golomb(point.force.into(), FORCE_ORDER);
        }
    }
    if channels.tilt {
        bits.name("start tilt_x", point.orientation.tilt_x.into());
        bits.put(point.orientation.tilt_x.into(), 8);
        bits.name("start tilt_y", point.orientation.tilt_y.into());
        bits.put(point.orientation.tilt_y.into(), 8);
    }
    if channels.twist {
        bits.name("start twist", point.orientation.twist.into());
        bits.put(point.orientation.twist.into(), 16);
    }
}

fn read_point(
    ticks: u32,
    before: Option<Point>,
    channels: Channels,
    bits: &mut Forward<'_>,
) -> Point {
    let mut point = Point { ticks, ..Point::NOWHERE };
    let mut force = 0;
    if let Some(before) = before {
        let fineness = channels.position_fineness;
        point.x = before.x.wrapping_add(bits.token(START_X_TABLE, START_X_SHIFT + fineness).0);
        point.y = before.y.wrapping_add(bits.token(START_Y_TABLE, START_Y_SHIFT + fineness).0);
        if channels.force {
            let more = bits.token(START_FORCE_TABLE, channels.force_fineness).0;
            force = i32::from(before.force).wrapping_add(more);
        }
    } else {
        let (x, y) = (unzigzag(bits.exp_golomb(POSITION_ORDER)), bits.exp_golomb(POSITION_ORDER));
        let y = unzigzag(y);
        bits.broken_if(i32::try_from(x).is_err() || i32::try_from(y).is_err());
        (point.x, point.y) = (x as i32, y as i32);
        if channels.force {
            force = bits.exp_golomb32(FORCE_ORDER) as i32;
        }
    }
    bits.broken_if(!(0..=0xffff).contains(&force));
    point.force = force as u16;
    if channels.tilt {
        point.orientation.tilt_x = bits.take(8) as u8;
        point.orientation.tilt_y = bits.take(8) as u8;
    }
    if channels.twist {
        point.orientation.twist = bits.take(16) as u16;
    }
    point
}

/// A run of samples that the clock foretells, and what ends it; goes backward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Samples; a fragment's first run holds its first sample, later ones begin behind a miss.
    pub(crate) len: u32,
    pub(crate) end: RunEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunEnd {
    /// The next sample is off the clock's guess by so many ticks, not 0.
    Missed(i32),
    /// The fragment ends here, and why.
    Fragment(StrokeEnd, Option<Images>),
}

impl Run {
    /// Writes it; `period` is the chunk's.
    pub(crate) fn write(&self, period: u32, bits: &mut impl PutBits) {
        bits.name("run", self.len.into());
        put_count(bits, RUN_TABLE, 0, self.len);
        let (end, images) = match self.end {
            RunEnd::Missed(error) => {
                bits.name("missed", error.into());
                bits.put(0b01, 2);
                return put_token(bits, MISSED_TABLE, time_shift(period), error);
            }
            RunEnd::Fragment(end, images) => (end, images),
        };
        bits.name("end", end.code().into());
        match end {
            StrokeEnd::Up => bits.put(1, 1),
            StrokeEnd::Continued => bits.put(1, 3),
            other => bits.put(other.code().into(), 6),
        }
        if let Some(Images { seen, decoded }) = images {
            bits.name("images decoded", decoded.into());
            bits.exp_golomb(zigzag(i64::from(decoded) - i64::from(self.len)), DECODED_ORDER);
            bits.name("images seen", seen.into());
            bits.exp_golomb(zigzag(i64::from(seen) - i64::from(decoded)), SEEN_ORDER);
        }
    }

    /// Reads one. Whether the bits were there and made by a writer is the reader's to say.
    pub(crate) fn read(period: u32, images: bool, bits: &mut Backward<'_>) -> Self {
        let len = bits.count(RUN_TABLE, 0);
        let mut end = StrokeEnd::Up;
        if !bits.flag() {
            if bits.flag() {
                let error = bits.token(MISSED_TABLE, time_shift(period)).0;
                bits.broken_if(error == 0);
                return Self { len, end: RunEnd::Missed(error) };
            }
            end = if bits.flag() {
                StrokeEnd::Continued
            } else {
                let code = bits.take(3);
                let end = StrokeEnd::of_code(code).unwrap_or(StrokeEnd::Up);
                // Those two have shorter spellings.
                bits.broken_if(matches!(end, StrokeEnd::Up | StrokeEnd::Continued));
                end
            };
        }
        let images = images.then(|| {
            let decoded = unzigzag(bits.exp_golomb(DECODED_ORDER)).wrapping_add(len.into());
            let seen = unzigzag(bits.exp_golomb(SEEN_ORDER)).wrapping_add(decoded);
            let all = 0..=i64::from(u16::MAX);
            bits.broken_if(!all.contains(&decoded) || !all.contains(&seen));
            Images { seen: seen as u16, decoded: decoded as u16 }
        });
        Self { len, end: RunEnd::Fragment(end, images) }
    }
}
