//! Links by which parents see one pupil's paper of one assignment.
//!
//! A token is never stored, only its SHA-256. A link opens on one device, which is known by a token
//! of its own. Times are those of the wall clock, Unix milliseconds.

use std::collections::BTreeSet;

use crate::database::Connection;
use crate::sql::query;
use crate::view::roster;
use crate::{AssignmentHead, Store, StoreError, TokenHash};

/// Links that ended so long ago are deleted when others are made, milliseconds: 90 days.
const KEPT_MS: i64 = 90 * 86_400_000;

/// A link as its teacher sees it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ParentLinkRow {
    /// Whose paper it shows.
    pub pupil: String,
    /// When it was made.
    pub made_ms: i64,
    /// From when on it opens nothing.
    pub expires_ms: i64,
    /// When it was first opened.
    pub opened_ms: Option<i64>,
    /// When it was taken back.
    pub revoked_ms: Option<i64>,
}

impl ParentLinkRow {
    /// Whether it opens something at a moment.
    pub fn is_alive(&self, at_ms: i64) -> bool {
        self.revoked_ms.is_none() && at_ms < self.expires_ms
    }
}

/// What a link opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentView {
    /// The assignment; nothing of it may be decided.
    pub head: AssignmentHead,
    /// Whose paper may be seen, and no other pupil's.
    pub pupil: String,
    /// From when on it opens nothing.
    pub expires_ms: i64,
    /// The device that opened it, if one has.
    pub device: Option<TokenHash>,
}

impl Store {
    /// Notes new links, each of a token and a pupil. A link of the same pupil and assignment that
    /// nobody has opened ends: its slip is replaced. One that is in use stays. Only for who may show
    /// the papers to parents. Pupils whom the assignment does not concern get none; returns how many
    /// links were made.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn make_parent_links(
        &self,
        head: &AssignmentHead,
        links: Vec<(TokenHash, String)>,
        staff: &str,
        (now_ms, expires_ms): (i64, i64),
    ) -> Result<u32, StoreError> {
        let (assignment, staff) = (head.id.clone(), staff.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let class: BTreeSet<String> =
                    roster(tx, &assignment).await?.into_iter().map(|pupil| pupil.id).collect();
                query("DELETE FROM parent_link WHERE expires_ms < $1")
                    .bind(now_ms.saturating_sub(KEPT_MS))
                    .execute(&mut *tx)
                    .await?;
                let mut made = 0;
                for (token, pupil) in links.iter().filter(|(_, pupil)| class.contains(pupil)) {
                    replace_unopened(tx, &assignment, pupil, now_ms).await?;
                    query(
                        "INSERT INTO parent_link (token_hash, assignment, pupil, staff, made_ms,
                                                  expires_ms)
                         VALUES ($1, $2, $3, $4, $5, $6)",
                    )
                    .bind(token.as_slice())
                    .bind(&assignment)
                    .bind(pupil)
                    .bind(&staff)
                    .bind(now_ms)
                    .bind(expires_ms)
                    .execute(&mut *tx)
                    .await?;
                    made += 1;
                }
                Ok(made)
            })
        })
        .await
    }

    /// Every link of an assignment that is kept, the latest of a pupil first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn parent_links(
        &self,
        head: &AssignmentHead,
    ) -> Result<Vec<ParentLinkRow>, StoreError> {
        let rows = query(
            "SELECT pupil, made_ms, expires_ms, opened_ms, revoked_ms FROM parent_link
             WHERE assignment = $1 ORDER BY pupil, made_ms DESC",
        )
        .bind(&head.id)
        .fetch_all(self.readers())
        .await?;
        Ok(rows)
    }

    /// Takes back the links of a pupil, or of everybody, in an assignment. Returns how many opened
    /// something until now.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn revoke_parent_links(
        &self,
        head: &AssignmentHead,
        pupil: Option<String>,
        now_ms: i64,
    ) -> Result<u64, StoreError> {
        let assignment = head.id.clone();
        self.write(move |tx| {
            Box::pin(async move {
                let revoked = query(
                    "UPDATE parent_link SET revoked_ms = $3
                     WHERE assignment = $1 AND ($2 IS NULL OR pupil = $2)
                       AND revoked_ms IS NULL AND expires_ms > $3",
                )
                .bind(&assignment)
                .bind(&pupil)
                .bind(now_ms)
                .execute(tx)
                .await?;
                Ok(revoked)
            })
        })
        .await
    }

    /// What a link opens; `None` where it is unknown, has ended or was taken back, or its assignment
    /// no longer concerns the pupil. Changes nothing.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn parent_view(
        &self,
        token: TokenHash,
        now_ms: i64,
    ) -> Result<Option<ParentView>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Columns {
            #[sqlx(flatten)]
            head: AssignmentHead,
            pupil: String,
            expires_ms: i64,
            device_hash: Option<Vec<u8>>,
        }
        let mut tx = self.readers().snapshot().await?;
        let found: Option<Columns> = query(
            "SELECT a.id, a.school, a.class, c.name_zh AS class_zh, c.name_en AS class_en,
                    a.worksheet, a.version, a.print_run, a.assigned_ms, a.due_ms, a.quiet_ms,
                    1 = 0 AS may_decide, l.pupil, l.expires_ms, l.device_hash
             FROM parent_link l JOIN assignment a ON a.id = l.assignment
             JOIN class c ON c.id = a.class
             WHERE l.token_hash = $1 AND l.revoked_ms IS NULL AND $2 < l.expires_ms",
        )
        .bind(token.as_slice())
        .bind(now_ms)
        .fetch_optional(&mut tx)
        .await?;
        let Some(Columns { head, pupil, expires_ms, device_hash }) = found else {
            return Ok(None);
        };
        let class = roster(&mut tx, &head.id).await?;
        if !class.iter().any(|other| other.id == pupil) {
            return Ok(None);
        }
        // A hash of another length is nobody's device.
        let device = device_hash.map(|hash| hash.try_into().unwrap_or([0; 32]));
        Ok(Some(ParentView { head, pupil, expires_ms, device }))
    }

    /// Binds a link to the first device that opens it. Returns whether it is bound to this device
    /// now: of two that open it at the same time one gets `false`.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn open_parent_link(
        &self,
        token: TokenHash,
        device: TokenHash,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let opened = query(
                    "UPDATE parent_link SET opened_ms = coalesce(opened_ms, $3), device_hash = $2
                     WHERE token_hash = $1 AND revoked_ms IS NULL AND $3 < expires_ms
                       AND (device_hash IS NULL OR device_hash = $2)",
                )
                .bind(token.as_slice())
                .bind(device.as_slice())
                .bind(now_ms)
                .execute(tx)
                .await?;
                Ok(opened == 1)
            })
        })
        .await
    }
}

/// Ends a pupil's links that nobody has opened.
async fn replace_unopened(
    tx: &mut Connection,
    assignment: &str,
    pupil: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    query(
        "UPDATE parent_link SET revoked_ms = $3
         WHERE assignment = $1 AND pupil = $2 AND opened_ms IS NULL AND revoked_ms IS NULL",
    )
    .bind(assignment)
    .bind(pupil)
    .bind(now_ms)
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
