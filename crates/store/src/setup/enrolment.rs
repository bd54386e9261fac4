//! Which class a pupil is in, from when to when.

use school::{Change, ClassId, Enrolment, EnrolmentError, Enrolments, Period, PupilId};

use super::PupilRow;
use crate::database::Connection;
use crate::sql::{Small, query};
use crate::{Store, StoreError};

/// Class, number, start, end.
type Columns = (String, Small, i64, Option<i64>);

impl Store {
    /// The pupil is in no class from `from_ms` on. Papers stay where they are, and ink on sheets that
    /// the class is given later is nobody's. Returns whether that changed anything.
    ///
    /// # Errors
    /// Where the pupil came to a class at `from_ms` or later ([`school::Enrolments::leave`]).
    pub async fn end_enrolment(&self, pupil: &str, from_ms: i64) -> Result<bool, StoreError> {
        let pupil = pupil.to_owned();
        self.write(move |tx| Box::pin(async move { leave(tx, &pupil, from_ms).await })).await
    }
}

fn refused(pupil: &str) -> impl Fn(EnrolmentError) -> StoreError {
    move |why| StoreError::Enrolment { pupil: pupil.to_owned(), why }
}

/// The pupil is in the class from the row's moment on, and no longer in the one before. Papers stay
/// where they are; ink to which that gives another paper is attributed again.
pub(super) async fn enrol(tx: &mut Connection, row: &PupilRow) -> Result<(), StoreError> {
    PupilId::new(&*row.id)?;
    let class = ClassId::new(&*row.class)?;
    let known = enrolments_of(tx, &row.id).await?;
    let change = known.enrol(&class, row.number, row.from_ms).map_err(refused(&row.id))?;
    match change {
        Change::Nothing => Ok(()),
        Change::Renumber { from_ms } => write(tx, row, from_ms).await,
        Change::Begin { ends } => {
            if let Some(begun_ms) = ends {
                end(tx, &row.id, begun_ms, row.from_ms).await?;
            }
            write(tx, row, row.from_ms).await?;
            let left = known.at(row.from_ms).map(|enrolment| &enrolment.class);
            attribute_again(tx, &row.id, left, Some(&class), row.from_ms).await
        }
    }
}

async fn leave(tx: &mut Connection, pupil: &str, from_ms: i64) -> Result<bool, StoreError> {
    let known = enrolments_of(tx, pupil).await?;
    let Some(begun_ms) = known.leave(from_ms).map_err(refused(pupil))? else { return Ok(false) };
    end(tx, pupil, begun_ms, from_ms).await?;
    let left = known.at(from_ms).map(|enrolment| &enrolment.class);
    attribute_again(tx, pupil, left, None, from_ms).await?;
    Ok(true)
}

/// The enrolment that began then ends.
async fn end(
    tx: &mut Connection,
    pupil: &str,
    begun_ms: i64,
    until_ms: i64,
) -> Result<(), StoreError> {
    query("UPDATE enrolment SET until_ms = $3 WHERE pupil = $1 AND from_ms = $2")
        .bind(pupil)
        .bind(begun_ms)
        .bind(until_ms)
        .execute(tx)
        .await?;
    Ok(())
}

/// The enrolment that begins then has the row's class and number.
async fn write(tx: &mut Connection, row: &PupilRow, from_ms: i64) -> Result<(), StoreError> {
    if is_taken(tx, row, from_ms).await? {
        let class = ClassId::new(&*row.class)?;
        return Err(refused(&row.id)(EnrolmentError::NumberTaken { class, number: row.number }));
    }
    // A pupil of another school is none of the class's.
    let written = query(
        "INSERT INTO enrolment (pupil, class, number, from_ms)
         SELECT u.id, c.id, $3, $4 FROM pupil u JOIN class c ON c.school = u.school
         WHERE u.id = $1 AND c.id = $2
         ON CONFLICT (pupil, from_ms) DO UPDATE SET number = excluded.number",
    )
    .bind(&row.id)
    .bind(&row.class)
    .bind(row.number)
    .bind(from_ms)
    .execute(tx)
    .await?;
    if written == 0 {
        let what = "class of the pupil's school";
        return Err(StoreError::Missing { what, id: row.class.clone() });
    }
    Ok(())
}

