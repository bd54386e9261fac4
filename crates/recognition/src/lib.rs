//! From strokes to symbols and numbers, with calibrated probabilities.
//!
//! This crate owns the classifier, its embedded weights and the search that cuts a number into
//! symbols. It must never see an answer key: what is read does not depend on what is right.

mod alphabet;
mod prototype;
mod reading;

pub use alphabet::Alphabet;
pub use reading::{Context, Reading, Recognizer, Scratch};
