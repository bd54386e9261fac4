//! `zhibi store backup` and `zhibi store restore`: a store's file, copied as of one moment.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use store::{Store, StoreError, StoreUrl};
use tempfile::NamedTempFile;

use crate::progress::Progress;
use crate::whole_file::sync_folder;
use crate::{Verdict, check, service, store_file};

/// Copies a store. A service may work on it meanwhile.
pub(crate) fn back_up(database: &StoreUrl, file: &Path) -> anyhow::Result<Verdict> {
    let Some(store) = database.path() else {
        bail!(
            "{database} is PostgreSQL's: copy it with pg_dump --format=custom --file={} and the same \
             url",
            file.display()
        );
    };
    ensure!(store.is_file(), "there is no database {database}");
    let bytes = copy(store, file, What::Backup)?;
    tell!(
        "{} is a copy of {database} ({} MiB); zhibi check says whether it is sound",
        file.display(),
        bytes.div_ceil(1 << 20)
    );
    Ok(Verdict::Clean)
}

/// Makes a store from a copy, and checks it.
pub(crate) fn restore(file: &Path, database: &StoreUrl) -> anyhow::Result<Verdict> {
    let Some(store) = database.path() else {
        bail!(
            "{database} is PostgreSQL's: make an empty database and bring the dump back with \
             pg_restore --no-owner --dbname=…, then zhibi store init and zhibi check"
        );
    };
    ensure!(file.is_file(), "there is no backup {}", file.display());
    // Before what lies beside it: a service may be at work on it, and its log is part of it.
    ensure_free(store)?;
    for beside in ["-wal", "-shm", "-journal"] {
        let mut log = store.as_os_str().to_owned();
        log.push(beside);
        let log = PathBuf::from(log);
        // SQLite would take what stands in it for a part of the restored store.
        ensure!(
            !log.exists(),
            "{} is there without its store: put the store back, or move it away if that is gone for \
             good",
            log.display()
        );
    }
    copy(file, store, What::Restore)?;
    let (findings, chunks) = service::runtime()?.block_on(async {
        let opened = Store::open(store).await.map_err(anyhow::Error::from);
        let store = opened.map_err(|error| store_file::named(error, "cannot open", database))?;
        let checked = check::verify(&store).await;
        store.close().await?;
        checked
    })?;
    tell!("{database} is restored from {}", file.display());
    check::say(database, &findings, chunks, false)
}

/// What a copy is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Backup,
    Restore,
}

impl What {
    fn word(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Restore => "restore",
        }
    }
}

/// Refuses a place where anything is.
fn ensure_free(place: &Path) -> anyhow::Result<()> {
    ensure!(std::fs::symlink_metadata(place).is_err(), "{}", taken(place));
    Ok(())
}

fn taken(place: &Path) -> String {
    format!("{} is there already and stays as it is: name another", place.display())
}

/// Copies a store into a file that is not there yet: whole and on the disk, or not at all. Returns
/// its size in bytes.
fn copy(from: &Path, into: &Path, what: What) -> anyhow::Result<u64> {
    ensure_free(into)?;
    let folder = match into.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let cannot = || format!("cannot write {}", into.display());
    // For its owner alone, and gone if this fails.
    let part: NamedTempFile = tempfile::Builder::new()
        .prefix("zhibi-")
        .suffix(".part")
        .tempfile_in(folder)
        .with_context(cannot)?;
    let path = part.path().to_str().with_context(|| format!("{}: not UTF-8", into.display()))?;
    let mut progress = Progress::new(what.word(), 0);
    let copied = service::runtime()?.block_on(async {
        let told = |done, all| progress.set_of(done >> 10, all >> 10, "KiB");
        Store::copy_file(from, path, told).await?;
        // A store that this version cannot open would stay behind.
        if what == What::Restore { Store::check_copy(part.path()).await } else { Ok(()) }
    });
    progress.finish();
    copied.map_err(|error| {
        let into = into.display();
        match error {
            // The store is only read.
            full if full.is_disk_full() => anyhow!(
                "cannot write {into}: its disk is full: make room there, or name a place elsewhere; \
                 nothing of it was left behind"
            ),
            damaged if damaged.is_damage() && what == What::Restore => anyhow!(
                "{} is damaged: {damaged}. Restore from another backup; sqlite3's .recover gets out \
                 of it what can be read. Nothing was restored",
                from.display()
            ),
            StoreError::NewerSchema => anyhow!(
                "{} was written by a newer version of zhibi: restore it with that one. Nothing was \
                 restored",
                from.display()
            ),
            error => {
                store_file::named(error.into(), "cannot copy the store", &StoreUrl::from(from))
            }
        }
    })?;
    let synced = part.as_file().sync_all().and_then(|()| part.as_file().metadata());
    let bytes = synced.with_context(cannot)?.len();
    part.persist_noclobber(into).map_err(|error| error.error).with_context(|| taken(into))?;
    sync_folder(folder)?;
    Ok(bytes)
}
