//! One line of a list.

use super::super::grid::Cell;
use super::super::table::{empty, too_many_chars};
use super::super::{At, Problems, Said, VALUE_CHARS_MAX, label};
use super::header::{Column, Header};
use crate::{Grade, SubjectId};

/// From here on a number has lost digits: a spreadsheet keeps fifteen.
const EXACT_MAX: f64 = 1e15;
/// Classes that one teacher has.
const CLASSES_MAX: usize = 30;

/// What separates classes in one cell.
const SEPARATORS: [char; 7] = ['、', ',', '，', ';', '；', '\n', '/'];

/// Whether a pupil or teacher is still there, by what the column 状态 says.
const HERE: [&str; 6] = ["", "在读", "在校", "在籍", "在职", "正常"];
const GONE: [&str; 9] = ["转出", "转学", "离校", "毕业", "休学", "退学", "离职", "调出", "退休"];

pub(super) struct Row<'a> {
    pub(super) at: At,
    pub(super) header: &'a Header,
    pub(super) cells: &'a [Cell],
}

/// Of which class a teacher is class teacher.
pub(super) enum ClassTeacher {
    No,
    /// Of the one that they teach.
    OfTheirs,
    Of(Grade, String),
}

/// Whether a 学号 is a number in class, or may be one that a school gives: letters and digits, such as
/// `A-17`. Neither -3 nor 1.5 nor a word is.
fn is_number(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(char::is_alphanumeric)
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/'))
        && text.chars().any(|c| c.is_ascii_digit())
        && text != "0"
}

/// A grade and a label.
type Class = (Grade, String);

