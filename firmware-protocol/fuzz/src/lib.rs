//! What several targets do: take input apart, mend checksums, hold the laws of one frame.

use firmware_protocol::*;

pub mod calls;

/// Envelope, shortest key and checksum.
pub const FRAME_BYTES_MIN: usize = 20;

/// Takes an input apart from its front; behind its end there are zeros.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number of so many bytes, at most 8, little endian.
    pub fn uint(&mut self, bytes: u32) -> u64 {
        (0..bytes).fold(0, |value, index| value | u64::from(self.byte()) << (8 * index))
    }
}

/// A frame over all of `bytes`, with what no fuzzer guesses put right: magic, length, checksum.
/// `None` where no frame is that long.
pub fn mended(bytes: &[u8]) -> Option<Vec<u8>> {
    let len = bytes.len();
    if !(FRAME_BYTES_MIN..=CHUNK_BYTES_MAX).contains(&len) {
        return None;
    }
    let mut frame = bytes.to_vec();
    frame[0] = b'Z';
    frame[2] = len as u8;
    frame[3] = frame[3] & 0xf8 | (len >> 8) as u8;
    mend_checksum(&mut frame);
    Some(frame)
}

/// Goes through `bytes` and makes the checksums of what looks like frames good. Each takes the next
/// bit of `choice`, which says whether to: so there is damage, too.
pub fn mend_some(bytes: &mut [u8], choice: u8) {
    let (mut at, mut turn) = (0, 0);
    while at < bytes.len() {
        let Some(len) = claimed_len(&bytes[at..]).filter(|len| at + len <= bytes.len()) else {
            at += 1;
            continue;
        };
        let mend = choice >> (turn % 8) & 1 == 1;
        turn += 1;
        if mend {
            mend_checksum(&mut bytes[at..at + len]);
        }
        at += if mend { len } else { 1 };
    }
}

/// How long a frame would be that begins here, section 4 of the protocol.
pub fn claimed_len(bytes: &[u8]) -> Option<usize> {
    let &[b'Z', version_kind, low, high, ..] = bytes else { return None };
    let shape = usize::from(low) | usize::from(high) << 8;
    let len = shape & 0x7ff;
    let pen = if shape & 0x800 == 0 { 6 } else { 8 };
    let least = 4 + pen + (shape >> 12 & 3) + 1 + 4 + (shape >> 14) + 1 + 4;
    (version_kind >> 4 != 0 && (least..=CHUNK_BYTES_MAX).contains(&len)).then_some(len)
}

fn mend_checksum(frame: &mut [u8]) {
    let covered = frame.len() - 4;
    let crc = crc32c(&frame[..covered]);
    frame[covered..].copy_from_slice(&crc.to_le_bytes());
}

/// Whether the last four bytes are the checksum of those before them.
fn is_sound(frame: &[u8]) -> bool {
    let (covered, crc) = frame.split_at(frame.len() - 4);
    crc32c(covered).to_le_bytes() == crc
}

/// A fragment with its samples.
pub type Fragment = (FragmentHead, Vec<RawSample>);

/// All that a chunk says.
pub fn read_chunk(chunk: &Chunk<'_>) -> Result<Vec<Fragment>, FrameError> {
    let (mut fragments, mut read) = (chunk.fragments(), Vec::new());
    while let Some(head) = fragments.next()? {
        let mut samples = Vec::new();
        fragments.samples(|sample| samples.push(sample))?;
        assert_eq!(samples.len(), usize::from(head.count));
        assert!(samples.first().is_none_or(|first| first.ticks == head.start_ticks));
        read.push((head, samples));
    }
    Ok(read)
}

/// Holds the laws of a frame that begins `bytes`, whatever they are.
pub fn check_frame(bytes: &[u8]) {
    let decoded = decode_frame(bytes);
    match &decoded {
        Ok((_, len)) => {
            assert_eq!(peek_envelope(bytes).expect("decoded").total_len, *len);
            assert_eq!(frame_len(bytes), Ok(*len));
        }
        Err(error) => {
            assert_eq!(explain_frame(bytes, |_| {}).as_ref(), Err(error));
            return check_error(error, bytes);
        }
    }
    let Ok((frame, len)) = decoded else { return };
    let bytes = &bytes[..len];
    match &frame {
        Frame::Chunk(chunk) => return check_chunk(chunk, bytes),
        Frame::Hello(hello) => {
            let mut buffer = [0; 96];
            let len = encode_hello(hello, &mut buffer).expect("96 bytes are always enough");
            let again = decode_frame(&buffer[..len]);
            assert!(matches!(again, Ok((Frame::Hello(again), _)) if again == *hello));
        }
        Frame::PenState(state) => {
            let mut buffer = [0; 64];
            let len = encode_pen_state(state, &mut buffer).expect("64 bytes are always enough");
            let again = decode_frame(&buffer[..len]);
            assert!(matches!(again, Ok((Frame::PenState(again), _)) if again == *state));
        }
        Frame::GatewayState(state) => {
            let mut buffer = [0; 64];
            let len = encode_gateway_state(state, &mut buffer).expect("64 bytes are always enough");
            let again = decode_frame(&buffer[..len]);
            assert!(matches!(again, Ok((Frame::GatewayState(again), _)) if again == *state));
        }
        Frame::Policy(policy) => {
            assert!(policy.is_sound());
            let mut buffer = [0; 64];
            let len = encode_policy(policy, &mut buffer).expect("64 bytes are always enough");
            let again = decode_frame(&buffer[..len]);
            assert!(matches!(again, Ok((Frame::Policy(again), _)) if again == *policy));
        }
        Frame::Receipt(receipt) => check_receipt(receipt),
        _ => {}
    }
    check_explained(bytes);
}

