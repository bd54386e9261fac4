//! Worksheets of schools, what is printed of them, and what is taken back.

use sample_school::{MIXED, artwork, holder, lease};
use worksheet::WorksheetId;

use crate::fixture::{DUE_MS, Fixture, RIGHT, WRONG, assignment, class, school};
use crate::{
    Decision, NewWorksheet, PrintKind, PrintOrder, PrintRefused, PrintedOf, ResponseName, Seen,
    StoreError, Withdrawn,
};

fn new(school: &str, version: u32) -> NewWorksheet {
    NewWorksheet {
        school: school.into(),
        toml: MIXED.replacen("version = 1", &format!("version = {version}"), 1),
        artwork: artwork(),
        sources: vec![("worksheet.txt".into(), b"text".to_vec())],
        staff: Some("t-wang".into()),
        at_ms: 7_000,
    }
}

fn order(kind: PrintKind) -> PrintOrder {
    let run = sample_school::run("x", 0, worksheet::Copies::Shared);
    PrintOrder {
        worksheet: WorksheetId { id: "mixed".into(), version: 1 },
        pages: 2,
        class: class("c-1", "s", 3),
        kind,
        run: None,
        section: run.section,
        owner: run.owner,
        book: 77,
        first_page: None,
        ranges: Vec::new(),
        registration: run.registration,
    }
}

#[tokio::test]
async fn a_school_has_the_versions_that_it_put_in_or_printed() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_school(school("s-2", None)).await.unwrap();
    store.put_worksheet(new("s", 2)).await.unwrap();
    store.put_worksheet(new("s-2", 3)).await.unwrap();
    let scope = fixture.scope("t-wang", 0).await;
    let own = store.worksheet_school(&scope, "s").await.unwrap().unwrap();
    assert!(store.worksheet_school(&scope, "s-2").await.unwrap().is_none());
    let lines = store.worksheets_of(&own).await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].version, lines[0].versions, lines[0].given_ms), (2, 2, Some(0)));
    assert_eq!(lines[0].by.as_deref(), Some("王丽华"));
    let summary = lines[0].summary.as_ref().unwrap();
    assert!(!summary.title_zh.is_empty() && summary.grade > 0);
    let versions = store.worksheet_versions(&own, "mixed").await.unwrap();
    let versions: Vec<_> = versions.iter().map(|v| (v.version, v.runs, v.given)).collect();
    assert_eq!(versions, [(2, 0, 0), (1, 2, 2)]);
    let files = store.worksheet_files(&own, "mixed", 2).await.unwrap().unwrap();
    assert_eq!(files.sources, [("worksheet.txt".to_owned(), b"text".to_vec())]);
    assert_eq!(files.artwork, artwork());
    assert!(store.worksheet_files(&own, "mixed", 3).await.unwrap().is_none(), "another school's");
    assert_eq!(store.next_version("mixed").await.unwrap(), 4);
    let changed = NewWorksheet { toml: MIXED.replacen("综合", "综", 1), ..new("s", 1) };
    let refused = store.put_worksheet(changed).await;
    assert!(matches!(refused, Err(StoreError::WorksheetChanged { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_run_is_recorded_once_it_is_printed() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let named = order(PrintKind::Named);
    let before = fixture.count("print_run").await;
    let planned = store.plan_print(&named, 0).await.unwrap();
    assert_eq!((planned.is_new, planned.run.first_page, planned.bearers.len()), (true, 1, 3));
    assert_eq!(fixture.count("print_run").await, before, "a plan writes nothing");
    // What was planned at the same time finds its addresses taken.
    let shared = store.plan_print(&order(PrintKind::Shared), 0).await.unwrap();
    store.record_print(&planned, 9).await.unwrap();
    store.record_print(&planned, 9).await.unwrap();
    let refused = store.record_print(&shared, 9).await;
    assert!(matches!(refused, Err(StoreError::PrintRun { .. })), "{refused:?}");
    let shared = store.plan_print(&order(PrintKind::Shared), 0).await.unwrap();
    // Room is left for twenty copies of who comes later.
    assert_eq!(shared.run.first_page, 7 + 20 * 2);
    store.record_print(&shared, 10).await.unwrap();
    let again = store.plan_print(&named, 0).await.unwrap();
    assert!(!again.is_new && again.run == planned.run && again.bearers == planned.bearers);
    let other = PrintOrder { class: class("c-2", "s", 3), run: Some(planned.run.id), ..named };
    let refused = store.plan_print(&other, 0).await;
    assert!(
        matches!(refused, Err(StoreError::PrintRefused(PrintRefused::OtherClass { .. }))),
        "{refused:?}"
    );
    let scope = fixture.scope("t-wang", 0).await;
    let own = store.worksheet_school(&scope, "s").await.unwrap().unwrap();
    let runs = store.print_runs(&own, PrintedOf::Version("mixed", 1)).await.unwrap();
    let runs: Vec<_> = runs.iter().map(|line| (line.named, line.printed_ms)).collect();
    assert_eq!(runs[..2], [(false, Some(10)), (true, Some(9))]);
    let scope = fixture.scope("t-li", 0).await;
    let other = store.worksheet_school(&scope, "s").await.unwrap().unwrap();
    let runs = store.print_runs(&other, PrintedOf::Version("mixed", 1)).await.unwrap();
    assert_eq!(runs, [], "names of another class are no business of theirs");
}

#[tokio::test]
async fn what_is_taken_back_leaves_its_ink_and_finds_it_again() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_leases(vec![lease(1, holder(1), 0, None)]).await.unwrap();
    fixture.write(1, 1, 100, 1_000).await;
    fixture.mark_all(Some(RIGHT), 10_000).await;
    store.settle(DUE_MS).await.unwrap();
    let scope = fixture.scope("t-wang", 0).await;
    let head =
        || async { store.assignment_of(&scope, school::Right::Assign, "a-own").await.unwrap() };
    let given = head().await.unwrap();
    assert_eq!(store.withdraw(&given).await.unwrap(), Withdrawn::Done { papers: 1 });
    assert_eq!(store.withdraw(&given).await.unwrap(), Withdrawn::Gone);
    for table in ["paper", "response", "mark", "drawn_ink", "attribution"] {
        assert_eq!(fixture.count(table).await, 0, "{table}");
    }
    assert!(head().await.is_none());
    fixture.attribute().await;
    assert_eq!(fixture.count("ink WHERE nobody IS NOT NULL").await, 1, "its ink waits");
    store.insert_assignment(assignment("a-own", "own")).await.unwrap();
    assert_eq!(fixture.stale_papers().await, [("a-own".to_owned(), "p-1".to_owned(), 1)]);
}

#[tokio::test]
async fn what_a_person_marked_stays_given() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    store.insert_leases(vec![lease(1, holder(1), 0, None)]).await.unwrap();
    fixture.write(1, 1, 100, 1_000).await;
    fixture.mark_all(Some(RIGHT), 10_000).await;
    let scope = fixture.scope("t-wang", 0).await;
    let head = store.assignment_of(&scope, school::Right::Decide, "a-own").await.unwrap().unwrap();
    let response = ResponseName { pupil: "p-1".into(), part: "q1".into(), criterion: None };
    let decision = Decision { response, staff: "t-wang".into(), mark: WRONG };
    store.decide(&head, decision, Seen { changed_rev: 1, mark: None }, 3_000).await.unwrap();
    assert_eq!(store.withdraw(&head).await.unwrap(), Withdrawn::Marked { papers: 1 });
    assert_eq!(fixture.count("paper").await, 1);
}
