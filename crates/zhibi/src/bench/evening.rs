//! The evening that most benches work on: the sample class writes its three worksheets.

use firmware_protocol::PenId;
use pen_sim::{Evening, Handed, Setup};

use super::Of;
use crate::class::SampleClass;
use crate::{clock, evening};

/// The whole sample class.
const PUPILS: u32 = 45;

/// An evening, over before now.
pub(super) struct Written {
    pub(super) class: SampleClass,
    pub(super) setup: Setup,
    pub(super) evening: Evening,
    /// What is written, and by whose hands.
    pub(super) of: String,
}

impl Written {
    pub(super) fn new(of: &Of) -> anyhow::Result<Self> {
        let class = SampleClass::new(PUPILS)?;
        let handwriting = of.handwriting();
        let mut setup = evening::setup(&class, handwriting, of.seed, clock::wall_ms(), 0)?;
        let evening = pen_sim::simulate(&setup);
        let last_ms = evening.deliveries.iter().map(|delivery| delivery.at_ms).max();
        let lasts_ms = last_ms.map_or(0, |last_ms| last_ms - setup.evening_start_ms);
        setup.evening_start_ms -= lasts_ms + 1_000;
        let evening = pen_sim::simulate(&setup);
        let hands = handwriting.map_or("synthetic", |_| "real");
        let of = format!(
            "{PUPILS} simulated pupils on {} worksheets, {} samples, {hands} handwriting",
            class.given.len(),
            evening.samples
        );
        Ok(Self { class, setup, evening, of })
    }

    /// The frames of chunks in the order in which they were handed over, each once.
    pub(super) fn chunks(&self) -> impl Iterator<Item = (PenId, &[u8])> {
        chunks_of(&self.evening)
    }
}

/// The frames of an evening's chunks in the order in which they were handed over, each once.
pub(super) fn chunks_of(evening: &Evening) -> impl Iterator<Item = (PenId, &[u8])> {
    evening.deliveries.iter().filter_map(|delivery| match &delivery.what {
        Handed::Chunk(bytes) if !delivery.copy => Some((delivery.pen, bytes.as_slice())),
        _ => None,
    })
}
