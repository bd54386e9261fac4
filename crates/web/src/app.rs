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

/// Gives a router its routes, and their names to the test that says who may use which.
macro_rules! routes {
    ($(#[$doc:meta])* $router:ident, $names:ident: $($method:ident $path:literal => $handler:expr,)+) => {
        $(#[$doc])*
        fn $router() -> Router<Web> {
            Router::new()$(.route($path, $method($handler)))+
        }

        $(#[$doc])*
        #[cfg(test)]
        pub(crate) const $names: &[(&str, &str)] = &[$((stringify!($method), $path)),+];
    };
}

routes! {
    /// For everybody.
    open, OPEN:
    get "/login" => routes::login::show,
    post "/login" => routes::login::log_in,
    get "/link/{token}" => routes::link::show,
    post "/link/{token}" => routes::link::enter,
    post "/locale" => routes::account::set_locale,
}

routes! {
    /// For who is logged in. Each takes the scope of who asks.
    guarded, GUARDED:
    get "/" => routes::classes::all,
    get "/c/{class}" => routes::classes::one,
    get "/c/{class}/ink" => routes::nobodys::show,
    post "/c/{class}/ink" => routes::nobodys::give,
    post "/c/{class}/ink/undo" => routes::nobodys::undo,
    get "/a/{assignment}" => routes::assignment::show,
    post "/a/{assignment}/collect" => routes::act::collect,
    post "/a/{assignment}/give-back" => routes::act::give_all_back,
    get "/a/{assignment}/decide" => routes::decide::show,
    get "/a/{assignment}/q/{question}" => routes::question::show,
    get "/a/{assignment}/{pupil}/{page}" => routes::paper::show,
    post "/a/{assignment}/{pupil}/{page}/decide" => routes::act::decide,
    post "/a/{assignment}/{pupil}/{page}/undo" => routes::act::undo,
    post "/a/{assignment}/{pupil}/{page}/hand-in" => routes::act::hand_in,
    post "/a/{assignment}/{pupil}/{page}/give-back" => routes::act::give_back,
    get "/pupil/{pupil}" => routes::pupil::show,
    get "/artwork/{worksheet}/{version}/{page}" => routes::artwork::show,
    get "/events" => routes::events::show,
    get "/password" => routes::account::show,
    post "/password" => routes::account::set_password,
    post "/logout" => routes::account::log_out,
}

routes! {
    /// For programs: without a session, and without a page around an error.
    watched, WATCHED:
    get "/livez" => routes::health::live,
    get "/readyz" => routes::health::ready,
}

routes! {
    /// Style and scripts are nobody's secret, and the gate's own pages need them.
    assets, ASSETS:
    get "/assets/{build}/{file}" => crate::assets::show,
}

/// Every route of the view. Serve it with connect info (`SocketAddr`), so that logins are limited
/// by address.
pub fn router(web: Web) -> Router {
    let guarded = guarded().fallback(visit::nothing_here).layer(from_fn(visit::need_session));
    open()
        .merge(guarded)
        .layer(from_fn_with_state(web.clone(), visit::visit))
        .merge(watched())
        .layer(from_fn_with_state(web.clone(), visit::same_site))
        .layer(from_fn_with_state(web.clone(), gate))
        .merge(assets())
        .layer(from_fn_with_state(web.clone(), visit::headers))
        .layer(CompressionLayer::new())
        .layer(from_fn(visit::meter))
        .with_state(web)
}
