//! What an evening is simulated from.

use std::collections::BTreeMap;

use firmware_protocol::{PageAddress, PenId};
use worksheet::{Copies, PrintRun, Worksheet};

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
    /// What a store knows of pens and copies. `None`: pens are made up, with all their faults, and a
    /// pupil's place in the class is the index of their copy.
    pub known: Option<Known>,
}

/// Who holds which pen and has which copy, where that is not made up. Its pens have no faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The pen of each pupil and of the teacher, by their id. Who has none writes nothing.
    pub pens: BTreeMap<String, PenId>,
    /// The copy of each pupil, by assignment and pupil; of runs whose copies have addresses of their
    /// own. Who has none writes nothing on it.
    pub copies: BTreeMap<(String, String), u32>,
    /// The name label of each pupil, by their id: the teacher touches it before marking the pupil's
    /// shared sheets, and marks none of a pupil who has none.
    pub labels: BTreeMap<String, PageAddress>,
}

impl Setup {
    /// The name label of the pupil at `position`.
    pub(crate) fn label(&self, position: usize) -> Option<PageAddress> {
        let known = self.known.as_ref()?;
        known.labels.get(&self.class.pupils[position].id).copied()
    }

    /// The page of the address on which the pupil at `position` writes a page of an assignment.
    pub(crate) fn address_page(
        &self,
        position: usize,
        assignment: usize,
        page: u32,
    ) -> Option<u32> {
        let plan = &self.assignments[assignment];
        let copy = match (&self.known, plan.run.copies) {
            (Some(known), Copies::PerCopy(_)) => {
                let pupil = self.class.pupils[position].id.clone();
                known.pens.get(&pupil)?;
                *known.copies.get(&(plan.id.clone(), pupil))?
            }
            (Some(known), Copies::Shared) => {
                known.pens.get(&self.class.pupils[position].id)?;
                0
            }
            (None, _) => u32::try_from(position).ok()?,
        };
        plan.run.address_page(copy, page)
    }
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
