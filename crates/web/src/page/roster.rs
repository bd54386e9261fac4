//! A roster that is brought in.

use askama::Template;

use super::Layout;
use super::school::SchoolNav;
use crate::words::roster::RosterWords;

/// A form for a file, and what the file that was sent would change, or is wrong with it.
#[derive(Template)]
#[template(path = "roster.html")]
pub(crate) struct RosterPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static RosterWords,
    pub(crate) nav: SchoolNav,
    /// The school's id.
    pub(crate) school: String,
    pub(crate) file_help: String,
    /// The day, as a date field has it.
    pub(crate) from: String,
    /// What was just done.
    pub(crate) good: Option<String>,
    /// Why nothing was done.
    pub(crate) said: Option<String>,
    pub(crate) faults: Option<Faults>,
    pub(crate) trial: Option<Trial>,
}

/// What is wrong with a file.
pub(crate) struct Faults {
    pub(crate) count: usize,
    pub(crate) items: Vec<Fault>,
}

/// One thing that is wrong, and where.
pub(crate) struct Fault {
    pub(crate) file: String,
    /// Empty: the file as a whole.
    pub(crate) line: String,
    pub(crate) column: &'static str,
    pub(crate) what: String,
}

/// What a file would change.
pub(crate) struct Trial {
    /// Names it in the form; `None`: there is nothing to bring in.
    pub(crate) token: Option<String>,
    pub(crate) head: String,
    /// What becomes of things, in words.
    pub(crate) becomes: Vec<&'static str>,
    /// A row per kind of thing: how many there are of each.
    pub(crate) counts: Vec<(&'static str, Vec<usize>)>,
    pub(crate) changes: Vec<ChangeItem>,
    pub(crate) more: usize,
    /// What the file has and is passed over.
    pub(crate) notes: Vec<String>,
}

/// One change.
pub(crate) struct ChangeItem {
    pub(crate) becomes: &'static str,
    pub(crate) of: &'static str,
    /// Class and number.
    pub(crate) place: String,
    pub(crate) name: String,
    /// What a teacher is to the class, as it follows the name.
    pub(crate) role: Option<String>,
    pub(crate) before: Option<String>,
}

#[cfg(test)]
impl RosterPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        use super::school::SchoolTab;
        use crate::words::fill;
        let w = RosterWords::of(layout.locale);
        let fault = |line: &str, column, what: &str| Fault {
            file: "名单.xlsx [学生]".into(),
            line: line.into(),
            column,
            what: what.into(),
        };
        let change = |becomes, name: &str, before: Option<&str>| ChangeItem {
            becomes,
            of: w.pupil,
            place: "三年级（1）班 7".into(),
            name: name.into(),
            role: None,
            before: before.map(str::to_owned),
        };
        Self {
            nav: SchoolNav::of("s", SchoolTab::People, layout.locale),
            layout,
            w,
            school: "s".into(),
            file_help: fill(w.file_help, &[("mb", &8)]),
            from: "2026-09-01".into(),
            good: Some(w.taken.into()),
            said: Some(w.gone.into()),
            faults: Some(Faults {
                count: 2,
                items: vec![
                    fault("5", "年级", "这一格是空的：请填上"),
                    fault("", "", "没有找到表头"),
                ],
            }),
            trial: Some(Trial {
                token: Some("t".into()),
                head: fill(w.shown, &[("file", &"名单.xlsx"), ("date", &"2026-09-01")]),
                becomes: vec![w.new, w.changed, w.moved, w.ended, w.missing, w.unchanged],
                counts: vec![
                    (w.class, vec![1, 0, 0, 0, 0, 2]),
                    (w.pupil, vec![12, 1, 1, 0, 1, 80]),
                ],
                changes: vec![
                    change(w.new, "阿卜杜拉·买买提", None),
                    change(w.changed, "欧阳思源", Some("欧阳思原")),
                ],
                more: 12,
                notes: vec![fill(w.elsewhere, &[("n", &3)])],
            }),
        }
    }
}
