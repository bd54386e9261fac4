//! `zhibi remark`: stored papers are marked again.

use std::sync::Arc;

use anyhow::{Context, ensure};
use marking::{Marker, Thresholds};
use pipeline::{Again, Counted, RemarkError, Remarker};
use serde_json::{Value, json};
use store::{Job, Store, Verdict as Mark};
use tokio::task::{JoinError, JoinSet};

use crate::cli::RemarkArgs;
use crate::progress::Progress;
use crate::say::counted;
use crate::{Verdict, class_name, clock, service, store_file};

/// Papers claimed in one write.
const CLAIMED_MAX: usize = 64;
/// Papers in flight for each thread.
const IN_FLIGHT_PER_THREAD: usize = 4;
/// A claim holds for longer than its papers take; whoever runs the command again after it was killed
/// waits no longer.
const LEASE_MS: i64 = 60_000;

/// Runs the command. It works beside a running service.
pub(crate) fn run(args: &RemarkArgs) -> anyhow::Result<Verdict> {
    let pool = service::marking_pool(None)?;
    let done = if args.dry_run {
        store_file::reading(&args.database, async |store| remark(store, args, &pool).await)?
    } else {
        store_file::with(&args.database, async |store| remark(store, args, &pool).await)?
    };
    done.say(args)?;
    Ok(if done.faults == 0 { Verdict::Clean } else { Verdict::Findings })
}

/// What came of all papers.
#[derive(Default)]
struct Done {
    papers: usize,
    answers: usize,
    changed: usize,
    kept: usize,
    /// Papers that others are marking.
    left: usize,
    faults: usize,
}

async fn remark(
    store: &Store,
    args: &RemarkArgs,
    pool: &Arc<rayon::ThreadPool>,
) -> anyhow::Result<Done> {
    if let Some(id) = &args.assignment {
        let given = store.assignment_given_ms(id).await?;
        ensure!(given.is_some(), "there is no assignment {id}");
    }
    let class = match &args.class {
        Some(class) => Some(class_name::of_store(store, args.school.as_deref(), class).await?),
        None => None,
    };
    let marker = Marker::new(Thresholds::STANDARD);
    let remarker = Remarker::new(store.clone(), marker, pool.clone(), clock::wall());
    let remarker = Arc::new(remarker);
    let class = class.as_ref().map(|class| class.id.as_str());
    let mut papers = store.marked_papers(args.assignment.as_deref(), class).await?;
    if args.old {
        papers.retain(|paper| remarker.is_old(paper));
    }
    let jobs: Vec<Job> = papers.into_iter().map(|paper| paper.job).collect();
    let in_flight_max = IN_FLIGHT_PER_THREAD * pool.current_num_threads();
    let mut progress = Progress::new("papers", jobs.len() as u64);
    let mut done = Done::default();
    for batch in jobs.chunks(CLAIMED_MAX) {
        let claimed = if args.dry_run {
            batch.to_vec()
        } else {
            store.claim_again(batch, clock::wall_ms(), LEASE_MS).await?
        };
        done.left += batch.len() - claimed.len();
        let mut in_flight = JoinSet::new();
        for job in claimed {
            if in_flight.len() >= in_flight_max
                && let Some(marked) = in_flight.join_next().await
            {
                done.take(args, marked)?;
            }
            let (remarker, look) = (remarker.clone(), args.dry_run);
            in_flight.spawn(async move {
                let again =
                    if look { remarker.look(&job).await } else { remarker.mark(&job).await };
                (job, again)
            });
        }
        while let Some(marked) = in_flight.join_next().await {
            done.take(args, marked)?;
        }
        let changed = counted(done.changed, "answer changed", "answers changed");
        progress.set((done.papers + done.left + done.faults) as u64, &changed);
    }
    progress.finish();
    Ok(done)
}

impl Done {
    fn take(
        &mut self,
        args: &RemarkArgs,
        marked: Result<(Job, Result<Again, RemarkError>), JoinError>,
    ) -> anyhow::Result<()> {
        let (job, again) = marked.context("a marking died; the service marks its paper")?;
        match again {
            Ok(again) => {
                self.papers += 1;
                self.answers += again.answers;
                self.changed += again.changes.len();
                self.kept += again.kept;
                self.list(args, &again)?;
            }
            Err(RemarkError::Lost) => self.left += 1,
            Err(error) => {
                self.faults += 1;
                tell!("{} {} page {}: {error}", job.assignment, job.pupil, job.page);
            }
        }
        Ok(())
    }

    fn list(&self, args: &RemarkArgs, again: &Again) -> anyhow::Result<()> {
        let Job { assignment, pupil, page, .. } = &again.job;
        for change in &again.changes {
            if args.json {
                put!(
                    "{}",
                    json!({"assignment": assignment, "pupil": pupil, "page": page,
                           "part": change.part, "before": object(&change.before),
                           "after": object(&change.after)})
                )?;
            } else {
                let (before, after) = (text(&change.before), text(&change.after));
                put!("{assignment}  {pupil}  page {page}  {}  {before} -> {after}", change.part)?;
            }
        }
        Ok(())
    }

    fn say(&self, args: &RemarkArgs) -> anyhow::Result<()> {
        let Self { papers, answers, changed, kept, left, faults } = *self;
        if args.json {
            put!(
                "{}",
                json!({"dry_run": args.dry_run, "papers": papers, "answers": answers,
                       "changed": changed, "kept": kept, "left": left, "faults": faults})
            )?;
            return Ok(());
        }
        let (would, marked) =
            if args.dry_run { ("would change", "looked at") } else { ("changed", "marked again") };
        put!(
            "{} {marked}: {changed} of {} {would}; {kept} that would count otherwise {} as teachers \
             decided",
            counted(papers, "paper", "papers"),
            counted(answers, "answer", "answers"),
            if kept == 1 { "stays" } else { "stay" },
        )?;
        if left > 0 {
            put!(
                "{} left to whoever is marking them: a service, or a run that was broken off less than a \
                 minute ago",
                counted(left, "paper", "papers")
            )?;
        }
        if faults > 0 {
            put!("{} could not be marked", counted(faults, "paper", "papers"))?;
        }
        Ok(())
    }
}

fn verdict(mark: Mark) -> &'static str {
    match mark {
        Mark::Right => "right",
        Mark::Wrong => "wrong",
        Mark::Partly => "partly",
        Mark::Blank => "blank",
    }
}

/// What counts, in a line.
fn text(counted: &Counted) -> String {
    let reading = counted.reading.as_deref().unwrap_or("nothing");
    match (counted.mark, &counted.review) {
        (Some(mark), _) => {
            format!("{reading} {} {}", verdict(mark.verdict), worksheet::Score(mark.score))
        }
        (None, Some(review)) => format!("{reading} to decide ({review})"),
        (None, None) => format!("{reading} without a verdict"),
    }
}

fn object(counted: &Counted) -> Value {
    json!({"reading": counted.reading, "verdict": counted.mark.map(|mark| verdict(mark.verdict)),
           "score_tenths": counted.mark.map(|mark| mark.score), "review": counted.review})
}
