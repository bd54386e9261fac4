//! Login by password.

pub(crate) mod code;

use std::sync::PoisonError;

use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::auth::limit::Try;
use crate::auth::password::HashingError;
use crate::auth::token;
use crate::client::ClientKey;
use crate::failure::Failure;
use crate::page::account::LoginPage;
use crate::page::html;
use crate::session::{SESSION, Visitor, cookie, device};
use crate::site::local_path;
use crate::state::Web;
use crate::words::Words;

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    pub(super) next: String,
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn show(
    Extension(visitor): Extension<Visitor>,
    Query(next): Query<Next>,
) -> Result<Response, Failure> {
    let next = local_path(&next.next).to_owned();
    if visitor.session.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    Ok(html(&page(&visitor, next, String::new(), None))?.into_response())
}

fn page(visitor: &Visitor, next: String, login: String, error: Option<String>) -> LoginPage {
    let w = visitor.locale.words();
    let mut layout = visitor.layout(w.log_in, Vec::new());
    // A change of language after a failed login shows the form again.
    layout.here = "/login".to_owned();
    LoginPage { layout, error, login, next }
}

/// How long to wait, in the words of the page.
pub(crate) fn wait_words(w: &'static Words, wait_s: i64) -> String {
    if wait_s < 120 {
        return crate::words::fill(w.log_in_wait_s, &[("n", &wait_s)]);
    }
    crate::words::fill(w.log_in_wait_min, &[("n", &(wait_s + 59).div_euclid(60))])
}

/// Whole seconds, for `Retry-After`; at least one.
pub(crate) fn seconds(wait_ms: i64) -> i64 {
    (wait_ms + 999).div_euclid(1_000).max(1)
}

/// How long to come back after where too many passwords wait to be checked, in seconds.
const BUSY_S: i64 = 3;

pub(crate) async fn log_in(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    client: Option<Extension<ClientKey>>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let w = visitor.locale.words();
    let next = local_path(&form.next).to_owned();
    let client = client.map(|Extension(client)| client);
    let from = client.map(|client| client.to_string());
    let staff = web.store.staff_of_login(&form.login).await?;
    let device = match &staff {
        Some(staff) => device::known(&web, &headers, &staff.id).await?,
        None => None,
    };
    let tried = match device {
        Some(device) => Try::known(device),
        None => Try::unknown(client, &form.login),
    };
    let taken = {
        let mut limiter = web.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.take(&tried, web.wall_ms())
    };
    let again = |status: StatusCode, wait_s: i64, login: String, error: String| {
        let page = html(&page(&visitor, next.clone(), login, Some(error)))?;
        Ok((status, [(header::RETRY_AFTER, wait_s.to_string())], page).into_response())
    };
    if let Err(wait_ms) = taken {
        tracing::warn!(client = from, "too many failed logins");
        let wait_s = seconds(wait_ms);
        return again(StatusCode::TOO_MANY_REQUESTS, wait_s, form.login, wait_words(w, wait_s));
    }
    let kept = staff.as_ref().and_then(|staff| staff.password_hash.clone());
    let checked = match device {
        Some(_) => web.passwords.verify_known(form.password, kept).await,
        None => web.passwords.verify(form.password, kept).await,
    };
    let good = match checked {
        Ok(good) => good,
        Err(HashingError::Busy) => {
            web.limiter.lock().unwrap_or_else(PoisonError::into_inner).take_back(&tried);
            tracing::warn!(client = from, "too many logins at the same time");
            let error = crate::words::fill(w.log_in_busy, &[("n", &BUSY_S)]);
            return again(StatusCode::SERVICE_UNAVAILABLE, BUSY_S, form.login, error);
        }
        Err(error) => {
            tracing::error!(%error, "a login could not be checked");
            return Err(Failure::Internal);
        }
    };
    let Some(staff) = staff.filter(|_| good) else {
        tracing::warn!(client = from, "a login failed");
        let error = w.log_in_wrong.to_owned();
        let page = html(&page(&visitor, next, form.login, Some(error)))?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    };
    web.limiter.lock().unwrap_or_else(PoisonError::into_inner).succeeded(&tried);
    if staff.has_totp {
        return code::ask(&web, &staff, &next).await;
    }
    // A session of its own for each login: one that was planted before is worth nothing.
    if let Some((old, _)) = &visitor.session {
        web.store.end_session(*old).await?;
    }
    let token = token::text((web.sources.random)());
    web.store.begin_session(token::hash(&token), &staff.id, SESSION, web.wall_ms()).await?;
    let device = device::remember(&web, device, &staff.id).await?;
    tracing::info!(staff = staff.id, "logged in");
    let cookies = AppendHeaders([cookie::set_session(&web, &token), device]);
    Ok((cookies, Redirect::to(&next)).into_response())
}
