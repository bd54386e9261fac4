use sample_school::{holder, lease, marker};
use sqlx::AssertSqlSafe;

use super::*;
use crate::fixture::{Fixture, RIGHT, chunk, key};
use crate::sql::Small;
use crate::{Arrival, Decoded, Delivery, Keeper, Key, Quarantined, Stored};

/// A hello: number 0, on no page.
fn hello(pen: u64) -> Arrival {
    Arrival {
        key: key(pen, 0),
        bytes: b"hello".to_vec(),
        touches: Vec::new(),
        ..chunk(pen, 0, 1, 0)
    }
}

/// Reads back what [`chunk`] and [`hello`] wrote.
fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    let text = std::str::from_utf8(bytes).unwrap();
    let numbers: Vec<u32> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
    let arrival = match numbers[..] {
        [number, pen, page] => chunk(pen.into(), number, page, 0),
        _ => hello(1),
    };
    Ok(Decoded { key: arrival.key, touches: arrival.touches })
}

/// `p-1` wrote on their own copy and on a shared sheet, borrowed their pen to write on the copy of
/// `p-2`, whose pen wrote on theirs; the teacher's red pen went over two copies in one chunk.
async fn school() -> (Fixture, Vec<Arrival>) {
    let fixture = Fixture::new().await;
    let leases = vec![
        lease(1, holder(1), -10_000, None),
        lease(2, holder(2), -10_000, None),
        lease(9, marker(), -10_000, None),
    ];
    fixture.store.insert_leases(leases).await.unwrap();
    let mut red = chunk(9, 1, 100, 0);
    red.touches.extend(chunk(9, 1, 102, 0).touches);
    let arrivals = vec![
        hello(1),
        chunk(1, 1, 100, 0),
        chunk(1, 2, 101, 0),
        chunk(1, 3, 900, 0),
        chunk(1, 4, 102, 0),
        chunk(2, 1, 102, 0),
        chunk(2, 2, 900, 0),
        chunk(2, 3, 100, 0),
        chunk(9, 2, 101, 0),
        red,
    ];
    let conflict = Quarantined {
        gateway: "g-1".into(),
        reason: "conflict",
        detail: "other bytes".into(),
        key: Some(key(1, 2)),
        bytes: b"other ink of the child".to_vec(),
        bytes_len: 22,
        received_ms: 5,
    };
    let delivery =
        Delivery { arrivals: arrivals.clone(), quarantined: vec![conflict], ..Delivery::default() };
    fixture.store.take_delivery(delivery).await.unwrap();
    fixture.mark_all(Some(RIGHT), 1).await;
    // What the log of pens says of the pupil.
    let keeper = Keeper { school: "s".into(), staff: None, now_ms: 5_000 };
    fixture.store.lend_pen(keeper, 7, holder(1), Some(6_000)).await.unwrap();
    (fixture, arrivals)
}

/// Pen and number of every chunk that is stored.
async fn stored(fixture: &Fixture) -> Vec<(i64, u32)> {
    let rows: Vec<(i64, Small)> = query("SELECT pen, number FROM chunk ORDER BY pen, number")
        .fetch_all(fixture.store.readers())
        .await
        .unwrap();
    rows.into_iter().map(|(pen, Small(number))| (pen, number)).collect()
}

/// Tables with a row in which some text stands.
async fn tables_with(fixture: &Fixture, text: &str) -> Vec<String> {
    let is_file = fixture.url.path().is_some();
    let columns: Vec<(String, String)> = query(if is_file {
        "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
         WHERE m.type = 'table'"
    } else {
        "SELECT table_name::text, column_name::text FROM information_schema.columns
         WHERE table_schema = 'public'"
    })
    .fetch_all(fixture.store.readers())
    .await
    .unwrap();
    assert!(columns.len() > 100);
    let mut with = Vec::new();
    for (table, column) in columns {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM \"{table}\" WHERE CAST(\"{column}\" AS TEXT) LIKE $1)"
        );
        let found = query(AssertSqlSafe(sql)).bind(format!("%{text}%"));
        let found: bool = found.scalar(fixture.store.readers()).await.unwrap();
        with.extend(found.then(|| format!("{table}.{column}")));
    }
    with
}

