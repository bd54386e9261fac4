//! Which pages of print runs have new ink.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Fewer copies say nothing of how a run was printed.
pub(crate) const COPIES_MIN: u32 = 4;

/// Which pages of print runs had ink since they were last looked at. It is kept in memory: after a
/// start, a page is looked at once more ink comes.
#[derive(Debug, Default)]
pub(crate) struct Copies(Mutex<HashMap<(String, u32), Seen>>);

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Markings since then.
    since: u32,
    /// Copies looked at then.
    copies: u32,
}

impl Seen {
    /// With every half more copies, a page is looked at again.
    fn is_due(self) -> bool {
        self.since >= COPIES_MIN.max(self.copies / 2)
    }
}

impl Copies {
    fn seen(&self) -> MutexGuard<'_, HashMap<(String, u32), Seen>> {
        // Counts are whole whatever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a paper of a run's page is being marked.
    pub(crate) fn note(&self, print_run: &str, page: u32) {
        self.seen().entry((print_run.to_owned(), page)).or_default().since += 1;
    }

    /// Whether a page is to be looked at, or is being looked at.
    pub(crate) fn are_due(&self) -> bool {
        self.seen().values().any(|seen| seen.is_due())
    }

    /// The pages to be looked at, each with its markings.
    pub(crate) fn due(&self) -> Vec<((String, u32), u32)> {
        let seen = self.seen();
        let due = seen.iter().filter(|(_, seen)| seen.is_due());
        let mut due: Vec<_> = due.map(|(page, seen)| (page.clone(), seen.since)).collect();
        due.sort_unstable();
        due
    }

    /// Notes that a page was looked at, with those markings, on so many copies.
    pub(crate) fn looked_at(&self, page: &(String, u32), since: u32, copies: u32) {
        if let Some(seen) = self.seen().get_mut(page) {
            seen.since = seen.since.saturating_sub(since);
            seen.copies = copies;
        }
    }
}
