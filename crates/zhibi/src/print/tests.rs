use clap::Parser;
use store::{Store, StoreUrl};

use super::*;
use crate::class::SampleClass;
use crate::cli::{Cli, Command};
use crate::service;

fn arguments(more: &[&str]) -> PrintArgs {
    let line = ["zhibi", "print"].iter().chain(more);
    match Cli::try_parse_from(line).map(|cli| cli.command) {
        Ok(Command::Print(args)) => args,
        other => panic!("{other:?}"),
    }
}

/// A class is printed, the same run again, and runs beside it.
///
/// Failure: other bytes for a run that was printed, addresses that two runs share, or a run that is
/// not in the store.
#[test]
fn what_is_printed_is_recorded_and_printed_again_the_same() {
    if Fonts::of_system(None).is_ok_and(|fonts| printing::test_page(&fonts, PLANE).is_err()) {
        test_needs::missing("a Chinese font", "tests/run");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (database, out) = (path("a.db"), path("a.pdf"));
    let url = StoreUrl::from_argument(&database).unwrap();
    let class = SampleClass::new(3).unwrap();
    service::runtime().unwrap().block_on(async {
        let store = Store::connect(&url).await.unwrap();
        class.install(&store, clock::wall_ms()).await.unwrap();
        store.close().await.unwrap();
    });
    let sheet =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../sample-strokes/worksheets/mixed-g3").to_owned();
    let print = |more: &[&str]| {
        let plain = [&*database, "--worksheet", &sheet, "--class", &class.class.id, "--out", &out];
        run(&arguments(&[&plain, more].concat())).unwrap();
        std::fs::read(&out).unwrap()
    };
    let first = print(&[]);
    assert!(first == print(&[]), "the same run again");
    let others: &[&[&str]] = &[&["--shared"], &["--copies", "2"], &["--run", "again"]];
    assert!(others.iter().all(|more| print(more) != first));
    let coded = print(&["--address-range", "3.27.168.12", "--run", "bought"]);
    assert!(coded.len() * 2 < first.len(), "no dots on a maker's paper");
    // Three copies of two pages do not fit before or behind the run on pages 12 to 17.
    let ranges = path("paper.csv");
    std::fs::write(&ranges, "section,owner,book,first_page,pages\n3,27,168,10,10\n3,27,169,7,9\n")
        .unwrap();
    let from_file = ["--address-file", &*ranges, "--run"];
    print(&[&from_file[..], &["file"]].concat());
    let plain = [&*database, "--worksheet", &sheet, "--class", &class.class.id, "--out", &out];
    let full = run(&arguments(&[&plain[..], &from_file, &["more"]].concat())).unwrap_err();
    assert!(full.to_string().contains("no range has 6 pages in a row left"), "{full:#}");
    let labels = || {
        run(&arguments(&["--labels", &database, "--class", &class.class.id, "--out", &out]))
            .unwrap();
        std::fs::read(&out).unwrap()
    };
    assert!(labels() == labels(), "a pupil keeps their label");
    let taken = [&plain[..], &["--run", "book", "--book", "543382"]].concat();
    let taken = run(&arguments(&taken)).unwrap_err();
    assert!(taken.to_string().contains("is that of the name labels"), "{taken:#}");

    let nowhere = path("no-such-folder/a.pdf");
    let lost = [&*database, "--worksheet", &sheet, "--class", &class.class.id, "--run", "lost"];
    assert!(run(&arguments(&[&lost[..], &["--out", &nowhere]].concat())).is_err());

    service::runtime().unwrap().block_on(async {
        let store = Store::connect(&url).await.unwrap();
        let id = format!("mixed-g3-v1-{}", class.class.id);
        let (shared, two) = (format!("{id}-shared"), format!("{id}-2"));
        let mut runs = Vec::new();
        for id in [&*id, &shared, &two, "again"] {
            runs.push(store.load_print_run(id).await.unwrap());
        }
        runs.sort_by_key(|run| run.first_page);
        for pair in runs.windows(2) {
            let end = u64::from(pair[0].first_page) + pair[0].addresses();
            assert!(pair[0].book != pair[1].book || end <= pair[1].first_page.into());
        }
        let lost = store.load_print_run("lost").await;
        assert!(lost.is_err(), "what was not printed leaves nothing: {lost:?}");
        let bought = store.load_print_run("bought").await.unwrap();
        assert_eq!((bought.owner, bought.book, bought.first_page), (27, 168, 12));
        let listed = store.load_print_run("file").await.unwrap();
        assert_eq!((listed.owner, listed.book, listed.first_page), (27, 169, 7));
        let bearers = store.bearers(&id, clock::wall_ms()).await.unwrap();
        let of_class: Vec<&str> = class.class.pupils.iter().map(|p| p.name.as_str()).collect();
        let printed: Vec<&str> = bearers.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(printed, of_class);
        store.close().await.unwrap();
    });
}

#[test]
fn a_test_page_needs_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("test.pdf");
    let args = arguments(&["--test-page", "--out", out.to_str().unwrap()]);
    assert!(args.test_page && args.database.is_none());
    assert!(Cli::try_parse_from(["zhibi", "print", "--out", "a.pdf"]).is_err());
}
