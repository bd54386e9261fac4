//! Worksheets of a school: for who may give worksheets to a class of it, and for who keeps it.

pub(crate) mod give;
pub(crate) mod one;
pub(crate) mod print;
pub(crate) mod text;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use store::{WorksheetLine, WorksheetSchool};

use crate::dates;
use crate::failure::Failure;
use crate::page::school::{SchoolNav, SchoolTab};
use crate::page::sheets::{SheetItem, SheetsPage};
use crate::page::{Crumb, html};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::sheets::SheetsWords;
use crate::words::{Locale, fill, isolated};

/// The school, if its worksheets may be used by who asks; otherwise not found.
pub(crate) async fn school_of(
    web: &Web,
    teacher: &Teacher,
    school: &str,
) -> Result<WorksheetSchool, Failure> {
    web.store.worksheet_school(&teacher.scope, school).await?.ok_or(Failure::NotFound)
}

pub(crate) async fn show(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let locale = teacher.visitor.locale;
    let w = SheetsWords::of(locale);
    let lines = web.store.worksheets_of(&school).await?;
    let items = lines.into_iter().map(|line| item(line, locale)).collect();
    let layout = teacher.visitor.layout(w.title, vec![home(locale), Crumb::here(w.title)]);
    let name = locale.pick(&school.name_zh, &school.name_en).to_owned();
    // Four digits are enough to be another sheet than the last.
    let [a, b, ..] = (web.sources.random)();
    let seed = u32::from(u16::from_le_bytes([a, b])) % 10_000;
    let nav = school.keeps.then(|| SchoolNav::of(&school.id, SchoolTab::Worksheets, locale));
    let school = school.id;
    Ok(html(&SheetsPage { layout, w, school, name, nav, items, seed })?.into_response())
}

fn home(locale: Locale) -> Crumb {
    Crumb::new(locale.words().classes, "/")
}

/// The crumbs of a page below the list.
fn crumbs(school: &WorksheetSchool, locale: Locale, here: &str) -> Vec<Crumb> {
    let list = Crumb::new(SheetsWords::of(locale).title, list_path(school));
    vec![home(locale), list, Crumb::here(here)]
}

fn list_path(school: &WorksheetSchool) -> String {
    format!("/school/{}/worksheets", school.id)
}

fn item(line: WorksheetLine, locale: Locale) -> SheetItem {
    let w = SheetsWords::of(locale);
    let (title, grade, subject) = match &line.summary {
        Some(summary) => (
            locale.pick(&summary.title_zh, &summary.title_en).to_owned(),
            fill(w.grade_n, &[("n", &summary.grade)]),
            w.subject(&summary.subject),
        ),
        None => (fill(w.unreadable, &[("id", &line.id)]), String::new(), String::new()),
    };
    SheetItem {
        put: put(line.at_ms, line.by.as_deref(), locale),
        given: line.given_ms.map(|at_ms| dates::minute(at_ms, locale)),
        id: line.id,
        version: line.version,
        versions: line.versions,
        title,
        grade,
        subject,
    }
}

/// When something was put in, and by whom, as far as that is known.
fn put(at_ms: Option<i64>, by: Option<&str>, locale: Locale) -> String {
    let date = at_ms.map_or_else(|| "—".to_owned(), |at_ms| dates::minute(at_ms, locale));
    match by {
        Some(name) => {
            let name = isolated(name);
            fill(SheetsWords::of(locale).by, &[("date", &date), ("name", &name)])
        }
        None => date,
    }
}
