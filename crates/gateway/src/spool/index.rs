//! What lies where: a few bytes per chunk, so that a large spool needs little memory.

use std::collections::{BTreeMap, HashMap};

use firmware_protocol::{BootId, ChunkKey, PenId};

use super::log::{Log, Place};

/// Segment and place in it: the order of writing; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Position {
    pub(crate) segment: u32,
    entry: u32,
}

/// Where a chunk stands on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Taken over the present connection and not sent yet.
    Live,
    /// From before this connection, or without a receipt in time.
    Waiting,
    /// Sent over the present connection.
    UnderWay,
    /// A dead letter.
    Aside,
    /// It has its receipt.
    Freed,
}

/// A chunk of a segment, in 20 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    boot: u32,
    number: u32,
    pub(crate) offset: u32,
    /// Unix seconds, for its age.
    taken_s: u32,
    pub(crate) len: u16,
    pub(crate) state: State,
    /// How often it was passed over; the highest bit: it was sent before.
    sends: u8,
}

const SENT: u8 = 0x80;

impl Entry {
    /// Unix milliseconds at which it was taken, to the second.
    pub(crate) fn taken_ms(&self) -> i64 {
        i64::from(self.taken_s) * 1_000
    }

    pub(crate) fn was_sent(&self) -> bool {
        self.sends & SENT != 0
    }

    pub(crate) fn sent(&mut self) {
        self.sends |= SENT;
    }

    pub(crate) fn passed_over(&self) -> u8 {
        self.sends & !SENT
    }

    pub(crate) fn set_passed_over(&mut self, times: u8) {
        self.sends = self.sends & SENT | times.min(!SENT);
    }
}

/// One file's chunks.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    entries: Vec<Entry>,
    /// Bytes of the file, and of the notes beside it.
    pub(crate) len: u64,
    pub(crate) notes_len: u64,
    /// Entries that are not freed, and what their records take.
    pub(crate) live: usize,
    pub(crate) live_bytes: u64,
    waiting: usize,
    /// Entries before this one are freed.
    first_live: usize,
}

impl Segment {
    pub(crate) fn disk_bytes(&self) -> u64 {
        self.len + self.notes_len
    }
}

#[derive(Debug)]
struct Boot {
    pen: PenId,
    boot: BootId,
    chunks: BTreeMap<u32, Position>,
}

/// Every chunk of a spool, by place and by key.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) segments: BTreeMap<u32, Segment>,
    ids: HashMap<(PenId, BootId), u32>,
    boots: Vec<Option<Boot>>,
    unused: Vec<u32>,
    /// Chunks that are not freed, and the bytes of their frames.
    pub(crate) chunks: usize,
    pub(crate) bytes: u64,
    pub(crate) waiting: usize,
}

impl Index {
    pub(crate) fn position(&self, key: &ChunkKey) -> Option<Position> {
        self.boot(key.pen, key.boot)?.chunks.get(&key.number).copied()
    }

    fn boot(&self, pen: PenId, boot: BootId) -> Option<&Boot> {
        let id = *self.ids.get(&(pen, boot))?;
        self.boots.get(id as usize)?.as_ref()
    }

    /// The chunks of one start of a pen with these numbers.
    pub(crate) fn range(&self, pen: PenId, boot: BootId, first: u32, last: u32) -> Vec<Position> {
        if first > last {
            return Vec::new();
        }
        let of = |boot: &Boot| boot.chunks.range(first..=last).map(|(_, at)| *at).collect();
        self.boot(pen, boot).map(of).unwrap_or_default()
    }

    pub(crate) fn entry(&self, position: Position) -> Option<&Entry> {
        self.segments.get(&position.segment)?.entries.get(position.entry as usize)
    }

    pub(crate) fn entry_mut(&mut self, position: Position) -> Option<&mut Entry> {
        self.segments.get_mut(&position.segment)?.entries.get_mut(position.entry as usize)
    }

    pub(crate) fn state(&self, position: Position) -> State {
        self.entry(position).map_or(State::Freed, |entry| entry.state)
    }

    pub(crate) fn place(&self, position: Position) -> Option<(Place, usize)> {
        let entry = self.entry(position)?;
        let place = Place { segment: position.segment, offset: entry.offset };
        Some((place, entry.len.into()))
    }

    pub(crate) fn key(&self, position: Position) -> Option<ChunkKey> {
        let entry = self.entry(position)?;
        let boot = self.boots.get(entry.boot as usize)?.as_ref()?;
        Some(ChunkKey { pen: boot.pen, boot: boot.boot, number: entry.number })
    }

    /// Adds a chunk at the end of a segment, which grows by its record. A chunk that is there under
    /// this key is freed: its copy is the one that counts.
    pub(crate) fn add(
        &mut self,
        key: ChunkKey,
        place: Place,
        len: u16,
        taken_ms: i64,
        state: State,
    ) -> Position {
        let boot = self.boot_id(key.pen, key.boot);
        let segment = self.segments.entry(place.segment).or_default();
        let position = Position { segment: place.segment, entry: segment.entries.len() as u32 };
        let taken_s = u32::try_from(taken_ms.max(0) / 1_000).unwrap_or(u32::MAX);
        let Place { offset, .. } = place;
        let entry = Entry { boot, number: key.number, offset, taken_s, len, state, sends: 0 };
        segment.entries.push(entry);
        segment.len = u64::from(offset) + Log::record_len(len.into());
        segment.live += 1;
        segment.live_bytes += Log::record_len(len.into());
        segment.waiting += usize::from(state == State::Waiting);
        self.waiting += usize::from(state == State::Waiting);
        self.chunks += 1;
        self.bytes += u64::from(len);
        // It was made above.
        let before = self.boots[boot as usize]
            .as_mut()
            .and_then(|boot| boot.chunks.insert(key.number, position));
        if let Some(before) = before {
            self.set(before, State::Freed);
        }
        position
    }

