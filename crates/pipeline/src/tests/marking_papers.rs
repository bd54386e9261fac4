use sample_school::{Pen, START_MS, holder};
use store::{ClockRow, Verdict};

use super::fixture::{School, TEACHERS_PEN, lease, tally_after, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ink_becomes_marks() {
    let school = School::new(3).await;
    let sheet = school.worksheet().await;
    // The key of 3-1 is A.
    let mut pens = [Pen::new(1), Pen::new(2), Pen::new(3)];
    school.fill(&mut pens[0], 1, 0, &sheet, ("3-1", 'A'));
    school.fill(&mut pens[1], 2, 0, &sheet, ("3-1", 'B'));
    school.dash(&mut pens[2], 3, 0);
    for pen in &mut pens {
        school.receive(pen).await;
    }
    let pipeline = school.start(2);
    school.settle(&pipeline).await;
    for (number, verdict) in [(1, Verdict::Right), (2, Verdict::Wrong), (3, Verdict::Blank)] {
        let row = school.settled(number, "3-1").await.unwrap();
        assert_eq!(row.verdict, verdict, "pupil {number}");
        assert_eq!(row.score, if number == 1 { 60 } else { 0 });
    }
    let counters = pipeline.stop().await;
    assert_eq!((counters.papers_marked, counters.papers_settled), (3, 3));
    assert_eq!((counters.faults, counters.store_errors), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_ink_is_marked_again() {
    let school = School::new(1).await;
    let sheet = school.worksheet().await;
    let mut pen = Pen::new(1);
    school.fill(&mut pen, 1, 0, &sheet, ("3-1", 'A'));
    school.receive(&mut pen).await;
    let pipeline = school.start(1);
    school.settle(&pipeline).await;
    assert_eq!(school.settled(1, "3-2").await.unwrap().verdict, Verdict::Blank);
    // From a backlog: written at the time, received long after the paper was settled.
    school.fill(&mut pen, 1, 60_000, &sheet, ("3-2", 'B'));
    school.receive(&mut pen).await;
    school.idle(&pipeline).await;
    assert_eq!(school.settled(1, "3-1").await.unwrap().verdict, Verdict::Right);
    assert_eq!(school.settled(1, "3-2").await.unwrap().verdict, Verdict::Right);
    let counters = pipeline.stop().await;
    assert_eq!((counters.papers_marked, counters.papers_settled), (2, 1));
    assert_eq!(counters.profiles_saved, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_owns_the_paper_and_the_marker_writes_red() {
    let school = School::new(2).await;
    // Pupil 2's pen was lent: two strokes on pupil 1's copy.
    let mut lent = Pen::new(2);
    school.dash(&mut lent, 1, 0);
    school.dash(&mut lent, 1, 1_000);
    school.dash(&mut lent, 2, 2_000);
    let mut red = Pen::new(TEACHERS_PEN.into());
    school.dash(&mut red, 1, 5_000);
    school.receive(&mut lent).await;
    school.receive(&mut red).await;
    let pipeline = school.start_with(1, tally_after(|_, ink| assert!(ink.red.len() <= 1)));
    school.settle(&pipeline).await;
    let first = school.worksheet().await.questions[0].id.clone();
    assert_eq!(school.settled(1, &first).await.unwrap().score, 20);
    assert_eq!(school.settled(2, &first).await.unwrap().score, 10);
    assert_eq!(pipeline.stop().await.faults, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lease_owns_shared_sheets_stroke_by_stroke() {
    let school = School::shared(2).await;
    // Pen 1 goes to pupil 2 in the middle of a chunk.
    let handed_over = vec![lease(1, holder(1), 0, Some(1_000)), lease(1, holder(2), 1_000, None)];
    school.store.insert_leases(handed_over).await.unwrap();
    let mut pen = Pen::new(1);
    for at_ms in [0, 450, 1_000] {
        school.dash(&mut pen, 1, at_ms);
    }
    let mut own = Pen::new(2);
    school.dash(&mut own, 1, 3_000);
    school.receive(&mut pen).await;
    school.receive(&mut own).await;
    let pipeline = school.start_with(1, tally_after(|_, _| {}));
    school.settle(&pipeline).await;
    let first = school.worksheet().await.questions[0].id.clone();
    for number in 1..=2 {
        assert_eq!(school.settled(number, &first).await.unwrap().score, 20, "pupil {number}");
    }
    pipeline.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_clock_is_corrected_before_leases_are_asked() {
    let school = School::shared(2).await;
    let handed_over = vec![lease(1, holder(1), 0, Some(1_000)), lease(1, holder(2), 1_000, None)];
    school.store.insert_leases(handed_over).await.unwrap();
    // By the pen's clock it is ten minutes earlier: all of this was written before the evening.
    let mut pen = Pen::new(1);
    for at_ms in [0, 450, 1_000] {
        school.dash(&mut pen, 1, at_ms - 600_000);
    }
    school.receive(&mut pen).await;
    let clock =
        ClockRow { pen: 1, boot_counter: 1, boot_random: 7, offset_ms: 600_000, error_ms: 50 };
    school.store.clocks(vec![clock]).await.unwrap();
    let pipeline = school.start_with(1, tally_after(|_, _| {}));
    school.settle(&pipeline).await;
    let first = school.worksheet().await.questions[0].id.clone();
    let (before, after) = (school.settled(1, &first).await, school.settled(2, &first).await);
    let (before, after) = (before.unwrap(), after.unwrap());
    assert_eq!((before.score, after.score), (20, 10));
    assert_eq!(after.last_ms, Some(START_MS + 1_000));
    pipeline.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ink_rests_before_it_is_marked() {
    let school = School::new(1).await;
    let mut pen = Pen::new(1);
    school.dash(&mut pen, 1, 0);
    school.receive(&mut pen).await;
    let pipeline = school.start_with(1, tally_after(|_, _| {}));
    until(|| pipeline.counters().ink_attributed == 1).await;
    assert_eq!(school.store.work_left().await.unwrap().stale_papers, 1);
    assert_eq!(
        school.store.claim(school.now_ms(), super::fixture::REST_MS, 1, 9).await.unwrap(),
        []
    );
    assert_eq!(school.idle(&pipeline).await.stale_papers, 0);
    assert_eq!(pipeline.stop().await.papers_marked, 1);
}
