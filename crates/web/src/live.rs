//! From the outbox to the browsers: one task reads what happened, every open page hears of its
//! teacher's classes.
//!
//! The database is the truth: a page that comes late, comes back or cannot keep up reads the outbox
//! from the line where it stopped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::{OutboxRow, Store, TokenHash};
use tokio::sync::{Notify, broadcast};

/// How often the outbox is read.
const POLL: Duration = Duration::from_millis(200);
/// How long to wait after the store refused.
const RETRY: Duration = Duration::from_secs(2);
/// Lines read at once.
pub(crate) const BATCH_MAX: u32 = 500;
/// Batches that a slow page may be behind before it must read the outbox itself.
const BEHIND_MAX: usize = 64;
/// Pages of one session that listen at the same time. Browsers open six connections to a site over
/// HTTP/1.1: two are left for everything else.
const SESSION_MAX: usize = 4;
/// Pages of one member of staff, however often logged in.
const STAFF_MAX: usize = 16;

/// What happened between two polls, in order.
pub(crate) type Batch = Arc<[OutboxRow]>;

/// Where pages listen.
pub(crate) struct Live {
    /// `None` once the relay has stopped: nobody listens any more.
    sender: Mutex<Option<broadcast::Sender<Batch>>>,
    /// In the order in which they were taken.
    seats: Seats,
    /// Pages that listen at the same time.
    seats_max: usize,
}

type Seats = Arc<Mutex<Vec<Taken>>>;

/// A seat as the others see it.
struct Taken {
    session: TokenHash,
    staff: String,
    must_yield: Arc<Notify>,
}

/// The seat of a page that listens, free again when it is dropped.
pub(crate) struct Seat {
    seats: Seats,
    must_yield: Arc<Notify>,
}

impl Seat {
    /// Waits until a newer page of the same session needs the seat.
    pub(crate) async fn must_yield(&self) {
        self.must_yield.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats.retain(|taken| !Arc::ptr_eq(&taken.must_yield, &self.must_yield));
    }
}

impl Live {
    pub(crate) fn new(seats_max: usize) -> Self {
        let (sender, _) = broadcast::channel(BEHIND_MAX);
        Self { sender: Mutex::new(Some(sender)), seats: Arc::default(), seats_max }
    }

    /// Begins to listen. If a session or a member of staff has too many pages, the oldest one
    /// yields; `None` where too many listen in all or the view is stopping.
    pub(crate) fn listen(
        &self,
        session: TokenHash,
        staff: &str,
    ) -> Option<(broadcast::Receiver<Batch>, Seat)> {
        let receiver = {
            let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
            sender.as_ref()?.subscribe()
        };
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        yield_beyond(&mut seats, SESSION_MAX, |taken| taken.session == session);
        yield_beyond(&mut seats, STAFF_MAX, |taken| taken.staff == staff);
        if seats.len() >= self.seats_max {
            return None;
        }
        let must_yield = Arc::new(Notify::new());
        seats.push(Taken { session, staff: staff.to_owned(), must_yield: must_yield.clone() });
        Some((receiver, Seat { seats: self.seats.clone(), must_yield }))
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

/// Makes room for one more seat of a kind of which there may be `max`.
fn yield_beyond(seats: &mut Vec<Taken>, max: usize, is_of_kind: impl Fn(&Taken) -> bool) {
    if seats.iter().filter(|taken| is_of_kind(taken)).count() < max {
        return;
    }
    if let Some(oldest) = seats.iter().position(is_of_kind) {
        seats.remove(oldest).must_yield.notify_one();
    }
}

/// Reads the outbox and tells every open page, until `stop` is done; then every page is told to
/// come back later. Errors of the store are logged and waited out.
pub(crate) async fn relay(store: Store, live: Arc<Live>, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let mut after = None;
    loop {
        // Reading is cut short by a stop: nothing is written here.
        let pause = tokio::select! {
            () = &mut stop => break,
            pause = step(&store, &live, &mut after) => pause,
        };
        tokio::select! {
            () = &mut stop => break,
            () = tokio::time::sleep(pause) => {}
        }
    }
    live.stop();
}

/// Tells what is new after `after` and returns how long to wait.
async fn step(store: &Store, live: &Live, after: &mut Option<i64>) -> Duration {
    let read = match *after {
        None => store.outbox_last().await.map(|last| {
            *after = Some(last);
            Vec::new()
        }),
        Some(last) => store.outbox_after(last, None, BATCH_MAX).await,
    };
    match read {
        Ok(rows) => {
            let full = rows.len() >= BATCH_MAX as usize;
            if let Some(last) = rows.last() {
                *after = Some(last.id);
                live.tell(rows);
            }
            if full { Duration::ZERO } else { POLL }
        }
        Err(error) => {
            tracing::warn!(%error, "the outbox cannot be read");
            RETRY
        }
    }
}
