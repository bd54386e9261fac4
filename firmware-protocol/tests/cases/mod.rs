//! What the golden vectors mean, as values.

mod refusals;

use firmware_protocol::*;

pub(crate) const KEY: ChunkKey = ChunkKey {
    pen: PenId(0x0011_2233_4455_6677),
    boot: BootId { counter: 5, random: 0xA1B2_C3D4 },
    number: 0,
};
/// 2026-09-01 08:00:00 in Shanghai.
pub(crate) const UNIX_MS: i64 = 1_788_220_800_000;
pub(crate) const PAGE: PageAddress = PageAddress { section: 3, owner: 27, book: 168, page: 12 };
pub(crate) const HEAD: PenHead = PenHead::new(23_710, 852, 1_000);

/// One stroke as it is told to a sealer: samples are ticks, x, y, force.
pub(crate) struct Told {
    pub(crate) address: Option<PageAddress>,
    pub(crate) end: StrokeEnd,
    pub(crate) down_ticks: u64,
    pub(crate) samples: &'static [(u64, i32, i32, u16)],
}

pub(crate) const TWO_STROKES: &[Told] = &[
    Told {
        address: Some(PAGE),
        end: StrokeEnd::Up,
        down_ticks: 5_000,
        samples: &[
            (5_000, 4_200, 1_900, 180),
            (5_010, 4_206, 1_893, 260),
            (5_020, 4_217, 1_882, 310),
            (5_030, 4_231, 1_874, 330),
            (5_040, 4_244, 1_872, 290),
        ],
    },
    Told {
        address: Some(PAGE),
        end: StrokeEnd::Up,
        down_ticks: 5_200,
        samples: &[
            (5_200, 4_260, 1_850, 200),
            (5_210, 4_259, 1_858, 280),
            (5_220, 4_257, 1_868, 300),
        ],
    },
];

/// No force; a page change, an empty stroke, a single sample, no page, a reading dropped, a clock
/// that jitters, a pause above 255 ms.
pub(crate) const ODD_STROKES: &[Told] = &[
    Told {
        address: Some(PAGE),
        end: StrokeEnd::PageChange,
        down_ticks: 100,
        samples: &[(100, 10, -20, 0), (112, 13, -20, 0), (123, 15, -22, 0), (135, 20, -23, 0)],
    },
    Told {
        address: Some(PageAddress { page: 13, ..PAGE }),
        end: StrokeEnd::Up,
        down_ticks: 140,
        samples: &[],
    },
    Told {
        address: Some(PageAddress { page: 13, ..PAGE }),
        end: StrokeEnd::Inferred,
        down_ticks: 300,
        samples: &[(300, 0, 0, 0)],
    },
    Told {
        address: None,
        end: StrokeEnd::LinkLost,
        down_ticks: 400,
        samples: &[
            (400, 900, 700, 0),
            (412, 905, 705, 0),
            (436, 915, 715, 0),
            (448, 920, 720, 0),
            (2_233, 920, 721, 0),
            (2_245, 918, 722, 0),
        ],
    },
];

pub(crate) const EXTREMES: &[Told] = &[Told {
    address: Some(PageAddress {
        section: u8::MAX,
        owner: (1 << 24) - 1,
        book: u32::MAX,
        page: u32::MAX,
    }),
    end: StrokeEnd::PowerLost,
    down_ticks: u64::MAX / 2 - u32::MAX as u64,
    samples: &[
        (u64::MAX / 2 - u32::MAX as u64, i32::MIN, i32::MAX, u16::MAX),
        // So far to the right that the size of y's error wraps.
        (u64::MAX / 2, -8, i32::MIN + 4, 0),
        (u64::MAX / 2 - 1, i32::MIN, 0, u16::MAX),
        (u64::MAX / 2, i32::MIN, 0, u16::MAX),
    ],
}];

/// Seals strokes into chunks; the first stroke is cut after `cut` samples, where that is given.
pub(crate) fn seal(
    head: PenHead,
    policy: SealPolicy,
    unix_ms: i64,
    told: &[Told],
    cut: Option<usize>,
) -> Vec<Vec<u8>> {
    let mut sealer = Sealer::new(KEY.pen, KEY.boot, head, policy);
    let mut sealed = Vec::new();
    let mut out = |frame: &[u8]| sealed.push(frame.to_vec());
    for (index, stroke) in told.iter().enumerate() {
        sealer.pen_down(stroke.address, stroke.down_ticks, unix_ms, &mut out);
        for (position, &(ticks, x, y, force)) in stroke.samples.iter().enumerate() {
            if index == 0 && cut == Some(position) {
                sealer.flush(&mut out);
            }
            sealer.sample(Reading::new(ticks, unix_ms, x, y, force), &mut out);
        }
        sealer.pen_up(stroke.end, &mut out);
    }
    sealer.flush(&mut out);
    sealed
}

