//! The pens of a school: kept in sets by number, lent, exchanged, lost.

use attribution::{Holder, Lease};

use super::leases::{LeaseColumns, ink_again, insert as insert_lease, lease_of};
use crate::database::Connection;
use crate::moments::in_force;
use crate::sql::{Small, query};
use crate::{Store, StoreError};

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

/// A pen, and what is known of it at a moment.
#[derive(Clone)]
pub struct PenLine {
    /// Its id.
    pub pen: u64,
    /// As its hello said.
    pub model: Option<String>,
    /// Its set and number.
    pub place: Option<(String, u32)>,
    /// Since when it is missing, Unix milliseconds.
    pub lost_ms: Option<i64>,
    /// Who holds it.
    pub holder: Option<Holder>,
    /// The holder's name.
    pub name: Option<String>,
    /// The class that a pupil who holds it is in, in Chinese, and the pupil's number there.
    pub class: Option<(String, u32)>,
    /// When its last ink came, Unix milliseconds.
    pub received_ms: Option<i64>,
    /// Page faces on which some of its ink is nobody's.
    pub nobodys: u32,
}

impl std::fmt::Debug for PenLine {
    /// Leaves out the name, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PenLine").field("pen", &self.pen).finish_non_exhaustive()
    }
}

/// What became of a set that was lent to a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LentSet {
    /// Pupils who have a pen now.
    pub pupils: u32,
    /// Numbers of pupils for whom the set has no pen.
    pub without: Vec<u32>,
}

impl Store {
    /// Puts pens into sets, all or none. A pen that was in another place leaves it, and one that was
    /// lost is found.
    ///
    /// # Errors
    /// [`StoreError::PenPlace`] where a place is another pen's.
    pub async fn insert_pens(&self, rows: Vec<PenRow>) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                for row in &rows {
                    insert_pen(tx, row).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Every pen that was put into a set, was ever lent, said hello or wrote, by set, number and id.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pens(&self, at_ms: i64) -> Result<Vec<PenLine>, StoreError> {
        let rows: Vec<Columns> = query(concat!(
            "WITH written AS (SELECT pen, max(received_ms) AS received_ms,
                                     sum(CASE WHEN nobody IS NULL THEN 0 ELSE 1 END) AS nobodys
                              FROM ink GROUP BY pen),
                  known AS (SELECT id AS pen FROM pen UNION SELECT pen FROM lease
                            UNION SELECT pen FROM written)
             SELECT k.pen, nullif(p.model, '') AS model, p.set_name, p.number, p.lost_ms,
                    l.pupil, l.marker, coalesce(u.name, s.name) AS name, c.name_zh AS class,
                    e.number AS pupil_number, w.received_ms,
                    CAST(coalesce(w.nobodys, 0) AS BIGINT) AS nobodys
             FROM known k LEFT JOIN pen p ON p.id = k.pen LEFT JOIN written w ON w.pen = k.pen
             LEFT JOIN lease l ON l.pen = k.pen AND l.from_ms = (
                 SELECT max(h.from_ms) FROM lease h WHERE h.pen = k.pen AND h.from_ms <= $1
                    AND (h.until_ms IS NULL OR h.until_ms > $1))
             LEFT JOIN pupil u ON u.id = l.pupil LEFT JOIN staff s ON s.id = l.marker
             LEFT JOIN enrolment e ON e.pupil = u.id AND ",
            in_force!("$1"),
            " LEFT JOIN class c ON c.id = e.class
             ORDER BY p.set_name IS NULL, p.set_name, p.number, k.pen"
        ))
        .bind(at_ms)
        .fetch_all(self.readers())
        .await?;
        rows.into_iter().map(Columns::line).collect()
    }

    /// Lends each pupil who is in a class at a moment the pen of their number, from then on.
    ///
    /// # Errors
    /// Where a pupil does not exist.
    pub async fn lend_set(
        &self,
        set: &str,
        class: &str,
        from_ms: i64,
    ) -> Result<LentSet, StoreError> {
        let (set, class) = (set.to_owned(), class.to_owned());
        self.write(move |tx| {
            Box::pin(async move {
                let pupils: Vec<(String, Small, Option<i64>)> = query(concat!(
                    "SELECT e.pupil, e.number, p.id FROM enrolment e
                     LEFT JOIN pen p ON p.set_name = $2 AND p.number = e.number
                                    AND p.lost_ms IS NULL
                     WHERE e.class = $1 AND ",
                    in_force!("$3"),
                    " ORDER BY e.number"
                ))
                .bind(&class)
                .bind(&set)
                .bind(from_ms)
                .fetch_all(&mut *tx)
                .await?;
                let mut lent = LentSet { pupils: 0, without: Vec::new() };
                for (pupil, Small(number), pen) in pupils {
                    let Some(pen) = pen else {
                        lent.without.push(number);
                        continue;
                    };
                    let holder = Holder::pupil(pupil)?;
                    let pen = pen.cast_unsigned();
                    insert_lease(tx, &Lease { pen, from_ms, until_ms: None, holder }).await?;
                    lent.pupils += 1;
                }
                Ok(lent)
            })
        })
        .await
    }

