use std::ops::Range;

use sample_school::{MIXED, artwork, run};
use worksheet::{Copies, PrintRun};

use crate::fixture::{Fixture, class, pupils, school};

/// A sequence of numbers that looks random and is the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(end)) as u32
    }
}

fn addresses(run: &PrintRun) -> Range<u32> {
    let copies = match run.copies {
        Copies::PerCopy(copies) => copies,
        Copies::Shared => 1,
    };
    run.first_page..run.first_page + run.pages * copies
}

fn overlap(one: &Range<u32>, other: &Range<u32>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Whether pages are set by hand or handed out, no address is in two runs; a run set by hand is
/// refused only where one would be; and a run is handed the first gap that holds it.
#[tokio::test]
async fn no_two_runs_share_an_address() {
    let fixture = Fixture::without_runs().await;
    for seed in 0..6 {
        let mut numbers = Numbers(seed);
        let book = 50 + seed as u32;
        let mut taken: Vec<Range<u32>> = Vec::new();
        for n in 0..25 {
            let copies = match numbers.below(5) {
                0 => Copies::Shared,
                copies => Copies::PerCopy(copies),
            };
            let wanted = PrintRun {
                book,
                pages: 1 + numbers.below(3),
                ..run(&format!("run-{seed}-{n}"), numbers.below(200), copies)
            };
            if numbers.below(2) == 0 {
                let stored = fixture.store.insert_print_run("s", wanted.clone(), vec![]).await;
                let range = addresses(&wanted);
                let free = !taken.iter().any(|other| overlap(other, &range));
                assert_eq!(stored.is_ok(), free, "{wanted:?} beside {taken:?}");
                taken.extend(stored.is_ok().then_some(range));
                continue;
            }
            let given =
                fixture.store.allocate_print_run("s", wanted.clone(), vec![]).await.unwrap();
            let lowest = (1..).map(|first_page| PrintRun { first_page, ..wanted.clone() });
            let is_free =
                |run: &PrintRun| !taken.iter().any(|other| overlap(other, &addresses(run)));
            assert_eq!(Some(&given), lowest.clone().find(is_free).as_ref(), "beside {taken:?}");
            assert_eq!(fixture.store.load_print_run(&given.id).await.unwrap(), given);
            taken.push(addresses(&given));
        }
    }
}

/// An older version stored runs that overlap.
#[tokio::test]
async fn pages_are_handed_out_beside_runs_that_overlap_and_the_check_names_them() {
    let fixture = Fixture::without_runs().await;
    for (id, copies) in [("outer", 20), ("inner", 2)] {
        let run = run(id, 1_000 * copies, Copies::PerCopy(copies));
        fixture.store.insert_print_run("s", run, vec![]).await.unwrap();
    }
    fixture.execute("UPDATE print_run SET first_page = 1 WHERE id = 'outer'").await;
    fixture.execute("UPDATE print_run SET first_page = 5 WHERE id = 'inner'").await;
    let next = fixture.store.allocate_print_run("s", run("next", 0, Copies::Shared), vec![]).await;
    assert_eq!(next.unwrap().first_page, 41);
    let findings = fixture.store.verify(|_| Err("there is no ink".into())).await.unwrap();
    let findings: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        ["print_runs_overlap: print run inner and print run outer: page 5 lies in both"]
    );
}

