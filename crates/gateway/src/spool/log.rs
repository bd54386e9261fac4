//! Segments on a disk: what is appended is durable when [`Log::append`] returns.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;

use firmware_protocol::ChunkKey;

use super::disk::{Disk, Kind, Name};
use super::letters::Letters;
use super::segment::{self, HEADER_LEN, RECORD_OVERHEAD, Record};

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) segment: u32,
    pub(crate) offset: u32,
}

/// The segments of a spool's folder.
#[derive(Debug)]
pub(crate) struct Log {
    disk: Box<dyn Disk>,
    segment_bytes: u64,
    /// The segment that is written, with its durable length.
    active: Option<(u32, u64)>,
    next_id: u32,
    letters: Letters,
}

/// A segment as it was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) id: u32,
    /// Bytes of it, and of the notes beside it.
    pub(crate) len: u64,
    pub(crate) notes_len: u64,
    pub(crate) records: Vec<Record>,
    /// Offsets of the records that have their receipt.
    pub(crate) freed: HashSet<u32>,
}

/// What was not as it should be when a spool was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Stretches within segments that hold no sound record: at least so many chunks are lost.
    pub(crate) damaged: u64,
    /// Bytes of torn tails, which were cut off: nobody was told that they were taken.
    pub(crate) torn_bytes: u64,
    /// The last segment, where its fsync failed: what it holds may be gone with the power.
    pub(crate) unsure: Option<u32>,
}

impl Log {
    /// Reads every segment, and tells `each` what it holds, in the order of writing.
    pub(crate) fn open(
        mut disk: Box<dyn Disk>,
        (spool_bytes, segment_bytes): (u64, u64),
        mut each: impl FnMut(Found),
    ) -> io::Result<(Self, Opened)> {
        let files: BTreeMap<Name, u64> = disk.list()?.into_iter().collect();
        let segments = files.keys().filter(|name| name.kind != Kind::Letters);
        let ids: BTreeSet<u32> = segments.map(|name| name.id).collect();
        let mut opened = Opened::default();
        let mut last = None;
        for id in ids.iter().copied() {
            let notes_len = files.get(&Name::notes(id)).copied();
            let Some(len) = files.get(&Name::records(id)).copied() else {
                // The segment was removed, and the power went before its notes were.
                disk.remove(Name { id, kind: Kind::Notes })?;
                continue;
            };
            let bytes = read_all(disk.as_mut(), Name::records(id), len)?;
            let scan = segment::scan(id, &bytes).map_err(|later| {
                io::Error::other(format!(
                    "{} has format version {}, which a later version of this program wrote",
                    Name::records(id),
                    later.0
                ))
            })?;
            drop(bytes);
            for stretch in &scan.damage {
                tracing::error!(
                    segment = id,
                    ?stretch,
                    "damage in the spool: no sound chunk there"
                );
            }
            opened.damaged += scan.damage.len() as u64;
            let sound_len = scan.sound_len as u64;
            if sound_len < len {
                let bytes = len - sound_len;
                tracing::warn!(segment = id, bytes, "a torn tail of the spool is cut off");
                opened.torn_bytes += bytes;
            }
            if scan.records.is_empty() {
                disk.remove(Name::records(id))?;
                if notes_len.is_some() {
                    disk.remove(Name::notes(id))?;
                }
                continue;
            }
            if sound_len < len {
                disk.truncate(Name::records(id), sound_len)?;
            }
            let mut notes = Vec::new();
            if let Some(len) = notes_len {
                notes = read_all(disk.as_mut(), Name::notes(id), len)?;
                let whole = len - len % segment::NOTE_LEN as u64;
                if whole < len {
                    // Half a note: what is noted next must not stand behind it.
                    disk.truncate(Name::notes(id), whole)?;
                    notes.truncate(whole as usize);
                }
            }
            last = Some((id, sound_len));
            each(Found {
                id,
                len: sound_len,
                notes_len: notes.len() as u64,
                records: scan.records,
                freed: segment::notes(id, &notes).collect(),
            });
        }
        if let Some((id, _)) = last {
            // The process may have been killed between a write and its fsync: what is found now
            // counts as taken from now on.
            if let Err(error) = disk.sync(Name::records(id)).and_then(|()| disk.sync_folder()) {
                tracing::error!(
                    %error,
                    segment = id,
                    "the spool cannot be synced: what it holds is sent all the same"
                );
                (opened.unsure, last) = (Some(id), None);
            }
        }
        let next_id = ids.last().map_or(1, |last| last + 1);
        let letters = Letters::open(disk.as_mut(), spool_bytes);
        Ok((Self { disk, segment_bytes, active: last, next_id, letters }, opened))
    }

    /// The segment that is written.
    pub(crate) fn active(&self) -> Option<u32> {
        self.active.map(|(id, _)| id)
    }

    /// Ends the segment that is written: what comes next goes into a new one.
    pub(crate) fn seal(&mut self) {
        self.active = None;
    }

