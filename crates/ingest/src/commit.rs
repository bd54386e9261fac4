//! One transaction per batch; then, and only then, receipts and acks.

use std::sync::Arc;

use firmware_protocol::{BootId, ChunkKey, Outcome, PenId};
use metrics::counter;
use store::{Delivery, Store, Stored};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tracing::Instrument;

use crate::backoff::Backoff;
use crate::batch::Batch;
use crate::counters::{Tally, count, meter};
use crate::link::Ack;
use crate::notices::Notices;
use crate::receipts::{Receipts, Reply};
use crate::sort::{Sorted, outcome};

/// What the task is given.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) batches: mpsc::Receiver<Batch>,
    pub(crate) acks: mpsc::Sender<Vec<Ack>>,
    pub(crate) replies: mpsc::Sender<Reply>,
    /// Turns true when we stop.
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) notices: Notices,
    /// Spreads the waits of several replicas.
    pub(crate) seed: u64,
}

/// Commits batches until there are no more, or the store fails while we stop.
pub(crate) async fn run(store: Store, mut ends: Ends, tally: Arc<Tally>) {
    while let Some(batch) = ends.batches.recv().await {
        let span = tracing::debug_span!(
            "batch",
            messages = batch.acks.len(),
            chunks = batch.sorted.senders.len(),
        );
        if !settle(&store, batch, &mut ends, &tally).instrument(span).await {
            return;
        }
    }
}

/// `false`: the batch was given up, with nothing acknowledged.
async fn settle(store: &Store, mut batch: Batch, ends: &mut Ends, tally: &Tally) -> bool {
    let delivery = Arc::new(std::mem::take(&mut batch.sorted.delivery));
    let keys: Vec<ChunkKey> = delivery.arrivals.iter().map(|a| key(&a.key)).collect();
    let backoff = Backoff::new(ends.seed);
    let Some(stored) = commit(store, &delivery, &mut ends.stop, backoff, tally).await else {
        return false;
    };
    for (counter, what) in [
        (&tally.chunks_stored, Stored::Fresh),
        (&tally.duplicates, Stored::Duplicate),
        (&tally.conflicts, Stored::Conflict),
        (&tally.erased, Stored::Erased),
    ] {
        count(counter, stored.iter().filter(|stored| **stored == what).count());
    }
    let now = Instant::now();
    meter(&batch, &delivery, &stored, now);
    for row in &delivery.quarantined {
        ends.notices.kept(row, now);
    }
    let conflicts = keys.iter().zip(&stored).filter(|(_, stored)| **stored == Stored::Conflict);
    for (key, _) in conflicts {
        ends.notices.conflict(key, now);
    }
    for reply in receipts(&batch.sorted, &keys, &stored).replies() {
        // It never waits for the broker: what a full channel drops is asked for again.
        if ends.replies.try_send(reply).is_err() {
            count(&tally.receipts_dropped, 1);
            counter!("zhibi_ingest_receipts_total", "outcome" => "dropped").increment(1);
        }
    }
    // The link is gone: nobody to acknowledge to.
    let _ = ends.acks.send(batch.acks).await;
    true
}

/// Tries until it is done; while we stop, once.
async fn commit(
    store: &Store,
    delivery: &Arc<Delivery>,
    stop: &mut watch::Receiver<bool>,
    mut backoff: Backoff,
    tally: &Tally,
) -> Option<Vec<Stored>> {
    let mut tries = 1;
    loop {
        match store.take_delivery(Arc::clone(delivery)).await {
            Ok(stored) => {
                count(&tally.commits, 1);
                if tries > 1 {
                    tracing::warn!(tries, "the batch is stored");
                }
                return Some(stored);
            }
            Err(error) => {
                count(&tally.store_errors, 1);
                counter!("zhibi_ingest_store_errors_total").increment(1);
                // Once per batch: it is tried again until it is stored, for hours on a full disk.
                if tries == 1 {
                    tracing::error!(
                        %error,
                        "a batch is not stored: no receipt for it, and it is tried again"
                    );
                }
                tries += 1;
            }
        }
        let wait = tokio::time::sleep(backoff.again());
        tokio::select! {
            () = wait => {}
            _ = stop.wait_for(|stop| *stop) => return None,
        }
    }
}

fn receipts(sorted: &Sorted, keys: &[ChunkKey], stored: &[Stored]) -> Receipts {
    let mut receipts = Receipts::default();
    for ((gateway, key), stored) in sorted.senders.iter().zip(keys).zip(stored) {
        receipts.say(*gateway, *key, outcome(*stored));
    }
    for (gateway, key, code) in &sorted.refused {
        receipts.say(*gateway, *key, Outcome::Refused(*code));
    }
    receipts
}

fn key(key: &store::Key) -> ChunkKey {
    ChunkKey {
        pen: PenId(key.pen),
        boot: BootId { counter: key.boot_counter, random: key.boot_random },
        number: key.number,
    }
}