pub(crate) fn hello() -> Hello {
    Hello {
        key: KEY,
        model: ShortText::new("ZP-1").expect("four letters"),
        firmware: ShortText::new("1.4.2").expect("five characters"),
        versions: (1, 1),
        sample_rate_hz: 100,
        head: HEAD,
        clock: ClockSource::Set,
        epoch_unix_ms: UNIX_MS - 5_000,
    }
}

pub(crate) const PEN_STATE: PenState = PenState {
    pen: KEY.pen,
    boot: KEY.boot,
    ticks: 6_000,
    seen_unix_ms: UNIX_MS + 61_234,
    pen_unix_ms: UNIX_MS + 1_000,
    battery_percent: 87,
    charging: true,
    memory_percent: 12,
    backlog: 3,
};

/// Every value at its end.
pub(crate) const PEN_STATE_LARGEST: PenState = PenState {
    ticks: u64::MAX,
    seen_unix_ms: i64::MAX,
    pen_unix_ms: i64::MIN,
    battery_percent: 100,
    charging: true,
    memory_percent: 100,
    backlog: u32::MAX,
    ..PEN_STATE
};

pub(crate) const GATEWAY_STATE: GatewayState =
    GatewayState { online: true, session: 0x0102_0304_0506_0708, unix_ms: UNIX_MS };

pub(crate) const POLICY: Policy =
    Policy { seal: SealPolicy { ink_ms_max: 8_000, rest_ms_max: 750 }, versions: (1, 2) };

pub(crate) const RANGES: [ReceiptRange; 6] = [
    ReceiptRange { outcome: Outcome::Stored, first: 0, last: 2 },
    ReceiptRange { outcome: Outcome::Held, first: 3, last: 3 },
    ReceiptRange { outcome: Outcome::Refused(RefusalCode::UnknownVersion), first: 5, last: 6 },
    ReceiptRange { outcome: Outcome::Refused(RefusalCode::Erased), first: 7, last: 7 },
    ReceiptRange { outcome: Outcome::Taken, first: 8, last: 8 },
    ReceiptRange { outcome: Outcome::Refused(RefusalCode::Malformed), first: 9, last: u32::MAX },
];

/// From high to low, one overlapping another.
pub(crate) const OUT_OF_ORDER: [ReceiptRange; 3] = [
    ReceiptRange { outcome: Outcome::Stored, first: 9, last: 12 },
    ReceiptRange { outcome: Outcome::Held, first: 0, last: 0 },
    ReceiptRange { outcome: Outcome::Refused(RefusalCode::UnknownVersion), first: 11, last: 13 },
];

/// All time the same chunk: no seal but where it is asked for.
pub(crate) const ENDLESS: SealPolicy = SealPolicy { ink_ms_max: u32::MAX, rest_ms_max: u32::MAX };

fn frame(encode: impl FnOnce(&mut [u8]) -> Result<usize, BufferFull>) -> Vec<u8> {
    let mut buffer = [0; 128];
    let len = encode(&mut buffer).expect("room");
    buffer[..len].to_vec()
}

pub(crate) fn receipt() -> Vec<u8> {
    let mut buffer = [0; 128];
    let mut writer = ReceiptWriter::new(KEY.pen, KEY.boot, &mut buffer);
    for range in RANGES {
        writer.push(range).expect("room");
    }
    writer.finish().expect("ranges").to_vec()
}

pub(crate) fn bundle() -> Vec<u8> {
    let mut buffer = [0; 1024];
    let mut writer = BundleWriter::new(&mut buffer).expect("room");
    writer.push(&frame(|out| encode_hello(&hello(), out))).expect("room");
    for chunk in seal(HEAD, ENDLESS, UNIX_MS, TWO_STROKES, Some(3)) {
        writer.push(&chunk).expect("room");
    }
    writer.finish().to_vec()
}

pub(crate) fn capture() -> Vec<u8> {
    let bundle = bundle();
    let length = capture_length(bundle.len() as u32);
    [CAPTURE_HEADER.as_slice(), &length, &bundle].concat()
}

