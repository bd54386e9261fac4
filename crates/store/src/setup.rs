//! What is known before any ink comes: people, worksheets, print runs, assignments, leases.
//!
//! Inserting again what is there changes nothing; inserting other values under the same id
//! replaces them, except for a worksheet version, which never changes.

mod allocate;
mod drawings;
mod enrolment;
mod gateways;
mod give;
mod given;
mod import;
mod labels;
mod leases;
mod list;
mod pens;
mod print;
mod roster;
mod source;
mod worksheets;

use sqlx::AssertSqlSafe;
use worksheet::{Copies, PrintRun, Registration, WorksheetId};

use crate::database::Connection;
use crate::ink::{folio, unfold};
use crate::sql::{On, Small, query};
use crate::{Store, StoreError};

pub use allocate::AddressRange;
pub use drawings::{DrawingLine, DrawingPage, DrawingSaved, DrawingView, NewDrawing};
pub use gateways::{CertificateRow, DoneBy, GatewayLine, GatewayLogin, GatewayRow};
pub use give::GivenInk;
pub use import::{Becomes, ChangeOf, RosterChange, RosterChanges, RosterImport};
pub use labels::LabelRow;
pub(crate) use leases::{holder_of, ink_again, lease_of, leases_of_pens, marker_ever_held};
pub use pens::{Keeper, PenChange, PenDone, PenLine, PenRow, PensSeen, WaitingInk};
pub use print::{BearerRow, PlannedPrint, PrintKind, PrintOrder};
pub use roster::{ClassRow, PupilRow, SchoolRow, StaffRow};
pub(crate) use roster::{insert_school, insert_staff};
pub use worksheets::NewWorksheet;
pub(crate) use worksheets::{begins_with, next_version, put as put_worksheet, worksheet_text};

/// A worksheet given to a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentRow {
    /// Unique in the store.
    pub id: String,
    /// The class's school.
    pub school: String,
    /// The class it is given to.
    pub class: String,
    /// What was printed for it; its worksheet is the assignment's. A run serves a class once.
    pub print_run: String,
    /// When it was given, Unix milliseconds.
    pub assigned_ms: i64,
    /// When it is due, Unix milliseconds.
    pub due_ms: i64,
    /// How long the ink must rest before a paper counts as handed in, milliseconds.
    pub quiet_ms: i64,
}

impl Store {
    /// Stores a print run and the owners of its copies: `pupils[i]` owns copy `i`. Empty for shared
    /// runs. Ink that lies on it already is attributed again.
    ///
    /// # Errors
    /// Where page addresses cannot hold the run, the worksheet or a pupil does not exist, or an
    /// address lies in another run.
    pub async fn insert_print_run(
        &self,
        school: &str,
        run: PrintRun,
        pupils: Vec<String>,
    ) -> Result<(), StoreError> {
        run.check()?;
        let school = school.to_owned();
        self.write(move |tx| Box::pin(insert_print_run(tx, school, run, pupils))).await
    }

    /// The print run of that id.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is none.
    pub async fn load_print_run(&self, id: &str) -> Result<PrintRun, StoreError> {
        let run = print_run(self.readers(), id).await?;
        run.ok_or_else(|| StoreError::Missing { what: "print run", id: id.to_owned() })
    }

    /// Stores an assignment. A new one begins with the keys that the school corrected last in the
    /// version that was printed. Ink that waits for it is attributed again. If it is new or its time
    /// changes, so is the ink of pupils who were in another class too.
    ///
    /// # Errors
    /// Where the print run or class does not exist, or the run serves the class already.
    pub async fn insert_assignment(&self, row: AssignmentRow) -> Result<(), StoreError> {
        self.give(row, None).await
    }

    /// Stores an assignment as [`Store::insert_assignment`] does, as a member of staff gives it.
    ///
    /// # Errors
    /// As those.
    pub async fn give_assignment(&self, row: AssignmentRow, staff: &str) -> Result<(), StoreError> {
        self.give(row, Some(staff.to_owned())).await
    }

