//! What a pipeline is told.

use std::sync::Arc;
use std::time::Duration;

/// Gives Unix milliseconds. It may run faster than real time: the demo's does.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How a pipeline works.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// How long a paper's ink rests before it is marked, milliseconds by the clock.
    pub rest_ms: i64,
    /// How long a claim holds, milliseconds by the clock: many times what a paper takes. A paper
    /// whose marking died waits that long for the next.
    pub lease_ms: i64,
    /// How often the store is asked for work while there is none. In tokio's time, which a fast
    /// clock does not touch.
    pub poll: Duration,
    /// What the school's time zone adds to UTC, milliseconds: 8 h in Shanghai. It tells one day's
    /// answers from the next day's.
    pub utc_offset_ms: i64,
}
