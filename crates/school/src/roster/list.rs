//! The list that a school keeps in a spreadsheet: pupils with 年级, 班级, 学号, 姓名, and teachers with
//! 工号, 姓名, 登录名, 任教班级, 学科, 是否班主任.
//!
//! Columns stand in any order, below any titles; those that are not asked for are not looked at.
//!
//! **A class keeps its identity.** 三年级（2）班 of this year is 四年级（2）班 of the next: it is known by the
//! year in which it entered and its label. A list of August is next year's.
//!
//! **A pupil is known** by 学籍号 if there is one; by 学号 if that has four digits or more, so that it
//! is the school's; otherwise by class, number and name together. A number in class alone is no
//! identity: next year another child has it.

mod header;
mod row;

use std::collections::{BTreeMap, HashMap};

use time::{Date, Month};

use super::grid::{Cell, Grid};
use super::{
    At, ClassEntry, Key, Placement, Problems, PupilEntry, RoleEntry, Roster, Said, SchoolEntry,
    Source, StaffEntry, Told, label,
};
use crate::Grade;
use header::{Column, Form, Header};
use row::Row;

/// Digits of a 学号 that is at most a number in class.
const IN_CLASS_DIGITS_MAX: usize = 3;

/// Reads the sheets of a list: at least one of pupils or of teachers.
pub(super) fn read(
    name: &str,
    grids: Vec<Grid>,
    told: &Told<'_>,
    problems: &mut Problems,
) -> Option<Roster> {
    let Some(school) = told.school else {
        let what = Said::new(
            "名单里没有写是哪所学校的：请用 --school 写明",
            "a list says of no school that it is its own: name it with --school",
        );
        problems.push(At::file(name).problem(None, what));
        return None;
    };
    let school = Key::new(Source::List, school);
    let entry = SchoolEntry { at: At::file(name), key: school.clone(), name: school.value.clone() };
    let mut reading = Reading {
        school,
        year: school_year(told.from),
        roster: Roster { whole: true, schools: vec![entry], ..Roster::default() },
        classes: BTreeMap::new(),
        seen: HashMap::new(),
    };
    let mut forms = 0;
    let mut nearest = None;
    for grid in grids {
        match header::find(&grid, problems)? {
            Ok(header) => {
                forms += 1;
                reading.sheet(&grid, &header, problems);
            }
            Err(missing) => nearest = nearest.or(missing),
        }
    }
    if forms == 0 {
        problems.push(nearest.unwrap_or_else(|| {
            let what = Said::new(
                "没有找到表头：学生名单要有 年级、班级、学号、姓名，教师名单要有 工号、姓名、\
                 登录名、任教班级",
                "no line has the headers of a list: 年级, 班级, 学号, 姓名 for pupils, or 工号, \
                 姓名, 登录名, 任教班级 for teachers",
            );
            At::file(name).problem(None, what)
        }));
        return None;
    }
    reading.roster.classes = reading.classes.into_values().collect();
    Some(reading.roster)
}

/// The year that the list is of: from August on, the one that is about to begin.
fn school_year(from: Date) -> i32 {
    if from.month() as u8 >= Month::August as u8 { from.year() } else { from.year() - 1 }
}

struct Reading {
    school: Key,
    year: i32,
    roster: Roster,
    classes: BTreeMap<Key, ClassEntry>,
    /// Where each identity, number of a class and login stood first.
    seen: HashMap<String, u64>,
}

impl Reading {
    fn sheet(&mut self, grid: &Grid, header: &Header, problems: &mut Problems) {
        for (line, cells) in grid.rows.iter().filter(|(line, _)| *line > header.line) {
            let row = Row { at: At::new(&grid.file, *line), header, cells };
            if row.repeats_header() {
                continue;
            }
            // A remark below the list, or a sum.
            if cells.iter().filter(|cell| **cell != Cell::Empty).count() == 1 {
                let what = Said::new("只有一格写了字的行", "lines with a single cell");
                *self.roster.passed_over.entry(what).or_default() += 1;
                continue;
            }
            let read = match header.form {
                Form::Pupils => self.pupil(&row, problems),
                Form::Teachers => self.teacher(&row, problems),
            };
            // What was wrong with the row is among the problems.
            let _ = read;
        }
    }

