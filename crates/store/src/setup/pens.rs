//! The pens of a school: kept in sets by number, lent, exchanged, lost.

mod change;
mod list;
mod seen;

use std::collections::HashMap;

use attribution::{Holder, Lease};
use school::pen_numbers;

use super::leases::{LeaseColumns, ink_again, insert as insert_lease, lease_of};
use crate::database::Connection;
use crate::moments::{WRITTEN_MS, in_force};
use crate::sql::{Small, query};
use crate::{Store, StoreError};
use change::{Rows, of_school, record};

pub use change::{PenChange, PenDone};
pub(crate) use list::SCHOOL_OF_PEN;
pub use list::{PenLine, WaitingInk};
pub use seen::PensSeen;

/// A pen of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PenRow {
    /// Its id.
    pub pen: u64,
    /// The set: what is carried into a class together.
    pub set: String,
    /// What stands on it; unique in the set.
    pub number: u32,
}

/// Who changes something about a school's pens, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeper {
    /// The school whose pens they are.
    pub school: String,
    /// The member of staff; `None`: somebody on the command line, who may take pens over from
    /// another school.
    pub staff: Option<String>,
    /// Now, Unix milliseconds.
    pub now_ms: i64,
}

impl Store {
    /// Puts pens into sets of the school, all or none. A pen that was in another place leaves it,
    /// and one that was lost is found.
    ///
    /// # Errors
    /// [`StoreError::PenPlace`] where a place is another pen's, [`StoreError::PenElsewhere`] where
    /// a pen is another school's.
    pub async fn insert_pens(
        &self,
        keeper: Keeper,
        rows: Vec<PenRow>,
    ) -> Result<PenChange, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let pens: Vec<u64> = rows.iter().map(|row| row.pen).collect();
                if keeper.staff.is_some() {
                    of_school(tx, &keeper.school, &pens).await?;
                }
                let before = Rows::of(tx, &pens).await?;
                for row in &rows {
                    insert_pen(tx, &keeper.school, row).await?;
                }
                let set = rows.first().map(|row| row.set.clone());
                let change = PenChange { set, ..PenChange::of(&keeper, PenDone::Added, pens) };
                record(tx, change, before).await
            })
        })
        .await
    }

    /// Lends each pupil who is in a class of the school at a moment the pen of their number
    /// ([`school::pen_numbers`]), from then on.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where the school has no such class.
    pub async fn lend_set(
        &self,
        keeper: Keeper,
        set: &str,
        class: &str,
        from_ms: i64,
    ) -> Result<PenChange, StoreError> {
        let (set, class) = (set.to_owned(), class.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let known: Option<String> =
                    query("SELECT id FROM class WHERE id = $1 AND school = $2")
                        .bind(&class)
                        .bind(&keeper.school)
                        .scalar_optional(&mut *tx)
                        .await?;
                let missing = || StoreError::Missing { what: "class", id: class.clone() };
                known.ok_or_else(missing)?;
                let pupils = pupils_with_pens(tx, &keeper.school, &set, &class, from_ms).await?;
                let pens: Vec<u64> = pupils.iter().filter_map(|(.., pen)| *pen).collect();
                let before = Rows::of(tx, &pens).await?;
                let mut without = Vec::new();
                for (pupil, number, pen) in pupils {
                    let Some(pen) = pen else {
                        without.push(number);
                        continue;
                    };
                    let holder = Holder::pupil(pupil)?;
                    insert_lease(tx, &Lease { pen, from_ms, until_ms: None, holder }).await?;
                }
                let (set, class) = (Some(set), Some(class));
                let change = PenChange::of(&keeper, PenDone::Lent, pens);
                record(tx, PenChange { set, class, without, from_ms, ..change }, before).await
            })
        })
        .await
    }

    /// Lends a pen to somebody of the school from a moment on; without one, from the first ink on
    /// that it wrote after its last lease, or from now if there is none. A pen that was missing is
    /// found by that.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where the school has no such pupil or member of staff,
    /// [`StoreError::PenElsewhere`] where the pen is another school's.
    pub async fn lend_pen(
        &self,
        keeper: Keeper,
        pen: u64,
        holder: Holder,
        from_ms: Option<i64>,
    ) -> Result<PenChange, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                if keeper.staff.is_some() {
                    of_school(tx, &keeper.school, &[pen]).await?;
                }
                change::holder_of_school(tx, &keeper.school, &holder).await?;
                let before = Rows::of(tx, &[pen]).await?;
                let from_ms = match from_ms {
                    Some(from_ms) => from_ms,
                    None => first_ink_ms(tx, pen).await?.unwrap_or(keeper.now_ms),
                };
                let lease = Lease { pen, from_ms, until_ms: None, holder: holder.clone() };
                insert_lease(tx, &lease).await?;
                // What is lent is there.
                query("UPDATE pen SET lost_ms = NULL WHERE id = $1")
                    .bind(pen.cast_signed())
                    .execute(&mut *tx)
                    .await?;
                let change = PenChange::of(&keeper, PenDone::Lent, vec![pen]);
                record(tx, PenChange { from_ms, ..change.to(&holder) }, before).await
            })
        })
        .await
    }

    /// Ends the leases of pens of the school at a moment, those that would begin later too; `lost`
    /// notes that the pens are missing since then. Ink that they write later is nobody's. `set`
    /// names the pens in what is told of the change.
    ///
    /// # Errors
    /// [`StoreError::PenElsewhere`] where a pen is another school's.
    pub async fn return_pens(
        &self,
        keeper: Keeper,
        set: Option<String>,
        pens: Vec<u64>,
        at_ms: i64,
        lost: bool,
    ) -> Result<PenChange, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                of_school(tx, &keeper.school, &pens).await?;
                let before = Rows::of(tx, &pens).await?;
                for pen in &pens {
                    for lease in held_leases(tx, *pen, at_ms).await? {
                        insert_lease(tx, &Lease { until_ms: Some(at_ms), ..lease }).await?;
                    }
                    end_later(tx, *pen, at_ms).await?;
                    if lost {
                        note_lost(tx, &keeper.school, *pen, at_ms).await?;
                    }
                }
                let what = if lost { PenDone::Lost } else { PenDone::Returned };
                let change = PenChange::of(&keeper, what, pens);
                record(tx, PenChange { set, from_ms: at_ms, ..change }, before).await
            })
        })
        .await
    }

    /// Notes that a pen of the school is no longer missing. Nobody holds it by that.
    ///
    /// # Errors
    /// [`StoreError::PenElsewhere`] where it is another school's.
    pub async fn find_pen(&self, keeper: Keeper, pen: u64) -> Result<PenChange, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                of_school(tx, &keeper.school, &[pen]).await?;
                let before = Rows::of(tx, &[pen]).await?;
                query("UPDATE pen SET lost_ms = NULL WHERE id = $1")
                    .bind(pen.cast_signed())
                    .execute(&mut *tx)
                    .await?;
                let change = PenChange::of(&keeper, PenDone::Found, vec![pen]);
                record(tx, change, before).await
            })
        })
        .await
    }

    /// Exchanges the holders of two pens of the school from a moment on, until another if one is
    /// given: then each has their own pen again. Ink is attributed again. `seen` is what whoever asks
    /// for it saw: sent twice, it would undo itself.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where nobody holds one of them at `from_ms`,
    /// [`StoreError::PenElsewhere`] where one is another school's, [`StoreError::PenChanged`] where
    /// one was changed since it was seen.
    pub async fn swap_pens(
        &self,
        keeper: Keeper,
        pens: (u64, u64),
        from_ms: i64,
        until_ms: Option<i64>,
        seen: Option<PensSeen>,
    ) -> Result<PenChange, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let both = vec![pens.0, pens.1];
                of_school(tx, &keeper.school, &both).await?;
                if let Some(seen) = seen {
                    seen::unchanged(tx, &keeper.school, &both, seen).await?;
                }
                let before = Rows::of(tx, &both).await?;
                let first = holder(tx, pens.0, from_ms).await?;
                let second = holder(tx, pens.1, from_ms).await?;
                for (pen, lease) in [(pens.0, second.clone()), (pens.1, first.clone())] {
                    let ends = [lease.until_ms, until_ms].into_iter().flatten().min();
                    let lease = Lease { pen, from_ms, until_ms: ends, holder: lease.holder };
                    insert_lease(tx, &lease).await?;
                }
                // A lease that began at that very moment is replaced: it goes on behind the exchange.
                for own in [first, second] {
                    let Some(until_ms) = until_ms.filter(|_| own.from_ms == from_ms) else {
                        continue;
                    };
                    if own.until_ms.is_none_or(|ends| ends > until_ms) {
                        insert_lease(tx, &Lease { from_ms: until_ms, ..own }).await?;
                    }
                }
                let change = PenChange::of(&keeper, PenDone::Swapped, both);
                record(tx, PenChange { from_ms, until_ms, ..change }, before).await
            })
        })
        .await
    }
}

