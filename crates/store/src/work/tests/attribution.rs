use std::collections::BTreeSet;

use attribution::{Hand, Told, Unknown};
use sample_school::{holder, lease, marker};

use crate::fixture::{Fixture, chunk, key};
use crate::{ClockRow, Job, PaperChunks};

async fn paper(fixture: &Fixture, assignment: &str, pupil: &str) -> PaperChunks {
    fixture.attribute().await;
    let jobs = fixture.store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap();
    let job = jobs.iter().find(|job| job.assignment == assignment && job.pupil == pupil).unwrap();
    fixture.store.paper_chunks(job).await.unwrap()
}

fn numbers(chunks: &[crate::ChunkRow]) -> Vec<(u64, u32)> {
    chunks.iter().map(|chunk| (chunk.key.pen, chunk.key.number)).collect()
}

fn names(papers: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    papers.iter().map(|(a, p, page)| ((*a).to_owned(), (*p).to_owned(), *page)).collect()
}

#[tokio::test]
async fn the_address_owns_a_per_copy_paper_whoever_writes() {
    let fixture = Fixture::new().await;
    fixture.store.insert_leases(vec![lease(1, holder(1), 0, None)]).await.unwrap();
    fixture.write(1, 1, 100, 10).await;
    fixture.write(1, 2, 103, 20).await;
    fixture.write(2, 1, 104, 30).await;
    let papers = names(&[("a-own", "p-1", 1), ("a-own", "p-2", 2), ("a-own", "p-3", 1)]);
    assert_eq!(fixture.stale_papers().await, papers);
}

#[tokio::test]
async fn the_lease_owns_a_shared_paper() {
    let fixture = Fixture::new().await;
    let leases = vec![
        lease(1, holder(1), 0, Some(10_000)),
        lease(1, holder(2), 10_000, None),
        lease(2, holder(3), 0, None),
    ];
    fixture.store.insert_leases(leases).await.unwrap();
    fixture.write(1, 1, 900, 1_000).await;
    fixture.write(1, 2, 900, 20_000).await;
    fixture.write(2, 1, 901, 1_000).await;
    let papers = names(&[("a-all", "p-1", 1), ("a-all", "p-2", 1), ("a-all", "p-3", 2)]);
    assert_eq!(fixture.stale_papers().await, papers);
    assert_eq!(numbers(&paper(&fixture, "a-all", "p-1").await.ink.chunks), [(1, 1)]);
    let later = paper(&fixture, "a-all", "p-2").await;
    assert_eq!(numbers(&later.ink.chunks), [(1, 2)]);
    let start = |pen| key(pen, 2).start();
    let hand = |pen| later.ink.evidence.hand(start(pen), 20_000);
    assert_eq!(hand(1), Hand::Holder(&holder(2), Told::Lease));
    assert_eq!(hand(3), Hand::SomePupil(Unknown::NeverLent));
}

#[tokio::test]
async fn a_chunk_over_the_end_of_a_lease_goes_to_both() {
    let fixture = Fixture::new().await;
    let leases = vec![lease(1, holder(1), 0, Some(10_000)), lease(1, holder(2), 10_000, None)];
    fixture.store.insert_leases(leases).await.unwrap();
    fixture.write(1, 1, 900, 9_500).await;
    for pupil in ["p-1", "p-2"] {
        assert_eq!(numbers(&paper(&fixture, "a-all", pupil).await.ink.chunks), [(1, 1)]);
    }
}

#[tokio::test]
async fn ink_of_nobody_stays_and_goes_to_its_paper_when_the_lease_comes() {
    let fixture = Fixture::new().await;
    fixture.write(1, 1, 900, 1_000).await;
    assert_eq!(fixture.stale_papers().await, []);
    let left = fixture.store.work_left().await.unwrap();
    assert_eq!((left.stale_ink, left.unattributed_ink), (0, 1), "looked at once, not for ever");
    let elsewhen = lease(1, holder(3), 500_000, None);
    fixture.store.insert_leases(vec![elsewhen]).await.unwrap();
    assert_eq!(fixture.store.work_left().await.unwrap().stale_ink, 0, "it does not concern it");
    fixture.store.insert_leases(vec![lease(1, holder(1), 0, Some(5_000))]).await.unwrap();
    assert_eq!(fixture.stale_papers().await, names(&[("a-all", "p-1", 1)]));
    assert_eq!(fixture.store.work_left().await.unwrap().unattributed_ink, 0);
}

