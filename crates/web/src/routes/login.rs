//! Login by password.

use std::net::SocketAddr;
use std::sync::PoisonError;

use axum::Extension;
use axum::extract::{ConnectInfo, Form, Query, State};
use axum::http::{Extensions, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::html;
use crate::app::{SESSION, Web};
use crate::auth::token;
use crate::page::account::LoginPage;
use crate::visit::{Failure, Visitor, local_path, set_session};

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
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
    let mut chrome = visitor.chrome(w.log_in, Vec::new());
    // A change of language after a failed login shows the form again.
    chrome.here = "/login".to_owned();
    LoginPage { chrome, error, login, next }
}

/// The address at the other end of the connection. What a client says of itself in
/// `X-Forwarded-For` counts for nothing.
fn address(extensions: &Extensions) -> Option<std::net::IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

pub(crate) async fn log_in(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    extensions: Extensions,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let w = visitor.locale.words();
    let next = local_path(&form.next).to_owned();
    let address = address(&extensions);
    let taken = {
        let mut limiter = web.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.take(address, &form.login, web.wall_ms())
    };
    if let Err(wait_ms) = taken {
        tracing::warn!(?address, "too many failed logins");
        let minutes = (wait_ms + 59_999).div_euclid(60_000);
        let error = crate::words::fill(w.log_in_limited, &[("n", &minutes)]);
        let page = html(&page(&visitor, next, form.login, Some(error)))?;
        return Ok((StatusCode::TOO_MANY_REQUESTS, page).into_response());
    }
    let staff = web.store.staff_of_login(&form.login).await?;
    let kept = staff.as_ref().and_then(|staff| staff.password_hash.clone());
    let good = web.passwords.verify(form.password, kept).await.map_err(|error| {
        tracing::error!(%error, "a login could not be checked");
        Failure::Internal
    })?;
    let Some(staff) = staff.filter(|_| good) else {
        tracing::warn!(?address, "a login failed");
        let error = w.log_in_wrong.to_owned();
        let page = html(&page(&visitor, next, form.login, Some(error)))?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    };
    web.limiter.lock().unwrap_or_else(PoisonError::into_inner).succeeded(address, &form.login);
    // A session of its own for each login: one that was planted before is worth nothing.
    if let Some((old, _)) = &visitor.session {
        web.store.end_session(*old).await?;
    }
    let token = token::text((web.sources.random)());
    web.store.begin_session(token::hash(&token), &staff.id, SESSION, web.wall_ms()).await?;
    tracing::info!(staff = staff.id, "logged in");
    Ok(([set_session(&web, &token)], Redirect::to(&next)).into_response())
}
