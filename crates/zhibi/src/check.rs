//! `zhibi check`: verifies a store against its chunks.

use anyhow::{Context, ensure};
use serde_json::json;
use store::Store;

use crate::cli::CheckArgs;
use crate::{Verdict, service};

/// Runs the command.
pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<Verdict> {
    let database = &args.database;
    ensure!(database.is_file(), "there is no database {}", database.display());
    let (findings, chunks) = service::runtime()?.block_on(async {
        let store = Store::open_existing(database)
            .await
            .with_context(|| format!("cannot open the store {}", database.display()))?;
        let chunks = store.totals().await?.chunks;
        let findings = store.verify(ingest::decode_for_check).await?;
        store.close().await?;
        anyhow::Ok((findings, chunks))
    })?;
    for finding in &findings {
        if args.json {
            put!("{}", json!({ "rule": finding.rule, "detail": finding.detail }))?;
        } else {
            put!("{finding}")?;
        }
    }
    if findings.is_empty() {
        tell!("{}: nothing is wrong with {chunks} chunks", database.display());
        return Ok(Verdict::Clean);
    }
    let count = findings.len();
    let findings = if count == 1 { "finding" } else { "findings" };
    tell!("{}: {count} {findings}", database.display());
    Ok(Verdict::Findings)
}
