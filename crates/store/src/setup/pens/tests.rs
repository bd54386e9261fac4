use sample_school::{holder, lease, marker};

use super::*;
use crate::fixture::Fixture;

const HOUR_MS: i64 = 3_600_000;

/// Somebody on the command line.
fn keeper() -> Keeper {
    Keeper { school: "s".into(), staff: None, now_ms: 10 }
}

fn pen(pen: u64, number: u32) -> PenRow {
    PenRow { pen, set: "A".into(), number }
}

/// Pens of a set for the first two of the three pupils of `c-1`, and one for nobody.
async fn lent() -> Fixture {
    let fixture = Fixture::new().await;
    let pens = vec![pen(1, 1), pen(2, 2), pen(3, 7)];
    fixture.store.insert_pens(keeper(), pens).await.unwrap();
    let lent = fixture.store.lend_set(keeper(), "A", "c-1", 10).await.unwrap();
    assert_eq!((lent.pens, lent.without), (vec![1, 2], vec![3]));
    fixture
}

/// Who holds each pen of the list at a moment.
async fn held(fixture: &Fixture, at_ms: i64) -> Vec<(u64, Option<Holder>)> {
    let lines = fixture.store.pens(None, at_ms).await.unwrap();
    lines.into_iter().map(|line| (line.pen, line.holder)).collect()
}

/// Whose the ink of each pen on each page is, by pen and page.
async fn whose(fixture: &Fixture) -> Vec<String> {
    fixture.attribute().await;
    let pupils = query("SELECT pupil FROM attribution ORDER BY pen, page");
    pupils.scalars(fixture.store.readers()).await.unwrap()
}

#[tokio::test]
async fn a_set_is_given_out_by_number() {
    let fixture = lent().await;
    let holders = vec![(1, Some(holder(1))), (2, Some(holder(2))), (3, None)];
    assert_eq!(held(&fixture, 11).await, holders);
    let line = fixture.store.pens(None, 11).await.unwrap().remove(1);
    assert_eq!(line.class.map(|(_, number)| number), Some(2));
    assert_eq!(line.place, Some(("A".into(), 2)));
    // Again changes nothing.
    fixture.store.lend_set(keeper(), "A", "c-1", 10).await.unwrap();
    assert_eq!(held(&fixture, 11).await, holders);
}

#[tokio::test]
async fn pupils_with_long_numbers_take_pens_by_the_last_two_digits() {
    let fixture = Fixture::new().await;
    fixture.execute("UPDATE enrolment SET number = number + 20240300").await;
    fixture.store.insert_pens(keeper(), vec![pen(1, 1), pen(2, 2), pen(3, 7)]).await.unwrap();
    let lent = fixture.store.lend_set(keeper(), "A", "c-1", 10).await.unwrap();
    assert_eq!((lent.pens, lent.without), (vec![1, 2], vec![20_240_303]));
}

#[tokio::test]
async fn a_place_is_one_pens() {
    let fixture = lent().await;
    let refused = fixture.store.insert_pens(keeper(), vec![pen(9, 9), pen(4, 2)]).await;
    assert!(matches!(refused, Err(StoreError::PenPlace { pen: 2, .. })), "{refused:?}");
    assert_eq!(held(&fixture, 11).await.len(), 3, "all or none");
    fixture.store.insert_pens(keeper(), vec![pen(2, 8), pen(4, 2)]).await.unwrap();
    let places = fixture.store.pens(None, 11).await.unwrap();
    let places: Vec<_> = places.iter().map(|line| (line.pen, line.place.clone())).collect();
    let place = |number| Some(("A".to_owned(), number));
    assert_eq!(places, [(1, place(1)), (4, place(2)), (3, place(7)), (2, place(8))]);
}

#[tokio::test]
async fn what_comes_back_is_nobodys_and_what_is_lost_is_not_lent() {
    let fixture = lent().await;
    fixture.store.return_pens(keeper(), None, vec![1, 3], 20, false).await.unwrap();
    fixture.store.return_pens(keeper(), None, vec![2], 30, true).await.unwrap();
    assert_eq!(held(&fixture, 19).await[0].1, Some(holder(1)));
    assert_eq!(held(&fixture, 31).await, [(1, None), (2, None), (3, None)]);
    let lines = fixture.store.pens(None, 31).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.lost_ms).collect::<Vec<_>>(), [None, Some(30), None]);
    let again = fixture.store.lend_set(keeper(), "A", "c-1", 40).await.unwrap();
    assert_eq!((again.pens, again.without), (vec![1], vec![2, 3]));
    fixture.store.insert_pens(keeper(), vec![pen(2, 2)]).await.unwrap();
    let found = fixture.store.lend_set(keeper(), "A", "c-1", 50).await.unwrap();
    assert_eq!(found.pens, [1, 2], "found");
}

