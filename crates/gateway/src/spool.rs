//! The spool: what waits for its receipt, on disk. Time is an argument.
//!
//! Chunks lie in segment files; memory holds where each is and how far it has come. What is taken
//! is durable before anybody is told so. A chunk is freed by its receipt alone, a segment's file is
//! removed when all its chunks are, and a spool that is full refuses what comes: its pen keeps it.

mod disk;
mod index;
mod letters;
mod log;
mod segment;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::time::{Duration, Instant};

use firmware_protocol::{
    BUNDLE_BYTES_MAX, BundleWriter, CHUNK_BYTES_MAX, ChunkKey, Outcome, PenId, ReceiptRange,
    RefusalCode,
};

use crate::desk::PenReceipt;
use crate::link::{NotTaken, Taken};
use crate::{Config, Counters, StartError};
pub use disk::DEAD_LETTERS;
use disk::{Disk, Folder};
use index::{Entry, Index, Position, State};
use log::{Log, Place};

/// Pens whose last state may wait for the next bundle.
const STATES_MAX: usize = 1_024;

/// Times that a chunk is sent without an answer, while chunks sent with it or later are answered,
/// before it is put aside: the server is there and will never answer this one.
const SENDS_MAX: u8 = 5;

/// How long a chunk stays aside before it is sent again. By then the server may be another one.
const ASIDE: Duration = Duration::from_secs(24 * 60 * 60);

/// How often it is put aside before it is put away for a person: a week's tries.
const ASIDE_MAX: u8 = 7;

/// Dead letters that give way to ink at once.
const GIVE_WAY: usize = 64;

/// How much longer than usual a silent server is waited for, at the most.
const PATIENCE_MAX: u32 = 16;

/// The longest chunk and a bundle's header.
const BUNDLE_BYTES_MIN: usize = CHUNK_BYTES_MAX + 8;

/// A segment file's length: a sixteenth of the spool, within these limits.
const SEGMENT_BYTES_MIN: u64 = 4 << 10;
const SEGMENT_BYTES_MAX: u64 = 4 << 20;

/// Live chunks that are remembered as such; older ones go with the backlog.
const LIVE_MAX: usize = 4_096;

/// How long a disk that failed is left alone.
const DISK_PAUSE: Duration = Duration::from_secs(1);

/// How long chunks may be under way, none of them answered, before that is an alarm.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Chunks on disk, with where each stands.
#[derive(Debug)]
pub(crate) struct Spool {
    limits: Limits,
    log: Log,
    index: Index,
    is_connected: bool,
    /// Live chunks and when they were taken, oldest first: they go before the backlog.
    live: VecDeque<(Instant, Position)>,
    /// Where the backlog is looked through next.
    cursor: Option<Position>,
    /// Sent over the present connection, oldest first; what has its receipt is skipped.
    under_way: VecDeque<(Instant, Position)>,
    /// When each of these was sent that has no receipt.
    sent: HashMap<Position, Instant>,
    /// Dead letters with the moment at which they were put aside, oldest first.
    aside: VecDeque<(Instant, Position)>,
    /// When the latest of the chunks that have an answer was sent.
    answered: Option<Instant>,
    /// Times `resend_after` that an answer is waited for; grows while the server says nothing.
    patience: u32,
    /// Since when chunks are under way without any answer.
    silent_since: Option<Instant>,
    /// The silence was told.
    is_silence_told: bool,
    /// The last state of each pen, a whole frame.
    states: BTreeMap<PenId, Vec<u8>>,
    /// Until when a disk that failed is not written, and not read.
    paused_until: Option<Instant>,
    unread_until: Option<Instant>,
    /// Something was refused for want of space, and not much room was made since.
    is_full: bool,
    /// A segment that could not be synced when it was opened.
    unsure: Option<u32>,
    /// Why dead letters could not be put away the last time that there were some.
    not_put_away: Option<String>,
    pub(crate) counters: Counters,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    spool_bytes: u64,
    bundle_bytes: usize,
    bundle_wait: Duration,
    in_flight: usize,
    resend_after: Duration,
}

