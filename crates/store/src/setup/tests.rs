use super::*;
use crate::fixture::{Fixture, assignment, lease, pupil, pupils, run, worksheet};

#[tokio::test]
async fn setting_up_again_changes_nothing() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_leases(vec![lease(7, pupil(0), 0, None)]).await.unwrap();
    fixture.write(7, 1, 900, 10).await;
    fixture.attribute().await;
    let (toml, artwork) = worksheet();
    store.insert_worksheet(toml, &artwork).await.unwrap();
    store.insert_print_run("s", run("own", 100, Copies::PerCopy(3)), pupils()).await.unwrap();
    store.insert_assignment(assignment("a-all", "all")).await.unwrap();
    store.insert_leases(vec![lease(7, pupil(0), 0, None)]).await.unwrap();
    assert_eq!(store.work_left().await.unwrap().stale_ink, 0);
    assert_eq!(fixture.count("assignment").await, 2);
    assert_eq!(fixture.count("copy").await, 3);
}

#[tokio::test]
async fn worksheets_come_back_whole_and_never_change() {
    let fixture = Fixture::without_runs().await;
    let loaded = fixture.store.load_worksheet("sums", 1).await.unwrap();
    assert_eq!(loaded.pages[1].artwork, "<svg>2</svg>");
    assert_eq!(loaded.questions[0].id, "q1");
    let (toml, artwork) = worksheet();
    let other = toml.replace("right = \"7\"", "right = \"8\"");
    let changed = fixture.store.insert_worksheet(&other, &artwork).await;
    assert!(matches!(changed, Err(StoreError::WorksheetChanged { version: 1, .. })), "{changed:?}");
    let missing = fixture.store.load_worksheet("sums", 2).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })), "{missing:?}");
}

#[tokio::test]
async fn print_runs_come_back_whole() {
    let fixture = Fixture::new().await;
    for expected in [run("own", 100, Copies::PerCopy(3)), run("all", 900, Copies::Shared)] {
        assert_eq!(fixture.store.load_print_run(&expected.id).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn what_names_nothing_is_refused() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    assert!(store.insert_assignment(assignment("a-2", "nothing")).await.is_err());
    assert!(store.insert_leases(vec![lease(1, Holder::Pupil("x".into()), 0, None)]).await.is_err());
    let twice = assignment("a-2", "own");
    assert!(store.insert_assignment(twice).await.is_err(), "a run serves a class once");
}
