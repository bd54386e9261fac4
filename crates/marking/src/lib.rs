//! From one page's ink to verdicts.
//!
//! This crate owns which part of a question a stroke belongs to, what was crossed out, the judgement
//! against the key, and the red pen's marks. It is pure:
//! the same strokes, worksheet, registration, model and thresholds give the same [`MarkedPaper`],
//! in whatever order the strokes come, and no ink makes it fail. It must never know a pupil, a
//! class, a store or a clock; and the recognizer that it asks never sees a key.

mod marker;
mod paper;
mod thresholds;

mod apart;
mod assign;
mod bounds;
mod brackets;
mod bubbles;
mod column;
mod comb;
mod cross_out;
mod foot;
mod fraction;
#[cfg(test)]
mod hand;
mod judge;
mod lines;
mod marks;
mod nearby;
mod overwritten;
mod pairs;
mod placed;
mod read;
mod red;
mod registration;
mod steps;
mod struck;
mod tail;

pub use marker::{Marker, PageInk, Scratch};
pub use paper::{CriterionMark, MarkOf, MarkedPaper, Reading, Response, Verdict, Versions};
pub use registration::{Learned, learn_registration};
pub use thresholds::Thresholds;