    /// Appends frames with the Unix milliseconds of their taking; they are durable, directory
    /// entries included, when this returns, all of them or, with an error, none.
    ///
    /// After a failed write or fsync the segment is not trusted with another byte: it is cut to
    /// what was durable before, and everything is written again into a new one, once.
    pub(crate) fn append(&mut self, frames: &[(i64, &[u8])]) -> io::Result<Vec<Place>> {
        match self.try_append(frames) {
            Ok(places) => Ok(places),
            Err(error) if is_full(&error) => Err(error),
            Err(error) => {
                tracing::error!(%error, "the spool could not be written: trying a new segment");
                self.try_append(frames)
            }
        }
    }

    fn try_append(&mut self, frames: &[(i64, &[u8])]) -> io::Result<Vec<Place>> {
        let before = self.active;
        let mut begun = Vec::new();
        let written = self.write(frames, &mut begun);
        if written.is_err() {
            // Nothing of it was promised. What cannot be cut off or removed is found when the spool
            // is opened next, as copies of what is sent again.
            for id in begun {
                let _gone = self.disk.remove(Name::records(id));
            }
            let cut = before.is_some_and(|(id, durable_len)| {
                self.disk.truncate(Name::records(id), durable_len).is_ok()
            });
            // A full disk hurts no file: its segment goes on when there is space again.
            let sound = cut && written.as_ref().is_err_and(is_full);
            self.active = before.filter(|_| sound);
        }
        written
    }

    fn write(&mut self, frames: &[(i64, &[u8])], begun: &mut Vec<u32>) -> io::Result<Vec<Place>> {
        let mut places = Vec::with_capacity(frames.len());
        let mut rest = frames;
        while !rest.is_empty() {
            let mut bytes = Vec::new();
            let room = self.active.filter(|(_, len)| *len < self.segment_bytes);
            let (id, mut len) = match room {
                Some(active) => active,
                None => {
                    let id = self.next_id;
                    self.next_id += 1;
                    self.disk.create(Name::records(id))?;
                    begun.push(id);
                    bytes.extend_from_slice(&segment::header(id));
                    (id, 0)
                }
            };
            let start = len;
            while let Some(((taken_ms, frame), others)) = rest.split_first() {
                let offset = start + bytes.len() as u64;
                if offset >= self.segment_bytes {
                    break;
                }
                let place = Place { segment: id, offset: offset as u32 };
                segment::write_record(&mut bytes, id, place.offset, *taken_ms, frame);
                places.push(place);
                rest = others;
            }
            len += bytes.len() as u64;
            self.disk.append(Name::records(id), &bytes)?;
            self.disk.sync(Name::records(id))?;
            if start == 0 {
                self.disk.sync_folder()?;
            }
            self.active = Some((id, len));
        }
        Ok(places)
    }

    /// Reads a record: when it was taken, and its frame. `None` where it is damaged.
    pub(crate) fn read(
        &mut self,
        place: Place,
        frame_len: usize,
    ) -> io::Result<Option<(i64, Vec<u8>)>> {
        let mut bytes = vec![0; RECORD_OVERHEAD + frame_len];
        let read = self.disk.read(Name::records(place.segment), place.offset.into(), &mut bytes);
        match read {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let record = segment::read_record(&bytes, place.segment, place.offset);
        Ok(record.map(|(taken_ms, frame)| (taken_ms, frame.to_vec())))
    }

    /// Notes that records of a segment have their receipt; gives the bytes that this took. Not
    /// durable: a note that is lost costs one more sending.
    pub(crate) fn note(&mut self, segment: u32, offsets: &[u32]) -> u64 {
        let mut bytes = Vec::with_capacity(offsets.len() * segment::NOTE_LEN);
        for offset in offsets {
            segment::write_note(&mut bytes, segment, *offset);
        }
        match self.disk.append(Name::notes(segment), &bytes) {
            Ok(()) => bytes.len() as u64,
            Err(error) => {
                tracing::debug!(%error, segment, "receipts could not be noted");
                0
            }
        }
    }

    /// How many dead letters are put away now.
    ///
    /// # Errors
    /// Where their file cannot be read.
    pub(crate) fn letters(&mut self) -> io::Result<usize> {
        self.letters.look(self.disk.as_mut())?;
        Ok(self.letters.count())
    }

    /// Puts frames away as dead letters: see [`Letters::put`].
    pub(crate) fn put_away(&mut self, frames: &[&[u8]]) -> io::Result<Vec<ChunkKey>> {
        self.letters.put(self.disk.as_mut(), frames)
    }

    /// Removes a segment and its notes. What is not gone after a loss of power is sent once more.
    pub(crate) fn remove(&mut self, segment: u32) {
        if self.active() == Some(segment) {
            self.active = None;
        }
        for name in [Name::records(segment), Name::notes(segment)] {
            match self.disk.remove(name) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, %name, "a file of the spool could not be removed");
                }
                _ => {}
            }
        }
    }

    /// Bytes that frames of these lengths take, headers of new segments aside.
    pub(crate) fn record_len(frame_len: usize) -> u64 {
        (RECORD_OVERHEAD + frame_len) as u64
    }

    pub(crate) const HEADER_LEN: u64 = HEADER_LEN as u64;
}

/// Whether a write failed because there is no space, which heals by itself.
fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

fn read_all(disk: &mut dyn Disk, name: Name, len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    disk.read(name, 0, &mut bytes)?;
    Ok(bytes)
}
