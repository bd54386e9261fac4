//! Finds what readers accept but a conforming encoder would not write: rules of single frames, and
//! rules that hold between them (PROTOCOL.md, section 17).

use std::collections::{BTreeMap, VecDeque};

use firmware_protocol::{
    Bundle, Chunk, ChunkHead, ChunkKey, Frame, FrameError, PageAddress, PenHead, RawFrame,
    StrokeEnd, frame_len,
};
use serde::Serialize;

mod message;
#[cfg(test)]
mod tests;

/// One breach of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's name in the document.
    pub rule: &'static str,
    /// The number of the bundle, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<usize>,
    /// Where the frame begins in its bundle, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// What is wrong, and with which frame.
    pub finding: String,
    /// Bundle and offset of the other frame, where it lies between two.
    #[serde(skip)]
    pub other: Option<Place>,
}

/// A bundle's number and a frame's offset in it.
pub type Place = (usize, usize);

/// Frames as they come, and what was found.
#[derive(Debug)]
pub struct Conformance {
    chunks: Recent<Seen>,
    hellos: Recent<SeenHello>,
    /// Frames of each bundle that has not ended.
    counts: BTreeMap<usize, Count>,
    findings: Vec<Finding>,
}

/// What is remembered of a boot's hello.
#[derive(Clone, Copy, Debug)]
struct SeenHello {
    crc: u32,
    place: Place,
    head: PenHead,
}

/// What a bundle holds.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// Frames whose checksum holds.
    frames: usize,
    /// Whether there is anything else, which may have been any number of frames.
    damage: bool,
}

/// What is remembered of a chunk.
#[derive(Clone, Debug)]
struct Seen {
    crc: u32,
    place: Place,
    /// Its first fragment: stroke, whether the stroke begins there, page.
    first: (u32, bool, Option<PageAddress>),
    /// Its last fragment: stroke, end, page.
    last: (u32, StrokeEnd, Option<PageAddress>),
}

/// What was seen last, by key.
#[derive(Debug)]
struct Recent<V> {
    seen: BTreeMap<ChunkKey, V>,
    /// The oldest first.
    order: VecDeque<ChunkKey>,
    max: usize,
    forgot: bool,
}

impl<V> Recent<V> {
    fn new(max: usize) -> Self {
        Self { seen: BTreeMap::new(), order: VecDeque::new(), max, forgot: false }
    }

    fn get(&self, key: ChunkKey) -> Option<&V> {
        self.seen.get(&key)
    }

    /// Takes in a key that is not there yet.
    fn insert(&mut self, key: ChunkKey, value: V) {
        if self.seen.len() >= self.max
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
            self.forgot = true;
        }
        self.seen.insert(key, value);
        self.order.push_back(key);
    }
}

