//! `zhibi import roster`: a school's classes, pupils and teachers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use school::roster::{self, BYTES_MAX, Files, Problems, Roster, Said, Told};
use serde_json::{Value, json};
use store::{Becomes, ChangeOf, RosterChange, RosterChanges, RosterImport, Store, StoreError};

use crate::cli::ImportRosterArgs;
use crate::progress::Progress;
use crate::say::{are, counted};
use crate::{Verdict, clock, local_time, store_file};

/// Changes of each kind that are shown; `--json` has them all.
const SHOWN_MAX: usize = 8;

/// Kinds of things with the words for one of them.
const THINGS: [(ChangeOf, &str); 5] = [
    (ChangeOf::School, "school"),
    (ChangeOf::Class, "class"),
    (ChangeOf::Pupil, "pupil"),
    (ChangeOf::Staff, "teacher"),
    (ChangeOf::Role, "role"),
];

/// What becomes of them, in words.
const BECOMES: [(Becomes, &str); 6] = [
    (Becomes::New, "new"),
    (Becomes::Changed, "changed"),
    (Becomes::Moved, "moved"),
    (Becomes::Ended, "ended"),
    (Becomes::Missing, "missing"),
    (Becomes::Unchanged, "unchanged"),
];

/// Runs the command.
pub(crate) fn run(args: &ImportRosterArgs) -> anyhow::Result<Verdict> {
    let mut progress = Progress::new("roster", 3);
    progress.set(0, "reading the files");
    let files = files(&args.source)?;
    let from_ms = args.from.unwrap_or_else(|| local_time::midnight(clock::wall_ms()));
    let outcome = store_file::with(&args.database, async |store| {
        let schools = store.schools().await?;
        let school = match (&args.school, schools.as_slice()) {
            (Some(name), _) => Some(name.trim()),
            (None, [only]) => Some(only.name_zh.as_str()),
            (None, _) => None,
        };
        let school = school.filter(|name| !name.is_empty());
        let told = Told { school, from: local_time::day(from_ms) };
        let roster = match roster::read(files, &told) {
            Ok(roster) => roster,
            Err(problems) => return Ok(Err(problems)),
        };
        let pupils = roster.pupils.len();
        progress.set(1, &format!("comparing {pupils} pupils with the store"));
        import(store, args, roster, from_ms).await
    })?;
    progress.finish();
    match outcome {
        Ok((changes, passed_over)) => {
            said(args, &changes, &passed_over)?;
            Ok(Verdict::Clean)
        }
        Err(problems) => {
            refused(args, &problems)?;
            Ok(Verdict::Findings)
        }
    }
}

type PassedOver = BTreeMap<Said, usize>;

async fn import(
    store: &Store,
    args: &ImportRosterArgs,
    roster: Roster,
    from_ms: i64,
) -> anyhow::Result<Result<(RosterChanges, PassedOver), Problems>> {
    let passed_over = roster.passed_over.clone();
    let (fresh, dry_run) = (Box::new(fresh), args.dry_run);
    let import =
        RosterImport { roster, from_ms, now_ms: clock::wall_ms(), fresh, dry_run, only: None };
    match store.import_roster(import).await {
        Ok(changes) => Ok(Ok((changes, passed_over))),
        Err(StoreError::Roster(problems)) => Ok(Err(problems)),
        Err(error) => Err(error.into()),
    }
}

/// A number that does not come twice.
fn fresh() -> u64 {
    // Unwrap safety: a system that gives no random bytes cannot run the service either, whose
    // sessions need them.
    #[expect(clippy::expect_used, reason = "see above")]
    getrandom::u64().expect("the system gives random bytes")
}

/// The files of a folder, or one file, within the limits of a roster.
fn files(source: &Path) -> anyhow::Result<Files> {
    let cannot = || format!("cannot read {}", source.display());
    let mut files = Files::new();
    if !source.is_dir() {
        let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(name, bytes(source, BYTES_MAX)?);
        return Ok(files);
    }
    let mut left = BYTES_MAX;
    for entry in std::fs::read_dir(source).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.to_ascii_lowercase().ends_with(".csv") && path.is_file() {
            let bytes = bytes(&path, left)?;
            left -= bytes.len() as u64;
            files.insert(name, bytes);
        }
    }
    if files.is_empty() {
        bail!("{} holds no CSV files: give the xlsx or zip itself", source.display());
    }
    Ok(files)
}

fn bytes(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(cannot)?;
    let read = file.take(most + 1).read_to_end(&mut bytes).with_context(cannot)?;
    ensure!(
        read as u64 <= most,
        "{}: a roster has {} MiB at most",
        path.display(),
        BYTES_MAX >> 20
    );
    Ok(bytes)
}

