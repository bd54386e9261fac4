//! Simulated pens that hand their ink to a running gateway over TCP, each by a connection of its own,
//! as PROTOCOL.md has it: a chunk is sent again after 10 s without `taken`, then after 20, 40, … at
//! most 300 s, and kept until its receipt.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use firmware_protocol::{
    ChunkKey, Found, Frame, FrameStream, Outcome, PenId, PenState, decode_frame, encode_pen_state,
    peek_envelope,
};
use pen_sim::{Evening, Handed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::evening::Sent;
use crate::progress::Progress;

/// Without an answer a chunk is sent again after the first of these, doubled up to the last.
const AGAIN_FIRST: Duration = Duration::from_secs(10);
const AGAIN_LAST: Duration = Duration::from_secs(300);

/// A chunk that was taken and has no receipt is sent again after a day of the pen's; where the
/// evening goes faster than life, after a day that goes as fast, but not before ten seconds.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const DAY_LEAST: Duration = Duration::from_secs(10);

/// Between attempts to reach the gateway: doubled from the first to the last.
const DIAL_FIRST: Duration = Duration::from_millis(100);
const DIAL_LAST: Duration = Duration::from_secs(5);

/// Chunks without `taken` that a pen sends ahead.
const AHEAD_MAX: usize = 64;

/// How long nothing may move.
const STUCK_AFTER: Duration = Duration::from_secs(180);

/// What pens have handed over and heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// Copies handed over as the evening has them.
    sent: u64,
    duplicates: u64,
    /// Sent again for want of an answer.
    pub(super) resent: u64,
    taken: u64,
    pub(super) stored: u64,
    pub(super) held: u64,
    pub(super) refused: u64,
}

/// One pen's part of an evening: when, what, and whether it is a copy.
type Part = Vec<(Option<Instant>, Vec<u8>, bool)>;

/// Hands an evening over; ends when every chunk has its receipt.
///
/// Pens' states go only where the evening runs in real time (`speed` 1): the gateway notes when it
/// heard them, and an evening that goes faster than life would say that every clock is wrong.
pub(super) async fn hand_over(
    evening: &Evening,
    gateway: SocketAddr,
    speed: Option<u32>,
    when: impl Fn(i64) -> Option<Instant>,
) -> anyhow::Result<(Sent, Heard)> {
    let mut parts: BTreeMap<PenId, Part> = BTreeMap::new();
    for delivery in &evening.deliveries {
        let frame = match &delivery.what {
            Handed::Chunk(chunk) => chunk.clone(),
            Handed::State(state) if speed == Some(1) => state_frame(state),
            Handed::State(_) => continue,
        };
        let part = parts.entry(delivery.pen).or_default();
        part.push((when(delivery.at_ms), frame, delivery.copy));
    }
    let chunks: usize = parts.values().map(Vec::len).sum();
    let day = speed.map_or(DAY_LEAST, |speed| (DAY / speed).max(DAY_LEAST));
    let (heard_in, heard) = watch::channel(Heard::default());
    let mut pens = JoinSet::new();
    for part in parts.into_values() {
        pens.spawn(Pen::new(gateway, day, heard_in.clone()).run(part));
    }
    let mut progress = Progress::new("pens", chunks as u64);
    let (mut last, mut moved) = (Heard::default(), Instant::now());
    loop {
        tokio::select! {
            ended = pens.join_next() => match ended {
                Some(ended) => ended.context("a simulated pen failed")??,
                None => break,
            },
            () = tokio::time::sleep(Duration::from_secs(1)) => {
                let now = *heard.borrow();
                if now != last {
                    (last, moved) = (now, Instant::now());
                }
                let waiting = now.sent - now.duplicates - now.stored.min(now.sent - now.duplicates);
                progress.set(now.sent, &format!("{waiting} wait for receipts"));
                if waiting > 0 && moved.elapsed() >= STUCK_AFTER {
                    bail!(
                        "nothing moved for {} s, with {waiting} chunks without a receipt: does the \
                         gateway run, and a service behind its broker? `zhibi gateway status` says",
                        STUCK_AFTER.as_secs()
                    );
                }
            }
        }
    }
    progress.finish();
    let heard = *heard.borrow();
    Ok((Sent { chunks: heard.sent, duplicates: heard.duplicates }, heard))
}

/// The state as the pen says it: when it was heard is the gateway's to note.
fn state_frame(state: &PenState) -> Vec<u8> {
    let mut frame = [0; 64];
    // A state takes less.
    let len = encode_pen_state(&PenState { seen_unix_ms: 0, ..*state }, &mut frame).unwrap_or(0);
    frame[..len].to_vec()
}

/// A chunk that has no receipt.
struct Kept {
    frame: Vec<u8>,
    again_at: Instant,
    wait: Duration,
    taken: bool,
}

struct Pen {
    gateway: SocketAddr,
    day: Duration,
    heard: watch::Sender<Heard>,
    kept: HashMap<ChunkKey, Kept>,
    untaken: usize,
}

impl Pen {
    fn new(gateway: SocketAddr, day: Duration, heard: watch::Sender<Heard>) -> Self {
        Self { gateway, day, heard, kept: HashMap::new(), untaken: 0 }
    }

