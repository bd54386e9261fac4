//! The chunk codec: bits, tokens, the sampling clock, the model that predicts samples, and the
//! heads of fragments.
//!
//! What a sample goes through is `inline(always)`: told less, the compiler leaves some of it as calls,
//! and decoding goes 15 % slower.

mod bits;
mod clock;
mod fragment;
mod model;
mod tables;
mod token;

pub(crate) use bits::{BackWriter, Backward, BitWriter, Forward, PutBits, meet, unzigzag, zigzag};
pub(crate) use clock::Clock;
pub(crate) use fragment::{
    Before, CLOSE_BITS_MAX, IMAGES_BITS_MAX, OWNER_MAX, Opening, RUN_BITS_MAX, Run, RunEnd,
    START_BITS_MAX,
};
pub(crate) use model::{Channels, Model, Point, SAMPLE_BITS_MAX};
pub(crate) use tables::TABLE_SET;
pub(crate) use token::TOKEN_BITS_MAX;