impl Row<'_> {
    fn cell(&self, column: Column) -> &Cell {
        self.header.place(column).and_then(|place| self.cells.get(place)).unwrap_or(&Cell::Empty)
    }

    /// Printed lists have the header again on each page.
    pub(super) fn repeats_header(&self) -> bool {
        self.header.is_repeated_by(self.cell(Column::Name))
    }

    fn refuse<T>(&self, column: Column, what: Said, problems: &mut Problems) -> Option<T> {
        problems.push(self.at.problem(column.title(), what));
        None
    }

    /// What stands in a column: within, `None` where it is empty. Outside, `None` where it is wrong.
    pub(super) fn text(&self, column: Column, problems: &mut Problems) -> Option<Option<String>> {
        let text = match self.cell(column) {
            Cell::Empty => return Some(None),
            Cell::Text(text) if is_formula_error(text) => {
                let what = Said::new(
                    format!("这一格是公式的错误值 {text}：请填上值"),
                    format!("it is the error {text} of a formula: type what it should be"),
                );
                return self.refuse(column, what, problems);
            }
            Cell::Date => {
                let what = Said::new(
                    "这一格被当成了日期：请把这一列改成文本，再重新输入",
                    "it was taken for a date: make the column text and type it again",
                );
                return self.refuse(column, what, problems);
            }
            Cell::Text(text) => text.clone(),
            Cell::Number(number) if number.abs() >= EXACT_MAX => {
                let what = Said::new(
                    "这一格存成了数字，末几位已经丢了：请把这一列改成文本，再重新输入",
                    "it is kept as a number, which has cut its last digits: make the column text \
                     and type it again",
                );
                return self.refuse(column, what, problems);
            }
            Cell::Number(number) => number.to_string(),
        };
        if text.chars().count() > VALUE_CHARS_MAX {
            return self.refuse(column, too_many_chars(), problems);
        }
        // Classes may stand below each other in a cell.
        let hidden = crate::hidden_char(&text).filter(|c| *c != '\n' || column != Column::Classes);
        if let Some(hidden) = hidden {
            return self.refuse(column, label::told_hidden(hidden), problems);
        }
        Some(Some(text))
    }

    pub(super) fn need(&self, column: Column, problems: &mut Problems) -> Option<String> {
        match self.text(column, problems)? {
            Some(text) => Some(text),
            None => self.refuse(column, empty(), problems),
        }
    }

    pub(super) fn name(&self, problems: &mut Problems) -> Option<String> {
        let name = self.need(Column::Name, problems)?;
        if label::is_no_name(&name) {
            return self.refuse(Column::Name, label::told_no_name(&name), problems);
        }
        // Numbers that are letters too, such as Ⅷ, name nobody.
        if name.chars().any(|c| c.is_alphabetic() && !c.is_numeric()) {
            return Some(name);
        }
        let what = Said::new(
            "姓名里没有一个字：请填上姓名，或删去这一行",
            "there is no letter in it: type the name, or remove the line",
        );
        self.refuse(Column::Name, what, problems)
    }

    /// The 座号: within, `None` where there is none.
    pub(super) fn seat(&self, problems: &mut Problems) -> Option<Option<u32>> {
        let Some(text) = self.text(Column::Seat, problems)? else { return Some(None) };
        match label::plain(&text).parse() {
            Ok(number) if number > 0 => Some(Some(number)),
            _ => {
                let what = Said::new("这一格要填从 1 起的整数", "it is no whole number from 1");
                self.refuse(Column::Seat, what, problems)
            }
        }
    }

    /// The 学号, a number in class or the school's own: within, `None` where there is none.
    pub(super) fn school_number(&self, problems: &mut Problems) -> Option<Option<String>> {
        let Some(text) = self.text(Column::Number, problems)? else { return Some(None) };
        let number = super::digits(&label::plain(&text));
        if is_number(&number) {
            return Some(Some(number));
        }
        let what = Said::new(
            "这一格要填班里的号（如 7）或学校的学号（如 20240301、A-17）",
            "it is neither a number in class, such as 7, nor one of the school's, such as 20240301 \
             or A-17",
        );
        self.refuse(Column::Number, what, problems)
    }

    /// What the column of grades says: within, `None` where there is none.
    pub(super) fn grade(&self, year: i32, problems: &mut Problems) -> Option<Option<Grade>> {
        if !self.header.has(Column::Grade) {
            return Some(None);
        }
        let text = self.need(Column::Grade, problems)?;
        match label::grade(&text, year) {
            Some(grade) => Some(Some(grade)),
            None => {
                let what = Said::new(
                    "看不出是几年级：请写 三、三年级、3、初一 或 2024级",
                    "it is no grade: write 三, 三年级, 3, 初一 or 2024级",
                );
                self.refuse(Column::Grade, what, problems)
            }
        }
    }

    pub(super) fn class(
        &self,
        year: i32,
        grade: Option<Grade>,
        problems: &mut Problems,
    ) -> Option<Class> {
        let text = self.need(Column::Class, problems)?;
        // What is wrong with the grade is said there.
        if grade.is_none() && self.header.has(Column::Grade) {
            return None;
        }
        self.one_class(Column::Class, &text, year, grade, problems)
    }

    fn one_class(
        &self,
        column: Column,
        text: &str,
        year: i32,
        grade: Option<Grade>,
        problems: &mut Problems,
    ) -> Option<Class> {
        let read = label::class(text, year);
        match read.and_then(|class| class.within(grade)) {
            Some(class) => Some(class),
            None if grade.is_some() => {
                let what = Said::new(
                    "与旁边的年级对不上：请写 2班 或 三（2）班",
                    "it is no class of the grade beside it: write 2班 or 三（2）班",
                );
                self.refuse(column, what, problems)
            }
            None => {
                let what = Said::new(
                    "看不出是几年级的班：请写成 三（2）班，或加一列“年级”",
                    "it says no grade: write 三（2）班, or add a column 年级",
                );
                self.refuse(column, what, problems)
            }
        }
    }

    /// The classes of a teacher; none where the cell is empty.
    pub(super) fn classes(&self, year: i32, problems: &mut Problems) -> Option<Vec<Class>> {
        let text = match self.cell(Column::Classes) {
            // Several classes are one cell, which may be longer than any other value.
            Cell::Text(text) => text.clone(),
            _ => self.text(Column::Classes, problems)?.unwrap_or_default(),
        };
        let parts = text.split(SEPARATORS).map(str::trim).filter(|part| !part.is_empty());
        let mut classes: Vec<Class> = Vec::new();
        for (count, part) in parts.enumerate() {
            if count == CLASSES_MAX {
                let what = Said::new(
                    format!("写了不止 {CLASSES_MAX} 个班：请减少"),
                    format!("it names more than {CLASSES_MAX} classes"),
                );
                return self.refuse(Column::Classes, what, problems);
            }
            let class = self.one_class(Column::Classes, part, year, None, problems)?;
            if !classes.contains(&class) {
                classes.push(class);
            }
        }
        Some(classes)
    }

    pub(super) fn class_teacher(&self, year: i32, problems: &mut Problems) -> Option<ClassTeacher> {
        let text = self.text(Column::ClassTeacher, problems)?.unwrap_or_default();
        Some(match label::plain(&text).as_str() {
            "" | "否" | "不是" | "无" | "no" | "N" | "0" => ClassTeacher::No,
            "是" | "√" | "✓" | "yes" | "Y" | "1" | "班主任" => ClassTeacher::OfTheirs,
            _ => {
                let (grade, label) =
                    self.one_class(Column::ClassTeacher, &text, year, None, problems)?;
                ClassTeacher::Of(grade, label)
            }
        })
    }

    pub(super) fn subject(&self, problems: &mut Problems) -> Option<Option<SubjectId>> {
        let Some(text) = self.text(Column::Subject, problems)? else { return Some(None) };
        match label::subject(&text) {
            Some(subject) => Some(Some(subject)),
            None => {
                let mut known: Vec<&str> = label::SUBJECTS.iter().map(|(name, _)| *name).collect();
                known.dedup();
                let known = known.join("、");
                let what = Said::new(
                    format!("没有这个学科：请写 {known} 之一，或留空"),
                    format!("it is none of {known}: leave it empty"),
                );
                self.refuse(Column::Subject, what, problems)
            }
        }
    }

    pub(super) fn is_here(&self, problems: &mut Problems) -> Option<bool> {
        let text = label::plain(&self.text(Column::Status, problems)?.unwrap_or_default());
        if HERE.contains(&&*text) {
            return Some(true);
        }
        if GONE.contains(&&*text) {
            return Some(false);
        }
        let known = [&HERE[1..], &GONE[..]].concat().join("、");
        let what = Said::new(
            format!("看不懂这个状态：请写 {known} 之一"),
            format!("it is none of {known}"),
        );
        self.refuse(Column::Status, what, problems)
    }
}

/// Whether a spreadsheet writes this where a formula failed: `#DIV/0!`, `#NAME?`, `#N/A`.
fn is_formula_error(text: &str) -> bool {
    let name = |text: &str| text.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0' | b'/' | b'_'));
    text.strip_prefix('#').is_some_and(|text| {
        text == "N/A" || text.strip_suffix(['!', '?']).is_some_and(|t| !t.is_empty() && name(t))
    })
}
