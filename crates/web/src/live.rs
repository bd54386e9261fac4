//! From the outbox to the browsers: one task reads what happened, every open page hears of its
//! teacher's classes.
//!
//! The database is the truth: who comes late, comes back or cannot keep up reads the outbox from
//! where they were.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::OutboxRow;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use crate::app::Web;

/// How often the outbox is read.
const POLL: Duration = Duration::from_millis(200);
/// How long to wait after the store refused.
const RETRY: Duration = Duration::from_secs(2);
/// Lines read at once.
pub(crate) const BATCH_MAX: u32 = 500;
/// Batches that a slow page may be behind before it must read the outbox itself.
const BEHIND_MAX: usize = 64;
/// Pages that listen at the same time.
const LISTENERS_MAX: usize = 2_048;

/// What happened between two polls, in order.
pub(crate) type Batch = Arc<[OutboxRow]>;

/// Where pages listen.
pub(crate) struct Live {
    /// `None` once the relay has stopped: nobody listens any more.
    sender: Mutex<Option<broadcast::Sender<Batch>>>,
    seats: Arc<Semaphore>,
}

impl Live {
    pub(crate) fn new() -> Self {
        let (sender, _) = broadcast::channel(BEHIND_MAX);
        Self { sender: Mutex::new(Some(sender)), seats: Arc::new(Semaphore::new(LISTENERS_MAX)) }
    }

    /// Begins to listen; `None` where too many do or the view is stopping.
    pub(crate) fn listen(&self) -> Option<(broadcast::Receiver<Batch>, OwnedSemaphorePermit)> {
        let seat = self.seats.clone().try_acquire_owned().ok()?;
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        Some((sender.as_ref()?.subscribe(), seat))
    }

    fn tell(&self, batch: Vec<OutboxRow>) {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = sender.as_ref() {
            // An error means that nobody listens.
            let _ = sender.send(batch.into());
        }
    }

    fn stop(&self) {
        *self.sender.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Reads the outbox and tells every open page, until `stop` is done; then every page is told to
/// come back later. Errors of the store are logged and waited out.
pub async fn relay(web: Web, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let mut after = None;
    loop {
        // Reading is cut short by a stop: nothing is written here.
        let pause = tokio::select! {
            () = &mut stop => break,
            pause = step(&web, &mut after) => pause,
        };
        tokio::select! {
            () = &mut stop => break,
            () = tokio::time::sleep(pause) => {}
        }
    }
    web.live.stop();
}

/// Tells what is new after `after` and returns how long to wait.
async fn step(web: &Web, after: &mut Option<i64>) -> Duration {
    let read = match *after {
        None => web.store.outbox_last().await.map(|last| {
            *after = Some(last);
            Vec::new()
        }),
        Some(last) => web.store.outbox_after(last, None, BATCH_MAX).await,
    };
    match read {
        Ok(rows) => {
            let full = rows.len() >= BATCH_MAX as usize;
            if let Some(last) = rows.last() {
                *after = Some(last.id);
                web.live.tell(rows);
            }
            if full { Duration::ZERO } else { POLL }
        }
        Err(error) => {
            tracing::warn!(%error, "the outbox cannot be read");
            RETRY
        }
    }
}
