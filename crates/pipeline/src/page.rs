//! Which of the stored ink is one paper's, and whose hand it is.

use ink::{Assembly, Stroke};
use marking::PageInk;
use store::{Hand, Holder, Job, PaperChunks};

/// The paper's ink, with clocks corrected, and how many chunks could not be read.
///
/// Chunks carry strokes of other pages and other times too: each stroke is attributed by itself. Of
/// the strokes at the paper's address, on a per-copy run those of a pen that a marker held are red,
/// those that may be red are nobody's, and all others are the pupil's, whoever held the pen; on a
/// shared run those of a pen that the pupil held are the pupil's, and no other is this paper's.
pub(crate) fn ink_of(job: &Job, chunks: &PaperChunks) -> (PageInk, usize) {
    // A chunk that may hold both hands is in both lists; the assembly takes it once.
    let bytes = chunks.pupil.iter().chain(&chunks.red).map(|chunk| chunk.bytes.as_slice());
    let assembly = Assembly::of_chunks(bytes);
    let mut ink = PageInk { pupil: Vec::new(), red: Vec::new() };
    for mut stroke in assembly.strokes {
        if !lies_on(job, &stroke) {
            continue;
        }
        let (pen, boot) = (stroke.key.pen.0, stroke.key.boot);
        let offset_ms = chunks.offset_ms(pen, boot.counter, boot.random);
        stroke.start_ms = stroke.start_ms.saturating_add(offset_ms);
        match chunks.hand(pen, boot.counter, boot.random, stroke.start_ms) {
            Hand::Holder(Holder::Pupil(id)) if job.shared && *id == job.pupil => {
                ink.pupil.push(stroke);
            }
            _ if job.shared => {}
            Hand::Holder(Holder::Marker(_)) | Hand::SomeMarker(_) => ink.red.push(stroke),
            Hand::Holder(Holder::Pupil(_)) | Hand::SomePupil(_) => ink.pupil.push(stroke),
            Hand::Anybody(_) => {}
        }
    }
    (ink, assembly.errors.len())
}

fn lies_on(job: &Job, stroke: &Stroke) -> bool {
    stroke.address.is_some_and(|at| {
        at.page == job.address_page && store::folio(at.section, at.owner, at.book) == job.folio
    })
}
