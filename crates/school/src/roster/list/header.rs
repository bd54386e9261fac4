//! The line of a list that names its columns.

use std::collections::BTreeMap;

use super::super::grid::{Cell, Grid};
use super::super::{At, Problem, Problems, Said, label};

/// Lines at a sheet's beginning among which the header is: titles stand above it.
const LINES_MAX: usize = 30;

/// What a column holds. Others are not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Grade,
    Class,
    Number,
    Seat,
    Xueji,
    Name,
    Former,
    Status,
    StaffNumber,
    Login,
    Classes,
    Subject,
    ClassTeacher,
}

pub(super) const TITLE_NUMBER: &str = "学号";
pub(super) const TITLE_SEAT: &str = "座号";
pub(super) const TITLE_XUEJI: &str = "学籍号";
pub(super) const TITLE_STAFF_NUMBER: &str = "工号";
pub(super) const TITLE_LOGIN: &str = "登录名";
pub(super) const TITLE_CLASS_TEACHER: &str = "是否班主任";

/// What headers call a column; the first is what problems call it.
const TITLES: [(Column, &[&str]); 13] = [
    (Column::Grade, &["年级", "所在年级", "年级名称"]),
    (Column::Class, &["班级", "班", "班别", "所在班级", "班级名称"]),
    (Column::Number, &[TITLE_NUMBER, "学生学号", "编号"]),
    (Column::Seat, &[TITLE_SEAT, "班内序号", "班内学号", "座位号"]),
    (Column::Xueji, &[TITLE_XUEJI, "全国学籍号", "学籍编号"]),
    (Column::Name, &["姓名", "学生姓名", "教师姓名", "名字"]),
    (Column::Former, &["曾用名", "原名", "原姓名"]),
    (Column::Status, &["状态", "学生状态", "学籍状态", "在职状态"]),
    (Column::StaffNumber, &[TITLE_STAFF_NUMBER, "教师工号", "职工号"]),
    (Column::Login, &[TITLE_LOGIN, "用户名", "账号", "登录账号"]),
    (Column::Classes, &["任教班级", "所教班级", "任课班级"]),
    (Column::Subject, &["学科", "任教学科", "科目"]),
    (Column::ClassTeacher, &[TITLE_CLASS_TEACHER, "班主任"]),
];

impl Column {
    /// What problems call it.
    pub(super) fn title(self) -> &'static str {
        TITLES.iter().find(|(column, _)| *column == self).map_or("", |(_, titles)| titles[0])
    }

    fn of(cell: &Cell) -> Option<Self> {
        let Cell::Text(text) = cell else { return None };
        let text = label::plain(text);
        // 姓名（必填）, *姓名, 姓名:
        let text = text.split('(').next().unwrap_or_default();
        let text = text.trim_matches(|c| matches!(c, '*' | ':'));
        TITLES.iter().find(|(_, titles)| titles.contains(&text)).map(|(column, _)| *column)
    }
}

/// What a sheet lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Pupils,
    Teachers,
}

/// Where the columns are.
pub(super) struct Header {
    pub(super) line: u64,
    pub(super) form: Form,
    places: BTreeMap<Column, usize>,
}

impl Header {
    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.places.get(&column).copied()
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.places.contains_key(&column)
    }

    /// Whether a cell is the header of the names.
    pub(super) fn is_repeated_by(&self, cell: &Cell) -> bool {
        Column::of(cell) == Some(Column::Name)
    }
}

/// The header of a sheet. Within: `Err` where the sheet has none, with what it lacks where a line
/// nearly is one. `None`: a column stands twice, which is among the problems.
pub(super) fn find(
    grid: &Grid,
    problems: &mut Problems,
) -> Option<Result<Header, Option<Problem>>> {
    let mut nearest = None;
    for (line, cells) in grid.rows.iter().take(LINES_MAX) {
        let at = At::new(&grid.file, *line);
        let named = |(place, cell): (usize, &Cell)| Column::of(cell).map(|column| (column, place));
        let all: Vec<(Column, usize)> = cells.iter().enumerate().filter_map(named).collect();
        let places: BTreeMap<Column, usize> = all.iter().rev().copied().collect();
        let has = |column| places.contains_key(&column);
        if !has(Column::Name) || all.len() < 2 {
            continue;
        }
        let (form, needs) = if has(Column::StaffNumber) || has(Column::Login) {
            let needs = [Column::StaffNumber, Column::Login, Column::Classes];
            (Form::Teachers, needs.into_iter().find(|need| !has(*need)))
        } else {
            let number = [Column::Number, Column::Xueji, Column::Seat].into_iter().any(has);
            let needs = if number { None } else { Some(Column::Number) };
            (Form::Pupils, if has(Column::Class) { needs } else { Some(Column::Class) })
        };
        if let Some(need) = needs {
            let what = Said::new(
                "“姓名”这一行里没有这一列：请加上",
                "there is no such column beside 姓名: add it",
            );
            nearest = nearest.or(Some(at.problem(need.title(), what)));
            continue;
        }
        if let Some((twice, _)) = all.iter().find(|(column, place)| places[column] != *place) {
            let what = Said::new(
                "有两列都用这个表头：请只留一列",
                "two columns have this header: leave one",
            );
            problems.push(at.problem(twice.title(), what));
            return None;
        }
        return Some(Ok(Header { line: *line, form, places }));
    }
    Some(Err(nearest))
}
