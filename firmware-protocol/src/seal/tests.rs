use std::vec::Vec;

use super::*;
use crate::{CHUNK_BYTES_MAX, Chunk, Frame, decode_frame};

/// Half a second of ink or a fifth of a second's rest; a millisecond a tick.
struct Pen {
    sealer: Sealer,
    sealed: Vec<Vec<u8>>,
}

impl Pen {
    fn new() -> Self {
        let boot = BootId { counter: 1, random: 2 };
        let head = PenHead::new(1_000, 100, 1_000);
        let policy = SealPolicy { ink_ms_max: 500, rest_ms_max: 200 };
        Self { sealer: Sealer::new(PenId(3), boot, head, policy), sealed: Vec::new() }
    }

    fn call(&mut self, call: impl FnOnce(&mut Sealer, &mut dyn FnMut(&[u8]))) -> usize {
        let before = self.sealed.len();
        call(&mut self.sealer, &mut |frame| self.sealed.push(frame.to_vec()));
        self.sealed.len() - before
    }

    /// Each of these says how many chunks it sealed.
    fn down(&mut self, ms: u64) -> usize {
        self.call(|sealer, mut out| sealer.pen_down(None, ms, 0, &mut out))
    }

    fn sample(&mut self, ms: u64) -> usize {
        self.call(|sealer, mut out| sealer.sample(Reading::new(ms, 0, 1, 2, 3), &mut out))
    }

    fn up(&mut self) {
        self.call(|sealer, mut out| sealer.pen_up(StrokeEnd::Up, &mut out));
    }

    fn rest(&mut self, ms: u64) -> usize {
        self.call(|sealer, mut out| sealer.rest(ms, &mut out))
    }

    fn chunk(&self, index: usize) -> Chunk<'_> {
        let Ok((Frame::Chunk(chunk), _)) = decode_frame(&self.sealed[index]) else {
            panic!("a chunk")
        };
        chunk
    }

    /// Stroke, first, end and count of each fragment.
    fn fragments(&self, index: usize) -> Vec<(u32, bool, StrokeEnd, u16)> {
        let (mut fragments, mut heads) = (self.chunk(index).fragments(), Vec::new());
        while let Some(head) = fragments.next().unwrap() {
            heads.push((head.stroke, head.first, head.end, head.count));
        }
        heads
    }
}

#[test]
fn a_rest_seals_and_less_does_not() {
    let mut pen = Pen::new();
    assert_eq!(pen.down(1_000) + pen.sample(1_000), 0);
    assert_eq!(pen.rest(1_400), 0, "the pen is down");
    pen.up();
    assert_eq!(pen.rest(1_199), 0);
    assert_eq!(pen.rest(1_200), 1);
    assert_eq!(pen.rest(9_000), 0, "there is nothing more");
    assert_eq!(pen.chunk(0).key.number, 1);
}

#[test]
fn an_old_chunk_is_sealed_though_the_pen_never_rests() {
    let mut pen = Pen::new();
    for ms in [1_000, 1_150, 1_300, 1_450] {
        assert_eq!(pen.down(ms) + pen.sample(ms), 0);
        pen.up();
    }
    assert_eq!(pen.rest(1_499), 0);
    assert_eq!(pen.rest(1_500), 1);
    assert_eq!(pen.fragments(0).len(), 4);
}

#[test]
fn a_long_stroke_is_cut_and_goes_on() {
    let mut pen = Pen::new();
    let sealed: usize =
        pen.down(1_000) + (0..60).map(|i| pen.sample(1_000 + 10 * i)).sum::<usize>();
    assert_eq!(sealed, 1);
    pen.up();
    assert_eq!(pen.rest(9_000), 1);
    assert_eq!(pen.fragments(0), [(0, true, StrokeEnd::Continued, 50)]);
    assert_eq!(pen.fragments(1), [(0, false, StrokeEnd::Up, 10)]);
    assert_eq!(pen.chunk(1).head.anchor_ticks, 1_500);
}

#[test]
fn a_clock_that_jumps_begins_a_chunk() {
    let mut pen = Pen::new();
    assert_eq!(pen.down(5_000) + pen.sample(5_000), 0);
    assert_eq!(pen.sample(20), 1, "back");
    assert_eq!(pen.sample(1 << 40), 1, "far ahead");
    assert_eq!(pen.chunk(1).head.anchor_ticks, 20);
}

#[test]
fn a_missing_pen_up_is_inferred_and_a_missing_pen_down_names_no_page() {
    let mut pen = Pen::new();
    pen.sample(1_000);
    pen.down(1_010);
    pen.sample(1_010);
    pen.up();
    pen.up();
    assert_eq!(pen.rest(9_000), 1);
    let expected = [(0, true, StrokeEnd::Inferred, 1), (1, true, StrokeEnd::Up, 1)];
    assert_eq!(pen.fragments(0), expected);
    let mut fragments = pen.chunk(0).fragments();
    while let Some(head) = fragments.next().unwrap() {
        assert_eq!(head.address, None);
    }
}

#[test]
fn an_up_without_samples_is_an_empty_stroke() {
    let mut pen = Pen::new();
    pen.down(1_000);
    pen.up();
    pen.down(1_050);
    pen.sample(1_060);
    pen.call(|sealer, mut out| sealer.flush(&mut out));
    pen.up();
    assert_eq!(pen.rest(9_000), 1);
    let first = [(0, true, StrokeEnd::Up, 0), (1, true, StrokeEnd::Continued, 1)];
    assert_eq!(pen.fragments(0), first);
    assert_eq!(pen.fragments(1), [(1, false, StrokeEnd::Up, 0)]);
    assert_eq!(pen.chunk(1).head.anchor_ticks, 1_060);
}

#[test]
fn a_chunk_is_filled_to_its_last_bytes() {
    let mut pen = Pen::new();
    let policy = SealPolicy { ink_ms_max: u32::MAX, rest_ms_max: u32::MAX };
    pen.sealer.policy = policy;
    pen.down(0);
    for i in 0..20_000 {
        let (x, y) = ((i * 7_919) % 1_000, (i * 104_729) % 1_000);
        pen.call(|sealer, mut out| {
            sealer.sample(Reading::new(10 * i as u64, 0, x, y, 50), &mut out)
        });
    }
    let shortest = pen.sealed.iter().map(Vec::len).min().unwrap();
    assert!(pen.sealed.len() > 30 && shortest > CHUNK_BYTES_MAX - 24, "{shortest} bytes");
}
