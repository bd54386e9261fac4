//! The bundle: one MQTT payload.
//!
//! `5A 42 4E 44` ("ZBND"), version, a zero byte, the number of frames (2 bytes), frames without a
//! gap.

use core::fmt;

use crate::envelope::{MAGIC, peek_envelope};
use crate::{BUNDLE_BYTES_MAX, BufferFull, Frame, FrameError, VERSION, decode_frame};

const BUNDLE_MAGIC: [u8; 4] = *b"ZBND";
const BUNDLE_HEADER_LEN: usize = 8;

/// Why bytes are no bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleError {
    /// They do not begin with the bundle's magic.
    BadMagic,
    /// They are of a version that is not known here.
    UnknownVersion(u8),
    /// They are longer than [`BUNDLE_BYTES_MAX`].
    TooLong(usize),
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadMagic => write!(f, "no bundle: bad magic at byte 0"),
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
        let header = bytes.get(..BUNDLE_HEADER_LEN).ok_or(BundleError::BadMagic)?;
        if header[..4] != BUNDLE_MAGIC {
            return Err(BundleError::BadMagic);
        }
        if header[4] != VERSION {
            return Err(BundleError::UnknownVersion(header[4]));
        }
        Ok(Self { bytes })
    }

    /// The number of frames that the header claims; the frames themselves are the truth.
    pub fn claimed_frames(&self) -> u16 {
        u16::from_le_bytes([self.bytes[6], self.bytes[7]])
    }

    /// The frames in order. A damaged one costs itself: what follows is found by its magic and
    /// checksum. The cost is linear in the bundle, since no frame is longer than a chunk.
    pub fn frames(&self) -> impl Iterator<Item = RawFrame<'a>> + use<'a> {
        let bytes = self.bytes;
        let mut offset = BUNDLE_HEADER_LEN;
        core::iter::from_fn(move || {
            let rest = bytes.get(offset..).filter(|rest| !rest.is_empty())?;
            let (len, frame) = match decode_frame(rest) {
                Ok((frame, len)) => (len, Ok(frame)),
                // The envelope is sound: its length is too.
                Err(error @ FrameError::UnknownVersion { total_len, .. })
                | Err(error @ FrameError::UnknownKind { total_len, .. }) => (total_len, Err(error)),
                Err(error) => {
                    let sound = peek_envelope(rest).map(|envelope| envelope.total_len);
                    (sound.unwrap_or_else(|_| next_frame(rest)), Err(error))
                }
            };
            let raw = RawFrame { offset, bytes: &rest[..len], frame };
            offset += len;
            Some(raw)
        })
    }
}

/// Where the next sound envelope begins after the first byte, or the end.
fn next_frame(bytes: &[u8]) -> usize {
    (1..bytes.len())
        .find(|&at| bytes[at..].starts_with(&MAGIC) && peek_envelope(&bytes[at..]).is_ok())
        .unwrap_or(bytes.len())
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