/// A sealer told `calls`, and all that it sealed, frame behind frame.
fn sealed(
    head: PenHead,
    policy: SealPolicy,
    calls: impl FnOnce(&mut Sealer, &mut dyn FnMut(&[u8])),
) -> Vec<u8> {
    let mut sealer = Sealer::new(KEY.pen, KEY.boot, head, policy);
    let mut frames = Vec::new();
    calls(&mut sealer, &mut |frame| frames.extend_from_slice(frame));
    sealer.flush(&mut |frame| frames.extend_from_slice(frame));
    frames
}

/// A slow wave, 10 ms a step.
fn wave(step: u64) -> Reading {
    let (ticks, unix_ms) = (7_000 + 10 * step, UNIX_MS + 10 * step as i64);
    let step = step as i32;
    Reading::new(ticks, unix_ms, 3_000 + 9 * step, 2_000 + (step % 12 - 6).pow(2), 400)
}

/// Tilt, twist and the camera's images beside force.
fn all_channels() -> Vec<u8> {
    let head = PenHead { tilt: true, twist: true, images: true, ..HEAD };
    sealed(head, ENDLESS, |sealer, mut out| {
        for (stroke, from) in [(0, 0), (1, 30)] {
            sealer.pen_down(Some(PAGE), wave(from).ticks, wave(from).unix_ms, &mut out);
            for step in from..from + 8 {
                let (tilt_x, tilt_y) = (90 + step as u8 / 2, 120 - step as u8 / 3);
                let orientation = Orientation { tilt_x, tilt_y, twist: 355 - step as u16 };
                sealer.saw(1, u16::from(step % 5 != 0));
                sealer.sample(Reading { orientation, ..wave(step) }, &mut out);
            }
            sealer.saw(stroke, 0);
            sealer.pen_up(StrokeEnd::Up, &mut out);
        }
    })
}