#[tokio::test]
async fn a_pen_that_is_lent_is_not_missing() {
    let fixture = lent().await;
    fixture.store.return_pens(keeper(), None, vec![2], 30, true).await.unwrap();
    fixture.store.lend_pen(keeper(), 2, holder(3), Some(40)).await.unwrap();
    let line = fixture.store.pens(None, 41).await.unwrap().remove(1);
    assert_eq!((line.lost_ms, line.holder), (None, Some(holder(3))));
}

/// An exchange that was planned is off once the pen is back.
#[tokio::test]
async fn what_would_begin_later_ends_too() {
    let fixture = lent().await;
    fixture.store.swap_pens(keeper(), (1, 2), 500, Some(600), None).await.unwrap();
    fixture.store.return_pens(keeper(), None, vec![1], 20, false).await.unwrap();
    let planned = [(1, None), (2, Some(holder(1))), (3, None)];
    assert_eq!(held(&fixture, 550).await, planned);
}

#[tokio::test]
async fn an_exchange_moves_the_ink_and_ends() {
    let fixture = lent().await;
    // Both write on the shared page in the exchanged hour and after it.
    for (pen, number) in [(1, 1), (2, 1)] {
        fixture.write(pen, number, 900, HOUR_MS).await;
        fixture.write(pen, number + 1, 901, 3 * HOUR_MS).await;
    }
    assert_eq!(whose(&fixture).await, ["p-1", "p-1", "p-2", "p-2"]);
    fixture.store.swap_pens(keeper(), (1, 2), 500, Some(2 * HOUR_MS), None).await.unwrap();
    let now = [(1, Some(holder(2))), (2, Some(holder(1))), (3, None)];
    assert_eq!(held(&fixture, HOUR_MS).await, now);
    let later = [(1, Some(holder(1))), (2, Some(holder(2))), (3, None)];
    assert_eq!(held(&fixture, 2 * HOUR_MS).await, later);
    assert_eq!(whose(&fixture).await, ["p-2", "p-1", "p-1", "p-2"]);
    let refused = fixture.store.swap_pens(keeper(), (1, 3), 500, None, None).await;
    assert!(matches!(refused, Err(StoreError::Missing { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_pen_that_nobody_put_anywhere_is_listed_with_its_ink() {
    let fixture = Fixture::new().await;
    fixture.write(77, 1, 900, 1_000).await;
    fixture.store.insert_leases(vec![lease(66, marker(), 0, None)]).await.unwrap();
    fixture.attribute().await;
    let lines = fixture.store.pens(None, 5_000).await.unwrap();
    let line = |pen| lines.iter().find(|line| line.pen == pen).unwrap();
    assert_eq!((line(77).nobodys, line(77).received_ms), (1, Some(2_000)));
    assert_eq!(line(66).holder, Some(marker()));
    assert_eq!((line(66).place.clone(), line(66).received_ms), (None, None));
}

/// Failure: an exchange that is sent twice and undoes itself, also one of a time that is over.
#[tokio::test]
async fn an_exchange_is_made_once_of_what_was_seen() {
    let fixture = lent().await;
    let store = &fixture.store;
    let school = crate::KeptSchool { id: "s".into(), name_zh: "—".into(), name_en: "—".into() };
    let seen = async || Some(store.pens_seen(&school).await.unwrap());
    let first = seen().await;
    let done = store.swap_pens(keeper(), (1, 2), 500, Some(600), first).await.unwrap();
    let swapped = [(1, Some(holder(2))), (2, Some(holder(1))), (3, None)];
    for _ in 0..2 {
        let again = store.swap_pens(keeper(), (1, 2), 500, Some(600), first).await;
        assert!(matches!(again, Err(StoreError::PenChanged { pen: 1 })), "{again:?}");
        assert_eq!(held(&fixture, 550).await, swapped);
    }
    // What is undone is a change too, and what is done with another pen is none of these.
    let second = seen().await;
    store.find_pen(keeper(), 3).await.unwrap();
    store.undo_pen_change(keeper(), done.id).await.unwrap();
    let late = store.swap_pens(keeper(), (2, 1), 500, Some(600), second).await;
    assert!(matches!(late, Err(StoreError::PenChanged { pen: 2 })), "{late:?}");
    let third = seen().await;
    store.find_pen(keeper(), 3).await.unwrap();
    store.swap_pens(keeper(), (1, 2), 500, Some(600), third).await.unwrap();
    assert_eq!(held(&fixture, 550).await, swapped);
}
