use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use sample_school::Pen;

use super::fixture::{School, tally_after, until, within};

/// Every pupil draws one dash.
async fn everybody_writes(school: &School, pupils: u32) {
    for number in 1..=pupils {
        let mut pen = Pen::new(number.into());
        school.dash(&mut pen, number, 0);
        school.receive(&mut pen).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_panics_costs_itself() {
    let school = School::new(12).await;
    everybody_writes(&school, 12).await;
    let mut unlucky = Pen::new(100);
    school.dash(&mut unlucky, 5, 1_000);
    school.receive(&mut unlucky).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let tried = tries.clone();
    let pipeline = school.start_with(
        2,
        tally_after(move |_, ink| {
            if ink.pupil.len() == 2 {
                tried.fetch_add(1, Ordering::SeqCst);
                panic!("two strokes");
            }
        }),
    );
    assert_eq!(school.settle(&pipeline).await.stale_papers, 0);
    assert_eq!(tries.load(Ordering::SeqCst), 1, "the same ink is not tried again");
    let first = school.worksheet().await.questions[0].id.clone();
    for number in 1..=12 {
        assert_eq!(school.settled(number, &first).await.is_some(), number != 5, "pupil {number}");
    }
    // More ink, another try.
    school.dash(&mut unlucky, 5, 2_000);
    school.receive(&mut unlucky).await;
    school.settle(&pipeline).await;
    assert_eq!(school.settled(5, &first).await.unwrap().score, 30);
    let counters = pipeline.stop().await;
    assert_eq!((counters.papers_marked, counters.faults), (12, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_pipelines_mark_each_paper_once_a_revision() {
    const PUPILS: u32 = 40;
    let school = School::new(PUPILS).await;
    everybody_writes(&school, PUPILS).await;
    let one = school.start_with(1, tally_after(|_, _| {}));
    let two = school.start_with(1, tally_after(|_, _| {}));
    school.settle(&one).await;
    for number in 1..=PUPILS {
        let mut pen = Pen::new(u64::from(1_000 + number));
        school.dash(&mut pen, number, 60_000);
        school.receive(&mut pen).await;
    }
    school.idle(&two).await;
    let (one, two) = (one.stop().await, two.stop().await);
    assert_eq!(one.papers_marked + two.papers_marked, u64::from(2 * PUPILS), "{one:?} {two:?}");
    assert_eq!((one.claims_lost, two.claims_lost), (0, 0));
    let first = school.worksheet().await.questions[0].id.clone();
    for number in 1..=PUPILS {
        assert_eq!(school.settled(number, &first).await.unwrap().score, 20);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ink_that_comes_during_marking_leaves_the_paper_stale() {
    let school = School::new(1).await;
    let mut pen = Pen::new(1);
    school.dash(&mut pen, 1, 0);
    school.receive(&mut pen).await;
    let (begun, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let held = AtomicBool::new(false);
    let gates = (begun.clone(), go_on.clone());
    let pipeline = school.start_with(
        1,
        tally_after(move |_, _| {
            if !held.swap(true, Ordering::SeqCst) {
                gates.0.wait();
                gates.1.wait();
            }
        }),
    );
    school.pass(super::fixture::REST_MS);
    tokio::task::spawn_blocking(move || begun.wait()).await.unwrap();
    school.dash(&mut pen, 1, 1_000);
    school.receive(&mut pen).await;
    // Attributed while the first revision is being marked.
    until(|| pipeline.counters().ink_attributed >= 2).await;
    tokio::task::spawn_blocking(move || go_on.wait()).await.unwrap();
    // Before the hour passes, which would end the claim.
    until(|| pipeline.counters().papers_marked == 1).await;
    assert_eq!(school.store.work_left().await.unwrap().stale_papers, 1);
    school.settle(&pipeline).await;
    let first = school.worksheet().await.questions[0].id.clone();
    assert_eq!(school.settled(1, &first).await.unwrap().score, 20);
    assert_eq!(pipeline.stop().await.papers_marked, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_finishes_what_is_in_flight() {
    let school = School::new(1).await;
    everybody_writes(&school, 1).await;
    let (begun, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let gates = (begun.clone(), go_on.clone());
    let pipeline = school.start_with(
        1,
        tally_after(move |_, _| {
            gates.0.wait();
            gates.1.wait();
        }),
    );
    school.pass(super::fixture::REST_MS);
    tokio::task::spawn_blocking(move || begun.wait()).await.unwrap();
    let stopping = tokio::spawn(pipeline.stop());
    tokio::task::spawn_blocking(move || go_on.wait()).await.unwrap();
    assert_eq!(within(stopping).await.unwrap().papers_marked, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_store_ends_the_pipeline() {
    let school = School::new(1).await;
    let pipeline = school.start_with(1, tally_after(|_, _| {}));
    school.store.close().await.unwrap();
    within(pipeline.ended()).await;
    assert!(within(pipeline.idle()).await.is_err());
}