#[tokio::test]
async fn ink_waits_for_its_print_run_and_assignment() {
    let fixture = Fixture::without_runs().await;
    let store = &fixture.store;
    fixture.write(1, 1, 100, 1_000).await;
    assert_eq!(fixture.stale_papers().await, []);
    let run = sample_school::run("own", 100, worksheet::Copies::PerCopy(3));
    store.insert_print_run("s", run, crate::fixture::pupils()).await.unwrap();
    assert_eq!(fixture.stale_papers().await, []);
    store.insert_assignment(crate::fixture::assignment("a-own", "own")).await.unwrap();
    assert_eq!(fixture.stale_papers().await, names(&[("a-own", "p-1", 1)]));
}

#[tokio::test]
async fn a_corrected_lease_moves_the_ink() {
    let fixture = Fixture::new().await;
    fixture.store.insert_leases(vec![lease(1, holder(1), 0, None)]).await.unwrap();
    fixture.write(1, 1, 900, 1_000).await;
    fixture.mark_all(None, 2).await;
    assert_eq!(fixture.stale_papers().await, []);
    fixture.store.insert_leases(vec![lease(1, holder(2), 0, None)]).await.unwrap();
    assert_eq!(fixture.stale_papers().await, names(&[("a-all", "p-1", 1), ("a-all", "p-2", 1)]));
    assert_eq!(numbers(&paper(&fixture, "a-all", "p-1").await.ink.chunks), []);
    assert_eq!(numbers(&paper(&fixture, "a-all", "p-2").await.ink.chunks), [(1, 1)]);
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_before_leases_are_asked() {
    let fixture = Fixture::new().await;
    let leases = vec![lease(1, holder(1), 0, Some(10_000)), lease(1, holder(2), 10_000, None)];
    fixture.store.insert_leases(leases).await.unwrap();
    fixture.write(1, 1, 900, 1_000).await;
    fixture.mark_all(None, 2).await;
    let key = key(1, 1);
    let clock = ClockRow {
        pen: 1,
        boot_counter: key.boot_counter,
        boot_random: key.boot_random,
        offset_ms: 300_000,
        error_ms: 100,
    };
    fixture.store.clocks(vec![clock]).await.unwrap();
    fixture.attribute().await;
    let paper = paper(&fixture, "a-all", "p-2").await;
    assert_eq!(numbers(&paper.ink.chunks), [(1, 1)]);
    assert_eq!(paper.ink.evidence.corrected_ms(key.start(), 7), 300_007);
    // What was marked as the first pupil's is marked again without it.
    assert_eq!(fixture.stale_papers().await, names(&[("a-all", "p-1", 1), ("a-all", "p-2", 1)]));
}

#[tokio::test]
async fn red_ink_makes_the_paper_at_its_address_stale() {
    let fixture = Fixture::new().await;
    let leases = vec![lease(1, holder(1), 0, None), lease(66, marker(), 50_000, Some(60_000))];
    fixture.store.insert_leases(leases).await.unwrap();
    fixture.write(1, 1, 100, 1_000).await;
    fixture.mark_all(None, 2).await;
    fixture.write(66, 1, 100, 51_000).await;
    // The same pen, before and after the teacher held it; one of them just so.
    fixture.write(66, 2, 100, 40_000).await;
    fixture.write(66, 3, 100, 59_500).await;
    assert_eq!(fixture.stale_papers().await, names(&[("a-own", "p-1", 1)]));
    let paper = paper(&fixture, "a-own", "p-1").await;
    assert_eq!(numbers(&paper.ink.chunks), [(1, 1), (66, 1), (66, 2), (66, 3)]);
    let hand = |at_ms| paper.ink.evidence.hand(key(66, 3).start(), at_ms);
    assert_eq!(hand(59_500), Hand::Holder(&marker(), Told::Lease));
    // Outside of the lease a pen that a marker ever held is nobody's.
    assert_eq!(hand(40_000), Hand::Anybody(Unknown::NotLentThen));
}

#[tokio::test]
async fn red_ink_on_a_shared_sheet_belongs_to_nobody_yet() {
    let fixture = Fixture::new().await;
    fixture.store.insert_leases(vec![lease(66, marker(), 0, None)]).await.unwrap();
    fixture.write(66, 1, 900, 1_000).await;
    assert_eq!(fixture.stale_papers().await, []);
    assert_eq!(fixture.store.work_left().await.unwrap().unattributed_ink, 1);
}

#[tokio::test]
async fn one_row_that_cannot_be_attributed_holds_up_no_other() {
    let fixture = Fixture::new().await;
    fixture.refuse("paper", "NEW.pupil = 'p-2'").await;
    let batch = vec![chunk(1, 1, 100, 0), chunk(1, 2, 102, 0), chunk(1, 3, 104, 0)];
    fixture.store.store_chunks(batch).await.unwrap();
    assert_eq!(fixture.stale_papers().await, names(&[("a-own", "p-1", 1), ("a-own", "p-3", 1)]));
    assert_eq!(fixture.store.work_left().await.unwrap().stale_ink, 0);
}

#[tokio::test]
async fn claims_exclude_each_other_until_their_lease_ends() {
    let fixture = Fixture::new().await;
    for page in [100, 102, 104] {
        fixture.write(1, page, page, i64::from(page) * 1_000).await;
    }
    fixture.attribute().await;
    let store = &fixture.store;
    let now_ms = 200_000;
    let (one, other) =
        tokio::join!(store.claim(now_ms, 0, 1_000, 2), store.claim(now_ms, 0, 1_000, 2));
    let pupils = |jobs: &[Job]| jobs.iter().map(|job| job.pupil.clone()).collect::<Vec<_>>();
    // Whichever came first got two.
    let (mut first, mut second) = (one.unwrap(), other.unwrap());
    if first.len() < second.len() {
        std::mem::swap(&mut first, &mut second);
    }
    let all: BTreeSet<_> = pupils(&first).into_iter().chain(pupils(&second)).collect();
    assert_eq!(first.len() + second.len(), 3);
    assert_eq!(all.len(), 3, "none twice");
    assert_eq!(pupils(&first), ["p-1", "p-2"], "longest rested first");
    assert_eq!(store.claim(now_ms + 999, 0, 1_000, 9).await.unwrap(), []);
    let again = store.claim(now_ms + 1_000, 0, 1_000, 9).await.unwrap();
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|job| job.fence == 2));
}

