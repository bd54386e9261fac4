//! Corrections that come late: pens that were swapped, a pen that was the teacher's, a clock that was
//! wrong, a print run registered anew, a chunk let out of quarantine; in any order, with ink before,
//! between and behind them, and the pipeline at work all the while.
//!
//! Failure: an end that differs from that of a store in which all was right from the start: papers,
//! whose ink is whose, responses, marks in force, profiles, drawn ink. Not failure: revisions, times
//! of working, what was superseded. When the pipeline works between two steps is not deterministic,
//! and must not matter; the order of the steps follows from the seed, which a failure names.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use firmware_protocol::PageAddress;
use marking::{Marker, Thresholds};
use pipeline::{Config, Pipeline};
use sample_school::{Given, Pen, START_MS, SampleSchool, holder, lease, marker};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use store::{Arrival, ClockRow, HeldOf, Quarantined, Released, Store, StoreUrl, Stored};
use worksheet::{PrintRun, Registration, Worksheet, WorksheetId};

/// No wait is longer, however slow the machine.
const WITHIN: Duration = Duration::from_secs(60);
const SEEDS: u64 = 10;
const SEEDS_ON_POSTGRES: u64 = 3;
const REST_MS: i64 = 2_000;
const HOUR_MS: i64 = 3_600_000;
/// So far the clock of pen 2 is behind.
const BEHIND_MS: i64 = HOUR_MS;
/// Where the artwork really lies on the pattern.
const REGISTRATION: Registration =
    Registration { version: 2, dx_um: 3_000, dy_um: -2_000, rotation_urad: 0, scale_ppm: 0 };

/// A step of a history.
#[derive(Clone, Debug)]
enum Step {
    /// A chunk comes.
    Ink(Arrival),
    /// A chunk comes that an older service did not read.
    Held(Arrival),
    /// It is let out.
    Release(Arrival),
    /// Pens 1 and 2 were swapped; pen 9 was never a pupil's.
    Leases,
    Clock,
    Register,
    /// Ink rests, and everything is worked out.
    Pass,
    /// All is due.
    Due,
}

impl Step {
    /// What a failure calls it.
    fn word(&self) -> String {
        match self {
            Self::Ink(arrival) => format!("ink {}:{}", arrival.key.pen, arrival.key.number),
            Self::Held(arrival) => format!("held {}:{}", arrival.key.pen, arrival.key.number),
            Self::Release(_) => "release".to_owned(),
            other => format!("{other:?}"),
        }
    }
}

/// Knuth's generator; the high bits are the good ones.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// A store with a pipeline at work on it.
struct Place {
    store: Store,
    url: String,
    now_ms: Arc<AtomicI64>,
    pipeline: Pipeline,
}

impl Place {
    async fn new(url: String) -> Self {
        let parsed: StoreUrl = url.parse().expect("a url");
        let store = Store::connect(&parsed).await.expect("a new store");
        let given = |given: Given| {
            given.sheet("english-g3").times(START_MS, START_MS + HOUR_MS, 10 * HOUR_MS)
        };
        SampleSchool::of(3)
            .with(given(Given::new("a-1", "r-1", 100)).shared())
            .with(given(Given::new("a-2", "r-2", 300)))
            .put(&store)
            .await;
        let now_ms = Arc::new(AtomicI64::new(START_MS));
        let clock = now_ms.clone();
        let config = Config {
            rest_ms: REST_MS,
            lease_ms: 60_000,
            poll: Duration::from_millis(2),
            utc_offset_ms: 8 * HOUR_MS,
        };
        let pool = Arc::new(pipeline::pool(1).expect("a thread"));
        let marker = Marker::new(Thresholds::STANDARD);
        let clock = Arc::new(move || clock.load(Ordering::SeqCst));
        let pipeline = pipeline::start(config, store.clone(), marker, pool, clock);
        Self { store, url, now_ms, pipeline }
    }

    async fn run(&self, name: &str) -> (PrintRun, Worksheet) {
        let run = self.store.load_print_run(name).await.expect("it was printed");
        let WorksheetId { id, version } = run.worksheet.clone();
        let sheet = self.store.load_worksheet(&id, version).await.expect("it is stored");
        (run, sheet)
    }

    /// Who held which pen; `right`, or as it was written down at first.
    async fn leases(&self, right: bool) {
        let (one, two) = if right { (1, 2) } else { (2, 1) };
        let red = if right { marker() } else { holder(3) };
        let changed_ms = START_MS - HOUR_MS / 2;
        let leases = vec![
            lease(1, holder(one), 0, None),
            lease(2, holder(3), 0, Some(changed_ms)),
            lease(2, holder(two), changed_ms, None),
            lease(9, red, 0, None),
        ];
        self.store.insert_leases(leases).await.expect("they are stored");
    }

    async fn clock(&self, offset_ms: i64) {
        let row = ClockRow { pen: 2, boot_counter: 1, boot_random: 7, offset_ms, error_ms: 500 };
        self.store.clocks(vec![row]).await.expect("it is stored");
    }