impl Conformance {
    /// Remembers up to `chunks_max` chunks and as many hellos, then forgets the oldest.
    pub fn remembering(chunks_max: usize) -> Self {
        Self {
            chunks: Recent::new(chunks_max),
            hellos: Recent::new(chunks_max),
            counts: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// Whether anything was forgotten.
    pub fn forgot(&self) -> bool {
        self.chunks.forgot || self.hellos.forgot
    }

    /// Looks at the next frame.
    pub fn frame(&mut self, bundle: usize, raw: &RawFrame<'_>) {
        let count = self.counts.entry(bundle).or_default();
        match frame_len(raw.bytes) {
            Ok(_) => count.frames += 1,
            Err(_) => count.damage = true,
        }
        let place = (bundle, raw.offset);
        if let Ok(frame) = &raw.frame {
            message::breaches(frame, raw.bytes, |rule, what| self.find(rule, place, None, what));
        }
        match &raw.frame {
            Ok(Frame::Hello(hello)) => {
                let crc = crc(raw.bytes);
                match self.hellos.get(hello.key) {
                    None => {
                        let seen = SeenHello { crc, place, head: hello.head };
                        self.hellos.insert(hello.key, seen);
                    }
                    Some(before) if before.crc != crc => {
                        let other = before.place;
                        self.find("one-key", place, Some(other), named(hello.key, OTHER_BYTES));
                    }
                    Some(_) => {}
                }
            }
            // A chunk that breaks off is an error of its own.
            Ok(Frame::Chunk(chunk)) => {
                let _broken = self.chunk(place, chunk, crc(raw.bytes));
            }
            _ => {}
        }
    }

    fn chunk(&mut self, place: Place, chunk: &Chunk<'_>, crc: u32) -> Result<(), FrameError> {
        let key = chunk.key;
        if let Some(before) = self.chunks.get(key) {
            if before.crc != crc {
                let other = before.place;
                self.find("one-key", place, Some(other), named(key, OTHER_BYTES));
            }
            return Ok(());
        }
        let hello = self.hellos.get(ChunkKey { number: 0, ..key }).copied();
        if key.number == 1 && hello.is_none() {
            let what = named(key, "no hello of this boot came before it");
            self.find("hello-first", place, None, what);
        }
        let ChunkHead { unit_nm, force_max, tick_us, tilt, twist, images, .. } = chunk.head;
        let head = PenHead { unit_nm, force_max, tick_us, tilt, twist, images };
        if let Some(hello) = hello.filter(|hello| hello.head != head) {
            let what = named(key, "its units or channels are others than its hello's");
            self.find("hello-units", place, Some(hello.place), what);
        }
        let (mut fragments, mut ends) = (chunk.fragments(), None);
        while let Some(head) = fragments.next()? {
            let (mut last_ticks, mut back, mut strongest) = (head.start_ticks, false, 0);
            fragments.samples(|sample| {
                back |= sample.ticks < last_ticks;
                last_ticks = sample.ticks;
                strongest = strongest.max(sample.force);
            })?;
            if strongest > force_max {
                let what = format!(
                    "stroke {}: a force of {strongest}, and force_max is {force_max}",
                    head.stroke
                );
                self.find("force-max", place, None, named(key, &what));
            }
            if let Some(images) = head.images.filter(|images| images.decoded > images.seen) {
                let what = format!(
                    "stroke {}: {} images decoded of {} seen",
                    head.stroke, images.decoded, images.seen
                );
                self.find("images", place, None, named(key, &what));
            }
            if back {
                let what = format!("stroke {}: a sample is before the one before it", head.stroke);
                self.find("time-order", place, None, named(key, &what));
            }
            let (stroke, address) = (head.stroke, head.address);
            let last = (stroke, head.end, address);
            if let Some((_, before)) = &mut ends {
                if let Some(what) = joint(*before, (stroke, head.first, address)) {
                    self.find("stroke-order", place, None, named(key, &what));
                }
                *before = last;
            } else {
                ends = Some(((stroke, head.first, address), last));
            }
        }
        if let Some((first, last)) = ends {
            let seen = Seen { crc, place, first, last };
            self.joints(key, &seen);
            self.chunks.insert(key, seen);
        }
        Ok(())
    }

    /// Checks strokes that continue from the chunk before or into the chunk after, whichever of
    /// them came already.
    fn joints(&mut self, key: ChunkKey, seen: &Seen) {
        let at = |number| ChunkKey { number, ..key };
        let before = key.number.checked_sub(1).and_then(|number| self.chunks.get(at(number)));
        let joint_before = before.and_then(|before| {
            let what = joint(before.last, seen.first)?;
            Some((seen.place, before.place, named(key, &what)))
        });
        let behind = key.number.checked_add(1).map(at);
        let joint_behind = behind.and_then(|key| {
            let behind = self.chunks.get(key)?;
            let what = joint(seen.last, behind.first)?;
            Some((behind.place, seen.place, named(key, &what)))
        });
        for (place, other, what) in joint_before.into_iter().chain(joint_behind) {
            self.find("stroke-order", place, Some(other), what);
        }
    }

    /// Looks at a bundle's header, once all its frames were looked at.
    pub fn bundle_end(&mut self, number: usize, bundle: &Bundle<'_>) {
        let Count { frames, damage } = self.counts.remove(&number).unwrap_or_default();
        let claimed = usize::from(bundle.claimed_frames());
        if frames > claimed || (frames < claimed && !damage) {
            let what = format!("bundle {number} claims {claimed} frames and holds {frames}");
            self.find("bundle-count", (number, COUNT_OFFSET), None, what);
        }
        if bundle.reserved() != 0 {
            let what = format!("bundle {number}: byte 5 is {:#04x}, not 0", bundle.reserved());
            self.find("bundle-header", (number, COUNT_OFFSET), None, what);
        }
    }

    /// What was found since this was asked last.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    fn find(&mut self, rule: &'static str, place: Place, other: Option<Place>, finding: String) {
        let (bundle, offset) = (Some(place.0), Some(place.1));
        self.findings.push(Finding { rule, bundle, offset, finding, other });
    }
}

/// Where a bundle's header has its number of frames.
pub const COUNT_OFFSET: usize = 6;
const OTHER_BYTES: &str = "its key came with other bytes";

/// What is wrong between a fragment and the next one, if anything is.
fn joint(
    before: (u32, StrokeEnd, Option<PageAddress>),
    after: (u32, bool, Option<PageAddress>),
) -> Option<String> {
    let (stroke, end, page) = before;
    let (next, first, next_page) = after;
    match (end == StrokeEnd::Continued, first) {
        (true, true) => Some(format!("stroke {stroke} was to go on; stroke {next} begins")),
        (false, false) => {
            Some(format!("stroke {next} goes on, but stroke {stroke} ended before it"))
        }
        (true, false) if next != stroke => {
            Some(format!("stroke {stroke} was to go on; stroke {next} goes on"))
        }
        (true, false) if next_page != page => {
            Some(format!("stroke {stroke} goes on upon another page; that is another stroke"))
        }
        (false, true) if next <= stroke => {
            Some(format!("stroke {next} begins behind stroke {stroke}"))
        }
        _ => None,
    }
}

/// A sound frame's own checksum.
fn crc(frame: &[u8]) -> u32 {
    frame.last_chunk().map_or(0, |crc| u32::from_le_bytes(*crc))
}

fn named(key: ChunkKey, what: &str) -> String {
    let ChunkKey { pen, boot, number } = key;
    format!(
        "chunk {number} of pen {:012x}, boot {}-{:08x}: {what}",
        pen.0, boot.counter, boot.random
    )
}
