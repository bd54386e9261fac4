//! How the artwork of print runs lies on their pattern: as they were recorded, and as the ink on
//! them says.

use worksheet::Registration;

use crate::sql::query;
use crate::work::Job;
use crate::{Store, StoreError};

#[derive(sqlx::FromRow)]
struct RegistrationColumns {
    #[sqlx(try_from = "i64")]
    version: u32,
    #[sqlx(try_from = "i64")]
    dx_um: i32,
    #[sqlx(try_from = "i64")]
    dy_um: i32,
    #[sqlx(try_from = "i64")]
    rotation_urad: i32,
    #[sqlx(try_from = "i64")]
    scale_ppm: i32,
}

impl Store {
    /// The registration in force for a page of a print run, from 1: the one learnt last, or the
    /// run's own.
    ///
    /// # Errors
    /// Where there is no such print run, or the database refuses.
    pub async fn registration(
        &self,
        print_run: &str,
        page: u32,
    ) -> Result<Registration, StoreError> {
        let row: Option<RegistrationColumns> = query(
            "SELECT version, dx_um, dy_um, rotation_urad, scale_ppm FROM (
                 SELECT registration_version AS version, dx_um, dy_um, rotation_urad, scale_ppm,
                        0 AS learnt
                 FROM print_run WHERE id = $1
                 UNION ALL
                 SELECT version, dx_um, dy_um, rotation_urad, scale_ppm, 1 AS learnt
                 FROM registration WHERE print_run = $1 AND page = $2) AS known
             ORDER BY version DESC, learnt LIMIT 1",
        )
        .bind(print_run)
        .bind(page)
        .fetch_optional(self.readers())
        .await?;
        let row =
            row.ok_or_else(|| StoreError::Missing { what: "print run", id: print_run.to_owned() })?;
        let RegistrationColumns { version, dx_um, dy_um, rotation_urad, scale_ppm } = row;
        Ok(Registration { version, dx_um, dy_um, rotation_urad, scale_ppm })
    }

    /// Up to `limit` papers of a page of a print run, as if they were claimed, to read their ink.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn papers_of_run(
        &self,
        print_run: &str,
        page: u32,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError> {
        let jobs = query(
            "SELECT p.school, s.class, p.assignment, p.pupil, p.page, p.folio, p.address_page,
                    p.ink_rev, p.fence, s.worksheet, s.version, s.print_run,
                    r.copies IS NULL AS shared
             FROM print_run r JOIN assignment s ON s.print_run = r.id
             JOIN paper p ON p.school = s.school AND p.assignment = s.id
             WHERE r.id = $1 AND p.page = $2
             ORDER BY p.school, p.assignment, p.pupil LIMIT $3",
        )
        .bind(print_run)
        .bind(page)
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        Ok(jobs)
    }

    /// Stores a registration that was learnt and has all papers of the page marked again. What
    /// people decided stays. Returns whether it did: not where that version is known already.
    ///
    /// # Errors
    /// Where there is no such print run. On an error nothing is written.
    pub async fn insert_registration(
        &self,
        print_run: &str,
        page: u32,
        learnt: Registration,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let print_run = print_run.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                let written = query(
                    "INSERT INTO registration (print_run, page, version, dx_um, dy_um,
                                               rotation_urad, scale_ppm, at_ms)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                     ON CONFLICT (print_run, page, version) DO NOTHING",
                )
                .bind(&print_run)
                .bind(page)
                .bind(learnt.version)
                .bind(learnt.dx_um)
                .bind(learnt.dy_um)
                .bind(learnt.rotation_urad)
                .bind(learnt.scale_ppm)
                .bind(now_ms)
                .execute(&mut *tx)
                .await?;
                if written == 0 {
                    return Ok(false);
                }
                query(
                    "UPDATE paper SET ink_rev = ink_rev + 1
                     WHERE page = $2
                       AND (school, assignment) IN (
                           SELECT school, id FROM assignment WHERE print_run = $1)",
                )
                .bind(&print_run)
                .bind(page)
                .execute(&mut *tx)
                .await?;
                Ok(true)
            })
        })
        .await
    }
}
