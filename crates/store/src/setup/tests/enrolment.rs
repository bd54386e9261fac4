//! Pupils who move: what stays where it is, and what goes along.

mod late;
mod nobodys;

use std::collections::{BTreeSet, HashSet};

use sample_school::{holder, lease, run, teaches};
use school::Right;
use worksheet::Copies;

use super::super::enrolment::{Register, refused};
use crate::fixture::{DUE_MS, Fixture, RIGHT, assignment, in_class, outcome, school};
use crate::sql::query;
use crate::{AssignmentRow, GivenInk, PupilRow, Store, StoreError};

/// When p-1 moves to the class `c-2`.
const MOVE_MS: i64 = 600_000;

async fn enrol(store: &Store, row: PupilRow) -> Result<(), StoreError> {
    store.insert_pupils(vec![row]).await
}

/// The pupil is in no class from that moment on.
async fn leave(store: &Store, pupil: &'static str, from_ms: i64) -> Result<bool, StoreError> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let one = BTreeSet::from([pupil]);
                let mut register = Register::of(tx, &one, &BTreeSet::new()).await?;
                let changed = register.leave(pupil, from_ms).map_err(refused(pupil))?;
                register.write(tx, &HashSet::new()).await?;
                Ok(changed)
            })
        })
        .await
}

/// The shared run "all" is the class `c-2`'s too, whose teacher is `t-li`.
async fn two_classes() -> Fixture {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let other = AssignmentRow { class: "c-2".into(), ..assignment("b-all", "all") };
    store.insert_assignment(other).await.unwrap();
    store.insert_leases(vec![lease(7, holder(1), 0, None)]).await.unwrap();
    fixture
}

/// Attributes everything and marks each paper with what it has then. Gives every paper left:
/// assignment, pupil, and how many chunks it was marked with last.
async fn papers(fixture: &Fixture) -> Vec<(String, String, i64)> {
    let store = &fixture.store;
    loop {
        fixture.attribute().await;
        let jobs = store.claim(i64::MAX / 2, 0, 0, 100).await.unwrap();
        if jobs.is_empty() {
            break;
        }
        for job in jobs {
            let paper = store.paper_chunks(&job).await.unwrap();
            let mut outcome = outcome(paper.ink_rev, None, None);
            outcome.has_ink = !paper.ink.chunks.is_empty();
            outcome.responses[0].reading = Some(paper.ink.chunks.len().to_string());
            store.save(&job, outcome, 2).await.unwrap();
        }
    }
    query(
        "SELECT p.assignment, p.pupil, CAST(r.reading AS BIGINT)
         FROM paper p JOIN response r ON r.assignment = p.assignment AND r.pupil = p.pupil
         ORDER BY 1, 2",
    )
    .fetch_all(store.readers())
    .await
    .unwrap()
}

fn marked(assignment: &str, chunks: i64) -> Vec<(String, String, i64)> {
    vec![(assignment.into(), "p-1".into(), chunks)]
}

/// The pupils in the matrix of an assignment, as `staff` sees it.
async fn matrix(fixture: &Fixture, staff: &str, assignment: &str) -> Vec<String> {
    let scope = fixture.scope(staff, DUE_MS).await;
    let store = &fixture.store;
    let head = store.assignment_of(&scope, Right::See, assignment).await.unwrap().unwrap();
    let matrix = store.matrix(&head).await.unwrap();
    matrix.pupils.into_iter().map(|pupil| pupil.id).collect()
}

#[tokio::test]
async fn who_moves_leaves_their_papers_behind() {
    let fixture = two_classes().await;
    let store = &fixture.store;
    fixture.write(7, 1, 900, 10_000).await;
    fixture.mark_all(Some(RIGHT), 20_000).await;
    enrol(store, in_class("p-1", "c-2", 4, MOVE_MS)).await.unwrap();
    // More on the same sheet, after the move.
    fixture.write(7, 2, 900, MOVE_MS + 1).await;
    let stale = fixture.stale_papers().await;
    assert_eq!(stale, [("a-all".to_owned(), "p-1".to_owned(), 1)], "where it lay before");
    // The teacher of the former class sees the paper, and no longer what is known of the pupil.
    assert_eq!(matrix(&fixture, "t-wang", "a-all").await, ["p-1", "p-2", "p-3"]);
    let (former, own) =
        (fixture.scope("t-wang", MOVE_MS).await, fixture.scope("t-li", MOVE_MS).await);
    let head = store.assignment_of(&former, Right::See, "a-all").await.unwrap().unwrap();
    assert!(store.paper(&head, "p-1", 1).await.unwrap().unwrap().paper.is_some());
    assert_eq!(store.pupil_of(&former, "p-1", 9).await.unwrap(), None);
    assert_eq!(store.pupils_of(&former, Right::See, "c-1").await.unwrap().len(), 2);
    // The teacher of the new class sees the pupil, and not the papers of the former one.
    let view = store.pupil_of(&own, "p-1", 9).await.unwrap().unwrap();
    let papers: Vec<&str> = view.papers.iter().map(|paper| paper.assignment.as_str()).collect();
    assert_eq!((view.class.as_str(), view.number, papers), ("c-2", 4, vec!["b-all"]));
    assert_eq!(store.answers_of(&own, "p-1", "a-all").await.unwrap(), []);
    assert_eq!(store.assignment_of(&own, Right::See, "a-all").await.unwrap(), None);
}

