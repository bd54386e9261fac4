//! How long to wait before a connection is made again.

use std::time::Duration;

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(50);
/// The longest wait of a service that knows its broker.
const LAST: Duration = Duration::from_secs(5);
/// The longest wait of a newcomer whose connections end as soon as they are made.
const LAST_OF_NEWCOMER: Duration = Duration::from_secs(60);
/// How many failed tries are logged one by one; after that, one line per minute.
const LINES_MAX: u32 = 3;
const LINE_EVERY: Duration = Duration::from_secs(60);
/// A connection that lived this long was a sound one. It is longer than [`LAST`], so that a
/// newcomer has none while another service ends its connections; and short, so that a client that
/// takes our id now and then does not keep a service from ever having one.
const SOUND: Duration = Duration::from_secs(10);
/// Short-lived connections in a row after which a newcomer steps back.
const SHORT_MAX: u32 = 3;

/// Waits that grow from 50 ms to 5 s, doubled per try, over short-lived connections too: a broker
/// that accepts a connection and ends it at once has not helped.
///
/// Two services with one client id end each other's connection at every try. The one that has had
/// a sound connection keeps coming back within 5 s; a newcomer that never had one steps back to a
/// minute, so that the older service works on.
#[derive(Debug)]
pub(crate) struct Backoff {
    wait: Duration,
    made: Option<Instant>,
    had_sound: bool,
    short: u32,
    /// Lines said since the last sound connection, and when the last of them was.
    lines: u32,
    said: Option<Instant>,
    chance: ChaCha8Rng,
}

/// What the end of a connection, or a failed try to make one, comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// How long to wait before the next try.
    pub(crate) wait: Duration,
    /// Whether the log has been told of enough failed tries.
    pub(crate) quiet: bool,
    /// Whether this is the moment at which a newcomer steps back.
    pub(crate) steps_back: bool,
}

impl Backoff {
    /// `seed` spreads the waits of several replicas.
    pub(crate) fn new(seed: u64) -> Self {
        let chance = ChaCha8Rng::seed_from_u64(seed);
        Self { wait: FIRST, made: None, had_sound: false, short: 0, lines: 0, said: None, chance }
    }

    /// A connection was made.
    pub(crate) fn made(&mut self, now: Instant) {
        self.made = Some(now);
    }

    /// Whether a connection that was made is no news: those before it ended as soon as they were
    /// made. A broker that could not be reached and now can be is news.
    pub(crate) fn quiet(&self) -> bool {
        self.lines >= LINES_MAX && self.short > 0
    }

    /// When the connection that was made becomes a sound one, if that is still to come.
    pub(crate) fn sound_at(&self) -> Option<Instant> {
        self.made.map(|made| made + SOUND)
    }

    /// The connection has become a sound one. Returns whether that is news: it was made in silence.
    pub(crate) fn became_sound(&mut self) -> bool {
        let news = self.quiet();
        self.made = None;
        self.wait = FIRST;
        self.short = 0;
        self.lines = 0;
        self.had_sound = true;
        news
    }

    /// A connection ended, or could not be made.
    pub(crate) fn lost(&mut self, now: Instant) -> Lost {
        match self.made {
            Some(made) if now.duration_since(made) >= SOUND => {
                self.became_sound();
            }
            Some(_) => self.short = self.short.saturating_add(1),
            None => {}
        }
        self.made = None;
        let newcomer = !self.had_sound && self.short >= SHORT_MAX;
        let longest = if newcomer { LAST_OF_NEWCOMER } else { LAST };
        let steps_back = newcomer && self.short == SHORT_MAX;
        let quiet = self.is_told(now);
        Lost { wait: self.next_wait(longest), quiet, steps_back }
    }

    /// On a connection that was made the broker refused what was asked: nobody took our id, and no
    /// newcomer steps back.
    pub(crate) fn refused(&mut self, now: Instant) -> Lost {
        self.made = None;
        let quiet = self.is_told(now);
        Lost { wait: self.next_wait(LAST), quiet, steps_back: false }
    }

    /// Whether the log has been told of enough failed tries; otherwise one more is told now.
    fn is_told(&mut self, now: Instant) -> bool {
        let late = self.said.is_none_or(|said| now.duration_since(said) >= LINE_EVERY);
        let quiet = self.lines >= LINES_MAX && !late;
        if !quiet {
            self.lines = self.lines.saturating_add(1);
            self.said = Some(now);
        }
        quiet
    }

    /// The next wait where nothing is known of connections.
    pub(crate) fn again(&mut self) -> Duration {
        self.next_wait(LAST)
    }

    /// Half of the wait is left to chance.
    fn next_wait(&mut self, longest: Duration) -> Duration {
        let wait = self.wait.min(longest);
        self.wait = (wait * 2).min(longest);
        wait.mul_f64(self.chance.random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests;
