use std::collections::BTreeSet;
use std::fs::File;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Row;
use store::Verdict;

use super::*;
use crate::evening::{Evening, SETTLED_MS};

const KEY: Pseudonyms = Pseudonyms::new([7; KEY_BYTES]);

async fn export(evening: &Evening, folder: &Path) -> Result<Manifest, ExportError> {
    let export = ParquetExport {
        scope: &evening.scope,
        period_ms: (0, i64::MAX),
        pseudonyms: &KEY,
        folder,
        now_ms: SETTLED_MS,
    };
    export.write(&evening.store, |_, _| {}).await
}

/// The files of a table below its folder, and their rows as text.
fn rows(folder: &Path, table: &str) -> (Vec<PathBuf>, Vec<Row>) {
    let (mut files, mut rows) = (Vec::new(), Vec::new());
    for school in entries(&folder.join(table)) {
        for file in entries(&school).iter().flat_map(|day| entries(day)) {
            let reader = SerializedFileReader::new(File::open(&file).unwrap()).unwrap();
            rows.extend(reader.get_row_iter(None).unwrap().map(Result::unwrap));
            files.push(file.strip_prefix(folder).unwrap().to_owned());
        }
    }
    (files, rows)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn value(row: &Row, column: &str) -> String {
    let found = row.get_column_iter().find(|(name, _)| *name == column);
    found.map(|(_, value)| value.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn a_marked_evening_is_read_back_row_by_row_and_names_nobody() {
    let evening = Evening::new(Verdict::Wrong, true).await;
    let folder = evening.dir.path().join("out");
    let manifest = export(&evening, &folder).await.unwrap();
    let counts: Vec<_> = manifest.tables.iter().map(|table| (table.name, table.rows)).collect();
    // Two pupils wrote one stroke each on a page of two questions.
    assert_eq!(counts, [("responses", 4), ("marks", 4), ("strokes", 2), ("profiles", 0)]);
    let (files, responses) = rows(&folder, "responses");
    let place =
        format!("responses/school=s/day={}/part-0.parquet", moment::day(evening.head.assigned_ms));
    assert_eq!(files, [PathBuf::from(place)]);
    let first = &responses[0];
    assert_eq!(value(first, "part"), "\"q1\"");
    assert_eq!(value(first, "verdict"), "\"wrong\"");
    assert_eq!(value(first, "score_tenths"), "0");
    assert_eq!(value(first, "strokes_live"), "1");
    assert_ne!(value(first, "settled_at"), "null");
    let blank = &responses[1];
    assert_eq!((value(blank, "reading"), value(blank, "first_at")), ("null".into(), "null".into()));
    let (_, strokes) = rows(&folder, "strokes");
    assert_eq!(
        (value(&strokes[0], "part"), value(&strokes[0], "role")),
        ("\"q1\"".into(), "\"live\"".into())
    );
    let length: f64 = value(&strokes[0], "length_mm").parse().unwrap();
    // 19 steps of 0.2 and 0.1 mm.
    assert!((length - 19.0 * 0.05_f64.sqrt()).abs() < 0.1, "{length}");
    let pupils: BTreeSet<String> = responses.iter().map(|row| value(row, "pupil")).collect();
    let expected = ["p-1", "p-2"].map(|pupil| format!("{:?}", KEY.pupil(pupil)));
    assert_eq!(pupils, expected.into());
    let written = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    for text in responses.iter().map(Row::to_string).chain([written]) {
        assert!(!text.contains("p-1") && !text.contains("p-2"), "{text}");
    }
}

/// Ids that are known, as they stand in the addresses of pages, could be laid beside the rows.
#[tokio::test]
async fn rows_stand_in_the_order_of_pseudonyms() {
    let evening = Evening::new(Verdict::Right, true).await;
    let mut orders = std::collections::BTreeSet::new();
    for key in 0..8 {
        let folder = evening.dir.path().join(key.to_string());
        let pseudonyms = Pseudonyms::new([key; KEY_BYTES]);
        let export = ParquetExport {
            scope: &evening.scope,
            period_ms: (0, i64::MAX),
            pseudonyms: &pseudonyms,
            folder: &folder,
            now_ms: SETTLED_MS,
        };
        export.write(&evening.store, |_, _| {}).await.unwrap();
        for table in ["responses", "marks", "strokes"] {
            let of: Vec<String> =
                rows(&folder, table).1.iter().map(|row| value(row, "pupil")).collect();
            assert!(of.is_sorted(), "{table}: {of:?}");
            orders.insert(of[0] == format!("{:?}", pseudonyms.pupil("p-1")));
        }
    }
    assert_eq!(orders.len(), 2, "p-1 is first with some keys, and not with others");
}

#[tokio::test]
async fn a_folder_that_holds_something_is_refused_and_stays() {
    let evening = Evening::new(Verdict::Right, false).await;
    let folder = evening.dir.path().join("out");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("mine"), "x").unwrap();
    let refused = export(&evening, &folder).await.unwrap_err().to_string();
    assert!(refused.contains("the folder is not empty"), "{refused}");
    assert_eq!(entries(&folder).len(), 1);
}

#[tokio::test]
async fn what_was_given_at_another_time_is_left_out() {
    let evening = Evening::new(Verdict::Right, true).await;
    let folder = evening.dir.path().join("out");
    let export = ParquetExport {
        scope: &evening.scope,
        period_ms: (evening.head.assigned_ms + 1, i64::MAX),
        pseudonyms: &KEY,
        folder: &folder,
        now_ms: SETTLED_MS,
    };
    let manifest = export.write(&evening.store, |_, _| {}).await.unwrap();
    assert!(manifest.tables.iter().all(|table| table.rows == 0));
    assert_eq!(rows(&folder, "responses").0, Vec::<PathBuf>::new());
}

#[test]
fn a_list_is_of_its_row_and_a_gap_stays_one() {
    const LISTS: table::Schema = table::Schema {
        name: "lists",
        columns: &[
            ("required int32 row", ""),
            (
                "required group texts (LIST) { repeated group list { required binary element (STRING); } }",
                "",
            ),
            ("optional double real", ""),
        ],
    };
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::new(folder.path(), LISTS);
    table.partition("s", "2026-11-28").unwrap();
    let texts = ["a".to_owned(), "b".to_owned()];
    // More than a row group.
    for row in 0..70_000_u32 {
        let texts = &texts[..row as usize % 3];
        let real = (row % 2 == 0).then_some(f64::from(row));
        table.row(&[row.into(), texts.into(), real.into()]).unwrap();
    }
    assert!(table.row(&[table::Cell::Int(1)]).is_err(), "cells are missing");
    table.finish().unwrap();
    let (_, rows) = rows(folder.path(), "lists");
    assert_eq!(rows.len(), 70_000);
    for (number, row) in rows.iter().enumerate().skip(65_530).take(12) {
        assert_eq!(value(row, "row"), number.to_string());
        let lengths = ["[]", "[\"a\"]", "[\"a\", \"b\"]"];
        assert_eq!(value(row, "texts"), lengths[number % 3]);
        assert_eq!(value(row, "real") == "null", number % 2 == 1);
    }
}
