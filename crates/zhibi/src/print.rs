//! `zhibi print`: a worksheet for a class as one PDF, or its name labels.

mod labels;
mod ranges;

use anyhow::ensure;
use printing::{Fonts, OWNER, Paper, Plane, SECTION};
use store::{ClassRow, PrintKind, PrintOrder};
use worksheet::{PrintRun, Registration, Worksheet};

use crate::cli::PrintArgs;
use crate::say::counted;
use crate::{Verdict, class_name, clock, import_worksheet, store_file, whole_file};

/// All paper of ours.
const PLANE: Plane = Plane { section: SECTION };

/// Runs the command. It works beside a running service. A run is recorded once its PDF lies beside
/// where it is to be, so that what could not be printed leaves nothing.
pub(crate) fn run(args: &PrintArgs) -> anyhow::Result<Verdict> {
    let fonts = Fonts::of_system(args.font.as_deref())?;
    if let (true, Some(database), Some(class)) = (args.labels, &args.database, &args.class) {
        return labels::run(&fonts, database, class, args.out.as_deref());
    }
    let (Some(database), Some(folder), Some(class)) =
        (&args.database, &args.worksheet, &args.class)
    else {
        let out = args.out.clone().unwrap_or_else(|| "test-page.pdf".into());
        whole_file::write(&out, &printing::test_page(&fonts, PLANE)?)?;
        return Ok(Verdict::Clean);
    };
    let worksheet = Worksheet::load(folder)?;
    store_file::with(database, async |store| {
        let class = class_name::of_store(store, args.school.as_deref(), class).await?;
        let now_ms = clock::wall_ms();
        let order = order(args, &worksheet, &class)?;
        let planned = if args.missing {
            let Some(later) = store.plan_later_copies(&order, now_ms).await? else {
                tell!("every pupil of {} has a copy: nothing was printed", class.name_zh);
                return Ok(());
            };
            later
        } else {
            store.plan_print(&order, now_ms).await?
        };
        let run = &planned.run;
        if planned.without > 0 {
            let without = planned.without;
            tell!("pupils of {} who have no copy in run {}: {without}", class.name_zh, run.id);
            tell!("--missing prints theirs alone, of the same run");
        }
        let ours = (run.section, run.owner) == (SECTION, OWNER);
        let paper = if ours { Paper::Plain(PLANE) } else { Paper::Coded };
        let bearers = planned.bearers.iter().cloned();
        let bearers = bearers.map(|bearer| (bearer.copy, bearer.number, bearer.name));
        let mut copies = printing::copies(run, &class.name_zh, bearers);
        copies.retain(|copy| copy.copy >= planned.first_copy());
        let bytes = printing::sheets(&fonts, &worksheet, run, paper, &copies)?;
        let out = args.out.clone().unwrap_or_else(|| {
            let later = if args.missing { "补印" } else { "" };
            let parts = [&*worksheet.title_zh, &class.name_zh, &export::day(now_ms), later];
            export::file_name(&parts, "pdf").into()
        });
        let written = whole_file::beside(&out, &bytes)?;
        let recorded = async {
            import_worksheet::put(store, &class.school, folder, &worksheet, now_ms).await?;
            store.record_print(&planned, now_ms).await?;
            anyhow::Ok(())
        };
        if let Err(error) = recorded.await {
            // Nobody may write on what is not recorded.
            written.discard();
            return Err(error);
        }
        written.put()?;
        let PrintRun { id, section, owner, book, first_page, pages, .. } = run;
        let first = u64::from(*first_page) + u64::from(planned.first_copy() * pages);
        let last = u64::from(*first_page) + run.addresses() - 1;
        put!(
            "{}: run {id}, {} of {} on {section}.{owner}.{book}.{first} to {last}",
            out.display(),
            counted(copies.len(), "copy", "copies"),
            counted(*pages as usize, "page", "pages")
        )?;
        Ok(())
    })?;
    Ok(Verdict::Clean)
}

/// What the command line asks for.
fn order(args: &PrintArgs, worksheet: &Worksheet, class: &ClassRow) -> anyhow::Result<PrintOrder> {
    let kind = match (args.shared, args.copies) {
        (true, _) => PrintKind::Shared,
        (false, Some(copies)) => PrintKind::Nameless(copies),
        (false, None) => PrintKind::Named,
    };
    let order = PrintOrder {
        worksheet: worksheet.id.clone(),
        pages: u32::try_from(worksheet.pages.len())?,
        class: class.clone(),
        kind,
        run: args.run.clone(),
        section: SECTION,
        owner: OWNER,
        book: args.book,
        first_page: None,
        ranges: Vec::new(),
        registration: printing::registration(),
    };
    let registration =
        Registration { version: 1, dx_um: 0, dy_um: 0, rotation_urad: 0, scale_ppm: 0 };
    if let Some(file) = &args.address_file {
        return Ok(PrintOrder { ranges: ranges::read(file)?, registration, ..order });
    }
    let Some(first) = args.address_range else { return Ok(order) };
    ensure!(
        (first.section, first.owner) != (SECTION, OWNER),
        "section {SECTION} of owner {OWNER} is our own pattern: leave --address-range out"
    );
    let (section, owner, book) = (first.section, first.owner, first.book);
    Ok(PrintOrder { section, owner, book, first_page: Some(first.page), registration, ..order })
}

#[cfg(test)]
mod tests;
