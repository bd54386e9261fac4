//! How long to wait between failed logins. Nobody is ever locked out: waits grow from a second to
//! minutes at most, and nobody's failures make everybody wait.
//!
//! A browser in which somebody has logged in before waits for its own failures alone (the device
//! cookies of OWASP's authentication cheat sheet). For all others failures are counted three times:
//! per account and client, so that a teacher does not wait for what somebody elsewhere tries; per
//! account, so that many clients together do not guess fast; per client, so that nobody tries one
//! password on every account. A school behind one address is one client: its budget is wide.

use std::collections::HashMap;

use store::TokenHash;

use crate::client::ClientKey;

/// Failures are forgotten after this time without one.
const FORGET_MS: i64 = 15 * 60_000;
/// Counters kept; beyond this number, the oldest are dropped.
const COUNTERS_MAX: usize = 10_000;

/// What failures are counted by.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Device(TokenHash),
    Pair(Option<ClientKey>, String),
    /// Of the codes of a member of staff.
    Code(String),
    Account(String),
    Client(Option<ClientKey>),
    /// Who tries links for parents: a whole school, or a phone network, may be one client.
    Link(Option<ClientKey>),
}

impl Key {
    /// Failures that cost no wait, and the longest wait.
    fn rule(&self) -> (u32, i64) {
        match self {
            Self::Device(_) => (10, 60_000),
            Self::Pair(..) | Self::Code(_) => (5, 300_000),
            Self::Account(_) => (100, 60_000),
            Self::Client(_) => (500, 5_000),
            Self::Link(_) => (100, 5_000),
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Counter {
    failures: u32,
    /// When the last failure was.
    last_ms: i64,
    /// When the next try may be.
    next_ms: i64,
}

impl Counter {
    /// One more failure: after the free ones a second, then twice as long each time.
    fn fail(&mut self, (free, wait_ms_max): (u32, i64), now_ms: i64) {
        self.failures = self.failures.saturating_add(1);
        let beyond = self.failures.saturating_sub(free).min(30);
        let wait_ms = if beyond == 0 { 0 } else { 500 << beyond };
        self.last_ms = now_ms;
        self.next_ms = now_ms + wait_ms.min(wait_ms_max);
    }

    fn is_forgotten(&self, now_ms: i64) -> bool {
        now_ms >= self.last_ms + FORGET_MS
    }
}

/// One try to log in.
#[derive(Clone)]
pub(crate) struct Try {
    keys: Vec<Key>,
}

impl Try {
    /// From a device that has logged in to this account before, or with a session of it.
    pub(crate) fn known(token: TokenHash) -> Self {
        Self { keys: vec![Key::Device(token)] }
    }

    /// At the code of a member of staff, whoever types it: their password was right.
    pub(crate) fn code(staff: &str) -> Self {
        Self { keys: vec![Key::Code(staff.to_owned())] }
    }

    /// From anywhere else.
    pub(crate) fn unknown(client: Option<ClientKey>, login: &str) -> Self {
        // Upper and lower case count as one login, and only its first 64 characters are kept.
        let login = login.chars().take(64).collect::<String>().to_lowercase();
        let account = Key::Account(login.clone());
        Self { keys: vec![Key::Pair(client, login), account, Key::Client(client)] }
    }
}

impl Try {
    /// To open a link for parents.
    pub(crate) fn link(client: Option<ClientKey>) -> Self {
        Self { keys: vec![Key::Link(client)] }
    }
}

/// Counts failed logins. Times are the wall clock's, Unix milliseconds.
#[derive(Default)]
pub(crate) struct Limiter {
    counters: HashMap<Key, Counter>,
}

impl Limiter {
    /// Takes one try and counts it as failed until [`succeeded`](Self::succeeded). `Err` holds the
    /// milliseconds to wait before the next try; being told to wait does not count as a failure.
    pub(crate) fn take(&mut self, tried: &Try, now_ms: i64) -> Result<(), i64> {
        let counters = tried.keys.iter().filter_map(|key| self.counters.get(key));
        let wait_ms = counters.map(|counter| counter.next_ms - now_ms).max().unwrap_or(0);
        if wait_ms > 0 {
            return Err(wait_ms);
        }
        for key in &tried.keys {
            self.make_room(now_ms);
            let counter = self.counters.entry(key.clone()).or_default();
            if counter.is_forgotten(now_ms) {
                *counter = Counter::default();
            }
            counter.fail(key.rule(), now_ms);
        }
        Ok(())
    }

    /// The try was good: the failures of this device, or of this account from this client, are
    /// forgotten.
    pub(crate) fn succeeded(&mut self, tried: &Try) {
        self.take_back(tried);
        for key in &tried.keys {
            if matches!(key, Key::Device(_) | Key::Pair(..) | Key::Code(_)) {
                self.counters.remove(key);
            }
        }
    }

    /// The try was not a failure.
    pub(crate) fn take_back(&mut self, tried: &Try) {
        for key in &tried.keys {
            if let Some(counter) = self.counters.get_mut(key) {
                counter.failures = counter.failures.saturating_sub(1);
                counter.next_ms = counter.last_ms;
            }
        }
    }

    fn make_room(&mut self, now_ms: i64) {
        if self.counters.len() < COUNTERS_MAX {
            return;
        }
        self.counters.retain(|_, counter| !counter.is_forgotten(now_ms));
        if self.counters.len() >= COUNTERS_MAX {
            // Drops the oldest half, and a few more where several are equally old.
            let mut ages: Vec<i64> = self.counters.values().map(|c| c.last_ms).collect();
            let (_, middle, _) = ages.select_nth_unstable(COUNTERS_MAX / 2);
            let middle = *middle;
            self.counters.retain(|_, counter| counter.last_ms > middle);
        }
    }
}

#[cfg(test)]
mod tests;
