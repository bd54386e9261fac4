//! One-time links: the first way in, and the way back for who forgot a password.

use store::{Store, StoreError, TokenHash};

use super::token;

/// Time to use a link: a quarter of an hour.
const LINK_MS: i64 = 15 * 60_000;

/// Makes a one-time link for a member of staff and returns its token: the view's address is
/// `/link/{token}`. It is good for a quarter of an hour from `wall_ms` (Unix milliseconds of the
/// wall clock) and for one use; `random` must be fresh and fit for secrets.
///
/// # Errors
/// Where there is no such member of staff.
pub async fn issue_link(
    store: &Store,
    staff: &str,
    wall_ms: i64,
    random: [u8; 32],
) -> Result<String, StoreError> {
    let (token, hash) = link_token(random);
    store.insert_link(hash, staff, wall_ms.saturating_add(LINK_MS)).await?;
    Ok(token)
}

/// A token of a one-time link, and what is stored of it; `random` must be fresh and fit for secrets.
pub fn link_token(random: [u8; 32]) -> (String, TokenHash) {
    let token = token::text(random);
    let hash = token::hash(&token);
    (token, hash)
}
