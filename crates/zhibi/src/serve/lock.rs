//! One service per store.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context, bail};

/// Holds a store for this process; the system lets go of it whatever ends the process.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the store, or says that another service has it.
    pub(super) fn take(store: &Path) -> anyhow::Result<Self> {
        // Under its real name, since a link leads to the same store. A new store has no other name.
        let store = &std::fs::canonicalize(store).unwrap_or_else(|_| store.to_owned());
        let mut path = store.as_os_str().to_owned();
        path.push(".lock");
        let path = Path::new(&path);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another service works on the store {}: stop it first, or give this one a store \
                 of its own",
                store.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
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
        std::fs::write(&store, "").unwrap();
        let other = dir.path().join("other.db");
        std::os::unix::fs::symlink(&store, &other).unwrap();
        let _first = Lock::take(&store).unwrap();
        let refused = Lock::take(&other).unwrap_err().to_string();
        assert!(refused.contains("another service"), "by a link: {refused}");
    }
}
