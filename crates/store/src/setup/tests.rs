mod allocate;
mod drawings;
mod enrolment;
mod import;

use sample_school::{MIXED, artwork, holder, lease, run};

use super::*;
use crate::fixture::{Fixture, assignment, pupils};

#[tokio::test]
async fn setting_up_again_changes_nothing() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_leases(vec![lease(7, holder(1), 0, None)]).await.unwrap();
    fixture.write(7, 1, 900, 10).await;
    fixture.attribute().await;
    store.insert_worksheet(MIXED, &artwork()).await.unwrap();
    store.insert_print_run("s", run("own", 100, Copies::PerCopy(3)), pupils()).await.unwrap();
    store.insert_assignment(assignment("a-all", "all")).await.unwrap();
    store.insert_leases(vec![lease(7, holder(1), 0, None)]).await.unwrap();
    assert_eq!(store.work_left().await.unwrap().stale_ink, 0);
    assert_eq!(fixture.count("assignment").await, 2);
    assert_eq!(fixture.count("copy").await, 3);
}

#[tokio::test]
async fn worksheets_come_back_whole_and_never_change() {
    let fixture = Fixture::without_runs().await;
    let loaded = fixture.store.load_worksheet("mixed", 1).await.unwrap();
    assert_eq!(loaded.pages[1].artwork, artwork()[1]);
    assert_eq!(loaded.questions[0].id, "q1");
    let other = MIXED.replace("right = \"7\"", "right = \"8\"");
    let changed = fixture.store.insert_worksheet(&other, &artwork()).await;
    assert!(matches!(changed, Err(StoreError::WorksheetChanged { version: 1, .. })), "{changed:?}");
    let missing = fixture.store.load_worksheet("mixed", 2).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })), "{missing:?}");
}

#[tokio::test]
async fn print_runs_come_back_whole() {
    let fixture = Fixture::new().await;
    for expected in [run("own", 100, Copies::PerCopy(3)), run("all", 900, Copies::Shared)] {
        assert_eq!(fixture.store.load_print_run(&expected.id).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn what_names_nothing_is_refused() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    assert!(store.insert_assignment(assignment("a-2", "nothing")).await.is_err());
    assert!(
        store
            .insert_leases(vec![lease(1, attribution::Holder::pupil("x").unwrap(), 0, None)])
            .await
            .is_err()
    );
    let twice = assignment("a-2", "own");
    assert!(store.insert_assignment(twice).await.is_err(), "a run serves a class once");
}

#[tokio::test]
async fn no_address_lies_in_two_print_runs() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    // "own" has pages 100 to 105: three copies of two pages.
    let own = run("own", 100, Copies::PerCopy(3));
    let first = |id: &str, first_page| PrintRun { id: id.into(), first_page, ..own.clone() };
    for first_page in [95, 99, 100, 105] {
        let refused = store.insert_print_run("s", first("new", first_page), vec![]).await;
        let Err(StoreError::PrintRun { reason, .. }) = refused else { panic!("{refused:?}") };
        assert!(reason.contains("print run own: print it from page 106 on"), "{reason}");
    }
    store.insert_print_run("s", first("before", 94), vec![]).await.unwrap();
    store.insert_print_run("s", first("after", 106), vec![]).await.unwrap();
    store.insert_print_run("s", first("after", 107), vec![]).await.unwrap();
    let elsewhere = PrintRun { book: own.book + 1, ..first("elsewhere", 100) };
    store.insert_print_run("s", elsewhere, vec![]).await.unwrap();
    let endless = store.insert_print_run("s", first("endless", u32::MAX - 4), vec![]).await;
    assert!(endless.unwrap_err().to_string().contains("4294967296"));
    store.insert_print_run("s", first("last", u32::MAX - 5), vec![]).await.unwrap();
    let none = PrintRun { copies: Copies::PerCopy(0), ..first("none", 500) };
    assert!(store.insert_print_run("s", none, vec![]).await.is_err());
}

/// Cut to its 24 bits, the owner would be another's, and its pages with it.
#[tokio::test]
async fn a_print_run_that_no_address_can_hold_is_refused() {
    let fixture = Fixture::new().await;
    let run = |change: fn(&mut worksheet::PrintRun)| {
        let mut run = sample_school::run("beyond", 5_000, worksheet::Copies::PerCopy(2));
        change(&mut run);
        run
    };
    for (change, said) in [
        ((|run| run.owner = 0x0100_0000) as fn(&mut worksheet::PrintRun), "owner"),
        (|run| run.first_page = u32::MAX, "page"),
        (|run| run.pages = 0, "pages"),
        (|run| run.copies = worksheet::Copies::PerCopy(u32::MAX), "page"),
    ] {
        let refused = fixture.store.insert_print_run("s", run(change), Vec::new()).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}");
    }
}
