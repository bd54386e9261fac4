//! `zhibi erase`.

use std::path::Path;

use anyhow::{Context, ensure};
use store::{GatewayLine, PupilFound, Store};

use crate::cli::EraseArgs;
use crate::say::counted;
use crate::{Verdict, class_name, clock, local_time, pen, service, store_file};

/// Erases a pupil, or says what would be erased, or lists who left.
pub(crate) fn run(args: &EraseArgs) -> anyhow::Result<Verdict> {
    store_file::with(&args.database, async |store| match &args.pupil {
        Some(named) => erase(store, args, named).await,
        None if args.left => list(store, args.school.as_deref()).await,
        // What an erasure before this left is freed below.
        None => Ok(()),
    })?;
    match (args.for_good, args.database.path()) {
        (false, _) => Ok(Verdict::Clean),
        (true, Some(file)) => rewrite(file),
        (true, None) => {
            tell!(
                "the server's files and logs still hold pieces: VACUUM FULL frees the files, and \
                 archived logs hold them until they are deleted"
            );
            Ok(Verdict::Clean)
        }
    }
}

async fn erase(store: &Store, args: &EraseArgs, named: &str) -> anyhow::Result<()> {
    let pupil = pupil(store, args.school.as_deref(), named).await?;
    let who = who(&pupil);
    let erased = match args.for_good {
        true => store.erase_pupil(&pupil.id).await?,
        false => store.erasable(&pupil.id).await?,
    };
    let what = format!(
        "{}, {} and {} in the quarantine",
        counted(erased.chunks as usize, "chunk of ink", "chunks of ink"),
        counted(erased.papers as usize, "paper", "papers"),
        counted(erased.quarantined as usize, "frame", "frames"),
    );
    if args.for_good {
        tell!("{who} is erased, with {what}; older backups still hold all of it");
    } else {
        tell!("{who}: {what} would be erased, with name, marks and profile");
        tell!("nothing was done; --for-good erases, and cannot be undone");
    }
    for gateway in store.gateways().await? {
        if let Some(said) = may_hold(&gateway) {
            tell!("{said}");
        }
    }
    if erased.others_chunks > 0 {
        tell!(
            "{} of other hands across this pupil's page and somebody else's stay; nobody's name is \
             on them",
            counted(erased.others_chunks as usize, "chunk", "chunks")
        );
    }
    Ok(())
}

/// That ink may still wait at a gateway, which nobody can tell to be the pupil's when it comes.
fn may_hold(gateway: &GatewayLine) -> Option<String> {
    let GatewayLine { id, online, since_ms, backlog, revoked_ms, .. } = gateway;
    if revoked_ms.is_some() {
        return None;
    }
    let what = match (online, since_ms, backlog) {
        (Some(false), Some(since_ms), _) => {
            format!("is not connected since {}", local_time::text(*since_ms))
        }
        (Some(false), None, _) => "is not connected".to_owned(),
        (_, _, 1..) => {
            let chunks =
                counted(usize::try_from(*backlog).unwrap_or(usize::MAX), "chunk", "chunks");
            format!("has pens that keep {chunks}")
        }
        _ => return None,
    };
    Some(format!(
        "gateway {id} {what}: what it brings of this pupil after the erasure may stay, as nobody's ink"
    ))
}

/// Frees a store's file of the pieces of deleted rows, or says why they are still there.
fn rewrite(file: &Path) -> anyhow::Result<Verdict> {
    let why = match service::runtime()?.block_on(Store::rewrite_file(file)) {
        Ok(true) => {
            tell!("{} was written anew, without what was erased", file.display());
            return Ok(Verdict::Clean);
        }
        Ok(false) => "somebody reads it all the time".to_owned(),
        Err(error) => error.to_string(),
    };
    let file = file.display();
    tell!(
        "unused parts of {file} and the log beside it still hold pieces ({why}): free them later by \
         zhibi erase {file} --for-good, which erases nobody and writes the file anew"
    );
    Ok(Verdict::Findings)
}

/// The pupil of a place in a class, or of an id.
async fn pupil(store: &Store, school: Option<&str>, named: &str) -> anyhow::Result<PupilFound> {
    let id = match pen::place_in_class(named) {
        None => named.to_owned(),
        Some((class, number)) => {
            let class = class_name::of_store(store, school, class).await?;
            let pupil = store.pupil_numbered(&class.id, number, clock::wall_ms()).await?;
            pupil.with_context(|| {
                format!(
                    "{} has no pupil {number} now: name one who has left by their id, which \
                     zhibi erase DATABASE --left lists",
                    class.name_zh
                )
            })?
        }
    };
    store.pupil_found(&id).await?.with_context(|| {
        format!(
            "there is no pupil {named}: name one as CLASS:NUMBER, or by their id; --left lists \
             those who left"
        )
    })
}

/// Who somebody is, for the person who is about to erase them.
fn who(pupil: &PupilFound) -> String {
    let PupilFound { id, name, class, until_ms } = pupil;
    let place = match class {
        Some((class, number)) => format!("{class}:{number}"),
        None => "never in a class".to_owned(),
    };
    match until_ms {
        Some(until_ms) => format!("{name} ({place} until {}, {id})", local_time::text(*until_ms)),
        None => format!("{name} ({place}, {id})"),
    }
}

async fn list(store: &Store, school: Option<&str>) -> anyhow::Result<()> {
    let mut schools = store.schools().await?;
    if let Some(wanted) = school {
        schools.retain(|row| [&row.id, &row.name_zh, &row.name_en].iter().any(|n| *n == wanted));
        ensure!(!schools.is_empty(), "there is no school {wanted}");
    }
    let mut left = 0;
    for school in &schools {
        let pupils = store.pupils_left(Some(&school.id), clock::wall_ms()).await?;
        left += pupils.len();
        for pupil in &pupils {
            put!("{}", who(pupil))?;
        }
    }
    tell!("{} in no class any more", counted(left, "pupil is", "pupils are"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateways_that_may_hold_ink_are_told() {
        let line = |online, backlog, revoked_ms| GatewayLine {
            id: "room-12".into(),
            school: None,
            classroom: None,
            enrolled_ms: None,
            revoked_ms,
            certificate_until_ms: None,
            online,
            since_ms: Some(0),
            ink_ms: None,
            pens: 1,
            backlog,
        };
        let told = |line: GatewayLine| may_hold(&line).unwrap_or_default();
        assert!(told(line(Some(false), 0, None)).contains("not connected since 1970-01-01"));
        assert!(told(line(Some(true), 7, None)).contains("pens that keep 7 chunks"));
        for quiet in [line(Some(true), 0, None), line(None, 0, None), line(Some(false), 7, Some(1))]
        {
            assert_eq!(may_hold(&quiet), None);
        }
    }
}
