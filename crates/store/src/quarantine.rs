//! Looking at the quarantine, and letting go of what can be stored after all.

use crate::database::Connection;
use crate::ink::take;
use crate::sql::{Small, query};
use crate::{Arrival, Delivery, Key, Store, StoreError, Stored};

/// A row of the quarantine without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Names the row.
    pub id: i64,
    /// The gateway that sent it; `?` where the topic names none.
    pub gateway: String,
    /// A short code, `[a-z_]+`.
    pub reason: String,
    /// The decoder's words.
    pub detail: String,
    /// The frame's key, where it can be known.
    pub key: Option<Key>,
    /// How many bytes there were before they were cut.
    pub bytes_len: u64,
    /// Server time, Unix milliseconds.
    pub received_ms: i64,
}

/// Which rows are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldOf {
    /// Only of this reason.
    pub reason: Option<String>,
    /// Only of this gateway.
    pub gateway: Option<String>,
}

/// What became of a row that was to be released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// Its ink is stored and the row is gone.
    Stored(Stored),
    /// There is no such row any more.
    Gone,
}

/// What became of a row that was to be discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discarded {
    /// The row is gone.
    Gone,
    /// It stays: its ink can be stored.
    Sound,
    /// There is no such row any more.
    Missing,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    gateway: String,
    reason: String,
    detail: String,
    pen: Option<i64>,
    #[sqlx(try_from = "crate::sql::Nullable")]
    boot_counter: Option<u32>,
    #[sqlx(try_from = "crate::sql::Nullable")]
    boot_random: Option<u32>,
    #[sqlx(try_from = "crate::sql::Nullable")]
    number: Option<u32>,
    bytes_len: i64,
    received_ms: i64,
}

impl Row {
    fn held(self) -> Held {
        let key = (|| {
            Some(Key {
                pen: self.pen?.cast_unsigned(),
                boot_counter: self.boot_counter?,
                boot_random: self.boot_random?,
                number: self.number?,
            })
        })();
        Held {
            id: self.id,
            gateway: self.gateway,
            reason: self.reason,
            detail: self.detail,
            key,
            bytes_len: self.bytes_len.cast_unsigned(),
            received_ms: self.received_ms,
        }
    }
}

impl Store {
    /// How many rows there are, by reason.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn held_by_reason(&self, wanted: &HeldOf) -> Result<Vec<(String, u32)>, StoreError> {
        let rows = query(
            "SELECT reason, count(*) FROM quarantine
             WHERE ($1 IS NULL OR reason = $1) AND ($2 IS NULL OR gateway = $2)
             GROUP BY reason ORDER BY reason",
        );
        let rows = rows.bind(&wanted.reason).bind(&wanted.gateway);
        let rows: Vec<(String, Small)> = rows.fetch_all(self.readers()).await?;
        Ok(rows.into_iter().map(|(reason, Small(count))| (reason, count)).collect())
    }

    /// Rows of the quarantine, the newest first; at most `limit`.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn held(&self, wanted: &HeldOf, limit: u32) -> Result<Vec<Held>, StoreError> {
        let rows = query(
            "SELECT id, gateway, reason, detail, pen, boot_counter, boot_random, number,
                    bytes_len, received_ms
             FROM quarantine
             WHERE ($1 IS NULL OR reason = $1) AND ($2 IS NULL OR gateway = $2)
             ORDER BY id DESC LIMIT $3",
        );
        let rows = rows.bind(&wanted.reason).bind(&wanted.gateway).bind(limit);
        Ok(rows.fetch_all::<Row>(self.readers()).await?.into_iter().map(Row::held).collect())
    }

    /// One row and what is kept of its bytes; `None` where there is no such row.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn held_bytes(&self, id: i64) -> Result<Option<(Held, Vec<u8>)>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Whole {
            #[sqlx(flatten)]
            row: Row,
            bytes: Vec<u8>,
        }
        let row = query(
            "SELECT id, gateway, reason, detail, pen, boot_counter, boot_random, number,
                    bytes_len, received_ms, bytes
             FROM quarantine WHERE id = $1",
        );
        let row = row.bind(id).fetch_optional::<Whole>(self.readers()).await?;
        Ok(row.map(|whole| (whole.row.held(), whole.bytes)))
    }

    /// Stores what a row holds as if it had come now, and deletes the row in the same transaction.
    /// Where other bytes stand under its key the row stays: the answer is [`Stored::Conflict`].
    ///
    /// # Errors
    /// On an error nothing is changed.
    pub async fn release(&self, id: i64, arrival: Arrival) -> Result<Released, StoreError> {
        self.write(move |tx| Box::pin(async move { release(tx, id, arrival).await })).await
    }

    /// Deletes a row whose bytes nobody can store. `arrival`: what they hold, where they can be read;
    /// unless other bytes stand under its key, the row then stays.
    ///
    /// # Errors
    /// On an error nothing is changed.
    pub async fn discard(
        &self,
        id: i64,
        arrival: Option<Arrival>,
    ) -> Result<Discarded, StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                if let Some(arrival) = &arrival
                    && !is_taken(tx, arrival).await?
                {
                    return Ok(Discarded::Sound);
                }
                let deleted = query("DELETE FROM quarantine WHERE id = $1").bind(id);
                Ok(match deleted.execute(tx).await? {
                    0 => Discarded::Missing,
                    _ => Discarded::Gone,
                })
            })
        })
        .await
    }
}

/// Whether other bytes stand under a chunk's key.
async fn is_taken(tx: &mut Connection, arrival: &Arrival) -> Result<bool, StoreError> {
    let (pen, boot_counter, boot_random, number) = arrival.key.columns();
    let other: Option<i64> = query(
        "SELECT id FROM chunk
         WHERE pen = $1 AND boot_counter = $2 AND boot_random = $3 AND number = $4
           AND bytes <> $5",
    )
    .bind(pen)
    .bind(boot_counter)
    .bind(boot_random)
    .bind(number)
    .bind(&arrival.bytes)
    .scalar_optional(tx)
    .await?;
    Ok(other.is_some())
}

async fn release(tx: &mut Connection, id: i64, arrival: Arrival) -> Result<Released, StoreError> {
    if is_taken(tx, &arrival).await? {
        return Ok(Released::Stored(Stored::Conflict));
    }
    let deleted = query("DELETE FROM quarantine WHERE id = $1").bind(id);
    if deleted.execute(&mut *tx).await? == 0 {
        return Ok(Released::Gone);
    }
    let delivery = Delivery { arrivals: vec![arrival], ..Delivery::default() };
    let stored = take(tx, &delivery).await?;
    Ok(stored.first().map_or(Released::Gone, |stored| Released::Stored(*stored)))
}

#[cfg(test)]
mod tests;
