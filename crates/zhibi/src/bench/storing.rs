//! What is durable: chunks verified and stored, papers marked and saved, and the whole way from a
//! pen's frame to a mark. Stores lie in the folder for temporary files.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use marking::{Marker, Thresholds};
use pen_sim::Evening;
use rayon::ThreadPool;
use store::{Arrival, ScratchDatabase, Store, StoreUrl};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::evening::{Written, chunks_of};
use super::figure::{Figure, ROUNDS, rates};
use super::{Bench, Of};
use crate::broker::Broker;
use crate::class::lease_rows;
use crate::progress::Progress;
use crate::service::{self, BrokerAddress, CLIENT_ID, Parts, Role, Service};
use crate::{clock, evening};

/// Chunks that share a transaction: what comes within some hundredths of a second in a busy evening.
const BATCH: usize = 256;

/// How often a store is asked for work and whether all is marked. Each question costs some 100 µs: asked
/// every 2 ms, they took a sixth of what marking takes.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A claim's time: no bench kills who holds one.
const LEASE_MS: i64 = 60_000;

/// How long nothing may move before a round that should end gives up.
const STUCK_AFTER: Duration = Duration::from_secs(60);

const GATEWAY: &str = "bench";

/// Frames checked and their addresses read, as ingestion does before it stores them.
pub(super) fn ingest(of: &Of) -> anyhow::Result<Bench> {
    let written = Written::new(of)?;
    let chunks: Vec<&[u8]> = written.chunks().map(|(_, bytes)| bytes).collect();
    let check = &mut || {
        for bytes in black_box(&chunks) {
            black_box(ingest::arrival(bytes, GATEWAY, 0).is_ok());
        }
    };
    let copy = &mut || {
        for bytes in black_box(&chunks) {
            black_box(bytes.to_vec());
        }
    };
    let [check, copy] = rates(of.seconds, chunks.len() as f64, [check, copy]);
    let figure = Figure::speed("chunks verified and addressed", "chunks/s and core", check)
        .over("floor: copying the chunks, each by itself", copy);
    Ok(Bench { bench: "ingest".into(), of: of_chunks(&written, &chunks), figures: vec![figure] })
}

fn of_chunks(written: &Written, chunks: &[&[u8]]) -> String {
    let bytes: usize = chunks.iter().map(|bytes| bytes.len()).sum();
    let mean = bytes / chunks.len().max(1);
    format!("{} chunks of {mean} bytes on average: {}", chunks.len(), written.of)
}

/// An empty store with the class in it, in a folder or a database of its own.
pub(super) struct Fresh {
    pub(super) store: Store,
    folder: TempDir,
    scratch: Option<ScratchDatabase>,
}

impl Fresh {
    pub(super) async fn new(written: &Written, server: Option<&StoreUrl>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let scratch = match server {
            Some(server) => {
                static MADE: AtomicU32 = AtomicU32::new(0);
                let number = MADE.fetch_add(1, Ordering::Relaxed);
                let name = format!("zhibi_bench_{}_{number}", std::process::id());
                ScratchDatabase::create(server, &name).await?
            }
            None => None,
        };
        let url = match &scratch {
            Some(scratch) => scratch.url(),
            None => StoreUrl::from(folder.path().join("zhibi.db").as_path()),
        };
        let store = Store::connect(&url).await?;
        written.class.install(&store, written.setup.evening_start_ms).await?;
        store.insert_leases(lease_rows(&written.evening.leases)?).await?;
        Ok(Self { store, folder, scratch })
    }

    pub(super) async fn end(self) -> anyhow::Result<()> {
        self.store.close().await?;
        match self.scratch {
            Some(scratch) => Ok(scratch.remove().await?),
            None => Ok(()),
        }
    }
}

