//! A table as rows of cells, whatever it was kept in.

use std::sync::Arc;

use super::table::{check_quotes, decode, delimiter};
use super::{At, COLUMNS_MAX, Problems, ROWS_MAX, Said};

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Cell {
    #[default]
    Empty,
    Text(String),
    /// A spreadsheet keeps some fifteen digits of a number.
    Number(f64),
    /// What a spreadsheet took for a day.
    Date,
}

/// Rows that are not empty, each with its line.
pub(super) struct Grid {
    pub(super) file: Arc<str>,
    pub(super) rows: Vec<(u64, Vec<Cell>)>,
}

/// The rows of a CSV file.
pub(super) fn of_csv(name: &str, bytes: Vec<u8>, problems: &mut Problems) -> Option<Grid> {
    let file: Arc<str> = name.into();
    let text = decode(&file, bytes, problems)?;
    let delimiter = delimiter(&text);
    check_quotes(&file, &text, delimiter, problems)?;
    let mut rows = Vec::new();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(At::file(name).problem(None, no_csv(&error)));
                return None;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if rows.len() == ROWS_MAX {
            problems.push(too_long(&file, line));
            return None;
        }
        let cell = |text: &str| match text.trim() {
            "" => Cell::Empty,
            text => Cell::Text(text.to_owned()),
        };
        let row: Vec<Cell> = record.iter().take(COLUMNS_MAX).map(cell).collect();
        if row.iter().any(|cell| *cell != Cell::Empty) {
            rows.push((line, row));
        }
    }
    Some(Grid { file, rows })
}

/// What the library gives as its reason is in English.
pub(super) fn no_csv(error: &csv::Error) -> Said {
    Said::new(
        format!("读不出表格，请另存为 CSV UTF-8（{error}）"),
        format!("it is no CSV: {error}"),
    )
}

pub(super) fn too_long(file: &Arc<str>, line: u64) -> super::Problem {
    let what = Said::new(
        format!("超过 {ROWS_MAX} 行：请分成几份"),
        format!("it has more than {ROWS_MAX} rows: give it in parts"),
    );
    At::new(file, line).problem(None, what)
}
