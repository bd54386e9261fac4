//! Many rows in one statement of SQLite: JSON, and one blob that is cut by offsets. The lists of JSON
//! are flat: of a list within a list SQLite makes a text at each step into it.

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
        .map(|(a, start)| {
            let (pen, counter, random, number) = a.key.columns();
            (pen, counter, random, number, start, a.bytes.len(), &a.gateway, a.received_ms)
        })
        .collect();
    let inserted = query(
        "INSERT INTO chunk (pen, boot_counter, boot_random, number, bytes, gateway, received_ms)
         SELECT value->>0, value->>1, value->>2, value->>3,
                substr($1, value->>4, value->>5), value->>6, value->>7
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
    let row = |address: &Address| {
        let Address { folio, page, pen, chunk, boot, times } = *address;
        [folio, page, pen, chunk, boot.0, boot.1, times.0, times.1, times.2]
    };
    let rows: Vec<_> = addresses.iter().map(row).collect();
    let insert = query(
        "INSERT INTO chunk_address
             (folio, page, pen, chunk, boot_counter, boot_random, first_ms, last_ms, received_ms)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5,
                value->>6, value->>7, value->>8
         FROM json_each($1)",
    );
    insert.bind(serde_json::to_string(&rows)?).execute(&mut *tx).await?;
    let row = |((folio, page, pen), (ink_rev, received_ms)): &Revision| {
        [*folio, *page, *pen, *ink_rev, *received_ms]
    };
    let revisions: Vec<_> = revisions.iter().map(row).collect();
    let moved = query(
        "INSERT INTO ink (folio, page, pen, ink_rev, received_ms)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4
         FROM json_each($1) WHERE true
         ON CONFLICT (folio, page, pen) DO UPDATE SET
             ink_rev = ink.ink_rev + excluded.ink_rev,
             received_ms = max(ink.received_ms, excluded.received_ms)",
    );
    moved.bind(serde_json::to_string(&revisions)?).execute(tx).await?;
    Ok(())
}
