//! Which class a pupil is in, from when to when.

use school::{Change, ClassId, Enrolment, EnrolmentError, Enrolments, Period, PupilId};

use super::PupilRow;
use crate::StoreError;
use crate::database::Connection;
use crate::sql::query;

/// Class, number, start, end.
type Columns = (String, i64, i64, Option<i64>);

/// The pupil is in the class from the row's moment on, and no longer in the one before. Papers stay
/// where they are. Returns whether that changed anything.
pub(super) async fn enrol(tx: &mut Connection, row: &PupilRow) -> Result<bool, StoreError> {
    let refused = |why| StoreError::Enrolment { pupil: row.id.clone(), why };
    PupilId::new(&*row.id)?;
    let class = ClassId::new(&*row.class)?;
    let change = enrolments_of(tx, &row.id)
        .await?
        .and_then(|known| known.enrol(&class, row.number, row.from_ms))
        .map_err(refused)?;
    let from_ms = match change {
        Change::Nothing => return Ok(false),
        Change::Renumber { from_ms } => from_ms,
        Change::Begin { ends } => {
            query("UPDATE enrolment SET until_ms = $3 WHERE pupil = $1 AND from_ms = $2")
                .bind(&row.id)
                .bind(ends)
                .bind(row.from_ms)
                .execute(&mut *tx)
                .await?;
            row.from_ms
        }
    };
    if is_taken(tx, row, from_ms).await? {
        return Err(refused(EnrolmentError::NumberTaken { class, number: row.number }));
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
    .execute(&mut *tx)
    .await?;
    if written == 0 {
        return Err(StoreError::Missing {
            what: "class of the pupil's school",
            id: row.class.clone(),
        });
    }
    Ok(true)
}

/// The inner result is the law's word on what the store holds.
async fn enrolments_of(
    tx: &mut Connection,
    pupil: &str,
) -> Result<Result<Enrolments, EnrolmentError>, StoreError> {
    let rows: Vec<Columns> =
        query("SELECT class, number, from_ms, until_ms FROM enrolment WHERE pupil = $1")
            .bind(pupil)
            .fetch_all(tx)
            .await?;
    let enrolment = |(class, number, from_ms, until_ms): Columns| {
        Some(Enrolment {
            class: ClassId::new(class).ok()?,
            number: u32::try_from(number).ok()?,
            period: Period::new(from_ms, until_ms).ok()?,
        })
    };
    Ok(Enrolments::new(rows.into_iter().filter_map(enrolment).collect()))
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

/// Ink on sheets that were given to a class, of which some is nobody's, is looked at again.
pub(super) async fn attribute_class_again(
    tx: &mut Connection,
    class: &str,
) -> Result<(), StoreError> {
    query(
        "UPDATE ink SET attributed_rev = 0 WHERE nobody IS NOT NULL AND EXISTS (
             SELECT 1 FROM assignment s JOIN print_run r ON r.id = s.print_run
             WHERE s.class = $1 AND r.folio = ink.folio AND ink.page >= r.first_page
               AND ink.page < r.first_page + r.pages * coalesce(r.copies, 1))",
    )
    .bind(class)
    .execute(tx)
    .await?;
    Ok(())
}
