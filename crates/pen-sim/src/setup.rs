//! What an evening is simulated from.

use worksheet::{PrintRun, Worksheet};

use crate::HandwritingPool;

/// Everything that decides an evening: the same setup gives the same bytes.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Who writes and who marks.
    pub class: Class,
    /// What is written, in the order in which every pupil works through it.
    pub assignments: Vec<AssignmentPlan>,
    /// Unix milliseconds at which the first pupils sit down.
    pub evening_start_ms: i64,
    /// Real handwriting; `None` writes with the project's own skeletons.
    pub handwriting: Option<HandwritingPool>,
    /// Chooses everything that is left to chance.
    pub seed: u64,
    /// Tells this run apart from other runs of the same evening against one store: it goes into the
    /// random part of each pen's starts, so that no chunk has the key of another run's. 0 for a run
    /// that is alone.
    pub run: u32,
    /// Share of the per-copy papers that the teacher marks in red, 0–1.
    pub marked_by_teacher: f32,
}

/// A class; names are not needed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Stable; the pens' identities come from it, the seed and the pupils' ids.
    pub id: String,
    /// In the order of their numbers: a pupil's position here is the index of their copy.
    pub pupils: Vec<Pupil>,
    /// Who holds the red pen.
    pub teacher: String,
}

/// A pupil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pupil {
    /// Unique in the class.
    pub id: String,
    /// The number in the class list, from 1.
    pub number: u32,
}

/// A worksheet as it was given to the class.
#[derive(Clone, Debug)]
pub struct AssignmentPlan {
    /// Unique in the evening.
    pub id: String,
    /// What was printed.
    pub worksheet: Worksheet,
    /// On which addresses; a per-copy run has a copy for every pupil.
    pub run: PrintRun,
}
