//! What waits for a person, and who still writes.

use super::*;

#[tokio::test]
async fn counts_who_wrote_and_who_still_writes() {
    let (fixture, _) = marked().await;
    let store = &fixture.store;
    let own = |mut all: Vec<AssignmentSummary>| {
        all.retain(|summary| summary.id == "a-own");
        let summary = all.remove(0);
        (summary.pupils, summary.written, summary.writing, summary.to_decide)
    };
    let scope = &fixture.scope("t-wang", 0).await;
    let read = || async { own(store.assignments_of(scope, Some("c-1"), 9).await.unwrap()) };
    assert_eq!(read().await, (3, 1, 1, 0));
    store.settle(crate::fixture::DUE_MS).await.unwrap();
    assert_eq!(read().await, (3, 1, 0, 0));
    assert_eq!(store.assignments_of(scope, None, 1).await.unwrap().len(), 1, "a limit a class");
}

#[tokio::test]
async fn what_waits_for_a_person_is_found_from_any_page() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    for (pen, page) in [(1, 100), (2, 102)] {
        store.insert_leases(vec![lease(pen, holder(pen as u32), 0, None)]).await.unwrap();
        fixture.write(pen, 1, page, 1_000).await;
    }
    fixture.attribute().await;
    for (job, review) in store
        .claim(i64::MAX / 2, 0, 0, 9)
        .await
        .unwrap()
        .into_iter()
        .zip(["low_confidence", "no_key"])
    {
        let ink_rev = store.paper_chunks(&job).await.unwrap().ink_rev;
        let mut outcome = outcome(ink_rev, None, None);
        outcome.responses[0].review = Some(review.into());
        store.save(&job, outcome, 2_000).await.unwrap();
    }
    let head = store
        .assignment_of(&fixture.scope("t-wang", 0).await, Right::See, "a-own")
        .await
        .unwrap()
        .unwrap();
    let waiting = store.undecided(&head, sitting(None), 9).await.unwrap();
    assert_eq!((waiting.to_decide.responses, waiting.to_score.responses), (1, 1));
    assert_eq!(store.papers_in_review().await.unwrap(), 2);
    let wanted: Vec<_> = responses(&waiting).iter().map(|u| u.response.wanted).collect();
    assert_eq!(wanted, [Some(Wanted::Decide), Some(Wanted::Score)], "doubts before open questions");
    let next = |who: &'static str| {
        let head = &head;
        async move { store.paper(head, who, 1).await.unwrap().unwrap().next_to_decide }
    };
    assert_eq!(next("p-1").await, Some(("p-2".into(), 1)));
    assert_eq!(next("p-2").await, Some(("p-1".into(), 1)), "and around");
    assert_eq!(next("p-3").await, Some(("p-1".into(), 1)));
    for undecided in responses(&waiting) {
        let response =
            ResponseName { pupil: undecided.pupil.clone(), part: "q1".into(), criterion: None };
        let decision = Decision { response, staff: "t-wang".into(), mark: RIGHT };
        assert!(store.decide(&head, decision, NONE_SEEN, 3_000).await.unwrap().is_some());
    }
    let left = store.undecided(&head, sitting(None), 9).await.unwrap();
    let none = Waiting::default();
    assert_eq!((left.to_decide, left.to_score, left.groups.len()), (none, none, 0));
    assert_eq!(store.papers_in_review().await.unwrap(), 0);
    let sat = store.undecided(&head, sitting(Some(waiting.since)), 9).await.unwrap();
    let pupils =
        |view: &UndecidedView| responses(view).iter().map(|u| u.pupil.clone()).collect::<Vec<_>>();
    assert_eq!(pupils(&sat), pupils(&waiting), "what was decided stays where it waited");
    assert!(responses(&sat).iter().all(|u| u.response.decided_by.is_some()));
    let other = Sitting { staff: "somebody".into(), since: Some(waiting.since) };
    let beside = store.undecided(&head, other, 9).await.unwrap();
    assert_eq!(pupils(&beside), pupils(&waiting), "and before a colleague who saw it wait");
    let by: Vec<_> = responses(&beside).iter().map(|u| u.response.decided_staff.clone()).collect();
    assert!(by.iter().all(|by| by.as_deref() == Some("t-wang")), "{by:?}");
}

