//! From settled responses to profiles.

use std::collections::BTreeSet;
use std::sync::Arc;

use learning::{Credit, ItemParameters, Observation, Profile, fold};
use store::{HistoryRow, Mastery, ProfileRow, StaleProfile, Store, StoreError};
use worksheet::Worksheet;

use crate::counters::{Counting, count};
use crate::job::Workshop;
use crate::pool;
use crate::retry::retry;
use crate::sheets::Sheets;

const DAY_MS: i64 = 86_400_000;

impl Workshop {
    /// Folds a pupil's whole history again and saves the profile. A failure leaves it stale.
    pub(crate) async fn fold_profile(
        &self,
        stale: StaleProfile,
        items: Arc<ItemParameters>,
        utc_offset_ms: i64,
    ) -> bool {
        match self.try_fold(&stale, items, utc_offset_ms).await {
            Ok(()) => {
                count(&self.counting.profiles_saved, 1);
                true
            }
            Err(error) => {
                tracing::error!(error, "profile not folded; it stays stale");
                false
            }
        }
    }

    async fn try_fold(
        &self,
        stale: &StaleProfile,
        items: Arc<ItemParameters>,
        utc_offset_ms: i64,
    ) -> Result<(), String> {
        let said = |error: StoreError| error.to_string();
        let history =
            retry(&self.counting, || self.store.history(&stale.school, &stale.pupil)).await;
        let answers =
            Answers { store: &self.store, sheets: &self.sheets, counting: &self.counting };
        let history =
            answers.observe(&history.map_err(said)?, utc_offset_ms).await.map_err(said)?;
        let profile = pool::run(&self.pool, move || row(&fold(&items, &history)))
            .await
            .map_err(|panicked| panicked.to_string())?;
        let save = || self.store.save_profile(stale, profile.clone(), self.now_ms());
        retry(&self.counting, save).await.map_err(said)
    }
}

/// Reads answers with their questions.
pub(crate) struct Answers<'a> {
    pub(crate) store: &'a Store,
    pub(crate) sheets: &'a Sheets,
    pub(crate) counting: &'a Counting,
}

impl Answers<'_> {
    /// The observations in the history, in its order. An answer whose worksheet or question cannot
    /// be found is left out and counted.
    pub(crate) async fn observe(
        &self,
        history: &[HistoryRow],
        utc_offset_ms: i64,
    ) -> Result<Vec<Observation>, StoreError> {
        let mut observations = Vec::with_capacity(history.len());
        let mut missing: BTreeSet<(&str, u32)> = BTreeSet::new();
        for row in history {
            let sheet = self.sheet_of(row, &mut missing).await?;
            match sheet.and_then(|sheet| observation(&sheet, row, utc_offset_ms)) {
                Some(observation) => observations.push(observation),
                None => count(&self.counting.answers_left_out, 1),
            }
        }
        Ok(observations)
    }

    async fn sheet_of<'h>(
        &self,
        row: &'h HistoryRow,
        missing: &mut BTreeSet<(&'h str, u32)>,
    ) -> Result<Option<Arc<Worksheet>>, StoreError> {
        let (id, version) = (row.worksheet.as_str(), row.version);
        if missing.contains(&(id, version)) {
            return Ok(None);
        }
        let load = || self.sheets.get(self.store, id, version);
        match retry(self.counting, load).await {
            Ok(sheet) => Ok(Some(sheet)),
            Err(error @ (StoreError::Missing { .. } | StoreError::Worksheet(_))) => {
                tracing::error!(%error, "answers left out of profiles");
                missing.insert((id, version));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// `None` where the worksheet has no such question, or nothing was to be earned by it.
fn observation(sheet: &Worksheet, row: &HistoryRow, utc_offset_ms: i64) -> Option<Observation> {
    let question = sheet.question(&row.question)?;
    let written_ms = row.last_ms.unwrap_or(row.settled_ms);
    let day = written_ms.saturating_add(utc_offset_ms).div_euclid(DAY_MS);
    Some(Observation {
        item: format!("{}/{}", row.worksheet, row.question),
        skills: question.knowledge_points.clone(),
        credit: Credit::of_score(row.score, question.points.0)?,
        day: day.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
    })
}

fn row(profile: &Profile) -> ProfileRow {
    let mastery = profile.skills.keys().filter_map(|skill| {
        let mastery = profile.mastery(skill)?;
        Some(Mastery {
            knowledge_point: skill.clone(),
            rate: mastery.rate,
            low: mastery.low,
            high: mastery.high,
            probability: mastery.probability,
            answers: mastery.answers,
        })
    });
    ProfileRow {
        ability: profile.ability.mean(),
        ability_variance: profile.ability.variance(),
        answers: profile.answers,
        item_version: profile.item_version,
        mastery: mastery.collect(),
    }
}

#[cfg(test)]
mod tests;
