//! The key of a question: what was corrected, and what a correction would change.

use askama::Template;
use export::Sign;

use super::Layout;
use crate::sign::SignWord;
use crate::words::keys::KeysWords;

/// What the page of a question says of its key.
pub(crate) struct Keys {
    pub(crate) w: &'static KeysWords,
    /// Where a correction is looked at.
    pub(crate) path: String,
    /// One for each part with a key; none for who may not correct it.
    pub(crate) editors: Vec<Editor>,
    /// Readings that people overruled often.
    pub(crate) overruled: Vec<Notice>,
    /// What other classes have in place of the key.
    pub(crate) elsewhere: Vec<Notice>,
    /// What was corrected, the latest first.
    pub(crate) changes: Vec<Change>,
}

/// Something to be known, and what can be done about it.
pub(crate) struct Notice {
    pub(crate) text: String,
    /// Words and address.
    pub(crate) act: Option<(String, String)>,
}

/// A form for the key of a part.
pub(crate) struct Editor {
    pub(crate) part: String,
    /// Which of several blanks it is.
    pub(crate) label: Option<String>,
    pub(crate) field: EditorField,
}

/// How a key is given.
pub(crate) enum EditorField {
    /// Each answer, and whether it is right.
    Options(Vec<(String, bool)>),
    /// Typed, with an example.
    Typed { value: String, help: String },
}

/// A key that was corrected.
pub(crate) struct Change {
    pub(crate) said: String,
    /// The number of the paper that is marked, and of all.
    pub(crate) done: u32,
    pub(crate) papers: u32,
    pub(crate) progress: String,
    /// How many marks changed.
    pub(crate) summary: String,
    pub(crate) changed: Vec<Changed>,
    /// Words and address, where the key can be put back.
    pub(crate) undo: Option<(String, String)>,
}

/// A mark that changed, or would.
pub(crate) struct Changed {
    /// The class, where there are several.
    pub(crate) class: Option<String>,
    pub(crate) number: u32,
    pub(crate) name: String,
    /// The paper.
    pub(crate) href: String,
    /// Which of several blanks.
    pub(crate) part: String,
    pub(crate) reading: String,
    pub(crate) before: Sign,
    pub(crate) after: Sign,
    /// Points before and after.
    pub(crate) points: String,
}

/// What a correction would change; nothing is written yet.
#[derive(Template)]
#[template(path = "key.html")]
pub(crate) struct KeyPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static KeysWords,
    pub(crate) title: String,
    pub(crate) prompt: String,
    pub(crate) path: String,
    /// The page of the question.
    pub(crate) back: String,
    /// Why nothing was done, or cannot be.
    pub(crate) said: Option<String>,
    pub(crate) now: String,
    pub(crate) editor: Editor,
    pub(crate) trial: Option<Trial>,
}

/// What would change.
pub(crate) struct Trial {
    pub(crate) part: String,
    pub(crate) becomes: String,
    /// Name and value of what is sent: the key, or an answer that is right too.
    pub(crate) asked: (&'static str, String),
    /// Names what is shown.
    pub(crate) seen: String,
    /// Counts in words.
    pub(crate) counts: Vec<String>,
    /// Of which classes it is.
    pub(crate) notes: Vec<String>,
    /// Whether several classes are corrected.
    pub(crate) classes: bool,
    pub(crate) changed: Vec<Changed>,
    pub(crate) confirm: String,
}

#[cfg(test)]
fn changed(classes: bool) -> Vec<Changed> {
    super::tests::names()
        .take(4)
        .map(|(number, name)| Changed {
            class: classes.then(|| "三年级(1)班".to_owned()),
            number,
            name,
            href: format!("/a/a-arithmetic/p-{number:03}/1#q-q7"),
            part: String::new(),
            reading: "56".into(),
            before: Sign::Wrong,
            after: Sign::Right,
            points: "0 → 2 分".into(),
        })
        .collect()
}

#[cfg(test)]
impl Keys {
    pub(crate) fn sample(w: &'static KeysWords) -> Self {
        let path = "/a/a-arithmetic/q/q7/key";
        Self {
            w,
            path: path.into(),
            editors: vec![
                Editor {
                    part: "q7".into(),
                    label: Some("①".into()),
                    field: EditorField::Typed { value: "63".into(), help: "0.5 | 1.5".into() },
                },
                Editor {
                    part: "q7.2".into(),
                    label: Some("②".into()),
                    field: EditorField::Options(vec![("A".into(), false), ("B".into(), true)]),
                },
            ],
            overruled: vec![Notice {
                text: "读作“56”的 12 次，老师改判了 9 次：答案对吗？".into(),
                act: Some(("“56”也算对".into(), format!("{path}?part=q7&also=56"))),
            }],
            elsewhere: vec![Notice {
                text: "李明在三年级(2)班改成了“63 | 56”。".into(),
                act: None,
            }],
            changes: vec![Change {
                said: "11月30日 17:20，王丽华：“63”改成“63 | 56”（第 2 版）".into(),
                done: 12,
                papers: 45,
                progress: "重新批改了 12 / 45 份".into(),
                summary: "4 处判分变了".into(),
                changed: changed(false),
                undo: Some(("改回“63”".into(), format!("{path}?part=q7&answer=63"))),
            }],
        }
    }
}

#[cfg(test)]
impl KeyPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = KeysWords::of(layout.locale);
        Self {
            w,
            title: "更正第 7 题的答案".into(),
            prompt: "9 × 7 =".into(),
            path: "/a/a-arithmetic/q/q7/key".into(),
            back: "/a/a-arithmetic/q/q7".into(),
            said: Some(w.changed.into()),
            now: "63".into(),
            editor: Editor {
                part: "q7".into(),
                label: None,
                field: EditorField::Typed { value: "63 | 56".into(), help: "0.5 | 1.5".into() },
            },
            trial: Some(Trial {
                part: "q7".into(),
                becomes: "63 / 56".into(),
                asked: ("answer", "63 | 56".into()),
                seen: "0123456789abcdef".into(),
                counts: vec!["4 处判分会改变".into(), "1 处老师已经判过，保持不变".into()],
                notes: vec![w.paper_stays.into(), w.later.into()],
                classes: true,
                changed: changed(true),
                confirm: "更正，重新批改 45 份".into(),
            }),
            layout,
        }
    }
}
