//! CSV that Excel opens right: UTF-8 with a byte order mark, CRLF.

use ::csv::{Terminator, WriterBuilder};
use worksheet::Score;

use super::{Cell, Table, is_formula};
use crate::{ExportError, Language, moment};

/// Takes no room, and is no whitespace that a spreadsheet passes over: what it stands before is text.
const TEXT: char = '\u{200b}';

/// A table as CSV. Text that a spreadsheet would calculate or turn into a date or another number has an
/// invisible space (U+200B) before it, so that it is text there and looks the same. Beside each column
/// of totals stands one that says whether they are final.
pub(crate) fn csv(table: &Table) -> Result<Vec<u8>, ExportError> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut bytes);
    writer.write_record(table.columns.iter().flat_map(|column| {
        let status = |language: Language| {
            guarded(&format!("{} {}", column.whole(), language.pick("状态", "status")))
        };
        [Some(guarded(&column.whole())), column.totals.map(status)].into_iter().flatten()
    }))?;
    for row in &table.rows {
        writer.write_record(table.columns.iter().zip(row).flat_map(|(column, cell)| {
            let status = column.totals.map(|language| status(cell, language).to_owned());
            [Some(field(cell)), status].into_iter().flatten()
        }))?;
    }
    writer.flush().map_err(::csv::Error::from)?;
    drop(writer);
    Ok(bytes)
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => guarded(text),
        Cell::Number(number) => number.to_string(),
        Cell::Points(tenths) | Cell::Provisional(tenths) => Score(*tenths).to_string(),
        Cell::Share(share) => format!("{:.0}%", share * 100.0),
        Cell::Moment(unix_ms) => moment::minute(*unix_ms),
    }
}

/// Whether a total is final; nothing of no total.
fn status(cell: &Cell, language: Language) -> &'static str {
    match cell {
        Cell::Points(_) => language.pick("已定", "final"),
        Cell::Provisional(_) => language.provisional(),
        _ => "",
    }
}

fn guarded(text: &str) -> String {
    if is_formula(text) || is_figures(text) { format!("{TEXT}{text}") } else { text.to_owned() }
}

/// Whether a text looks like a number, a date or a time: `3/4` would become a day in March, and `007`
/// would lose its zeros.
fn is_figures(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.chars().all(|c| c.is_ascii_digit() || "./:-,%eE+ 年月日".contains(c))
}
