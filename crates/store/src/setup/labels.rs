//! Name labels (姓名贴): which page face is whose.

use crate::database::Connection;
use crate::ink::folio;
use crate::moments::in_force;
use crate::sql::{On, Small, query};
use crate::{Store, StoreError};

/// The first page that is handed out, as of print runs.
const FIRST_PAGE: i64 = 1;

/// A name label.
#[derive(Clone, PartialEq, Eq)]
pub struct LabelRow {
    /// The pupil.
    pub pupil: String,
    /// The pupil's number in the class.
    pub number: u32,
    /// The pupil's name.
    pub name: String,
    /// Section, owner and book of its address, as [`crate::folio`] packs them.
    pub folio: i64,
    /// The page of its address.
    pub page: u32,
}

impl std::fmt::Debug for LabelRow {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LabelRow").field("pupil", &self.pupil).finish_non_exhaustive()
    }
}

impl Store {
    /// The labels that pupils of a class at a moment were given, by number.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn known_labels(&self, class: &str, at_ms: i64) -> Result<Vec<LabelRow>, StoreError> {
        of_class(self.readers(), class, at_ms).await
    }

    /// The labels of the pupils of a class at a moment, by number. A pupil keeps the label that they
    /// have; who has none is given the next page of that book, which no print run may use.
    ///
    /// # Errors
    /// Where a print run uses the book.
    pub async fn name_labels(
        &self,
        class: &str,
        at_ms: i64,
        (section, owner, book): (u8, u32, u32),
    ) -> Result<Vec<LabelRow>, StoreError> {
        let (class, folio) = (class.to_owned(), folio(section, owner, book));
        self.write(move |tx| Box::pin(async move { labels(tx, &class, at_ms, folio).await })).await
    }
}

async fn labels(
    tx: &mut Connection,
    class: &str,
    at_ms: i64,
    folio: i64,
) -> Result<Vec<LabelRow>, StoreError> {
    let run: Option<String> = query("SELECT id FROM print_run WHERE folio = $1 LIMIT 1")
        .bind(folio)
        .scalar_optional(&mut *tx)
        .await?;
    if let Some(id) = run {
        let reason = "it uses the book of the name labels".to_owned();
        return Err(StoreError::PrintRun { id, reason });
    }
    query(concat!(
        "INSERT INTO name_label (folio, page, pupil)
         SELECT $3, n.last + row_number() OVER (ORDER BY e.number), e.pupil
         FROM enrolment e
         CROSS JOIN (SELECT coalesce(max(page), $4 - 1) AS last FROM name_label WHERE folio = $3) n
         WHERE e.class = $1 AND ",
        in_force!("$2"),
        " AND NOT EXISTS (SELECT 1 FROM name_label l WHERE l.pupil = e.pupil)"
    ))
    .bind(class)
    .bind(at_ms)
    .bind(folio)
    .bind(FIRST_PAGE)
    .execute(&mut *tx)
    .await?;
    of_class(tx, class, at_ms).await
}

/// The labels of those pupils of a class who have one, by number.
async fn of_class(
    on: impl Into<On<'_>>,
    class: &str,
    at_ms: i64,
) -> Result<Vec<LabelRow>, StoreError> {
    type Row = (String, Small, String, i64, Small);
    let rows: Vec<Row> = query(concat!(
        "SELECT u.id, e.number, u.name, l.folio, l.page
         FROM enrolment e JOIN pupil u ON u.id = e.pupil JOIN name_label l ON l.pupil = u.id
         WHERE e.class = $1 AND ",
        in_force!("$2"),
        " ORDER BY e.number"
    ))
    .bind(class)
    .bind(at_ms)
    .fetch_all(on)
    .await?;
    let row = |(pupil, Small(number), name, folio, Small(page)): Row| LabelRow {
        pupil,
        number,
        name,
        folio,
        page,
    };
    Ok(rows.into_iter().map(row).collect())
}
