//! The worksheets of a school, their versions, and what was printed of them.

use school::{Reach, Right, Scope};
use sqlx::AssertSqlSafe;
use worksheet::{Copies, PrintRun, Summary};

use crate::scope::{WorksheetSchool, reach, within};
use crate::setup::{ClassRow, worksheet_text};
use crate::sql::query;
use crate::{Store, StoreError};

/// A worksheet in a school's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorksheetLine {
    /// Its id.
    pub id: String,
    /// The latest version that was put in; corrected keys make none of these.
    pub version: u32,
    /// How many versions the school has of it that were put in.
    pub versions: u32,
    /// Title, subject and grade; `None` where the file cannot be read.
    pub summary: Option<Summary>,
    /// When the latest version was put in, Unix milliseconds.
    pub at_ms: Option<i64>,
    /// The name of who put it in.
    pub by: Option<String>,
    /// When it was last given to a class of the school, Unix milliseconds.
    pub given_ms: Option<i64>,
}

/// A version of a worksheet.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WorksheetVersion {
    /// Counts from 1.
    #[sqlx(try_from = "i64")]
    pub version: u32,
    /// When it was put in, Unix milliseconds.
    pub at_ms: Option<i64>,
    /// The name of who put it in.
    #[sqlx(rename = "by_name")]
    pub by: Option<String>,
    /// How many runs the school printed of it.
    #[sqlx(try_from = "i64")]
    pub runs: u32,
    /// To how many classes of the school it was given.
    #[sqlx(try_from = "i64")]
    pub given: u32,
}

/// Everything that a version of a worksheet consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorksheetFiles {
    /// The worksheet file.
    pub toml: String,
    /// SVG texts in page order.
    pub artwork: Vec<String>,
    /// What it was made from, by name.
    pub sources: Vec<(String, Vec<u8>)>,
}

/// What was printed of a worksheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLine {
    /// Its addresses.
    pub run: PrintRun,
    /// For whom it was printed, if that is known.
    pub class: Option<ClassRow>,
    /// Whether its copies bear names.
    pub named: bool,
    /// When, Unix milliseconds.
    pub printed_ms: Option<i64>,
    /// The classes that it was given to.
    pub given: Vec<RunGiven>,
}

/// A class to which a run was given.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RunGiven {
    /// The assignment.
    pub assignment: String,
    /// The class's Chinese name.
    pub class_zh: String,
    /// The class's English name.
    pub class_en: String,
    /// When it is due, Unix milliseconds.
    pub due_ms: i64,
}

#[derive(sqlx::FromRow)]
struct LineColumns {
    worksheet: String,
    #[sqlx(try_from = "i64")]
    version: u32,
    #[sqlx(try_from = "i64")]
    versions: u32,
    head: String,
    at_ms: Option<i64>,
    name: Option<String>,
    given_ms: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct RunColumns {
    id: String,
    printed_ms: Option<i64>,
    named: bool,
    class: Option<String>,
    #[sqlx(try_from = "crate::sql::Nullable")]
    grade: Option<u32>,
    name_zh: Option<String>,
    name_en: Option<String>,
}

impl Store {
    /// The school, if its worksheets may be used by who asks.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn worksheet_school(
        &self,
        scope: &Scope,
        school: &str,
    ) -> Result<Option<WorksheetSchool>, StoreError> {
        let own = |reach: &Reach| matches!(reach, Reach::School(id) if id.as_str() == school);
        let keeps = scope.reach(Right::Keep).any(own);
        let assign = reach(scope, Right::Assign)?;
        let sql = format!(
            "SELECT s.id, s.name_zh, s.name_en FROM school s WHERE s.id = $1
               AND ($3 OR EXISTS (SELECT 1 FROM class c WHERE c.school = s.id AND {}))",
            within("c", "$2")
        );
        let row: Option<(String, String, String)> = query(AssertSqlSafe(sql))
            .bind(school)
            .bind(&assign)
            .bind(keeps)
            .fetch_optional(self.readers())
            .await?;
        Ok(row.map(|(id, name_zh, name_en)| WorksheetSchool {
            id,
            name_zh,
            name_en,
            keeps,
            assign,
        }))
    }

