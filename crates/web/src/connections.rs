//! Which connections are open, and which one yields when there are too many.
//!
//! A newcomer is let in where possible: the connection that yields is one of the client that holds
//! most, so that nobody who opens many takes the places of those who open few. A connection on which
//! somebody is signed in does not yield to strangers, since a school behind one address is one
//! client; a session's own connections are limited instead.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use store::TokenHash;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::client::ClientKey;

/// Connections of one session. A browser opens six to a site; this leaves room for those that it
/// has given up and that have not ended yet.
const SESSION_MAX: usize = 16;
/// How long a newcomer waits while every connection has a request that is being answered.
const PLACE_WITHIN: Duration = Duration::from_secs(1);
/// How often it looks.
const PLACE_POLL: Duration = Duration::from_millis(20);

/// What a connection is doing. Of the connections on which somebody is signed in, the one with the
/// lowest phase yields first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// A request has not come in whole; also between two requests.
    Waiting,
    /// An answer is being sent; streams of events spend their lives here.
    Answering,
    /// A request is being answered: never cut short.
    Working,
}

/// The connection with the lowest rank yields first: strangers' before those of signed-in people,
/// and of strangers' the one whose phase began the longest time ago.
type Rank = (bool, Phase, u64);

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    state: Mutex<State>,
    all: Weak<Connections>,
    /// Told when it must yield its place.
    pub(crate) must_yield: Notify,
}

#[derive(Clone, Copy, Debug)]
struct State {
    phase: Phase,
    /// When the phase began, as a count of phases begun on all connections.
    since: u64,
    /// The session of the last request; `None`: a stranger's.
    session: Option<TokenHash>,
    /// Whether the other end is a trusted proxy, whose connections serve many sessions.
    is_proxy: bool,
}

impl State {
    /// `None`: it does not yield.
    fn rank(&self) -> Option<Rank> {
        match (self.phase, self.session) {
            (Phase::Working, _) => None,
            // What strangers are sent is short: an answer that has been on its way for long is one
            // that nobody reads.
            (_, None) => Some((false, Phase::Waiting, self.since)),
            (phase, Some(_)) => Some((true, phase, self.since)),
        }
    }
}

impl Connection {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rank(&self) -> Option<Rank> {
        self.state().rank()
    }

    fn begin(&self, phase: Phase) {
        let since = self.all.upgrade().map_or(0, |all| all.next());
        let mut state = self.state();
        (state.phase, state.since) = (phase, since);
    }

    /// A request has come in whole.
    pub(crate) fn work(&self) {
        self.begin(Phase::Working);
    }

    /// Its answer is on the way.
    pub(crate) fn answer(&self) {
        self.begin(Phase::Answering);
    }

    /// The answer is out.
    pub(crate) fn wait(&self) {
        self.begin(Phase::Waiting);
    }

    /// Whether a request is being answered.
    pub(crate) fn is_worked_for(&self) -> bool {
        self.state().phase == Phase::Working
    }

    /// Notes the session of the request that is being answered; `None` if it has no valid one. If
    /// the session has too many connections, another one of them yields.
    pub(crate) fn came_with(&self, session: Option<TokenHash>) {
        let (before, is_proxy) = {
            let mut state = self.state();
            (std::mem::replace(&mut state.session, session), state.is_proxy)
        };
        if let (Some(session), false) = (session.filter(|_| before != session), is_proxy)
            && let Some(all) = self.all.upgrade()
        {
            all.open().yield_of_session(session);
        }
    }
}

/// All open connections.
#[derive(Debug)]
pub(crate) struct Connections {
    /// Connections in all.
    total_max: usize,
    /// Connections of one client on which nobody is signed in.
    client_max: usize,
    begun: AtomicU64,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_client: HashMap<ClientKey, Vec<Arc<Connection>>>,
}

impl Open {
    /// Takes a connection's place and tells it so.
    fn yield_at(&mut self, client: ClientKey, at: usize) {
        let Some(held) = self.by_client.get_mut(&client) else { return };
        held.swap_remove(at).must_yield.notify_one();
        if held.is_empty() {
            self.by_client.remove(&client);
        }
        self.total -= 1;
    }

