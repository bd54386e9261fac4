//! What a store holds, read beside the service and not through it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use firmware_protocol::{BootId, ChunkKey, PenId};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection};

const CHUNKS: &str = "SELECT pen, boot_counter, boot_random, number, bytes FROM chunk";
const QUARANTINED: &str = "SELECT pen, boot_counter, boot_random, number FROM quarantine
                           WHERE pen IS NOT NULL";

/// Chunks by key, every copy, and the keys of what was held back.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) chunks: BTreeMap<ChunkKey, Vec<Vec<u8>>>,
    pub(crate) quarantined: BTreeSet<ChunkKey>,
}

/// Where a store is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    File(PathBuf),
    Server(String),
}

/// Pen, count and random bits of its start, number.
type Key = (i64, i64, i64, i64);

impl Place {
    /// As `zhibi` is told it.
    pub(crate) fn argument(&self) -> String {
        match self {
            Self::File(path) => path.to_str().expect("a UTF-8 path").to_owned(),
            Self::Server(url) => url.clone(),
        }
    }

    /// Everything in it now.
    pub(crate) async fn rows(&self) -> Result<Rows, sqlx::Error> {
        let (chunks, quarantined) = match self {
            Self::File(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true);
                let mut connection: SqliteConnection = options.connect().await?;
                let chunks: Vec<(i64, i64, i64, i64, Vec<u8>)> =
                    sqlx::query_as(CHUNKS).fetch_all(&mut connection).await?;
                let held: Vec<Key> = sqlx::query_as(QUARANTINED).fetch_all(&mut connection).await?;
                connection.close().await?;
                (chunks, held)
            }
            Self::Server(url) => {
                let mut connection = PgConnection::connect(url).await?;
                let chunks: Vec<(i64, i64, i64, i64, Vec<u8>)> =
                    sqlx::query_as(CHUNKS).fetch_all(&mut connection).await?;
                let held: Vec<Key> = sqlx::query_as(QUARANTINED).fetch_all(&mut connection).await?;
                connection.close().await?;
                (chunks, held)
            }
        };
        let mut rows = Rows::default();
        for (pen, counter, random, number, bytes) in chunks {
            rows.chunks.entry(key((pen, counter, random, number))).or_default().push(bytes);
        }
        rows.quarantined = quarantined.into_iter().map(key).collect();
        Ok(rows)
    }
}

fn key((pen, counter, random, number): Key) -> ChunkKey {
    let bits = |column: i64| u32::try_from(column).expect("32 bits");
    ChunkKey {
        pen: PenId(pen.cast_unsigned()),
        boot: BootId { counter: bits(counter), random: bits(random) },
        number: bits(number),
    }
}