/// Its sheets are on paper: another school's pupils must not write on them, and no other run may
/// have their addresses.
#[tokio::test]
async fn a_stored_run_stays_its_schools_and_keeps_what_is_printed() {
    let fixture = Fixture::without_runs().await;
    let store = &fixture.store;
    store.insert_school(school("s2", None)).await.unwrap();
    fixture.execute("INSERT INTO pupil (id, school, name) VALUES ('q0', 's2', '—')").await;
    let own = store.allocate_print_run("s", run("own", 0, Copies::PerCopy(3)), pupils()).await;
    let own = own.unwrap();
    let refused = async |school: &str, run: PrintRun, pupils: Vec<String>| {
        let by_hand = store.insert_print_run(school, run.clone(), pupils.clone()).await;
        let handed_out = store.allocate_print_run(school, run, pupils).await;
        let why = by_hand.unwrap_err().to_string();
        assert!(handed_out.is_err(), "{why}");
        why
    };
    let whose = refused("s2", own.clone(), vec![]).await;
    assert!(whose.contains("it is school s's"), "{whose}");
    let fewer = PrintRun { copies: Copies::PerCopy(2), ..own.clone() };
    let why = refused("s", fewer, vec![]).await;
    assert!(why.contains("3 copies of 2 pages of it are printed"), "{why}");
    refused("s", PrintRun { pages: 1, copies: Copies::PerCopy(9), ..own.clone() }, vec![]).await;
    let second = MIXED.replace("version = 1", "version = 2");
    store.insert_worksheet(&second, &artwork()).await.unwrap();
    let mut other = own.clone();
    other.worksheet.version = 2;
    let why = refused("s", other, vec![]).await;
    assert!(why.contains("worksheet mixed version 1"), "{why}");
    let why = refused("s", own.clone(), vec!["p-1".into(), "q0".into()]).await;
    assert!(why.contains("no pupil of the print run's school q0"), "{why}");
    // What is the same, and more of it, is stored.
    store.insert_print_run("s", own.clone(), pupils()).await.unwrap();
    let more = PrintRun { copies: Copies::PerCopy(4), ..own };
    store.insert_print_run("s", more, vec![]).await.unwrap();
    assert_eq!(fixture.count("copy").await, 3);
}

#[tokio::test]
async fn a_run_keeps_its_pages_and_a_full_book_says_so() {
    let fixture = Fixture::without_runs().await;
    let store = &fixture.store;
    let wanted = run("own", 0, Copies::PerCopy(3));
    let first = store.allocate_print_run("s", wanted.clone(), vec![]).await.unwrap();
    let other = PrintRun { id: "other".into(), ..wanted.clone() };
    assert_eq!(store.allocate_print_run("s", other, vec![]).await.unwrap().first_page, 7);
    assert_eq!(store.allocate_print_run("s", wanted.clone(), vec![]).await.unwrap(), first);
    let larger = PrintRun { copies: Copies::PerCopy(4), ..wanted.clone() };
    assert!(store.allocate_print_run("s", larger, vec![]).await.is_err());
    let vendor = PrintRun {
        id: "vendor".into(),
        first_page: 20,
        pages: 1,
        copies: Copies::PerCopy(u32::MAX - 20),
        ..wanted.clone()
    };
    store.insert_print_run("s", vendor, vec![]).await.unwrap();
    let full = PrintRun { id: "full".into(), copies: Copies::PerCopy(4), ..wanted.clone() };
    let full = store.allocate_print_run("s", full, vec![]).await.unwrap_err().to_string();
    assert!(full.contains("its book has no such pages left"), "{full}");
    let fits = PrintRun { id: "fits".into(), ..wanted };
    assert_eq!(store.allocate_print_run("s", fits, vec![]).await.unwrap().first_page, 13);
}

/// Failure: a run on pages that no range has or that another run has, or none though there are free
/// pages.
#[tokio::test]
async fn a_makers_pages_are_taken_from_the_first_free_ones() {
    let fixture = Fixture::without_runs().await;
    let range = |book, first_page, pages| {
        let first = run("any", 1, Copies::Shared);
        crate::AddressRange { section: first.section, owner: first.owner, book, first_page, pages }
    };
    let ranges = || vec![range(70, 10, 8), range(71, 1, 4)];
    let given = async |id: &str, pages, copies| {
        let PrintRun { worksheet, section, owner, book, registration, .. } = run(id, 999, copies);
        let kind = match copies {
            Copies::Shared => crate::PrintKind::Shared,
            Copies::PerCopy(copies) => crate::PrintKind::Nameless(copies),
        };
        let order = crate::PrintOrder {
            worksheet,
            pages,
            class: class("c-1", "s", 3),
            kind,
            run: Some(id.to_owned()),
            section,
            owner,
            book,
            first_page: None,
            ranges: ranges(),
            registration,
        };
        let planned = fixture.store.plan_print(&order, 0).await;
        let planned = match planned {
            Ok(planned) => planned,
            Err(error) => return Err(error.to_string()),
        };
        fixture.store.record_print(&planned, 0).await.unwrap();
        Ok((planned.run.book, planned.run.first_page))
    };
    let by_hand = PrintRun { book: 70, pages: 1, ..run("hand", 12, Copies::Shared) };
    fixture.store.insert_print_run("s", by_hand, vec![]).await.unwrap();
    assert_eq!(given("a", 1, Copies::PerCopy(3)).await, Ok((70, 13)));
    assert_eq!(given("b", 2, Copies::Shared).await, Ok((70, 10)));
    assert_eq!(given("c", 2, Copies::Shared).await, Ok((70, 16)));
    assert_eq!(given("d", 1, Copies::PerCopy(4)).await, Ok((71, 1)));
    assert_eq!(given("a", 1, Copies::PerCopy(3)).await, Ok((70, 13)), "printed again");
    let full = given("e", 1, Copies::Shared).await.unwrap_err();
    assert!(full.contains("no range has 1 pages in a row left"), "{full}");
}