/// Chunks stored and papers marked, each durable before the next begins.
pub(super) fn store(of: &Of) -> anyhow::Result<Bench> {
    let written = Written::new(of)?;
    let chunks: Vec<&[u8]> = written.chunks().map(|(_, bytes)| bytes).collect();
    let arrivals = arrivals(&written.evening, written.setup.evening_start_ms)?;
    let (one, all) = (service::marking_pool(Some(1))?, service::marking_pool(None)?);
    let runtime = service::runtime()?;
    let mut progress = Progress::new("store", ROUNDS as u64);
    let (mut stored, mut written_bytes) = (Vec::new(), Vec::new());
    let (mut by_one, mut by_all) = (Vec::new(), Vec::new());
    let mut papers = 0;
    for round in 0..ROUNDS {
        for (pool, marked) in [(&one, &mut by_one), (&all, &mut by_all)] {
            let fresh = runtime.block_on(Fresh::new(&written, of.store.as_ref()))?;
            let begun = Instant::now();
            runtime.block_on(store_all(&fresh.store, &arrivals))?;
            stored.push(per_s(chunks.len(), begun));
            let begun = Instant::now();
            write_all(fresh.folder.path(), &chunks)?;
            written_bytes.push(per_s(chunks.len(), begun));
            let begun = Instant::now();
            papers = runtime.block_on(mark_all(&fresh.store, pool))?;
            marked.push(per_s(papers, begun));
            runtime.block_on(fresh.end())?;
        }
        progress.set(round as u64 + 1, "stores filled and marked");
    }
    progress.finish();
    let threads = all.current_num_threads();
    let floor = format!("floor: {BATCH} chunks appended to a file, and an fsync");
    let figures = vec![
        Figure::speed(format!("chunks stored, {BATCH} a transaction"), "chunks/s", stored)
            .over(&floor, written_bytes),
        Figure::speed("papers attributed, marked, saved, one thread", "papers/s", by_one),
        Figure::speed(format!("the same, {threads} threads"), "papers/s", by_all),
    ];
    let of = format!("{}; {papers} papers, {}", place(of), of_chunks(&written, &chunks));
    Ok(Bench { bench: "store".into(), of, figures })
}

/// Where the stores lie: a folder in memory makes each fsync free.
fn place(of: &Of) -> String {
    match &of.store {
        Some(server) => format!("PostgreSQL, databases beside {server}"),
        None => format!("SQLite in {}", std::env::temp_dir().display()),
    }
}

fn per_s(count: usize, begun: Instant) -> f64 {
    count as f64 / begun.elapsed().as_secs_f64()
}

/// The chunks of an evening as ingestion hands them to the store, each once.
pub(crate) fn arrivals(evening: &Evening, received_ms: i64) -> anyhow::Result<Vec<Arrival>> {
    let arrivals =
        chunks_of(evening).map(|(_, bytes)| ingest::arrival(bytes, GATEWAY, received_ms));
    arrivals.collect::<Result<_, _>>().map_err(anyhow::Error::msg)
}

/// Stores chunks as a busy evening's come.
pub(crate) async fn store_all(store: &Store, arrivals: &[Arrival]) -> anyhow::Result<()> {
    for batch in arrivals.chunks(BATCH) {
        store.store_chunks(batch.to_vec()).await?;
    }
    Ok(())
}

fn write_all(folder: &Path, chunks: &[&[u8]]) -> std::io::Result<()> {
    let mut file = File::create(folder.join("floor"))?;
    for batch in chunks.chunks(BATCH) {
        file.write_all(&batch.concat())?;
        file.sync_data()?;
    }
    Ok(())
}

/// Marks everything; how many papers that were.
pub(crate) async fn mark_all(store: &Store, pool: &Arc<ThreadPool>) -> anyhow::Result<usize> {
    let config = pipeline::Config {
        rest_ms: 0,
        lease_ms: LEASE_MS,
        poll: LOOK_EVERY,
        utc_offset_ms: service::UTC_OFFSET_MS,
    };
    let marker = Marker::new(Thresholds::STANDARD);
    let pipeline = pipeline::start(config, store.clone(), marker, pool.clone(), clock::wall());
    let mut moved = (store.work_left().await?, Instant::now());
    while !moved.0.is_none() {
        tokio::time::sleep(LOOK_EVERY).await;
        let left = store.work_left().await?;
        if left != moved.0 {
            moved = (left, Instant::now());
        }
        ensure!(moved.1.elapsed() < STUCK_AFTER, "marking is stuck: {left:?}");
    }
    Ok(usize::try_from(pipeline.stop().await.papers_marked)?)
}

/// Broker, gateway and service in this process, a gateway's spool and a store on disk.
pub(super) fn end_to_end(of: &Of) -> anyhow::Result<Bench> {
    let written = Written::new(of)?;
    let chunks: Vec<&[u8]> = written.chunks().map(|(_, bytes)| bytes).collect();
    let pool = service::marking_pool(None)?;
    let runtime = service::runtime()?;
    let mut progress = Progress::new("end to end", ROUNDS as u64);
    let (mut receipted, mut samples, mut papers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut own, mut all) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let through = runtime.block_on(evening_through(of, &written, &pool))?;
        let Through { to_receipts, to_marks, marked, busy } = through;
        own.push(busy.0);
        all.push(busy.1);
        receipted.push(chunks.len() as f64 / to_receipts.as_secs_f64());
        samples.push(written.evening.samples as f64 / to_marks.as_secs_f64());
        papers.push(marked as f64 / to_marks.as_secs_f64());
        progress.set(round as u64 + 1, "evenings");
    }
    progress.finish();
    let figures = vec![
        Figure::speed("pen to receipt", "chunks/s", receipted),
        Figure::speed("pen to mark", "papers/s", papers),
        Figure::speed("the same", "samples/s", samples),
        Figure::time("processors busy, this process", "cores", own),
        Figure::time("the same, the whole machine", "cores", all),
    ];
    let broker = match &of.broker {
        Some(BrokerAddress { host, port, .. }) => {
            format!("one gateway and service in one process, broker {host}:{port}")
        }
        None => "one gateway, embedded broker and service in one process".to_owned(),
    };
    let of = format!(
        "pens, {broker}, {}; marking begins while ink comes; {}",
        place(of),
        of_chunks(&written, &chunks)
    );
    Ok(Bench { bench: "end-to-end".into(), of, figures })
}

