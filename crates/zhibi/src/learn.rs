//! `zhibi learn evaluate`: how well answers are predicted before they are learnt from.

mod log;

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context;
use learning::{Agreement, Credit, Observation, fit, predict};
use serde::Serialize;

use crate::Verdict;
use crate::cli::EvaluateArgs;
use crate::learn::log::Log;

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
