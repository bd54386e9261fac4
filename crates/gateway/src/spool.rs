//! The spool: what waits for its receipt. Pure: time is an argument.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::{Duration, Instant};

use firmware_protocol::{
    BUNDLE_BYTES_MAX, BundleWriter, CHUNK_BYTES_MAX, ChunkKey, Outcome, PenId, PenState,
    ReceiptRange, encode_pen_state,
};

use crate::link::{NotTaken, PenReceipt, Taken};
use crate::{Config, Counters};

/// Pens whose last state may wait for the next bundle.
const STATES_MAX: usize = 1_024;

/// Times that a chunk is sent without an answer, while chunks sent with it or later are answered,
/// before it is put aside: the server is there and will never answer this one.
const SENDS_MAX: u8 = 5;

/// How long a chunk stays aside before it is sent again. By then the server may be another one.
const ASIDE: Duration = Duration::from_secs(24 * 60 * 60);

/// How much longer than usual a silent server is waited for, at the most.
const PATIENCE_MAX: u32 = 16;

/// The longest chunk and a bundle's header.
const BUNDLE_BYTES_MIN: usize = CHUNK_BYTES_MAX + 8;

/// Order of taking; never used twice.
type Position = u64;

#[derive(Debug)]
struct Spooled {
    key: ChunkKey,
    frame: Vec<u8>,
    taken: Instant,
    /// When it was last sent over the present connection.
    sent: Option<Instant>,
    sent_ever: bool,
    /// How often it was passed over: sent without an answer, while others have theirs.
    passed_over: u8,
}

/// Chunks in the order in which they were taken, with where each stands.
#[derive(Debug)]
pub(crate) struct Spool {
    limits: Limits,
    chunks: BTreeMap<Position, Spooled>,
    by_key: HashMap<ChunkKey, Position>,
    bytes: usize,
    next: Position,
    /// Taken over the present connection and not sent yet: they go first.
    live: VecDeque<Position>,
    /// Chunks from before this connection, and those that had no receipt in time.
    backlog: VecDeque<Position>,
    /// Sent over the present connection, oldest first; what has its receipt is skipped.
    under_way: VecDeque<(Instant, Position)>,
    in_flight: usize,
    /// Dead letters with the moment at which they were put aside, oldest first.
    aside: VecDeque<(Instant, Position)>,
    aside_bytes: usize,
    /// When the latest of the chunks that have an answer was sent.
    answered: Option<Instant>,
    /// Times `resend_after` that an answer is waited for; grows while the server says nothing.
    patience: u32,
    states: BTreeMap<PenId, PenState>,
    pub(crate) counters: Counters,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    spool_bytes: usize,
    bundle_bytes: usize,
    bundle_wait: Duration,
    in_flight: usize,
    resend_after: Duration,
}

