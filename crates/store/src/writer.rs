//! The task that owns the writing connection.
//!
//! A commit costs an fsync (about 4 ms on common discs), so writes that wait together go into one
//! transaction. Nothing here is ever put under a timeout or a `select!`: a write that has begun is
//! committed or rolled back by this task, whatever becomes of its caller.

use std::pin::Pin;
use std::sync::Arc;

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::StoreError;

/// Writes that may wait before their callers do.
const QUEUE_MAX: usize = 256;
/// Writes that share one commit.
const GROUP_MAX: usize = 64;

/// What a piece of work returns to the writer.
pub(crate) type Pending<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

type Closing = JoinHandle<Result<(), sqlx::Error>>;

/// A handle to the writing task.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    task: Arc<Mutex<Option<Closing>>>,
}

enum Message {
    Write(Box<dyn Write>),
    Stop,
}

impl Writer {
    /// Starts the task on the current runtime.
    pub(crate) fn start(connection: SqliteConnection) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE_MAX);
        let task = tokio::spawn(run(connection, receiver));
        Self { queue, task: Arc::new(Mutex::new(Some(task))) }
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

async fn run(
    mut connection: SqliteConnection,
    mut queue: mpsc::Receiver<Message>,
) -> Result<(), sqlx::Error> {
    let mut waiting = Vec::with_capacity(GROUP_MAX);
    let mut stopping = false;
    while !stopping && queue.recv_many(&mut waiting, GROUP_MAX).await > 0 {
        let mut group = Vec::with_capacity(waiting.len());
        for message in waiting.drain(..) {
            match message {
                Message::Write(write) => group.push(write),
                Message::Stop => stopping = true,
            }
        }
        let failure = commit(&mut connection, &mut group).await.err().map(|error| {
            tracing::error!(%error, writes = group.len(), "commit failed");
            error.to_string()
        });
        for write in group {
            write.answer(failure.as_deref());
        }
    }
    connection.close().await
}

/// One transaction, a savepoint a write.
async fn commit(
    connection: &mut SqliteConnection,
    group: &mut [Box<dyn Write>],
) -> Result<(), sqlx::Error> {
    if group.is_empty() {
        return Ok(());
    }
    // IMMEDIATE: a deferred transaction that turns from reading to writing fails at once where
    // another process has written meanwhile, whatever the busy timeout.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
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