/// A row that cannot be read is an error: what is left out would be another class at that time.
async fn enrolments_of(tx: &mut Connection, pupil: &str) -> Result<Enrolments, StoreError> {
    let rows: Vec<Columns> =
        query("SELECT class, number, from_ms, until_ms FROM enrolment WHERE pupil = $1")
            .bind(pupil)
            .fetch_all(tx)
            .await?;
    let enrolment = |(class, Small(number), from_ms, until_ms): Columns| {
        let period = Period::new(from_ms, until_ms)?;
        Ok::<_, StoreError>(Enrolment { class: ClassId::new(class)?, number, period })
    };
    let all = rows.into_iter().map(enrolment).collect::<Result<_, _>>()?;
    Enrolments::new(all).map_err(refused(pupil))
}

/// Whether somebody else has the number at a time that the pupil will have it.
async fn is_taken(tx: &mut Connection, row: &PupilRow, from_ms: i64) -> Result<bool, StoreError> {
    let taken = query(
        "SELECT EXISTS (SELECT 1 FROM enrolment
                        WHERE class = $1 AND number = $2 AND pupil <> $3
                          AND (until_ms IS NULL OR until_ms > $4))",
    )
    .bind(&row.class)
    .bind(row.number)
    .bind(&row.id)
    .bind(from_ms)
    .scalar(tx)
    .await?;
    Ok(taken)
}

/// Looks again at ink that may get another paper now that the pupil has left a class at `from_ms`
/// and joined one: ink on their papers of runs that `left` is given later or `joined` is given too,
/// and nobody's ink that may be theirs on runs that `joined` is given.
async fn attribute_again(
    tx: &mut Connection,
    pupil: &str,
    left: Option<&ClassId>,
    joined: Option<&ClassId>,
    from_ms: i64,
) -> Result<(), StoreError> {
    query(
        "UPDATE ink SET attributed_rev = 0 WHERE (folio, page, pen) IN (
             SELECT t.folio, t.page, t.pen
             FROM paper p JOIN assignment s ON s.id = p.assignment
             JOIN attribution t ON t.folio = p.folio AND t.page = p.address_page
                               AND t.pupil = p.pupil
             WHERE p.pupil = $1
               AND (s.class = $2 AND s.assigned_ms >= $3
                    OR EXISTS (SELECT 1 FROM assignment o
                               WHERE o.print_run = s.print_run AND o.class = $4))
             UNION ALL
             SELECT i.folio, i.page, i.pen
             FROM ink i JOIN print_run r ON r.folio = i.folio AND i.page >= r.first_page
                   AND i.page < r.first_page + r.pages * coalesce(r.copies, 1)
             JOIN assignment s ON s.print_run = r.id AND s.class = $4
             WHERE i.nobody IS NOT NULL AND r.copies IS NULL
               AND i.pen IN (SELECT pen FROM lease WHERE pupil = $1
                             UNION SELECT pen FROM given_ink WHERE pupil = $1)
             UNION ALL
             SELECT i.folio, i.page, i.pen
             FROM assignment s JOIN print_run r ON r.id = s.print_run
             JOIN copy y ON y.print_run = r.id AND y.pupil = $1
             JOIN ink i ON i.folio = r.folio AND i.page >= r.first_page + y.copy * r.pages
                       AND i.page < r.first_page + (y.copy + 1) * r.pages
             WHERE s.class = $4 AND i.nobody IS NOT NULL)",
    )
    .bind(pupil)
    .bind(left.map(ClassId::to_string))
    .bind(from_ms)
    .bind(joined.map(ClassId::to_string))
    .execute(tx)
    .await?;
    Ok(())
}
