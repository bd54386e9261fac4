//! One service per store.

use std::fs::{File, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use store::Store;

/// Holds a store for this process; the system lets go of it whatever ends the process.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the store, or says that another service has it. Makes an empty file where there is
    /// none, which becomes a store.
    ///
    /// The lock is on the file itself, whatever name leads to it: two services that know it by two
    /// hard links would each have a write-ahead log of their own, and lose what the other stored.
    /// It does not meet SQLite's locks, which are of another kind. SQLite would lose its own when
    /// this file is closed, so it stays open until the store is closed.
    pub(super) fn take(store: &Path) -> anyhow::Result<Self> {
        // Before an empty file is made: with it the log would be taken for a leftover.
        Store::check_place(store)
            .with_context(|| format!("cannot open the store {}", store.display()))?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            // For its owner alone: children's names and ink stand in it.
            .mode(0o600)
            .open(store)
            .with_context(|| format!("cannot open {}", store.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another service works on the store {}: stop it first, or give this one a store \
                 of its own",
                store.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", store.display()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lock;

    #[test]
    fn the_second_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("zhibi.db");
        let first = Lock::take(&store).unwrap();
        let refused = Lock::take(&store).unwrap_err().to_string();
        assert!(refused.contains("another service"), "{refused}");
        drop(first);
        drop(Lock::take(&store).unwrap());
        let _first = Lock::take(&store).unwrap();
        let (link, hard) = (dir.path().join("link.db"), dir.path().join("hard.db"));
        std::os::unix::fs::symlink(&store, &link).unwrap();
        std::fs::hard_link(&store, &hard).unwrap();
        for other in [link, hard] {
            let refused = Lock::take(&other).unwrap_err().to_string();
            assert!(refused.contains("another service"), "{}: {refused}", other.display());
        }
    }

    #[test]
    fn a_log_without_its_store_stays_and_no_file_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("zhibi.db");
        std::fs::write(dir.path().join("zhibi.db-wal"), "commits").unwrap();
        let refused = crate::told(&Lock::take(&store).unwrap_err());
        assert!(refused.contains("zhibi.db-wal holds commits"), "{refused}");
        assert!(!store.exists());
    }

    #[test]
    fn a_link_to_a_store_that_is_not_there_yet_leads_to_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let (store, link) = (dir.path().join("zhibi.db"), dir.path().join("link.db"));
        std::os::unix::fs::symlink(&store, &link).unwrap();
        let _first = Lock::take(&link).unwrap();
        assert!(Lock::take(&link).is_err() && Lock::take(&store).is_err());
    }
}
