use proptest::prelude::*;

use super::*;

const PLANE: Plane = Plane { section: 3 };

fn address(book: u32, page: u32) -> PageAddress {
    PageAddress { section: 3, owner: OWNER, book, page }
}

proptest! {
    #[test]
    fn a_patch_tells_its_page(
        book in 0..BOOKS, page in 0..PAGES_PER_BOOK, column in 0..COLUMNS, row in 0..ROWS,
    ) {
        let patch = PLANE.patch(address(book, page)).unwrap();
        let place = PLANE.place(patch.column + column, patch.row + row).unwrap();
        prop_assert_eq!(place, PatchPlace { address: address(book, page), column, row });
    }

    #[test]
    fn every_slot_is_a_page(slot in 0..BOOKS, row in 0..PAGES_PER_BOOK) {
        let place = PLANE.place(slot * COLUMNS, row * ROWS).unwrap();
        let patch = PLANE.patch(place.address).unwrap();
        prop_assert_eq!((patch.column, patch.row), (slot * COLUMNS, row * ROWS));
    }
}

#[test]
fn the_grid_of_slots_is_prime_both_ways() {
    let is_prime = |n: u32| (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
    assert!(is_prime(BOOKS) && is_prime(PAGES_PER_BOOK));
}

#[test]
fn pages_of_a_book_share_neither_row_nor_column() {
    let mut columns: Vec<u32> =
        (0..PAGES_PER_BOOK).map(|page| PLANE.patch(address(7, page)).unwrap().column).collect();
    columns.sort_unstable();
    columns.dedup();
    assert_eq!(columns.len() as u32, PAGES_PER_BOOK);
}

#[test]
fn what_the_plane_does_not_hold_is_refused_by_name() {
    assert!(PLANE.patch(address(BOOKS - 1, PAGES_PER_BOOK - 1)).is_ok());
    for (address, part) in [
        (address(BOOKS, 0), "its book is 543383, and this pattern has books 0 to 543382"),
        (address(0, PAGES_PER_BOOK), "its page is 407527, and this pattern has pages 0 to 407526"),
        (PageAddress { owner: 27, ..address(0, 0) }, "its owner is 27, and this pattern has owner"),
        (PageAddress { section: 4, ..address(0, 0) }, "its section is 4"),
    ] {
        let refused = PLANE.patch(address).unwrap_err().to_string();
        assert!(refused.contains(part), "{refused}");
    }
    assert_eq!(PLANE.place(BOOKS * COLUMNS, 0), None);
    assert_eq!(PLANE.place(0, PAGES_PER_BOOK * ROWS), None);
}

#[test]
fn a_patch_holds_an_a4_page() {
    assert!(Patch::holds(210_000, 297_000));
    assert!(!Patch::holds(297_000, 210_000) && !Patch::holds(297_000, 420_000));
}
