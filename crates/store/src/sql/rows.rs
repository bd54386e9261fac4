//! Many rows in one statement of SQLite.
//!
//! Taking rows out of JSON costs SQLite twice what inserting them does, and a statement per row costs a
//! change of threads each. So a statement has places for a fixed number of rows, and is prepared once:
//! places without a value are NULL, and their rows are passed over. PostgreSQL wants an array per column
//! or JSON instead: it would plan so many places anew, and asks for the type of each.

use super::{Value, query};
use crate::database::Connection;

/// Rows for which a statement has places. With more of them a statement takes more memory, and its few
/// microseconds of thread changes are shared already.
const ROWS: usize = 256;

/// The text of a statement that inserts rows of so many columns `into` a table, whose columns it may
/// name; `then` says what becomes of rows that are there already. The first column must never be NULL.
pub(crate) fn inserting(into: &str, columns: usize, then: &str) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    let rows = vec![row; ROWS].join(", ");
    format!("INSERT INTO {into} SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL {then}")
}

/// Runs a statement made by [`inserting`] as often as it takes. Returns how many rows it affected.
pub(crate) async fn insert<T, const COLUMNS: usize>(
    tx: &mut Connection,
    sql: &'static str,
    rows: &[T],
    values: fn(&T) -> [Value; COLUMNS],
) -> Result<u64, sqlx::Error> {
    let mut affected = 0;
    for rows in rows.chunks(ROWS) {
        let inserting = rows.iter().flat_map(values).fold(query(sql), super::Query::bind);
        affected += inserting.execute(&mut *tx).await?;
    }
    Ok(affected)
}
