//! A roster of another system, taken in whole or not at all.
//!
//! What there is to do is worked out first, from what the roster says and what the store holds, and
//! changes nothing ([`plan`]); a trial run ends there. Writing it takes one transaction
//! ([`mod@write`]). The same roster twice does nothing the second time.

mod known;
mod plan;
mod write;

use std::collections::BTreeMap;

use school::roster::{Problems, Roster, Said};

use crate::{Store, StoreError};

/// What a change is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeOf {
    /// A school.
    School,
    /// A class.
    Class,
    /// A pupil.
    Pupil,
    /// A teacher.
    Staff,
    /// What a teacher is to a class.
    Role,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Becomes {
    /// The store does not hold it yet.
    New,
    /// It gets another name, number, grade or login.
    Changed,
    /// A pupil joins another class, or another school.
    Moved,
    /// A pupil leaves, or a role ends.
    Ended,
    /// The store holds it, and a roster of everybody does not name it. It stays.
    Missing,
    /// It is as it was.
    Unchanged,
}

/// One change. Of what does not change there is only a count.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RosterChange {
    /// Of what.
    pub of: ChangeOf,
    /// What becomes of it.
    pub becomes: Becomes,
    /// The class that it is about: the one that is joined, where there is one.
    pub class: Option<String>,
    /// A pupil's number in it.
    pub number: Option<u32>,
    /// Its name; of a role the teacher's.
    pub name: String,
    /// Of a role, what the teacher is to the class.
    pub role: Option<Said>,
    /// What it was before, where that tells who is meant: the name of who is renamed, the school that
    /// a pupil comes from.
    pub before: Option<String>,
}

impl std::fmt::Debug for RosterChange {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RosterChange")
            .field("of", &self.of)
            .field("becomes", &self.becomes)
            .field("class", &self.class)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// What a roster changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterChanges {
    /// How many there are of each.
    pub counts: BTreeMap<(ChangeOf, Becomes), usize>,
    /// All but what does not change, by what it is of, class and number.
    pub list: Vec<RosterChange>,
    /// Pupils and roles in classes that the store does not keep, which say nothing to it.
    pub elsewhere: usize,
}

impl RosterChanges {
    /// Whether the store stays as it is.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let stays = |becomes| matches!(becomes, Becomes::Unchanged | Becomes::Missing);
        self.counts.iter().all(|((_, becomes), count)| stays(*becomes) || *count == 0)
    }

    /// How many there are of one kind.
    #[must_use]
    pub fn count(&self, of: ChangeOf, becomes: Becomes) -> usize {
        self.counts.get(&(of, becomes)).copied().unwrap_or(0)
    }
}

const DAY_MS: i64 = 86_400_000;

/// A roster, since when it holds, and whether it is only tried.
pub struct RosterImport {
    /// What the files say.
    pub roster: Roster,
    /// The start of the day on which enrolments and roles begin and end, Unix milliseconds.
    pub from_ms: i64,
    /// Now, Unix milliseconds.
    pub now_ms: i64,
    /// What identities are made of: numbers that do not come twice.
    pub fresh: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Only say what would change.
    pub dry_run: bool,
    /// The one school that it may be about, which a list is of; `None`: any. Whatever concerns another
    /// school is refused.
    pub only: Option<String>,
}

impl RosterImport {
    /// When pupils who are in a class leave it: on the day itself now, so that what they wrote in it
    /// before stays with it.
    fn leaving_ms(&self) -> i64 {
        let is_today = (self.from_ms..self.from_ms.saturating_add(DAY_MS)).contains(&self.now_ms);
        if is_today { self.now_ms } else { self.from_ms }
    }
}

impl std::fmt::Debug for RosterImport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from_ms, dry_run, only, .. } = self;
        let mut shown = f.debug_struct("RosterImport");
        shown.field("from_ms", from_ms).field("dry_run", dry_run).field("only", only);
        shown.finish_non_exhaustive()
    }
}

impl Store {
    /// Takes a roster in, all or nothing, and says what that changed. Whoever is known by an identity
    /// of the roster's keeps ours; whoever is not gets a new one, which is made of nothing personal.
    ///
    /// Whoever is missing in a roster of everybody stays, and is listed. What such a roster no longer
    /// says that its teachers are ends.
    ///
    /// # Errors
    /// [`StoreError::Roster`] with everything in the roster that the store contradicts.
    pub async fn import_roster(&self, import: RosterImport) -> Result<RosterChanges, StoreError> {
        if import.dry_run {
            let mut reader = self.readers().snapshot().await?;
            return Ok(plan::plan(&mut reader, &import).await?.into_changes());
        }
        self.write(move |tx| {
            Box::pin(async move {
                let plan = plan::plan(tx, &import).await?;
                write::write(tx, &plan, import.from_ms).await?;
                Ok(plan.into_changes())
            })
        })
        .await
    }
}

impl From<Problems> for StoreError {
    fn from(problems: Problems) -> Self {
        Self::Roster(problems)
    }
}
