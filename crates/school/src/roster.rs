//! Who is at a school, as the files of another system say it.
//!
//! [`read`] takes the files of a OneRoster export, or the list that a school keeps in a spreadsheet
//! (as xlsx, or as CSV in UTF-8, UTF-16 or GB18030), and returns one [`Roster`], or every
//! [`Problem`] of the files with its place. It opens nothing itself and knows no store.
//!
//! The files are taken to be hostile: what they may hold has a limit each, and what is past one is a
//! problem, not a crash.

mod archive;
mod grid;
mod label;
mod list;
mod oneroster;
mod problem;
mod table;
mod xlsx;

use std::collections::BTreeMap;
use std::fmt;

use time::{Date, Month};

use crate::{Grade, SubjectId};

pub use label::subject_zh;
pub use problem::{At, Problem, Problems, Said};

/// The bytes of one file, and of everything that an archive holds once it is unpacked: several times
/// what 200,000 pupils take.
pub const BYTES_MAX: u64 = 256 << 20;
/// Rows of one table.
const ROWS_MAX: usize = 1_000_000;
/// Columns of one table that are looked at.
const COLUMNS_MAX: usize = 256;
/// Characters of one value. The longest names have some thirty.
const VALUE_CHARS_MAX: usize = 128;

/// Who gives an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A `sourcedId` of OneRoster.
    OneRoster,
    /// 学籍号, which a pupil keeps from school to school.
    Xueji,
    /// A school's own list: 学号 of its pupils, 工号 of its staff, years and labels of its classes.
    /// It means something within that school alone.
    List,
}

impl Source {
    /// The name by which identities are kept.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OneRoster => "oneroster",
            Self::Xueji => "xueji",
            Self::List => "list",
        }
    }
}

/// Another system's identity of a school, class or person.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Who gave it.
    pub source: Source,
    /// As it was given.
    pub value: String,
}

impl Key {
    fn new(source: Source, value: impl Into<String>) -> Self {
        Self { source, value: value.into() }
    }
}

impl fmt::Debug for Key {
    /// Leaves the value out: a pupil's 学籍号 reaches no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.source).finish()
    }
}

/// What the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// The files name everybody: whoever is not in them is missing. Otherwise they say only what
    /// changed.
    pub whole: bool,
    /// The schools.
    pub schools: Vec<SchoolEntry>,
    /// The home classes.
    pub classes: Vec<ClassEntry>,
    /// The pupils.
    pub pupils: Vec<PupilEntry>,
    /// The teachers.
    pub staff: Vec<StaffEntry>,
    /// Rows that say nothing that Zhibi keeps, by what they are.
    pub passed_over: BTreeMap<Said, usize>,
}

/// A school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolEntry {
    /// Where it stands.
    pub at: At,
    /// Its identity.
    pub key: Key,
    /// Its name.
    pub name: String,
}

/// A home class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassEntry {
    /// Where it stands.
    pub at: At,
    /// Its identity.
    pub key: Key,
    /// Its school.
    pub school: Key,
    /// Its grade.
    pub grade: Grade,
    /// Its name in Chinese, or in whatever language the files have.
    pub name_zh: String,
    /// The same in English where it is known.
    pub name_en: String,
    /// Says something only about a class that is known already: a list names its teachers alone, or
    /// a delta does not say that it is a home class.
    pub only_known: bool,
}

/// Where a pupil is from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// The files do not say.
    Unsaid,
    /// In a class.
    In {
        /// The class; where a delta does not say which of several is a home class, all of them.
        classes: Vec<Key>,
    },
    /// No longer in this class; `None`: in none.
    Out {
        /// The class that is left.
        class: Option<Key>,
    },
}

/// A pupil.
#[derive(Clone, PartialEq, Eq)]
pub struct PupilEntry {
    /// Where they stand.
    pub at: At,
    /// Their identity. `None`: they are known by class, number and name alone.
    pub key: Option<Key>,
    /// Their school; `None`: the files do not say.
    pub school: Option<Key>,
    /// Their name; `None`: the files do not say.
    pub name: Option<String>,
    /// The name that they had before (曾用名), by which they are known too.
    pub former_name: Option<String>,
    /// Where they are.
    pub placement: Placement,
    /// The number in the class that the placement names; `None`: any that is free.
    pub number: Option<u32>,
    /// Says something only about a pupil who is known already.
    pub only_known: bool,
}

