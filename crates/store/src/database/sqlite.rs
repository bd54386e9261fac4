//! SQLite: one file, and its write-ahead log beside it.

use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection as _, SqliteConnection};
use tokio::time::Instant;

use super::READERS_MAX;
use crate::StoreError;

/// How the schema came about.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// IMMEDIATE: a deferred transaction that turns from reading to writing fails at once where
/// another process has written meanwhile, whatever the busy timeout.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

/// A transaction without a change touches no disk. This one writes the database's header.
pub(super) const PROBE: &str = "PRAGMA user_version = 0";

/// How long a statement waits for another process that holds the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How many rows of a statement may be read before the first of them is taken. Each time this is full
/// two threads change places.
const ROWS_AHEAD: usize = 1_024;
/// After how many pages in the log SQLite moves them into the database: half of what the log may grow to.
/// Chunks of many pens touch the same pages of an index with each commit, and each of them is moved once.
const CHECKPOINT_PAGES: &str = "8192";
/// A log of this size is not worth emptying.
const LOG_BYTES_SMALL: u64 = 1 << 20;
/// How large the log may grow without a quiet moment before it is emptied between two writes.
const LOG_BYTES_MAX: u64 = 64 << 20;
/// How long to wait between two attempts to empty a large log.
const EMPTY_EVERY: Duration = Duration::from_secs(10);
/// How often it is told how far a copy is.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// How often to warn that a reader keeps the log from being emptied.
const WARN_EVERY: Duration = Duration::from_secs(600);

/// The file of a database that is open.
#[derive(Clone, Debug)]
pub(crate) struct File {
    options: SqliteConnectOptions,
    id: FileId,
}

impl File {
    /// Of a database that was opened with these options just now.
    fn of(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let id = FileId::of(options.get_filename()).map_err(sqlx::Error::from)?;
        Ok(Self { options, id })
    }

    pub(super) async fn connect(&self) -> Result<SqliteConnection, sqlx::Error> {
        self.options.connect().await
    }

    /// Whether a file cannot be made beside the database: SQLite calls a file system that became
    /// read-only an I/O error, like a broken disk.
    pub(super) fn is_read_only(&self) -> bool {
        let mut probe = self.options.get_filename().as_os_str().to_owned();
        probe.push("-probe");
        let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&probe);
        match made {
            Ok(_) => {
                let _gone = std::fs::remove_file(&probe);
                false
            }
            Err(error) => {
                matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied)
            }
        }
    }

    pub(super) fn check(&self) -> std::io::Result<()> {
        self.id.check(self.options.get_filename())
    }
}

/// Opens a database file, makes it if there is none, and brings its schema up to date.
pub(crate) async fn open(path: &Path) -> Result<(File, SqliteConnection, SqlitePool), StoreError> {
    check_log(path)?;
    check_foreign(path).await?;
    let common = common(path);
    // FULL and not NORMAL: in WAL mode NORMAL does not fsync a commit, and a receipt is sent on the
    // strength of it.
    let writing = common
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
    make_private(path);
    let mut connection: SqliteConnection = writing.connect().await?;
    MIGRATIONS.run(&mut connection).await?;
    Ok((File::of(writing)?, connection, readers(common.read_only(true)).await?))
}

/// Refuses a log beside a store that is missing, or empty: SQLite would take the log for a leftover
/// and remove it, with every commit in it. Touches nothing.
pub(crate) fn check_log(path: &Path) -> Result<(), StoreError> {
    let log = PathBuf::from(log_of(path));
    let len = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    if len(path) == 0 && len(&log) > 0 {
        return Err(StoreError::LogWithoutStore { log });
    }
    Ok(())
}

/// Refuses a database of another program. Touches nothing.
async fn check_foreign(path: &Path) -> Result<(), StoreError> {
    if std::fs::metadata(path).map_or(0, |file| file.len()) == 0 {
        return Ok(());
    }
    let look = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection: SqliteConnection = look.connect().await?;
    // A store that was killed while it was made has the table of migrations alone.
    let table: Option<String> = sqlx::query_scalar(
        "SELECT min(name) FROM sqlite_master
         WHERE type = 'table' AND name <> '_sqlx_migrations' AND name NOT LIKE 'sqlite_%'
           AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'chunk')",
    )
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    table.map_or(Ok(()), |table| Err(StoreError::Foreign { table }))
}

