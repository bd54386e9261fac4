//! A key is corrected, and papers are marked again.

use worksheet::Worksheet;

use super::*;
use crate::fixture::assignment;
use crate::{AssignmentRow, Job, KeyCorrected, KeyCorrection, Saved, StoreError, Verdict};

const PARTLY: MarkRow = MarkRow { verdict: Verdict::Partly, score: 25 };

/// p-1 and p-2 wrote on page 1 of their own copies of `a-own`, and p-1 on the shared sheet of `a-all`:
/// the machine found their answers wrong.
async fn wrong() -> (Fixture, AssignmentHead) {
    let fixture = Fixture::new().await;
    for pen in [1, 2] {
        let lent = lease(pen, holder(u32::try_from(pen).unwrap()), 0, None);
        fixture.store.insert_leases(vec![lent]).await.unwrap();
    }
    for (pen, number, page) in [(1, 1, 100), (2, 1, 102), (1, 2, 900)] {
        fixture.write(pen, number, page, 1_000).await;
    }
    fixture.mark_all(Some(WRONG), 10_000).await;
    let head = head(&fixture).await;
    (fixture, head)
}

async fn head(fixture: &Fixture) -> AssignmentHead {
    let scope = fixture.scope("t-wang", 0).await;
    fixture.store.assignment_of(&scope, Right::Decide, "a-own").await.unwrap().unwrap()
}

async fn sheet(store: &Store, head: &AssignmentHead) -> Worksheet {
    store.load_worksheet(&head.worksheet, head.version).await.unwrap()
}

/// The key of q1 becomes these answers, in these assignments.
async fn correction(
    store: &Store,
    head: &AssignmentHead,
    answers: &str,
    assignments: &[&str],
) -> KeyCorrection {
    let before = sheet(store, head).await;
    let keys = store.worksheet_keys(&head.school, &head.worksheet).await.unwrap();
    let in_force = KeyCorrected::later(&keys, head.version);
    let part = before.part("q1").unwrap().part;
    let key = part.typed_key(answers).unwrap();
    KeyCorrection {
        was: part.accepted().unwrap().typed(),
        becomes: key.typed(),
        sheet: before.with_key("q1", key).unwrap(),
        sources: vec![("worksheet.txt".into(), "标题：练习\n".into())],
        in_force,
        later: None,
        part: "q1".into(),
        assignments: assignments.iter().map(|id| (*id).to_owned()).collect(),
        staff: "t-wang".into(),
        at_ms: 20_000,
    }
}

async fn correct(fixture: &Fixture, answers: &str, assignments: &[&str]) -> Option<i64> {
    let (store, head) = (&fixture.store, head(fixture).await);
    let correction = correction(store, &head, answers, assignments).await;
    let scope = fixture.scope("t-wang", 20_000).await;
    store.correct_key(&scope, &head, correction).await.unwrap()
}

/// Claims all stale papers, by pupil: their ink is equally old.
async fn claim(fixture: &Fixture) -> Vec<Job> {
    let mut jobs = fixture.store.claim(i64::MAX / 2, 0, 0, 9).await.unwrap();
    jobs.sort_by(|a, b| a.pupil.cmp(&b.pupil));
    jobs
}

async fn save(fixture: &Fixture, job: &Job, mark: MarkRow) -> Saved {
    let ink_rev = fixture.store.paper_chunks(job).await.unwrap().ink_rev;
    let mut outcome = outcome(ink_rev, Some(mark), None);
    // The same strokes as before: no ink came.
    outcome.responses[0].strokes = "1 L1-1-1:1".parse().unwrap();
    fixture.store.save(job, outcome, 30_000).await.unwrap()
}

#[tokio::test]
async fn a_corrected_key_is_a_later_version_and_the_print_stays() {
    let (fixture, before) = wrong().await;
    let change = correct(&fixture, "17 | 7", &["a-own"]).await.unwrap();
    let after = head(&fixture).await;
    assert_eq!((before.version, after.version), (1, 2));
    let mended = sheet(&fixture.store, &after).await;
    assert_eq!(mended.part("q1").unwrap().part.accepted().unwrap().to_string(), "17 / 7");
    let was = sheet(&fixture.store, &before).await;
    let same = Worksheet { id: was.id.clone(), questions: was.questions.clone(), ..mended.clone() };
    assert_eq!(same, was, "all but the key");
    assert_eq!(fixture.store.load_print_run("own").await.unwrap().worksheet.version, 1);
    let school = fixture.scope("t-wang", 0).await;
    let school = fixture.store.worksheet_school(&school, "s").await.unwrap().unwrap();
    let files = fixture.store.worksheet_files(&school, &after.worksheet, 2).await.unwrap().unwrap();
    assert!(files.toml.contains("version = 2") && files.toml.contains("also = [\"7\"]"));
    assert_eq!(files.sources[0].1, "标题：练习\n版本：2\n".as_bytes());
    for version in [1, 2] {
        let scope = fixture.scope("t-wang", 0).await;
        let seen = fixture.store.may_see_worksheet(&scope, &after.worksheet, version);
        assert!(seen.await.unwrap(), "a page that is open shows artwork of version {version}");
    }
    let changes = fixture.store.key_changes(&after).await.unwrap();
    let [only] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((only.id, only.version, only.papers, only.done), (change, 2, 2, 0));
    assert_eq!((only.was.as_str(), only.becomes.as_str()), ("7", "17 | 7"));
}

