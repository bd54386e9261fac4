//! What can go wrong in the store.

/// Why the store could not do what was asked. Completes "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused a statement.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
    /// A file that should hold a store holds none: it is empty, is no database, or is a copy without
    /// the `-wal` file beside it.
    #[error("it holds no store: is it a copy without the -wal file beside it?")]
    NoStore,
    /// The schema could not be brought up to date.
    #[error("migrate the database: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The transaction that held this write and others was not committed.
    #[error("commit: {0}")]
    Commit(String),
    /// The store was closed, or its writer died.
    #[error("the store is closed")]
    Closed,
    /// A worksheet's text or artwork is wrong.
    #[error("worksheet: {0}")]
    Worksheet(#[from] worksheet::WorksheetError),
    /// A worksheet version that is already stored must not change.
    #[error("worksheet {id} version {version} is stored with other content: give it a new version")]
    WorksheetChanged {
        /// The worksheet.
        id: String,
        /// Its version.
        version: u32,
    },
    /// An address would lie in two print runs, or no address could be of this one.
    #[error("print run {id}: {reason}")]
    PrintRun {
        /// The run that was refused.
        id: String,
        /// What stands in its way.
        reason: String,
    },
    /// There is no such row.
    #[error("there is no {what} {id}")]
    Missing {
        /// The kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            // What a reader says once the store was closed: it will not pass.
            sqlx::Error::PoolClosed => Self::Closed,
            other => Self::Database(other),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Database(sqlx::Error::Encode(Box::new(error)))
    }
}
