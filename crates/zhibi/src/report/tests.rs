use std::fs;

use super::*;
use crate::cli::{ReportMarkingArgs, ReportReadingArgs};

fn told<T>(outcome: anyhow::Result<T>) -> String {
    format!("{:#}", outcome.err().expect("refused"))
}

const LINE: &str = r#"{"label":"3","writer":"w","strokes":[[[0,0],[3,9]]],"source":"test"}"#;

#[test]
fn what_cannot_be_measured_is_said_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let missing = told(handwriting(&at("nowhere")));
    assert!(missing.contains("cannot read the folder") && missing.contains("nowhere"), "{missing}");
    let none = told(handwriting(folder.path()));
    assert!(none.contains("has no *.jsonl files"), "{none}");
    fs::write(at("a.jsonl"), "").expect("written");
    let empty = told(handwriting(folder.path()));
    assert!(empty.contains("a.jsonl is empty"), "{empty}");
    fs::write(at("a.jsonl"), format!("{LINE}\n{{\"label\":\"4\"}}\n")).expect("written");
    let broken = told(handwriting(folder.path()));
    assert!(broken.contains("a.jsonl") && broken.contains("line 2"), "{broken}");
}

#[test]
fn nothing_is_written_where_nothing_was_measured() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let learnt = (0..)
        .map(|i| format!("w-{i}"))
        .find(|w| recognition::Split::of(w) == recognition::Split::Train);
    let line = LINE.replace("\"w\"", &format!("\"{}\"", learnt.expect("one")));
    fs::write(folder.path().join("a.jsonl"), line).expect("written");
    let out = folder.path().join("report.html");
    let data = folder.path().to_owned();
    let refused =
        told(reading(&ReportReadingArgs { data: data.clone(), out: out.clone(), seed: 1 }));
    assert!(refused.contains("not trained on"), "{refused}");
    let args = ReportMarkingArgs {
        handwriting: Some(data.clone()),
        seeds: 1,
        pupils: 1,
        out: out.clone(),
    };
    let refused = told(marking(&args));
    assert!(refused.contains("all ten digits"), "{refused}");
    let nowhere = data.join("no").join("report.html");
    let refused = told(reading(&ReportReadingArgs { data: data.clone(), out: nowhere, seed: 1 }));
    assert!(refused.contains("there is no folder"), "{refused}");
    let refused = told(reading(&ReportReadingArgs { data: data.clone(), out: data, seed: 1 }));
    assert!(refused.contains("is a folder"), "{refused}");
    assert!(!out.exists());
}