/// Makes the file where there is none, for its owner alone: SQLite would let everybody read it. The
/// log and its index take the mode of the file.
///
/// A file that is there is not even opened: closing it would end SQLite's locks on it.
fn make_private(path: &Path) {
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let private = match made {
        Ok(_) => Ok(()),
        // One that somebody made empty becomes a store too.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match std::fs::metadata(path) {
            Ok(file) if file.len() == 0 => {
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            }
            _ => Ok(()),
        },
        Err(error) => Err(error),
    };
    if let Err(error) = private {
        // SQLite fails over the same thing, and its error is told.
        tracing::debug!(%error, "the database file could not be made for its owner alone");
    }
}

/// Opens a database file that nobody writes, where nothing can be written.
pub(crate) async fn open_unwritable(
    path: &Path,
) -> Result<(File, SqliteConnection, SqlitePool), StoreError> {
    // The commits in the log would be ignored.
    if std::fs::metadata(log_of(path)).is_ok_and(|log| log.len() > 0) {
        return Err(StoreError::LogBeside);
    }
    let reading = common(path).read_only(true).immutable(true);
    let mut connection: SqliteConnection = reading.connect().await?;
    if !has_store(&mut connection).await? {
        return Err(StoreError::NoStore);
    }
    let schema: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut connection)
        .await?;
    if schema != MIGRATIONS.iter().map(|migration| migration.version).max() {
        return Err(StoreError::OtherSchema);
    }
    Ok((File::of(reading.clone())?, connection, readers(reading).await?))
}

/// Whether a file holds a store; what holds none is not touched.
pub(crate) async fn file_has_store(path: &Path) -> Result<bool, StoreError> {
    check_log(path)?;
    let look = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection: SqliteConnection = look.connect().await?;
    let there = has_store(&mut connection).await?;
    connection.close().await?;
    Ok(there)
}

/// The migrations that made a file's schema, by number.
pub(crate) async fn file_versions(path: &Path) -> Result<Vec<i64>, StoreError> {
    let look = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection: SqliteConnection = look.connect().await?;
    let versions = sqlx::query_scalar(super::VERSIONS).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(versions)
}

/// Copies the store of a file into an empty one as of one moment, whoever writes to it meanwhile,
/// and tells now and then how many bytes of about how many are written.
///
/// The copy needs no log beside it. It is in the system's hands, and not yet synced.
pub(crate) async fn copy(
    from: &Path,
    into: &str,
    mut told: impl FnMut(u64, u64),
) -> Result<(), StoreError> {
    let reading = common(from).read_only(true);
    let mut connection = match reading.connect().await.map_err(StoreError::from) {
        // Where nothing can be written beside it, nobody writes to it either.
        Err(error) if error.is_unwritable() => reading.immutable(true).connect().await?,
        opened => opened?,
    };
    if !has_store(&mut connection).await? {
        return Err(StoreError::NoStore);
    }
    let size = "SELECT (page_count - freelist_count) * page_size
                FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
    let all: i64 = sqlx::query_scalar(size).fetch_one(&mut connection).await?;
    let mut copying =
        Box::pin(sqlx::query("VACUUM INTO ?1").bind(into.to_owned()).execute(&mut connection));
    let mut ticks = tokio::time::interval(TELL_EVERY);
    loop {
        tokio::select! {
            copied = &mut copying => {
                copied?;
                break;
            }
            _ = ticks.tick() => {
                let written = std::fs::metadata(into).map_or(0, |file| file.len());
                told(written, all.unsigned_abs());
            }
        }
    }
    drop(copying);
    connection.close().await?;
    Ok(())
}

/// Writes a file anew, without the pieces of deleted rows that its unused parts hold, and empties its
/// log. Whoever writes meanwhile waits. `false` where somebody kept the log from being emptied.
///
/// It needs as much room again as the file takes, beside it and where temporary files go.
pub(crate) async fn rewrite(path: &Path) -> Result<bool, StoreError> {
    // The copy that SQLite makes lies in a file, not in memory: a store may be large.
    let writing = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .synchronous(SqliteSynchronous::Full);
    let mut connection: SqliteConnection = writing.connect().await?;
    sqlx::query("VACUUM").execute(&mut connection).await?;
    let (busy, _, _): (i64, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(busy == 0)
}

/// What every connection has.
fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(256)
        .row_buffer_size(ROWS_AHEAD)
        .pragma("cache_size", "-32768")
        .pragma("temp_store", "memory")
}