#[tokio::test]
async fn work_given_after_a_move_is_the_new_class_s() {
    let fixture = two_classes().await;
    let store = &fixture.store;
    store.insert_print_run("s", run("later", 700, Copies::Shared), vec![]).await.unwrap();
    for (id, class) in [("a-later", "c-1"), ("b-later", "c-2")] {
        let given = AssignmentRow {
            class: class.into(),
            assigned_ms: MOVE_MS + 1,
            ..assignment(id, "later")
        };
        store.insert_assignment(given).await.unwrap();
    }
    enrol(store, in_class("p-1", "c-2", 4, MOVE_MS)).await.unwrap();
    fixture.write(7, 1, 700, MOVE_MS + 10).await;
    assert_eq!(fixture.stale_papers().await, [("b-later".to_owned(), "p-1".to_owned(), 1)]);
    assert_eq!(matrix(&fixture, "t-wang", "a-later").await, ["p-2", "p-3"]);
    assert_eq!(matrix(&fixture, "t-li", "b-later").await, ["p-1", "p-51"]);
}

#[tokio::test]
async fn ink_finds_its_paper_when_its_pupil_is_enrolled() {
    let fixture = two_classes().await;
    let store = &fixture.store;
    store.insert_print_run("s", run("later", 700, Copies::Shared), vec![]).await.unwrap();
    let given = AssignmentRow { class: "c-2".into(), ..assignment("b-later", "later") };
    store.insert_assignment(given).await.unwrap();
    fixture.write(7, 1, 700, 10_000).await;
    assert_eq!(fixture.stale_papers().await, []);
    enrol(store, in_class("p-1", "c-2", 4, MOVE_MS)).await.unwrap();
    assert_eq!(fixture.stale_papers().await, [("b-later".to_owned(), "p-1".to_owned(), 1)]);
    assert_eq!(matrix(&fixture, "t-li", "b-later").await, ["p-1", "p-51"]);
}

#[tokio::test]
async fn nobody_has_a_number_that_another_has_at_that_time() {
    let fixture = Fixture::without_runs().await;
    let store = &fixture.store;
    enrol(store, in_class("p-9", "c-2", 1, 0)).await.unwrap();
    let taken = enrol(store, in_class("p-2", "c-2", 1, MOVE_MS)).await;
    assert!(matches!(taken, Err(StoreError::Enrolment { .. })), "{taken:?}");
    let taken = enrol(store, in_class("p-2", "c-1", 3, MOVE_MS)).await;
    assert!(matches!(taken, Err(StoreError::Enrolment { .. })), "{taken:?}");
    // p-9 leaves the class, and its number is free from then on.
    enrol(store, in_class("p-9", "c-1", 9, MOVE_MS)).await.unwrap();
    let early = enrol(store, in_class("p-2", "c-2", 1, MOVE_MS - 1)).await;
    assert!(early.is_err(), "{early:?}");
    enrol(store, in_class("p-2", "c-2", 1, MOVE_MS)).await.unwrap();
    enrol(store, in_class("p-3", "c-1", 7, 0)).await.unwrap();
    let scope = fixture.scope("t-wang", MOVE_MS).await;
    let numbers = store.pupils_of(&scope, Right::Know, "c-1").await.unwrap();
    let numbers: Vec<(&str, u32)> =
        numbers.iter().map(|pupil| (pupil.id.as_str(), pupil.number)).collect();
    assert_eq!(numbers, [("p-1", 1), ("p-3", 7), ("p-9", 9)]);
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let fixture = Fixture::without_runs().await;
    let store = &fixture.store;
    let row = |id: &str, class: &str| in_class(id, class, 50, MOVE_MS);
    store.insert_school(school("s2", None)).await.unwrap();
    let elsewhere = PupilRow { school: "s2".into(), ..row("x", "c-1") };
    let refused = enrol(store, elsewhere).await.unwrap_err().to_string();
    assert_eq!(refused, "there is no class of the pupil's school c-1");
    let batch = vec![row("y", "c-1"), row("z", "no-class")];
    assert!(store.insert_pupils(batch).await.is_err());
    let name = enrol(store, row("王小明", "c-1")).await.unwrap_err().to_string();
    assert!(name.contains("a pupil's id with '王' at byte 0"), "{name}");
    let back = enrol(store, in_class("p-1", "c-2", 1, 0)).await.unwrap_err().to_string();
    assert_eq!(back, "pupil p-1: the pupil has been in c-1 since 0, and cannot move before that");
    assert_eq!((fixture.count("pupil").await, fixture.count("enrolment").await), (4, 4));
}

