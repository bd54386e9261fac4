//! Item parameters: fitted from everybody's settled answers, kept in the store, used by every fold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use learning::{Belief, Histories, ItemParameters, Observation, Priors, fit};
use rayon::ThreadPool;
use store::{Difficulties, ItemFit, ItemRows, NewFit, Store, StoreError};

use crate::counters::Counting;
use crate::pool;
use crate::profiles::Answers;
use crate::sheets::Sheets;

const DAY_MS: i64 = 86_400_000;
/// Local time of the nightly fit: three in the morning, when nobody writes.
const FIT_AT_MS: i64 = 3 * 3_600_000;

/// Why no fit was made.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// The store refused.
    #[error("read answers or write the fit: {0}")]
    Store(#[from] StoreError),
    /// The fit itself failed.
    #[error("fit items: {0}")]
    Panicked(String),
}

/// What a fit came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// The new version; `None` where the numbers are those of the version in force.
    pub version: Option<u32>,
    /// Pupils whose answers it saw.
    pub pupils: u32,
    /// Answers that it saw.
    pub answers: u32,
    /// Items that they were to.
    pub items: usize,
}

/// Fits items to every settled answer in the store and puts the fit in force, so that every profile
/// is folded again. The same answers give the same numbers, and no new version.
///
/// # Errors
/// Where the store refuses; nothing is changed then.
pub async fn fit_items(
    store: &Store,
    pool: &ThreadPool,
    now_ms: i64,
    utc_offset_ms: i64,
) -> Result<Fitted, FitError> {
    let (sheets, counting) = (Sheets::default(), Counting::default());
    let reader = Answers { store, sheets: &sheets, counting: &counting };
    let mut histories: Vec<(String, Vec<Observation>)> = Vec::new();
    for (school, pupil) in store.pupils_with_profile().await? {
        let history = store.history(&school, &pupil).await?;
        let history = reader.observe(&history, utc_offset_ms).await?;
        if !history.is_empty() {
            histories.push((pupil, history));
        }
    }
    let pupils = u32::try_from(histories.len()).unwrap_or(u32::MAX);
    let answers = histories.iter().map(|(_, history)| history.len()).sum::<usize>();
    let answers = u32::try_from(answers).unwrap_or(u32::MAX);
    let found = pool::run(pool, move || {
        let histories: Histories<'_> =
            histories.iter().map(|(pupil, history)| (pupil.as_str(), &history[..])).collect();
        fit(0, &histories)
    });
    let found = found.await.map_err(|panicked| FitError::Panicked(panicked.to_string()))?;
    let items = found.items.len();
    let priors = serde_json::to_string(&found.priors).map_err(StoreError::from)?;
    let new = NewFit { pupils, answers, priors, rows: rows(&found) };
    let version = match answers {
        0 => None,
        _ => store.save_item_fit(new, now_ms).await?,
    };
    Ok(Fitted { version, pupils, answers, items })
}

/// The parameters in force, read again where the store has a newer version.
#[derive(Debug, Default)]
pub(crate) struct InForce(Mutex<Option<Arc<ItemParameters>>>);

impl InForce {
    pub(crate) async fn get(&self, store: &Store) -> Result<Arc<ItemParameters>, StoreError> {
        let version = store.item_version().await?.map_or(0, |(version, _)| version);
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| kept.version == version) {
            return Ok(kept);
        }
        let fresh = Arc::new(match store.item_fit().await? {
            Some(fit) => of(fit)?,
            None => ItemParameters::unfitted(),
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
        Ok(fresh)
    }
}

/// Milliseconds from `now_ms` until the next three in the morning.
pub(crate) fn until_next_fit_ms(now_ms: i64, utc_offset_ms: i64) -> i64 {
    let of_day_ms = (now_ms + utc_offset_ms).rem_euclid(DAY_MS);
    (FIT_AT_MS - of_day_ms - 1).rem_euclid(DAY_MS) + 1
}

fn rows(found: &ItemParameters) -> ItemRows {
    let difficulties = |of: &BTreeMap<String, Belief>| {
        of.iter().map(|(id, belief)| (id.clone(), belief.mean(), belief.variance())).collect()
    };
    ItemRows {
        items: difficulties(&found.items),
        skills: difficulties(&found.skills),
        medians: found.medians.iter().map(|(id, median)| (id.clone(), *median)).collect(),
    }
}

/// A value that is not a number (only in a damaged store) leaves its item with the prior.
fn of(fit: ItemFit) -> Result<ItemParameters, StoreError> {
    let beliefs = |of: Difficulties| {
        let belief = |(id, mean, variance)| Some((id, Belief::new(mean, variance)?));
        of.into_iter().filter_map(belief).collect()
    };
    let priors: Priors = serde_json::from_str(&fit.priors)?;
    Ok(ItemParameters {
        version: fit.version,
        priors,
        items: beliefs(fit.rows.items),
        skills: beliefs(fit.rows.skills),
        medians: fit.rows.medians.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_fit_is_at_three_in_the_morning() {
        let shanghai_ms = 8 * 3_600_000;
        let until = |hour: i64| until_next_fit_ms((hour - 8) * 3_600_000, shanghai_ms) / 3_600_000;
        assert_eq!((until(2), until(3), until(4), until(23)), (1, 24, 23, 4));
    }
}
