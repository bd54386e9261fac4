//! What a look at ink changes: which papers gain it, and which lose it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::StoreError;
use crate::database::Connection;
use crate::sql::{Small, query};

/// Folio, page and pen of a row of ink.
pub(super) type InkKey = (i64, u32, i64);

/// A paper that ink belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    pub(super) school: String,
    pub(super) assignment: String,
    pub(super) pupil: String,
    pub(super) page: i64,
}

/// Folio, page and pen; school, assignment, pupil and page of a paper.
type AttributionColumns = (i64, Small, i64, String, String, String, i64);

/// The papers to which each row's ink went when it was last looked at.
pub(super) async fn before(
    tx: &mut Connection,
    keys: &[InkKey],
) -> Result<HashMap<InkKey, BTreeSet<Target>>, StoreError> {
    let rows: Vec<AttributionColumns> = query(
        "SELECT t.folio, t.page, t.pen, t.school, t.assignment, t.pupil, t.paper_page
         FROM json_each($1) CROSS JOIN attribution t
         WHERE t.folio = CAST(value->>0 AS BIGINT) AND t.page = CAST(value->>1 AS BIGINT)
           AND t.pen = CAST(value->>2 AS BIGINT)",
    )
    .bind(serde_json::to_string(keys)?)
    .fetch_all(tx)
    .await?;
    let mut before: HashMap<InkKey, BTreeSet<Target>> = HashMap::new();
    for (folio, Small(page), pen, school, assignment, pupil, paper_page) in rows {
        let target = Target { school, assignment, pupil, page: paper_page };
        before.entry((folio, page, pen)).or_default().insert(target);
    }
    Ok(before)
}

/// What a look at ink changes.
#[derive(Default)]
pub(super) struct Changes {
    /// Papers that have the ink now, with the server time of the latest of it and their address.
    gaining: BTreeMap<Target, (i64, i64, u32)>,
    /// Papers that had it and have it no longer.
    losing: BTreeSet<Target>,
    /// New rows of the attribution, and those that are gone.
    added: Vec<(InkKey, Target)>,
    removed: Vec<(InkKey, Target)>,
}

impl Changes {
    /// Notes to which papers a row of ink went before, and to which it goes now.
    pub(super) fn add(
        &mut self,
        key: InkKey,
        received_ms: i64,
        before: &BTreeSet<Target>,
        now: BTreeSet<Target>,
    ) {
        for lost in before.difference(&now) {
            self.losing.insert(lost.clone());
            self.removed.push((key, lost.clone()));
        }
        let added = now.difference(before).map(|target| (key, target.clone()));
        self.added.extend(added);
        for target in now {
            let paper = self.gaining.entry(target).or_insert((i64::MIN, key.0, key.1));
            paper.0 = paper.0.max(received_ms);
        }
    }

    /// Every paper that gains ink or loses it.
    pub(super) fn papers(&self) -> BTreeSet<&Target> {
        self.gaining.keys().chain(&self.losing).collect()
    }

    pub(super) async fn write(&self, tx: &mut Connection, now_ms: i64) -> Result<(), StoreError> {
        gain(tx, &self.gaining, now_ms).await?;
        if !self.losing.is_empty() {
            lose(tx, &self.losing).await?;
        }
        let lines = |rows: &[(InkKey, Target)]| {
            let line = |((folio, page, pen), target): &(InkKey, Target)| {
                let Target { school, assignment, pupil, page: paper_page } = target;
                serde_json::json!([folio, page, pen, school, assignment, pupil, paper_page])
            };
            serde_json::to_string(&rows.iter().map(line).collect::<Vec<_>>())
        };
        if !self.removed.is_empty() {
            query(
                "DELETE FROM attribution
                 WHERE (folio, page, pen, school, assignment, pupil, paper_page) IN (
                     SELECT CAST(value->>0 AS BIGINT), CAST(value->>1 AS BIGINT),
                            CAST(value->>2 AS BIGINT), value->>3, value->>4, value->>5,
                            CAST(value->>6 AS BIGINT)
                     FROM json_each($1))",
            )
            .bind(lines(&self.removed)?)
            .execute(&mut *tx)
            .await?;
        }
        if !self.added.is_empty() {
            query(
                "INSERT INTO attribution (folio, page, pen, school, assignment, pupil, paper_page)
                 SELECT CAST(value->>0 AS BIGINT), CAST(value->>1 AS BIGINT),
                        CAST(value->>2 AS BIGINT), value->>3, value->>4, value->>5,
                        CAST(value->>6 AS BIGINT)
                 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING",
            )
            .bind(lines(&self.added)?)
            .execute(tx)
            .await?;
        }
        Ok(())
    }
}

/// Makes papers stale that have ink, and makes those that are not there yet.
async fn gain(
    tx: &mut Connection,
    gaining: &BTreeMap<Target, (i64, i64, u32)>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let rows: Vec<_> = (gaining.iter())
        .map(|(target, (ink_ms, folio, page))| {
            let Target { school, assignment, pupil, page: paper_page } = target;
            (school, assignment, pupil, paper_page, folio, page, ink_ms)
        })
        .collect();
    // A paper that lost all its ink is gone, and may come back. Its fences count from the time of
    // its making, so that no claim of its first life can save into its second.
    query(
        "INSERT INTO paper (school, assignment, pupil, page, folio, address_page, ink_rev, ink_ms,
                            fence)
         SELECT value->>0, value->>1, value->>2, CAST(value->>3 AS BIGINT),
                CAST(value->>4 AS BIGINT), CAST(value->>5 AS BIGINT), 1,
                CAST(value->>6 AS BIGINT), $2
         FROM json_each($1) WHERE true
         ON CONFLICT (school, assignment, pupil, page) DO UPDATE SET
             ink_rev = paper.ink_rev + 1, ink_ms = max(paper.ink_ms, excluded.ink_ms)",
    )
    .bind(serde_json::to_string(&rows)?)
    .bind(now_ms)
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes papers stale that have lost ink.
async fn lose(tx: &mut Connection, losing: &BTreeSet<Target>) -> Result<(), StoreError> {
    let rows: Vec<_> = (losing.iter())
        .map(|Target { school, assignment, pupil, page }| (school, assignment, pupil, page))
        .collect();
    query(
        "UPDATE paper SET ink_rev = ink_rev + 1
         WHERE (school, assignment, pupil, page) IN (
             SELECT value->>0, value->>1, value->>2, CAST(value->>3 AS BIGINT)
             FROM json_each($1))",
    )
    .bind(serde_json::to_string(&rows)?)
    .execute(tx)
    .await?;
    Ok(())
}
