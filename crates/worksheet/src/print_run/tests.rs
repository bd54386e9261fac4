use super::{Copies, PrintRun, Registration};
use crate::WorksheetId;

fn run(first_page: u32, pages: u32, copies: Copies) -> PrintRun {
    PrintRun {
        id: "run".into(),
        worksheet: WorksheetId { id: "sheet".into(), version: 1 },
        section: 3,
        owner: 27,
        book: 603,
        first_page,
        pages,
        copies,
        registration: Registration {
            version: 1,
            dx_um: 0,
            dy_um: 0,
            rotation_urad: 0,
            scale_ppm: 0,
        },
    }
}

#[test]
fn addresses_of_copies_are_different_and_lead_back() {
    for (first_page, pages, copies) in [(0, 1, 1), (1, 2, 45), (700, 3, 38), (u32::MAX - 9, 2, 5)] {
        let run = run(first_page, pages, Copies::PerCopy(copies));
        let mut expected = first_page;
        for copy in 0..copies {
            for page in 1..=pages {
                let address = run.address_page(copy, page).unwrap();
                assert_eq!(address, expected, "addresses follow each other without gaps");
                assert_eq!(run.locate(address), Some((copy, page)));
                expected = expected.wrapping_add(1);
            }
        }
        // One past the run's last address, unless that is past the last page number there is.
        if expected != 0 {
            assert_eq!(run.locate(expected), None);
        }
        if first_page > 0 {
            assert_eq!(run.locate(first_page - 1), None);
        }
    }
}

#[test]
fn shared_copies_have_one_set_of_addresses() {
    let run = run(10, 2, Copies::Shared);
    assert_eq!(run.address_page(0, 2), Some(11));
    assert_eq!(run.address_page(44, 2), Some(11));
    assert_eq!(run.locate(11), Some((0, 2)));
    assert_eq!(run.locate(12), None);
}

#[test]
fn what_was_not_printed_has_no_address() {
    let two = run(10, 2, Copies::PerCopy(3));
    for (copy, page) in [(0, 0), (0, 3), (3, 1), (u32::MAX, 1)] {
        assert_eq!(two.address_page(copy, page), None, "copy {copy}, page {page}");
    }
    assert_eq!(run(u32::MAX, 2, Copies::PerCopy(1)).address_page(0, 2), None, "past the last page");
    assert_eq!(run(10, 0, Copies::PerCopy(1)).locate(10), None, "a run without pages");
}
