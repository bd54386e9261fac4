//! The only reader of the wall clock.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Unix milliseconds, from anywhere.
pub(crate) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Unix milliseconds by this machine.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
pub(crate) fn wall_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}

/// The wall clock.
pub(crate) fn wall() -> Clock {
    Arc::new(wall_ms)
}

/// A clock that starts in the past, runs fast until it has caught up with the wall clock, and is
/// the wall clock from then on: the demo's evening.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FastClock {
    started: Instant,
    start_ms: i64,
    lag_ms: i64,
    speed: u32,
}

impl FastClock {
    /// A clock that shows `start_ms` now, and runs `speed` times as fast as life.
    pub(crate) fn starting(start_ms: i64, speed: u32) -> Self {
        Self::behind(start_ms, (wall_ms() - start_ms).max(0), speed)
    }

    fn behind(start_ms: i64, lag_ms: i64, speed: u32) -> Self {
        Self { started: Instant::now(), start_ms, lag_ms, speed: speed.max(1) }
    }

    /// Unix milliseconds at the start.
    pub(crate) fn start_ms(&self) -> i64 {
        self.start_ms
    }

    /// Unix milliseconds now.
    pub(crate) fn now_ms(&self) -> i64 {
        let elapsed_ms = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.at(elapsed_ms)
    }

    /// Unix milliseconds when this much real time has passed.
    fn at(&self, elapsed_ms: i64) -> i64 {
        let fast = elapsed_ms.saturating_mul(i64::from(self.speed));
        self.start_ms + fast.min(elapsed_ms.saturating_add(self.lag_ms))
    }

    /// Real time from the start until this clock shows `unix_ms`.
    pub(crate) fn real_until(&self, unix_ms: i64) -> std::time::Duration {
        let ahead = (unix_ms - self.start_ms).max(0);
        let real = (ahead / i64::from(self.speed)).max(ahead - self.lag_ms);
        std::time::Duration::from_millis(u64::try_from(real).unwrap_or(0))
    }

    /// The moment at which this clock shows `unix_ms`.
    pub(crate) fn instant_of(&self, unix_ms: i64) -> Instant {
        self.started + self.real_until(unix_ms)
    }

    /// This clock as a function.
    pub(crate) fn shared(self) -> Clock {
        Arc::new(move || self.now_ms())
    }
}

#[cfg(test)]
mod tests;
