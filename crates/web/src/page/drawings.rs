//! A school's PDF on its way to a worksheet: the list of drafts, and one of them with its pages.

use askama::Template;

use super::Layout;
use crate::words::drawing::DrawingWords;

/// The upload, and the drafts of a school.
#[derive(Template)]
#[template(path = "drawings.html")]
pub(crate) struct DrawingsPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static DrawingWords,
    /// The school's id.
    pub(crate) school: String,
    /// Why what was just sent is no draft.
    pub(crate) said: Option<String>,
    pub(crate) drafts: Vec<DraftItem>,
}

/// A draft in the list.
pub(crate) struct DraftItem {
    pub(crate) id: String,
    pub(crate) title: String,
    /// When it was changed, and who began it.
    pub(crate) changed: String,
    /// Which worksheet was made of it.
    pub(crate) made: String,
}

/// One draft: its pages, its fields, and what is wrong.
#[derive(Template)]
#[template(path = "drawing.html")]
pub(crate) struct DrawingPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static DrawingWords,
    /// The address of the draft.
    pub(crate) path: String,
    /// Rises with each change.
    pub(crate) revision: i64,
    /// What became of what was just sent, and whether it was stored.
    pub(crate) said: Option<(bool, Vec<String>)>,
    /// The address of the worksheet that was made.
    pub(crate) worksheet: Option<String>,
    /// What of the file is drawn otherwise than it was made.
    pub(crate) notes: Vec<String>,
    pub(crate) title: String,
    pub(crate) grade: String,
    /// Code, name, whether it is chosen.
    pub(crate) subjects: Vec<(&'static str, &'static str, bool)>,
    pub(crate) pages: Vec<SheetPage>,
    pub(crate) fields: Vec<FieldItem>,
    pub(crate) faults: Vec<FaultItem>,
    /// What the line above the faults says.
    pub(crate) summary: String,
    /// Knowledge points: id and name.
    pub(crate) points: Vec<(String, String)>,
    /// Code and name of every kind.
    pub(crate) kinds: Vec<(&'static str, &'static str)>,
}

/// A page of a draft. Lengths are millimetres, as text.
pub(crate) struct SheetPage {
    pub(crate) number: u32,
    pub(crate) width: String,
    pub(crate) height: String,
    pub(crate) artwork: String,
    pub(crate) spots: Vec<SpotItem>,
}

/// A place that was found on a page.
pub(crate) struct SpotItem {
    /// `box`, `line` or `bracket`.
    pub(crate) shape: &'static str,
    pub(crate) label: String,
    pub(crate) place: Place,
}

/// A rectangle, millimetres as text.
#[derive(Clone, Default)]
pub(crate) struct Place {
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) height: String,
}

/// A field with all that was typed.
#[derive(Clone, Default)]
pub(crate) struct FieldItem {
    /// Its place among all, from 0.
    pub(crate) index: usize,
    pub(crate) page: u32,
    pub(crate) place: Place,
    pub(crate) bracket: bool,
    pub(crate) number: String,
    /// The code of its kind.
    pub(crate) kind: &'static str,
    pub(crate) key: String,
    pub(crate) options: String,
    pub(crate) points: String,
    pub(crate) point: String,
    pub(crate) faults: Vec<String>,
}

/// A fault in the list of all.
pub(crate) struct FaultItem {
    /// The field that it is about, from 0.
    pub(crate) field: Option<usize>,
    /// Where it is.
    pub(crate) place: String,
    pub(crate) text: String,
    /// Whether no worksheet can be made before it is mended.
    pub(crate) grave: bool,
}

impl DrawingPage {
    /// The fields of a page with their places among all.
    pub(crate) fn fields_on(&self, page: &u32) -> Vec<(usize, &FieldItem)> {
        self.fields.iter().enumerate().filter(|(_, field)| field.page == *page).collect()
    }

    /// A field of which nothing is typed yet.
    pub(crate) fn empty(&self) -> FieldItem {
        FieldItem { page: 1, kind: "number", ..FieldItem::default() }
    }
}

#[cfg(test)]
mod samples {
    use super::*;

    impl DrawingsPage {
        pub(crate) fn sample(layout: Layout) -> Self {
            let w = DrawingWords::of(layout.locale);
            let draft = |id: &str, title: &str, made: &str| DraftItem {
                id: id.into(),
                title: title.into(),
                changed: "11月28日 20:10 改过 · 王丽华".into(),
                made: made.into(),
            };
            let drafts = vec![
                draft("0a1b2c3d", "三年级数学单元练习", w.not_made),
                draft("4e5f6a7b", w.untitled, "已存为第 2 版"),
            ];
            let said = Some(w.fault_locked.to_owned());
            Self { layout, w, school: "s-1".into(), said, drafts }
        }
    }

    impl DrawingPage {
        pub(crate) fn sample(layout: Layout) -> Self {
            let w = DrawingWords::of(layout.locale);
            let place = |x: &str, y: &str| Place {
                x: x.into(),
                y: y.into(),
                width: "26.5".into(),
                height: "12.3".into(),
            };
            let field = FieldItem {
                page: 1,
                place: place("38.4", "59.2"),
                number: "1".into(),
                kind: "whole",
                key: "83".into(),
                points: "2".into(),
                point: "math.count.to-100".into(),
                ..FieldItem::default()
            };
            let bad = FieldItem {
                index: 1,
                place: place("99.4", "59.2"),
                number: "2".into(),
                key: String::new(),
                faults: vec!["缺少答案：写一个整数，如 83".into()],
                ..field.clone()
            };
            let spots = vec![SpotItem {
                shape: "box",
                label: "可作答的框，第 1 页".into(),
                place: place("38.4", "59.2"),
            }];
            Self {
                w,
                path: "/school/s-1/worksheets/pdf/0a1b2c3d".into(),
                revision: 7,
                said: Some((true, vec!["已存为练习《单元练习》第 1 版。".into()])),
                worksheet: Some("/school/s-1/sheet/pdf-0a1b2c3d/1".into()),
                notes: vec!["第 1 页的渐变或图案填充印成单色。".into()],
                title: "三年级数学单元练习".into(),
                grade: "3".into(),
                subjects: vec![
                    ("math", w.subject_math, true),
                    ("english", w.subject_english, false),
                ],
                pages: vec![SheetPage {
                    number: 1,
                    width: "210".into(),
                    height: "297".into(),
                    artwork: "/school/s-1/worksheets/pdf/0a1b2c3d/1.svg".into(),
                    spots,
                }],
                faults: vec![FaultItem {
                    field: Some(1),
                    place: "第 2 题（第 1 页）".into(),
                    text: bad.faults[0].clone(),
                    grave: true,
                }],
                fields: vec![field, bad],
                summary: "1 处要改".into(),
                points: vec![("math.count.to-100".into(), "100 以内数的认识".into())],
                kinds: vec![("number", w.kind_number), ("whole", w.kind_whole)],
                layout,
            }
        }
    }
}
