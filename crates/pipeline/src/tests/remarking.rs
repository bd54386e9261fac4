//! Papers marked again: for a corrected key, and for another model.

use std::sync::Arc;

use marking::{Marker, Thresholds};
use sample_school::Pen;
use school::Right;
use store::{Decision, Job, KeyCorrection, MarkRow, ResponseName, Saved, Seen, Verdict};

use super::fixture::School;
use crate::{Remarker, pool};

fn remarker(school: &School) -> Remarker {
    let pool = Arc::new(pool(1).unwrap());
    let now_ms = school.now_ms();
    let marker = Marker::new(Thresholds::STANDARD);
    Remarker::new(school.store.clone(), marker, pool, Arc::new(move || now_ms))
}

/// p-1 filled A and p-2 B; the key is A. All is marked.
async fn marked() -> School {
    let school = School::new(2).await;
    let sheet = school.worksheet().await;
    for (pupil, letter) in [(1, 'A'), (2, 'B')] {
        let mut pen = Pen::new(pupil.into());
        school.fill(&mut pen, pupil, 0, &sheet, ("3-1", letter));
        school.receive(&mut pen).await;
    }
    let pipeline = school.start(1);
    school.settle(&pipeline).await;
    pipeline.stop().await;
    school
}

/// The key of 3-1 becomes `answers`.
async fn correct(school: &School, answers: &str) {
    let scope = school.scope().await;
    let head = school.store.assignment_of(&scope, Right::Decide, "a-1").await.unwrap().unwrap();
    let sheet = school.store.load_worksheet(&head.worksheet, head.version).await.unwrap();
    let part = sheet.part("3-1").unwrap().part;
    let key = part.typed_key(answers).unwrap();
    let correction = KeyCorrection {
        was: part.accepted().unwrap().typed(),
        becomes: key.typed(),
        sheet: sheet.with_key("3-1", key).unwrap(),
        sources: Vec::new(),
        in_force: head.version,
        later: None,
        part: "3-1".into(),
        assignments: vec!["a-1".into()],
        staff: "t-wang".into(),
        at_ms: school.now_ms(),
    };
    school.store.correct_key(&scope, &head, correction).await.unwrap().unwrap();
}

async fn decide(school: &School, pupil: &str, mark: MarkRow) {
    let scope = school.scope().await;
    let head = school.store.assignment_of(&scope, Right::Decide, "a-1").await.unwrap().unwrap();
    let response = ResponseName { pupil: pupil.into(), part: "3-1".into(), criterion: None };
    let view = school.store.paper(&head, pupil, 1).await.unwrap().unwrap();
    let seen = view.responses.iter().find(|response| response.part == "3-1").unwrap();
    let seen = Seen { changed_rev: seen.changed_rev, mark: None };
    let decision = Decision { response, staff: "t-wang".into(), mark };
    school.store.decide(&head, decision, seen, school.now_ms()).await.unwrap().unwrap();
}

async fn verdicts(school: &School) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for pupil in [1, 2] {
        verdicts.push(school.settled(pupil, "3-1").await.unwrap().verdict);
    }
    verdicts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_corrected_key_is_marked_by_and_put_back_the_same_way() {
    let school = marked().await;
    assert_eq!(verdicts(&school).await, [Verdict::Right, Verdict::Wrong]);
    let pipeline = school.start(1);
    correct(&school, "A | B").await;
    school.idle(&pipeline).await;
    assert_eq!(verdicts(&school).await, [Verdict::Right, Verdict::Right]);
    decide(&school, "p-1", MarkRow { verdict: Verdict::Partly, score: 30 }).await;
    correct(&school, "B").await;
    school.idle(&pipeline).await;
    assert_eq!(verdicts(&school).await, [Verdict::Partly, Verdict::Right], "hers stays");
    correct(&school, "A").await;
    school.idle(&pipeline).await;
    assert_eq!(verdicts(&school).await, [Verdict::Partly, Verdict::Wrong]);
    assert_eq!(pipeline.stop().await.faults, 0);
}

