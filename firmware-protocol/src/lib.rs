//! Zhibi's wire protocol: what pens, gateways and the server say to each other.
//!
//! This crate owns frames, the chunk codec, identities, page addresses and topics. It is shared by
//! device, service and simulator, so it is `no_std`, allocates nothing and knows nothing of files,
//! clocks or networks. `PROTOCOL.md` beside it says all of it in words; version 1 is frozen: envelope,
//! chunk codec and messages.
//!
//! Every frame is an [`Envelope`] around a payload; a [`Bundle`] of frames is one MQTT payload; a
//! [`Capture`] is a file of bundles as they went over the wire.
//!
//! ```
//! use firmware_protocol::*;
//!
//! let head = PenHead::new(23_710, 852, 1_000);
//! let boot = BootId { counter: 1, random: 7 };
//! let mut sealer = Sealer::new(PenId(42), boot, head, SealPolicy::STANDARD);
//! let mut chunks: Vec<Vec<u8>> = Vec::new();
//! let mut out = |chunk: &[u8]| chunks.push(chunk.to_vec());
//! sealer.pen_down(None, 5_000, 1_790_000_000_000, &mut out);
//! sealer.sample(Reading::new(5_000, 1_790_000_000_000, 100, 200, 300), &mut out);
//! sealer.sample(Reading::new(5_010, 1_790_000_000_010, 104, 202, 310), &mut out);
//! sealer.pen_up(StrokeEnd::Up, &mut out);
//! sealer.flush(&mut out);
//!
//! let (Frame::Chunk(chunk), taken) = decode_frame(&chunks[0])? else { panic!() };
//! assert_eq!(taken, chunks[0].len());
//! let mut fragments = chunk.fragments();
//! assert_eq!(fragments.next()?.map(|head| head.count), Some(2));
//! let mut last_x = 0;
//! fragments.samples(|sample| last_x = sample.x)?;
//! assert_eq!(last_x, 104);
//! # Ok::<(), FrameError>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod bundle;
mod capture;
mod chunk;
mod codec;
mod cursor;
mod envelope;
mod error;
mod explain;
mod ids;
mod message;
mod receipt;
mod seal;
mod stream;
mod topic;
mod writer;

pub use bundle::{Bundle, BundleError, BundleWriter, RawFrame, bare_frames};
pub use capture::{CAPTURE_HEADER, Capture, CaptureError, capture_length};
pub use chunk::{
    Chunk, ChunkHead, FragmentHead, Fragments, Images, Orientation, RawSample, StrokeEnd,
    UNIX_MS_MAX,
};
pub use envelope::{Envelope, Frame, Kind, crc32c, decode_frame, frame_len, peek_envelope};
pub use error::{BufferFull, FrameError};
pub use explain::{Part, explain_frame};
pub use ids::{BootId, ChunkKey, PageAddress, PenId};
pub use message::{
    ClockSource, GatewayState, Hello, PenState, Policy, ShortText, encode_gateway_state,
    encode_hello, encode_pen_state, encode_policy, stamp_pen_state,
};
pub use receipt::{Outcome, Receipt, ReceiptRange, ReceiptWriter, RefusalCode};
pub use seal::{PenHead, Reading, SealPolicy, Sealer};
pub use stream::{Found, FrameStream};
pub use topic::{
    Channel, GatewayId, RESERVED_PREFIX, SHARDS, SUBSCRIBE_INK, SUBSCRIBE_STATE, Topic, TopicError,
};
pub use writer::{ChunkWriter, FragmentStart};

/// The version of the protocol that this crate writes.
pub const VERSION: u8 = 1;

/// Largest frame, envelope and CRC included: a sealed chunk is at most this long.
pub const CHUNK_BYTES_MAX: usize = 1024;

/// Largest bundle: one MQTT payload.
pub const BUNDLE_BYTES_MAX: usize = 65_536;
