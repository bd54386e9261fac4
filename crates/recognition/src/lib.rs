//! From strokes to symbols and numbers, with calibrated probabilities.
//!
//! This crate owns the classifier, its embedded weights and the search that cuts a number into
//! symbols. It must never see an answer key: what is read does not depend on what is right.

mod alphabet;
mod calibration;
pub mod characters;
pub mod features;
pub mod hand;
mod handwriting;
pub mod kernel;
pub mod network;
mod number;
mod reading;
mod split;
mod weights;

pub use alphabet::{Alphabet, SYMBOLS, SymbolSet};
pub use calibration::{Calibration, Evidence, Scale};
pub use characters::{CharacterReading, Characters};
pub use handwriting::{Read, Summary, coverage, read_handwriting, samples, symbol_heights};
pub use reading::{Answer, Context, Reading, Recognizer, SYMBOL_HEIGHT_UM, Scratch};
pub use split::Split;
pub use weights::{Model, ModelError};
