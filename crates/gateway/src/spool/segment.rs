//! The bytes of a segment file and of the notes beside it.
//!
//! A segment begins with 16 bytes: `ZSPL`, format version, three zero bytes, the segment's id (4,
//! little endian), CRC-32C of these twelve. Records follow without a gap: `ZR`, the frame's length
//! (2), the Unix milliseconds at which it was taken (8, signed), the frame as the pen sent it, and a
//! checksum (4): CRC-32C of the record so far, combined with segment id and offset, so that a record
//! that a file system left in the wrong place is none.
//!
//! Notes say which records have their receipt: eight bytes each, the record's offset (4) and a
//! checksum (4). They are written without an fsync: a note that is lost costs one more sending.

use std::ops::Range;

use firmware_protocol::{CHUNK_BYTES_MAX, ChunkKey, crc32c, peek_envelope};

pub(crate) const HEADER_LEN: usize = 16;
/// What a record takes beside its frame.
pub(crate) const RECORD_OVERHEAD: usize = 2 + 2 + 8 + 4;
pub(crate) const NOTE_LEN: usize = 8;

const MAGIC: &[u8; 4] = b"ZSPL";
const VERSION: u8 = 1;
const RECORD_MAGIC: &[u8; 2] = b"ZR";
const RECORD_HEAD_LEN: usize = 12;

/// A record that was found sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) key: ChunkKey,
    pub(crate) offset: u32,
    pub(crate) taken_ms: i64,
    /// Bytes of the frame.
    pub(crate) len: u16,
}

/// What a segment's bytes hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) records: Vec<Record>,
    /// Stretches before the last sound record that hold none.
    pub(crate) damage: Vec<Range<usize>>,
    /// The end of the last sound record: what follows is a torn tail. 0 without a header.
    pub(crate) sound_len: usize,
}

/// A segment was written by a later version of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Later(pub(crate) u8);

pub(crate) fn header(id: u32) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[..4].copy_from_slice(MAGIC);
    header[4] = VERSION;
    header[8..12].copy_from_slice(&id.to_le_bytes());
    let crc = crc32c(&header[..12]);
    header[12..].copy_from_slice(&crc.to_le_bytes());
    header
}

fn place(id: u32, offset: u32) -> u32 {
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&id.to_le_bytes());
    bytes[4..].copy_from_slice(&offset.to_le_bytes());
    crc32c(&bytes)
}

/// Appends a record that will stand at `offset` of segment `id`.
pub(crate) fn write_record(out: &mut Vec<u8>, id: u32, offset: u32, taken_ms: i64, frame: &[u8]) {
    let start = out.len();
    out.extend_from_slice(RECORD_MAGIC);
    // A frame has at most 1,024 bytes.
    out.extend_from_slice(&(frame.len() as u16).to_le_bytes());
    out.extend_from_slice(&taken_ms.to_le_bytes());
    out.extend_from_slice(frame);
    let crc = crc32c(&out[start..]) ^ place(id, offset);
    out.extend_from_slice(&crc.to_le_bytes());
}

/// The record at the start of `bytes`, which stand at `offset` of segment `id`: when it was taken,
/// and its frame. `None` where there is no sound record.
pub(crate) fn read_record(bytes: &[u8], id: u32, offset: u32) -> Option<(i64, &[u8])> {
    let head = bytes.get(..RECORD_HEAD_LEN)?;
    if !head.starts_with(RECORD_MAGIC) {
        return None;
    }
    let len = usize::from(u16::from_le_bytes([head[2], head[3]]));
    if len > CHUNK_BYTES_MAX {
        return None;
    }
    let end = RECORD_HEAD_LEN + len;
    let crc = u32::from_le_bytes(bytes.get(end..end + 4)?.try_into().ok()?);
    if crc32c(&bytes[..end]) ^ place(id, offset) != crc {
        return None;
    }
    let taken_ms = i64::from_le_bytes(head[4..].try_into().ok()?);
    Some((taken_ms, &bytes[RECORD_HEAD_LEN..end]))
}

/// Finds a segment's sound records.
///
/// # Errors
/// Where its header is sound and of a later version.
pub(crate) fn scan(id: u32, bytes: &[u8]) -> Result<Scan, Later> {
    let mut scan = Scan::default();
    let Some(head) = bytes.get(..HEADER_LEN) else { return Ok(scan) };
    if head != header(id) {
        let sound = head.starts_with(MAGIC) && crc32c(&head[..12]).to_le_bytes() == head[12..];
        if sound && head[4] > VERSION {
            return Err(Later(head[4]));
        }
        scan.damage.push(0..HEADER_LEN);
    }
    let mut at = HEADER_LEN;
    scan.sound_len = at;
    while at < bytes.len() {
        // A segment is far below 4 GiB.
        let found = sound(id, bytes, at).or_else(|| {
            let mut next = at + 1;
            while let Some(skip) = find(&bytes[next..], RECORD_MAGIC) {
                next += skip;
                if let Some(found) = sound(id, bytes, next) {
                    return Some(found);
                }
                next += 1;
            }
            None
        });
        let Some(record) = found else { break };
        let begins = record.offset as usize;
        if begins > at {
            scan.damage.push(at..begins);
        }
        at = begins + RECORD_OVERHEAD + usize::from(record.len);
        scan.sound_len = at;
        scan.records.push(record);
    }
    Ok(scan)
}

fn sound(id: u32, bytes: &[u8], at: usize) -> Option<Record> {
    let offset = u32::try_from(at).ok()?;
    let (taken_ms, frame) = read_record(&bytes[at..], id, offset)?;
    let envelope = peek_envelope(frame).ok()?;
    let len = u16::try_from(frame.len()).ok()?;
    (envelope.total_len == frame.len()).then_some(Record {
        key: envelope.key,
        offset,
        taken_ms,
        len,
    })
}

fn find(bytes: &[u8], what: &[u8; 2]) -> Option<usize> {
    bytes.windows(2).position(|two| two == what)
}

/// Appends the note that the record at `offset` of segment `id` has its receipt.
pub(crate) fn write_note(out: &mut Vec<u8>, id: u32, offset: u32) {
    out.extend_from_slice(&offset.to_le_bytes());
    out.extend_from_slice(&(!place(id, offset)).to_le_bytes());
}

/// The offsets that sound notes name.
pub(crate) fn notes(id: u32, bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(NOTE_LEN).filter_map(move |note| {
        let offset = u32::from_le_bytes(note[..4].try_into().ok()?);
        let crc = u32::from_le_bytes(note[4..].try_into().ok()?);
        (!place(id, offset) == crc).then_some(offset)
    })
}
