//! Whose stroke it is.
//!
//! This crate owns the rule that leads each stroke to a paper: what is printed at its address, who
//! held its pen when it was written, which name label that pen had touched, what the pen's clock is
//! worth, and what a person said of it.
//! It also owns the [`Roles`] of strokes on a paper. It is pure: the same evidence gives the same
//! answer, in whatever order the evidence came. It must never know a store, nor what was written.
//!
//! Whoever fetches ink may fetch too much, by [`may_belong`]; [`Evidence::whose`] decides for each
//! stroke by itself.

mod evidence;
mod hand;
mod label;
mod paper;
mod roles;
mod sheet;

pub use evidence::{Evidence, Receipt, Start};
pub use hand::{CLOCK_AHEAD_MS_MAX, Hand, Holder, INK_AGE_MS_MAX, Lease, Told, Unknown, Written};
pub use label::{Labelled, Tap, labelled};
pub use paper::PaperStrokes;
pub use roles::{Role, Roles, RolesError};
pub use sheet::{Belongs, By, Face, MayBelong, Nobody, Sheet, may_belong, whose};
