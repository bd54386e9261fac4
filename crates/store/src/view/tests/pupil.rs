//! What a pupil's page is made of.

use super::*;

#[tokio::test]
async fn a_pupil_has_papers_and_no_profile_without_evidence() {
    let (fixture, _) = marked().await;
    let scope = &fixture.scope("t-wang", 0).await;
    let view = fixture.store.pupil_of(scope, "p-1", 9).await.unwrap().unwrap();
    assert_eq!(format!("{view:?}"), "PupilView { id: \"p-1\", .. }");
    assert_eq!((view.class.as_str(), view.profile, view.papers.len()), ("c-1", None, 2));
    let own = view.papers.iter().find(|paper| paper.assignment == "a-own").unwrap();
    assert_eq!((own.written, own.writing, own.waiting), (1, 1, 0));
    assert_eq!(own.scores, [("q1".to_owned(), 50)]);
    let answers = fixture.store.answers_of(scope, "p-1", "a-own").await.unwrap();
    assert_eq!((answers.len(), answers[0].score), (1, Some(50)));
    fixture.execute("UPDATE response SET review = 'low_confidence' WHERE part = 'q1'").await;
    let view = fixture.store.pupil_of(scope, "p-1", 9).await.unwrap().unwrap();
    let own = view.papers.iter().find(|paper| paper.assignment == "a-own").unwrap();
    assert_eq!(own.waiting, 1, "somebody must decide");
    let nobody = &fixture.scope("nobody", 0).await;
    assert_eq!(fixture.store.answers_of(nobody, "p-1", "a-own").await.unwrap(), []);
}

/// What only a damaged store holds: a day that is none is left out, a count is cut to what it can
/// be, and the rest of the pupil's page stands.
#[tokio::test]
async fn days_and_counts_out_of_range_spoil_no_profile() {
    let (fixture, _) = marked().await;
    fixture
        .execute(
            "INSERT INTO profile (school, pupil, wanted_rev, applied_rev, ability,
                                  ability_variance, last_day)
             VALUES ('s', 'p-1', 1, 1, 0.5, 0.1, 9000000000)
             ON CONFLICT (school, pupil) DO UPDATE SET applied_rev = 1, ability = 0.5,
                 ability_variance = 0.1, last_day = 9000000000",
        )
        .await;
    fixture
        .execute(
            "INSERT INTO knowledge_state
             SELECT 's', 'p-1', 'k', CAST(value->>0 AS BIGINT), 0.0, 0.1, 0.0, 0.1, 0.0,
                    CAST(value->>1 AS BIGINT)
             FROM json_each('[[20000, 3], [20001, 9000000000], [20002, -1], [9000000000, 4],
                              [-9000000000, 4], [9223372036854775807, 4]]')",
        )
        .await;
    let scope = &fixture.scope("t-wang", 0).await;
    let view = fixture.store.pupil_of(scope, "p-1", 9).await.unwrap().unwrap();
    let profile = view.profile.unwrap();
    assert_eq!(profile.last_day, i32::MAX);
    let states: Vec<_> = profile.states.iter().map(|state| (state.day, state.answers)).collect();
    assert_eq!(states, [(20_000, 3), (20_001, u32::MAX), (20_002, 0)]);
}
