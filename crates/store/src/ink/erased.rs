//! Ink that was erased by right: what says so, and what is not stored because of it.

use std::collections::BTreeSet;

use super::Key;
use crate::StoreError;
use crate::database::Connection;
use crate::sql::query;

/// Which of these keys name erased ink, by index.
pub(super) async fn erased(
    tx: &mut Connection,
    keys: impl Iterator<Item = (usize, Key)>,
) -> Result<BTreeSet<usize>, StoreError> {
    // Asked once per batch: in most stores nothing was ever erased.
    let any: bool = query("SELECT EXISTS (SELECT 1 FROM erased_ink)").scalar(&mut *tx).await?;
    if !any {
        return Ok(BTreeSet::new());
    }
    let keys: Vec<_> = keys.map(|(index, key)| (index, key.columns())).collect();
    let found: Vec<i64> = query(
        "SELECT CAST(value->>0 AS BIGINT) FROM json_each($1) WHERE EXISTS (
             SELECT 1 FROM erased_ink e
             WHERE e.pen = CAST(value->1->>0 AS BIGINT)
               AND e.boot_counter = CAST(value->1->>1 AS BIGINT)
               AND e.boot_random = CAST(value->1->>2 AS BIGINT)
               AND CAST(value->1->>3 AS BIGINT) BETWEEN e.first AND e.last)",
    )
    .bind(serde_json::to_string(&keys)?)
    .scalars(tx)
    .await?;
    Ok(found.into_iter().filter_map(|index| usize::try_from(index).ok()).collect())
}
