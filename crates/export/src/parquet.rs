//! Everything that a data team analyses, as Parquet: responses, marks, strokes and profiles.
//!
//! A folder per table, in it `school=…/day=…/part-0.parquet` as DuckDB, Polars and Spark read it, and
//! at the end `manifest.json`. Nobody is named: a pupil is a pseudonym. Rows are written as they are
//! read, so that memory holds one assignment and one row group of each table, however large the
//! district.
//!
//! The day of a response, a mark and a stroke is the one on which its assignment was given, so that
//! all of an assignment lies together and a later export replaces it as a whole; the day of a profile
//! is that of the export.

mod manifest;
mod pseudonym;
mod rows;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ink::drawn::DrawnStroke;
use school::Scope;
use store::{AssignmentHead, Store};

use crate::paper::Worksheets;
use crate::{ExportError, moment};
pub use manifest::{Manifest, TableCounts};
pub use pseudonym::{KEY_BYTES, Pseudonyms};
use rows::{MARKS, PROFILES, RESPONSES, STROKES};
use table::Table;

/// Assignments listed at a time.
const ASSIGNMENTS_MAX: u32 = 512;
/// Pupils whose profiles are read at a time.
const PUPILS_MAX: u32 = 256;

/// What is to be exported, and into what.
#[derive(Debug)]
pub struct ParquetExport<'a> {
    /// What the asker may see.
    pub scope: &'a Scope,
    /// When assignments were given, Unix milliseconds: from, and until before.
    pub period_ms: (i64, i64),
    /// Who stands for whom.
    pub pseudonyms: &'a Pseudonyms,
    /// A folder that is empty or not there.
    pub folder: &'a Path,
    /// The moment of the export, Unix milliseconds.
    pub now_ms: i64,
}

impl ParquetExport<'_> {
    /// Writes everything, the manifest last: a folder without one is not whole. `told` hears how many
    /// of how many assignments are written.
    ///
    /// # Errors
    /// Where the folder holds something, the store refuses, or a file cannot be written.
    pub async fn write(
        &self,
        store: &Store,
        mut told: impl FnMut(u64, u64),
    ) -> Result<Manifest, ExportError> {
        empty(self.folder)?;
        let mut tables =
            [RESPONSES, MARKS, STROKES, PROFILES].map(|schema| Table::new(self.folder, schema));
        let [responses, marks, strokes, profiles] = &mut tables;
        let all = store.assignments_count(self.scope, self.period_ms).await?;
        let mut worksheets = Worksheets::default();
        let (mut written, mut last) = (0, None);
        told(written, all);
        loop {
            let heads = store
                .assignments_in_order(self.scope, self.period_ms, last.as_ref(), ASSIGNMENTS_MAX)
                .await?;
            let Some(end) = heads.last().cloned() else { break };
            for head in &heads {
                let worksheet = worksheets.of(store, head).await?;
                let (answers, given) = store.facts_of(head).await?;
                let day = moment::day(head.assigned_ms);
                responses.partition(&head.school, &day)?;
                marks.partition(&head.school, &day)?;
                strokes.partition(&head.school, &day)?;
                for answer in &answers {
                    rows::response(responses, head, &worksheet, answer, self.pseudonyms)?;
                }
                for mark in &given {
                    rows::mark(marks, head, mark, self.pseudonyms)?;
                }
                let roles = rows::roles_of(&answers);
                for ((pupil, page), drawn) in drawn(store, head, &answers).await? {
                    let of = (pupil.as_str(), page);
                    rows::strokes(strokes, head, of, &drawn, &roles, self.pseudonyms)?;
                }
                written += 1;
                told(written, all);
            }
            last = Some(end);
        }
        self.profiles(store, profiles).await?;
        let mut files = Vec::new();
        for table in tables {
            files.push(table.finish()?);
        }
        let manifest = Manifest::of(self, files);
        manifest.write(self.folder)?;
        Ok(manifest)
    }

    async fn profiles(&self, store: &Store, table: &mut Table) -> Result<(), ExportError> {
        let day = moment::day(self.now_ms);
        let mut last: Option<(String, String)> = None;
        loop {
            let after = last.as_ref().map(|(school, pupil)| (school.as_str(), pupil.as_str()));
            let states = store.states_in_order(self.scope, after, PUPILS_MAX).await?;
            let Some(end) = states.last() else { return Ok(()) };
            last = Some((end.school.clone(), end.pupil.clone()));
            for state in &states {
                table.partition(&state.school, &day)?;
                rows::profile(table, state, self.pseudonyms)?;
            }
        }
    }
}

/// The strokes of the papers that have responses, by pupil and page.
async fn drawn(
    store: &Store,
    head: &AssignmentHead,
    answers: &[store::ResponseFacts],
) -> Result<BTreeMap<(String, u32), Vec<DrawnStroke>>, ExportError> {
    let mut papers: Vec<(&str, u32)> =
        answers.iter().map(|answer| (answer.pupil.as_str(), answer.page)).collect();
    papers.dedup();
    Ok(store.drawn_ink(head, &papers).await?.into_iter().collect())
}

/// Makes the folder where it is not there, and refuses one that holds anything: what an earlier export
/// left would be read as part of this one.
fn empty(folder: &Path) -> Result<(), ExportError> {
    let refused = |source| ExportError::File { file: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(refused)?;
    match std::fs::read_dir(folder).map_err(refused)?.next() {
        None => Ok(()),
        Some(_) => Err(ExportError::NotEmpty(PathBuf::from(folder))),
    }
}

#[cfg(test)]
mod tests;
