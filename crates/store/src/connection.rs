//! Opening and closing a database file.

use std::path::Path;

use tokio::sync::watch;

use crate::database::{self, Connection, Readers};
use crate::url::Kind;
use crate::writer::{Pending, Writable, Writer};
use crate::{StoreError, StoreUrl};

/// A handle to one database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Writer,
    readers: Readers,
}

impl Store {
    /// Opens a database file, makes it if there is none, and brings its schema up to date.
    ///
    /// Must be called within a tokio runtime: the writer is a task of it.
    ///
    /// # Errors
    /// Where the file cannot be opened or written, or was written by a newer version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Ok(Self::of(database::open_file(path.as_ref()).await?))
    }

    /// Opens the store of a file or of a server, and brings its schema up to date.
    ///
    /// Must be called within a tokio runtime: the writer is a task of it.
    ///
    /// # Errors
    /// Where it cannot be reached or written, or was written by a newer version.
    pub async fn connect(url: &StoreUrl) -> Result<Self, StoreError> {
        Ok(Self::of(match &url.0 {
            Kind::File(path) => database::open_file(path).await?,
            Kind::Server(options) => database::open_server(options.as_ref().clone()).await?,
        }))
    }

    /// Opens a store that nobody writes, in a place that cannot be written: a backup on a read-only
    /// medium. No file is written beside it either, and every write fails.
    ///
    /// # Errors
    /// As [`Self::connect_existing`], [`StoreError::LogBeside`] and [`StoreError::OtherSchema`].
    pub async fn open_unwritable(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Ok(Self::of(database::open_unwritable(path.as_ref()).await?))
    }

    /// Opens a store that must exist already. A file or database without one is not touched.
    ///
    /// # Errors
    /// As [`Self::connect`], and [`StoreError::NoStore`].
    pub async fn connect_existing(url: &StoreUrl) -> Result<Self, StoreError> {
        if Self::is_there(url).await? { Self::connect(url).await } else { Err(StoreError::NoStore) }
    }

    /// As [`Self::connect_existing`], and leaves the schema as it is.
    ///
    /// # Errors
    /// As [`Self::connect_existing`], [`StoreError::OlderSchema`] and [`StoreError::NewerSchema`].
    pub async fn connect_unchanged(url: &StoreUrl) -> Result<Self, StoreError> {
        if !Self::is_there(url).await? {
            return Err(StoreError::NoStore);
        }
        let versions = match &url.0 {
            Kind::File(path) => database::file_versions(path).await?,
            Kind::Server(options) => database::server_versions(options).await?,
        };
        database::check_versions(url.path().is_some(), &versions)?;
        Self::connect(url).await
    }

    /// Makes a store, or brings it up to date. On a server it also makes the roles of its services,
    /// `zhibi_ingest`, `zhibi_pipeline`, `zhibi_web` and `zhibi_migrate`, where they are missing, and
    /// grants each what it needs. Only for a login that may make roles there.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn init(url: &StoreUrl) -> Result<(), StoreError> {
        match &url.0 {
            Kind::File(path) => Self::open(path).await?.close().await,
            Kind::Server(options) => database::make_roles(options).await,
        }
    }

    /// Whether there is a store already. Touches nothing.
    ///
    /// # Errors
    /// Where it cannot be reached, or a file is no database.
    pub async fn is_there(url: &StoreUrl) -> Result<bool, StoreError> {
        match &url.0 {
            Kind::File(path) => database::file_has_store(path).await,
            Kind::Server(options) => database::server_has_store(options).await,
        }
    }

    /// Copies the store of a file, as it is at one moment, into an empty file: a backup, and the way
    /// back. A service may write meanwhile, and the schema stays as it is. `told` hears now and then
    /// how many bytes of about how many are written.
    ///
    /// # Errors
    /// [`StoreError::NoStore`] where the file holds none; where it cannot be read or the copy cannot
    /// be written.
    pub async fn copy_file(
        from: &Path,
        into: &str,
        told: impl FnMut(u64, u64),
    ) -> Result<(), StoreError> {
        database::copy_file(from, into, told).await
    }

    /// Refuses a copy that this version cannot open because a newer one wrote it. Touches nothing.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], [`StoreError::NoStore`], and where it cannot be read.
    pub async fn check_copy(file: &Path) -> Result<(), StoreError> {
        if !database::file_has_store(file).await? {
            return Err(StoreError::NoStore);
        }
        match database::check_versions(true, &database::file_versions(file).await?) {
            // It is brought up to date when it is opened.
            Err(StoreError::OlderSchema) => Ok(()),
            checked => checked,
        }
    }

    /// Refuses a place at which a store would be made over the log of another one: see
    /// [`StoreError::LogWithoutStore`]. Touches nothing.
    ///
    /// # Errors
    /// [`StoreError::LogWithoutStore`].
    pub fn check_place(file: &Path) -> Result<(), StoreError> {
        database::check_log(file)
    }

    /// Writes a store's file anew, without the pieces of deleted rows that its unused parts hold, and
    /// empties the log beside it. A service may run meanwhile; its writes wait, ten seconds each at
    /// most, and its gateways send again. `false` where the log could not be emptied, since somebody
    /// reads all the time: it still holds pieces then.
    ///
    /// # Errors
    /// Where somebody else writes for too long, or there is no room for a second copy. The file is
    /// as it was then.
    pub async fn rewrite_file(file: &Path) -> Result<bool, StoreError> {
        database::rewrite_file(file).await
    }

    fn of((place, connection, readers): database::Opened) -> Self {
        Self { writer: Writer::start(place, connection), readers }
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

    /// Whether the latest attempt to write was committed, and if not, why. It becomes
    /// [`Writable::Yes`] by itself once the cause is gone, even if nobody writes meanwhile.
    #[must_use]
    pub fn writable(&self) -> watch::Receiver<Writable> {
        self.writer.writable()
    }

    /// Hands the writer an empty piece of work, to see that it answers. The answer is late, not
    /// wrong, where a write before it is slow. A disk error counts as an answer too, since a
    /// restarted service meets the same disk. `false` once the store is closed.
    pub async fn writer_answers(&self) -> bool {
        let answer = self.write(|_| Box::pin(async { Ok(()) })).await;
        !matches!(answer, Err(StoreError::Closed))
    }

    /// Whether this login may do the work of a role of the server, named as [`Store::init`] makes
    /// them: `zhibi_ingest`, `zhibi_pipeline` or `zhibi_web`. A file's service may do all.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn may_serve_as(&self, role: &str) -> Result<bool, StoreError> {
        // What each role alone may do.
        let (right, table) = match role {
            "zhibi_ingest" => ("INSERT", "chunk"),
            "zhibi_pipeline" => ("INSERT", "paper"),
            _ => ("INSERT", "session"),
        };
        Ok(self.readers.may(right, table).await?)
    }

    /// The connections that read.
    pub(crate) fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Does `work` in a transaction of the one writing connection and waits for its commit.
    ///
    /// Works that wait at the same time share one commit, each in a savepoint of its own: an error
    /// takes back its own work only. `work` runs to its end even where the caller is dropped.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Pending<'c, T> + Send + 'static,
    {
        self.writer.write(work).await
    }
}

#[cfg(test)]
mod tests;
