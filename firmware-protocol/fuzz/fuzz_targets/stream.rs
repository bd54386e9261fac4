//! A stream: cut anywhere, the same frames and damage are found as in one piece, and those that the
//! protocol says, and they lie end to end.
//!
//! Eight bytes of lengths, which take turns (0 is an empty piece); a byte that chooses whose
//! checksum is made good; the stream.
#![no_main]

use firmware_protocol::{Found, FrameStream};
use firmware_protocol_fuzz::{Input, Piece, mend_some, pieces};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let lengths: [u8; 8] = std::array::from_fn(|_| input.byte());
    let choice = input.byte();
    let mut stream = input.0.to_vec();
    mend_some(&mut stream, choice);

    let found = pieces(&stream);
    let len = |piece: &Piece| match piece {
        Piece::Frame(frame) => frame.len(),
        Piece::Damage(damage) => *damage,
    };
    assert_eq!(found.iter().map(len).sum::<usize>(), stream.len());
    assert_eq!(cut(&[&stream]), found);

    let (mut rest, mut parts) = (stream.as_slice(), Vec::new());
    let lengths = if lengths == [0; 8] { [1; 8] } else { lengths };
    let mut turns = lengths.iter().cycle().map(|len| usize::from(*len));
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(turns.next().unwrap_or(1).min(rest.len()));
        parts.push(part);
        rest = behind;
    }
    assert_eq!(cut(&parts), found);
});

fn cut(parts: &[&[u8]]) -> Vec<Piece> {
    let (mut stream, mut pieces) = (FrameStream::new(), Vec::new());
    let mut each = |found: Found<'_>| {
        pieces.push(match found {
            Found::Frame(frame) => Piece::Frame(frame.to_vec()),
            Found::Damage(damage) => Piece::Damage(damage),
        });
    };
    for part in parts {
        stream.push(part, &mut each);
    }
    stream.finish(&mut each);
    pieces
}
