//! `zhibi assign`: a printed worksheet is given to a class.

use anyhow::ensure;
use school::AssignmentId;
use store::AssignmentRow;

use crate::cli::AssignArgs;
use crate::{Verdict, clock, local_time, pen, print, store_file};

/// Runs the command. It works beside a running service.
pub(crate) fn run(args: &AssignArgs) -> anyhow::Result<Verdict> {
    store_file::with(&args.database, async |store| {
        let class = pen::class(store, &args.class).await?;
        let run = store.load_print_run(&args.run).await?;
        print::check_class(store, &run, &class).await?;
        let now_ms = clock::wall_ms();
        ensure!(args.due > now_ms, "--due {} is over", local_time::text(args.due));
        // One run serves a class once: the same words name the same assignment.
        let id = if run.id.contains(&class.id) {
            format!("a-{}", run.id)
        } else {
            format!("a-{}-{}", run.id, class.id)
        };
        AssignmentId::new(&*id)?;
        let given = store.assignment_given_ms(&id).await?;
        store
            .insert_assignment(AssignmentRow {
                id: id.clone(),
                school: class.school,
                class: class.id,
                print_run: run.id,
                assigned_ms: given.unwrap_or(now_ms),
                due_ms: args.due,
                quiet_ms: i64::from(args.quiet_min) * 60_000,
            })
            .await?;
        let (sheet, due) = (run.worksheet.id, local_time::text(args.due));
        put!("{id}: {sheet} is given to {}, due {due}", class.name_zh)?;
        Ok(())
    })?;
    Ok(Verdict::Clean)
}
