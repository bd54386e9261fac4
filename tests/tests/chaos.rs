//! A class writes while everything that can fail fails: gateways, service, broker, database,
//! network, disks, clocks.
//!
//! Failure: a receipt that names what the store does not have at that moment; a chunk that was taken
//! or receipted and is lost, is there twice or with other bytes; a chunk that does not arrive although
//! the faults are over; a pen or a gateway that is left with chunks; a paper that is not marked as in
//! a quiet run; anything that `zhibi check` finds. Not failure: how often things are sent, how long
//! anything takes. The faults follow from `ZHIBI_CHAOS_SEED`, but when they fall in what the machine
//! does is not deterministic.
//!
//! `ZHIBI_CHAOS_MINUTES` has each test go on for so long: evenings with further seeds, and the soak
//! with a class that writes at its pace.

mod broker;
mod class;
mod faults;
mod hostile;
mod ledger;
mod pens;
mod rows;
mod site;
mod soak;

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::{Duration, Instant};

use firmware_protocol::ChunkKey;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use store::{ResultRow, Store, StoreUrl};
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinSet;
use zhibi_tests::{Disk, Link, Postgres, Zhibi, seen};

use class::Written;
use faults::{Fault, Round, table};
use ledger::Ledger;
use pens::{Evening, Pen};
use rows::Place;
use site::{GATEWAYS, Site};

const PUPILS: u32 = 6;

/// Room for a class's store and its log.
const STORE_DISK_MIB: u32 = 64;

/// How long nothing may move before it is taken that nothing will.
const STUCK_AFTER: Duration = Duration::from_secs(90);

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// By how much clocks jump, seconds.
const JUMPS_S: [i64; 6] = [-94_608_000, -86_400, -3_600, 0, 3_600, 94_608_000];

/// By how much clocks go on at the end: the claims of services that were killed are over then.
const CLAIMS_END_S: i64 = 300;

/// A round that is over; the chunks by their places in the evening.
struct Struck {
    faults: Vec<Fault>,
    chunks: Range<usize>,
    recovered: Duration,
}

/// A class on its way into a store.
struct Chaos {
    site: Site,
    ledger: Ledger,
    chunks: Vec<Written>,
    sealed: watch::Sender<usize>,
    days: watch::Sender<u32>,
    chance: ChaCha8Rng,
    /// Pens, listener and auditor.
    tasks: JoinSet<()>,
}

impl Chaos {
    fn start(site: Site, chunks: Vec<Written>, seed: u64) -> Self {
        let (ledger, mut tasks) = (Ledger::new(), JoinSet::new());
        let (sealed, days) = (watch::Sender::new(0), watch::Sender::new(0));
        tasks.spawn(listen(site.broker(), ledger.clone()));
        tasks.spawn(audit(site.place.clone(), ledger.clone()));
        let gateways: Vec<_> = site.rooms.iter().map(|room| room.pens.address).collect();
        for (pen, written) in pens::by_pen(&chunks) {
            let evening = Evening { sealed: sealed.subscribe(), days: days.subscribe() };
            let chance = ChaCha8Rng::seed_from_u64(seed ^ pen.0);
            let pen =
                Pen::new(gateways.clone(), written.into_iter(), evening, ledger.clone(), chance);
            tasks.spawn(pen.run());
        }
        let chance = ChaCha8Rng::seed_from_u64(seed);
        Self { site, ledger, chunks, sealed, days, chance, tasks }
    }

    /// Pens seal so many chunks more.
    fn seal(&mut self, chunks: usize) {
        self.sealed.send_modify(|sealed| *sealed = (*sealed + chunks).min(self.chunks.len()));
    }

    /// So that some are left for the last of so many faults to come.
    fn seal_a_share(&mut self, faults: usize) {
        let left = self.chunks.len() - *self.sealed.borrow();
        let share = left / (2 * faults + 1);
        let chunks = self.chance.random_range(1..=share.clamp(1, 8));
        self.seal(chunks);
    }

