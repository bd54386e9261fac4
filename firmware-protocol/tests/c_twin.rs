//! The C of `c/` against the Rust: told the same they write the same bytes, given the same they read
//! the same, refuse the same, and find the same frames.
//!
//! Failure: any difference, C that does not compile without a warning, or a driver that ends. Not
//! failure: no C compiler, which is said in one line. Deterministic but for what proptest draws.

mod cases;
mod twin;

use cases::{KEY, PEN_STATE, UNIX_MS};
use firmware_protocol::*;
use proptest::prelude::*;
use twin::{Twin, hex};

/// What firmware tells, beside the time.
#[derive(Clone, Debug)]
enum Call {
    Down(Option<PageAddress>),
    /// Steps from the sample before, force, orientation.
    Sample(i32, i32, u16, Orientation),
    Images(u16, u16),
    Up(StrokeEnd),
    Rest,
    Flush,
    Obey(SealPolicy),
}

/// How the pen's clock goes on before a call.
#[derive(Clone, Copy, Debug)]
enum Clock {
    By(i64),
    To(u64, i64),
}

/// A pen and what it was told.
#[derive(Clone, Debug)]
struct Script {
    key: ChunkKey,
    head: PenHead,
    policy: SealPolicy,
    calls: Vec<(Clock, Call)>,
}

fn page() -> impl Strategy<Value = Option<PageAddress>> {
    let wide = (any::<u8>(), any::<u32>(), any::<u32>(), any::<u32>());
    let near = (Just(3_u8), Just(27_u32), Just(168_u32), 0..3_u32);
    let page = prop_oneof![4 => near, 1 => wide];
    let page =
        page.prop_map(|(section, owner, book, page)| PageAddress { section, owner, book, page });
    proptest::option::weighted(0.8, page)
}

fn end() -> impl Strategy<Value = StrokeEnd> {
    use StrokeEnd::*;
    proptest::sample::select(vec![Up, Up, Up, PageChange, LinkLost, PowerLost, Inferred])
}

/// Small steps mostly, as a hand makes them; any count at all now and then.
fn step() -> impl Strategy<Value = i32> {
    // As far as makes sizes wrap.
    let far = i32::MAX - 60..=i32::MAX;
    prop_oneof![40 => -20..20_i32, 8 => -3_000..3_000_i32, 1 => any::<i32>(), 1 => far]
}

fn call() -> impl Strategy<Value = Call> {
    let force = prop_oneof![6 => 300..420_u16, 1 => any::<u16>()];
    let held = any::<(u8, u8, u16)>();
    let held = held.prop_map(|(tilt_x, tilt_y, twist)| Orientation { tilt_x, tilt_y, twist });
    prop_oneof![
        3 => page().prop_map(Call::Down),
        60 => (step(), step(), force, held).prop_map(|(x, y, f, o)| Call::Sample(x, y, f, o)),
        3 => any::<(u16, u16)>().prop_map(|(seen, decoded)| Call::Images(seen % 99, decoded)),
        3 => end().prop_map(Call::Up),
        2 => Just(Call::Rest),
        1 => Just(Call::Flush),
        1 => (500..9_000_u32, 100..2_000_u32).prop_map(|(ink_ms_max, rest_ms_max)| {
            Call::Obey(SealPolicy { ink_ms_max, rest_ms_max })
        }),
    ]
}

fn clock() -> impl Strategy<Value = Clock> {
    prop_oneof![
        200 => Just(Clock::By(10)),
        20 => (8..13_i64).prop_map(Clock::By),
        8 => (-30..5_000_i64).prop_map(Clock::By),
        2 => (-1_i64 << 33..1 << 33).prop_map(Clock::By),
        1 => any::<(u64, i64)>().prop_map(|(ticks, unix_ms)| Clock::To(ticks, unix_ms)),
    ]
}

fn scale() -> impl Strategy<Value = u32> {
    let coded = vec![23_710_u32, 15_240, 1_000, 10_000, 5_000, 100];
    prop_oneof![6 => proptest::sample::select(coded), 2 => 0..=1_000_001_u32, 1 => any::<u32>()]
}

