//! The bundle: one MQTT payload.
//!
//! `5A 42 4E 44` ("ZBND"), version, a zero byte, the number of frames (2 bytes), frames without a
//! gap.

use core::fmt;
use core::ops::Range;

use crate::envelope::{frame_len, may_begin};
use crate::{BUNDLE_BYTES_MAX, BufferFull, Frame, FrameError, VERSION, decode_frame};

const BUNDLE_MAGIC: [u8; 4] = *b"ZBND";
const BUNDLE_HEADER_LEN: usize = 8;

/// Why bytes are no bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleError {
    /// They do not begin with the bundle's magic.
    BadMagic,
    /// They begin like a bundle, and end within its header.
    Truncated(usize),
    /// They are of a version that is not known here.
    UnknownVersion(u8),
    /// They are longer than [`BUNDLE_BYTES_MAX`].
    TooLong(usize),
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadMagic => write!(f, "no bundle: bad magic at byte 0"),
            Self::Truncated(len) => write!(
                f,
                "truncated: a bundle's header takes {BUNDLE_HEADER_LEN} bytes, {len} are there"
            ),
            Self::UnknownVersion(version) => {
                write!(f, "no bundle: version {version} at byte 4 is not known")
            }
            Self::TooLong(len) => {
                write!(f, "no bundle: {len} bytes, more than {BUNDLE_BYTES_MAX}")
            }
        }
    }
}

impl core::error::Error for BundleError {}

/// A bundle's frames, read where they lie.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'a> {
    bytes: &'a [u8],
}

/// One frame of a bundle, sound or not.
#[derive(Clone, Debug)]
pub struct RawFrame<'a> {
    /// Where it begins in the bundle.
    pub offset: usize,
    /// Its bytes; of a damaged one, all up to the next sound frame.
    pub bytes: &'a [u8],
    /// What it is.
    pub frame: Result<Frame<'a>, FrameError>,
}

impl<'a> Bundle<'a> {
    /// Looks at the header alone; the frames are looked at one by one.
    ///
    /// # Errors
    /// See [`BundleError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BundleError> {
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLong(bytes.len()));
        }
        let magic = bytes.len().min(BUNDLE_MAGIC.len());
        if bytes.is_empty() || bytes[..magic] != BUNDLE_MAGIC[..magic] {
            return Err(BundleError::BadMagic);
        }
        if let Some(version) = bytes.get(4).filter(|version| **version != VERSION) {
            return Err(BundleError::UnknownVersion(*version));
        }
        if bytes.len() < BUNDLE_HEADER_LEN {
            return Err(BundleError::Truncated(bytes.len()));
        }
        Ok(Self { bytes })
    }

    /// The byte behind the version, which is 0 as long as nobody gave it a meaning; readers pass
    /// over it.
    pub fn reserved(&self) -> u8 {
        self.bytes[5]
    }

    /// The number of frames that the header claims; the frames themselves are the truth.
    pub fn claimed_frames(&self) -> u16 {
        u16::from_le_bytes([self.bytes[6], self.bytes[7]])
    }

    /// The frames in order, and each damage in its place.
    ///
    /// A damaged frame costs itself. Where its length still leads to another frame's magic, or to
    /// the end, the length is believed; where not, what follows is found by magic and checksum. The
    /// search reads no more than four times the bundle, whatever the bytes say, and then gives the
    /// rest up: that takes bytes made for it.
    pub fn frames(&self) -> impl Iterator<Item = RawFrame<'a>> + use<'a> {
        frames_from(self.bytes, BUNDLE_HEADER_LEN)
    }
}

/// Frames one behind another without a bundle's header, as a pen's link carries them and as a
/// gateway's state may come; each damage in its place, as [`Bundle::frames`] tells it.
pub fn bare_frames(bytes: &[u8]) -> impl Iterator<Item = RawFrame<'_>> {
    frames_from(bytes, 0)
}

