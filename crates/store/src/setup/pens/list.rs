//! What is known of pens at a moment.

use attribution::Holder;
use sqlx::AssertSqlSafe;

use super::super::leases::holder_of;
use crate::ink::RUN;
use crate::moments::{WRITTEN_MS, in_force};
use crate::sql::query;
use crate::{KeptSchool, Store, StoreError};

/// A pen, and what is known of it at a moment.
#[derive(Clone)]
pub struct PenLine {
    /// Its id.
    pub pen: u64,
    /// Whose it is: the school that put it into a set, or of whoever held it last.
    pub school: Option<String>,
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
    /// Whether anybody ever held it.
    pub was_lent: bool,
    /// When its last ink came, Unix milliseconds.
    pub received_ms: Option<i64>,
    /// Page faces on which some of its ink is nobody's.
    pub nobodys: u32,
    /// Battery, percent, when it last said so.
    pub battery_percent: Option<u8>,
    /// Whether it was being charged then.
    pub charging: bool,
    /// Chunks that it still kept then.
    pub backlog: u32,
    /// When it was last heard of, Unix milliseconds: some minutes old.
    pub seen_ms: Option<i64>,
    /// The gateway through which it was.
    pub gateway: Option<String>,
}

impl PenLine {
    /// Whether nobody knows it: it has no place, and nobody ever held it.
    #[must_use]
    pub fn is_stranger(&self) -> bool {
        self.place.is_none() && !self.was_lent && self.lost_ms.is_none()
    }

    /// Whether nobody holds it and ink waits of which only its holder is not known.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.holder.is_none() && (self.nobodys > 0 || self.is_stranger())
    }
}

impl std::fmt::Debug for PenLine {
    /// Leaves out the name, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PenLine").field("pen", &self.pen).finish_non_exhaustive()
    }
}

/// Ink of one pen on one worksheet, or where none is printed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WaitingInk {
    /// The pen, as the signed integer of the same bits.
    pub pen: i64,
    /// The worksheet and its version; `None` where nothing of the school's is printed.
    pub worksheet: Option<String>,
    /// See `worksheet`.
    #[sqlx(try_from = "crate::sql::Nullable")]
    pub version: Option<u32>,
    /// A class of the school that was given it.
    pub class: Option<String>,
    /// Page faces.
    #[sqlx(try_from = "i64")]
    pub faces: u32,
    /// When the first of it was written, Unix milliseconds; its receipt where its clock says
    /// nothing.
    pub since_ms: i64,
    /// The only pupil on whose own copies it lies.
    pub owner: Option<String>,
}

/// SQL: the school of the pen of a row `k`, whose row of `pen`, if any, is `p`.
pub(crate) const SCHOOL_OF_PEN: &str =
    "coalesce(p.school, (SELECT coalesce(hu.school, hs.school) FROM lease h
                         LEFT JOIN pupil hu ON hu.id = h.pupil
                         LEFT JOIN staff hs ON hs.id = h.marker
                         WHERE h.pen = k.pen ORDER BY h.from_ms DESC LIMIT 1))";

/// SQL: every pen that was put into a set, was ever lent, said hello or wrote.
const ALL: &str = "SELECT id AS pen FROM pen UNION SELECT pen FROM lease UNION SELECT pen FROM ink";

/// SQL: the pens of a school ($2), and those that nobody knows and that were heard of there: through
/// a gateway of the school, on its paper, or anywhere if there is no other school.
fn of_school() -> String {
    format!(
        "SELECT id AS pen FROM pen WHERE school = $2
         UNION SELECT l.pen FROM pupil u JOIN lease l ON l.pupil = u.id WHERE u.school = $2
         UNION SELECT l.pen FROM staff s JOIN lease l ON l.marker = s.id WHERE s.school = $2
         UNION SELECT t.pen
         FROM (SELECT id AS pen FROM pen WHERE school IS NULL
               UNION SELECT pen FROM ink WHERE nobody IS NOT NULL) t
         WHERE NOT EXISTS (SELECT 1 FROM lease l WHERE l.pen = t.pen)
           AND NOT EXISTS (SELECT 1 FROM pen p WHERE p.id = t.pen AND p.school IS NOT NULL)
           AND ((SELECT count(*) FROM school) = 1
             OR EXISTS (SELECT 1 FROM pen_seen n JOIN gateway g ON g.id = n.gateway
                        WHERE n.pen = t.pen AND g.school = $2)
             OR EXISTS (SELECT 1 FROM ink i {RUN} WHERE i.pen = t.pen AND r.school = $2))"
    )
}