    async fn give(&self, row: AssignmentRow, staff: Option<String>) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO assignment (id, school, class, worksheet, version, print_run, assigned_ms,
                                     due_ms, quiet_ms, staff)
             SELECT $1, $2, $3, r.worksheet, {}, r.id, $5, $6, $7, $8
             FROM print_run r WHERE r.id = $4
             ON CONFLICT (id) DO UPDATE SET assigned_ms = excluded.assigned_ms,
                 due_ms = excluded.due_ms, quiet_ms = excluded.quiet_ms",
            begins_with("r.school", "r.worksheet", "r.version")
        );
        self.write(move |tx| {
            Box::pin(async move {
                let given_ms = given_ms(&mut *tx, &row.id).await?;
                let written = query(AssertSqlSafe(sql))
                    .bind(&row.id)
                    .bind(&row.school)
                    .bind(&row.class)
                    .bind(&row.print_run)
                    .bind(row.assigned_ms)
                    .bind(row.due_ms)
                    .bind(row.quiet_ms)
                    .bind(staff)
                    .execute(&mut *tx)
                    .await?;
                if written == 0 {
                    return Err(StoreError::Missing { what: "print run", id: row.print_run });
                }
                if given_ms != Some(row.assigned_ms) {
                    attribute_moved_again(tx, &row).await?;
                }
                attribute_run_again(tx, &row.print_run).await
            })
        })
        .await
    }
}

impl AssignmentRow {
    /// The id of what gives a run to a class. A run serves a class once: the same two name the same
    /// assignment.
    #[must_use]
    pub fn id_of(run: &str, class: &str) -> String {
        if run.contains(class) { format!("a-{run}") } else { format!("a-{run}-{class}") }
    }
}

impl Store {
    /// When an assignment was given, Unix milliseconds, if there is one of that id.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn assignment_given_ms(&self, id: &str) -> Result<Option<i64>, StoreError> {
        Ok(given_ms(self.readers(), id).await?)
    }
}

async fn given_ms(on: impl Into<On<'_>>, id: &str) -> Result<Option<i64>, sqlx::Error> {
    let given = query("SELECT assigned_ms FROM assignment WHERE id = $1");
    given.bind(id).scalar_optional(on).await
}

#[derive(sqlx::FromRow)]
struct PrintRunColumns {
    worksheet: String,
    #[sqlx(try_from = "i64")]
    version: u32,
    folio: i64,
    #[sqlx(try_from = "i64")]
    first_page: u32,
    #[sqlx(try_from = "i64")]
    pages: u32,
    #[sqlx(try_from = "crate::sql::Nullable")]
    copies: Option<u32>,
    #[sqlx(try_from = "i64")]
    registration_version: u32,
    #[sqlx(try_from = "i64")]
    dx_um: i32,
    #[sqlx(try_from = "i64")]
    dy_um: i32,
    #[sqlx(try_from = "i64")]
    rotation_urad: i32,
    #[sqlx(try_from = "i64")]
    scale_ppm: i32,
}

impl PrintRunColumns {
    fn into_print_run(self, id: &str) -> PrintRun {
        let (section, owner, book) = unfold(self.folio);
        PrintRun {
            id: id.to_owned(),
            worksheet: WorksheetId { id: self.worksheet, version: self.version },
            section,
            owner,
            book,
            first_page: self.first_page,
            pages: self.pages,
            copies: self.copies.map_or(Copies::Shared, Copies::PerCopy),
            registration: Registration {
                version: self.registration_version,
                dx_um: self.dx_um,
                dy_um: self.dy_um,
                rotation_urad: self.rotation_urad,
                scale_ppm: self.scale_ppm,
            },
        }
    }
}

