//! The capture: a file of bundles as they went over the wire.
//!
//! `5A 43 41 50` ("ZCAP"), version, three zero bytes; then for each bundle its length (4 bytes,
//! little endian) and its bytes.

use core::fmt;

use crate::{BUNDLE_BYTES_MAX, VERSION};

/// What a capture file begins with.
pub const CAPTURE_HEADER: [u8; 8] = [b'Z', b'C', b'A', b'P', VERSION, 0, 0, 0];

/// Why bytes are no capture, or where one ends too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureError {
    /// They do not begin with a capture's magic and a known version.
    BadHeader,
    /// A length says more than a bundle may hold.
    Length {
        /// Offset of the length in the file.
        offset: usize,
        /// The length.
        len: usize,
    },
    /// The file ends within a bundle, or within its length.
    Truncated {
        /// Offset of the bundle's length in the file.
        offset: usize,
        /// Bytes behind that offset that the length and its bundle take, as far as can be told.
        needed: usize,
        /// Bytes that there are.
        have: usize,
    },
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadHeader => {
                write!(f, "no capture: it does not begin with ZCAP, version {VERSION}, three zeros")
            }
            Self::Length { offset, len } => write!(
                f,
                "length at byte {offset}: {len}, and a bundle is at most {BUNDLE_BYTES_MAX} bytes"
            ),
            Self::Truncated { offset, needed, have } => write!(
                f,
                "truncated: the bundle at byte {offset} needs {needed} bytes with its length, \
                 {have} are there"
            ),
        }
    }
}

impl core::error::Error for CaptureError {}

/// What stands before a bundle of `len` bytes in a capture.
pub fn capture_length(len: u32) -> [u8; 4] {
    len.to_le_bytes()
}

/// A capture's bundles, read where they lie.
#[derive(Clone, Copy, Debug)]
pub struct Capture<'a> {
    bytes: &'a [u8],
}

impl<'a> Capture<'a> {
    /// Looks at the header alone.
    ///
    /// # Errors
    /// [`CaptureError::BadHeader`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, CaptureError> {
        if bytes.starts_with(&CAPTURE_HEADER) {
            Ok(Self { bytes })
        } else {
            Err(CaptureError::BadHeader)
        }
    }

    /// The bytes of each bundle. After an error there is nothing more.
    pub fn bundles(&self) -> impl Iterator<Item = Result<&'a [u8], CaptureError>> + use<'a> {
        let bytes = self.bytes;
        let mut offset = CAPTURE_HEADER.len();
        core::iter::from_fn(move || {
            let rest = bytes.get(offset..).filter(|rest| !rest.is_empty())?;
            let bundle = bundle_at(offset, rest);
            offset = bundle.map_or(bytes.len(), |bundle| offset + 4 + bundle.len());
            Some(bundle)
        })
    }
}

/// The bundle whose length stands at the beginning of `rest`.
fn bundle_at(offset: usize, rest: &[u8]) -> Result<&[u8], CaptureError> {
    let have = rest.len();
    let truncated = |needed| CaptureError::Truncated { offset, needed, have };
    let len = u32::from_le_bytes(*rest.first_chunk::<4>().ok_or(truncated(4))?) as usize;
    if len > BUNDLE_BYTES_MAX {
        return Err(CaptureError::Length { offset, len });
    }
    rest.get(4..4 + len).ok_or(truncated(4 + len))
}
