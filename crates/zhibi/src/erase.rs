//! `zhibi erase`.

use anyhow::{Context, bail};
use store::{Store, StoreError};

use crate::cli::EraseArgs;
use crate::say::counted;
use crate::{Verdict, class_name, clock, pen, store_file};

/// Erases a pupil, or says what would be erased.
pub(crate) fn run(args: &EraseArgs) -> anyhow::Result<Verdict> {
    store_file::with(&args.database, async |store| {
        let pupil = pupil(store, args).await?;
        let done = match args.for_good {
            true => store.erase_pupil(&pupil).await,
            false => store.erasable(&pupil).await,
        };
        let erased = match done {
            Err(StoreError::Missing { .. }) => {
                bail!("there is no pupil {}: name one as CLASS:NUMBER, or by their id", args.pupil)
            }
            done => done?,
        };
        let what = format!(
            "{}, {} and {} in the quarantine",
            counted(erased.chunks as usize, "chunk of ink", "chunks of ink"),
            counted(erased.papers as usize, "paper", "papers"),
            counted(erased.quarantined as usize, "frame", "frames"),
        );
        if args.for_good {
            tell!("{} is erased, with {what}; older backups still hold all of it", args.pupil);
            if let Some(file) = args.database.path() {
                let file = file.display();
                tell!(
                    "unused parts of {file} still hold pieces: stop the service, write a file \
                     without them by zhibi store backup {file} NEW, and put NEW in its place"
                );
            }
        } else {
            tell!("{}: {what} would be erased, with name, marks and profile", args.pupil);
            tell!("nothing was done; --for-good erases, and cannot be undone");
        }
        if erased.others_chunks > 0 {
            tell!(
                "{} of other hands across this pupil's page and somebody else's stay; nobody's \
                 name is on them",
                counted(erased.others_chunks as usize, "chunk", "chunks")
            );
        }
        Ok(Verdict::Clean)
    })
}

/// The pupil's id: of a place in a class, or as it is given.
async fn pupil(store: &Store, args: &EraseArgs) -> anyhow::Result<String> {
    let Some((class, number)) = pen::place_in_class(&args.pupil) else {
        return Ok(args.pupil.clone());
    };
    let class = class_name::of_store(store, args.school.as_deref(), class).await?;
    let pupil = store.pupil_numbered(&class.id, number, clock::wall_ms()).await?;
    pupil.with_context(|| {
        format!("{} has no pupil {number} now: name one who has left by their id", class.name_zh)
    })
}
