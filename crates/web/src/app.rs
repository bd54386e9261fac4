//! What every route shares, and the routes.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use store::{SessionLimits, Store};
use tower_http::compression::CompressionLayer;
use worksheet::Worksheet;

use crate::auth::limit::Limiter;
use crate::auth::password::Passwords;
use crate::client::Network;
use crate::gate::gate;
use crate::live::Live;
use crate::site::Site;
use crate::visit::Failure;
use crate::{routes, visit};

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

/// A session that nobody uses ends after an hour, any session after twelve: a working day.
pub(crate) const SESSION: SessionLimits =
    SessionLimits { idle_ms: 60 * 60_000, absolute_ms: 12 * 60 * 60_000 };

/// Worksheets kept parsed.
const WORKSHEETS_MAX: usize = 64;

/// The state behind the routes; cheap to clone.
#[derive(Clone)]
pub struct Web {
    pub(crate) store: Store,
    pub(crate) sources: Sources,
    pub(crate) config: Arc<Config>,
    pub(crate) site: Arc<Site>,
    pub(crate) live: Arc<Live>,
    pub(crate) limiter: Arc<Mutex<Limiter>>,
    pub(crate) passwords: Arc<Passwords>,
    worksheets: Arc<Mutex<Worksheets>>,
}

/// By id and version.
type Worksheets = HashMap<(String, u32), Arc<Worksheet>>;

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Web {
    /// The view of a store.
    pub fn new(store: Store, sources: Sources, config: Config) -> Self {
        Self {
            store,
            passwords: Arc::new(Passwords::new(&sources.random)),
            sources,
            live: Arc::new(Live::new(config.connections_max / 2)),
            site: Arc::new(Site::new(&config)),
            config: Arc::new(config),
            limiter: Arc::default(),
            worksheets: Arc::default(),
        }
    }

    /// The clock's time, Unix milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.sources.clock)()
    }

    /// The wall's time, Unix milliseconds.
    pub(crate) fn wall_ms(&self) -> i64 {
        (self.sources.wall)()
    }

    /// A worksheet, parsed once.
    ///
    /// # Errors
    /// [`Failure::Unreadable`]. A page that shows other things too goes on without it.
    pub(crate) async fn worksheet(
        &self,
        id: &str,
        version: u32,
    ) -> Result<Arc<Worksheet>, Failure> {
        let key = (id.to_owned(), version);
        let known = self.cached().get(&key).cloned();
        if let Some(worksheet) = known {
            return Ok(worksheet);
        }
        let read = self.store.load_worksheet(id, version).await.map_err(|error| {
            tracing::error!(%error, worksheet = id, version, "a worksheet cannot be read");
            Failure::Unreadable
        });
        let worksheet = Arc::new(read?);
        let mut cached = self.cached();
        if cached.len() >= WORKSHEETS_MAX {
            cached.clear();
        }
        cached.insert(key, worksheet.clone());
        Ok(worksheet)
    }

    /// Does what takes its time on a thread where no other request waits for it.
    ///
    /// # Errors
    /// [`Failure::Internal`] where it panics.
    pub(crate) async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "a request's work broke off");
            Failure::Internal
        })
    }

    fn cached(&self) -> MutexGuard<'_, Worksheets> {
        self.worksheets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every route of the view. Serve it with connect info (`SocketAddr`), so that logins are limited
/// by address.
pub fn router(web: Web) -> Router {
    let open = Router::new()
        .route("/login", get(routes::login::show).post(routes::login::log_in))
        .route("/link/{token}", get(routes::link::show).post(routes::link::enter))
        .route("/locale", post(routes::account::set_locale));
    let guarded = Router::new()
        .route("/", get(routes::classes::all))
        .route("/c/{class}", get(routes::classes::one))
        .route("/c/{class}/ink", get(routes::nobodys::show).post(routes::nobodys::give))
        .route("/c/{class}/ink/undo", post(routes::nobodys::undo))
        .route("/a/{assignment}", get(routes::assignment::show))
        .route("/a/{assignment}/collect", post(routes::act::collect))
        .route("/a/{assignment}/give-back", post(routes::act::give_all_back))
        .route("/a/{assignment}/decide", get(routes::decide::show))
        .route("/a/{assignment}/q/{question}", get(routes::question::show))
        .route("/a/{assignment}/{pupil}/{page}", get(routes::paper::show))
        .route("/a/{assignment}/{pupil}/{page}/decide", post(routes::act::decide))
        .route("/a/{assignment}/{pupil}/{page}/undo", post(routes::act::undo))
        .route("/a/{assignment}/{pupil}/{page}/hand-in", post(routes::act::hand_in))
        .route("/a/{assignment}/{pupil}/{page}/give-back", post(routes::act::give_back))
        .route("/pupil/{pupil}", get(routes::pupil::show))
        .route("/artwork/{worksheet}/{version}/{page}", get(routes::artwork::show))
        .route("/events", get(routes::events::show))
        .route("/password", get(routes::account::show).post(routes::account::set_password))
        .route("/logout", post(routes::account::log_out))
        .fallback(visit::nothing_here)
        .layer(from_fn(visit::need_session));
    Router::new()
        .merge(open)
        .merge(guarded)
        .layer(from_fn_with_state(web.clone(), visit::visit))
        .route("/livez", get(routes::health::live))
        .route("/readyz", get(routes::health::ready))
        .layer(from_fn_with_state(web.clone(), visit::same_site))
        .layer(from_fn_with_state(web.clone(), gate))
        // Style and scripts are nobody's secret, and the gate's own pages need them.
        .route("/assets/{build}/{file}", get(crate::assets::show))
        .layer(from_fn_with_state(web.clone(), visit::headers))
        .layer(CompressionLayer::new())
        .layer(from_fn(visit::meter))
        .with_state(web)
}
