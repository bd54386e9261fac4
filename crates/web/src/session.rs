//! Who asks: a visitor, in a language, with a session or without, by the cookies of the request.

pub(crate) mod cookie;
pub(crate) mod device;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use school::Scope;
use store::{Session, SessionLimits, Staff, StoreError, TokenHash, Writable};

use crate::auth::token;
use crate::failure::Failure;
use crate::state::Web;
use crate::words::Locale;

/// A session that nobody uses ends after an hour, any session after twelve: a working day.
pub(crate) const SESSION: SessionLimits =
    SessionLimits { idle_ms: 60 * 60_000, absolute_ms: 12 * 60 * 60_000 };

/// How often the use of a session is noted.
const TOUCH_MS: i64 = 60_000;

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
    /// Whether what they decide can be stored.
    pub(crate) writable: Writable,
}

impl Visitor {
    /// Somebody of whom only the language that their browser asks for is known.
    pub(crate) fn stranger(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let locale = accepted.and_then(Locale::accepted).unwrap_or(Locale::Zh);
        let here = "/".into();
        Self {
            locale,
            chose_locale: false,
            session: None,
            scope: None,
            here,
            simulated: false,
            writable: Writable::Yes,
        }
    }

    /// Who sends a request. On an error nobody is signed in.
    pub(crate) async fn find(
        web: &Web,
        headers: HeaderMap,
        uri: Uri,
    ) -> Result<Self, (Self, StoreError)> {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let chosen = cookie::read(&headers, cookie::LOCALE).and_then(Locale::parse);
        let locale = chosen.or_else(|| Locale::accepted(accepted?)).unwrap_or(Locale::Zh);
        let mut visitor = Self {
            locale,
            chose_locale: chosen.is_some(),
            session: None,
            scope: None,
            here: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            simulated: web.config.simulated,
            writable: *web.store.writable().borrow(),
        };
        let Some(token) = cookie::read(&headers, cookie::session_name(web)) else {
            return Ok(visitor);
        };
        let hash = token::hash(token);
        let now_ms = web.wall_ms();
        match web.store.session(hash, SESSION, now_ms).await {
            Err(error) => Err((visitor, error)),
            Ok(None) => Ok(visitor),
            Ok(Some(session)) => {
                visitor.locale = Locale::parse(&session.staff.locale).unwrap_or(locale);
                if now_ms - session.seen_ms >= TOUCH_MS {
                    web.touch(hash, now_ms).await;
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
