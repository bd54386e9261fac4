//! What was done with pens: told, and undone.

mod undo;

use std::collections::{BTreeMap, BTreeSet};

use attribution::Holder;
use sqlx::AssertSqlSafe;

use super::super::leases::{holder_of, leases_of_pens};
use super::{Keeper, SCHOOL_OF_PEN};
use crate::database::Connection;
use crate::sql::{codes, query};
use crate::{KeptSchool, Store, StoreError};

/// What can be done with pens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PenDone {
    /// Put into a set.
    Added,
    /// Lent to a class by number, or to one person.
    Lent,
    /// Given back.
    Returned,
    /// Two exchanged their holders.
    Swapped,
    /// Noted as missing.
    Lost,
    /// No longer missing.
    Found,
}

codes!(pub(crate) PenDone {
    Added = "added",
    Lent = "lent",
    Returned = "returned",
    Swapped = "swapped",
    Lost = "lost",
    Found = "found",
});

/// A change of pens, so that it can be told and undone.
#[derive(Clone, PartialEq, Eq)]
pub struct PenChange {
    /// Unique in the store; 0 before it is stored.
    pub id: i64,
    /// The school whose pens they are.
    pub school: String,
    /// Who did it; `None`: somebody on the command line.
    pub staff: Option<String>,
    /// When it was done, Unix milliseconds.
    pub at_ms: i64,
    /// What was done.
    pub what: PenDone,
    /// The pens.
    pub pens: Vec<u64>,
    /// The set, where it was done to one.
    pub set: Option<String>,
    /// The class that was lent a set.
    pub class: Option<String>,
    /// Who was lent a pen.
    pub holder: Option<Holder>,
    /// The holder's name, where it was asked for.
    pub name: Option<String>,
    /// From when on it holds, Unix milliseconds.
    pub from_ms: i64,
    /// Until when an exchange holds, Unix milliseconds.
    pub until_ms: Option<i64>,
    /// Numbers of pupils for whom the set has no pen.
    pub without: Vec<u32>,
    /// When it was undone, Unix milliseconds.
    pub undone_ms: Option<i64>,
}

impl std::fmt::Debug for PenChange {
    /// Leaves out the name, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, what, pens, without, .. } = self;
        let mut shown = f.debug_struct("PenChange");
        shown.field("id", id).field("what", what).field("pens", pens).field("without", without);
        shown.finish_non_exhaustive()
    }
}

impl PenChange {
    pub(super) fn of(keeper: &Keeper, what: PenDone, pens: Vec<u64>) -> Self {
        Self {
            id: 0,
            school: keeper.school.clone(),
            staff: keeper.staff.clone(),
            at_ms: keeper.now_ms,
            what,
            pens,
            set: None,
            class: None,
            holder: None,
            name: None,
            from_ms: keeper.now_ms,
            until_ms: None,
            without: Vec::new(),
            undone_ms: None,
        }
    }

    pub(super) fn to(self, holder: &Holder) -> Self {
        Self { holder: Some(holder.clone()), ..self }
    }
}

/// End, pupil and marker of a lease.
type LeaseState = (Option<i64>, Option<String>, Option<String>);
/// School, set, number, and since when it is missing.
type PenState = (Option<String>, Option<String>, Option<i64>, Option<i64>);

/// The rows of some pens at a moment: leases by pen and start, and places by pen.
#[derive(Default)]
pub(super) struct Rows {
    of: BTreeSet<i64>,
    leases: BTreeMap<(i64, i64), LeaseState>,
    pens: BTreeMap<i64, PenState>,
}

impl Rows {
    pub(super) async fn of(tx: &mut Connection, pens: &[u64]) -> Result<Self, StoreError> {
        let of: BTreeSet<i64> = pens.iter().map(|pen| pen.cast_signed()).collect();
        let mut rows = Self { of, ..Self::default() };
        for lease in leases_of_pens(tx, &rows.of).await? {
            let (pupil, marker) = match lease.holder {
                Holder::Pupil(id) => (Some(id.to_string()), None),
                Holder::Marker(id) => (None, Some(id.to_string())),
            };
            let key = (lease.pen.cast_signed(), lease.from_ms);
            rows.leases.insert(key, (lease.until_ms, pupil, marker));
        }
        type Columns = (i64, Option<String>, Option<String>, Option<i64>, Option<i64>);
        let places: Vec<Columns> = query(
            "SELECT id, school, set_name, number, lost_ms FROM pen
             WHERE id IN (SELECT CAST(value->>0 AS BIGINT) FROM json_each($1))",
        )
        .bind(serde_json::to_string(&rows.of.iter().map(|pen| [pen]).collect::<Vec<_>>())?)
        .fetch_all(tx)
        .await?;
        let place = |(id, school, set, number, lost_ms)| (id, (school, set, number, lost_ms));
        rows.pens = places.into_iter().map(place).collect();
        Ok(rows)
    }
}

/// A row as it was and as it became.
type Became<K, V> = (K, Option<V>, Option<V>);

/// What a change did to rows.
type Moved = (Vec<Became<(i64, i64), LeaseState>>, Vec<Became<i64, PenState>>);

fn differences<K: Ord + Copy, V: PartialEq + Clone>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> Vec<Became<K, V>> {
    let keys: BTreeSet<K> = before.keys().chain(after.keys()).copied().collect();
    let row = |key: K| (key, before.get(&key).cloned(), after.get(&key).cloned());
    keys.into_iter().map(row).filter(|(_, was, is)| was != is).collect()
}

