//! Workbooks.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

pub(super) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook of one sheet, 学生, with shared texts, rows of XML and merged cells.
pub(super) fn workbook(texts: &str, rows: &str, merged: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let relations =
        |all: String| format!("<Relationships xmlns=\"{PACKAGE}\">{all}</Relationships>");
    let package = relations(relation("r1", "officeDocument", "xl/workbook.xml"));
    let of_workbook = relations(
        relation("r1", "worksheet", "worksheets/sheet1.xml")
            + &relation("r2", "sharedStrings", "sharedStrings.xml"),
    );
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>\
         <sheet name=\"学生\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let sheet = format!(
        "<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData><mergeCells>{merged}</mergeCells>\
         </worksheet>"
    );
    let texts = format!("<sst xmlns=\"{MAIN}\" {texts}</sst>");
    zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", package.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", of_workbook.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/sharedStrings.xml", texts.as_bytes()),
    ])
}

const TEXTS: &str = "uniqueCount=\"6\"><si><t>三年级名单</t></si><si><t>年级</t></si>\
                     <si><t>班级</t></si><si><t>学号</t></si><si><t>姓名</t></si><si><t>三</t></si>";

const HEAD: &str = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>\
                    <row r=\"3\"><c r=\"A3\" t=\"s\"><v>1</v></c><c r=\"B3\" t=\"s\"><v>2</v></c>\
                    <c r=\"C3\" t=\"s\"><v>3</v></c><c r=\"D3\" t=\"s\"><v>4</v></c></row>";

fn text(cell: &str, text: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn number(cell: &str, number: &str) -> String {
    format!("<c r=\"{cell}\"><v>{number}</v></c>")
}

#[test]
fn merged_cells_hold_for_every_row_that_they_cover() {
    let rows = format!(
        "{HEAD}<row r=\"4\"><c r=\"A4\" t=\"s\"><v>5</v></c>{}{}{}</row>\
         <row r=\"5\">{}{}</row><row r=\"6\">{}{}{}</row>",
        number("B4", "1"),
        number("C4", "1"),
        text("D4", "王 小明"),
        number("C5", "2"),
        text("D5", "\u{20b9f}·阿卜杜拉"),
        text("B6", "2班"),
        number("C6", "1"),
        text("D6", "李雷"),
    );
    let merged = "<mergeCell ref=\"A1:D1\"/><mergeCell ref=\"A4:A6\"/><mergeCell ref=\"B4:B5\"/>";
    let roster = file("名单.xlsx", workbook(TEXTS, &rows, merged)).unwrap();
    assert_eq!(
        pupils(&roster),
        [
            (None, Some("三年级（1）班"), Some(1), "王 小明"),
            (None, Some("三年级（1）班"), Some(2), "\u{20b9f}·阿卜杜拉"),
            (None, Some("三年级（2）班"), Some(1), "李雷"),
        ]
    );
    assert_eq!(roster.pupils[2].at.line, 6);
    // A cell that is empty and not merged is not guessed.
    let problems = file("名单.xlsx", workbook(TEXTS, &rows, "")).unwrap_err();
    assert_eq!(problems.len(), 3, "{problems:?}");
    let place = "名单.xlsx [学生], line 5, column 年级: it is empty";
    assert!(problems[0].starts_with(place), "{problems:?}");
}

#[test]
fn a_number_that_was_cut_is_refused() {
    let row = |value: &str| {
        let cells =
            text("A4", "三") + &number("B4", "1") + &number("C4", value) + &text("D4", "王");
        file("a.xlsx", workbook(TEXTS, &format!("{HEAD}<row r=\"4\">{cells}</row>"), ""))
    };
    assert_eq!(row("20240301").unwrap().pupils[0].number, Some(20_240_301));
    let problems = row("3.10101201701012E+17").unwrap_err();
    let expected = "a.xlsx [学生], line 4, column 学号: it is kept as a number, which has cut";
    assert!(problems[0].starts_with(expected), "{problems:?}");
}

/// Failure: a pupil named `#DIV/0!`, or after a day.
#[test]
fn what_a_formula_or_a_spreadsheet_made_of_a_name_is_refused() {
    let row = |name: String| {
        let cells = text("A4", "三") + &number("B4", "1") + &number("C4", "1") + &name;
        let rows = format!("{HEAD}<row r=\"4\">{cells}</row>");
        file("a.xlsx", workbook(TEXTS, &rows, "")).unwrap_err().remove(0)
    };
    let place = "a.xlsx [学生], line 4, column 姓名: ";
    let failed = row("<c r=\"D4\" t=\"e\"><v>#DIV/0!</v></c>".to_owned());
    assert_eq!(
        failed,
        format!("{place}it is the error #DIV/0! of a formula: type what it should be")
    );
    let day = row("<c r=\"D4\" t=\"d\"><v>2026-09-01</v></c>".to_owned());
    assert!(day.starts_with(&format!("{place}it was taken for a date")), "{day}");
    assert!(row(number("D4", "7")).starts_with(&format!("{place}there is no letter in it")));
    for (name, told) in [
        ("null", "null is what programs write for no name"),
        ("TRUE", "TRUE is what programs write for no name"),
        ("NaN", "NaN is what programs write for no name"),
        ("Ⅷ", "there is no letter in it"),
    ] {
        let list = format!("姓名,班级,学号\n{name},三1班,1\n");
        let refused = file("a.csv", list).unwrap_err();
        assert!(
            refused[0].contains("line 2, column 姓名") && refused[0].contains(told),
            "{refused:?}"
        );
    }
    let named =
        file("a.csv", "姓名,班级,学号\n王〇,三1班,1\nTrue Li,三1班,2\n".to_owned()).unwrap();
    assert_eq!(named.pupils.len(), 2, "names with such characters and words in them");
    for error in ["#N/A", "#NAME?", "#REF!", "#SPILL!"] {
        let list = format!("姓名,班级,学号\n{error},三1班,1\n");
        let refused = file("a.csv", list).unwrap_err();
        assert!(refused[0].contains(&format!("it is the error {error}")), "{refused:?}");
    }
}

#[test]
fn an_old_workbook_is_to_be_saved_anew() {
    let refused = file("名单.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".as_slice()).unwrap_err();
    let expected = "名单.xls: it is a workbook of the old kind (xls): save it as xlsx";
    assert_eq!(refused, [expected]);
}
