//! How the view is served, and where its time and chance come from.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::client::Network;

/// Gives the time in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;
/// Gives 256 fresh random bits; must be fit for secrets.
pub type Random = Arc<dyn Fn() -> [u8; 32] + Send + Sync>;
/// Gives the state of the service's other parts: a name, and `ok` or one word for what is wrong.
pub type PartStates = Arc<dyn Fn() -> Vec<(&'static str, &'static str)> + Send + Sync>;

/// How the view is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Names under which browsers reach it beside the listener's own, such as
    /// `zhibi.school.example`, with a port where it is not the scheme's. A request for any other
    /// name is refused.
    pub hosts: Vec<String>,
    /// Proxies whose `X-Forwarded-For` counts; nobody else's does.
    pub trusted_proxies: Vec<Network>,
    /// Connections at the same time. Each may hold a file; the store and ingest need some too.
    pub connections_max: usize,
    /// Whether the listener itself speaks TLS, and nothing else.
    pub tls: bool,
    /// Whether it is reached by https: cookies are then `Secure` and bear the `__Host-` prefix.
    pub secure_cookies: bool,
    /// Whether pupils and answers are made up: every page then says so.
    pub simulated: bool,
}

#[cfg(test)]
impl Config {
    /// By plain http, without a proxy.
    pub(crate) fn on(listen: SocketAddr) -> Self {
        Self {
            listen,
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            connections_max: 1_024,
            tls: false,
            secure_cookies: false,
            simulated: false,
        }
    }
}

/// Where time and chance come from.
#[derive(Clone)]
pub struct Sources {
    /// Stamps decisions; may run fast.
    pub clock: Clock,
    /// Ends sessions, links and login limits; never runs fast.
    pub wall: Clock,
    /// Makes tokens and salts.
    pub random: Random,
    /// What `/readyz` tells beside the store.
    pub parts: PartStates,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}