/// A clock that jitters: the first chunk has runs and misses, the second writes each time.
fn timed() -> Vec<u8> {
    sealed(HEAD, ENDLESS, |sealer, mut out| {
        for step in 0..48 {
            let late = [0, 1, 0, 2, 1, 0, 0, 1][step as usize % 8];
            let reading = Reading { ticks: wave(step).ticks + late, ..wave(step) };
            if step == 24 {
                sealer.pen_up(StrokeEnd::Up, &mut out);
                sealer.flush(&mut out);
            }
            sealer.sample(reading, &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
    })
}

/// No pen-up, no pen-down, an up without samples, an up while up.
fn missing_up_and_down() -> Vec<u8> {
    sealed(HEAD, ENDLESS, |sealer, mut out| {
        sealer.pen_up(StrokeEnd::Up, &mut out);
        sealer.pen_down(Some(PAGE), wave(0).ticks, wave(0).unix_ms, &mut out);
        (0..4).for_each(|step| sealer.sample(wave(step), &mut out));
        sealer.pen_down(Some(PAGE), wave(20).ticks, wave(20).unix_ms, &mut out);
        sealer.pen_up(StrokeEnd::Up, &mut out);
        (30..34).for_each(|step| sealer.sample(wave(step), &mut out));
        sealer.pen_up(StrokeEnd::PowerLost, &mut out);
    })
}

/// The clock goes back, then an hour ahead: three chunks.
fn clock_jump() -> Vec<u8> {
    sealed(HEAD, SealPolicy::STANDARD, |sealer, mut out| {
        for (step, ticks) in [(0, 7_000), (1, 7_010), (2, 40), (3, 50), (4, 3_600_050)] {
            sealer.sample(Reading { ticks, ..wave(step) }, &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
    })
}

/// The page flickers for one sample; a pen that cannot tell sends what it saw.
fn page_flicker() -> Vec<u8> {
    let other = PageAddress { page: 99, ..PAGE };
    sealed(HEAD, ENDLESS, |sealer, mut out| {
        for (page, steps) in [(PAGE, 0..4), (other, 4..5), (PAGE, 5..9)] {
            sealer.pen_down(Some(page), wave(steps.start).ticks, UNIX_MS, &mut out);
            steps.clone().for_each(|step| sealer.sample(wave(step), &mut out));
            let end = if steps.end == 9 { StrokeEnd::Up } else { StrokeEnd::PageChange };
            sealer.pen_up(end, &mut out);
        }
    })
}

/// A stroke that fills a chunk and goes on in the next.
fn full_chunk() -> Vec<u8> {
    sealed(HEAD, ENDLESS, |sealer, mut out| {
        sealer.pen_down(Some(PAGE), wave(0).ticks, UNIX_MS, &mut out);
        for step in 0..520 {
            let noise = (step * step * 7 + step * 13) % 31;
            let wave = wave(step);
            sealer.sample(Reading { x: wave.x + noise as i32, ..wave }, &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
    })
}

/// A frame whose bytes were changed, its checksum made good again.
fn changed(mut frame: Vec<u8>, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    frame.truncate(frame.len() - 4);
    change(&mut frame);
    let len = (frame.len() + 4) as u16;
    frame[2] = len as u8;
    frame[3] = frame[3] & 0xf8 | (len >> 8) as u8;
    frame.extend_from_slice(&crc32c(&frame).to_le_bytes());
    frame
}

/// Where the number stands in a frame of [`KEY`]'s pen and boot.
const NUMBER_AT: usize = 4 + 8 + 1 + 4;

fn one(head: PenHead, told: &[Told]) -> Vec<u8> {
    seal(head, ENDLESS, UNIX_MS, told, None).concat()
}

/// The number jumps by 256, where an eight-bit counter would see nothing.
fn counter_jump() -> Vec<u8> {
    let chunk = one(HEAD, TWO_STROKES);
    let later = changed(chunk.clone(), |frame| {
        // 257 takes two bytes.
        frame[3] |= 1 << 6;
        frame.splice(NUMBER_AT..=NUMBER_AT, [1, 1]);
    });
    [chunk, later].concat()
}

/// A vendor's pen that cuts its backlog anew: the same keys, other bytes.
fn recut_backlog() -> Vec<u8> {
    let cut = |at| seal(HEAD, ENDLESS, UNIX_MS, TWO_STROKES, Some(at));
    [cut(3), cut(2)].concat().concat()
}

fn bit_flip() -> Vec<u8> {
    let mut frames = one(HEAD, TWO_STROKES);
    frames[40] ^= 0x10;
    [frames, one(HEAD, &TWO_STROKES[1..])].concat()
}

fn truncated() -> Vec<u8> {
    let mut frames = [one(HEAD, &TWO_STROKES[1..]), one(HEAD, TWO_STROKES)].concat();
    frames.truncate(frames.len() - 9);
    frames
}

/// Every vector by the name of its file; frame behind frame, but for bundle and capture.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    let forceless = PenHead { force_max: 0, ..HEAD };
    let largest = PenHead::new(1_000_000, u16::MAX, 1);
    let hello = frame(|out| encode_hello(&hello(), out));
    let chunk = one(HEAD, TWO_STROKES);
    let mut all = vec![
        ("hello", hello.clone()),
        ("hello-unknown-field", changed(hello, |frame| frame.extend([0xde, 0xad, 0xbe]))),
        ("chunk-two-strokes", chunk.clone()),
        ("chunk-odd-strokes", one(forceless, ODD_STROKES)),
        ("chunk-extremes", one(largest, EXTREMES)),
        ("chunk-all-channels", all_channels()),
        ("chunk-full", full_chunk()),
        ("chunk-timed", timed()),
        ("stroke-cut", seal(HEAD, ENDLESS, UNIX_MS, TWO_STROKES, Some(3)).concat()),
        ("missing-up-and-down", missing_up_and_down()),
        ("clock-jump", clock_jump()),
        ("page-flicker", page_flicker()),
        ("counter-jump", counter_jump()),
        ("duplicate-backlog", [chunk.clone(), chunk.clone()].concat()),
        ("recut-backlog", recut_backlog()),
        ("bit-flip", bit_flip()),
        ("truncated", truncated()),
        ("unknown-version", changed(chunk.clone(), |frame| frame[1] = 9 << 4 | 2)),
        ("unknown-kind", changed(chunk.clone(), |frame| frame[1] = VERSION << 4 | 14)),
        ("unknown-tables", changed(chunk, |frame| frame[NUMBER_AT + 1] |= 0xe0)),
        ("pen-state", frame(|out| encode_pen_state(&PEN_STATE, out))),
        ("gateway-state", frame(|out| encode_gateway_state(&GATEWAY_STATE, out))),
        ("receipt", receipt()),
        ("policy", frame(|out| encode_policy(&POLICY, out))),
        ("bundle", bundle()),
        ("capture", capture()),
    ];
    all.extend(refusals::all());
    all
}