/// Stores what was done, with the rows as they were before; returns it with its id.
pub(super) async fn record(
    tx: &mut Connection,
    change: PenChange,
    before: Rows,
) -> Result<PenChange, StoreError> {
    let of: Vec<u64> = before.of.iter().map(|pen| pen.cast_unsigned()).collect();
    let after = Rows::of(tx, &of).await?;
    let moved: Moved =
        (differences(&before.leases, &after.leases), differences(&before.pens, &after.pens));
    let (pupil, marker) = match &change.holder {
        Some(Holder::Pupil(id)) => (Some(id.as_str()), None),
        Some(Holder::Marker(id)) => (None, Some(id.as_str())),
        None => (None, None),
    };
    let id = query(
        "INSERT INTO pen_change (school, staff, at_ms, what, pens, set_name, class, pupil, marker,
                                 from_ms, until_ms, without, moved)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
    )
    .bind(&change.school)
    .bind(&change.staff)
    .bind(change.at_ms)
    .bind(change.what)
    .bind(serde_json::to_string(&change.pens)?)
    .bind(&change.set)
    .bind(&change.class)
    .bind(pupil)
    .bind(marker)
    .bind(change.from_ms)
    .bind(change.until_ms)
    .bind(serde_json::to_string(&change.without)?)
    .bind(serde_json::to_string(&moved)?)
    .scalar(tx)
    .await?;
    Ok(PenChange { id, ..change })
}

/// Refuses pens of another school than this. A pen that no school has can be anybody's.
pub(super) async fn of_school(
    tx: &mut Connection,
    school: &str,
    pens: &[u64],
) -> Result<(), StoreError> {
    let rows: Vec<[i64; 1]> = pens.iter().map(|pen| [pen.cast_signed()]).collect();
    let sql = format!(
        "WITH k AS (SELECT CAST(value->>0 AS BIGINT) AS pen FROM json_each($1))
         SELECT k.pen FROM k LEFT JOIN pen p ON p.id = k.pen
         WHERE coalesce({SCHOOL_OF_PEN}, $2) <> $2 ORDER BY k.pen LIMIT 1"
    );
    let other: Option<i64> = query(AssertSqlSafe(sql))
        .bind(serde_json::to_string(&rows)?)
        .bind(school)
        .scalar_optional(tx)
        .await?;
    match other {
        Some(pen) => Err(StoreError::PenElsewhere { pen: pen.cast_unsigned() }),
        None => Ok(()),
    }
}

/// Refuses somebody who is not of the school.
pub(super) async fn holder_of_school(
    tx: &mut Connection,
    school: &str,
    holder: &Holder,
) -> Result<(), StoreError> {
    let (sql, what, id) = match holder {
        Holder::Pupil(id) => {
            ("SELECT id FROM pupil WHERE id = $1 AND school = $2", "pupil", id.as_str())
        }
        Holder::Marker(id) => {
            ("SELECT id FROM staff WHERE id = $1 AND school = $2", "member of staff", id.as_str())
        }
    };
    let known: Option<String> = query(sql).bind(id).bind(school).scalar_optional(tx).await?;
    known.map(drop).ok_or_else(|| StoreError::Missing { what, id: id.to_owned() })
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: i64,
    school: String,
    staff: Option<String>,
    at_ms: i64,
    what: PenDone,
    pens: String,
    set_name: Option<String>,
    class: Option<String>,
    pupil: Option<String>,
    marker: Option<String>,
    name: Option<String>,
    from_ms: i64,
    until_ms: Option<i64>,
    without: String,
    undone_ms: Option<i64>,
}

impl Columns {
    fn change(self) -> Result<PenChange, StoreError> {
        Ok(PenChange {
            id: self.id,
            school: self.school,
            staff: self.staff,
            at_ms: self.at_ms,
            what: self.what,
            pens: serde_json::from_str(&self.pens)?,
            set: self.set_name,
            class: self.class,
            holder: holder_of(self.pupil, self.marker)?,
            name: self.name,
            from_ms: self.from_ms,
            until_ms: self.until_ms,
            without: serde_json::from_str(&self.without)?,
            undone_ms: self.undone_ms,
        })
    }
}

impl Store {
    /// What was done with a kept school's pens, latest first; at most `limit`.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pen_changes(
        &self,
        school: &KeptSchool,
        limit: u32,
    ) -> Result<Vec<PenChange>, StoreError> {
        let rows: Vec<Columns> = query(
            "SELECT g.id, g.school, g.staff, g.at_ms, g.what, g.pens, g.set_name, g.class, g.pupil,
                    g.marker, coalesce(u.name, s.name) AS name, g.from_ms, g.until_ms, g.without,
                    g.undone_ms
             FROM pen_change g LEFT JOIN pupil u ON u.id = g.pupil
             LEFT JOIN staff s ON s.id = g.marker
             WHERE g.school = $1 ORDER BY g.id DESC LIMIT $2",
        )
        .bind(&school.id)
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        rows.into_iter().map(Columns::change).collect()
    }

    /// Undoes a change of a school's pens: leases and places are again what they were, and ink is
    /// attributed again. What was undone already stays so.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where the school has no such change, [`StoreError::PenChanged`]
    /// where what it did was changed since.
    pub async fn undo_pen_change(&self, keeper: Keeper, id: i64) -> Result<(), StoreError> {
        self.write(move |tx| Box::pin(async move { undo::undo(tx, &keeper, id).await })).await
    }
}

#[cfg(test)]
mod tests;
