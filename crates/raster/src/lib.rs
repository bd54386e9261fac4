//! Strokes to pictures: 8-bit coverage of a window, crops, PNG.
//!
//! A stroke is the union of its segments, and a segment the points within half the pen's width of
//! it (a capsule). Coverage is that distance field, blended by maximum, so that ink which crosses
//! itself gets no darker. This crate must never know what ink means, nor keep a picture: strokes
//! are the truth, and pictures are drawn when somebody looks.

mod capsule;
mod coverage;
mod draw;
mod png;

pub use coverage::Coverage;
pub use draw::{PIXELS_MAX, PenWidth, Window, draw};
pub use png::{RasterError, png, png_rgba};
