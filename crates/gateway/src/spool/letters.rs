//! Dead letters: chunks that the server refuses or never answers, put away in one file for a person.
//!
//! The file is a capture, so that `zhibi decode` prints it and a gateway can replay it. It is only
//! ever appended to; whoever has looked at it moves it away or removes it, while the gateway runs or
//! not. It is bounded beside the spool.

use std::collections::HashSet;
use std::io;

use firmware_protocol::{
    Bundle, BundleWriter, CAPTURE_HEADER, CHUNK_BYTES_MAX, Capture, ChunkKey, capture_length,
    crc32c, peek_envelope,
};

use super::disk::{DEAD_LETTERS, Disk, Name};
use super::index::Position;
use super::{Read, Spool};

/// Bytes that the file may take: a sixteenth of the spool, within these limits.
const BYTES_MIN: u64 = 64 << 10;
const BYTES_MAX: u64 = 16 << 20;

/// What is in the file.
#[derive(Debug)]
pub(crate) struct Letters {
    bytes_max: u64,
    /// Bytes of the file when it was last looked at; 0: there is none.
    len: u64,
    known: HashSet<Letter>,
}

/// A chunk's key and the checksum of its bytes: the same chunk is put away once.
type Letter = (ChunkKey, u32);

impl Letters {
    /// Reads what is there. Half a letter at the end, which a loss of power leaves, is cut off.
    /// A file that cannot be read is told, and is no reason not to open the spool: until somebody
    /// moves it away, dead letters stay in the spool.
    pub(crate) fn open(disk: &mut dyn Disk, spool_bytes: u64) -> Self {
        let bytes_max = (spool_bytes / 16).clamp(BYTES_MIN, BYTES_MAX);
        let mut letters = Self { bytes_max, len: 0, known: HashSet::new() };
        if let Err(error) = letters.look(disk) {
            tracing::error!(%error, "the dead letters cannot be read");
        }
        letters
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.known.len()
    }

    /// Looks at the file anew if somebody has changed it.
    pub(crate) fn look(&mut self, disk: &mut dyn Disk) -> io::Result<()> {
        let file = disk.list()?.into_iter().find(|(name, _)| *name == Name::LETTERS);
        let len = file.map_or(0, |(_, len)| len);
        if len == self.len {
            return Ok(());
        }
        if len == 0 {
            self.known.clear();
            self.len = 0;
            return Ok(());
        }
        let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        disk.read(Name::LETTERS, 0, &mut bytes)?;
        let (known, sound_len) = read(&bytes)?;
        if sound_len < len {
            disk.truncate(Name::LETTERS, sound_len)?;
        }
        (self.known, self.len) = (known, sound_len);
        Ok(())
    }

    /// Puts frames away; durable when it returns, all of them or, with an error, none. Gives those
    /// for which there is no room in the file.
    pub(crate) fn put(
        &mut self,
        disk: &mut dyn Disk,
        frames: &[&[u8]],
    ) -> io::Result<Vec<ChunkKey>> {
        self.look(disk)?;
        let is_new = self.len == 0;
        let mut bytes = if is_new { CAPTURE_HEADER.to_vec() } else { Vec::new() };
        let (mut put, mut no_room) = (Vec::new(), Vec::new());
        for frame in frames {
            let Some(letter) = letter(frame) else { continue };
            if self.known.contains(&letter) || put.contains(&letter) {
                continue;
            }
            let mut buffer = [0; CHUNK_BYTES_MAX + 8];
            // A bundle of one frame, which is at most so long.
            let Ok(mut bundle) = BundleWriter::new(&mut buffer) else { continue };
            if bundle.push(frame).is_err() {
                continue;
            }
            let bundle = bundle.finish();
            if self.len + (bytes.len() + 4 + bundle.len()) as u64 > self.bytes_max {
                no_room.push(letter.0);
                continue;
            }
            bytes.extend(capture_length(bundle.len() as u32));
            bytes.extend_from_slice(bundle);
            put.push(letter);
        }
        if put.is_empty() {
            return Ok(no_room);
        }
        let written = disk.append(Name::LETTERS, &bytes).and_then(|()| disk.sync(Name::LETTERS));
        let written = match is_new {
            true => written.and_then(|()| disk.sync_folder()),
            false => written,
        };
        if let Err(error) = written {
            // Nothing of it was promised; what cannot be cut off is found when it is looked at next.
            if disk.truncate(Name::LETTERS, self.len).is_err() {
                self.len = u64::MAX;
            }
            return Err(error);
        }
        self.len += bytes.len() as u64;
        self.known.extend(put);
        Ok(no_room)
    }
}

impl Spool {
    /// Puts chunks away for a person, and gives those that may be freed: all of them, but none where
    /// the disk does not take them. They stay as they are then, and come here again.
    pub(super) fn put_away(&mut self, chunks: Vec<Position>, why: &str) -> Vec<Position> {
        let (mut frames, mut read) = (Vec::new(), Vec::new());
        for position in chunks {
            match self.read(position) {
                Read::Frame(frame) => {
                    frames.push(frame);
                    read.push(position);
                }
                Read::Gone | Read::Failed => {}
            }
        }
        if read.is_empty() {
            return read;
        }
        let bytes: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
        let no_room = match self.log.put_away(&bytes) {
            Ok(no_room) => {
                self.not_put_away = None;
                no_room
            }
            Err(error) => {
                let why = Some(error.to_string());
                // They come here again with each time that they are sent.
                if self.not_put_away != why {
                    let chunks = read.len();
                    tracing::error!(%error, chunks, "dead letters cannot be put away; trying again");
                }
                self.not_put_away = why;
                self.counters.disk_errors += 1;
                return Vec::new();
            }
        };
        let chunks = read.len() - no_room.len();
        self.counters.put_away += chunks as u64;
        if chunks > 0 {
            tracing::error!(chunks, file = DEAD_LETTERS, "{why}: put away for a person to look at");
        }
        self.counters.given_up += no_room.len() as u64;
        if let Some(ChunkKey { pen, boot, number }) = no_room.first() {
            tracing::error!(
                chunks = no_room.len(),
                file = DEAD_LETTERS,
                "{why}, and the file is full: given up here; the first is chunk {number} of pen \
                 {pen}, boot {boot}"
            );
        }
        read
    }
}

fn letter(frame: &[u8]) -> Option<Letter> {
    let envelope = peek_envelope(frame).ok()?;
    Some((envelope.key, crc32c(frame)))
}

/// The letters in a file, and how many of its bytes are whole.
fn read(bytes: &[u8]) -> io::Result<(HashSet<Letter>, u64)> {
    // A loss of power may have left less than a header.
    if CAPTURE_HEADER.starts_with(bytes) && bytes.len() < CAPTURE_HEADER.len() {
        return Ok((HashSet::new(), 0));
    }
    let capture = Capture::parse(bytes)
        .map_err(|error| io::Error::other(format!("{}: {error}; move it away", Name::LETTERS)))?;
    let (mut known, mut whole) = (HashSet::new(), CAPTURE_HEADER.len());
    for bundle in capture.bundles() {
        let Ok(bundle) = bundle else { break };
        let Ok(frames) = Bundle::parse(bundle) else { break };
        known.extend(frames.frames().filter_map(|raw| letter(raw.bytes)));
        whole += 4 + bundle.len();
    }
    Ok((known, whole as u64))
}