    fn pupil(&mut self, row: &Row<'_>, problems: &mut Problems) -> Option<()> {
        let grade = row.grade(self.year, problems);
        let class = row.class(self.year, grade.flatten(), problems);
        let name = row.name(problems);
        let former_name = row.text(Column::Former, problems);
        let xueji = row.text(Column::Xueji, problems);
        let number = row.school_number(problems);
        let seat = row.seat(problems);
        let here = row.is_here(problems);
        let ((grade, label), name, former_name, xueji, number, seat, here) =
            (class?, name?, former_name?, xueji?, number?, seat?, here?);
        if number.is_none() && xueji.is_none() && seat.is_none() {
            let what = Said::new(
                "这一格是空的：请给每个学生填上学号",
                "it is empty: give each pupil a 学号",
            );
            problems.push(row.at.problem(header::TITLE_NUMBER, what));
            return None;
        }
        let school_wide = number.as_ref().filter(|number| {
            number.len() > IN_CLASS_DIGITS_MAX || !number.bytes().all(|b| b.is_ascii_digit())
        });
        let key = match (&xueji, school_wide) {
            (Some(xueji), _) => Some(Key::new(Source::Xueji, label::plain(xueji).to_uppercase())),
            (None, Some(number)) => Some(Key::new(Source::List, number.as_str())),
            (None, None) => None,
        };
        let seated = seat.is_some();
        let in_class = match (seat, &number) {
            (Some(seat), _) => Some(seat),
            // One of three digits at most is a number of 32 bits.
            (None, number) => number.as_ref().and_then(|number| number.parse().ok()),
        };
        let class = self.class(&row.at, grade, label, false);
        if here {
            self.check_once(
                row,
                &class,
                in_class.map(|number| (number, seated)),
                key.as_ref(),
                problems,
            )?;
        }
        let placement = match here {
            true => Placement::In { classes: vec![class] },
            false if key.is_some() => Placement::Out { class: None },
            // Who they are is told by where they were.
            false => Placement::Out { class: Some(class) },
        };
        let leaves_by_number = !here && key.is_none();
        if leaves_by_number && in_class.is_none() {
            let what = Said::new(
                "这一格是空的：请填上学号，不然看不出离校的是谁",
                "it is empty: nothing else tells who left",
            );
            problems.push(row.at.problem(header::TITLE_NUMBER, what));
            return None;
        }
        self.roster.pupils.push(PupilEntry {
            at: row.at.clone(),
            key,
            school: Some(self.school.clone()),
            name: Some(name),
            former_name,
            placement,
            number: in_class,
            only_known: !here,
        });
        Some(())
    }

    /// Refuses a number in class (with whether it is a 座号) or an identity that another pupil has.
    fn check_once(
        &mut self,
        row: &Row<'_>,
        class: &Key,
        in_class: Option<(u32, bool)>,
        key: Option<&Key>,
        problems: &mut Problems,
    ) -> Option<()> {
        if let Some((number, seated)) = in_class {
            let what = format!("{} number {number}", class.value);
            let column = if seated { header::TITLE_SEAT } else { header::TITLE_NUMBER };
            let said = ("本班学生", "another pupil of the class has it");
            self.once(row, column, said, what, problems)?;
        }
        if let Some(key) = key {
            let what = format!("pupil {}", key.value);
            let column = match key.source {
                Source::Xueji => header::TITLE_XUEJI,
                _ => header::TITLE_NUMBER,
            };
            self.once(row, column, ("学生", "another pupil has it"), what, problems)?;
        }
        Some(())
    }

