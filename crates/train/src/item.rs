//! One labelled symbol.

use crate::augment::{Strokes, frame};

/// One written symbol, in its file's units.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) strokes: Strokes,
    /// What was written; may be a symbol that the recognizer does not know.
    pub(crate) label: char,
    pub(crate) writer: String,
    /// How tall the writer's symbols usually are.
    pub(crate) size: f32,
    /// Whether it is not what its label says: see [`crate::doubtful`].
    pub(crate) doubtful: bool,
}

impl Item {
    /// Whether it is about as large as its writer's others. Some items are in another unit, and of
    /// some most strokes are lost: they are learned from and measured on as they are (the sets
    /// that the figures come from have them too), but they are no neighbours in a number.
    pub(crate) fn is_sized(&self) -> bool {
        (0.4..2.5).contains(&(frame(&self.strokes).1 / self.size))
    }
}
