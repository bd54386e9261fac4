use sample_school::{holder, lease};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::*;
use crate::fixture::{DUE_MS, Fixture, RIGHT, chunk};
use crate::url::Kind;
use crate::{Arrival, Delivery};

/// Reads back what [`chunk`] wrote into its bytes.
fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let numbers: Vec<u64> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [number, pen, page] = numbers[..] else { return Err(format!("no chunk: {text}")) };
    let Arrival { key, touches, .. } =
        chunk(pen, u32::try_from(number).unwrap(), u32::try_from(page).unwrap(), 0);
    Ok(Decoded { key, touches })
}

async fn marked() -> Fixture {
    let fixture = Fixture::new().await;
    fixture.store.insert_leases(vec![lease(1, holder(1), -10_000, None)]).await.unwrap();
    // On a copy of the pupil's own, and on a sheet that all share.
    let own = (1..=3).map(|number| chunk(1, number, 100, 0));
    let chunks = own.chain([chunk(1, 4, 900, 0)]).collect();
    fixture
        .store
        .take_delivery(Delivery { arrivals: chunks, ..Delivery::default() })
        .await
        .unwrap();
    fixture.mark_all(Some(RIGHT), 1).await;
    assert_eq!(fixture.store.settle(DUE_MS).await.unwrap(), 2);
    fixture
}

#[tokio::test]
async fn a_sound_store_has_no_findings() {
    let fixture = marked().await;
    assert_eq!(fixture.store.verify(decode).await.unwrap(), []);
}

/// Harms the database with one statement and expects findings under one rule.
async fn check(statement: &'static str, rule: &str) {
    let fixture = marked().await;
    fixture.execute(statement).await;
    let findings = fixture.store.verify(decode).await.unwrap();
    assert!(!findings.is_empty(), "{statement}");
    for finding in findings {
        assert_eq!(finding.rule, rule, "{statement}: {finding}");
    }
}

#[tokio::test]
async fn every_rule_can_break() {
    check("UPDATE chunk SET bytes = substr(bytes, 1, 0) WHERE number = 2", "chunk_bytes").await;
    check("UPDATE chunk SET number = 9 WHERE number = 2", "chunk_key").await;
    check("UPDATE chunk_address SET last_ms = 7 WHERE chunk = 1", "chunk_address").await;
    check("UPDATE ink SET ink_rev = ink_rev + 1", "ink_revision").await;
    check("UPDATE ink SET attributed_rev = 99", "attributed_beyond_ink").await;
    check("UPDATE response SET verdict = 'wrong'", "verdict_in_force").await;
    check("UPDATE mark SET superseded_ms = 1", "verdict_in_force").await;
    check("UPDATE paper SET marked_rev = 99", "paper_without_ink").await;
    check("UPDATE paper SET address_page = 105", "paper_without_ink").await;
    check("UPDATE response SET page = 2", "response_without_paper").await;
    check("UPDATE drawn_ink SET page = 2", "drawn_without_paper").await;
    check("UPDATE attribution SET pupil = 'p-2'", "attribution").await;
    check("UPDATE attribution SET paper_page = 2", "attribution").await;
    check("DELETE FROM attribution", "attribution").await;
    check("UPDATE ink SET papers = 0", "attribution").await;
    check("UPDATE ink SET nobody = 'no_pupil'", "attribution").await;
    check("DELETE FROM lease", "attribution").await;
    check("UPDATE copy SET copy = 7 WHERE copy = 0", "attribution").await;
    check(
        "INSERT INTO attribution (folio, page, pen, school, assignment, pupil, paper_page)
         SELECT folio, page, 77, school, assignment, pupil, paper_page FROM attribution",
        "attributed_without_ink",
    )
    .await;
    check("DELETE FROM response", "mark_without_response").await;
    check("DELETE FROM enrolment WHERE pupil = 'p-2'", "pupil_without_class").await;
    check("DELETE FROM profile", "work_without_profile").await;
    check(
        "INSERT INTO knowledge_state
         SELECT school, 'p-2', 'k', 1, 0.5, 0.5, 0.5, 0.5, 0.5, 1 FROM profile",
        "state_without_profile",
    )
    .await;
    check(
        "INSERT INTO mark (school, assignment, pupil, part, source, verdict, score, ink_rev, at_ms)
         SELECT school, assignment, pupil, part, source, verdict, score, ink_rev, at_ms
         FROM mark",
        "two_marks_of_one_source",
    )
    .await;
}

/// Deletes as a program does that asks for no foreign keys.
async fn check_deleted(statement: &'static str, rule: &str) {
    let fixture = marked().await;
    match &fixture.url.0 {
        Kind::File(path) => {
            let options = SqliteConnectOptions::new().filename(path).foreign_keys(false);
            let mut connection = options.connect().await.unwrap();
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        Kind::Server(options) => {
            let mut connection = options.connect().await.unwrap();
            let off = "SET session_replication_role = replica";
            sqlx::raw_sql(off).execute(&mut connection).await.unwrap();
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }
    let findings = fixture.store.verify(decode).await.unwrap();
    assert!(findings.iter().any(|finding| finding.rule == rule), "{statement}: {findings:?}");
}

#[tokio::test]
async fn a_chunk_that_is_gone_is_missed() {
    check_deleted("DELETE FROM chunk WHERE number = 2", "chunk_lost").await;
    check_deleted("DELETE FROM chunk_address WHERE chunk = 2", "ink_revision").await;
    check_deleted("DELETE FROM ink", "ink_revision").await;
    check_deleted("DELETE FROM assignment", "attribution").await;
    // What is not there, or cannot be, ends nothing.
    check_deleted("UPDATE ink SET page = page - 3600000", "unreadable").await;
    check_deleted(
        "UPDATE mark SET superseded_ms = 1; UPDATE response SET source = NULL",
        "nobody_is_asked",
    )
    .await;
}

mod sqlite {
    use super::*;

    #[tokio::test]
    async fn a_row_whose_parent_is_gone_is_missed() {
        check_deleted("DELETE FROM pupil WHERE id = 'p-1'", "parent_gone").await;
        check_deleted("DELETE FROM print_run", "parent_gone").await;
        check_deleted("DROP INDEX paper_of_address", "schema").await;
        check_deleted("DROP TABLE moved_ink", "schema").await;
    }
}
