//! Databases of the first schema that both have, with content, for the tests of each.

use std::collections::BTreeSet;

use school::Right;
use sqlx::migrate::Migrator;

use crate::ink::{Key, Touch};
use crate::sql::query;
use crate::{Decoded, Store, StoreUrl};

/// The migrations up to number 6.
pub(super) fn first(all: &Migrator) -> Migrator {
    up_to(all, 6)
}

/// The migrations up to a number.
pub(super) fn up_to(all: &Migrator, last: i64) -> Migrator {
    let first = all.iter().filter(|migration| migration.version <= last).cloned();
    Migrator::with_migrations(first.collect())
}

/// A class of two pupils, one of whom wrote a chunk, was marked and overruled, and has a profile;
/// and one of another class who was in it and has a paper there.
pub(super) fn content(bytes_of_ink: &str) -> String {
    include_str!("upgrade/content.sql").replace("BYTES_OF_INK", bytes_of_ink)
}

/// Opens such a database as this version does, and looks for everything that it held.
pub(super) async fn check(url: &StoreUrl) {
    let store = Store::connect(url).await.unwrap();
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.chunks, totals.papers, totals.papers_marked), (1, 2, 1));
    let results = store.results().await.unwrap();
    let marks: BTreeSet<_> = (results.iter())
        .map(|row| (row.pupil.as_str(), row.verdict.as_deref(), row.source.as_deref()))
        .collect();
    assert_eq!(marks, BTreeSet::from([("p1", Some("wrong"), Some("screen"))]));
    // A question from that time has one part, with the question's name and no rubric.
    let parts: Vec<(String, String, i64)> = query("SELECT part, question, criteria FROM response")
        .fetch_all(store.readers())
        .await
        .unwrap();
    assert_eq!(parts, [("q1".to_owned(), "q1".to_owned(), 0)]);
    let marks: Vec<(String, String)> =
        query("SELECT part, criterion FROM mark").fetch_all(store.readers()).await.unwrap();
    assert_eq!(marks, [("q1".to_owned(), String::new()), ("q1".to_owned(), String::new())]);
    let findings = store.verify(|bytes| {
        assert_eq!(bytes, b"ink");
        let key = Key { pen: 5, boot_counter: 1, boot_random: 2, number: 1 };
        let touch = Touch { folio: 7, page: 100, first_ms: 1_000, last_ms: 1_400 };
        Ok(Decoded { key, touches: vec![touch] })
    });
    assert_eq!(findings.await.unwrap(), []);
    assert!(store.staff_of_login("teacher").await.unwrap().is_some());
    // Whoever taught the class may still do everything with it, and its pupils are in it.
    let scope = store.scope_of("t", 2_000).await.unwrap();
    for right in [Right::See, Right::Decide, Right::Know, Right::Give, Right::Assign] {
        let pupils = store.pupils_of(&scope, right, "c").await.unwrap();
        let pupils: Vec<_> = pupils.iter().map(|pupil| (pupil.number, &*pupil.id)).collect();
        assert_eq!(pupils, [(1, "p1"), (2, "p2")], "{right:?}");
    }
    let head = store.assignment_of(&scope, Right::See, "a").await.unwrap().unwrap();
    let pupils = store.matrix(&head).await.unwrap().pupils;
    let pupils: Vec<_> = pupils.iter().map(|pupil| (pupil.number, &*pupil.id)).collect();
    assert_eq!(pupils, [(1, "p1"), (2, "p2"), (7, "p3")], "who moved kept a paper here");
    assert!(store.paper(&head, "p3", 1).await.unwrap().is_some());
    let other = store.scope_of("t2", 2_000).await.unwrap();
    assert!(store.pupil_of(&other, "p3", 9).await.unwrap().is_some(), "and is in another class");
    assert!(store.pupil_of(&scope, "p3", 9).await.unwrap().is_none());
    let unnamed = store.scope_of("王", 2_000).await.unwrap();
    assert_eq!(store.classes_of(&unnamed).await.unwrap(), [], "an identity of today is ASCII");
    assert!(store.pupil_of(&scope, "p1", 9).await.unwrap().is_some());
    // And goes on: what a service does next works on it.
    while store.attribute(2_000).await.unwrap() > 0 {}
    store.settle(3_000).await.unwrap();
    assert_eq!(store.totals().await.unwrap().papers, 2);
    store.close().await.unwrap();
}
