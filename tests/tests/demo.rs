//! A class's evening through the real binary: pens, gateway, broker, ingest, pipeline, store.
//!
//! Failure: a chunk lost or stored twice, a paper left unmarked, fewer than nine in ten responses
//! decided by machine, more than three in a hundred of those other than meant, or a store that
//! does not agree with its chunks. Not failure: which responses go to review, and in what order
//! things happen: threads and timers decide that.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use store::{ResultRow, Store};
use zhibi_tests::Zhibi;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Figures {
    pupils: u64,
    papers: u64,
    samples_sent: u64,
    chunks_sent: u64,
    chunks_stored: u64,
    duplicates: u64,
    #[expect(dead_code, reason = "part of the contract; any number is right")]
    gateway_resends: u64,
    responses: u64,
    decided: u64,
    agree_with_expected: f64,
    review: u64,
}

#[derive(Deserialize)]
struct Manifest {
    truth: Truth,
}

#[derive(Deserialize)]
struct Truth {
    responses: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    assignment: String,
    pupil: String,
    part: String,
    meant: Option<String>,
    key: Option<String>,
}

/// The class of the tests: small, and with every fault that a class of its size has.
const CLASS: [&str; 4] = ["--pupils", "9", "--seed", "7"];

fn demo(database: &Path) -> Figures {
    let database = database.to_str().expect("a UTF-8 path");
    let args = [&["demo", "--once", "--json", "--database", database], &CLASS[..]].concat();
    let output = Zhibi::run(&args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the demo ended with {}:\n{said}", output.status);
    serde_json::from_slice(&output.stdout).expect("the figures of design, as one JSON object")
}

/// What the same class meant, from the simulator alone.
fn manifest(folder: &Path) -> Manifest {
    let folder_arg = folder.to_str().expect("a UTF-8 path");
    let output =
        Zhibi::run(&["simulate", "--capture", folder_arg, "--pens", CLASS[1], "--seed", CLASS[3]]);
    assert!(output.status.success());
    let text = std::fs::read_to_string(folder.join("manifest.json")).expect("a manifest");
    serde_json::from_str(&text).expect("a manifest with responses")
}

fn same(read: Option<&str>, meant: Option<&str>) -> bool {
    let value = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
    read == meant || value(read).is_some_and(|read| Some(read) == value(meant))
}

#[tokio::test]
async fn a_class_is_marked_as_it_meant() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("demo.db");
    let figures = demo(&database);
    assert_eq!(figures.pupils, 9);
    assert!(figures.papers >= 9 * 3, "{} papers", figures.papers);
    assert!(figures.samples_sent > 9 * 2_000, "{} samples", figures.samples_sent);
    assert!(figures.duplicates > 0, "some pens hand chunks over twice");
    assert_eq!(figures.chunks_stored, figures.chunks_sent - figures.duplicates);
    assert_eq!(figures.decided + figures.review, figures.responses);
    assert!(figures.decided as f64 >= 0.9 * figures.responses as f64);
    assert!(figures.agree_with_expected >= 0.97);

    // The same comparison, response by response, without the demo's own word for it.
    let store = Store::open(&database).await.expect("the demo's store");
    let results: BTreeMap<(String, String, String), ResultRow> = store
        .results()
        .await
        .expect("results")
        .into_iter()
        .map(|row| ((row.assignment.clone(), row.pupil.clone(), row.part.clone()), row))
        .collect();
    let (mut decided, mut agreed) = (0_u64, 0_u64);
    let expected: Vec<Expected> = manifest(folder.path())
        .truth
        .responses
        .into_iter()
        .filter(|expected| expected.key.is_some())
        .collect();
    assert_eq!(expected.len() as u64, figures.responses);
    for e in expected {
        let row = results.get(&(e.assignment, e.pupil, e.part));
        if row.is_none_or(|row| row.decided) {
            decided += 1;
            let read = row.and_then(|row| row.reading.as_deref());
            agreed += u64::from(same(read, e.meant.as_deref()));
        }
    }
    assert_eq!(decided, figures.decided);
    let share = agreed as f64 / decided as f64;
    assert!((share - figures.agree_with_expected).abs() < 1e-9, "{share}");
    store.close().await.expect("the store closes");
}

#[tokio::test]
async fn check_finds_a_flipped_bit_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = folder.path().join("demo.db");
    demo(&database);
    let path = database.to_str().expect("a UTF-8 path");
    let check = || {
        let output = Zhibi::run(&["check", path, "--json"]);
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    assert_eq!(check(), (Some(0), String::new()));

    let mut connection =
        <sqlx::SqliteConnection as sqlx::Connection>::connect(path).await.expect("the database");
    let bytes: Vec<u8> = sqlx::query_scalar("SELECT bytes FROM chunk WHERE id = 5")
        .fetch_one(&mut connection)
        .await
        .expect("a fifth chunk");
    let mut flipped = bytes;
    flipped[40] ^= 0x10;
    sqlx::query("UPDATE chunk SET bytes = ?1 WHERE id = 5")
        .bind(flipped)
        .execute(&mut connection)
        .await
        .expect("a planted fault");
    sqlx::Connection::close(connection).await.expect("the connection closes");
    let (code, findings) = check();
    assert_eq!(code, Some(3), "{findings}");
    assert_eq!(findings.lines().count(), 1, "{findings}");
}
