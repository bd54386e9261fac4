//! Frames with a sound checksum that a reader refuses, or that say less than they seem to; one for
//! each thing that the document says is refused. Their bits are put together here by hand: no
//! encoder of ours writes them.

use firmware_protocol::*;

use super::{
    GATEWAY_STATE, HEAD, KEY, NUMBER_AT, OUT_OF_ORDER, PAGE, PEN_STATE, PEN_STATE_LARGEST, POLICY,
    changed, frame, hello,
};

/// Bits as text of 0 and 1: the code EG(k) of a number.
fn eg(k: u32, u: u64) -> String {
    let v = (u >> k) + 1;
    let low =
        if k == 0 { String::new() } else { format!("{:0k$b}", u & ((1 << k) - 1), k = k as usize) };
    format!("{}{v:b}{low}", "0".repeat(v.ilog2() as usize))
}

/// A chunk of these two streams, with so many zero bytes between them.
fn chunk(forward: &[&str], backward: &[&str], zeros: usize) -> Vec<u8> {
    let (forward, backward) = (forward.concat(), backward.concat());
    let bits = (forward.len() + backward.len()).next_multiple_of(8) + 8 * zeros;
    let gap = "0".repeat(bits - forward.len() - backward.len());
    let backward: String = backward.chars().rev().collect();
    let text = format!("{forward}{gap}{backward}");
    let bytes: Vec<u8> = (0..bits / 8)
        .map(|at| u8::from_str_radix(&text[8 * at..8 * at + 8], 2).expect("bits"))
        .collect();
    payload(2, 1, &bytes)
}

/// A frame of this kind and number around any payload.
fn payload(kind: u8, number: u8, payload: &[u8]) -> Vec<u8> {
    changed(frame(|out| encode_hello(&hello(), out)), |frame| {
        frame.truncate(NUMBER_AT + 1);
        frame[1] = VERSION << 4 | kind;
        frame[NUMBER_AT] = number;
        frame.extend_from_slice(payload);
    })
}

/// Table set 1, no images, not timed, usual pen 2: no force.
const HEAD_BITS: &str = "0001000010";
/// A stroke that begins here, its number 0, on no page.
const FIRST: &str = "1100000000000";
/// One run of no sample, and the pen lifted.
const EMPTY: &str = "11111101";
/// Codes of a run of one, and of none.
const ONE: &str = "11100";
const NONE: &str = "1111110";
/// What stands behind a run: a miss, and another end.
const MISS: &str = "01";
const OTHER_END: &str = "000";

