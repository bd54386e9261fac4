//! A school's own PDF: uploaded, drawn over, and made a worksheet.

pub(crate) mod form;
pub(crate) mod save;
mod show;
pub(crate) mod upload;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use store::{DrawingView, WorksheetSchool};
use worksheet::drawn::Drawing;

use super::artwork::picture;
use super::sheets::school_of;
use crate::dates;
use crate::failure::Failure;
use crate::page::drawings::{DraftItem, DrawingsPage};
use crate::page::{Crumb, html};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::drawing::DrawingWords;
use crate::words::{fill, isolated};

/// What the id of a worksheet begins with that is made of a draft; the draft's id follows.
const WORKSHEET: &str = "pdf-";

/// The list of drafts, with the upload.
pub(crate) async fn list(
    State(web): State<Web>,
    teacher: Teacher,
    Path(school): Path<String>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    Ok(html(&list_page(&web, &teacher, &school, None).await?)?.into_response())
}

/// One draft.
pub(crate) async fn one(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, drawing)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let view = web.store.drawing(&school, &drawing).await?.ok_or(Failure::NotFound)?;
    let content = content(&view)?;
    let corrected = show::corrected(&web, &teacher, &school, (&view, &content)).await?;
    let page =
        show::Shown { school: &school, id: &drawing, view: &view, drawing: &content, corrected };
    Ok(html(&page.page(&teacher, None)?)?.into_response())
}

/// The artwork of a draft's page.
pub(crate) async fn artwork(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, drawing, page)): Path<(String, String, String)>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let page: u32 =
        page.strip_suffix(".svg").and_then(|page| page.parse().ok()).ok_or(Failure::NotFound)?;
    let svg = web.store.drawing_artwork(&school, &drawing, page).await?.ok_or(Failure::NotFound)?;
    Ok(picture(svg))
}

/// The draft of which a worksheet is made, if it is there.
pub(crate) async fn draft_of(
    web: &Web,
    school: &WorksheetSchool,
    worksheet: &str,
) -> Result<Option<String>, Failure> {
    let Some(id) = worksheet.strip_prefix(WORKSHEET) else { return Ok(None) };
    Ok(web.store.drawing(school, id).await?.map(|_| id.to_owned()))
}

/// What was typed.
fn content(view: &DrawingView) -> Result<Drawing, Failure> {
    serde_json::from_str(&view.content).map_err(|error| {
        tracing::error!(%error, "a drawing in the store cannot be read");
        Failure::Internal
    })
}

async fn list_page(
    web: &Web,
    teacher: &Teacher,
    school: &WorksheetSchool,
    said: Option<String>,
) -> Result<DrawingsPage, Failure> {
    let locale = teacher.visitor.locale;
    let w = DrawingWords::of(locale);
    let item = |line: store::DrawingLine| DraftItem {
        title: match line.title.trim() {
            "" => w.untitled.to_owned(),
            title => title.to_owned(),
        },
        changed: fill(
            w.changed,
            &[
                ("date", &dates::minute(line.changed_ms, locale)),
                ("name", &isolated(&line.by_name)),
            ],
        ),
        made: match line.version {
            Some(version) => fill(w.made, &[("version", &version)]),
            None => w.not_made.to_owned(),
        },
        id: line.id,
    };
    let drafts = web.store.drawings(school).await?.into_iter().map(item).collect();
    let mut crumbs = crumbs(teacher, school);
    crumbs.push(Crumb::here(w.title));
    let mut layout = teacher.visitor.layout(w.title, crumbs);
    layout.here = path(school);
    Ok(DrawingsPage { layout, w, school: school.id.clone(), said, drafts })
}

/// The address of a school's drafts.
fn path(school: &WorksheetSchool) -> String {
    format!("/school/{}/worksheets/pdf", school.id)
}

/// The way to the pages of this part.
fn crumbs(teacher: &Teacher, school: &WorksheetSchool) -> Vec<Crumb> {
    let locale = teacher.visitor.locale;
    let w = DrawingWords::of(locale);
    let name = locale.pick(&school.name_zh, &school.name_en);
    vec![
        Crumb::new(locale.words().classes, "/"),
        Crumb::new(
            format!("{name} · {}", w.worksheets),
            format!("/school/{}/worksheets", school.id),
        ),
    ]
}
