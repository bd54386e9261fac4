//! What each bit of a frame means.

use crate::codec::{Before, Model, Opening, Point, PutBits, Run, RunEnd};
use crate::envelope::{CRC_LEN, header_len, number_offset, peek_envelope, pen_len};
use crate::{Chunk, ChunkKey, FragmentHead, Frame, FrameError, RawSample, decode_frame};

/// A part of a frame that means one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it begins: bits from the frame's first on, each byte's most significant first. Of a
    /// part that is read backward, its last bit.
    pub bit: usize,
    /// How many bits it has; 0 for what is only concluded.
    pub bits: usize,
    /// Whether it is read backward from the payload's end.
    pub backward: bool,
    /// Its name in the protocol document.
    pub field: &'static str,
    /// What it says. Of a sample's coordinates the value, not the error that is written; of
    /// unsigned fields of eight bytes their bits.
    pub value: i64,
}

/// Goes through a frame that this version reads and tells the meaning of every bit, in the order in
/// which a writer writes them; zeros between a chunk's streams are left out.
///
/// A chunk is explained by writing it again, which gives the same bits: one meaning has one
/// spelling.
///
/// # Errors
/// As [`decode_frame`] and [`Fragments`](crate::Fragments); parts before the fault were told.
pub fn explain_frame(bytes: &[u8], mut each: impl FnMut(Part)) -> Result<(), FrameError> {
    let (frame, len) = decode_frame(bytes)?;
    let key = peek_envelope(bytes)?.key;
    envelope(bytes, key, &mut each);
    if let Frame::Chunk(chunk) = &frame {
        return explain_chunk(chunk, bytes, len, &mut each);
    }
    let (fields, repeats): (&[Field], bool) = match &frame {
        Frame::Hello(_) => (&HELLO, false),
        Frame::PenState(_) => (&PEN_STATE, false),
        Frame::GatewayState(_) => (&GATEWAY_STATE, false),
        Frame::Policy(_) => (&POLICY, false),
        _ => (&RANGE, true),
    };
    let mut bytes = Bytes { bytes, at: header_len(key), each: &mut each };
    while bytes.at < len - CRC_LEN {
        for field in fields {
            bytes.field(*field);
        }
        if !repeats {
            break;
        }
    }
    // What a later version appended.
    bytes.uint("unknown", len - CRC_LEN - bytes.at);
    bytes.uint("crc32c", CRC_LEN);
    Ok(())
}

/// A field of whole bytes: a number of so many, or a text behind its length.
#[derive(Clone, Copy)]
enum Field {
    Uint(&'static str, usize),
    Text(&'static str),
}

use Field::{Text, Uint};

const HELLO: [Field; 12] = [
    Uint("version_min", 1),
    Uint("version_max", 1),
    Uint("sample_rate_hz", 2),
    Uint("unit_nm", 4),
    Uint("force_max", 2),
    Uint("tick_us", 4),
    Uint("channels", 1),
    Uint("origin", 1),
    Uint("clock", 1),
    Uint("epoch_unix_ms", 8),
    Text("model"),
    Text("firmware"),
];
const PEN_STATE: [Field; 7] = [
    Uint("ticks", 8),
    Uint("seen_unix_ms", 8),
    Uint("pen_unix_ms", 8),
    Uint("battery_percent", 1),
    Uint("charging", 1),
    Uint("memory_percent", 1),
    Uint("backlog", 4),
];
const GATEWAY_STATE: [Field; 3] = [Uint("online", 1), Uint("session", 8), Uint("unix_ms", 8)];
const POLICY: [Field; 4] =
    [Uint("ink_ms", 4), Uint("rest_ms", 4), Uint("version_min", 1), Uint("version_max", 1)];
const RANGE: [Field; 4] = [Uint("outcome", 1), Uint("code", 1), Uint("first", 4), Uint("last", 4)];

/// Goes through whole bytes.
struct Bytes<'a, 'e> {
    bytes: &'a [u8],
    at: usize,
    each: &'e mut dyn FnMut(Part),
}

impl Bytes<'_, '_> {
    fn field(&mut self, field: Field) {
        match field {
            Uint(field, len) => {
                self.uint(field, len);
            }
            Text(field) => {
                let len = self.uint("length", 1);
                self.uint(field, len as usize);
            }
        }
    }

    /// A number; of more than 8 bytes the first 8 are its value.
    fn uint(&mut self, field: &'static str, len: usize) -> i64 {
        let mut value = [0; 8];
        let taken = self.bytes.get(self.at..self.at + len).unwrap_or(&[]);
        let first = taken.len().min(8);
        value[..first].copy_from_slice(&taken[..first]);
        let value = i64::from_le_bytes(value);
        if len > 0 {
            (self.each)(Part { bit: 8 * self.at, bits: 8 * len, backward: false, field, value });
        }
        self.at += len;
        value
    }
}

fn envelope(bytes: &[u8], key: ChunkKey, each: &mut dyn FnMut(Part)) {
    let mut bytes = Bytes { bytes, at: 0, each };
    bytes.uint("magic", 1);
    bytes.uint("version and kind", 1);
    bytes.uint("shape", 2);
    let number_at = number_offset(key);
    let pen_len = pen_len(key.pen);
    bytes.uint("pen", pen_len);
    bytes.uint("boot counter", number_at - 4 - pen_len - 4);
    bytes.uint("boot random", 4);
    bytes.uint("number", header_len(key) - number_at);
}

/// Takes bits for a writer, and tells where each field lies.
struct Parts<'e> {
    each: &'e mut dyn FnMut(Part),
    /// Where the stream's first bit lies.
    origin: usize,
    backward: bool,
    at: usize,
    open: Option<(usize, &'static str, i64)>,
}

impl Parts<'_> {
    fn close(&mut self) {
        if let Some((from, field, value)) = self.open.take() {
            let bits = self.at - from;
            let bit = if self.backward { self.origin - from } else { self.origin + from };
            (self.each)(Part { bit, bits, backward: self.backward, field, value });
        }
    }
}

impl PutBits for Parts<'_> {
    fn put(&mut self, _: u64, width: u32) {
        self.at += width as usize;
    }

