//! CSV files with a header in their first line, and how their bytes become text.

use std::collections::HashMap;
use std::sync::Arc;

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::grid::{no_csv, too_long};
use super::{At, COLUMNS_MAX, Problems, ROWS_MAX, Said, VALUE_CHARS_MAX, label};

/// Text of bytes: by their byte order mark; as UTF-8 if they are that; otherwise as GB18030, which
/// Excel writes on a Chinese machine.
///
/// Lines end in LF, whatever they ended in: the reader of CSV counts a line's CR LF as of the next
/// line, and knows no CR alone.
pub(super) fn decode(file: &Arc<str>, bytes: Vec<u8>, problems: &mut Problems) -> Option<String> {
    let text = in_unicode(file, bytes, problems)?;
    Some(if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text })
}

fn in_unicode(file: &Arc<str>, bytes: Vec<u8>, problems: &mut Problems) -> Option<String> {
    let bytes = match Encoding::for_bom(&bytes) {
        None => match String::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(no_utf8) => no_utf8.into_bytes(),
        },
        Some(_) => bytes,
    };
    let encoding = Encoding::for_bom(&bytes).map_or(GB18030, |(encoding, _)| encoding);
    let (text, encoding, damaged) = encoding.decode(&bytes);
    if !damaged {
        return Some(text.into_owned());
    }
    // Where neither reading goes on: the later of the two places.
    let whole = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let as_utf8 = bytes[..whole].iter().filter(|byte| **byte == b'\n').count();
    let read = text.split('\u{fffd}').next().unwrap_or_default();
    let line = 1 + as_utf8.max(read.matches('\n').count()) as u64;
    let name = encoding.name();
    let what = match encoding == UTF_8 {
        true => Said::new(
            "文字编码不是 UTF-8：请另存为 CSV UTF-8",
            "its bytes are no UTF-8: save it as CSV UTF-8",
        ),
        false => Said::new(
            format!("文字编码不是 UTF-8，也不是 {name}：请另存为 CSV UTF-8"),
            format!("its bytes are neither UTF-8 nor {name}: save it as CSV UTF-8"),
        ),
    };
    problems.push(At::new(file, line).problem(None, what));
    None
}

/// Refuses a text in which a quotation mark is opened and never closed: the reader of CSV takes all
/// that follows for one value, and says nothing.
pub(super) fn check_quotes(
    file: &Arc<str>,
    text: &str,
    delimiter: u8,
    problems: &mut Problems,
) -> Option<()> {
    let (mut line, mut opened) = (1_u64, None);
    let mut begins = true;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        line += u64::from(byte == b'\n');
        if opened.is_some() {
            // Two of them stand for one.
            if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
                opened = None;
                begins = false;
            }
            continue;
        }
        if byte == b'"' && begins {
            opened = Some(line);
        }
        begins = byte == delimiter || byte == b'\n';
    }
    let Some(line) = opened else { return Some(()) };
    let what = Said::new(
        "这里的引号少了另一半：请补上，或删去",
        "a quotation mark is opened here and never closed: close it, or remove it",
    );
    problems.push(At::new(file, line).problem(None, what));
    None
}

/// What separates the values of a CSV file: what its beginning has most of.
pub(super) fn delimiter(text: &str) -> u8 {
    let head = text.as_bytes().get(..4_096).unwrap_or(text.as_bytes());
    let count = |delimiter: &u8| head.iter().filter(|byte| *byte == delimiter).count();
    // The last of several maxima is taken.
    [b';', b'\t', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// What is said of a cell that needs something in it.
pub(super) fn empty() -> Said {
    Said::new("这一格是空的：请填上", "it is empty, and must not be")
}

pub(super) fn too_many_chars() -> Said {
    Said::new(
        format!("超过 {VALUE_CHARS_MAX} 个字：请改短"),
        format!("it has more than {VALUE_CHARS_MAX} characters: shorten it"),
    )
}

/// A file with a header.
pub(super) struct Table {
    file: Arc<str>,
    text: String,
}

/// A line of a [`Table`].
pub(super) struct Row<'a> {
    pub(super) at: At,
    columns: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    /// What stands in a column, without spaces at its ends; empty where there is no such column.
    pub(super) fn get(&self, column: &str) -> &str {
        let place = self.columns.get(&column.to_ascii_lowercase());
        place.and_then(|place| self.record.get(*place)).unwrap_or_default().trim()
    }

    /// The same where it must not be empty.
    pub(super) fn need<'a>(
        &'a self,
        column: &'static str,
        problems: &mut Problems,
    ) -> Option<&'a str> {
        let value = self.get(column);
        if value.is_empty() {
            problems.push(self.at.problem(column, empty()));
            return None;
        }
        if value.chars().count() > VALUE_CHARS_MAX {
            problems.push(self.at.problem(column, too_many_chars()));
            return None;
        }
        if let Some(hidden) = crate::hidden_char(value) {
            problems.push(self.at.problem(column, label::told_hidden(hidden)));
            return None;
        }
        Some(value)
    }
}

impl Table {
    pub(super) fn new(name: &str, bytes: Vec<u8>, problems: &mut Problems) -> Option<Self> {
        let file: Arc<str> = name.into();
        let text = decode(&file, bytes, problems)?;
        check_quotes(&file, &text, b',', problems)?;
        Some(Self { file, text })
    }

    /// Calls `each` with every row; `needs` are the columns that must be there. Returns whether it
    /// could read all rows: otherwise what the file lacks is not known.
    pub(super) fn rows(
        &self,
        needs: &[&'static str],
        problems: &mut Problems,
        mut each: impl FnMut(&Row<'_>, &mut Problems),
    ) -> bool {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(self.text.as_bytes());
        let mut columns = HashMap::new();
        if let Ok(header) = reader.headers() {
            for (place, name) in header.iter().enumerate().take(COLUMNS_MAX) {
                columns.entry(name.trim().to_ascii_lowercase()).or_insert(place);
            }
        }
        let at = At::new(&self.file, 1);
        let mut whole = true;
        for need in needs {
            if !columns.contains_key(&need.to_ascii_lowercase()) {
                let what = Said::new("没有这一列：请加上", "there is no such column: add it");
                problems.push(at.problem(*need, what));
                whole = false;
            }
        }
        if !whole {
            return false;
        }
        let mut record = csv::StringRecord::new();
        for rows in 0.. {
            let before = reader.position().line();
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return true,
                Err(error) => {
                    let at = At::new(&self.file, before);
                    problems.push(at.problem(None, no_csv(&error)));
                    return false;
                }
            }
            let line = record.position().map_or(before, csv::Position::line);
            if rows == ROWS_MAX {
                problems.push(too_long(&self.file, line));
                return false;
            }
            let row = Row { at: At::new(&self.file, line), columns: &columns, record: &record };
            each(&row, problems);
        }
        false
    }
}
