//! What was made of the ink, for whoever can make it again and compare.

use sqlx::AssertSqlSafe;

use crate::database::Connection;
use crate::sql::query;
use crate::work::again::JOB;
use crate::work::{Job, ProfileRow, StaleProfile, StateRow};
use crate::{Store, StoreError};

/// A paper with what its marking left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperMade {
    /// As a claim would have it; it is nobody's.
    pub job: Job,
    /// The strokes outside every field: [`attribution::Roles`] as text.
    pub loose: String,
    /// The strokes as a page draws them, encoded; `None` where they are not stored.
    pub drawn: Option<Vec<u8>>,
    /// Each response's part, and its strokes as text, in the order of the worksheet.
    pub responses: Vec<(String, String)>,
}

/// A profile as it was folded.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileMade {
    /// Whose it is, and the revision that it answers.
    pub of: StaleProfile,
    /// What was folded.
    pub profile: ProfileRow,
}

#[derive(sqlx::FromRow)]
struct PaperColumns {
    #[sqlx(flatten)]
    job: Job,
    loose: String,
    drawn: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct ProfileColumns {
    #[sqlx(flatten)]
    of: StaleProfile,
    ability: Option<f64>,
    ability_variance: Option<f64>,
    last_day: Option<i64>,
    #[sqlx(try_from = "i64")]
    answers: u32,
    #[sqlx(try_from = "i64")]
    item_version: u32,
}

impl Store {
    /// Papers whose marking has seen all their ink, with what it left behind, by their keys: the first
    /// ones, or those after a given one. A paper that could not be marked is left out.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn papers_made(
        &self,
        after: Option<&Job>,
        limit: u32,
    ) -> Result<Vec<PaperMade>, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let sql = format!(
            "SELECT {JOB}, p.loose, d.strokes AS drawn
             FROM paper p JOIN assignment s ON s.id = p.assignment
             JOIN print_run r ON r.id = s.print_run
             LEFT JOIN drawn_ink d ON d.school = p.school AND d.assignment = p.assignment
                                  AND d.pupil = p.pupil AND d.page = p.page
             WHERE p.marked_rev >= p.ink_rev AND p.fault IS NULL
               AND (p.school, p.assignment, p.pupil, p.page) > ($1, $2, $3, $4)
             ORDER BY p.school, p.assignment, p.pupil, p.page LIMIT $5"
        );
        let papers: Vec<PaperColumns> = query(AssertSqlSafe(sql))
            .bind(after.map_or("", |job| &job.school))
            .bind(after.map_or("", |job| &job.assignment))
            .bind(after.map_or("", |job| &job.pupil))
            .bind(after.map_or(0, |job| job.page))
            .bind(limit)
            .fetch_all(&mut tx)
            .await?;
        let mut made: Vec<PaperMade> = (papers.into_iter())
            .map(|PaperColumns { job, loose, drawn }| PaperMade {
                job,
                loose,
                drawn,
                responses: Vec::new(),
            })
            .collect();
        add_responses(&mut tx, &mut made).await?;
        Ok(made)
    }

    /// Whether nothing came for a paper since its row was read as in `job`: neither ink that waits to be
    /// attributed nor a reason to mark it again.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn is_at_rest(&self, job: &Job) -> Result<bool, StoreError> {
        let rests = query(
            "SELECT EXISTS (
                 SELECT 1 FROM paper p
                 WHERE p.school = $1 AND p.assignment = $2 AND p.pupil = $3 AND p.page = $4
                   AND p.ink_rev = $5 AND p.marked_rev >= p.ink_rev
                   AND NOT EXISTS (SELECT 1 FROM ink i
                                   WHERE i.folio = p.folio AND i.page = p.address_page
                                     AND i.attributed_rev < i.ink_rev))",
        );
        let rests = rests.bind(&job.school).bind(&job.assignment).bind(&job.pupil);
        Ok(rests.bind(job.page).bind(job.ink_rev).scalar(self.readers()).await?)
    }

    /// Papers that are not there although ink was attributed to them, by their keys: those after a
    /// given one, as if they were claimed, each with a page face that holds some of the ink. A paper
    /// that turned out to hold no stroke is rightly gone; [`Store::chunks_without_paper`] has the ink.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn papers_gone(
        &self,
        after: Option<&Job>,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError> {
        let gone = query(
            "SELECT t.school, s.class, t.assignment, t.pupil, t.paper_page AS page,
                    min(t.folio) AS folio, min(t.page) AS address_page,
                    CAST(0 AS BIGINT) AS ink_rev, CAST(0 AS BIGINT) AS fence,
                    s.worksheet, s.version, s.print_run, r.copies IS NULL AS shared
             FROM attribution t JOIN assignment s ON s.id = t.assignment
             JOIN print_run r ON r.id = s.print_run
             WHERE (t.school, t.assignment, t.pupil, t.paper_page) > ($1, $2, $3, $4)
               AND NOT EXISTS (
                   SELECT 1 FROM paper p WHERE p.school = t.school AND p.assignment = t.assignment
                      AND p.pupil = t.pupil AND p.page = t.paper_page)
             GROUP BY t.school, s.class, t.assignment, t.pupil, t.paper_page, s.worksheet,
                      s.version, s.print_run, r.copies
             ORDER BY t.school, t.assignment, t.pupil, t.paper_page LIMIT $5",
        )
        .bind(after.map_or("", |job| &job.school))
        .bind(after.map_or("", |job| &job.assignment))
        .bind(after.map_or("", |job| &job.pupil))
        .bind(after.map_or(0, |job| job.page))
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        Ok(gone)
    }

    /// Profiles that answer all that is asked of them, by school and pupil: the first ones, or those
    /// after a given one.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn profiles_made(
        &self,
        after: Option<&StaleProfile>,
        limit: u32,
    ) -> Result<Vec<ProfileMade>, StoreError> {
        let mut tx = self.readers().snapshot().await?;
        let rows: Vec<ProfileColumns> = query(
            "SELECT school, pupil, wanted_rev, ability, ability_variance, last_day, answers,
                    item_version
             FROM profile WHERE applied_rev >= wanted_rev AND (school, pupil) > ($1, $2)
             ORDER BY school, pupil LIMIT $3",
        )
        .bind(after.map_or("", |profile| &profile.school))
        .bind(after.map_or("", |profile| &profile.pupil))
        .bind(limit)
        .fetch_all(&mut tx)
        .await?;
        let mut made = Vec::with_capacity(rows.len());
        for row in rows {
            let states = states(&mut tx, &row.of).await?;
            // What is not there is no number.
            let profile = ProfileRow {
                ability: row.ability.unwrap_or(f64::NAN),
                ability_variance: row.ability_variance.unwrap_or(f64::NAN),
                last_day: row.last_day.and_then(|day| i32::try_from(day).ok()),
                answers: row.answers,
                item_version: row.item_version,
                states,
            };
            made.push(ProfileMade { of: row.of, profile });
        }
        Ok(made)
    }

    /// Whether a profile still answers the revision that it answered.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn is_profile_of(&self, of: &StaleProfile) -> Result<bool, StoreError> {
        let same = query(
            "SELECT EXISTS (SELECT 1 FROM profile
                            WHERE school = $1 AND pupil = $2 AND wanted_rev = $3)",
        );
        let same = same.bind(&of.school).bind(&of.pupil).bind(of.wanted_rev);
        Ok(same.scalar(self.readers()).await?)
    }
}

