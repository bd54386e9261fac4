use sample_school::{holder, lease};
use school::Right;

use super::*;
use crate::fixture::{Fixture, RIGHT, WRONG, outcome};
use crate::sql::query;
use crate::{Decided, MarkRow, OutboxKind, ResponseRow, Source, Store, Verdict};

mod exports;
mod groups;
mod kept;
mod keys;
mod pupil;
mod rubric;
mod waiting;
mod worksheets;

/// p-1 wrote on page 1 of their own copy, and the machine found it right.
async fn marked() -> (Fixture, AssignmentHead) {
    let fixture = Fixture::new().await;
    fixture.store.insert_leases(vec![lease(1, holder(1), 0, None)]).await.unwrap();
    fixture.write(1, 1, 100, 1_000).await;
    fixture.mark_all(Some(RIGHT), 10_000).await;
    let head = fixture
        .store
        .assignment_of(&fixture.scope("t-wang", 0).await, Right::See, "a-own")
        .await
        .unwrap()
        .unwrap();
    (fixture, head)
}

fn response() -> ResponseName {
    ResponseName { pupil: "p-1".into(), part: "q1".into(), criterion: None }
}

async fn decide(store: &Store, head: &AssignmentHead, mark: MarkRow, now_ms: i64) -> i64 {
    let decided = decide_as("t-wang", NONE_SEEN, store, head, mark, now_ms).await;
    let Decided::Stored(id) = decided else { panic!("{decided:?}") };
    id
}

/// The ink of the first marking, and no decision.
const NONE_SEEN: Seen = Seen { changed_rev: 1, mark: None };

