//! A store that is there already, for the commands that work on one; every error names its file.

use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use store::{Store, StoreError};

use crate::service;

/// What to do about a file that is damaged.
pub(crate) const DAMAGED: &str = "; keep the damaged file and go on with a backup; sqlite3's \
                                  .recover gets out of it what can be read";

/// Runs `work` on a store. A service may be working on it too.
pub(crate) fn with<T>(
    database: &Path,
    work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    run(database, async || anyhow::Ok(Store::open_existing(database).await?), work)
}

/// Runs `work`, which only reads, on a store that need not be writable.
pub(crate) fn reading<T>(
    database: &Path,
    work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let open = async || match Store::open_existing(database).await {
        Err(error) if error.is_unwritable() => anyhow::Ok(Store::open_unwritable(database).await?),
        opened => Ok(opened?),
    };
    run(database, open, work)
}

fn run<T>(
    database: &Path,
    open: impl AsyncFnOnce() -> anyhow::Result<Store>,
    work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let shown = database.display();
    ensure!(database.is_file(), "there is no database {shown}");
    service::runtime()?.block_on(async {
        let store =
            open().await.map_err(|error| named(error, "cannot open the store", database))?;
        let done = work(&store).await.map_err(|error| named(error, "the store", database))?;
        store.close().await.with_context(|| format!("cannot close the store {shown}"))?;
        Ok(done)
    })
}

/// What the store says, of which file, and what to do about it; other errors as they are.
fn named(error: anyhow::Error, what: &str, database: &Path) -> anyhow::Error {
    let of_store = error.chain().find_map(|cause| cause.downcast_ref::<StoreError>());
    let Some(of_store) = of_store else { return error };
    let advice = match of_store {
        StoreError::LogBeside => "; copy both files to where they can be written",
        StoreError::OtherSchema => "; copy it to where it can be written",
        damaged if damaged.is_damage() => DAMAGED,
        away if away.is_unwritable() => {
            "; it cannot be written here: copy it, with the -wal file beside it, to where it can"
        }
        _ => "",
    };
    anyhow!("{what} {}: {}{advice}", database.display(), crate::told(&error))
}
