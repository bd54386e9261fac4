//! The kept form of a page's drawn strokes.
//!
//! A version, the number of strokes, and the strokes. Every number is a LEB128 varint; signed
//! numbers are zigzag. Of a stroke: a byte of flags; the pen's start, unless it is that of the
//! stroke before; its number, less that of the stroke before of the same start; its beginning, less
//! the end of the stroke before; its length; the number of its runs. Of a run: the number of points
//! that follow, times eight, plus its width; the points, each less the point before. The first run
//! of a stroke has all its points, the others lack their first, where the run before ended.

use firmware_protocol::{BootId, PenId};

use super::{DrawnStroke, Line, Run};
use crate::StrokeKey;

/// Drawn strokes that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrawnError {
    /// They are of a version that this program does not know.
    #[error("drawn strokes have version {0}, and this program knows {VERSION}")]
    Version(u8),
    /// They are damaged.
    #[error("drawn strokes are damaged at byte {0}")]
    Damaged(usize),
}

const VERSION: u8 = 1;

/// Flags of a stroke.
const RED: u8 = 1;
const SAME_START: u8 = 2;

/// What the stroke before says of the next.
#[derive(Default)]
struct Before {
    start: Option<(PenId, BootId)>,
    number: u32,
    end_ms: i64,
    point: (i32, i32),
}

impl Before {
    fn after(stroke: &DrawnStroke) -> Self {
        let DrawnStroke { key, start_ms, length_ms, line, .. } = stroke;
        let last = line.runs().last().and_then(|run| run.points.last());
        Self {
            start: Some((key.pen, key.boot)),
            number: key.number,
            end_ms: start_ms.saturating_add(i64::from(*length_ms)),
            point: last.copied().unwrap_or_default(),
        }
    }
}

/// The bytes of some strokes, in their order.
pub fn encode(strokes: &[DrawnStroke]) -> Vec<u8> {
    let mut out = vec![VERSION];
    put(&mut out, strokes.len() as u64);
    let mut before = Before::default();
    for stroke in strokes {
        let DrawnStroke { key, red, start_ms, length_ms, line } = stroke;
        let same = before.start == Some((key.pen, key.boot));
        out.push(if *red { RED } else { 0 } | if same { SAME_START } else { 0 });
        if !same {
            put(&mut out, key.pen.0);
            put(&mut out, u64::from(key.boot.counter));
            put(&mut out, u64::from(key.boot.random));
            before.number = 0;
        }
        put_signed(&mut out, i64::from(key.number) - i64::from(before.number));
        put_signed(&mut out, start_ms.wrapping_sub(before.end_ms));
        put(&mut out, u64::from(*length_ms));
        put(&mut out, line.runs().len() as u64);
        let mut at = before.point;
        for (index, Run { width, points }) in line.runs().iter().enumerate() {
            let points = &points[usize::from(index > 0)..];
            put(&mut out, (points.len() as u64) << 3 | u64::from(*width));
            for &(x, y) in points {
                put_signed(&mut out, i64::from(x) - i64::from(at.0));
                put_signed(&mut out, i64::from(y) - i64::from(at.1));
                at = (x, y);
            }
        }
        before = Before::after(stroke);
    }
    out
}

/// The inverse of [`encode`].
///
/// # Errors
/// Where the bytes are of another version or damaged: never fewer strokes than were kept.
pub fn decode(bytes: &[u8]) -> Result<Vec<DrawnStroke>, DrawnError> {
    let version = *bytes.first().ok_or(DrawnError::Damaged(0))?;
    if version != VERSION {
        return Err(DrawnError::Version(version));
    }
    let mut reader = Reader { bytes, at: 1 };
    read(&mut reader).ok_or(DrawnError::Damaged(reader.at))
}

fn read(reader: &mut Reader<'_>) -> Option<Vec<DrawnStroke>> {
    let mut strokes = Vec::with_capacity(reader.count()?);
    let mut before = Before::default();
    for _ in 0..strokes.capacity() {
        let stroke = reader.stroke(before)?;
        before = Before::after(&stroke);
        strokes.push(stroke);
    }
    (reader.at == reader.bytes.len()).then_some(strokes)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn stroke(&mut self, before: Before) -> Option<DrawnStroke> {
        let flags = self.byte()?;
        if flags > RED | SAME_START {
            return None;
        }
        let (start, number) = if flags & SAME_START != 0 {
            (before.start?, before.number)
        } else {
            let pen = PenId(self.number()?);
            let counter = self.number()?.try_into().ok()?;
            let random = self.number()?.try_into().ok()?;
            ((pen, BootId { counter, random }), 0)
        };
        let number = i64::from(number).checked_add(self.signed()?)?.try_into().ok()?;
        let start_ms = before.end_ms.wrapping_add(self.signed()?);
        let length_ms = self.number()?.try_into().ok()?;
        let line = self.line(before.point)?;
        let key = StrokeKey { pen: start.0, boot: start.1, number };
        Some(DrawnStroke { key, red: flags & RED != 0, start_ms, length_ms, line })
    }

    fn line(&mut self, mut at: (i32, i32)) -> Option<Line> {
        let mut runs = Vec::with_capacity(self.count()?);
        for index in 0..runs.capacity() {
            let head = self.number()?;
            let follow = usize::try_from(head >> 3).ok()?;
            // A point takes at least two bytes, so that a few bytes cannot claim many points.
            if follow > (self.bytes.len() - self.at) / 2 {
                return None;
            }
            let mut points = Vec::with_capacity(follow + 1);
            points.extend((index > 0).then_some(at));
            for _ in 0..follow {
                let x = i64::from(at.0).checked_add(self.signed()?)?;
                let y = i64::from(at.1).checked_add(self.signed()?)?;
                at = (x.try_into().ok()?, y.try_into().ok()?);
                points.push(at);
            }
            // Below eight.
            runs.push(Run { width: (head & 7) as u8, points });
        }
        Line::of_runs(runs)
    }

    /// A number of things that each take at least one byte.
    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.bytes.len() - self.at).then_some(count)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits.leading_zeros() < shift {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, (number << 1 ^ number >> 63) as u64);
}
