//! Ink that is nobody's, for those who can say whose it is.

use sqlx::AssertSqlSafe;

use crate::view::PupilName;
use crate::{Store, StoreError};

/// Ink of one pen on one page face, some of which is nobody's.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NobodysInk {
    /// See [`crate::folio`].
    pub folio: i64,
    /// The page address's page.
    pub page: u32,
    /// The pen, as the signed integer of the same bits.
    pub pen: i64,
    /// Why, by its code.
    pub reason: String,
    /// When the last of it was received, Unix milliseconds.
    pub received_ms: i64,
    /// The worksheet that is printed there, if any is, its version, and its page from 1.
    pub worksheet: Option<String>,
    /// See `worksheet`.
    pub version: Option<u32>,
    /// See `worksheet`.
    pub worksheet_page: Option<u32>,
    /// Whether the whole class writes on this address.
    pub shared: bool,
    /// The name on the copy, where the pupil is of the class that is asked about.
    pub owner: Option<String>,
}

impl std::fmt::Debug for NobodysInk {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { folio, page, pen, reason, .. } = self;
        let mut shown = f.debug_struct("NobodysInk");
        shown.field("folio", folio).field("page", page).field("pen", pen).field("reason", reason);
        shown.finish_non_exhaustive()
    }
}

/// Ink that a teacher said whose it is.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LastGiven {
    /// See [`crate::folio`].
    pub folio: i64,
    /// The page address's page.
    pub page: u32,
    /// The pen, as the signed integer of the same bits.
    pub pen: i64,
    /// The start of the pen: its count, and its random bits.
    pub boot_counter: u32,
    /// See `boot_counter`.
    pub boot_random: u32,
    /// The pupil's name; `None`: the teacher's red pen.
    pub name: Option<String>,
}

impl std::fmt::Debug for LastGiven {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { folio, page, pen, .. } = self;
        let mut shown = f.debug_struct("LastGiven");
        shown.field("folio", folio).field("page", page).field("pen", pen);
        shown.finish_non_exhaustive()
    }
}

/// SQL: ink `i`, on the run `r` if any, of which somebody who teaches (?1) can know in a class (?2):
/// a pupil of the class held the pen, the run is given to the class, or the pen is that teacher's
/// own and the run is given to nobody.
const SEEN: &str = "EXISTS (SELECT 1 FROM teaches t WHERE t.staff = ?1 AND t.class = ?2)
    AND (EXISTS (SELECT 1 FROM lease l JOIN pupil p ON p.id = l.pupil
                 WHERE l.pen = i.pen AND p.class = ?2)
      OR EXISTS (SELECT 1 FROM assignment s WHERE s.print_run = r.id AND s.class = ?2)
      OR (EXISTS (SELECT 1 FROM lease l WHERE l.pen = i.pen AND l.marker = ?1)
          AND NOT EXISTS (SELECT 1 FROM assignment s WHERE s.print_run = r.id)))";

/// SQL: the run that holds the address of ink `i`, if any.
const RUN: &str = "LEFT JOIN print_run r ON r.folio = i.folio
    AND r.first_page = (SELECT max(first_page) FROM print_run
                        WHERE folio = i.folio AND first_page <= i.page)
    AND i.page < r.first_page + r.pages * coalesce(r.copies, 1)";

impl Store {
    /// The ink that is nobody's of which `staff` can know in a class, latest first; at most
    /// `limit`.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn nobodys_ink(
        &self,
        staff: &str,
        class: &str,
        limit: u32,
    ) -> Result<Vec<NobodysInk>, StoreError> {
        let query = format!(
            "SELECT i.folio, i.page, i.pen, i.nobody AS reason, i.received_ms, r.worksheet,
                    r.version, (i.page - r.first_page) % r.pages + 1 AS worksheet_page,
                    r.id IS NOT NULL AND r.copies IS NULL AS shared,
                    (SELECT p.name FROM copy y JOIN pupil p ON p.id = y.pupil
                     WHERE y.print_run = r.id AND y.copy = (i.page - r.first_page) / r.pages
                       AND p.class = ?2) AS owner
             FROM ink i {RUN} WHERE i.nobody IS NOT NULL AND {SEEN}
             ORDER BY i.received_ms DESC, i.folio, i.page, i.pen LIMIT ?3"
        );
        let rows = sqlx::query_as(AssertSqlSafe(query))
            .bind(staff)
            .bind(class)
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        Ok(rows)
    }

    /// How many rows [`Self::nobodys_ink`] has without a limit.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn nobodys_count(&self, staff: &str, class: &str) -> Result<u32, StoreError> {
        let query =
            format!("SELECT count(*) FROM ink i {RUN} WHERE i.nobody IS NOT NULL AND {SEEN}");
        let count = sqlx::query_scalar(AssertSqlSafe(query))
            .bind(staff)
            .bind(class)
            .fetch_one(self.readers())
            .await?;
        Ok(count)
    }

    /// What `staff` said last of ink of which they can know in a class, if anything; it can be taken
    /// back. What was said of a pupil of another class is not told here.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn last_given(
        &self,
        staff: &str,
        class: &str,
    ) -> Result<Option<LastGiven>, StoreError> {
        let query = format!(
            "SELECT i.folio, i.page, i.pen, i.boot_counter, i.boot_random, u.name
             FROM given_ink i LEFT JOIN pupil u ON u.id = i.pupil {RUN}
             WHERE i.staff = ?1 AND (u.id IS NULL OR u.class = ?2) AND {SEEN}
             ORDER BY i.at_ms DESC LIMIT 1"
        );
        let row = sqlx::query_as(AssertSqlSafe(query))
            .bind(staff)
            .bind(class)
            .fetch_optional(self.readers())
            .await?;
        Ok(row)
    }

    /// The pupils of a class that `staff` teaches who ever held a pen, by number.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn holders_of(
        &self,
        staff: &str,
        class: &str,
        pen: i64,
    ) -> Result<Vec<PupilName>, StoreError> {
        let pupils = sqlx::query_as(
            "SELECT p.id, p.number, p.name FROM teaches t JOIN pupil p ON p.class = t.class
             WHERE t.staff = ?1 AND t.class = ?2
               AND p.id IN (SELECT pupil FROM lease WHERE pen = ?3) ORDER BY p.number",
        )
        .bind(staff)
        .bind(class)
        .bind(pen)
        .fetch_all(self.readers())
        .await?;
        Ok(pupils)
    }
}
