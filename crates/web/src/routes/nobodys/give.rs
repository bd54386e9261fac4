//! A person says whose ink it is, and takes that back.

use attribution::{Holder, Start};
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use school::{Right, Scope};
use serde::Deserialize;
use store::{ClassView, GivenInk, NobodysInk};

use super::{class_of, givable, given_words, parse_key, path, pieces_of, respond};
use crate::failure::Failure;
use crate::session::Teacher;
use crate::state::Web;

#[derive(Deserialize)]
pub(crate) struct Given {
    /// What [`key`](super::key) wrote.
    #[serde(default)]
    ink: String,
    /// `red`, or `pupil:` and an id.
    #[serde(default)]
    to: String,
}

pub(crate) async fn give(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    let (staff, scope) = (&teacher.staff.id, &teacher.scope);
    let w = teacher.visitor.locale.words();
    let class = class_of(&web, &teacher, &class).await?;
    let ink = parse_key(&given.ink).ok_or(Failure::BadRequest)?;
    let holder = match given.to.strip_prefix("pupil:") {
        None if given.to == "red" => Holder::marker(staff)?,
        None => return Err(Failure::BadRequest),
        Some(id) => {
            let pupils = web.store.pupils_of(scope, Right::Give, &class.id).await?;
            let known = pupils.into_iter().find(|pupil| pupil.id == id);
            Holder::pupil(known.ok_or(Failure::NotFound)?.id)?
        }
    };
    if !web.store.knows_ink(scope, &class.id, ink).await? {
        return Err(Failure::NotFound);
    }
    if let Some(row) = nobodys(&web, scope, &class, ink).await? {
        if row.shared && matches!(holder, Holder::Marker(_)) {
            return unsaid(&web, &teacher, class, w.nobodys_no_red.to_owned()).await;
        }
        if web.store.give_ink(ink, holder.clone(), staff, web.now_ms()).await? {
            tracing::info!(staff, class = class.id, pen = ink.pen, "gave ink to somebody");
            return Ok(Redirect::to(&path(&class)).into_response());
        }
    }
    let rows = web.store.given_ink(scope, &class.id, u32::MAX).await?;
    let Some(row) = rows.iter().find(|row| row.is_of(ink)) else {
        return unsaid(&web, &teacher, class, w.nobodys_owned.to_owned()).await;
    };
    let same = match &holder {
        Holder::Pupil(id) => row.pupil.as_deref() == Some(id.as_str()),
        Holder::Marker(id) => row.pupil.is_none() && row.staff == id.as_str(),
    };
    if same {
        // The button was pressed twice.
        return Ok(Redirect::to(&path(&class)).into_response());
    }
    let said = given_words(w.nobodys_taken, row, &teacher);
    unsaid(&web, &teacher, class, said).await
}

/// The row of ink, if what this start of the pen wrote there is nobody's and can be given.
async fn nobodys(
    web: &Web,
    scope: &Scope,
    class: &ClassView,
    ink: GivenInk,
) -> Result<Option<NobodysInk>, Failure> {
    let rows = web.store.nobodys_ink(scope, &class.id, u32::MAX).await?;
    let is_of = |row: &NobodysInk| {
        givable(row)
            && (row.folio, row.page, row.pen.cast_unsigned()) == (ink.folio, ink.page, ink.pen)
    };
    let Some(row) = rows.into_iter().find(is_of) else { return Ok(None) };
    let start = Start { pen: ink.pen, counter: ink.boot_counter, random: ink.boot_random };
    Ok(pieces_of(web, &row).await?.contains_key(&start).then_some(row))
}

/// The page with words on why what was sent is not stored.
async fn unsaid(
    web: &Web,
    teacher: &Teacher,
    class: ClassView,
    said: String,
) -> Result<Response, Failure> {
    let page = respond(web, teacher, class, Some(said)).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Undo {
    /// What [`key`](super::key) wrote.
    #[serde(default)]
    ink: String,
    /// When it was given, Unix milliseconds.
    #[serde(default)]
    of: String,
}

pub(crate) async fn undo(
    State(web): State<Web>,
    teacher: Teacher,
    Path(class): Path<String>,
    Form(undo): Form<Undo>,
) -> Result<Response, Failure> {
    let (staff, scope) = (&teacher.staff.id, &teacher.scope);
    let class = class_of(&web, &teacher, &class).await?;
    let ink = parse_key(&undo.ink).ok_or(Failure::BadRequest)?;
    let of: i64 = undo.of.parse().map_err(|_| Failure::BadRequest)?;
    let rows = web.store.given_ink(scope, &class.id, u32::MAX).await?;
    match rows.iter().find(|row| row.is_of(ink)) {
        Some(row) if row.at_ms != of => {
            let text = teacher.visitor.locale.words().nobodys_given_since;
            let said = given_words(text, row, &teacher);
            return unsaid(&web, &teacher, class, said).await;
        }
        Some(_) => {
            web.store.take_ink_back(ink, of).await?;
            tracing::info!(staff, class = class.id, pen = ink.pen, "took back whose ink it is");
        }
        // Taken back already: nothing changes.
        None if web.store.knows_ink(scope, &class.id, ink).await? => {}
        None => return Err(Failure::NotFound),
    }
    Ok(Redirect::to(&path(&class)).into_response())
}
