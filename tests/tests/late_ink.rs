//! Late ink through a real broker and the real service: a paper that was marked is marked again, and
//! ink of a pupil who was erased does not come back.
//!
//! Failure: a chunk without a receipt, a blank response that stays blank when ink comes for it,
//! another response that changes, or a service that loses what had its receipt when it is killed.
//! Not failure: how long it takes, up to the limit.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use firmware_protocol::{
    BootId, GatewayId, PageAddress, PenHead, PenId, Reading, SealPolicy, Sealer, StrokeEnd,
};
use sample_school::{Given, Pen, START_MS, SampleSchool, holder, lease};
use store::{ResultRow, Store};
use test_needs::Mosquitto;
use worksheet::{Copies, Field, PrintRun, Rect, Worksheet};
use zhibi_tests::{Serve, Zhibi};

/// Nothing in here takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);

const SHEET: &str = "mental-arithmetic-g3";

fn sample_sheet() -> Worksheet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-strokes/worksheets");
    Worksheet::load(&folder.join(SHEET)).expect("a sample worksheet")
}

fn config(folder: &Path, database: &Path, broker: SocketAddr) -> PathBuf {
    let file = folder.join("zhibi.toml");
    let text = format!(
        "[store]\npath = {database:?}\n[broker]\nport = {}\n[pipeline]\nmark_after_rest_ms = 100\n\
         [web]\nlisten = \"127.0.0.1:0\"\nsecure_cookies = false\n",
        broker.port()
    );
    std::fs::write(&file, text).expect("a file in a temporary folder");
    file
}

/// A `1` in the middle of a field, as a pen at that address sends it.
fn a_one(run: &PrintRun, copy: u32, page: u32, field: Rect) -> Vec<Vec<u8>> {
    const UNIT_NM: i32 = 10_000;
    let address = PageAddress {
        section: run.section,
        owner: run.owner,
        book: run.book,
        page: run.address_page(copy, page).expect("a copy of the run"),
    };
    // The registration's rotation and scale move a point by less than a field's margin.
    let x_um = field.x_um + field.width_um / 2 - run.registration.dx_um;
    let top_um = field.y_um + field.height_um / 5 - run.registration.dy_um;
    let head = PenHead::new(UNIT_NM as u32, 852, 1_000);
    let boot = BootId { counter: 1, random: 0xA11 };
    let mut sealer = Sealer::new(PenId(0xBEEF), boot, head, SealPolicy::STANDARD);
    let mut chunks = Vec::new();
    let mut out = |chunk: &[u8]| chunks.push(chunk.to_vec());
    let began_ms = 1_788_258_600_000;
    sealer.pen_down(Some(address), 0, began_ms, &mut out);
    for step in 0..40_i32 {
        let down_um = top_um + step * field.height_um * 3 / 5 / 40;
        let counts = |um: i32| um * 1_000 / UNIT_NM;
        let ticks = 10 * step as u64;
        let unix_ms = began_ms + i64::from(10 * step);
        sealer.sample(Reading::new(ticks, unix_ms, counts(x_um), counts(down_um), 400), &mut out);
    }
    sealer.pen_up(StrokeEnd::Up, &mut out);
    sealer.flush(&mut out);
    chunks
}

async fn hand_over(broker: SocketAddr, chunks: &[Vec<u8>]) {
    let spool = tempfile::tempdir().expect("a temporary folder");
    let gateway = gateway::start(gateway_config(broker, spool.path()), Arc::new(|| NOW_MS));
    let gateway = gateway.expect("the spool opens");
    for chunk in chunks {
        gateway.link().hand_over(chunk).await.expect("the gateway takes it");
    }
    tokio::time::timeout(WITHIN, gateway.drained()).await.expect("every chunk gets its receipt");
    let counters = gateway.stop().await;
    assert_eq!(counters.stored, chunks.len() as u64);
}

const NOW_MS: i64 = 1_788_258_600_000;