async fn decide_as(
    staff: &str,
    seen: Seen,
    store: &Store,
    head: &AssignmentHead,
    mark: MarkRow,
    now_ms: i64,
) -> Decided {
    let decision = Decision { response: response(), staff: staff.into(), mark };
    store.decide(head, decision, seen, now_ms).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_another_person_decided_is_not_overruled_unseen() {
    let (fixture, head) = marked().await;
    let store = &fixture.store;
    store
        .write(|tx| {
            let other = "INSERT INTO staff (id, school, login, name)
                         SELECT 't2', school, 'second', 'B' FROM staff WHERE id = 't-wang'";
            Box::pin(async move {
                query(other).execute(tx).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let first = decide(store, &head, WRONG, 1).await;
    for mark in [None, Some(first + 1)] {
        let seen = Seen { mark, ..NONE_SEEN };
        let decided = decide_as("t2", seen, store, &head, RIGHT, 2).await;
        let Decided::Contested(standing) = decided else { panic!("{decided:?}") };
        assert_eq!((standing.id, standing.verdict), (first, Verdict::Wrong));
    }
    let decided =
        decide_as("t2", Seen { mark: Some(first), ..NONE_SEEN }, store, &head, RIGHT, 3).await;
    assert!(matches!(decided, Decided::Stored(_)));
    // One's own decision is nobody else's, and needs no seeing.
    let decided = decide_as("t2", NONE_SEEN, store, &head, WRONG, 4).await;
    assert!(matches!(decided, Decided::Stored(_)));
}

/// The machine read 2000 and the page showed it; the pupil made it 20000 before the press.
#[tokio::test]
async fn ink_that_was_not_shown_is_not_judged() {
    let (fixture, head) = marked().await;
    let store = &fixture.store;
    let first = decide(store, &head, WRONG, 1).await;
    fixture.write(1, 2, 100, 0).await;
    fixture.mark_all(Some(RIGHT), 9).await;
    let seen = Seen { mark: Some(first), ..NONE_SEEN };
    let decided = decide_as("t-wang", seen, store, &head, RIGHT, 2).await;
    let Decided::Rewritten(changed_rev) = decided else { panic!("{decided:?}") };
    assert_eq!(in_force(store, &head).await, (Some(Source::Screen), Some(Verdict::Wrong)));
    // Its answer may have been lost: what is stored is stored.
    let again = decide_as("t-wang", NONE_SEEN, store, &head, WRONG, 3).await;
    assert_eq!(again, Decided::Stored(first));
    let decided = decide_as("t-wang", Seen { changed_rev, ..seen }, store, &head, RIGHT, 4).await;
    assert!(matches!(decided, Decided::Stored(_)), "once it was seen: {decided:?}");
    assert_eq!(in_force(store, &head).await, (Some(Source::Screen), Some(Verdict::Right)));
}

async fn undo(store: &Store, head: &AssignmentHead, mark: i64, now_ms: i64) -> bool {
    store.undo(head, response(), mark, now_ms).await.unwrap()
}

/// Answers in the order of their groups.
fn responses(view: &UndecidedView) -> Vec<&Undecided> {
    view.groups.iter().flatten().collect()
}

fn sitting(since: Option<i64>) -> Sitting {
    Sitting { staff: "t-wang".into(), since }
}

async fn in_force(store: &Store, head: &AssignmentHead) -> (Option<Source>, Option<Verdict>) {
    let matrix = store.matrix(head).await.unwrap();
    let row = matrix.responses.iter().find(|row| row.pupil == "p-1").unwrap();
    (row.source, row.verdict)
}

const MACHINE_RIGHT: (Option<Source>, Option<Verdict>) =
    (Some(Source::Machine), Some(Verdict::Right));
const SCREEN_WRONG: (Option<Source>, Option<Verdict>) =
    (Some(Source::Screen), Some(Verdict::Wrong));

#[tokio::test]
async fn what_lies_beyond_a_scope_does_not_exist() {
    let (fixture, head) = marked().await;
    let store = &fixture.store;
    let stranger = &fixture.scope("somebody", 0).await;
    assert_eq!(store.classes_of(stranger).await.unwrap(), []);
    assert_eq!(store.assignments_of(stranger, None, 9).await.unwrap(), []);
    assert_eq!(store.assignments_of(stranger, Some("c-1"), 9).await.unwrap(), []);
    assert_eq!(store.pupil_of(stranger, "p-1", 9).await.unwrap(), None);
    assert!(!store.may_know(stranger, "p-1").await.unwrap());
    assert!(store.may_know(&fixture.scope("t-wang", 0).await, "p-1").await.unwrap());
    assert!(!store.may_see_worksheet(stranger, "mixed", 1).await.unwrap());
    let own = &fixture.scope("t-wang", 0).await;
    for right in Right::ALL {
        assert_eq!(store.class_of(stranger, right, "c-1").await.unwrap(), None);
        assert_eq!(store.pupils_of(stranger, right, "c-1").await.unwrap(), []);
        assert_eq!(store.assignment_of(stranger, right, "a-own").await.unwrap(), None);
        assert_eq!(store.class_of(own, right, "c-2").await.unwrap(), None);
    }
    assert!(store.may_see_worksheet(own, "mixed", 1).await.unwrap());
    assert!(!store.may_see_worksheet(own, "mixed", 2).await.unwrap());
    assert_eq!(store.paper(&head, "nobody", 1).await.unwrap(), None);
}

/// A head is given to those who may only look, too: seeing with it is not deciding with it.
#[tokio::test]
async fn whoever_only_sees_decides_nothing() {
    let (fixture, own) = marked().await;
    let store = &fixture.store;
    let mark = decide(store, &own, WRONG, 20_000).await;
    let head_of = school::Role::Head { school: school::SchoolId::new("s").unwrap() };
    let looks = sample_school::holds("t-wang", head_of, school::Period::from(0));
    let teaches = sample_school::teaches("t-wang", "c-1");
    let ended = school::Period::new(0, Some(1)).unwrap();
    let ended = school::Grant { period: ended, ..teaches };
    store.insert_grants(vec![looks, ended]).await.unwrap();
    let scope = fixture.scope("t-wang", 1).await;
    let head = store.assignment_of(&scope, Right::See, "a-own").await.unwrap().unwrap();
    let refused = |done: Result<(), crate::StoreError>| {
        assert!(matches!(done, Err(crate::StoreError::MayNotDecide { .. })), "{done:?}");
    };
    let decision = Decision { response: response(), staff: "t-wang".into(), mark: RIGHT };
    refused(store.decide(&head, decision, NONE_SEEN, 21_000).await.map(|_| ()));
    refused(store.undo(&head, response(), mark, 21_000).await.map(|_| ()));
    refused(store.hand_in(&head, None, 21_000).await.map(|_| ()));
    refused(store.give_back(&head, None, 21_000, 21_000).await.map(|_| ()));
    assert_eq!(in_force(store, &head).await, SCREEN_WRONG);
    assert_eq!(store.hand_in(&own, None, 22_000).await.unwrap(), 1, "nobody handed it in");
}

#[tokio::test]
async fn a_decision_counts_and_can_be_taken_back() {
    let (fixture, head) = marked().await;
    let store = &fixture.store;
    assert_eq!(in_force(store, &head).await, MACHINE_RIGHT);
    assert!(!undo(store, &head, 1, 15_000).await, "the machine's own is no decision");
    assert!(!undo(store, &head, 99, 15_000).await, "nothing to take back");
    let first = decide(store, &head, WRONG, 20_000).await;
    assert_eq!(in_force(store, &head).await, SCREEN_WRONG);
    assert_eq!(decide(store, &head, WRONG, 20_500).await, first, "sent twice, stored once");
    let partly = MarkRow { verdict: Verdict::Partly, score: 25 };
    let second = decide(store, &head, partly, 21_000).await;
    for now_ms in [22_000, 22_500] {
        assert!(undo(store, &head, second, now_ms).await, "twice is once");
        assert_eq!(in_force(store, &head).await, SCREEN_WRONG, "the decision before it");
    }
    assert!(undo(store, &head, first, 23_000).await);
    assert_eq!(in_force(store, &head).await, MACHINE_RIGHT);
    assert_eq!(fixture.count("mark WHERE source = 'screen'").await, 2, "the history stays");
}

#[tokio::test]
async fn deciding_what_is_not_there_changes_nothing() {
    let (fixture, head) = marked().await;
    let before = fixture.store.outbox_last().await.unwrap();
    for (who, question) in [("p-2", "q1"), ("p-1", "q9"), ("nobody", "q1")] {
        let response = ResponseName { pupil: who.into(), part: question.into(), criterion: None };
        let decision = Decision { response: response.clone(), staff: "t-wang".into(), mark: WRONG };
        assert_eq!(fixture.store.decide(&head, decision, NONE_SEEN, 1).await.unwrap(), None);
        assert!(!fixture.store.undo(&head, response, 1, 1).await.unwrap());
    }
    assert_eq!(fixture.count("mark WHERE source = 'screen'").await, 0);
    assert_eq!(fixture.store.outbox_last().await.unwrap(), before);
}

#[tokio::test]
async fn a_decision_survives_later_ink_and_its_teacher_is_told() {
    let (fixture, head) = marked().await;
    let store = &fixture.store;
    decide(store, &head, WRONG, 20_000).await;
    let since = |view: PaperView| view.responses[0].written_since;
    assert!(!since(store.paper(&head, "p-1", 1).await.unwrap().unwrap()));
    fixture.write(1, 2, 100, 30_000).await;
    fixture.mark_all(Some(RIGHT), 40_000).await;
    assert_eq!(in_force(store, &head).await, SCREEN_WRONG);
    assert!(since(store.paper(&head, "p-1", 1).await.unwrap().unwrap()));
}

#[tokio::test]
async fn deciding_and_collecting_are_announced_to_the_class() {
    let (fixture, head) = marked().await;
    let store = &fixture.store;
    let before = store.outbox_last().await.unwrap();
    let mark = decide(store, &head, WRONG, 20_000).await;
    undo(store, &head, mark, 21_000).await;
    assert_eq!(store.hand_in(&head, Some("p-2".into()), 22_000).await.unwrap(), 0);
    assert_eq!(store.hand_in(&head, None, 22_000).await.unwrap(), 1);
    assert_eq!(store.hand_in(&head, None, 23_000).await.unwrap(), 0, "collected already");
    let kinds = |rows: Vec<OutboxRow>| rows.into_iter().map(|row| row.kind).collect::<Vec<_>>();
    let mine = store.outbox_after(before, Some(&["c-1".into()].into()), 9).await.unwrap();
    assert!(mine.iter().all(|row| row.pupil == "p-1" && row.page == Some(1)));
    let all = [OutboxKind::Decided, OutboxKind::Decided, OutboxKind::Settled];
    assert_eq!(kinds(mine), all);
    assert_eq!(kinds(store.outbox_after(before, None, 2).await.unwrap()), all[..2]);
    let others = store.outbox_after(before, Some(&["c-2".into()].into()), 9).await.unwrap();
    assert_eq!(others, []);
    store.settle(24_000).await.unwrap();
    let paper = store.paper(&head, "p-1", 1).await.unwrap().unwrap().paper.unwrap();
    assert!(paper.settled && paper.handed_in);
    assert_eq!(store.give_back(&head, Some("p-2".into()), 22_000, 25_000).await.unwrap(), 0);
    assert_eq!(store.give_back(&head, None, 22_000, 25_000).await.unwrap(), 1);
    assert_eq!(store.give_back(&head, None, 22_000, 26_000).await.unwrap(), 0, "twice is once");
    store.settle(27_000).await.unwrap();
    let paper = store.paper(&head, "p-1", 1).await.unwrap().unwrap().paper.unwrap();
    assert!(!paper.settled && !paper.handed_in, "as if nobody had collected");
}

#[tokio::test]
async fn the_ink_of_a_page_is_what_the_pipeline_marks() {
    let (fixture, head) = marked().await;
    let view = fixture.store.paper(&head, "p-1", 1).await.unwrap().unwrap();
    let facts = view.paper.unwrap();
    assert!(facts.marked && !facts.stale && !facts.settled && !facts.shared);
    assert_eq!(facts.red_total, Some(85), "what the red pen wrote as the total");
    let chunks = fixture.store.paper_ink(&head, "p-1", 1, &facts).await.unwrap();
    assert_eq!(chunks.ink.chunks.len(), 1);
    assert_eq!(chunks.ink.chunks[0].bytes, b"chunk 1 of 1 on 100");
    assert_eq!(view.previous, None);
    assert_eq!(view.next.map(|next| next.id).as_deref(), Some("p-2"));
}
