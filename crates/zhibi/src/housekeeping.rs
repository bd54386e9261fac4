//! Deletes what nobody can ask for any more, now and then.

use std::time::Duration;

use store::{Keep, Pruned, Store};

use crate::clock::{self, Clock};
use crate::service::Role;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How often to look for something to delete.
const EVERY: Duration = Duration::from_secs(600);
/// Between two transactions that delete: ingest goes first.
const PAUSE: Duration = Duration::from_millis(200);

/// Longer than any session lasts, so that no open page asks for an older line.
const OUTBOX_MS: i64 = DAY_MS;
/// A session ends after half a day, and a link after a quarter of an hour.
const LOGINS_MS: i64 = DAY_MS;
/// A term's holidays are over by then, and the maker of a pen has been asked.
const QUARANTINE_MS: i64 = 90 * DAY_MS;
/// Each row keeps at most 1 KiB: 100 MiB.
const QUARANTINE_ROWS_MAX: u32 = 100_000;

/// Runs for as long as the service does. Each role looks after what it may delete.
pub(crate) async fn run(store: Store, clock: Clock, roles: Vec<Role>) {
    let has = |role| roles.contains(&role);
    loop {
        let keep = Keep {
            now_ms: clock(),
            outbox_ms: has(Role::Pipeline).then_some(OUTBOX_MS),
            logins_from_ms: has(Role::Web).then_some(clock::wall_ms() - LOGINS_MS),
            quarantine_ms: has(Role::Ingest).then_some(QUARANTINE_MS),
            quarantine_rows_max: QUARANTINE_ROWS_MAX,
        };
        let mut all = Pruned::default();
        loop {
            match store.prune(keep).await {
                Ok(pruned) if pruned == Pruned::default() => break,
                Ok(Pruned { outbox, links, sessions, quarantine }) => {
                    all.outbox += outbox;
                    all.links += links;
                    all.sessions += sessions;
                    all.quarantine += quarantine;
                }
                // The writer says what is wrong with the store.
                Err(error) => {
                    tracing::debug!(%error, "nothing was deleted");
                    break;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        if all != Pruned::default() {
            let Pruned { outbox, links, sessions, quarantine } = all;
            tracing::info!(outbox, links, sessions, quarantine, "deleted what is past keeping");
        }
        tokio::time::sleep(EVERY).await;
    }
}
