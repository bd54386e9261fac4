//! What the log says of what cannot be stored as ink.
//!
//! Noise comes in thousands: for each reason the log gets the first case in a minute with its
//! details, and then the number of further cases. The rows themselves are in the quarantine.

use std::collections::BTreeMap;
use std::time::Duration;

use firmware_protocol::{BootId, ChunkKey, PenId};
use store::Quarantined;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// Counts what was said and what was left out.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    since: Option<Instant>,
    /// By reason: how many more there were than the one that was said.
    seen: BTreeMap<&'static str, u64>,
}

impl Notices {
    /// Something went into the quarantine.
    pub(crate) fn kept(&mut self, row: &Quarantined, now: Instant) {
        if !self.is_first(row.reason, now) {
            return;
        }
        let Quarantined { gateway, reason, detail, bytes_len, .. } = row;
        match &row.key {
            Some(key) => {
                let (pen, number) = (PenId(key.pen), key.number);
                let boot = BootId { counter: key.boot_counter, random: key.boot_random };
                tracing::warn!(reason, gateway, detail, %pen, %boot, number, "held in quarantine");
            }
            None => tracing::warn!(reason, gateway, detail, bytes_len, "held in quarantine"),
        }
    }

    /// The same key came with other bytes, which is corruption, in a pen or on the way.
    pub(crate) fn conflict(&mut self, key: &ChunkKey, now: Instant) {
        if self.is_first("conflict", now) {
            let ChunkKey { pen, boot, number } = key;
            tracing::error!(%pen, %boot, number, "other bytes under a known key: held in quarantine");
        }
    }

    /// Whether this reason is to be said, and says what was left out of the minute before.
    fn is_first(&mut self, reason: &'static str, now: Instant) -> bool {
        if self.since.is_none_or(|since| now.duration_since(since) >= MINUTE) {
            self.say_left_out();
            self.since = Some(now);
        }
        match self.seen.get_mut(reason) {
            Some(more) => *more += 1,
            None => {
                self.seen.insert(reason, 0);
                return true;
            }
        }
        false
    }

    fn say_left_out(&mut self) {
        for (reason, more) in std::mem::take(&mut self.seen) {
            if more > 0 {
                tracing::warn!(reason, more, "held in quarantine too, within a minute");
            }
        }
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.say_left_out();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_reason_the_first_in_a_minute_is_said() {
        let mut notices = Notices::default();
        let start = Instant::now();
        let said = |notices: &mut Notices, reason, seconds| {
            notices.is_first(reason, start + Duration::from_secs(seconds))
        };
        assert!(said(&mut notices, "conflict", 0));
        let more = (1..3_000).filter(|_| said(&mut notices, "conflict", 1)).count();
        assert_eq!(more, 0);
        assert!(said(&mut notices, "damaged", 2));
        assert_eq!(notices.seen.get("conflict"), Some(&2_999));
        assert!(said(&mut notices, "conflict", 60));
        assert!(said(&mut notices, "damaged", 61));
    }
}
