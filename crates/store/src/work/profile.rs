//! From settled responses to profiles.

use crate::database::Connection;
use crate::marks::{OutboxKind, Verdict};
use crate::sql::query;
use crate::{Store, StoreError};

/// A profile that is to be folded again.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StaleProfile {
    /// The pupil's school.
    pub school: String,
    /// The pupil.
    pub pupil: String,
    /// The revision asked for; goes back with the profile.
    pub wanted_rev: i64,
}

/// A settled response with a verdict in force.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HistoryRow {
    /// The assignment.
    pub assignment: String,
    /// Its worksheet's id.
    pub worksheet: String,
    /// Its worksheet's version.
    #[sqlx(try_from = "i64")]
    pub version: u32,
    /// The part's id.
    pub part: String,
    /// The part's place in its worksheet, from 0.
    #[sqlx(try_from = "i64")]
    pub position: u32,
    /// The verdict in force.
    pub verdict: Verdict,
    /// Its points, tenths.
    #[sqlx(try_from = "i64")]
    pub score: u32,
    /// When its paper was settled, Unix milliseconds.
    pub settled_ms: i64,
    /// Corrected Unix milliseconds of its first sample; `None` where it is blank.
    pub first_ms: Option<i64>,
    /// Corrected Unix milliseconds of its last sample; `None` where it is blank.
    pub last_ms: Option<i64>,
    /// Milliseconds with the pen down.
    pub writing_ms: i64,
    /// How often it was crossed out or written over.
    #[sqlx(try_from = "i64")]
    pub rewrites: u32,
}

/// A folded profile.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileRow {
    /// Mean of the ability, logits.
    pub ability: f64,
    /// Its variance.
    pub ability_variance: f64,
    /// The latest day of a response, counted from 1970-01-01; `None` without responses.
    pub last_day: Option<i32>,
    /// Responses folded in.
    pub answers: u32,
    /// The version of the item parameters that it was folded with; 0: none were fitted.
    pub item_version: u32,
    /// One per knowledge point and day on which a response carried it.
    pub states: Vec<StateRow>,
}

/// What is believed of a pupil's command of one knowledge point at the end of one day.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct StateRow {
    /// The knowledge point's id.
    pub knowledge_point: String,
    /// The day, counted from 1970-01-01.
    #[sqlx(try_from = "i64")]
    pub day: i32,
    /// Mean of the ability over all knowledge points, logits.
    pub ability: f64,
    /// Its variance.
    pub ability_variance: f64,
    /// Mean of the deviation from it on this knowledge point, logits.
    pub deviation: f64,
    /// Its variance.
    pub deviation_variance: f64,
    /// Difficulty of a median item of the knowledge point, logits.
    pub difficulty: f64,
    /// Responses so far that carried it.
    #[sqlx(try_from = "i64")]
    pub answers: u32,
}

impl Store {
    /// Profiles to be folded again, by school and pupil: the first ones, or those after a given
    /// one, so that profiles that cannot be folded do not block the others.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn stale_profiles(
        &self,
        after: Option<&StaleProfile>,
        limit: u32,
    ) -> Result<Vec<StaleProfile>, StoreError> {
        let stale = query(
            "SELECT school, pupil, wanted_rev FROM profile
             WHERE applied_rev < wanted_rev AND (school, pupil) > ($1, $2)
             ORDER BY school, pupil LIMIT $3",
        )
        .bind(after.map_or("", |profile| &profile.school))
        .bind(after.map_or("", |profile| &profile.pupil))
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        Ok(stale)
    }

    /// A pupil's settled responses with a verdict in force, in the order in which they are folded:
    /// by settling time, assignment, and the part's place in its worksheet.
    ///
    /// Read after [`Store::stale_profiles`], it holds everything that the revision asks for.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn history(&self, school: &str, pupil: &str) -> Result<Vec<HistoryRow>, StoreError> {
        let rows = query(
            "SELECT r.assignment, s.worksheet, s.version, r.part, r.position,
                    r.verdict, r.score, p.settled_ms, r.first_ms, r.last_ms, r.writing_ms, r.rewrites
             FROM paper p JOIN assignment s ON s.id = p.assignment
             JOIN response r ON r.school = p.school AND r.assignment = p.assignment
                            AND r.pupil = p.pupil AND r.page = p.page
             WHERE p.school = $1 AND p.pupil = $2
               AND p.settled_ms IS NOT NULL AND r.verdict IS NOT NULL
             ORDER BY p.settled_ms, r.assignment, r.position",
        )
        .bind(school)
        .bind(pupil)
        .fetch_all(self.readers())
        .await?;
        Ok(rows)
    }

    /// Saves a profile that answers `stale`, unless one at least as new is there.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn save_profile(
        &self,
        stale: &StaleProfile,
        profile: ProfileRow,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let stale = stale.clone();
        self.write(move |tx| {
            Box::pin(async move { save_profile(tx, &stale, &profile, now_ms).await })
        })
        .await
    }
}