    fn name(&mut self, field: &'static str, value: i64) {
        self.close();
        self.open = Some((self.at, field, value));
    }
}

fn explain_chunk(
    chunk: &Chunk<'_>,
    bytes: &[u8],
    len: usize,
    each: &mut dyn FnMut(Part),
) -> Result<(), FrameError> {
    let (from, end) = (header_len(chunk.key), len - CRC_LEN);
    let (period, images) = (chunk.head.period, chunk.head.images);
    // The two streams take turns at telling, so each keeps only its place.
    let (mut forward_at, mut backward_at) = (0, 0);
    let mut turn = |backward: bool, write: &mut dyn FnMut(&mut Parts<'_>)| {
        let (origin, at) =
            if backward { (8 * end - 1, &mut backward_at) } else { (8 * from, &mut forward_at) };
        let mut parts = Parts { each: &mut *each, origin, backward, at: *at, open: None };
        write(&mut parts);
        parts.close();
        *at = parts.at;
    };
    turn(false, &mut |bits| chunk.head.write(bits));
    let channels = chunk.head.channels();
    let mut fragments = chunk.fragments();
    let mut before = Before::nothing(period);
    while let Some(head) = fragments.next()? {
        let (mut opening, mut model) = (None, None);
        let mut run = 0;
        fragments.samples(|sample| {
            let RawSample { ticks, x, y, force, orientation } = sample;
            let point = Point { ticks, x, y, force, orientation };
            let Some(model) = model.as_mut() else {
                let start = opening.insert(opening_of(&head, Some(point)));
                turn(false, &mut |bits| start.write(&before, channels, bits));
                model = Some(Model::starting(point, head.first, period, channels));
                run = 1;
                return;
            };
            let mut error = 0;
            turn(false, &mut |bits| error = model.encode(point, chunk.head.timed, bits));
            if error == 0 || chunk.head.timed {
                run += 1;
                return;
            }
            let missed = Run { len: run, end: RunEnd::Missed(error) };
            turn(true, &mut |bits| missed.write(period, bits));
            run = 0;
        })?;
        let opening = opening.unwrap_or_else(|| {
            let start = opening_of(&head, None);
            turn(false, &mut |bits| start.write(&before, channels, bits));
            start
        });
        let last =
            Run { len: run, end: RunEnd::Fragment(head.end, head.images.filter(|_| images)) };
        turn(true, &mut |bits| last.write(period, bits));
        before.follow(&opening, model.map_or(head.start_ticks, |model: Model| model.clock.ticks()));
    }
    Bytes { bytes, at: end, each }.uint("crc32c", CRC_LEN);
    Ok(())
}

fn opening_of(head: &FragmentHead, start: Option<Point>) -> Opening {
    let &FragmentHead { first, stroke, address, start_ticks: ticks, .. } = head;
    Opening { first, stroke, address, ticks, start }
}
