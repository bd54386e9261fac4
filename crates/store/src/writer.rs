//! The task that owns the writing connection.
//!
//! A commit costs an fsync (about 4 ms on common discs), so writes that wait together go into one
//! transaction. Nothing here is ever put under a timeout or a `select!`: a write that has begun is
//! committed or rolled back by this task, whatever becomes of its caller.
//!
//! A full disk or an I/O error makes SQLite roll the whole transaction back by itself, behind the
//! back of sqlx, which counts transactions and then refuses every later one. So a connection whose
//! transaction failed is never used again: the next group of writes gets a new one.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::StoreError;
use crate::database::{Connection, Place, Upkeep};

/// Writes that may wait before their callers do.
const QUEUE_MAX: usize = 256;
/// Writes that share one commit.
const GROUP_MAX: usize = 64;
/// How often an idle writer that failed tests by itself whether it can write again, so that
/// [`crate::Store::writable`] does not stay false in a quiet service.
const PROBE_EVERY: Duration = Duration::from_secs(2);
/// How long the store counts as not writable after the last write that was refused for want of room,
/// or of the right to write. A full disk has room for a small write now and then, such as a test of
/// it, and none for the ink that comes; a server that is set to be read only commits a test, which
/// changes no row.
const REFUSED_FOR: Duration = Duration::from_secs(30);
/// How long the writer must be idle before it maintains the database.
const QUIET: Duration = Duration::from_secs(5);

/// Whether a store can be written, as far as the latest attempt tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writable {
    /// What was to be committed was.
    Yes,
    /// There was no room for it.
    Full,
    /// The database, or what it lies on, takes no writes.
    ReadOnly,
    /// It failed for another reason: a lock, a server that is away, a disk that is broken.
    No,
}

impl Writable {
    /// Whether it can be.
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// One word for whoever watches the service.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "ok",
            Self::Full => "disk-full",
            Self::ReadOnly => "read-only",
            Self::No => "not-writable",
        }
    }
}

/// What a piece of work returns to the writer.
pub(crate) type Pending<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

type Closing = JoinHandle<Result<(), sqlx::Error>>;

/// A handle to the writing task.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    task: Arc<Mutex<Option<Closing>>>,
    writable: watch::Receiver<Writable>,
}

enum Message {
    Write(Box<dyn Write>),
    Stop,
}

impl Writer {
    /// Starts the task on the current runtime with an open connection, and with the place that
    /// opens another where it fails.
    pub(crate) fn start(place: Place, connection: Connection) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE_MAX);
        let (told, writable) = watch::channel(Writable::Yes);
        let upkeep = Upkeep::default();
        let failing = Failing::default();
        let session = Session { place, connection: Some(connection), failing, told, upkeep };
        let task = tokio::spawn(session.run(receiver));
        Self { queue, task: Arc::new(Mutex::new(Some(task))), writable }
    }

    /// See [`crate::Store::writable`].
    pub(crate) fn writable(&self) -> watch::Receiver<Writable> {
        self.writable.clone()
    }

    /// See [`crate::Store::write`].
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Pending<'c, T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let part = Part { work: Some(work), outcome: None, answer };
        let message = Message::Write(Box::new(part));
        self.queue.send(message).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Lets what is queued finish and closes the connection. The second call has nothing to do.
    pub(crate) async fn stop(&self) -> Result<(), StoreError> {
        let Some(task) = self.task.lock().await.take() else { return Ok(()) };
        // A task that has died takes no message; its end is told below.
        let _ = self.queue.send(Message::Stop).await;
        match task.await {
            Ok(closed) => Ok(closed?),
            Err(_) => Err(StoreError::Closed),
        }
    }
}

/// One piece of work with its result's type forgotten.
trait Write: Send {
    /// Runs the work and keeps its outcome. Returns whether what it wrote is to be kept.
    fn run<'a>(
        &'a mut self,
        connection: &'a mut Connection,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>>;
    /// Why the database refused it, if it had no room for it or takes no writes.
    fn refused(&self) -> Option<Writable>;
    /// Answers the caller: with the outcome, or with the reason why nothing was committed.
    fn answer(self: Box<Self>, failure: Option<&str>);
}

struct Part<T, F> {
    work: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Write for Part<T, F>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut Connection) -> Pending<'c, T> + Send + 'static,
{
    fn run<'a>(
        &'a mut self,
        connection: &'a mut Connection,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            let outcome = work(connection).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
    }

    fn refused(&self) -> Option<Writable> {
        match &self.outcome {
            Some(Err(StoreError::Database(error))) => refusal(error),
            _ => None,
        }
    }

    fn answer(self: Box<Self>, failure: Option<&str>) {
        let outcome = match (self.outcome, failure) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), None) => Ok(value),
            (_, failure) => Err(StoreError::Commit(failure.unwrap_or("not reached").to_owned())),
        };
        // The caller may have gone away; the work is done all the same.
        let _ = self.answer.send(outcome);
    }
}

/// The writing task's own state.
struct Session {
    place: Place,
    /// `None` after a failure: the next write opens another.
    connection: Option<Connection>,
    failing: Failing,
    told: watch::Sender<Writable>,
    upkeep: Upkeep,
}

/// Since when nothing can be written, as far as that is known.
#[derive(Debug, Default)]
struct Failing {
    since: Option<Instant>,
    /// When a write was refused last, and why.
    refused: Option<(Instant, Writable)>,
}

impl Failing {
    /// Notes a failure; `true` for the first of several.
    fn failed(&mut self, refusal: Option<Writable>, now: Instant) -> bool {
        if let Some(refusal) = refusal {
            self.refused = Some((now, refusal));
        }
        let is_first = self.since.is_none();
        self.since.get_or_insert(now);
        is_first
    }

