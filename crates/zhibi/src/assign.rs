//! `zhibi assign`: a printed worksheet is given to a class, or taken back.

use anyhow::{bail, ensure};
use school::AssignmentId;
use store::{AssignmentRow, ClassRow, Store, Withdrawn};
use worksheet::PrintRun;

use crate::cli::AssignArgs;
use crate::say::counted;
use crate::{Verdict, class_name, clock, local_time, store_file};

/// Runs the command. It works beside a running service.
pub(crate) fn run(args: &AssignArgs) -> anyhow::Result<Verdict> {
    store_file::with(&args.database, async |store| {
        let class = class_name::of_store(store, args.school.as_deref(), &args.class).await?;
        let run = store.load_print_run(&args.run).await?;
        // One run serves a class once: the same words name the same assignment.
        let id = AssignmentRow::id_of(&run.id, &class.id);
        AssignmentId::new(&*id)?;
        match args.due {
            Some(due) => give(store, args, (id, run, class), due).await,
            None => withdraw(store, &id, &class).await,
        }
    })?;
    Ok(Verdict::Clean)
}

async fn give(
    store: &Store,
    args: &AssignArgs,
    (id, run, class): (String, PrintRun, ClassRow),
    due: i64,
) -> anyhow::Result<()> {
    let now_ms = clock::wall_ms();
    let without = store.without_copy(&run, &class, now_ms).await?;
    if without > 0 {
        tell!("pupils of {} who have no copy in run {}: {without}", class.name_zh, run.id);
    }
    ensure!(due > now_ms, "--due {} is over", local_time::text(due));
    let given = store.assignment_given_ms(&id).await?;
    store
        .insert_assignment(AssignmentRow {
            id: id.clone(),
            school: class.school,
            class: class.id,
            print_run: run.id,
            assigned_ms: given.unwrap_or(now_ms),
            due_ms: due,
            quiet_ms: i64::from(args.quiet_min) * 60_000,
        })
        .await?;
    let (sheet, due) = (run.worksheet.id, local_time::text(due));
    put!("{id}: {sheet} is given to {}, due {due}", class.name_zh)?;
    Ok(())
}

async fn withdraw(store: &Store, id: &str, class: &ClassRow) -> anyhow::Result<()> {
    match store.withdraw_assignment(&class.school, id).await? {
        Withdrawn::Done { papers } => {
            let pages = counted(papers as usize, "page", "pages");
            put!("{id}: taken back from {}; the ink of {pages} stays", class.name_zh)?;
            Ok(())
        }
        Withdrawn::Marked { papers } => bail!(
            "{id}: a person has marked {} of it, so it stays; take their marks back first",
            counted(papers as usize, "page", "pages")
        ),
        Withdrawn::Gone => bail!("{id}: this run is not given to {}", class.name_zh),
    }
}
