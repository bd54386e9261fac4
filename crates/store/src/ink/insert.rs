//! Fresh, duplicate or conflicting: storing chunks by their own key.

mod postgres;
mod sqlite;

use std::collections::{BTreeMap, HashMap};

use crate::StoreError;
use crate::database::Connection;
use crate::ink::{Arrival, KeyColumns, Quarantined, Stored, Touch, insert_quarantined};
use crate::sql::query;

/// Folio, page and pen.
type Face = (i64, i64, i64);

/// How many chunks are new on a page face, and when the last of them was received.
type Revision = (Face, (i64, i64));

/// A row of `chunk_address`.
struct Address {
    folio: i64,
    page: i64,
    pen: i64,
    chunk: i64,
    /// Count and random bits of the pen's start.
    boot: (i64, i64),
    /// First and last by the pen's own clock, and the receipt.
    times: (i64, i64, i64),
}

/// Stores what is new, compares what is not, and keeps what differs in the quarantine.
pub(crate) async fn insert_chunks(
    tx: &mut Connection,
    arrivals: &[Arrival],
) -> Result<Vec<Stored>, StoreError> {
    if arrivals.is_empty() {
        return Ok(Vec::new());
    }
    let firsts = firsts(arrivals);
    let ids = insert_fresh(tx, arrivals, &firsts).await?;
    let mut stored = Vec::with_capacity(arrivals.len());
    let mut known = Vec::new();
    for (index, (arrival, &first)) in arrivals.iter().zip(&firsts).enumerate() {
        stored.push(match (ids[first].is_some(), index == first) {
            (true, true) => Stored::Fresh,
            (true, false) if arrivals[first].bytes == arrival.bytes => Stored::Duplicate,
            (true, false) => Stored::Conflict,
            (false, _) => {
                known.push(index);
                Stored::Duplicate
            }
        });
    }
    for index in differing(tx, arrivals, &known).await? {
        stored[index] = Stored::Conflict;
    }
    let fresh: Vec<(&Arrival, i64)> =
        arrivals.iter().zip(ids).filter_map(|(arrival, id)| Some((arrival, id?))).collect();
    insert_addresses(tx, &fresh).await?;
    insert_pens(tx, &fresh).await?;
    let conflicts: Vec<_> = (arrivals.iter().zip(&stored))
        .filter(|(_, stored)| **stored == Stored::Conflict)
        .map(|(arrival, _)| conflict(arrival))
        .collect();
    insert_quarantined(tx, &conflicts).await?;
    Ok(stored)
}

/// The arrivals' bytes end to end, and where each begins (from 1, as SQL counts) for `substr`.
fn pack<'a>(bytes: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, Vec<usize>) {
    let mut packed = Vec::new();
    let starts = bytes
        .map(|bytes| {
            let start = packed.len() + 1;
            packed.extend_from_slice(bytes);
            start
        })
        .collect();
    (packed, starts)
}

/// For each arrival the index of the first one with its key, which stands for the others of the batch.
fn firsts(arrivals: &[Arrival]) -> Vec<usize> {
    let mut first_of: HashMap<KeyColumns, usize> = HashMap::with_capacity(arrivals.len());
    let keys = arrivals.iter().map(|arrival| arrival.key.columns());
    keys.enumerate().map(|(index, key)| *first_of.entry(key).or_insert(index)).collect()
}

/// Inserts the first of each key. Gives the ids of the rows that were not there, by index.
async fn insert_fresh(
    tx: &mut Connection,
    arrivals: &[Arrival],
    firsts: &[usize],
) -> Result<Vec<Option<i64>>, StoreError> {
    let mut places: Vec<usize> =
        (0..arrivals.len()).filter(|index| firsts[*index] == *index).collect();
    // In the order of the index: neighbours find their place in the page that is at hand.
    places.sort_unstable_by_key(|index| arrivals[*index].key.columns());
    let rows: Vec<&Arrival> = places.iter().map(|index| &arrivals[*index]).collect();
    let inserted = match tx {
        Connection::Sqlite(_) => sqlite::chunks(tx, &rows).await?,
        Connection::Postgres(server) => postgres::chunks(server, &rows).await?,
    };
    let mut ids = vec![None; arrivals.len()];
    for (place, id) in inserted {
        ids[places[place]] = Some(id);
    }
    Ok(ids)
}