    /// Notes a commit: how long it had failed, if that is over.
    fn succeeded(&mut self, now: Instant) -> Option<Duration> {
        if self.refused.is_some_and(|(at, _)| now.duration_since(at) < REFUSED_FOR) {
            return None;
        }
        self.refused = None;
        Some(now.duration_since(self.since.take()?))
    }
}

impl Session {
    async fn run(mut self, mut queue: mpsc::Receiver<Message>) -> Result<(), sqlx::Error> {
        let mut waiting = Vec::with_capacity(GROUP_MAX);
        let mut stopping = false;
        while !stopping {
            // Only the waiting for messages has a limit, never a write.
            let next = queue.recv_many(&mut waiting, GROUP_MAX);
            let limit = if self.failing.since.is_some() { PROBE_EVERY } else { QUIET };
            let Ok(received) = tokio::time::timeout(limit, next).await else {
                self.idle().await;
                continue;
            };
            if received == 0 {
                break;
            }
            let mut group = Vec::with_capacity(waiting.len());
            for message in waiting.drain(..) {
                match message {
                    Message::Write(write) => group.push(write),
                    Message::Stop => stopping = true,
                }
            }
            if group.is_empty() {
                continue;
            }
            let failure = self.settle(&mut group).await.err();
            for write in group {
                write.answer(failure.as_deref());
            }
            if let Some(connection) = &mut self.connection {
                self.upkeep.between(&self.place, connection).await;
            }
        }
        match self.connection {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }

    /// Nobody asked for anything for a while.
    async fn idle(&mut self) {
        if self.failing.since.is_some() {
            // Its result shows in whether the store is writable.
            let _ = self.settle(&mut []).await;
            return;
        }
        let Some(connection) = &mut self.connection else { return };
        let answers = match self.place.check() {
            Ok(()) => connection.ping().await,
            gone => gone,
        };
        match answers {
            Ok(()) => self.upkeep.in_quiet(&self.place, connection).await,
            Err(error) => self.failed(&error, None, 0).await,
        }
    }

    /// Commits a group, or says why nothing of it was committed; an empty group is a probe.
    async fn settle(&mut self, group: &mut [Box<dyn Write>]) -> Result<(), String> {
        let outcome = self.try_commit(group).await;
        let refused = group.iter().find_map(|write| write.refused());
        match (&outcome, refused) {
            (Err(error), refused) => {
                self.failed(error, refused.or_else(|| refusal(error)), group.len()).await;
            }
            // What shared the transaction with it had room, or wrote nothing.
            (Ok(()), Some(refused)) => {
                let kind = match refused {
                    Writable::Full => std::io::ErrorKind::StorageFull,
                    _ => std::io::ErrorKind::ReadOnlyFilesystem,
                };
                self.failed(&sqlx::Error::Io(kind.into()), Some(refused), group.len()).await;
            }
            (Ok(()), None) => self.succeeded(),
        }
        outcome.map_err(|error| error.to_string())
    }

    async fn try_commit(&mut self, group: &mut [Box<dyn Write>]) -> Result<(), sqlx::Error> {
        self.place.check()?;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            vacant => vacant.insert(self.place.connect().await?),
        };
        commit(connection, group).await
    }

    async fn failed(&mut self, error: &sqlx::Error, refusal: Option<Writable>, writes: usize) {
        if self.failing.failed(refusal, Instant::now()) {
            tracing::error!(%error, writes, "nothing can be written to the store; trying again");
        } else {
            tracing::debug!(%error, writes, "still nothing can be written to the store");
        }
        let reason = match self.failing.refused {
            Some((_, refusal)) => refusal,
            None if self.place.is_read_only() => Writable::ReadOnly,
            None => Writable::No,
        };
        self.told.send_replace(reason);
        if let Some(connection) = self.connection.take()
            // It may hold the write lock: the next one must find it free. What cannot be closed in
            // order is closed by the thread that owns it.
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "a failed connection was not closed in order");
        }
    }

    fn succeeded(&mut self) {
        if let Some(failed) = self.failing.succeeded(Instant::now()) {
            let failed_s = failed.as_secs();
            tracing::warn!(failed_s, "the store can be written again");
            self.told.send_replace(Writable::Yes);
        }
    }
}

/// One transaction with a savepoint per write; without writes, a trial whether one can be made. A write
/// that is alone is the transaction: a savepoint would have SQLite copy each page that it changes.
async fn commit(
    connection: &mut Connection,
    group: &mut [Box<dyn Write>],
) -> Result<(), sqlx::Error> {
    connection.begin().await?;
    if group.is_empty() {
        connection.probe().await?;
    }
    if let [alone] = group {
        let keep = alone.run(connection).await;
        return connection.run(if keep { "COMMIT" } else { "ROLLBACK" }).await;
    }
    for write in group {
        connection.savepoint().await?;
        if write.run(connection).await {
            connection.keep().await?;
        } else {
            connection.take_back().await?;
        }
    }
    connection.run("COMMIT").await
}

/// Whether the database had no room (`SQLITE_FULL`, PostgreSQL's `disk_full`), or takes no writes
/// (`SQLITE_READONLY` of any kind, PostgreSQL's `read_only_sql_transaction`).
fn refusal(error: &sqlx::Error) -> Option<Writable> {
    let code = error.as_database_error()?.code()?;
    match &*code {
        "13" | "53100" => Some(Writable::Full),
        "25006" => Some(Writable::ReadOnly),
        // An extended code of SQLite's; PostgreSQL's have five characters.
        code if code.len() < 5 && code.parse().is_ok_and(|code: u32| code & 0xff == 8) => {
            Some(Writable::ReadOnly)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