async fn add_responses(tx: &mut Connection, made: &mut [PaperMade]) -> Result<(), StoreError> {
    let lines: Vec<_> = (made.iter().enumerate())
        .map(|(place, PaperMade { job, .. })| {
            (place, &job.school, &job.assignment, &job.pupil, job.page)
        })
        .collect();
    let rows: Vec<(i64, String, String)> = query(
        "SELECT CAST(value->>0 AS BIGINT) AS place, r.part, r.strokes
         FROM json_each($1) CROSS JOIN response r
         WHERE r.school = value->>1 AND r.assignment = value->>2 AND r.pupil = value->>3
           AND r.page = CAST(value->>4 AS BIGINT)
         ORDER BY place, r.position",
    )
    .bind(serde_json::to_string(&lines)?)
    .fetch_all(tx)
    .await?;
    for (place, part, strokes) in rows {
        if let Some(made) = usize::try_from(place).ok().and_then(|place| made.get_mut(place)) {
            made.responses.push((part, strokes));
        }
    }
    Ok(())
}

async fn states(tx: &mut Connection, of: &StaleProfile) -> Result<Vec<StateRow>, StoreError> {
    let states = query(
        "SELECT knowledge_point, day, ability, ability_variance, deviation, deviation_variance,
                difficulty, answers
         FROM knowledge_state WHERE school = $1 AND pupil = $2 ORDER BY knowledge_point, day",
    );
    Ok(states.bind(&of.school).bind(&of.pupil).fetch_all(tx).await?)
}
