//! The pens' side of PROTOCOL.md: a chunk is sent until it is taken, and kept until its receipt.
//!
//! Timers are the protocol's with seconds made shorter; a day passes when the test says so.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use firmware_protocol::{ChunkKey, Found, Frame, FrameStream, Outcome, PenId, decode_frame};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;

use super::ledger::Ledger;

/// Without an answer a chunk is sent again after the first of these, doubled up to the last
/// (PROTOCOL.md: 10 s and 300 s).
const AGAIN_FIRST: Duration = Duration::from_millis(500);
const AGAIN_LAST: Duration = Duration::from_secs(8);

/// A radio link that answers nothing for so long is gone.
const LINK_DEAD: Duration = Duration::from_millis(1_500);

/// Between attempts to reach a gateway.
const DIAL: Duration = Duration::from_millis(50);

/// Chunks without `taken` that a pen sends ahead.
const AHEAD_MAX: usize = 16;

/// What tells pens how far the evening is.
#[derive(Clone)]
pub(crate) struct Evening {
    /// Chunks of the evening that are sealed by now.
    pub(crate) sealed: watch::Receiver<usize>,
    /// Days that have passed: chunks that were taken long ago are sent again.
    pub(crate) days: watch::Receiver<u32>,
}

/// A chunk that has no receipt.
struct Kept {
    frame: Vec<u8>,
    is_taken: bool,
    again_at: Option<Instant>,
    wait: Duration,
}

/// One pen, which reaches several gateways.
pub(crate) struct Pen {
    gateways: Vec<SocketAddr>,
    /// What it will have sealed, with the place in the evening.
    unsent: VecDeque<(usize, ChunkKey, Vec<u8>)>,
    kept: BTreeMap<ChunkKey, Kept>,
    evening: Evening,
    ledger: Ledger,
    chance: ChaCha8Rng,
}

impl Pen {
    pub(crate) fn new(
        gateways: Vec<SocketAddr>,
        chunks: impl Iterator<Item = (usize, ChunkKey, Vec<u8>)>,
        evening: Evening,
        ledger: Ledger,
        chance: ChaCha8Rng,
    ) -> Self {
        let unsent = chunks.collect();
        Self { gateways, unsent, kept: BTreeMap::new(), evening, ledger, chance }
    }

    /// Connects, and connects again, to one gateway or another, for ever.
    pub(crate) async fn run(mut self) {
        loop {
            let gateway = self.gateways[self.chance.random_range(0..self.gateways.len())];
            let dialled = tokio::time::timeout(LINK_DEAD, TcpStream::connect(gateway));
            if let Ok(Ok(stream)) = dialled.await {
                // A connection's end is nothing new to a pen.
                let _ended = self.talk(stream).await;
            }
            tokio::time::sleep(DIAL).await;
        }
    }

    /// One connection, until it ends or is given up.
    async fn talk(&mut self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let (mut frames, mut buffer) = (FrameStream::new(), vec![0; 4_096]);
        let mut heard_at = Instant::now();
        // Whatever was on its way on an earlier connection may be lost.
        for kept in self.kept.values_mut().filter(|kept| !kept.is_taken) {
            (kept.again_at, kept.wait) = (Some(heard_at), AGAIN_FIRST);
        }
        loop {
            let untaken = self.kept.values().filter(|kept| !kept.is_taken).count();
            let sealed = *self.evening.sealed.borrow_and_update();
            let has_more = self.unsent.front().is_some_and(|(place, ..)| *place < sealed);
            let again_at = self.kept.values().filter_map(|kept| kept.again_at).min();
            let dead_at = (untaken > 0).then(|| heard_at + LINK_DEAD);
            tokio::select! {
                biased;
                read = stream.read(&mut buffer) => {
                    let len = read?;
                    if len == 0 {
                        return Ok(());
                    }
                    heard_at = Instant::now();
                    let mut found = Vec::new();
                    frames.push(&buffer[..len], |what| {
                        if let Found::Frame(frame) = what {
                            found.push(frame.to_vec());
                        }
                    });
                    found.iter().for_each(|frame| self.hear(frame));
                }
                () = std::future::ready(()), if has_more && untaken < AHEAD_MAX => {
                    if untaken == 0 {
                        heard_at = Instant::now();
                    }
                    let bytes = self.send(sealed);
                    stream.write_all(&bytes).await?;
                }
                () = until(again_at), if again_at.is_some() => {
                    let bytes = self.again();
                    stream.write_all(&bytes).await?;
                }
                () = until(dead_at), if dead_at.is_some() => return Ok(()),
                changed = self.evening.sealed.changed() => changed.map_err(std::io::Error::other)?,
                changed = self.evening.days.changed() => {
                    changed.map_err(std::io::Error::other)?;
                    self.evening.days.borrow_and_update();
                    let now = Instant::now();
                    self.kept.values_mut().for_each(|kept| kept.again_at = Some(now));
                }
            }
        }
    }

    /// The next chunk, now and then the one behind it first, and now and then twice.
    fn send(&mut self, sealed: usize) -> Vec<u8> {
        let is_second_there = self.unsent.get(1).is_some_and(|(place, ..)| *place < sealed);
        let index = usize::from(is_second_there && self.chance.random_ratio(1, 6));
        let Some((_, key, frame)) = self.unsent.remove(index) else { return Vec::new() };
        // Before it is written: what a broken connection swallowed goes again.
        self.ledger.hands_over(key, &frame);
        let mut bytes = frame.clone();
        if self.chance.random_ratio(1, 8) {
            self.ledger.hands_over(key, &frame);
            bytes.extend_from_slice(&frame);
        }
        let again_at = Some(Instant::now() + AGAIN_FIRST);
        self.kept.insert(key, Kept { frame, is_taken: false, again_at, wait: AGAIN_FIRST });
        bytes
    }

    /// Chunks whose time has come to be sent again.
    fn again(&mut self) -> Vec<u8> {
        let now = Instant::now();
        let mut bytes = Vec::new();
        for (key, kept) in &mut self.kept {
            if kept.again_at.is_none_or(|at| at > now) {
                continue;
            }
            self.ledger.hands_over(*key, &kept.frame);
            bytes.extend_from_slice(&kept.frame);
            kept.wait = (kept.wait * 2).min(AGAIN_LAST);
            kept.again_at = Some(now + kept.wait);
        }
        bytes
    }

    fn hear(&mut self, frame: &[u8]) {
        let Ok((Frame::Receipt(receipt), _)) = decode_frame(frame) else { return };
        for range in receipt.ranges().flatten() {
            let named = |key: &&ChunkKey| {
                (key.pen, key.boot) == (receipt.pen, receipt.boot)
                    && (range.first..=range.last).contains(&key.number)
            };
            let keys: Vec<ChunkKey> = self.kept.keys().filter(named).copied().collect();
            for key in keys {
                self.ledger.pen_hears(key, range.outcome);
                if range.outcome == Outcome::Taken {
                    if let Some(kept) = self.kept.get_mut(&key) {
                        (kept.is_taken, kept.again_at) = (true, None);
                    }
                } else if range.outcome.pen_erases() {
                    self.kept.remove(&key);
                }
            }
        }
    }
}

/// The pens of an evening by what they seal.
pub(crate) fn by_pen(
    chunks: &[super::class::Written],
) -> BTreeMap<PenId, Vec<(usize, ChunkKey, Vec<u8>)>> {
    let mut pens: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (place, chunk) in chunks.iter().enumerate() {
        pens.entry(chunk.pen).or_default().push((place, chunk.key, chunk.frame.clone()));
    }
    pens
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
