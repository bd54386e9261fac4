//! `zhibi demo`: a class's evening, from pen to marked page, on this machine alone.

pub(crate) mod compare;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use pen_sim::Evening;
use store::{Store, StoreUrl};

use crate::Verdict;
use crate::broker::Broker;
use crate::class::{DUE_TONIGHT_MIN, SampleClass, lease_rows};
use crate::cli::DemoArgs;
use crate::clock::{self, FastClock};
use crate::evening::{self, Sent};
use crate::files;
use crate::progress::Progress;
use crate::service::{self, BrokerAddress, CLIENT_ID, Parts, Role, Service};

/// The evening is at most this long; the fast clock catches up with the wall clock at its end.
const EVENING_MS: i64 = 30 * 60_000;

/// How much faster than life, unless said otherwise: to watch, and to be done soon.
const SPEED_TO_WATCH: u32 = 20;
const SPEED_ONCE: u32 = 120;

/// How long ink rests before its paper is marked, and how long a claim holds in real time.
const REST_MS: i64 = 3_000;
const LEASE_MS: i64 = 30_000;

/// How often the run looks whether all is marked.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How long nothing may move before a run that should end gives up.
const STUCK_AFTER: Duration = Duration::from_secs(60);

/// Runs the command.
pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<Verdict> {
    if let Some(database) = &args.database {
        ensure!(
            database.path().is_none_or(|file| !file.exists()),
            "{database} exists already: name a new file, or remove it"
        );
    }
    let pool = service::marking_pool(None)?;
    let runtime = service::runtime()?;
    runtime.block_on(demo(args, pool))
}

async fn demo(args: &DemoArgs, pool: Arc<rayon::ThreadPool>) -> anyhow::Result<Verdict> {
    let speed = args.speed.unwrap_or(if args.once { SPEED_ONCE } else { SPEED_TO_WATCH });
    let class = SampleClass::new(args.class.pupils)?;
    let start_ms = clock::wall_ms() - (EVENING_MS - EVENING_MS / i64::from(speed));
    let handwriting = args.class.handwriting.as_deref();
    let setup = evening::setup(&class, handwriting, args.class.seed, start_ms, 0)?;
    let evening = pen_sim::simulate(&setup);

    // Before the database is made: what cannot start leaves nothing behind.
    let listener = service::listen(([127, 0, 0, 1], args.port).into()).await?;
    let broker = Broker::start(args.broker_port).await?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let temporary = || StoreUrl::from(folder.path().join("zhibi.db").as_path());
    let database = args.database.clone().unwrap_or_else(temporary);
    let opened = async {
        if database.path().is_none() {
            ensure!(!Store::is_there(&database).await?, "it holds a store already");
        }
        anyhow::Ok(Store::connect(&database).await?)
    };
    let store = opened.await.with_context(|| format!("cannot open the store {database}"))?;
    class.install(&store, start_ms).await?;
    store.insert_leases(lease_rows(&evening.leases)?).await?;

    let clock = FastClock::starting(start_ms, speed);
    let parts = Parts {
        broker: broker.of_service(),
        client_id: CLIENT_ID.to_owned(),
        subscription: ingest::Subscription::Plain,
        roles: vec![Role::Ingest, Role::Pipeline, Role::Web],
        pool,
        rest_ms: REST_MS,
        lease_ms: LEASE_MS * i64::from(speed),
        tls: None,
        view: web::Config {
            listen: listener.local_addr()?,
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            connections_max: files::connections_max(),
            tls: false,
            secure_cookies: false,
            simulated: true,
        },
        listener: Some(listener),
        clock: clock.shared(),
        observer: None,
    };
    let interrupted = service::stopped_by_signal()?;
    let service = Service::start(&store, parts).await?;
    let link = service.one_time_link(&class.teacher.id).await?;
    greet(args, &broker, &database, &link, speed, &evening);

    tokio::pin!(interrupted);
    let outcome = tokio::select! {
        played = play(&evening, &store, broker.address, folder.path(), clock) => Some(played?),
        () = &mut interrupted => None,
    };
    let mut verdict = Verdict::Clean;
    if let Some((sent, counters)) = outcome {
        let figures = compare::figures(&store, &evening, sent, &counters).await?;
        verdict = figures.verdict();
        figures.print(args.json)?;
        if !args.once {
            tell!("The evening is over; the teacher's view stays up. Ctrl-C ends it.");
            interrupted.await;
        }
    }
    service.stop().await?;
    broker.stop().await?;
    store.close().await?;
    Ok(if args.once { verdict } else { Verdict::Clean })
}

/// Says where everything is.
fn greet(
    args: &DemoArgs,
    broker: &Broker,
    database: &StoreUrl,
    link: &str,
    speed: u32,
    evening: &Evening,
) {
    let writing = match &args.class.handwriting {
        Some(dir) => format!("real handwriting from {}, simulated pens", dir.display()),
        None => "synthetic handwriting, simulated pens".to_owned(),
    };
    tell!("Zhibi demo: {} pupils, {writing}, {speed} times faster than life", args.class.pupils);
    tell!("  samples to send   {}", evening.samples);
    tell!("  broker            mqtt://{}", broker.address);
    tell!("  store             {database}");
    tell!("  teacher's view    {link}");
    tell!("                    (the link signs in once, within a quarter of an hour)");
}

/// Plays the evening through a gateway, then waits until every paper is marked.
async fn play(
    evening: &Evening,
    store: &Store,
    broker: std::net::SocketAddr,
    folder: &Path,
    clock: FastClock,
) -> anyhow::Result<(Sent, gateway::Counters)> {
    let broker = BrokerAddress::open(broker);
    let config = service::gateway_config("class-1", &broker, &folder.join("spool"))?;
    let gateway = gateway::start(config, clock.shared())?;
    let sent = evening::hand_over(evening, &gateway, |at_ms| Some(clock.instant_of(at_ms))).await?;
    // What is due tonight settles, so that profiles are folded before the run ends.
    let due_ms = clock.start_ms() + DUE_TONIGHT_MIN * 60_000 + 1_000;
    tokio::time::sleep_until(clock.instant_of(due_ms).into()).await;
    wait_until_done(store, clock).await?;
    Ok((sent, gateway.stop().await))
}

/// Waits until no ink is left to attribute, no paper or profile to work on, and what is due is
/// settled: the pipeline looks for that once a second only, and the run may be over before.
async fn wait_until_done(store: &Store, clock: FastClock) -> anyhow::Result<()> {
    let mut last = None;
    let mut moved = tokio::time::Instant::now();
    let mut progress: Option<(Progress, u32)> = None;
    loop {
        let left = store.work_left().await?;
        if left.is_none() {
            if store.settle(clock.now_ms()).await? == 0 {
                return Ok(());
            }
            continue;
        }
        let papers = left.stale_papers;
        if last != Some(left) {
            last = Some(left);
            moved = tokio::time::Instant::now();
        }
        ensure!(moved.elapsed() < STUCK_AFTER, "marking is stuck: {last:?} are left to do");
        let (bar, whole) =
            progress.get_or_insert_with(|| (Progress::new("marking", papers.into()), papers));
        let done = whole.saturating_sub(papers);
        bar.set(done.into(), &format!("{papers} papers left"));
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
