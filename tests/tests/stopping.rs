//! The second word to stop, while the first cannot be obeyed: somebody holds the database.
//!
//! Failure: a service that waits for the database although it was told twice. Not failure: how long
//! anything takes; nothing here is faster than the ten seconds for which SQLite waits for a lock.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use sample_school::SampleSchool;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use store::{Store, StoreUrl};
use test_needs::Port;
use zhibi_tests::Zhibi;

#[tokio::test(flavor = "multi_thread")]
async fn the_second_signal_ends_it_hard() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("z.db");
    let store = Store::connect(&StoreUrl::from(database.as_path())).await.expect("a new store");
    SampleSchool::of(3).put(&store).await;
    store.close().await.expect("closed");
    let port = Port::take();
    let config = folder.path().join("zhibi.toml");
    let text = format!(
        "[store]\npath = \"z.db\"\n[broker]\nembedded = true\nport = {}\n[web]\n\
         listen = \"127.0.0.1:0\"\nsecure_cookies = false\n",
        port.number
    );
    std::fs::write(&config, text).expect("a file in a temporary folder");
    let mut service = Zhibi::command(&["serve", "--config", config.to_str().expect("UTF-8")])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("zhibi starts");
    let stderr = service.stderr.take().expect("it is piped");
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("the teacher's view listens")));

    // Whoever holds the write lock holds up every commit.
    let options = SqliteConnectOptions::new().filename(&database);
    let mut holder = options.connect().await.expect("the database");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut holder).await.expect("the lock");
    let broker = format!("127.0.0.1:{}", port.number);
    let mut pens = Zhibi::command(&["simulate", "--broker", &broker, "--pens", "3"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("zhibi starts");
    // A message was read, and the commit of its batch waits for the lock.
    assert!(lines.any(|line| line.contains("online=true")));
    let pid = service.id().to_string();
    let tell = || assert!(Command::new("kill").arg(&pid).status().expect("kill").success());
    tell();
    assert!(lines.any(|line| line.contains("stopping: what is under way")));
    tell();
    assert!(lines.any(|line| line.contains("stopped hard")), "the lock is still held");
    assert_eq!(service.wait().expect("it ends").code(), Some(1));
    pens.kill().expect("a child can be killed");
    pens.wait().expect("a child can be waited for");
    holder.close().await.expect("closed");
}
