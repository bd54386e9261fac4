//! A store copied while a class writes into it, and brought back.
//!
//! Failure: a copy that lacks a chunk which was stored before it was begun, or in which `zhibi check`
//! finds anything; a copy that others can read; a file that is written over; a restored store that
//! a service cannot go on with. Not failure: how much of what came meanwhile is in the copy.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use store::{Store, StoreUrl};
use test_needs::Port;
use zhibi_tests::{Serve, Zhibi};

/// Nothing in here takes longer; a limit, not a wait.
const WITHIN: Duration = Duration::from_secs(120);

fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn serve(folder: &Path, database: &str, port: &Port) -> Serve {
    let config = folder.join("zhibi.toml");
    let text = format!(
        "[store]\npath = {database:?}\n[broker]\nembedded = true\nport = {}\n[web]\n\
         listen = \"127.0.0.1:0\"\nsecure_cookies = false\n",
        port.number
    );
    std::fs::write(&config, text).expect("a file in a temporary folder");
    Serve::start(&config)
}

async fn chunks(database: &Path) -> i64 {
    let store = Store::connect(&StoreUrl::from(database)).await.expect("a store");
    let chunks = store.totals().await.expect("totals").chunks;
    store.close().await.expect("closed");
    chunks
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_store_is_copied_and_comes_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let (database, copy, back) = (at("zhibi.db"), at("copy.db"), at("back.db"));
    let demo = Zhibi::run(&["demo", "--once", "--pupils", "6", "--database", text(&database)]);
    assert!(demo.status.success(), "{}", told(&demo));
    let before = chunks(&database).await;

    let port = Port::take();
    let service = serve(folder.path(), "zhibi.db", &port);
    let broker = format!("127.0.0.1:{}", port.number);
    let pens = ["simulate", "--broker", &broker, "--pens", "30", "--seed", "5", "--speed", "200"];
    let mut sending = Zhibi::command(&pens)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("zhibi starts");
    let store = Store::connect(&StoreUrl::from(database.as_path())).await.expect("the store");
    let limit = Instant::now() + WITHIN;
    let stored = loop {
        let stored = store.totals().await.expect("totals").chunks;
        if stored > before {
            break stored;
        }
        assert!(Instant::now() < limit, "no ink came");
        tokio::task::yield_now().await;
    };
    let made = Zhibi::run(&["store", "backup", text(&database), text(&copy)]);
    assert!(made.status.success(), "{}", told(&made));
    // Its log belongs to the store that is in use: nobody is told to take it away.
    let refused = Zhibi::run(&["store", "restore", text(&copy), text(&database)]);
    assert!(told(&refused).contains("zhibi.db is there already"), "{}", told(&refused));
    sending.wait().expect("a child can be waited for");
    store.close().await.expect("closed");
    service.stop();

    let mode = std::fs::metadata(&copy).expect("the copy").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "its owner's alone");
    let left = std::fs::read_dir(folder.path()).expect("a folder").filter(|file| {
        file.as_ref().is_ok_and(|file| file.file_name().to_string_lossy().ends_with(".part"))
    });
    assert_eq!(left.count(), 0);
    let bytes = std::fs::read(&copy).expect("the copy");
    let again = Zhibi::run(&["store", "backup", text(&database), text(&copy)]);
    assert_eq!(again.status.code(), Some(1));
    assert!(told(&again).contains("copy.db is there already"), "{}", told(&again));
    assert_eq!(std::fs::read(&copy).expect("the copy"), bytes, "it is not written over");

    let restored = Zhibi::run(&["store", "restore", text(&copy), text(&back)]);
    assert!(restored.status.success(), "{}", told(&restored));
    assert!(told(&restored).contains("nothing is wrong with"), "{}", told(&restored));
    assert_eq!(std::fs::read(&copy).expect("the copy"), bytes, "the backup stays as it is");
    let inside = chunks(&back).await;
    assert!(inside >= stored, "{inside} of the {stored} chunks that were stored by then");
    let service = serve(folder.path(), "back.db", &port);
    let broker = ["simulate", "--broker", &broker, "--pens", "3", "--seed", "6"];
    let sent = Zhibi::run(&broker);
    assert!(sent.status.success(), "{}", told(&sent));
    service.stop();
    assert!(chunks(&back).await > inside, "and goes on");
}

/// As if a later version had brought the schema further.
async fn make_newer(database: &Path) {
    let options = SqliteConnectOptions::new().filename(database);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("the store");
    sqlx::raw_sql(
        "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum,
         execution_time FROM _sqlx_migrations LIMIT 1",
    )
    .execute(&mut connection)
    .await
    .expect("a row is written");
    connection.close().await.expect("closed");
}

#[tokio::test]
async fn a_restore_writes_over_nothing_and_needs_a_backup() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let refused = |from: &str, into: &str, said: &str| {
        let output = Zhibi::run(&["store", "restore", text(&at(from)), text(&at(into))]);
        assert_eq!(output.status.code(), Some(1), "{from} {into}");
        assert!(told(&output).contains(said), "{from} {into}: {}", told(&output));
    };
    let made = Zhibi::run(&["store", "init", text(&at("a.db"))]);
    assert!(made.status.success(), "{}", told(&made));
    std::fs::write(at("b.db-wal"), "commits of a store that was here").expect("a file");
    std::fs::write(at("text.db"), "no database at all, but long enough to be one").expect("a file");
    refused("nothing.db", "new.db", "there is no backup");
    refused("text.db", "new.db", "text.db");
    refused("a.db", "a.db", "is there already");
    refused("a.db", "b.db", "b.db-wal is there");
    refused("a.db", "nowhere/new.db", "nowhere");
    // A page in its middle is no page.
    let copied = Zhibi::run(&["store", "backup", text(&at("a.db")), text(&at("damaged.db"))]);
    assert!(copied.status.success(), "{}", told(&copied));
    let mut damaged = std::fs::read(at("damaged.db")).expect("a backup");
    damaged[8_192..16_384].fill(0xff);
    std::fs::write(at("damaged.db"), damaged).expect("a file");
    refused("damaged.db", "new.db", "Restore from another backup");
    let copied = Zhibi::run(&["store", "backup", text(&at("a.db")), text(&at("newer.db"))]);
    assert!(copied.status.success(), "{}", told(&copied));
    make_newer(&at("newer.db")).await;
    refused("newer.db", "new.db", "newer version of zhibi");
    assert!(!at("new.db").exists() && !at("b.db").exists());
    // Nothing of its own lies beside a backup.
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|file| file.expect("a file").file_name().into_string().expect("UTF-8"))
        .filter(|name| !["b.db-wal", "text.db", "damaged.db", "newer.db"].contains(&name.as_str()))
        .filter(|name| !name.starts_with("a.db"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
    let nowhere = at("nowhere/z.db");
    let made = Zhibi::run(&["store", "init", text(&nowhere)]);
    assert_eq!(made.status.code(), Some(1));
    assert!(told(&made).contains("nowhere: make it first"), "{}", told(&made));
    let server = "postgres://zhibi:s3cret@db.example/zhibi";
    for (args, tool) in [
        (["store", "backup", server, text(&at("copy"))], "pg_dump"),
        (["store", "restore", text(&at("a.db")), server], "pg_restore"),
    ] {
        let output = Zhibi::run(&args);
        assert_eq!(output.status.code(), Some(1));
        assert!(told(&output).contains(tool) && !told(&output).contains("s3cret"));
    }
}
