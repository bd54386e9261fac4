//! PostgreSQL: a server that several services may share.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection as _, PgConnection};

use super::READERS_MAX;
use crate::StoreError;

/// How the schema came about. The first brings what SQLite's first six come to.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Over all services one group of writes runs at a time, as in SQLite: the rows that a write reads
/// cannot change while it runs, there is no deadlock, and lines of the outbox are numbered in the
/// order of their commits. The number only names the lock.
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

/// The oldest server that understands our statements, by the version that servers report.
const SERVER_MIN: u32 = 150_000;

const ROLES: &str = include_str!("postgres/roles.sql");
const GRANTS: &str = include_str!("postgres/grants.sql");

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

/// Makes the roles of a store's services where they are missing, brings its schema up to date and
/// grants each role what it needs.
pub(crate) async fn make_roles(options: &PgConnectOptions) -> Result<(), StoreError> {
    let mut connection: PgConnection = options.connect().await?;
    check_version(connection.server_version_num())?;
    check_encoding(&mut connection).await?;
    sqlx::raw_sql(ROLES).execute(&mut connection).await?;
    migrate(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Whether the schema is this version's: then a service needs no right to change it.
async fn is_current(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let versioned: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !versioned {
        return Ok(false);
    }
    let done: Vec<i64> = sqlx::query_scalar(super::VERSIONS).fetch_all(connection).await?;
    Ok(MIGRATIONS.iter().map(|migration| migration.version).eq(done))
}

/// Checks a server's version against the oldest; one that reports none is not PostgreSQL itself.
fn check_version(number: Option<u32>) -> Result<(), StoreError> {
    match number {
        Some(number) if number < SERVER_MIN => {
            Err(StoreError::OldServer { have: number / 10_000, need: SERVER_MIN / 10_000 })
        }
        _ => Ok(()),
    }
}

/// Refuses a database in which texts are not Unicode: names would be refused, or counted in bytes.
/// A database keeps the encoding that it was made with.
async fn check_encoding(connection: &mut PgConnection) -> Result<(), StoreError> {
    let encoding: String = sqlx::query_scalar("SHOW server_encoding").fetch_one(connection).await?;
    if encoding == "UTF8" { Ok(()) } else { Err(StoreError::Encoding { encoding }) }
}

/// Brings the schema up to date: as the role that owns the tables, where there are roles.
async fn migrate(connection: &mut PgConnection) -> Result<(), StoreError> {
    check_version(connection.server_version_num())?;
    let member: Option<bool> = sqlx::query_scalar(
        "SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles
         WHERE rolname = 'zhibi_migrate'
           AND has_schema_privilege(oid, 'public', 'CREATE')",
    )
    .fetch_optional(&mut *connection)
    .await?;
    match member {
        None => Ok(MIGRATIONS.run(connection).await?),
        Some(false) => Err(StoreError::NotMigrator),
        Some(true) => {
            sqlx::raw_sql("SET ROLE zhibi_migrate").execute(&mut *connection).await?;
            MIGRATIONS.run(&mut *connection).await?;
            sqlx::raw_sql(GRANTS).execute(&mut *connection).await?;
            sqlx::raw_sql("RESET ROLE").execute(connection).await?;
            Ok(())
        }
    }
}

/// Whether a database holds a store.
pub(crate) async fn server_has_store(options: &PgConnectOptions) -> Result<bool, StoreError> {
    let mut connection: PgConnection = options.connect().await?;
    let there: bool = sqlx::query_scalar("SELECT to_regclass('chunk') IS NOT NULL")
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(there)
}

/// The migrations that made a database's schema, by number.
pub(crate) async fn server_versions(options: &PgConnectOptions) -> Result<Vec<i64>, StoreError> {
    let mut connection: PgConnection = options.connect().await?;
    let versions = sqlx::query_scalar(super::VERSIONS).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(versions)
}

/// Opens a database and brings its schema up to date.
pub(crate) async fn open(
    options: PgConnectOptions,
) -> Result<(Server, PgConnection, PgPool), StoreError> {
    let common = options.statement_cache_capacity(256).options([
        ("timezone", "UTC"),
        // Whatever the database is set to: a group of writes sees what those before it committed,
        // and not what stood there when it began to wait for its turn.
        ("default_transaction_isolation", "read committed"),
    ]);
    let writing = common.clone().options([
        // Whatever the server or the login is set to: a receipt is sent on the strength of a commit.
        ("synchronous_commit", "on"),
        ("lock_timeout", LOCK_TIMEOUT_MS),
        ("idle_in_transaction_session_timeout", SILENT_TIMEOUT_MS),
    ]);
    let mut connection: PgConnection = writing.connect().await?;
    check_encoding(&mut connection).await?;
    if !is_current(&mut connection).await? {
        migrate(&mut connection).await?;
    }
    // `client_min_messages`: see `after_release`.
    let reading =
        common.options([("default_transaction_read_only", "on"), ("client_min_messages", "error")]);
    let readers = PgPoolOptions::new()
        .max_connections(READERS_MAX)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A snapshot whose reader went away while it began stays open on the server without being
        // counted: the next reader would see an old state.
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
