//! What parents see of a pupil's paper, and the teacher's pages that let them.

use askama::Template;

use super::Layout;
use crate::sign::SignWord;
use crate::words::parents::ParentsWords;
use export::Sign;
use export::sheet::{Crop, Sheet};

/// The links of an assignment.
#[derive(Template)]
#[template(path = "parents.html")]
pub(crate) struct ParentsPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static ParentsWords,
    pub(crate) assignment: String,
    /// What "one-time" means.
    pub(crate) once: String,
    /// How many links are in force and how many of them were opened.
    pub(crate) count: String,
    /// Whether any link is in force.
    pub(crate) alive: bool,
    pub(crate) pupils: Vec<LinkItem>,
    /// Why nothing was done.
    pub(crate) said: Option<&'static str>,
}

/// The links of a pupil.
#[derive(Clone)]
pub(crate) struct LinkItem {
    pub(crate) id: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) alive: bool,
}

/// Slips to be printed and cut, one per pupil.
#[derive(Template)]
#[template(path = "slips.html")]
pub(crate) struct SlipsPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static ParentsWords,
    pub(crate) assignment: String,
    pub(crate) title: String,
    pub(crate) class: String,
    /// Until when, and on which device.
    pub(crate) until: String,
    pub(crate) slips: Vec<Slip>,
}

/// A slip for one pupil's parents.
#[derive(Clone)]
pub(crate) struct Slip {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) url: String,
    /// Its QR code, as SVG.
    pub(crate) picture: Option<String>,
}

/// What parents read before a link is opened, or where it does not open.
#[derive(Template)]
#[template(path = "parent_gate.html")]
pub(crate) struct ParentGate {
    pub(crate) layout: Layout,
    pub(crate) heading: &'static str,
    pub(crate) help: String,
    /// Where the button leads that opens it, and what stands on it.
    pub(crate) open: Option<(String, &'static str)>,
}

/// What parents see.
#[derive(Template)]
#[template(path = "parent.html")]
pub(crate) struct ParentPage {
    pub(crate) layout: Layout,
    pub(crate) w: &'static ParentsWords,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) class: String,
    /// Whether the teacher looks at what parents would see.
    pub(crate) preview: bool,
    /// Knowledge points in words.
    pub(crate) practised: Vec<String>,
    pub(crate) again: Vec<AgainItem>,
    pub(crate) again_none: &'static str,
    pub(crate) next: String,
    pub(crate) pages: Vec<ParentSheet>,
    pub(crate) note: String,
}

/// A page of the paper.
#[derive(Clone)]
pub(crate) struct ParentSheet {
    pub(crate) heading: String,
    pub(crate) sheet: Sheet,
    pub(crate) has_ink: bool,
    /// That the teacher is still looking at some of it.
    pub(crate) looking: Option<String>,
}

/// A part worth another look.
#[derive(Clone)]
pub(crate) struct AgainItem {
    pub(crate) label: String,
    pub(crate) prompt: String,
    pub(crate) sign: Sign,
    /// What the child wrote; `None`: nothing.
    pub(crate) crop: Option<Crop>,
    /// What is right, and whether it is one example of several.
    pub(crate) answer: Option<String>,
    pub(crate) example: bool,
}

#[cfg(test)]
impl ParentsPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = ParentsWords::of(layout.locale);
        let item = |(number, name): (u32, String)| LinkItem {
            id: format!("p-{number:03}"),
            number,
            name,
            state: if number % 3 == 0 { w.state_none } else { "11 月 23 日 20:30 打开过" }.into(),
            alive: number % 3 != 0,
        };
        Self {
            w,
            assignment: "a-arithmetic".into(),
            once: layout.n(w.once, 14),
            count: "30 个有效，其中 12 个打开过".into(),
            alive: true,
            pupils: super::tests::names().take(7).map(item).collect(),
            said: Some(w.bad_choice),
            layout,
        }
    }
}

#[cfg(test)]
impl SlipsPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = ParentsWords::of(layout.locale);
        let slip = |(number, name): (u32, String)| Slip {
            number,
            name,
            url: format!("https://zhibi.example/p/{}", "0123456789abcdef".repeat(4)),
            picture: Some("<svg class=\"qr\"></svg>".into()),
        };
        Self {
            w,
            assignment: "a-arithmetic".into(),
            title: "三年级口算练习(八)".into(),
            class: "三年级(1)班".into(),
            until: layout.put(w.slip_until, "date", "12 月 13 日"),
            slips: super::tests::names().take(9).map(slip).collect(),
            layout,
        }
    }
}

#[cfg(test)]
impl ParentGate {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = ParentsWords::of(layout.locale);
        let open = Some((format!("/p/{}", "0123456789abcdef".repeat(4)), w.gate_open));
        Self { heading: w.gate_title, help: w.gate_help.into(), open, layout }
    }
}

#[cfg(test)]
impl ParentPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let w = ParentsWords::of(layout.locale);
        let again = AgainItem {
            label: "第 3 题".into(),
            prompt: "9 × 7 =".into(),
            sign: Sign::Wrong,
            crop: None,
            answer: Some("63".into()),
            example: false,
        };
        let open = AgainItem { example: true, sign: Sign::Blank, ..again.clone() };
        let sheet = ParentSheet {
            heading: layout.n(w.page_n, 1),
            sheet: super::written::sheet(),
            has_ink: true,
            looking: Some(layout.n(w.looking_n, 2)),
        };
        Self {
            w,
            name: "阿卜杜拉·买买提".into(),
            title: "三年级口算练习(八)".into(),
            class: "三年级(1)班".into(),
            preview: true,
            practised: vec!["表内乘法".into(), "两位数加法（进位）".into()],
            again: vec![again, open],
            again_none: w.again_none,
            next: layout.put(w.next_point, "point", "表内乘法"),
            pages: vec![sheet],
            note: layout.put(w.note, "date", "12 月 13 日"),
            layout,
        }
    }
}
