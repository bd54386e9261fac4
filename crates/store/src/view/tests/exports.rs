//! What is taken away.

use super::*;

/// The wrong answers of `a-own`: pupil and part.
async fn wrong(store: &Store, head: &AssignmentHead, pupil: Option<&str>) -> Vec<(String, String)> {
    let answers = store.wrong_answers(head, pupil).await.unwrap();
    answers.into_iter().map(|answer| (answer.pupil, answer.part)).collect()
}

#[tokio::test]
async fn a_wrong_answer_counts_once_its_paper_is_settled_and_a_person_overrules_the_machine() {
    let (fixture, head) = marked().await;
    let store = &fixture.store;
    decide(store, &head, WRONG, 1).await;
    assert_eq!(wrong(store, &head, None).await, [], "the paper may still change");
    while store.settle(crate::fixture::DUE_MS + 1).await.unwrap() > 0 {}
    let found = [("p-1".to_owned(), "q1".to_owned())];
    assert_eq!(wrong(store, &head, None).await, found);
    assert_eq!(wrong(store, &head, Some("p-1")).await, found);
    assert_eq!(wrong(store, &head, Some("p-2")).await, []);
    let mark = store.wrong_answers(&head, None).await.unwrap();
    assert_eq!((mark[0].verdict, mark[0].reading.as_deref()), (Verdict::Wrong, Some("7")));
    let seen = store.paper(&head, "p-1", 1).await.unwrap().unwrap().responses[0].mark;
    let decided = decide_as("t-wang", Seen { mark: seen, ..NONE_SEEN }, store, &head, RIGHT, 2);
    assert!(matches!(decided.await, Decided::Stored(_)));
    assert_eq!(wrong(store, &head, None).await, [], "a person says that it is right");
}

#[tokio::test]
async fn results_name_everybody_whom_the_assignment_concerns() {
    let (fixture, head) = marked().await;
    let sheet = fixture.store.result_sheet(&head).await.unwrap();
    let numbers: Vec<u32> = sheet.pupils.iter().map(|pupil| pupil.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(sheet.papers.len(), 1);
    let [answer] = sheet.answers.as_slice() else { panic!("{:?}", sheet.answers) };
    assert_eq!((answer.reading.as_deref(), answer.score), (Some("7"), Some(50)));
    assert!(!answer.settled);
}

#[tokio::test]
async fn a_class_has_the_assignments_of_a_time_for_those_who_may_see_it() {
    let (fixture, head) = marked().await;
    let store = &fixture.store;
    let heads = async |staff: &str, from_ms, limit| {
        let scope = fixture.scope(staff, 0).await;
        let time = (from_ms, 1_000);
        let heads = store.assignment_heads(&scope, Right::See, &head.class, time, limit).await;
        heads.unwrap().into_iter().map(|head| head.id).collect::<Vec<_>>()
    };
    assert_eq!(heads("t-wang", 0, 9).await, ["a-all", "a-own"]);
    assert_eq!(heads("t-wang", 0, 1).await.len(), 1);
    assert_eq!(heads("t-wang", 1, 9).await, Vec::<String>::new(), "they were given before");
    assert_eq!(heads("t-li", 0, 9).await, Vec::<String>::new(), "it is another's class");
}

#[tokio::test]
async fn identities_of_another_system_lead_from_ours() {
    let fixture = Fixture::new().await;
    fixture
        .execute(
            "INSERT INTO source_identity (entity, source, value, id)
             SELECT value->>0, value->>1, value->>2, value->>3
             FROM json_each('[[\"pupil\", \"oneroster\", \"u-77\", \"p-1\"],
                              [\"class\", \"oneroster\", \"k-1\", \"c-1\"],
                              [\"pupil\", \"xueji\", \"G31\", \"p-1\"]]')",
        )
        .await;
    let ids = fixture.store.sourced_ids("oneroster").await.unwrap();
    assert_eq!(ids.pupils.get("p-1").map(String::as_str), Some("u-77"));
    assert_eq!(ids.classes.get("c-1").map(String::as_str), Some("k-1"));
    assert_eq!((ids.pupils.len(), ids.schools.len()), (1, 0));
}
