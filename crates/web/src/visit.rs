//! What happens to every request on its way in and out: is it from this site, who asks, what the
//! browser may do with the answer, and how an error looks.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use metrics::{counter, histogram};
use school::Scope;
use store::{Session, Staff, TokenHash};

use crate::app::{SESSION, Web};
use crate::auth::token;
use crate::page::message::MessagePage;
use crate::page::{Chrome, Crumb};
use crate::serve::Connection;
use crate::words::{Locale, Words, fill};

/// How often the use of a session is noted.
const TOUCH_MS: i64 = 60_000;

/// The cookie that remembers a language before anybody is logged in.
pub(crate) const LOCALE_COOKIE: &str = "zhibi-locale";

/// Who asks, and in which language.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) locale: Locale,
    /// Whether the language was chosen on a page.
    pub(crate) chose_locale: bool,
    pub(crate) session: Option<(TokenHash, Session)>,
    /// What they may see; `None` without a session.
    pub(crate) scope: Option<Scope>,
    /// Path and query.
    pub(crate) here: String,
    /// Whether what is shown is made up.
    pub(crate) simulated: bool,
}

impl Visitor {
    /// Somebody of whom nothing is known but what their browser reads.
    pub(crate) fn stranger(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let locale = accepted.and_then(Locale::accepted).unwrap_or(Locale::Zh);
        let here = "/".into();
        Self { locale, chose_locale: false, session: None, scope: None, here, simulated: false }
    }

    /// What stands around a page for this visitor.
    pub(crate) fn chrome(&self, title: impl Into<String>, crumbs: Vec<Crumb>) -> Chrome {
        Chrome {
            locale: self.locale,
            w: self.locale.words(),
            title: title.into(),
            staff: self.session.as_ref().map(|(_, session)| session.staff.name.clone()),
            crumbs,
            here: self.here.clone(),
            simulated: self.simulated,
            may_decide: false,
            assets: crate::assets::base(),
        }
    }
}

/// Somebody who is logged in. Only guarded routes can take it.
#[derive(Clone)]
pub(crate) struct Teacher {
    pub(crate) staff: Staff,
    pub(crate) scope: Scope,
    pub(crate) token: TokenHash,
    pub(crate) visitor: Visitor,
}

impl<S: Send + Sync> FromRequestParts<S> for Teacher {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let visitor = parts.extensions.get::<Visitor>().ok_or(Failure::Login)?.clone();
        let (token, session) = visitor.session.clone().ok_or(Failure::Login)?;
        let scope = visitor.scope.clone().ok_or(Failure::Login)?;
        Ok(Self { staff: session.staff, scope, token, visitor })
    }
}

/// Why there is no page. What the visitor hears never says more than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There is nothing here, or nothing for this teacher.
    NotFound,
    /// The request makes no sense.
    BadRequest,
    /// Somebody must log in first.
    Login,
    /// It was logged.
    Internal,
    /// A worksheet cannot be read, and the page is about it. It was logged.
    Unreadable,
}

/// Marks the bare answer of [`Failure::Unreadable`].
#[derive(Clone, Copy)]
struct Unreadable;

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        tracing::error!(%error, "the store failed a page");
        Self::Internal
    }
}

impl From<school::IdError> for Failure {
    fn from(error: school::IdError) -> Self {
        tracing::error!(%error, "an identity in the store is none");
        Self::Internal
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page could not be written");
        Self::Internal
    }
}

impl IntoResponse for Failure {
    /// The bare status: [`visit`] puts the page around it.
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::BadRequest => StatusCode::BAD_REQUEST.into_response(),
            Self::Login => StatusCode::UNAUTHORIZED.into_response(),
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Self::Unreadable => {
                (StatusCode::INTERNAL_SERVER_ERROR, Extension(Unreadable)).into_response()
            }
        }
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The name of the session's cookie.
fn session_cookie(web: &Web) -> &'static str {
    if web.config.secure_cookies { "__Host-zhibi" } else { "zhibi" }
}

/// The header that hands a session out. Lax and not Strict: the first request of a link that was
/// opened from elsewhere, a terminal or a chat, must find the session.
pub(crate) fn set_session(web: &Web, token: &str) -> (HeaderName, String) {
    let name = session_cookie(web);
    let secure = if web.config.secure_cookies { "; Secure" } else { "" };
    let seconds = SESSION.absolute_ms / 1_000;
    let value =
        format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    (header::SET_COOKIE, value)
}

/// The header that takes a session back.
pub(crate) fn unset_session(web: &Web) -> (HeaderName, String) {
    let name = session_cookie(web);
    let secure = if web.config.secure_cookies { "; Secure" } else { "" };
    (header::SET_COOKIE, format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}"))
}

/// Finds out who asks, and gives errors a page of their own.
pub(crate) async fn visit(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let (visitor, failed) =
        match visitor(&web, request.headers().clone(), request.uri().clone()).await {
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
    let is_part =
        request.headers().contains_key("x-part") || crate::routes::is_part(request.uri().query());
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
            _ if unreadable => {
                let w = visitor.locale.words();
                let words = (w.worksheet_unreadable, w.worksheet_unreadable_help);
                message(&visitor, status, words, (w.home, "/"))
            }
            _ => error_page(&visitor, status),
        };
        response.headers_mut().extend(retry.map(|retry| (header::RETRY_AFTER, retry)));
    }
    response
}

