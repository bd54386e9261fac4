//! What the files say, in Chinese and English.

use store::{Verdict, Wanted};
use worksheet::PartOf;

/// The language of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// The one of two texts that is in this language.
    #[must_use]
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// The word of a verdict, or of what is missing for one.
    pub(crate) fn verdict(self, verdict: Option<Verdict>, wanted: Option<Wanted>) -> &'static str {
        match (wanted, verdict) {
            (Some(Wanted::Decide), _) => self.pick("待确认", "to decide"),
            (Some(Wanted::Score), _) => self.pick("待给分", "to score"),
            (None, Some(Verdict::Right)) => self.pick("对", "right"),
            (None, Some(Verdict::Wrong)) => self.pick("错", "wrong"),
            (None, Some(Verdict::Partly)) => self.pick("半对", "partly"),
            (None, Some(Verdict::Blank) | None) => self.pick("空", "blank"),
        }
    }

    /// What stands beside a total that may still change.
    pub(crate) fn provisional(self) -> &'static str {
        self.pick("暂定", "provisional")
    }

    /// What that means.
    pub(crate) fn provisional_note(self) -> &'static str {
        self.pick(
            "“暂定”：还有题目待确认或待给分，或者答卷还没有收齐，得分还会变。",
            "“provisional”: answers wait for a person, or papers are not in yet; this may change.",
        )
    }

    /// `第 7 题`; a label that says more than a number stands by itself: `三(2)`.
    #[must_use]
    pub fn question(self, label: &str) -> String {
        if !label.chars().all(|c| c.is_ascii_digit()) {
            return label.to_owned();
        }
        match self {
            Self::Zh => format!("第 {label} 题"),
            Self::En => format!("Question {label}"),
        }
    }

    /// `36 + 47 = 83`: what several have, with a mark between two.
    pub(crate) fn list(self, texts: &[String]) -> String {
        texts.join(self.pick("、", ", "))
    }
}

/// Which of several blanks a part is: `②`; nothing where its question has one.
pub(crate) fn blank(of: &PartOf<'_>) -> String {
    // Circled numbers go from 1 to 20.
    match of.number() {
        None => String::new(),
        Some(number @ 1..=20) => {
            char::from_u32('①' as u32 + number as u32 - 1).map_or_else(String::new, String::from)
        }
        Some(number) => format!("({number})"),
    }
}
