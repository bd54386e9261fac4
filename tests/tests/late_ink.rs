//! Late ink through a real broker and the real service: a paper that was marked is marked again.
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
    let config = gateway::Config {
        id: GatewayId::parse("late-1").expect("an id"),
        broker: gateway::Broker {
            host: broker.ip().to_string(),
            port: broker.port(),
            credentials: None,
            tls: None,
        },
        spool: spool.path().to_owned(),
        spool_bytes_max: 1 << 20,
        bundle_bytes_max: 16 << 10,
        bundle_wait: Duration::from_millis(5),
        in_flight_max: 64,
        resend_after: Duration::from_secs(2),
    };
    let gateway = gateway::start(config, Arc::new(|| 1_788_258_600_000)).expect("the spool opens");
    for chunk in chunks {
        gateway.link().hand_over(chunk).await.expect("the gateway takes it");
    }
    tokio::time::timeout(WITHIN, gateway.drained()).await.expect("every chunk gets its receipt");
    let counters = gateway.stop().await;
    assert_eq!(counters.stored, chunks.len() as u64);
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