async fn readers(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        // A connection whose transaction SQLite ended by itself, after an I/O error, still counts
        // that transaction: it is not used again.
        .after_release(|connection, _| Box::pin(async move { Ok(is_whole(connection).await) }))
        .connect_with(options)
        .await
}

async fn has_store(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let schema = "SELECT count(*) > 0 FROM sqlite_master WHERE name = 'chunk'";
    sqlx::query_scalar(schema).fetch_one(connection).await
}

/// Whether a connection that was given back counts no transaction: one that does refuses a BEGIN of
/// its own. The rollback of a dropped transaction is queued before this.
async fn is_whole(connection: &mut SqliteConnection) -> bool {
    match connection.begin_with("BEGIN").await {
        Ok(transaction) => transaction.rollback().await.is_ok(),
        Err(_) => false,
    }
}

/// What SQLite finds damaged.
pub(super) async fn damages(readers: &SqlitePool) -> Result<Vec<String>, sqlx::Error> {
    let mut said: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_all(readers).await?;
    said.retain(|line| line != "ok");
    Ok(said)
}

/// Tables and indexes of a new store that this one does not have.
pub(super) async fn missing(readers: &SqlitePool) -> Result<Vec<String>, sqlx::Error> {
    const ALL: &str = "SELECT type || ' ' || name FROM sqlite_master ORDER BY 1";
    let mut fresh = SqliteConnection::connect("sqlite::memory:").await?;
    MIGRATIONS.run(&mut fresh).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
    let wanted: Vec<String> = sqlx::query_scalar(ALL).fetch_all(&mut fresh).await?;
    fresh.close().await?;
    let there: Vec<String> = sqlx::query_scalar(ALL).fetch_all(readers).await?;
    let missing = wanted.into_iter().filter(|name| there.binary_search(name).is_err());
    Ok(missing.map(|name| format!("{name} is missing")).collect())
}

/// Rows that name a row that is not there: a program that does not ask for its foreign keys can delete
/// that. Chunks have a rule of their own.
pub(super) async fn orphans(readers: &SqlitePool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT 'table ' || \"table\" || coalesce(' row ' || rowid, '') || ': no ' || parent
         FROM pragma_foreign_key_check() WHERE \"table\" <> 'chunk_address'",
    )
    .fetch_all(readers)
    .await
}

/// Which file a database is, whatever it is called.
///
/// A file that was deleted, or moved and replaced, can still be written and synced: what is
/// committed to it is lost when the process ends. The file is never opened for inspection, since
/// closing it would end SQLite's locks on it.
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

fn log_of(path: &Path) -> std::ffi::OsString {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log
}

/// When the write-ahead log was looked after.
#[derive(Debug, Default)]
pub(crate) struct Upkeep {
    /// The last attempt to empty a large log, and the last warning that it failed.
    emptied: Option<Instant>,
    warned: Option<Instant>,
}

impl Upkeep {
    /// Nobody writes.
    pub(crate) async fn in_quiet(&mut self, file: &File, connection: &mut SqliteConnection) {
        self.empty_log(file, connection, LOG_BYTES_SMALL).await;
    }

    /// Between two groups of writes.
    pub(crate) async fn between(&mut self, file: &File, connection: &mut SqliteConnection) {
        if self.emptied.is_none_or(|emptied| emptied.elapsed() >= EMPTY_EVERY) {
            self.empty_log(file, connection, LOG_BYTES_MAX).await;
        }
    }

    /// Moves the write-ahead log into the database and cuts the file, where it is larger than
    /// `bytes`. SQLite reuses the file but never shortens it by itself, and a reader that stays in
    /// a transaction prevents even the reuse.
    async fn empty_log(&mut self, file: &File, connection: &mut SqliteConnection, bytes: u64) {
        let log = std::fs::metadata(log_of(file.options.get_filename()));
        let Some(size) = log.ok().map(|log| log.len()).filter(|size| *size > bytes) else { return };
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
}

#[cfg(test)]
mod tests;
