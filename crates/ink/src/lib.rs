//! Ink as the server sees it: strokes in physical units, put together from the chunks that pens
//! sent.
//!
//! This crate owns [`Sample`] and [`Stroke`], the way from chunks to strokes, and the readers and
//! writers of ink files. It must never know what a page means: no question, no pupil, no verdict.

pub mod drawn;
mod handwriting;
pub mod inkml;
mod key;
pub mod order;
mod stroke;

pub use handwriting::{Handwriting, HandwritingError};
pub use key::StrokeKeyError;
pub use stroke::{Assembly, InkError, Sample, Stroke, StrokeKey};
