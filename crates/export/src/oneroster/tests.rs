use std::collections::BTreeMap;

use store::Verdict;

use super::*;
use crate::evening::{Evening, SETTLED_MS};

/// A file's rows by column.
fn rows(folder: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let bytes = std::fs::read(folder.join(name)).unwrap();
    assert!(!bytes.starts_with(b"\xef\xbb\xbf"), "OneRoster has no byte order mark");
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().map(Result::unwrap).collect()
}

#[tokio::test]
async fn results_go_to_other_systems_line_by_line() {
    let evening = Evening::new(Verdict::Right, true).await;
    let folder = evening.dir.path().join("out/results");
    let write = || OneRoster::write(&evening.store, &evening.scope, &folder, SETTLED_MS);
    let counts = write().await.unwrap();
    let expected = OneRosterCounts { line_items: 1, results: 3, without_identity: 3 };
    assert_eq!(counts, expected);
    let manifest = rows(&folder, "manifest.csv");
    let value = |name: &str| {
        let row = manifest.iter().find(|row| row["propertyName"] == name);
        row.map_or_else(String::new, |row| row["value"].clone())
    };
    assert_eq!(value("oneroster.version"), "1.2");
    for (name, there) in FILES {
        let file = folder.join(format!("{name}.csv"));
        assert_eq!(file.exists(), there, "{name}");
        assert_eq!(value(&format!("file.{name}")), if there { "bulk" } else { "absent" });
    }
    let items = rows(&folder, "lineItems.csv");
    assert_eq!(
        (items[0]["sourcedId"].as_str(), items[0]["resultValueMax"].as_str()),
        ("a-1", "16")
    );
    let category = &rows(&folder, "categories.csv")[0]["sourcedId"];
    assert_eq!(items[0]["categorySourcedId"], *category);
    let session = &rows(&folder, "academicSessions.csv")[0];
    assert_eq!(
        (items[0]["academicSessionSourcedId"].as_str(), session["schoolYear"].as_str()),
        (session["sourcedId"].as_str(), "2026")
    );
    let results = rows(&folder, "results.csv");
    let of = |pupil: &str| {
        let row = results.iter().find(|row| row["studentSourcedId"] == pupil).unwrap();
        ["scoreStatus", "score", "missing"].map(|column| row[column].clone())
    };
    assert_eq!(of("p-1"), ["fully graded", "5", "false"]);
    assert_eq!(of("p-3"), ["not submitted", "", "true"]);
    assert!(results.iter().all(|row| row["lineItemSourcedId"] == "a-1"));
    assert_eq!(write().await.unwrap(), expected, "the same again");
    assert_eq!(rows(&folder, "results.csv"), results);
    let parts = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    assert!(parts.into_iter().all(|file| file.extension().is_some_and(|end| end == "csv")));
}
