//! Many rows in one statement of SQLite: JSON, and one blob that is cut by offsets.

use super::{Address, Inserted, Revision, pack};
use crate::StoreError;
use crate::database::Connection;
use crate::ink::Arrival;
use crate::sql::query;

/// Inserts chunks, and returns those that were not there.
pub(super) async fn chunks(
    tx: &mut Connection,
    arrivals: &[&Arrival],
) -> Result<Vec<Inserted>, StoreError> {
    let (packed, starts) = pack(arrivals.iter().map(|arrival| arrival.bytes.as_slice()));
    let rows: Vec<_> = (arrivals.iter().zip(starts))
        .map(|(a, start)| (a.key.columns(), start, a.bytes.len(), &a.gateway, a.received_ms))
        .collect();
    let inserted = query(
        "INSERT INTO chunk (pen, boot_counter, boot_random, number, bytes, gateway, received_ms)
         SELECT value->0->>0, value->0->>1, value->0->>2, value->0->>3,
                substr($1, value->>1, value->>2), value->>3, value->>4
         FROM json_each($2) WHERE true
         ON CONFLICT DO NOTHING
         RETURNING id, pen, boot_counter, boot_random, number",
    );
    let inserted = inserted.bind(packed).bind(serde_json::to_string(&rows)?);
    Ok(inserted.fetch_all(tx).await?)
}

/// Inserts addresses, and moves ink revisions on.
pub(super) async fn addresses(
    tx: &mut Connection,
    addresses: &[Address],
    revisions: &[Revision],
) -> Result<(), StoreError> {
    let rows: Vec<_> =
        addresses.iter().map(|a| (a.folio, a.page, a.pen, a.chunk, a.boot, a.times)).collect();
    let insert = query(
        "INSERT INTO chunk_address
             (folio, page, pen, chunk, boot_counter, boot_random, first_ms, last_ms, received_ms)
         SELECT value->>0, value->>1, value->>2, value->>3, value->4->>0, value->4->>1,
                value->5->>0, value->5->>1, value->5->>2
         FROM json_each($1)",
    );
    insert.bind(serde_json::to_string(&rows)?).execute(&mut *tx).await?;
    let moved = query(
        "INSERT INTO ink (folio, page, pen, ink_rev, received_ms)
         SELECT value->0->>0, value->0->>1, value->0->>2, value->1->>0, value->1->>1
         FROM json_each($1) WHERE true
         ON CONFLICT (folio, page, pen) DO UPDATE SET
             ink_rev = ink.ink_rev + excluded.ink_rev,
             received_ms = max(ink.received_ms, excluded.received_ms)",
    );
    moved.bind(serde_json::to_string(revisions)?).execute(tx).await?;
    Ok(())
}
