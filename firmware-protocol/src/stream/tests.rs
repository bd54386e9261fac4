use std::vec;
use std::vec::Vec;

use super::*;
use crate::{BootId, PenHead, PenId, Reading, SealPolicy, Sealer, StrokeEnd};

/// Some chunks of one pen.
fn chunks(count: i32) -> Vec<Vec<u8>> {
    let head = PenHead::new(23_710, 852, 1_000);
    let boot = BootId { counter: 1, random: 2 };
    let mut sealer = Sealer::new(PenId(3), boot, head, SealPolicy::STANDARD);
    let mut sealed = Vec::new();
    let mut out = |frame: &[u8]| sealed.push(frame.to_vec());
    for stroke in 0..count {
        for step in 0..10 {
            let ticks = (stroke * 5_000 + step * 10) as u64;
            sealer.sample(Reading::new(ticks, 0, stroke + step * step, 7 * step, 100), &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
    }
    sealer.flush(&mut out);
    sealed
}

#[derive(Debug, PartialEq, Eq)]
enum Owned {
    Frame(Vec<u8>),
    Damage(usize),
}

fn read(pieces: &[&[u8]]) -> Vec<Owned> {
    let (mut stream, mut found) = (FrameStream::new(), Vec::new());
    let mut keep = |what: Found<'_>| {
        found.push(match what {
            Found::Frame(frame) => Owned::Frame(frame.to_vec()),
            Found::Damage(len) => Owned::Damage(len),
        });
    };
    for piece in pieces {
        stream.push(piece, &mut keep);
    }
    stream.finish(&mut keep);
    found
}

#[test]
fn cutting_a_stream_anywhere_changes_nothing() {
    let frames = chunks(3);
    let stream = frames.concat();
    let expected: Vec<_> = frames.into_iter().map(Owned::Frame).collect();
    for cut in 0..=stream.len() {
        assert_eq!(read(&[&stream[..cut], &stream[cut..]]), expected, "{cut}");
    }
    for size in [1, 2, 3, 20, 100] {
        assert_eq!(read(&stream.chunks(size).collect::<Vec<_>>()), expected, "{size}");
    }
}

#[test]
fn each_flipped_bit_costs_its_own_frame_and_no_other() {
    let frames = chunks(3);
    let (first, second) = (frames[0].len(), frames[1].len());
    for bit in first * 8..(first + second) * 8 {
        let mut stream = frames.concat();
        stream[bit / 8] ^= 1 << (bit % 8);
        let found = read(&stream.chunks(20).collect::<Vec<_>>());
        let expected = [
            Owned::Frame(frames[0].clone()),
            Owned::Damage(second),
            Owned::Frame(frames[2].clone()),
        ];
        assert_eq!(found, expected, "bit {bit}");
    }
}

#[test]
fn a_frame_is_found_between_noise() {
    let frame = chunks(1).remove(0);
    let noise = vec![b'Z'; 3_000];
    let found = read(&[&noise, &frame, &noise]);
    assert_eq!(found, [Owned::Damage(3_000), Owned::Frame(frame), Owned::Damage(3_000)]);
}

#[test]
fn what_is_held_is_told_at_the_end() {
    let frame = chunks(1).remove(0);
    let cut = &frame[..frame.len() - 1];
    assert_eq!(read(&[cut]), [Owned::Damage(cut.len())]);
    assert_eq!(read(&[]), []);
}