    /// Notes that an entry's record is there and has its receipt.
    pub(crate) fn add_freed(&mut self, place: Place, len: u16) {
        let segment = self.segments.entry(place.segment).or_default();
        let state = State::Freed;
        let Place { offset, .. } = place;
        let entry = Entry { boot: 0, number: 0, offset, taken_s: 0, len, state, sends: 0 };
        segment.first_live += usize::from(segment.first_live == segment.entries.len());
        segment.entries.push(entry);
        segment.len = u64::from(offset) + Log::record_len(len.into());
    }

    fn boot_id(&mut self, pen: PenId, boot: BootId) -> u32 {
        if let Some(id) = self.ids.get(&(pen, boot)) {
            return *id;
        }
        let id = self.unused.pop().unwrap_or_else(|| {
            self.boots.push(None);
            self.boots.len() as u32 - 1
        });
        self.boots[id as usize] = Some(Boot { pen, boot, chunks: BTreeMap::new() });
        self.ids.insert((pen, boot), id);
        id
    }

    /// Changes where a chunk stands, and gives where it stood.
    pub(crate) fn set(&mut self, position: Position, state: State) -> State {
        let Some(segment) = self.segments.get_mut(&position.segment) else { return State::Freed };
        let Some(entry) = segment.entries.get_mut(position.entry as usize) else {
            return State::Freed;
        };
        let before = std::mem::replace(&mut entry.state, state);
        if before == State::Waiting {
            segment.waiting -= 1;
            self.waiting -= 1;
        }
        if state == State::Waiting {
            segment.waiting += 1;
            self.waiting += 1;
        }
        if state == State::Freed && before != State::Freed {
            segment.live -= 1;
            segment.live_bytes -= Log::record_len(entry.len.into());
            self.chunks -= 1;
            self.bytes -= u64::from(entry.len);
            let freed = |entry: &Entry| entry.state == State::Freed;
            while segment.entries.get(segment.first_live).is_some_and(freed) {
                segment.first_live += 1;
            }
        }
        before
    }

    /// Frees a chunk and forgets its key; gives where it stood and the bytes of its frame.
    pub(crate) fn free(&mut self, position: Position) -> Option<(State, u16)> {
        let entry = *self.entry(position)?;
        let before = self.set(position, State::Freed);
        if before == State::Freed {
            return None;
        }
        if let Some(Some(boot)) = self.boots.get_mut(entry.boot as usize)
            && boot.chunks.get(&entry.number) == Some(&position)
        {
            boot.chunks.remove(&entry.number);
            if boot.chunks.is_empty() {
                self.ids.remove(&(boot.pen, boot.boot));
                self.boots[entry.boot as usize] = None;
                self.unused.push(entry.boot);
            }
        }
        Some((before, entry.len))
    }

    /// The first chunk that waits at `from` or behind it, or else at the beginning.
    pub(crate) fn next_waiting(&self, from: Option<Position>) -> Option<Position> {
        if self.waiting == 0 {
            return None;
        }
        let behind = from.and_then(|from| {
            self.segments.range(from.segment..).find_map(|(id, segment)| {
                let first = if *id == from.segment { from.entry as usize } else { 0 };
                segment.waiting_from(*id, first)
            })
        });
        behind.or_else(|| self.segments.iter().find_map(|(id, seg)| seg.waiting_from(*id, 0)))
    }

    /// The positions of a segment's chunks that are not freed.
    pub(crate) fn live_of(&self, segment: u32) -> Vec<Position> {
        let Some(of) = self.segments.get(&segment) else { return Vec::new() };
        let live = (0..).zip(&of.entries).filter(|(_, entry)| entry.state != State::Freed);
        live.map(|(entry, _)| Position { segment, entry }).collect()
    }

    /// Unix milliseconds at which the oldest chunk was taken, to the second.
    pub(crate) fn oldest_ms(&self) -> Option<i64> {
        self.segments
            .values()
            .filter(|segment| segment.live > 0)
            .filter_map(|segment| segment.entries.get(segment.first_live))
            .map(Entry::taken_ms)
            .next()
    }

    /// Gives back memory that a segment's growth held ready.
    pub(crate) fn sealed(&mut self, segment: u32) {
        if let Some(segment) = self.segments.get_mut(&segment) {
            segment.entries.shrink_to_fit();
        }
    }

    pub(crate) fn disk_bytes(&self) -> u64 {
        self.segments.values().map(Segment::disk_bytes).sum()
    }
}

impl Segment {
    fn waiting_from(&self, segment: u32, first: usize) -> Option<Position> {
        if self.waiting == 0 {
            return None;
        }
        let entries = self.entries.get(first..)?;
        let at = entries.iter().position(|entry| entry.state == State::Waiting)?;
        Some(Position { segment, entry: (first + at) as u32 })
    }
}

impl Position {
    pub(crate) fn next(self) -> Self {
        Self { entry: self.entry + 1, ..self }
    }
}
