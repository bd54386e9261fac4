//! What is deleted because nobody can ask for it any more.

use crate::database::Connection;
use crate::sql::{Small, query};
use crate::{Store, StoreError};

/// How long things are kept, in milliseconds; `None`: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The time of the service's clock, Unix milliseconds.
    pub now_ms: i64,
    /// Lines of the outbox.
    pub outbox_ms: Option<i64>,
    /// Links that expired and sessions that began before then are deleted, Unix milliseconds of the
    /// wall clock.
    pub logins_from_ms: Option<i64>,
    /// Rows of the quarantine.
    pub quarantine_ms: Option<i64>,
    /// Rows of the quarantine at most; the oldest go first, conflicts after everything else.
    pub quarantine_rows_max: u32,
}

/// How many rows were deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Lines of the outbox.
    pub outbox: u64,
    /// One-time links.
    pub links: u64,
    /// Sessions.
    pub sessions: u64,
    /// Rows of the quarantine.
    pub quarantine: u64,
}

/// Rows deleted of one table in one transaction, so that ingest never waits long.
const ROWS_MAX: u32 = 2_000;

/// SQL: when the last line of the outbox was written.
const LAST_LINE: &str = "SELECT max(at_ms) FROM outbox WHERE id = (SELECT max(id) FROM outbox)";

/// SQL: when something last arrived.
const LAST_ARRIVAL: &str = "SELECT max(g.received_ms) FROM (
    SELECT received_ms FROM chunk WHERE id = (SELECT max(id) FROM chunk)
    UNION ALL
    SELECT received_ms FROM quarantine WHERE id = (SELECT max(id) FROM quarantine)) g";

impl Store {
    /// Deletes a limited number of rows that are past keeping. Call it again while it deletes.
    ///
    /// # Errors
    /// On an error nothing is deleted.
    pub async fn prune(&self, keep: Keep) -> Result<Pruned, StoreError> {
        self.write(move |tx| Box::pin(async move { prune(tx, &keep).await })).await
    }
}

async fn prune(tx: &mut Connection, keep: &Keep) -> Result<Pruned, StoreError> {
    let mut pruned = Pruned::default();
    if let Some(keep_ms) = keep.outbox_ms {
        let from_ms = kept_from(tx, LAST_LINE, keep.now_ms, keep_ms).await?;
        let outbox = query(
            "DELETE FROM outbox WHERE id IN
                 (SELECT id FROM outbox WHERE at_ms < $1 ORDER BY at_ms LIMIT $2)",
        );
        pruned.outbox = outbox.bind(from_ms).bind(ROWS_MAX).execute(&mut *tx).await?;
    }
    if let Some(from_ms) = keep.logins_from_ms {
        let links = query("DELETE FROM login_link WHERE expires_ms < $1");
        pruned.links = links.bind(from_ms).execute(&mut *tx).await?;
        let sessions = query("DELETE FROM session WHERE created_ms < $1");
        pruned.sessions = sessions.bind(from_ms).execute(&mut *tx).await?;
    }
    if let Some(keep_ms) = keep.quarantine_ms {
        let from_ms = kept_from(tx, LAST_ARRIVAL, keep.now_ms, keep_ms).await?;
        pruned.quarantine = prune_quarantine(tx, from_ms, keep.quarantine_rows_max).await?;
    }
    Ok(pruned)
}

/// From when on rows are kept for `keep_ms`. Age is counted from what `last`, a query, says came
/// last: a clock that is years ahead deletes nothing that was just held, and what nobody has added
/// to does not age.
async fn kept_from(
    tx: &mut Connection,
    last: &'static str,
    now_ms: i64,
    keep_ms: i64,
) -> Result<i64, StoreError> {
    let last_ms: Option<i64> = query(last).scalar(tx).await?;
    Ok(last_ms.map_or(now_ms, |last_ms| last_ms.min(now_ms)).saturating_sub(keep_ms))
}

async fn prune_quarantine(
    tx: &mut Connection,
    from_ms: i64,
    rows_max: u32,
) -> Result<u64, StoreError> {
    let old = query(
        "DELETE FROM quarantine WHERE id IN
             (SELECT id FROM quarantine WHERE received_ms < $1 ORDER BY id LIMIT $2)",
    );
    let mut deleted = old.bind(from_ms).bind(ROWS_MAX).execute(&mut *tx).await?;
    let Small(rows): Small = query("SELECT count(*) FROM quarantine").scalar(&mut *tx).await?;
    let over = rows.saturating_sub(rows_max).min(ROWS_MAX);
    if over > 0 {
        let many = query(
            "DELETE FROM quarantine WHERE id IN
                 (SELECT id FROM quarantine ORDER BY reason = 'conflict', id LIMIT $1)",
        );
        deleted += many.bind(over).execute(tx).await?;
    }
    Ok(deleted)
}

#[cfg(test)]
mod tests;