async fn save_profile(
    tx: &mut Connection,
    stale: &StaleProfile,
    profile: &ProfileRow,
    now_ms: i64,
) -> Result<(), StoreError> {
    let written = query(
        "UPDATE profile SET applied_rev = $3, ability = $4, ability_variance = $5, answers = $6,
                            updated_ms = $7, item_version = $8, last_day = $9
         WHERE school = $1 AND pupil = $2 AND applied_rev < $3",
    )
    .bind(&stale.school)
    .bind(&stale.pupil)
    .bind(stale.wanted_rev)
    .bind(profile.ability)
    .bind(profile.ability_variance)
    .bind(profile.answers)
    .bind(now_ms)
    .bind(profile.item_version)
    .bind(profile.last_day)
    .execute(&mut *tx)
    .await?;
    if written == 0 {
        return Ok(());
    }
    save_states(tx, stale, &profile.states).await?;
    query(
        "INSERT INTO outbox (at_ms, kind, school, class, pupil)
         SELECT $1, $2, u.school, e.class, u.id FROM pupil u JOIN enrolment e ON e.pupil = u.id
         WHERE u.id = $3 AND e.from_ms <= $1 AND (e.until_ms IS NULL OR e.until_ms > $1)",
    )
    .bind(now_ms)
    .bind(OutboxKind::Profile)
    .bind(&stale.pupil)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes only what is new or different: most days of a history stay as they were.
async fn save_states(
    tx: &mut Connection,
    stale: &StaleProfile,
    states: &[StateRow],
) -> Result<(), StoreError> {
    let rows: Vec<_> = (states.iter())
        .map(|s| {
            (
                &s.knowledge_point,
                s.day,
                s.ability,
                s.ability_variance,
                s.deviation,
                s.deviation_variance,
                s.difficulty,
                s.answers,
            )
        })
        .collect();
    let rows = serde_json::to_string(&rows)?;
    query(
        "DELETE FROM knowledge_state WHERE school = $1 AND pupil = $2
           AND (knowledge_point, day) NOT IN (SELECT value->>0, CAST(value->>1 AS BIGINT)
                                             FROM json_each($3))",
    )
    .bind(&stale.school)
    .bind(&stale.pupil)
    .bind(&rows)
    .execute(&mut *tx)
    .await?;
    query(
        "INSERT INTO knowledge_state (school, pupil, knowledge_point, day, ability,
             ability_variance, deviation, deviation_variance, difficulty, answers)
         SELECT $1, $2, value->>0, CAST(value->>1 AS BIGINT),
                CAST(value->>2 AS DOUBLE PRECISION), CAST(value->>3 AS DOUBLE PRECISION),
                CAST(value->>4 AS DOUBLE PRECISION), CAST(value->>5 AS DOUBLE PRECISION),
                CAST(value->>6 AS DOUBLE PRECISION), CAST(value->>7 AS BIGINT)
         FROM json_each($3) WHERE true
         ON CONFLICT (school, pupil, knowledge_point, day) DO UPDATE SET
             ability = excluded.ability, ability_variance = excluded.ability_variance,
             deviation = excluded.deviation, deviation_variance = excluded.deviation_variance,
             difficulty = excluded.difficulty, answers = excluded.answers
         WHERE (knowledge_state.ability, knowledge_state.ability_variance, knowledge_state.deviation,
                knowledge_state.deviation_variance, knowledge_state.difficulty,
                knowledge_state.answers)
            IS DISTINCT FROM
               (excluded.ability, excluded.ability_variance, excluded.deviation,
                    excluded.deviation_variance, excluded.difficulty, excluded.answers)",
    )
    .bind(&stale.school)
    .bind(&stale.pupil)
    .bind(&rows)
    .execute(tx)
    .await?;
    Ok(())
}