/// Failure: a pupil who came later gets no copy, another's copy or another's address; what others have
/// changes; or a run beside it stands in the way though there was room.
#[tokio::test]
async fn who_came_later_gets_a_copy_of_the_same_run() {
    let fixture = Fixture::without_runs().await;
    let store = &fixture.store;
    let order = |id: &str, kind| {
        let PrintRun { worksheet, section, owner, book, registration, .. } =
            run(id, 0, Copies::Shared);
        let (class, run) = (class("c-1", "s", 3), Some(id.to_owned()));
        let (first_page, ranges) = (None, Vec::new());
        let pages = 2;
        crate::PrintOrder {
            worksheet,
            pages,
            class,
            kind,
            run,
            section,
            owner,
            book,
            first_page,
            ranges,
            registration,
        }
    };
    let named = order("named", crate::PrintKind::Named);
    let first = store.plan_print(&named, 0).await.unwrap();
    store.record_print(&first, 0).await.unwrap();
    assert!(store.plan_later_copies(&named, 0).await.unwrap().is_none(), "everybody has one");
    let beside =
        store.plan_print(&order("beside", crate::PrintKind::Nameless(3)), 0).await.unwrap();
    store.record_print(&beside, 0).await.unwrap();
    let before = store.bearers("named", 0).await.unwrap();
    fixture.execute("INSERT INTO pupil (id, school, name) VALUES ('p-late', 's', '来')").await;
    fixture
        .execute(
            "INSERT INTO enrolment (pupil, class, number, from_ms) VALUES ('p-late', 'c-1', 77, 0)",
        )
        .await;
    let later = store.plan_later_copies(&named, 0).await.unwrap().unwrap();
    assert_eq!(later.first_copy() as usize, before.len());
    let bearers: Vec<_> = later.bearers.iter().map(|row| (row.copy, &*row.pupil)).collect();
    assert_eq!(bearers, [(later.first_copy(), "p-late")]);
    assert_eq!(later.run.first_page, first.run.first_page);
    store.record_print(&later, 0).await.unwrap();
    let after = store.bearers("named", 0).await.unwrap();
    assert_eq!((&after[..before.len()], after.len()), (&before[..], before.len() + 1));
    // Planned before it was recorded, it is not recorded twice.
    assert!(store.record_print(&later, 0).await.is_err());
    assert!(store.plan_later_copies(&named, 0).await.unwrap().is_none());
    assert_eq!(store.plan_print(&named, 0).await.unwrap().without, 0);
    assert_eq!(fixture.store.verify(|_| Err("there is no ink".into())).await.unwrap(), []);
    // Where another run begins at once behind it, that is said.
    fixture.execute("UPDATE print_run SET first_page = (SELECT first_page + pages * copies FROM print_run WHERE id = 'named') WHERE id = 'beside'").await;
    fixture.execute("DELETE FROM copy WHERE pupil = 'p-late'").await;
    let full = store.plan_later_copies(&named, 0).await.unwrap_err().to_string();
    assert!(full.contains("are taken: print the class again"), "{full}");
}