/// Those of the arrivals at `known` whose bytes differ from what is stored under their key.
async fn differing(
    tx: &mut Connection,
    arrivals: &[Arrival],
    known: &[usize],
) -> Result<Vec<usize>, StoreError> {
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let (packed, starts) = pack(known.iter().map(|index| arrivals[*index].bytes.as_slice()));
    let rows: Vec<_> = (known.iter().zip(starts))
        .map(|(index, start)| {
            let arrival = &arrivals[*index];
            let (pen, counter, random, number) = arrival.key.columns();
            (index, pen, counter, random, number, start, arrival.bytes.len())
        })
        .collect();
    let differing: Vec<(i64,)> = query(
        "SELECT CAST(value->>0 AS BIGINT)
         FROM json_each($2) JOIN chunk c ON c.pen = CAST(value->>1 AS BIGINT)
            AND c.boot_counter = CAST(value->>2 AS BIGINT)
            AND c.boot_random = CAST(value->>3 AS BIGINT)
            AND c.number = CAST(value->>4 AS BIGINT)
         WHERE c.bytes <> substr($1, CAST(value->>5 AS INTEGER), CAST(value->>6 AS INTEGER))",
    )
    .bind(packed)
    .bind(serde_json::to_string(&rows)?)
    .fetch_all(tx)
    .await?;
    Ok(differing.into_iter().filter_map(|(index,)| usize::try_from(index).ok()).collect())
}

fn conflict(arrival: &Arrival) -> Quarantined {
    Quarantined {
        gateway: arrival.gateway.clone(),
        reason: "conflict",
        detail: "other bytes are stored under this key".to_owned(),
        key: Some(arrival.key),
        bytes: arrival.bytes.clone(),
        bytes_len: arrival.bytes.len(),
        received_ms: arrival.received_ms,
    }
}

/// Notes the addresses of fresh chunks and moves the ink revisions on, by one per chunk.
async fn insert_addresses(
    tx: &mut Connection,
    fresh: &[(&Arrival, i64)],
) -> Result<(), StoreError> {
    let mut addresses = Vec::with_capacity(fresh.len());
    let mut revisions: BTreeMap<Face, (i64, i64)> = BTreeMap::new();
    for (arrival, id) in fresh {
        let (pen, counter, random, _) = arrival.key.columns();
        let received_ms = arrival.received_ms;
        for (place, touch) in arrival.touches.iter().enumerate() {
            let face = |touch: &Touch| (touch.folio, touch.page);
            // Each page face once, whatever the caller says.
            if arrival.touches[..place].iter().any(|before| face(before) == face(touch)) {
                continue;
            }
            let (folio, page) = (touch.folio, i64::from(touch.page));
            let boot = (i64::from(counter), i64::from(random));
            let times = (touch.first_ms, touch.last_ms, received_ms);
            addresses.push(Address { folio, page, pen, chunk: *id, boot, times });
            let revision = revisions.entry((folio, page, pen)).or_default();
            revision.0 += 1;
            revision.1 = revision.1.max(received_ms);
        }
    }
    if addresses.is_empty() {
        return Ok(());
    }
    addresses.sort_unstable_by_key(|a| (a.folio, a.page, a.pen, a.chunk));
    let revisions: Vec<_> = revisions.into_iter().collect();
    match tx {
        Connection::Sqlite(_) => sqlite::addresses(tx, &addresses, &revisions).await,
        Connection::Postgres(server) => postgres::addresses(server, &addresses, &revisions).await,
    }
}

async fn insert_pens(tx: &mut Connection, fresh: &[(&Arrival, i64)]) -> Result<(), StoreError> {
    for (arrival, _) in fresh {
        let Some(model) = &arrival.hello_model else { continue };
        query(
            "INSERT INTO pen (id, model) VALUES ($1, $2)
             ON CONFLICT (id) DO UPDATE SET model = excluded.model",
        )
        .bind(arrival.key.pen.cast_signed())
        .bind(model)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}