/// What became of one evening.
struct Through {
    /// Until the last receipt.
    to_receipts: Duration,
    /// Until the last mark.
    to_marks: Duration,
    /// Papers.
    marked: usize,
    /// See [`Busy::until`].
    busy: (f64, f64),
}

async fn evening_through(
    of: &Of,
    written: &Written,
    pool: &Arc<ThreadPool>,
) -> anyhow::Result<Through> {
    let fresh = Fresh::new(written, of.store.as_ref()).await?;
    let embedded = match of.broker {
        Some(_) => None,
        None => Some(Broker::start(0).await?),
    };
    let (of_service, of_gateway) = match (&of.broker, &embedded) {
        (None, Some(own)) => (own.of_service(), BrokerAddress::open(own.address)),
        (given, _) => {
            let given = given.as_ref().context("no broker")?;
            (given.clone(), given.clone())
        }
    };
    let roles = vec![Role::Ingest, Role::Pipeline];
    let service =
        Service::start(&fresh.store, parts(of_service, pool.clone(), roles, None)).await?;
    let spool = fresh.folder.path().join("spool");
    let config = service::gateway_config(GATEWAY, &of_gateway, &spool)?;
    let gateway = gateway::start(config, clock::wall())?;
    let (begun, before) = (Instant::now(), Busy::now());
    evening::hand_over(&written.evening, &gateway, |_| None).await?;
    let to_receipts = begun.elapsed();
    while !fresh.store.work_left().await?.is_none() {
        ensure!(begun.elapsed() < to_receipts + STUCK_AFTER, "marking is stuck");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let to_marks = begun.elapsed();
    let busy = before.until(&Busy::now(), to_marks);
    gateway.stop().await;
    let marked = usize::try_from(fresh.store.totals().await?.papers_marked)?;
    service.stop().await?;
    if let Some(embedded) = embedded {
        embedded.stop().await?;
    }
    fresh.end().await?;
    Ok(Through { to_receipts, to_marks, marked, busy })
}

/// Processor time since some moment, in ticks of the system.
struct Busy {
    own: f64,
    all: f64,
}

/// Ticks of a second, in all that Linux tells of processes.
const TICKS_PER_S: f64 = 100.0;

impl Busy {
    /// Of this process, and of the whole machine; 0 where the system does not tell.
    fn now() -> Self {
        let ticks = |text: &str, skip: usize, fields: [usize; 3]| -> f64 {
            let values: Vec<&str> = text.split_whitespace().skip(skip).collect();
            let read = |at: usize| values.get(at).and_then(|value| value.parse::<f64>().ok());
            fields.iter().filter_map(|at| read(*at)).sum()
        };
        let of = |file| std::fs::read_to_string(file).unwrap_or_default();
        // Fields 14 and 15 of the process; behind `cpu`: user, nice, system.
        let (own, all) = (of("/proc/self/stat"), of("/proc/stat"));
        let own = own.rsplit_once(')').map_or("", |(_, rest)| rest);
        Self { own: ticks(own, 11, [0, 1, usize::MAX]), all: ticks(&all, 1, [0, 1, 2]) }
    }

    /// How many processors were busy until another moment: this process's, and all.
    fn until(&self, later: &Self, took: Duration) -> (f64, f64) {
        let cores = |ticks: f64| ticks / TICKS_PER_S / took.as_secs_f64();
        (cores(later.own - self.own), cores(later.all - self.all))
    }
}

/// A service of this process alone.
pub(super) fn parts(
    broker: BrokerAddress,
    pool: Arc<ThreadPool>,
    roles: Vec<Role>,
    listener: Option<TcpListener>,
) -> Parts {
    Parts {
        broker,
        client_id: CLIENT_ID.to_owned(),
        subscription: ingest::Subscription::Plain,
        roles,
        pool,
        rest_ms: 0,
        lease_ms: LEASE_MS,
        tls: None,
        view: web::Config {
            listen: ([127, 0, 0, 1], 0).into(),
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            connections_max: 1_024,
            tls: false,
            secure_cookies: false,
            simulated: true,
        },
        listener,
        clock: clock::wall(),
        observer: None,
    }
}
