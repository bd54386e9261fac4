use crate::fixture::{DUE_MS, Fixture, RIGHT, WRONG, outcome};
use crate::marks::{PaperOf, refresh_verdict, want_profile};
use crate::sql::query;
use crate::{Claiming, Job, Saved, Source, Verdict};

async fn claimed(fixture: &Fixture) -> Job {
    fixture.attribute().await;
    fixture.store.claim(i64::MAX / 2, 0, 0, 1).await.unwrap().remove(0)
}

/// Source and verdict in force of the one response there is.
async fn in_force(fixture: &Fixture) -> (Option<Source>, Option<Verdict>, Option<i64>) {
    query("SELECT source, verdict, score FROM response")
        .fetch_one(fixture.store.readers())
        .await
        .unwrap()
}

/// Every mark ever given: source, verdict, whether it is superseded.
async fn marks(fixture: &Fixture) -> Vec<(Source, Verdict, bool)> {
    query("SELECT source, verdict, superseded_ms IS NOT NULL FROM mark ORDER BY id")
        .fetch_all(fixture.store.readers())
        .await
        .unwrap()
}

pub(super) async fn decide_on_screen(fixture: &Fixture, verdict: Verdict) {
    let decide = fixture.store.write(move |tx| {
        Box::pin(async move {
            query(
                "INSERT INTO mark (school, assignment, pupil, part, source, verdict, score,
                                   staff, ink_rev, at_ms)
                 VALUES ('s', 'a-own', 'p-1', 'q1', 'screen', $1, 0, 't-wang', 1, 5)",
            )
            .bind(verdict)
            .execute(&mut *tx)
            .await?;
            let of = PaperOf { school: "s", assignment: "a-own", pupil: "p-1" };
            refresh_verdict(tx, of, "q1").await?;
            want_profile(tx, of).await
        })
    });
    decide.await.unwrap();
}

#[tokio::test]
async fn late_ink_makes_a_marked_paper_stale() {
    let fixture = Fixture::new().await;
    fixture.write(1, 1, 100, 0).await;
    fixture.mark_all(Some(RIGHT), 1).await;
    assert_eq!(fixture.stale_papers().await.len(), 0);
    fixture.write(1, 1, 100, 0).await;
    assert_eq!(fixture.stale_papers().await.len(), 0, "a duplicate is no ink");
    fixture.write(1, 2, 100, 0).await;
    assert_eq!(fixture.stale_papers().await.len(), 1);
}

#[tokio::test]
async fn what_is_claimed_with_a_save_is_claimed_once() {
    let fixture = Fixture::new().await;
    fixture.write(1, 1, 100, 0).await;
    let first = claimed(&fixture).await;
    fixture.write(2, 1, 102, 0).await;
    fixture.attribute().await;
    let claiming = Claiming { rest_ms: 0, lease_ms: 60_000, limit: 9 };
    let save = |job: &Job| {
        let markings = [(job.clone(), outcome(1, Some(RIGHT), None))].into();
        fixture.store.save_and_claim(markings, claiming, DUE_MS)
    };
    let (saved, next) = save(&first).await.unwrap();
    assert_eq!(saved, [Saved::Yes]);
    let pages: Vec<u32> = next.iter().map(|job| job.address_page).collect();
    assert_eq!(pages, [102], "the saved paper is fresh");
    assert_eq!(fixture.store.claim(DUE_MS, 0, 60_000, 9).await.unwrap(), []);
    // The claim holds for a save, and a marking that is too late claims all the same.
    let (saved, next) = save(&next[0]).await.unwrap();
    assert_eq!((saved.as_slice(), next.as_slice()), (&[Saved::Yes][..], &[][..]));
    fixture.write(2, 2, 102, 0).await;
    fixture.attribute().await;
    let (saved, next) = save(&first).await.unwrap();
    assert_eq!((saved.as_slice(), next.len()), (&[Saved::LeaseLost][..], 1));
}

#[tokio::test]
async fn a_save_with_an_old_fence_is_refused() {
    let fixture = Fixture::new().await;
    fixture.write(1, 1, 100, 0).await;
    let slow = claimed(&fixture).await;
    let quick = claimed(&fixture).await;
    let save = |job, mark| fixture.store.save(job, outcome(1, Some(mark), None), 1);
    assert_eq!(save(&slow, WRONG).await.unwrap(), Saved::LeaseLost);
    assert_eq!(fixture.count("response").await, 0);
    assert_eq!(save(&quick, RIGHT).await.unwrap(), Saved::Yes);
    assert_eq!(save(&quick, WRONG).await.unwrap(), Saved::LeaseLost, "that revision is marked");
    assert_eq!(marks(&fixture).await, [(Source::Machine, Verdict::Right, false)]);
}