fn frames_from(bytes: &[u8], mut offset: usize) -> impl Iterator<Item = RawFrame<'_>> {
    let mut budget = SEARCH_COST * bytes.len();
    core::iter::from_fn(move || {
        let rest = bytes.get(offset..).filter(|rest| !rest.is_empty())?;
        let (len, frame) = match decode_frame(rest) {
            Ok((frame, len)) => (len, Ok(frame)),
            Err(error) => (damaged_len(rest, error, &mut budget), Err(error)),
        };
        let raw = RawFrame { offset, bytes: &rest[..len], frame };
        offset += len;
        Some(raw)
    })
}

/// Bytes checksummed in searches, for each byte of a bundle.
const SEARCH_COST: usize = 4;

/// How many bytes the damage at the start of `bytes` takes: at least one.
fn damaged_len(bytes: &[u8], error: FrameError, budget: &mut usize) -> usize {
    match error {
        FrameError::UnknownVersion { total_len, .. }
        | FrameError::UnknownKind { total_len, .. }
        | FrameError::UnknownTables { total_len, .. } => return total_len,
        FrameError::Crc { total_len } => {
            // The checksum was looked at, so there are that many bytes. A damaged length must not
            // swallow a sound frame: look within first.
            let within = next_frame(bytes, 1..total_len, budget);
            let behind = &bytes[total_len..];
            let leads_on = behind.is_empty() || may_begin(behind);
            if let Some(at) = within.or(leads_on.then_some(total_len)) {
                return at;
            }
            return next_frame(bytes, total_len..bytes.len(), budget).unwrap_or(bytes.len());
        }
        FrameError::Field { .. } => {
            // A sound checksum around a key or payload that breaks the format: the length is sound,
            // too.
            if let Ok(len) = frame_len(bytes) {
                return len;
            }
        }
        _ => {}
    }
    next_frame(bytes, 1..bytes.len(), budget).unwrap_or(bytes.len())
}

/// Where within `range` a frame begins whose checksum holds.
fn next_frame(bytes: &[u8], range: Range<usize>, budget: &mut usize) -> Option<usize> {
    for at in range {
        if !may_begin(&bytes[at..]) {
            continue;
        }
        let cost = match frame_len(&bytes[at..]) {
            Ok(_) => return Some(at),
            Err(FrameError::Crc { total_len }) => total_len,
            Err(_) => continue,
        };
        *budget = budget.checked_sub(cost)?;
    }
    None
}

/// Puts frames into a bundle.
#[derive(Debug)]
pub struct BundleWriter<'b> {
    buffer: &'b mut [u8],
    len: usize,
    frames: u16,
}

impl<'b> BundleWriter<'b> {
    /// An empty bundle in `buffer`, which holds at least the eight bytes of its header.
    ///
    /// # Errors
    /// When it does not.
    pub fn new(buffer: &'b mut [u8]) -> Result<Self, BufferFull> {
        let header = buffer.get_mut(..BUNDLE_HEADER_LEN).ok_or(BufferFull)?;
        header.copy_from_slice(&[b'Z', b'B', b'N', b'D', VERSION, 0, 0, 0]);
        Ok(Self { buffer, len: BUNDLE_HEADER_LEN, frames: 0 })
    }

    /// Adds a whole frame.
    ///
    /// # Errors
    /// When the buffer or the bundle has no room for it.
    pub fn push(&mut self, frame: &[u8]) -> Result<(), BufferFull> {
        let end = self.len + frame.len();
        let frames = self.frames.checked_add(1).ok_or(BufferFull)?;
        if end > BUNDLE_BYTES_MAX {
            return Err(BufferFull);
        }
        self.buffer.get_mut(self.len..end).ok_or(BufferFull)?.copy_from_slice(frame);
        (self.len, self.frames) = (end, frames);
        Ok(())
    }

    /// Frames so far.
    pub fn frames(&self) -> u16 {
        self.frames
    }

    /// Bytes so far, header included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds no frame.
    pub fn is_empty(&self) -> bool {
        self.frames == 0
    }

    /// The bundle's bytes.
    pub fn finish(self) -> &'b [u8] {
        self.buffer[6..8].copy_from_slice(&self.frames.to_le_bytes());
        &self.buffer[..self.len]
    }
}
