//! Login by one-time link. Looking at the link changes nothing, so that a preview in a chat or a
//! scanner of mails does not use it up.

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;
use store::{Opened, Staff};

use super::login::code::asked;
use crate::auth::{password, token};
use crate::failure::Failure;
use crate::page::account::LinkPage;
use crate::page::html;
use crate::page::message::MessagePage;
use crate::session::{Visitor, cookie, device};
use crate::state::Web;
use crate::words::Locale;

#[derive(Deserialize)]
pub(crate) struct Entry {
    /// May be empty: then the password stays as it is.
    #[serde(default)]
    password: String,
}

pub(crate) async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    match web.store.staff_of_link(token::hash(&token), web.wall_ms()).await? {
        Some(staff) => {
            let visitor = greeted(&visitor, &staff);
            Ok(html(&page(&visitor, &staff, token, None))?.into_response())
        }
        None => void(&visitor),
    }
}

/// The visitor in the language of the link's owner, who tells it better than the browser does.
fn greeted(visitor: &Visitor, staff: &Staff) -> Visitor {
    let mut visitor = visitor.clone();
    if !visitor.chose_locale {
        visitor.locale = Locale::parse(&staff.locale).unwrap_or(visitor.locale);
    }
    visitor
}

fn page(visitor: &Visitor, staff: &Staff, token: String, error: Option<String>) -> LinkPage {
    let w = visitor.locale.words();
    LinkPage {
        layout: visitor.layout(w.link_title, Vec::new()),
        name: staff.name.clone(),
        login: staff.login.clone(),
        token,
        error,
    }
}

/// Used, expired and never issued look the same.
pub(crate) fn void(visitor: &Visitor) -> Result<Response, Failure> {
    let w = visitor.locale.words();
    let page = MessagePage {
        layout: visitor.layout(w.link_title, Vec::new()),
        heading: w.link_void.into(),
        help: w.link_void_help.into(),
        action: w.log_in.into(),
        href: "/login".into(),
    };
    Ok((StatusCode::GONE, html(&page)?).into_response())
}

pub(crate) async fn enter(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(token): Path<String>,
    Form(entry): Form<Entry>,
) -> Result<Response, Failure> {
    let link = token::hash(&token);
    let now_ms = web.wall_ms();
    let Some(staff) = web.store.staff_of_link(link, now_ms).await? else { return void(&visitor) };
    let visitor = greeted(&visitor, &staff);
    let mut password_hash = None;
    if !entry.password.is_empty() {
        if let Err(refused) = password::check(&entry.password, &staff.login, &staff.name) {
            let error = refused.words(visitor.locale.words()).to_owned();
            let page = html(&page(&visitor, &staff, token, Some(error)))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        let hash = web.passwords.hash(entry.password, (web.sources.random)()).await;
        password_hash = Some(hash.map_err(|error| {
            tracing::error!(%error, "a password could not be set");
            Failure::Internal
        })?);
    }
    let session = token::text((web.sources.random)());
    let opened = web.store.use_link(link, token::hash(&session), password_hash, now_ms).await?;
    let Some(opened) = opened else { return void(&visitor) };
    if let Some((old, _)) = &visitor.session {
        web.store.end_session(*old).await?;
    }
    if opened == Opened::Half {
        tracing::info!(staff = staff.id, "a code is asked for after a one-time link");
        return Ok(asked(&web, &session, "/"));
    }
    tracing::info!(staff = staff.id, "logged in by a one-time link");
    let device = device::remember(&web, None, &staff.id).await?;
    let cookies = AppendHeaders([cookie::set_session(&web, &session), device]);
    Ok((cookies, Redirect::to("/")).into_response())
}
