//! Limits how much is kept of what is not ink.
//!
//! Everything that arrives is counted; its bytes are kept so that somebody can find out what it
//! was. Ten megabytes of noise must bloat neither database nor memory, so what is kept of it is
//! cut and limited. What a pen will erase on our word is never limited.

use std::collections::HashMap;
use std::time::Duration;

use firmware_protocol::{CHUNK_BYTES_MAX, ChunkKey};
use store::Quarantined;
use tokio::time::Instant;

use crate::key::key_of;

/// Bytes kept of one message or frame: a whole frame, so that it could still be stored later.
pub(crate) const KEPT_BYTES_MAX: usize = CHUNK_BYTES_MAX;
/// Rows a gateway may fill in a minute: 60 KiB.
const ROWS_A_MINUTE: u32 = 60;
/// Gateways that are told apart in a minute; so no more than 15 MiB are kept in it.
const GATEWAYS_MAX: usize = 256;
const MINUTE: Duration = Duration::from_secs(60);

/// Keeps count of what each gateway's quarantine took in the current minute.
#[derive(Debug)]
pub(crate) struct Quota {
    since: Instant,
    rows: HashMap<String, u32>,
}

impl Quota {
    pub(crate) fn new(now: Instant) -> Self {
        Self { since: now, rows: HashMap::new() }
    }

    /// Whether one more row may be kept of what this gateway sent.
    pub(crate) fn allows(&mut self, gateway: &str, now: Instant) -> bool {
        if now.duration_since(self.since) >= MINUTE {
            self.since = now;
            self.rows.clear();
        }
        if !self.rows.contains_key(gateway) && self.rows.len() >= GATEWAYS_MAX {
            return false;
        }
        let rows = self.rows.entry(gateway.to_owned()).or_default();
        *rows += 1;
        *rows <= ROWS_A_MINUTE
    }
}

/// A row for the quarantine, cut to what is kept.
pub(crate) fn row(
    gateway: &str,
    reason: &'static str,
    detail: String,
    key: Option<ChunkKey>,
    bytes: &[u8],
    received_ms: i64,
) -> Quarantined {
    Quarantined {
        gateway: gateway.to_owned(),
        reason,
        detail,
        key: key.map(key_of),
        bytes: bytes[..bytes.len().min(KEPT_BYTES_MAX)].to_vec(),
        bytes_len: bytes.len(),
        received_ms,
    }
}
