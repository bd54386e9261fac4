//! Starting and stopping.

use std::sync::Arc;
use std::time::Duration;

use store::Store;
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle};

use crate::counters::Tally;
use crate::link::{Link, Waiting};
use crate::notices::Notices;
use crate::{Clock, Config, Counters, batch, commit, link, receipts};

/// Committed batches whose acks may wait for the link.
const ACKED_BATCHES_MAX: usize = 64;
/// How long the last receipts may take when we stop.
const FAREWELL: Duration = Duration::from_secs(2);

/// A running ingestion.
#[derive(Debug)]
pub struct Ingest {
    tally: Arc<Tally>,
    stop: watch::Sender<bool>,
    link: JoinHandle<()>,
    batcher: JoinHandle<()>,
    committer: JoinHandle<()>,
    receipts: JoinHandle<()>,
    connected: watch::Receiver<bool>,
    waiting: mpsc::WeakSender<Waiting>,
}

/// Starts on the current runtime and goes on until [`Ingest::stop`], whatever becomes of broker
/// and store. Needs no broker to start.
pub fn start(config: Config, store: Store, clock: Clock) -> Ingest {
    let tally = Arc::new(Tally::default());
    let (stop, stopping) = watch::channel(false);
    // Memory is the bound: there is room for as many of the smallest messages as it admits.
    let (waiting, to_batch) = mpsc::channel(config.memory_bytes_max / link::OVERHEAD_BYTES + 1);
    // One: the batch after the one that is being committed.
    let (batched, to_commit) = mpsc::channel(1);
    let (acks, to_acknowledge) = mpsc::channel(ACKED_BATCHES_MAX);
    let (replies, to_send) = mpsc::channel(receipts::WAITING_MAX);

    let (connected, is_connected) = watch::channel(false);
    let is_waiting = waiting.downgrade();
    let link_ends = link::Ends { waiting, acks: to_acknowledge, connected, stop: stopping.clone() };
    let seed = config.seed;
    let notices = Notices::default();
    let commit_ends =
        commit::Ends { batches: to_commit, acks, replies, stop: stopping, notices, seed };
    let (chunks_max, wait) = (config.batch_chunks_max.max(1), config.batch_wait);
    Ingest {
        link: tokio::spawn(Link::new(config.clone(), clock, Arc::clone(&tally)).run(link_ends)),
        batcher: tokio::spawn(batch::run(to_batch, batched, chunks_max, wait, Arc::clone(&tally))),
        committer: tokio::spawn(commit::run(store, commit_ends, Arc::clone(&tally))),
        receipts: tokio::spawn(receipts::send(config, to_send, Arc::clone(&tally))),
        connected: is_connected,
        waiting: is_waiting,
        tally,
        stop,
    }
}

impl Ingest {
    /// What happened so far.
    pub fn counters(&self) -> Counters {
        self.tally.counters()
    }

    /// Whether the broker has accepted our subscription on the connection that is open now.
    #[must_use]
    pub fn connected(&self) -> watch::Receiver<bool> {
        self.connected.clone()
    }

    /// Tells whether all tasks run.
    pub fn alive(&self) -> impl Fn() -> bool + Send + Sync + use<> {
        let tasks = [&self.link, &self.batcher, &self.committer, &self.receipts];
        let tasks = tasks.map(JoinHandle::abort_handle);
        move || !tasks.iter().any(AbortHandle::is_finished)
    }

    /// Counts the messages that wait to be put into a batch.
    pub fn waiting(&self) -> impl Fn() -> usize + Send + Sync + use<> {
        let waiting = self.waiting.clone();
        // Without a sender the link has ended, and nothing more comes.
        move || waiting.upgrade().map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    /// Waits until a task has ended by itself, which is a fault: the service must stop. Never
    /// returns otherwise.
    pub async fn died(&mut self) {
        tokio::select! {
            _ = &mut self.link => {}
            _ = &mut self.batcher => {}
            _ = &mut self.committer => {}
            _ = &mut self.receipts => {}
        }
    }

    /// Takes nothing more in, commits what was received, acknowledges it and sends its receipts.
    /// What cannot be stored now is given up unacknowledged: it comes again.
    pub async fn stop(self) -> Counters {
        let Self { tally, stop, link, batcher, committer, mut receipts, .. } = self;
        stop.send_replace(true);
        for task in [batcher, committer, link] {
            // One that has ended may have been awaited by `died`, and must not be twice.
            if !task.is_finished() && task.await.is_err() {
                tracing::error!("a task of the ingestion died");
            }
        }
        if !receipts.is_finished() && tokio::time::timeout(FAREWELL, &mut receipts).await.is_err() {
            receipts.abort();
        }
        tally.counters()
    }
}

#[cfg(test)]
mod tests;
