//! Ink that is nobody's, for those who can say whose it is.

use school::{Right, Scope};
use sqlx::AssertSqlSafe;

use crate::ink::RUN;
use crate::moments::{WRITTEN_MS, in_force};
use crate::scope::{reach, within};
use crate::sql::{Small, query};
use crate::view::PupilName;
use crate::{GivenInk, Store, StoreError};

/// Ink of one pen on one page face, some of which is nobody's.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NobodysInk {
    /// See [`crate::folio`].
    pub folio: i64,
    /// The page address's page.
    #[sqlx(try_from = "i64")]
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
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub version: Option<u32>,
    /// See `worksheet`.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub worksheet_page: Option<u32>,
    /// Whether the whole class writes on this address.
    pub shared: bool,
    /// The name on the copy, where the pupil is of the class that is asked about.
    pub owner: Option<String>,
    /// That pupil's id.
    pub owner_id: Option<String>,
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

/// Ink for which somebody has said whose it is.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct GivenRow {
    /// See [`crate::folio`].
    pub folio: i64,
    /// The page address's page.
    #[sqlx(try_from = "i64")]
    pub page: u32,
    /// The pen, as the signed integer of the same bits.
    pub pen: i64,
    /// The start of the pen: its count, and its random bits.
    #[sqlx(try_from = "i64")]
    pub boot_counter: u32,
    /// See `boot_counter`.
    #[sqlx(try_from = "i64")]
    pub boot_random: u32,
    /// When it was said, Unix milliseconds.
    pub at_ms: i64,
    /// Who said so.
    pub staff: String,
    /// Their name.
    pub giver: String,
    /// The pupil; `None`: the red pen of who said so.
    pub pupil: Option<String>,
    /// The pupil's name.
    pub name: Option<String>,
    /// The worksheet that is printed there, if any is, its version, and its page from 1.
    pub worksheet: Option<String>,
    /// See `worksheet`.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub version: Option<u32>,
    /// See `worksheet`.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub worksheet_page: Option<u32>,
}

impl GivenRow {
    /// Whether it is what was said of this ink.
    pub fn is_of(&self, ink: GivenInk) -> bool {
        let Self { folio, page, pen, boot_counter, boot_random, .. } = *self;
        let pen = pen.cast_unsigned();
        ink == GivenInk { folio, page, pen, boot_counter, boot_random }
    }
}

impl std::fmt::Debug for GivenRow {
    /// Leaves the names out, so that they reach no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { folio, page, pen, at_ms, .. } = self;
        let mut shown = f.debug_struct("GivenRow");
        shown.field("folio", folio).field("page", page).field("pen", pen).field("at_ms", at_ms);
        shown.finish_non_exhaustive()
    }
}

/// SQL: the run `r` is given to the class ($2).
const GIVEN_TO_CLASS: &str =
    "EXISTS (SELECT 1 FROM assignment s WHERE s.print_run = r.id AND s.class = $2)";

/// SQL: whether a scope can know of ink `i`, on the run `r` if any, in a class ($2) where it may
/// give ink ($1). It can if the run is given to the class. If no class is given the run, it can if
/// the last to hold the pen when the ink was written was then a pupil of the class, or the asker
/// themselves ($3).
fn seen() -> String {
    let holds = |row: &str| {
        format!(
            "{row}.from_ms <= {WRITTEN_MS}
               AND ({row}.until_ms IS NULL OR {row}.until_ms > {WRITTEN_MS})"
        )
    };
    format!(
        "EXISTS (SELECT 1 FROM class c WHERE c.id = $2 AND {})
         AND ({GIVEN_TO_CLASS}
           OR NOT EXISTS (SELECT 1 FROM assignment s WHERE s.print_run = r.id)
             AND EXISTS (SELECT 1 FROM chunk_address a
                         LEFT JOIN clock k ON k.pen = a.pen AND k.boot_counter = a.boot_counter
                                          AND k.boot_random = a.boot_random
                         JOIN lease l ON l.pen = a.pen AND l.from_ms = (
                             SELECT max(from_ms) FROM lease
                             WHERE pen = a.pen AND from_ms <= {WRITTEN_MS})
                         WHERE a.folio = i.folio AND a.page = i.page AND a.pen = i.pen
                           AND (l.marker = $3 AND {}
                             OR EXISTS (SELECT 1 FROM enrolment e WHERE e.pupil = l.pupil
                                          AND e.class = $2 AND {}))))",
        within("c", "$1"),
        holds("l"),
        holds("e")
    )
}

/// SQL: what was said of ink `i` on the run `r` is the class's ($2) own: it was given to a pupil
/// who was then in the class; or to the giver's red pen, and the scope can know of it.
fn own() -> String {
    format!(
        "(i.pupil IS NULL AND {}
          OR EXISTS (SELECT 1 FROM enrolment e
                     WHERE e.pupil = i.pupil AND e.class = $2 AND {}))",
        seen(),
        in_force!("i.at_ms")
    )
}

/// SQL: a column of the copy's owner `u`, if ever of the class ($2) that the run `r` is given to.
fn owner(column: &str) -> String {
    format!(
        "(SELECT {column} FROM copy y JOIN pupil u ON u.id = y.pupil
          WHERE y.print_run = r.id AND y.copy = (i.page - r.first_page) / r.pages
            AND {GIVEN_TO_CLASS}
            AND EXISTS (SELECT 1 FROM enrolment e WHERE e.pupil = u.id AND e.class = $2))"
    )
}

