//! What is taken away: results as tables, marked pages and wrong-answer notebooks as PDF, results for
//! other systems, and everything that can be analysed as Parquet.
//!
//! This crate owns the drawing of a page with its ink and signs ([`sheet`]), which the teacher's view
//! shows too, and the files that people and programs take with them. It must never know HTTP, nor who
//! asks: every query takes the scope, or the head of an assignment that a scope gave.

mod error;
mod file_name;
mod moment;
mod notebook;
mod oneroster;
mod pages;
mod paper;
mod parquet;
mod results;
pub mod sheet;
mod sign;
pub mod strokes;
mod table;
mod words;

pub use crate::parquet::{KEY_BYTES, Manifest, ParquetExport, Pseudonyms, TableCounts};
pub use error::ExportError;
pub use file_name::{disposition, file_name};
pub use moment::day;
pub use notebook::{ClassNotebook, Notebook, PupilNotebook};
pub use oneroster::{OneRoster, OneRosterCounts};
pub use pages::MarkedPages;
pub use paper::Told;
pub use results::{ResultTable, Results, TermBook};
pub use sign::Sign;
pub use strokes::{PageInk, page_svg};
pub use words::Language;

#[cfg(test)]
mod evening;
