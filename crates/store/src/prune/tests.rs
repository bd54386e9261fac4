use super::*;
use crate::fixture::Fixture;
use crate::{Delivery, Quarantined};

const KEEP: Keep = Keep {
    now_ms: 2_000,
    outbox_ms: Some(1_000),
    logins_from_ms: Some(1_000),
    quarantine_ms: Some(1_000),
    quarantine_rows_max: 10,
};

async fn hold(fixture: &Fixture, reason: &'static str, received_ms: i64) {
    let row = Quarantined {
        gateway: "g-1".into(),
        reason,
        detail: String::new(),
        key: None,
        bytes: vec![1],
        bytes_len: 1,
        received_ms,
    };
    let delivery = Delivery { quarantined: vec![row], ..Delivery::default() };
    fixture.store.take_delivery(delivery).await.unwrap();
}

#[tokio::test]
async fn only_what_is_past_keeping_goes() {
    let fixture = Fixture::without_runs().await;
    for at_ms in [999, 1_000, 2_000] {
        hold(&fixture, "damaged", at_ms).await;
    }
    let pruned = fixture.store.prune(KEEP).await.unwrap();
    assert_eq!(pruned, Pruned { quarantine: 1, ..Pruned::default() });
    assert_eq!(fixture.store.prune(KEEP).await.unwrap(), Pruned::default());
    assert_eq!(fixture.count("quarantine").await, 2);
}

/// A machine that starts with a clock that is years ahead has the only copy of what is held.
#[tokio::test]
async fn a_clock_that_is_ahead_deletes_nothing_that_just_came() {
    let fixture = Fixture::new().await;
    hold(&fixture, "conflict", 1_000).await;
    fixture.write(1, 1, 100, 1_000).await;
    fixture.mark_all(None, 1_500).await;
    let lines = fixture.count("outbox").await;
    assert!(lines > 0);
    let ahead = Keep { now_ms: 400 * 86_400_000, outbox_ms: Some(2_000), ..KEEP };
    assert_eq!(fixture.store.prune(ahead).await.unwrap(), Pruned::default());
    assert_eq!((fixture.count("quarantine").await, fixture.count("outbox").await), (1, lines));
    // What came since makes it old.
    hold(&fixture, "damaged", 5_000).await;
    let pruned = fixture.store.prune(ahead).await.unwrap();
    assert_eq!(pruned, Pruned { quarantine: 1, ..Pruned::default() });
}

#[tokio::test]
async fn a_full_quarantine_loses_its_oldest_noise_first() {
    let fixture = Fixture::without_runs().await;
    hold(&fixture, "conflict", 1_000).await;
    for at_ms in 1_001..1_012 {
        hold(&fixture, "damaged", at_ms).await;
    }
    let pruned = fixture.store.prune(KEEP).await.unwrap();
    assert_eq!(pruned.quarantine, 2);
    let held = fixture.store.held(&crate::HeldOf::default(), 20).await.unwrap();
    assert!(held.iter().any(|held| held.reason == "conflict"));
    assert_eq!(held.iter().map(|held| held.received_ms).nth(9), Some(1_000));
}
