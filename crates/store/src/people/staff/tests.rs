use school::Right;

use super::*;
use crate::SessionLimits;
use crate::fixture::Fixture;

const LIMITS: SessionLimits = SessionLimits { idle_ms: 1_000, absolute_ms: 5_000 };
const LINK: TokenHash = [1; 32];
const AGAIN: TokenHash = [2; 32];
const SESSION: TokenHash = [3; 32];

/// What the list says of 王丽华.
async fn wang(store: &Store, at_ms: i64) -> StaffLine {
    let mut lines = store.staff_list(at_ms).await.unwrap();
    lines.retain(|line| line.login == "wang");
    lines.remove(0)
}

#[tokio::test]
async fn who_is_shut_out_has_no_way_in_until_invited() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.insert_link(LINK, "t-wang", 100).await.unwrap();
    store.begin_session(SESSION, "t-wang", LIMITS, 0).await.unwrap();
    store.disable_staff("wang", 10).await.unwrap();
    assert!(store.session(SESSION, LIMITS, 11).await.unwrap().is_none());
    assert!(store.staff_of_link(LINK, 11).await.unwrap().is_none());
    assert!(!store.use_link(LINK, AGAIN, None, 11).await.unwrap());
    assert!(store.staff_of_login("wang").await.unwrap().is_none());
    // Whatever is made while they are shut out does not open either.
    store.insert_link(LINK, "t-wang", 100).await.unwrap();
    store.begin_session(SESSION, "t-wang", LIMITS, 12).await.unwrap();
    assert!(store.staff_of_link(LINK, 13).await.unwrap().is_none());
    assert!(store.session(SESSION, LIMITS, 13).await.unwrap().is_none());
    store.disable_staff("wang", 20).await.unwrap();
    let line = wang(&store, 20).await;
    assert_eq!((&*line.login, line.disabled_ms), ("wang", Some(10)), "since the first time");

    store.invite_staff("wang", AGAIN, 100).await.unwrap();
    assert!(store.use_link(AGAIN, SESSION, None, 21).await.unwrap());
    assert!(store.session(SESSION, LIMITS, 22).await.unwrap().is_some());
    assert_eq!(wang(&store, 22).await.disabled_ms, None);
}

#[tokio::test]
async fn a_reset_leaves_the_new_link_alone() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.insert_link(LINK, "t-wang", 100).await.unwrap();
    store.begin_session(SESSION, "t-wang", LIMITS, 0).await.unwrap();
    store.set_password("t-wang", "hash".into(), SESSION).await.unwrap();
    assert!(wang(&store, 0).await.has_password);
    store.reset_staff("wang", AGAIN, 100).await.unwrap();
    assert!(!wang(&store, 0).await.has_password);
    assert!(store.session(SESSION, LIMITS, 1).await.unwrap().is_none());
    assert!(store.staff_of_link(LINK, 1).await.unwrap().is_none());
    assert_eq!(store.staff_of_link(AGAIN, 1).await.unwrap().unwrap().id, "t-wang");
    for refused in [
        store.reset_staff("nobody", LINK, 100).await,
        store.invite_staff("nobody", LINK, 100).await,
        store.disable_staff("nobody", 1).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Missing { what: "login", .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn the_list_says_what_each_is() {
    let fixture = Fixture::without_runs().await;
    let line = wang(&fixture.store, 0).await;
    let roles: Vec<_> = line.grants.iter().map(|grant| grant.role.clone()).collect();
    assert_eq!(roles.len(), 1, "{roles:?}");
    assert!(roles[0].rights().contains(&Right::Decide), "{roles:?}");
}
