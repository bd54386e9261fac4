//! Which connections are open, and which one yields when there are too many.
//!
//! A newcomer is let in where possible: the connection that yields is one of the client that holds
//! most, so that nobody who opens many takes the places of those who open few.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::client::ClientKey;

/// What a connection is doing. The first to yield is the one with the lowest phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum Phase {
    /// A request has not come in whole; also between two requests.
    Waiting = 0,
    /// An answer is being sent; streams of events spend their lives here.
    Answering = 1,
    /// A request is being answered: never cut short.
    Working = 2,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    phase: AtomicU8,
    /// When the phase began, as a count of phases begun on all connections.
    since: AtomicU64,
    begun: Arc<AtomicU64>,
    /// Told when it must yield its place.
    pub(super) must_yield: Notify,
}

impl Connection {
    fn begin(&self, phase: Phase) {
        self.since.store(self.begun.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// A request has come in whole.
    pub(crate) fn work(&self) {
        self.begin(Phase::Working);
    }

    /// Its answer is on the way.
    pub(super) fn answer(&self) {
        self.begin(Phase::Answering);
    }

    /// The answer is out.
    pub(super) fn wait(&self) {
        self.begin(Phase::Waiting);
    }

    /// What yields first has the lowest value; `None`: it does not yield.
    fn rank(&self) -> Option<(u8, u64)> {
        let phase = self.phase.load(Ordering::Relaxed);
        (phase != Phase::Working as u8).then(|| (phase, self.since.load(Ordering::Relaxed)))
    }
}

/// All open connections.
#[derive(Debug)]
pub(super) struct Connections {
    /// Connections in all.
    total_max: usize,
    /// Connections of one client.
    client_max: usize,
    begun: Arc<AtomicU64>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_client: HashMap<ClientKey, Vec<Arc<Connection>>>,
}

impl Open {
    /// Makes a client's connection yield that has waited longest; `false` where none can.
    fn yield_one(&mut self, client: ClientKey) -> bool {
        let Some(held) = self.by_client.get_mut(&client) else { return false };
        let ranks = held.iter().enumerate().filter_map(|(n, one)| Some((one.rank()?, n)));
        let Some((_, first)) = ranks.min() else { return false };
        held.swap_remove(first).must_yield.notify_one();
        if held.is_empty() {
            self.by_client.remove(&client);
        }
        self.total -= 1;
        true
    }

    /// Makes a connection of the client that holds most yield.
    fn yield_of_most(&mut self) -> bool {
        let most = self.by_client.iter().max_by_key(|(_, held)| held.len()).map(|(key, _)| *key);
        most.is_some_and(|most| self.yield_one(most))
    }
}

impl Connections {
    /// At most `total_max` connections, of which one client has at most half and no more than
    /// `client_max`.
    pub(super) fn new(total_max: usize, client_max: usize) -> Self {
        let client_max = client_max.min(total_max.div_ceil(2));
        Self { total_max, client_max, begun: Arc::default(), open: Mutex::default() }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a newcomer in, `None` where nobody can yield. A trusted proxy stands for many clients:
    /// only the total limits it.
    pub(super) fn admit(self: &Arc<Self>, client: ClientKey, is_proxy: bool) -> Option<Admitted> {
        let mut open = self.open();
        let held = open.by_client.get(&client).map_or(0, Vec::len);
        if !is_proxy && held >= self.client_max && !open.yield_one(client) {
            return None;
        }
        if open.total >= self.total_max && !open.yield_of_most() {
            return None;
        }
        let connection = Arc::new(Connection {
            phase: AtomicU8::new(Phase::Waiting as u8),
            since: AtomicU64::new(self.begun.fetch_add(1, Ordering::Relaxed)),
            begun: self.begun.clone(),
            must_yield: Notify::new(),
        });
        open.by_client.entry(client).or_default().push(connection.clone());
        open.total += 1;
        Some(Admitted { connections: self.clone(), client, connection })
    }

    /// Frees a place where the system has no room for another connection.
    pub(super) fn relieve(&self) {
        self.open().yield_of_most();
    }
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    connections: Arc<Connections>,
    client: ClientKey,
    pub(super) connection: Arc<Connection>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        let Some(held) = open.by_client.get_mut(&self.client) else { return };
        let Some(at) = held.iter().position(|one| Arc::ptr_eq(one, &self.connection)) else {
            // It had to yield and is counted no more.
            return;
        };
        held.swap_remove(at);
        if held.is_empty() {
            open.by_client.remove(&self.client);
        }
        open.total -= 1;
    }
}

#[cfg(test)]
mod tests;
