//! What marking a page gives.

use ink::StrokeKey;
use serde::{Deserialize, Serialize};
use worksheet::{Review, Score, WorksheetId, Written};

mod keys;
#[cfg(test)]
mod tests;

/// One page of one pupil, marked: everything that is worked out from its ink.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkedPaper {
    /// One per part of the page's questions, in printed order.
    pub responses: Vec<Response>,
    /// Ink outside every field, the pupil's and the red pen's, but for the total.
    #[serde(with = "keys")]
    pub loose: Vec<StrokeKey>,
    /// The points of the whole worksheet as written in red at the head of the page.
    #[serde(default)]
    pub total: Option<Score>,
    /// The red strokes that say so.
    #[serde(default, with = "keys")]
    pub total_red: Vec<StrokeKey>,
    /// What it was made with.
    pub versions: Versions,
}

/// What a result was made with: the same strokes and versions give the same result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The worksheet, its fields and key.
    pub worksheet: WorksheetId,
    /// The print run's registration.
    pub registration: u32,
    /// The recognizer's weights.
    pub model: String,
    /// The thresholds.
    pub thresholds: u32,
}

/// What a pupil wrote in one part of a question, and what was made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The part's id.
    pub part: String,
    /// The question that it belongs to.
    pub question: String,
    /// The strokes that count, in written order.
    #[serde(with = "keys")]
    pub live: Vec<StrokeKey>,
    /// The strokes that were crossed out, and those that crossed them out.
    #[serde(with = "keys")]
    pub superseded: Vec<StrokeKey>,
    /// The red pen's strokes that speak of it, or may.
    #[serde(with = "keys")]
    pub red: Vec<StrokeKey>,
    /// What was read; `None` where there is nothing that could be.
    pub reading: Option<Reading>,
    /// Why a person must decide; `None` where the machine or the red pen did.
    pub review: Option<Review>,
    /// The machine's verdict; `None` where it is not sure.
    pub machine: Option<MarkOf>,
    /// The red pen's verdict; of a rubric it gives none as a whole.
    pub red_mark: Option<MarkOf>,
    /// What the red pen gave for criteria of the rubric, in its order.
    pub red_criteria: Vec<CriterionMark>,
    /// Unix milliseconds of the pupil's first sample here, crossed out or not.
    pub first_ms: Option<i64>,
    /// Unix milliseconds of the pupil's last sample here.
    pub last_ms: Option<i64>,
    /// How long the pen was down here, milliseconds.
    pub writing_ms: i64,
    /// How often something was crossed out.
    pub rewrites: u32,
}

/// What an answer was read as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The likeliest answer.
    pub written: Written,
    /// How likely it is, 0–1, that this is what was written.
    pub probability: f32,
    /// Other answers and how likely they are, likeliest first.
    pub alternatives: Vec<(Written, f32)>,
    /// What read it: readings by one version are comparable.
    pub reader: String,
}

/// What was given for one criterion of a rubric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionMark {
    /// The criterion's id.
    pub criterion: String,
    /// The verdict and its points.
    pub mark: MarkOf,
}

/// A verdict and what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkOf {
    /// The verdict.
    pub verdict: Verdict,
    /// Points given.
    pub score: Score,
}

/// Whether a response is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All the points.
    Right,
    /// No points.
    Wrong,
    /// Some of the points.
    Partly,
    /// Nothing was answered.
    Blank,
}

impl Verdict {
    /// The name it is stored under.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Partly => "partly",
            Self::Blank => "blank",
        }
    }
}
