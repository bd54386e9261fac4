//! The state that every route shares. It knows no route.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::{RosterChanges, Store, StoreError, TokenHash};
use tokio::sync::Semaphore;
use worksheet::Worksheet;

use crate::auth::limit::Limiter;
use crate::auth::password::Passwords;
use crate::auth::token;
use crate::config::{Config, Sources};
use crate::failure::Failure;
use crate::fonts::KeptFonts;
use crate::live::Live;
use crate::site::Site;

/// How long a page waits until the use of its session is noted.
const TOUCH_WAIT: Duration = Duration::from_secs(2);

/// Files to take away that are made at once: each takes a core and some tens of megabytes. Others wait
/// their turn, and no longer than their connection.
const HEAVY_MAX: usize = 2;

/// Worksheets kept parsed.
const WORKSHEETS_MAX: usize = 64;

/// A roster whose changes somebody was shown. Its bytes stay here, so that what is taken in is what was
/// shown.
pub(crate) struct Shown {
    /// Names it in the form that takes it in.
    pub(crate) token: String,
    /// Who was shown it.
    pub(crate) staff: String,
    pub(crate) school: String,
    /// The name and the bytes of the file.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Since when it holds, Unix milliseconds.
    pub(crate) from_ms: i64,
    /// What it was said to change.
    pub(crate) changes: RosterChanges,
    /// Until when it is kept, Unix milliseconds by the wall.
    pub(crate) until_ms: i64,
}

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
    /// What opens the page on which a store gets its first school.
    pub(crate) setup: Option<TokenHash>,
    /// Rosters that were shown and not taken in yet.
    pub(crate) rosters: Arc<Mutex<Vec<Shown>>>,
    /// What PDF files are set in.
    pub(crate) fonts: KeptFonts,
    /// How many files to take away are made at once.
    heavy: Arc<Semaphore>,
    worksheets: Arc<Mutex<Worksheets>>,
    /// Sessions whose use is being noted.
    touching: Arc<Mutex<HashSet<TokenHash>>>,
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
            setup: None,
            rosters: Arc::default(),
            fonts: KeptFonts::default(),
            heavy: Arc::new(Semaphore::new(HEAVY_MAX)),
            worksheets: Arc::default(),
            touching: Arc::default(),
        }
    }

    /// Opens the page on which a store that has nobody gets its school and administrator, and
    /// returns its token: the page's address is `/setup/{token}`. It is good until somebody has used
    /// it or the process ends. `None` where somebody can sign in already, or
    /// the store's login may not store people.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn offer_setup(&mut self) -> Result<Option<String>, StoreError> {
        if !self.store.can_begin().await? {
            return Ok(None);
        }
        let token = token::text((self.sources.random)());
        self.setup = Some(token::hash(&token));
        Ok(Some(token))
    }

    /// The clock's time, Unix milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.sources.clock)()
    }

    /// The wall's time, Unix milliseconds.
    pub(crate) fn wall_ms(&self) -> i64 {
        (self.sources.wall)()
    }

    /// Notes that a session is in use, and waits for that no longer than [`TOUCH_WAIT`]: a store that
    /// cannot be written, or only later, must keep nobody from reading.
    pub(crate) async fn touch(&self, session: TokenHash, now_ms: i64) {
        let touching = || self.touching.lock().unwrap_or_else(PoisonError::into_inner);
        if !touching().insert(session) {
            return;
        }
        let web = self.clone();
        let noted = tokio::spawn(async move {
            if let Err(error) = web.store.touch_session(session, now_ms).await {
                tracing::debug!(%error, "the use of a session was not noted");
            }
            web.touching.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
        });
        // It goes on by itself where this is too short.
        let _late = tokio::time::timeout(TOUCH_WAIT, noted).await;
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

    /// Does slow work on a thread where no other request waits for it.
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

    /// The same for work that takes a core for seconds: few of it are done at once.
    ///
    /// # Errors
    /// [`Failure::Internal`] where it panics.
    pub(crate) async fn heavy<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        // The semaphore is never closed.
        let _turn = self.heavy.acquire().await.map_err(|_| Failure::Internal)?;
        self.apart(work).await
    }

    fn cached(&self) -> MutexGuard<'_, Worksheets> {
        self.worksheets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
