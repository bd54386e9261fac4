//! `zhibi learn`: how well answers are predicted before they are learnt from, and items fitted to a
//! store's answers.

mod log;

use std::io::Write;

use anyhow::Context;
use learning::{Agreement, Coverage, Credit, Histories, fit, predict};
use pipeline::Fitted;
use serde::Serialize;
use store::StoreUrl;

use crate::cli::EvaluateArgs;
use crate::learn::log::Log;
use crate::progress::Progress;
use crate::say::counted;
use crate::{Verdict, clock, service, store_file};

/// Parts that pupils are dealt into where no training log is given.
const FOLDS: usize = 5;

/// The figures of the contract.
#[derive(Serialize)]
struct Figures {
    auc: Option<f64>,
    rmse: f64,
    ece: f64,
    n: usize,
    coverage: Option<f64>,
}

/// Runs the command.
pub(crate) fn evaluate(args: &EvaluateArgs) -> anyhow::Result<Verdict> {
    let log = Log::read(&args.file)?;
    let told = match &args.train {
        Some(train) => with_items_of(&Log::read(train)?, &log),
        None => held_out(&log),
    };
    let agreement = Agreement::of(&told.pairs)
        .with_context(|| format!("{} has no answers", args.file.display()))?;
    let Agreement { auc, rmse, ece, n } = agreement;
    let coverage = (told.intervals > 0).then(|| told.covered / told.intervals as f64);
    let mut out = std::io::stdout().lock();
    if args.json {
        let figures = Figures { auc, rmse, ece, n, coverage };
        writeln!(out, "{}", serde_json::to_string(&figures)?)?;
        return Ok(Verdict::Clean);
    }
    let auc = auc.map_or("none: all answers on one side".to_owned(), |auc| format!("{auc:.4}"));
    writeln!(out, "answers  {n}\nAUC      {auc}\nRMSE     {rmse:.4}\nECE      {ece:.4}")?;
    match coverage {
        Some(share) => writeln!(out, "coverage {share:.4} of {} intervals", told.intervals)?,
        None => writeln!(out, "coverage none: nobody has 25 answers on one knowledge point")?,
    }
    Ok(Verdict::Clean)
}

/// Runs `zhibi learn fit`. It works beside a running service.
pub(crate) fn fit_store(database: &StoreUrl) -> anyhow::Result<Verdict> {
    let pool = service::marking_pool(None)?;
    let fitted = store_file::with(database, async |store| {
        let now_ms = clock::wall_ms();
        Ok(pipeline::fit_items(store, &pool, now_ms, service::UTC_OFFSET_MS).await?)
    })?;
    let Fitted { version, pupils, answers, items } = fitted;
    put!(
        "{} from {} of {}",
        counted(items, "item", "items"),
        counted(answers as usize, "answer", "answers"),
        counted(pupils as usize, "pupil", "pupils")
    )?;
    match version {
        Some(version) => put!("version {version} is in force; profiles are folded again")?,
        None => put!("nothing has changed since the last fit")?,
    }
    Ok(Verdict::Clean)
}

/// What was expected of answers before they were seen, and what they earned.
#[derive(Default)]
struct Told {
    /// Expected and earned credit of every answer.
    pairs: Vec<(f64, Credit)>,
    /// Intervals of mastery that were looked at, …
    intervals: usize,
    /// … and how many of them held.
    covered: f64,
}

impl Told {
    /// Adds the predictions of items that were fitted on `train`.
    fn add(&mut self, train: &Histories<'_>, told: &Histories<'_>) {
        let items = fit(1, train);
        self.pairs.extend(told.values().flat_map(|history| predict(&items, history)));
        if let Some(Coverage { share, n }) = Coverage::of(&items, told.values().copied()) {
            self.intervals += n;
            self.covered += share * n as f64;
        }
    }
}

/// With items fitted on another log.
fn with_items_of(train: &Log, log: &Log) -> Told {
    let mut told = Told::default();
    told.add(&train.histories(), &log.histories());
    told
}

/// With items fitted on the other pupils: whoever is predicted had no part in the fit. Pupils are
/// dealt in the order of their names.
fn held_out(log: &Log) -> Told {
    let mut told = Told::default();
    let mut progress = Progress::new("evaluating", FOLDS as u64);
    for part in 0..FOLDS {
        let (others, held) = dealt(log, part);
        told.add(&others, &held);
        progress.set(part as u64 + 1, &format!("{} answers predicted", told.pairs.len()));
    }
    progress.finish();
    told
}

/// The pupils of all other parts, and those of one.
fn dealt(log: &Log, part: usize) -> (Histories<'_>, Histories<'_>) {
    let (mut others, mut held) = (Histories::new(), Histories::new());
    for (place, (pupil, history)) in log.histories().into_iter().enumerate() {
        let side = if place % FOLDS == part { &mut held } else { &mut others };
        side.insert(pupil, history);
    }
    (others, held)
}

#[cfg(test)]
mod tests;
