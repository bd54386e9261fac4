//! When papers settle, and what reaches a profile then.

use super::marking::decide_on_screen;
use crate::fixture::{DUE_MS, Fixture, QUIET_MS, RIGHT, WRONG};
use crate::{ItemRows, NewFit, ProfileRow, ProfileView, StateRow, Verdict};

/// What is kept of p-1's profile, as the class's teacher sees it.
async fn first_profile(fixture: &Fixture) -> ProfileView {
    let scope = fixture.scope("t-wang", 0).await;
    fixture.store.pupil_of(&scope, "p-1", 9).await.unwrap().unwrap().profile.unwrap()
}

#[tokio::test]
async fn papers_settle_when_due_handed_in_or_at_rest() {
    // Ink received at 1,000.
    for (now_ms, handed_in, settles) in [
        (2_000, false, false),
        (2_000, true, true),
        (1_000 + QUIET_MS - 1, false, false),
        (1_000 + QUIET_MS, false, true),
        (DUE_MS, false, true),
    ] {
        let fixture = Fixture::new().await;
        fixture.write(1, 1, 100, 0).await;
        assert_eq!(fixture.store.settle(now_ms).await.unwrap(), 0, "not attributed yet");
        fixture.attribute().await;
        assert_eq!(fixture.store.settle(now_ms).await.unwrap(), 0, "not marked yet");
        fixture.mark_all(Some(RIGHT), 1_500).await;
        if handed_in {
            fixture.execute("UPDATE paper SET handed_in_ms = 1").await;
        }
        let settled = fixture.store.settle(now_ms).await.unwrap();
        assert_eq!(settled == 1, settles, "at {now_ms} ms, handed in: {handed_in}");
        assert_eq!(fixture.store.settle(now_ms).await.unwrap(), 0, "once");
        let profiles = fixture.store.stale_profiles(None, 9).await.unwrap();
        assert_eq!(profiles.len() == 1, settles);
        if let Some(first) = profiles.first() {
            let others = fixture.store.stale_profiles(Some(first), 9).await.unwrap();
            assert_eq!(others, [], "it had its turn");
        }
    }
}

#[tokio::test]
async fn only_settled_papers_reach_the_profile_and_changes_reach_it_again() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    fixture.write(1, 1, 100, 0).await;
    fixture.mark_all(Some(RIGHT), 1).await;
    assert_eq!(store.history("s", "p-1").await.unwrap(), []);
    store.settle(DUE_MS).await.unwrap();
    let history = store.history("s", "p-1").await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].part.as_str(), history[0].verdict), ("q1", Verdict::Right));
    assert_eq!((history[0].worksheet.as_str(), history[0].settled_ms), ("mixed", DUE_MS));

    let stale = store.stale_profiles(None, 9).await.unwrap().remove(0);
    let profile = |answers| ProfileRow {
        item_version: 0,
        ability: 0.5,
        ability_variance: 1.0,
        answers,
        last_day: Some(20),
        states: (19..21)
            .map(|day| StateRow {
                knowledge_point: "add".into(),
                day: if answers == 1 { day - 5 } else { day },
                ability: 0.5,
                ability_variance: 0.25,
                deviation: 0.125,
                deviation_variance: 0.75,
                difficulty: -1.5,
                answers,
            })
            .collect(),
    };
    decide_on_screen(&fixture, Verdict::Wrong).await;
    store.save_profile(&stale, profile(1), 2).await.unwrap();
    let stale_again = store.stale_profiles(None, 9).await.unwrap().remove(0);
    assert_eq!(stale_again.wanted_rev, stale.wanted_rev + 1, "a decision came meanwhile");
    store.save_profile(&stale_again, profile(2), 3).await.unwrap();
    store.save_profile(&stale, profile(1), 4).await.unwrap();
    assert_eq!(store.stale_profiles(None, 9).await.unwrap(), []);
    let view = first_profile(&fixture).await;
    assert_eq!(view.states, profile(2).states, "an older fold overwrites nothing, a newer one all");
    assert_eq!((view.last_day, view.priors), (20, None));

    fixture.write(1, 2, 100, 0).await;
    fixture.mark_all(Some(WRONG), 5).await;
    assert_eq!(store.stale_profiles(None, 9).await.unwrap().len(), 1, "late ink, marked again");
}

/// A fit that comes later does not change what a profile was folded with.
#[tokio::test]
async fn a_profile_names_the_items_that_it_was_folded_with() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    fixture.write(1, 1, 100, 0).await;
    fixture.mark_all(Some(RIGHT), 1).await;
    store.settle(DUE_MS).await.unwrap();
    let fit = |priors: &str| NewFit {
        pupils: 1,
        answers: 1,
        priors: priors.into(),
        rows: ItemRows::default(),
    };
    let first = store.save_item_fit(fit("first"), 2).await.unwrap().unwrap();
    let stale = store.stale_profiles(None, 9).await.unwrap().remove(0);
    let profile = ProfileRow {
        item_version: first,
        ability: 0.5,
        ability_variance: 1.0,
        answers: 1,
        last_day: Some(20),
        states: vec![],
    };
    store.save_profile(&stale, profile, 3).await.unwrap();
    store.save_item_fit(fit("second"), 4).await.unwrap().unwrap();
    let view = first_profile(&fixture).await;
    assert_eq!(view.priors.as_deref(), Some("first"));
}
