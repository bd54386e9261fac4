//! Ink that nobody can be named for: it has a reason, and a person can name somebody.

use attribution::{Hand, Holder, Told, Unknown};
use sample_school::{holder, lease, marker};

use crate::fixture::{Fixture, chunk};
use crate::sql::{Small, query};
use crate::{Arrival, GivenInk, Key, PaperChunks};

/// The time of the fixture's receipts here: late enough that 1970 is long ago.
const NOW_MS: i64 = 1_795_345_300_000;

/// A chunk of a pen whose clock counts from when it was switched on, received at `NOW_MS`.
fn timeless(pen: u64, number: u32, page: u32) -> Arrival {
    Arrival { received_ms: NOW_MS, ..chunk(pen, number, page, 120) }
}

/// Reasons by page of the address and pen.
async fn reasons(fixture: &Fixture) -> Vec<(u32, u64, Option<String>)> {
    fixture.attribute().await;
    let rows: Vec<(Small, i64, Option<String>)> =
        query("SELECT page, pen, nobody FROM ink ORDER BY page, pen")
            .fetch_all(fixture.store.readers())
            .await
            .unwrap();
    rows.into_iter().map(|(Small(page), pen, why)| (page, pen.cast_unsigned(), why)).collect()
}

#[track_caller]
fn assert_reasons(found: &[(u32, u64, Option<String>)], expected: &[(u32, u64, Option<&str>)]) {
    let found: Vec<_> = found.iter().map(|(p, pen, why)| (*p, *pen, why.as_deref())).collect();
    assert_eq!(found, expected);
}

async fn paper(fixture: &Fixture, assignment: &str, pupil: &str) -> PaperChunks {
    fixture.attribute().await;
    let jobs = fixture.store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap();
    let job = jobs.iter().find(|job| job.assignment == assignment && job.pupil == pupil).unwrap();
    fixture.store.paper_chunks(job).await.unwrap()
}

fn lent(holder: &Holder) -> Hand<'_> {
    Hand::Holder(holder, Told::Lease)
}

fn given_to(holder: &Holder) -> Hand<'_> {
    Hand::Holder(holder, Told::Word)
}

/// Whose hand the first stroke of a timeless chunk is.
fn hand(paper: &PaperChunks, pen: u64) -> Hand<'_> {
    paper.ink.evidence.hand(crate::fixture::key(pen, 1).start(), 120)
}

#[tokio::test]
async fn ink_without_a_time_is_the_only_holders() {
    let fixture = Fixture::new().await;
    let leases = vec![
        lease(1, holder(1), NOW_MS - 9, None),
        lease(66, marker(), NOW_MS - 9, None),
        // Held by somebody else only after the receipt.
        lease(2, holder(2), NOW_MS - 9, Some(NOW_MS + 9)),
        lease(2, holder(3), NOW_MS + 9, None),
    ];
    fixture.store.insert_leases(leases).await.unwrap();
    let batch = vec![timeless(1, 1, 900), timeless(2, 1, 900), timeless(66, 1, 100)];
    fixture.store.store_chunks(batch).await.unwrap();
    let all_known = [(100, 66, None), (900, 1, None), (900, 2, None)];
    assert_reasons(&reasons(&fixture).await, &all_known);
    let red = paper(&fixture, "a-own", "p-1").await;
    assert_eq!((red.ink.chunks.len(), hand(&red, 66)), (1, lent(&marker())));
    for (id, pen) in [("p-1", 1), ("p-2", 2)] {
        let paper = paper_again(&fixture, "a-all", id).await;
        assert_eq!(hand(&paper, pen), lent(&Holder::pupil(id).unwrap()));
    }
}

/// As [`paper`], of a paper that was claimed before.
async fn paper_again(fixture: &Fixture, assignment: &str, pupil: &str) -> PaperChunks {
    fixture.execute("UPDATE paper SET lease_until_ms = 0").await;
    paper(fixture, assignment, pupil).await
}

