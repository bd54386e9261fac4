//! The pens that wrote on a paper, beside the marked page.

use crate::words::hands::HandsWords;

/// What is said of the pens of a paper.
pub(crate) struct Hands {
    pub(crate) w: &'static HandsWords,
    /// Where corrections are sent.
    pub(crate) path: String,
    /// Whose paper it is.
    pub(crate) name: String,
    /// Whether who looks may put it right.
    pub(crate) may_put_right: bool,
    /// Whether the sheet is a copy with that pupil's name.
    pub(crate) copy: bool,
    pub(crate) pens: Vec<PenItem>,
    /// The other pupils of the class, to choose from.
    pub(crate) pupils: Vec<PupilChoice>,
    /// "Only this once", with the time of the ink.
    pub(crate) evening: String,
    /// The day of the ink, as a date field has it: `2026-11-23`.
    pub(crate) day: String,
    pub(crate) corrections: Vec<CorrectionItem>,
    /// Why what was just sent is not stored.
    pub(crate) said: Option<String>,
    /// What stores it all the same.
    pub(crate) asks: Option<Asked>,
}

/// What was sent, to be sent once more by who goes on.
pub(crate) struct Asked {
    /// Name and value of each field.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// What going on does.
    pub(crate) does: String,
    /// The other paper.
    pub(crate) href: String,
    pub(crate) sees: String,
}

/// A pen that wrote here.
#[derive(Clone)]
pub(crate) struct PenItem {
    /// Names it in a form.
    pub(crate) id: String,
    /// Its set and number, or its id.
    pub(crate) label: String,
    /// Who held it, and when its ink was written.
    pub(crate) held: String,
    pub(crate) written: String,
    pub(crate) red: bool,
    /// What is unusual about it.
    pub(crate) flag: Option<&'static str>,
    /// Whether the pupil may have had it all the same: on a copy, the pen of another.
    pub(crate) foreign: bool,
    /// Another pupil of the class who held it.
    pub(crate) holder: Option<PupilChoice>,
}

/// A pupil to choose.
#[derive(Clone)]
pub(crate) struct PupilChoice {
    pub(crate) id: String,
    pub(crate) number: u32,
    pub(crate) name: String,
}

/// What was said before, and can be taken back.
pub(crate) struct CorrectionItem {
    pub(crate) id: i64,
    pub(crate) said: String,
    /// The other paper that it concerns, and its pupil's name.
    pub(crate) href: String,
    pub(crate) name: String,
}

impl Hands {
    /// Whether there is ink whose pen can be told otherwise.
    pub(crate) fn has_own(&self) -> bool {
        self.pens.iter().any(|pen| !pen.red)
    }

    /// The pens to choose from, where there are several that are not red.
    pub(crate) fn several(&self) -> Vec<&PenItem> {
        let own: Vec<&PenItem> = self.pens.iter().filter(|pen| !pen.red).collect();
        if own.len() > 1 { own } else { Vec::new() }
    }
}

#[cfg(test)]
impl Hands {
    pub(crate) fn sample(w: &'static HandsWords) -> Self {
        let pupil =
            |id: &str, number, name: &str| PupilChoice { id: id.into(), number, name: name.into() };
        let pen = |id: &str, label: &str, held: &str| PenItem {
            id: id.into(),
            label: label.into(),
            held: held.into(),
            written: "11 月 23 日 19:40 – 20:12".into(),
            red: false,
            flag: None,
            foreign: false,
            holder: None,
        };
        let foreign = PenItem {
            flag: Some(w.foreign),
            foreign: true,
            holder: Some(pupil("p-009", 9, "欧阳思源")),
            ..pen("00000000000b", "A 套 9 号", "欧阳思源")
        };
        let red = PenItem { red: true, ..pen("0000000000aa", "笔 0000000000aa", "王丽华") };
        Self {
            w,
            path: "/a/a-arithmetic/p-007/1/pens".into(),
            name: "阿卜杜拉·买买提".into(),
            may_put_right: true,
            copy: true,
            pens: vec![pen("00000000000a", "A 套 7 号", "阿卜杜拉·买买提"), foreign, red],
            pupils: vec![pupil("p-006", 6, "陈一诺"), pupil("p-009", 9, "欧阳思源")],
            evening: "只是这一次（11 月 23 日 19:40 到 11 月 23 日 20:12 前后）".into(),
            day: "2026-11-23".into(),
            corrections: vec![CorrectionItem {
                id: 3,
                said: "11 月 23 日 20:30，王丽华：阿卜杜拉·买买提和陈一诺拿错了笔。".into(),
                href: "/a/a-arithmetic/p-006/1".into(),
                name: "陈一诺".into(),
            }],
            said: Some(w.no_pen.into()),
            asks: None,
        }
    }
}
