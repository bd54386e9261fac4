//! Laws of the wire format, on anything that a pen may write.

mod cases;

use firmware_protocol::*;
use proptest::prelude::*;

/// What a pen was told.
#[derive(Clone, Debug)]
struct Written {
    address: Option<PageAddress>,
    end: StrokeEnd,
    samples: Vec<Told>,
}

/// Ticks, x, y, force, orientation.
type Told = (u64, i32, i32, u16, Orientation);

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
    let held = any::<(u8, u8, u16)>().prop_map(|(tilt_x, tilt_y, twist)| Orientation {
        tilt_x,
        tilt_y,
        twist,
    });
    let sample = (ticks(), count(), count(), any::<u16>(), held);
    let samples = proptest::collection::vec(sample, 0..120);
    (address(), end(), any::<i32>(), samples).prop_map(|(address, end, origin, steps)| {
        let mut at = (0_u64, origin, 0_i32);
        let samples = steps.into_iter().map(|(dt, dx, dy, force, orientation)| {
            at = (
                at.0.wrapping_add(dt) & (u64::MAX >> 1),
                at.1.wrapping_add(dx),
                at.2.wrapping_add(dy),
            );
            (at.0, at.1, at.2, force, orientation)
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
        for &(ticks, x, y, force, orientation) in &stroke.samples {
            let unix_ms = ticks as i64;
            sealer.sample(Reading { ticks, unix_ms, x, y, force, orientation }, &mut out);
        }
        sealer.pen_up(stroke.end, &mut out);
    }
    sealer.flush(&mut out);
    sent
}

/// Reads chunks back as the strokes that were written.
fn open(chunks: &[Vec<u8>]) -> Vec<Written> {
    let mut strokes: Vec<Written> = Vec::new();
    for (index, bytes) in chunks.iter().enumerate() {
        assert!(bytes.len() <= CHUNK_BYTES_MAX);
        let (Frame::Chunk(chunk), taken) = decode_frame(bytes).expect("sealed") else {
            panic!("a chunk")
        };
        assert_eq!(taken, bytes.len());
        assert_eq!(chunk.key.number as usize, index + 1);
        let mut fragments = chunk.fragments();
        while let Some(head) = fragments.next().expect("sealed") {
            let FragmentHead { stroke, address, first, end, count, .. } = head;
            if first {
                strokes.push(Written { address, end, samples: Vec::new() });
            }
            assert_eq!(stroke as usize + 1, strokes.len());
            let written = strokes.last_mut().expect("begun");
            written.end = end;
            assert_eq!(written.address, address);
            let before = written.samples.len();
            let anchor = chunk.head.anchor_ticks;
            let read = fragments.samples(|sample| {
                let RawSample { ticks, x, y, force, orientation } = sample;
                written.samples.push((anchor + u64::from(ticks), x, y, force, orientation));
            });
            read.expect("sealed");
            assert_eq!(written.samples.len() - before, usize::from(count));
        }
        check_explained(bytes);
    }
    strokes
}

/// That every bit of a chunk means one thing, but for less than a byte of zeros.
fn check_explained(bytes: &[u8]) {
    let mut meanings = vec![0_u8; bytes.len() * 8];
    let told = explain_frame(bytes, |part| {
        for bit in 0..part.bits {
            let at = if part.backward { part.bit - bit } else { part.bit + bit };
            meanings[at] += 1;
        }
    });
    told.expect("sealed");
    assert!(meanings.iter().all(|times| *times <= 1));
    assert!(meanings.iter().filter(|times| **times == 0).count() < 8);
}

const HEAD: PenHead = PenHead::new(23_710, 852, 1_000);

fn head(force_max: u16) -> PenHead {
    PenHead { force_max, ..HEAD }
}

fn check_round_trip(strokes: &[Written], head: PenHead, policy: SealPolicy) {
    let opened = open(&seal(strokes, head, policy));
    assert_eq!(opened.len(), strokes.len());
    for (opened, written) in opened.iter().zip(strokes) {
        assert_eq!((opened.address, opened.end), (written.address, written.end));
        let measured = |&(ticks, x, y, force, mut orientation): &Told| {
            let force = if head.force_max > 0 { force } else { 0 };
            if !head.tilt {
                (orientation.tilt_x, orientation.tilt_y) = (0, 0);
            }
            if !head.twist {
                orientation.twist = 0;
            }
            (ticks, x, y, force, orientation)
        };
        let samples: Vec<_> = written.samples.iter().map(measured).collect();
        assert_eq!(opened.samples, samples);
    }
}

fn pen_head() -> impl Strategy<Value = PenHead> {
    let force_max = prop_oneof![Just(0_u16), Just(852), any::<u16>()];
    let scale = prop_oneof![Just((23_710_u32, 1_000_u32)), (1..=1_000_000_u32, 1..=1_000_000_u32)];
    (scale, force_max, any::<(bool, bool, bool)>()).prop_map(
        |((unit_nm, tick_us), force_max, (tilt, twist, images))| PenHead {
            tilt,
            twist,
            images,
            ..PenHead::new(unit_nm, force_max, tick_us)
        },
    )
}

proptest! {
    #[test]
    fn decoding_undoes_sealing(
        strokes in proptest::collection::vec(stroke(), 0..20),
        head in pen_head(),
        ink_ms_max in prop_oneof![Just(4_000_u32), any::<u32>()],
    ) {
        check_round_trip(&strokes, head, SealPolicy { ink_ms_max, rest_ms_max: 500 });
    }

    /// Any meaning has one spelling: what is read and written again is the same bytes.
    #[test]
    fn writing_again_gives_the_same_bytes(
        strokes in proptest::collection::vec(stroke(), 1..12),
        head in pen_head(),
    ) {
        for bytes in seal(&strokes, head, SealPolicy::STANDARD) {
            let Ok((Frame::Chunk(chunk), _)) = decode_frame(&bytes) else { panic!("a chunk") };
            let mut writer = ChunkWriter::new(chunk.key, chunk.head);
            let mut fragments = chunk.fragments();
            while let Some(head) = fragments.next().expect("sealed") {
                let FragmentHead { stroke, first, address, start_ticks: ticks, .. } = head;
                let start = FragmentStart { stroke, first, address, ticks };
                let mut samples = Vec::new();
                fragments.samples(|sample| samples.push(sample)).expect("sealed");
                writer.begin(start, samples.first().copied()).expect("it was there");
                for sample in samples.iter().skip(1) {
                    writer.sample(*sample).expect("it was there");
                }
                writer.end(head.end, head.images);
            }
            prop_assert_eq!(writer.finish(), bytes);
        }
    }
}

/// What the camera saw is told with the fragment during which it was.
#[test]
fn images_go_with_their_fragment() {
    let head = PenHead { images: true, ..HEAD };
    let mut sealer =
        Sealer::new(PenId(3), BootId { counter: 1, random: 2 }, head, SealPolicy::STANDARD);
    let mut sent = Vec::new();
    let mut out = |frame: &[u8]| sent.extend_from_slice(frame);
    for (ticks, seen, decoded) in [(100, 12, 11), (300, 7, 0)] {
        sealer.pen_down(None, ticks, 0, &mut out);
        sealer.saw(seen - 1, decoded);
        sealer.sample(Reading::new(ticks, 0, 5, 5, 5), &mut out);
        sealer.saw(1, 0);
        sealer.pen_up(StrokeEnd::Up, &mut out);
    }
    sealer.flush(&mut out);
    let Ok((Frame::Chunk(chunk), _)) = decode_frame(&sent) else { panic!("a chunk") };
    let (mut fragments, mut images) = (chunk.fragments(), Vec::new());
    while let Some(head) = fragments.next().expect("sealed") {
        images.push(head.images);
    }
    let expected = [Images { seen: 12, decoded: 11 }, Images { seen: 7, decoded: 0 }];
    assert_eq!(images, expected.map(Some));
}

/// A frame with some of its bytes changed, and the checksum made good again.
fn repaired(mut frame: Vec<u8>, changes: &[(usize, u8)]) -> Vec<u8> {
    for &(at, value) in changes {
        let len = frame.len();
        frame[at % len] = value;
    }
    let len = frame.len();
    // A sound magic and length get the damage past the envelope.
    frame[0] = b'Z';
    frame[2] = len as u8;
    frame[3] = frame[3] & 0xf8 | (len >> 8) as u8;
    let crc = crc32c(&frame[..len - 4]);
    frame[len - 4..].copy_from_slice(&crc.to_le_bytes());
    frame
}

/// Reads all that there is to read; nothing may panic. Returns what was read, samples counted.
fn exhaust(bytes: &[u8]) -> usize {
    let Ok((frame, taken)) = decode_frame(bytes) else { return 0 };
    assert!(taken <= bytes.len() && taken <= CHUNK_BYTES_MAX);
    match frame {
        Frame::Chunk(chunk) => {
            let (mut fragments, head) = (chunk.fragments(), chunk.head);
            let (mut strokes, mut samples) = (0, 0);
            while let Ok(Some(_)) = fragments.next() {
                strokes += 1;
                let _broken = fragments.samples(|sample| {
                    samples += 1;
                    // What every reader computes must not overflow either.
                    let _ = head.anchor_ticks + u64::from(sample.ticks);
                    let _ = head.anchor_unix_ms + head.ticks_to_ms(sample.ticks);
                    let _ = (head.counts_to_um(sample.x), head.force_fraction(sample.force));
                });
            }
            assert_eq!(fragments.next(), Ok(None), "an end stays an end, and so does an error");
            let _broken = explain_frame(bytes, |_| {});
            // Memory and time are bounded by the frame's bits, whatever it claims.
            assert!(strokes <= taken * 8 && samples <= taken * 8);
            samples
        }
        Frame::Receipt(receipt) => receipt.ranges().count(),
        _ => 1,
    }
}

/// What is wrong with a chunk, if anything is.
fn fault(bytes: &[u8]) -> Result<(), FrameError> {
    let (Frame::Chunk(chunk), _) = decode_frame(bytes)? else { return Ok(()) };
    let mut fragments = chunk.fragments();
    while fragments.next()?.is_some() {}
    Ok(())
}

/// Vectors of one sound frame each.
const KINDS: [&str; 7] = [
    "hello",
    "chunk-two-strokes",
    "chunk-all-channels",
    "chunk-extremes",
    "pen-state",
    "gateway-state",
    "receipt",
];

fn one_of_each_kind() -> Vec<Vec<u8>> {
    cases::all().into_iter().filter(|(name, _)| KINDS.contains(name)).map(|(_, b)| b).collect()
}

#[test]
fn every_flipped_bit_of_a_frame_is_detected() {
    for frame in one_of_each_kind() {
        assert!(decode_frame(&frame).is_ok());
        for bit in 0..frame.len() * 8 {
            let mut flipped = frame.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(decode_frame(&flipped).is_err(), "bit {bit}");
        }
    }
}

#[test]
fn every_cut_frame_is_truncated_and_no_tail_is_taken() {
    for frame in one_of_each_kind() {
        for len in 0..frame.len() {
            let error = decode_frame(&frame[..len]).expect_err("cut");
            let needed_more = matches!(error, FrameError::Truncated { needed, have } if have == len && needed > len);
            assert!(needed_more, "{len}: {error}");
        }
        let tailed = [frame.as_slice(), b"tail"].concat();
        assert!(matches!(decode_frame(&tailed), Ok((_, taken)) if taken == frame.len()));
    }
}

/// A payload that breaks off is read as if zeros followed; the place that its error tells is none of
/// those.
#[test]
fn an_error_names_a_byte_of_its_frame() {
    for frame in one_of_each_kind().into_iter().filter(|frame| frame[1] & 15 == 2) {
        for len in 32..frame.len() {
            let cut = repaired(frame[..len].to_vec(), &[]);
            if let Err(FrameError::Field { offset, .. }) = fault(&cut) {
                assert!(offset < len, "byte {offset} of {len}");
            }
        }
    }
}

#[test]
fn an_unknown_version_is_named_and_passed_over() {
    for mut frame in one_of_each_kind() {
        frame[1] = 9 << 4 | frame[1] & 15;
        let frame = repaired(frame, &[]);
        let envelope = peek_envelope(&frame).expect("the same in all versions");
        let (key, total_len) = (envelope.key, frame.len());
        let told = FrameError::UnknownVersion { version: 9, key, total_len };
        assert_eq!(decode_frame(&frame).expect_err("version 9"), told);
    }
}

/// A key in a longer form than it needs is refused, and its frame's bytes are its own: a frame in
/// its payload is none.
#[test]
fn a_frame_with_a_long_key_is_one_frame_and_refused() {
    let sound = one_of_each_kind().remove(0);
    // Pen 0, boot 1-0; the number is a 0 of two bytes.
    let mut long = vec![b'Z', 0x12, 0, 0x40, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    long.extend_from_slice(&sound);
    long.extend_from_slice(&[0; 4]);
    let long = repaired(long, &[]);
    assert_eq!(frame_len(&long), Ok(long.len()));
    assert!(matches!(decode_frame(&long), Err(FrameError::Field { offset: 2, .. })));
    let mut stream = FrameStream::new();
    let mut found = Vec::new();
    stream.push(&[&long[..], &sound].concat(), |what| match what {
        Found::Frame(frame) => found.push(frame.to_vec()),
        Found::Damage(len) => panic!("{len} bytes of damage"),
    });
    assert_eq!(found, [long.clone(), sound.clone()]);
    let bundle = [b"ZBND\x01\0\x02\0", &long[..], &sound].concat();
    let frames = Bundle::parse(&bundle).expect("a bundle").frames();
    assert_eq!(frames.map(|frame| frame.bytes.to_vec()).collect::<Vec<_>>(), found);
}

proptest! {
    #[test]
    fn no_byte_string_panics(bytes in proptest::collection::vec(any::<u8>(), 0..1_200)) {
        exhaust(&bytes);
        if let Ok(bundle) = Bundle::parse(&bytes) {
            bundle.frames().for_each(drop);
        }
        if let Ok(capture) = Capture::parse(&bytes) {
            capture.bundles().for_each(drop);
        }
    }

    #[test]
    fn no_payload_panics(
        kind in 0..16_u8,
        payload in proptest::collection::vec(any::<u8>(), 0..1_004),
    ) {
        let mut frame = vec![0; 16];
        // Pen 0, boot 1-0, number 1: the shortest key there is.
        (frame[1], frame[10], frame[15]) = (VERSION << 4 | kind, 1, 1);
        frame.extend_from_slice(&payload);
        frame.extend_from_slice(&[0; 4]);
        exhaust(&repaired(frame, &[]));
    }

    #[test]
    fn no_damage_under_a_good_checksum_panics(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8),
    ) {
        let frames = one_of_each_kind();
        exhaust(&repaired(frames[which.index(frames.len())].clone(), &changes));
    }

    #[test]
    fn damage_in_sealed_chunks_never_panics(
        strokes in proptest::collection::vec(stroke(), 1..6),
        changes in proptest::collection::vec((16..1_024_usize, any::<u8>()), 1..4),
    ) {
        for chunk in seal(&strokes, head(852), SealPolicy::STANDARD) {
            exhaust(&repaired(chunk, &changes));
        }
    }

    #[test]
    fn decoding_undoes_encoding_of_messages(
        key in (any::<u64>(), any::<u32>(), any::<u32>()),
        numbers in (any::<u64>(), any::<i64>(), any::<i64>(), any::<u32>()),
        (battery_percent, rate, force_max) in (0..=100_u8, any::<u16>(), any::<u16>()),
        (unit_nm, tick_us) in (1..=1_000_000_u32, 1..=1_000_000_u32),
        model in "[ -~]{1,16}",
        online in any::<bool>(),
    ) {
        let (pen, boot) = (PenId(key.0), BootId { counter: key.1, random: key.2 });
        let mut buffer = [0; 128];
        let model = ShortText::new(&model).expect("a legal text");
        let key = ChunkKey { pen, boot, number: 0 };
        let head = PenHead { tilt: online, images: !online, ..PenHead::new(unit_nm, force_max, tick_us) };
        let hello = Hello {
            key,
            model,
            firmware: model,
            versions: (1, battery_percent),
            sample_rate_hz: rate,
            head,
            clock: ClockSource::Kept,
            epoch_unix_ms: numbers.1,
        };
        let len = encode_hello(&hello, &mut buffer).expect("room");
        prop_assert!(matches!(decode_frame(&buffer[..len]), Ok((Frame::Hello(h), _)) if h == hello));
        let (ticks, seen_unix_ms, pen_unix_ms, backlog) = numbers;
        let state =
            PenState { pen, boot, ticks, seen_unix_ms, pen_unix_ms, battery_percent, charging: online, memory_percent: 3, backlog };
        let len = encode_pen_state(&state, &mut buffer).expect("room");
        prop_assert!(matches!(decode_frame(&buffer[..len]), Ok((Frame::PenState(s), _)) if s == state));
        let state = GatewayState { online, session: ticks, unix_ms: pen_unix_ms };
        let len = encode_gateway_state(&state, &mut buffer).expect("room");
        prop_assert!(
            matches!(decode_frame(&buffer[..len]), Ok((Frame::GatewayState(s), _)) if s == state)
        );
        // Where a value is out of its range, nobody reads it.
        let seal = SealPolicy { ink_ms_max: backlog % 70_000, rest_ms_max: unit_nm % 70_000 };
        let policy = Policy { seal, versions: (battery_percent % 4, rate as u8 % 18) };
        let len = encode_policy(&policy, &mut buffer).expect("room");
        let read = decode_frame(&buffer[..len]);
        prop_assert_eq!(
            matches!(&read, Ok((Frame::Policy(p), _)) if *p == policy),
            policy.is_sound()
        );
        let says_which = matches!(read, Ok(_) | Err(FrameError::Field { .. }));
        prop_assert!(says_which);
    }

    #[test]
    fn every_gateway_has_one_topic_a_channel(name in "[a-z0-9-]{1,32}") {
        let gateway = GatewayId::parse(&name).expect("a legal name");
        for channel in [Channel::UpInk, Channel::UpState, Channel::DownReceipt, Channel::DownPolicy] {
            let topic = Topic { gateway, channel };
            prop_assert_eq!(Topic::parse(&topic.to_string()), Ok(topic));
        }
    }

    /// One damaged frame costs itself: the others come whole, in order, in their places.
    #[test]
    fn one_bad_frame_costs_itself(
        strokes in proptest::collection::vec(stroke(), 4..12),
        which in any::<prop::sample::Index>(),
        (at, flip) in (any::<prop::sample::Index>(), 1..=255_u8),
    ) {
        let chunks = seal(&strokes, head(852), SealPolicy::STANDARD);
        let mut buffer = vec![0; BUNDLE_BYTES_MAX];
        let mut writer = BundleWriter::new(&mut buffer).expect("room");
        let fitting: Vec<_> = chunks.iter().take_while(|c| writer.push(c).is_ok()).collect();
        let mut bundle = writer.finish().to_vec();
        let bad = which.index(fitting.len());
        let start = 8 + fitting[..bad].iter().map(|c| c.len()).sum::<usize>();
        bundle[start + at.index(fitting[bad].len())] ^= flip;
        let frames: Vec<_> = Bundle::parse(&bundle).expect("a bundle").frames().collect();
        let good: Vec<_> = frames.iter().filter(|f| f.frame.is_ok()).map(|f| f.bytes).collect();
        let rest = fitting.iter().enumerate().filter(|(index, _)| *index != bad);
        let rest: Vec<&[u8]> = rest.map(|(_, chunk)| chunk.as_slice()).collect();
        prop_assert_eq!(good, rest);
        // Nothing is passed over in silence: frames and damages lie end to end.
        let mut offset = 8;
        for frame in &frames {
            prop_assert_eq!(frame.offset, offset);
            offset += frame.bytes.len();
        }
        prop_assert_eq!(offset, bundle.len());
    }
}

/// Bytes made to cost a search as much as can be: past its budget the search gives the rest up.
#[test]
fn hostile_bundles_cost_no_more_than_their_bytes() {
    let sound = one_of_each_kind().remove(0);
    let read = |hostile_len: usize| {
        let mut bundle = b"ZBND\x01\0\xff\xff".to_vec();
        // Each six bytes begin a frame of 1,000 bytes whose checksum is wrong.
        while bundle.len() < hostile_len {
            bundle.extend_from_slice(&[b'Z', VERSION << 4 | 2, 0xe8, 0x03, 0, 0]);
        }
        bundle.extend_from_slice(&sound);
        let frames = Bundle::parse(&bundle).expect("a bundle").frames();
        let (found, len) = frames.fold((0, 8), |(found, len), frame| {
            (found + usize::from(frame.frame.is_ok()), len + frame.bytes.len())
        });
        assert_eq!(len, bundle.len());
        found
    };
    assert_eq!(read(100), 1, "damage as it happens is searched through");
    assert_eq!(read(60_000), 0, "what is made to cost is given up");
}

#[test]
fn a_sealer_is_small() {
    let state = size_of::<Sealer>() - CHUNK_BYTES_MAX;
    assert!(state <= 1_024, "{state} bytes beside the chunk");
}

/// What a sealer may be told, in any order.
#[derive(Clone, Debug)]
enum Call {
    Down(Option<PageAddress>),
    Sample(i32, i32, u16),
    Up(StrokeEnd),
    Rest,
    Flush,
}

fn call() -> impl Strategy<Value = (u64, Call)> {
    let call = prop_oneof![
        2 => address().prop_map(Call::Down),
        12 => (count(), count(), any::<u16>()).prop_map(|(x, y, force)| Call::Sample(x, y, force)),
        2 => end().prop_map(Call::Up),
        1 => Just(Call::Rest),
        1 => Just(Call::Flush),
    ];
    (ticks(), call)
}

proptest! {
    /// No sample is lost, none made up, and no chunk is longer in time than the policy says.
    #[test]
    fn a_sealer_takes_calls_in_any_order(calls in proptest::collection::vec(call(), 0..300)) {
        let boot = BootId { counter: 1, random: 2 };
        let mut sealer = Sealer::new(PenId(3), boot, head(852), SealPolicy::STANDARD);
        let (mut sealed, mut told, mut ticks) = (Vec::new(), Vec::new(), 0_u64);
        let mut out = |frame: &[u8]| sealed.push(frame.to_vec());
        for (dt, call) in calls {
            ticks = ticks.wrapping_add(dt) & (u64::MAX >> 1);
            match call {
                Call::Down(address) => sealer.pen_down(address, ticks, 0, &mut out),
                Call::Sample(x, y, force) => {
                    sealer.sample(Reading::new(ticks, 0, x, y, force), &mut out);
                    told.push((ticks, x, y, force, Orientation::NONE));
                }
                Call::Up(end) => sealer.pen_up(end, &mut out),
                Call::Rest => sealer.rest(ticks, &mut out),
                Call::Flush => sealer.flush(&mut out),
            }
        }
        sealer.flush(&mut out);
        let read = open(&sealed).into_iter().flat_map(|stroke| stroke.samples);
        prop_assert_eq!(read.collect::<Vec<_>>(), told);
        for bytes in &sealed {
            let Ok((Frame::Chunk(chunk), _)) = decode_frame(bytes) else { panic!("a chunk") };
            let mut fragments = chunk.fragments();
            while fragments.next().expect("sealed").is_some() {
                let within = |sample: RawSample| assert!(chunk.head.ticks_to_ms(sample.ticks) < 4_000);
                fragments.samples(within).expect("sealed");
            }
        }
    }
}

#[test]
fn the_services_client_ids_are_no_gateways() {
    use firmware_protocol::{GatewayId, Topic, TopicError};
    for id in ["zhibi-ingest", "zhibi-ingest-receipts", "zhibi-"] {
        assert_eq!(GatewayId::parse(id), Err(TopicError::Reserved), "{id}");
        let topic = format!("zhibi/v1/00/{id}/up/ink");
        assert_eq!(Topic::parse(&topic), Err(TopicError::Reserved), "{id}");
    }
    assert!(GatewayId::parse("zhibi").is_ok() && GatewayId::parse("school-zhibi-1").is_ok());
}
