//! A store that is there already, for the commands that work on one; every error names its file.

use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use store::{Store, StoreError, StoreUrl};

use crate::{Verdict, service};

/// What to do about a file that is damaged.
pub(crate) const DAMAGED: &str = "; keep the damaged file and go on with a backup; sqlite3's \
                                  .recover gets out of it what can be read";

/// Runs `zhibi store init`.
pub(crate) fn init(database: &StoreUrl) -> anyhow::Result<Verdict> {
    if let Some(folder) = database.path().and_then(Path::parent)
        && !folder.as_os_str().is_empty()
    {
        ensure!(
            folder.is_dir(),
            "cannot make the store {database}: there is no folder {}: make it first, for the user \
             under whom the service runs",
            folder.display()
        );
    }
    service::runtime()?
        .block_on(Store::init(database))
        .map_err(|error| named(error.into(), "cannot make the store", database))?;
    tell!("{database}: the store is there and up to date");
    Ok(Verdict::Clean)
}

/// Runs `work` on a store. A service may be working on it too, of an older version perhaps: only a
/// service and `zhibi store` bring a store up to date.
pub(crate) fn with<T>(
    database: &StoreUrl,
    work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    run(database, async || anyhow::Ok(Store::connect_unchanged(database).await?), work)
}

/// Runs `work`, which only reads, on a store that need not be writable.
pub(crate) fn reading<T>(
    database: &StoreUrl,
    work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let open = async || match (Store::connect_unchanged(database).await, database.path()) {
        (Err(error), Some(file)) if error.is_unwritable() => {
            anyhow::Ok(Store::open_unwritable(file).await?)
        }
        (opened, _) => Ok(opened?),
    };
    run(database, open, work)
}

fn run<T>(
    database: &StoreUrl,
    open: impl AsyncFnOnce() -> anyhow::Result<Store>,
    work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if let Some(file) = database.path() {
        ensure!(!file.is_dir(), "{database} is a folder: name the database file in it");
        ensure!(file.is_file(), "there is no database {database}");
        if let Err(error) = std::fs::File::open(file) {
            bail!("this user may not read {database}: run it as the user who owns it ({error})");
        }
    }
    service::runtime()?.block_on(async {
        let store =
            open().await.map_err(|error| named(error, "cannot open the store", database))?;
        let done = work(&store).await.map_err(|error| named(error, "the store", database));
        // What was refused leaves no log beside the store either.
        let closed = store.close().await;
        let done = done?;
        closed.with_context(|| format!("cannot close the store {database}"))?;
        Ok(done)
    })
}

/// Adds to a store's error its file and what to do about it; other errors stay as they are.
pub(crate) fn named(error: anyhow::Error, what: &str, database: &StoreUrl) -> anyhow::Error {
    let of_store = error.chain().find_map(|cause| cause.downcast_ref::<StoreError>());
    let Some(of_store) = of_store else { return error };
    let advice = match of_store {
        StoreError::NoStore if database.path().is_some() => {
            ": is it a copy without the -wal file beside it?"
        }
        StoreError::LogBeside => "; copy both files to where they can be written",
        StoreError::OtherSchema => "; copy it to where it can be written",
        damaged if damaged.is_damage() => DAMAGED,
        away if away.is_unwritable() => {
            "; it cannot be written here: copy it, with the -wal file beside it, to where it can"
        }
        _ => "",
    };
    anyhow!("{what} {database}: {}{advice}", crate::told(&error))
}