    async fn register(&self) {
        for run in ["r-1", "r-2"] {
            let new = self.store.insert_registration(run, 1, REGISTRATION, START_MS).await;
            assert!(new.expect("it is stored"));
        }
    }

    async fn pass(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
        let idle = tokio::time::timeout(WITHIN, self.pipeline.idle()).await;
        idle.expect("in time").expect("the pipeline works");
    }

    async fn step(&self, step: &Step) {
        match step {
            Step::Ink(arrival) => {
                self.now_ms.fetch_max(arrival.received_ms, Ordering::SeqCst);
                let stored = self.store.store_chunks(vec![arrival.clone()]).await;
                assert_eq!(stored.expect("it is stored"), [Stored::Fresh]);
            }
            Step::Held(arrival) => {
                let held = Quarantined {
                    gateway: arrival.gateway.clone(),
                    reason: "unknown_version",
                    detail: "an older service".into(),
                    key: Some(arrival.key),
                    bytes: arrival.bytes.clone(),
                    bytes_len: arrival.bytes.len(),
                    received_ms: arrival.received_ms,
                };
                self.store.quarantine(vec![held]).await.expect("it is kept");
            }
            Step::Release(arrival) => {
                let held = self.store.held(&HeldOf::default(), 1).await.expect("a list");
                let released = self.store.release(held[0].id, arrival.clone()).await;
                assert_eq!(released.expect("it is let out"), Released::Stored(Stored::Fresh));
            }
            Step::Leases => self.leases(true).await,
            Step::Clock => self.clock(BEHIND_MS).await,
            Step::Register => self.register().await,
            Step::Pass => self.pass(REST_MS).await,
            Step::Due => self.pass(2 * HOUR_MS).await,
        }
    }

    /// Lets everything come to its end, and tells what that is, a line for each row.
    async fn end(self) -> Vec<String> {
        self.pass(2 * HOUR_MS).await;
        self.pass(REST_MS).await;
        self.pipeline.stop().await;
        let decode = |_: &[u8]| Err("not looked at".into());
        let mut findings = self.store.verify(decode).await.expect("verified");
        let pool = pipeline::pool(1).expect("a thread");
        let made = pipeline::check(&self.store, &pool, 8 * HOUR_MS, |_, _, _| ()).await;
        findings.extend(made.expect("verified"));
        let wrong: Vec<_> =
            findings.into_iter().filter(|finding| finding.rule != "chunk_bytes").collect();
        assert_eq!(wrong, []);
        self.store.close().await.expect("it is closed");
        let mut lines = Vec::new();
        for (table, columns, condition) in STATE {
            let columns: Vec<_> = columns
                .split(' ')
                .map(|column| format!("coalesce(CAST({column} AS TEXT), '-')"))
                .collect();
            let sql = format!(
                "SELECT '{table} ' || {} FROM {table} WHERE {condition}",
                columns.join(" || ' ' || ")
            );
            lines.extend(rows(&self.url, &sql).await);
        }
        lines.sort();
        lines
    }
}

/// Tables, their columns that say how things are, and which rows count.
const STATE: [(&str, &str, &str); 8] = [
    (
        "paper",
        "assignment pupil page folio address_page foreign_pen fault versions loose \
         (marked_rev=ink_rev) (settled_ms>0)",
        "1 = 1",
    ),
    (
        "response",
        "assignment pupil part question page position reading probability alternatives review \
         strokes first_ms last_ms writing_ms rewrites source verdict score decide_min",
        "1 = 1",
    ),
    ("mark", "assignment pupil part criterion source verdict score staff", "superseded_ms IS NULL"),
    (
        "profile",
        "pupil ability ability_variance answers last_day (applied_rev=wanted_rev)",
        "answers > 0",
    ),
    (
        "knowledge_state",
        "pupil knowledge_point day ability ability_variance deviation deviation_variance \
         difficulty answers",
        "1 = 1",
    ),
    ("attribution", "folio page pen assignment pupil paper_page", "1 = 1"),
    ("drawn_ink", "assignment pupil page length(strokes)", "1 = 1"),
    ("ink", "folio page pen ink_rev (attributed_rev=ink_rev) papers nobody", "1 = 1"),
];

async fn rows(url: &str, sql: &str) -> Vec<String> {
    let sql = AssertSqlSafe(sql.to_owned());
    let rows = if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("the store");
        sqlx::query_scalar(sql).fetch_all(&mut connection).await
    } else {
        let mut connection = PgConnection::connect(url).await.expect("the store");
        sqlx::query_scalar(sql).fetch_all(&mut connection).await
    };
    rows.expect("rows")
}

