//! From rested ink to marked papers and profiles.
//!
//! This crate owns the parallel stage: it attributes ink to papers, claims stale papers, has each
//! marked on a worker of one rayon pool, saves the outcome, settles papers and folds profiles. It
//! maps the results of `marking` and `learning` to rows. It must never know SQL, the wire format,
//! how an answer is judged, nor anybody's name.
//!
//! The store is the queue, and its claim the only truth about who marks what: any number of
//! pipelines may run on one store, and what a crashed one had claimed is claimed again when its
//! lease ends. Nothing waits in memory but the few papers in flight.

mod check;
mod config;
mod copies;
mod counters;
mod items;
mod job;
mod loops;
mod outcome;
mod pool;
mod profiles;
mod registration;
mod remark;
mod retry;
mod running;
mod sheets;

pub use check::check;
pub use config::{Clock, Config};
pub use counters::Counters;
pub use items::{FitError, Fitted, fit_items};
pub use pool::{PoolError, pool};
pub use remark::{Again, AnswerChange, Counted, RemarkError, Remarker};
pub use running::{IdleError, Pipeline, start};

#[cfg(test)]
mod tests;
