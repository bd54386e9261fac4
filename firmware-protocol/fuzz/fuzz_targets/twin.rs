//! The C twin beside this crate, on the same bytes: both take a frame and say the same of it, or
//! both refuse it; both find the same in a stream.
//!
//! The corpus is that of `frame`. The bytes are one frame, as they are and mended, and a stream.
#![no_main]

use firmware_protocol::*;
use firmware_protocol_fuzz::{Fragment, Piece, mend_some, mended, pieces, read_chunk};

unsafe extern "C" {
    fn twin_chunk(frame: *const u8, length: usize, numbers: *mut i64, room: usize) -> usize;
    fn twin_receipt(frame: *const u8, length: usize, numbers: *mut i64, room: usize) -> usize;
    fn twin_stream(
        bytes: *const u8,
        length: usize,
        piece: usize,
        numbers: *mut i64,
        room: usize,
    ) -> usize;
}

/// A chunk of 8,192 samples at most, of 7 numbers each, and room to see that there are more.
const ROOM: usize = 1 << 16;

/// What a function of the twin writes.
fn row(write: impl FnOnce(*mut i64, usize) -> usize) -> Vec<i64> {
    let mut numbers = vec![0; ROOM];
    let len = write(numbers.as_mut_ptr(), ROOM);
    assert!(len < ROOM, "the twin contradicts itself, or says more than there is");
    numbers.truncate(len);
    numbers
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    check_frame(bytes);
    if let Some(frame) = mended(bytes) {
        check_frame(&frame);
    }
    let mut stream = bytes.to_vec();
    mend_some(&mut stream, bytes.len() as u8 | 1);
    check_stream(&stream, 1 + bytes.len() % 41);
});

fn check_frame(bytes: &[u8]) {
    // SAFETY: both are as long as is said.
    let chunk = row(|at, room| unsafe { twin_chunk(bytes.as_ptr(), bytes.len(), at, room) });
    let receipt = row(|at, room| unsafe { twin_receipt(bytes.as_ptr(), bytes.len(), at, room) });
    // The twin takes one whole frame.
    let frame = decode_frame(bytes).ok().filter(|(_, len)| *len == bytes.len());
    let (mut told_chunk, mut told_receipt) = (Vec::new(), Vec::new());
    match frame {
        Some((Frame::Chunk(of), _)) => {
            if let Ok(fragments) = read_chunk(&of) {
                told_chunk = chunk_row(&of, &fragments);
            }
        }
        Some((Frame::Receipt(of), _)) => told_receipt = receipt_row(&of, &receipt),
        _ => {}
    }
    assert_eq!(chunk, told_chunk);
    assert_eq!(receipt, told_receipt);
}

fn chunk_row(chunk: &Chunk<'_>, fragments: &[Fragment]) -> Vec<i64> {
    let ChunkKey { pen, boot, number } = chunk.key;
    let head = &chunk.head;
    let mut row = vec![
        pen.0 as i64,
        boot.counter.into(),
        boot.random.into(),
        number.into(),
        head.unit_nm.into(),
        head.force_max.into(),
        head.tick_us.into(),
        head.tilt.into(),
        head.twist.into(),
        head.images.into(),
        head.timed.into(),
        head.anchor_ticks as i64,
        head.anchor_unix_ms,
        head.period.into(),
    ];
    for (fragment, samples) in fragments {
        row.extend::<[i64; 2]>([fragment.stroke.into(), fragment.first.into()]);
        row.push(fragment.address.is_some().into());
        let page = fragment.address.map_or([0; 4], |page| {
            [page.section.into(), page.owner.into(), page.book.into(), page.page.into()]
        });
        row.extend::<[i64; 4]>(page);
        row.push(fragment.start_ticks.into());
        for sample in samples {
            let Orientation { tilt_x, tilt_y, twist } = sample.orientation;
            row.extend::<[i64; 3]>([sample.ticks.into(), sample.x.into(), sample.y.into()]);
            row.extend::<[i64; 4]>([
                sample.force.into(),
                tilt_x.into(),
                tilt_y.into(),
                twist.into(),
            ]);
        }
        row.extend::<[i64; 2]>([fragment.count.into(), fragment.end as i64]);
        let images = fragment.images.map_or([0; 2], |i| [i.seen.into(), i.decoded.into()]);
        row.extend::<[i64; 2]>(images);
    }
    row
}

/// The twin gives what a range says that says nothing, too: then it must say that the pen keeps.
fn receipt_row(receipt: &Receipt<'_>, twin: &[i64]) -> Vec<i64> {
    let mut row = Vec::new();
    for range in receipt.ranges() {
        let Ok(ReceiptRange { outcome, first, last }) = range else {
            let unknown = twin.get(row.len()..row.len() + 5).unwrap_or(&[]);
            assert_eq!(unknown.last(), Some(&0), "the pen keeps");
            row.extend(unknown);
            continue;
        };
        let (code, reason) = match outcome {
            Outcome::Stored => (0, 0),
            Outcome::Held => (1, 0),
            Outcome::Refused(reason) => (2, reason as i64),
            Outcome::Taken => (3, 0),
        };
        let erases = outcome.pen_erases().into();
        row.extend::<[i64; 5]>([code, reason, first.into(), last.into(), erases]);
    }
    row
}

fn check_stream(bytes: &[u8], piece: usize) {
    let found = row(|at, room| {
        // SAFETY: both are as long as is said.
        unsafe { twin_stream(bytes.as_ptr(), bytes.len(), piece, at, room) }
    });
    let mut told = Vec::new();
    for piece in pieces(bytes) {
        match piece {
            Piece::Damage(bytes) => told.push(-(bytes as i64)),
            Piece::Frame(frame) => {
                told.extend::<[i64; 2]>([frame.len() as i64, crc32c(&frame).into()])
            }
        }
    }
    assert_eq!(found, told);
}