/// The pupils who are in a class at a moment: identity, number, and the pen of the set that is
/// theirs.
async fn pupils_with_pens(
    tx: &mut Connection,
    school: &str,
    set: &str,
    class: &str,
    at_ms: i64,
) -> Result<Vec<(String, u32, Option<u64>)>, StoreError> {
    let pupils: Vec<(String, Small)> = query(concat!(
        "SELECT e.pupil, e.number FROM enrolment e WHERE e.class = $1 AND ",
        in_force!("$2"),
        " ORDER BY e.number"
    ))
    .bind(class)
    .bind(at_ms)
    .fetch_all(&mut *tx)
    .await?;
    let pens: Vec<(Small, i64)> =
        query("SELECT number, id FROM pen WHERE school = $1 AND set_name = $2 AND lost_ms IS NULL")
            .bind(school)
            .bind(set)
            .fetch_all(tx)
            .await?;
    let pens: HashMap<u32, u64> =
        pens.into_iter().map(|(Small(number), id)| (number, id.cast_unsigned())).collect();
    let numbers: Vec<u32> = pupils.iter().map(|(_, Small(number))| *number).collect();
    let theirs = pen_numbers(&numbers).into_iter().map(|number| pens.get(&number).copied());
    let rows = pupils.into_iter().zip(theirs);
    Ok(rows.map(|((pupil, Small(number)), pen)| (pupil, number, pen)).collect())
}