impl Store {
    /// Nobody's ink that `scope` can know of in a class, latest first; at most `limit`.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn nobodys_ink(
        &self,
        scope: &Scope,
        class: &str,
        limit: u32,
    ) -> Result<Vec<NobodysInk>, StoreError> {
        let sql = format!(
            "SELECT i.folio, i.page, i.pen, i.nobody AS reason, i.received_ms, r.worksheet,
                    r.version, (i.page - r.first_page) % r.pages + 1 AS worksheet_page,
                    r.id IS NOT NULL AND r.copies IS NULL AS shared,
                    {} AS owner, {} AS owner_id
             FROM ink i {RUN} WHERE i.nobody IS NOT NULL AND {}
             ORDER BY i.received_ms DESC, i.folio, i.page, i.pen LIMIT $4",
            owner("u.name"),
            owner("u.id"),
            seen()
        );
        let rows = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::Give)?)
            .bind(class)
            .bind(scope.staff().as_str())
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        Ok(rows)
    }

    /// How many rows [`Self::nobodys_ink`] has without a limit.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn nobodys_count(&self, scope: &Scope, class: &str) -> Result<u32, StoreError> {
        let sql =
            format!("SELECT count(*) FROM ink i {RUN} WHERE i.nobody IS NOT NULL AND {}", seen());
        let Small(count) = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::Give)?)
            .bind(class)
            .bind(scope.staff().as_str())
            .scalar(self.readers())
            .await?;
        Ok(count)
    }

    /// What anybody said of ink that `scope` can know of in a class, latest first; at most `limit`.
    /// What was given while the pupil was in the class stays the class's when they move; what was
    /// given in another class is not listed here.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn given_ink(
        &self,
        scope: &Scope,
        class: &str,
        limit: u32,
    ) -> Result<Vec<GivenRow>, StoreError> {
        let sql = format!(
            "SELECT i.folio, i.page, i.pen, i.boot_counter, i.boot_random, i.at_ms, i.staff,
                    f.name AS giver, i.pupil, u.name, r.worksheet, r.version,
                    (i.page - r.first_page) % r.pages + 1 AS worksheet_page
             FROM given_ink i JOIN staff f ON f.id = i.staff LEFT JOIN pupil u ON u.id = i.pupil
             {RUN}
             WHERE EXISTS (SELECT 1 FROM class c WHERE c.id = $2 AND {})
               AND {}
             ORDER BY i.at_ms DESC, i.folio, i.page, i.pen, i.boot_counter LIMIT $4",
            within("c", "$1"),
            own()
        );
        let rows = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::Give)?)
            .bind(class)
            .bind(scope.staff().as_str())
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        Ok(rows)
    }

    /// Whether there is such ink, and `scope` can know of it in a class; it may be somebody's.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn knows_ink(
        &self,
        scope: &Scope,
        class: &str,
        ink: GivenInk,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT EXISTS (
                 SELECT 1 FROM ink i {RUN} WHERE i.folio = $4 AND i.page = $5 AND i.pen = $6
                   AND EXISTS (SELECT 1 FROM chunk_address a
                               WHERE a.folio = $4 AND a.page = $5 AND a.pen = $6
                                 AND a.boot_counter = $7 AND a.boot_random = $8)
                   AND {})",
            seen()
        );
        let known = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::Give)?)
            .bind(class)
            .bind(scope.staff().as_str())
            .bind(ink.folio)
            .bind(ink.page)
            .bind(ink.pen.cast_signed())
            .bind(ink.boot_counter)
            .bind(ink.boot_random)
            .scalar(self.readers())
            .await?;
        Ok(known)
    }

    /// The pupils of a class in which `scope` may give ink who have work handed in or settled on
    /// the worksheet printed at a page address: more ink changes it.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn handed_in_at(
        &self,
        scope: &Scope,
        class: &str,
        folio: i64,
        page: u32,
    ) -> Result<Vec<String>, StoreError> {
        let sql = format!(
            "SELECT DISTINCT p.pupil
             FROM (SELECT $3 AS folio, $4 AS page) i {RUN}
             JOIN assignment s ON s.print_run = r.id AND s.class = $2
             JOIN class c ON c.id = s.class
             JOIN paper p ON p.school = s.school AND p.assignment = s.id
             WHERE (p.settled_ms IS NOT NULL OR p.handed_in_ms IS NOT NULL) AND {}",
            within("c", "$1")
        );
        let pupils = query(AssertSqlSafe(sql))
            .bind(reach(scope, Right::Give)?)
            .bind(class)
            .bind(folio)
            .bind(page)
            .scalars(self.readers())
            .await?;
        Ok(pupils)
    }

    /// The pupils who are in a class now and ever held a pen, by number.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn holders_of(
        &self,
        scope: &Scope,
        class: &str,
        pen: i64,
    ) -> Result<Vec<PupilName>, StoreError> {
        let mut pupils = self.pupils_of(scope, Right::Give, class).await?;
        let held: Vec<String> =
            query("SELECT DISTINCT pupil FROM lease WHERE pen = $1 AND pupil IS NOT NULL")
                .bind(pen)
                .scalars(self.readers())
                .await?;
        pupils.retain(|pupil| held.contains(&pupil.id));
        Ok(pupils)
    }
}