fn refused_chunks() -> Vec<(&'static str, Vec<u8>)> {
    let anchor = [eg(20, 0), eg(36, 0), eg(5, 0)].concat();
    let anchor = anchor.as_str();
    let start = [eg(13, 0), eg(13, 0)].concat();
    let start = start.as_str();
    let PageAddress { section, owner, book, page } = PAGE;
    let page = [eg(2, section.into()), eg(5, owner.into()), eg(9, book.into()), eg(7, page.into())]
        .concat();
    let page = page.as_str();
    let own_unit = eg(14, 23_710);
    let (far, slow) = (eg(36, (1 << 62) + 2), eg(5, 16 * 65_535 + 1));
    let many_strokes = eg(10, 1_024);
    let strong = eg(7, 70_000);
    let escape = ["111111111", &eg(7, 600 - 192), "1"].concat();
    vec![
        ("refused-usual-pen", chunk(&["0001000101", anchor, FIRST], &[EMPTY], 0)),
        (
            "refused-usual-pen-spelled-out",
            chunk(&["0001000000", "000", "0001", "0001", anchor, FIRST], &[EMPTY], 0),
        ),
        (
            "refused-scale-code",
            chunk(&["0001000000", "010", "0111", "0001", anchor, FIRST], &[EMPTY], 0),
        ),
        (
            "refused-scale-with-a-code",
            chunk(&["0001000000", "010", "0000", &own_unit, "0001", anchor, FIRST], &[EMPTY], 0),
        ),
        ("refused-anchor", chunk(&[HEAD_BITS, &eg(20, 0), &far, &eg(5, 0), FIRST], &[EMPTY], 0)),
        ("refused-period", chunk(&[HEAD_BITS, &eg(20, 0), &eg(36, 0), &slow, FIRST], &[EMPTY], 0)),
        // The second fragment is on another page that is the same.
        (
            "refused-same-page",
            chunk(
                &[
                    HEAD_BITS,
                    anchor,
                    "110000000000",
                    "1",
                    page,
                    "01",
                    "11",
                    "11",
                    page,
                    "000000000",
                ],
                &[EMPTY, EMPTY],
                0,
            ),
        ),
        // The second stroke begins on the same page, and is the next.
        (
            "refused-long-marker",
            chunk(&[HEAD_BITS, anchor, FIRST, "01", "11", "0", "000000000"], &[EMPTY, EMPTY], 0),
        ),
        ("refused-end", chunk(&[HEAD_BITS, anchor, FIRST], &[NONE, OTHER_END, "110"], 0)),
        ("refused-end-up", chunk(&[HEAD_BITS, anchor, FIRST], &[NONE, OTHER_END, "000"], 0)),
        (
            "refused-miss-of-none",
            chunk(&[HEAD_BITS, anchor, FIRST], &[NONE, MISS, "0", "0", EMPTY], 0),
        ),
        (
            "refused-miss-of-zero",
            chunk(&[HEAD_BITS, anchor, FIRST, start], &[ONE, MISS, "110100", EMPTY], 1),
        ),
        (
            "refused-miss-when-timed",
            chunk(&["0001010010", anchor, FIRST, start], &[ONE, MISS, "0", "0", EMPTY], 1),
        ),
        ("refused-force", chunk(&["0001000001", anchor, FIRST, start, &strong], &[ONE, "1"], 0)),
        ("refused-count", chunk(&[HEAD_BITS, anchor, FIRST, start], &[&escape], 0)),
        // Seven bits are left, and the third of them is set.
        (
            "refused-end-bits",
            chunk(&[HEAD_BITS, anchor, "1", &many_strokes, "0", "001"], &[EMPTY], 0),
        ),
        ("refused-zeros", chunk(&[HEAD_BITS, anchor, FIRST], &[EMPTY], 1)),
        ("refused-head-cut", chunk(&["00010000"], &[], 0)),
        ("refused-no-payload", chunk(&[], &[], 0)),
        ("refused-chunk-number", {
            let whole = chunk(&[HEAD_BITS, anchor, FIRST], &[EMPTY], 0);
            changed(whole, |frame| frame[NUMBER_AT] = 0)
        }),
    ]
}

fn refused_messages() -> Vec<(&'static str, Vec<u8>)> {
    let said = frame(|out| encode_hello(&hello(), out));
    // Where a hello's fields begin, and fields behind that.
    let fields = NUMBER_AT + 1;
    let hello = |change: &dyn Fn(&mut Vec<u8>)| changed(said.clone(), change);
    let field = |at: usize, bytes: &[u8]| {
        hello(&|frame: &mut Vec<u8>| {
            frame[fields + at..fields + at + bytes.len()].copy_from_slice(bytes)
        })
    };
    vec![
        // The pen 0 in eight bytes.
        ("refused-key", hello(&|frame: &mut Vec<u8>| frame[4..12].fill(0))),
        ("refused-hello-number", payload(1, 3, &said[fields..said.len() - 4])),
        ("refused-hello-unit", field(4, &0_u32.to_le_bytes())),
        ("refused-hello-tick", field(10, &1_000_001_u32.to_le_bytes())),
        ("refused-hello-origin", field(15, &[1])),
        ("refused-hello-clock", field(16, &[3])),
        ("refused-hello-text", field(26, &[7])),
        ("refused-hello-cut", payload(1, 0, &said[fields..fields + 20])),
        (
            "refused-gateway-state",
            payload(4, 0, &[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ),
        ("refused-pen-state-cut", payload(3, 0, &[0; 27])),
        ("refused-receipt-length", payload(5, 0, &[0; 11])),
        ("refused-receipt-empty", payload(5, 0, &[])),
        // Outcome 9; an end before its beginning; and one that holds.
        (
            "receipt-unknown-outcome",
            payload(
                5,
                0,
                &[
                    [9, 1, 1, 0, 0, 0, 2, 0, 0, 0],
                    [0, 0, 5, 0, 0, 0, 3, 0, 0, 0],
                    [1, 0, 7, 0, 0, 0, 8, 0, 0, 0],
                ]
                .concat(),
            ),
        ),
    ]
}

/// The period is unknown when the clock goes back: the interval is negative as it stands, and not
/// taken modulo 2³².
fn clock_back() -> Vec<u8> {
    let mut sealer = Sealer::new(KEY.pen, KEY.boot, HEAD, SealPolicy::STANDARD);
    let mut sealed = Vec::new();
    let mut out = |frame: &[u8]| sealed.extend_from_slice(frame);
    for (stroke, ticks) in [[5_000; 5], [5_300, 5_290, 5_300, 5_310, 5_320]].into_iter().enumerate()
    {
        sealer.pen_down(Some(PAGE), ticks[0], super::UNIX_MS, &mut out);
        for (step, ticks) in (0..).zip(ticks) {
            let (x, y) = (900 + 200 * stroke as i32 + 3 * step, 700 - 2 * step);
            sealer.sample(Reading::new(ticks, super::UNIX_MS, x, y, 300), &mut out);
        }
        sealer.pen_up(StrokeEnd::Up, &mut out);
    }
    sealer.flush(&mut out);
    sealed
}

/// A policy frame of these values.
fn policy(ink_ms: u32, rest_ms: u32, versions: [u8; 2]) -> Vec<u8> {
    let bytes = [&ink_ms.to_le_bytes()[..], &rest_ms.to_le_bytes(), &versions].concat();
    payload(6, 0, &bytes)
}

fn refused_policies() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("refused-policy-ink", policy(499, 500, [1, 1])),
        ("refused-policy-long-ink", policy(60_001, 500, [1, 1])),
        ("refused-policy-rest", policy(4_000, 99, [1, 1])),
        ("refused-policy-long-rest", policy(4_000, u32::MAX, [1, 1])),
        ("refused-policy-version", policy(4_000, 500, [0, 1])),
        ("refused-policy-versions", policy(4_000, 500, [2, 1])),
        ("refused-policy-high-version", policy(4_000, 500, [1, 16])),
        ("refused-policy-cut", payload(6, 0, &[0xa0, 0x0f, 0, 0, 0xf4, 1, 0, 0, 1])),
    ]
}

