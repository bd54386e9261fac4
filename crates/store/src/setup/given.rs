//! What simulated pens need to know of a store to write in it.

use attribution::Lease;
use worksheet::PrintRun;

use super::AssignmentRow;
use super::leases::{LeaseColumns, lease_of};
use crate::ink::folio;
use crate::moments::in_force;
use crate::sql::{Small, query};
use crate::{Store, StoreError};

impl Store {
    /// Every worksheet that is given to a class, by class and time.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn given_sheets(&self) -> Result<Vec<AssignmentRow>, StoreError> {
        type Row = (String, String, String, String, i64, i64, i64);
        let rows: Vec<Row> = query(
            "SELECT id, school, class, print_run, assigned_ms, due_ms, quiet_ms FROM assignment
             ORDER BY class, assigned_ms, id",
        )
        .fetch_all(self.readers())
        .await?;
        let row = |(id, school, class, print_run, assigned_ms, due_ms, quiet_ms): Row| {
            AssignmentRow { id, school, class, print_run, assigned_ms, due_ms, quiet_ms }
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// The copies of a run that bear ink, whoever wrote it, in order; of copies that share their
    /// addresses only the first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn copies_written(&self, run: &PrintRun) -> Result<Vec<u32>, StoreError> {
        let rows: Vec<Small> = query(
            "SELECT DISTINCT (page - $2) / $3 AS copy FROM ink
             WHERE folio = $1 AND page >= $2 AND page < $2 + $4 ORDER BY copy",
        )
        .bind(folio(run.section, run.owner, run.book))
        .bind(run.first_page)
        .bind(run.pages)
        .bind(i64::try_from(run.addresses()).unwrap_or(i64::MAX))
        .scalars(self.readers())
        .await?;
        Ok(rows.into_iter().map(|Small(copy)| copy).collect())
    }

    /// The pupils of a class at a moment, each with their number, by number.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn numbered_pupils(
        &self,
        class: &str,
        at_ms: i64,
    ) -> Result<Vec<(u32, String)>, StoreError> {
        let rows: Vec<(Small, String)> = query(concat!(
            "SELECT e.number, e.pupil FROM enrolment e WHERE e.class = $1 AND ",
            in_force!("$2"),
            " ORDER BY e.number"
        ))
        .bind(class)
        .bind(at_ms)
        .fetch_all(self.readers())
        .await?;
        Ok(rows.into_iter().map(|(Small(number), pupil)| (number, pupil)).collect())
    }

    /// The lease by which each pen that is not missing is held at a moment, by pen.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn leases_at(&self, at_ms: i64) -> Result<Vec<Lease>, StoreError> {
        let rows: Vec<LeaseColumns> = query(
            "SELECT l.pen, l.from_ms, l.until_ms, l.pupil, l.marker
             FROM lease l LEFT JOIN pen p ON p.id = l.pen
             WHERE p.lost_ms IS NULL AND l.from_ms = (
                 SELECT max(h.from_ms) FROM lease h WHERE h.pen = l.pen AND h.from_ms <= $1
                    AND (h.until_ms IS NULL OR h.until_ms > $1))
             ORDER BY l.pen",
        )
        .bind(at_ms)
        .fetch_all(self.readers())
        .await?;
        rows.into_iter().map(lease_of).collect()
    }
}
