//! `zhibi worksheet`: worksheets from text, and what is wrong with them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use recognition::Characters;
use serde_json::json;
use worksheet::text::{Draft, Fault};
use worksheet::{Framework, Key, Kind, Mental, Worksheet, Written, examine};

use crate::cli::{BuildArgs, CheckWorksheetArgs, FrameworkArgs, ListWorksheetArgs, NewArgs};
use crate::{Verdict, local_time, store_file, user};

/// Lays a text out.
pub(crate) fn build(args: &BuildArgs) -> anyhow::Result<Verdict> {
    let framework = framework(&args.framework)?;
    let text = read(&args.file)?;
    let beside = folder_of(&args.file);
    let draft = told(Draft::parse(&text, &framework), &args.file)?;
    let picture = |name: &str| std::fs::read(beside.join(name)).ok();
    let sheet = told(draft.lay_out(&framework, picture), &args.file)?;
    for doubt in draft.doubts() {
        tell!("{}:{doubt}", args.file.display());
    }
    let is_source = args.file.file_name().is_some_and(|name| name == "worksheet.txt");
    let out = match &args.out {
        Some(out) => out.clone(),
        None if is_source => beside.clone(),
        None => beside.join(&sheet.id.id),
    };
    write(&sheet, &text, &out)?;
    for name in draft.pictures() {
        let (from, to) = (beside.join(name), out.join(name));
        let is_there = from.canonicalize().ok() == to.canonicalize().ok();
        if !is_there {
            std::fs::copy(&from, &to).with_context(|| format!("cannot write {}", to.display()))?;
        }
    }
    say(&sheet, &out)?;
    Ok(Verdict::Clean)
}

/// Makes up a sheet of mental arithmetic.
pub(crate) fn new(args: &NewArgs) -> anyhow::Result<Verdict> {
    let mental = Mental { grade: args.grade, seed: args.seed, count: args.count.into() };
    let text = mental.text().context("there is no rule for this grade and count")?;
    let Some(out) = &args.out else {
        put!("{}", text.trim_end())?;
        return Ok(Verdict::Clean);
    };
    let sheet = Draft::build(&text, &Framework::own(), |_| None);
    let sheet = told(sheet, &out.join("worksheet.txt"))?;
    write(&sheet, &text, out)?;
    say(&sheet, out)?;
    Ok(Verdict::Clean)
}

/// Says what is wrong.
pub(crate) fn check(args: &CheckWorksheetArgs) -> anyhow::Result<Verdict> {
    let framework = framework(&args.framework)?;
    let before = args.against.as_deref().map(Worksheet::load).transpose();
    let before = before.context("cannot read the earlier build")?;
    let path = args.path.display();
    let found: Vec<String> = if args.path.is_dir() {
        let found = examine(&args.path, &framework, before.as_ref())?;
        found.iter().map(|finding| format!("{path}: {finding}")).collect()
    } else {
        let beside = folder_of(&args.path);
        let picture = |name: &str| std::fs::read(beside.join(name)).ok();
        let built = Draft::parse(&read(&args.path)?, &framework)
            .and_then(|draft| Ok((draft.lay_out(&framework, picture)?, draft.doubts())));
        match built {
            Ok((sheet, doubts)) => {
                let moved = before.map(|before| sheet.moved(&before)).unwrap_or_default();
                let doubts = doubts.iter().map(|doubt| format!("{path}:{doubt}"));
                doubts.chain(moved.iter().map(|moved| format!("{path}: {moved}"))).collect()
            }
            Err(faults) => faults.iter().map(|fault| format!("{path}:{fault}")).collect(),
        }
    };
    for line in &found {
        put!("{line}")?;
    }
    if found.is_empty() {
        put!("{path}: nothing is wrong")?;
        return Ok(Verdict::Clean);
    }
    Ok(Verdict::Findings)
}

