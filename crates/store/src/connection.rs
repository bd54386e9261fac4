//! Opening and closing a database file.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::watch;

use crate::StoreError;
use crate::writer::{Pending, Writer};

/// Connections that read. WAL lets them go on while the writer commits.
const READERS_MAX: u32 = 4;

/// How long a statement waits for another process that holds the database.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A handle to one database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Writer,
    readers: SqlitePool,
}

impl Store {
    /// Opens a database file, makes it if there is none, and brings its schema up to date.
    ///
    /// Must be called within a tokio runtime: the writer is a task of it.
    ///
    /// # Errors
    /// Where the file cannot be opened or written, or was written by a newer version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let common = common(path.as_ref());
        // FULL and not NORMAL: in WAL mode NORMAL does not fsync a commit, and a receipt is sent
        // on the strength of it.
        let writing = common
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection: SqliteConnection = writing.connect().await?;
        sqlx::migrate!().run(&mut connection).await?;
        let readers = readers(common.read_only(true)).await?;
        Ok(Self { writer: Writer::start(writing, connection)?, readers })
    }

    /// Opens a store that nobody writes, where nothing can be written: a backup on such a medium.
    /// Nothing is written beside it either, and every write fails.
    ///
    /// # Errors
    /// As [`Self::open_existing`], [`StoreError::LogBeside`] and [`StoreError::OtherSchema`].
    pub async fn open_unwritable(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        // What it holds would be passed over.
        if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
            return Err(StoreError::LogBeside);
        }
        let reading = common(path).read_only(true).immutable(true);
        let mut connection: SqliteConnection = reading.connect().await?;
        ensure_store(&mut connection).await?;
        let schema: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&mut connection)
            .await?;
        if schema != sqlx::migrate!().iter().map(|migration| migration.version).max() {
            return Err(StoreError::OtherSchema);
        }
        let readers = readers(reading.clone()).await?;
        Ok(Self { writer: Writer::start(reading, connection)?, readers })
    }

    /// Opens a database file that must hold a store already. What holds none is not touched.
    ///
    /// # Errors
    /// As [`Self::open`], and [`StoreError::NoStore`].
    pub async fn open_existing(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let look = SqliteConnectOptions::new().filename(&path).read_only(true);
        let mut connection: SqliteConnection = look.connect().await?;
        ensure_store(&mut connection).await?;
        connection.close().await?;
        Self::open(path).await
    }

    /// Finishes what was handed over, then closes every connection. Later calls through any clone
    /// fail with [`StoreError::Closed`].
    ///
    /// # Errors
    /// Where the database could not be closed in order. What was committed stays committed.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.readers.close().await;
        self.writer.stop().await
    }

    /// Whether the latest try to write was committed. It turns false when a commit fails, a full
    /// disk say, and true by itself once the cause is gone, also where nobody writes meanwhile.
    #[must_use]
    pub fn writable(&self) -> watch::Receiver<bool> {
        self.writer.writable()
    }

    /// Asks the writer for nothing, to see that it takes work and answers. It answers late, not
    /// falsely, where a write before it is slow; an error of the disk is an answer too, since a
    /// service that is started again meets the same disk. `false` once the store is closed.
    pub async fn writer_answers(&self) -> bool {
        let answer = self.write(|_| Box::pin(async { Ok(()) })).await;
        !matches!(answer, Err(StoreError::Closed))
    }

    /// The connections that read.
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Does `work` in a transaction of the one writing connection and waits for its commit.
    ///
    /// Works that wait at the same time share one commit, each in a savepoint of its own: an error
    /// takes back its own work only. `work` runs to its end even where the caller is dropped.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Pending<'c, T> + Send + 'static,
    {
        self.writer.write(work).await
    }
}

/// What every connection has.
fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(256)
        .pragma("cache_size", "-32768")
        .pragma("temp_store", "memory")
}

async fn readers(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        // A connection whose transaction SQLite ended by itself, after an I/O error, counts one that
        // is not there: it is not used again.
        .after_release(|connection, _| Box::pin(async move { Ok(is_whole(connection).await) }))
        .connect_with(options)
        .await
}

async fn ensure_store(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let schema = "SELECT count(*) FROM sqlite_master WHERE name = 'chunk'";
    let tables: i64 = sqlx::query_scalar(schema).fetch_one(connection).await?;
    if tables == 0 { Err(StoreError::NoStore) } else { Ok(()) }
}

/// Whether a connection that was given back counts no transaction: one that does refuses a BEGIN of
/// its own. The rollback of a dropped transaction is queued before this.
async fn is_whole(connection: &mut SqliteConnection) -> bool {
    match connection.begin_with("BEGIN").await {
        Ok(transaction) => transaction.rollback().await.is_ok(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests;
