//! From settled responses to profiles.

use sqlx::SqliteConnection;

use crate::marks::{OutboxKind, Verdict};
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
    pub version: u32,
    /// The question's id.
    pub question: String,
    /// The verdict in force.
    pub verdict: Verdict,
    /// Its points, tenths.
    pub score: u32,
    /// When its paper was settled, Unix milliseconds.
    pub settled_ms: i64,
    /// Corrected Unix milliseconds of its last sample; `None` where it is blank.
    pub last_ms: Option<i64>,
    /// Milliseconds with the pen down.
    pub writing_ms: i64,
    /// How often it was crossed out or written over.
    pub rewrites: u32,
}

/// A folded profile.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileRow {
    /// Mean of the ability, logits.
    pub ability: f64,
    /// Its variance.
    pub ability_variance: f64,
    /// Responses folded in.
    pub answers: u32,
    /// The version of the item parameters that it was folded with; 0: none were fitted.
    pub item_version: u32,
    /// One a knowledge point with enough responses to say something.
    pub mastery: Vec<Mastery>,
}

/// What is known of a pupil's command of one knowledge point.
#[derive(Clone, Debug, PartialEq)]
pub struct Mastery {
    /// The knowledge point's id.
    pub knowledge_point: String,
    /// The chance of a right answer on a median item, 0–1.
    pub rate: f64,
    /// Lower end of its 90 % interval.
    pub low: f64,
    /// Upper end of its 90 % interval.
    pub high: f64,
    /// The probability of mastery: that the rate is above 0.8.
    pub probability: f64,
    /// Responses behind it.
    pub answers: u32,
}

impl Store {
    /// Profiles to be folded again, in no order that means anything.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn stale_profiles(&self, limit: u32) -> Result<Vec<StaleProfile>, StoreError> {
        let stale = sqlx::query_as(
            "SELECT school, pupil, wanted_rev FROM profile WHERE applied_rev < wanted_rev LIMIT ?1",
        )
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        Ok(stale)
    }

    /// A pupil's settled responses with a verdict in force, in the order in which they are folded:
    /// by settling time, assignment, and the question's place in its worksheet.
    ///
    /// Read after [`Store::stale_profiles`], it holds everything that the revision asks for.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn history(&self, school: &str, pupil: &str) -> Result<Vec<HistoryRow>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT r.assignment, s.worksheet, s.version, r.question, r.verdict, r.score,
                    p.settled_ms, r.last_ms, r.writing_ms, r.rewrites
             FROM paper p JOIN assignment s ON s.id = p.assignment
             JOIN response r ON r.school = p.school AND r.assignment = p.assignment
                            AND r.pupil = p.pupil AND r.page = p.page
             WHERE p.school = ?1 AND p.pupil = ?2
               AND p.settled_ms IS NOT NULL AND r.verdict IS NOT NULL
             ORDER BY p.settled_ms, r.assignment, r.position",
        )
        .bind(school)
        .bind(pupil)
        .fetch_all(self.readers())
        .await?;
        Ok(rows)
    }

    /// Saves a profile that answers `stale`, unless as new a one is there.
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
    tx: &mut SqliteConnection,
    stale: &StaleProfile,
    profile: &ProfileRow,
    now_ms: i64,
) -> Result<(), StoreError> {
    let written = sqlx::query(
        "UPDATE profile SET applied_rev = ?3, ability = ?4, ability_variance = ?5, answers = ?6,
                            updated_ms = ?7, item_version = ?8
         WHERE school = ?1 AND pupil = ?2 AND applied_rev < ?3",
    )
    .bind(&stale.school)
    .bind(&stale.pupil)
    .bind(stale.wanted_rev)
    .bind(profile.ability)
    .bind(profile.ability_variance)
    .bind(profile.answers)
    .bind(now_ms)
    .bind(profile.item_version)
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query("DELETE FROM mastery WHERE school = ?1 AND pupil = ?2")
        .bind(&stale.school)
        .bind(&stale.pupil)
        .execute(&mut *tx)
        .await?;
    let rows: Vec<_> = (profile.mastery.iter())
        .map(|m| (&m.knowledge_point, m.rate, m.low, m.high, m.probability, m.answers))
        .collect();
    sqlx::query(
        "INSERT INTO mastery (school, pupil, knowledge_point, rate, low, high, probability,
                              answers)
         SELECT ?1, ?2, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5
         FROM json_each(?3)",
    )
    .bind(&stale.school)
    .bind(&stale.pupil)
    .bind(serde_json::to_string(&rows)?)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO outbox (at_ms, kind, school, class, pupil)
         SELECT ?1, ?2, school, class, id FROM pupil WHERE id = ?3",
    )
    .bind(now_ms)
    .bind(OutboxKind::Profile)
    .bind(&stale.pupil)
    .execute(tx)
    .await?;
    Ok(())
}
