//! The service's parts put together: ingest, pipeline and web on one store, started and stopped.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use ingest::{Ingest, Subscription};
use marking::{Marker, Thresholds};
use pipeline::Pipeline;
use rayon::ThreadPool;
use serde::Deserialize;
use store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use web::Web;

use crate::clock::{self, Clock};
use crate::{certificate, housekeeping};

/// What a process may do of the service's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Ingest,
    Pipeline,
    Web,
}

impl Role {
    /// The role of a PostgreSQL server whose members may do it.
    pub(crate) fn of_server(self) -> &'static str {
        match self {
            Self::Ingest => "zhibi_ingest",
            Self::Pipeline => "zhibi_pipeline",
            Self::Web => "zhibi_web",
        }
    }
}

/// Where the broker is.
#[derive(Clone)]
pub(crate) struct BrokerAddress {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) credentials: Option<(String, String)>,
    /// How the connection to it is encrypted, if it is.
    pub(crate) tls: Option<ingest::Tls>,
}

/// The client id of the service's connections, unless said otherwise.
pub(crate) const CLIENT_ID: &str = "zhibi-ingest";

impl BrokerAddress {
    /// A broker that wants no password.
    pub(crate) fn open(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port(), credentials: None, tls: None }
    }

    /// The same, as a person names it: HOST:PORT.
    ///
    /// # Errors
    /// Where it is something else.
    pub(crate) fn parse(broker: &str) -> anyhow::Result<Self> {
        let bare = broker.strip_prefix("mqtt://").unwrap_or(broker);
        let (host, port) = bare.rsplit_once(':').with_context(|| {
            format!("broker {broker}: it is HOST:PORT, for example 127.0.0.1:1883")
        })?;
        let port = port.parse().with_context(|| format!("broker {broker}: {port} is no port"))?;
        Ok(Self { host: host.to_owned(), port, credentials: None, tls: None })
    }
}

/// A login at a broker, if there is one; the file holds the password alone.
///
/// # Errors
/// Where one of the two is missing, or the file cannot be read.
pub(crate) fn credentials(
    username: Option<&str>,
    password_file: Option<&Path>,
) -> anyhow::Result<Option<(String, String)>> {
    let (username, file) = match (username, password_file) {
        (None, None) => return Ok(None),
        (Some(username), Some(file)) => (username, file),
        _ => bail!("broker.username and broker.password_file go together"),
    };
    certificate::check_private(file, "it holds a password").context("password_file")?;
    let password = std::fs::read_to_string(file)
        .with_context(|| format!("password_file: cannot read {}", file.display()))?;
    let password = password.trim_end_matches(['\r', '\n']);
    ensure!(!password.is_empty(), "password_file: {} is empty", file.display());
    Ok(Some((username.to_owned(), password.to_owned())))
}

/// Everything that differs between services.
pub(crate) struct Parts {
    pub(crate) broker: BrokerAddress,
    /// The client id of the service's connections to it.
    pub(crate) client_id: String,
    /// Which ink this service takes.
    pub(crate) subscription: Subscription,
    pub(crate) roles: Vec<Role>,
    /// Where pages are marked.
    pub(crate) pool: Arc<ThreadPool>,
    /// How long ink rests before a paper is marked, by `clock`.
    pub(crate) rest_ms: i64,
    /// How long a claim holds, by `clock`.
    pub(crate) lease_ms: i64,
    /// Where the teacher's view listens; needed if the view is among the roles.
    pub(crate) listener: Option<TcpListener>,
    /// How the teacher's view is served.
    pub(crate) view: web::Config,
    /// Certificate and key of the view's listener; `None`: plain http.
    pub(crate) tls: Option<web::Tls>,
    pub(crate) clock: Clock,
    /// Sees what ingest takes in.
    pub(crate) observer: Option<ingest::Observer>,
}

/// Tells how many wait.
type Queued = Box<dyn Fn() -> usize + Send + Sync>;

