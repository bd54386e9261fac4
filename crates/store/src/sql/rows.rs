//! Many rows in one statement of SQLite.
//!
//! Taking rows out of JSON costs SQLite twice what inserting them does, and a statement per row costs a
//! change of threads each. So a statement has places for a fixed number of rows, and is prepared once:
//! places without a value are NULL, and their rows are passed over. PostgreSQL wants an array per column
//! or JSON instead: it would plan so many places anew, and asks for the type of each.

use super::{Query, Value, query};
use crate::database::Connection;

/// Places of the statement for few rows: looking at the empty places of the other costs more than these.
const FEW: usize = 16;
/// Places of the statement for many rows. Within a statement SQLite copies each page of a table once before
/// it changes it, so that it can take the statement back: the fewer statements, the fewer copies.
const MANY: usize = 1_024;

/// Inserts rows of one table.
pub(crate) struct Insert<const COLUMNS: usize> {
    few: String,
    many: String,
}

impl<const COLUMNS: usize> Insert<COLUMNS> {
    /// Inserts `into` a table, whose columns it may name; `then` says what becomes of rows that are
    /// there already. The first column must never be NULL.
    pub(crate) fn new(into: &str, then: &str) -> Self {
        let row = format!("({})", ["?"; COLUMNS].join(", "));
        let places = |count| vec![row.as_str(); count].join(", ");
        let text = |count| {
            let rows = places(count);
            format!(
                "INSERT INTO {into} SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL {then}"
            )
        };
        Self { few: text(FEW), many: text(MANY) }
    }

    /// Inserts any number of rows. Returns how many it affected.
    pub(crate) async fn run<T>(
        &'static self,
        tx: &mut Connection,
        rows: &[T],
        values: fn(&T) -> [Value; COLUMNS],
    ) -> Result<u64, sqlx::Error> {
        let mut affected = 0;
        for rows in rows.chunks(MANY) {
            let text = if rows.len() <= FEW { &self.few } else { &self.many };
            let bound = rows.iter().flat_map(values).fold(query(text.as_str()), Query::bind);
            affected += bound.execute(&mut *tx).await?;
        }
        Ok(affected)
    }
}
