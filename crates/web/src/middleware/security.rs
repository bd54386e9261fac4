//! Which site a request comes from, and what the browser may do with the answer.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::error::error_page;
use super::route;
use crate::session::Visitor;
use crate::state::Web;

/// Refuses to change anything for another site: unsafe methods need the browser's word that the
/// request came from a page of this one. A request that says nothing of where it came from is
/// refused too.
pub(crate) async fn same_site(State(web): State<Web>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || is_same_site(&web, request.headers()) {
        return next.run(request).await;
    }
    tracing::warn!(route = route(&request), "refused a request from another site");
    error_page(&Visitor::stranger(request.headers()), StatusCode::FORBIDDEN)
}

/// Whether everything that the browser says about the request's origin agrees: the origin must be
/// this site's, scheme and port included.
fn is_same_site(web: &Web, headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| Some(headers.get(name)?.to_str().unwrap_or(""));
    let origin = text(header::ORIGIN).map(|origin| web.site.is_origin(origin));
    // `none`: typed in or reloaded by the visitor.
    let fetch = text(HeaderName::from_static("sec-fetch-site"))
        .map(|site| site == "same-origin" || site == "none");
    match (origin, fetch) {
        (None, None) => false,
        (origin, fetch) => origin.unwrap_or(true) && fetch.unwrap_or(true),
    }
}

/// Only what this site serves itself, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
    frame-ancestors 'none'";

/// What the browser may do with an answer. Routes may set stricter values of their own.
pub(crate) async fn headers(State(web): State<Web>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &'static str| {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert_with(|| HeaderValue::from_static(value));
    };
    set("content-security-policy", POLICY);
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    // `no-referrer` would make the browser send `Origin: null` with our own forms.
    set("referrer-policy", "same-origin");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    set("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    set("cache-control", "no-store");
    if web.config.secure_cookies {
        set("strict-transport-security", "max-age=31536000");
    }
    response
}
