//! What is known of a pupil, from the answers that have settled.
//!
//! This crate owns the Kalman-IRT update, the [`Profile`] that is folded with it, what may be said
//! of it ([`Mastery`], and [`Coverage`], which checks it), the batch [`fit()`] of the items it is
//! folded with, and the online [`Model`] that fits items, knowledge points and pupils together. It
//! is pure: no clock, no randomness, no order but the one it is given. It must never know who a
//! pupil is, what was asked, or where anything is stored.
//!
//! Each pupil has an ability θ and, for each knowledge point, a deviation δ from it; each item has a
//! difficulty b, each knowledge point a difficulty β. All are Gaussian beliefs on the logit scale.
//! For an answer with m knowledge points
//!
//! ```text
//! μ = θ − b + (1/m) Σ (δ − β)      v = Vθ + Vb + Σ (Vδ + Vβ) / m²      p = σ(μ / √(1 + πv/8))
//! ```
//!
//! and the answer then moves every belief by its own share of the surprise (see [`Model::update`]).
//! Afterwards practice raises δ by what there was to learn ([`Priors::learning`]).
//!
//! **Why a profile is folded with items held still.** Within [`fold`] the item parameters enter with
//! their means and variances, and are not moved. If they were moved by the answers in passing, the
//! numbers would depend on whose answers came first, and rebuilding the profiles of a class in
//! another order would give other profiles. Items are refitted from everybody's answers in batch,
//! and get a new version.

mod agreement;
mod belief;
mod coverage;
mod fit;
mod mastery;
mod model;
mod process;
mod profile;
mod step;

pub use agreement::Agreement;
pub use belief::{Belief, Credit, Outcome};
pub use coverage::Coverage;
pub use fit::{Histories, fit};
pub use mastery::{Mastery, State};
pub use model::Model;
pub use process::{Process, Writing, reached};
pub use profile::{ItemParameters, Observation, Profile, fold, predict};
pub use step::Priors;

#[cfg(test)]
mod tests;
