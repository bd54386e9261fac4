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

/// A frame of pen and number that nobody can read, as it lies in the quarantine.
fn unreadable(pen: u64, number: u32, received_ms: i64) -> Quarantined {
    Quarantined {
        gateway: "g-1".into(),
        reason: "unknown_version",
        detail: "version 9".into(),
        key: Some(key(pen, number)),
        bytes: format!("frame {number} of {pen}").into_bytes(),
        bytes_len: 20,
        received_ms,
    }
}

/// Failure: a frame of the pupil's pen that nobody could read stays, or somebody else's goes.
#[tokio::test]
async fn frames_that_nobody_can_read_go_by_their_pen_and_time() {
    let (fixture, _) = school().await;
    // Pen 5 wrote nothing that can be read, and changed hands.
    let leases =
        vec![lease(5, holder(1), -10_000, Some(50_000)), lease(5, holder(2), 50_000, None)];
    fixture.store.insert_leases(leases).await.unwrap();
    let rows = vec![
        // Between and behind what the pupil wrote, and behind what another wrote on their copy.
        unreadable(1, 2, 5),
        unreadable(1, 9, 5),
        unreadable(2, 9, 5),
        unreadable(5, 1, 5),
        Quarantined { key: Some(Key { boot_counter: 2, ..key(5, 1) }), ..unreadable(5, 1, 60_000) },
    ];
    fixture.store.quarantine(rows).await.unwrap();
    let counted = fixture.store.erasable("p-1").await.unwrap();
    let erased = fixture.store.erase_pupil("p-1").await.unwrap();
    assert_eq!(erased, counted);
    let left = fixture.store.held(&crate::HeldOf::default(), 10).await.unwrap();
    let mut left: Vec<_> = left.iter().map(|row| row.key.unwrap()).collect();
    left.sort_unstable_by_key(|key| (key.pen, key.number));
    let second = Key { boot_counter: 2, ..key(5, 1) };
    assert_eq!(left, [key(2, 9), second]);
    // It is refused as erased if it comes in a version that can be read.
    let again = fixture.store.store_chunks(vec![chunk(5, 1, 900, 0)]).await.unwrap();
    assert_eq!(again, [Stored::Erased]);
}

/// Failure: a pupil who left cannot be found, or one who is there counts as gone.
#[tokio::test]
async fn who_left_is_found_by_name_class_and_number() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.store.pupils_left(None, 1_000).await.unwrap(), []);
    let left = query("UPDATE enrolment SET until_ms = 500 WHERE pupil = 'p-1'");
    let change = fixture.store.write(|tx| Box::pin(async move { Ok(left.execute(tx).await?) }));
    change.await.unwrap();
    let found = fixture.store.pupil_found("p-1").await.unwrap().unwrap();
    assert_eq!((&*found.id, found.until_ms), ("p-1", Some(500)));
    assert_eq!(fixture.store.pupils_left(None, 1_000).await.unwrap(), std::slice::from_ref(&found));
    assert_eq!(fixture.store.pupils_left(Some("s"), 1_000).await.unwrap(), [found]);
    assert_eq!(fixture.store.pupils_left(Some("another"), 1_000).await.unwrap(), []);
    assert_eq!(fixture.store.pupils_left(None, 400).await.unwrap(), [], "not yet");
}

mod sqlite {
    use super::*;

    /// Failure: pieces of the pupil in unused parts of the file or in its log, while a service has the
    /// store open; or a store that is not sound afterwards.
    #[tokio::test]
    async fn a_file_that_is_written_anew_holds_no_pieces() {
        let (fixture, _) = school().await;
        let file = fixture.url.path().unwrap().to_owned();
        let beside =
            file.with_file_name(format!("{}-wal", file.file_name().unwrap().to_str().unwrap()));
        let has = |text: &str| {
            [&file, &beside].into_iter().any(|file| {
                let bytes = std::fs::read(file).unwrap_or_default();
                bytes.windows(text.len()).any(|window| window == text.as_bytes())
            })
        };
        // Their name was another once, and some rows were deleted while nothing was overwritten.
        for name in ["昔日姓名甲乙丙丁戊己庚辛壬癸", "陈一诺"] {
            let rename = query("UPDATE pupil SET name = $1 WHERE id = 'p-1'").bind(name);
            let change =
                fixture.store.write(|tx| Box::pin(async move { Ok(rename.execute(tx).await?) }));
            change.await.unwrap();
        }
        fixture.store.erase_pupil("p-1").await.unwrap();
        assert!(has("昔日姓名甲乙丙丁"), "pieces are left until the file is written anew");
        assert!(Store::rewrite_file(&file).await.unwrap());
        for mark in ["昔日姓名甲乙丙丁", "chunk 1 of 1 on 100", "other ink of the child", "陈一诺"]
        {
            assert!(!has(mark), "{mark}");
        }
        assert!(has("chunk 1 of 2 on 102"));
        // The service goes on.
        fixture.store.store_chunks(vec![chunk(2, 5, 102, 0)]).await.unwrap();
        assert!(fixture.count("erased_ink").await > 0);
    }

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