/// What reading a chunk gives.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Frame(Vec<u8>),
    /// There is no such chunk any more.
    Gone,
    /// The disk does not give it now.
    Failed,
}

/// How much there is of what, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) chunks: usize,
    pub(crate) bytes: u64,
    pub(crate) disk_bytes: u64,
    pub(crate) dead_letters: usize,
    pub(crate) put_away: usize,
    pub(crate) oldest_ms: Option<i64>,
    pub(crate) is_full: bool,
    pub(crate) disk_fails: bool,
    pub(crate) letters_trouble: Option<String>,
}

impl Spool {
    /// Opens the spool in the configured folder, or makes it.
    ///
    /// # Errors
    /// Where another process has the folder, or it cannot be read or written.
    pub(crate) fn open(config: &Config) -> Result<Self, StartError> {
        let disk = Box::new(Folder::open(&config.spool)?);
        let failed = |error| StartError::Spool { folder: config.spool.clone(), error };
        Self::on(disk, config).map_err(failed)
    }

    fn on(disk: Box<dyn Disk>, config: &Config) -> io::Result<Self> {
        let spool_bytes = config.spool_bytes_max;
        let segment_bytes = (spool_bytes / 16).clamp(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX);
        let mut index = Index::default();
        let (log, opened) = Log::open(disk, (spool_bytes, segment_bytes), |found| {
            for record in &found.records {
                let place = Place { segment: found.id, offset: record.offset };
                if found.freed.contains(&record.offset) {
                    index.add_freed(place, record.len);
                } else {
                    index.add(record.key, place, record.len, record.taken_ms, State::Waiting);
                }
            }
            if let Some(segment) = index.segments.get_mut(&found.id) {
                (segment.len, segment.notes_len) = (found.len, found.notes_len);
            }
            index.sealed(found.id);
        })?;
        let mut spool = Self {
            limits: Limits {
                spool_bytes,
                // Below a chunk's size nothing would ever go.
                bundle_bytes: config.bundle_bytes_max.clamp(BUNDLE_BYTES_MIN, BUNDLE_BYTES_MAX),
                bundle_wait: config.bundle_wait,
                in_flight: config.in_flight_max,
                resend_after: config.resend_after,
            },
            log,
            index,
            is_connected: false,
            live: VecDeque::new(),
            cursor: None,
            under_way: VecDeque::new(),
            sent: HashMap::new(),
            aside: VecDeque::new(),
            answered: None,
            patience: 1,
            silent_since: None,
            is_silence_told: false,
            states: BTreeMap::new(),
            paused_until: None,
            unread_until: None,
            is_full: false,
            unsure: opened.unsure,
            not_put_away: None,
            counters: Counters {
                damaged: opened.damaged,
                torn_bytes: opened.torn_bytes,
                ..Counters::default()
            },
        };
        let written = spool.log.active().and_then(|id| spool.index.segments.get(&id));
        if written.is_some_and(|segment| segment.live == 0) {
            spool.log.seal();
        }
        spool.remove_empty();
        spool.make_sure();
        Ok(spool)
    }

    /// Chunks that wait for a receipt, but for those put aside.
    pub(crate) fn len(&self) -> usize {
        self.index.chunks - self.aside.len()
    }

    pub(crate) fn amounts(&mut self) -> Amounts {
        let looked = self.log.letters();
        if let Err(error) = &looked {
            tracing::error!(%error, "the dead letters cannot be looked at");
        }
        if self.index.chunks == 0 {
            // What could not be put away has gone to a server that takes it.
            self.not_put_away = None;
        }
        let unread = looked.as_ref().err().map(ToString::to_string);
        Amounts {
            put_away: looked.unwrap_or(0),
            letters_trouble: unread.or_else(|| self.not_put_away.clone()),
            chunks: self.len(),
            bytes: self.index.bytes,
            disk_bytes: self.index.disk_bytes(),
            dead_letters: self.aside.len(),
            oldest_ms: self.index.oldest_ms(),
            is_full: self.is_full,
            disk_fails: self.paused_until.is_some(),
        }
    }

