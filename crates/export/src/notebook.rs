//! The wrong-answer notebook (错题本): each question that went wrong as it was printed, with room to
//! try it again.
//!
//! Only what is settled counts, and of it the verdict in force: a teacher's word over the machine's.

mod class;
mod layout;
mod piece;
mod pupil;

pub use class::ClassNotebook;
pub use pupil::{Notebook, PupilNotebook};

/// Questions in one file; what comes after them is counted and left out.
const ENTRIES_MAX: usize = 4_000;
/// Assignments that one file looks at: more than a school year has.
const ASSIGNMENTS_MAX: u32 = 400;

#[cfg(test)]
mod tests;
