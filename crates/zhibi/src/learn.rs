//! `zhibi learn`: how well answers are predicted before they are learnt from, and items fitted to a
//! store's answers.

mod log;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, ensure};
use learning::{Agreement, Credit, Observation, fit, predict};
use pipeline::Fitted;
use serde::Serialize;
use store::Store;

use crate::cli::EvaluateArgs;
use crate::learn::log::Log;
use crate::{Verdict, clock, service};

/// Parts that pupils are dealt into where no training log is given.
const FOLDS: usize = 5;

/// The figures of the contract.
#[derive(Serialize)]
struct Figures {
    auc: Option<f64>,
    rmse: f64,
    ece: f64,
    n: usize,
}

/// Runs the command.
pub(crate) fn evaluate(args: &EvaluateArgs) -> anyhow::Result<Verdict> {
    let log = Log::read(&args.file)?;
    let pairs = match &args.train {
        Some(train) => with_items_of(&Log::read(train)?, &log),
        None => held_out(&log),
    };
    let agreement =
        Agreement::of(&pairs).with_context(|| format!("{} has no answers", args.file.display()))?;
    let Agreement { auc, rmse, ece, n } = agreement;
    let mut out = std::io::stdout().lock();
    if args.json {
        let figures = Figures { auc, rmse, ece, n };
        writeln!(out, "{}", serde_json::to_string(&figures)?)?;
    } else {
        let auc = auc.map_or("none: all answers on one side".to_owned(), |auc| format!("{auc:.4}"));
        writeln!(out, "answers {n}\nAUC     {auc}\nRMSE    {rmse:.4}\nECE     {ece:.4}")?;
    }
    Ok(Verdict::Clean)
}

/// Runs `zhibi learn fit`. It works beside a running service.
pub(crate) fn fit_store(database: &Path) -> anyhow::Result<Verdict> {
    ensure!(database.is_file(), "there is no database {}", database.display());
    let pool = service::marking_pool(None)?;
    let fitted = service::runtime()?.block_on(async {
        let store = Store::open(database)
            .await
            .with_context(|| format!("cannot open the store {}", database.display()))?;
        let now_ms = clock::wall_ms();
        let fitted = pipeline::fit_items(&store, &pool, now_ms, service::UTC_OFFSET_MS).await?;
        store.close().await?;
        anyhow::Ok(fitted)
    })?;
    let Fitted { version, pupils, answers, items } = fitted;
    println!("{items} items from {answers} answers of {pupils} pupils");
    match version {
        Some(version) => println!("version {version} is in force; profiles are folded again"),
        None => println!("nothing has changed since the last fit"),
    }
    Ok(Verdict::Clean)
}

/// Expected and earned credit of every answer, with items fitted on another log.
fn with_items_of(train: &Log, log: &Log) -> Vec<(f64, Credit)> {
    let items = fit(1, &train.histories());
    log.pupils.values().flat_map(|history| expected(&items, history)).collect()
}

/// Expected and earned credit of every answer, with items fitted on the other pupils: whoever is
/// predicted had no part in the fit. Pupils are dealt in the order of their names.
fn held_out(log: &Log) -> Vec<(f64, Credit)> {
    let mut pairs = Vec::new();
    for fold in 0..FOLDS {
        let others: BTreeMap<&str, Vec<Observation>> = (log.histories().into_iter().enumerate())
            .filter(|(place, _)| place % FOLDS != fold)
            .map(|(_, history)| history)
            .collect();
        let items = fit(1, &others);
        let held = log.pupils.values().enumerate().filter(|(place, _)| place % FOLDS == fold);
        pairs.extend(held.flat_map(|(_, history)| expected(&items, history)));
    }
    pairs
}

fn expected(items: &learning::ItemParameters, history: &[Observation]) -> Vec<(f64, Credit)> {
    let credits = history.iter().map(|answer| answer.credit);
    predict(items, history).into_iter().zip(credits).collect()
}

#[cfg(test)]
mod tests;