fn check_receipt(receipt: &Receipt<'_>) {
    let Ok(ranges) = receipt.ranges().collect::<Result<Vec<_>, _>>() else { return };
    let mut buffer = [0; CHUNK_BYTES_MAX];
    let mut writer = ReceiptWriter::new(receipt.pen, receipt.boot, &mut buffer);
    let taken = ranges.iter().take_while(|range| writer.push(**range).is_ok()).count();
    // What has room whatever the key has room here.
    assert!(taken == ranges.len().min(99) || taken == ranges.len());
    let again = writer.finish().expect("it has a range");
    let Ok((Frame::Receipt(again), _)) = decode_frame(again) else { panic!("a receipt") };
    let again: Vec<_> = again.ranges().map(|range| range.expect("as written")).collect();
    assert_eq!(again, ranges[..taken]);
}

fn check_chunk(chunk: &Chunk<'_>, bytes: &[u8]) {
    check_bounds(chunk, bytes.len());
    let fragments = match read_chunk(chunk) {
        Ok(fragments) => fragments,
        Err(error) => {
            assert_eq!(explain_frame(bytes, |_| {}), Err(error));
            return check_error(&error, bytes);
        }
    };
    check_explained(bytes);
    match rewritten(chunk, &fragments) {
        Ok(again) => assert_eq!(again, bytes, "one meaning, one spelling"),
        // The writer keeps room for the longest end there is, which another's may go without.
        Err(BufferFull) => assert!(bytes.len() > CHUNK_BYTES_MAX - CLOSE_BYTES_MAX),
    }
}

/// An end of a fragment and images at their longest, and the end of the chunk.
const CLOSE_BYTES_MAX: usize = 16;

/// Time and memory are bounded by the bytes, whatever a chunk claims, and what every reader
/// computes from it does not overflow; of a chunk that breaks off, too.
fn check_bounds(chunk: &Chunk<'_>, len: usize) {
    let (mut fragments, head) = (chunk.fragments(), chunk.head);
    let (mut strokes, mut samples) = (0, 0);
    while let Ok(Some(_)) = fragments.next() {
        strokes += 1;
        let _broken = fragments.samples(|sample| {
            samples += 1;
            let _ = head.anchor_ticks + u64::from(sample.ticks);
            let _ = head.anchor_unix_ms + head.ticks_to_ms(sample.ticks);
            let _ = (head.counts_to_um(sample.x), head.force_fraction(sample.force));
        });
    }
    assert!(fragments.next().is_ok_and(|next| next.is_none()), "an end stays an end");
    assert!(strokes <= 8 * len && samples <= 8 * len);
}

/// A chunk written anew from what it says.
pub fn rewritten(chunk: &Chunk<'_>, fragments: &[Fragment]) -> Result<Vec<u8>, BufferFull> {
    let mut writer = ChunkWriter::new(chunk.key, chunk.head);
    for (head, samples) in fragments {
        let FragmentHead { stroke, first, address, start_ticks: ticks, .. } = *head;
        let start = FragmentStart { stroke, first, address, ticks };
        writer.begin(start, samples.first().copied())?;
        for sample in samples.iter().skip(1) {
            writer.sample(*sample)?;
        }
        writer.end(head.end, head.images);
    }
    Ok(writer.finish().to_vec())
}

/// Every bit means one thing, but for less than a byte of zeros between a chunk's streams.
pub fn check_explained(bytes: &[u8]) {
    let mut meanings = vec![0_u8; bytes.len() * 8];
    let told = explain_frame(bytes, |part| {
        for bit in 0..part.bits {
            meanings[if part.backward { part.bit - bit } else { part.bit + bit }] += 1;
        }
    });
    told.expect("what is read is explained");
    assert!(meanings.iter().all(|times| *times <= 1));
    assert!(meanings.iter().filter(|times| **times == 0).count() < 8);
}

/// An error says a place within the frame, and something.
fn check_error(error: &FrameError, bytes: &[u8]) {
    assert!(!error.to_string().is_empty());
    match *error {
        FrameError::Field { offset, .. } => assert!(offset < bytes.len(), "{error}"),
        FrameError::Truncated { needed, have } => {
            assert!(have == bytes.len() && needed > have && needed <= CHUNK_BYTES_MAX);
        }
        FrameError::UnknownVersion { total_len, .. }
        | FrameError::UnknownKind { total_len, .. }
        | FrameError::UnknownTables { total_len, .. } => assert!(total_len <= bytes.len()),
        _ => {}
    }
}

/// What was found in a stream of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A frame whose checksum holds.
    Frame(Vec<u8>),
    /// So many bytes that are none.
    Damage(usize),
}

/// What section 4 of the protocol says is in a stream that has ended, as slowly as can be.
pub fn pieces(mut bytes: &[u8]) -> Vec<Piece> {
    let (mut found, mut damage) = (Vec::new(), 0);
    while !bytes.is_empty() {
        let frame = claimed_len(bytes).and_then(|len| bytes.get(..len));
        let Some(frame) = frame.filter(|frame| is_sound(frame)) else {
            damage += 1;
            bytes = &bytes[1..];
            continue;
        };
        if damage > 0 {
            found.push(Piece::Damage(damage));
        }
        damage = 0;
        found.push(Piece::Frame(frame.to_vec()));
        bytes = &bytes[frame.len()..];
    }
    if damage > 0 {
        found.push(Piece::Damage(damage));
    }
    found
}