#[tokio::test]
async fn an_empty_open_question_waits_for_nobody() {
    let (fixture, head) = marked().await;
    fixture.write(1, 2, 100, 30_000).await;
    fixture.attribute().await;
    let job = fixture.store.claim(i64::MAX / 2, 0, 0, 9).await.unwrap().remove(0);
    let ink_rev = fixture.store.paper_chunks(&job).await.unwrap().ink_rev;
    let mut outcome = outcome(ink_rev, None, None);
    outcome.responses[0].review = Some("no_key".into());
    outcome.responses[0].first_ms = None;
    assert!(!outcome.responses[0].waits());
    fixture.store.save(&job, outcome, 40_000).await.unwrap();
    let waiting = fixture.store.undecided(&head, sitting(None), 9).await.unwrap();
    assert_eq!((waiting.to_decide.responses, waiting.to_score.responses), (0, 0));
    assert_eq!(fixture.store.papers_in_review().await.unwrap(), 0);
}

#[tokio::test]
async fn a_paper_with_two_doubts_is_one_in_review() {
    let (fixture, _) = marked().await;
    fixture.write(1, 2, 100, 30_000).await;
    fixture.attribute().await;
    let job = fixture.store.claim(i64::MAX / 2, 0, 0, 9).await.unwrap().remove(0);
    let ink_rev = fixture.store.paper_chunks(&job).await.unwrap().ink_rev;
    let mut outcome = outcome(ink_rev, None, None);
    outcome.responses[0].review = Some("low_confidence".into());
    let second = ResponseRow { part: "q2".into(), ..outcome.responses[0].clone() };
    outcome.responses.push(second);
    assert!(outcome.responses.iter().all(ResponseRow::waits));
    fixture.store.save(&job, outcome, 40_000).await.unwrap();
    assert_eq!(fixture.store.papers_in_review().await.unwrap(), 1);
}

/// The statement spells out one reason: it is the one that marking gives.
#[test]
fn what_waits_for_points_is_what_has_no_key() {
    assert!(WANTED.contains(&format!("'{}'", worksheet::Review::NoKey.code())));
}

/// Failure: late ink follows a decision, on the screen or in red, and nobody is told.
#[tokio::test]
async fn what_was_written_on_after_a_decision_is_told() {
    let (fixture, head) = marked().await;
    let store = &fixture.store;
    let since = async || {
        let rows = store.written_since(&head).await.unwrap();
        rows.into_iter().map(|row| (row.pupil, row.page, row.part)).collect::<Vec<_>>()
    };
    let told = [("p-1".to_owned(), 1, "q1".to_owned())];
    let first = super::decide(store, &head, WRONG, 11_000).await;
    assert_eq!(since().await, []);
    fixture.write(1, 2, 100, 20_000).await;
    fixture.mark_all(Some(RIGHT), 30_000).await;
    assert_eq!(since().await, told);
    let changed_rev = store.paper(&head, "p-1", 1).await.unwrap().unwrap().responses[0].changed_rev;
    let seen = Seen { changed_rev, mark: Some(first) };
    let again = decide_as("t-wang", seen, store, &head, RIGHT, 31_000).await;
    let Decided::Stored(again) = again else { panic!("{again:?}") };
    assert_eq!(since().await, [], "it was looked at");

    // In red: by the pen's time, since the teacher saw the paper itself.
    assert!(store.undo(&head, response(), again, 32_000).await.unwrap());
    assert!(store.undo(&head, response(), first, 32_000).await.unwrap());
    let red = async |number, last_ms, now_ms| {
        fixture.write(1, number, 100, 40_000).await;
        fixture.attribute().await;
        let job = store.claim(i64::MAX / 2, 0, 0, 9).await.unwrap().remove(0);
        let ink_rev = store.paper_chunks(&job).await.unwrap().ink_rev;
        let mut outcome = outcome(ink_rev, Some(RIGHT), Some(WRONG));
        outcome.responses[0].last_ms = Some(last_ms);
        store.save(&job, outcome, now_ms).await.unwrap();
    };
    red(3, 40_000, 50_000).await;
    red(4, 45_000, 60_000).await;
    assert_eq!(since().await, [], "it lay on the paper before, and came later");
    red(5, 55_000, 70_000).await;
    assert_eq!(since().await, told);
}
