use std::ops::Range;

use worksheet::{Copies, PrintRun};

use crate::fixture::{Fixture, run};

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

/// Whatever comes, by hand or handed out, no address is in two runs; a run by hand is refused only
/// where it would be; and what is handed out is the first gap that holds it.
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