async fn visitor(
    web: &Web,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Visitor, (Visitor, store::StoreError)> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let chosen = cookie(&headers, LOCALE_COOKIE).and_then(Locale::parse);
    let locale = chosen.or_else(|| Locale::accepted(accepted?)).unwrap_or(Locale::Zh);
    let here = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let simulated = web.config.simulated;
    let mut visitor = Visitor {
        locale,
        chose_locale: chosen.is_some(),
        session: None,
        scope: None,
        here,
        simulated,
    };
    let Some(token) = cookie(&headers, session_cookie(web)) else { return Ok(visitor) };
    let hash = token::hash(token);
    let now_ms = web.wall_ms();
    match web.store.session(hash, SESSION, now_ms).await {
        Err(error) => Err((visitor, error)),
        Ok(None) => Ok(visitor),
        Ok(Some(session)) => {
            visitor.locale = Locale::parse(&session.staff.locale).unwrap_or(locale);
            if now_ms - session.seen_ms >= TOUCH_MS
                && let Err(error) = web.store.touch_session(hash, now_ms).await
            {
                return Err((visitor, error));
            }
            match web.store.scope_of(&session.staff.id, now_ms).await {
                Ok(scope) => visitor.scope = Some(scope),
                Err(error) => return Err((visitor, error)),
            }
            visitor.session = Some((hash, session));
            Ok(visitor)
        }
    }
}

/// Lets nobody through who is not logged in. Every guarded route lies behind it, and so does every
/// address that is none.
pub(crate) async fn need_session(
    Extension(visitor): Extension<Visitor>,
    request: Request,
    next: Next,
) -> Response {
    if visitor.session.is_none() {
        return Failure::Login.into_response();
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

/// One byte of a query's value.
fn percent(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
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

/// Where a form may send the visitor afterwards: a page of this site, or home. Of an address that
/// only takes forms, the page to which they belong.
pub(crate) fn local_path(next: &str) -> &str {
    let plain = next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'\\');
    if plain { page_of(next) } else { "/" }
}

/// The page of an address that only takes forms; any other address itself.
fn page_of(path: &str) -> &str {
    let bare = path.split('?').next().unwrap_or(path);
    let parts: Vec<&str> = bare.split('/').skip(1).collect();
    let (page, _) = bare.rsplit_once('/').unwrap_or((bare, ""));
    match parts[..] {
        ["logout" | "locale"] => "/",
        ["a", _, "collect" | "give-back"] | ["c", _, "ink", "undo"] => page,
        ["a", _, _, _, "decide" | "undo" | "hand-in" | "give-back"] => page,
        _ => path,
    }
}

/// The answer where there is nothing.
pub(crate) async fn nothing_here() -> Failure {
    Failure::NotFound
}

pub(crate) fn error_page(visitor: &Visitor, status: StatusCode) -> Response {
    let w = visitor.locale.words();
    let (heading, help) = match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => (w.error_404, w.error_404_help),
        StatusCode::FORBIDDEN => (w.error_403, w.error_403_help),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            (w.error_413, w.error_413_help)
        }
        StatusCode::REQUEST_TIMEOUT => (w.error_408, w.error_408_help),
        StatusCode::MISDIRECTED_REQUEST => (w.error_421, w.error_421_help),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            (w.error_busy, w.error_busy_help)
        }
        status if status.is_client_error() => (w.error_400, w.error_400_help),
        _ => (w.error_500, w.error_500_help),
    };
    message(visitor, status, (heading, help), (w.home, "/"))
}

/// Says what a form asked for in vain: on an error nothing of it is stored.
fn unstored_page(visitor: &Visitor, status: StatusCode, route: &str, form: &str) -> Response {
    let w = visitor.locale.words();
    let help = fill(w.unstored_help, &[("what", &unstored(route, w))]);
    message(visitor, status, (w.unstored_title, &help), (w.unstored_back, form))
}

/// What a form of this route leaves undone, in words.
fn unstored(route: &str, w: &'static Words) -> &'static str {
    match route {
        "/a/{assignment}/{pupil}/{page}/decide" => w.unstored_mark,
        "/a/{assignment}/{pupil}/{page}/hand-in" | "/a/{assignment}/collect" => w.unstored_hand_in,
        "/a/{assignment}/{pupil}/{page}/give-back" | "/a/{assignment}/give-back" => {
            w.unstored_give_back
        }
        "/a/{assignment}/{pupil}/{page}/undo" | "/c/{class}/ink/undo" => w.unstored_undo,
        "/c/{class}/ink" => w.unstored_ink,
        "/password" => w.unstored_password,
        "/login" => w.unstored_login,
        "/link/{token}" => w.unstored_link,
        "/logout" => w.unstored_logout,
        "/locale" => w.unstored_locale,
        _ => w.unstored,
    }
}

/// A page of a few words and a way on: the link's words and where it leads.
fn message(
    visitor: &Visitor,
    status: StatusCode,
    (heading, help): (&str, &str),
    (action, href): (&str, &str),
) -> Response {
    let page = MessagePage {
        chrome: visitor.chrome(heading, Vec::new()),
        heading: heading.into(),
        help: help.into(),
        action: action.into(),
        href: href.into(),
    };
    match crate::routes::html(&page) {
        Ok(page) => (status, page).into_response(),
        Err(_) => status.into_response(),
    }
}

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

/// Counts requests and measures how long their answers take to begin, for whoever watches the
/// service.
pub(crate) async fn meter(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (route, method) = (route(&request), method(request.method()));
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    let labels = [("route", route.clone()), ("method", method.to_owned()), ("status", status)];
    counter!("zhibi_web_requests_total", &labels).increment(1);
    histogram!("zhibi_web_request_seconds", "route" => route).record(begun.elapsed());
    response
}

/// Whoever connects can make methods up, and every label is a row that is kept.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

/// The pattern of the route that a request takes. This is what logs may show of an address: the
/// path itself may hold a token.
fn route(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or("none", MatchedPath::as_str).to_owned()
}

/// What the browser says must hold of everything that it says: the origin must be this site's,
/// scheme and port included.
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
