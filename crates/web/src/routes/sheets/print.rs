//! A worksheet is printed for a class, from a button.

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use printing::{OWNER, Paper, Plane, PrintingError, SECTION};
use serde::Deserialize;
use store::{
    ClassRow, PlannedPrint, PrintKind, PrintOrder, PrintRefused, PrintedOf, RunLine, StoreError,
    WorksheetSchool,
};
use worksheet::{Copies, WorksheetId};

use super::one::{SheetPath, Told, file, path, respond};
use super::school_of;
use crate::failure::Failure;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::fill;
use crate::words::sheets::SheetsWords;

/// The book of our own pattern that runs take addresses of.
const BOOK: u32 = 1;
/// Copies without names, at most, of one press of the button.
const COPIES_MAX: u32 = 500;
/// How often a run is planned again because another took its addresses meanwhile.
const TRIES: u32 = 3;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    class: String,
    /// `named`, `shared` or `nameless`.
    #[serde(default)]
    kind: String,
    /// How many, as it was typed.
    #[serde(default)]
    copies: String,
    /// How many runs the page showed.
    #[serde(default)]
    seen: String,
}

impl Wanted {
    fn kind(&self) -> Option<(PrintKind, &'static str)> {
        match self.kind.as_str() {
            "named" => Some((PrintKind::Named, "named")),
            "shared" => Some((PrintKind::Shared, "shared")),
            "nameless" => {
                let copies = self.copies.trim().parse().ok();
                let copies = copies.filter(|copies| (1..=COPIES_MAX).contains(copies));
                // What cannot be is refused by who asked.
                Some((PrintKind::Nameless(copies.unwrap_or(0)), "nameless"))
            }
            _ => None,
        }
    }
}

pub(crate) async fn print(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, id, version)): SheetPath,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    if web.store.worksheet_files(&school, &id, version).await?.is_none() {
        return Err(Failure::NotFound);
    }
    let (kind, kind_name) = wanted.kind().ok_or(Failure::BadRequest)?;
    let classes = web.store.printable_classes(&school).await?;
    let class = classes.into_iter().find(|(class, _)| class.id == wanted.class);
    let w = SheetsWords::of(teacher.visitor.locale);
    let printed = match class {
        _ if kind == PrintKind::Nameless(0) => Err(w.print_wrong.to_owned()),
        None => Err(w.print_wrong.to_owned()),
        Some((class, _)) => {
            let seen = wanted.seen.parse().unwrap_or(0);
            let order = order(&web, (&id, version), class, kind).await?;
            run(&web, &teacher, &school, order, seen).await?
        }
    };
    match printed {
        Ok(said) => {
            let path = path(&school, &id, version);
            Ok(Redirect::to(&format!("{path}?{said}")).into_response())
        }
        Err(said) => {
            let told = Told {
                said: Some(said),
                class: wanted.class,
                kind: Some(kind_name),
                copies: Some(wanted.copies),
                ..Told::default()
            };
            respond(&web, &teacher, &school, (&id, version), told).await
        }
    }
}

async fn order(
    web: &Web,
    (id, version): (&str, u32),
    class: ClassRow,
    kind: PrintKind,
) -> Result<PrintOrder, Failure> {
    let sheet = web.worksheet(id, version).await?;
    Ok(PrintOrder {
        worksheet: WorksheetId { id: id.to_owned(), version },
        // A sheet has a few pages.
        pages: u32::try_from(sheet.pages.len()).unwrap_or(u32::MAX),
        class,
        kind,
        run: None,
        section: SECTION,
        owner: OWNER,
        book: BOOK,
        first_page: None,
        ranges: Vec::new(),
        registration: printing::registration(),
    })
}

