//! Whom copies are printed for.

use crate::moments::in_force;
use crate::sql::{Small, query};
use crate::{Store, StoreError};

/// A copy of a print run and the pupil whose name it bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerRow {
    /// Which copy, from 0.
    pub copy: u32,
    /// The pupil.
    pub pupil: String,
    /// The pupil's name.
    pub name: String,
    /// The pupil's number in their class; `None` for who is in no class now.
    pub number: Option<u32>,
}

impl Store {
    /// The pupils of a class at a moment, by number.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pupils_of_class(
        &self,
        class: &str,
        at_ms: i64,
    ) -> Result<Vec<String>, StoreError> {
        let pupils = query(concat!(
            "SELECT e.pupil FROM enrolment e WHERE e.class = $1 AND ",
            in_force!("$2"),
            " ORDER BY e.number"
        ));
        Ok(pupils.bind(class).bind(at_ms).scalars(self.readers()).await?)
    }

    /// The copies of a print run that bear a name, in order, with the pupils' numbers at a moment.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn bearers(&self, run: &str, at_ms: i64) -> Result<Vec<BearerRow>, StoreError> {
        type Row = (Small, String, String, Option<i64>);
        let rows: Vec<Row> = query(concat!(
            "SELECT y.copy, u.id, u.name, e.number FROM copy y JOIN pupil u ON u.id = y.pupil
             LEFT JOIN enrolment e ON e.pupil = u.id AND ",
            in_force!("$2"),
            " WHERE y.print_run = $1 ORDER BY y.copy"
        ))
        .bind(run)
        .bind(at_ms)
        .fetch_all(self.readers())
        .await?;
        let row = |(Small(copy), pupil, name, number): Row| BearerRow {
            copy,
            pupil,
            name,
            // The column holds positive numbers of 32 bits.
            number: number.and_then(|number| u32::try_from(number).ok()),
        };
        Ok(rows.into_iter().map(row).collect())
    }
}