/// What a model of before thought of 3-1 of both.
async fn older(school: &School) -> Vec<Job> {
    let papers = school.store.marked_papers(Some("a-1"), None).await.unwrap();
    let jobs: Vec<Job> = papers.into_iter().map(|paper| paper.job).collect();
    let claimed = school.store.claim_again(&jobs, school.now_ms(), 60_000).await.unwrap();
    assert_eq!(claimed.len(), jobs.len());
    for job in &claimed {
        let (_, mut outcome) = remarker(school).marked(job).await.unwrap();
        outcome.versions = r#"{"worksheet":{"id":"w","version":1},"registration":1,
                               "model":"older","thresholds":1}"#
            .into();
        let response = outcome.responses.iter_mut().find(|r| r.part == "3-1").unwrap();
        response.machine = Some(MarkRow { verdict: Verdict::Wrong, score: 0 });
        assert_eq!(school.store.save(job, outcome, school.now_ms()).await.unwrap(), Saved::Yes);
    }
    jobs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn papers_of_an_older_model_are_looked_at_and_marked_again() {
    let school = marked().await;
    let remarker = remarker(&school);
    let all = school.store.marked_papers(None, Some("c-1")).await.unwrap();
    assert!(all.len() == 2 && !all.iter().any(|paper| remarker.is_old(paper)), "{all:?}");
    let jobs = older(&school).await;
    let old = school.store.marked_papers(None, None).await.unwrap();
    assert!(old.iter().all(|paper| remarker.is_old(paper)), "{old:?}");
    let looked = remarker.look(&jobs[0]).await.unwrap();
    let [change] = looked.changes.as_slice() else { panic!("{looked:?}") };
    assert_eq!(change.part, "3-1");
    assert_eq!(change.before.mark.map(|mark| mark.verdict), Some(Verdict::Wrong));
    assert_eq!(change.after.mark.map(|mark| mark.verdict), Some(Verdict::Right));
    assert_eq!(verdicts(&school).await, [Verdict::Wrong, Verdict::Wrong], "looked at alone");
    decide(&school, "p-1", MarkRow { verdict: Verdict::Partly, score: 30 }).await;
    let claimed = school.store.claim_again(&jobs, school.now_ms(), 60_000).await.unwrap();
    let claims = school.store.claim_again(&jobs, school.now_ms(), 60_000).await.unwrap();
    assert_eq!(claims, [], "by one alone");
    for job in &claimed {
        let again = remarker.mark(job).await.unwrap();
        let (kept, changes) = if job.pupil == "p-1" { (1, 0) } else { (0, 0) };
        assert_eq!((again.kept, again.changes.len()), (kept, changes), "{again:?}");
    }
    assert_eq!(verdicts(&school).await, [Verdict::Partly, Verdict::Wrong]);
    let left = school.store.work_left().await.unwrap();
    assert_eq!(left.stale_papers, 0);
    let now = school.store.marked_papers(None, None).await.unwrap();
    assert!(!now.iter().any(|paper| remarker.is_old(paper)));
}

/// Failure: papers that a run had claimed when it was killed wait until a service starts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_run_left_is_taken_up() {
    let school = marked().await;
    let all = async || {
        let papers = school.store.marked_papers(None, None).await.unwrap();
        papers.into_iter().map(|paper| paper.job).collect::<Vec<Job>>()
    };
    let begun_ms = school.now_ms();
    let claim =
        async |at_ms: i64| school.store.claim_again(&all().await, at_ms, 60_000).await.unwrap();
    assert_eq!(claim(begun_ms).await.len(), 2);
    assert_eq!(claim(begun_ms + 59_999).await, [], "somebody marks them");
    let claimed = claim(begun_ms + 60_000).await;
    assert_eq!(claimed.len(), 2);
    for job in &claimed {
        remarker(&school).mark(job).await.unwrap();
    }
    assert_eq!(school.store.work_left().await.unwrap().stale_papers, 0);
}
