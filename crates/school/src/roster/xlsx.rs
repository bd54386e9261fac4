//! The sheets of an xlsx workbook.

use std::cell::Cell as Flag;
use std::collections::HashMap;
use std::io::{Cursor, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Arc, Once};

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use super::archive::Archive;
use super::grid::{Cell, Grid, too_long};
use super::{At, COLUMNS_MAX, Problems, ROWS_MAX, Said};

/// Sheets of a workbook.
const SHEETS_MAX: usize = 64;
/// Cells that the merged cells of a sheet may cover together; the rest stays empty, which is a
/// problem of its own where something is needed.
const MERGED_MAX: usize = 4_000_000;

/// The rows of every sheet. Merged cells have their value in each row that they cover.
pub(super) fn grids(name: &str, archive: Archive, problems: &mut Problems) -> Option<Vec<Grid>> {
    let bytes = archive.into_xlsx(problems)?;
    let read = quietly(|| Xlsx::new(Cursor::new(bytes.as_slice())));
    let mut refuse = |what: Said| {
        problems.push(At::file(name).problem(None, what));
        None
    };
    let mut workbook = match read {
        Some(Ok(workbook)) => workbook,
        // What the library gives as its reason is in English.
        Some(Err(error)) => {
            return refuse(Said::new(
                format!("工作簿打不开，请另存为新的 xlsx（{error}）"),
                format!("the workbook cannot be read: {error}"),
            ));
        }
        None => {
            return refuse(Said::new(
                "工作簿打不开，文件坏了：请另存为新的 xlsx",
                "the workbook cannot be read: it is damaged",
            ));
        }
    };
    let sheets = workbook.sheet_names();
    if sheets.len() > SHEETS_MAX {
        return refuse(Said::new(
            format!("工作簿里不止 {SHEETS_MAX} 个工作表：请只留名册"),
            format!("the workbook has more than {SHEETS_MAX} sheets"),
        ));
    }
    let mut grids = Vec::new();
    for sheet in sheets {
        let file: Arc<str> = format!("{name} [{sheet}]").into();
        // The reader adds up positions that a hostile file may give at will.
        let Some(read) = quietly(|| grid(&mut workbook, &sheet, &file)) else {
            let what = Said::new(
                "工作表打不开，有一格或一处合并不在表里：请另存为新的 xlsx",
                "the sheet cannot be read: a cell or a merged range lies nowhere",
            );
            problems.push(At::file(&file).problem(None, what));
            return None;
        };
        match read {
            Ok(Ok(grid)) => grids.push(grid),
            Ok(Err(line)) => {
                problems.push(too_long(&file, line));
                return None;
            }
            // A chart has a sheet to itself.
            Err(XlsxError::NotAWorksheet(_)) => {}
            Err(error) => {
                let what = Said::new(
                    format!("工作表打不开，请另存为新的 xlsx（{error}）"),
                    format!("the sheet cannot be read: {error}"),
                );
                problems.push(At::file(&file).problem(None, what));
                return None;
            }
        }
    }
    Some(grids)
}

thread_local! {
    /// Whether a panic of this thread is expected, and told in our own words.
    static IS_QUIET: Flag<bool> = const { Flag::new(false) };
}

/// Calls the reader; `None` where it panics, which then prints nothing. Panics of other threads, and
/// of this one at other times, go to the hook that was there before.
fn quietly<T>(read: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_QUIET.get() {
                before(panic);
            }
        }));
    });
    let was = IS_QUIET.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(read));
    IS_QUIET.set(was);
    outcome.ok()
}

/// One sheet, or the line at which it is too long.
fn grid<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    sheet: &str,
    file: &Arc<str>,
) -> Result<Result<Grid, u64>, XlsxError> {
    let mut rows: Vec<(u64, Vec<Cell>)> = Vec::new();
    // Rows stand in their order nearly always; where they do not, they are found by number.
    let mut places: HashMap<u32, usize> = HashMap::new();
    let mut cells = workbook.worksheet_cells_reader(sheet)?;
    while let Some(cell) = cells.next_cell()? {
        let (row, column) = cell.get_position();
        let column = column as usize;
        let value = value(cell.get_value());
        if column >= COLUMNS_MAX || value == Cell::Empty {
            continue;
        }
        let place = *places.entry(row).or_insert_with(|| {
            rows.push((u64::from(row) + 1, Vec::new()));
            rows.len() - 1
        });
        if rows.len() > ROWS_MAX {
            return Ok(Err(u64::from(row) + 1));
        }
        let line = &mut rows[place].1;
        if line.len() <= column {
            line.resize(column + 1, Cell::Empty);
        }
        line[column] = value;
    }
    drop(cells);
    rows.sort_by_key(|(line, _)| *line);
    let mut grid = Grid { file: Arc::clone(file), rows };
    let mut left = MERGED_MAX;
    for merged in workbook.merge_cells_by_sheet_name(sheet)? {
        spread(&mut grid, merged.start, merged.end, &mut left);
    }
    Ok(Ok(grid))
}

fn value(value: &DataRef<'_>) -> Cell {
    let text = |text: &str| match text.trim() {
        "" => Cell::Empty,
        text => Cell::Text(text.to_owned()),
    };
    match value {
        DataRef::Int(number) => text(&number.to_string()),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Bool(true) => text("是"),
        DataRef::Bool(false) => text("否"),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Cell::Date,
        DataRef::Error(error) => text(&error.to_string()),
        DataRef::Empty => Cell::Empty,
    }
}

/// Puts the value of merged cells into every row that they cover, in their first column.
fn spread(
    grid: &mut Grid,
    (top, left): (u32, u32),
    (bottom, _): (u32, u32),
    cells_left: &mut usize,
) {
    let left = left as usize;
    if left >= COLUMNS_MAX || bottom <= top {
        return;
    }
    let first = grid.rows.partition_point(|(line, _)| *line <= u64::from(top));
    let behind = grid.rows.partition_point(|(line, _)| *line <= u64::from(bottom) + 1);
    let Some(value) = grid.rows.get(first).filter(|(line, _)| *line == u64::from(top) + 1) else {
        return;
    };
    let Some(value) = value.1.get(left).cloned() else { return };
    let rows = grid.rows.iter_mut().take(behind).skip(first + 1).take(*cells_left);
    *cells_left = cells_left.saturating_sub(behind.saturating_sub(first));
    for (_, row) in rows {
        if row.len() <= left {
            row.resize(left + 1, Cell::Empty);
        }
        if row[left] == Cell::Empty {
            row[left] = value.clone();
        }
    }
}
