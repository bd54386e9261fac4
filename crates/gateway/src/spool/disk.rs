//! The folder that a spool lies in. Behind a trait, so that tests can take power away.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::StartError;

/// A file of a spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    pub(crate) id: u32,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// A segment of chunks.
    Records,
    /// Which of its chunks have their receipt.
    Notes,
    /// Dead letters that were put away.
    Letters,
}

impl Name {
    /// The one file of dead letters.
    pub(crate) const LETTERS: Self = Self { id: 0, kind: Kind::Letters };

    pub(crate) fn records(id: u32) -> Self {
        Self { id, kind: Kind::Records }
    }

    pub(crate) fn notes(id: u32) -> Self {
        Self { id, kind: Kind::Notes }
    }

    fn parse(name: &str) -> Option<Self> {
        if name == DEAD_LETTERS {
            return Some(Self::LETTERS);
        }
        let (id, extension) = name.split_once('.')?;
        let kind = match extension {
            "spool" => Kind::Records,
            "freed" => Kind::Notes,
            _ => return None,
        };
        Some(Self { id: id.parse().ok()?, kind }).filter(|parsed| parsed.to_string() == name)
    }
}

/// The file in a spool's folder that holds dead letters which were put away.
pub const DEAD_LETTERS: &str = "dead-letters.zcap";

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extension = match self.kind {
            Kind::Records => "spool",
            Kind::Notes => "freed",
            Kind::Letters => return f.write_str(DEAD_LETTERS),
        };
        write!(f, "{:010}.{extension}", self.id)
    }
}

/// What a spool asks of its folder.
pub(crate) trait Disk: Send + fmt::Debug {
    /// The files that there are, with their lengths.
    fn list(&mut self) -> io::Result<Vec<(Name, u64)>>;
    /// Makes an empty file, which must not be there. Durable after `sync_folder`.
    fn create(&mut self, name: Name) -> io::Result<()>;
    /// Writes behind the file's end. Durable after `sync`. A file of notes or of dead letters that is
    /// not there is made.
    fn append(&mut self, name: Name, bytes: &[u8]) -> io::Result<()>;
    /// Reads exactly so many bytes.
    fn read(&mut self, name: Name, offset: u64, into: &mut [u8]) -> io::Result<()>;
    fn truncate(&mut self, name: Name, len: u64) -> io::Result<()>;
    fn sync(&mut self, name: Name) -> io::Result<()>;
    fn sync_folder(&mut self) -> io::Result<()>;
    fn remove(&mut self, name: Name) -> io::Result<()>;
}

/// A folder of the file system, held by this process alone. Keeps four files open at most: the
/// folder, the lock, one to write and one to read.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    folder: File,
    writing: Option<(Name, File)>,
    reading: Option<(Name, File)>,
    _lock: File,
}

impl Folder {
    /// Makes the folder where there is none, and takes it for this process.
    ///
    /// # Errors
    /// Where another process has it, or it cannot be made.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |error| StartError::Spool { folder: path.to_owned(), error };
        make_folder(path).map_err(failed)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StartError::Locked(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let folder = File::open(path).map_err(failed)?;
        // It was there before, or its name was made durable with it: what it holds is to be sent.
        if let Err(error) = folder.sync_all() {
            tracing::error!(%error, folder = %path.display(), "the spool's folder cannot be synced");
        }
        let path = path.to_owned();
        Ok(Self { path, folder, writing: None, reading: None, _lock: lock })
    }

    fn file(&self, name: Name) -> PathBuf {
        self.path.join(name.to_string())
    }

    /// The file to write; kept open, since the same is written again and again. That of dead letters
    /// is opened each time: somebody may have moved it away.
    fn writable(&mut self, name: Name) -> io::Result<&mut File> {
        let file = match self.writing.take() {
            Some((open, file)) if open == name && name != Name::LETTERS => file,
            _ => OpenOptions::new()
                .append(true)
                .create(name.kind != Kind::Records)
                .mode(0o600)
                .open(self.file(name))?,
        };
        Ok(&mut self.writing.insert((name, file)).1)
    }
}

/// Makes a folder and those above it, each durable in the one above it, for their owner alone.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = match path.parent() {
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
        None => return Err(io::ErrorKind::NotFound.into()),
    };
    make_folder(above)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        made => made?,
    }
    File::open(above)?.sync_all()
}

impl Disk for Folder {
    fn list(&mut self) -> io::Result<Vec<(Name, u64)>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            if let Some(name) = entry.file_name().to_str().and_then(Name::parse) {
                files.push((name, entry.metadata()?.len()));
            }
        }
        Ok(files)
    }

    fn create(&mut self, name: Name) -> io::Result<()> {
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            // For its owner alone: children's ink stands in it.
            .mode(0o600)
            .open(self.file(name))?;
        self.writing = Some((name, file));
        Ok(())
    }

    fn append(&mut self, name: Name, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(self.writable(name)?, bytes)
    }

    fn read(&mut self, name: Name, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let file = match self.reading.take() {
            Some((open, file)) if open == name && name != Name::LETTERS => file,
            _ => File::open(self.file(name))?,
        };
        self.reading.insert((name, file)).1.read_exact_at(into, offset)
    }

    fn truncate(&mut self, name: Name, len: u64) -> io::Result<()> {
        self.writable(name)?.set_len(len)
    }

    fn sync(&mut self, name: Name) -> io::Result<()> {
        self.writable(name)?.sync_data()
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        self.folder.sync_all()
    }

    fn remove(&mut self, name: Name) -> io::Result<()> {
        for open in [&mut self.writing, &mut self.reading] {
            open.take_if(|(open, _)| *open == name);
        }
        std::fs::remove_file(self.file(name))
    }
}
