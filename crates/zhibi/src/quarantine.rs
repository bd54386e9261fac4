//! `zhibi quarantine`: what arrived and could not be stored as ink.

use anyhow::Context;
use firmware_protocol::{BootId, PenId, RawFrame, decode_frame};
use serde_json::json;
use store::{Discarded, Held, HeldOf, Released, Store, StoreUrl, Stored};
use wire_tools::explain;
use wire_tools::frame_json::to_json;

use crate::cli::Quarantine;
use crate::{Verdict, clock, local_time, store_file};

/// Runs the command. It works beside a running service.
pub(crate) fn run(database: &StoreUrl, what: &Quarantine) -> anyhow::Result<Verdict> {
    store_file::with(database, async |store| match what {
        Quarantine::List { reason, gateway, most, json } => {
            let of = HeldOf { reason: reason.clone(), gateway: gateway.clone() };
            list(store, &of, *most, *json).await
        }
        Quarantine::Show { id } => show(store, *id).await,
        Quarantine::Release { ids } => release(store, ids).await,
        Quarantine::Discard { ids } => discard(store, ids).await,
    })
}

async fn list(store: &Store, of: &HeldOf, most: u32, json: bool) -> anyhow::Result<Verdict> {
    let held = store.held(of, most).await?;
    for row in &held {
        if json {
            put!("{}", object(row))?;
            continue;
        }
        let Held { id, reason, gateway, bytes_len, detail, .. } = row;
        let when = local_time::text(row.received_ms);
        put!("{id}  {when}  {reason}  {gateway}  {bytes_len} bytes  {}  {detail}", key(row))?;
    }
    let counts = store.held_by_reason(of).await?;
    let all: u64 = counts.iter().map(|(_, rows)| u64::from(*rows)).sum();
    let by_reason: Vec<String> =
        counts.iter().map(|(reason, rows)| format!("{reason} {rows}")).collect();
    match all {
        0 => tell!("nothing is held"),
        _ => tell!("{} of {all} rows ({})", held.len(), by_reason.join(", ")),
    }
    Ok(Verdict::Clean)
}

/// The pen, boot and number, as `zhibi decode` writes them.
fn key(row: &Held) -> String {
    row.key.map_or_else(
        || "-".to_owned(),
        |key| {
            let boot = BootId { counter: key.boot_counter, random: key.boot_random };
            format!("pen {} boot {boot} number {}", PenId(key.pen), key.number)
        },
    )
}

fn object(row: &Held) -> serde_json::Value {
    let boot = |key: store::Key| BootId { counter: key.boot_counter, random: key.boot_random };
    json!({
        "id": row.id,
        "received_ms": row.received_ms,
        "gateway": row.gateway,
        "reason": row.reason,
        "detail": row.detail,
        "pen": row.key.map(|key| PenId(key.pen).to_string()),
        "boot": row.key.map(|key| boot(key).to_string()),
        "number": row.key.map(|key| key.number),
        "bytes_len": row.bytes_len,
    })
}

async fn show(store: &Store, id: i64) -> anyhow::Result<Verdict> {
    let (row, bytes) =
        store.held_bytes(id).await?.with_context(|| format!("no row {id} is held"))?;
    let Held { reason, gateway, detail, bytes_len, .. } = &row;
    put!("# {} {reason} from {gateway}, {}", local_time::text(row.received_ms), key(&row))?;
    put!("# {detail}")?;
    put!("# {bytes_len} bytes, {} of them kept", bytes.len())?;
    let frame = decode_frame(&bytes).map(|(frame, _)| frame);
    let raw = RawFrame { offset: 0, bytes: &bytes, frame };
    explain::frame(&raw, &to_json(&raw)).iter().try_for_each(|line| put!("{line}"))?;
    Ok(Verdict::Clean)
}

async fn release(store: &Store, ids: &[i64]) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::Clean;
    for &id in ids {
        match try_release(store, id).await? {
            Ok(word) => put!("{id}: {word}")?,
            Err(why) => {
                put!("{id}: stays: {why}")?;
                verdict = Verdict::Findings;
            }
        }
    }
    Ok(verdict)
}

/// What became of a row, or why it stays.
async fn try_release(store: &Store, id: i64) -> anyhow::Result<Result<&'static str, String>> {
    let Some((row, bytes)) = store.held_bytes(id).await? else {
        return Ok(Err("no such row is held".to_owned()));
    };
    if u64::try_from(bytes.len()).ok() != Some(row.bytes_len) {
        return Ok(Err(format!("only {} of its {} bytes were kept", bytes.len(), row.bytes_len)));
    }
    let arrival = match ingest::arrival(&bytes, &row.gateway, clock::wall_ms()) {
        Ok(arrival) => arrival,
        Err(_) if row.reason == "bad_topic" => {
            let why = "it is a whole bundle, which its gateway sends again: mend the topic there";
            return Ok(Err(why.to_owned()));
        }
        Err(error) => return Ok(Err(error)),
    };
    Ok(match store.release(id, arrival).await? {
        Released::Stored(Stored::Fresh) => Ok("stored"),
        Released::Stored(Stored::Duplicate) => Ok("was stored already; the row is gone"),
        Released::Stored(Stored::Conflict) => {
            Err("other bytes stand under its key, and are never written over".to_owned())
        }
        Released::Stored(Stored::Erased) => Ok("its ink was erased by right: the row is gone"),
        Released::Gone => Err("no such row is held".to_owned()),
    })
}

async fn discard(store: &Store, ids: &[i64]) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::Clean;
    for &id in ids {
        let arrival = store.held_bytes(id).await?.and_then(|(row, bytes)| {
            let is_whole = u64::try_from(bytes.len()).ok() == Some(row.bytes_len);
            // An error: its bytes can be read by nobody.
            let arrival = ingest::arrival(&bytes, &row.gateway, clock::wall_ms()).ok();
            arrival.filter(|_| is_whole)
        });
        match store.discard(id, arrival).await? {
            Discarded::Gone => put!("{id}: discarded")?,
            Discarded::Sound => {
                put!("{id}: stays: its ink can be stored: release it")?;
                verdict = Verdict::Findings;
            }
            Discarded::Missing => {
                put!("{id}: no such row is held")?;
                verdict = Verdict::Findings;
            }
        }
    }
    Ok(verdict)
}
