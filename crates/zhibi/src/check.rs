//! `zhibi check`: verifies a store against its chunks.

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

/// Prints what was found, and says so.
pub(crate) fn say(
    database: &StoreUrl,
    findings: &[Finding],
    chunks: i64,
    json: bool,
) -> anyhow::Result<Verdict> {
    for finding in findings {
        if json {
            put!("{}", json!({ "rule": finding.rule, "detail": finding.detail }))?;
        } else {
            put!("{finding}")?;
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
