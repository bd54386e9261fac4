//! Password, language, logout.

use std::sync::PoisonError;

use axum::Extension;
use axum::extract::{Form, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::login::{seconds, wait_words};
use crate::auth::limit::Try;
use crate::auth::password;
use crate::failure::Failure;
use crate::page::account::PasswordPage;
use crate::page::{Crumb, html};
use crate::session::{Teacher, Visitor, cookie};
use crate::site::local_path;
use crate::state::Web;
use crate::words::account::AccountWords;
use crate::words::{Locale, fill};

pub(crate) async fn show(teacher: Teacher) -> Result<Response, Failure> {
    Ok(html(&page(&teacher, None, false))?.into_response())
}

fn page(teacher: &Teacher, error: Option<String>, saved: bool) -> PasswordPage {
    let w = teacher.visitor.locale.words();
    let has_password = saved || teacher.staff.password_hash.is_some();
    let title = if has_password { w.password_title } else { w.password_set_title };
    let crumbs = vec![Crumb::new(w.classes, "/"), Crumb::here(title)];
    let mut layout = teacher.visitor.layout(title, crumbs);
    layout.here = "/password".to_owned();
    let a = AccountWords::of(teacher.visitor.locale);
    let on = if teacher.staff.has_totp { a.codes_on } else { a.codes_off };
    let codes = fill(a.codes_state, &[("state", &on)]);
    PasswordPage { layout, login: teacher.staff.login.clone(), has_password, error, saved, codes }
}

#[derive(Deserialize)]
pub(crate) struct Change {
    #[serde(default)]
    current: String,
    password: String,
}

pub(crate) async fn set_password(
    State(web): State<Web>,
    teacher: Teacher,
    Form(change): Form<Change>,
) -> Result<Response, Failure> {
    let w = teacher.visitor.locale.words();
    let staff = &teacher.staff;
    let refuse = |status: StatusCode, error: &str| -> Result<Response, Failure> {
        Ok((status, html(&page(&teacher, Some(error.to_owned()), false))?).into_response())
    };
    let failed = |error| {
        tracing::error!(%error, "a password could not be set");
        Failure::Internal
    };
    if let Some(kept) = staff.password_hash.clone() {
        // Somebody at an unlocked screen may guess no more often than at the login.
        let tried = Try::known(teacher.token);
        let taken = {
            let mut limiter = web.limiter.lock().unwrap_or_else(PoisonError::into_inner);
            limiter.take(&tried, web.wall_ms())
        };
        if let Err(wait_ms) = taken {
            let wait_s = seconds(wait_ms);
            let refused = refuse(StatusCode::TOO_MANY_REQUESTS, &wait_words(w, wait_s))?;
            let retry = [(header::RETRY_AFTER, wait_s.to_string())];
            return Ok((retry, refused).into_response());
        }
        if !web.passwords.verify_known(change.current, Some(kept)).await.map_err(failed)? {
            return refuse(StatusCode::FORBIDDEN, w.password_current_wrong);
        }
        web.limiter.lock().unwrap_or_else(PoisonError::into_inner).succeeded(&tried);
    }
    if let Err(refused) = password::check(&change.password, &staff.login, &staff.name) {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, refused.words(w));
    }
    let hash = web.passwords.hash(change.password, (web.sources.random)()).await.map_err(failed)?;
    web.store.set_password(&staff.id, hash, teacher.token).await?;
    tracing::info!(staff = staff.id, "set a password");
    Ok(html(&page(&teacher, None, true))?.into_response())
}

/// How long a browser remembers the language: a year, in seconds.
const LOCALE_S: i64 = 365 * 86_400;

#[derive(Deserialize)]
pub(crate) struct Choice {
    locale: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn set_locale(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Form(choice): Form<Choice>,
) -> Result<Response, Failure> {
    let locale = Locale::parse(&choice.locale).ok_or(Failure::BadRequest)?;
    if let Some((_, session)) = &visitor.session {
        web.store.set_locale(&session.staff.id, locale.code()).await?;
    }
    let chosen = cookie::set(&web, cookie::LOCALE, locale.code(), LOCALE_S);
    Ok(([chosen], Redirect::to(local_path(&choice.next))).into_response())
}

pub(crate) async fn log_out(State(web): State<Web>, teacher: Teacher) -> Result<Response, Failure> {
    web.store.end_session(teacher.token).await?;
    tracing::info!(staff = teacher.staff.id, "logged out");
    let clear = (HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"".to_owned());
    Ok(([cookie::unset_session(&web), clear], Redirect::to("/login")).into_response())
}
