//! Frames out of a stream of bytes, however it is cut: a radio link's notifications, a serial line.

use crate::envelope::may_begin;
use crate::{CHUNK_BYTES_MAX, FrameError, frame_len};

/// What was found in a stream, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A whole frame whose checksum holds, of whatever version, kind and spelling of its key.
    Frame(&'a [u8]),
    /// So many bytes that are part of none.
    Damage(usize),
}

/// Puts frames together from pieces of any size. After damage the next frame is found by its magic,
/// its length and its checksum.
///
/// Memory is itself, some 1 KiB. Where damage claims to be a long frame, what follows is held back
/// until as many bytes came or [`finish`](Self::finish) is called. A byte is checksummed at most
/// 1,024 times, and that takes bytes made for it.
///
/// ```
/// # use firmware_protocol::*;
/// # let boot = BootId { counter: 1, random: 7 };
/// # let mut sealer = Sealer::new(PenId(42), boot, PenHead::new(23_710, 852, 1_000), SealPolicy::STANDARD);
/// # let mut sent = Vec::new();
/// # sealer.pen_down(None, 5_000, 0, &mut |_| {});
/// # sealer.pen_up(StrokeEnd::Up, &mut |_| {});
/// # sealer.flush(&mut |frame| sent.extend_from_slice(frame));
/// let mut stream = FrameStream::new();
/// let mut frames = 0;
/// for notification in sent.chunks(20) {
///     stream.push(notification, |found| frames += matches!(found, Found::Frame(_)) as u32);
/// }
/// assert_eq!(frames, 1);
/// ```
#[derive(Clone, Debug)]
pub struct FrameStream {
    held: [u8; CHUNK_BYTES_MAX],
    len: usize,
    /// Bytes of damage that were not told yet.
    damage: usize,
}

impl Default for FrameStream {
    fn default() -> Self {
        Self::new()
    }
}

impl FrameStream {
    /// At a stream's beginning.
    pub const fn new() -> Self {
        Self { held: [0; CHUNK_BYTES_MAX], len: 0, damage: 0 }
    }

    /// Takes the next bytes, and tells `each` what was found. Damage is told before what follows it.
    pub fn push(&mut self, mut bytes: &[u8], mut each: impl FnMut(Found<'_>)) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES_MAX - self.len));
            self.held[self.len..self.len + now.len()].copy_from_slice(now);
            self.len += now.len();
            bytes = later;
            // A frame is at most as long as the buffer, so that a full one always gives way.
            self.give(false, &mut each);
        }
    }

    /// The stream ended, or was silent for as long as a frame takes: what is held is no frame.
    pub fn finish(&mut self, mut each: impl FnMut(Found<'_>)) {
        self.give(true, &mut each);
        self.tell(&mut each);
    }

    fn give(&mut self, all: bool, each: &mut impl FnMut(Found<'_>)) {
        let mut at = 0;
        while at < self.len {
            let held = &self.held[at..self.len];
            match frame_len(held) {
                Ok(len) => {
                    let frame = at..at + len;
                    at = frame.end;
                    self.tell(each);
                    each(Found::Frame(&self.held[frame]));
                }
                Err(FrameError::Truncated { .. }) if !all => break,
                Err(_) => {
                    let next = (1..held.len()).find(|next| may_begin(&held[*next..]));
                    let skipped = next.unwrap_or(held.len());
                    at += skipped;
                    self.damage += skipped;
                }
            }
        }
        self.held.copy_within(at..self.len, 0);
        self.len -= at;
    }

    fn tell(&mut self, each: &mut impl FnMut(Found<'_>)) {
        let damage = core::mem::take(&mut self.damage);
        if damage > 0 {
            each(Found::Damage(damage));
        }
    }
}

#[cfg(test)]
mod tests;
