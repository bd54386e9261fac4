//! What somebody saw of a school's pens before they changed them.

use crate::database::Connection;
use crate::sql::query;
use crate::{KeptSchool, Store, StoreError};

/// How far the changes of a school's pens had come when somebody looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PensSeen {
    /// The latest change; 0: none.
    pub last: i64,
    /// How many were undone.
    pub undone: i64,
}

impl Store {
    /// How far the changes of a kept school's pens have come. To be read before the pens.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pens_seen(&self, school: &KeptSchool) -> Result<PensSeen, StoreError> {
        let (last, undone) = query(SEEN).bind(&school.id).fetch_one(self.readers()).await?;
        Ok(PensSeen { last, undone })
    }
}

/// SQL: the two numbers of [`PensSeen`].
const SEEN: &str =
    "SELECT coalesce(max(id), 0), count(undone_ms) FROM pen_change WHERE school = $1";

/// Refuses pens of which anything was changed or undone since they were seen so.
pub(super) async fn unchanged(
    tx: &mut Connection,
    school: &str,
    pens: &[u64],
    seen: PensSeen,
) -> Result<(), StoreError> {
    let (_, undone): (i64, i64) = query(SEEN).bind(school).fetch_one(&mut *tx).await?;
    let mut since: Vec<String> = query("SELECT pens FROM pen_change WHERE school = $1 AND id > $2")
        .bind(school)
        .bind(seen.last)
        .scalars(&mut *tx)
        .await?;
    let undone = query(
        "SELECT pens FROM pen_change WHERE school = $1 AND undone_ms IS NOT NULL
         ORDER BY undone_ms DESC, id DESC LIMIT $2",
    )
    .bind(school)
    .bind(undone.saturating_sub(seen.undone).max(0));
    since.append(&mut undone.scalars(&mut *tx).await?);
    for changed in since {
        let changed: Vec<u64> = serde_json::from_str(&changed)?;
        if let Some(pen) = pens.iter().find(|pen| changed.contains(pen)) {
            return Err(StoreError::PenChanged { pen: *pen });
        }
    }
    Ok(())
}
