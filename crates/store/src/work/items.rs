//! Item parameters: fitted in batch from settled responses, versioned, the last one in force.

use serde::{Deserialize, Serialize};

use crate::database::Connection;
use crate::sql::{Small, query};
use crate::{Store, StoreError};

/// Mean (logits) and variance (squared logits) of a difficulty, by identifier.
pub type Difficulties = Vec<(String, f64, f64)>;

/// What a fit found, in the order of identifiers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ItemRows {
    /// Deviation of each item from its knowledge points.
    pub items: Difficulties,
    /// Difficulty of each knowledge point.
    pub skills: Difficulties,
    /// Difficulty of the median item of each knowledge point, logits.
    pub medians: Vec<(String, f64)>,
}

/// A fit that is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemFit {
    /// Counts the fits from 1.
    pub version: u32,
    /// When it was made, Unix milliseconds.
    pub at_ms: i64,
    /// The priors that it was made with, as the caller wrote them.
    pub priors: String,
    /// What it found.
    pub rows: ItemRows,
}

/// A fit that is to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewFit {
    /// Pupils whose answers it saw.
    pub pupils: u32,
    /// Answers that it saw.
    pub answers: u32,
    /// The priors that it was made with; the store does not look into them.
    pub priors: String,
    /// What it found.
    pub rows: ItemRows,
}

impl Store {
    /// The version in force and when it was made, Unix milliseconds; `None` where nothing was
    /// fitted yet.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn item_version(&self) -> Result<Option<(u32, i64)>, StoreError> {
        let last = query(
            "SELECT version, at_ms FROM item_fit WHERE priors IS NOT NULL
             ORDER BY version DESC LIMIT 1",
        );
        Ok(last
            .fetch_optional(self.readers())
            .await?
            .map(|(Small(version), at_ms)| (version, at_ms)))
    }

    /// The fit in force.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn item_fit(&self) -> Result<Option<ItemFit>, StoreError> {
        let last = query(
            "SELECT version, at_ms, priors, parameters FROM item_fit WHERE priors IS NOT NULL
             ORDER BY version DESC LIMIT 1",
        );
        let Some((Small(version), at_ms, priors, text)) =
            last.fetch_optional::<(Small, i64, String, String)>(self.readers()).await?
        else {
            return Ok(None);
        };
        Ok(Some(ItemFit { version, at_ms, priors, rows: serde_json::from_str(&text)? }))
    }

    /// Pupils with a profile, school before pupil, in the order of their identifiers.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn pupils_with_profile(&self) -> Result<Vec<(String, String)>, StoreError> {
        let pupils = query("SELECT school, pupil FROM profile ORDER BY school, pupil");
        Ok(pupils.fetch_all(self.readers()).await?)
    }

    /// Puts a fit in force and wants every profile folded again; returns its version. A fit with
    /// the same result as the one in force changes nothing and gets no version: `None`.
    ///
    /// # Errors
    /// On an error nothing is written.
    pub async fn save_item_fit(&self, fit: NewFit, now_ms: i64) -> Result<Option<u32>, StoreError> {
        self.write(move |tx| Box::pin(async move { save(tx, &fit, now_ms).await })).await
    }
}

async fn save(tx: &mut Connection, fit: &NewFit, now_ms: i64) -> Result<Option<u32>, StoreError> {
    let parameters = serde_json::to_string(&fit.rows)?;
    let last: Option<(Small, Option<String>, String)> =
        query("SELECT version, priors, parameters FROM item_fit ORDER BY version DESC LIMIT 1")
            .fetch_optional(&mut *tx)
            .await?;
    if let Some((_, Some(priors), before)) = &last
        && *priors == fit.priors
        && *before == parameters
    {
        return Ok(None);
    }
    let version = last.map_or(1, |(Small(version), ..)| version + 1);
    query(
        "INSERT INTO item_fit (version, at_ms, pupils, answers, priors, parameters)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(version)
    .bind(now_ms)
    .bind(fit.pupils)
    .bind(fit.answers)
    .bind(&fit.priors)
    .bind(parameters)
    .execute(&mut *tx)
    .await?;
    query("UPDATE profile SET wanted_rev = wanted_rev + 1").execute(tx).await?;
    Ok(Some(version))
}
