use super::*;
use crate::Quarantined;
use crate::fixture::{Fixture, chunk};

async fn hold(fixture: &Fixture, reason: &'static str, gateway: &str, bytes: Vec<u8>) {
    let row = Quarantined {
        gateway: gateway.into(),
        reason,
        detail: "byte 3: an unknown kind".into(),
        key: Some(chunk(7, 1, 100, 0).key),
        bytes_len: bytes.len(),
        bytes,
        received_ms: 5,
    };
    let delivery = Delivery { quarantined: vec![row], ..Delivery::default() };
    fixture.store.take_delivery(delivery).await.unwrap();
}

#[tokio::test]
async fn rows_are_listed_by_reason_and_gateway() {
    let fixture = Fixture::without_runs().await;
    hold(&fixture, "damaged", "g-1", vec![1]).await;
    hold(&fixture, "unknown_kind", "g-1", vec![2, 2]).await;
    hold(&fixture, "unknown_kind", "g-2", vec![3, 3, 3]).await;
    let all = fixture.store.held(&HeldOf::default(), 10).await.unwrap();
    assert_eq!(all.iter().map(|held| held.bytes_len).collect::<Vec<_>>(), [3, 2, 1]);
    let wanted = HeldOf { reason: Some("unknown_kind".into()), gateway: Some("g-1".into()) };
    let some = fixture.store.held(&wanted, 10).await.unwrap();
    assert_eq!((some.len(), some[0].key), (1, Some(chunk(7, 1, 100, 0).key)));
    let counts = fixture.store.held_by_reason(&HeldOf::default()).await.unwrap();
    assert_eq!(counts, [("damaged".to_owned(), 1), ("unknown_kind".to_owned(), 2)]);
    let (_, bytes) = fixture.store.held_bytes(some[0].id).await.unwrap().unwrap();
    assert_eq!(bytes, [2, 2]);
}

#[tokio::test]
async fn what_is_released_is_stored_once_and_a_conflict_stays() {
    let fixture = Fixture::without_runs().await;
    let ours = chunk(7, 1, 100, 0);
    hold(&fixture, "unknown_kind", "g-1", ours.bytes.clone()).await;
    let id = fixture.store.held(&HeldOf::default(), 1).await.unwrap()[0].id;
    let release = |id, arrival: Arrival| fixture.store.release(id, arrival);
    assert_eq!(release(id, ours.clone()).await.unwrap(), Released::Stored(Stored::Fresh));
    assert_eq!(release(id, ours.clone()).await.unwrap(), Released::Gone);
    assert_eq!((fixture.count("chunk").await, fixture.count("quarantine").await), (1, 0));

    let other = Arrival { bytes: vec![9; 40], ..ours };
    hold(&fixture, "unknown_kind", "g-1", other.bytes.clone()).await;
    let id = fixture.store.held(&HeldOf::default(), 1).await.unwrap()[0].id;
    assert_eq!(release(id, other).await.unwrap(), Released::Stored(Stored::Conflict));
    assert_eq!(fixture.store.held(&HeldOf::default(), 1).await.unwrap()[0].id, id, "it stays");
    assert_eq!((fixture.count("chunk").await, fixture.count("quarantine").await), (1, 1));
}

/// Failure: ink that can be stored is thrown away, or what nobody can store stays for ever.
#[tokio::test]
async fn what_nobody_can_store_is_discarded_and_what_can_be_stored_is_not() {
    let fixture = Fixture::without_runs().await;
    let ours = chunk(7, 1, 100, 0);
    hold(&fixture, "damaged", "g-1", vec![1]).await;
    hold(&fixture, "unknown_kind", "g-1", ours.bytes.clone()).await;
    let rows = fixture.store.held(&HeldOf::default(), 2).await.unwrap();
    let (sound, damaged) = (rows[0].id, rows[1].id);
    let discard = |id, arrival| fixture.store.discard(id, arrival);
    assert_eq!(discard(damaged, None).await.unwrap(), Discarded::Gone);
    assert_eq!(discard(damaged, None).await.unwrap(), Discarded::Missing);
    assert_eq!(discard(sound, Some(ours.clone())).await.unwrap(), Discarded::Sound);
    assert_eq!(fixture.count("quarantine").await, 1);
    // Other bytes stand under its key by now: it will never be stored.
    let other = Arrival { bytes: vec![9; 40], ..ours.clone() };
    fixture.store.store_chunks(vec![other]).await.unwrap();
    assert_eq!(discard(sound, Some(ours)).await.unwrap(), Discarded::Gone);
    assert_eq!(fixture.count("quarantine").await, 0);
}
