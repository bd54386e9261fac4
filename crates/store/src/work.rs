//! The pipeline's side: from stored ink to marked papers and profiles.

mod again;
mod attribute;
mod claim;
mod items;
mod labels;
mod made;
mod paper_chunks;
mod profile;
mod registration;
mod save;

pub use again::{Marked, MarkedAnswer};
pub(crate) use attribute::{Known, known};
pub use claim::{Backlog, Claiming, Job, WorkLeft};
pub use items::{Difficulties, ItemFit, ItemRows, NewFit};
pub use made::{PaperMade, ProfileMade};
pub(crate) use paper_chunks::printed_at;
pub use paper_chunks::{ChunkRow, FaceInk, PaperChunks, Printed};
pub use profile::{HistoryRow, ProfileRow, StaleProfile, StateRow};
pub use save::{Outcome, ResponseRow, Saved};
pub(crate) use save::{Paper, put_drawn};

#[cfg(test)]
mod tests;
