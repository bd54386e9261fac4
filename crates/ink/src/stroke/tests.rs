use firmware_protocol::{PenHead, Reading, SealPolicy, Sealer};
use proptest::prelude::*;

use super::*;

const PAGE: PageAddress = PageAddress { section: 3, owner: 27, book: 168, page: 12 };
const BOOT: BootId = BootId { counter: 1, random: 2 };
/// 10 µm per count and 1 ms per tick, so that what is read is easily compared with what is told.
const HEAD: PenHead = PenHead::new(10_000, 1_000, 1_000);

/// Readings as they are told to a pen: counts, 10 ms apart.
type Told = Vec<(i32, i32, u16)>;

/// Seals strokes 100 ms apart; a chunk holds half a second, so that long strokes are cut.
fn seal(pen: u64, strokes: &[Told]) -> Vec<Vec<u8>> {
    let policy = SealPolicy { ink_ms_max: 500, rest_ms_max: 500 };
    let mut sealer = Sealer::new(PenId(pen), BOOT, HEAD, policy);
    let mut chunks = Vec::new();
    let mut out = |chunk: &[u8]| chunks.push(chunk.to_vec());
    let mut ms = 1_000;
    for stroke in strokes {
        sealer.pen_down(Some(PAGE), ms, ms as i64, &mut out);
        for &(x, y, force) in stroke {
            sealer.sample(Reading::new(ms, ms as i64, x, y, force), &mut out);
            ms += 10;
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
        ms += 100;
    }
    sealer.flush(&mut out);
    chunks
}

fn assemble<'a>(chunks: impl IntoIterator<Item = &'a Vec<u8>>) -> Assembly {
    Assembly::of_chunks(chunks.into_iter().map(Vec::as_slice))
}

/// A stroke that takes `count` readings: five a chunk's half second short of fifty.
fn line(count: i32) -> Told {
    (0..count).map(|i| (100 + 3 * i, 200 - i, 500)).collect()
}

/// Strokes as numbers alone, without what differs between a cut and a whole stroke.
fn check_complete(assembly: &Assembly, told: &[Told]) {
    assert_eq!(assembly.errors, []);
    let drawn: Vec<&Told> = told.iter().filter(|stroke| !stroke.is_empty()).collect();
    assert_eq!(assembly.strokes.len(), drawn.len());
    for (stroke, told) in assembly.strokes.iter().zip(drawn) {
        assert!(stroke.complete);
        assert_eq!((stroke.address, stroke.end), (Some(PAGE), StrokeEnd::Up));
        assert_eq!(stroke.start_ticks as i64, stroke.start_ms);
        let expected = told.iter().enumerate().map(|(index, &(x, y, force))| Sample {
            x_um: 10 * x,
            y_um: 10 * y,
            force: (u32::from(force.min(1_000)) * 65_535 / 1_000) as u16,
            t_ms: 10 * index as u32,
        });
        for (sample, expected) in stroke.samples.iter().zip(expected) {
            assert_eq!((sample.x_um, sample.y_um), (expected.x_um, expected.y_um));
            assert!(sample.force.abs_diff(expected.force) <= 1);
            assert_eq!(sample.t_ms, expected.t_ms);
        }
        assert_eq!(stroke.samples.len(), told.len());
    }
}

#[test]
fn a_stroke_cut_by_seals_is_one_stroke() {
    let told = [line(120), line(3)];
    let chunks = seal(7, &told);
    assert!(chunks.len() >= 3, "cut twice at least");
    check_complete(&assemble(&chunks), &told);
}

#[test]
fn a_stroke_whose_middle_is_missing_is_not_complete() {
    let chunks = seal(7, &[line(120)]);
    let held: Vec<_> = chunks.iter().enumerate().filter(|(i, _)| *i != 1).map(|(_, c)| c).collect();
    let assembly = assemble(held);
    let [stroke] = assembly.strokes.as_slice() else { panic!("one stroke") };
    assert!(!stroke.complete);
    assert_eq!((stroke.end, stroke.samples.len()), (StrokeEnd::Up, 70));
    assert_eq!(stroke.samples.last().map(|s| s.t_ms), Some(1_190));
}