#[tokio::test]
async fn red_ink_is_never_a_pupils_in_silence() {
    let fixture = Fixture::new().await;
    let day_ms = 86_400_000;
    let leases = vec![
        // A pupil's once, the teacher's now.
        lease(66, holder(2), NOW_MS - 9 * day_ms, Some(NOW_MS - day_ms)),
        lease(66, marker(), NOW_MS - day_ms, None),
        // The teacher's from tomorrow.
        lease(67, marker(), NOW_MS + day_ms, None),
    ];
    fixture.store.insert_leases(leases).await.unwrap();
    let early = Arrival { received_ms: NOW_MS, ..chunk(67, 1, 100, NOW_MS - 5_000) };
    fixture.store.store_chunks(vec![timeless(66, 1, 100), early]).await.unwrap();
    let expected = [(100, 66, Some("no_time")), (100, 67, Some("not_lent_then"))];
    assert_reasons(&reasons(&fixture).await, &expected);
    // It may be red or a pupil's, so it makes no paper, until somebody is named.
    assert_eq!(fixture.stale_papers().await, []);
    let Key { boot_counter, boot_random, .. } = crate::fixture::key(66, 1);
    let folio = crate::folio(3, 27, 5);
    let given = GivenInk { folio, page: 100, pen: 66, boot_counter, boot_random };
    fixture.store.give_ink(given, marker(), "t-wang", NOW_MS).await.unwrap();
    assert_reasons(&reasons(&fixture).await, &[(100, 66, None), expected[1]]);
    let after = paper(&fixture, "a-own", "p-1").await;
    assert_eq!(hand(&after, 66), given_to(&marker()));
}

#[tokio::test]
async fn ink_that_finds_no_paper_keeps_its_reason() {
    let fixture = Fixture::new().await;
    let leases = vec![lease(66, marker(), 0, None), lease(2, holder(2), 0, None)];
    fixture.store.insert_leases(leases).await.unwrap();
    fixture.execute("DELETE FROM copy WHERE copy = 2").await;
    for (pen, page) in [(66, 900), (3, 900), (2, 900), (2, 105), (2, 777)] {
        fixture.write(pen, page, page, 1_000).await;
    }
    let expected = [
        (105, 2, Some("no_pupil")),
        (777, 2, Some("not_printed")),
        (900, 2, None),
        (900, 3, Some("never_lent")),
        (900, 66, Some("red_on_shared_sheet")),
    ];
    assert_reasons(&reasons(&fixture).await, &expected);
}

#[tokio::test]
async fn a_second_holder_takes_timeless_ink_from_the_first() {
    let fixture = Fixture::new().await;
    fixture.store.insert_leases(vec![lease(1, holder(1), NOW_MS - 900, None)]).await.unwrap();
    fixture.store.store_chunks(vec![timeless(1, 1, 900)]).await.unwrap();
    fixture.mark_all(None, 2).await;
    fixture.store.insert_leases(vec![lease(1, holder(2), NOW_MS - 100, None)]).await.unwrap();
    assert_reasons(&reasons(&fixture).await, &[(900, 1, Some("no_time"))]);
    let loser = paper_again(&fixture, "a-all", "p-1").await;
    assert_eq!(loser.ink.chunks, []);
    let ink = fixture.store.ink_on(crate::folio(3, 27, 5), 900).await.unwrap();
    let start = crate::fixture::key(1, 1).start();
    assert_eq!(ink.evidence.hand(start, 120), Hand::SomePupil(Unknown::NoTime));
    let Key { boot_counter, boot_random, .. } = crate::fixture::key(1, 1);
    let given =
        GivenInk { folio: crate::folio(3, 27, 5), page: 900, pen: 1, boot_counter, boot_random };
    assert!(fixture.store.give_ink(given, holder(3), "t-wang", NOW_MS).await.unwrap());
    let winner = paper_again(&fixture, "a-all", "p-3").await;
    assert_eq!(hand(&winner, 1), given_to(&holder(3)));
    // What is somebody's stays theirs until it is taken back.
    fixture.mark_all(None, 3).await;
    assert!(!fixture.store.give_ink(given, holder(1), "t-wang", NOW_MS + 1).await.unwrap());
    assert!(!fixture.store.take_ink_back(given, NOW_MS + 1).await.unwrap(), "another word");
    assert_eq!(fixture.stale_papers().await, []);
    assert!(fixture.store.take_ink_back(given, NOW_MS).await.unwrap());
    assert!(fixture.store.give_ink(given, holder(1), "t-wang", NOW_MS + 1).await.unwrap());
    let papers: Vec<_> = fixture.stale_papers().await.into_iter().map(|paper| paper.1).collect();
    assert_eq!(papers, ["p-1", "p-3"]);
}