/// Lists what a store holds.
pub(crate) fn list(args: &ListWorksheetArgs) -> anyhow::Result<Verdict> {
    store_file::reading(&args.database, async |store| {
        let schools = match &args.school {
            Some(_) => vec![user::school_of(store, args.school.as_deref()).await?],
            None => store.schools().await?,
        };
        for school in schools {
            for line in store.school_worksheets(&school.id).await? {
                let title = line.summary.as_ref().map_or("", |summary| &summary.title_zh);
                let (given, put) = (line.given_ms.map(local_time::text), line.at_ms);
                if args.json {
                    put!(
                        "{}",
                        json!({"school": school.id, "worksheet": line.id, "version": line.version,
                               "versions": line.versions, "title": title,
                               "grade": line.summary.as_ref().map(|summary| summary.grade),
                               "subject": line.summary.as_ref().map(|summary| &summary.subject),
                               "put_ms": put, "given_ms": line.given_ms})
                    )?;
                    continue;
                }
                let given = given.map_or("never given".to_owned(), |at| format!("given {at}"));
                let (id, version) = (&line.id, line.version);
                put!("{}  {id}  version {version}  {title}  {given}", school.name_zh)?;
            }
        }
        Ok(())
    })?;
    Ok(Verdict::Clean)
}

fn framework(args: &FrameworkArgs) -> anyhow::Result<Framework> {
    let Some(path) = &args.framework else { return Ok(Framework::own()) };
    Framework::read(&read(path)?).with_context(|| format!("cannot read {}", path.display()))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// What was made of a text, or its faults on standard error.
fn told<T>(made: Result<T, Vec<Fault>>, file: &Path) -> anyhow::Result<T> {
    made.map_err(|faults| {
        for fault in &faults {
            tell!("{}:{fault}", file.display());
        }
        let file = file.display();
        anyhow!("nothing was built: correct what is wrong in {file} ({} found)", faults.len())
    })
}

/// Writes the folder. Pages of an earlier, longer build go.
fn write(sheet: &Worksheet, text: &str, out: &Path) -> anyhow::Result<()> {
    let context = |path: &Path| format!("cannot write {}", path.display());
    std::fs::create_dir_all(out).with_context(|| context(out))?;
    let toml = out.join("worksheet.toml");
    let earlier = std::fs::read_to_string(&toml).ok();
    let earlier = earlier.and_then(|toml| Worksheet::artwork_names(&toml).ok());
    let files = sheet.files();
    let names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    for stale in earlier.unwrap_or_default() {
        let is_plain = !stale.contains(['/', '\\']) && stale.ends_with(".svg");
        if is_plain && !names.contains(stale.as_str()) {
            let path = out.join(stale);
            if path.exists() {
                std::fs::remove_file(&path).with_context(|| context(&path))?;
            }
        }
    }
    let source = ("worksheet.txt".to_owned(), text.to_owned());
    for (name, contents) in files.iter().chain([&source]) {
        let path = out.join(name);
        std::fs::write(&path, contents).with_context(|| context(&path))?;
    }
    Ok(())
}

fn say(sheet: &Worksheet, out: &Path) -> std::io::Result<()> {
    put!(
        "{}: {} version {}, {} questions, {} points, {} pages",
        out.display(),
        sheet.id.id,
        sheet.id.version,
        sheet.questions.len(),
        sheet.points(),
        sheet.pages.len()
    )?;
    let unknown = not_read(sheet);
    if !unknown.is_empty() {
        let unknown: Vec<String> = unknown.into_iter().map(String::from).collect();
        tell!(
            "the machine does not know {}: people judge what is written there",
            unknown.join(" ")
        );
    }
    Ok(())
}

/// The characters that are asked for in 田字格 and that the reader has no skeleton of.
fn not_read(sheet: &Worksheet) -> BTreeSet<char> {
    let asked = sheet.parts().filter(|of| of.part.kind == Kind::Character);
    let keys = asked.filter_map(|of| match &of.part.key {
        Key::Accepted(accepted) => Some(&accepted.answers),
        _ => None,
    });
    let characters = keys.flatten().filter_map(|answer| match answer {
        Written::Character(character) => Some(*character),
        _ => None,
    });
    let reader = Characters::embedded();
    characters.filter(|character| !reader.knows(*character)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_no_machine_reads_are_named() {
        let text =
            "标题：听写\n年级：三年级\n科目：语文\n\n一、听写。（每题 2 分）\n[春天]\n[龘]\n";
        let sheet = Draft::build(text, &Framework::own(), |_| None).unwrap();
        assert_eq!(not_read(&sheet), BTreeSet::from(['龘']));
    }
}
