//! The task that owns the writing connection.
//!
//! A commit costs an fsync (about 4 ms on common discs), so writes that wait together go into one
//! transaction. Nothing here is ever put under a timeout or a `select!`: a write that has begun is
//! committed or rolled back by this task, whatever becomes of its caller.
//!
//! A full disk or an I/O error makes SQLite roll the whole transaction back by itself, behind the
//! back of sqlx, which counts transactions and then refuses every later one. So a connection whose
//! transaction failed is never used again: the next group of writes gets a new one.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::StoreError;
use crate::connection::BUSY_TIMEOUT;

/// Writes that may wait before their callers do.
const QUEUE_MAX: usize = 256;
/// Writes that share one commit.
const GROUP_MAX: usize = 64;
/// How often a writer that failed and that nobody asks anything tries by itself whether it can
/// write again, so that [`crate::Store::writable`] does not stay false in a quiet service.
const PROBE_EVERY: Duration = Duration::from_secs(2);
/// How long nobody must ask for a write before the write-ahead log is emptied.
const QUIET: Duration = Duration::from_secs(5);
/// A log of this size is not worth emptying.
const LOG_BYTES_SMALL: u64 = 1 << 20;
/// How large the log may grow without a quiet moment before it is emptied between two writes.
const LOG_BYTES_MAX: u64 = 64 << 20;
/// How long after a try to empty a large log the next one is made.
const EMPTY_EVERY: Duration = Duration::from_secs(10);
/// How often it is said that a reader keeps the log from being emptied.
const WARN_EVERY: Duration = Duration::from_secs(600);

/// What a piece of work returns to the writer.
pub(crate) type Pending<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

type Closing = JoinHandle<Result<(), sqlx::Error>>;

/// A handle to the writing task.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    task: Arc<Mutex<Option<Closing>>>,
    writable: watch::Receiver<bool>,
}

enum Message {
    Write(Box<dyn Write>),
    Stop,
}

impl Writer {
    /// Starts the task on the current runtime with an open connection, and with the options that
    /// open another in its place.
    ///
    /// # Errors
    /// Where the file that was opened is not there any more.
    pub(crate) fn start(
        options: SqliteConnectOptions,
        connection: SqliteConnection,
    ) -> Result<Self, sqlx::Error> {
        let file = FileId::of(options.get_filename())?;
        let (queue, receiver) = mpsc::channel(QUEUE_MAX);
        let (told, writable) = watch::channel(true);
        let session = Session {
            file,
            options,
            connection: Some(connection),
            failing: None,
            told,
            emptied: None,
            warned: None,
        };
        let task = tokio::spawn(session.run(receiver));
        Ok(Self { queue, task: Arc::new(Mutex::new(Some(task))), writable })
    }

    /// See [`crate::Store::writable`].
    pub(crate) fn writable(&self) -> watch::Receiver<bool> {
        self.writable.clone()
    }

    /// See [`crate::Store::write`].
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Pending<'c, T> + Send + 'static,
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
    /// Runs the work and keeps its outcome; whether it is to be kept.
    fn run<'a>(
        &'a mut self,
        connection: &'a mut SqliteConnection,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>>;
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
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> Pending<'c, T> + Send + 'static,
{
    fn run<'a>(
        &'a mut self,
        connection: &'a mut SqliteConnection,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            let outcome = work(connection).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
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

/// Which file a database is, whatever it is called.
///
/// A file that was deleted, or moved and replaced, can be written and synced to all the same: what
/// is committed to it is gone with the process. It is never opened to be looked at, since closing
/// it would end SQLite's locks on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    fn of(path: &Path) -> std::io::Result<Self> {
        let file = std::fs::metadata(path)?;
        Ok(Self { device: file.dev(), inode: file.ino() })
    }

    /// Refuses a path that names no file any more, or another one.
    fn check(self, path: &Path) -> std::io::Result<()> {
        let gone = |why: &str| {
            let path = path.display();
            std::io::Error::other(format!(
                "{path} {why}: put the file that was opened back, or start the service again"
            ))
        };
        match Self::of(path) {
            Ok(file) if file == self => Ok(()),
            Ok(_) => Err(gone("is another file than the one that was opened")),
            Err(error) => Err(gone(&format!("cannot be found ({error})"))),
        }
    }
}

/// The writing task's own state.
struct Session {
    options: SqliteConnectOptions,
    /// Of the database that was opened.
    file: FileId,
    /// `None` after a failure: the next write opens another.
    connection: Option<SqliteConnection>,
    /// Since when nothing could be committed.
    failing: Option<Instant>,
    told: watch::Sender<bool>,
    /// When it was last tried to empty a large log, and when it was last said that it failed.
    emptied: Option<Instant>,
    warned: Option<Instant>,
}