    /// Ends the leases of pens at a moment, those that would begin later too; `lost` notes that they are missing since then. Ink that
    /// they write later is nobody's. Returns how many of them somebody held.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn return_pens(
        &self,
        pens: Vec<u64>,
        at_ms: i64,
        lost: bool,
    ) -> Result<u32, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let mut held = 0;
                for pen in pens {
                    let mut any = false;
                    for lease in held_leases(tx, pen, at_ms).await? {
                        any = true;
                        insert_lease(tx, &Lease { until_ms: Some(at_ms), ..lease }).await?;
                    }
                    end_later(tx, pen, at_ms).await?;
                    held += u32::from(any);
                    if lost {
                        note_lost(tx, pen, at_ms).await?;
                    }
                }
                Ok(held)
            })
        })
        .await
    }

    /// Exchanges the holders of two pens from a moment on, until another if one is given: then each
    /// has their own pen again. Ink is attributed again.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where nobody holds one of them at `from_ms`.
    pub async fn swap_pens(
        &self,
        pens: (u64, u64),
        from_ms: i64,
        until_ms: Option<i64>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let first = holder(tx, pens.0, from_ms).await?;
                let second = holder(tx, pens.1, from_ms).await?;
                for (pen, lease) in [(pens.0, second), (pens.1, first)] {
                    let ends = [lease.until_ms, until_ms].into_iter().flatten().min();
                    let lease = Lease { pen, from_ms, until_ms: ends, holder: lease.holder };
                    insert_lease(tx, &lease).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

#[derive(sqlx::FromRow)]
struct Columns {
    pen: i64,
    model: Option<String>,
    set_name: Option<String>,
    #[sqlx(try_from = "crate::sql::Nullable")]
    number: Option<u32>,
    lost_ms: Option<i64>,
    pupil: Option<String>,
    marker: Option<String>,
    name: Option<String>,
    class: Option<String>,
    #[sqlx(try_from = "crate::sql::Nullable")]
    pupil_number: Option<u32>,
    received_ms: Option<i64>,
    #[sqlx(try_from = "i64")]
    nobodys: u32,
}

impl Columns {
    fn line(self) -> Result<PenLine, StoreError> {
        let holder = match (self.pupil, self.marker) {
            (Some(pupil), _) => Some(Holder::pupil(pupil)?),
            (None, Some(marker)) => Some(Holder::marker(marker)?),
            (None, None) => None,
        };
        Ok(PenLine {
            pen: self.pen.cast_unsigned(),
            model: self.model,
            place: self.set_name.zip(self.number),
            lost_ms: self.lost_ms,
            holder,
            name: self.name,
            class: self.class.zip(self.pupil_number),
            received_ms: self.received_ms,
            nobodys: self.nobodys,
        })
    }
}

async fn insert_pen(tx: &mut Connection, row: &PenRow) -> Result<(), StoreError> {
    let other: Option<i64> =
        query("SELECT id FROM pen WHERE set_name = $1 AND number = $2 AND id <> $3")
            .bind(&row.set)
            .bind(row.number)
            .bind(row.pen.cast_signed())
            .scalar_optional(&mut *tx)
            .await?;
    if let Some(other) = other {
        let (set, number) = (row.set.clone(), row.number);
        return Err(StoreError::PenPlace { set, number, pen: other.cast_unsigned() });
    }
    query(
        "INSERT INTO pen (id, model, set_name, number) VALUES ($1, '', $2, $3)
         ON CONFLICT (id) DO UPDATE SET set_name = excluded.set_name, number = excluded.number,
             lost_ms = NULL",
    )
    .bind(row.pen.cast_signed())
    .bind(&row.set)
    .bind(row.number)
    .execute(tx)
    .await?;
    Ok(())
}

async fn note_lost(tx: &mut Connection, pen: u64, at_ms: i64) -> Result<(), StoreError> {
    query(
        "INSERT INTO pen (id, model, lost_ms) VALUES ($1, '', $2)
         ON CONFLICT (id) DO UPDATE SET lost_ms = coalesce(pen.lost_ms, excluded.lost_ms)",
    )
    .bind(pen.cast_signed())
    .bind(at_ms)
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
    let held = held_leases(tx, pen, at_ms).await?.into_iter().next();
    held.ok_or_else(|| StoreError::Missing { what: "holder of pen", id: format!("{pen:012x}") })
}

#[cfg(test)]
mod tests;
