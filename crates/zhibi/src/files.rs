//! How many files the process may hold open, and how many of them the view's connections may be.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections of the view, however many files the system allows: each takes up to 50 KiB.
const CONNECTIONS_MAX: u64 = 4_096;

/// Connections of the view; the rest of the files are for the store, the brokers and ingest.
const fn share(files: u64) -> u64 {
    let half = files / 2;
    if half < CONNECTIONS_MAX { half } else { CONNECTIONS_MAX }
}

/// Raises the limit of open files as far as the system allows without special rights, and as far as
/// is useful, and gives the view's part of it.
pub(crate) fn connections_max() -> usize {
    let wanted = 4 * CONNECTIONS_MAX;
    let limit = getrlimit(Resource::Nofile);
    // `None` is no limit.
    let hard = limit.maximum.unwrap_or(u64::MAX);
    let mut files = limit.current.unwrap_or(u64::MAX);
    let raised = wanted.min(hard);
    if files < raised {
        let limit = Rlimit { current: Some(raised), maximum: limit.maximum };
        match setrlimit(Resource::Nofile, limit) {
            Ok(()) => files = raised,
            Err(error) => tracing::warn!(%error, files, "the limit of open files stays"),
        }
    }
    // At most 4,096.
    share(files) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_files_are_kept_for_others() {
        assert_eq!(share(200), 100);
        assert_eq!(share(u64::MAX), CONNECTIONS_MAX);
        assert!(connections_max() > 0);
    }
}
