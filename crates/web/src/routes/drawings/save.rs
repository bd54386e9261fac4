//! Keeping a draft, and making a worksheet of it.

use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Redirect, Response};
use serde::Serialize;
use store::{DrawingSaved, DrawingView, KeyCorrected, NewWorksheet, WorksheetSchool};
use worksheet::drawn::{Drawing, DrawnFault};
use worksheet::{Framework, Page, WorksheetId, is_printable};

use super::form::{Do, Sent, empty};
use super::show::{Said, Shown, corrected, fault_item, faults, summary};
use super::upload::json;
use crate::failure::Failure;
use crate::page::html;
use crate::routes::sheets::school_of;
use crate::session::Teacher;
use crate::state::Web;
use crate::words::drawing::DrawingWords;
use crate::words::fill;

/// What a page that saves as one goes is told.
#[derive(Serialize)]
struct Told {
    /// The revision that is stored; `None` where nothing was.
    revision: Option<i64>,
    /// What to say.
    text: String,
    summary: String,
    faults: Vec<ToldFault>,
}

#[derive(Serialize)]
struct ToldFault {
    field: Option<usize>,
    place: String,
    text: String,
    grave: bool,
}

/// A draft of a school.
struct Draft<'a> {
    web: &'a Web,
    teacher: &'a Teacher,
    school: WorksheetSchool,
    id: String,
    view: DrawingView,
    drawing: Drawing,
}

/// Takes what was typed.
pub(crate) async fn save(
    State(web): State<Web>,
    teacher: Teacher,
    Path((school, id)): Path<(String, String)>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let school = school_of(&web, &teacher, &school).await?;
    let Sent { revision, todo, mut drawing } = Sent::parse(pairs).ok_or(Failure::BadRequest)?;
    let view = web.store.drawing(&school, &id).await?.ok_or(Failure::NotFound)?;
    if todo == Do::Drop {
        web.store.drop_drawing(&school, &id).await?;
        return Ok(Redirect::to(&super::path(&school)).into_response());
    }
    match todo {
        Do::Add => {
            let last = drawing.fields.last().map_or(1, |field| field.page);
            drawing.fields.push(empty(last));
        }
        Do::Remove(at) if at < drawing.fields.len() => {
            drawing.fields.remove(at);
        }
        _ => {}
    }
    // In the list of drafts; what was typed stays whole in the draft itself.
    let title = drawing.title.chars().filter(|c| is_printable(*c)).collect();
    let content = (title, json(&drawing)?);
    let saved = web.store.save_drawing(&school, &id, revision, content, web.wall_ms()).await?;
    let mut draft = Draft { web: &web, teacher: &teacher, school, id, view, drawing };
    let wants_json = headers
        .get(header::ACCEPT)
        .is_some_and(|accepts| accepts.as_bytes().starts_with(b"application/json"));
    match saved {
        DrawingSaved::Missing => Err(Failure::NotFound),
        DrawingSaved::Changed if wants_json => Ok(draft.told(None)),
        DrawingSaved::Changed => draft.refused_as_changed().await,
        DrawingSaved::Stored(revision) if wants_json => Ok(draft.told(Some(revision))),
        DrawingSaved::Stored(revision) => {
            draft.view.revision = revision;
            match todo {
                Do::Make => draft.make().await,
                Do::Add => {
                    Ok(draft.shown_at(&format!("#field-{}", draft.drawing.fields.len() - 1)))
                }
                _ => Ok(draft.shown_at("")),
            }
        }
    }
}

