//! What can go wrong in the store.

/// Why the store could not do what was asked. Completes "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused a statement.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
    /// What should hold a store holds none: a file is empty, is no database, or is a copy without the
    /// `-wal` file beside it.
    #[error("it holds no store")]
    NoStore,
    /// A file that cannot be written has a log beside it, whose commits only a writable place can
    /// take in.
    #[error("it cannot be written here, and the -wal file beside it holds commits to take in")]
    LogBeside,
    /// A file that cannot be written has another version's schema, which cannot be brought up to
    /// date here.
    #[error("it cannot be written here, and another version wrote it")]
    OtherSchema,
    /// A server's schema is not this version's, and this login may not change it.
    #[error("its schema is of another version: run zhibi store init as a member of zhibi_migrate")]
    NotMigrator,
    /// A server is older than what its statements are written for.
    #[error("its server is PostgreSQL {have}: {need} or later is needed")]
    OldServer {
        /// The server's major version.
        have: u32,
        /// The oldest that will do.
        need: u32,
    },
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
    /// An address would lie in two print runs.
    #[error("print run {id}: {reason}")]
    PrintRun {
        /// The run that was refused.
        id: String,
        /// What stands in its way.
        reason: String,
    },
    /// Two pens would have one place in a set.
    #[error("number {number} of set {set} is pen {pen:012x}: put that one elsewhere first")]
    PenPlace {
        /// The set.
        set: String,
        /// The number.
        number: u32,
        /// The pen that has it.
        pen: u64,
    },
    /// A row holds an identity that cannot be one.
    #[error("an identity in the store: {0}")]
    Identity(#[from] school::IdError),
    /// A row holds a period that cannot be one.
    #[error("a period in the store: {0}")]
    Period(#[from] school::PeriodError),
    /// The kept strokes of a paper cannot be read.
    #[error("paper of pupil {pupil}, page {page}: {source}")]
    Drawn {
        /// Whose paper it is.
        pupil: String,
        /// Its page.
        page: u32,
        /// What is wrong.
        source: ink::drawn::DrawnError,
    },
    /// A pupil cannot be enrolled so.
    #[error("pupil {pupil}: {why}")]
    Enrolment {
        /// Whose enrolment was refused.
        pupil: String,
        /// What stands in its way.
        #[source]
        why: school::EnrolmentError,
    },
    /// Somebody who may only see an assignment wanted to decide in it.
    #[error("who asks may not decide in assignment {assignment}")]
    MayNotDecide {
        /// The assignment.
        assignment: String,
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

impl StoreError {
    /// Whether the file is damaged, or is no database at all.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        const CORRUPT: u32 = 11;
        const NOT_A_DATABASE: u32 = 26;
        matches!(self.sqlite_code(), Some(CORRUPT | NOT_A_DATABASE))
    }

    /// Whether SQLite could not open the file with the right to write beside it, which even reading
    /// a file with a write-ahead log requires.
    #[must_use]
    pub fn is_unwritable(&self) -> bool {
        const READ_ONLY: u32 = 8;
        const CANNOT_OPEN: u32 = 14;
        matches!(self.sqlite_code(), Some(READ_ONLY | CANNOT_OPEN))
    }

    /// SQLite's primary result code.
    fn sqlite_code(&self) -> Option<u32> {
        let Self::Database(sqlx::Error::Database(refused)) = self else { return None };
        // The rest of an extended code says more exactly what it was.
        refused.code()?.parse().ok().map(|code: u32| code & 0xff)
    }
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