    /// A moment in what is going on: some words later, but soon.
    async fn moment(&mut self) {
        const SOON: Duration = Duration::from_millis(120);
        let mut heard = self.ledger.heard();
        let wanted = *heard.borrow() + self.chance.random_range(0..8);
        // What it gives would keep others from hearing.
        drop(tokio::time::timeout(SOON, heard.wait_for(|heard| *heard >= wanted)).await);
        // Where in a write or a commit it falls.
        tokio::time::sleep(Duration::from_micros(self.chance.random_range(0..12_000))).await;
    }

    /// Gives a full disk some time to be met: what comes may fit where room was made before.
    async fn until_felt(&self, fault: Fault, is_felt: impl Fn(&Site) -> bool) {
        const LOOKS: usize = 50;
        for _ in 0..LOOKS {
            if is_felt(&self.site) {
                println!("{fault:?} is felt");
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn stored(&self) -> Vec<Vec<u8>> {
        let rows = self.site.place.rows().await.unwrap_or_default();
        rows.chunks.into_values().flatten().take(50).collect()
    }

    async fn strike(&mut self, fault: Fault) {
        let room = self.chance.random_range(0..GATEWAYS);
        let bytes = self.chance.random_range(1..3_000);
        match fault {
            Fault::GatewayKilled => self.site.kill_gateway(room),
            Fault::ServiceKilled => self.site.kill_service(),
            Fault::BrokerKilled => self.site.kill_broker(),
            Fault::DatabaseKilled => self.site.kill_database(),
            Fault::PensCut => self.site.rooms[room].pens.set(Link::CutAfter(bytes)),
            Fault::UplinkCut => self.site.rooms[room].uplink.set(Link::CutAfter(bytes)),
            Fault::IngestCut => self.site.ingest.set(Link::CutAfter(bytes)),
            Fault::PensHalfOpen => self.site.rooms[room].pens.set(Link::Swallow),
            Fault::UplinkHalfOpen => self.site.rooms[room].uplink.set(Link::Swallow),
            Fault::IngestHalfOpen => self.site.ingest.set(Link::Swallow),
            Fault::UplinkSlow => self.site.rooms[room].uplink.set(Link::Slow(6_000)),
            Fault::IngestLate => self.site.ingest.set(Link::Late(Duration::from_millis(30))),
            Fault::Garbage => {
                let stored = self.stored().await;
                hostile::publish(self.site.broker(), &stored, &mut self.chance).await;
                let pens = self.site.rooms[room].pens.address;
                hostile::write_to_gateway(pens, &stored, &mut self.chance).await;
            }
            Fault::DayOffline => {
                // Pens and gateways are well; it is the broker that cannot be reached.
                self.site.heal();
                self.site.rooms.iter().for_each(|room| room.uplink.set(Link::Refuse));
                self.seal(12);
                self.all_taken().await;
            }
            Fault::ConsumerAway => {
                self.site.kill_service();
                for _ in 0..8 {
                    self.seal(1);
                    self.moment().await;
                }
            }
            Fault::OldSpool => {
                self.site.kill_gateway(room);
                self.site.rooms[room].back_up_spool();
                self.site.heal();
                self.seal(4);
                self.moment().await;
                self.site.kill_gateway(room);
                self.site.rooms[room].restore_spool();
                // What it had taken since is with its pens alone.
                self.days.send_modify(|days| *days += 1);
            }
            Fault::SpoolDiskFull => {
                self.site.fill_spool(room);
                self.seal(6);
                self.until_felt(fault, |site| site.rooms[room].is_refusing()).await;
            }
            Fault::StoreDiskFull => {
                self.site.fill_store();
                self.seal(6);
                self.until_felt(fault, Site::is_store_refusing).await;
            }
            Fault::ClockJumps => {
                let ahead_s = JUMPS_S[self.chance.random_range(0..JUMPS_S.len())];
                self.site.set_clocks(ahead_s);
            }
        }
    }

    /// Some faults, each at a moment of its own, and then none until all is well. `later` faults come
    /// in other rounds.
    async fn round(&mut self, faults: Vec<Fault>, later: usize) -> Struck {
        let before = *self.sealed.borrow();
        for (place, fault) in faults.iter().enumerate() {
            self.seal_a_share(faults.len() - place + later);
            self.moment().await;
            self.strike(*fault).await;
        }
        self.seal_a_share(later + 1);
        self.moment().await;
        let over = Instant::now();
        self.site.heal();
        self.all_stored().await;
        let recovered = over.elapsed();
        let chunks = before..*self.sealed.borrow();
        println!("{faults:?}: {} chunks, recovered in {recovered:?}", chunks.len());
        Struck { faults, chunks, recovered }
    }

    /// Waits until everything that was sealed is stored.
    async fn all_stored(&self) {
        let sealed = *self.sealed.borrow();
        let mut progress = Progress::new();
        loop {
            self.fail_on_faults();
            let there = match self.site.place.rows().await {
                Ok(rows) => self.chunks[..sealed]
                    .iter()
                    .filter(|chunk| rows.chunks.contains_key(&chunk.key))
                    .count(),
                Err(_) => 0,
            };
            if there == sealed {
                return;
            }
            let state = || format!("{there} of {sealed} chunks are stored; {}", self.state());
            progress.look((there, self.ledger.counts().taken), state);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until gateways have taken everything that was sealed.
    async fn all_taken(&self) {
        let sealed = *self.sealed.borrow();
        let mut progress = Progress::new();
        loop {
            let kept = self.ledger.taken_of(self.chunks[..sealed].iter().map(|chunk| chunk.key));
            if kept == sealed {
                return;
            }
            let state = || format!("{kept} of {sealed} chunks are taken; {}", self.state());
            progress.look(kept, state);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until no pen and no gateway has anything left.
    async fn all_erased(&self) {
        let mut progress = Progress::new();
        loop {
            self.fail_on_faults();
            let erased = self.ledger.counts().erased;
            let spooled = || self.site.rooms.iter().all(|room| room.status()["chunks"] == 0);
            if erased == self.chunks.len() && spooled() {
                return;
            }
            let state = || format!("{erased} chunks are erased by their pens; {}", self.state());
            progress.look(erased, state);
            // A receipt that went to another gateway is heard again when a day has passed.
            self.days.send_modify(|days| *days += 1);
            tokio::time::sleep(LOOK_EVERY * 20).await;
        }
    }

    fn fail_on_faults(&self) {
        let faults = self.ledger.faults();
        assert!(faults.is_empty(), "{faults:#?}\n{}", self.ledger.counts());
    }

    fn state(&self) -> String {
        let rooms: Vec<_> = self.site.rooms.iter().map(|room| room.status().to_string()).collect();
        format!("{}\n{}", self.ledger.counts(), rooms.join("\n"))
    }

    /// Waits for the end and holds everything against everything; gives what was marked.
    async fn finish(mut self, rounds: Vec<Struck>) -> (Vec<Round>, Vec<ResultRow>, ledger::Counts) {
        self.site.heal();
        self.site.set_clocks(CLAIMS_END_S);
        self.seal(self.chunks.len());
        self.all_stored().await;
        self.all_erased().await;
        let url = self.site.place.argument();
        let results = marked(&url).await;
        self.tasks.shutdown().await;
        self.fail_on_faults();
        let counts = self.ledger.counts();
        let (left, place) = self.site.stop();
        let rows = place.rows().await.expect("the store can be read");
        let (lost, twice) = self.ledger.compare(&rows);
        let of = |keys: &BTreeSet<ChunkKey>, chunks: Range<usize>| {
            self.chunks[chunks].iter().filter(|chunk| keys.contains(&chunk.key)).count()
        };
        let round = |Struck { faults, chunks, recovered }| Round {
            faults,
            chunks: chunks.len(),
            lost: of(&lost, chunks.clone()),
            twice: of(&twice, chunks),
            recovered,
        };
        let rounds: Vec<Round> = rounds.into_iter().map(round).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        assert!(twice.is_empty(), "twice: {twice:?}");
        assert_eq!(rows.chunks.len(), self.chunks.len(), "chunks that nobody wrote");
        let check = Zhibi::run(&["check", &url]);
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
        drop(left);
        (rounds, results, counts)
    }
}

/// Fails where nothing moves.
struct Progress<T> {
    last: Option<T>,
    moved: Instant,
}

impl<T: PartialEq> Progress<T> {
    fn new() -> Self {
        Self { last: None, moved: Instant::now() }
    }

    fn look(&mut self, now: T, state: impl Fn() -> String) {
        let now = Some(now);
        if self.last != now {
            (self.last, self.moved) = (now, Instant::now());
        }
        assert!(self.moved.elapsed() < STUCK_AFTER, "nothing moves: {}", state());
    }
}

/// Hears every receipt that the broker passes on.
async fn listen(broker: std::net::SocketAddr, ledger: Ledger) {
    let mut options = MqttOptions::new("listener", broker.ip().to_string(), broker.port());
    options.set_max_packet_size(1 << 20, 1 << 20);
    let (client, mut events) = AsyncClient::new(options, 8);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                let receipts = "zhibi/v1/+/+/down/receipt";
                client.try_subscribe(receipts, QoS::AtLeastOnce).expect("room for a word");
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                ledger.listener_hears(&publish.payload);
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// Holds what receipts name against the store, at once.
async fn audit(place: Place, ledger: Ledger) {
    let mut heard = ledger.heard();
    loop {
        let named = ledger.unaudited();
        if !named.is_empty() {
            match place.rows().await {
                Ok(rows) => ledger.audit(&named, &rows),
                // The database is dead; what is committed is there when it is back.
                Err(_) => {
                    ledger.put_back(named);
                    tokio::time::sleep(LOOK_EVERY).await;
                    continue;
                }
            }
        }
        if heard.changed().await.is_err() {
            return;
        }
    }
}

/// Waits until everything is marked, settled and folded, and gives what came of it.
async fn marked(url: &str) -> Vec<ResultRow> {
    let url = StoreUrl::from_argument(url).expect("a url");
    let store = Store::connect(&url).await.expect("the store");
    let mut progress = Progress::new();
    loop {
        let left = store.work_left().await.expect("what is left");
        if left.is_none() && left.unsettled_papers == 0 {
            break;
        }
        progress.look(left, || format!("{left:?}"));
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let results = store.results().await.expect("results");
    store.close().await.expect("the store closes");
    results
}

/// What the same class comes to where nothing fails.
async fn quiet(seed: u64) -> Option<Vec<ResultRow>> {
    let (site, chunks) = site(seed, (PUPILS, 1), None, broker::Kind::Mosquitto).await?;
    let (_, results, _) = Chaos::start(site, chunks, seed).finish(Vec::new()).await;
    assert!(results.iter().any(|row| row.decided), "nothing was marked");
    Some(results)
}

/// A site whose store has a class of so many pupils and sheets, and what the class writes.
async fn site(
    seed: u64,
    (pupils, sheets): (u32, u32),
    database: Option<Postgres>,
    broker: broker::Kind,
) -> Option<(Site, Vec<Written>)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = folder.path().join("store");
    std::fs::create_dir(&store).expect("a folder in a temporary one");
    let disk = if database.is_none() { Disk::mount(&store, STORE_DISK_MIB) } else { None };
    let place = match &database {
        Some(database) => Place::Server(database.url()),
        None => Place::File(store.join("zhibi.db")),
    };
    let url = StoreUrl::from_argument(&place.argument()).expect("a url");
    let store = Store::connect(&url).await.expect("a new store");
    let chunks = class::put(pupils, sheets, seed, &store).await;
    store.close().await.expect("closed");
    let site = Site::start(folder, disk, database, place, broker).await?;
    Some((site, chunks))
}

/// The faults of one class's evening, in rounds of one to three.
fn plan(kills: &[(Fault, usize)], chance: &mut ChaCha8Rng) -> Vec<Vec<Fault>> {
    let mut faults: Vec<Fault> =
        kills.iter().flat_map(|(fault, times)| vec![*fault; *times]).collect();
    faults.extend(Fault::OTHERS);
    faults.shuffle(chance);
    let mut rounds = Vec::new();
    while !faults.is_empty() {
        let at_once = chance.random_range(1..=3).min(faults.len());
        rounds.push(faults.split_off(faults.len() - at_once));
    }
    rounds
}

/// One evening full of faults.
async fn evening(
    seed: u64,
    database: Option<Postgres>,
    broker: broker::Kind,
    kills: &[(Fault, usize)],
) -> Option<Vec<Round>> {
    static QUIET: OnceCell<(u64, Option<Vec<ResultRow>>)> = OnceCell::const_new();
    let (of, expected) = QUIET.get_or_init(async || (seed, quiet(seed).await)).await;
    let expected = if *of == seed { expected.clone() } else { quiet(seed).await };
    let expected = expected?;
    let (site, chunks) = site(seed, (PUPILS, 1), database, broker).await?;
    let mut chaos = Chaos::start(site, chunks, seed);
    let plan = plan(kills, &mut ChaCha8Rng::seed_from_u64(seed));
    let mut later: usize = plan.iter().map(Vec::len).sum();
    let mut rounds = Vec::new();
    for faults in plan {
        later -= faults.len();
        rounds.push(chaos.round(faults, later).await);
    }
    let (rounds, results, counts) = chaos.finish(rounds).await;
    println!("seed {seed}: {counts}");
    assert_eq!(results, expected, "marked otherwise than in a quiet run");
    Some(rounds)
}

/// The first seed, and for how many minutes tests are to go on; none where nobody says.
fn wanted() -> (u64, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    (number("ZHIBI_CHAOS_SEED").unwrap_or(1), number("ZHIBI_CHAOS_MINUTES").unwrap_or(0))
}

/// Evenings of seeds in a row for as long as is wanted; one where nothing is.
async fn evenings(
    name: &str,
    database: impl Fn() -> Option<Option<Postgres>>,
    broker: broker::Kind,
    kills: &[(Fault, usize)],
) {
    let (first, minutes) = wanted();
    let (begun, mut rounds) = (Instant::now(), Vec::new());
    for seed in first.. {
        println!("{name}: ZHIBI_CHAOS_SEED={seed}");
        let Some(database) = database() else { return };
        let Some(more) = evening(seed, database, broker, kills).await else { return };
        rounds.extend(more);
        let killed: usize = rounds.iter().flat_map(|round| &round.faults).map(|f| f.kills()).sum();
        let text = format!(
            "{name}, seeds {first} to {seed}, {killed} kills, {} s\n{}",
            begun.elapsed().as_secs(),
            table(&rounds)
        );
        std::fs::write(seen().join(format!("chaos-{name}.txt")), &text).expect("a table");
        if begun.elapsed().as_secs() >= 60 * minutes {
            println!("{text}");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_in_a_file() {
    let kills = [(Fault::GatewayKilled, 7), (Fault::ServiceKilled, 7), (Fault::BrokerKilled, 5)];
    evenings("sqlite", || Some(None), broker::Kind::Mosquitto, &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_on_a_server() {
    let kills = [
        (Fault::GatewayKilled, 5),
        (Fault::ServiceKilled, 5),
        (Fault::BrokerKilled, 4),
        (Fault::DatabaseKilled, 4),
    ];
    let database = || Some(Some(Postgres::start_on_small_disk()?));
    evenings("postgresql", database, broker::Kind::Mosquitto, &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_at_a_broker_cluster() {
    let kills = [(Fault::GatewayKilled, 2), (Fault::ServiceKilled, 2), (Fault::BrokerKilled, 2)];
    evenings("nats", || Some(None), broker::Kind::Nats, &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_needs_little_while_a_class_writes() {
    let (seed, minutes) = wanted();
    let Some(text) = soak::soak(seed, minutes).await else { return };
    std::fs::write(seen().join("soak.txt"), &text).expect("a table");
    println!("{text}");
}
