//! What is taken away: tables and PDF files to download.

use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use export::{
    ClassNotebook, ExportError, Language, MarkedPages, Notebook, ResultTable, Results, TermBook,
    disposition, file_name,
};
use printing::Fonts;
use school::{Right, SchoolYear};

use super::assignment_of;
use crate::dates;
use crate::failure::Failure;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::Locale;

/// Assignments in one file: more than a school year has.
const ASSIGNMENTS_MAX: u32 = 400;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv; charset=utf-8";
const PDF: &str = "application/pdf";

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            error => {
                tracing::error!(%error, "a file to take away could not be written");
                Self::Internal
            }
        }
    }
}

fn language(locale: Locale) -> Language {
    match locale {
        Locale::Zh => Language::Zh,
        Locale::En => Language::En,
    }
}

/// A file to be saved. Its name has no person's name in it, and neither has its address.
fn download(kind: &'static str, name: &str, ascii: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition(name, ascii)),
    ];
    (headers, bytes).into_response()
}

/// `/a/{assignment}/results.xlsx`
pub(crate) async fn results_xlsx(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
) -> Result<Response, Failure> {
    results(&web, &teacher, &assignment, None).await
}

/// `/a/{assignment}/results.csv`, and with `?questions` a row per question.
pub(crate) async fn results_csv(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let questions = query.is_some_and(|query| query.split('&').any(|item| item == "questions"));
    let table = if questions { ResultTable::Questions } else { ResultTable::Pupils };
    results(&web, &teacher, &assignment, Some(table)).await
}

async fn results(
    web: &Web,
    teacher: &Teacher,
    assignment: &str,
    csv: Option<ResultTable>,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let head = assignment_of(web, teacher, Right::See, assignment).await?;
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let sheet = web.store.result_sheet(&head).await?;
    let language = language(locale);
    let class = locale.pick(&head.class_zh, &head.class_en);
    let title = locale.pick(&worksheet.title_zh, &worksheet.title_en);
    let day = export::day(head.assigned_ms);
    let (ending, kind) = if csv.is_some() { ("csv", CSV) } else { ("xlsx", XLSX) };
    let what = match csv {
        Some(ResultTable::Questions) => language.pick("题目", "questions"),
        _ => language.pick("成绩", "results"),
    };
    let name = file_name(&[class, title, &day, what], ending);
    let made = web.heavy(move || {
        let results = Results { worksheet: &worksheet, sheet: &sheet, language };
        csv.map_or_else(|| results.xlsx(), |table| results.csv(table))
    });
    Ok(download(kind, &name, &format!("results-{day}.{ending}"), made.await??))
}

/// `/a/{assignment}/pages.pdf`: the marked pages of everybody who wrote.
pub(crate) async fn pages(
    State(web): State<Web>,
    teacher: Teacher,
    Path(assignment): Path<String>,
) -> Result<Response, Failure> {
    marked(&web, &teacher, &assignment, None).await
}

/// `/a/{assignment}/{pupil}/pages.pdf`
pub(crate) async fn pages_of(
    State(web): State<Web>,
    teacher: Teacher,
    Path((assignment, pupil)): Path<(String, String)>,
) -> Result<Response, Failure> {
    marked(&web, &teacher, &assignment, Some(&pupil)).await
}

async fn marked(
    web: &Web,
    teacher: &Teacher,
    assignment: &str,
    pupil: Option<&str>,
) -> Result<Response, Failure> {
    let language = language(teacher.visitor.locale);
    let head = assignment_of(web, teacher, Right::See, assignment).await?;
    let worksheet = web.worksheet(&head.worksheet, head.version).await?;
    let day = export::day(head.assigned_ms);
    let pages = MarkedPages::load(&web.store, head, worksheet, pupil, language).await?;
    let pages = pages.ok_or(Failure::NotFound)?;
    let name = pages.file_name();
    pdf(web, &name, &format!("papers-{day}.pdf"), move |fonts| pages.pdf(fonts)).await
}