/// What can be asked of a running service at any time.
pub(crate) struct States {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    /// Whether the broker delivers ink; needed if ingest is among the roles.
    pub(crate) connected: Option<watch::Receiver<bool>>,
    /// Messages that wait for their batch.
    pub(crate) queued: Option<Queued>,
    /// Whether a part of it may read answers: ingest alone has no right to.
    pub(crate) reads_answers: bool,
}

impl States {
    /// Whether the service can work, and a line per part, as the view's `/readyz` has them.
    pub(crate) fn ready(&self) -> (bool, String) {
        let store = self.store.writable().borrow().word();
        let broker = self.connected.as_ref().map(|connected| broker_state(*connected.borrow()));
        let lines = broker.map_or_else(String::new, |broker| format!("broker {broker}\n"));
        (
            store == "ok" && broker.is_none_or(|broker| broker == "ok"),
            format!("store {store}\n{lines}"),
        )
    }
}

fn broker_state(connected: bool) -> &'static str {
    if connected { "ok" } else { "away" }
}

/// Tells whether the tasks of a part run.
type Alive = Box<dyn Fn() -> bool + Send + Sync>;

/// What a watchdog asks of a running service.
pub(crate) struct Pulse {
    store: Store,
    parts: Vec<Alive>,
}

impl Pulse {
    /// Whether all tasks run and the store's writer answers.
    pub(crate) async fn beats(&self) -> bool {
        self.parts.iter().all(|alive| alive()) && self.store.writer_answers().await
    }
}

/// A running service.
pub(crate) struct Service {
    store: Store,
    clock: Clock,
    ingest: Option<Ingest>,
    pipeline: Option<Pipeline>,
    view: Option<View>,
    housekeeping: JoinHandle<()>,
}

/// The teacher's view, serving.
struct View {
    address: SocketAddr,
    /// By which scheme browsers reach it.
    scheme: &'static str,
    /// The token of the page on which a store that has nobody gets its first school.
    setup: Option<String>,
    stop: watch::Sender<bool>,
    task: JoinHandle<std::io::Result<()>>,
}

/// Shanghai's time is UTC + 8 h, all year.
pub(crate) const UTC_OFFSET_MS: i64 = 8 * 3_600_000;

/// The one pool of workers; built before the runtime. All cores unless said otherwise.
pub(crate) fn marking_pool(threads: Option<usize>) -> anyhow::Result<Arc<ThreadPool>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Arc::new(pipeline::pool(threads.unwrap_or(cores))?))
}

/// The runtime that everything but marking runs on.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

/// Takes the address of the teacher's view, before anything else is touched: a taken port is the
/// commonest reason why a service cannot start.
pub(crate) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("the teacher's view cannot listen on {address}"))
}

impl Service {
    /// Starts the parts that the roles name.
    pub(crate) async fn start(store: &Store, parts: Parts) -> anyhow::Result<Self> {
        let has = |role| parts.roles.contains(&role);
        let ingest = has(Role::Ingest).then(|| {
            let config =
                ingest_config(&parts.broker, parts.client_id, parts.subscription, parts.observer);
            ingest::start(config, store.clone(), parts.clock.clone())
        });
        let pipeline = has(Role::Pipeline).then(|| {
            let config = pipeline::Config {
                rest_ms: parts.rest_ms,
                lease_ms: parts.lease_ms,
                poll: Duration::from_millis(50),
                utc_offset_ms: UTC_OFFSET_MS,
            };
            let marker = Marker::new(Thresholds::STANDARD);
            pipeline::start(config, store.clone(), marker, parts.pool, parts.clock.clone())
        });
        let connected = ingest.as_ref().map(Ingest::connected);
        let states: web::PartStates = Arc::new(move || {
            let broker = connected.as_ref().map(|connected| *connected.borrow());
            broker.map(|connected| ("broker", broker_state(connected))).into_iter().collect()
        });
        let clock = parts.clock.clone();
        let housekeeping =
            tokio::spawn(housekeeping::run(store.clone(), clock.clone(), parts.roles));
        let view = match parts.listener {
            Some(listener) => Some(
                View::start(store, listener, (parts.view, parts.tls), parts.clock, states).await?,
            ),
            None => None,
        };
        Ok(Self { store: store.clone(), clock, ingest, pipeline, view, housekeeping })
    }

