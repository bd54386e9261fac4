//! The metrics of a run: a class writes into a running service, and Prometheus' page is read.
//!
//! Failure: a count that does not agree with the store, a metric without a help line, or a name or
//! an id of a pupil, class, pen, gateway or page anywhere on the page. Not failure: how long
//! anything took.

use std::io::ErrorKind::WouldBlock;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use sqlx::{Connection, SqliteConnection};
use test_needs::Port;
use zhibi_tests::{Serve, Zhibi, get};

/// Nothing in here takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(60);
const GATEWAY: &str = "gw-of-room-204";

/// The value of one series; 0 where it is not there.
pub(crate) fn value(page: &str, series: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().expect("a number"))
}

/// Every name and id that no metric may hold.
async fn secrets(connection: &mut SqliteConnection) -> Vec<String> {
    let mut secrets: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM pupil UNION SELECT name FROM pupil UNION SELECT id FROM class
         UNION SELECT name_zh FROM class UNION SELECT id FROM staff UNION SELECT name FROM staff
         UNION SELECT gateway FROM chunk UNION SELECT id FROM assignment",
    )
    .fetch_all(&mut *connection)
    .await
    .expect("names and ids");
    let pens: Vec<i64> = sqlx::query_scalar("SELECT pen FROM lease UNION SELECT pen FROM chunk")
        .fetch_all(connection)
        .await
        .expect("pens");
    secrets.extend(pens.iter().flat_map(|pen| [format!("{pen:012x}"), format!("{pen:x}")]));
    secrets
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_counted_and_nobody_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("m.db");
    let path = database.to_str().expect("a UTF-8 path");
    let output = Zhibi::run(&["demo", "--once", "--pupils", "3", "--database", path]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let (broker, port) = (Port::take(), Port::take());
    let config = folder.path().join("zhibi.toml");
    let text = format!(
        "[store]\npath = {database:?}\n[broker]\nembedded = true\nport = {}\n[pipeline]\n\
         mark_after_rest_ms = 100\n[web]\nlisten = \"127.0.0.1:0\"\nsecure_cookies = false\n\
         [metrics]\nlisten = \"127.0.0.1:{}\"\n",
        broker.number, port.number
    );
    std::fs::write(&config, text).expect("a file in a temporary folder");
    let metrics = SocketAddr::from(([127, 0, 0, 1], port.number));
    let serve = Serve::start(&config);

    // Who connects and says nothing keeps no scraper out.
    let silent: Vec<TcpStream> =
        (0..8).map(|_| TcpStream::connect(metrics).expect("the metrics listen")).collect();
    assert_eq!(get(metrics, "/livez").0, 200);
    for stream in &silent {
        stream.set_nonblocking(true).expect("a socket can be asked at once");
        let waits = stream.peek(&mut [0]).is_err_and(|error| error.kind() == WouldBlock);
        assert!(waits, "the answer came only after a silent connection had ended");
    }
    drop(silent);

    let mut connection =
        SqliteConnection::connect(&format!("sqlite:{path}?mode=ro")).await.expect("the database");
    let chunks = "SELECT count(*) FROM chunk";
    let before: i64 = sqlx::query_scalar(chunks).fetch_one(&mut connection).await.expect("a count");
    let address = format!("127.0.0.1:{}", broker.number);
    let output = Zhibi::run(&[
        "simulate",
        "--broker",
        &address,
        "--pens",
        "3",
        "--seed",
        "7",
        "--gateway",
        GATEWAY,
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let after: i64 = sqlx::query_scalar(chunks).fetch_one(&mut connection).await.expect("a count");
    let pupil: String = sqlx::query_scalar("SELECT min(id) FROM pupil")
        .fetch_one(&mut connection)
        .await
        .expect("one");
    let (status, answer) = get(serve.web, &format!("/pupil/{pupil}"));
    assert_eq!(status, 303, "{answer}");

    let limit = Instant::now() + WITHIN;
    let page = loop {
        let (_, page) = get(metrics, "/metrics");
        let waiting = ["ink", "papers"]
            .map(|what| value(&page, &format!("zhibi_pipeline_waiting_{what}")))
            .iter()
            .sum::<f64>();
        let marked = ["decided", "in_review"]
            .map(|how| {
                value(&page, &format!("zhibi_pipeline_papers_marked_total{{outcome=\"{how}\"}}"))
            })
            .iter()
            .sum::<f64>();
        if waiting == 0.0 && marked > 0.0 {
            break page;
        }
        assert!(Instant::now() < limit, "{page}");
    };
    let stored = value(&page, "zhibi_ingest_chunks_total{outcome=\"stored\"}");
    assert!(after > before);
    assert_eq!(stored, (after - before) as f64, "{page}");
    assert_eq!(value(&page, "zhibi_broker_connected"), 1.0);
    assert_eq!(value(&page, "zhibi_store_writable"), 1.0);
    assert_eq!(value(&page, "zhibi_pipeline_oldest_ink_seconds"), 0.0);
    assert!(value(&page, "zhibi_ingest_commit_seconds_count") > 0.0);
    assert!(value(&page, "zhibi_pipeline_stage_seconds_count{stage=\"mark\"}") > 0.0);
    assert!(page.contains("route=\"/pupil/{pupil}\""), "{page}");
    // The demo's class and this one left questions that no machine scores.
    let in_review: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT DISTINCT assignment, pupil, page FROM response
             WHERE review IS NOT NULL AND coalesce(source, 'machine') = 'machine'
               AND NOT (review = 'no_key' AND first_ms IS NULL))",
    )
    .fetch_one(&mut connection)
    .await
    .expect("a count");
    assert!(in_review > 0);
    assert_eq!(value(&page, "zhibi_pipeline_papers_in_review"), in_review as f64, "{page}");

    for line in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap_or("");
        assert!(page.contains(&format!("# HELP {name} ")), "{name} has no help");
    }
    for secret in secrets(&mut connection).await {
        assert!(!page.contains(&secret), "{secret:?} is on the page:\n{page}");
    }
    assert!(!page.contains(GATEWAY));
    assert_eq!(get(metrics, "/").0, 404);
    connection.close().await.expect("a database is closed");
    serve.stop();
}
