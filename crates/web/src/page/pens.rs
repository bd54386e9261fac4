//! A school's pens, for who keeps them.

use askama::Template;

use super::Layout;
use super::school::SchoolNav;
use crate::words::pens::PensWords;

/// The pens of a school.
#[derive(Template)]
#[template(path = "pens.html")]
pub(crate) struct PensPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static PensWords,
    pub(crate) nav: SchoolNav,
    /// The page's own address, under which its forms lie.
    pub(crate) at: String,
    /// Why what was just sent was not done.
    pub(crate) refused: Option<String>,
    /// What was just done, or undone.
    pub(crate) done: Option<ChangeItem>,
    pub(crate) strangers: Vec<StrangerItem>,
    /// How many strangers are not shown.
    pub(crate) more_strangers: usize,
    /// The school's classes, of which one's pupils are listed.
    pub(crate) classes: Vec<Choice>,
    pub(crate) sets: Vec<SetItem>,
    /// What is shown of a set.
    pub(crate) shown: Option<SetView>,
    /// The pen that was chosen.
    pub(crate) chosen: Option<ChosenPen>,
    /// What was typed in forms.
    pub(crate) typed: Typed,
    /// What was done before the pens were as they are shown; a form sends it back.
    pub(crate) seen: String,
    /// What was done lately, latest first.
    pub(crate) changes: Vec<ChangeItem>,
}

impl PensPage {
    /// Whether the school has no pen at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }
}

/// Something to choose from a list.
#[derive(Clone)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// Things to choose under a heading.
#[derive(Clone)]
pub(crate) struct Group {
    pub(crate) label: String,
    pub(crate) choices: Vec<Choice>,
}

/// A pen that nobody holds and whose ink waits.
pub(crate) struct StrangerItem {
    pub(crate) pen: String,
    /// Set and number, or the id.
    pub(crate) label: String,
    pub(crate) model: Option<String>,
    /// How much it wrote since when, and where.
    pub(crate) wrote: Vec<String>,
    /// To whom it can be given.
    pub(crate) groups: Vec<Group>,
}

/// A set to look at.
pub(crate) struct SetItem {
    pub(crate) label: String,
    pub(crate) pens: usize,
    pub(crate) href: String,
    pub(crate) here: bool,
}

/// A set, or the pens that are in none.
pub(crate) struct SetView {
    /// `None`: pens that are in no set.
    pub(crate) set: Option<String>,
    pub(crate) label: String,
    pub(crate) pens: Vec<PenItem>,
    /// What lending it would do.
    pub(crate) preview: Option<Preview>,
}

impl SetView {
    /// Whether what is shown is what lending it to this class would do.
    pub(crate) fn is_for(&self, class: &str) -> bool {
        self.preview.as_ref().is_some_and(|preview| preview.class == class)
    }
}

/// What lending a set to a class would do.
pub(crate) struct Preview {
    pub(crate) class: String,
    /// As it was typed.
    pub(crate) from: String,
    pub(crate) said: Vec<String>,
    /// Whether anybody would get a pen.
    pub(crate) possible: bool,
}

/// A pen of a set.
pub(crate) struct PenItem {
    /// What stands on it, or its id.
    pub(crate) label: String,
    pub(crate) href: String,
    pub(crate) here: bool,
    pub(crate) holder: String,
    /// Whether somebody holds it.
    pub(crate) held: bool,
    /// Whether it is missing.
    pub(crate) lost: bool,
    pub(crate) battery: String,
    /// Whether it will soon be empty.
    pub(crate) low: bool,
    pub(crate) seen: String,
    pub(crate) model: String,
    /// Pages of its ink that are nobody's.
    pub(crate) loose: Option<String>,
}

/// A pen with what can be done to it.
pub(crate) struct ChosenPen {
    pub(crate) pen: String,
    pub(crate) label: String,
    /// Id, model, battery, when it was seen, what it keeps.
    pub(crate) facts: Vec<String>,
    pub(crate) holder: String,
    pub(crate) held: bool,
    pub(crate) lost: bool,
    pub(crate) groups: Vec<Group>,
    /// Pens that others hold.
    pub(crate) others: Vec<Choice>,
}

