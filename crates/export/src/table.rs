//! A table with typed cells, as a file for spreadsheets.

mod csv;
mod xlsx;

pub(crate) use csv::csv;
pub(crate) use xlsx::Book;

use worksheet::Score;

use crate::Language;

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Empty,
    /// Text, whatever it looks like.
    Text(String),
    /// A number.
    Number(f64),
    /// Points in tenths.
    Points(u32),
    /// Points in tenths that may still change; in a column of totals.
    Provisional(u32),
    /// A share, 0 to 1.
    Share(f64),
    /// Unix milliseconds.
    Moment(i64),
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn count(count: usize) -> Self {
        Self::Number(count as f64)
    }

    pub(crate) fn points(score: Option<Score>) -> Self {
        score.map_or(Self::Empty, |score| Self::Points(score.0))
    }

    /// A number where its text says the same as the number does, `-5` and not `3.50` or `007`; else
    /// text.
    pub(crate) fn number_or_text(text: &str) -> Self {
        /// A number of a spreadsheet has no more figures.
        const FIGURES_MAX: usize = 15;
        let looks = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        match text.parse::<f64>() {
            Ok(number) if looks && text.len() <= FIGURES_MAX && number.to_string() == text => {
                Self::Number(number)
            }
            _ => Self::text(text),
        }
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// What stands over this and its neighbours; empty where nothing does.
    pub(crate) group: String,
    pub(crate) name: String,
    /// Figures that it has room for; a Chinese character takes two.
    pub(crate) width: u32,
    /// The language of the words that tell final totals from provisional ones, in a column of totals.
    pub(crate) totals: Option<Language>,
}

impl Column {
    pub(crate) fn new(name: &str, width: u32) -> Self {
        Self { group: String::new(), name: name.to_owned(), width, totals: None }
    }

    pub(crate) fn of(group: &str, name: &str, width: u32) -> Self {
        Self { group: group.to_owned(), ..Self::new(name, width) }
    }

    /// The same as a column of totals.
    pub(crate) fn of_totals(self, language: Language) -> Self {
        Self { totals: Some(language), ..self }
    }

    /// Its heading where headings have one line.
    fn whole(&self) -> String {
        format!("{} {}", self.group, self.name).trim().to_owned()
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    /// Each with as many cells as there are columns.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// Columns that stay in sight.
    pub(crate) frozen: u16,
}

/// Whether a spreadsheet that opens or pastes a text may take it for a formula. East Asian versions
/// take the wide forms too.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests;