    /// Takes one chunk: [`take_all`](Self::take_all).
    #[cfg(test)]
    fn take(&mut self, key: ChunkKey, frame: Vec<u8>, now: Instant) -> Result<Taken, NotTaken> {
        self.take_all(vec![(key, frame)], 0, now).remove(0)
    }

    /// Takes chunks, all with one fsync. They are durable when this returns.
    pub(crate) fn take_all(
        &mut self,
        chunks: Vec<(ChunkKey, Vec<u8>)>,
        taken_ms: i64,
        now: Instant,
    ) -> Vec<Result<Taken, NotTaken>> {
        // Those to be written, and what each chunk is told: at once, or if the write succeeds.
        let mut fresh: Vec<(ChunkKey, Vec<u8>)> = Vec::new();
        let mut answers: Vec<Result<Result<Taken, NotTaken>, Taken>> = Vec::new();
        let mut by_key: HashMap<ChunkKey, usize> = HashMap::new();
        let mut bytes = 0;
        for (key, frame) in chunks {
            let position = self.index.position(&key);
            let is_unsure = position.is_some_and(|at| Some(at.segment) == self.unsure);
            let there = match is_unsure && !self.make_sure() {
                true => Some(Read::Failed),
                // It may lie elsewhere by now.
                false => self.index.position(&key).map(|position| self.read(position)),
            };
            let answer = if let Some(Read::Frame(there)) = there {
                Ok(if there == frame { Ok(Taken::Duplicate) } else { Err(NotTaken::Conflict(key)) })
            } else if matches!(there, Some(Read::Failed)) {
                Ok(Err(NotTaken::Disk))
            } else if let Some(index) = by_key.get(&key).copied() {
                match fresh[index].1 == frame {
                    true => Err(Taken::Duplicate),
                    false => Ok(Err(NotTaken::Conflict(key))),
                }
            } else if self.paused_until.is_some_and(|until| now < until) {
                Ok(Err(NotTaken::Disk))
            } else if !self.make_room(bytes + Log::record_len(frame.len())) {
                Ok(Err(NotTaken::Full))
            } else {
                bytes += Log::record_len(frame.len());
                by_key.insert(key, fresh.len());
                fresh.push((key, frame));
                Err(Taken::Fresh)
            };
            answers.push(answer);
        }
        let written = fresh.is_empty() || self.write(&fresh, taken_ms, now);
        let told = |answer: Result<_, Taken>| match answer {
            Ok(told) => told,
            Err(taken) if written => Ok(taken),
            Err(_) => Err(NotTaken::Disk),
        };
        let answers: Vec<_> = answers.into_iter().map(told).collect();
        for answer in &answers {
            match answer {
                Ok(Taken::Fresh) => self.counters.chunks_taken += 1,
                Ok(Taken::Duplicate) => self.counters.duplicates += 1,
                Err(NotTaken::Full | NotTaken::Disk) => self.counters.turned_away += 1,
                _ => {}
            }
        }
        if answers.contains(&Err(NotTaken::Full)) && !self.is_full {
            self.is_full = true;
            tracing::warn!(
                chunks = self.index.chunks,
                disk_bytes = self.index.disk_bytes(),
                "the spool is full: pens keep what they have until receipts make room"
            );
        }
        answers
    }

    /// Writes chunks, and says whether they are durable now.
    fn write(&mut self, fresh: &[(ChunkKey, Vec<u8>)], taken_ms: i64, now: Instant) -> bool {
        let frames: Vec<(i64, &[u8])> =
            fresh.iter().map(|(_, frame)| (taken_ms, frame.as_slice())).collect();
        let before = self.log.active();
        let mut written = self.log.append(&frames);
        if written.is_err() && self.throw_away_the_last() {
            written = self.log.append(&frames);
        }
        match written {
            Ok(places) => {
                for ((key, frame), place) in fresh.iter().zip(places) {
                    let state = if self.is_connected { State::Live } else { State::Waiting };
                    // A frame has at most 1,024 bytes.
                    let at = self.index.add(*key, place, frame.len() as u16, taken_ms, state);
                    if self.is_connected {
                        self.live.push_back((now, at));
                    }
                }
                while self.live.len() > LIVE_MAX
                    && let Some((_, oldest)) = self.live.pop_front()
                {
                    if self.index.state(oldest) == State::Live {
                        self.index.set(oldest, State::Waiting);
                    }
                }
                if let Some(before) = before
                    && self.log.active() != Some(before)
                {
                    self.index.sealed(before);
                    self.remove_empty();
                }
                if self.paused_until.take().is_some() {
                    tracing::info!("the spool's disk takes chunks again");
                }
                true
            }
            Err(error) => {
                self.counters.disk_errors += 1;
                if self.paused_until.replace(now + DISK_PAUSE).is_none() {
                    tracing::error!(%error, "the spool's disk takes nothing: pens keep what they have");
                }
                false
            }
        }
    }