/// SQL: [`Columns`] of the pens that a query `known` names, at a moment ($1).
fn lines(known: &str) -> String {
    format!(
        "WITH known AS ({known})
         SELECT k.pen, {SCHOOL_OF_PEN} AS school, nullif(p.model, '') AS model, p.set_name,
                p.number, p.lost_ms, l.pupil, l.marker, coalesce(u.name, s.name) AS name,
                c.name_zh AS class, e.number AS pupil_number,
                EXISTS (SELECT 1 FROM lease h WHERE h.pen = k.pen) AS was_lent,
                (SELECT max(i.received_ms) FROM ink i WHERE i.pen = k.pen) AS received_ms,
                (SELECT count(*) FROM ink i
                 WHERE i.pen = k.pen AND i.nobody IS NOT NULL) AS nobodys,
                n.battery_percent, coalesce(n.charging, 0) = 1 AS charging,
                coalesce(n.backlog, 0) AS backlog, n.seen_ms, n.gateway
         FROM known k LEFT JOIN pen p ON p.id = k.pen LEFT JOIN pen_seen n ON n.pen = k.pen
         LEFT JOIN lease l ON l.pen = k.pen AND l.from_ms = (
             SELECT max(h.from_ms) FROM lease h WHERE h.pen = k.pen AND h.from_ms <= $1
                AND (h.until_ms IS NULL OR h.until_ms > $1))
         LEFT JOIN pupil u ON u.id = l.pupil LEFT JOIN staff s ON s.id = l.marker
         LEFT JOIN enrolment e ON e.pupil = u.id AND {}
         LEFT JOIN class c ON c.id = e.class
         WHERE $2 IS NULL OR coalesce({SCHOOL_OF_PEN}, $2) = $2
         ORDER BY p.set_name IS NULL, p.set_name, p.number, k.pen",
        in_force!("$1")
    )
}

impl Store {
    /// Every pen that was put into a set, was ever lent, said hello or wrote, or those of one
    /// school, by set, number and id.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pens(&self, school: Option<&str>, at_ms: i64) -> Result<Vec<PenLine>, StoreError> {
        let sql = match school {
            Some(_) => lines(&of_school()),
            None => lines(ALL),
        };
        let rows: Vec<Columns> =
            query(AssertSqlSafe(sql)).bind(at_ms).bind(school).fetch_all(self.readers()).await?;
        rows.into_iter().map(Columns::line).collect()
    }

    /// The pens of a kept school at a moment, by set, number and id, with those that nobody knows
    /// and that were heard of there.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pens_kept(
        &self,
        school: &KeptSchool,
        at_ms: i64,
    ) -> Result<Vec<PenLine>, StoreError> {
        self.pens(Some(&school.id), at_ms).await
    }

    /// What pens wrote, by worksheet: how much there is and since when, and no ink. Worksheets,
    /// classes and pupils of other schools are not named.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn waiting_ink(
        &self,
        school: &KeptSchool,
        pens: &[u64],
    ) -> Result<Vec<WaitingInk>, StoreError> {
        let sql = format!(
            "SELECT i.pen, r.worksheet, r.version, s.class,
                    count(DISTINCT i.folio || '.' || i.page) AS faces,
                    min({WRITTEN_MS}) AS since_ms,
                    CASE WHEN count(DISTINCT y.pupil) = 1 THEN min(y.pupil) END AS owner
             FROM ink i
             JOIN chunk_address a ON a.folio = i.folio AND a.page = i.page AND a.pen = i.pen
             LEFT JOIN clock k ON k.pen = a.pen AND k.boot_counter = a.boot_counter
                              AND k.boot_random = a.boot_random
             {RUN} AND r.school = $1
             LEFT JOIN assignment s ON s.print_run = r.id AND s.school = $1
             LEFT JOIN copy y ON y.print_run = r.id AND y.copy = (i.page - r.first_page) / r.pages
             WHERE i.pen IN (SELECT CAST(value->>0 AS BIGINT) FROM json_each($2))
             GROUP BY i.pen, r.worksheet, r.version, s.class
             ORDER BY i.pen, faces DESC, r.worksheet, s.class"
        );
        let pens: Vec<[i64; 1]> = pens.iter().map(|pen| [pen.cast_signed()]).collect();
        let rows = query(AssertSqlSafe(sql))
            .bind(&school.id)
            .bind(serde_json::to_string(&pens)?)
            .fetch_all(self.readers())
            .await?;
        Ok(rows)
    }
}

#[derive(sqlx::FromRow)]
struct Columns {
    pen: i64,
    school: Option<String>,
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
    was_lent: bool,
    received_ms: Option<i64>,
    #[sqlx(try_from = "i64")]
    nobodys: u32,
    #[sqlx(try_from = "crate::sql::Nullable")]
    battery_percent: Option<u32>,
    charging: bool,
    #[sqlx(try_from = "i64")]
    backlog: u32,
    seen_ms: Option<i64>,
    gateway: Option<String>,
}

impl Columns {
    fn line(self) -> Result<PenLine, StoreError> {
        Ok(PenLine {
            pen: self.pen.cast_unsigned(),
            school: self.school,
            model: self.model,
            place: self.set_name.zip(self.number),
            lost_ms: self.lost_ms,
            holder: holder_of(self.pupil, self.marker)?,
            name: self.name,
            class: self.class.zip(self.pupil_number),
            was_lent: self.was_lent,
            // Ink is not older than the word of a pen that brought it.
            seen_ms: self.seen_ms.max(self.received_ms),
            received_ms: self.received_ms,
            nobodys: self.nobodys,
            battery_percent: self.battery_percent.and_then(|percent| u8::try_from(percent).ok()),
            charging: self.charging,
            backlog: self.backlog,
            gateway: self.gateway,
        })
    }
}
