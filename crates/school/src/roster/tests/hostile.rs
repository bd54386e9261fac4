//! Files that are made to do harm: each has its answer, within limits.

use super::oneroster::{bulk, read_all};
use super::xlsx::{workbook, zip};
use super::*;

fn refused(name: &str, bytes: Vec<u8>, expected: &str) {
    let problems = file(name, bytes).unwrap_err();
    assert!(problems[0].contains(expected), "{problems:?}");
}

#[test]
fn a_zip_reads_as_its_folder_does() {
    let all = bulk();
    let entries: Vec<(String, &[u8])> =
        all.iter().map(|(name, text)| (format!("export/{name}"), text.as_bytes())).collect();
    let entries: Vec<(&str, &[u8])> =
        entries.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert_eq!(file("a.zip", zip(&entries)).unwrap(), read_all(bulk()).unwrap());
}

#[test]
fn paths_out_of_the_archive_are_refused() {
    for path in ["../users.csv", "a/../../users.csv", "..\\users.csv"] {
        refused("a.zip", zip(&[(path, b"x"), ("b", b"")]), "would lie outside");
    }
    refused("a.zip", zip(&[("a/users.csv", b"x"), ("b/users.csv", b"x")]), "stands twice");
}

#[test]
fn what_unpacks_without_end_is_stopped() {
    let zeros = vec![b'0'; 130 << 20];
    let bomb = zip(&[("xl/workbook.xml", b"<workbook/>"), ("xl/sharedStrings.xml", &zeros)]);
    assert!(bomb.len() < 1 << 20);
    refused("a.xlsx", bomb, "is larger than any roster");
    let many: Vec<(String, &[u8])> = (0..1_001).map(|n| (format!("{n}.csv"), &b""[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (&**name, *bytes)).collect();
    refused("a.zip", zip(&many), "1001 files");
}

/// Failure: room is made for texts that are only promised, and the process ends.
#[test]
fn a_workbook_that_promises_too_many_texts_is_refused() {
    for promise in ["99999999999", "18446744073709551615", "5000000"] {
        let texts = format!("uniqueCount = '{promise}'><si><t>a</t></si>");
        refused("a.xlsx", workbook(&texts, "", ""), "more texts than it can have");
    }
}

/// A cell in the last corner makes no rectangle of everything before it.
#[test]
fn far_cells_cost_no_more_than_near_ones() {
    let rows =
        "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c><c r=\"A1048576\"><v>1</v></c></row>";
    refused("a.xlsx", workbook("uniqueCount=\"0\">", rows, ""), "no line has the headers");
    let merged: String = (0..2_000).map(|_| "<mergeCell ref=\"A1:XFD1048576\"/>").collect();
    refused("a.xlsx", workbook("uniqueCount=\"0\">", rows, &merged), "no line has the headers");
}

/// Not failure: that a damaged workbook is read, if what is damaged does not matter.
#[test]
fn a_damaged_workbook_has_an_answer() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c></row>";
    let whole = workbook("uniqueCount=\"1\"><si><t>a</t></si>", rows, "");
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x15;
        assert!(file("a.xlsx", damaged).is_err());
        if at % 7 == 0 {
            assert!(file("a.xlsx", whole[..at].to_vec()).is_err());
        }
    }
}

/// A cell past the last row that a number can name: the reader gives up, in its own way.
#[test]
fn a_cell_that_lies_nowhere_is_refused() {
    let rows = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>";
    let merged = "<mergeCell ref=\"A1:B99999999999\"/>";
    refused("a.xlsx", workbook("uniqueCount=\"0\">", rows, merged), "lies nowhere");
}

/// Failure: what the reader says when it gives up is printed beside the sentence that is for people.
#[test]
fn a_reader_that_gives_up_prints_nothing() {
    let test = "roster::tests::hostile::a_cell_that_lies_nowhere_is_refused";
    let run = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", test])
        .output()
        .unwrap();
    assert!(run.status.success() && String::from_utf8_lossy(&run.stdout).contains("1 passed"));
    assert_eq!(String::from_utf8_lossy(&run.stderr), "");
}