/// Messages of a later version, and with values that no encoder of this one writes: all are read.
fn grown() -> Vec<(&'static str, Vec<u8>)> {
    let pen_state = frame(|out| encode_pen_state(&PEN_STATE, out));
    let largest = frame(|out| encode_pen_state(&PEN_STATE_LARGEST, out));
    let gateway_state = frame(|out| encode_gateway_state(&GATEWAY_STATE, out));
    let said = frame(|out| encode_policy(&POLICY, out));
    let more = |frame: Vec<u8>| changed(frame, |frame| frame.extend([0xde, 0xad, 0xbe]));
    // Where a hello's and a pen's state's fields begin; a gateway's envelope is shorter.
    let fields = NUMBER_AT + 1;
    let receipt = || {
        let mut buffer = [0; 128];
        let mut writer = ReceiptWriter::new(KEY.pen, KEY.boot, &mut buffer);
        OUT_OF_ORDER.into_iter().for_each(|range| writer.push(range).expect("room"));
        writer.finish().expect("ranges").to_vec()
    };
    vec![
        (
            "hello-strange-values",
            changed(frame(|out| encode_hello(&hello(), out)), |frame| {
                // Versions 0 to 255, channels without a meaning, a time though none was ever set.
                frame[fields..fields + 2].copy_from_slice(&[0, 255]);
                frame[fields + 14] = 0xf8;
                frame[fields + 16] = 0;
            }),
        ),
        ("pen-state-unknown-field", more(pen_state)),
        (
            "pen-state-strange-values",
            changed(largest, |frame| {
                // Percents above 100, and a charging that is neither 0 nor 1.
                frame[fields + 24..fields + 27].copy_from_slice(&[255, 2, 101]);
            }),
        ),
        ("gateway-state-unknown-field", more(gateway_state)),
        (
            "gateway-state-strange-values",
            payload(4, 9, &[&[1][..], &u64::MAX.to_le_bytes(), &i64::MIN.to_le_bytes()].concat()),
        ),
        ("policy-unknown-field", more(said)),
        ("policy-least", policy(500, 100, [1, 1])),
        ("policy-most", policy(60_000, 60_000, [15, 15])),
        ("receipt-out-of-order", receipt()),
    ]
}

pub(super) fn all() -> Vec<(&'static str, Vec<u8>)> {
    [
        vec![("clock-back", clock_back())],
        refused_messages(),
        refused_policies(),
        grown(),
        refused_chunks(),
    ]
    .concat()
}
