//! `zhibi check`: verifies a store against its chunks.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde_json::json;
use store::{Finding, Store, StoreUrl};

use crate::cli::CheckArgs;
use crate::progress::Progress;
use crate::say::counted;
use crate::service::UTC_OFFSET_MS;
use crate::{Verdict, store_file};

/// Runs the command.
pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<Verdict> {
    let database = &args.database;
    let (findings, chunks) = store_file::reading(database, verify)?;
    say(database, &findings, chunks, args.json)
}

/// What is wrong with a store, and how many chunks were looked at.
pub(crate) async fn verify(store: &Store) -> anyhow::Result<(Vec<Finding>, u64)> {
    let (shown, checked) = (RefCell::new(Shown::default()), Cell::new(0));
    let told = |what, done, all| shown.borrow_mut().set(what, done, all);
    // A damaged file cannot be counted, and what is wrong with it is told below.
    let chunks = store.totals().await.map_or(0, |totals| totals.chunks.unsigned_abs());
    let decode = |bytes: &[u8]| {
        checked.update(|checked| checked + 1);
        told("chunks", checked.get(), chunks);
        ingest::decode_for_check(bytes)
    };
    let mut findings = store.verify(decode).await?;
    // What cannot be read cannot be compared, and its chunks cannot be counted.
    if !findings.iter().any(|finding| finding.rule == store::DAMAGE) {
        let threads = std::thread::available_parallelism()?.get();
        let pool = pipeline::pool(threads)?;
        findings.extend(pipeline::check(store, &pool, UTC_OFFSET_MS, told).await?);
    }
    shown.into_inner().finish();
    Ok((findings, checked.get()))
}

/// How far it is with what it looks at.
#[derive(Default)]
struct Shown(Option<(&'static str, Progress)>);

impl Shown {
    fn set(&mut self, what: &'static str, done: u64, all: u64) {
        if self.0.as_ref().is_none_or(|(shown, _)| *shown != what) {
            std::mem::take(self).finish();
            self.0 = Some((what, Progress::new(what, all)));
        }
        if let Some((_, progress)) = &mut self.0 {
            progress.set_of(done, all, "checked");
        }
    }

    fn finish(self) {
        if let Some((_, progress)) = self.0 {
            progress.finish();
        }
    }
}

/// Findings of a rule that are printed to be read: one cause often harms thousands of rows.
const SHOWN_MAX: usize = 20;

/// Prints what was found, and says so.
pub(crate) fn say(
    database: &StoreUrl,
    findings: &[Finding],
    chunks: u64,
    json: bool,
) -> anyhow::Result<Verdict> {
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        let found = by_rule.entry(finding.rule).or_default();
        *found += 1;
        if json {
            put!("{}", json!({ "rule": finding.rule, "detail": finding.detail }))?;
        } else if *found <= SHOWN_MAX {
            put!("{finding}")?;
        }
    }
    for (rule, found) in by_rule {
        if !json && found > SHOWN_MAX {
            put!("{rule}: {} more; --json prints all", found - SHOWN_MAX)?;
        }
    }
    if findings.is_empty() {
        let chunks = counted(chunks as usize, "chunk", "chunks");
        tell!("{database}: nothing is wrong with {chunks} and what was made of them");
        return Ok(Verdict::Clean);
    }
    if findings.iter().any(|finding| finding.rule == store::DAMAGE) {
        tell!("{database}: it is damaged{}", store_file::DAMAGED);
    }
    let count = findings.len();
    let findings = if count == 1 { "finding" } else { "findings" };
    tell!("{database}: {count} {findings}");
    Ok(Verdict::Findings)
}
