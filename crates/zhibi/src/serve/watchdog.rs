//! What the service manager hears: ready, alive, stopping. Without one nothing is said.

use std::convert::Infallible;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::watch;

use crate::service::{Pulse, States};

/// How long the first connection to the broker may take before the service is ready without it:
/// teachers can look at what is marked while the broker is away.
const DIAL_WITHIN: Duration = Duration::from_secs(5);

/// Says that the service is ready, once the broker was dialled.
pub(super) async fn ready(states: &States) {
    if let Some(mut connected) = states.connected.clone() {
        // Either end of the wait is fine: connected, away, or given up.
        let _dialled = tokio::time::timeout(DIAL_WITHIN, told(&mut connected)).await;
    }
    tell(&[NotifyState::Ready]);
}

async fn told(connected: &mut watch::Receiver<bool>) {
    // An error means that ingest is gone, which ends the service by itself.
    let _gone = connected.wait_for(|connected| *connected).await;
}

/// Says that the service stops; what is under way may still take a while.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says that the service is alive, twice in the time that the manager allows, for as long as all
/// tasks run and the store's writer answers. Never ends; without a watchdog it does nothing.
pub(super) async fn watch(pulse: Pulse) -> Infallible {
    let Some(allowed) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let every = allowed / 2;
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // The limit is on the waiting: what the writer does, it finishes.
        match tokio::time::timeout(every, pulse.beats()).await {
            Ok(true) => tell(&[NotifyState::Watchdog]),
            Ok(false) => tracing::error!("a part has ended: the watchdog is not told"),
            Err(_) => {
                tracing::error!("the store's writer does not answer: the watchdog is not told")
            }
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}
