//! What can go wrong in the store.

use std::path::PathBuf;

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
    /// A log lies where its store is missing or empty. Its commits would be lost if a store were made
    /// there.
    #[error(
        "{} holds commits of a store that is not there: put that store back beside it, or, if it is \
         gone for good, move the log away",
        log.display()
    )]
    LogWithoutStore {
        /// The log.
        log: PathBuf,
    },
    /// A file is a database of another program.
    #[error("it is a database of another program, with a table {table}: name another file")]
    Foreign {
        /// One of its tables.
        table: String,
    },
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
    /// A server's database keeps texts in another encoding than UTF-8.
    #[error(
        "its database keeps texts as {encoding}: make one with CREATE DATABASE … ENCODING 'UTF8' \
         TEMPLATE template0"
    )]
    Encoding {
        /// The database's encoding.
        encoding: String,
    },
    /// The schema could not be brought up to date.
    #[error("migrate the database: {0}")]
    Migrate(sqlx::migrate::MigrateError),
    /// Its schema has migrations that this version does not know.
    #[error("a newer version of zhibi wrote it: use that one")]
    NewerSchema,
    /// Its schema lacks migrations of this version, and it was only to be read.
    #[error(
        "an older version of zhibi wrote it: keep a copy, which that version can still open, and run \
         zhibi store init on it"
    )]
    OlderSchema,
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
    /// A run cannot be printed for a class.
    #[error(transparent)]
    PrintRefused(#[from] PrintRefused),
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
    /// A pen belongs to another school.
    #[error("pen {pen:012x} is another school's")]
    PenElsewhere {
        /// The pen.
        pen: u64,
    },
    /// What a change of pens did, or what was seen of a pen, was changed since.
    #[error("pen {pen:012x} was changed since: undo that first")]
    PenChanged {
        /// The pen.
        pen: u64,
    },
    /// A gateway belongs to another school.
    #[error("gateway {id} is another school's: choose another id, or revoke it there first")]
    GatewayElsewhere {
        /// The gateway.
        id: String,
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
    /// A roster cannot be taken in.
    #[error("the roster: {0}")]
    Roster(school::roster::Problems),
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
    /// Two members of staff would have one login.
    #[error("the login {login} is taken")]
    LoginTaken {
        /// The login.
        login: String,
    },
    /// A school would be left without an administrator who can sign in.
    #[error(
        "nobody else can keep school {school} in order: first give the role administrator to \
         somebody who has set a password"
    )]
    LastAdministrator {
        /// The school.
        school: school::SchoolId,
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

/// Why a run cannot be printed for a class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrintRefused {
    /// The name can name no run, or no assignment of it.
    #[error("--run {run:?} cannot name a run: choose another")]
    Name {
        /// The name.
        run: String,
    },
    /// The run is of something else.
    #[error(
        "print run {run} is of worksheet {worksheet} version {version}: give this one another --run"
    )]
    OtherSheet {
        /// The run.
        run: String,
        /// What was printed.
        worksheet: String,
        /// Its version.
        version: u32,
    },
    /// The run's copies bear the names of others.
    #[error(
        "the copies of print run {run} bear the names of another class than {class}: print it a \
         run of its own"
    )]
    OtherClass {
        /// The run.
        run: String,
        /// The class's Chinese name.
        class: String,
    },
    /// Copies cannot be added to the run.
    #[error(
        "the pages behind those of print run {run} are taken: print the class again as a run of \
         its own"
    )]
    NoRoom {
        /// The run.
        run: String,
    },
    /// There is nobody to print copies for.
    #[error("class {class} has no pupils")]
    NoPupils {
        /// The class's Chinese name.
        class: String,
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

    /// Whether SQLite found no space on the disk.
    pub fn is_disk_full(&self) -> bool {
        const FULL: u32 = 13;
        self.sqlite_code() == Some(FULL)
    }

    /// Whether SQLite could not open the file with the right to write beside it, which even reading
    /// a file with a write-ahead log requires.
    #[must_use]
    pub fn is_unwritable(&self) -> bool {
        const READ_ONLY: u32 = 8;
        const CANNOT_OPEN: u32 = 14;
        matches!(self.sqlite_code(), Some(READ_ONLY | CANNOT_OPEN))
    }

    /// Whether what is stored or asked is at fault, so that the same would fail again. Else the
    /// database was: a lock, a full disk, a connection that was cut.
    #[must_use]
    pub fn is_of_the_rows(&self) -> bool {
        // SQLITE_ERROR, SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH.
        const OF_THE_ROWS: [u32; 4] = [1, 18, 19, 20];
        match self {
            Self::Database(sqlx::Error::Database(refused)) => match refused.code().as_deref() {
                // PostgreSQL's have five characters: data, integrity, and what a function raised.
                Some(code) if code.len() == 5 => {
                    ["22", "23", "P0"].iter().any(|class| code.starts_with(class))
                }
                _ => self.sqlite_code().is_some_and(|code| OF_THE_ROWS.contains(&code)),
            },
            Self::Database(
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed,
            )
            | Self::Commit(_)
            | Self::Closed => false,
            _ => true,
        }
    }

    /// Whether a text was asked for that the database cannot hold: PostgreSQL has no NUL.
    #[must_use]
    pub fn is_text_that_cannot_be(&self) -> bool {
        const CHARACTER_NOT_IN_REPERTOIRE: &str = "22021";
        let Self::Database(sqlx::Error::Database(refused)) = self else { return false };
        refused.code().as_deref() == Some(CHARACTER_NOT_IN_REPERTOIRE)
    }

    /// SQLite's primary result code.
    fn sqlite_code(&self) -> Option<u32> {
        let Self::Database(sqlx::Error::Database(refused)) = self else { return None };
        // The rest of an extended code says more exactly what it was.
        refused.code()?.parse().ok().map(|code: u32| code & 0xff)
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::VersionMissing(_) => Self::NewerSchema,
            error => Self::Migrate(error),
        }
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
