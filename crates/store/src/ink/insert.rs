//! Fresh, duplicate or conflicting: storing chunks by their own key.

mod postgres;
mod sqlite;

use std::collections::{BTreeMap, HashMap};

use crate::StoreError;
use crate::database::Connection;
use crate::ink::{Arrival, KeyColumns, Quarantined, Stored, insert_quarantined};
use crate::sql::{Small, query};

/// A row of `chunk` that was not there: its id and key.
type Inserted = (i64, i64, Small, Small, Small);

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
    // Within the batch, the first of a key stands for the others.
    let mut first_of: HashMap<KeyColumns, usize> = HashMap::with_capacity(arrivals.len());
    for (index, arrival) in arrivals.iter().enumerate() {
        first_of.entry(arrival.key.columns()).or_insert(index);
    }
    let fresh = insert_fresh(tx, arrivals, &first_of).await?;
    let mut stored = Vec::with_capacity(arrivals.len());
    let mut known = Vec::new();
    for (index, arrival) in arrivals.iter().enumerate() {
        let first = first_of[&arrival.key.columns()];
        stored.push(match (fresh.contains_key(&first), index == first) {
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
    insert_addresses(tx, arrivals, &fresh).await?;
    insert_pens(tx, arrivals, &fresh).await?;
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

/// Inserts the first of each key in one statement: a round trip per row would cost three times the
/// insert. Returns the rows that were not there, by index.
async fn insert_fresh(
    tx: &mut Connection,
    arrivals: &[Arrival],
    first_of: &HashMap<KeyColumns, usize>,
) -> Result<BTreeMap<usize, i64>, StoreError> {
    let firsts: Vec<&Arrival> = (arrivals.iter().enumerate())
        .filter(|(index, arrival)| first_of[&arrival.key.columns()] == *index)
        .map(|(_, arrival)| arrival)
        .collect();
    let inserted = match tx {
        Connection::Sqlite(_) => sqlite::chunks(tx, &firsts).await?,
        Connection::Postgres(server) => postgres::chunks(server, &firsts).await?,
    };
    let index_of = |(id, pen, Small(counter), Small(random), Small(number))| {
        first_of.get(&(pen, counter, random, number)).map(|index| (*index, id))
    };
    Ok(inserted.into_iter().filter_map(index_of).collect())
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
    arrivals: &[Arrival],
    fresh: &BTreeMap<usize, i64>,
) -> Result<(), StoreError> {
    let mut addresses = Vec::new();
    let mut revisions: BTreeMap<Face, (i64, i64)> = BTreeMap::new();
    for (index, id) in fresh {
        let arrival = &arrivals[*index];
        let (pen, counter, random, _) = arrival.key.columns();
        let touches: BTreeMap<_, _> =
            arrival.touches.iter().map(|touch| ((touch.folio, touch.page), touch)).collect();
        for ((folio, page), touch) in touches {
            let (page, received_ms) = (i64::from(page), arrival.received_ms);
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
    let revisions: Vec<_> = revisions.into_iter().collect();
    match tx {
        Connection::Sqlite(_) => sqlite::addresses(tx, &addresses, &revisions).await,
        Connection::Postgres(server) => postgres::addresses(server, &addresses, &revisions).await,
    }
}

async fn insert_pens(
    tx: &mut Connection,
    arrivals: &[Arrival],
    fresh: &BTreeMap<usize, i64>,
) -> Result<(), StoreError> {
    for index in fresh.keys() {
        let Some(model) = &arrivals[*index].hello_model else { continue };
        query(
            "INSERT INTO pen (id, model) VALUES ($1, $2)
             ON CONFLICT (id) DO UPDATE SET model = excluded.model",
        )
        .bind(arrivals[*index].key.pen.cast_signed())
        .bind(model)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}