impl Spool {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            limits: Limits {
                spool_bytes: config.spool_bytes_max,
                // Below a chunk's size nothing would ever go.
                bundle_bytes: config.bundle_bytes_max.clamp(BUNDLE_BYTES_MIN, BUNDLE_BYTES_MAX),
                bundle_wait: config.bundle_wait,
                in_flight: config.in_flight_max,
                resend_after: config.resend_after,
            },
            chunks: BTreeMap::new(),
            by_key: HashMap::new(),
            bytes: 0,
            next: 0,
            live: VecDeque::new(),
            backlog: VecDeque::new(),
            under_way: VecDeque::new(),
            in_flight: 0,
            aside: VecDeque::new(),
            aside_bytes: 0,
            answered: None,
            patience: 1,
            states: BTreeMap::new(),
            counters: Counters::default(),
        }
    }

    /// Chunks that wait for a receipt, but for those put aside.
    pub(crate) fn len(&self) -> usize {
        self.chunks.len() - self.aside.len()
    }

    /// Whether another chunk may be taken. What was put aside gives way.
    pub(crate) fn has_room(&self) -> bool {
        self.bytes - self.aside_bytes < self.limits.spool_bytes
    }

    pub(crate) fn take(
        &mut self,
        key: ChunkKey,
        frame: Vec<u8>,
        now: Instant,
    ) -> Result<Taken, NotTaken> {
        if let Some(position) = self.by_key.get(&key) {
            let same = self.chunks.get(position).is_some_and(|there| there.frame == frame);
            self.counters.duplicates += u64::from(same);
            return if same { Ok(Taken::Duplicate) } else { Err(NotTaken::Conflict(key)) };
        }
        while self.bytes >= self.limits.spool_bytes
            && let Some(&(_, oldest)) = self.aside.front()
            && let Some(key) = self.chunks.get(&oldest).map(|dead| dead.key)
        {
            // Its pen has it, and hands it over again.
            self.free(&key);
        }
        let position = self.next;
        self.next += 1;
        self.bytes += frame.len();
        self.by_key.insert(key, position);
        self.live.push_back(position);
        let spooled =
            Spooled { key, frame, taken: now, sent: None, sent_ever: false, passed_over: 0 };
        self.chunks.insert(position, spooled);
        self.counters.chunks_taken += 1;
        Ok(Taken::Fresh)
    }

    /// Keeps a pen's last state for the next bundle.
    pub(crate) fn heard(&mut self, state: PenState) {
        if self.states.len() < STATES_MAX || self.states.contains_key(&state.pen) {
            self.states.insert(state.pen, state);
        }
    }

    /// A connection was lost: what was under way on it is not any more.
    pub(crate) fn disconnected(&mut self) {
        self.counters.reconnects += 1;
        self.under_way.clear();
        self.in_flight = 0;
        (self.answered, self.patience) = (None, 1);
        self.chunks.values_mut().for_each(|spooled| spooled.sent = None);
    }

    /// There is a new connection: all chunks in the spool are from before it, and go after what is
    /// written from now on, in the order of taking.
    pub(crate) fn connected(&mut self) {
        self.live.clear();
        let aside: BTreeSet<Position> = self.aside.iter().map(|(_, position)| *position).collect();
        self.backlog = self.chunks.keys().copied().filter(|at| !aside.contains(at)).collect();
    }

    /// Frees what a receipt names.
    pub(crate) fn receipt(&mut self, receipt: &PenReceipt) {
        let ReceiptRange { outcome, first, last } = receipt.range;
        let named = |key: &ChunkKey| {
            key.pen == receipt.pen
                && key.boot == receipt.boot
                && (first..=last).contains(&key.number)
        };
        // A range may claim 2³² numbers, the spool is bounded: walk whichever is shorter.
        let keys: Vec<ChunkKey> = if u64::from(last - first) < self.by_key.len() as u64 {
            let key = |number| ChunkKey { pen: receipt.pen, boot: receipt.boot, number };
            (first..=last).map(key).filter(|key| self.by_key.contains_key(key)).collect()
        } else {
            self.by_key.keys().copied().filter(named).collect()
        };
        let count = match outcome {
            // A gateway's word to its pens: no server says so, and it frees nothing.
            Outcome::Taken => return,
            Outcome::Stored => &mut self.counters.stored,
            Outcome::Held => &mut self.counters.held,
            Outcome::Refused(_) => &mut self.counters.refused,
        };
        *count += keys.len() as u64;
        if outcome == Outcome::Held && !keys.is_empty() {
            tracing::warn!(
                chunks = keys.len(),
                "held: the server has other bytes under keys of pen {:012x}, boot {}-{:08x}, \
                 numbers {first} to {last}; the pen numbers its chunks wrongly",
                receipt.pen.0,
                receipt.boot.counter,
                receipt.boot.random
            );
        }
        // Any answer, also to what was answered before: the server is there.
        self.patience = 1;
        for key in keys {
            self.free(&key);
        }
    }

    fn free(&mut self, key: &ChunkKey) {
        let Some(position) = self.by_key.remove(key) else { return };
        let Some(spooled) = self.chunks.remove(&position) else { return };
        self.bytes -= spooled.frame.len();
        self.in_flight -= usize::from(spooled.sent.is_some());
        self.answered = self.answered.max(spooled.sent);
        if let Some(at) = self.aside.iter().position(|(_, aside)| *aside == position) {
            self.aside.remove(at);
            self.aside_bytes -= spooled.frame.len();
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
        while let Some((sent, position)) = self.under_way.front().copied() {
            let wait = self.wait();
            let waiting = self.chunks.get_mut(&position).filter(|s| s.sent == Some(sent));
            if waiting.is_some() && now.duration_since(sent) < wait {
                break;
            }
            self.under_way.pop_front();
            let Some(spooled) = waiting else { continue };
            spooled.sent = None;
            self.in_flight -= 1;
            // A server that answers nothing at all says nothing of this chunk.
            let passed_over = self.answered.is_some_and(|answered| answered >= sent);
            silence |= !passed_over;
            spooled.passed_over += u8::from(passed_over);
            if spooled.passed_over < SENDS_MAX {
                self.backlog.push_back(position);
            } else {
                self.aside_bytes += spooled.frame.len();
                self.aside.push_back((now, position));
            }
        }
        if silence {
            // It waits twice as long as before, until there is an answer again.
            self.patience = (self.patience * 2).min(PATIENCE_MAX);
        }
        self.alarm(before);
        while let Some((_, position)) =
            self.aside.pop_front_if(|(since, _)| now.duration_since(*since) >= ASIDE)
        {
            if let Some(spooled) = self.chunks.get_mut(&position) {
                self.aside_bytes -= spooled.frame.len();
                // One more try.
                spooled.passed_over = SENDS_MAX - 1;
                self.backlog.push_back(position);
            }
        }
    }

    /// Says what was put aside since there were `before` dead letters.
    fn alarm(&mut self, before: usize) {
        let chunks = self.aside.len() - before;
        self.counters.dead_letters += chunks as u64;
        let first = self.aside.get(before).and_then(|(_, position)| self.chunks.get(position));
        if let Some(Spooled { key: ChunkKey { pen, boot, number }, .. }) = first {
            let (pen, random) = (pen.0, boot.random);
            tracing::warn!(
                chunks,
                "the server answers others but not these: put aside, sent once a day; the first is \
                 chunk {number} of pen {pen:012x}, boot {}-{random:08x}",
                boot.counter
            );
        }
    }

    /// When something will be due, if nothing else happens; `None` while nothing waits.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Instant> {
        self.expire(now);
        self.drop_gone();
        let resend = self.under_way.front().map(|(sent, _)| *sent + self.wait());
        let again = self.aside.front().map(|(since, _)| *since + ASIDE);
        let resend = [resend, again].into_iter().flatten().min();
        if self.in_flight >= self.limits.in_flight {
            return resend;
        }
        if !self.backlog.is_empty() || !self.states.is_empty() {
            return Some(now);
        }
        let oldest = self.live.front().and_then(|position| self.chunks.get(position));
        let live = oldest.map(|spooled| match self.fills_a_bundle() {
            true => now,
            false => spooled.taken + self.limits.bundle_wait,
        });
        [resend, live].into_iter().flatten().min()
    }

    /// Whether what is live fills a bundle; looks at one bundle's worth at most.
    fn fills_a_bundle(&self) -> bool {
        let mut bytes = 0;
        self.live.iter().filter_map(|position| self.chunks.get(position)).any(|spooled| {
            bytes += spooled.frame.len();
            bytes >= self.limits.bundle_bytes
        })
    }

    /// Forgets positions at the queues' heads whose chunk has its receipt.
    fn drop_gone(&mut self) {
        for queue in [&mut self.live, &mut self.backlog] {
            while queue.front().is_some_and(|position| !self.chunks.contains_key(position)) {
                queue.pop_front();
            }
        }
    }

    /// The next bundle, if one is due: states, then live chunks, then backlog.
    pub(crate) fn next_bundle(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.due(now).is_none_or(|due| due > now) {
            return None;
        }
        let mut buffer = vec![0; self.limits.bundle_bytes];
        let mut writer = BundleWriter::new(&mut buffer).ok()?;
        while let Some((pen, state)) = self.states.first_key_value() {
            let pen = *pen;
            let mut frame = [0; 64];
            let fits =
                encode_pen_state(state, &mut frame).and_then(|len| writer.push(&frame[..len]));
            if fits.is_err() {
                break;
            }
            self.states.remove(&pen);
        }
        while self.in_flight < self.limits.in_flight {
            self.drop_gone();
            let queue = if self.live.is_empty() { &mut self.backlog } else { &mut self.live };
            let Some(position) = queue.front().copied() else { break };
            let Some(spooled) = self.chunks.get_mut(&position) else { break };
            if writer.push(&spooled.frame).is_err() {
                break;
            }
            queue.pop_front();
            let count = if spooled.sent_ever {
                &mut self.counters.chunks_resent
            } else {
                &mut self.counters.chunks_sent
            };
            *count += 1;
            spooled.sent = Some(now);
            spooled.sent_ever = true;
            self.in_flight += 1;
            self.under_way.push_back((now, position));
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
