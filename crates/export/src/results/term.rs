//! A class's results over a time: one sheet over all, and one for each assignment.

use std::collections::HashMap;

use store::{AssignmentHead, PupilName};
use worksheet::Score;

use super::{Closed, Results, total, total_cell};
use crate::table::{Book, Cell, Column, Table, csv};
use crate::{ExportError, Language, moment};

/// Results of several assignments under construction. It keeps one figure per pupil and assignment;
/// what each response was is written to the file as it comes.
pub struct TermBook {
    book: Book,
    language: Language,
    /// Number and name of everybody who is in any of the assignments, by number.
    pupils: Vec<PupilName>,
    given: Vec<Given>,
    first: usize,
}

struct Given {
    title: String,
    day: String,
    points: Score,
    /// What each pupil earned, in a cell of totals.
    earned: HashMap<String, Cell>,
}

impl std::fmt::Debug for TermBook {
    /// Leaves the names out, so that they reach no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TermBook").field("given", &self.given.len()).finish_non_exhaustive()
    }
}

impl TermBook {
    /// A file without assignments.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn new(title: &str, language: Language) -> Result<Self, ExportError> {
        let mut book = Book::new(title);
        let first = book.add(language.pick("总览", "All"))?;
        Ok(Self { book, language, pupils: Vec::new(), given: Vec::new(), first })
    }

    /// Adds an assignment, which comes after those that were added before.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn add(&mut self, head: &AssignmentHead, of: &Results<'_>) -> Result<(), ExportError> {
        let title = self.language.pick(&of.worksheet.title_zh, &of.worksheet.title_en);
        let day = moment::day(head.assigned_ms);
        let sheet = self.book.add(&format!("{} {title}", &day[day.len().min(5)..]))?;
        self.book.fill(sheet, &of.pupils())?;
        let answers = of.answers();
        let earned = of.sheet.pupils.iter().map(|pupil| {
            let (earned, waits) =
                total(of.worksheet, |part| answers.get(&(&*pupil.id, &*part.id)).copied());
            let is_closed = Closed::of(of.sheet, &pupil.id).closed;
            (pupil.id.clone(), total_cell(earned, is_closed && waits == 0))
        });
        let earned = earned.collect();
        for pupil in &of.sheet.pupils {
            match self.pupils.iter_mut().find(|known| known.id == pupil.id) {
                Some(known) => *known = pupil.clone(),
                None => self.pupils.push(pupil.clone()),
            }
        }
        let (title, points) = (title.to_owned(), of.worksheet.points());
        self.given.push(Given { title, day, points, earned });
        Ok(())
    }

    /// The sheet over all: a row per pupil, a column per assignment.
    fn overview(&mut self) -> Table {
        self.pupils.sort_by(|a, b| (a.number, &a.id).cmp(&(b.number, &b.id)));
        let language = self.language;
        let mut columns = vec![
            Column::new(language.pick("学号", "No."), 6),
            Column::new(language.pick("姓名", "Name"), 16),
        ];
        columns.extend(self.given.iter().map(|given| {
            let name = format!("{} / {}", given.title, given.points);
            Column::of(&given.day, &name, 18).of_totals(language)
        }));
        let rows = self.pupils.iter().map(|pupil| {
            let mut row = vec![Cell::Number(pupil.number.into()), Cell::text(&pupil.name)];
            let earned =
                |given: &Given| given.earned.get(&pupil.id).cloned().unwrap_or(Cell::Empty);
            row.extend(self.given.iter().map(earned));
            row
        });
        let rows = rows.collect();
        Table { columns, rows, frozen: 2 }
    }

    /// The file as xlsx.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn xlsx(mut self) -> Result<Vec<u8>, ExportError> {
        let overview = self.overview();
        self.book.fill(self.first, &overview)?;
        self.book.finish()
    }

    /// The sheet over all as CSV.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn csv(mut self) -> Result<Vec<u8>, ExportError> {
        csv(&self.overview())
    }
}
