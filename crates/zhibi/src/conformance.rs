//! What a conforming encoder would not do, beyond what no reader takes: rules that hold between
//! frames (PROTOCOL.md, section 17).

use std::collections::BTreeMap;

use firmware_protocol::{Chunk, ChunkKey, Frame, FrameError, PageAddress, RawFrame, StrokeEnd};
use serde::Serialize;

use crate::frame_file::{Form, FrameFile};

#[cfg(test)]
mod tests;

/// One breach of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The rule's name in the document.
    pub(crate) rule: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bundle: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) offset: Option<usize>,
    /// What is wrong, and with which frame.
    pub(crate) finding: String,
}

/// Frames as they come, and what was found.
#[derive(Debug, Default)]
pub(crate) struct Conformance {
    chunks: BTreeMap<ChunkKey, Seen>,
    hellos: BTreeMap<ChunkKey, u32>,
    /// Frames of each bundle.
    counts: BTreeMap<usize, usize>,
    findings: Vec<Finding>,
}

/// What is remembered of a chunk.
#[derive(Clone, Debug)]
struct Seen {
    crc: u32,
    bundle: usize,
    offset: usize,
    /// Its first fragment: stroke, whether the stroke begins there, page.
    first: (u32, bool, Option<PageAddress>),
    /// Its last fragment: stroke, end, page.
    last: (u32, StrokeEnd, Option<PageAddress>),
}

impl Conformance {
    /// Looks at the next frame.
    pub(crate) fn frame(&mut self, bundle: usize, raw: &RawFrame<'_>) {
        *self.counts.entry(bundle).or_default() += 1;
        let place = (bundle, raw.offset);
        match &raw.frame {
            Ok(Frame::Hello(hello)) => {
                let crc = crc(raw.bytes);
                let before = self.hellos.insert(hello.key, crc);
                if before.is_some_and(|before| before != crc) {
                    self.find("one-key", place, named(hello.key, "its key came with other bytes"));
                }
            }
            // A chunk that breaks off is an error of its own.
            Ok(Frame::Chunk(chunk)) => {
                let _broken = self.chunk(place, chunk, crc(raw.bytes));
            }
            _ => {}
        }
    }

    fn chunk(
        &mut self,
        place: (usize, usize),
        chunk: &Chunk<'_>,
        crc: u32,
    ) -> Result<(), FrameError> {
        let key = chunk.key;
        if let Some(before) = self.chunks.get(&key) {
            if before.crc != crc {
                self.find("one-key", place, named(key, "its key came with other bytes"));
            }
            return Ok(());
        }
        if key.number == 1 && !self.hellos.contains_key(&ChunkKey { number: 0, ..key }) {
            self.find("hello-first", place, named(key, "no hello of this boot came before it"));
        }
        let (mut fragments, mut ends) = (chunk.fragments(), None);
        while let Some(head) = fragments.next()? {
            let (mut last_ticks, mut back) = (head.start_ticks, false);
            fragments.samples(|sample| {
                back |= sample.ticks < last_ticks;
                last_ticks = sample.ticks;
            })?;
            if back {
                let what = format!("stroke {}: a sample is before the one before it", head.stroke);
                self.find("time-order", place, named(key, &what));
            }
            let (stroke, address) = (head.stroke, head.address);
            let last = (stroke, head.end, address);
            if let Some((_, before)) = &mut ends {
                if let Some(what) = joint(*before, (stroke, head.first, address)) {
                    self.find("stroke-order", place, named(key, &what));
                }
                *before = last;
            } else {
                ends = Some(((stroke, head.first, address), last));
            }
        }
        match ends {
            None => self.find("no-empty-chunk", place, named(key, "it holds no fragment")),
            Some((first, last)) => {
                let (bundle, offset) = place;
                self.chunks.insert(key, Seen { crc, bundle, offset, first, last });
            }
        }
        Ok(())
    }

    /// Looks at the bundles' headers, once all their frames were looked at.
    pub(crate) fn bundles(&mut self, file: &FrameFile) {
        if file.form == Form::Bare {
            return;
        }
        for number in 0..file.bundles.len() {
            let found = self.counts.get(&number).copied().unwrap_or(0);
            let claimed = file.claimed_frames(number);
            if claimed.is_some_and(|claimed| usize::from(claimed) != found) {
                let claimed = claimed.unwrap_or(0);
                let what = format!("bundle {number} claims {claimed} frames and holds {found}");
                self.find("bundle-count", (number, 6), what);
            }
        }
    }

    /// Everything that was found; strokes that go over from chunk to chunk are looked at here.
    pub(crate) fn findings(&mut self) -> &[Finding] {
        let mut joints = Vec::new();
        for (key, seen) in &self.chunks {
            let before = key.number.checked_sub(1).map(|number| ChunkKey { number, ..*key });
            let Some(before) = before.and_then(|before| self.chunks.get(&before)) else { continue };
            if let Some(what) = joint(before.last, seen.first) {
                joints.push(("stroke-order", (seen.bundle, seen.offset), named(*key, &what)));
            }
        }
        for (rule, place, finding) in joints {
            self.find(rule, place, finding);
        }
        &self.findings
    }

    fn find(&mut self, rule: &'static str, (bundle, offset): (usize, usize), finding: String) {
        self.findings.push(Finding { rule, bundle: Some(bundle), offset: Some(offset), finding });
    }
}

/// What is wrong between a fragment and the next one, if anything is.
fn joint(
    before: (u32, StrokeEnd, Option<PageAddress>),
    after: (u32, bool, Option<PageAddress>),
) -> Option<String> {
    let (stroke, end, page) = before;
    let (next, first, next_page) = after;
    match (end == StrokeEnd::Continued, first) {
        (true, true) => Some(format!("stroke {stroke} was to go on; stroke {next} begins")),
        (false, false) => {
            Some(format!("stroke {next} goes on, but stroke {stroke} ended before it"))
        }
        (true, false) if next != stroke => {
            Some(format!("stroke {stroke} was to go on; stroke {next} goes on"))
        }
        (true, false) if next_page != page => {
            Some(format!("stroke {stroke} goes on upon another page; that is another stroke"))
        }
        (false, true) if next <= stroke => {
            Some(format!("stroke {next} begins behind stroke {stroke}"))
        }
        _ => None,
    }
}

/// A sound frame's own checksum.
fn crc(frame: &[u8]) -> u32 {
    frame.last_chunk().map_or(0, |crc| u32::from_le_bytes(*crc))
}

fn named(key: ChunkKey, what: &str) -> String {
    let ChunkKey { pen, boot, number } = key;
    format!(
        "chunk {number} of pen {:012x}, boot {}-{:08x}: {what}",
        pen.0, boot.counter, boot.random
    )
}