fn script() -> impl Strategy<Value = Script> {
    let pen = prop_oneof![0..1_u64 << 48, any::<u64>()];
    let key = (pen, prop_oneof![0..300_u32, any::<u32>()], any::<u32>());
    let key = key.prop_map(|(pen, counter, random)| ChunkKey {
        pen: PenId(pen),
        boot: BootId { counter, random },
        number: 0,
    });
    let force_max = prop_oneof![Just(0_u16), Just(852), any::<u16>()];
    let head = (scale(), force_max, scale(), any::<(bool, bool, bool)>()).prop_map(
        |(unit_nm, force_max, tick_us, (tilt, twist, images))| PenHead {
            tilt,
            twist,
            images,
            ..PenHead::new(unit_nm, force_max, tick_us)
        },
    );
    let limit = |standard| prop_oneof![2 => Just(standard), 2 => Just(u32::MAX), 1 => 0..9_000_u32, 1 => any::<u32>()];
    let policy = (limit(4_000), limit(500))
        .prop_map(|(ink_ms_max, rest_ms_max)| SealPolicy { ink_ms_max, rest_ms_max });
    let calls = prop_oneof![
        4 => proptest::collection::vec((clock(), call()), 0..300),
        1 => proptest::collection::vec((clock(), call()), 300..1_500),
    ];
    (key, head, policy, calls).prop_map(|(key, head, policy, calls)| Script {
        key,
        head,
        policy,
        calls,
    })
}

/// What the Rust sealer writes, and the lines that tell the C one the same.
fn seal(script: &Script) -> (Vec<Vec<u8>>, String) {
    let Script { key, head, policy, calls } = script;
    let mut sealer = Sealer::new(key.pen, key.boot, *head, *policy);
    let mut sealed = Vec::new();
    let mut out = |frame: &[u8]| sealed.push(frame.to_vec());
    let mut lines = format!(
        "pen {:x} {} {} {} {} {} {} {} {} {} {}\n",
        key.pen.0,
        key.boot.counter,
        key.boot.random,
        head.unit_nm,
        head.force_max,
        head.tick_us,
        u8::from(head.tilt),
        u8::from(head.twist),
        u8::from(head.images),
        policy.ink_ms_max,
        policy.rest_ms_max
    );
    let (mut ticks, mut unix_ms, mut x, mut y) = (5_000_u64, UNIX_MS, 4_000_i32, 2_000_i32);
    for (clock, call) in calls {
        match *clock {
            Clock::By(step) => {
                ticks = ticks.wrapping_add_signed(step);
                unix_ms = unix_ms.wrapping_add(step);
            }
            Clock::To(to, unix) => (ticks, unix_ms) = (to, unix),
        }
        lines += &match *call {
            Call::Down(address) => {
                sealer.pen_down(address, ticks, unix_ms, &mut out);
                match address {
                    Some(PageAddress { section, owner, book, page }) => {
                        format!("down {section} {owner} {book} {page} {ticks} {unix_ms}\n")
                    }
                    None => format!("downnone {ticks} {unix_ms}\n"),
                }
            }
            Call::Sample(dx, dy, force, orientation) => {
                (x, y) = (x.wrapping_add(dx), y.wrapping_add(dy));
                sealer.sample(Reading { ticks, unix_ms, x, y, force, orientation }, &mut out);
                let Orientation { tilt_x, tilt_y, twist } = orientation;
                format!("sample {ticks} {unix_ms} {x} {y} {force} {tilt_x} {tilt_y} {twist}\n")
            }
            Call::Images(seen, decoded) => {
                sealer.saw(seen, decoded);
                format!("images {seen} {decoded}\n")
            }
            Call::Up(end) => {
                sealer.pen_up(end, &mut out);
                format!("up {}\n", code(end))
            }
            Call::Rest => {
                sealer.rest(ticks, &mut out);
                format!("rest {ticks}\n")
            }
            Call::Flush => {
                sealer.flush(&mut out);
                "flush\n".to_owned()
            }
            Call::Obey(policy) => {
                sealer.obey(policy);
                format!("obey {} {}\n", policy.ink_ms_max, policy.rest_ms_max)
            }
        };
    }
    sealer.flush(&mut out);
    (sealed, lines + "flush\n")
}

