//! Ink that is nobody's, and the classes of those who may say whose it is.

use super::*;

/// The pages on which a class is shown nobody's ink, as its teacher sees it.
async fn nobodys(fixture: &Fixture, staff: &str, class: &str) -> Vec<u32> {
    fixture.attribute().await;
    let scope = fixture.scope(staff, MOVE_MS).await;
    let ink = fixture.store.nobodys_ink(&scope, class, 9).await.unwrap();
    assert_eq!(fixture.store.nobodys_count(&scope, class).await.unwrap() as usize, ink.len());
    ink.into_iter().map(|ink| ink.page).collect()
}

/// Failure: a class sees, and could take back, what another said of a pupil who moved.
#[tokio::test]
async fn what_was_said_of_a_pupil_s_ink_stays_where_it_was_said() {
    let fixture = two_classes().await;
    let store = &fixture.store;
    let ink = |pen, page| GivenInk {
        folio: crate::folio(3, 27, 5),
        page,
        pen,
        boot_counter: 1,
        boot_random: 0xffff_fff0,
    };
    let given = async |staff: &str, class: &str| -> Vec<i64> {
        let scope = fixture.scope(staff, MOVE_MS).await;
        let rows = store.given_ink(&scope, class, 9).await.unwrap();
        rows.iter().map(|row| row.pen).collect()
    };
    fixture.write(9, 1, 900, 10_000).await;
    assert!(store.give_ink(ink(9, 900), holder(1), "t-wang", 20_000).await.unwrap());
    enrol(store, in_class("p-1", "c-2", 4, MOVE_MS)).await.unwrap();
    fixture.write(10, 1, 901, MOVE_MS + 10).await;
    assert!(store.give_ink(ink(10, 901), holder(1), "t-li", MOVE_MS + 20).await.unwrap());
    assert_eq!(given("t-wang", "c-1").await, [9]);
    assert_eq!(given("t-li", "c-2").await, [10]);
}

/// Failure: a class is shown another's sheets, since one of its pupils once held the pen.
#[tokio::test]
async fn nobody_s_ink_is_known_to_the_class_of_the_sheet() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_grants(vec![teaches("t-wang", "c-2")]).await.unwrap();
    store.insert_print_run("s", run("theirs", 700, Copies::Shared), vec![]).await.unwrap();
    let theirs = AssignmentRow { class: "c-2".into(), ..assignment("b-theirs", "theirs") };
    store.insert_assignment(theirs).await.unwrap();
    enrol(store, in_class("p-9", "c-2", 9, 0)).await.unwrap();
    let leases = vec![lease(5, holder(2), 0, Some(5_000)), lease(5, holder(9), 8_000, Some(9_000))];
    store.insert_leases(leases).await.unwrap();
    // On the other class's sheet, on plain paper, and on one's own.
    for (number, page) in [(1, 700), (2, 777), (3, 900)] {
        fixture.write(5, number, page, 10_000).await;
    }
    assert_eq!(nobodys(&fixture, "t-wang", "c-1").await, [900]);
    assert_eq!(nobodys(&fixture, "t-wang", "c-2").await, [700, 777]);
}
