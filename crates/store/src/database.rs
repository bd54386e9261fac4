//! The two databases: which one a store is in, and its connections.
//!
//! What differs between them stands in a file of each, with the same functions.

mod postgres;
mod sqlite;
#[cfg(test)]
mod upgrade;

use std::ops::{Deref, DerefMut};
use std::path::Path;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnectOptions;
use sqlx::{
    Connection as _, Database, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction,
};

use crate::StoreError;

/// Connections that read.
const READERS_MAX: u32 = 4;

/// Where a store is, and how a connection that writes to it is made.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Sqlite(sqlite::File),
    Postgres(postgres::Server),
}

/// A connection of either database.
pub(crate) enum Connection {
    Sqlite(Held<Sqlite>),
    Postgres(Held<Postgres>),
}

/// A connection, and whose it is.
pub(crate) enum Held<DB: Database> {
    /// The writer's own.
    Own(DB::Connection),
    /// A reader's, to be given back.
    Lent(PoolConnection<DB>),
    /// A reader's, in a transaction in which every statement sees the same state.
    Snapshot(Transaction<'static, DB>),
}

impl<DB: Database> Deref for Held<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Own(connection) => connection,
            Self::Lent(connection) => connection,
            Self::Snapshot(transaction) => transaction,
        }
    }
}

impl<DB: Database> DerefMut for Held<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Own(connection) => connection,
            Self::Lent(connection) => connection,
            Self::Snapshot(transaction) => transaction,
        }
    }
}

/// The connections that read; they cannot write.
#[derive(Clone, Debug)]
pub(crate) enum Readers {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Readers {
    /// Whether this login may do something with a table. A file's owner may do anything.
    pub(crate) async fn may(&self, right: &str, table: &str) -> Result<bool, sqlx::Error> {
        match self {
            Self::Sqlite(_) => Ok(true),
            Self::Postgres(pool) => {
                let may = sqlx::query_scalar("SELECT has_table_privilege($1, $2)");
                may.bind(table).bind(right).fetch_one(pool).await
            }
        }
    }

    /// One of them.
    pub(crate) async fn acquire(&self) -> Result<Connection, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => Connection::Sqlite(Held::Lent(pool.acquire().await?)),
            Self::Postgres(pool) => Connection::Postgres(Held::Lent(pool.acquire().await?)),
        })
    }

    /// One of them, on which every statement sees the same state until it is given back.
    pub(crate) async fn snapshot(&self) -> Result<Connection, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => Connection::Sqlite(Held::Snapshot(pool.begin().await?)),
            Self::Postgres(pool) => {
                let snapshot = pool.begin_with(postgres::SNAPSHOT).await?;
                Connection::Postgres(Held::Snapshot(snapshot))
            }
        })
    }

    /// What the database itself finds damaged, as far as it looks.
    pub(crate) async fn damages(&self) -> Result<Vec<String>, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => sqlite::damages(pool).await,
            // A server checks each page as it reads it, and offers a reader no other check.
            Self::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Tables and indexes that this version makes and that are not there.
    pub(crate) async fn missing(&self) -> Result<Vec<String>, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => sqlite::missing(pool).await,
            // Only its owner can take them away, and every statement that needs them says so.
            Self::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Rows that name a row that is not there.
    pub(crate) async fn orphans(&self) -> Result<Vec<String>, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => sqlite::orphans(pool).await,
            // A server lets nobody delete what is named elsewhere.
            Self::Postgres(_) => Ok(Vec::new()),
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A place, a connection that writes to it, and those that read.
pub(crate) type Opened = (Place, Connection, Readers);

/// Opens a database file, makes it if there is none, and brings its schema up to date.
pub(crate) async fn open_file(path: &Path) -> Result<Opened, StoreError> {
    Ok(of_file(sqlite::open(path).await?))
}

/// Opens a database file that nobody writes, where nothing can be written.
pub(crate) async fn open_unwritable(path: &Path) -> Result<Opened, StoreError> {
    Ok(of_file(sqlite::open_unwritable(path).await?))
}

pub(crate) use postgres::{make_roles, server_has_store, server_versions};
pub(crate) use sqlite::{
    check_log, copy as copy_file, file_has_store, file_versions, rewrite as rewrite_file,
};

/// The migrations that made a schema.
const VERSIONS: &str = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";

