//! The second page of a login: the code of a phone.

use std::sync::PoisonError;

use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;
use store::Staff;

use super::{Next, seconds, wait_words};
use crate::auth::limit::Try;
use crate::auth::{token, totp};
use crate::failure::Failure;
use crate::page::codes::LoginCodePage;
use crate::page::html;
use crate::session::{SESSION, Visitor, cookie, device};
use crate::site::{local_path, percent};
use crate::state::Web;
use crate::words::account::AccountWords;

#[derive(Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// Begins a login that waits for its code, for somebody whose password was right.
pub(crate) async fn ask(web: &Web, staff: &Staff, next: &str) -> Result<Response, Failure> {
    let half = token::text((web.sources.random)());
    web.store.begin_half_login(token::hash(&half), &staff.id, web.wall_ms()).await?;
    tracing::info!(staff = staff.id, "a code is asked for");
    Ok(asked(web, &half, next))
}

/// Leads to the page that asks for the code, and after it to `next`.
pub(crate) fn asked(web: &Web, half: &str, next: &str) -> Response {
    let next: String = next.bytes().map(percent).collect();
    let to = Redirect::to(&format!("/login/code?next={next}"));
    (AppendHeaders([cookie::set_half(web, half)]), to).into_response()
}

pub(crate) async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Query(next): Query<Next>,
) -> Result<Response, Failure> {
    if awaited(&web, &headers).await?.is_none() {
        return Ok(Redirect::to("/login").into_response());
    }
    Ok(html(&page(&visitor, local_path(&next.next), None))?.into_response())
}

fn page(visitor: &Visitor, next: &str, error: Option<String>) -> LoginCodePage {
    let w = AccountWords::of(visitor.locale);
    let mut layout = visitor.layout(w.login_title, Vec::new());
    layout.here = "/login/code".to_owned();
    LoginCodePage { layout, w, error, next: next.to_owned() }
}

/// Whose code the request may bring, and under which token it is awaited.
async fn awaited(
    web: &Web,
    headers: &HeaderMap,
) -> Result<Option<(store::TokenHash, Staff)>, Failure> {
    let Some(half) = cookie::read(headers, cookie::half_name(web)).map(token::hash) else {
        return Ok(None);
    };
    let staff = web.store.staff_of_half_login(half, web.wall_ms()).await?;
    Ok(staff.map(|staff| (half, staff)))
}

pub(crate) async fn enter(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Form(entry): Form<Entry>,
) -> Result<Response, Failure> {
    let again = Ok(Redirect::to("/login").into_response());
    let Some((half, staff)) = awaited(&web, &headers).await? else { return again };
    // An administrator has just reset it: the password alone opens a session now.
    let Some(kept) = web.store.totp(&staff.id).await?.filter(|kept| kept.is_on) else {
        return again;
    };
    let (next, now_ms) = (local_path(&entry.next), web.wall_ms());
    let tried = Try::code(&staff.id);
    let taken = {
        let mut limiter = web.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.take(&tried, now_ms)
    };
    if let Err(wait_ms) = taken {
        tracing::warn!(staff = staff.id, "too many wrong codes");
        let wait_s = seconds(wait_ms);
        let words = wait_words(visitor.locale.words(), wait_s);
        let page = html(&page(&visitor, next, Some(words)))?;
        let retry = [(header::RETRY_AFTER, wait_s.to_string())];
        return Ok((StatusCode::TOO_MANY_REQUESTS, retry, page).into_response());
    }
    let session = token::text((web.sources.random)());
    let hash = token::hash(&session);
    let entered = match totp::proof(&kept, &entry.code, now_ms) {
        Some(proof) => web.store.end_half_login(half, proof, hash, SESSION, now_ms).await?,
        None => false,
    };
    if !entered {
        tracing::warn!(staff = staff.id, "a code was wrong or used");
        let wrong = AccountWords::of(visitor.locale).code_wrong.to_owned();
        let page = html(&page(&visitor, next, Some(wrong)))?;
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    }
    web.limiter.lock().unwrap_or_else(PoisonError::into_inner).succeeded(&tried);
    if let Some((old, _)) = &visitor.session {
        web.store.end_session(*old).await?;
    }
    let known = device::known(&web, &headers, &staff.id).await?;
    let device = device::remember(&web, known, &staff.id).await?;
    tracing::info!(staff = staff.id, "logged in with a code");
    let cookies =
        AppendHeaders([cookie::set_session(&web, &session), device, cookie::unset_half(&web)]);
    Ok((cookies, Redirect::to(next)).into_response())
}