    fn teacher(&mut self, row: &Row<'_>, problems: &mut Problems) -> Option<()> {
        let name = row.name(problems);
        let number = row.need(Column::StaffNumber, problems);
        let login = row.need(Column::Login, problems);
        let subject = row.subject(problems);
        let here = row.is_here(problems);
        let classes = row.classes(self.year, problems);
        let of = row.class_teacher(self.year, problems);
        let (name, number, login, subject, here, classes, of) =
            (name?, number?, login?, subject?, here?, classes?, of?);
        let number = digits(&label::plain(&number));
        if login.chars().any(char::is_whitespace) {
            let what =
                Said::new("登录名里有空格：请去掉", "it has a space in it: a login has none");
            problems.push(row.at.problem(header::TITLE_LOGIN, what));
            return None;
        }
        // Somebody who teaches two subjects has two rows.
        let again = self.roster.staff.iter().position(|staff| staff.key.value == number);
        let mut roles: Vec<RoleEntry> = Vec::new();
        let responsible = match of {
            row::ClassTeacher::No => None,
            row::ClassTeacher::OfTheirs if classes.len() == 1 => classes.first().cloned(),
            row::ClassTeacher::OfTheirs => {
                let what = Said::new(
                    "“任教班级”里不是正好一个班：请在这里写明是哪个班的班主任",
                    "write the class here, since 任教班级 does not name one alone",
                );
                problems.push(row.at.problem(header::TITLE_CLASS_TEACHER, what));
                return None;
            }
            row::ClassTeacher::Of(grade, label) => Some((grade, label)),
        };
        let mut add = |this: &mut Self, (grade, label): (Grade, String), class_teacher: bool| {
            let class = this.class(&row.at, grade, label, true);
            let subject = if class_teacher { None } else { subject.clone() };
            let at = row.at.clone();
            roles.push(RoleEntry { at, class, class_teacher, subject, ends: false });
        };
        classes.into_iter().for_each(|class| add(self, class, false));
        responsible.into_iter().for_each(|class| add(self, class, true));
        if let Some(again) = again {
            let same = &mut self.roster.staff[again];
            if same.name.as_deref() != Some(&*name) || same.login.as_deref() != Some(&*login) {
                let first = same.at.line;
                let what = Said::new(
                    format!(
                        "第 {first} 行有同一个工号，姓名或登录名却不同：请给每位老师各自的工号"
                    ),
                    format!(
                        "line {first} has it with another name or login: give each teacher their own"
                    ),
                );
                problems.push(row.at.problem(header::TITLE_STAFF_NUMBER, what));
                return None;
            }
            same.roles.append(&mut roles);
            return Some(());
        }
        let what = format!("login {}", crate::login_key(&login));
        let said = ("老师", "another teacher has it");
        self.once(row, header::TITLE_LOGIN, said, what, problems)?;
        self.roster.staff.push(StaffEntry {
            at: row.at.clone(),
            key: Key::new(Source::List, number),
            school: Some(self.school.clone()),
            name: Some(name),
            login: Some(login),
            roles,
            gone: !here,
            only_known: !here,
        });
        Some(())
    }

    /// The class of a grade and label, noted where it is new. It has pupils here, or is told of by
    /// its teachers alone.
    fn class(&mut self, at: &At, grade: Grade, label: String, by_teacher: bool) -> Key {
        let entered = self.year - i32::from(grade.number()) + 1;
        let key = Key::new(Source::List, format!("{entered}/{label}"));
        let (name_zh, name_en) = label::names(grade, &label);
        let class = self.classes.entry(key.clone()).or_insert_with(|| ClassEntry {
            at: at.clone(),
            key: key.clone(),
            school: self.school.clone(),
            grade,
            name_zh,
            name_en,
            only_known: by_teacher,
        });
        class.only_known &= by_teacher;
        key
    }

    /// Refuses what stood on an earlier line: whose it is there, in Chinese, and that it is theirs, in
    /// English.
    fn once(
        &mut self,
        row: &Row<'_>,
        column: &'static str,
        (whose, said): (&str, &str),
        what: String,
        problems: &mut Problems,
    ) -> Option<()> {
        if let Some(first) = self.seen.get(&what) {
            let what = Said::new(
                format!("与第 {first} 行的{whose}重复：请改其中一个"),
                format!("{said}, on line {first}"),
            );
            problems.push(row.at.problem(column, what));
            return None;
        }
        self.seen.insert(what, row.at.line);
        Some(())
    }
}

/// A number as its digits without zeros before them, which a spreadsheet drops.
fn digits(text: &str) -> String {
    let all = text.bytes().all(|byte| byte.is_ascii_digit());
    let trimmed = text.trim_start_matches('0');
    if all && !trimmed.is_empty() { trimmed.to_owned() } else { text.to_owned() }
}