#[tokio::test]
async fn papers_are_marked_again_and_decisions_stay() {
    let (fixture, before) = wrong().await;
    decide(&fixture.store, &before, PARTLY, 11_000).await;
    let change = correct(&fixture, "8", &["a-own"]).await.unwrap();
    let after = head(&fixture).await;
    let jobs = claim(&fixture).await;
    let pupils: Vec<_> = jobs.iter().map(|job| (job.pupil.as_str(), job.version)).collect();
    assert_eq!(pupils, [("p-1", 2), ("p-2", 2)], "with the key that holds");
    assert_eq!(save(&fixture, &jobs[0], RIGHT).await, Saved::Yes);
    let changes = fixture.store.key_changes(&after).await.unwrap();
    assert_eq!((changes[0].papers, changes[0].done), (2, 1));
    assert_eq!(fixture.store.remarked(&after, change).await.unwrap(), [], "hers stays");
    assert_eq!(save(&fixture, &jobs[1], RIGHT).await, Saved::Yes);
    let remarked = fixture.store.remarked(&after, change).await.unwrap();
    let [only] = remarked.as_slice() else { panic!("{remarked:?}") };
    assert_eq!(
        (only.pupil.as_str(), only.verdict_before, only.verdict, only.score_before, only.score),
        ("p-2", Some(Verdict::Wrong), Some(Verdict::Right), Some(0), Some(50))
    );
    assert_eq!(fixture.store.key_changes(&after).await.unwrap()[0].done, 2);
    assert_eq!(claim(&fixture).await, [], "once");
    // Nobody wrote: what a teacher saw of the ink still holds.
    let seen = Seen { mark: Some(1), ..NONE_SEEN };
    let again = decide_as("t-wang", seen, &fixture.store, &after, RIGHT, 40_000).await;
    assert!(matches!(again, Decided::Stored(_)), "{again:?}");
}

/// Failure: a paper that was claimed before is saved with the former key after.
#[tokio::test]
async fn a_claim_of_before_cannot_save_the_former_key() {
    let (fixture, _) = wrong().await;
    fixture.write(1, 3, 100, 12_000).await;
    fixture.attribute().await;
    let before = claim(&fixture).await.remove(0);
    correct(&fixture, "8", &["a-own"]).await.unwrap();
    assert_eq!(save(&fixture, &before, WRONG).await, Saved::LeaseLost);
    assert_eq!(claim(&fixture).await.len(), 2);
}

#[tokio::test]
async fn nothing_is_written_where_the_key_is_another_by_now() {
    let (fixture, before) = wrong().await;
    let late = correction(&fixture.store, &before, "9", &["a-own"]).await;
    correct(&fixture, "8", &["a-own"]).await.unwrap();
    let scope = fixture.scope("t-wang", 20_000).await;
    let stored = fixture.store.correct_key(&scope, &before, late.clone()).await.unwrap();
    assert_eq!(stored, None);
    let gone = KeyCorrection { assignments: vec!["a-9".into()], ..late };
    assert_eq!(fixture.store.correct_key(&scope, &before, gone).await.unwrap(), None);
    assert_eq!(fixture.store.next_version(&before.worksheet).await.unwrap(), 3);
    assert_eq!(fixture.count("key_change").await, 1);
}

#[tokio::test]
async fn only_who_gives_and_decides_there_corrects() {
    let (fixture, before) = wrong().await;
    let wanted = correction(&fixture.store, &before, "8", &["a-own"]).await;
    let scope = fixture.scope("t-li", 20_000).await;
    let refused = fixture.store.correct_key(&scope, &before, wanted).await.unwrap_err();
    assert!(matches!(refused, StoreError::MayNotDecide { .. }), "{refused:?}");
    assert_eq!(fixture.count("key_change").await, 0);
    assert_eq!(claim(&fixture).await, []);
}

