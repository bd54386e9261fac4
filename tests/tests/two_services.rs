//! Two services on one PostgreSQL and one broker, one of them killed while ink comes.
//!
//! Failure: a chunk that its gateway has a receipt for and the store does not hold, one that it
//! holds twice, a paper that is not marked to its last ink, anything that `zhibi check` finds. Not
//! failure: which service takes or marks what, how much is sent again, how long it takes. When the
//! kill falls is not deterministic: some ink is stored by then, and more is to come.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::{Connection, PgConnection};
use store::{Store, StoreUrl};
use test_needs::Mosquitto;
use zhibi_tests::{Serve, Zhibi};

/// Nothing in here takes longer; a limit, not a wait. A claim of a killed service holds a minute.
const WITHIN: Duration = Duration::from_secs(240);

/// The url of a new database of the tests' server.
pub(crate) async fn database(server: &str, name: &str) -> String {
    let mut connection = PgConnection::connect(server).await.expect("the tests' PostgreSQL");
    for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")]
    {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .expect("a database can be made");
    }
    // …/postgres?host=… → …/name?host=…
    let (before, options) = server.split_once('?').unwrap_or((server, ""));
    let (before, _) = before.rsplit_once('/').expect("the server's url names a database");
    format!("{before}/{name}?{options}")
}

fn start(folder: &Path, name: &str, url: &str, broker: &Mosquitto) -> Serve {
    let config = folder.join(format!("{name}.toml"));
    let text = format!(
        "[store]\nurl = {url:?}\n[broker]\nport = {}\nclient_id = \"zhibi-{name}\"\n\
         subscription = \"shared\"\n[pipeline]\nmark_after_rest_ms = 100\n[web]\n\
         listen = \"127.0.0.1:0\"\nsecure_cookies = false\n",
        broker.address.port()
    );
    std::fs::write(&config, text).expect("a file in a temporary folder");
    Serve::start(&config)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_comes_twice_when_one_is_killed() {
    let Some(server) = test_needs::postgres() else { return };
    let Some(broker) = Mosquitto::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = database(&server, "two_services").await;
    let demo = Zhibi::run(&["demo", "--once", "--pupils", "12", "--database", &url]);
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let store: StoreUrl = url.parse().expect("a url");
    let store = Store::connect(&store).await.expect("the demo's store");
    let before = store.totals().await.expect("totals").chunks;

    let one = start(folder.path(), "one", &url, &broker);
    let two = start(folder.path(), "two", &url, &broker);
    let address = broker.address.to_string();
    let pens = ["simulate", "--broker", &address, "--pens", "12", "--seed", "7", "--json"];
    let sending = Zhibi::command(&pens)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("zhibi starts");
    let limit = Instant::now() + WITHIN;
    while store.totals().await.expect("totals").chunks == before {
        assert!(Instant::now() < limit, "no ink came");
    }
    one.kill();
    let sent = sending.wait_with_output().expect("a child can be waited for");
    let told = String::from_utf8_lossy(&sent.stderr);
    assert!(sent.status.success(), "a chunk has no receipt: {told}");
    let figures: Value = serde_json::from_slice(&sent.stdout).expect("JSON");
    let sent = figures["chunks_sent"].as_i64().expect("a number");
    let duplicates = figures["duplicates"].as_i64().expect("a number");

    while !store.work_left().await.expect("what is left").is_none() {
        assert!(Instant::now() < limit, "{:?}", store.work_left().await);
        tokio::task::yield_now().await;
    }
    let totals = store.totals().await.expect("totals");
    assert_eq!(totals.chunks - before, sent - duplicates, "{figures}");
    assert_eq!(totals.papers_marked, totals.papers);
    two.stop();
    store.close().await.expect("the store closes");
    let check = Zhibi::run(&["check", &url]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}
