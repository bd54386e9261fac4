//! Rows of chunks and addresses in SQLite.

use std::sync::LazyLock;

use super::{Address, Revision};
use crate::StoreError;
use crate::database::Connection;
use crate::ink::Arrival;
use crate::sql::query;
use crate::sql::rows::Insert;

/// Inserts chunks; gives the ids of those that were not there, by their place in `arrivals`.
///
/// The ids are chosen here, since nobody else writes meanwhile: to have SQLite return them would take
/// as long as a third of the insert.
pub(super) async fn chunks(
    tx: &mut Connection,
    arrivals: &[&Arrival],
) -> Result<Vec<(usize, i64)>, StoreError> {
    static INSERT: LazyLock<Insert<8>> = LazyLock::new(|| {
        let columns = "(id, pen, boot_counter, boot_random, number, bytes, gateway, received_ms)";
        Insert::new(&format!("chunk {columns}"), "ON CONFLICT DO NOTHING")
    });
    let last: i64 = query("SELECT coalesce(max(id), 0) FROM chunk").scalar(&mut *tx).await?;
    let chunks: Vec<(i64, &Arrival)> = (last + 1..).zip(arrivals.iter().copied()).collect();
    let inserted = INSERT.run(tx, &chunks, |(id, a)| {
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
    static ADDRESSES: LazyLock<Insert<9>> = LazyLock::new(|| {
        let columns = "(folio, page, pen, chunk, boot_counter, boot_random, first_ms, last_ms,
                        received_ms)";
        Insert::new(&format!("chunk_address {columns}"), "")
    });
    static REVISIONS: LazyLock<Insert<5>> = LazyLock::new(|| {
        let then = "ON CONFLICT (folio, page, pen) DO UPDATE SET
                        ink_rev = ink.ink_rev + excluded.ink_rev,
                        received_ms = max(ink.received_ms, excluded.received_ms)";
        Insert::new("ink (folio, page, pen, ink_rev, received_ms)", then)
    });
    ADDRESSES
        .run(tx, addresses, |address| {
            let Address { folio, page, pen, chunk, boot, times } = *address;
            [folio, page, pen, chunk, boot.0, boot.1, times.0, times.1, times.2].map(Into::into)
        })
        .await?;
    REVISIONS
        .run(tx, revisions, |((folio, page, pen), (ink_rev, received_ms))| {
            [*folio, *page, *pen, *ink_rev, *received_ms].map(Into::into)
        })
        .await?;
    Ok(())
}