    /// The frame at a position. One that is damaged is given up: its pen has it.
    fn read(&mut self, position: Position) -> Read {
        let Some((place, len)) = self.index.place(position) else { return Read::Gone };
        match self.log.read(place, len) {
            Ok(Some((_, frame))) => return Read::Frame(frame),
            Ok(None) => {}
            // It may be readable in a moment: too many open files, a cable.
            Err(error) => {
                tracing::error!(%error, segment = place.segment, "the spool cannot be read");
                self.counters.disk_errors += 1;
                return Read::Failed;
            }
        }
        tracing::error!(
            segment = place.segment,
            offset = place.offset,
            "a chunk of the spool is damaged: it is given up here, its pen has it"
        );
        self.counters.damaged += 1;
        self.free(position);
        Read::Gone
    }

    /// Whether so many bytes more may be written. Garbage is collected first, then what was put
    /// aside gives way: its pen has it, and hands it over again.
    fn make_room(&mut self, bytes: u64) -> bool {
        loop {
            if self.index.disk_bytes() + bytes <= self.limits.spool_bytes {
                return true;
            }
            if self.compact() {
                continue;
            }
            let oldest = self.aside.iter().take(GIVE_WAY).map(|(_, position)| *position).collect();
            let put_away = self.put_away(oldest, "they give way to ink");
            if put_away.is_empty() {
                return false;
            }
            self.free_all(put_away);
        }
    }

    /// Writes what could not be synced at the opening again. Whether all of it is durable.
    fn make_sure(&mut self) -> bool {
        let Some(segment) = self.unsure else { return true };
        if self.rewrite(segment) {
            self.unsure = None;
        }
        self.unsure.is_none()
    }

    /// Makes room by writing the chunks of a segment again, where they are three quarters of it or
    /// less. Whether it did.
    fn compact(&mut self) -> bool {
        let share = |bytes: u64, len: u64| bytes.saturating_mul(1_000) / len.max(1);
        let sparsest = self
            .index
            .segments
            .iter()
            .filter(|(_, segment)| {
                4 * segment.live_bytes <= 3 * segment.len.saturating_sub(Log::HEADER_LEN)
            })
            .min_by_key(|(_, segment)| share(segment.live_bytes, segment.len))
            .map(|(id, _)| *id);
        sparsest.is_some_and(|segment| self.rewrite(segment))
    }

    /// Writes the chunks of a segment again behind all others, and removes it. Whether it did.
    fn rewrite(&mut self, segment: u32) -> bool {
        let positions = self.index.live_of(segment);
        let mut chunks = Vec::with_capacity(positions.len());
        for position in &positions {
            let Some(key) = self.index.key(*position) else { continue };
            match self.read(*position) {
                Read::Frame(frame) => {
                    let taken_ms = self.index.entry(*position).map_or(0, Entry::taken_ms);
                    chunks.push((*position, key, taken_ms, frame));
                }
                Read::Gone => {}
                Read::Failed => return false,
            }
        }
        if self.log.active() == Some(segment) {
            self.log.seal();
        }
        let frames: Vec<(i64, &[u8])> =
            chunks.iter().map(|(_, _, taken_ms, frame)| (*taken_ms, frame.as_slice())).collect();
        let places = match self.log.append(&frames) {
            Ok(places) => places,
            Err(error) => {
                tracing::warn!(%error, segment, "a segment of the spool could not be written again");
                return false;
            }
        };
        for ((before, key, taken_ms, frame), place) in chunks.iter().zip(places) {
            self.moved(*before, *key, (place, frame.len() as u16), *taken_ms);
        }
        self.remove_empty();
        true
    }

