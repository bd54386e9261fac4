//! `zhibi check`: verifies a store against its chunks.

use std::collections::BTreeMap;

use serde_json::json;
use store::{Finding, StoreUrl};

use crate::cli::CheckArgs;
use crate::say::counted;
use crate::{Verdict, store_file};

/// Runs the command.
pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<Verdict> {
    let database = &args.database;
    let (findings, chunks) = store_file::reading(database, async |store| {
        let findings = store.verify(ingest::decode_for_check).await?;
        // The chunks of a damaged file cannot be counted.
        let chunks = if findings.is_empty() { store.totals().await?.chunks } else { 0 };
        Ok((findings, chunks))
    })?;
    say(database, &findings, chunks, args.json)
}

/// Findings of a rule that are printed to be read: one cause often harms thousands of rows.
const SHOWN_MAX: usize = 20;

/// Prints what was found, and says so.
pub(crate) fn say(
    database: &StoreUrl,
    findings: &[Finding],
    chunks: i64,
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
        tell!("{database}: nothing is wrong with {}", counted(chunks as usize, "chunk", "chunks"));
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
