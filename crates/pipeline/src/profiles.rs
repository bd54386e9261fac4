//! From settled responses to profiles.

use std::collections::BTreeMap;
use std::sync::Arc;

use attribution::INK_AGE_MS_MAX;
use learning::{
    Credit, ItemParameters, Observation, Outcome, Process, Profile, Writing, fold, reached,
};
use store::{HistoryRow, ProfileRow, StaleProfile, StateRow, Store, StoreError, Verdict};
use worksheet::{PartOf, Worksheet};

use crate::counters::{Counting, count};
use crate::job::Context;
use crate::pool;
use crate::retry::retry;
use crate::sheets::Sheets;

const DAY_MS: i64 = 86_400_000;

impl Context {
    /// Folds a pupil's whole history again and saves the profile. A failure leaves it stale.
    pub(crate) async fn fold_profile(
        &self,
        stale: StaleProfile,
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
        let save = || self.store.save_profile(&stale, profile.clone(), self.now_ms());
        retry(&self.counting, save).await.map_err(said)?;
        count(&self.counting.profiles_saved, 1);
        Ok(())
    }
}

/// Reads answers with their parts of questions.
pub(crate) struct Answers<'a> {
    pub(crate) store: &'a Store,
    pub(crate) sheets: &'a Sheets,
    pub(crate) counting: &'a Counting,
}

impl Answers<'_> {
    /// The observations in the history, in its order. A part that its worksheet does not have, or by
    /// which nothing was to be earned, is left out and counted. A worksheet that cannot be read is
    /// an error: without its answers the profile would be another one, and nobody would know.
    pub(crate) async fn observe(
        &self,
        history: &[HistoryRow],
        utc_offset_ms: i64,
    ) -> Result<Vec<Observation>, StoreError> {
        let mut observations = Vec::with_capacity(history.len());
        for (row, written) in history.iter().zip(written(history)) {
            let load = || self.sheets.get(self.store, &row.worksheet, row.version);
            let sheet = retry(self.counting, load).await?;
            match observation(&sheet, row, written, utc_offset_ms) {
                Some(observation) => observations.push(observation),
                None => count(&self.counting.answers_left_out, 1),
            }
        }
        Ok(observations)
    }
}

/// What the other responses to the same assignment tell of one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Written {
    /// `None` where nothing was written.
    process: Option<Process>,
    /// It, or something after it on the worksheet, was written.
    reached: bool,
}

/// One per row, in their order.
fn written(history: &[HistoryRow]) -> Vec<Written> {
    let mut assignments: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, row) in history.iter().enumerate() {
        assignments.entry(&row.assignment).or_default().push(place);
    }
    let mut all = vec![Written::default(); history.len()];
    for mut places in assignments.into_values() {
        // Pages of one assignment may settle at different times.
        places.sort_by_key(|&place| history[place].position);
        let writings: Vec<_> = places.iter().map(|&place| writing(&history[place])).collect();
        let is_written = |&place: &usize| {
            history[place].first_ms.is_some() || history[place].verdict != Verdict::Blank
        };
        let reached = reached(&places.iter().map(is_written).collect::<Vec<_>>());
        for (order, (&place, process)) in places.iter().zip(Process::of(&writings)).enumerate() {
            all[place] = Written { process, reached: order < reached };
        }
    }
    all
}

fn writing(row: &HistoryRow) -> Option<Writing> {
    Some(Writing {
        first_ms: row.first_ms?,
        last_ms: row.last_ms?,
        down_ms: row.writing_ms,
        rewrites: row.rewrites,
    })
}

/// One per part, with the knowledge points of its question: each blank tells something by itself.
/// `None` where the worksheet has no such part, or nothing was to be earned by it.
fn observation(
    sheet: &Worksheet,
    row: &HistoryRow,
    written: Written,
    utc_offset_ms: i64,
) -> Option<Observation> {
    let PartOf { question, part, .. } = sheet.part(&row.part)?;
    let credit = Credit::of_score(row.score, part.points.0)?;
    // A clock that was never set says nothing of the day.
    let believed = |ms: &i64| ms.abs_diff(row.settled_ms) <= INK_AGE_MS_MAX.unsigned_abs();
    let written_ms = row.last_ms.filter(believed).unwrap_or(row.settled_ms);
    let day = written_ms.saturating_add(utc_offset_ms).div_euclid(DAY_MS);
    Some(Observation {
        item: format!("{}/{}", row.worksheet, row.part),
        skills: question.knowledge_points.clone(),
        outcome: match row.verdict {
            Verdict::Blank if !written.reached => Outcome::NotReached,
            Verdict::Blank => Outcome::Skipped,
            Verdict::Right | Verdict::Wrong | Verdict::Partly => Outcome::Answered(credit),
        },
        day: day.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
        process: written.process,
    })
}

pub(crate) fn row(profile: &Profile) -> ProfileRow {
    let states = profile.states.iter().flat_map(|(knowledge_point, states)| {
        states.iter().map(|state| StateRow {
            knowledge_point: knowledge_point.clone(),
            day: state.day,
            ability: state.ability.mean(),
            ability_variance: state.ability.variance(),
            deviation: state.deviation.mean(),
            deviation_variance: state.deviation.variance(),
            difficulty: state.difficulty,
            answers: state.answers,
        })
    });
    ProfileRow {
        ability: profile.ability.mean(),
        ability_variance: profile.ability.variance(),
        last_day: profile.last_day,
        answers: profile.answers,
        item_version: profile.item_version,
        states: states.collect(),
    }
}

#[cfg(test)]
mod tests;
