use super::*;
use crate::fixture::{Fixture, chunk, key};
use crate::sql::query;

async fn revision(fixture: &Fixture, page: u32, pen: i64) -> i64 {
    query("SELECT coalesce(max(ink_rev), 0) FROM ink WHERE page = $1 AND pen = $2")
        .bind(page)
        .bind(pen)
        .scalar(fixture.store.readers())
        .await
        .unwrap()
}

#[test]
fn folio_keeps_every_bit() {
    for (section, owner, book) in [(0, 0, 0), (255, 0x00ff_ffff, u32::MAX), (3, 27, 168)] {
        assert_eq!(unfold(folio(section, owner, book)), (section, owner, book));
    }
}

#[tokio::test]
async fn twice_is_once() {
    let fixture = Fixture::new().await;
    let batch: Vec<_> = (1..=5).map(|number| chunk(7, number, 100, 0)).collect();
    assert_eq!(fixture.store.store_chunks(batch.clone()).await.unwrap(), [Stored::Fresh; 5]);
    assert_eq!(fixture.store.store_chunks(batch).await.unwrap(), [Stored::Duplicate; 5]);
    assert_eq!(fixture.count("chunk").await, 5);
    assert_eq!(fixture.count("chunk_address").await, 5);
    assert_eq!(revision(&fixture, 100, 7).await, 5, "moved on by fresh chunks only");
    assert_eq!(fixture.count("quarantine").await, 0);
}

#[tokio::test]
async fn twice_in_one_batch_is_once() {
    let fixture = Fixture::new().await;
    let mut other = chunk(7, 1, 100, 0);
    other.bytes.push(b'!');
    let batch = vec![chunk(7, 1, 100, 0), chunk(7, 1, 100, 0), other.clone(), chunk(7, 2, 100, 0)];
    let stored = fixture.store.store_chunks(batch.clone()).await.unwrap();
    assert_eq!(stored, [Stored::Fresh, Stored::Duplicate, Stored::Conflict, Stored::Fresh]);
    let again = fixture.store.store_chunks(batch).await.unwrap();
    assert_eq!(again, [Stored::Duplicate, Stored::Duplicate, Stored::Conflict, Stored::Duplicate]);
    assert_eq!(fixture.count("chunk").await, 2);
}

/// More chunks than one statement of SQLite takes, in another order than their keys'.
#[tokio::test]
async fn each_chunk_of_a_long_batch_is_told_what_became_of_it() {
    let fixture = Fixture::new().await;
    let before: Vec<_> = (1..=1_100).step_by(7).map(|number| chunk(7, number, 100, 0)).collect();
    fixture.store.store_chunks(before).await.unwrap();
    let arrival = |number| {
        let mut arrival = chunk(7, number, 100 + number % 2, 0);
        arrival.bytes = chunk(7, number, 100, 0).bytes;
        if number % 14 == 1 {
            arrival.bytes.push(b'!');
        }
        arrival
    };
    let batch: Vec<_> = (1..=1_100).rev().map(arrival).collect();
    let stored = fixture.store.store_chunks(batch).await.unwrap();
    for (number, stored) in (1..=1_100).rev().zip(stored) {
        let expected = match number % 14 {
            1 => Stored::Conflict,
            8 => Stored::Duplicate,
            _ => Stored::Fresh,
        };
        assert_eq!(stored, expected, "chunk {number}");
    }
    assert_eq!(fixture.count("chunk").await, 1_100);
    // An address of another chunk would name another page.
    let astray: i64 = query(
        "SELECT count(*) FROM chunk_address a JOIN chunk c ON c.id = a.chunk
         WHERE a.page <> 100 + c.number % 2 AND c.number % 7 <> 1",
    )
    .scalar(fixture.store.readers())
    .await
    .unwrap();
    assert_eq!(astray, 0);
}

