//! Results as tables: who wrote what, and how each question went.

mod questions;
mod term;

use std::collections::HashMap;

use store::{AnswerRow, PaperTimes, PupilName, ResultSheet, Source, Verdict};
use worksheet::{Kind, Part, Question, Review, Score, Worksheet};

use crate::table::{self, Book, Cell, Column, Table};
use crate::words::blank;
use crate::{ExportError, Language};

pub(crate) use questions::{Went, key, points_of};
pub use term::TermBook;

/// The results of one assignment.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    /// What was given.
    pub worksheet: &'a Worksheet,
    /// What came of it.
    pub sheet: &'a ResultSheet,
    /// The language of headings and verdicts.
    pub language: Language,
}

/// Which table of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultTable {
    /// A row per pupil.
    Pupils,
    /// A row per question.
    Questions,
}

/// The responses of a sheet by pupil and part.
type Answers<'a> = HashMap<(&'a str, &'a str), &'a AnswerRow>;

impl<'a> Results<'a> {
    /// Both tables as xlsx.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn xlsx(&self) -> Result<Vec<u8>, ExportError> {
        let language = self.language;
        let mut book = Book::new(language.pick(&self.worksheet.title_zh, &self.worksheet.title_en));
        let pupils = book.add(language.pick("学生", "Pupils"))?;
        let questions = book.add(language.pick("题目", "Questions"))?;
        book.fill(pupils, &self.pupils())?;
        book.fill(questions, &self.questions())?;
        book.finish()
    }

    /// One of the tables as CSV: UTF-8 with a byte order mark, CRLF.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn csv(&self, table: ResultTable) -> Result<Vec<u8>, ExportError> {
        table::csv(&match table {
            ResultTable::Pupils => self.pupils(),
            ResultTable::Questions => self.questions(),
        })
    }

    fn answers(&self) -> Answers<'a> {
        let of = |answer: &'a AnswerRow| ((answer.pupil.as_str(), answer.part.as_str()), answer);
        // A blank field of a paper that may still change says nothing yet.
        self.sheet.answers.iter().filter(|answer| !is_unwritten(answer)).map(of).collect()
    }

    fn pupils(&self) -> Table {
        let language = self.language;
        let mut columns = vec![
            Column::new(language.pick("学号", "No."), 6),
            Column::new(language.pick("姓名", "Name"), 16),
            Column::new(language.pick("状态", "State"), 10),
            Column::new(language.pick("交卷时间", "Handed in"), 17),
            Column::new(language.pick("得分", "Points"), 12).of_totals(language),
            Column::new(language.pick("待确认", "To decide"), 8),
        ];
        columns.extend(self.worksheet.questions.iter().flat_map(|q| heads(q, language)));
        let answers = self.answers();
        let rows = self.sheet.pupils.iter().map(|pupil| {
            let closed = Closed::of(self.sheet, &pupil.id);
            let of_part = |part: &Part| answers.get(&(&*pupil.id, &*part.id)).copied();
            let (earned, waits) = total(self.worksheet, of_part);
            let mut row = vec![
                Cell::Number(pupil.number.into()),
                Cell::text(&pupil.name),
                Cell::text(closed.word(language)),
                closed.at_ms.map_or(Cell::Empty, Cell::Moment),
                total_cell(earned, closed.closed && waits == 0),
                if waits > 0 { Cell::count(waits) } else { Cell::Empty },
            ];
            row.extend(self.worksheet.questions.iter().flat_map(|q| cells(q, of_part, language)));
            row
        });
        let rows = rows.collect();
        Table { columns, rows, frozen: 2 }
    }
}

/// A blank that nobody confirmed, on a paper that may still change.
fn is_unwritten(answer: &AnswerRow) -> bool {
    let by_person = matches!(answer.source, Some(Source::Screen | Source::Red));
    let blank = matches!(answer.verdict, Some(Verdict::Blank) | None);
    blank && answer.wanted.is_none() && !answer.settled && !by_person
}

/// What a pupil earned, and how many responses wait for a person.
fn total<'r>(
    worksheet: &Worksheet,
    of_part: impl Fn(&Part) -> Option<&'r AnswerRow>,
) -> (Option<Score>, usize) {
    let waits = |part: &&Part| of_part(part).is_some_and(|answer| answer.wanted.is_some());
    let waits = worksheet.parts().map(|of| of.part).filter(waits).count();
    (worksheet.earned(|part| score(of_part(part)?)), waits)
}

/// The cell of what was earned, in a column of totals.
fn total_cell(earned: Option<Score>, is_final: bool) -> Cell {
    match earned {
        Some(score) if !is_final => Cell::Provisional(score.0),
        earned => Cell::points(earned),
    }
}

/// The points of a response that waits for nobody.
fn score(answer: &AnswerRow) -> Option<Score> {
    answer.wanted.is_none().then_some(Score(answer.score.unwrap_or(0)))
}

/// Where a pupil's papers of an assignment stand.
struct Closed {
    written: bool,
    /// Whether all that was begun is in.
    closed: bool,
    /// Whether a teacher said so of any of it.
    said: bool,
    /// When the last of it was in, Unix milliseconds.
    at_ms: Option<i64>,
}

