//! Batches: by size or deadline, decoded while the one before is committed.

use std::sync::Arc;
use std::time::Duration;

use firmware_protocol::BUNDLE_BYTES_MAX;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, timeout_at};

use crate::counters::{Tally, count};
use crate::link::{Ack, Waiting};
use crate::quarantine::{Quota, row};
use crate::seen::Seen;
use crate::sort::{Message, Sorted};

/// Messages that make a batch full even where they hold no chunk.
const MESSAGES_MAX: usize = 1024;

/// What one transaction will hold, and what is owed once it is committed.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) sorted: Sorted,
    pub(crate) acks: Vec<Ack>,
    /// When each message arrived.
    pub(crate) arrived: Vec<Instant>,
    /// Of all messages, as they came.
    pub(crate) bytes: usize,
    /// Held until the batch is done with.
    memory: Vec<OwnedSemaphorePermit>,
}

impl Batch {
    fn is_full(&self, chunks_max: usize) -> bool {
        self.sorted.senders.len() >= chunks_max || self.acks.len() >= MESSAGES_MAX
    }

    /// Takes a message in; its payload is free once it is sorted, its memory when the batch is.
    fn add(&mut self, waiting: Waiting, quota: &mut Quota, seen: &mut Seen, tally: &Tally) {
        let Waiting { ack, topic, payload, payload_len, received_ms, arrived, memory } = waiting;
        self.acks.push(ack);
        self.arrived.push(arrived);
        self.bytes += payload_len;
        self.memory.push(memory);
        let now = Instant::now();
        let odd = match topic {
            Ok(topic) if payload_len <= BUNDLE_BYTES_MAX => {
                let gateway = topic.gateway;
                let span = tracing::debug_span!("bundle", %gateway, bytes = payload_len);
                let message = Message { topic, payload: &payload, received_ms };
                span.in_scope(|| self.sorted.add(&message, quota, seen, now, tally));
                return;
            }
            Ok(topic) => {
                let detail = format!("{payload_len} bytes, at most {BUNDLE_BYTES_MAX}");
                (topic.gateway.as_str().to_owned(), "oversized", detail, &tally.oversized)
            }
            Err(detail) => ("?".to_owned(), "bad_topic", detail, &tally.bad_topics),
        };
        let (gateway, reason, detail, counter) = odd;
        count(counter, 1);
        let kept = quota.allows(&gateway, now).then(|| {
            let mut row = row(&gateway, reason, detail, None, &payload, received_ms);
            row.bytes_len = payload_len;
            row
        });
        self.sorted.keep(kept, tally);
    }
}

/// Gathers messages until there are no more, and hands full or overdue batches on. At most one
/// batch waits for the committer.
pub(crate) async fn run(
    mut waiting: mpsc::Receiver<Waiting>,
    batches: mpsc::Sender<Batch>,
    chunks_max: usize,
    wait: Duration,
    tally: Arc<Tally>,
) {
    let (mut quota, mut seen) = (Quota::new(Instant::now()), Seen::default());
    while let Some(first) = waiting.recv().await {
        let deadline = Instant::now() + wait;
        let mut batch = Batch::default();
        batch.add(first, &mut quota, &mut seen, &tally);
        while !batch.is_full(chunks_max) {
            match timeout_at(deadline, waiting.recv()).await {
                Ok(Some(message)) => batch.add(message, &mut quota, &mut seen, &tally),
                // Overdue, or nothing more comes.
                Err(_) | Ok(None) => break,
            }
        }
        if batches.send(batch).await.is_err() {
            return;
        }
    }
}