#[test]
fn a_stroke_without_its_start_or_its_end_is_not_complete() {
    let chunks = seal(7, &[line(120)]);
    let assembly = assemble(&chunks[1..]);
    let [headless] = assembly.strokes.as_slice() else { panic!("one stroke") };
    assert_eq!((headless.complete, headless.end), (false, StrokeEnd::Up));
    assert_eq!((headless.start_ms, headless.samples[0].t_ms), (1_500, 0));
    let assembly = assemble(&chunks[..1]);
    let [tailless] = assembly.strokes.as_slice() else { panic!("one stroke") };
    assert_eq!((tailless.complete, tailless.end), (false, StrokeEnd::Continued));
}

#[test]
fn a_touch_without_a_reading_is_no_stroke() {
    let told = [line(2), Vec::new(), line(2)];
    let assembly = assemble(&seal(7, &told));
    check_complete(&assembly, &told);
    let numbers: Vec<_> = assembly.strokes.iter().map(|stroke| stroke.key.number).collect();
    assert_eq!(numbers, [0, 2]);
}

#[test]
fn pens_with_the_same_numbers_do_not_mix() {
    let chunks = [seal(7, &[line(60)]), seal(8, &[line(60)])].concat();
    let assembly = assemble(&chunks);
    let pens: Vec<_> = assembly.strokes.iter().map(|s| (s.key.pen.0, s.samples.len())).collect();
    assert_eq!(pens, [(7, 60), (8, 60)]);
}

#[test]
fn bad_chunks_cost_themselves_and_are_named_by_position() {
    let told = [line(30)];
    let mut chunks = seal(7, &told);
    chunks.insert(0, b"no frame".to_vec());
    let mut damaged = chunks[1].clone();
    damaged[40] ^= 1;
    chunks.push(damaged);
    // A sound envelope of another name, around ink that no pen writes.
    let mut broken = chunks[1].clone();
    let end = broken.len() - 4;
    // The number, behind 4 bytes and a short pen, counter and random part.
    broken[15] = 99;
    broken[end - 8..end].fill(0);
    let crc = firmware_protocol::crc32c(&broken[..end]);
    broken[end..].copy_from_slice(&crc.to_le_bytes());
    chunks.push(broken);
    let mut assembly = assemble(&chunks);
    let positions: Vec<_> = assembly
        .errors
        .iter()
        .map(|error| match error {
            InkError::Frame { position, .. } | InkError::NotAChunk { position } => *position,
        })
        .collect();
    assert_eq!(positions, [0, 2, 3]);
    assembly.strokes.truncate(1);
    check_complete(&Assembly { errors: Vec::new(), ..assembly }, &told);
}

fn told() -> impl Strategy<Value = Vec<Told>> {
    let reading = (-1_000..20_000, -1_000..30_000, 0..1_100_u16);
    prop::collection::vec(prop::collection::vec(reading, 0..150), 0..8)
}

proptest! {
    #[test]
    fn strokes_cut_by_seals_join(told in told()) {
        check_complete(&assemble(&seal(7, &told)), &told);
    }

    #[test]
    fn order_and_repetition_of_chunks_do_not_matter(
        (told, order) in told().prop_flat_map(|told| {
            let count = seal(7, &told).len();
            let twice: Vec<usize> = (0..count).chain(0..count).collect();
            (Just(told), Just(twice).prop_shuffle())
        }),
    ) {
        let chunks = seal(7, &told);
        let expected = assemble(&chunks).strokes;
        let shuffled = assemble(order.iter().map(|index| &chunks[*index]));
        prop_assert_eq!(shuffled.strokes, expected);
        prop_assert_eq!(shuffled.errors, []);
    }
}
