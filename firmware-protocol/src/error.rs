//! What can be wrong with a frame.

use core::fmt;

use crate::ChunkKey;

/// Why bytes are no frame that this version reads. Every variant says where and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The bytes end before the frame does.
    Truncated {
        /// Bytes that the frame needs, as far as can be told.
        needed: usize,
        /// Bytes that there are.
        have: usize,
    },
    /// The bytes do not begin with the magic.
    BadMagic,
    /// The length field says more than a frame may hold, or less than its envelope takes.
    Length {
        /// The length that the envelope claims.
        total_len: usize,
    },
    /// The checksum does not hold: nothing in these bytes can be believed, the key neither.
    Crc {
        /// Length of the frame as its envelope claims it.
        total_len: usize,
    },
    /// A sound envelope of a version that is not known here.
    UnknownVersion {
        /// The version.
        version: u8,
        /// The frame's key: the envelope is the same in all versions.
        key: ChunkKey,
        /// Bytes to pass over.
        total_len: usize,
    },
    /// A sound envelope of a kind that is not known here.
    UnknownKind {
        /// The kind.
        kind: u8,
        /// The frame's key.
        key: ChunkKey,
        /// Bytes to pass over.
        total_len: usize,
    },
    /// A sound chunk that is coded by tables that are not known here.
    UnknownTables {
        /// The number of the set of tables.
        set: u8,
        /// The frame's key.
        key: ChunkKey,
        /// Bytes to pass over.
        total_len: usize,
    },
    /// A sound envelope around a payload that breaks the format.
    Field {
        /// Offset in the frame, in bytes.
        offset: usize,
        /// The field's name in the protocol document.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { needed, have } => {
                write!(f, "truncated: needs {needed} bytes, has {have}")
            }
            Self::BadMagic => write!(f, "no frame begins here: bad magic"),
            Self::Length { total_len } => {
                write!(f, "length at byte 2: no frame is {total_len} bytes long with such a key")
            }
            Self::Crc { total_len } => {
                write!(f, "crc mismatch at byte {}", total_len.saturating_sub(4))
            }
            Self::UnknownVersion { version, .. } => {
                write!(f, "version at byte 1: {version} is not known")
            }
            Self::UnknownKind { kind, .. } => write!(f, "kind at byte 1: {kind} is not known"),
            Self::UnknownTables { set, .. } => {
                write!(f, "tables at the payload's first byte: set {set} is not known")
            }
            Self::Field { offset, field, reason } => {
                write!(f, "{field} at byte {offset}: {reason}")
            }
        }
    }
}

impl core::error::Error for FrameError {}

/// The buffer given is too small for what should be written; nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferFull;

impl fmt::Display for BufferFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "buffer full")
    }
}

impl core::error::Error for BufferFull {}
