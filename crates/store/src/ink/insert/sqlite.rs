//! Rows of chunks and addresses in SQLite.

use std::sync::LazyLock;

use super::{Address, Revision};
use crate::StoreError;
use crate::database::Connection;
use crate::ink::Arrival;
use crate::sql::{query, rows};

/// Inserts chunks; gives the ids of those that were not there, by their place in `arrivals`.
///
/// The ids are chosen here, since nobody else writes meanwhile: to have SQLite return them would take
/// as long as a third of the insert.
pub(super) async fn chunks(
    tx: &mut Connection,
    arrivals: &[&Arrival],
) -> Result<Vec<(usize, i64)>, StoreError> {
    static INSERT: LazyLock<String> = LazyLock::new(|| {
        let columns = "(id, pen, boot_counter, boot_random, number, bytes, gateway, received_ms)";
        rows::inserting(&format!("chunk {columns}"), 8, "ON CONFLICT DO NOTHING")
    });
    let last: i64 = query("SELECT coalesce(max(id), 0) FROM chunk").scalar(&mut *tx).await?;
    let chunks: Vec<(i64, &Arrival)> = (last + 1..).zip(arrivals.iter().copied()).collect();
    let inserted = rows::insert(tx, &INSERT, &chunks, |(id, a)| {
        let (pen, counter, random, number) = a.key.columns();
        let bytes = a.bytes.as_slice();
        let (gateway, received_ms) = (&a.gateway, a.received_ms);
        [
            id.into(),
            pen.into(),
            counter.into(),
            random.into(),
            number.into(),
            bytes.into(),
            gateway.into(),
            received_ms.into(),
        ]
    });
    if inserted.await? == chunks.len() as u64 {
        return Ok(chunks.iter().map(|(id, _)| *id).enumerate().collect());
    }
    // Those that were there keep their own ids, which are lower.
    let new = query("SELECT id FROM chunk WHERE id > $1").bind(last);
    let new: Vec<i64> = new.scalars(tx).await?;
    let place = |id: i64| usize::try_from(id - last - 1).ok().map(|place| (place, id));
    Ok(new.into_iter().filter_map(place).collect())
}

/// Inserts addresses, and moves ink revisions on.
pub(super) async fn addresses(
    tx: &mut Connection,
    addresses: &[Address],
    revisions: &[Revision],
) -> Result<(), StoreError> {
    static ADDRESSES: LazyLock<String> = LazyLock::new(|| {
        let columns = "(folio, page, pen, chunk, boot_counter, boot_random, first_ms, last_ms,
                        received_ms)";
        rows::inserting(&format!("chunk_address {columns}"), 9, "")
    });
    static REVISIONS: LazyLock<String> = LazyLock::new(|| {
        let then = "ON CONFLICT (folio, page, pen) DO UPDATE SET
                        ink_rev = ink.ink_rev + excluded.ink_rev,
                        received_ms = max(ink.received_ms, excluded.received_ms)";
        rows::inserting("ink (folio, page, pen, ink_rev, received_ms)", 5, then)
    });
    rows::insert(tx, &ADDRESSES, addresses, |address| {
        let Address { folio, page, pen, chunk, boot, times } = *address;
        [folio, page, pen, chunk, boot.0, boot.1, times.0, times.1, times.2].map(Into::into)
    })
    .await?;
    rows::insert(tx, &REVISIONS, revisions, |((folio, page, pen), (ink_rev, received_ms))| {
        [*folio, *page, *pen, *ink_rev, *received_ms].map(Into::into)
    })
    .await?;
    Ok(())
}
