//! The reference gateway: takes chunks from pens, keeps each until the server's receipt, and
//! passes the receipt on.
//!
//! This crate owns the spool and the uplink. It must never know what is in a chunk beyond its
//! envelope. Its first version keeps the spool in memory: a gateway that loses its power loses
//! what had no receipt, and the pens, which keep their chunks until the receipt too, send it
//! again.

mod config;
mod link;
mod spool;
mod uplink;

use std::sync::Arc;

use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

pub use config::{Broker, Config, Secret};
pub use link::{Connection, NotTaken, PenLink, PenReceipt, Taken};

/// Unix milliseconds; may run fast.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Receipts that a slow listener may fall behind before it loses the oldest.
const RECEIPTS_KEPT: usize = 4_096;

/// Hand-overs that may wait for the spool's task.
const COMMANDS_WAITING: usize = 64;

/// What a gateway has done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Chunks taken into the spool.
    pub chunks_taken: u64,
    /// Copies handed over while the same chunk lay in the spool.
    pub duplicates: u64,
    /// Bundles published.
    pub bundles_sent: u64,
    /// Chunks published for the first time.
    pub chunks_sent: u64,
    /// Chunks published again because no receipt had come.
    pub chunks_resent: u64,
    /// Chunks whose receipt said stored.
    pub stored: u64,
    /// Chunks whose receipt said held.
    pub held: u64,
    /// Chunks whose receipt said refused.
    pub refused: u64,
    /// Chunks put aside because the server answered others but, time after time, not these.
    pub dead_letters: u64,
    /// Payloads on the receipt topic that were no receipts.
    pub garbage: u64,
    /// Connections lost.
    pub reconnects: u64,
}

/// What the gateway shows of itself at any moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) counters: Counters,
    pub(crate) spooled: usize,
    /// The broker's answer to the last attempt to connect was that this gateway may not.
    pub(crate) refused: bool,
}

/// A running gateway.
#[derive(Debug)]
pub struct Gateway {
    link: PenLink,
    status: watch::Receiver<Status>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a gateway's tasks on the current runtime. It connects, and connects again, by itself.
pub fn start(config: Config, clock: Clock) -> Gateway {
    let (commands_in, commands) = mpsc::channel(COMMANDS_WAITING);
    let (receipts, _) = broadcast::channel(RECEIPTS_KEPT);
    let (status_in, status) = watch::channel(Status::default());
    let (stop, stopping) = watch::channel(false);
    let link = PenLink::new(Arc::clone(&clock), commands_in, receipts.clone());
    let tasks = uplink::spawn(config, clock, commands, receipts, status_in, stopping);
    Gateway { link, status, stop, tasks }
}

impl Gateway {
    /// A way for pens to hand over chunks; cheap to clone.
    pub fn link(&self) -> PenLink {
        self.link.clone()
    }

    /// What it has done so far.
    pub fn counters(&self) -> Counters {
        self.status.borrow().counters
    }

    /// Chunks that wait for a receipt.
    pub fn spooled(&self) -> usize {
        self.status.borrow().spooled
    }

    /// Waits until the spool is empty: every chunk handed over has its receipt.
    pub async fn drained(&self) {
        let mut status = self.status.clone();
        // The sender lives as long as the spool's task; if that is gone there is no spool.
        let _gone = status.wait_for(|status| status.spooled == 0).await;
    }

    /// Waits until the broker refuses the gateway's login.
    pub async fn refused(&self) {
        let mut status = self.status.clone();
        if status.wait_for(|status| status.refused).await.is_err() {
            // The spool's task is gone: nobody will say so.
            std::future::pending().await
        }
    }

    /// Says good-bye to the broker and ends. What is still spooled is given up: `drained` first.
    pub async fn stop(self) -> Counters {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A task that panicked has nothing left to stop.
            let _ended = task.await;
        }
        self.status.borrow().counters
    }
}
