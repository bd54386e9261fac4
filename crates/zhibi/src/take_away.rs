//! `zhibi export results`, `pages`, `notebook` and `oneroster`: what a school takes away.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use export::{
    ClassNotebook, Language, MarkedPages, Notebook, OneRoster, ResultTable, Results, TermBook, Told,
};
use printing::Fonts;
use school::{Grant, Period, Right, Role, SchoolId, Scope, StaffId};
use store::{AssignmentHead, ClassRow, Store};

use crate::cli::{ExportNotebookArgs, ExportOneRosterArgs, ExportPagesArgs, ExportResultsArgs};
use crate::say::counted;
use crate::{Verdict, clock, pen, store_file, whole_file};

/// Assignments in one file: more than a school year has.
const ASSIGNMENTS_MAX: u32 = 400;

const LANGUAGE: Language = Language::Zh;

/// Runs `zhibi export results`.
pub(crate) fn results(args: &ExportResultsArgs) -> anyhow::Result<Verdict> {
    let ending = args.out.extension().and_then(|ending| ending.to_str());
    ensure!(
        matches!(ending, Some("xlsx" | "csv")),
        "{} ends in neither .xlsx nor .csv: name it so",
        args.out.display()
    );
    let xlsx = ending == Some("xlsx");
    ensure!(!(xlsx && args.questions), "--questions is for .csv; an .xlsx has both tables");
    let bytes = store_file::reading(&args.database, async |store| {
        let scope = everything(store).await?;
        match of(store, &scope, &args.of).await? {
            Of::Assignment(head) => {
                let worksheet = store.load_worksheet(&head.worksheet, head.version).await?;
                let sheet = store.result_sheet(&head).await?;
                let results = Results { worksheet: &worksheet, sheet: &sheet, language: LANGUAGE };
                let table =
                    if args.questions { ResultTable::Questions } else { ResultTable::Pupils };
                Ok(if xlsx { results.xlsx()? } else { results.csv(table)? })
            }
            Of::Class(class) => {
                ensure!(
                    !args.questions,
                    "--questions is of one assignment, and {} is a class",
                    args.of
                );
                let book = term(store, &scope, &class, args.period.ms()).await?;
                Ok(if xlsx { book.xlsx()? } else { book.csv()? })
            }
        }
    })?;
    whole_file::write(&args.out, &bytes)?;
    put!("{}: {} bytes", args.out.display(), bytes.len())?;
    Ok(Verdict::Clean)
}

async fn term(
    store: &Store,
    scope: &Scope,
    class: &ClassRow,
    period_ms: (i64, i64),
) -> anyhow::Result<TermBook> {
    let heads =
        store.assignment_heads(scope, Right::See, &class.id, period_ms, ASSIGNMENTS_MAX).await?;
    ensure!(!heads.is_empty(), "{} was given nothing in this time", class.name_zh);
    let mut book = TermBook::new(&class.name_zh, LANGUAGE)?;
    for head in &heads {
        let worksheet = store.load_worksheet(&head.worksheet, head.version).await?;
        let sheet = store.result_sheet(head).await?;
        book.add(head, &Results { worksheet: &worksheet, sheet: &sheet, language: LANGUAGE })?;
    }
    Ok(book)
}

/// Runs `zhibi export pages`.
pub(crate) fn pages(args: &ExportPagesArgs) -> anyhow::Result<Verdict> {
    let fonts = Fonts::of_system(args.font.as_deref())?;
    let pages = store_file::reading(&args.database, async |store| {
        let scope = everything(store).await?;
        let head = store.assignment_of(&scope, Right::See, &args.assignment).await?;
        let head = head.with_context(|| format!("there is no assignment {}", args.assignment))?;
        let pupil = match &args.pupil {
            Some(named) => {
                let pupils = store.matrix(&head).await?.pupils;
                let number: Option<u32> = named.parse().ok();
                let is =
                    |pupil: &&store::PupilName| pupil.id == *named || Some(pupil.number) == number;
                let found = pupils.iter().find(is).map(|pupil| pupil.id.clone());
                Some(found.with_context(|| format!("the assignment concerns no pupil {named}"))?)
            }
            None => None,
        };
        let worksheet = Arc::new(store.load_worksheet(&head.worksheet, head.version).await?);
        let loaded = MarkedPages::load(store, head, worksheet, pupil.as_deref(), LANGUAGE).await?;
        loaded.context("the assignment does not concern this pupil")
    })?;
    if pages.missing() > 0 {
        tell!("pupils who wrote nothing and have no page: {}", pages.missing());
    }
    finish(&args.out, &pages.pdf(&fonts)?)
}

