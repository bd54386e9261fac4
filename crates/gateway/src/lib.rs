//! The reference gateway: takes chunks from pens, keeps each on disk until the server's receipt, and
//! passes the receipt on.
//!
//! This crate owns the pens' links, the spool and the uplink. It must never know what is in a chunk
//! beyond its envelope. `taken` is said only after the fsync of what it promises, so that a gateway
//! may be killed, or lose its power, at any moment: what pens gave away is there when it starts again.

mod config;
mod desk;
mod link;
pub mod pens;
mod session;
mod spool;
mod uplink;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

pub use config::{Broker, Config, Secret, Tls};
pub use desk::PenReceipt;
pub use link::{Connection, NotTaken, Offer, PenLink, Taken};
pub use spool::DEAD_LETTERS;

/// Unix milliseconds; may run fast.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Receipts that a slow listener may fall behind before it loses the oldest.
const RECEIPTS_KEPT: usize = 4_096;

/// Hand-overs that may wait for the spool's task, a chunk of at most 1 KiB each.
const COMMANDS_WAITING: usize = 1_024;

/// What a gateway has done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Chunks taken into the spool.
    pub chunks_taken: u64,
    /// Copies handed over while the same chunk lay in the spool.
    pub duplicates: u64,
    /// Chunks refused because the spool was full or its disk failed; their pens keep them.
    pub turned_away: u64,
    /// Bytes on pens' links that were part of no sound frame.
    pub noise_bytes: u64,
    /// Sound frames on pens' links that no receipt would name, and those whose key was there with
    /// other bytes.
    pub strange_frames: u64,
    /// Bundles published.
    pub bundles_sent: u64,
    /// Chunks published for the first time since the start.
    pub chunks_sent: u64,
    /// Chunks published again because no receipt had come.
    pub chunks_resent: u64,
    /// Chunks whose receipt said stored.
    pub stored: u64,
    /// Chunks whose receipt said held.
    pub held: u64,
    /// Chunks whose receipt said refused, but for those erased by right.
    pub refused: u64,
    /// Chunks whose receipt said that their ink was erased by right.
    pub erased: u64,
    /// Chunks put aside because the server answered others but, time after time, not these.
    pub dead_letters: u64,
    /// Chunks put away into [`DEAD_LETTERS`]: refused, or never answered for a week.
    pub put_away: u64,
    /// Those for which that file had no room.
    pub given_up: u64,
    /// Payloads and frames on the gateway's topics that were no receipts, or no policy.
    pub garbage: u64,
    /// Connections lost.
    pub reconnects: u64,
    /// Stretches of the spool's files, and chunks in them, that could not be read any more.
    pub damaged: u64,
    /// Bytes at the spool's end that were half written when it was opened, as a loss of power leaves
    /// them; nobody was told that they were taken.
    pub torn_bytes: u64,
    /// Writes of the spool that failed; what they were to make durable was not taken.
    pub disk_errors: u64,
}

/// How a gateway is at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// What it has done.
    pub counters: Counters,
    /// Pens that are connected.
    pub pens: usize,
    /// Chunks that wait for their receipt, dead letters aside.
    pub chunks: usize,
    /// Bytes of chunks that wait for their receipt, dead letters included.
    pub bytes: u64,
    /// Bytes that the spool's files take.
    pub disk_bytes: u64,
    /// Bytes that they may take.
    pub disk_bytes_max: u64,
    /// Dead letters that wait for their daily try.
    pub dead_letters: usize,
    /// Those in [`DEAD_LETTERS`], for a person.
    pub put_away: usize,
    /// Unix milliseconds at which the oldest chunk without a receipt was taken, to the second.
    pub oldest_ms: Option<i64>,
    /// The spool is full: pens are refused.
    pub is_full: bool,
    /// The spool's disk failed the latest write: pens are refused.
    pub disk_fails: bool,
    /// Why dead letters cannot be put away; they stay in the spool meanwhile.
    pub letters_trouble: Option<String>,
    /// There is a connection to the broker.
    pub is_connected: bool,
    /// Unix milliseconds since when there is one, or is none.
    pub since_ms: i64,
    /// The broker's answer to the latest attempt to connect was that this gateway may not.
    pub is_refused: bool,
    /// Connections that the broker took have ended soon, several in a row: another gateway may have
    /// this one's id, since a broker ends the connection of the one for the other's.
    pub is_contested: bool,
    /// Chunks have been sent for half a minute, and no receipt came for any.
    pub is_unanswered: bool,
    /// Why there is no connection.
    pub trouble: Option<String>,
}

