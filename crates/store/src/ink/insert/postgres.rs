//! Many rows in one statement of PostgreSQL: an array per column. JSON would cost as much as the
//! rows themselves, and COPY does not tell which rows were there already.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::{Address, Revision};
use crate::StoreError;
use crate::ink::{Arrival, KeyColumns};
use crate::sql::Small;

/// A row of `chunk` that was not there: its id and key.
type Inserted = (i64, i64, Small, Small, Small);

/// Inserts chunks; gives the ids of those that were not there, by their place in `arrivals`.
pub(super) async fn chunks(
    tx: &mut PgConnection,
    arrivals: &[&Arrival],
) -> Result<Vec<(usize, i64)>, StoreError> {
    let column = |of: fn(&Arrival) -> i64| arrivals.iter().map(|a| of(a)).collect::<Vec<_>>();
    let inserted = sqlx::query_as(
        "INSERT INTO chunk (pen, boot_counter, boot_random, number, bytes, gateway, received_ms)
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[],
                              $6::text[], $7::bigint[])
         ON CONFLICT DO NOTHING
         RETURNING id, pen, boot_counter, boot_random, number",
    )
    .bind(column(|a| a.key.pen.cast_signed()))
    .bind(column(|a| i64::from(a.key.boot_counter)))
    .bind(column(|a| i64::from(a.key.boot_random)))
    .bind(column(|a| i64::from(a.key.number)))
    .bind(arrivals.iter().map(|a| a.bytes.as_slice()).collect::<Vec<_>>())
    .bind(arrivals.iter().map(|a| a.gateway.as_str()).collect::<Vec<_>>())
    .bind(column(|a| a.received_ms));
    let inserted: Vec<Inserted> = inserted.fetch_all(tx).await?;
    let places: HashMap<KeyColumns, usize> =
        arrivals.iter().map(|a| a.key.columns()).zip(0..).collect();
    let place = |(id, pen, Small(counter), Small(random), Small(number))| {
        places.get(&(pen, counter, random, number)).map(|place| (*place, id))
    };
    Ok(inserted.into_iter().filter_map(place).collect())
}

/// Inserts addresses, and moves ink revisions on.
pub(super) async fn addresses(
    tx: &mut PgConnection,
    addresses: &[Address],
    revisions: &[Revision],
) -> Result<(), StoreError> {
    let column = |of: fn(&Address) -> i64| addresses.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO chunk_address
             (folio, page, pen, chunk, boot_counter, boot_random, first_ms, last_ms, received_ms)
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                              $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])",
    )
    .bind(column(|a| a.folio))
    .bind(column(|a| a.page))
    .bind(column(|a| a.pen))
    .bind(column(|a| a.chunk))
    .bind(column(|a| a.boot.0))
    .bind(column(|a| a.boot.1))
    .bind(column(|a| a.times.0))
    .bind(column(|a| a.times.1))
    .bind(column(|a| a.times.2))
    .execute(&mut *tx)
    .await?;
    let column = |of: fn(&Revision) -> i64| revisions.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO ink (folio, page, pen, ink_rev, received_ms)
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
         ON CONFLICT (folio, page, pen) DO UPDATE SET
             ink_rev = ink.ink_rev + excluded.ink_rev,
             received_ms = greatest(ink.received_ms, excluded.received_ms)",
    )
    .bind(column(|((folio, _, _), _)| *folio))
    .bind(column(|((_, page, _), _)| *page))
    .bind(column(|((_, _, pen), _)| *pen))
    .bind(column(|(_, (chunks, _))| *chunks))
    .bind(column(|(_, (_, received_ms))| *received_ms))
    .execute(tx)
    .await?;
    Ok(())
}