/// The run `own` is given to a class of another teacher too, who corrects nothing.
#[tokio::test]
async fn other_classes_are_told_and_can_take_the_same_version() {
    let (fixture, _) = wrong().await;
    let given = AssignmentRow { class: "c-2".into(), ..assignment("a-other", "own") };
    fixture.store.insert_assignment(given).await.unwrap();
    let scope = fixture.scope("t-wang", 20_000).await;
    let own = head(&fixture).await;
    let also = fixture.store.also_given(&scope, &own, "math").await.unwrap();
    let also: Vec<_> = also.iter().map(|given| (given.assignment.as_str(), given.own)).collect();
    assert_eq!(also, [("a-own", true), ("a-all", true), ("a-other", false)]);
    correct(&fixture, "8", &["a-own", "a-all"]).await.unwrap();
    assert_eq!(claim(&fixture).await.len(), 3, "of both");
    let theirs = fixture.scope("t-li", 20_000).await;
    let other = fixture.store.assignment_of(&theirs, Right::Decide, "a-other").await.unwrap();
    let other = other.unwrap();
    assert_eq!(other.version, 1, "whose key stays");
    let elsewhere = fixture.store.key_changes_elsewhere(&other).await.unwrap();
    assert_eq!(elsewhere.len(), 2);
    assert_eq!((elsewhere[0].part.as_str(), elsewhere[0].becomes.as_str()), ("q1", "8"));
    let same = correction(&fixture.store, &other, "8", &["a-other"]).await;
    let same = KeyCorrection { staff: "t-li".into(), ..same };
    assert!(fixture.store.correct_key(&theirs, &other, same).await.unwrap().is_some());
    let other = fixture.store.assignment_of(&theirs, Right::Decide, "a-other").await.unwrap();
    assert_eq!(other.unwrap().version, 2, "not a third one");
    assert_eq!(
        fixture.store.withdraw_assignment("s", "a-other").await.unwrap(),
        Withdrawn::Done { papers: 0 }
    );
    assert_eq!(fixture.count("key_change").await, 2);
}

#[tokio::test]
async fn readings_that_people_overruled_are_counted() {
    let (fixture, head) = wrong().await;
    assert_eq!(fixture.store.overruled(&head, 1).await.unwrap(), []);
    decide(&fixture.store, &head, WRONG, 11_000).await;
    assert_eq!(fixture.store.overruled(&head, 1).await.unwrap(), [], "she agrees");
    decide(&fixture.store, &head, RIGHT, 12_000).await;
    let overruled = fixture.store.overruled(&head, 1).await.unwrap();
    let expected = Overruled { part: "q1".into(), reading: "7".into(), read: 2, overruled: 1 };
    assert_eq!(overruled, [expected]);
    assert_eq!(fixture.store.overruled(&head, 2).await.unwrap(), []);
}

async fn given(fixture: &Fixture, id: &str, run: &str, staff: &str) -> AssignmentHead {
    fixture.store.insert_assignment(assignment(id, run)).await.unwrap();
    let scope = fixture.scope(staff, 0).await;
    fixture.store.assignment_of(&scope, Right::Decide, id).await.unwrap().unwrap()
}

/// Failure: a corrected key is lost when the sheet is given once more or printed anew.
#[tokio::test]
async fn what_is_given_later_begins_with_the_corrected_key() {
    let (fixture, before) = wrong().await;
    let store = &fixture.store;
    correct(&fixture, "8", &["a-own"]).await.unwrap();
    let withdrawn = store.withdraw_assignment("s", "a-own").await.unwrap();
    assert!(matches!(withdrawn, Withdrawn::Done { .. }), "{withdrawn:?}");
    let again = given(&fixture, "a-own", "own", "t-wang").await;
    assert_eq!((before.version, again.version), (1, 2));
    let run = sample_school::run("later", 300, worksheet::Copies::PerCopy(3));
    store.insert_print_run("s", run, crate::fixture::pupils()).await.unwrap();
    let later = given(&fixture, "a-later", "later", "t-wang").await;
    assert_eq!(later.version, 2);
    let keys = store.worksheet_keys("s", "mixed").await.unwrap();
    let made = KeyCorrected::made(&keys, later.version);
    let [only] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!((only.was.as_str(), only.becomes.as_str(), only.part.as_str()), ("7", "8", "q1"));
    assert_eq!(store.worksheet_keys("s-2", "mixed").await.unwrap(), [], "the school's alone");

    // Put back where it is given now: what is given later has the former key once more.
    correct(&fixture, "7", &["a-own"]).await.unwrap();
    let scope = fixture.scope("t-wang", 0).await;
    let school = store.worksheet_school(&scope, "s").await.unwrap().unwrap();
    let versions = store.worksheet_versions(&school, "mixed").await.unwrap();
    let versions: Vec<_> = versions.iter().map(|one| (one.version, one.runs, one.given)).collect();
    assert_eq!(versions, [(1, 3, 3)], "corrections are no versions that were put in");
    assert_eq!(store.worksheets_of(&school).await.unwrap()[0].version, 1);
    store.withdraw_assignment("s", "a-later").await.unwrap();
    let later = given(&fixture, "a-later", "later", "t-wang").await;
    assert_eq!(later.version, 3);
    let mended = sheet(store, &later).await;
    assert_eq!(mended.part("q1").unwrap().part.accepted().unwrap().typed(), "7");
}