impl Session {
    async fn run(mut self, mut queue: mpsc::Receiver<Message>) -> Result<(), sqlx::Error> {
        let mut waiting = Vec::with_capacity(GROUP_MAX);
        let mut stopping = false;
        while !stopping {
            // Only the waiting for messages has a limit, never a write.
            let next = queue.recv_many(&mut waiting, GROUP_MAX);
            let limit = if self.failing.is_some() { PROBE_EVERY } else { QUIET };
            let Ok(received) = tokio::time::timeout(limit, next).await else {
                match self.failing {
                    Some(_) => drop(self.settle(&mut []).await),
                    None => match self.file.check(self.options.get_filename()) {
                        Ok(()) => self.empty_log(LOG_BYTES_SMALL).await,
                        Err(error) => self.failed(&error.into(), 0).await,
                    },
                }
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
            if self.emptied.is_none_or(|emptied| emptied.elapsed() >= EMPTY_EVERY) {
                self.empty_log(LOG_BYTES_MAX).await;
            }
        }
        match self.connection {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }

    /// Commits a group, or says why nothing of it was committed; an empty group is a probe.
    async fn settle(&mut self, group: &mut [Box<dyn Write>]) -> Result<(), String> {
        let outcome = self.try_commit(group).await;
        if let Err(error) = &outcome {
            self.failed(error, group.len()).await;
        } else {
            self.succeeded();
        }
        outcome.map_err(|error| error.to_string())
    }

    async fn try_commit(&mut self, group: &mut [Box<dyn Write>]) -> Result<(), sqlx::Error> {
        self.file.check(self.options.get_filename())?;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            vacant => vacant.insert(self.options.connect().await?),
        };
        commit(connection, group).await
    }

    async fn failed(&mut self, error: &sqlx::Error, writes: usize) {
        if self.failing.is_none() {
            tracing::error!(%error, writes, "nothing can be written to the store; trying again");
            self.failing = Some(Instant::now());
        } else {
            tracing::debug!(%error, writes, "still nothing can be written to the store");
        }
        self.told.send_replace(false);
        if let Some(connection) = self.connection.take()
            // It may hold the write lock: the next one must find it free. What cannot be closed in
            // order is closed by the thread that owns it.
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "a failed connection was not closed in order");
        }
    }

    /// Moves the write-ahead log into the database and cuts the file, where it is larger than
    /// `bytes`. SQLite reuses the file and never shortens it by itself, and a reader that stays in a
    /// transaction keeps it from doing even that.
    async fn empty_log(&mut self, bytes: u64) {
        let mut log = self.options.get_filename().as_os_str().to_owned();
        log.push("-wal");
        let Some(size) = std::fs::metadata(&log).ok().map(|file| file.len()) else { return };
        let Some(connection) = self.connection.as_mut().filter(|_| size > bytes) else { return };
        self.emptied = Some(Instant::now());
        // Not to wait for readers: writes would wait with it.
        let emptied = async {
            sqlx::query("PRAGMA busy_timeout = 0").execute(&mut *connection).await?;
            let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_one(&mut *connection)
                .await?;
            let restore = format!("PRAGMA busy_timeout = {}", BUSY_TIMEOUT.as_millis());
            sqlx::query(sqlx::AssertSqlSafe(restore)).execute(&mut *connection).await?;
            Ok::<_, sqlx::Error>(busy == 0)
        };
        match emptied.await {
            Ok(true) => {
                tracing::debug!(bytes = size, "emptied the write-ahead log");
                self.warned = None;
            }
            Ok(false) if self.warned.is_none_or(|warned| warned.elapsed() >= WARN_EVERY) => {
                let mib = size >> 20;
                tracing::warn!(mib, "a reader that stays keeps the write-ahead log from shrinking");
                self.warned = Some(Instant::now());
            }
            Ok(false) => {}
            // What is wrong with the connection shows at the next write.
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be emptied"),
        }
    }

    fn succeeded(&mut self) {
        if let Some(since) = self.failing.take() {
            let failed_s = since.elapsed().as_secs();
            tracing::warn!(failed_s, "the store can be written again");
            self.told.send_replace(true);
        }
    }
}

/// One transaction with a savepoint per write; without writes, a trial whether one can be made.
async fn commit(
    connection: &mut SqliteConnection,
    group: &mut [Box<dyn Write>],
) -> Result<(), sqlx::Error> {
    // IMMEDIATE: a deferred transaction that turns from reading to writing fails at once where
    // another process has written meanwhile, whatever the busy timeout.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    if group.is_empty() {
        // A transaction without a change touches no disk. This one writes the database's header.
        sqlx::query("PRAGMA user_version = 0").execute(&mut *transaction).await?;
    }
    for write in group {
        let mut part = transaction.begin().await?;
        if write.run(&mut part).await {
            part.commit().await?;
        } else {
            part.rollback().await?;
        }
    }
    transaction.commit().await
}