    /// Connects, and connects again, until everything is handed over and has its receipt.
    async fn run(mut self, part: Part) -> anyhow::Result<()> {
        let mut next = 0;
        let mut pause = DIAL_FIRST;
        while next < part.len() || !self.kept.is_empty() {
            if let Ok(stream) = TcpStream::connect(self.gateway).await {
                // The connection's end is nothing new to a pen: it dials again.
                if let Ok(true) = self.talk(stream, &part, &mut next).await {
                    pause = DIAL_FIRST;
                }
            }
            if next < part.len() || !self.kept.is_empty() {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(DIAL_LAST);
            }
        }
        Ok(())
    }

    /// One connection, until it ends or there is nothing left; whether anything was heard on it.
    async fn talk(
        &mut self,
        mut stream: TcpStream,
        part: &Part,
        next: &mut usize,
    ) -> std::io::Result<bool> {
        stream.set_nodelay(true)?;
        let mut frames = FrameStream::new();
        let mut buffer = vec![0; 4_096];
        let mut heard_any = false;
        // Whatever was on its way on an earlier connection may be lost.
        let now = Instant::now();
        self.kept.values_mut().filter(|kept| !kept.taken).for_each(|kept| kept.again_at = now);
        loop {
            if *next >= part.len() && self.kept.is_empty() {
                return Ok(true);
            }
            let written_at = part.get(*next).map(|(at, ..)| at.unwrap_or(now));
            let ahead = self.untaken < AHEAD_MAX;
            let again_at = self.kept.values().map(|kept| kept.again_at).min();
            tokio::select! {
                biased;
                read = stream.read(&mut buffer) => {
                    let len = read?;
                    if len == 0 {
                        return Ok(heard_any);
                    }
                    heard_any = true;
                    let mut found = Vec::new();
                    frames.push(&buffer[..len], |what| {
                        if let Found::Frame(frame) = what {
                            found.push(frame.to_vec());
                        }
                    });
                    found.iter().for_each(|frame| self.hear(frame));
                }
                // Live before backlog.
                () = until(written_at), if ahead && written_at.is_some() => {
                    let (_, frame, copy) = &part[*next];
                    *next += 1;
                    // Before it is written: what a broken connection swallowed goes again.
                    self.sent(frame, *copy);
                    stream.write_all(frame).await?;
                }
                () = until(again_at), if again_at.is_some() => {
                    stream.write_all(&self.again()).await?;
                }
            }
        }
    }

    /// A frame has gone out for the first time, or as a copy.
    fn sent(&mut self, frame: &[u8], copy: bool) {
        let Ok(envelope) = peek_envelope(frame) else { return };
        if !envelope.is_receipted() {
            return;
        }
        self.heard.send_modify(|heard| {
            heard.sent += 1;
            heard.duplicates += u64::from(copy);
        });
        // A copy of a chunk that has its receipt is not waited for.
        if !copy {
            self.untaken += 1;
            let again_at = Instant::now() + AGAIN_FIRST;
            let (frame, wait) = (frame.to_vec(), AGAIN_FIRST);
            self.kept.insert(envelope.key, Kept { frame, again_at, wait, taken: false });
        }
    }

    /// Chunks whose time has come to be sent again.
    fn again(&mut self) -> Vec<u8> {
        let now = Instant::now();
        let mut due: Vec<(&ChunkKey, &mut Kept)> =
            self.kept.iter_mut().filter(|(_, kept)| kept.again_at <= now).collect();
        due.sort_unstable_by_key(|(key, _)| **key);
        let mut bytes = Vec::new();
        let count = due.len() as u64;
        for (_, kept) in due {
            bytes.extend_from_slice(&kept.frame);
            kept.wait = if kept.taken { self.day } else { (kept.wait * 2).min(AGAIN_LAST) };
            kept.again_at = now + kept.wait;
        }
        self.heard.send_modify(|heard| heard.resent += count);
        bytes
    }

    fn hear(&mut self, frame: &[u8]) {
        let Ok((Frame::Receipt(receipt), _)) = decode_frame(frame) else { return };
        for range in receipt.ranges().flatten() {
            // The keys that are kept are few; a range may claim all that there are.
            let named = |key: &ChunkKey| {
                (key.pen, key.boot) == (receipt.pen, receipt.boot)
                    && (range.first..=range.last).contains(&key.number)
            };
            let keys: Vec<ChunkKey> = self.kept.keys().copied().filter(named).collect();
            let count = keys.len() as u64;
            for key in keys {
                let Some(kept) = self.kept.get_mut(&key) else { continue };
                self.untaken -= usize::from(!std::mem::replace(&mut kept.taken, true));
                if range.outcome == Outcome::Taken {
                    (kept.wait, kept.again_at) = (self.day, Instant::now() + self.day);
                } else {
                    self.kept.remove(&key);
                }
            }
            self.heard.send_modify(|heard| match range.outcome {
                Outcome::Taken => heard.taken += count,
                Outcome::Stored => heard.stored += count,
                Outcome::Held => heard.held += count,
                Outcome::Refused(_) => heard.refused += count,
            });
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}

/// The address of a gateway, HOST:PORT.
pub(super) async fn address(text: &str) -> anyhow::Result<SocketAddr> {
    let whom = || format!("gateway {text}: it is HOST:PORT, for example 127.0.0.1:7171");
    let mut found = tokio::net::lookup_host(text).await.with_context(whom)?;
    let address = found.next().ok_or_else(|| anyhow!("{text} has no address"))?;
    let reached = tokio::time::timeout(super::CONNECT_MAX, TcpStream::connect(address)).await;
    reached
        .map_err(|_| anyhow!("it does not answer"))
        .and_then(|reached| reached.map_err(Into::into))
        .with_context(|| format!("no gateway listens at {text}"))?;
    Ok(address)
}