fn refused(args: &ImportRosterArgs, problems: &Problems) -> anyhow::Result<()> {
    if args.json {
        let problem = |problem: &roster::Problem| {
            let (file, line) = (&*problem.at.file, problem.at.line);
            json!({ "file": file, "line": line, "column": problem.column, "what": problem.what.en })
        };
        let list: Vec<Value> = problems.iter().map(problem).collect();
        put!("{}", json!({ "problems": list, "count": problems.count() }))?;
    } else {
        problems.iter().for_each(|problem| tell!("{problem}"));
    }
    let more = problems.count() - problems.iter().count();
    if more > 0 {
        tell!("… and {more} more");
    }
    let (wrong, are) = (counted(problems.count(), "thing", "things"), are(problems.count()));
    tell!("{}: {wrong} {are} wrong; nothing was changed", args.source.display());
    Ok(())
}

/// Prints what changed. Names go to standard output alone, which a person reads; no log has them.
fn said(
    args: &ImportRosterArgs,
    changes: &RosterChanges,
    passed_over: &PassedOver,
) -> anyhow::Result<()> {
    if args.json {
        put!("{}", object(args, changes, passed_over))?;
    } else {
        table(changes)?;
        shown(changes)?;
    }
    for (what, count) in passed_over {
        tell!("passed over: {count} {}", what.en);
    }
    if changes.elsewhere > 0 {
        let count = counted(changes.elsewhere, "pupil or role", "pupils or roles");
        tell!("passed over: {count} in classes that the store does not have");
    }
    let missing = changes.counts.iter().any(|((_, becomes), _)| *becomes == Becomes::Missing);
    if missing {
        tell!("whoever is missing in the files stays as they are, but for roles, which end");
    }
    let source = args.source.display();
    match (changes.is_nothing(), args.dry_run) {
        (true, _) => tell!("{source}: nothing changes"),
        (false, true) => tell!("{source}: a trial; nothing was changed"),
        (false, false) => tell!("{source}: taken in"),
    }
    Ok(())
}

fn table(changes: &RosterChanges) -> std::io::Result<()> {
    let head: String = BECOMES.iter().map(|(_, word)| format!("{word:>11}")).collect();
    put!("{:<8}{head}", "")?;
    for (of, word) in THINGS {
        let counts: String =
            BECOMES.iter().map(|(is, _)| format!("{:>11}", changes.count(of, *is))).collect();
        put!("{word:<8}{counts}")?;
    }
    Ok(())
}

/// The first few changes of each kind.
fn shown(changes: &RosterChanges) -> std::io::Result<()> {
    for (of, thing) in THINGS {
        for (becomes, word) in BECOMES {
            let alike = |change: &&RosterChange| change.of == of && change.becomes == becomes;
            let all: Vec<&RosterChange> = changes.list.iter().filter(alike).collect();
            for change in all.iter().take(SHOWN_MAX) {
                let class = change.class.as_deref().unwrap_or_default();
                let number = change.number.map_or(String::new(), |number| format!(" {number}"));
                let place =
                    if class.is_empty() { String::new() } else { format!("  {class}{number}") };
                let before =
                    change.before.as_ref().map_or(String::new(), |b| format!("  (before: {b})"));
                put!("{word} {thing}{place}  {}{before}", named(change))?;
            }
            if all.len() > SHOWN_MAX {
                put!("{word} {thing}  … {} more", all.len() - SHOWN_MAX)?;
            }
        }
    }
    Ok(())
}

/// Whose a change is, with what a teacher is to the class where it is of a role.
fn named(change: &RosterChange) -> String {
    match &change.role {
        Some(role) => format!("{}, {}", change.name, role.en),
        None => change.name.clone(),
    }
}

fn object(args: &ImportRosterArgs, changes: &RosterChanges, passed_over: &PassedOver) -> Value {
    let word = |of: ChangeOf| THINGS.iter().find(|(thing, _)| *thing == of).map(|(_, word)| *word);
    let becomes =
        |is: Becomes| BECOMES.iter().find(|(becomes, _)| *becomes == is).map(|(_, word)| *word);
    let counts = |of: ChangeOf| {
        let count =
            |(is, word): &(Becomes, &str)| ((*word).to_owned(), changes.count(of, *is).into());
        Value::Object(BECOMES.iter().map(count).collect())
    };
    let all: serde_json::Map<String, Value> =
        THINGS.iter().map(|(of, word)| ((*word).to_owned(), counts(*of))).collect();
    let change = |change: &RosterChange| {
        json!({
            "of": word(change.of),
            "becomes": becomes(change.becomes),
            "class": change.class,
            "number": change.number,
            "name": named(change),
            "before": change.before,
        })
    };
    json!({
        "dry_run": args.dry_run,
        "counts": all,
        "changes": changes.list.iter().map(change).collect::<Vec<_>>(),
        "passed_over": passed_over.iter().map(|(what, n)| (&*what.en, *n)).collect::<BTreeMap<_, _>>(),
        "elsewhere": changes.elsewhere,
    })
}
