//! The classes of a teacher, and one class.

use askama::Template;

use super::exports::TakeAway;
use super::months::ByMonths;
use super::school::SchoolItem;
use super::{Layout, States, Todo};
use crate::words::exports::ExportWords;
use crate::words::school::SchoolWords;
use crate::words::sheets::SheetsWords;

/// The first page: every class with its latest assignments.
#[derive(Template)]
#[template(path = "classes.html")]
pub(crate) struct ClassesPage {
    pub(crate) layout: Layout,
    pub(crate) s: &'static SchoolWords,
    /// The schools that they keep.
    pub(crate) schools: Vec<SchoolItem>,
    pub(crate) classes: Vec<ClassItem>,
    /// What the link to a school's worksheets says.
    pub(crate) sheets_link: &'static str,
    /// What the live view goes on from.
    pub(crate) after: i64,
}

/// A class with its latest assignments.
pub(crate) struct ClassItem {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) pupils: u32,
    /// Where its school's worksheets are, for who may give them to it.
    pub(crate) sheets: Option<String>,
    /// The latest; `None` where there are too many classes to show them.
    pub(crate) assignments: Option<Vec<AssignmentItem>>,
}

/// An assignment in a list.
#[derive(Clone)]
pub(crate) struct AssignmentItem {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) assigned: String,
    pub(crate) due: String,
    pub(crate) states: States,
    pub(crate) todo: Todo,
}

/// One class: every assignment and every pupil.
#[derive(Template)]
#[template(path = "class.html")]
pub(crate) struct ClassPage {
    pub(crate) layout: Layout,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) assignments: ByMonths<AssignmentItem>,
    /// How many pupils it has.
    pub(crate) size: u32,
    /// Those whose own pages may be opened.
    pub(crate) pupils: Vec<PupilItem>,
    /// Page faces with ink that is nobody's.
    pub(crate) nobodys: u32,
    /// What was given to it, for who may change that.
    pub(crate) given: Option<GivenPart>,
    pub(crate) take: TakeAway,
    pub(crate) x: &'static ExportWords,
    pub(crate) after: i64,
}

/// What was given to a class, to be changed and taken back.
pub(crate) struct GivenPart {
    pub(crate) w: &'static SheetsWords,
    pub(crate) school: String,
    pub(crate) class: String,
    pub(crate) good: Option<String>,
    pub(crate) said: Option<String>,
    pub(crate) withdrawn: Option<WithdrawnItem>,
    pub(crate) items: Vec<GivenItem>,
    /// Given before those.
    pub(crate) earlier: Vec<GivenItem>,
}

/// Something that was given.
pub(crate) struct GivenItem {
    pub(crate) id: String,
    pub(crate) title: String,
    /// Names it with its id, should it be taken back and given again.
    pub(crate) assigned_ms: i64,
    /// As a form's field.
    pub(crate) due: String,
    /// Whether somebody writes whose papers can be collected.
    pub(crate) collectable: bool,
}

/// Something that was just taken back: what gives it again.
pub(crate) struct WithdrawnItem {
    pub(crate) run: String,
    pub(crate) assigned: i64,
    pub(crate) due: String,
}

/// A pupil in a list.
pub(crate) struct PupilItem {
    pub(crate) id: String,
    pub(crate) number: u32,
    pub(crate) name: String,
}

#[cfg(test)]
impl AssignmentItem {
    pub(crate) fn samples() -> Vec<Self> {
        let item = |id: &str, title: &str, states: (u32, u32, u32), todo: (u32, u32)| Self {
            id: id.into(),
            title: title.into(),
            assigned: "11月23日 15:40".into(),
            due: "11月23日 20:00".into(),
            states: States {
                handed_in: states.0,
                settled: 0,
                writing: 0,
                begun: states.1,
                missing: states.2,
            },
            todo: Todo { decide: todo.0, score: todo.1 },
        };
        vec![
            item("a-arithmetic", "三年级口算练习(八)", (38, 5, 2), (12, 0)),
            item("a-english", "Unit 4 My Family 随堂练习", (0, 31, 14), (0, 0)),
            item("a-mixed", "数学综合练习:大小比较与解决问题", (45, 0, 0), (8, 90)),
        ]
    }
}

#[cfg(test)]
impl ClassesPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let class = |id: &str, name: &str, assignments| ClassItem {
            id: id.into(),
            name: name.into(),
            pupils: 45,
            sheets: (id == "c-3-1").then(|| "/school/s/worksheets".into()),
            assignments: Some(assignments),
        };
        let classes = vec![
            class("c-3-1", "三年级(1)班", AssignmentItem::samples()),
            class("c-3-2", "三年级(2)班", Vec::new()),
        ];
        let s = SchoolWords::of(layout.locale);
        let schools = vec![SchoolItem { id: "s".into(), name: "实验小学".into() }];
        let sheets_link = SheetsWords::of(layout.locale).given_sheets;
        Self { layout, s, schools, classes, sheets_link, after: 41 }
    }
}

#[cfg(test)]
impl ClassPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let pupils = super::tests::names()
            .map(|(number, name)| PupilItem { id: format!("p-{number:03}"), number, name })
            .collect();
        let w = SheetsWords::of(layout.locale);
        let given = GivenPart {
            w,
            school: "s".into(),
            class: "c-3-1".into(),
            good: Some(w.given_changed.into()),
            said: Some(w.give_past.into()),
            withdrawn: Some(WithdrawnItem {
                run: "r-1".into(),
                assigned: 1_763_890_800_000,
                due: "2025-11-23T20:00".into(),
            }),
            items: vec![GivenItem {
                id: "a-arithmetic".into(),
                title: "三年级口算练习(八)".into(),
                assigned_ms: 1_763_890_800_000,
                due: "2025-11-23T20:00".into(),
                collectable: true,
            }],
            earlier: Vec::new(),
        };
        let x = ExportWords::of(layout.locale);
        Self {
            layout,
            given: Some(given),
            id: "c-3-1".into(),
            name: "三年级(1)班".into(),
            assignments: ByMonths { latest: AssignmentItem::samples(), months: Vec::new() },
            size: 45,
            pupils,
            nobodys: 2,
            take: TakeAway::sample(),
            x,
            after: 41,
        }
    }
}