/// Why a gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process has the spool.
    #[error("another gateway works on the spool {}: stop it first, or give this one a folder of its own", .0.display())]
    Locked(PathBuf),
    /// The spool cannot be read or written.
    #[error("spool {}: {error}", folder.display())]
    Spool {
        /// Its folder.
        folder: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// No thread could be started.
    #[error("cannot start the spool's thread: {0}")]
    Thread(io::Error),
}

/// What is watched at every step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) counters: Counters,
    pub(crate) spooled: usize,
    /// The broker's answer to the last attempt to connect was that this gateway may not.
    pub(crate) refused: bool,
}

/// A running gateway.
#[derive(Debug)]
pub struct Gateway {
    link: PenLink,
    shown: watch::Receiver<Shown>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Opens the spool and starts a gateway's tasks on the current runtime. It connects, and connects
/// again, by itself. Reads the whole spool first: a large one takes seconds.
///
/// # Errors
/// Where the spool cannot be opened: see [`StartError`].
pub fn start(config: Config, clock: Clock) -> Result<Gateway, StartError> {
    let spool = spool::Spool::open(&config)?;
    let session = session::next(&config.spool, clock());
    let (commands_in, commands) = mpsc::channel(COMMANDS_WAITING);
    let (receipts, _) = broadcast::channel(RECEIPTS_KEPT);
    let shown = Shown { counters: spool.counters, spooled: spool.len(), refused: false };
    let (shown_in, shown) = watch::channel(shown);
    let (stop, stopping) = watch::channel(false);
    let link = PenLink::new(Arc::clone(&clock), commands_in, receipts.clone());
    let desk = Arc::clone(&link.desk);
    let tasks = uplink::spawn(uplink::Parts {
        config,
        clock,
        spool,
        session,
        desk,
        commands,
        receipts,
        shown: shown_in,
        stopping,
    })?;
    Ok(Gateway { link, shown, stop, tasks })
}

impl Gateway {
    /// A way for pens to hand over chunks; cheap to clone.
    pub fn link(&self) -> PenLink {
        self.link.clone()
    }

    /// What it has done so far.
    pub fn counters(&self) -> Counters {
        self.shown.borrow().counters
    }

    /// Chunks that wait for a receipt.
    pub fn spooled(&self) -> usize {
        self.shown.borrow().spooled
    }

    /// How it is now; `None` where its spool's task is gone.
    pub async fn status(&self) -> Option<Status> {
        self.link.status().await
    }

    /// Waits until the spool is empty: every chunk handed over has its receipt.
    pub async fn drained(&self) {
        let mut shown = self.shown.clone();
        // The sender lives as long as the spool's task; if that is gone there is no spool.
        let _gone = shown.wait_for(|shown| shown.spooled == 0).await;
    }

    /// Waits until the broker refuses the gateway's login.
    pub async fn refused(&self) {
        let mut shown = self.shown.clone();
        if shown.wait_for(|shown| shown.refused).await.is_err() {
            // The spool's task is gone: nobody will say so.
            std::future::pending().await
        }
    }

    /// Waits until the spool's task has ended by itself, which it does only in a fault.
    pub async fn ended(&self) {
        let mut shown = self.shown.clone();
        while shown.changed().await.is_ok() {}
    }

    /// Says good-bye to the broker and ends. What is still spooled stays on disk.
    pub async fn stop(self) -> Counters {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A task that panicked has nothing left to stop.
            let _ended = task.await;
        }
        self.shown.borrow().counters
    }
}
