//! Results for other systems, as OneRoster's gradebook (1EdTech OneRoster: CSV Binding 1.2.1).
//!
//! Written are manifest, academicSessions, categories, lineItems and results. The manifest says of the
//! roster's own files that they are absent: schools, classes and pupils are those of the system that
//! the roster came from, by the `sourcedId` that it gave them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use csv::{Terminator, Writer, WriterBuilder};
use school::{Right, SchoolYear, Scope};
use store::{AssignmentHead, ResultSheet, SourcedIds, Store};
use worksheet::{Score, Worksheet};

use crate::paper::Worksheets;
use crate::results::{Outcome, Progress};
use crate::{ExportError, Language, moment};

/// The only category: homework.
const CATEGORY: &str = "zhibi-homework";
/// Assignments of one class: more than it is given in its years at a school.
const ASSIGNMENTS_MAX: u32 = 10_000;

/// The files of a data set, as the manifest names them, and whether this one has them.
const FILES: [(&str, bool); 21] = [
    ("academicSessions", true),
    ("categories", true),
    ("classes", false),
    ("classResources", false),
    ("courses", false),
    ("courseResources", false),
    ("demographics", false),
    ("enrollments", false),
    ("lineItemLearningObjectiveIds", false),
    ("lineItems", true),
    ("lineItemScoreScales", false),
    ("orgs", false),
    ("resources", false),
    ("resultLearningObjectiveIds", false),
    ("results", true),
    ("resultScoreScales", false),
    ("roles", false),
    ("scoreScales", false),
    ("userProfiles", false),
    ("userResources", false),
    ("users", false),
];

/// How much was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OneRosterCounts {
    /// Assignments.
    pub line_items: u64,
    /// Results.
    pub results: u64,
    /// Results of pupils or classes to which no other system has given an identity: they bear ours.
    pub without_identity: u64,
}

/// A folder of results under construction. Rows are written as they come.
#[derive(Debug)]
pub struct OneRoster {
    folder: PathBuf,
    line_items: Table,
    results: Table,
    years: BTreeSet<SchoolYear>,
    ids: SourcedIds,
    counts: OneRosterCounts,
    now_ms: i64,
}

/// A file that is put in its place when it is whole.
struct Table {
    writer: Writer<BufWriter<File>>,
    part: PathBuf,
    file: PathBuf,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Table").field(&self.file).finish()
    }
}

impl Table {
    fn new(folder: &Path, name: &str, columns: &[&str]) -> Result<Self, ExportError> {
        let file = folder.join(format!("{name}.csv"));
        let part = folder.join(format!("{name}.csv.part"));
        let opened = File::create(&part)
            .map_err(|source| ExportError::File { file: part.clone(), source })?;
        let mut writer =
            WriterBuilder::new().terminator(Terminator::CRLF).from_writer(BufWriter::new(opened));
        writer.write_record(columns)?;
        Ok(Self { writer, part, file })
    }

    fn row(&mut self, fields: &[&str]) -> Result<(), ExportError> {
        Ok(self.writer.write_record(fields)?)
    }

    fn finish(mut self) -> Result<(), ExportError> {
        let refused = |source| ExportError::File { file: self.file.clone(), source };
        self.writer.flush().map_err(refused)?;
        std::fs::rename(&self.part, &self.file).map_err(refused)
    }
}

impl OneRoster {
    /// Writes the results of everything that `scope` may see into a folder, which is made where it is
    /// not there. Files of an earlier export are replaced.
    ///
    /// # Errors
    /// Where the store refuses or a file cannot be written.
    pub async fn write(
        store: &Store,
        scope: &Scope,
        folder: &Path,
        now_ms: i64,
    ) -> Result<OneRosterCounts, ExportError> {
        let mut export = Self::new(store, folder, now_ms).await?;
        let mut worksheets = Worksheets::default();
        let always = (i64::MIN, i64::MAX);
        for class in store.classes_of(scope).await? {
            let heads = store
                .assignment_heads(scope, Right::See, &class.id, always, ASSIGNMENTS_MAX)
                .await?;
            for head in heads {
                let worksheet = worksheets.of(store, &head).await?;
                let sheet = store.result_sheet(&head).await?;
                export.add(&head, &worksheet, &sheet)?;
            }
        }
        export.finish()
    }

