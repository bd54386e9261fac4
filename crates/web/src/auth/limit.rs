//! How often a login may fail: per account and address, so that nobody locks a teacher out from
//! elsewhere, and per address, so that nobody tries one password on every account.

use std::collections::HashMap;
use std::net::IpAddr;

/// Failures of one account from one address.
const ACCOUNT_MAX: u32 = 5;
/// Failures from one address; a school may share one.
const ADDRESS_MAX: u32 = 50;
/// The time over which failures count.
const WINDOW_MS: i64 = 15 * 60_000;
/// Counters kept; beyond, the oldest go.
const COUNTERS_MAX: usize = 10_000;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    address: Option<IpAddr>,
    /// `None`: whatever the account.
    login: Option<String>,
}

struct Counter {
    since_ms: i64,
    failures: u32,
}

/// Counts failed logins. Times are the wall clock's, Unix milliseconds.
#[derive(Default)]
pub(crate) struct Limiter {
    counters: HashMap<Key, Counter>,
}

impl Limiter {
    /// Takes one try. `Err` holds the milliseconds to wait before the next.
    pub(crate) fn take(
        &mut self,
        address: Option<IpAddr>,
        login: &str,
        now_ms: i64,
    ) -> Result<(), i64> {
        let keys = keys(address, login);
        for (key, max) in &keys {
            if let Some(counter) = self.counters.get(key)
                && counter.failures >= *max
                && now_ms < counter.since_ms + WINDOW_MS
            {
                return Err(counter.since_ms + WINDOW_MS - now_ms);
            }
        }
        for (key, _) in keys {
            self.make_room(now_ms);
            let counter =
                self.counters.entry(key).or_insert(Counter { since_ms: now_ms, failures: 0 });
            if now_ms >= counter.since_ms + WINDOW_MS {
                *counter = Counter { since_ms: now_ms, failures: 0 };
            }
            counter.failures += 1;
        }
        Ok(())
    }

    /// The try was good: the account's failures from this address are forgotten.
    pub(crate) fn succeeded(&mut self, address: Option<IpAddr>, login: &str) {
        for (key, _) in keys(address, login) {
            match key.login {
                Some(_) => {
                    self.counters.remove(&key);
                }
                None => {
                    if let Some(counter) = self.counters.get_mut(&key) {
                        counter.failures = counter.failures.saturating_sub(1);
                    }
                }
            }
        }
    }

    fn make_room(&mut self, now_ms: i64) {
        if self.counters.len() < COUNTERS_MAX {
            return;
        }
        self.counters.retain(|_, counter| now_ms < counter.since_ms + WINDOW_MS);
        if self.counters.len() >= COUNTERS_MAX {
            let mut ages: Vec<i64> = self.counters.values().map(|c| c.since_ms).collect();
            let (_, middle, _) = ages.select_nth_unstable(COUNTERS_MAX / 2);
            let middle = *middle;
            self.counters.retain(|_, counter| counter.since_ms > middle);
        }
    }
}

fn keys(address: Option<IpAddr>, login: &str) -> [(Key, u32); 2] {
    // Logins are not case-sensitive to an attacker's count, nor long.
    let login = login.chars().take(64).collect::<String>().to_lowercase();
    [
        (Key { address, login: Some(login) }, ACCOUNT_MAX),
        (Key { address, login: None }, ADDRESS_MAX),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
    const ELSEWHERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 9)));

    #[test]
    fn five_failures_of_one_account_from_one_address() {
        let mut limiter = Limiter::default();
        for _ in 0..5 {
            assert_eq!(limiter.take(HOME, "wang", 1_000), Ok(()));
        }
        assert_eq!(limiter.take(HOME, "Wang", 2_000), Err(WINDOW_MS - 1_000));
        assert_eq!(limiter.take(HOME, "li", 2_000), Ok(()), "another account");
        assert_eq!(limiter.take(ELSEWHERE, "wang", 2_000), Ok(()), "another address");
        assert_eq!(limiter.take(HOME, "wang", 1_000 + WINDOW_MS), Ok(()), "later");
    }

    #[test]
    fn one_address_on_many_accounts() {
        let mut limiter = Limiter::default();
        for n in 0..50 {
            assert_eq!(limiter.take(HOME, &format!("t{n}"), 0), Ok(()));
        }
        assert_eq!(limiter.take(HOME, "t50", 0), Err(WINDOW_MS));
    }

    #[test]
    fn success_forgets_the_failures() {
        let mut limiter = Limiter::default();
        for _ in 0..20 {
            for _ in 0..3 {
                assert_eq!(limiter.take(HOME, "wang", 0), Ok(()));
            }
            limiter.succeeded(HOME, "wang");
            limiter.succeeded(HOME, "wang");
            limiter.succeeded(HOME, "wang");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut limiter = Limiter::default();
        for n in 0..30_000_u32 {
            let address = Some(IpAddr::V4(n.into()));
            assert_eq!(limiter.take(address, "wang", i64::from(n)), Ok(()));
        }
        assert!(limiter.counters.len() <= COUNTERS_MAX);
    }
}
