//! How far the machine can be trusted, measured on ink whose meaning is known.
//!
//! This crate owns the simulated evenings and the kinds of ink that marking is measured with, and
//! what their figures are held against. It is pure; it must never know a store, a clock or a file.

pub mod batch;
mod chart;
pub mod deciding;
pub mod doubtful;
pub mod drift;
pub mod evening;
pub mod figures;
pub mod page;
pub mod peers;
pub mod perturb;
pub mod reading;
pub mod sets;
pub mod speed;
pub mod tally;
pub mod text;
pub mod variants;
mod words;
