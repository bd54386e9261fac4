//! A disk that can lose its power, and fail.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use super::super::disk::{Disk, Kind, Name};

#[derive(Clone, Debug, Default)]
struct File {
    bytes: Vec<u8>,
    /// So many bytes survive a loss of power; of the rest, any part.
    durable: usize,
    /// Whether its name does.
    is_named: bool,
}

#[derive(Debug, Default)]
struct Inner {
    files: BTreeMap<Name, File>,
    /// Removed, but that may be undone by a loss of power.
    removed: BTreeMap<Name, File>,
    /// Bytes that may still be written before the disk is full.
    room: Option<usize>,
    /// So many fsyncs fail from now on, and what they were to make durable is lost.
    syncs_to_fail: usize,
    fails_reads: bool,
}

/// Shared by the spool that writes it and the test that takes its power away.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<Mutex<Inner>>);

impl Memory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// The disk after a loss of power. `dice` says of each thing that was not durable what became of
    /// it.
    pub(super) fn powered_off(&self, mut dice: impl FnMut(usize) -> usize) -> Self {
        let inner = self.inner();
        let mut after = Inner::default();
        for (name, file) in &inner.files {
            if !file.is_named && dice(2) == 0 {
                continue;
            }
            let lost = file.bytes.len() - file.durable;
            let kept = file.durable + if lost > 0 { dice(lost + 1) } else { 0 };
            let mut bytes = file.bytes[..kept].to_vec();
            // A file may have grown before its bytes came.
            if kept > file.durable && dice(4) == 0 {
                let from = file.durable + dice(kept - file.durable);
                bytes[from..].fill(0);
            }
            let durable = bytes.len();
            after.files.insert(*name, File { bytes, durable, is_named: true });
        }
        for (name, file) in &inner.removed {
            if !inner.files.contains_key(name) && dice(2) == 0 {
                let bytes = file.bytes[..file.durable].to_vec();
                let durable = bytes.len();
                after.files.insert(*name, File { bytes, durable, is_named: true });
            }
        }
        Self(Arc::new(Mutex::new(after)))
    }

    pub(super) fn set_room(&self, room: Option<usize>) {
        self.inner().room = room;
    }

    pub(super) fn fail_syncs(&self, times: usize) {
        self.inner().syncs_to_fail = times;
    }

    pub(super) fn fail_reads(&self, fails: bool) {
        self.inner().fails_reads = fails;
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.inner().files.keys().map(Name::to_string).collect()
    }

    /// Changes the bytes of the first segment.
    pub(super) fn damage(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut inner = self.inner();
        let first = inner.files.iter_mut().find(|(name, _)| name.kind == Kind::Records);
        let file = first.expect("a segment").1;
        change(&mut file.bytes);
        file.durable = file.bytes.len();
    }

    /// The file of dead letters.
    pub(super) fn letters(&self) -> Option<Vec<u8>> {
        self.inner().files.get(&Name::LETTERS).map(|file| file.bytes.clone())
    }

    pub(super) fn put_letters(&self, bytes: Option<Vec<u8>>) {
        let mut inner = self.inner();
        inner.files.remove(&Name::LETTERS);
        if let Some(bytes) = bytes {
            let durable = bytes.len();
            inner.files.insert(Name::LETTERS, File { bytes, durable, is_named: true });
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.inner().files.values().map(|file| file.bytes.len() as u64).sum()
    }
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Disk for Memory {
    fn list(&mut self) -> io::Result<Vec<(Name, u64)>> {
        let inner = self.inner();
        Ok(inner.files.iter().map(|(name, file)| (*name, file.bytes.len() as u64)).collect())
    }

    fn create(&mut self, name: Name) -> io::Result<()> {
        match self.inner().files.insert(name, File::default()) {
            None => Ok(()),
            Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
        }
    }

    fn append(&mut self, name: Name, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.inner();
        let fits = inner.room.map_or(bytes.len(), |room| room.min(bytes.len()));
        inner.room = inner.room.map(|room| room - fits);
        if name.kind != Kind::Records {
            inner.files.entry(name).or_default();
        }
        let file = inner.files.get_mut(&name).ok_or_else(missing)?;
        file.bytes.extend_from_slice(&bytes[..fits]);
        if fits == bytes.len() { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }

    fn read(&mut self, name: Name, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let inner = self.inner();
        if inner.fails_reads {
            return Err(io::Error::other("the disk failed"));
        }
        let file = inner.files.get(&name).ok_or_else(missing)?;
        let from = offset as usize;
        let bytes = file.bytes.get(from..from + into.len());
        into.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn truncate(&mut self, name: Name, len: u64) -> io::Result<()> {
        let mut inner = self.inner();
        let file = inner.files.get_mut(&name).ok_or_else(missing)?;
        let cut = file.bytes.len().saturating_sub(len as usize);
        file.bytes.truncate(len as usize);
        file.durable = file.durable.min(file.bytes.len());
        inner.room = inner.room.map(|room| room + cut);
        Ok(())
    }

    fn sync(&mut self, name: Name) -> io::Result<()> {
        let mut inner = self.inner();
        if inner.syncs_to_fail > 0 {
            // As Linux does: the pages count as clean, and never reach the disk.
            inner.syncs_to_fail -= 1;
            return Err(io::Error::other("the disk failed"));
        }
        let file = inner.files.get_mut(&name).ok_or_else(missing)?;
        file.durable = file.bytes.len();
        Ok(())
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        let mut inner = self.inner();
        inner.files.values_mut().for_each(|file| file.is_named = true);
        inner.removed.clear();
        Ok(())
    }

    fn remove(&mut self, name: Name) -> io::Result<()> {
        let mut inner = self.inner();
        let file = inner.files.remove(&name).ok_or_else(missing)?;
        inner.room = inner.room.map(|room| room + file.bytes.len());
        if file.is_named {
            inner.removed.insert(name, file);
        }
        Ok(())
    }
}