#[tokio::test]
async fn other_bytes_under_a_key_are_held_and_change_nothing() {
    let fixture = Fixture::new().await;
    fixture.write(7, 1, 100, 0).await;
    let mut other = chunk(7, 1, 101, 0);
    other.bytes = b"corrupt".to_vec();
    for _ in 0..2 {
        let stored = fixture.store.store_chunks(vec![other.clone()]).await.unwrap();
        assert_eq!(stored, [Stored::Conflict]);
    }
    let held: Vec<(String, i64, Vec<u8>)> = query("SELECT reason, pen, bytes FROM quarantine")
        .fetch_all(fixture.store.readers())
        .await
        .unwrap();
    assert_eq!(held, [("conflict".to_owned(), 7, b"corrupt".to_vec())], "kept once");
    let bytes: Vec<u8> =
        query("SELECT bytes FROM chunk").scalar(fixture.store.readers()).await.unwrap();
    assert_eq!(bytes, chunk(7, 1, 100, 0).bytes);
    assert_eq!(revision(&fixture, 101, 7).await, 0);
}

#[tokio::test]
async fn keys_of_all_sizes_come_back() {
    let fixture = Fixture::new().await;
    let mut arrival = chunk(u64::MAX, u32::MAX, u32::MAX, i64::MIN / 2);
    arrival.key.boot_counter = u32::MAX;
    arrival.touches[0].folio = folio(255, 0x00ff_ffff, u32::MAX);
    arrival.bytes = vec![0, 255, b'"', 0];
    let twice = vec![arrival.clone(), arrival];
    let stored = fixture.store.store_chunks(twice).await.unwrap();
    assert_eq!(stored, [Stored::Fresh, Stored::Duplicate]);
    let bytes: Vec<u8> = query("SELECT bytes FROM chunk WHERE pen = -1")
        .scalar(fixture.store.readers())
        .await
        .unwrap();
    assert_eq!(bytes, [0, 255, b'"', 0]);
    fixture.attribute().await;
}

#[tokio::test]
async fn a_batch_is_stored_whole_or_not_at_all() {
    let fixture = Fixture::new().await;
    fixture.refuse("clock", "NEW.pen = 7").await;
    let clock = ClockRow { pen: 7, boot_counter: 1, boot_random: 2, offset_ms: 1, error_ms: 1 };
    let delivery = Delivery {
        arrivals: vec![chunk(7, 1, 100, 0)],
        clocks: vec![clock],
        ..Delivery::default()
    };
    assert!(fixture.store.take_delivery(delivery).await.is_err());
    assert_eq!(fixture.count("chunk").await, 0);
    assert_eq!(fixture.count("ink").await, 0);
}

#[tokio::test]
async fn hellos_name_the_model() {
    let fixture = Fixture::new().await;
    let mut hello = chunk(7, 0, 100, 0);
    hello.touches.clear();
    hello.hello_model = Some("M-1".into());
    fixture.store.store_chunks(vec![hello]).await.unwrap();
    let model: String =
        query("SELECT model FROM pen WHERE id = 7").scalar(fixture.store.readers()).await.unwrap();
    assert_eq!(model, "M-1");
    assert_eq!(fixture.count("ink").await, 0);
}

#[tokio::test]
async fn refused_bytes_of_a_known_key_are_kept_once_others_each_time() {
    let fixture = Fixture::new().await;
    let row = |key| Quarantined {
        gateway: "g-1".into(),
        reason: "unknown_version",
        detail: "version 9".into(),
        key,
        bytes: vec![1, 2],
        bytes_len: 400,
        received_ms: 5,
    };
    let rows = vec![row(Some(key(7, 1))), row(Some(key(7, 1))), row(None), row(None)];
    fixture.store.quarantine(rows).await.unwrap();
    assert_eq!(fixture.count("quarantine").await, 3);
}

#[tokio::test]
async fn a_clock_moves_ink_only_where_it_is_off_by_more_than_its_error() {
    let fixture = Fixture::new().await;
    fixture.write(7, 1, 900, 0).await;
    fixture.attribute().await;
    let clock = |offset_ms| ClockRow {
        pen: 7,
        boot_counter: key(7, 1).boot_counter,
        boot_random: key(7, 1).boot_random,
        offset_ms,
        error_ms: 500,
    };
    for (offset_ms, moves) in [(300, false), (-150, false), (60_000, true), (60_400, false)] {
        fixture.store.clocks(vec![clock(offset_ms)]).await.unwrap();
        let stale = fixture.store.work_left().await.unwrap().stale_ink;
        assert_eq!(stale == 1, moves, "offset {offset_ms} ms");
        fixture.attribute().await;
    }
}
