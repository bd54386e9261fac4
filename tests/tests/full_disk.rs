//! The disk of a school's store fills up while a class writes, and has room again.
//!
//! Failure: a service that does not say why it is not ready, a chunk lost or stored twice, ink that is
//! stored or papers that are marked only after a restart. Not failure: how long it takes to heal.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use test_needs::Port;
use zhibi_tests::{Disk, Serve, Zhibi, get};

/// Nothing in here takes longer; a limit, not a wait. A disk counts as full for half a minute after
/// the last write that found no room.
const WITHIN: Duration = Duration::from_secs(180);

async fn until(serve: &Serve, status: u16, said: &str) {
    let limit = Instant::now() + WITHIN;
    loop {
        let answer = get(serve.web, "/readyz");
        if answer.0 == status && answer.1.contains(said) {
            return;
        }
        assert!(Instant::now() < limit, "not {status} {said}: {answer:?}");
        tokio::task::yield_now().await;
    }
}

fn serve(disk: &Path, port: &Port) -> Serve {
    let config = disk.join("zhibi.toml");
    let text = format!(
        "[store]\npath = \"z.db\"\n[broker]\nembedded = true\nport = {}\n[pipeline]\n\
         mark_after_rest_ms = 100\n[web]\nlisten = \"127.0.0.1:0\"\nsecure_cookies = false\n",
        port.number
    );
    std::fs::write(&config, text).expect("a file");
    Serve::start(&config)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_healed_without_a_restart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = Disk::mount(folder.path(), 96) else { return };
    let database = disk.folder().join("z.db");
    let path = database.to_str().expect("a UTF-8 path");
    let demo = Zhibi::run(&["demo", "--once", "--pupils", "6", "--database", path]);
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let port = Port::take();
    let service = serve(disk.folder(), &port);
    until(&service, 200, "store ok").await;
    disk.fill();
    let broker = format!("127.0.0.1:{}", port.number);
    let pens = ["simulate", "--broker", &broker, "--store", path, "--again", "--wait", "--json"];
    let sending = Zhibi::command(&pens)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("zhibi starts");
    until(&service, 503, "store disk-full").await;
    disk.make_room();
    until(&service, 200, "store ok").await;
    let sent = sending.wait_with_output().expect("a child can be waited for");
    let told = String::from_utf8_lossy(&sent.stderr);
    assert!(sent.status.success(), "a chunk has no receipt, or a paper no marks: {told}");
    let figures: Value = serde_json::from_slice(&sent.stdout).expect("JSON");
    assert!(figures["chunks_sent"].as_i64().is_some_and(|sent| sent > 0), "{figures}");
    service.stop();
    let check = Zhibi::run(&["check", path]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

/// Failure: a backup that finds no room and does not say where, or leaves a part of itself behind.
#[test]
fn a_backup_that_finds_no_room_says_so_and_leaves_nothing() {
    let small = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = Disk::mount(small.path(), 1) else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("z.db");
    let path = database.to_str().expect("a UTF-8 path");
    let made = Zhibi::run(&["store", "init", path]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    disk.fill();
    let copy = disk.folder().join("copy.db");
    let copied = Zhibi::run(&["store", "backup", path, copy.to_str().expect("a UTF-8 path")]);
    let told = String::from_utf8_lossy(&copied.stderr);
    assert_eq!(copied.status.code(), Some(1));
    assert!(told.contains("copy.db: its disk is full: make room there"), "{told}");
    let left = std::fs::read_dir(disk.folder()).expect("a folder").count();
    assert_eq!(left, 1, "the ballast alone");
}
