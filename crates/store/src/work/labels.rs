//! For whom red ink is meant: what pens touched of name labels.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use attribution::{Holder, Labelled, Lease, Start, Tap, labelled};
use school::PupilId;

use crate::StoreError;
use crate::database::Connection;
use crate::sql::{Small, query};

/// The pens of some leases that a marker ever held: nobody else's touch of a label means anything.
pub(super) fn red_pens<'a>(leases: impl IntoIterator<Item = &'a Lease>) -> BTreeSet<i64> {
    let red = leases.into_iter().filter(|lease| matches!(lease.holder, Holder::Marker(_)));
    red.map(|lease| lease.pen.cast_signed()).collect()
}

/// By start of these pens: for whom its ink is, wherever it lies.
pub(super) async fn labelled_ink(
    tx: &mut Connection,
    pens: &BTreeSet<i64>,
) -> Result<HashMap<Start, Vec<Labelled>>, StoreError> {
    if pens.is_empty() {
        return Ok(HashMap::new());
    }
    type Touched = (i64, Small, Small, Small, i64, String);
    let rows: Vec<Touched> = query(
        "SELECT a.pen, a.boot_counter, a.boot_random, c.number, a.first_ms, l.pupil
         FROM json_each($1) CROSS JOIN ink i
         JOIN name_label l ON l.folio = i.folio AND l.page = i.page
         JOIN chunk_address a ON a.folio = i.folio AND a.page = i.page AND a.pen = i.pen
         JOIN chunk c ON c.id = a.chunk
         WHERE i.pen = CAST(value->>0 AS BIGINT)",
    )
    .bind(serde_json::to_string(&pens.iter().map(|pen| [pen]).collect::<Vec<_>>())?)
    .fetch_all(&mut *tx)
    .await?;
    let mut taps: BTreeMap<Start, Vec<Tap>> = BTreeMap::new();
    for (pen, Small(counter), Small(random), Small(number), at_ms, pupil) in rows {
        let start = Start { pen: pen.cast_unsigned(), counter, random };
        let pupil = PupilId::new(pupil)?;
        taps.entry(start).or_default().push(Tap { number, at_ms, pupil });
    }
    let mut all = HashMap::with_capacity(taps.len());
    for (start, taps) in taps {
        let first = taps.iter().map(|tap| tap.number).min().unwrap_or_default();
        let chunks = chunks_from(tx, start, first).await?;
        all.insert(start, labelled(taps, &chunks));
    }
    Ok(all)
}

/// The chunks of a start from a number on, each with the time of its last ink on coded paper.
async fn chunks_from(
    tx: &mut Connection,
    start: Start,
    first: u32,
) -> Result<BTreeMap<u32, Option<i64>>, StoreError> {
    let rows: Vec<(Small, Option<i64>)> = query(
        "SELECT c.number, max(a.last_ms) FROM chunk c LEFT JOIN chunk_address a ON a.chunk = c.id
         WHERE c.pen = $1 AND c.boot_counter = $2 AND c.boot_random = $3 AND c.number >= $4
         GROUP BY c.number",
    )
    .bind(start.pen.cast_signed())
    .bind(start.counter)
    .bind(start.random)
    .bind(first)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|(Small(number), last_ms)| (number, last_ms)).collect())
}

/// Looks again at what these pens wrote on shared sheets: they touched a label.
pub(super) async fn shared_ink_again(
    tx: &mut Connection,
    pens: &BTreeSet<i64>,
) -> Result<(), StoreError> {
    if pens.is_empty() {
        return Ok(());
    }
    query(
        "UPDATE ink SET attributed_rev = 0
         WHERE pen IN (SELECT CAST(value->>0 AS BIGINT) FROM json_each($1))
           AND EXISTS (SELECT 1 FROM print_run r
                       WHERE r.folio = ink.folio AND r.copies IS NULL
                         AND ink.page >= r.first_page AND ink.page < r.first_page + r.pages)",
    )
    .bind(serde_json::to_string(&pens.iter().map(|pen| [pen]).collect::<Vec<_>>())?)
    .execute(tx)
    .await?;
    Ok(())
}