impl Closed {
    fn of(sheet: &ResultSheet, pupil: &str) -> Self {
        let papers: Vec<&PaperTimes> = sheet.papers.iter().filter(|p| p.pupil == pupil).collect();
        let at = |paper: &&PaperTimes| paper.handed_in_ms.or(paper.settled_ms);
        let closed = !papers.is_empty() && papers.iter().all(|paper| at(paper).is_some());
        Self {
            written: !papers.is_empty(),
            closed,
            said: papers.iter().any(|paper| paper.handed_in_ms.is_some()),
            at_ms: papers.iter().filter_map(at).max().filter(|_| closed),
        }
    }

    fn word(&self, language: Language) -> &'static str {
        match (self.written, self.closed, self.said) {
            (false, ..) => language.pick("未交", "missing"),
            (true, false, _) => language.pick("已动笔", "begun"),
            (true, true, true) => language.pick("已交", "handed in"),
            (true, true, false) => language.pick("已收", "settled"),
        }
    }
}

/// One pupil's result as a whole.
pub(crate) struct Outcome {
    pub(crate) earned: Option<Score>,
    /// When the last of it was in, Unix milliseconds; `None` where it is not.
    pub(crate) at_ms: Option<i64>,
    pub(crate) progress: Progress,
}

/// How far a pupil's result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing is written.
    Missing,
    /// It may still change, or somebody must decide something.
    Open,
    /// It is in, and nothing waits.
    Done,
}

impl Outcome {
    /// Of each pupil whom an assignment concerns.
    pub(crate) fn each<'s>(
        worksheet: &'s Worksheet,
        sheet: &'s ResultSheet,
    ) -> impl Iterator<Item = (&'s PupilName, Self)> {
        let results = Results { worksheet, sheet, language: Language::Zh };
        let answers = results.answers();
        sheet.pupils.iter().map(move |pupil| {
            let closed = Closed::of(sheet, &pupil.id);
            let of_part = |part: &Part| answers.get(&(&*pupil.id, &*part.id)).copied();
            let (earned, waits) = total(worksheet, of_part);
            let progress = match (closed.written, closed.closed && waits == 0) {
                (false, _) => Progress::Missing,
                (true, false) => Progress::Open,
                (true, true) => Progress::Done,
            };
            (pupil, Self { earned, at_ms: closed.at_ms, progress })
        })
    }
}

/// The columns of a question.
fn heads(question: &Question, language: Language) -> Vec<Column> {
    let group = language.question(&question.label);
    let (verdict, points) = (language.pick("判定", "Mark"), language.pick("得分", "Points"));
    let read = language.pick("作答", "Answer");
    if let [_] = question.parts.as_slice() {
        let column = |name, width| Column::of(&group, name, width);
        return vec![column(verdict, 8), column(points, 7), column(read, 12)];
    }
    let mut columns = vec![Column::of(&group, points, 7)];
    for of in question.each() {
        columns.push(Column::of(&group, &format!("{}{verdict}", blank(&of)), 8));
        columns.push(Column::of(&group, &format!("{}{read}", blank(&of)), 12));
    }
    columns
}

/// A pupil's cells under [`heads`].
fn cells<'r>(
    question: &Question,
    of_part: impl Fn(&Part) -> Option<&'r AnswerRow>,
    language: Language,
) -> Vec<Cell> {
    let verdict = |answer: &AnswerRow| Cell::text(language.verdict(answer.verdict, answer.wanted));
    let waits = question
        .parts
        .iter()
        .any(|part| of_part(part).is_some_and(|answer| answer.wanted.is_some()));
    let earned = question.earned(|part| score(of_part(part)?)).filter(|_| !waits);
    let pair = |part: &Part| match of_part(part) {
        Some(answer) => (verdict(answer), reading(&part.kind, answer)),
        None => (Cell::Empty, Cell::Empty),
    };
    if let [part] = question.parts.as_slice() {
        let (verdict, reading) = pair(part);
        return vec![verdict, Cell::points(earned), reading];
    }
    let mut cells = vec![Cell::points(earned)];
    for part in &question.parts {
        let (verdict, reading) = pair(part);
        cells.extend([verdict, reading]);
    }
    cells
}

/// What was read; nothing of an answer that was crossed out.
fn read(answer: &AnswerRow) -> Option<&str> {
    let crossed_out = answer.review.as_deref() == Some(Review::CrossedOut.code());
    answer.reading.as_deref().filter(|text| !text.is_empty() && !crossed_out)
}

/// What was read, as a number where the field asks for one.
fn reading(kind: &Kind, answer: &AnswerRow) -> Cell {
    match (kind, read(answer)) {
        (_, None) => Cell::Empty,
        (Kind::Number(_), Some(text)) => Cell::number_or_text(text),
        (_, Some(text)) => Cell::text(text),
    }
}

/// A response that counts in a question's figures: it has a verdict, and waits for nobody.
fn counts(answer: &AnswerRow) -> bool {
    answer.wanted.is_none() && !is_unwritten(answer)
}

#[cfg(test)]
mod tests;