    /// A chunk has been written again elsewhere.
    fn moved(&mut self, before: Position, key: ChunkKey, to: (Place, u16), taken_ms: i64) {
        let was = self.index.entry(before).copied();
        let (place, len) = to;
        let is_aside = was.is_some_and(|was| was.state == State::Aside);
        let state = if is_aside { State::Aside } else { State::Waiting };
        self.sent.remove(&before);
        // The old entry is freed by this.
        let now_at = self.index.add(key, place, len, taken_ms, state);
        if let (Some(was), Some(entry)) = (was, self.index.entry_mut(now_at)) {
            entry.set_passed_over(was.passed_over());
            if was.was_sent() {
                entry.sent();
            }
        }
        for (_, at) in self.aside.iter_mut().filter(|(_, at)| *at == before) {
            *at = now_at;
        }
    }

    /// Throws the segment that is written away where every chunk in it has its receipt: on a disk that
    /// is full, that makes room without a write. Whether it did.
    fn throw_away_the_last(&mut self) -> bool {
        let Some(last) = self.log.active() else { return false };
        let is_empty = self.index.segments.get(&last).is_some_and(|segment| segment.live == 0);
        if is_empty {
            self.log.seal();
            self.remove_empty();
        }
        is_empty
    }

    /// Removes the files of segments of which every chunk has its receipt.
    fn remove_empty(&mut self) {
        let active = self.log.active();
        let empty = |(id, segment): (&u32, &index::Segment)| {
            (segment.live == 0 && Some(*id) != active).then_some(*id)
        };
        let gone: Vec<u32> = self.index.segments.iter().filter_map(empty).collect();
        for id in gone {
            self.log.remove(id);
            self.index.segments.remove(&id);
        }
        // Not at the first byte of room: it would be told again and again.
        self.is_full &= self.index.disk_bytes() > self.limits.spool_bytes / 10 * 9;
    }

    /// Keeps a pen's last state for the next bundle.
    pub(crate) fn heard(&mut self, pen: PenId, state: Vec<u8>) {
        if self.states.len() < STATES_MAX || self.states.contains_key(&pen) {
            self.states.insert(pen, state);
        }
    }

    /// A connection was lost: what was under way on it is not any more.
    pub(crate) fn disconnected(&mut self) {
        self.counters.reconnects += 1;
        self.is_connected = false;
        self.under_way.clear();
        for (position, _) in std::mem::take(&mut self.sent) {
            self.index.set(position, State::Waiting);
        }
        self.end_live();
        (self.answered, self.patience) = (None, 1);
        (self.silent_since, self.is_silence_told) = (None, false);
    }

    /// There is a new connection: all chunks in the spool are from before it, and go after what is
    /// written from now on, in the order of taking.
    pub(crate) fn connected(&mut self) {
        self.is_connected = true;
        self.end_live();
        self.cursor = None;
    }

    fn end_live(&mut self) {
        for (_, position) in std::mem::take(&mut self.live) {
            if self.index.state(position) == State::Live {
                self.index.set(position, State::Waiting);
            }
        }
    }

