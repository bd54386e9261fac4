//! xlsx: cells with types, a head that stays in sight, and widths that Chinese fits in.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
};
use time::OffsetDateTime;

use super::{Cell, Column, Table, is_formula};
use crate::{ExportError, Language, moment};

/// Characters that a sheet's name has at most.
const NAME_MAX: usize = 31;

/// A file under construction. Each sheet is written to a file of its own as it comes, so that a book
/// takes the memory of one table.
pub(crate) struct Book {
    workbook: Workbook,
    names: Vec<String>,
    styles: Styles,
}

struct Styles {
    group: Format,
    head: Format,
    text: Format,
    /// Text that stays text when somebody edits its cell.
    quoted: Format,
    number: Format,
    share: Format,
    moment: Format,
}

impl Styles {
    fn new() -> Self {
        let head = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_border_bottom(FormatBorder::Thin)
            .set_align(FormatAlign::VerticalCenter);
        let centred = || Format::new().set_align(FormatAlign::Center);
        Self {
            group: Format::new().set_bold().set_align(FormatAlign::Center),
            head,
            text: Format::new(),
            quoted: Format::new().set_quote_prefix(),
            number: centred(),
            share: centred().set_num_format("0%"),
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm"),
        }
    }
}

impl Book {
    pub(crate) fn new(title: &str) -> Self {
        let mut workbook = Workbook::new();
        // Without the moment at which it was written: the same results give the same file.
        let created = ExcelDateTime::from_ymd(2020, 1, 1).unwrap_or_default();
        let properties = DocProperties::new().set_title(title).set_creation_datetime(&created);
        workbook.set_properties(&properties);
        Self { workbook, names: Vec::new(), styles: Styles::new() }
    }

    /// Adds an empty sheet for [`Self::fill`]; sheets are shown in the order in which they are added.
    pub(crate) fn add(&mut self, name: &str) -> Result<usize, ExportError> {
        let name = self.name(name);
        self.workbook.add_worksheet_with_constant_memory()?.set_name(&name)?;
        self.names.push(name);
        Ok(self.names.len() - 1)
    }

    /// Writes a table into a sheet, once.
    pub(crate) fn fill(&mut self, sheet: usize, table: &Table) -> Result<(), ExportError> {
        let sheet = self.workbook.worksheet_from_index(sheet)?;
        for (at, column) in (0u16..).zip(&table.columns) {
            sheet.set_column_width(at, column.width)?;
        }
        let grouped = table.columns.iter().any(|column| !column.group.is_empty());
        let head: u32 = grouped.into();
        if grouped {
            write_groups(sheet, &table.columns, &self.styles)?;
        }
        for (at, column) in (0u16..).zip(&table.columns) {
            sheet.write_string_with_format(head, at, &column.name, &self.styles.head)?;
        }
        let mut end = head + 1;
        let mut note = None;
        for (row, cells) in (head + 1..).zip(&table.rows) {
            for (at, (column, cell)) in (0u16..).zip(table.columns.iter().zip(cells)) {
                match (cell, column.totals) {
                    (Cell::Provisional(tenths), Some(language)) => {
                        note = Some(language);
                        let style = provisional(language);
                        sheet.write_number_with_format(row, at, points(*tenths), &style)?;
                    }
                    _ => write(sheet, (row, at), cell, &self.styles)?,
                }
            }
            end = row + 1;
        }
        if let Some(language) = note {
            let note = language.provisional_note();
            sheet.write_string_with_format(end + 1, 0, note, &self.styles.text)?;
        }
        sheet.set_freeze_panes(head + 1, table.frozen)?;
        sheet.set_landscape().set_paper_size(9).set_repeat_rows(0, head)?;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Vec<u8>, ExportError> {
        Ok(self.workbook.save_to_buffer()?)
    }

    /// A name that a sheet can have and no other has.
    fn name(&self, wanted: &str) -> String {
        let allowed = |c: &char| !"[]:*?/\\".contains(*c) && !c.is_control();
        let plain: String = wanted.chars().filter(allowed).collect();
        let plain = plain.trim().trim_matches('\'');
        let plain = if plain.is_empty() { "-" } else { plain };
        let cut = |keep: usize| plain.chars().take(keep).collect::<String>();
        let taken = |name: &String| {
            self.names.iter().any(|other| other.to_lowercase() == name.to_lowercase())
        };
        let first = cut(NAME_MAX);
        if !taken(&first) {
            return first;
        }
        (2..)
            .map(|n| format!("{} {n}", cut(NAME_MAX - 5)))
            .find(|name| !taken(name))
            .unwrap_or(first)
    }
}

/// One line over the head, with each group over its columns.
fn write_groups(
    sheet: &mut Worksheet,
    columns: &[Column],
    styles: &Styles,
) -> Result<(), ExportError> {
    let mut at = 0u16;
    for group in columns.chunk_by(|a, b| a.group == b.group) {
        let last = at + u16::try_from(group.len() - 1).unwrap_or(0);
        let text = group[0].group.as_str();
        match (text.is_empty(), at == last) {
            (true, _) => {}
            (false, true) => {
                sheet.write_string_with_format(0, at, text, &styles.group)?;
            }
            (false, false) => {
                sheet.merge_range(0, at, 0, last, text, &styles.group)?;
            }
        }
        at = last + 1;
    }
    Ok(())
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    styles: &Styles,
) -> Result<(), ExportError> {
    match cell {
        Cell::Empty => sheet,
        // Never a formula: the cell's type is text whatever its first character is.
        Cell::Text(text) if is_formula(text) => {
            sheet.write_string_with_format(row, column, text, &styles.quoted)?
        }
        Cell::Text(text) => sheet.write_string_with_format(row, column, text, &styles.text)?,
        Cell::Number(number) => {
            sheet.write_number_with_format(row, column, *number, &styles.number)?
        }
        Cell::Points(tenths) | Cell::Provisional(tenths) => {
            sheet.write_number_with_format(row, column, points(*tenths), &styles.number)?
        }
        Cell::Share(share) => sheet.write_number_with_format(row, column, *share, &styles.share)?,
        Cell::Moment(unix_ms) => match moment::local(*unix_ms).and_then(excel) {
            Some(at) => sheet.write_datetime_with_format(row, column, &at, &styles.moment)?,
            None => sheet,
        },
    };
    Ok(())
}

fn points(tenths: u32) -> f64 {
    f64::from(tenths) / 10.0
}

/// A number, which sums can use, that is shown with a word behind it.
fn provisional(language: Language) -> Format {
    let shown = format!("General\" {}\"", language.provisional());
    Format::new().set_align(FormatAlign::Center).set_italic().set_num_format(shown)
}

/// A day and minute; `None` before 1900 or after 9999, which no spreadsheet has.
fn excel(at: OffsetDateTime) -> Option<ExcelDateTime> {
    let (year, month, day) = at.to_calendar_date();
    let year = u16::try_from(year).ok()?;
    let day = ExcelDateTime::from_ymd(year, month.into(), day).ok()?;
    day.and_hms(at.hour().into(), at.minute(), at.second()).ok()
}
