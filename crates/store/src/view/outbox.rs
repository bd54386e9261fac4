//! What the live view hears of.

use std::collections::BTreeSet;

use crate::database::Connection;
use crate::sql::query;
use crate::{OutboxKind, Store, StoreError};

/// A line of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OutboxRow {
    /// Rises in the order of commits.
    pub id: i64,
    /// What happened.
    pub kind: OutboxKind,
    /// The class that it concerns: nobody else may hear of it.
    pub class: String,
    /// The assignment, if any.
    pub assignment: Option<String>,
    /// The pupil.
    pub pupil: String,
    /// Page of the worksheet, if it is about one.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub page: Option<u32>,
}

impl Store {
    /// The lines after `after`, of the given classes or of all, in order; at most `limit`.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn outbox_after(
        &self,
        after: i64,
        classes: Option<&BTreeSet<String>>,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = |classes: &BTreeSet<String>| {
            serde_json::to_string(&classes.iter().map(|class| [class]).collect::<Vec<_>>())
        };
        let classes = classes.map(rows).transpose()?;
        let rows = query(
            "SELECT id, kind, class, assignment, pupil, page FROM outbox
             WHERE id > $1 AND ($2 IS NULL OR class IN (SELECT value->>0 FROM json_each($2)))
             ORDER BY id LIMIT $3",
        )
        .bind(after)
        .bind(classes)
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        Ok(rows)
    }

    /// The number of the last line, 0 if there is none.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn outbox_last(&self) -> Result<i64, StoreError> {
        let mut reader = self.readers().acquire().await?;
        last(&mut reader).await
    }
}

/// See [`Store::outbox_last`].
pub(super) async fn last(reader: &mut Connection) -> Result<i64, StoreError> {
    let last = query("SELECT coalesce(max(id), 0) FROM outbox").scalar(reader).await?;
    Ok(last)
}
