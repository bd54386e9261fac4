//! An export of an evening, read by the programs of a data team: DuckDB and Polars, with the questions
//! that the guide asks.
//!
//! Failure: rows that one of them reads and the other, or the store's own figures, do not have; a
//! question of the guide that is refused or answered with nothing; a pupil's id in a table.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use zhibi_tests::{Zhibi, target};

/// The Python that has both, as `tests/run` installs them.
fn python() -> Option<PathBuf> {
    let python = target().join("../python/bin/python3");
    if python.is_file() {
        return Some(python);
    }
    test_needs::missing("a Python with DuckDB and Polars in target/python", "tests/run");
    None
}

#[test]
fn an_export_is_read_by_duckdb_and_polars() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |args: &[&str]| {
        let output = Zhibi::command(args).current_dir(folder.path()).output().expect("it runs");
        assert!(output.status.success(), "{args:?}: {output:?}");
        output.stdout
    };
    let demo = ["demo", "--once", "--json", "--pupils", "6", "--database", "evening.db"];
    let evening: Value = serde_json::from_slice(&run(&demo)).expect("figures");
    let export = ["export", "parquet", "evening.db", "--key", "a.key", "--out"];
    for out in ["evening", "again"] {
        run(&[&export[..], &[out]].concat());
    }
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/zhibi/guide/data.en.md");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet/read.py");
    let output = Command::new(python).arg(script).arg(guide).current_dir(folder.path()).output();
    let output = output.expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Value = serde_json::from_slice(&output.stdout).expect("what was read");
    // The demo counts what can be held against what was meant; parts that a person judges are more.
    assert!(read["responses"].as_u64() >= evening["responses"].as_u64(), "{read} {evening}");
    assert_eq!(read["pupils"], evening["pupils"]);
    let manifest = std::fs::read(folder.path().join("evening/manifest.json")).expect("it is there");
    let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    for table in manifest["tables"].as_array().expect("tables") {
        let name = table["name"].as_str().expect("a name");
        assert_eq!(read[name], table["rows"], "{name}");
    }
    // Who knows the key's file can join two exports.
    assert_eq!(read["same_pseudonyms"], true);
}