/// Refuses a schema, by its migrations, that is not this version's.
pub(crate) fn check_versions(of_file: bool, versions: &[i64]) -> Result<(), StoreError> {
    let migrations = if of_file { &sqlite::MIGRATIONS } else { &postgres::MIGRATIONS };
    let known: Vec<i64> = migrations.iter().map(|migration| migration.version).collect();
    if versions.iter().any(|version| !known.contains(version)) {
        return Err(StoreError::NewerSchema);
    }
    if known.iter().any(|version| !versions.contains(version)) {
        return Err(StoreError::OlderSchema);
    }
    Ok(())
}

/// Opens the database of a server and brings its schema up to date.
pub(crate) async fn open_server(options: PgConnectOptions) -> Result<Opened, StoreError> {
    let (server, connection, readers) = postgres::open(options).await?;
    let connection = Connection::Postgres(Held::Own(connection));
    Ok((Place::Postgres(server), connection, Readers::Postgres(readers)))
}

fn of_file((file, connection, readers): (sqlite::File, SqliteConnection, SqlitePool)) -> Opened {
    let connection = Connection::Sqlite(Held::Own(connection));
    (Place::Sqlite(file), connection, Readers::Sqlite(readers))
}

impl Place {
    /// Opens another connection that writes.
    pub(crate) async fn connect(&self) -> Result<Connection, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(file) => Connection::Sqlite(Held::Own(file.connect().await?)),
            Self::Postgres(server) => Connection::Postgres(Held::Own(server.connect().await?)),
        })
    }

    /// Whether nothing can be written where it lies, as far as can be seen there.
    pub(crate) fn is_read_only(&self) -> bool {
        match self {
            Self::Sqlite(file) => file.is_read_only(),
            Self::Postgres(_) => false,
        }
    }

    /// Refuses a place that is no longer the one that was opened.
    pub(crate) fn check(&self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(file) => Ok(file.check()?),
            // A connection is to the server that was opened, or it is broken.
            Self::Postgres(_) => Ok(()),
        }
    }
}

impl Connection {
    /// Begins a transaction that excludes every other one that writes.
    pub(crate) async fn begin(&mut self) -> Result<(), sqlx::Error> {
        let begin = match self {
            Self::Sqlite(_) => sqlite::BEGIN,
            Self::Postgres(_) => postgres::BEGIN,
        };
        self.run(begin).await
    }

    /// Writes something that changes nothing, to see whether anything can be written.
    pub(crate) async fn probe(&mut self) -> Result<(), sqlx::Error> {
        let probe = match self {
            Self::Sqlite(_) => sqlite::PROBE,
            Self::Postgres(_) => postgres::PROBE,
        };
        self.run(probe).await
    }

    /// Begins a part of a transaction that can be taken back by itself. Parts may lie in parts.
    pub(crate) async fn savepoint(&mut self) -> Result<(), sqlx::Error> {
        self.run("SAVEPOINT part").await
    }

    /// Keeps the part that was begun last.
    pub(crate) async fn keep(&mut self) -> Result<(), sqlx::Error> {
        self.run("RELEASE SAVEPOINT part").await
    }

    /// Takes the part that was begun last back.
    pub(crate) async fn take_back(&mut self) -> Result<(), sqlx::Error> {
        self.run("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part").await
    }

    /// Whether the database still answers, for a connection that nobody uses.
    pub(crate) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(server) => server.ping().await,
        }
    }

    /// Closes a connection of the writer's own; gives another back.
    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(Held::Own(connection)) => connection.close().await,
            Self::Postgres(Held::Own(connection)) => connection.close().await,
            Self::Sqlite(_) | Self::Postgres(_) => Ok(()),
        }
    }
}

/// What a database needs now and then besides writes.
#[derive(Debug, Default)]
pub(crate) struct Upkeep(sqlite::Upkeep);

impl Upkeep {
    /// Nobody has written for a while.
    pub(crate) async fn in_quiet(&mut self, place: &Place, connection: &mut Connection) {
        if let (Place::Sqlite(file), Connection::Sqlite(sqlite)) = (place, connection) {
            self.0.in_quiet(file, sqlite).await;
        }
    }

    /// Between two groups of writes.
    pub(crate) async fn between(&mut self, place: &Place, connection: &mut Connection) {
        if let (Place::Sqlite(file), Connection::Sqlite(sqlite)) = (place, connection) {
            self.0.between(file, sqlite).await;
        }
    }
}
