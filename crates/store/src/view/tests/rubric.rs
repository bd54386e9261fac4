//! A part with a rubric: each criterion is decided by itself.

use super::*;

/// p-1's response has a rubric of two criteria; the red pen gave points for those named.
async fn scored(red: &[(&str, u32)]) -> (Fixture, AssignmentHead) {
    let fixture = Fixture::new().await;
    fixture.store.insert_leases(vec![lease(1, holder(1), 0, None)]).await.unwrap();
    fixture.write(1, 1, 100, 1_000).await;
    mark(&fixture, red).await;
    let scope = fixture.scope("t-wang", 0).await;
    let head = fixture.store.assignment_of(&scope, Right::Decide, "a-own").await.unwrap().unwrap();
    (fixture, head)
}

async fn mark(fixture: &Fixture, red: &[(&str, u32)]) {
    fixture.attribute().await;
    let job = fixture.store.claim(i64::MAX / 2, 0, 0, 9).await.unwrap().remove(0);
    let ink_rev = fixture.store.paper_chunks(&job).await.unwrap().ink_rev;
    let mut outcome = outcome(ink_rev, None, None);
    let response = &mut outcome.responses[0];
    response.criteria = 2;
    response.review = Some("no_key".into());
    let partly = |score| MarkRow { verdict: Verdict::Partly, score };
    response.red_criteria = red.iter().map(|(id, score)| ((*id).into(), partly(*score))).collect();
    // The ink is the same: what was decided was not before it.
    response.strokes = attribution::Roles::default();
    fixture.store.save(&job, outcome, 10_000).await.unwrap();
}

async fn give(fixture: &Fixture, head: &AssignmentHead, criterion: &str, mark: MarkRow) -> i64 {
    let response = ResponseName { criterion: Some(criterion.into()), ..response() };
    let decision = Decision { response, staff: "t-wang".into(), mark };
    let decided = fixture.store.decide(head, decision, NONE_SEEN, 1).await.unwrap().unwrap();
    let Decided::Stored(id) = decided else { panic!("{decided:?}") };
    id
}

/// Source, verdict and score in force, and what it waits for.
type Whole = (Option<Source>, Option<Verdict>, Option<u32>, Option<Wanted>);

/// What is in force for the part, and for each criterion.
async fn in_force(
    fixture: &Fixture,
    head: &AssignmentHead,
) -> (Whole, Vec<(String, Source, u32, bool)>) {
    let view = fixture.store.paper(head, "p-1", 1).await.unwrap().unwrap();
    let response = &view.responses[0];
    let findings = fixture.store.verify(|_| Err("none is looked at".into())).await.unwrap();
    assert!(!findings.iter().any(|finding| finding.rule == "verdict_in_force"), "{findings:?}");
    let criteria = response.criteria.iter();
    let criteria = criteria.map(|c| (c.criterion.clone(), c.source, c.score, c.mark.is_some()));
    let whole = (response.source, response.verdict, response.score, response.wanted);
    (whole, criteria.collect())
}

const FIVE: MarkRow = MarkRow { verdict: Verdict::Right, score: 50 };
const NOTHING: MarkRow = MarkRow { verdict: Verdict::Wrong, score: 0 };

#[tokio::test]
async fn a_rubric_has_a_verdict_once_each_criterion_has() {
    let (fixture, head) = scored(&[]).await;
    let waits = (None, None, None, Some(Wanted::Score));
    assert_eq!(in_force(&fixture, &head).await, (waits, vec![]));
    give(&fixture, &head, "a", FIVE).await;
    let one = vec![("a".to_owned(), Source::Screen, 50, true)];
    assert_eq!(in_force(&fixture, &head).await, (waits, one.clone()), "the other is missing");
    let last = give(&fixture, &head, "b", NOTHING).await;
    let (whole, criteria) = in_force(&fixture, &head).await;
    assert_eq!(whole, (Some(Source::Screen), Some(Verdict::Partly), Some(50), None));
    assert_eq!(criteria.len(), 2);
    // Decided again, and taken back: the one before counts.
    let again = give(&fixture, &head, "b", FIVE).await;
    let right = (Some(Source::Screen), Some(Verdict::Right), Some(100), None);
    assert_eq!(in_force(&fixture, &head).await.0, right);
    for (mark, score) in [(again, Some(50)), (last, None)] {
        assert!(fixture.store.undo(&head, response(), mark, 2).await.unwrap());
        assert_eq!(in_force(&fixture, &head).await.0.2, score);
    }
    assert_eq!(in_force(&fixture, &head).await, (waits, one));
}

#[tokio::test]
async fn for_each_criterion_the_screen_goes_before_the_red_pen() {
    let (fixture, head) = scored(&[("a", 20), ("b", 30)]).await;
    let (whole, criteria) = in_force(&fixture, &head).await;
    assert_eq!(whole, (Some(Source::Red), Some(Verdict::Partly), Some(50), None));
    assert!(criteria.iter().all(|(_, source, ..)| *source == Source::Red), "{criteria:?}");
    let mark_of_a = give(&fixture, &head, "a", NOTHING).await;
    let (whole, criteria) = in_force(&fixture, &head).await;
    assert_eq!(whole, (Some(Source::Screen), Some(Verdict::Partly), Some(30), None));
    let expected =
        [("a".to_owned(), Source::Screen, 0, true), ("b".to_owned(), Source::Red, 30, false)];
    assert_eq!(criteria, expected);
    // The red pen writes on: what the screen said of the first stays.
    fixture.write(1, 2, 100, 20_000).await;
    mark(&fixture, &[("a", 20), ("b", 40)]).await;
    assert_eq!(in_force(&fixture, &head).await.0.2, Some(40));
    assert!(fixture.store.undo(&head, response(), mark_of_a, 2).await.unwrap());
    assert_eq!(in_force(&fixture, &head).await.0.2, Some(60), "the red pen's again");
}

#[tokio::test]
async fn what_was_given_for_a_criterion_keeps_the_response_in_sight() {
    let (fixture, head) = scored(&[]).await;
    let waiting = fixture.store.undecided(&head, sitting(None), 9).await.unwrap();
    assert_eq!((waiting.to_score.responses, waiting.groups.len()), (1, 1));
    give(&fixture, &head, "a", FIVE).await;
    let after = fixture.store.undecided(&head, sitting(Some(waiting.since)), 9).await.unwrap();
    assert_eq!((after.to_score.responses, after.groups.len()), (1, 1), "half of it still waits");
    assert_eq!(after.groups[0][0].response.criteria.len(), 1);
    give(&fixture, &head, "b", FIVE).await;
    let after = fixture.store.undecided(&head, sitting(Some(waiting.since)), 9).await.unwrap();
    assert_eq!((after.to_score.responses, after.groups.len()), (0, 1), "decided, and in sight");
    assert_eq!(after.groups[0][0].response.criteria.len(), 2);
}