    /// Frees what a receipt names.
    pub(crate) fn receipt(&mut self, receipt: &PenReceipt) {
        let ReceiptRange { outcome, first, last } = receipt.range;
        let named = self.index.range(receipt.pen, receipt.boot, first, last);
        let count = match outcome {
            // A gateway's word to its pens: no server says so, and it frees nothing.
            Outcome::Taken => return,
            Outcome::Stored => &mut self.counters.stored,
            Outcome::Held => &mut self.counters.held,
            Outcome::Refused(RefusalCode::Erased) => &mut self.counters.erased,
            Outcome::Refused(_) => &mut self.counters.refused,
        };
        *count += named.len() as u64;
        if outcome != Outcome::Stored && !named.is_empty() {
            let why = match outcome {
                Outcome::Held => {
                    "held: the server has other bytes under these keys; the pen \
                                  numbers its chunks wrongly"
                }
                Outcome::Refused(RefusalCode::Erased) => "erased by right: nothing of them is kept",
                _ => "refused: the server does not take these chunks",
            };
            tracing::warn!(
                chunks = named.len(),
                ?outcome,
                "{why}: pen {}, boot {}, numbers {first} to {last}",
                receipt.pen,
                receipt.boot
            );
        }
        // Any answer, also to what was answered before: the server is there.
        self.patience = 1;
        if std::mem::take(&mut self.is_silence_told) {
            tracing::info!("the server answers again");
        }
        self.silent_since = None;
        let is_kept = !matches!(
            outcome,
            Outcome::Stored | Outcome::Held | Outcome::Refused(RefusalCode::Erased)
        );
        let freed = match is_kept {
            true => self.put_away(named, "the server refuses them"),
            false => named,
        };
        self.free_all(freed);
    }

    /// Frees chunks, and notes that nothing of them is to be sent again.
    fn free_all(&mut self, chunks: Vec<Position>) {
        let mut notes: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for position in chunks {
            if let Some((place, _)) = self.index.place(position) {
                notes.entry(place.segment).or_default().push(place.offset);
            }
            self.free(position);
        }
        for (id, offsets) in notes {
            let Some(segment) = self.index.segments.get_mut(&id) else { continue };
            if segment.live > 0 || self.log.active() == Some(id) {
                segment.notes_len += self.log.note(id, &offsets);
            }
        }
        self.remove_empty();
    }

    fn free(&mut self, position: Position) {
        let Some((before, _)) = self.index.free(position) else { return };
        let sent = self.sent.remove(&position);
        self.answered = self.answered.max(sent);
        if before == State::Aside {
            self.aside.retain(|(_, aside)| *aside != position);
        }
    }

    /// How long an answer is waited for.
    fn wait(&self) -> Duration {
        self.limits.resend_after * self.patience
    }

    /// Moves what has waited too long for its receipt to the backlog, or aside if it was passed
    /// over too often; moves back what lay aside for long enough.
    fn expire(&mut self, now: Instant) {
        let (mut silence, before) = (false, self.aside.len());
        let mut tried_out = Vec::new();
        while let Some((sent, position)) = self.under_way.front().copied() {
            let waits = self.sent.get(&position) == Some(&sent);
            if waits && now.duration_since(sent) < self.wait() {
                break;
            }
            self.under_way.pop_front();
            if !waits {
                continue;
            }
            self.sent.remove(&position);
            // A server that answers nothing at all says nothing of this chunk.
            let passed_over = self.answered.is_some_and(|answered| answered >= sent);
            silence |= !passed_over;
            let Some(entry) = self.index.entry_mut(position) else { continue };
            entry.set_passed_over(entry.passed_over() + u8::from(passed_over));
            if entry.passed_over() < SENDS_MAX {
                self.index.set(position, State::Waiting);
            } else {
                if entry.passed_over() >= SENDS_MAX + ASIDE_MAX {
                    tried_out.push(position);
                }
                self.index.set(position, State::Aside);
                self.aside.push_back((now, position));
            }
        }
        if silence {
            // It waits twice as long as before, until there is an answer again.
            self.patience = (self.patience * 2).min(PATIENCE_MAX);
        }
        self.alarm(before);
        if !tried_out.is_empty() {
            let put_away = self.put_away(tried_out, "the server never answers them");
            self.free_all(put_away);
        }
        while let Some((_, position)) =
            self.aside.pop_front_if(|(since, _)| now.duration_since(*since) >= ASIDE)
        {
            // One more try.
            self.index.set(position, State::Waiting);
        }
    }

    /// Says what was put aside since there were `before` dead letters.
    fn alarm(&mut self, before: usize) {
        let chunks = self.aside.len() - before;
        self.counters.dead_letters += chunks as u64;
        let first = self.aside.get(before).and_then(|(_, position)| self.index.key(*position));
        if let Some(ChunkKey { pen, boot, number }) = first {
            tracing::warn!(
                chunks,
                "the server answers others but not these: put aside, sent once a day; the first is \
                 chunk {number} of pen {pen}, boot {boot}"
            );
        }
    }