    /// What can be asked of it while it runs.
    pub(crate) fn states(&self) -> States {
        let queued = |ingest: &Ingest| Box::new(ingest.waiting()) as Queued;
        States {
            store: self.store.clone(),
            clock: self.clock.clone(),
            connected: self.ingest.as_ref().map(Ingest::connected),
            queued: self.ingest.as_ref().map(queued),
            reads_answers: self.pipeline.is_some() || self.view.is_some(),
        }
    }

    /// What a watchdog asks of it.
    pub(crate) fn pulse(&self) -> Pulse {
        let ingest = self.ingest.as_ref().map(|ingest| Box::new(ingest.alive()) as Alive);
        let pipeline = self.pipeline.as_ref().map(|pipeline| Box::new(pipeline.alive()) as Alive);
        let view = self.view.as_ref().map(|view| {
            let task = view.task.abort_handle();
            Box::new(move || !task.is_finished()) as Alive
        });
        let parts = [ingest, pipeline, view].into_iter().flatten().collect();
        Pulse { store: self.store.clone(), parts }
    }

    /// Where the teacher's view listens, if it does.
    pub(crate) fn web_address(&self) -> Option<SocketAddr> {
        self.view.as_ref().map(|view| view.address)
    }

    /// Where a store that has nobody gets its first school and administrator: good once.
    pub(crate) fn setup_link(&self) -> Option<String> {
        let view = self.view.as_ref()?;
        let token = view.setup.as_ref()?;
        Some(format!("{}://{}/setup/{token}", view.scheme, view.address))
    }

    /// Makes a link that signs a member of staff in, once, within a quarter of an hour.
    pub(crate) async fn one_time_link(&self, staff: &str) -> anyhow::Result<String> {
        let address = self.web_address().context("the view is not among the roles")?;
        let token = web::issue_link(&self.store, staff, clock::wall_ms(), random_bits()).await?;
        Ok(format!("http://{address}/link/{token}"))
    }

    /// Waits until a part has ended unasked: then the service is to stop.
    pub(crate) async fn ended(&mut self) {
        let pipeline = async {
            match &self.pipeline {
                Some(pipeline) => pipeline.ended().await,
                None => std::future::pending().await,
            }
        };
        let ingest = async {
            match &mut self.ingest {
                Some(ingest) => ingest.died().await,
                None => std::future::pending().await,
            }
        };
        let view = async {
            match &mut self.view {
                Some(view) => (&mut view.task).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = pipeline => tracing::error!("the pipeline ended by itself"),
            () = ingest => tracing::error!("ingest ended by itself"),
            ended = view => {
                tracing::error!(?ended, "the teacher's view ended by itself");
                self.view = None;
            }
        }
    }

    /// Drains and ends: no more ink first, then what is being marked, then the view.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        if let Some(ingest) = self.ingest {
            let counters = ingest.stop().await;
            tracing::debug!(?counters, "ingest has stopped");
        }
        if let Some(pipeline) = self.pipeline {
            let counters = pipeline.stop().await;
            tracing::debug!(?counters, "the pipeline has stopped");
        }
        self.housekeeping.abort();
        if let Some(view) = self.view {
            view.stop.send_replace(true);
            view.task.await.context("the view's task failed")?.context("the view failed")?;
        }
        Ok(())
    }
}

impl View {
    async fn start(
        store: &Store,
        listener: TcpListener,
        (mut config, tls): (web::Config, Option<web::Tls>),
        clock: Clock,
        parts: web::PartStates,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        // Port 0 has become one that browsers name.
        config.listen = address;
        config.tls = tls.is_some();
        let scheme = if config.tls { "https" } else { "http" };
        let sources =
            web::Sources { clock, wall: clock::wall(), random: Arc::new(random_bits), parts };
        let mut web = Web::new(store.clone(), sources, config);
        let setup = web.offer_setup().await?;
        let (stop, mut stopping) = watch::channel(false);
        let shutdown = async move {
            // An error means that the service is gone: the view goes too.
            let _gone = stopping.wait_for(|stop| *stop).await;
        };
        let task = tokio::spawn(web::serve(listener, web, tls, shutdown));
        Ok(Self { address, scheme, setup, stop, task })
    }
}

