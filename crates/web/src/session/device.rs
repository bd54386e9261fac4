//! Browsers that somebody has logged in with before: a cookie of their own, which gives no access
//! but keeps other people's failed logins from making its owner wait.

use axum::http::{HeaderMap, HeaderName};
use store::{DeviceLimits, StoreError, TokenHash};

use super::cookie;
use crate::auth::token;
use crate::state::Web;

/// Half a year: longer than the summer.
const LIMITS: DeviceLimits = DeviceLimits { age_ms: 180 * 86_400_000, per_staff: 10 };

fn name(web: &Web) -> &'static str {
    if web.config.secure_cookies { "__Host-zhibi-device" } else { "zhibi-device" }
}

/// The device that a request comes from, if this member of staff has logged in with it before.
pub(crate) async fn known(
    web: &Web,
    headers: &HeaderMap,
    staff: &str,
) -> Result<Option<TokenHash>, StoreError> {
    let Some(token) = cookie::read(headers, name(web)) else { return Ok(None) };
    let token = token::hash(token);
    let known = web.store.knows_device(token, staff, LIMITS, web.wall_ms()).await?;
    Ok(known.then_some(token))
}

/// Remembers the device of a good login under a new token, which replaces the token it was known
/// by, and gives the header that hands the new one out.
pub(crate) async fn remember(
    web: &Web,
    before: Option<TokenHash>,
    staff: &str,
) -> Result<(HeaderName, String), StoreError> {
    let token = token::text((web.sources.random)());
    let hash = token::hash(&token);
    web.store.remember_device(hash, before, staff, LIMITS, web.wall_ms()).await?;
    Ok(cookie::set(web, name(web), &token, LIMITS.age_ms / 1_000))
}
