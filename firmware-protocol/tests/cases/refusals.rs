//! Frames with a sound checksum that a reader refuses, or that say less than they seem to; one for
//! each thing that the document says is refused. Their bits are put together here by hand: no
//! encoder of ours writes them.

use firmware_protocol::*;

use super::{HEAD, KEY, NUMBER_AT, PAGE, changed, frame, hello};

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

pub(super) fn all() -> Vec<(&'static str, Vec<u8>)> {
    [vec![("clock-back", clock_back())], refused_messages(), refused_chunks()].concat()
}