fn gateway_config(broker: SocketAddr, spool: &Path) -> gateway::Config {
    gateway::Config {
        id: GatewayId::parse("late-1").expect("an id"),
        broker: gateway::Broker {
            host: broker.ip().to_string(),
            port: broker.port(),
            credentials: None,
            tls: None,
        },
        spool: spool.to_owned(),
        spool_bytes_max: 1 << 20,
        bundle_bytes_max: 16 << 10,
        bundle_wait: Duration::from_millis(5),
        in_flight_max: 64,
        resend_after: Duration::from_secs(2),
    }
}

/// A response of the sheet that was left blank.
fn blank(results: &[ResultRow]) -> &ResultRow {
    results
        .iter()
        .find(|row| {
            row.assignment == format!("a-{SHEET}")
                && row.reading.is_none()
                && row.decided
                && row.verdict.as_deref() == Some("blank")
        })
        .expect("somebody left a response blank")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marked_paper_is_marked_again() {
    let Some(broker) = Mosquitto::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("late.db");
    let path = database.to_str().expect("a UTF-8 path");
    let pupils = 9;
    let output =
        Zhibi::run(&["demo", "--once", "--pupils", "9", "--seed", "3", "--database", path]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let store = Store::open(&database).await.expect("the demo's store");
    let before = store.results().await.expect("results");
    let target = blank(&before).clone();
    let sheet = sample_sheet();
    let of = sheet.part(&target.part).expect("a part of the sheet");
    let Field::Box(field) = of.part.field else { panic!("a box to write in") };
    let run = store.load_print_run(&format!("run-{SHEET}")).await.expect("the sheet's print run");
    assert_eq!(run.copies, Copies::PerCopy(pupils));
    let copy = copy_of(path, &run.id, &target.pupil).await;

    let config = config(folder.path(), &database, broker.address);
    let serve = Serve::start(&config);
    let chunks = a_one(&run, copy, of.question.page, field);
    hand_over(broker.address, &chunks).await;
    // What has its receipt survives.
    serve.kill();
    let serve = Serve::start(&config);
    let after = tokio::time::timeout(WITHIN, changed(&store, &target)).await.expect("marked again");
    serve.stop();

    let row = after.iter().find(|row| same_response(row, &target)).expect("the response");
    assert_eq!(row.reading.as_deref(), Some("1"));
    for (before, after) in before.iter().zip(&after) {
        assert!(same_response(before, &target) || before == after, "{before:?} became {after:?}");
    }
    store.close().await.expect("the store closes");
}

/// Which copy of a print run bears the pupil's name.
async fn copy_of(database: &str, run: &str, pupil: &str) -> u32 {
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(database)
        .await
        .expect("the database");
    sqlx::query_scalar("SELECT copy FROM copy WHERE print_run = ?1 AND pupil = ?2")
        .bind(run)
        .bind(pupil)
        .fetch_one(&mut connection)
        .await
        .expect("the pupil has a copy")
}

fn same_response(a: &ResultRow, b: &ResultRow) -> bool {
    (&a.assignment, &a.pupil, &a.part) == (&b.assignment, &b.pupil, &b.part)
}

/// Asks until the response has a reading.
async fn changed(store: &Store, target: &ResultRow) -> Vec<ResultRow> {
    loop {
        let results = store.results().await.expect("results");
        if results.iter().any(|row| same_response(row, target) && row.reading.is_some()) {
            return results;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A gateway that goes on from what lies in a folder, until all of it has its receipt.
async fn drain(broker: SocketAddr, spool: &Path) -> gateway::Counters {
    let config = gateway_config(broker, spool);
    let gateway = gateway::start(config, Arc::new(|| NOW_MS)).expect("the spool opens");
    tokio::time::timeout(WITHIN, gateway.drained()).await.expect("every chunk gets its receipt");
    gateway.stop().await
}

/// Copies a gateway's folder, as a backup does.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a folder");
    for file in std::fs::read_dir(from).expect("a spool") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), to.join(file.file_name())).expect("it is copied");
    }
}

/// The name of `p-1`.
const NAME: &str = "陈一诺";

/// Failure: the pupil's name in the store's files after the erasure, with the service at work; a chunk
/// of the erased pupil's that is stored again, kept in the quarantine or by the
/// gateway, or whose sender is not told to let it go; a chunk of somebody else's that is not stored.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_pupils_ink_does_not_come_back_from_a_spool() {
    let Some(broker) = Mosquitto::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let database = at("late.db");
    let store = Store::open(&database).await.expect("a new store");
    SampleSchool::of(3).with(Given::new("a-1", "r-1", 100)).put(&store).await;
    let leases = vec![lease(1, holder(1), 0, None), lease(2, holder(2), 0, None)];
    store.insert_leases(leases).await.expect("they are stored");
    store.close().await.expect("the store closes");

    // A spool from before anything was sent, and a backup of it.
    let offline: SocketAddr = ([127, 0, 0, 1], 1).into();
    let gateway = gateway::start(gateway_config(offline, &at("spool")), Arc::new(|| NOW_MS));
    let gateway = gateway.expect("the spool opens");
    for (pen, page) in [(1, 100), (2, 102)] {
        let address = PageAddress { section: 3, owner: 27, book: 5, page };
        let mut writing = Pen::new(pen);
        for second in 0..5 {
            writing.stroke(
                address,
                START_MS + 9_000 * second,
                &[(30_000, 40_000), (34_000, 45_000)],
            );
        }
        for arrival in writing.arrivals(START_MS) {
            gateway.link().hand_over(&arrival.bytes).await.expect("the gateway takes it");
        }
    }
    gateway.stop().await;
    copy(&at("spool"), &at("backup"));
    copy(&at("spool"), &at("older"));

    let config = config(folder.path(), &database, broker.address);
    let serve = Serve::start(&config);
    let sent = drain(broker.address, &at("spool")).await;
    assert_eq!((sent.stored, sent.erased), (10, 0));

    // Erased beside the running service.
    let path = database.to_str().expect("a UTF-8 path");
    let counted = Zhibi::run(&["erase", path, "p-1"]);
    let told = String::from_utf8_lossy(&counted.stderr);
    assert!(counted.status.success() && told.contains("5 chunks of ink"), "{told}");
    assert!(told.contains("nothing was done") && told.contains(NAME), "{told}");
    let named = || {
        let files =
            ["late.db", "late.db-wal"].map(|name| std::fs::read(at(name)).unwrap_or_default());
        files.iter().any(|bytes| bytes.windows(NAME.len()).any(|part| part == NAME.as_bytes()))
    };
    assert!(named(), "the store is a file that holds the name");
    let erased = Zhibi::run(&["erase", path, "三（1）班:1", "--for-good"]);
    let told = String::from_utf8_lossy(&erased.stderr);
    assert!(erased.status.success() && told.contains("5 chunks of ink"), "{told}");
    assert!(told.contains("written anew") && !named(), "{told}");

    for restored in ["backup", "older"] {
        let again = drain(broker.address, &at(restored)).await;
        assert_eq!((again.stored, again.erased, again.put_away), (5, 5, 0), "{restored}");
        assert!(!at(restored).join(gateway::DEAD_LETTERS).exists());
    }
    serve.stop();
    let store = Store::open(&database).await.expect("the store");
    assert_eq!(store.totals().await.expect("totals").chunks, 5);
    assert_eq!(store.held_by_reason(&store::HeldOf::default()).await.expect("counts"), []);
    store.close().await.expect("the store closes");
    let check = Zhibi::run(&["check", path]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    let gone = Zhibi::run(&["erase", path, "p-1", "--for-good"]);
    assert!(String::from_utf8_lossy(&gone.stderr).contains("there is no pupil p-1"));
}