/// The print run of that id, if there is one.
async fn print_run(on: impl Into<On<'_>>, id: &str) -> Result<Option<PrintRun>, StoreError> {
    let row: Option<PrintRunColumns> = query(
        "SELECT worksheet, version, folio, first_page, pages, copies, registration_version,
                dx_um, dy_um, rotation_urad, scale_ppm
         FROM print_run WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(on)
    .await?;
    Ok(row.map(|row| row.into_print_run(id)))
}

async fn insert_print_run(
    tx: &mut Connection,
    school: String,
    run: PrintRun,
    pupils: Vec<String>,
) -> Result<(), StoreError> {
    check_overlap(tx, &run).await?;
    check_stored(tx, &school, &run).await?;
    check_owners(tx, &school, &pupils).await?;
    let copies = match run.copies {
        Copies::PerCopy(copies) => Some(copies),
        Copies::Shared => None,
    };
    query(
        "INSERT INTO print_run (id, school, worksheet, version, folio, first_page, pages, copies,
                                registration_version, dx_um, dy_um, rotation_urad, scale_ppm)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (id) DO UPDATE SET folio = excluded.folio, first_page = excluded.first_page,
             pages = excluded.pages, copies = excluded.copies,
             registration_version = excluded.registration_version, dx_um = excluded.dx_um,
             dy_um = excluded.dy_um, rotation_urad = excluded.rotation_urad,
             scale_ppm = excluded.scale_ppm",
    )
    .bind(&run.id)
    .bind(&school)
    .bind(&run.worksheet.id)
    .bind(run.worksheet.version)
    .bind(folio(run.section, run.owner, run.book))
    .bind(run.first_page)
    .bind(run.pages)
    .bind(copies)
    .bind(run.registration.version)
    .bind(run.registration.dx_um)
    .bind(run.registration.dy_um)
    .bind(run.registration.rotation_urad)
    .bind(run.registration.scale_ppm)
    .execute(&mut *tx)
    .await?;
    // What is printed for a school is one of its worksheets.
    worksheets::belongs(tx, &school, &run.worksheet, None, None).await?;
    for (copy, pupil) in (0_i64..).zip(&pupils) {
        let changed = query(
            "INSERT INTO copy (print_run, copy, pupil) VALUES ($1, $2, $3)
             ON CONFLICT (print_run, copy) DO UPDATE SET pupil = excluded.pupil
                 WHERE copy.pupil <> excluded.pupil",
        )
        .bind(&run.id)
        .bind(copy)
        .bind(pupil)
        .execute(&mut *tx)
        .await?;
        if changed > 0 {
            attribute_copy_again(tx, &run.id, copy).await?;
        }
    }
    attribute_run_again(tx, &run.id).await
}

/// Refuses a run with an address of another run: ink there would silently be somebody else's. The
/// run must be one that [`PrintRun::check`] accepts.
async fn check_overlap(tx: &mut Connection, run: &PrintRun) -> Result<(), StoreError> {
    let refused = |reason| Err(StoreError::PrintRun { id: run.id.clone(), reason });
    let end = u64::from(run.first_page) + run.addresses();
    let other: Option<(String, i64, i64)> = query(
        "SELECT id, first_page, first_page + pages * coalesce(copies, 1) AS behind FROM print_run
         WHERE folio = $1 AND id <> $2 AND first_page < $3
           AND first_page + pages * coalesce(copies, 1) > $4
         ORDER BY first_page LIMIT 1",
    )
    .bind(folio(run.section, run.owner, run.book))
    .bind(&run.id)
    // At most 2^32.
    .bind(end as i64)
    .bind(run.first_page)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((other, first, behind)) = other else { return check_labels(tx, run).await };
    let PrintRun { section, owner, book, first_page, .. } = run;
    refused(format!(
        "its pages {first_page} to {} of {section}.{owner}.{book} lie on pages {first} to {} of \
         print run {other}: print it from page {behind} on, or in another book",
        end - 1,
        behind - 1
    ))
}

/// A pen that writes on a run's page must touch no name label by that.
async fn check_labels(tx: &mut Connection, run: &PrintRun) -> Result<(), StoreError> {
    let taken: bool = query("SELECT EXISTS (SELECT 1 FROM name_label WHERE folio = $1)")
        .bind(folio(run.section, run.owner, run.book))
        .scalar(tx)
        .await?;
    if !taken {
        return Ok(());
    }
    let reason = format!("book {} is that of the name labels: print it in another", run.book);
    Err(StoreError::PrintRun { id: run.id.clone(), reason })
}

