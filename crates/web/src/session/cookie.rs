//! Cookies: how they are read and set, that of the session and that of the language.

use axum::http::{HeaderMap, HeaderName, header};

use super::SESSION;
use crate::state::Web;

/// The cookie that remembers a language before anybody is logged in.
pub(crate) const LOCALE: &str = "zhibi-locale";

/// The value of a cookie.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The header that sets a cookie for so many seconds. Lax and not Strict: the first request of a
/// link that was opened from elsewhere, a terminal or a chat, must find the session.
pub(crate) fn set(web: &Web, name: &str, value: &str, seconds: i64) -> (HeaderName, String) {
    let secure = if web.config.secure_cookies { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    (header::SET_COOKIE, cookie)
}

/// The name of the session's cookie.
pub(super) fn session_name(web: &Web) -> &'static str {
    if web.config.secure_cookies { "__Host-zhibi" } else { "zhibi" }
}

/// The header that hands a session out.
pub(crate) fn set_session(web: &Web, token: &str) -> (HeaderName, String) {
    set(web, session_name(web), token, SESSION.absolute_ms / 1_000)
}

/// How long a login waits for its code, in seconds: as long as the store holds it.
const HALF_S: i64 = 300;

/// The name of the cookie of a login that waits for its code.
pub(crate) fn half_name(web: &Web) -> &'static str {
    if web.config.secure_cookies { "__Host-zhibi-half" } else { "zhibi-half" }
}

/// The header that hands out the token of a login that waits for its code.
pub(crate) fn set_half(web: &Web, token: &str) -> (HeaderName, String) {
    set(web, half_name(web), token, HALF_S)
}

/// The header that takes it back.
pub(crate) fn unset_half(web: &Web) -> (HeaderName, String) {
    set(web, half_name(web), "", 0)
}

/// The header that takes a session back.
pub(crate) fn unset_session(web: &Web) -> (HeaderName, String) {
    set(web, session_name(web), "", 0)
}
