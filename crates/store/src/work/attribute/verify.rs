//! Whether ink is where a decision made now would put it.

use super::changes::{InkKey, Target};
use super::{Decision, FAULT, InkRow, decide, ink_rows};
use crate::database::Connection;
use crate::ink::unfold;
use crate::sql::query;
use crate::{Store, StoreError};

/// Rows of ink decided in one snapshot.
const ROWS_AT_ONCE: u32 = 1024;

impl Store {
    /// Decides anew whose ink is, of all ink that was looked at, and says in words what was decided
    /// otherwise. Ink that waits to be looked at is passed over.
    pub(crate) async fn verify_attribution(&self) -> Result<Vec<String>, StoreError> {
        let mut said = Vec::new();
        let looked_at = "WHERE i.attributed_rev >= i.ink_rev
                           AND (i.folio, i.page, i.pen) > ($1, $2, $3)
                         ORDER BY i.folio, i.page, i.pen LIMIT $4";
        let mut after: InkKey = (i64::MIN, 0, i64::MIN);
        loop {
            let mut tx = self.readers().snapshot().await?;
            let (folio, page, pen) = after;
            let rows = query(ink_rows(looked_at)).bind(folio).bind(page).bind(pen);
            let rows: Vec<InkRow> = rows.bind(ROWS_AT_ONCE).fetch_all(&mut tx).await?;
            let Some(last) = rows.last() else { return Ok(said) };
            after = last.key();
            match decide(&mut tx, &rows).await {
                Ok(decided) => said.extend(rows.iter().zip(&decided.rows).filter_map(fault)),
                Err(error) if !error.is_of_the_rows() => return Err(error),
                Err(_) => said.extend(each(&mut tx, &rows).await?),
            }
        }
    }
}

/// The faults of rows of which one at least cannot be decided.
async fn each(tx: &mut Connection, rows: &[InkRow]) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    for row in rows {
        match decide(tx, std::slice::from_ref(row)).await {
            Ok(decided) => faults.extend(decided.rows.iter().filter_map(|of| fault((row, of)))),
            Err(error) if !error.is_of_the_rows() => return Err(error),
            Err(error) => faults.push(format!("{}: it cannot be decided: {error}", place(row))),
        }
    }
    Ok(faults)
}

fn place(row: &InkRow) -> String {
    let (section, owner, book) = unfold(row.folio);
    format!("page {section}.{owner}.{book}.{} pen {:016x}", row.page, row.pen.cast_unsigned())
}

/// How what was decided of a row differs from what is decided now, if it does.
fn fault((row, now): (&InkRow, &Decision)) -> Option<String> {
    let noted = (row.papers, row.nobody.as_deref());
    let papers = i64::try_from(now.has.len()).unwrap_or(i64::MAX);
    if now.had == now.has && noted == (papers, now.nobody) {
        return None;
    }
    let place = place(row);
    if noted.1 == Some(FAULT) {
        return Some(format!("{place}: it could not be decided, and now it can"));
    }
    let named = |target: &Target| {
        format!("assignment {} pupil {} page {}", target.assignment, target.pupil, target.page)
    };
    let lacks =
        now.has.difference(&now.had).map(|target| format!("{} lacks its ink", named(target)));
    let not_its = now
        .had
        .difference(&now.has)
        .map(|target| format!("{} has ink that is not its own", named(target)));
    let mut said: Vec<String> = lacks.chain(not_its).collect();
    if noted != (papers, now.nobody) {
        let nobody =
            |of: Option<&str>| of.map_or(String::new(), |of| format!(", some nobody's: {of}"));
        let (was, is) = (nobody(noted.1), nobody(now.nobody));
        said.push(format!("it is noted as of {} papers{was}, and is of {papers}{is}", noted.0));
    }
    Some(format!("{place}: {}", said.join("; ")))
}