impl PupilEntry {
    /// The class that they are in, or have left; several where a delta does not say which of them
    /// is a home class.
    #[must_use]
    pub fn classes(&self) -> &[Key] {
        match &self.placement {
            Placement::In { classes } => classes,
            Placement::Out { class } => class.as_slice(),
            Placement::Unsaid => &[],
        }
    }
}

impl fmt::Debug for PupilEntry {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PupilEntry").field("at", &self.at).finish_non_exhaustive()
    }
}

/// A teacher.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffEntry {
    /// Where they stand.
    pub at: At,
    /// Their identity.
    pub key: Key,
    /// Their school; `None`: the files do not say.
    pub school: Option<Key>,
    /// Their name; `None`: the files do not say.
    pub name: Option<String>,
    /// By what they log in; `None`: the files do not say.
    pub login: Option<String>,
    /// What they teach.
    pub roles: Vec<RoleEntry>,
    /// They have left: every role of theirs ends.
    pub gone: bool,
    /// Says something only about somebody who is known already.
    pub only_known: bool,
}

impl fmt::Debug for StaffEntry {
    /// Leaves the name out, so that it reaches no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaffEntry").field("at", &self.at).finish_non_exhaustive()
    }
}

/// What a teacher is to a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleEntry {
    /// Where it stands.
    pub at: At,
    /// The class.
    pub class: Key,
    /// Is responsible for it (班主任), and not only teaches it.
    pub class_teacher: bool,
    /// In which subject; `None`: in all.
    pub subject: Option<SubjectId>,
    /// Is it no longer.
    pub ends: bool,
}

/// What the files themselves do not say.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// The school of a list, which has none in it.
    pub school: Option<&'a str>,
    /// The day from which the roster holds.
    pub from: Date,
}

/// A date as OneRoster writes it: `2026-09-01`.
#[must_use]
pub fn date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-').map(str::parse::<u16>);
    let mut next = || parts.next().and_then(Result::ok);
    let (year, month, day) = (next()?, next()?, next()?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
}

/// Files by name: those of a folder, or one file.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Reads a roster. What the files are is told by their content.
///
/// # Errors
/// Everything that is wrong with the files, up to a limit.
pub fn read(files: Files, told: &Told<'_>) -> Result<Roster, Problems> {
    let mut problems = Problems::default();
    let roster = read_with(files, told, &mut problems);
    match roster {
        Some(roster) if problems.is_empty() => Ok(roster),
        _ => Err(problems),
    }
}

fn read_with(mut files: Files, told: &Told<'_>, problems: &mut Problems) -> Option<Roster> {
    let single = if files.len() == 1 { files.pop_first() } else { None };
    let Some((name, bytes)) = single else {
        return oneroster::read(files, told, problems);
    };
    if archive::is_zip(&bytes) {
        let archive = archive::Archive::open(&name, bytes, problems)?;
        if archive.is_xlsx() {
            let grids = xlsx::grids(&name, archive, problems)?;
            return list::read(&name, grids, told, problems);
        }
        return oneroster::read(archive.csv_files(problems)?, told, problems);
    }
    if archive::is_old_workbook(&bytes) {
        let what = Said::new(
            "这是旧的 xls 工作簿：请另存为 xlsx",
            "it is a workbook of the old kind (xls): save it as xlsx",
        );
        problems.push(At::file(&name).problem(None, what));
        return None;
    }
    if name.eq_ignore_ascii_case("users.csv") {
        files.insert(name, bytes);
        return oneroster::read(files, told, problems);
    }
    let grids = vec![grid::of_csv(&name, bytes, problems)?];
    list::read(&name, grids, told, problems)
}

/// The grade and label of a class, however a school writes its name: 三年级（2）班, 三(2)班, 3.2班 are one.
/// `None` where the name says no grade.
#[must_use]
pub fn class_called(name: &str) -> Option<(crate::Grade, String)> {
    // Of a year of entry nothing is known without the school year.
    label::class(name, 0)?.within(None)
}

#[cfg(test)]
mod tests;
