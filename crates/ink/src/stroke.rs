//! Strokes from chunks.

use std::collections::BTreeMap;

use firmware_protocol::{
    BootId, Chunk, ChunkKey, FragmentHead, Frame, FrameError, Orientation, PageAddress, PenId,
    StrokeEnd,
};

/// One reading of the pen, in physical units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sample {
    /// Micrometres from the left edge of the coded area, growing to the right.
    pub x_um: i32,
    /// Micrometres from the top edge of the coded area, growing downwards.
    pub y_um: i32,
    /// Force as a fraction of the pen's full scale: 0 is none, 65,535 all of it.
    pub force: u16,
    /// Milliseconds since the stroke's first sample.
    pub t_ms: u32,
}

/// Names one stroke for ever: its pen, the pen's start, and the stroke's number since that start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StrokeKey {
    /// The pen that wrote it.
    pub pen: PenId,
    /// The pen's start within which `number` counts.
    pub boot: BootId,
    /// The stroke's number since that start.
    pub number: u32,
}

/// Pen-down to pen-up on one page face, put together from its fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stroke {
    /// The stroke's name.
    pub key: StrokeKey,
    /// The page face it was written on; `None` under plain paper.
    pub address: Option<PageAddress>,
    /// Unix milliseconds of the first sample by the pen's own clock, uncorrected.
    pub start_ms: i64,
    /// The pen's raw ticks at the first sample.
    pub start_ticks: u64,
    /// Why the pen ended it; `Continued` where its last fragment has not come.
    pub end: StrokeEnd,
    /// Whether every fragment from the first to the last is here.
    pub complete: bool,
    /// At least one sample, in written order, in *pattern* micrometres.
    pub samples: Vec<Sample>,
    /// How the pen was held at each sample, in its own counts; empty where it measures neither tilt
    /// nor twist.
    pub orientation: Vec<Orientation>,
}

/// What went wrong in one chunk; the others are not touched by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InkError {
    /// The bytes are no chunk of a known version.
    #[error("chunk at position {position}: {source}")]
    Frame {
        /// The chunk's position in the input, from 0.
        position: usize,
        /// What the protocol says of it.
        source: FrameError,
    },
    /// The bytes are a frame, but not a chunk.
    #[error("frame at position {position} is no chunk")]
    NotAChunk {
        /// The frame's position in the input, from 0.
        position: usize,
    },
}

/// Strokes put together from any number of chunks, in any order, with any repeated.
#[derive(Clone, Debug, Default)]
pub struct Assembly {
    /// Ordered by key, so by pen, start and number.
    pub strokes: Vec<Stroke>,
    /// One per unreadable chunk.
    pub errors: Vec<InkError>,
}

impl Assembly {
    /// Puts strokes together from the bytes of sealed chunks (whole frames, as received).
    ///
    /// Chunks may come in any order and more than once: the result is the same. A chunk that
    /// cannot be read costs one error and nothing else. If a chunk's name comes twice with
    /// different bytes, the first is taken. Strokes without samples are left out.
    pub fn of_chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut errors = Vec::new();
        let mut by_key: BTreeMap<ChunkKey, (usize, Chunk<'a>)> = BTreeMap::new();
        for (position, bytes) in chunks.into_iter().enumerate() {
            match firmware_protocol::decode_frame(bytes) {
                Ok((Frame::Chunk(chunk), _)) => {
                    by_key.entry(chunk.key).or_insert((position, chunk));
                }
                Ok((Frame::Hello(_), _)) => {}
                Ok(_) => errors.push(InkError::NotAChunk { position }),
                Err(source) => errors.push(InkError::Frame { position, source }),
            }
        }
        let mut strokes: Vec<Joining> = Vec::new();
        for (position, chunk) in by_key.values() {
            if let Err(source) = append(&mut strokes, chunk) {
                errors.push(InkError::Frame { position: *position, source });
            }
        }
        let strokes = strokes.into_iter().map(|joining| joining.stroke);
        Self { strokes: strokes.filter(|stroke| !stroke.samples.is_empty()).collect(), errors }
    }
}

/// A stroke, and what is known of the parts that it was joined from.
struct Joining {
    stroke: Stroke,
    /// The number of the chunk that held the last part.
    chunk: u32,
    /// Whether the first part is here, and every part since.
    unbroken: bool,
}

/// Appends a chunk's fragments; a fragment that continues the stroke before it joins that stroke.
fn append(strokes: &mut Vec<Joining>, chunk: &Chunk<'_>) -> Result<(), FrameError> {
    let ChunkKey { pen, boot, number: chunk_number } = chunk.key;
    let measures_orientation = chunk.head.tilt || chunk.head.twist;
    let mut fragments = chunk.fragments();
    while let Some(head) = fragments.next()? {
        let key = StrokeKey { pen, boot, number: head.stroke };
        let joins = !head.first && strokes.last().is_some_and(|before| before.stroke.key == key);
        if !joins {
            strokes.push(Joining {
                stroke: begin(key, chunk, &head),
                chunk: chunk_number,
                unbroken: head.first,
            });
        }
        let Some(Joining { stroke, chunk: before, unbroken }) = strokes.last_mut() else {
            continue;
        };
        let adjoins = *before == chunk_number || before.checked_add(1) == Some(chunk_number);
        *unbroken &= !joins || adjoins;
        *before = chunk_number;
        if stroke.samples.is_empty() && joins {
            // The part before was cut off before its first sample could be read.
            let begun = begin(key, chunk, &head);
            (stroke.start_ms, stroke.start_ticks) = (begun.start_ms, begun.start_ticks);
        }
        // Clocks may say anything, so their differences saturate.
        let offset_ms = chunk.head.anchor_unix_ms.saturating_sub(stroke.start_ms);
        stroke.end = StrokeEnd::Continued;
        stroke.complete = false;
        fragments.samples(|raw| {
            let t_ms = offset_ms.saturating_add(chunk.head.ticks_to_ms(raw.ticks)).max(0);
            stroke.samples.push(Sample {
                x_um: chunk.head.counts_to_um(raw.x),
                y_um: chunk.head.counts_to_um(raw.y),
                force: chunk.head.force_fraction(raw.force),
                t_ms: u32::try_from(t_ms).unwrap_or(u32::MAX),
            });
            if measures_orientation {
                stroke.orientation.push(raw.orientation);
            }
        })?;
        stroke.end = head.end;
        stroke.complete = *unbroken && head.end != StrokeEnd::Continued;
    }
    Ok(())
}

/// A stroke that begins with this fragment, without its samples.
fn begin(key: StrokeKey, chunk: &Chunk<'_>, head: &FragmentHead) -> Stroke {
    let &FragmentHead { address, start_ticks, count, .. } = head;
    let start_ms = chunk.head.ticks_to_ms(start_ticks);
    Stroke {
        key,
        address,
        start_ms: chunk.head.anchor_unix_ms.saturating_add(start_ms),
        start_ticks: chunk.head.anchor_ticks.saturating_add(u64::from(start_ticks)),
        end: StrokeEnd::Continued,
        complete: false,
        samples: Vec::with_capacity(usize::from(count)),
        orientation: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