/// Failure: a row that still names the pupil, ink of the pupil that stays or comes back, ink of
/// somebody else that goes, or a store that is not sound afterwards.
#[tokio::test]
async fn nothing_of_an_erased_pupil_is_left_and_nothing_comes_back() {
    let (fixture, arrivals) = school().await;
    let counted = fixture.store.erasable("p-1").await.unwrap();
    assert_eq!(
        counted,
        Erased { chunks: 6, papers: 3, others_chunks: 1, quarantined: 1 },
        "counted, and nothing done"
    );
    assert_eq!(fixture.count("chunk").await, 10);
    assert!(tables_with(&fixture, "p-1").await.len() > 8);

    assert_eq!(fixture.store.erase_pupil("p-1").await.unwrap(), counted);
    assert_eq!(stored(&fixture).await, [(1, 4), (2, 1), (2, 2), (9, 1)]);
    assert_eq!(tables_with(&fixture, "p-1").await, Vec::<String>::new());
    assert_eq!(tables_with(&fixture, "陈一诺").await, Vec::<String>::new());

    // A spool that sends everything again brings back nothing.
    let again = fixture.store.store_chunks(arrivals.clone()).await.unwrap();
    let is_theirs = |arrival: &Arrival| {
        matches!((arrival.key.pen, arrival.key.number), (1, 0..=3) | (2, 3) | (9, 2))
    };
    for (arrival, stored) in arrivals.iter().zip(again) {
        let expected = if is_theirs(arrival) { Stored::Erased } else { Stored::Duplicate };
        assert_eq!(stored, expected, "{:?}", arrival.key);
    }
    let held = Quarantined {
        gateway: "g-1".into(),
        reason: "malformed",
        detail: String::new(),
        key: Some(key(1, 1)),
        bytes: b"ink".to_vec(),
        bytes_len: 3,
        received_ms: 7,
    };
    fixture.store.quarantine(vec![held]).await.unwrap();
    assert_eq!(fixture.count("quarantine").await, 0);
    // What is new is taken.
    let new = fixture.store.store_chunks(vec![chunk(2, 4, 102, 0), hello(1)]).await.unwrap();
    assert_eq!(new, [Stored::Fresh, Stored::Erased]);

    fixture.mark_all(Some(RIGHT), 2).await;
    let decode = |bytes: &[u8]| match decode(bytes)? {
        // The chunk that touches two pages.
        Decoded { key, mut touches } if key == crate::fixture::key(9, 1) => {
            touches.extend(chunk(9, 1, 102, 0).touches);
            Ok(Decoded { key, touches })
        }
        decoded => Ok(decoded),
    };
    assert_eq!(fixture.store.verify(decode).await.unwrap(), []);
    let papers: Vec<(String, i64)> = query("SELECT pupil, page FROM paper ORDER BY 1, 2")
        .fetch_all(fixture.store.readers())
        .await
        .unwrap();
    assert_eq!(papers, [("p-2".to_owned(), 1), ("p-2".to_owned(), 1)]);
    assert!(fixture.store.erase_pupil("p-1").await.is_err(), "there is no such pupil any more");
}

#[tokio::test]
async fn a_start_that_is_over_is_erased_whole_and_one_that_changed_hands_in_part() {
    let fixture = Fixture::new().await;
    let leases = vec![
        lease(1, holder(1), -10_000, Some(50_000)),
        lease(1, holder(2), 50_000, None),
        lease(3, holder(1), -10_000, Some(50_000)),
        lease(3, holder(2), 50_000, None),
    ];
    fixture.store.insert_leases(leases).await.unwrap();
    let later = |pen, number| {
        let key = Key { boot_counter: 2, ..key(pen, number) };
        Arrival { key, ..chunk(pen, number, 900, 90_000) }
    };
    let arrivals = vec![
        // One start of pen 1 is the pupil's, the next one another's.
        chunk(1, 1, 900, 0),
        chunk(1, 4, 900, 10_000),
        later(1, 1),
        // Pen 3 changed hands while it was on.
        chunk(3, 1, 900, 0),
        chunk(3, 3, 900, 10_000),
        chunk(3, 5, 900, 60_000),
    ];
    fixture.store.store_chunks(arrivals).await.unwrap();
    fixture.attribute().await;
    assert_eq!(fixture.store.erase_pupil("p-1").await.unwrap().chunks, 4);
    // What was still under way in a gateway.
    let late = vec![
        chunk(1, 2, 900, 5_000),
        chunk(1, 9, 900, 20_000),
        later(1, 2),
        chunk(3, 2, 900, 5_000),
        chunk(3, 6, 900, 61_000),
    ];
    use Stored::{Erased, Fresh};
    let stored = fixture.store.store_chunks(late).await.unwrap();
    assert_eq!(stored, [Erased, Erased, Fresh, Erased, Fresh]);
}

mod sqlite {
    use super::*;

    /// Failure: bytes of the pupil's ink, or the pupil's name, in the file after it was closed.
    #[tokio::test]
    async fn what_is_erased_is_overwritten_in_the_file() {
        let (fixture, _) = school().await;
        let file = fixture.url.path().unwrap().to_owned();
        let has = |bytes: &[u8], text: &str| {
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        };
        let marks = ["chunk 1 of 1 on 100", "other ink of the child", "陈一诺"];
        fixture.store.close().await.unwrap();
        let before = std::fs::read(&file).unwrap();
        assert!(marks.iter().all(|mark| has(&before, mark)));
        let store = Store::connect(&fixture.url).await.unwrap();
        store.erase_pupil("p-1").await.unwrap();
        store.close().await.unwrap();
        let after = std::fs::read(&file).unwrap();
        assert!(has(&after, "chunk 1 of 2 on 102"));
        for mark in marks {
            assert!(!has(&after, mark), "{mark}");
        }
    }
}