/// Draws a PDF where no other request waits for it.
async fn pdf(
    web: &Web,
    name: &str,
    ascii: &str,
    draw: impl FnOnce(&Fonts) -> Result<export::Told, ExportError> + Send + 'static,
) -> Result<Response, Failure> {
    let fonts = web.fonts.clone();
    let told = web.heavy(move || draw(fonts.get()?)).await??;
    Ok(download(PDF, name, ascii, told.bytes))
}

/// The time that a query names by its first and last day, `?from=2026-09-01&to=2027-01-31`; without
/// them the term that is.
fn period(query: Option<&str>, now_ms: i64) -> Result<(i64, i64), Failure> {
    let named = |name: &str| {
        let mut items = query.unwrap_or_default().split('&');
        items.find_map(|item| item.split_once('=').filter(|(key, _)| *key == name))
    };
    let day = |name| match named(name) {
        None | Some((_, "")) => Ok(None),
        Some((_, day)) => dates::of_date_field(day).ok_or(Failure::BadRequest).map(Some),
    };
    let from_ms = day("from")?.unwrap_or_else(|| term_start_ms(now_ms));
    let until_ms = day("to")?.map_or(i64::MAX, |to_ms| to_ms + dates::DAY_MS);
    Ok((from_ms, until_ms))
}

/// The first moment of the term that a moment belongs to, Unix milliseconds.
pub(super) fn term_start_ms(now_ms: i64) -> i64 {
    SchoolYear::of(now_ms).map_or(0, |(year, term)| year.term_start_ms(term))
}

/// `/c/{class}/results.xlsx`
pub(crate) async fn term(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let locale = teacher.visitor.locale;
    let view = web.store.class_of(&teacher.scope, Right::See, &class).await?;
    let view = view.ok_or(Failure::NotFound)?;
    let period_ms = period(query.as_deref(), web.now_ms())?;
    let heads = web
        .store
        .assignment_heads(&teacher.scope, Right::See, &class, period_ms, ASSIGNMENTS_MAX)
        .await?;
    let class = locale.pick(&view.name_zh, &view.name_en);
    let language = language(locale);
    let mut book = TermBook::new(class, language)?;
    for head in heads {
        let worksheet = web.worksheet(&head.worksheet, head.version).await?;
        let sheet = web.store.result_sheet(&head).await?;
        let added = web.heavy(move || {
            book.add(&head, &Results { worksheet: &worksheet, sheet: &sheet, language })?;
            Ok::<_, ExportError>(book)
        });
        book = added.await??;
    }
    let bytes = web.heavy(move || book.xlsx()).await??;
    let day = export::day(web.now_ms());
    let name = file_name(&[class, &day, language.pick("成绩", "results")], "xlsx");
    Ok(download(XLSX, &name, &format!("results-{day}.xlsx"), bytes))
}

/// `/c/{class}/notebook.pdf`: what many missed.
pub(crate) async fn class_notebook(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let period_ms = period(query.as_deref(), web.now_ms())?;
    let language = language(teacher.visitor.locale);
    let book = ClassNotebook::load(&web.store, &teacher.scope, &class, period_ms, language).await?;
    let book = book.ok_or(Failure::NotFound)?;
    pdf(&web, &book.file_name(), "class-notebook.pdf", move |fonts| book.pdf(fonts)).await
}

/// `/c/{class}/notebooks.pdf`: one for each pupil.
pub(crate) async fn notebooks(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let period_ms = period(query.as_deref(), web.now_ms())?;
    let language = language(teacher.visitor.locale);
    let book = Notebook::of_class(&web.store, &teacher.scope, &class, period_ms, language).await?;
    let book = book.ok_or(Failure::NotFound)?;
    pdf(&web, &book.file_name(), "notebooks.pdf", move |fonts| book.pdf(fonts)).await
}

/// `/pupil/{pupil}/notebook.pdf`
pub(crate) async fn notebook(
    State(web): State<Web>,
    teacher: Teacher,
    Path(pupil): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let period_ms = period(query.as_deref(), web.now_ms())?;
    let language = language(teacher.visitor.locale);
    let book = Notebook::of_pupil(&web.store, &teacher.scope, &pupil, period_ms, language).await?;
    let book = book.ok_or(Failure::NotFound)?;
    pdf(&web, &book.file_name(), "notebook.pdf", move |fonts| book.pdf(fonts)).await
}
