use super::*;
use crate::fixture::Fixture;

const LIMITS: DeviceLimits = DeviceLimits { age_ms: 1_000, per_staff: 2 };

async fn knows(store: &Store, token: u8, staff: &str, now_ms: i64) -> bool {
    store.knows_device([token; 32], staff, LIMITS, now_ms).await.unwrap()
}

#[tokio::test]
async fn devices_are_of_one_member_of_staff_and_forgotten() {
    let Fixture { store, folder: _folder, .. } = Fixture::without_runs().await;
    assert!(!knows(&store, 1, "t-wang", 0).await);
    store.remember_device([1; 32], None, "t-wang", LIMITS, 0).await.unwrap();
    assert!(knows(&store, 1, "t-wang", 999).await);
    assert!(!knows(&store, 1, "other", 999).await, "another account's");
    assert!(!knows(&store, 1, "t-wang", 1_000).await, "too long ago");
    for (token, at_ms) in [(2, 10), (1, 20), (3, 30)] {
        store.remember_device([token; 32], None, "t-wang", LIMITS, at_ms).await.unwrap();
    }
    assert!(!knows(&store, 2, "t-wang", 40).await, "the newest are kept");
    assert!(knows(&store, 1, "t-wang", 40).await && knows(&store, 3, "t-wang", 40).await);
    store.remember_device([5; 32], Some([3; 32]), "t-wang", LIMITS, 50).await.unwrap();
    assert!(!knows(&store, 3, "t-wang", 60).await, "its device has a new token");
    assert!(knows(&store, 1, "t-wang", 60).await && knows(&store, 5, "t-wang", 60).await);
    assert!(store.remember_device([4; 32], None, "nobody", LIMITS, 0).await.is_err());
}
