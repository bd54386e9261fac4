//! Browsers that staff have logged in with before.
//!
//! As with sessions, only the SHA-256 of a token is stored, and times are those of the caller's
//! wall clock.

use crate::sql::query;
use crate::{Store, StoreError, TokenHash};

/// How long and how many devices are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceLimits {
    /// After the last login, milliseconds.
    pub age_ms: i64,
    /// Per member of staff.
    pub per_staff: u32,
}

impl Store {
    /// Whether a member of staff has logged in from this device within `limits`.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn knows_device(
        &self,
        token: TokenHash,
        staff: &str,
        limits: DeviceLimits,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let known: Option<i64> = query(
            "SELECT seen_ms FROM device WHERE token_hash = $1 AND staff = $2 AND seen_ms > $3",
        )
        .bind(token.as_slice())
        .bind(staff)
        .bind(now_ms.saturating_sub(limits.age_ms))
        .scalar_optional(self.readers())
        .await?;
        Ok(known.is_some())
    }

    /// Remembers that a member of staff logged in from this device, and forgets devices beyond
    /// `limits`. A device that another member of staff logged in with before is no longer theirs.
    /// `before` is the token that this device had until now: it no longer takes a place.
    ///
    /// # Errors
    /// Where there is no such member of staff.
    pub async fn remember_device(
        &self,
        token: TokenHash,
        before: Option<TokenHash>,
        staff: &str,
        limits: DeviceLimits,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let staff = staff.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                if let Some(before) = before {
                    query("DELETE FROM device WHERE token_hash = $1 AND staff = $2")
                        .bind(before.as_slice())
                        .bind(&staff)
                        .execute(&mut *tx)
                        .await?;
                }
                query(
                    "INSERT INTO device (token_hash, staff, seen_ms) VALUES ($1, $2, $3)
                     ON CONFLICT (token_hash) DO UPDATE SET staff = $2, seen_ms = $3",
                )
                .bind(token.as_slice())
                .bind(&staff)
                .bind(now_ms)
                .execute(&mut *tx)
                .await?;
                query(
                    "DELETE FROM device WHERE seen_ms <= $3 OR (staff = $1 AND token_hash NOT IN
                     (SELECT token_hash FROM device WHERE staff = $1
                      ORDER BY seen_ms DESC LIMIT $2))",
                )
                .bind(&staff)
                .bind(limits.per_staff)
                .bind(now_ms.saturating_sub(limits.age_ms))
                .execute(tx)
                .await?;
                Ok(())
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests;
