//! Rows that are gone or other than the ink makes them, and what `zhibi check` says of them.
//!
//! Failure: harm that is passed over, or told under another rule; a finding in a store that nobody
//! harmed. Not failure: in which words it is told.

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::{Connection, PgConnection, SqliteConnection};
use zhibi_tests::Zhibi;

/// SQL: a pupil, one of their papers, and an answer on it that was written.
const PUPIL: &str = "(SELECT min(pupil) FROM response WHERE source = 'machine')";
const PAPER: &str = "assignment = 'a-mixed-g3' AND page = 1 AND pupil = PUPIL";
const PART: &str = "(SELECT min(part) FROM response WHERE PAPER AND source = 'machine'
                                                      AND first_ms IS NOT NULL)";

/// Harm, and the rules under which it is told.
const HARMS: [(&str, &[&str]); 14] = [
    (
        "DELETE FROM mark WHERE assignment = 'a-mixed-g3' AND pupil = PUPIL AND part = PART;
         DELETE FROM response WHERE PAPER AND part = PART",
        &["response_gone", "roles"],
    ),
    ("UPDATE response SET strokes = '1' WHERE PAPER AND part = PART", &["roles"]),
    ("UPDATE response SET strokes = '1 L' WHERE PAPER AND part = PART", &["roles"]),
    (
        "UPDATE response SET strokes = (SELECT r.strokes FROM response r WHERE r.strokes <> '1'
                                        AND r.pupil > PUPIL LIMIT 1)
         WHERE PAPER AND part = PART",
        &["roles"],
    ),
    ("DELETE FROM drawn_ink WHERE PAPER", &["drawn_ink"]),
    ("UPDATE drawn_ink SET strokes = substr(strokes, 1, 9) WHERE PAPER", &["drawn_ink"]),
    (
        "UPDATE drawn_ink SET strokes = (SELECT d.strokes FROM drawn_ink d WHERE d.pupil > PUPIL
                                         ORDER BY d.pupil, d.assignment, d.page LIMIT 1)
         WHERE PAPER",
        &["drawn_ink"],
    ),
    (
        "DELETE FROM paper WHERE PAPER; DELETE FROM drawn_ink WHERE PAPER;
         DELETE FROM mark WHERE assignment = 'a-mixed-g3' AND pupil = PUPIL
                            AND part IN (SELECT part FROM response WHERE PAPER);
         DELETE FROM response WHERE PAPER",
        &["paper_gone"],
    ),
    ("UPDATE profile SET answers = answers + 1 WHERE pupil = PUPIL", &["profile"]),
    ("UPDATE profile SET ability = ability + 0.01 WHERE pupil = PUPIL", &["profile"]),
    ("UPDATE knowledge_state SET deviation = deviation + 0.01 WHERE pupil = PUPIL", &["profile"]),
    ("DELETE FROM knowledge_state WHERE pupil = PUPIL", &["profile"]),
    ("DELETE FROM enrolment WHERE pupil = PUPIL", &["attribution", "pupil_without_class"]),
    ("DELETE FROM attribution WHERE PAPER_OF_INK", &["attribution"]),
];

fn statement(harm: &str) -> String {
    harm.replace("PAPER_OF_INK", "assignment = 'a-mixed-g3' AND paper_page = 1 AND pupil = PUPIL")
        .replace("PART", PART)
        .replace("PAPER", PAPER)
        .replace("PUPIL", PUPIL)
}

fn demo(database: &str) {
    let class = ["--pupils", "5", "--seed", "7"];
    let args = [&["demo", "--once", "--database", database], &class[..]].concat();
    let ended = Zhibi::run(&args);
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "the demo ended with {}:\n{said}", ended.status);
}

/// The rules that a check names.
fn rules(database: &str) -> BTreeSet<String> {
    let ended = Zhibi::run(&["check", database, "--json"]);
    let said = String::from_utf8_lossy(&ended.stderr);
    let rule = |line: &str| {
        let finding: serde_json::Value = serde_json::from_str(line).expect("JSON");
        finding["rule"].as_str().expect("a rule").to_owned()
    };
    let found = String::from_utf8(ended.stdout).expect("UTF-8");
    let found: BTreeSet<String> = found.lines().map(rule).collect();
    assert_eq!(ended.status.code(), Some(if found.is_empty() { 0 } else { 3 }), "{said}");
    found
}

fn expect(harm: &str, found: &BTreeSet<String>, expected: &[&str]) {
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert!(expected.iter().all(|rule| found.contains(rule)), "{harm}: {found:?}");
    // What is gone was part of a profile.
    let follows = |rule: &&str| !expected.contains(rule) && *rule != "profile";
    assert_eq!(found.into_iter().filter(follows).collect::<Vec<_>>(), [""; 0], "{harm}");
}

#[tokio::test]
async fn harm_is_told_in_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let sound = path("sound.db");
    demo(&sound);
    assert_eq!(rules(&sound), BTreeSet::new());
    for (harm, expected) in HARMS {
        let harmed = path("harmed.db");
        std::fs::copy(&sound, &harmed).expect("a copy");
        let mut connection = SqliteConnection::connect(&harmed).await.expect("the copy");
        let sql = sqlx::AssertSqlSafe(statement(harm));
        let done = sqlx::raw_sql(sql).execute(&mut connection).await.expect("harm");
        assert!(done.rows_affected() > 0, "{harm}");
        connection.close().await.expect("it is closed");
        expect(harm, &rules(&harmed), expected);
        remove(Path::new(&harmed));
    }
}

/// With the logs beside it.
fn remove(database: &Path) {
    for beside in ["", "-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(beside);
        let _may_not_be_there = std::fs::remove_file(name);
    }
}

#[tokio::test]
async fn harm_is_told_on_a_server() {
    let Some(server) = test_needs::postgres() else { return };
    let sound = crate::two_services::database(&server, "checking_sound").await;
    demo(&sound);
    assert_eq!(rules(&sound), BTreeSet::new());
    let harmed = sound.replace("/checking_sound?", "/checking_harmed?");
    let mut keeper = PgConnection::connect(&server).await.expect("the server");
    for (harm, expected) in HARMS {
        let copy = "CREATE DATABASE checking_harmed TEMPLATE checking_sound";
        sqlx::raw_sql(copy).execute(&mut keeper).await.expect("a copy");
        let mut connection = PgConnection::connect(&harmed).await.expect("the copy");
        let sql = sqlx::AssertSqlSafe(statement(harm));
        let done = sqlx::raw_sql(sql).execute(&mut connection).await.expect("harm");
        assert!(done.rows_affected() > 0, "{harm}");
        connection.close().await.expect("it is closed");
        expect(harm, &rules(&harmed), expected);
        let drop = sqlx::raw_sql("DROP DATABASE checking_harmed").execute(&mut keeper);
        drop.await.expect("it is dropped");
    }
}
