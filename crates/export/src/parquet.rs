//! Everything that a data team analyses, as Parquet: responses, marks, strokes and profiles.
//!
//! A folder per table, in it `school=…/day=…/part-0.parquet` as DuckDB, Polars and Spark read it, and
//! at the end `manifest.json`. Nobody is named: a pupil is a pseudonym. Rows are written as they are
//! read, so that memory holds one assignment and one row group of each table, however large the
//! district. They stand in the order of pseudonyms: that of ids would tell who is who.
//!
//! The day of a response, a mark and a stroke is the one on which its assignment was given, so that
//! all of an assignment lies together and a later export replaces it as a whole; the day of a profile
//! is that of the export.

mod manifest;
mod pseudonym;
mod rows;
mod table;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
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
const PUPILS_MAX: usize = 256;
const DAY_MS: i64 = 86_400_000;
/// What Shanghai adds to UTC: a day of a profile is one there.
const SHANGHAI_MS: i64 = 8 * 3_600_000;

/// What is to be exported, and into what.
#[derive(Debug)]
pub struct ParquetExport<'a> {
    /// What the asker may see.
    pub scope: &'a Scope,
    /// When assignments were given, and of which days profiles are, Unix milliseconds: from, and until
    /// before.
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
                let (mut answers, mut given) = store.facts_of(head).await?;
                // In the order of their ids, pupils could be told by their place.
                answers.sort_by_cached_key(|of| (self.pseudonyms.pupil(&of.pupil), of.position));
                given.sort_by_cached_key(|of| self.pseudonyms.pupil(&of.pupil));
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
                let mut drawn = drawn(store, head, &answers).await?;
                drawn
                    .sort_by_cached_key(|((pupil, page), _)| (self.pseudonyms.pupil(pupil), *page));
                for ((pupil, page), drawn) in &drawn {
                    let of = (pupil.as_str(), *page);
                    rows::strokes(strokes, head, of, drawn, &roles, self.pseudonyms)?;
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
        let mut pupils = store.profiled(self.scope).await?;
        pupils.sort_by_cached_key(|(school, pupil)| (school.clone(), self.pseudonyms.pupil(pupil)));
        let (from_ms, until_ms) = self.period_ms;
        for pupils in pupils.chunks(PUPILS_MAX) {
            for state in store.states_of(pupils).await? {
                let at_ms = i64::from(state.state.day) * DAY_MS - SHANGHAI_MS;
                if (from_ms..until_ms).contains(&at_ms) {
                    table.partition(&state.school, &day)?;
                    rows::profile(table, &state, self.pseudonyms)?;
                }
            }
        }
        Ok(())
    }
}

/// The strokes of the papers that have responses.
async fn drawn(
    store: &Store,
    head: &AssignmentHead,
    answers: &[store::ResponseFacts],
) -> Result<Vec<((String, u32), Vec<DrawnStroke>)>, ExportError> {
    let mut papers: Vec<(&str, u32)> =
        answers.iter().map(|answer| (answer.pupil.as_str(), answer.page)).collect();
    papers.dedup();
    Ok(store.drawn_ink(head, &papers).await?.into_iter().collect())
}

/// Makes the folder where it is not there, and refuses one that holds anything: what an earlier export
/// left would be read as part of this one.
fn empty(folder: &Path) -> Result<(), ExportError> {
    let refused = |source| ExportError::File { file: folder.to_owned(), source };
    // For its owner alone: a class may be small.
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(refused)?;
    match std::fs::read_dir(folder).map_err(refused)?.next() {
        None => Ok(()),
        Some(_) => Err(ExportError::NotEmpty(PathBuf::from(folder))),
    }
}

#[cfg(test)]
mod tests;