    /// Whether chunks have been under way for half a minute and nothing was said about any of them;
    /// that is told once.
    pub(crate) fn is_unanswered(&mut self, now: Instant) -> bool {
        let silent =
            self.silent_since.is_some_and(|since| now.duration_since(since) >= ANSWER_WITHIN);
        if silent && !std::mem::replace(&mut self.is_silence_told, true) {
            tracing::warn!(
                chunks = self.len(),
                "not accepted: chunks were sent {} s ago and no receipt came for any; the broker may \
                 deny them, or no service takes them",
                ANSWER_WITHIN.as_secs()
            );
        }
        silent
    }

    /// When something will be due, if nothing else happens; `None` while nothing waits.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Instant> {
        self.expire(now);
        self.drop_gone();
        let resend = self.under_way.front().map(|(sent, _)| *sent + self.wait());
        let again = self.aside.front().map(|(since, _)| *since + ASIDE);
        let resend = [resend, again].into_iter().flatten().min();
        if self.sent.len() >= self.limits.in_flight {
            return resend;
        }
        if let Some(until) = self.unread_until.filter(|until| *until > now) {
            return Some(resend.map_or(until, |resend| resend.min(until)));
        }
        if self.index.waiting > 0 || !self.states.is_empty() {
            return Some(now);
        }
        let live = self.live.front().map(|(taken, _)| match self.fills_a_bundle() {
            true => now,
            false => *taken + self.limits.bundle_wait,
        });
        [resend, live].into_iter().flatten().min()
    }

    /// Whether what is live fills a bundle; looks at one bundle's worth at most.
    fn fills_a_bundle(&self) -> bool {
        let mut bytes = 0;
        self.live.iter().filter_map(|(_, at)| self.index.entry(*at)).any(|entry| {
            bytes += usize::from(entry.len);
            bytes >= self.limits.bundle_bytes
        })
    }

    /// Forgets live chunks at the queue's head that have been sent or have their receipt.
    fn drop_gone(&mut self) {
        let index = &self.index;
        while self.live.pop_front_if(|(_, at)| index.state(*at) != State::Live).is_some() {}
    }

    /// The next bundle, if one is due: states, then live chunks, then backlog.
    pub(crate) fn next_bundle(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.due(now).is_none_or(|due| due > now) {
            return None;
        }
        let mut buffer = vec![0; self.limits.bundle_bytes];
        let mut writer = BundleWriter::new(&mut buffer).ok()?;
        while let Some((pen, state)) = self.states.first_key_value() {
            if writer.push(state).is_err() {
                break;
            }
            let pen = *pen;
            self.states.remove(&pen);
        }
        while self.sent.len() < self.limits.in_flight {
            self.drop_gone();
            let live = self.live.front().map(|(_, at)| *at);
            let Some(at) = live.or_else(|| self.index.next_waiting(self.cursor)) else { break };
            let frame = match self.read(at) {
                Read::Frame(frame) => frame,
                // The next has its turn.
                Read::Gone => continue,
                Read::Failed => {
                    self.unread_until = Some(now + DISK_PAUSE);
                    break;
                }
            };
            if writer.push(&frame).is_err() {
                break;
            }
            match live {
                Some(_) => drop(self.live.pop_front()),
                None => self.cursor = Some(at.next()),
            }
            self.index.set(at, State::UnderWay);
            if let Some(entry) = self.index.entry_mut(at) {
                let count = if entry.was_sent() {
                    &mut self.counters.chunks_resent
                } else {
                    &mut self.counters.chunks_sent
                };
                *count += 1;
                entry.sent();
            }
            self.sent.insert(at, now);
            self.under_way.push_back((now, at));
            self.silent_since.get_or_insert(now);
        }
        if writer.is_empty() {
            return None;
        }
        self.counters.bundles_sent += 1;
        let len = writer.finish().len();
        buffer.truncate(len);
        Some(buffer)
    }
}

#[cfg(test)]
mod tests;