/// What is printed already stays in the run, and the run stays with its school.
async fn check_stored(tx: &mut Connection, school: &str, run: &PrintRun) -> Result<(), StoreError> {
    let stored: Option<(String, String, Small, Small, Small)> = query(
        "SELECT school, worksheet, version, pages, coalesce(copies, 1) FROM print_run
         WHERE id = $1",
    )
    .bind(&run.id)
    .fetch_optional(tx)
    .await?;
    let Some((of, worksheet, Small(version), Small(pages), Small(copies))) = stored else {
        return Ok(());
    };
    let reason = if of != school {
        format!("it is school {of}'s")
    } else if (worksheet.as_str(), version) != (&*run.worksheet.id, run.worksheet.version) {
        format!("it was printed of worksheet {worksheet} version {version}")
    } else if run.pages != pages || run.addresses() < u64::from(copies) * u64::from(pages) {
        format!("{copies} copies of {pages} pages of it are printed")
    } else {
        return Ok(());
    };
    Err(StoreError::PrintRun { id: run.id.clone(), reason })
}

/// Copies belong to pupils of the run's school.
async fn check_owners(
    tx: &mut Connection,
    school: &str,
    pupils: &[String],
) -> Result<(), StoreError> {
    let rows: Vec<_> = pupils.iter().map(|pupil| [pupil]).collect();
    let stranger: Option<String> = query(
        "SELECT value->>0 FROM json_each($1) WHERE NOT EXISTS (
             SELECT 1 FROM pupil u WHERE u.id = value->>0 AND u.school = $2) LIMIT 1",
    )
    .bind(serde_json::to_string(&rows)?)
    .bind(school)
    .scalar_optional(tx)
    .await?;
    match stranger {
        Some(id) => Err(StoreError::Missing { what: "pupil of the print run's school", id }),
        None => Ok(()),
    }
}

/// Ink on a copy that has another owner now is looked at again.
async fn attribute_copy_again(tx: &mut Connection, run: &str, copy: i64) -> Result<(), StoreError> {
    query(
        "UPDATE ink SET attributed_rev = 0 FROM print_run r
         WHERE r.id = $1 AND ink.folio = r.folio AND ink.page >= r.first_page + $2 * r.pages
           AND ink.page < r.first_page + ($2 + 1) * r.pages",
    )
    .bind(run)
    .bind(copy)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ink on a run's addresses that is nobody's in part is looked at again.
async fn attribute_run_again(tx: &mut Connection, run: &str) -> Result<(), StoreError> {
    query(
        "UPDATE ink SET attributed_rev = 0 WHERE nobody IS NOT NULL AND EXISTS (
             SELECT 1 FROM print_run r WHERE r.id = $1 AND r.folio = ink.folio
               AND ink.page >= r.first_page
               AND ink.page < r.first_page + r.pages * coalesce(r.copies, 1))",
    )
    .bind(run)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ink on an assignment's run is looked at again if its pupil was in the class and has left that or
/// another class: another of the run's assignments may now be theirs.
async fn attribute_moved_again(tx: &mut Connection, row: &AssignmentRow) -> Result<(), StoreError> {
    query(
        "UPDATE ink SET attributed_rev = 0 WHERE (folio, page, pen) IN (
             SELECT t.folio, t.page, t.pen
             FROM enrolment e
             JOIN assignment s ON s.print_run = $1
             JOIN paper p ON p.school = s.school AND p.assignment = s.id AND p.pupil = e.pupil
             JOIN attribution t ON t.folio = p.folio AND t.page = p.address_page
                               AND t.pupil = p.pupil
             WHERE e.class = $2
               AND EXISTS (SELECT 1 FROM enrolment o
                           WHERE o.pupil = e.pupil AND o.until_ms IS NOT NULL))",
    )
    .bind(&row.print_run)
    .bind(&row.class)
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
