//! The spool: what waits for its receipt. Pure: time is an argument.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use firmware_protocol::{
    BUNDLE_BYTES_MAX, BundleWriter, CHUNK_BYTES_MAX, ChunkKey, Outcome, PenId, PenState,
    ReceiptRange, encode_pen_state,
};

use crate::link::{NotTaken, PenReceipt, Taken};
use crate::{Config, Counters};

/// Pens whose last state may wait for the next bundle.
const STATES_MAX: usize = 1_024;

/// The longest chunk and a bundle's header.
const BUNDLE_BYTES_MIN: usize = CHUNK_BYTES_MAX + 8;

/// Order of taking; never used twice.
type Position = u64;

#[derive(Debug)]
struct Spooled {
    frame: Vec<u8>,
    taken: Instant,
    /// When it was last sent over the present connection.
    sent: Option<Instant>,
    sent_ever: bool,
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
    /// What waits from before it, and what had no receipt in time.
    backlog: VecDeque<Position>,
    /// Sent over the present connection, oldest first; what has its receipt is skipped.
    under_way: VecDeque<(Instant, Position)>,
    in_flight: usize,
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
            states: BTreeMap::new(),
            counters: Counters::default(),
        }
    }

    /// Chunks that wait for a receipt.
    pub(crate) fn len(&self) -> usize {
        self.chunks.len()
    }

    /// Whether another chunk may be taken.
    pub(crate) fn has_room(&self) -> bool {
        self.bytes < self.limits.spool_bytes
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
        let position = self.next;
        self.next += 1;
        self.bytes += frame.len();
        self.by_key.insert(key, position);
        self.live.push_back(position);
        let spooled = Spooled { frame, taken: now, sent: None, sent_ever: false };
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
        self.chunks.values_mut().for_each(|spooled| spooled.sent = None);
    }

    /// There is a new connection: all that lies here waits from before it, and goes behind what is
    /// written from now on, in the order of taking.
    pub(crate) fn connected(&mut self) {
        self.live.clear();
        self.backlog = self.chunks.keys().copied().collect();
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
        for key in keys {
            self.free(&key);
        }
    }

    fn free(&mut self, key: &ChunkKey) {
        let Some(position) = self.by_key.remove(key) else { return };
        let Some(spooled) = self.chunks.remove(&position) else { return };
        self.bytes -= spooled.frame.len();
        self.in_flight -= usize::from(spooled.sent.is_some());
    }

    /// Moves what has waited too long for its receipt to the backlog.
    fn expire(&mut self, now: Instant) {
        while let Some((sent, position)) = self.under_way.front().copied() {
            let waiting = self.chunks.get_mut(&position).filter(|s| s.sent == Some(sent));
            if waiting.is_some() && now.duration_since(sent) < self.limits.resend_after {
                return;
            }
            self.under_way.pop_front();
            if let Some(spooled) = waiting {
                spooled.sent = None;
                self.in_flight -= 1;
                self.backlog.push_back(position);
            }
        }
    }

    /// When something will be due, if nothing else happens; `None` while nothing waits.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Instant> {
        self.expire(now);
        self.drop_gone();
        let resend = self.under_way.front().map(|(sent, _)| *sent + self.limits.resend_after);
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
