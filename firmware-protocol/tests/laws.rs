//! Laws of the wire format, on anything that a pen may write.

use firmware_protocol::*;
use proptest::prelude::*;

/// What a pen was told.
#[derive(Clone, Debug)]
struct Written {
    address: Option<PageAddress>,
    end: StrokeEnd,
    samples: Vec<(u64, i32, i32, u16)>,
}

fn address() -> impl Strategy<Value = Option<PageAddress>> {
    let page = (any::<u8>(), 0..1_u32 << 24, any::<u32>(), 0..40_u32);
    let page =
        page.prop_map(|(section, owner, book, page)| PageAddress { section, owner, book, page });
    proptest::option::of(page)
}

fn end() -> impl Strategy<Value = StrokeEnd> {
    use StrokeEnd::*;
    proptest::sample::select(vec![Up, PageChange, LinkLost, PowerLost, Inferred])
}

/// Small steps mostly, as a hand makes them; any count at all now and then.
fn count() -> impl Strategy<Value = i32> {
    prop_oneof![20 => -20..20_i32, 4 => -3_000..3_000_i32, 1 => any::<i32>()]
}

fn ticks() -> impl Strategy<Value = u64> {
    prop_oneof![30 => Just(10_u64), 4 => 8..13_u64, 2 => 0..5_000_u64, 1 => 0..u64::MAX / 2]
}

fn stroke() -> impl Strategy<Value = Written> {
    let sample = (ticks(), count(), count(), any::<u16>());
    let samples = proptest::collection::vec(sample, 0..120);
    (address(), end(), any::<i32>(), samples).prop_map(|(address, end, origin, steps)| {
        let mut at = (0_u64, origin, 0_i32);
        let samples = steps.into_iter().map(|(dt, dx, dy, force)| {
            at = (
                at.0.wrapping_add(dt) & (u64::MAX >> 1),
                at.1.wrapping_add(dx),
                at.2.wrapping_add(dy),
            );
            (at.0, at.1, at.2, force)
        });
        Written { address, end, samples: samples.collect() }
    })
}

fn seal(strokes: &[Written], head: PenHead, policy: SealPolicy) -> Vec<Vec<u8>> {
    let boot = BootId { counter: 1, random: 2 };
    let mut sealer = Sealer::new(PenId(3), boot, head, policy);
    let mut sent = Vec::new();
    let mut out = |frame: &[u8]| sent.push(frame.to_vec());
    for stroke in strokes {
        let start = stroke.samples.first().map_or(0, |s| s.0);
        sealer.pen_down(stroke.address, start, 0, &mut out);
        for &(ticks, x, y, force) in &stroke.samples {
            sealer.sample(ticks, ticks as i64, x, y, force, &mut out);
        }
        sealer.pen_up(stroke.end);
    }
    sealer.flush(&mut out);
    sent
}

/// Reads chunks back as the strokes that were written.
fn open(chunks: &[Vec<u8>], with_force: bool) -> Vec<Written> {
    let mut strokes: Vec<Written> = Vec::new();
    for (index, bytes) in chunks.iter().enumerate() {
        assert!(bytes.len() <= CHUNK_BYTES_MAX);
        let (Frame::Chunk(chunk), taken) = decode_frame(bytes).expect("sealed") else {
            panic!("a chunk")
        };
        assert_eq!(taken, bytes.len());
        assert_eq!(chunk.key.number as usize, index + 1);
        for fragment in chunk.fragments() {
            let fragment = fragment.expect("sealed");
            let FragmentHead { stroke, address, first, end, .. } = fragment.head;
            if first {
                strokes.push(Written { address, end, samples: Vec::new() });
            }
            assert_eq!(stroke as usize + 1, strokes.len());
            let written = strokes.last_mut().expect("begun");
            written.end = end;
            assert_eq!(written.address, address);
            for sample in fragment.samples() {
                let RawSample { ticks, x, y, force } = sample.expect("sealed");
                assert!(with_force || force == 0);
                written.samples.push((chunk.head.anchor_ticks + u64::from(ticks), x, y, force));
            }
        }
    }
    strokes
}

fn head(force_max: u16) -> PenHead {
    PenHead { unit_nm: 23_710, force_max, tick_us: 1_000 }
}

fn check_round_trip(strokes: &[Written], force_max: u16, policy: SealPolicy) {
    let opened = open(&seal(strokes, head(force_max), policy), force_max > 0);
    assert_eq!(opened.len(), strokes.len());
    for (opened, written) in opened.iter().zip(strokes) {
        assert_eq!((opened.address, opened.end), (written.address, written.end));
        let force =
            |&(t, x, y, f): &(u64, i32, i32, u16)| (t, x, y, if force_max > 0 { f } else { 0 });
        let samples: Vec<_> = written.samples.iter().map(force).collect();
        assert_eq!(opened.samples, samples);
    }
}

proptest! {
    #[test]
    fn decoding_undoes_sealing(
        strokes in proptest::collection::vec(stroke(), 0..20),
        force_max in prop_oneof![Just(0_u16), Just(852), any::<u16>()],
        ink_ms_max in prop_oneof![Just(4_000_u32), any::<u32>()],
    ) {
        check_round_trip(&strokes, force_max, SealPolicy { ink_ms_max, rest_ms_max: 500 });
    }
}