/// Runs `zhibi export notebook`.
pub(crate) fn notebook(args: &ExportNotebookArgs) -> anyhow::Result<Verdict> {
    let fonts = Fonts::of_system(args.font.as_deref())?;
    let period_ms = args.period.ms();
    /// What was read.
    enum Read {
        Notebook(Notebook),
        Class(ClassNotebook),
    }
    let read = store_file::reading(&args.database, async |store| {
        let scope = everything(store).await?;
        if store.may_know(&scope, &args.of).await? {
            ensure!(!args.together && args.pupil.is_none(), "{} is a pupil already", args.of);
            let book = Notebook::of_pupil(store, &scope, &args.of, period_ms, LANGUAGE).await?;
            return Ok(Read::Notebook(book.context("there is no such pupil")?));
        }
        let class = pen::class(store, &args.of).await?;
        if args.together {
            let book = ClassNotebook::load(store, &scope, &class.id, period_ms, LANGUAGE).await?;
            return Ok(Read::Class(book.context("there is no such class")?));
        }
        let book = match args.pupil {
            Some(number) => {
                let at_ms = clock::wall_ms();
                let pupil = store.pupil_numbered(&class.id, number, at_ms).await?;
                let pupil =
                    pupil.with_context(|| format!("{} has no number {number}", class.name_zh))?;
                Notebook::of_pupil(store, &scope, &pupil, period_ms, LANGUAGE).await?
            }
            None => Notebook::of_class(store, &scope, &class.id, period_ms, LANGUAGE).await?,
        };
        Ok(Read::Notebook(book.context("there is nobody")?))
    })?;
    let told = match &read {
        Read::Notebook(book) => {
            put!("questions: {}", book.entries())?;
            if book.left_out() > 0 {
                tell!("left out, since there are too many: {}", book.left_out());
            }
            book.pdf(&fonts)?
        }
        Read::Class(book) => {
            put!("questions: {}", book.entries())?;
            book.pdf(&fonts)?
        }
    };
    finish(&args.out, &told)
}

/// Runs `zhibi export oneroster`.
pub(crate) fn oneroster(args: &ExportOneRosterArgs) -> anyhow::Result<Verdict> {
    let counts = store_file::reading(&args.database, async |store| {
        let scope = everything(store).await?;
        Ok(OneRoster::write(store, &scope, &args.out, clock::wall_ms()).await?)
    })?;
    put!(
        "{}: {}, {}",
        args.out.display(),
        counted(counts.line_items as usize, "line item", "line items"),
        counted(counts.results as usize, "result", "results")
    )?;
    if counts.without_identity > 0 {
        tell!(
            "results whose pupil or class no OneRoster import has named: {} (they bear our own ids)",
            counts.without_identity
        );
    }
    Ok(Verdict::Clean)
}

/// Writes a PDF and says what its reader should know.
fn finish(out: &Path, told: &Told) -> anyhow::Result<Verdict> {
    whole_file::write(out, &told.bytes)?;
    let pages = counted(told.pages, "page", "pages");
    put!("{}: {pages}, {} bytes", out.display(), told.bytes.len())?;
    if told.lacking.is_empty() {
        return Ok(Verdict::Clean);
    }
    let points: Vec<String> =
        told.lacking.iter().map(|c| format!("{c} (U+{:04X})", u32::from(*c))).collect();
    tell!("no font has {}: shown as 〓; name a file of one that has with --font", points.join(" "));
    Ok(Verdict::Findings)
}

/// What a name on the command line is of.
enum Of {
    Assignment(Box<AssignmentHead>),
    Class(ClassRow),
}

async fn of(store: &Store, scope: &Scope, named: &str) -> anyhow::Result<Of> {
    if let Some(head) = store.assignment_of(scope, Right::See, named).await? {
        return Ok(Of::Assignment(Box::new(head)));
    }
    let class = pen::class(store, named).await;
    Ok(Of::Class(class.with_context(|| format!("there is no assignment {named}"))?))
}

/// The scope of who sits at the store itself: as the heads of all schools see them.
pub(crate) async fn everything(store: &Store) -> anyhow::Result<Scope> {
    let staff = StaffId::new("command-line")?;
    let mut grants = Vec::new();
    for school in store.schools().await? {
        let role = Role::Head { school: SchoolId::new(school.id)? };
        grants.push(Grant { staff: staff.clone(), role, period: Period::from(0) });
    }
    if grants.is_empty() {
        bail!("the store has no school");
    }
    Ok(Scope::of(staff, &grants, clock::wall_ms()))
}