/// An end's number in the document.
fn code(end: StrokeEnd) -> u8 {
    match end {
        StrokeEnd::Up => 0,
        StrokeEnd::PageChange => 1,
        StrokeEnd::LinkLost => 2,
        StrokeEnd::PowerLost => 3,
        StrokeEnd::Inferred => 4,
        StrokeEnd::Continued => 5,
    }
}

/// What the driver prints of a chunk, by the Rust reader; `None` where that refuses it.
fn read(bytes: &[u8]) -> Option<Vec<String>> {
    let Ok((Frame::Chunk(chunk), _)) = decode_frame(bytes) else { return None };
    let (head, flag) = (chunk.head, |flag: bool| u8::from(flag));
    let mut lines = vec![format!(
        "chunk {} {} {} {} {} {} {} {} {} {} {}",
        chunk.key.number,
        head.unit_nm,
        head.force_max,
        head.tick_us,
        flag(head.tilt),
        flag(head.twist),
        flag(head.images),
        head.anchor_ticks,
        head.anchor_unix_ms,
        head.period,
        flag(head.timed)
    )];
    let mut fragments = chunk.fragments();
    while let Some(fragment) = fragments.next().ok()? {
        let FragmentHead { stroke, first, address, start_ticks, .. } = fragment;
        let page = address.map_or("none".to_owned(), |page| {
            format!("{}.{}.{}.{}", page.section, page.owner, page.book, page.page)
        });
        let at = lines.len();
        let each = |sample: RawSample| {
            let RawSample { ticks, x, y, force, orientation } = sample;
            let Orientation { tilt_x, tilt_y, twist } = orientation;
            lines.push(format!("s {ticks} {x} {y} {force} {tilt_x} {tilt_y} {twist}"));
        };
        fragments.samples(each).ok()?;
        let images = fragment.images;
        let images =
            images.map_or("- -".to_owned(), |Images { seen, decoded }| format!("{seen} {decoded}"));
        let (end, first, count) = (code(fragment.end), flag(first), fragment.count);
        let line = format!("fragment {stroke} {first} {page} {end} {start_ticks} {count} {images}");
        lines.insert(at, line);
    }
    lines.push("ok".to_owned());
    Some(lines)
}

/// That both read a frame alike, or refuse it.
fn check_read(twin: &mut Twin, bytes: &[u8]) {
    let said = twin.ask(&format!("read {}\n", hex(bytes)));
    match read(bytes) {
        Some(lines) => assert_eq!(said, lines, "{}", hex(bytes)),
        None => assert!(said.len() == 1 && said[0].starts_with("refused"), "{}", hex(bytes)),
    }
}

/// What the driver prints of a receipt, by the Rust reader.
fn check_receipt(twin: &mut Twin, bytes: &[u8]) {
    let said = twin.ask(&format!("receipt {}\n", hex(bytes)));
    let Ok((Frame::Receipt(receipt), _)) = decode_frame(bytes) else {
        assert!(said[0].starts_with("refused"), "{}", hex(bytes));
        return;
    };
    let erases: Vec<_> = receipt
        .ranges()
        .map(|range| range.is_ok_and(|range| range.outcome.pen_erases()))
        .map(|erases| if erases { "erase" } else { "keep" })
        .collect();
    let (last, ranges) = said.split_last().expect("an answer");
    let said: Vec<_> = ranges.iter().filter_map(|line| line.split(' ').next_back()).collect();
    assert_eq!((said, last.as_str()), (erases, "ok"), "{}", hex(bytes));
}