impl Draft<'_> {
    fn words(&self) -> &'static DrawingWords {
        DrawingWords::of(self.teacher.visitor.locale)
    }

    /// Sends the browser to the page, at a place of it.
    fn shown_at(&self, place: &str) -> Response {
        let path = format!("{}/{}{place}", super::path(&self.school), self.id);
        Redirect::to(&path).into_response()
    }

    /// The answer to a page that saves as one goes.
    fn told(&self, revision: Option<i64>) -> Response {
        let (w, locale) = (self.words(), self.teacher.visitor.locale);
        let faults = faults(&self.view, &self.drawing);
        let fault = |fault: &DrawnFault| {
            let item = fault_item(fault, &self.drawing, locale);
            ToldFault { field: item.field, place: item.place, text: item.text, grave: item.grave }
        };
        let (status, text) = match revision {
            Some(_) => (StatusCode::OK, w.saved),
            None => (StatusCode::CONFLICT, w.elsewhere),
        };
        let told = Told {
            revision,
            text: text.to_owned(),
            summary: summary(&faults, w),
            faults: faults.iter().map(fault).collect(),
        };
        (status, Json(told)).into_response()
    }

    /// The page with what was typed here, though another window's words are stored.
    async fn refused_as_changed(&self) -> Result<Response, Failure> {
        let lines = vec![self.words().overwrite.to_owned()];
        self.page(StatusCode::CONFLICT, Said { stored: false, lines, worksheet: None }).await
    }

    async fn page(&self, status: StatusCode, said: Said) -> Result<Response, Failure> {
        let Self { school, id, view, drawing, .. } = self;
        let corrected = corrected(self.web, self.teacher, school, (view, drawing)).await?;
        let page = Shown { school, id, view, drawing, corrected }.page(self.teacher, Some(said))?;
        Ok((status, html(&page)?).into_response())
    }

    /// Makes a worksheet of it: a new version, unless it is what the last one is.
    async fn make(self) -> Result<Response, Failure> {
        let w = self.words();
        let pages = self.pages().await?;
        let id = self.view.worksheet.clone();
        let next = self.web.store.next_version(&id).await?;
        let build = |version| {
            let id = WorksheetId { id: id.clone(), version };
            self.drawing.worksheet(id, &pages, &Framework::own())
        };
        let (Some(sheet), _) = build(next) else {
            let lines = vec![summary(&faults(&self.view, &self.drawing), w)];
            let said = Said { stored: false, lines, worksheet: None };
            return self.page(StatusCode::UNPROCESSABLE_ENTITY, said).await;
        };
        let path = |version: u32| format!("/school/{}/sheet/{id}/{version}", self.school.id);
        let mut lines = Vec::new();
        if next > 1 {
            let last = self.web.worksheet(&id, next - 1).await?;
            if build(next - 1).0.as_ref() == Some(&*last) {
                let lines = vec![fill(w.same_again, &[("version", &(next - 1))])];
                let said = Said { stored: true, lines, worksheet: Some(path(next - 1)) };
                return self.page(StatusCode::OK, said).await;
            }
            let versions = self.web.store.worksheet_versions(&self.school, &id).await?;
            let keys = self.web.store.worksheet_keys(&self.school.id, &id).await?;
            let origin = KeyCorrected::origin(&keys, next - 1);
            if versions.iter().any(|line| line.version == origin && line.runs > 0) {
                lines.push(fill(w.printed_before, &[("version", &origin)]));
            }
            let changes = sheet.changed_since(&last);
            if !changes.is_empty() {
                lines.push(fill(w.changes, &[("version", &(next - 1))]));
            }
            let locale = self.teacher.visitor.locale;
            lines.extend(changes.iter().map(|change| {
                let (zh, en) = change.flaw.texts(&change.part, change.page);
                locale.pick(&zh, &en).to_owned()
            }));
        }
        let files = sheet.files();
        let toml = files.first().map(|(_, text)| text.clone()).unwrap_or_default();
        let artwork = sheet.pages.iter().map(|page| page.artwork.clone()).collect();
        let new = NewWorksheet {
            school: self.school.id.clone(),
            toml,
            artwork,
            sources: vec![("drawing.json".to_owned(), json(&self.drawing)?.into_bytes())],
            staff: Some(self.teacher.staff.id.clone()),
            at_ms: self.web.wall_ms(),
        };
        self.web.store.put_worksheet(new).await?;
        self.web.store.drawing_made(&self.school, &self.id, next).await?;
        let title = &sheet.title_zh;
        lines.insert(0, fill(w.made_now, &[("title", title), ("version", &next)]));
        self.page(StatusCode::OK, Said { stored: true, lines, worksheet: Some(path(next)) }).await
    }

    /// Its pages with their artwork.
    async fn pages(&self) -> Result<Vec<Page>, Failure> {
        let mut pages = Vec::new();
        for (number, (width_um, height_um, _)) in (1..).zip(&self.view.pages) {
            let artwork = self.web.store.drawing_artwork(&self.school, &self.id, number).await?;
            let artwork = artwork.ok_or(Failure::NotFound)?;
            pages.push(Page { number, width_um: *width_um, height_um: *height_um, artwork });
        }
        Ok(pages)
    }
}