/// A save writes the verdict in force by itself where no person gave a mark; the statement that works it
/// out from the marks must agree.
#[tokio::test]
async fn a_save_puts_into_force_what_its_marks_say() {
    let fixture = Fixture::new().await;
    let all = [
        (Some(WRONG), None, Some(Source::Machine)),
        (None, None, None),
        (Some(WRONG), Some(RIGHT), Some(Source::Red)),
        (None, Some(WRONG), Some(Source::Red)),
        (Some(RIGHT), None, Some(Source::Machine)),
        (Some(RIGHT), Some(RIGHT), Some(Source::Screen)),
    ];
    for (number, (machine, red, source)) in (1..).zip(all) {
        if source == Some(Source::Screen) {
            decide_on_screen(&fixture, Verdict::Partly).await;
        }
        fixture.write(1, number, 100, 0).await;
        let job = claimed(&fixture).await;
        let ink_rev = fixture.store.paper_chunks(&job).await.unwrap().ink_rev;
        let saved = fixture.store.save(&job, outcome(ink_rev, machine, red), 1).await.unwrap();
        assert_eq!(saved, Saved::Yes);
        let written = in_force(&fixture).await;
        assert_eq!(written.0, source, "{machine:?} {red:?}");
        let worked_out = fixture.store.write(|tx| {
            Box::pin(async move {
                let of = PaperOf { school: "s", assignment: "a-own", pupil: "p-1" };
                refresh_verdict(tx, of, "q1").await
            })
        });
        worked_out.await.unwrap();
        assert_eq!(in_force(&fixture).await, written, "{machine:?} {red:?}");
    }
}

#[tokio::test]
async fn a_batch_is_read_and_saved_as_its_papers_one_by_one() {
    let fixture = Fixture::new().await;
    for (pen, number, page) in [(1, 1, 100), (1, 2, 101), (2, 1, 102), (2, 2, 102), (3, 1, 104)] {
        fixture.write(pen, number, page, 0).await;
    }
    fixture.attribute().await;
    let mut jobs = fixture.store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap();
    assert!(jobs.len() >= 4, "{jobs:?}");
    let gone = Job { pupil: "p-9".to_owned(), ..jobs[0].clone() };
    jobs.insert(1, gone);
    let together = fixture.store.papers_chunks(&jobs).await.unwrap();
    assert!(together[1].is_none());
    for (job, paper) in jobs.iter().zip(&together).filter(|(_, paper)| paper.is_some()) {
        let paper = paper.as_ref().unwrap();
        let alone = fixture.store.paper_chunks(job).await.unwrap();
        assert!(!alone.ink.chunks.is_empty());
        assert_eq!(paper.ink.chunks, alone.ink.chunks);
        assert_eq!((paper.ink_rev, &paper.printed), (alone.ink_rev, &alone.printed));
    }
    jobs[0].fence -= 1;
    let markings: Vec<_> = (jobs.iter().zip(&together))
        .map(|(job, paper)| {
            let ink_rev = paper.as_ref().map_or(1, |paper| paper.ink_rev);
            let mut outcome = outcome(ink_rev, Some(RIGHT), None);
            outcome.responses[0].part = format!("q{}", job.page);
            (job.clone(), outcome)
        })
        .collect();
    let saved = fixture.store.save_all(markings.into(), 1).await.unwrap();
    assert_eq!(saved[..2], [Saved::LeaseLost, Saved::LeaseLost]);
    assert!(saved[2..].iter().all(|saved| *saved == Saved::Yes), "{saved:?}");
    assert_eq!(fixture.stale_papers().await.len(), 1);
    let marked = jobs.len() as i64 - 2;
    assert_eq!(fixture.count("drawn_ink").await, marked);
    assert_eq!(fixture.count("outbox WHERE kind = 'marked'").await, marked);
}