/// Prints an order and records it: how the page is to say so, or why nothing was printed.
async fn run(
    web: &Web,
    teacher: &Teacher,
    school: &WorksheetSchool,
    order: PrintOrder,
    seen: usize,
) -> Result<Result<String, String>, Failure> {
    let w = SheetsWords::of(teacher.visitor.locale);
    let class = order.class.name_zh.clone();
    let mut order = order;
    if order.kind == PrintKind::Named {
        order.run = named_run(web, school, &order).await?;
    }
    for _ in 0..TRIES {
        let planned = match plan(web, &order, seen).await {
            Ok(planned) => planned,
            Err(StoreError::PrintRefused(PrintRefused::NoPupils { .. })) => {
                return Ok(Err(fill(w.print_no_pupils, &[("class", &class)])));
            }
            Err(StoreError::PrintRefused(refused)) => {
                return Ok(Err(fill(w.print_failed, &[("why", &refused)])));
            }
            Err(error) => return Err(error.into()),
        };
        let first = planned.first_copy();
        if let Err(error) = pdf(web, &planned, first, &order.class.name_zh).await? {
            return Ok(Err(words(&error, w)));
        }
        match web.store.record_print(&planned, web.now_ms()).await {
            Ok(()) => {
                let staff = &teacher.staff.id;
                tracing::info!(staff, school = school.id, run = planned.run.id, "printed");
                return Ok(Ok(match (planned.is_new, planned.first_copy()) {
                    (true, 0) => "printed".to_owned(),
                    (true, first) => format!("later={first}&run={}", planned.run.id),
                    (false, _) => "again".to_owned(),
                }));
            }
            // Somebody else took the addresses meanwhile: other ones are free.
            Err(StoreError::PrintRun { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Err(w.print_busy.to_owned()))
}

/// The run with the names of a class that is printed again, or gets copies for who came later: the
/// one that was given, or else the last. `None`: there is none yet.
async fn named_run(
    web: &Web,
    school: &WorksheetSchool,
    order: &PrintOrder,
) -> Result<Option<String>, Failure> {
    let WorksheetId { id, version } = &order.worksheet;
    let lines = web.store.print_runs(school, PrintedOf::Version(id, *version)).await?;
    let is_of = |line: &&RunLine| {
        line.named && line.class.as_ref().is_some_and(|class| class.id == order.class.id)
    };
    // The latest stands first, and of equals the first is found.
    let line = lines.iter().filter(is_of).min_by_key(|line| line.given.is_empty());
    Ok(line.map(|line| line.run.id.clone()))
}

/// What printing an order means. Pupils who came after their class's copies were printed get theirs on
/// the pages behind; where those are taken, and for copies without names, the run is one of its own. It
/// is named after what the page showed, so that a second press makes no second run.
async fn plan(web: &Web, order: &PrintOrder, seen: usize) -> Result<PlannedPrint, StoreError> {
    let now_ms = web.wall_ms();
    if order.kind == PrintKind::Named {
        let planned = web.store.plan_print(order, now_ms).await?;
        if planned.without == 0 {
            return Ok(planned);
        }
        match web.store.plan_later_copies(order, now_ms).await {
            Ok(later) => return Ok(later.unwrap_or(planned)),
            Err(StoreError::PrintRefused(PrintRefused::NoRoom { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    web.store.plan_print(&order.clone().beside(seen), now_ms).await
}

/// The PDF of a run's copies from one on, made off the async threads.
async fn pdf(
    web: &Web,
    planned: &PlannedPrint,
    first_copy: u32,
    note: &str,
) -> Result<Result<Vec<u8>, PrintingError>, Failure> {
    let run = planned.run.clone();
    let sheet = web.worksheet(&run.worksheet.id, run.worksheet.version).await?;
    let bearers = planned.bearers.clone().into_iter();
    let bearers = bearers.map(|bearer| (bearer.copy, bearer.number, bearer.name));
    let mut copies = printing::copies(&run, note, bearers);
    copies.retain(|copy| copy.copy >= first_copy);
    let ours = (run.section, run.owner) == (SECTION, OWNER);
    let paper = if ours { Paper::Plain(Plane { section: SECTION }) } else { Paper::Coded };
    let fonts = web.fonts.clone();
    web.heavy(move || printing::sheets(fonts.get()?, &sheet, &run, paper, &copies)).await
}

/// Why something was not printed, for people at a school.
fn words(error: &PrintingError, w: &SheetsWords) -> String {
    match error {
        PrintingError::NoFont => w.print_no_font.to_owned(),
        // Of a machine without any Chinese font every Chinese character is missing.
        PrintingError::NoGlyph { text } if "年级班级姓名学号得分第页".contains(text.as_str()) => {
            w.print_no_font.to_owned()
        }
        PrintingError::NoGlyph { text } => fill(w.print_no_glyph, &[("text", text)]),
        other => fill(w.print_failed, &[("why", other)]),
    }
}

#[derive(Deserialize)]
pub(crate) struct Part {
    /// The first copy, from 0; those before it are left out.
    #[serde(default)]
    from: u32,
}

/// The PDF of what was printed, the same each time.
pub(crate) async fn download(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, run)): Path<(String, String)>,
    Query(Part { from }): Query<Part>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let lines = web.store.print_runs(&school, PrintedOf::Run(&run)).await?;
    let line = lines.into_iter().next().ok_or(Failure::NotFound)?;
    if from > 0 && !matches!(line.run.copies, Copies::PerCopy(copies) if from < copies) {
        return Err(Failure::NotFound);
    }
    let locale = teacher.visitor.locale;
    let w = SheetsWords::of(locale);
    let note = line.class.as_ref().map_or("", |class| class.name_zh.as_str()).to_owned();
    let class = line.class.as_ref().map_or("", |class| locale.pick(&class.name_zh, &class.name_en));
    let WorksheetId { id, version } = line.run.worksheet.clone();
    let sheet = web.worksheet(&id, version).await?;
    let title = locale.pick(&sheet.title_zh, &sheet.title_en);
    let day = line.printed_ms.map(export::day).unwrap_or_default();
    let later = if from > 0 { w.run_later } else { "" };
    let names =
        (export::file_name(&[title, class, &day, later], "pdf"), format!("worksheet-{day}.pdf"));
    let bearers = web.store.bearers(&line.run.id, web.wall_ms()).await?;
    let planned = PlannedPrint::recorded(line.run, bearers);
    match pdf(&web, &planned, from, &note).await? {
        Ok(bytes) => Ok(file(&names.0, &names.1, "application/pdf", bytes)),
        Err(error) => {
            let told = Told { said: Some(words(&error, w)), ..Told::default() };
            respond(&web, &teacher, &school, (&id, version), told).await
        }
    }
}
