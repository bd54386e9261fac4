//! `zhibi export results`, `pages`, `notebook`, `oneroster` and `parquet`.

use std::path::PathBuf;

use ::store::StoreUrl;
use clap::Args;

use crate::local_time;

#[derive(Args, Debug)]
#[command(after_help = "\
OF is an assignment's id, or a class by id or name; of a class, one file has all that it was
given in the time of --from and --to.

  .xlsx   of an assignment a sheet with a row per pupil and one with a row per question; of a
          class a sheet over all, and one per assignment. Figures are numbers, times are times.
  .csv    UTF-8 with a byte order mark, as Excel reads it: the rows of pupils, or with --questions
          those of questions; of a class the sheet over all.

A name or an answer that begins as a formula does is text. In CSV, where no cell has a type, an
invisible space (U+200B) stands before such text, and before text that would become another
number or a date: 007, 3/4.

Examples:
  zhibi export results zhibi.db a-fractions-v1-c-3-2 --out results.xlsx
  zhibi export results zhibi.db 三(2)班 --from 2026-09-01 --to 2027-01-31 --out term.xlsx")]
pub(crate) struct ExportResultsArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// An assignment, or a class
    #[arg(value_name = "OF")]
    pub(crate) of: String,
    /// A row per question instead of one per pupil, in CSV
    #[arg(long)]
    pub(crate) questions: bool,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// The file to write
    #[arg(long, value_name = "FILE.xlsx|FILE.csv")]
    pub(crate) out: PathBuf,
}

/// Which days.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct PeriodArgs {
    /// The first day on which it was given
    #[arg(long, value_name = "DATE", value_parser = local_time::parse)]
    pub(crate) from: Option<i64>,
    /// The last day on which it was given
    #[arg(long, value_name = "DATE", value_parser = local_time::parse)]
    pub(crate) to: Option<i64>,
}

impl PeriodArgs {
    /// Unix milliseconds: the first, and the first that is not of it.
    pub(crate) fn ms(self) -> (i64, i64) {
        const DAY_MS: i64 = 86_400_000;
        let until = self.to.map_or(i64::MAX, |to| local_time::midnight(to) + DAY_MS);
        (self.from.unwrap_or(0), until)
    }
}

#[derive(Args, Debug)]
#[command(after_help = "\
The marked pages as they stand: artwork, the pupil's ink, the red pen's, a sign beside each
question, name and points at the top; each page of paper is a page, pupil by pupil. Who wrote
nothing has none.

A character of a name that no font of this machine has is shown as 〓, the page says which it is, and
the exit code is 3: name a font that has it with --font.

Examples:
  zhibi export pages zhibi.db a-fractions-v1-c-3-2 --out marked.pdf
  zhibi export pages zhibi.db a-fractions-v1-c-3-2 --pupil 7 --out 7.pdf")]
pub(crate) struct ExportPagesArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// The assignment's id
    pub(crate) assignment: String,
    /// One pupil: the number in class, or the id
    #[arg(long, value_name = "PUPIL")]
    pub(crate) pupil: Option<String>,
    /// A font's file for what other fonts lack
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Option<PathBuf>,
    /// The PDF to write
    #[arg(long, value_name = "FILE.pdf")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The wrong-answer notebook (错题本): each question that was not right, cut out as it was printed,
with the pupil's own ink, what is right, the knowledge point and the day, and room to try again.
Of a class, the notebooks of its pupils one after another; with --together what many missed, with
counts and no names. Settled papers alone count, and a teacher's word over the machine's.

Examples:
  zhibi export notebook zhibi.db 三(2)班 --from 2026-09-01 --out notebooks.pdf
  zhibi export notebook zhibi.db 三(2)班 --together --out class.pdf
  zhibi export notebook zhibi.db 三(2)班 --pupil 7 --out 7.pdf")]
pub(crate) struct ExportNotebookArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// A class by id or name, or a pupil's id
    #[arg(value_name = "CLASS|PUPIL")]
    pub(crate) of: String,
    /// One pupil of the class, by number
    #[arg(long, value_name = "N")]
    pub(crate) pupil: Option<u32>,
    /// What many of the class missed, without names
    #[arg(long, conflicts_with = "pupil")]
    pub(crate) together: bool,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// A font's file for what other fonts lack
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Option<PathBuf>,
    /// The PDF to write
    #[arg(long, value_name = "FILE.pdf")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Results as OneRoster 1.2 CSV: manifest, academicSessions, categories, lineItems, results. Pupils,
classes and schools have the sourcedId that an import of OneRoster brought; who came otherwise has
ours, and is counted. On PostgreSQL this takes a login that may read source_identity.

Examples:
  zhibi export oneroster zhibi.db --out results/")]
pub(crate) struct ExportOneRosterArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    /// The folder to write into
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Four tables, each a folder of school=…/day=…/part-0.parquet, as DuckDB, Polars and Spark read them:

  responses  one row per part of a question that a pupil was marked on: what was read and how surely,
             verdict and points in force, who gave them, writing time, changes, knowledge points
  marks      every mark by machine, red pen and screen, in force or superseded
  strokes    one row per stroke of the marked papers: when, how long, where, whose part, which role
  profiles   what was believed of a pupil on a knowledge point at the end of each day

day is the one in Shanghai on which the assignment was given; of profiles, that of the export.
--from and --to choose by when assignments were given, and days of profiles. manifest.json is
written last and says what every file holds, and of each column its type and what it means: a
folder without one is not whole.

No name is written. A pupil is a pseudonym, made with a key. Without --key the key is
forgotten, and pseudonyms of two exports have nothing in common; with --key FILE, which is
made where it is not there, they are the same in exports of all terms, and who has the file
and the list of pupils can tell who is who: keep it at the school. The rest is not hidden: who
knows when a pupil wrote what, from another export or from school, finds them again. An
erasure does not reach what was exported before.

Examples:
  zhibi export parquet zhibi.db --out term/ --from 2026-09-01 --to 2027-01-31 --key pseudonyms.key
  duckdb -c \"SELECT part, avg((verdict = 'right')::int) FROM 'term/responses/**/*.parquet' GROUP BY 1\"")]
pub(crate) struct ExportParquetArgs {
    /// The store: its database file, or postgres://user@host/database
    #[arg(value_parser = StoreUrl::from_argument)]
    pub(crate) database: StoreUrl,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// The key of pseudonyms, made where it is not there
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The folder to write into: empty, or not there yet
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
}