#[tokio::test]
async fn ink_that_comes_during_marking_leaves_the_paper_stale() {
    let fixture = Fixture::new().await;
    fixture.write(1, 1, 100, 0).await;
    let job = claimed(&fixture).await;
    let chunks = fixture.store.paper_chunks(&job).await.unwrap();
    fixture.write(1, 2, 100, 0).await;
    fixture.attribute().await;
    let outcome = outcome(chunks.ink_rev, Some(RIGHT), None);
    assert_eq!(fixture.store.save(&job, outcome, 1).await.unwrap(), Saved::Yes);
    assert_eq!(fixture.stale_papers().await.len(), 1);
    let backlog = fixture.store.backlog().await.unwrap();
    assert_eq!((backlog.ink, backlog.papers), (0, 1));
    assert!(backlog.oldest_ms.is_some());
    assert_eq!(fixture.store.settle(DUE_MS).await.unwrap(), 0, "none is settled while it is stale");
    let again = claimed(&fixture).await;
    assert_eq!(fixture.store.paper_chunks(&again).await.unwrap().ink.chunks.len(), 2);
}

#[tokio::test]
async fn marks_are_superseded_only_where_they_changed() {
    let fixture = Fixture::new().await;
    let steps = [
        (Some(RIGHT), None),
        (Some(RIGHT), None),
        (Some(WRONG), None),
        (Some(WRONG), Some(RIGHT)),
        (None, Some(RIGHT)),
        (None, None),
    ];
    let mut sources = Vec::new();
    for (number, (machine, red)) in (1..).zip(steps) {
        fixture.write(1, number, 100, 0).await;
        let job = claimed(&fixture).await;
        let outcome = outcome(i64::from(number), machine, red);
        assert_eq!(fixture.store.save(&job, outcome, 1).await.unwrap(), Saved::Yes);
        sources.push(in_force(&fixture).await.0);
    }
    let (machine, red) = (Some(Source::Machine), Some(Source::Red));
    assert_eq!(sources, [machine, machine, machine, red, red, None]);
    assert_eq!(
        marks(&fixture).await,
        [
            (Source::Machine, Verdict::Right, true),
            (Source::Machine, Verdict::Wrong, true),
            (Source::Red, Verdict::Right, true),
        ]
    );
    assert_eq!(in_force(&fixture).await, (None, None, None));
}

#[tokio::test]
async fn a_teachers_decision_survives_another_marking() {
    let fixture = Fixture::new().await;
    fixture.write(1, 1, 100, 0).await;
    fixture.mark_all(Some(RIGHT), 1).await;
    decide_on_screen(&fixture, Verdict::Partly).await;
    fixture.write(1, 2, 100, 0).await;
    fixture.mark_all(Some(WRONG), 9).await;
    let (source, verdict, _) = in_force(&fixture).await;
    assert_eq!((source, verdict), (Some(Source::Screen), Some(Verdict::Partly)));
    let (changed, decided): (i64, i64) = query(
        "SELECT changed_rev, (SELECT ink_rev FROM mark WHERE source = 'screen') FROM response",
    )
    .fetch_one(fixture.store.readers())
    .await
    .unwrap();
    assert!(changed > decided, "she can be told: {changed} {decided}");
}

#[tokio::test]
async fn a_paper_that_cannot_be_marked_waits_for_more_ink() {
    let fixture = Fixture::new().await;
    fixture.write(1, 1, 100, 0).await;
    let job = claimed(&fixture).await;
    let fault = "the marker gave up".to_owned();
    let saved = fixture.store.save_fault(&job, 1, fault.clone(), 1).await.unwrap();
    assert_eq!(saved, Saved::Yes);
    assert_eq!(fixture.stale_papers().await.len(), 0);
    let noted = "SELECT fault FROM paper";
    let noted: Option<String> = query(noted).scalar(fixture.store.readers()).await.unwrap();
    assert_eq!(noted, Some(fault));
    fixture.write(1, 2, 100, 0).await;
    fixture.mark_all(Some(RIGHT), 2).await;
    let noted: Option<String> =
        query("SELECT fault FROM paper").scalar(fixture.store.readers()).await.unwrap();
    assert_eq!(noted, None);
}

#[tokio::test]
async fn the_outbox_tells_what_happened_in_order() {
    let fixture = Fixture::new().await;
    fixture.write(1, 1, 100, 0).await;
    fixture.mark_all(Some(RIGHT), 1).await;
    fixture.store.settle(DUE_MS).await.unwrap();
    let kinds: Vec<(String, String)> = query("SELECT kind, class FROM outbox ORDER BY id")
        .fetch_all(fixture.store.readers())
        .await
        .unwrap();
    assert_eq!(kinds, ["ink", "marked", "settled"].map(|kind| (kind.into(), "c-1".into())));
    assert!(fixture.store.work_left().await.unwrap().stale_profiles == 1);
}