/// Failure: two pupils cannot change numbers, since each finds the other's taken.
#[tokio::test]
async fn two_pupils_change_their_numbers_with_each_other() {
    let fixture = Fixture::without_runs().await;
    let store = &fixture.store;
    let both = vec![in_class("p-1", "c-1", 2, MOVE_MS), in_class("p-2", "c-1", 1, MOVE_MS)];
    store.insert_pupils(both).await.unwrap();
    let scope = fixture.scope("t-wang", MOVE_MS).await;
    let pupils = store.pupils_of(&scope, Right::Know, "c-1").await.unwrap();
    let numbers: Vec<(&str, u32)> =
        pupils.iter().map(|pupil| (pupil.id.as_str(), pupil.number)).collect();
    assert_eq!(numbers, [("p-2", 1), ("p-1", 2), ("p-3", 3)]);
}

/// Failure: an enrolment that cannot be read is left out, and the pupil is in two classes.
#[tokio::test]
async fn an_enrolment_that_cannot_be_read_stops_the_next() {
    let fixture = Fixture::without_runs().await;
    fixture
        .execute(
            "INSERT INTO class (id, school, grade, name_zh, name_en)
             VALUES ('三班', 's', 3, '—', '—')",
        )
        .await;
    fixture.execute("UPDATE enrolment SET class = '三班' WHERE pupil = 'p-1'").await;
    fixture.execute("UPDATE enrolment SET number = -1 WHERE pupil = 'p-2'").await;
    for id in ["p-1", "p-2"] {
        let refused = enrol(&fixture.store, in_class(id, "c-2", 4, MOVE_MS)).await;
        assert!(refused.is_err(), "{id}");
    }
    assert_eq!(fixture.count("enrolment").await, 4);
}

#[tokio::test]
async fn the_number_is_that_of_the_last_time_in_the_class() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    for (class, number, from_ms) in [("c-1", 5, 0), ("c-2", 1, 100), ("c-1", 4, 200)] {
        enrol(store, in_class("p-1", class, number, from_ms)).await.unwrap();
    }
    let scope = fixture.scope("t-wang", DUE_MS).await;
    let head = store.assignment_of(&scope, Right::See, "a-all").await.unwrap().unwrap();
    let matrix = store.matrix(&head).await.unwrap();
    let first = matrix.pupils.iter().find(|pupil| pupil.id == "p-1").unwrap();
    assert_eq!(first.number, 4);
}

/// Failure: a pupil who leaves the school is in the class for ever.
#[tokio::test]
async fn who_leaves_keeps_their_papers_and_gets_no_more() {
    let fixture = two_classes().await;
    let store = &fixture.store;
    store.insert_print_run("s", run("later", 700, Copies::Shared), vec![]).await.unwrap();
    let later = AssignmentRow { assigned_ms: 40_000, ..assignment("a-later", "later") };
    store.insert_assignment(later).await.unwrap();
    fixture.write(7, 1, 900, 10_000).await;
    fixture.write(7, 2, 700, 50_000).await;
    assert_eq!(papers(&fixture).await.len(), 2);
    assert!(leave(store, "p-1", 30_000).await.unwrap());
    assert!(!leave(store, "p-1", 30_000).await.unwrap(), "twice is once");
    assert!(leave(store, "p-9", 30_000).await.is_ok_and(|changed| !changed));
    let left = papers(&fixture).await;
    assert_eq!(left, marked("a-all", 1), "what was given later is not theirs");
    let scope = fixture.scope("t-wang", DUE_MS).await;
    assert_eq!(store.pupils_of(&scope, Right::See, "c-1").await.unwrap().len(), 2);
    assert_eq!(store.pupil_of(&scope, "p-1", 9).await.unwrap(), None);
    assert_eq!(matrix(&fixture, "t-wang", "a-all").await, ["p-1", "p-2", "p-3"]);
    assert_eq!(matrix(&fixture, "t-wang", "a-later").await, ["p-2", "p-3"]);
    // The number is free, and the pupil may come back.
    enrol(store, in_class("p-9", "c-1", 1, 30_000)).await.unwrap();
    enrol(store, in_class("p-1", "c-1", 8, MOVE_MS)).await.unwrap();
    let early = leave(store, "p-1", MOVE_MS).await;
    assert!(matches!(early, Err(StoreError::Enrolment { .. })), "{early:?}");
}