    async fn new(store: &Store, folder: &Path, now_ms: i64) -> Result<Self, ExportError> {
        std::fs::create_dir_all(folder)
            .map_err(|source| ExportError::File { file: folder.to_owned(), source })?;
        let line_items = [
            "sourcedId",
            "status",
            "dateLastModified",
            "title",
            "description",
            "assignDate",
            "dueDate",
            "classSourcedId",
            "categorySourcedId",
            "academicSessionSourcedId",
            "resultValueMin",
            "resultValueMax",
            "schoolSourcedId",
        ];
        let results = [
            "sourcedId",
            "status",
            "dateLastModified",
            "lineItemSourcedId",
            "studentSourcedId",
            "scoreStatus",
            "score",
            "scoreDate",
            "comment",
            "textScore",
            "classSourcedId",
            "inProgress",
            "incomplete",
            "late",
            "missing",
        ];
        Ok(Self {
            folder: folder.to_owned(),
            line_items: Table::new(folder, "lineItems", &line_items)?,
            results: Table::new(folder, "results", &results)?,
            years: BTreeSet::new(),
            ids: store.sourced_ids("oneroster").await?,
            counts: OneRosterCounts::default(),
            now_ms,
        })
    }

    fn add(
        &mut self,
        head: &AssignmentHead,
        worksheet: &Worksheet,
        sheet: &ResultSheet,
    ) -> Result<(), ExportError> {
        let known_class = self.ids.classes.get(&head.class);
        let class = known_class.unwrap_or(&head.class).clone();
        let school = self.ids.schools.get(&head.school).unwrap_or(&head.school);
        let year = SchoolYear::of(head.assigned_ms).map(|(year, _)| year);
        self.years.extend(year);
        let session = year.map_or_else(String::new, session_id);
        let points = worksheet.points().to_string();
        self.line_items.row(&[
            &head.id,
            "",
            "",
            &worksheet.title_zh,
            &worksheet.title_en,
            &moment::day(head.assigned_ms),
            &moment::day(head.due_ms),
            &class,
            CATEGORY,
            &session,
            "0",
            &points,
            school,
        ])?;
        self.counts.line_items += 1;
        let (over, known_class) = (self.now_ms >= head.due_ms, known_class.is_some());
        for (pupil, outcome) in Outcome::each(worksheet, sheet) {
            let known = self.ids.pupils.get(&pupil.id);
            self.counts.results += 1;
            self.counts.without_identity += u64::from(known.is_none() || !known_class);
            let missing = outcome.progress == Progress::Missing;
            let score = outcome.earned.filter(|_| !missing);
            let score = score.map_or_else(String::new, |score: Score| score.to_string());
            let truth = |truth: bool| if truth { "true" } else { "false" };
            self.results.row(&[
                &format!("{}.{}", head.id, pupil.id),
                "",
                "",
                &head.id,
                known.unwrap_or(&pupil.id),
                status(outcome.progress),
                &score,
                &moment::day(outcome.at_ms.unwrap_or(self.now_ms)),
                "",
                "",
                &class,
                truth(outcome.progress == Progress::Open),
                truth(false),
                truth(false),
                truth(missing && over),
            ])?;
        }
        Ok(())
    }

    /// Writes what is about all of them, the manifest last.
    fn finish(self) -> Result<OneRosterCounts, ExportError> {
        let Self { folder, line_items, results, years, counts, .. } = self;
        line_items.finish()?;
        results.finish()?;
        let columns = ["sourcedId", "status", "dateLastModified", "title", "weight"];
        let mut categories = Table::new(&folder, "categories", &columns)?;
        categories.row(&[CATEGORY, "", "", "作业", ""])?;
        categories.finish()?;
        let columns = [
            "sourcedId",
            "status",
            "dateLastModified",
            "title",
            "type",
            "startDate",
            "endDate",
            "parentSourcedId",
            "schoolYear",
        ];
        let mut sessions = Table::new(&folder, "academicSessions", &columns)?;
        for year in years {
            // The year is named by the calendar year in which it ends; its end date is not of it.
            let (from, until) = (year.begins_in(), year.begins_in() + 1);
            let title = Language::Zh.pick("学年", "school year");
            sessions.row(&[
                &session_id(year),
                "",
                "",
                &format!("{from}–{until} {title}"),
                "schoolYear",
                &format!("{from}-09-01"),
                &format!("{until}-09-01"),
                "",
                &until.to_string(),
            ])?;
        }
        sessions.finish()?;
        let mut manifest = Table::new(&folder, "manifest", &["propertyName", "value"])?;
        manifest.row(&["manifest.version", "1.0"])?;
        manifest.row(&["oneroster.version", "1.2"])?;
        for (name, there) in FILES {
            let value = if there { "bulk" } else { "absent" };
            manifest.row(&[&format!("file.{name}"), value])?;
        }
        manifest.row(&["source.systemName", "Zhibi"])?;
        manifest.row(&["source.systemCode", "zhibi"])?;
        manifest.finish()?;
        Ok(counts)
    }
}

/// How far a result is, in the words of OneRoster.
fn status(progress: Progress) -> &'static str {
    match progress {
        Progress::Missing => "not submitted",
        Progress::Open => "partially graded",
        Progress::Done => "fully graded",
    }
}

fn session_id(year: SchoolYear) -> String {
    format!("zhibi-year-{}", year.begins_in())
}

#[cfg(test)]
mod tests;