/// When a pen first wrote what was written after its last lease.
async fn first_ink_ms(tx: &mut Connection, pen: u64) -> Result<Option<i64>, StoreError> {
    let sql = format!(
        "SELECT min({WRITTEN_MS}) FROM ink i
         JOIN chunk_address a ON a.folio = i.folio AND a.page = i.page AND a.pen = i.pen
         LEFT JOIN clock k ON k.pen = a.pen AND k.boot_counter = a.boot_counter
                          AND k.boot_random = a.boot_random
         WHERE i.pen = $1 AND NOT EXISTS (
             SELECT 1 FROM lease l
             WHERE l.pen = $1 AND (l.until_ms IS NULL OR l.until_ms > {WRITTEN_MS}))"
    );
    let first = query(sqlx::AssertSqlSafe(sql)).bind(pen.cast_signed());
    Ok(first.scalar(tx).await?)
}

async fn insert_pen(tx: &mut Connection, school: &str, row: &PenRow) -> Result<(), StoreError> {
    let other: Option<i64> = query(
        "SELECT id FROM pen WHERE school = $4 AND set_name = $1 AND number = $2 AND id <> $3",
    )
    .bind(&row.set)
    .bind(row.number)
    .bind(row.pen.cast_signed())
    .bind(school)
    .scalar_optional(&mut *tx)
    .await?;
    if let Some(other) = other {
        let (set, number) = (row.set.clone(), row.number);
        return Err(StoreError::PenPlace { set, number, pen: other.cast_unsigned() });
    }
    query(
        "INSERT INTO pen (id, model, school, set_name, number) VALUES ($1, '', $4, $2, $3)
         ON CONFLICT (id) DO UPDATE SET school = excluded.school, set_name = excluded.set_name,
             number = excluded.number, lost_ms = NULL",
    )
    .bind(row.pen.cast_signed())
    .bind(&row.set)
    .bind(row.number)
    .bind(school)
    .execute(tx)
    .await?;
    Ok(())
}

async fn note_lost(
    tx: &mut Connection,
    school: &str,
    pen: u64,
    at_ms: i64,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO pen (id, model, school, lost_ms) VALUES ($1, '', $3, $2)
         ON CONFLICT (id) DO UPDATE SET lost_ms = coalesce(pen.lost_ms, excluded.lost_ms),
             school = coalesce(pen.school, excluded.school)",
    )
    .bind(pen.cast_signed())
    .bind(at_ms)
    .bind(school)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes back leases that would begin later: who has given a pen back does not get it by itself.
async fn end_later(tx: &mut Connection, pen: u64, at_ms: i64) -> Result<(), StoreError> {
    let later = query("DELETE FROM lease WHERE pen = $1 AND from_ms >= $2");
    if later.bind(pen.cast_signed()).bind(at_ms).execute(&mut *tx).await? > 0 {
        ink_again(tx, pen.cast_signed(), at_ms, None).await?;
    }
    Ok(())
}

/// The leases of a pen that hold at a moment, the latest first.
async fn held_leases(tx: &mut Connection, pen: u64, at_ms: i64) -> Result<Vec<Lease>, StoreError> {
    let rows: Vec<LeaseColumns> = query(
        "SELECT pen, from_ms, until_ms, pupil, marker FROM lease
         WHERE pen = $1 AND from_ms < $2 AND (until_ms IS NULL OR until_ms > $2)
         ORDER BY from_ms DESC",
    )
    .bind(pen.cast_signed())
    .bind(at_ms)
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(lease_of).collect()
}

async fn holder(tx: &mut Connection, pen: u64, at_ms: i64) -> Result<Lease, StoreError> {
    // A lease holds from its first moment on.
    let held = held_leases(tx, pen, at_ms.saturating_add(1)).await?.into_iter().next();
    held.ok_or_else(|| StoreError::Missing { what: "holder of pen", id: format!("{pen:012x}") })
}

#[cfg(test)]
mod tests;