#[tokio::test]
async fn ink_that_has_not_rested_is_left_alone() {
    let fixture = Fixture::new().await;
    fixture.write(1, 1, 100, 10_000).await;
    fixture.attribute().await;
    // Received at 11,000.
    assert_eq!(fixture.store.claim(12_999, 2_000, 1_000, 9).await.unwrap(), []);
    assert_eq!(fixture.store.claim(13_000, 2_000, 1_000, 9).await.unwrap().len(), 1);
}

/// For a moment the clock was hours ahead: what it stamped would wait for that time to come.
#[tokio::test]
async fn ink_and_claims_stamped_in_the_future_are_set_back() {
    const HOURS_MS: i64 = 7_200_000;
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    fixture.write(1, 1, 100, HOURS_MS).await;
    fixture.attribute().await;
    assert_eq!(store.claim(5_000, 2_000, 1_000, 9).await.unwrap(), []);
    assert_eq!(store.set_back_future_ink(HOURS_MS - 59_000).await.unwrap(), 0, "near enough");
    assert_eq!(store.set_back_future_ink(5_000).await.unwrap(), 1);
    assert_eq!(store.set_back_future_ink(5_000).await.unwrap(), 0);
    // A process with that clock claims it and is killed.
    assert_eq!(store.claim(HOURS_MS, 2_000, 1_000, 9).await.unwrap().len(), 1);
    let again = store.claim(7_000, 2_000, 1_000, 9).await.unwrap();
    assert_eq!(again.len(), 1, "nobody holds a paper for hours");
    assert_eq!(store.claim(7_000, 2_000, 1_000, 9).await.unwrap(), []);
    // A process that was killed with a right clock: only who works alone takes its papers at once.
    assert_eq!(store.release_claims().await.unwrap(), 1);
    assert_eq!(store.claim(7_000, 2_000, 1_000, 9).await.unwrap().len(), 1);
}
