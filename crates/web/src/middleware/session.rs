//! Finds out who asks, leads strangers to the login, and puts a page around errors.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::error::{error_page, unreadable_page, unstored_page};
use super::route;
use crate::connections::Connection;
use crate::failure::{Failure, Unreadable};
use crate::page::is_part;
use crate::session::Visitor;
use crate::site::{local_path, percent};
use crate::state::Web;

/// Finds out who asks, and gives errors a page of their own.
pub(crate) async fn with_session(
    State(web): State<Web>,
    mut request: Request,
    next: Next,
) -> Response {
    let (visitor, failed) =
        match Visitor::find(&web, request.headers().clone(), request.uri().clone()).await {
            Ok(visitor) => (visitor, false),
            // Fail closed: without the store nobody is anybody.
            Err((visitor, error)) => {
                tracing::error!(%error, "sessions cannot be read");
                (visitor, true)
            }
        };
    let route = route(&request);
    // Where the form stood that sent the request; `None` where it changes nothing.
    let form = (!request.method().is_safe()).then(|| form_page(&web, &request));
    if failed {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return match &form {
            Some(form) => unstored_page(&visitor, status, &route, form),
            None => error_page(&visitor, status),
        };
    }
    if let Some(connection) = request.extensions().get::<Arc<Connection>>() {
        connection.came_with(visitor.session.as_ref().map(|(token, _)| *token));
    }
    // Our modules cannot follow a redirection to another kind of page.
    let is_part = request.headers().contains_key("x-part") || is_part(request.uri().query());
    request.extensions_mut().insert(visitor.clone());
    let mut response = next.run(request).await;
    let status = response.status();
    if status.is_server_error() {
        tracing::warn!(route, status = status.as_u16(), "a request was not answered");
    }
    if status == StatusCode::UNAUTHORIZED && visitor.session.is_none() {
        return to_login(form.as_deref().unwrap_or(&visitor.here), is_part);
    }
    let plain = response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| {
        // Refusals by the framework's own extractors are plain text.
        kind.as_bytes().starts_with(b"text/plain")
    });
    if (status.is_client_error() || status.is_server_error()) && plain {
        let retry = response.headers_mut().remove(header::RETRY_AFTER);
        let unreadable = response.extensions().get::<Unreadable>().is_some();
        response = match &form {
            Some(form) if status.is_server_error() => unstored_page(&visitor, status, &route, form),
            _ if unreadable => unreadable_page(&visitor, status),
            _ => error_page(&visitor, status),
        };
        response.headers_mut().extend(retry.map(|retry| (header::RETRY_AFTER, retry)));
    }
    response
}

/// Where codes of a phone are turned on.
const ACCOUNT: &str = "/account/codes";

/// Whether an address is open to somebody who must turn on codes first.
fn is_account(path: &str) -> bool {
    matches!(path, "/password" | "/logout") || path.starts_with(ACCOUNT)
}

/// Lets nobody through who is not logged in, nor past their account who must sign in with a code of
/// their phone and has not turned that on. Every guarded route lies behind it, and so does every
/// address that has no route.
pub(crate) async fn need_session(
    Extension(visitor): Extension<Visitor>,
    request: Request,
    next: Next,
) -> Response {
    let Some((_, session)) = &visitor.session else { return Failure::Login.into_response() };
    let staff = &session.staff;
    if staff.must_totp && !staff.has_totp && !is_account(request.uri().path()) {
        // A module that fetches part of a page must not take another page for it.
        let is_part = request.headers().contains_key("x-part") || is_part(request.uri().query());
        return match is_part || request.uri().path() == "/events" {
            true => StatusCode::FORBIDDEN.into_response(),
            false => Redirect::to(ACCOUNT).into_response(),
        };
    }
    next.run(request).await
}

/// Leads to the login, and after it to `next`.
fn to_login(next: &str, is_part: bool) -> Response {
    // A module that fetches part of a page must not take the login form for it.
    if is_part {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if next == "/" {
        return Redirect::to("/login").into_response();
    }
    let next: String = next.bytes().map(percent).collect();
    Redirect::to(&format!("/login?next={next}")).into_response()
}

/// The page on which the form stood that sent a request: by the browser's word, or the one to
/// which the form belongs.
fn form_page(web: &Web, request: &Request) -> String {
    let own = request.uri().path();
    // Whoever logs in next at this screen is not led to what another had open.
    if own == "/logout" {
        return "/".into();
    }
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    let referer = referer.and_then(|referer| referer.parse::<Uri>().ok()).filter(|referer| {
        let (scheme, host) = (referer.scheme_str(), referer.authority());
        let origin = scheme.zip(host).map(|(scheme, host)| format!("{scheme}://{host}"));
        origin.is_some_and(|origin| web.site.is_origin(&origin))
    });
    let referer = referer.as_ref().and_then(Uri::path_and_query);
    local_path(referer.map_or(own, |path| path.as_str())).to_owned()
}
