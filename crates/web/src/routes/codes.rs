//! One's own codes of a phone: turned on, confirmed by a code, turned off again.

use std::sync::PoisonError;

use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::login::{seconds, wait_words};
use crate::auth::limit::Try;
use crate::auth::totp;
use crate::failure::Failure;
use crate::page::codes::{CodesPage, CodesState, RecoveryPage};
use crate::page::{Crumb, html};
use crate::session::Teacher;
use crate::state::Web;
use crate::words::account::AccountWords;

const PATH: &str = "/account/codes";

/// What a form here holds.
#[derive(Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    code: String,
    /// The password, where there is one.
    #[serde(default)]
    current: String,
}

pub(crate) async fn show(State(web): State<Web>, teacher: Teacher) -> Result<Response, Failure> {
    Ok(html(&page(&web, &teacher, None).await?)?.into_response())
}

async fn page(web: &Web, teacher: &Teacher, error: Option<String>) -> Result<CodesPage, Failure> {
    let locale = teacher.visitor.locale;
    let (w, words) = (AccountWords::of(locale), locale.words());
    let staff = &teacher.staff;
    let kept = web.store.totp(&staff.id).await?;
    let state = match &kept {
        None => CodesState::Off,
        Some(kept) if kept.is_on => CodesState::On { left: kept.recovery_codes },
        Some(kept) => {
            let address = totp::address(&kept.secret, words.product, &staff.login);
            let picture = crate::qr::svg(&address, w.scan_label);
            CodesState::Begun { picture, key: totp::key_text(&kept.secret) }
        }
    };
    let crumbs = vec![
        Crumb::new(words.classes, "/"),
        Crumb::new(words.account, "/password"),
        Crumb::here(w.codes),
    ];
    let mut layout = teacher.visitor.layout(w.codes, crumbs);
    layout.here = PATH.to_owned();
    Ok(CodesPage {
        layout,
        w,
        must: staff.must_totp && !matches!(state, CodesState::On { .. }),
        state,
        login: staff.login.clone(),
        has_password: staff.password_hash.is_some(),
        error,
    })
}

/// The page with why nothing was changed.
async fn refuse(
    web: &Web,
    teacher: &Teacher,
    status: StatusCode,
    error: &str,
) -> Result<Response, Failure> {
    let page = page(web, teacher, Some(error.to_owned())).await?;
    Ok((status, html(&page)?).into_response())
}

/// Takes one try at a code or password of one's own account. `Err`: the page that says to wait.
async fn take(web: &Web, teacher: &Teacher) -> Result<Result<Try, Response>, Failure> {
    let tried = Try::code(&teacher.staff.id);
    let taken = {
        let mut limiter = web.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.take(&tried, web.wall_ms())
    };
    let Err(wait_ms) = taken else { return Ok(Ok(tried)) };
    let wait_s = seconds(wait_ms);
    let words = wait_words(teacher.visitor.locale.words(), wait_s);
    let refused = refuse(web, teacher, StatusCode::TOO_MANY_REQUESTS, &words).await?;
    Ok(Err(([(header::RETRY_AFTER, wait_s.to_string())], refused).into_response()))
}

fn succeeded(web: &Web, tried: &Try) {
    web.limiter.lock().unwrap_or_else(PoisonError::into_inner).succeeded(tried);
}

pub(crate) async fn begin(State(web): State<Web>, teacher: Teacher) -> Result<Response, Failure> {
    let secret = totp::secret((web.sources.random)());
    // Where codes are on already the page says so.
    web.store.begin_totp(&teacher.staff.id, secret).await?;
    Ok(Redirect::to(PATH).into_response())
}

pub(crate) async fn confirm(
    State(web): State<Web>,
    teacher: Teacher,
    Form(entry): Form<Entry>,
) -> Result<Response, Failure> {
    let (staff, now_ms) = (&teacher.staff.id, web.wall_ms());
    let w = AccountWords::of(teacher.visitor.locale);
    let Some(kept) = web.store.totp(staff).await?.filter(|kept| !kept.is_on) else {
        return Ok(Redirect::to(PATH).into_response());
    };
    let tried = match take(&web, &teacher).await? {
        Ok(tried) => tried,
        Err(refused) => return Ok(refused),
    };
    let Some(store::Proof::Step(step)) = totp::proof(&kept, &entry.code, now_ms) else {
        return refuse(&web, &teacher, StatusCode::UNPROCESSABLE_ENTITY, w.code_wrong).await;
    };
    let (codes, hashes) = totp::recovery_codes(|| (web.sources.random)());
    if !web.store.confirm_totp(staff, step, hashes, teacher.token, now_ms).await? {
        return Ok(Redirect::to(PATH).into_response());
    }
    succeeded(&web, &tried);
    tracing::info!(staff, "turned codes on");
    let crumbs = vec![Crumb::new(w.codes, PATH), Crumb::here(w.recovery_title)];
    let mut layout = teacher.visitor.layout(w.recovery_title, crumbs);
    layout.here = PATH.to_owned();
    let page = RecoveryPage { layout, w, login: teacher.staff.login.clone(), codes };
    Ok(html(&page)?.into_response())
}

pub(crate) async fn off(
    State(web): State<Web>,
    teacher: Teacher,
    Form(entry): Form<Entry>,
) -> Result<Response, Failure> {
    let (staff, now_ms) = (&teacher.staff, web.wall_ms());
    let w = AccountWords::of(teacher.visitor.locale);
    let Some(kept) = web.store.totp(&staff.id).await?.filter(|kept| kept.is_on) else {
        return Ok(Redirect::to(PATH).into_response());
    };
    let tried = match take(&web, &teacher).await? {
        Ok(tried) => tried,
        Err(refused) => return Ok(refused),
    };
    if let Some(hash) = staff.password_hash.clone() {
        let right = web.passwords.verify_known(entry.current, Some(hash)).await;
        let right = right.map_err(|error| {
            tracing::error!(%error, "a password could not be checked");
            Failure::Internal
        })?;
        if !right {
            let wrong = teacher.visitor.locale.words().password_current_wrong;
            return refuse(&web, &teacher, StatusCode::FORBIDDEN, wrong).await;
        }
    }
    let ended = match totp::proof(&kept, &entry.code, now_ms) {
        Some(proof) => web.store.end_totp(&staff.id, proof, now_ms).await?,
        None => false,
    };
    if !ended {
        return refuse(&web, &teacher, StatusCode::FORBIDDEN, w.code_wrong).await;
    }
    succeeded(&web, &tried);
    tracing::info!(staff = staff.id, "turned codes off");
    Ok(Redirect::to(PATH).into_response())
}
