//! A store as large as a school's after a term, and how its pages are measured.
//!
//! Failure: fewer pages than were asked for, a store that is written over, a page of the teacher's view
//! that is not answered, a figure without rounds. Not failure: how fast anything is.

use std::path::Path;

use serde_json::Value;
use zhibi_tests::Zhibi;

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of the tests")
}

#[test]
fn a_filled_store_has_pages_that_are_measured() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = folder.path().join("school.db");
    let fill = ["simulate", "--fill", text(&store), "--pages", "2000"];
    let filled = Zhibi::run(&fill);
    assert!(filled.status.success(), "{filled:?}");
    let said = String::from_utf8_lossy(&filled.stdout).into_owned();
    let pages = said.rsplit_once(": ").and_then(|(_, rest)| rest.split(' ').next());
    let pages: u32 = pages.and_then(|pages| pages.parse().ok()).expect("how many pages there are");
    assert!(pages >= 2_000 && said.contains("synthetic"), "{said}");

    let again = Zhibi::run(&fill);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert!(String::from_utf8_lossy(&again.stderr).contains("exists already"), "{again:?}");

    let bench = ["bench", "web", "--json", "--seconds", "0", "--store", text(&store)];
    let measured = Zhibi::run(&bench);
    assert!(measured.status.success(), "{measured:?}");
    let figures: Value = serde_json::from_slice(&measured.stdout).expect("figures");
    let web = &figures["benches"][0];
    assert!(web["of"].as_str().expect("a text").contains("synthetic"), "{web}");
    // Two for each kind of page, and one for all.
    let figures = web["figures"].as_array().expect("figures");
    assert_eq!(figures.len(), 13, "{web}");
    for figure in figures {
        assert_eq!(figure["rounds"], 7, "{figure}");
        assert!(figure["median"].as_f64().expect("a number") > 0.0, "{figure}");
    }

    let page = folder.path().join("speed.html");
    let run = folder.path().join("run.json");
    std::fs::write(&run, &measured.stdout).expect("it can be written");
    let report = Zhibi::run(&["report", "speed", text(&run), "--out", text(&page)]);
    assert!(report.status.success(), "{report:?}");
    assert!(std::fs::read_to_string(&page).expect("a page").contains("a class: first byte"));
}