/// Another school printed the same version.
#[tokio::test]
async fn other_schools_keep_their_keys() {
    let (fixture, _) = wrong().await;
    let store = &fixture.store;
    store.insert_school(crate::fixture::school("s-2", None)).await.unwrap();
    store.insert_class(crate::fixture::class("d-1", "s-2", 3)).await.unwrap();
    let run = sample_school::run("theirs", 300, worksheet::Copies::Shared);
    store.insert_print_run("s-2", run, Vec::new()).await.unwrap();
    correct(&fixture, "8", &["a-own"]).await.unwrap();
    let row = AssignmentRow {
        school: "s-2".into(),
        class: "d-1".into(),
        ..assignment("a-theirs", "theirs")
    };
    store.insert_assignment(row).await.unwrap();
    let version: i64 = crate::sql::query("SELECT version FROM assignment WHERE id = 'a-theirs'")
        .scalar(store.readers())
        .await
        .unwrap();
    assert_eq!(version, 1);
}

/// Failure: a class that still has the former keys corrects one, and what is given later loses what
/// another class corrected.
#[tokio::test]
async fn corrections_of_several_classes_come_together_in_what_is_given_later() {
    let (fixture, before) = wrong().await;
    let store = &fixture.store;
    correct(&fixture, "8", &["a-own"]).await.unwrap();
    let scope = fixture.scope("t-wang", 0).await;
    let all = store.assignment_of(&scope, Right::Decide, "a-all").await.unwrap().unwrap();
    assert_eq!(all.version, before.version);
    let in_force = store.load_worksheet("mixed", 2).await.unwrap();
    let key = in_force.part("q2").unwrap().part.typed_key("10").unwrap();
    let mut wanted = correction(store, &all, "9", &["a-all"]).await;
    wanted.part = "q2".into();
    wanted.sheet = sheet(store, &all).await.with_key("q2", key.clone()).unwrap();
    let stale = KeyCorrection { in_force: 1, ..wanted.clone() };
    assert_eq!(store.correct_key(&scope, &all, stale).await.unwrap(), None, "it looked before");
    wanted.later = Some((in_force.with_key("q2", key.clone()).unwrap(), Vec::new()));
    assert!(store.correct_key(&scope, &all, wanted).await.unwrap().is_some());
    let keys = store.worksheet_keys("s", "mixed").await.unwrap();
    let later = store.load_worksheet("mixed", KeyCorrected::later(&keys, 1)).await.unwrap();
    assert_eq!(later.part("q1").unwrap().part.accepted().unwrap().typed(), "8");
    assert_eq!(later.part("q2").unwrap().part.accepted(), Some(&key));
    let all = store.assignment_of(&scope, Right::Decide, "a-all").await.unwrap().unwrap();
    let own = sheet(store, &all).await;
    assert_eq!(own.part("q1").unwrap().part.accepted().unwrap().typed(), "7", "theirs stays");
}

/// Failure: somebody who teaches the class another subject corrects the key of a sheet that they did
/// not give.
#[tokio::test]
async fn who_teaches_another_subject_corrects_only_what_they_gave() {
    use school::{ClassId, Role, SubjectId};
    let (fixture, before) = wrong().await;
    let store = &fixture.store;
    store.insert_staff(crate::fixture::staff("t-ying")).await.unwrap();
    let (class, subject) = (ClassId::new("c-1").unwrap(), SubjectId::new("english").unwrap());
    let role = Role::Teacher { class, subject: Some(subject) };
    let grant = sample_school::holds("t-ying", role, school::Period::from(0));
    store.insert_grants(vec![grant]).await.unwrap();
    let scope = fixture.scope("t-ying", 20_000).await;
    let wanted = correction(store, &before, "8", &["a-own"]).await;
    assert!(!store.may_correct(&scope, &before, "math").await.unwrap());
    let refused = store.correct_key(&scope, &before, wanted).await.unwrap_err();
    assert!(matches!(refused, StoreError::MayNotDecide { .. }), "{refused:?}");
    let mathematics = fixture.scope("t-wang", 20_000).await;
    assert!(store.may_correct(&mathematics, &before, "math").await.unwrap());
    store.withdraw_assignment("s", "a-own").await.unwrap();
    store.give_assignment(assignment("a-own", "own"), "t-ying").await.unwrap();
    assert!(store.may_correct(&scope, &head(&fixture).await, "math").await.unwrap());
}
