//! What was meant: the manifest beside the ink.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use worksheet::Score;

/// What makes a response hard to read or to place, as [`Expected::tricks`] names it.
pub const TRICKS: [&str; 6] = [
    // A first answer was crossed out, and the one that counts written near it, or none.
    "crossed_out",
    // The answer reaches over the edge of its field.
    "overflow",
    // After crossing out, the answer that counts lies partly or wholly outside its field.
    "beside",
    // A first bubble was filled, crossed, and another one filled.
    "second_bubble",
    // The right number, spelled otherwise than in the key.
    "other_spelling",
    // The page was written with a pen that belongs to somebody else.
    "lent_pen",
];

/// Everything that the pupils and the teacher meant, and everything that went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Says that the ink is synthetic, and by what.
    pub generator: String,
    /// The setup's seed.
    pub seed: u64,
    /// Where the shapes came from: skeletons, or real handwriting and its sources.
    pub handwriting: String,
    /// Who wrote, in the class's order.
    pub pupils: Vec<PupilTruth>,
    /// One per assignment, pupil and part, in that order: blank ones too.
    pub responses: Vec<Expected>,
    /// What went wrong on purpose: pens in the order of their holders, then the rest.
    pub events: Vec<Event>,
}

/// A pupil as the simulation made them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PupilTruth {
    /// The pupil's id.
    pub pupil: String,
    /// The pupil's own pen, 12 hexadecimal digits.
    pub pen: String,
    /// On the scale of the class: mean 0, deviation 1.
    pub ability: f64,
    /// Probability of a right answer by knowledge point.
    pub right_probability: BTreeMap<String, f64>,
    /// Writers whose handwriting the pupil has, the first one first; none with skeletons.
    pub writers: Vec<String>,
}

/// What is expected of one part of a question on one pupil's paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The assignment's id.
    pub assignment: String,
    /// Whose paper it is.
    pub pupil: String,
    /// The worksheet's page, from 1.
    pub page: u32,
    /// The question's id.
    pub question: String,
    /// The part's id.
    pub part: String,
    /// What the pupil meant in the end; `None` left it blank. A working has its lines.
    pub meant: Option<String>,
    /// The answer that people are told is right; `None` for a free response.
    pub key: Option<String>,
    /// Follows from the two.
    pub verdict: ExpectedVerdict,
    /// What the teacher marked in red, if she did.
    pub red: Option<ExpectedRed>,
    /// What makes it hard: see [`crate::TRICKS`].
    pub tricks: Vec<String>,
    /// Whose handwriting it is; two are joined by `+`; none with skeletons.
    pub writer: Option<String>,
}

/// The verdict that the key gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedVerdict {
    /// Equal to the key; numbers by value.
    Right,
    /// Something else.
    Wrong,
    /// Nothing was written, or all of it was crossed out.
    Blank,
    /// There is no key.
    None,
}

/// What the red pen says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedRed {
    /// A tick or a cross; `None` beside a score.
    pub verdict: Option<ExpectedVerdict>,
    /// The points in the score box or in all of a rubric's, in tenths.
    pub score: Option<Score>,
    /// The points for each criterion of a rubric, by its id; none without a rubric.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<(String, Score)>,
}

/// Something that went wrong on purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The pen had no link; what it wrote came later, after the live ink.
    LinkLost {
        /// The pen.
        pen: String,
        /// True Unix milliseconds.
        from_ms: i64,
        /// True Unix milliseconds.
        until_ms: i64,
        /// Chunks that waited.
        chunks: u32,
    },
    /// Chunks of the pen were handed over again.
    HandedOverAgain {
        /// The pen.
        pen: String,
        /// Copies beyond the first.
        copies: u32,
    },
    /// The pen was lent without a word; its ink belongs to the paper's owner.
    PenLent {
        /// The pen.
        pen: String,
        /// Whose pen it is.
        owner: String,
        /// Who wrote with it on a paper of their own.
        borrower: String,
        /// The assignment that was written.
        assignment: String,
        /// The page, from 1.
        page: u32,
    },
    /// The pen's clock was wrong all evening.
    WrongClock {
        /// The pen.
        pen: String,
        /// Pen time minus true time.
        offset_ms: i64,
    },
    /// The pen started again: its ticks and numbers began anew.
    Restarted {
        /// The pen.
        pen: String,
        /// True Unix milliseconds.
        at_ms: i64,
    },
    /// A stroke ended without the pen being lifted.
    NoPenUp {
        /// The pen.
        pen: String,
        /// True Unix milliseconds of the stroke's first sample.
        at_ms: i64,
        /// `link_lost` or `power_lost`.
        end: String,
    },
    /// Ink outside every field.
    LooseInk {
        /// Whose paper.
        pupil: String,
        /// The assignment.
        assignment: String,
        /// The page, from 1.
        page: u32,
        /// `doodle` or `scratch`, with what it says.
        what: String,
        /// Its strokes.
        strokes: u32,
    },
    /// The teacher's red mark is not what the key says.
    TeacherDiffers {
        /// Whose paper.
        pupil: String,
        /// The assignment.
        assignment: String,
        /// The part.
        part: String,
    },
}
