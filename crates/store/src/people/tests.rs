use super::*;
use crate::fixture::Fixture;
use crate::sql::query;

const LIMITS: SessionLimits = SessionLimits { idle_ms: 1_000, absolute_ms: 5_000 };
const LINK: TokenHash = [1; 32];
const SESSION: TokenHash = [2; 32];
const OTHER: TokenHash = [3; 32];

async fn who(store: &Store, token: TokenHash, now_ms: i64) -> Option<String> {
    store.session(token, LIMITS, now_ms).await.unwrap().map(|session| session.staff.id)
}

#[tokio::test]
async fn a_link_works_once_and_in_time() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.insert_link(LINK, "t-wang", 100).await.unwrap();
    assert!(store.staff_of_link(LINK, 99).await.unwrap().is_some());
    assert!(store.staff_of_link(LINK, 99).await.unwrap().is_some(), "looking does not use it");
    assert!(store.staff_of_link(LINK, 100).await.unwrap().is_none(), "expired");
    assert!(store.staff_of_link(OTHER, 99).await.unwrap().is_none(), "never issued");
    assert!(store.use_link(LINK, OTHER, None, 100).await.unwrap().is_none(), "expired");
    let both = tokio::join!(
        store.use_link(LINK, SESSION, None, 99),
        store.use_link(LINK, OTHER, None, 99)
    );
    assert!(both.0.unwrap().is_some() ^ both.1.unwrap().is_some(), "one of two gets in");
    assert!(store.staff_of_link(LINK, 99).await.unwrap().is_none(), "used");
    let in_by_one = [who(&store, SESSION, 99).await, who(&store, OTHER, 99).await];
    assert_eq!(in_by_one.iter().flatten().count(), 1);
}

#[tokio::test]
async fn sessions_end_idle_old_or_on_purpose() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.begin_session(SESSION, "t-wang", LIMITS, 0).await.unwrap();
    assert_eq!(who(&store, SESSION, 999).await.as_deref(), Some("t-wang"));
    assert_eq!(who(&store, SESSION, 1_000).await, None, "idle");
    for at_ms in (900..=4_500).step_by(900) {
        store.touch_session(SESSION, at_ms).await.unwrap();
    }
    assert_eq!(who(&store, SESSION, 4_999).await.as_deref(), Some("t-wang"));
    assert_eq!(who(&store, SESSION, 5_000).await, None, "too old, however busy");
    store.begin_session(OTHER, "t-wang", LIMITS, 6_000).await.unwrap();
    store.end_session(OTHER).await.unwrap();
    assert_eq!(who(&store, OTHER, 6_000).await, None, "logged out");
    let left: i64 = query("SELECT count(*) FROM session").scalar(store.readers()).await.unwrap();
    assert_eq!(left, 0, "the one that ended by itself is forgotten");
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.begin_session(SESSION, "t-wang", LIMITS, 0).await.unwrap();
    store.begin_session(OTHER, "t-wang", LIMITS, 0).await.unwrap();
    store.set_password("t-wang", "hash".into(), SESSION).await.unwrap();
    assert!(who(&store, SESSION, 1).await.is_some());
    assert!(who(&store, OTHER, 1).await.is_none());
    let staff = store.staff_of_login("wang").await.unwrap().unwrap();
    assert_eq!(staff.password_hash.as_deref(), Some("hash"));
    assert!(store.staff_of_login("Wang").await.unwrap().is_none());
}

#[tokio::test]
async fn a_link_with_a_password_sets_it() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.begin_session(OTHER, "t-wang", LIMITS, 0).await.unwrap();
    store.insert_link(LINK, "t-wang", 100).await.unwrap();
    let opened = store.use_link(LINK, SESSION, Some("hash".into()), 1).await.unwrap();
    assert_eq!(opened, Some(Opened::Session));
    let session = store.session(SESSION, LIMITS, 1).await.unwrap().unwrap();
    assert_eq!(session.staff.password_hash.as_deref(), Some("hash"));
    assert!(who(&store, OTHER, 1).await.is_none());
}

#[tokio::test]
async fn a_newer_link_and_a_new_password_void_older_links() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    store.insert_link(LINK, "t-wang", 100).await.unwrap();
    store.insert_link(OTHER, "t-wang", 100).await.unwrap();
    assert!(store.staff_of_link(LINK, 1).await.unwrap().is_none());
    assert_eq!(store.use_link(LINK, SESSION, None, 1).await.unwrap(), None);
    store.set_password("t-wang", "hash".into(), SESSION).await.unwrap();
    assert!(store.staff_of_link(OTHER, 1).await.unwrap().is_none());
}

#[tokio::test]
async fn names_and_hashes_reach_no_log() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    let staff = store.staff_of_login("wang").await.unwrap().unwrap();
    assert_eq!(format!("{staff:?}"), "Staff { id: \"t-wang\", .. }");
}