/// What was written in the evening: a chunk for each answer.
async fn evening(place: &Place) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    let (shared, sheet) = place.run("r-1").await;
    let (own, _) = place.run("r-2").await;
    let choices: Vec<_> = sheet
        .parts()
        .filter(|of| of.question.page == 1 && of.part.field.bubbles().len() >= 2)
        .take(4)
        .collect();
    assert_eq!(choices.len(), 4);
    let page = |run: &PrintRun, copy: u32| PageAddress {
        section: run.section,
        owner: run.owner,
        book: run.book,
        page: run.address_page(copy, 1).expect("a copy"),
    };
    let (mut pens, behind) = ([Pen::new(1), Pen::new(2), Pen::new(9)], [0, BEHIND_MS, 0]);
    let mut write = |pen: usize, at: PageAddress, at_ms: i64, points: &[(i32, i32)]| {
        let lies = |(x, y): &(i32, i32)| (x - REGISTRATION.dx_um, y - REGISTRATION.dy_um);
        let points: Vec<_> = points.iter().map(lies).collect();
        pens[pen].stroke(at, START_MS + at_ms - behind[pen], &points);
        arrivals.extend(pens[pen].arrivals(START_MS + at_ms + 5_000));
    };
    for (index, of) in choices.iter().enumerate() {
        let at_ms = 60_000 * (1 + index as i64);
        let bubbles = of.part.field.bubbles();
        let fill = |letter: usize| {
            let rect = bubbles[letter].rect;
            let rows = rect.height_um / 250;
            let points = (0..=rows * 8).map(|step| {
                let (row, along) = (step / 8, step % 8);
                let along = if row % 2 == 0 { along } else { 8 - along };
                (rect.x_um + rect.width_um * along / 8, rect.y_um + 250 * row)
            });
            points.collect::<Vec<_>>()
        };
        // On the sheets that all share, and on two copies of their own.
        write(0, page(&shared, 0), at_ms, &fill(0));
        write(1, page(&shared, 0), at_ms + 1_000, &fill(1));
        if index < 2 {
            write(0, page(&own, 0), at_ms + 20_000, &fill(index));
            write(1, page(&own, 1), at_ms + 21_000, &fill(1 - index));
        }
    }
    // The teacher's red pen on a copy.
    let rect = choices[0].part.field.bubbles()[0].rect;
    let tick = [(0, 0), (800, 1_500), (3_000, -3_000)]
        .map(|(x, y)| (rect.x_um + rect.width_um / 2 + x, rect.y_um + rect.height_um / 2 + y));
    write(2, page(&own, 0), 600_000, &tick);
    arrivals
}

/// Steps in an order that follows from the seed: a chunk is let out after it was held.
fn history(seed: u64, ink: &[Arrival]) -> Vec<Step> {
    let mut dice = Dice(seed);
    let held = dice.below(ink.len());
    let mut steps: Vec<Step> = Vec::new();
    for (index, arrival) in ink.iter().enumerate() {
        steps.push(if index == held {
            Step::Held(arrival.clone())
        } else {
            Step::Ink(arrival.clone())
        });
    }
    steps.extend([Step::Leases, Step::Clock, Step::Register, Step::Pass, Step::Pass, Step::Pass]);
    steps.extend((dice.below(3) == 0).then_some(Step::Due));
    for index in (1..steps.len()).rev() {
        steps.swap(index, dice.below(index + 1));
    }
    let at = steps.iter().position(|step| matches!(step, Step::Held(_))).unwrap_or(0);
    let behind = at + 1 + dice.below(steps.len() - at);
    steps.insert(behind, Step::Release(ink[held].clone()));
    steps
}

async fn check(seeds: u64, mut url: impl AsyncFnMut(&str) -> String) {
    // Right from the start.
    let right = Place::new(url("right").await).await;
    right.leases(true).await;
    right.clock(BEHIND_MS).await;
    right.register().await;
    let ink = evening(&right).await;
    for arrival in &ink {
        right.step(&Step::Ink(arrival.clone())).await;
    }
    let expected = right.end().await;
    for kind in ["paper", "response", "mark", "profile", "knowledge_state"] {
        let there = expected.iter().any(|line| line.starts_with(kind));
        assert!(there, "nothing of {kind} to compare");
    }
    assert!(expected.iter().any(|line| line.contains(" right ")), "{expected:#?}");
    for seed in 0..seeds {
        let place = Place::new(url(&format!("seed_{seed}")).await).await;
        place.leases(false).await;
        place.clock(0).await;
        let steps = history(seed, &ink);
        for step in &steps {
            place.step(step).await;
        }
        let end = place.end().await;
        let missing: Vec<_> = expected.iter().filter(|line| !end.contains(line)).collect();
        let more: Vec<_> = end.iter().filter(|line| !expected.contains(line)).collect();
        let order: Vec<_> = steps.iter().map(Step::word).collect();
        assert!(
            missing.is_empty() && more.is_empty(),
            "seed {seed}\nmissing {missing:#?}\nmore {more:#?}\nsteps {order:#?}"
        );
    }
}

fn file(folder: &Path, name: &str) -> String {
    format!("sqlite:{}", folder.join(format!("{name}.db")).display())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_corrections_end_as_if_all_had_been_right_in_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    check(SEEDS, async |name| file(folder.path(), name)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_corrections_end_as_if_all_had_been_right_on_a_server() {
    let Some(server) = test_needs::postgres() else { return };
    check(SEEDS_ON_POSTGRES, async |name| {
        crate::two_services::database(&server, &format!("corrections_{name}")).await
    })
    .await;
}
