//! `zhibi print`: a worksheet for a class as one PDF.

use std::path::Path;

use anyhow::{Context, ensure};
use printing::{Fonts, OWNER, Paper, Plane, SECTION, SheetCopy};
use school::AssignmentId;
use store::{ClassRow, Store};
use worksheet::{Copies, PrintRun, Registration, Worksheet};

use crate::cli::PrintArgs;
use crate::{Verdict, clock, pen, store_file};

/// All paper of ours.
const PLANE: Plane = Plane { section: SECTION };

/// Runs the command. It works beside a running service.
pub(crate) fn run(args: &PrintArgs) -> anyhow::Result<Verdict> {
    let fonts = Fonts::of_system(args.font.as_deref())?;
    let (Some(database), Some(folder), Some(class)) =
        (&args.database, &args.worksheet, &args.class)
    else {
        write(&args.out, &printing::test_page(&fonts, PLANE)?)?;
        return Ok(Verdict::Clean);
    };
    let worksheet = Worksheet::load(folder)?;
    let toml = std::fs::read_to_string(folder.join("worksheet.toml"))?;
    let (run, copies) = store_file::with(database, async |store| {
        let class = pen::class(store, class).await?;
        let artwork: Vec<String> = worksheet.pages.iter().map(|p| p.artwork.clone()).collect();
        store.insert_worksheet(&toml, &artwork).await?;
        let run = record(store, args, &worksheet, &class).await?;
        let copies = copies(store, &run, &class).await?;
        Ok((run, copies))
    })?;
    let ours = (run.section, run.owner) == (SECTION, OWNER);
    let paper = if ours { Paper::Plain(PLANE) } else { Paper::Coded };
    let bytes = printing::sheets(&fonts, &worksheet, &run, paper, &copies)?;
    write(&args.out, &bytes)?;
    let PrintRun { id, section, owner, book, first_page, .. } = &run;
    let last = u64::from(*first_page) + run.addresses() - 1;
    put!(
        "{}: run {id}, {} copies of {} pages on {section}.{owner}.{book}.{first_page} to {last}",
        args.out.display(),
        copies.len(),
        run.pages
    )?;
    Ok(Verdict::Clean)
}

/// The run of that name as it was printed first, or a new one.
async fn record(
    store: &Store,
    args: &PrintArgs,
    worksheet: &Worksheet,
    class: &ClassRow,
) -> anyhow::Result<PrintRun> {
    let sheet = &worksheet.id;
    let kind = match (args.shared, args.copies) {
        (true, _) => "-shared".to_owned(),
        (false, Some(copies)) => format!("-{copies}"),
        (false, None) => String::new(),
    };
    let name = || format!("{}-v{}-{}{kind}", sheet.id, sheet.version, class.id);
    let id = args.run.clone().unwrap_or_else(name);
    // The assignment that it is given as has the run's name in its own.
    AssignmentId::new(format!("a-{id}"))
        .with_context(|| format!("--run {id:?} cannot name a run: choose another"))?;
    match store.load_print_run(&id).await {
        Ok(known) => {
            ensure!(
                known.worksheet == *sheet,
                "print run {id} is of worksheet {} version {}: give this one another --run",
                known.worksheet.id,
                known.worksheet.version
            );
            check_class(store, &known, class).await?;
            return Ok(known);
        }
        Err(store::StoreError::Missing { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let pupils = match (args.shared, args.copies) {
        (false, None) => store.pupils_of_class(&class.id, clock::wall_ms()).await?,
        _ => Vec::new(),
    };
    let copies = match (args.shared, args.copies) {
        (true, _) => Copies::Shared,
        (false, Some(copies)) => Copies::PerCopy(copies),
        (false, None) => {
            ensure!(!pupils.is_empty(), "class {} has no pupils", class.id);
            Copies::PerCopy(u32::try_from(pupils.len())?)
        }
    };
    let run = PrintRun {
        id,
        worksheet: sheet.clone(),
        section: SECTION,
        owner: OWNER,
        book: args.book,
        first_page: 0,
        pages: u32::try_from(worksheet.pages.len())?,
        copies,
        registration: printing::registration(),
    };
    let Some(first) = args.address_range else {
        return Ok(store.allocate_print_run(&class.school, run, pupils).await?);
    };
    ensure!(
        (first.section, first.owner) != (SECTION, OWNER),
        "section {SECTION} of owner {OWNER} is our own pattern: leave --address-range out"
    );
    let registration =
        Registration { version: 1, dx_um: 0, dy_um: 0, rotation_urad: 0, scale_ppm: 0 };
    let run = PrintRun {
        section: first.section,
        owner: first.owner,
        book: first.book,
        first_page: first.page,
        registration,
        ..run
    };
    store.insert_print_run(&class.school, run.clone(), pupils).await?;
    Ok(run)
}

/// Refuses a run whose copies bear the names of another class, and tells how many pupils of the
/// class have none.
pub(crate) async fn check_class(
    store: &Store,
    run: &PrintRun,
    class: &ClassRow,
) -> anyhow::Result<()> {
    let bearers = store.bearers(&run.id, clock::wall_ms()).await?;
    if bearers.is_empty() {
        return Ok(());
    }
    let pupils = store.pupils_of_class(&class.id, clock::wall_ms()).await?;
    let bears = |pupil: &String| bearers.iter().any(|bearer| bearer.pupil == *pupil);
    let without = pupils.iter().filter(|pupil| !bears(pupil)).count();
    ensure!(
        without < pupils.len(),
        "the copies of print run {} bear the names of another class than {}: print it a run of its own",
        run.id,
        class.name_zh
    );
    if without > 0 {
        tell!("pupils of {} who have no copy in run {}: {without}", class.name_zh, run.id);
    }
    Ok(())
}

/// What is printed on each copy of a run.
async fn copies(store: &Store, run: &PrintRun, class: &ClassRow) -> anyhow::Result<Vec<SheetCopy>> {
    let bearers = store.bearers(&run.id, clock::wall_ms()).await?;
    let note = class.name_zh.clone();
    let nameless = |copy| SheetCopy { copy, bearer: String::new(), note: note.clone() };
    let printed = match run.copies {
        Copies::PerCopy(copies) => copies,
        Copies::Shared => 1,
    };
    let mut copies: Vec<SheetCopy> = (0..printed).map(nameless).collect();
    for row in bearers {
        let Some(copy) = copies.get_mut(row.copy as usize) else { continue };
        copy.bearer = match row.number {
            Some(number) => format!("{number} 号　{}", row.name),
            None => row.name,
        };
    }
    Ok(copies)
}

fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    // A file that is there is replaced as a whole or not at all.
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, file));
    if written.is_err() {
        // Whatever came of it is of no use.
        let _gone = std::fs::remove_file(&part);
    }
    written.with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests;
