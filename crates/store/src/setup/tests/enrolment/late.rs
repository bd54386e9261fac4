//! What becomes known after the ink came.

use super::*;

#[tokio::test]
async fn a_sheet_that_was_blank_at_the_move_is_the_new_class_s() {
    let fixture = two_classes().await;
    enrol(&fixture.store, in_class("p-1", "c-2", 4, MOVE_MS)).await.unwrap();
    fixture.write(7, 1, 900, MOVE_MS + 10).await;
    assert_eq!(fixture.stale_papers().await, [("b-all".to_owned(), "p-1".to_owned(), 1)]);
}

/// Failure: the ink stays with the former class, or is on the papers of both.
#[tokio::test]
async fn a_move_that_becomes_known_late_takes_later_ink_along() {
    let fixture = two_classes().await;
    let store = &fixture.store;
    fixture.write(7, 1, 900, 10_000).await;
    assert_eq!(papers(&fixture).await, marked("a-all", 1));
    enrol(store, in_class("p-1", "c-2", 4, 5_000)).await.unwrap();
    assert_eq!(papers(&fixture).await, marked("b-all", 1));
    fixture.write(7, 2, 900, 20_000).await;
    assert_eq!(papers(&fixture).await, marked("b-all", 2));
    // Still later ink from before the move comes in: the sheet was begun in the former class.
    fixture.write(7, 3, 901, 1_000).await;
    let stale = fixture.stale_papers().await;
    let stale: Vec<_> = stale.iter().map(|(id, _, page)| (id.as_str(), *page)).collect();
    assert_eq!(stale, [("a-all", 1), ("a-all", 2), ("b-all", 1)], "all of it goes back");
}

/// Failure: ink that went to the former class's assignment stays there when that of the class in
/// force is stored, or when the former one is given only after the move.
#[tokio::test]
async fn an_assignment_that_becomes_known_late_takes_its_ink() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_leases(vec![lease(7, holder(1), 0, None)]).await.unwrap();
    enrol(store, in_class("p-1", "c-2", 4, 5_000)).await.unwrap();
    fixture.write(7, 1, 900, 10_000).await;
    assert_eq!(papers(&fixture).await, marked("a-all", 1), "there is no other");
    let own = AssignmentRow { class: "c-2".into(), ..assignment("b-all", "all") };
    store.insert_assignment(own.clone()).await.unwrap();
    assert_eq!(papers(&fixture).await, marked("b-all", 1));
    store.insert_assignment(own).await.unwrap();
    assert_eq!(store.work_left().await.unwrap().stale_ink, 0, "the same again changes nothing");

    let alone = Fixture::new().await;
    let store = &alone.store;
    store.insert_leases(vec![lease(7, holder(1), 0, None)]).await.unwrap();
    enrol(store, in_class("p-1", "c-2", 4, 5_000)).await.unwrap();
    alone.write(7, 1, 900, 10_000).await;
    assert_eq!(papers(&alone).await, marked("a-all", 1));
    let later = AssignmentRow { assigned_ms: 6_000, ..assignment("a-all", "all") };
    store.insert_assignment(later).await.unwrap();
    assert_eq!(papers(&alone).await, [], "the pupil was gone when it was given");
    assert_eq!(store.work_left().await.unwrap().unattributed_ink, 1);
}

#[tokio::test]
async fn only_ink_that_may_be_the_pupil_s_is_looked_at_again() {
    let fixture = two_classes().await;
    let store = &fixture.store;
    // Of a pen that nobody held, on a sheet of both classes.
    fixture.write(9, 1, 900, 10_000).await;
    fixture.attribute().await;
    enrol(store, in_class("p-2", "c-1", 7, 0)).await.unwrap();
    assert_eq!(store.work_left().await.unwrap().stale_ink, 0, "another number");
    enrol(store, in_class("p-2", "c-2", 7, MOVE_MS)).await.unwrap();
    assert_eq!(store.work_left().await.unwrap().stale_ink, 0, "another class");
}
