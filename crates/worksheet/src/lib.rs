//! Worksheets: what is printed, asked and expected.
//!
//! This crate owns templates, answer fields, answer keys, knowledge points and print runs, and the
//! drawing of a sheet. It must never know what anybody wrote.

pub mod draw;
mod file;
mod manifest;
mod print_run;
mod template;

pub use file::WorksheetError;
pub use manifest::{Manifest, ManifestAssignment, ManifestLease};
pub use print_run::{Copies, PrintRun, Registration};
pub use template::{
    Bubble, Field, Kind, KnowledgePoint, NumberForm, Page, Question, Rect, Score, Worksheet,
    WorksheetId,
};