/// What the driver prints of a policy and of a gateway's state, by the Rust reader.
fn check_gateways_word(twin: &mut Twin, bytes: &[u8]) {
    let read = decode_frame(bytes).map(|(frame, _)| frame);
    let said = twin.ask(&format!("policy {}\n", hex(bytes)));
    match &read {
        Ok(Frame::Policy(Policy { seal, versions: (min, max) })) => {
            let line = format!("policy {} {} {min} {max}", seal.ink_ms_max, seal.rest_ms_max);
            assert_eq!(said, [line], "{}", hex(bytes));
        }
        _ => assert!(said[0].starts_with("refused"), "{}", hex(bytes)),
    }
    let said = twin.ask(&format!("gateway {}\n", hex(bytes)));
    match &read {
        Ok(Frame::GatewayState(GatewayState { online, session, unix_ms })) => {
            let line = format!("gateway {} {session} {unix_ms}", u8::from(*online));
            assert_eq!(said, [line], "{}", hex(bytes));
        }
        _ => assert!(said[0].starts_with("refused"), "{}", hex(bytes)),
    }
}

/// That both find the same frames in a stream that comes in pieces so long, over and over.
fn check_stream(twin: &mut Twin, bytes: &[u8], pieces: &[usize]) {
    let (mut stream, mut found, mut lines) = (FrameStream::new(), Vec::new(), String::new());
    let mut each = |what: Found<'_>| {
        found.push(match what {
            Found::Frame(frame) => format!("frame {}", hex(frame)),
            Found::Damage(bytes) => format!("damage {bytes}"),
        });
    };
    let mut rest = bytes;
    for piece in pieces.iter().cycle() {
        let (now, later) = rest.split_at(rest.len().min(*piece));
        stream.push(now, &mut each);
        lines += &format!("stream {}\n", hex(now));
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    stream.finish(&mut each);
    assert_eq!(twin.ask(&(lines + "streamend\n")), found, "{}", hex(bytes));
}

/// The checksum made good again, and what a frame's finding hangs on.
fn mended(mut frame: Vec<u8>) -> Vec<u8> {
    let len = frame.len();
    (frame[0], frame[2]) = (b'Z', len as u8);
    frame[3] = frame[3] & 0xf8 | (len >> 8) as u8;
    let crc = crc32c(&frame[..len - 4]);
    frame[len - 4..].copy_from_slice(&crc.to_le_bytes());
    frame
}

/// Draws so many cases and hands them to one and the same process.
fn check<T: std::fmt::Debug>(
    cases: u32,
    strategy: impl Strategy<Value = T>,
    law: impl Fn(&mut Twin, T),
) {
    let Some(twin) = Twin::start() else { return };
    let twin = std::cell::RefCell::new(twin);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let ran = runner.run(&strategy, |drawn| {
        law(&mut twin.borrow_mut(), drawn);
        Ok(())
    });
    ran.expect("the twins agree");
}

#[test]
fn both_write_the_same_bytes() {
    check(2_000, script(), |twin, script| {
        let (sealed, lines) = seal(&script);
        let said = twin.ask(&lines);
        assert_eq!(said.len(), sealed.len());
        for (said, sealed) in said.iter().zip(&sealed) {
            assert_eq!(*said, format!("frame {}", hex(sealed)));
        }
    });
}

#[test]
fn both_read_the_same_ink_and_refuse_the_same() {
    let flips = proptest::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 1..4);
    let drawn = (script(), proptest::collection::vec(flips, 8));
    check(120, drawn, |twin, (script, flips)| {
        for chunk in &seal(&script).0 {
            check_read(twin, chunk);
            for flips in &flips {
                let mut chunk = chunk.clone();
                for (at, bit) in flips {
                    let at = at.index(chunk.len());
                    chunk[at] ^= 1 << bit;
                }
                check_read(twin, &chunk);
                check_read(twin, &mended(chunk));
            }
        }
    });
}