    /// The classes of the school for which who asks may print, by grade and name, and whether they
    /// may give worksheets to each.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn printable_classes(
        &self,
        school: &WorksheetSchool,
    ) -> Result<Vec<(ClassRow, bool)>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: String,
            #[sqlx(try_from = "i64")]
            grade: u8,
            name_zh: String,
            name_en: String,
            assigns: bool,
        }
        let within = within("c", "$2");
        let sql = format!(
            "SELECT c.id, c.grade, c.name_zh, c.name_en, {within} AS assigns
             FROM class c WHERE c.school = $1 AND ($3 OR {within})
             ORDER BY c.grade, c.name_zh, c.id"
        );
        let rows: Vec<Row> = query(AssertSqlSafe(sql))
            .bind(&school.id)
            .bind(&school.assign)
            .bind(school.keeps)
            .fetch_all(self.readers())
            .await?;
        let class = |row: Row| {
            let Row { id, grade, name_zh, name_en, assigns } = row;
            (ClassRow { id, school: school.id.clone(), grade, name_zh, name_en }, assigns)
        };
        Ok(rows.into_iter().map(class).collect())
    }

    /// The worksheets of a school, the latest first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn worksheets_of(
        &self,
        school: &WorksheetSchool,
    ) -> Result<Vec<WorksheetLine>, StoreError> {
        self.school_worksheets(&school.id).await
    }

    /// The worksheets of a school, the latest first, for commands, which have every right.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn school_worksheets(&self, school: &str) -> Result<Vec<WorksheetLine>, StoreError> {
        let rows: Vec<LineColumns> = query(
            "SELECT * FROM (
                 SELECT w.worksheet, w.version, n.versions, substr(t.toml, 1, 4000) AS head,
                        w.at_ms, f.name,
                        (SELECT max(a.assigned_ms) FROM assignment a
                         WHERE a.worksheet = w.worksheet AND a.school = w.school) AS given_ms
                 FROM (SELECT worksheet, max(version) AS version, count(*) AS versions
                       FROM school_worksheet w WHERE school = $1 AND NOT EXISTS (
                           SELECT 1 FROM worksheet_key k WHERE k.school = w.school
                             AND k.worksheet = w.worksheet AND k.to_version = w.version)
                       GROUP BY worksheet) n
                 JOIN school_worksheet w ON w.school = $1 AND w.worksheet = n.worksheet
                                        AND w.version = n.version
                 JOIN worksheet t ON t.id = w.worksheet AND t.version = w.version
                 LEFT JOIN staff f ON f.id = w.staff) AS line
             ORDER BY coalesce(at_ms, given_ms, 0) DESC, worksheet",
        )
        .bind(school)
        .fetch_all(self.readers())
        .await?;
        let line = |row: LineColumns| WorksheetLine {
            summary: Summary::of_head(&row.head),
            id: row.worksheet,
            version: row.version,
            versions: row.versions,
            at_ms: row.at_ms,
            by: row.name,
            given_ms: row.given_ms,
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// The versions of a worksheet that a school put in or printed, the latest first; none of a
    /// worksheet that is not the school's. What was printed and given with corrected keys counts with
    /// the version whose keys they are.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn worksheet_versions(
        &self,
        school: &WorksheetSchool,
        worksheet: &str,
    ) -> Result<Vec<WorksheetVersion>, StoreError> {
        let versions = query(
            "SELECT w.version, w.at_ms, f.name AS by_name,
                    (SELECT count(*) FROM print_run r
                     WHERE r.worksheet = w.worksheet AND r.school = w.school
                       AND (r.version = w.version OR r.version IN (
                            SELECT k.to_version FROM worksheet_key k WHERE k.school = w.school
                              AND k.worksheet = w.worksheet AND k.version = w.version))) AS runs,
                    (SELECT count(*) FROM assignment a
                     WHERE a.worksheet = w.worksheet AND a.school = w.school
                       AND (a.version = w.version OR a.version IN (
                            SELECT k.to_version FROM worksheet_key k WHERE k.school = w.school
                              AND k.worksheet = w.worksheet AND k.version = w.version))) AS given
             FROM school_worksheet w LEFT JOIN staff f ON f.id = w.staff
             WHERE w.school = $1 AND w.worksheet = $2 AND NOT EXISTS (
                 SELECT 1 FROM worksheet_key k WHERE k.school = w.school
                   AND k.worksheet = w.worksheet AND k.to_version = w.version)
             ORDER BY w.version DESC",
        );
        let versions = versions.bind(&school.id).bind(worksheet);
        Ok(versions.fetch_all(self.readers()).await?)
    }

    /// Everything that a version consists of, if the school has it.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn worksheet_files(
        &self,
        school: &WorksheetSchool,
        worksheet: &str,
        version: u32,
    ) -> Result<Option<WorksheetFiles>, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let owned: bool = query(
            "SELECT EXISTS (SELECT 1 FROM school_worksheet
                            WHERE school = $1 AND worksheet = $2 AND version = $3)",
        )
        .bind(&school.id)
        .bind(worksheet)
        .bind(version)
        .scalar(&mut tx)
        .await?;
        if !owned {
            return Ok(None);
        }
        let text = worksheet_text(&mut tx, worksheet, version).await?;
        let Some((toml, artwork)) = text else { return Ok(None) };
        let sources = query(
            "SELECT name, bytes FROM worksheet_source WHERE worksheet = $1 AND version = $2
             ORDER BY name",
        );
        let sources = sources.bind(worksheet).bind(version).fetch_all(&mut tx).await?;
        Ok(Some(WorksheetFiles { toml, artwork, sources }))
    }

    /// What was printed of a version for classes of the school to which who asks may give
    /// worksheets, or for any of it if they keep it; the latest first. With `run`, that one alone.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn print_runs(
        &self,
        school: &WorksheetSchool,
        of: PrintedOf<'_>,
    ) -> Result<Vec<RunLine>, StoreError> {
        let (worksheet, version, run) = match of {
            PrintedOf::Version(worksheet, version) => (Some(worksheet), Some(version), None),
            PrintedOf::Run(run) => (None, None, Some(run)),
        };
        let sql = format!(
            "SELECT r.id, r.printed_ms, r.class, c.grade, c.name_zh, c.name_en,
                    EXISTS (SELECT 1 FROM copy y WHERE y.print_run = r.id) AS named
             FROM print_run r LEFT JOIN class c ON c.id = r.class
             WHERE r.school = $1 AND ($4 IS NULL OR r.worksheet = $4)
               AND ($5 IS NULL OR r.version = $5 OR r.version IN (
                    SELECT k.to_version FROM worksheet_key k WHERE k.school = $1
                      AND k.worksheet = $4 AND k.version = $5))
               AND ($6 IS NULL OR r.id = $6)
               AND ($3 OR (c.id IS NOT NULL AND {})
                    OR EXISTS (SELECT 1 FROM assignment a JOIN class d ON d.id = a.class
                               WHERE a.print_run = r.id AND {}))
             ORDER BY coalesce(r.printed_ms, 0) DESC, r.id",
            within("c", "$2"),
            within("d", "$2"),
        );
        let rows: Vec<RunColumns> = query(AssertSqlSafe(sql))
            .bind(&school.id)
            .bind(&school.assign)
            .bind(school.keeps)
            .bind(worksheet)
            .bind(version)
            .bind(run)
            .fetch_all(self.readers())
            .await?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            lines.push(self.run_line(school, row).await?);
        }
        Ok(lines)
    }

    async fn run_line(
        &self,
        school: &WorksheetSchool,
        row: RunColumns,
    ) -> Result<RunLine, StoreError> {
        let run = self.load_print_run(&row.id).await?;
        let given = query(
            "SELECT a.id AS assignment, c.name_zh AS class_zh, c.name_en AS class_en, a.due_ms
             FROM assignment a JOIN class c ON c.id = a.class
             WHERE a.print_run = $1 ORDER BY c.grade, c.name_zh",
        );
        let given = given.bind(&row.id).fetch_all(self.readers()).await?;
        let class = row.class.zip(row.name_zh).zip(row.name_en).map(|((id, name_zh), name_en)| {
            let grade = row.grade.and_then(|grade| u8::try_from(grade).ok()).unwrap_or_default();
            ClassRow { id, school: school.id.clone(), grade, name_zh, name_en }
        });
        // Copies of one's own are what can bear a name.
        let named = row.named && run.copies != Copies::Shared;
        Ok(RunLine { run, class, named, printed_ms: row.printed_ms, given })
    }
}

/// Of what print runs are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintedOf<'a> {
    /// A version of a worksheet.
    Version(&'a str, u32),
    /// The run of that id.
    Run(&'a str),
}
