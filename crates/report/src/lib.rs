//! How far the machine can be trusted, measured on ink whose meaning is known.
//!
//! This crate owns the simulated evenings and the kinds of ink that marking is measured with, and
//! what their figures are held against. It is pure; it must never know a store, a clock or a file.

pub mod evening;
pub mod figures;
pub mod perturb;
pub mod tally;
pub mod variants;
