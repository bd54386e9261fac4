//! What the golden vectors mean, as values.

use firmware_protocol::*;

pub(crate) const KEY: ChunkKey = ChunkKey {
    pen: PenId(0x0011_2233_4455_6677),
    boot: BootId { counter: 5, random: 0xA1B2_C3D4 },
    number: 0,
};
/// 2026-09-01 08:00:00 in Shanghai.
pub(crate) const UNIX_MS: i64 = 1_788_220_800_000;
pub(crate) const PAGE: PageAddress = PageAddress { section: 3, owner: 27, book: 168, page: 12 };
pub(crate) const HEAD: PenHead = PenHead { unit_nm: 23_710, force_max: 852, tick_us: 1_000 };

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
        (u64::MAX / 2, i32::MAX, i32::MIN, 0),
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
            sealer.sample(ticks, unix_ms, x, y, force, &mut out);
        }
        sealer.pen_up(stroke.end);
    }
    sealer.flush(&mut out);
    sealed
}

pub(crate) fn hello() -> Hello {
    Hello {
        key: KEY,
        model: ModelName::new("ZP-1").expect("four letters"),
        sample_rate_hz: 100,
        force_max: 852,
        unit_nm: 23_710,
        tick_us: 1_000,
    }
}

pub(crate) const PEN_STATE: PenState = PenState {
    pen: KEY.pen,
    boot: KEY.boot,
    ticks: 6_000,
    seen_unix_ms: UNIX_MS + 61_234,
    pen_unix_ms: UNIX_MS + 1_000,
    battery_percent: 87,
    backlog: 3,
};

pub(crate) const GATEWAY_STATE: GatewayState =
    GatewayState { online: true, session: 0x0102_0304_0506_0708, unix_ms: UNIX_MS };

pub(crate) const RANGES: [ReceiptRange; 5] = [
    ReceiptRange { outcome: Outcome::Stored, first: 0, last: 2 },
    ReceiptRange { outcome: Outcome::Held, first: 3, last: 3 },
    ReceiptRange { outcome: Outcome::Refused(RefusalCode::UnknownVersion), first: 5, last: 6 },
    ReceiptRange { outcome: Outcome::Refused(RefusalCode::Erased), first: 7, last: 7 },
    ReceiptRange { outcome: Outcome::Refused(RefusalCode::Malformed), first: 9, last: u32::MAX },
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

/// Every vector by the name of its file.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    let one = |head, told| {
        let [chunk] = seal(head, ENDLESS, UNIX_MS, told, None).try_into().expect("one chunk");
        chunk
    };
    let forceless = PenHead { force_max: 0, ..HEAD };
    let largest = PenHead { unit_nm: 1_000_000, force_max: u16::MAX, tick_us: 1 };
    vec![
        ("hello", frame(|out| encode_hello(&hello(), out))),
        ("chunk-two-strokes", one(HEAD, TWO_STROKES)),
        ("chunk-odd-strokes", one(forceless, ODD_STROKES)),
        ("chunk-extremes", one(largest, EXTREMES)),
        ("pen-state", frame(|out| encode_pen_state(&PEN_STATE, out))),
        ("gateway-state", frame(|out| encode_gateway_state(&GATEWAY_STATE, out))),
        ("receipt", receipt()),
        ("bundle", bundle()),
        ("capture", capture()),
    ]
}
