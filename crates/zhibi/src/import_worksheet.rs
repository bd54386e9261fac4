//! `zhibi import worksheet`: a worksheet's folder, for the teachers of a school.

use std::path::Path;

use anyhow::Context;
use store::{NewWorksheet, Store};
use worksheet::text::Draft;
use worksheet::{Framework, Worksheet, WorksheetId};

use crate::cli::ImportWorksheetArgs;
use crate::{Verdict, clock, store_file, user};

/// Runs the command. It works beside a running service.
pub(crate) fn run(args: &ImportWorksheetArgs) -> anyhow::Result<Verdict> {
    let worksheet = Worksheet::load(&args.folder)?;
    let (id, school) = store_file::with(&args.database, async |store| {
        let school = user::school_of(store, args.school.as_deref()).await?;
        let now_ms = clock::wall_ms();
        let id = put(store, &school.id, &args.folder, &worksheet, now_ms).await?;
        Ok((id, school.name_zh))
    })?;
    put!("{}: {} version {}, of {school}", args.folder.display(), id.id, id.version)?;
    Ok(Verdict::Clean)
}

/// Stores the worksheet of a folder for a school, with the text and the pictures that it was made
/// from.
pub(crate) async fn put(
    store: &Store,
    school: &str,
    folder: &Path,
    worksheet: &Worksheet,
    at_ms: i64,
) -> anyhow::Result<WorksheetId> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let toml = String::from_utf8(read("worksheet.toml")?).context("worksheet.toml is not UTF-8")?;
    let mut sources = Vec::new();
    if folder.join("worksheet.txt").exists() {
        let text = read("worksheet.txt")?;
        // Of a text that is not sound no picture is known.
        let draft = Draft::parse(&String::from_utf8_lossy(&text), &Framework::own());
        for name in draft.iter().flat_map(Draft::pictures) {
            sources.push((name.to_owned(), read(name)?));
        }
        sources.push(("worksheet.txt".to_owned(), text));
    }
    let new = NewWorksheet {
        school: school.to_owned(),
        toml,
        artwork: worksheet.pages.iter().map(|page| page.artwork.clone()).collect(),
        sources,
        staff: None,
        at_ms,
    };
    Ok(store.put_worksheet(new).await?)
}