    /// Makes a client's connection of lowest rank yield; `false` where none can.
    fn yield_one(&mut self, client: ClientKey, also_signed_in: bool) -> bool {
        let held = self.by_client.get(&client).into_iter().flatten().enumerate();
        let ranks = held.filter_map(|(n, one)| Some((one.rank()?, n)));
        let Some(((is_signed_in, ..), first)) = ranks.min() else { return false };
        if is_signed_in && !also_signed_in {
            return false;
        }
        self.yield_at(client, first);
        true
    }

    /// Makes one connection yield: of the client with most strangers' connections, or, where there
    /// are no strangers' connections, of the client with most connections.
    fn yield_of_most(&mut self) -> bool {
        let most = self.by_client.iter().map(|(client, held)| {
            let ranks = || held.iter().filter_map(|one| one.rank());
            let strangers = ranks().filter(|(is_signed_in, ..)| !is_signed_in).count();
            (strangers, ranks().count(), *client)
        });
        most.max().is_some_and(|(.., most)| self.yield_one(most, true))
    }

    /// Makes a session's connection of lowest rank yield where it has too many.
    fn yield_of_session(&mut self, session: TokenHash) {
        let mut count = 0;
        let mut first: Option<(Rank, ClientKey, usize)> = None;
        for (client, held) in &self.by_client {
            for (n, one) in held.iter().enumerate() {
                let state = *one.state();
                if state.session == Some(session) {
                    count += 1;
                    let ranked = state.rank().map(|rank| (rank, *client, n));
                    first = first.into_iter().chain(ranked).min();
                }
            }
        }
        if let (true, Some((_, client, at))) = (count > SESSION_MAX, first) {
            self.yield_at(client, at);
        }
    }
}

impl Connections {
    /// At most `total_max` connections. Those of one client on which nobody is signed in are at most
    /// half of these and no more than `client_max`.
    pub(crate) fn new(total_max: usize, client_max: usize) -> Self {
        let client_max = client_max.min(total_max.div_ceil(2));
        Self { total_max, client_max, begun: AtomicU64::new(0), open: Mutex::default() }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::Relaxed)
    }

    /// Lets a newcomer in, `None` where nobody can yield. A trusted proxy stands for many clients:
    /// only the total limits it.
    pub(crate) fn admit(self: &Arc<Self>, client: ClientKey, is_proxy: bool) -> Option<Admitted> {
        let mut open = self.open();
        let held = open.by_client.get(&client).into_iter().flatten();
        let strangers = held.filter(|one| one.state().session.is_none()).count();
        if !is_proxy && strangers >= self.client_max && !open.yield_one(client, false) {
            return None;
        }
        if open.total >= self.total_max && !open.yield_of_most() {
            return None;
        }
        let (phase, since) = (Phase::Waiting, self.next());
        let connection = Arc::new(Connection {
            state: Mutex::new(State { phase, since, session: None, is_proxy }),
            all: Arc::downgrade(self),
            must_yield: Notify::new(),
        });
        open.by_client.entry(client).or_default().push(connection.clone());
        open.total += 1;
        Some(Admitted { connections: self.clone(), client, connection })
    }

    /// The same for a newcomer that waits until somebody can yield, for [`PLACE_WITHIN`] at most.
    pub(crate) async fn admit_later(
        self: &Arc<Self>,
        client: ClientKey,
        is_proxy: bool,
    ) -> Option<Admitted> {
        let until = Instant::now() + PLACE_WITHIN;
        loop {
            tokio::time::sleep(PLACE_POLL).await;
            let place = self.admit(client, is_proxy);
            if place.is_some() || Instant::now() >= until {
                return place;
            }
        }
    }

    /// Frees a place where the system has no room for another connection.
    pub(crate) fn relieve(&self) {
        self.open().yield_of_most();
    }
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    connections: Arc<Connections>,
    client: ClientKey,
    pub(crate) connection: Arc<Connection>,
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