#[test]
fn both_believe_the_same_receipts() {
    let range = (0..5_u8, 0..5_u8, any::<u32>(), any::<u32>());
    let more = prop_oneof![3 => Just(0_usize), 1 => 1..11_usize];
    let drawn = (proptest::collection::vec(range, 0..9), more);
    check(1_000, drawn, |twin, (ranges, more)| {
        // Up to the payload: the pen takes 8 bytes, counter and number 1 each.
        let mut frame = cases::receipt()[..18].to_vec();
        for (outcome, code, first, last) in ranges {
            frame.extend([outcome, code]);
            frame.extend(first.to_le_bytes());
            frame.extend(last.to_le_bytes());
        }
        frame.resize(frame.len() + more + 4, 0);
        check_receipt(twin, &mended(frame));
    });
}

#[test]
fn both_believe_the_same_policies_and_states() {
    let vector = |wanted: &str| {
        let found = cases::all().into_iter().find(|(name, _)| *name == wanted);
        found.expect("a vector").1
    };
    let frames = [vector("policy"), vector("gateway-state")];
    let flips = proptest::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 0..6);
    check(300, (0..2_usize, flips, 0..12_usize), |twin, (which, flips, cut)| {
        let mut frame = frames[which].clone();
        // The payload alone: what the envelope says is held elsewhere.
        let len = frame.len() - 4;
        for (at, bit) in flips {
            frame[16 + at.index(len - 16)] ^= 1 << bit;
        }
        frame.truncate(frame.len() - cut.min(len - 16));
        check_gateways_word(twin, &mended(frame));
    });
}

#[test]
fn both_find_the_same_frames_in_a_damaged_stream() {
    let damage = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let cuts = any::<(prop::sample::Index, prop::sample::Index)>();
    let pieces = proptest::collection::vec(1..1_500_usize, 1..9);
    check(400, (script(), damage, cuts, pieces), |twin, (script, damage, (from, to), pieces)| {
        let mut bytes = [cases::receipt(), seal(&script).0.concat()].concat();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        check_stream(twin, &bytes[from.min(to)..], &pieces);
        check_stream(twin, &bytes, &pieces);
    });
}

#[test]
fn both_read_the_golden_vectors() {
    let Some(mut twin) = Twin::start() else { return };
    for (name, bytes) in cases::all() {
        println!("{name}");
        if let Ok(bundle) = Bundle::parse(&bytes) {
            let frames: Vec<_> =
                bundle.frames().map(|f| format!("frame {}", hex(f.bytes))).collect();
            let said = twin.ask(&format!("bundle {}\n", hex(&bytes)));
            assert_eq!(said, [frames, vec!["ok".to_owned()]].concat());
        }
        for piece in [1, 20, 2_000] {
            check_stream(&mut twin, &bytes, &[piece]);
        }
        let mut stream = FrameStream::new();
        let mut each = |found: Found<'_>| {
            if let Found::Frame(frame) = found {
                check_read(&mut twin, frame);
                check_receipt(&mut twin, frame);
                check_gateways_word(&mut twin, frame);
            }
        };
        stream.push(&bytes, &mut each);
        stream.finish(each);
    }
}

#[test]
fn both_write_the_same_messages() {
    let Some(mut twin) = Twin::start() else { return };
    let vector = |wanted: &str| {
        let found = cases::all().into_iter().find(|(name, _)| *name == wanted);
        vec![format!("frame {}", hex(&found.expect("a vector").1))]
    };
    let (pen, BootId { counter, random }) = (KEY.pen.0, KEY.boot);
    let hello = format!(
        "hello {pen:x} {counter} {random} 1 1 100 23710 852 1000 0 0 0 2 {} ZP-1 1.4.2\n",
        UNIX_MS - 5_000
    );
    assert_eq!(twin.ask(&hello), vector("hello"));
    let PenState { ticks, seen_unix_ms: seen, pen_unix_ms: own, backlog, .. } = PEN_STATE;
    let state =
        format!("state {pen:x} {counter} {random} {ticks} {seen} {own} 87 1 12 {backlog}\n");
    assert_eq!(twin.ask(&state), vector("pen-state"));
}
