//! With which key a worksheet version begins that is given later.

use sqlx::FromRow;

use crate::sql::query;
use crate::{Store, StoreError};

/// A key of a worksheet version that was corrected in a school.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct KeyCorrected {
    /// The version that was put in or printed.
    #[sqlx(try_from = "i64")]
    pub version: u32,
    /// The version before the correction: that one, or an earlier correction of it.
    #[sqlx(try_from = "i64")]
    pub from_version: u32,
    /// The version that it made: it differs from the former in this key alone.
    #[sqlx(try_from = "i64")]
    pub to_version: u32,
    /// The part.
    pub part: String,
    /// The key before, as a person types it.
    pub was: String,
    /// The key since.
    pub becomes: String,
    /// The name of who corrected it.
    pub by_name: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

impl Store {
    /// What was corrected in a school in the keys of a worksheet, in the order in which it was. The last
    /// of a version is the one with which what is given of it begins.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn worksheet_keys(
        &self,
        school: &str,
        worksheet: &str,
    ) -> Result<Vec<KeyCorrected>, StoreError> {
        let rows = query(
            "SELECT k.version, k.from_version, k.to_version, k.part, k.was, k.becomes,
                    s.name AS by_name, k.at_ms
             FROM worksheet_key k JOIN staff s ON s.id = k.staff
             WHERE k.school = $1 AND k.worksheet = $2 ORDER BY k.id",
        );
        Ok(rows.bind(school).bind(worksheet).fetch_all(self.readers()).await?)
    }
}

impl KeyCorrected {
    /// The version that was put in of which `version` is, by all corrections of its worksheet.
    #[must_use]
    pub fn origin(all: &[Self], version: u32) -> u32 {
        all.iter().find(|key| key.to_version == version).map_or(version, |key| key.version)
    }

    /// The version with which what is given of `version` later begins.
    #[must_use]
    pub fn later(all: &[Self], version: u32) -> u32 {
        let origin = Self::origin(all, version);
        all.iter().rfind(|key| key.version == origin).map_or(origin, |key| key.to_version)
    }

    /// The corrections that made `version` of the one that was put in, the latest first.
    #[must_use]
    pub fn made(all: &[Self], mut version: u32) -> Vec<&Self> {
        let mut made = Vec::new();
        // Each leads to a lower version, so there is an end.
        while let Some(key) =
            all.iter().find(|key| key.to_version == version && key.from_version < version)
        {
            made.push(key);
            version = key.from_version;
        }
        made
    }
}