/// What was done with pens.
pub(crate) struct ChangeItem {
    pub(crate) id: i64,
    pub(crate) said: String,
    /// When, and by whom.
    pub(crate) by: String,
    pub(crate) undone: bool,
}

/// What was typed, so that a refusal loses nothing.
#[derive(Clone, Default)]
pub(crate) struct Typed {
    pub(crate) set: String,
    pub(crate) first: String,
    pub(crate) ids: String,
    pub(crate) from: String,
    pub(crate) until: String,
}

#[cfg(test)]
impl PensPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        use super::school::SchoolTab;

        let w = PensWords::of(layout.locale);
        let nav = SchoolNav::of("s", SchoolTab::Pens, layout.locale);
        let pupils: Vec<Choice> = super::tests::names()
            .map(|(number, name)| Choice {
                value: format!("pupil:p-{number:03}"),
                label: format!("{number} {name}"),
                chosen: number == 12,
            })
            .collect();
        let groups = vec![
            Group { label: "三年级（1）班".into(), choices: pupils },
            Group {
                label: w.staff_group.into(),
                choices: vec![Choice {
                    value: "staff:t-wang".into(),
                    label: "王丽华".into(),
                    chosen: false,
                }],
            },
        ];
        let pens = super::tests::names().map(|(number, name)| PenItem {
            label: number.to_string(),
            href: format!("/school/s/pens?set=A&pen=0000000000{number:02x}#pen"),
            here: number == 7,
            holder: if number % 11 == 0 { w.nobody.into() } else { format!("{number} {name}") },
            held: number % 11 != 0,
            lost: number == 13,
            battery: format!("{}%", 100 - number),
            low: number == 45,
            seen: "11 月 28 日 20:04".into(),
            model: "M-1".into(),
            loose: (number == 9).then(|| "2 页".into()),
        });
        let shown = SetView {
            set: Some("A".into()),
            label: "A 套".into(),
            pens: pens.collect(),
            preview: Some(Preview {
                class: "c-3-1".into(),
                from: "2026-11-28T18:30".into(),
                said: vec!["三年级（1）班 45 名学生里，44 名有笔。没有笔的：13 号孙若曦。".into()],
                possible: true,
            }),
        };
        let chosen = ChosenPen {
            pen: "000000000007".into(),
            label: "A:7".into(),
            facts: vec!["000000000007".into(), "M-1".into(), "93%".into()],
            holder: "阿卜杜拉·买买提".into(),
            held: true,
            lost: false,
            groups: groups.clone(),
            others: vec![Choice {
                value: "000000000008".into(),
                label: "A:8 欧阳思源".into(),
                chosen: false,
            }],
        };
        let change = |id, undone| ChangeItem {
            id,
            said: "A 套从 11 月 28 日 18:30 起借给三年级（1）班：44 名学生有笔；没有笔的学号：13"
                .into(),
            by: "11 月 28 日 18:31，王丽华".into(),
            undone,
        };
        let class = |id: &str, label: &str, chosen| Choice {
            value: id.into(),
            label: label.into(),
            chosen,
        };
        Self {
            layout,
            w,
            nav,
            at: "/school/s/pens".into(),
            refused: Some("没有登记：第 3 行的“00112233”不是笔的编号。".into()),
            done: Some(change(3, false)),
            strangers: vec![StrangerItem {
                pen: "0011223344aa".into(),
                label: "0011223344aa".into(),
                model: Some("M-1".into()),
                wrote: vec![
                    "3 页笔迹，从 11 月 28 日 18:30 起".into(),
                    "三年级（1）班《三年级口算练习(八)》3 页".into(),
                ],
                groups,
            }],
            more_strangers: 2,
            classes: vec![
                class("c-3-1", "三年级（1）班", true),
                class("c-3-2", "三年级（2）班", false),
            ],
            sets: vec![SetItem {
                label: "A 套".into(),
                pens: 45,
                href: "/school/s/pens?set=A".into(),
                here: true,
            }],
            shown: Some(shown),
            chosen: Some(chosen),
            seen: "3.1".into(),
            typed: Typed { set: "B".into(), first: "1".into(), ..Typed::default() },
            changes: vec![change(3, false), change(2, true)],
        }
    }
}
