//! Worksheets: what is printed, asked and expected.
//!
//! This crate owns templates with their questions and parts (fields, kinds, keys), the vocabulary of
//! answers and of doubts about them, knowledge points and their frameworks, print runs and where their
//! pattern lies on the page ([`Placement`]), the plain text form ([`text`]), fields placed
//! over a page by hand ([`drawn`]) and the drawing of a sheet. It must never know what anybody wrote.

mod arithmetic;
mod character;
mod compute;
pub mod draw;
pub mod drawn;
mod examine;
mod file;
mod framework;
mod judged;
mod layout;
mod manifest;
mod measure;
mod mental;
mod part;
mod placement;
mod print_run;
mod review;
mod steps;
mod template;
pub mod text;
mod written;

pub(crate) use character::code_point;
pub use character::is_printable;
pub use compute::Mismatch;
pub use examine::{Change, Finding, Flaw, PartFlaw, examine, examine_files};
pub use file::{Summary, WorksheetError};
pub use framework::{Framework, FrameworkError, NotFound};
pub use judged::right_in_any_order;
pub use manifest::{Manifest, ManifestAssignment, ManifestLease};
pub use mental::Mental;
pub use part::{Bubble, Criterion, Field, Key, Kind, NumberForm, Part};
pub use placement::{PagePoint, PatternPoint, Placement};
pub use print_run::{Copies, PrintRun, Registration};
pub use review::Review;
pub use steps::{Step, Steps, StepsJudged, StepsOutcome};
pub use template::{
    Credit, KnowledgePoint, Page, PartOf, Question, Rect, Score, Worksheet, WorksheetId,
};
pub use written::{Accepted, Comparison, Decimal, Equivalence, Number, Written};
