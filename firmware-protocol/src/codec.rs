//! The chunk codec: bits, the heads of fragments, and the model that predicts samples.

mod bits;
mod head;
mod model;

pub(crate) use bits::{BitReader, BitWriter};
pub(crate) use head::{Chain, HEAD_BITS_MAX, Head};
pub(crate) use model::{Model, Point, SAMPLE_BITS_MAX, Timing};