fn ingest_config(
    broker: &BrokerAddress,
    client_id: String,
    subscription: Subscription,
    observer: Option<ingest::Observer>,
) -> ingest::Config {
    ingest::Config {
        broker: ingest::Broker {
            host: broker.host.clone(),
            port: broker.port,
            credentials: broker
                .credentials
                .clone()
                .map(|(name, password)| (name, ingest::Secret(password))),
            tls: broker.tls.clone(),
        },
        client_id,
        subscription,
        batch_chunks_max: 4096,
        batch_wait: Duration::from_millis(20),
        memory_bytes_max: 32 << 20,
        // Eight of the bytes are as random as all of them.
        seed: u64::from_le_bytes(*random_bits().first_chunk().unwrap_or(&[0; 8])),
        observer,
    }
}

/// A gateway's standard settings, for a simulated class.
pub(crate) fn gateway_config(
    id: &str,
    broker: &BrokerAddress,
    spool: &Path,
) -> anyhow::Result<gateway::Config> {
    Ok(gateway::Config {
        id: firmware_protocol::GatewayId::parse(id)
            .map_err(|error| anyhow::anyhow!("gateway {id}: {error}"))?,
        broker: gateway::Broker {
            host: broker.host.clone(),
            port: broker.port,
            credentials: broker
                .credentials
                .clone()
                .map(|(name, password)| (name, gateway::Secret(password))),
            tls: broker.tls.clone().map(|tls| gateway::Tls { ca: tls.ca, identity: tls.client }),
        },
        spool: spool.to_owned(),
        spool_bytes_max: 16 << 20,
        bundle_bytes_max: 16 << 10,
        bundle_wait: Duration::from_millis(20),
        in_flight_max: 4_096,
        resend_after: Duration::from_secs(5),
    })
}

/// Fresh random bits, fit for secrets.
pub(crate) fn random_bits() -> [u8; 32] {
    let mut bits = [0; 32];
    // Unwrap safety: the system's generator cannot fail once it is seeded, which it is when user
    // processes run; without it nobody may sign in.
    getrandom::fill(&mut bits).expect("the system gives random bits");
    bits
}

/// Listens from now on for the word to stop: SIGINT, SIGTERM, or SIGHUP, which comes when the
/// terminal goes. The future ends when a signal comes, even one that came before it was awaited.
pub(crate) fn stopped_by_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let told = told_to_stop()?;
    // `nohup` starts us with SIGHUP ignored, and listening would end that.
    let mut hang_up = match ignores_hang_up() {
        true => None,
        false => Some(hang_ups()?),
    };
    Ok(async move {
        let hung_up = async {
            match &mut hang_up {
                Some(hang_up) => hang_up.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = told => {}
            _ = hung_up => {}
        }
    })
}

/// The same of SIGINT and SIGTERM alone.
pub(crate) fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens from now on for SIGHUP, which then no longer ends the process.
pub(crate) fn hang_ups() -> anyhow::Result<Signal> {
    signal(SignalKind::hangup()).context("cannot listen for SIGHUP")
}

/// From now on a file that has reached the limit of `ulimit -f` refuses what is written, as on a full
/// disk, and no longer ends the process.
///
/// # Errors
/// Those of the operating system.
pub(crate) fn outlive_file_limit() -> std::io::Result<()> {
    let exceeded = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    // The handler stays when the runtime that asked for it has ended.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async { signal(exceeded).map(drop) })
}

/// Whether the process ignores SIGHUP, as Linux tells: a mask in hexadecimal, whose lowest bit is
/// signal 1.
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}
