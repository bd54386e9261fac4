//! PostgreSQL: a server that several services may share.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection};

use super::READERS_MAX;
use crate::StoreError;

/// How the schema came about. The first brings what SQLite's first six come to.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// One group of writes at a time over all services, as in SQLite: what a write reads cannot change
/// under it, no two wait for each other in a circle, and lines of the outbox are numbered in the
/// order of their commits. The number is no more than the lock's name.
pub(super) const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock(7895412)";

/// A transaction that changes something.
pub(super) const PROBE: &str = "SELECT pg_current_xact_id()";

/// Every statement sees the state as of the first.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// How long a write waits for one of another service.
const LOCK_TIMEOUT_MS: &str = "10000";
/// How long the server waits for a writer that has begun and says nothing before it ends its
/// transaction: a stopped process keeps every other from writing.
const SILENT_TIMEOUT_MS: &str = "30000";
/// How long a reader waits for a connection, as for SQLite's.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// How to reach a database of a server.
#[derive(Clone)]
pub(crate) struct Server {
    options: PgConnectOptions,
}

impl std::fmt::Debug for Server {
    /// Leaves the password out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("host", &self.options.get_host()).finish_non_exhaustive()
    }
}

impl Server {
    pub(super) async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        self.options.connect().await
    }
}

/// Opens a database and brings its schema up to date.
pub(crate) async fn open(
    options: PgConnectOptions,
) -> Result<(Server, PgConnection, PgPool), StoreError> {
    let common = options.statement_cache_capacity(256).options([("timezone", "UTC")]);
    let writing = common.clone().options([
        ("lock_timeout", LOCK_TIMEOUT_MS),
        ("idle_in_transaction_session_timeout", SILENT_TIMEOUT_MS),
    ]);
    let mut connection: PgConnection = writing.connect().await?;
    MIGRATIONS.run(&mut connection).await?;
    // `client_min_messages`: see `after_release`.
    let reading =
        common.options([("default_transaction_read_only", "on"), ("client_min_messages", "error")]);
    let readers = PgPoolOptions::new()
        .max_connections(READERS_MAX)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A snapshot whose reader went away while it began stays open on the server, and nobody
        // counts it: the next one would read an old state.
        .after_release(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql("ROLLBACK").execute(connection).await?;
                Ok(true)
            })
        })
        .connect_lazy_with(reading);
    Ok((Server { options: writing }, connection, readers))
}

#[cfg(test)]
mod tests;
