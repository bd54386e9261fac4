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
    /// A length says more than a bundle may hold, or more than is left.
    Length {
        /// Offset of the length in the file.
        offset: usize,
        /// The length.
        len: usize,
    },
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadHeader => write!(f, "no capture: bad magic or version at byte 0"),
            Self::Length { offset, len } => {
                write!(f, "length at byte {offset}: {len} bytes are not there, or no bundle")
            }
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
            let len =
                rest.first_chunk::<4>().map_or(usize::MAX, |len| u32::from_le_bytes(*len) as usize);
            let bundle = Some(len)
                .filter(|len| *len <= BUNDLE_BYTES_MAX)
                .and_then(|len| rest.get(4..4 + len));
            let error = CaptureError::Length { offset, len };
            offset = bundle.map_or(bytes.len(), |bundle| offset + 4 + bundle.len());
            Some(bundle.ok_or(error))
        })
    }
}
