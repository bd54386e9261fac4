//! The template of a worksheet.

#[cfg(test)]
mod tests;

use std::fmt;

use crate::Part;

/// Names one version of a worksheet. A changed key or field is a new version.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct WorksheetId {
    /// `[a-z0-9-]{1,64}`.
    pub id: String,
    /// Counts from 1.
    pub version: u32,
}

/// Points in tenths, so that half points add up exactly.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Score(pub u32);

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 10 {
            0 => write!(f, "{}", self.0 / 10),
            tenths => write!(f, "{}.{tenths}", self.0 / 10),
        }
    }
}

/// A rectangle on a page, in page micrometres from the page's top left, y down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x_um: i32,
    /// Top edge.
    pub y_um: i32,
    /// Width, positive.
    pub width_um: i32,
    /// Height, positive.
    pub height_um: i32,
}

impl Rect {
    /// The smallest rectangle around all of `rects`; `None` where there is none.
    pub fn around(rects: impl IntoIterator<Item = Self>) -> Option<Self> {
        rects.into_iter().reduce(|a, b| {
            let (x_um, y_um) = (a.x_um.min(b.x_um), a.y_um.min(b.y_um));
            let end = |from: i32, length: i32| from.saturating_add(length);
            let right_um = end(a.x_um, a.width_um).max(end(b.x_um, b.width_um));
            let low_um = end(a.y_um, a.height_um).max(end(b.y_um, b.height_um));
            let (width_um, height_um) =
                (right_um.saturating_sub(x_um), low_um.saturating_sub(y_um));
            Self { x_um, y_um, width_um, height_um }
        })
    }
}

/// `26 × 12 mm at 43, 100 mm`: size, and where its top left corner lies.
impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mm = |um: i32| f64::from(um) / 1000.0;
        let (x, y) = (mm(self.x_um), mm(self.y_um));
        write!(f, "{} × {} mm at {x}, {y} mm", mm(self.width_um), mm(self.height_um))
    }
}

/// A skill that questions carry; a node of a tree.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnowledgePoint {
    /// Stable over worksheets and versions.
    pub id: String,
    /// The point above it in the tree, if any.
    pub parent: Option<String>,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
}

/// One page face of a worksheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Counts from 1.
    pub number: u32,
    /// Width of the paper.
    pub width_um: i32,
    /// Height of the paper.
    pub height_um: i32,
    /// The printed artwork, an SVG document whose user unit is one millimetre.
    pub artwork: String,
}

/// One question: what is asked, and its blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Unique in the worksheet, as are the ids of all parts; printed order is file order.
    pub id: String,
    /// The page it stands on, from 1.
    pub page: u32,
    /// What is printed as its number, for example `7` or `三(2)`.
    pub label: String,
    /// What is asked, in the language of the sheet.
    pub prompt: String,
    /// At least one.
    pub knowledge_points: Vec<String>,
    /// In printed order; at least one.
    pub parts: Vec<Part>,
    /// Parts whose points depend on each other.
    pub credit: Credit,
}

/// Which parts of a question earn their points together: positions among its parts, from 0. A part
/// in none of the groups earns its points by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    /// Each group earns its points where all of it is right, and else nothing.
    pub all_or_nothing: Vec<Vec<usize>>,
    /// Within each group the keys may be answered in any order, each of them once.
    pub unordered: Vec<Vec<usize>>,
}

impl Question {
    /// What all parts are worth.
    pub fn points(&self) -> Score {
        Score(self.parts.iter().map(|part| part.points.0).sum())
    }

    /// What its parts have earned together, given what each has by itself; `None` where none has a
    /// verdict yet.
    pub fn earned(&self, of_part: impl Fn(&Part) -> Option<Score>) -> Option<Score> {
        let scores: Vec<Option<Score>> = self.parts.iter().map(of_part).collect();
        let is_whole = |at: &usize| {
            self.parts.get(*at).zip(scores.get(*at)).is_some_and(|(p, s)| *s == Some(p.points))
        };
        let lost = |at: usize| {
            let mut groups = self.credit.all_or_nothing.iter();
            groups.any(|group| group.contains(&at) && !group.iter().all(is_whole))
        };
        let kept = scores
            .iter()
            .enumerate()
            .map(|(at, score)| score.map(|score| if lost(at) { Score(0) } else { score }));
        kept.flatten().reduce(|a, b| Score(a.0 + b.0))
    }

    /// Its parts, each with its place.
    pub fn each(&self) -> impl Iterator<Item = PartOf<'_>> {
        self.parts.iter().enumerate().map(|(at, part)| PartOf { question: self, part, at })
    }
}

/// A part and the question that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct PartOf<'w> {
    /// The question.
    pub question: &'w Question,
    /// The part.
    pub part: &'w Part,
    /// Its place among the question's parts, from 0.
    pub at: usize,
}

impl PartOf<'_> {
    /// Which of several blanks it is, from 1; `None` where the question has one.
    pub fn number(&self) -> Option<usize> {
        (self.question.parts.len() > 1).then_some(self.at + 1)
    }

    /// What people are told is right, with the keys of blanks that it may change places with;
    /// `None` where a person judges.
    pub fn answer(&self) -> Option<String> {
        let group = self.question.credit.unordered.iter().find(|group| group.contains(&self.at));
        let places = group.map_or(std::slice::from_ref(&self.at), Vec::as_slice);
        let parts = places.iter().filter_map(|place| self.question.parts.get(*place));
        let mut answers: Vec<String> = Vec::new();
        for answer in parts.filter_map(Part::accepted).map(ToString::to_string) {
            if !answers.contains(&answer) {
                answers.push(answer);
            }
        }
        (!answers.is_empty()).then(|| answers.join(" / "))
    }
}

/// A versioned template: pages, questions, fields, key, knowledge points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worksheet {
    /// Its name and version.
    pub id: WorksheetId,
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English.
    pub title_en: String,
    /// `math`, `english`, …
    pub subject: String,
    /// School grade, 1–12.
    pub grade: u8,
    /// In page order, numbered from 1 without gaps.
    pub pages: Vec<Page>,
    /// In printed order.
    pub questions: Vec<Question>,
    /// Every point that a question names.
    pub knowledge_points: Vec<KnowledgePoint>,
}

impl Worksheet {
    /// The question of that id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|q| q.id == id)
    }

    /// The questions on one page, in printed order.
    pub fn questions_on(&self, page: u32) -> impl Iterator<Item = &Question> {
        self.questions.iter().filter(move |q| q.page == page)
    }

    /// Every part with its question, in printed order.
    pub fn parts(&self) -> impl Iterator<Item = PartOf<'_>> {
        self.questions.iter().flat_map(Question::each)
    }

    /// The part of that id, and its question.
    pub fn part(&self, id: &str) -> Option<PartOf<'_>> {
        self.parts().find(|of| of.part.id == id)
    }

    /// What all questions are worth.
    pub fn points(&self) -> Score {
        Score(self.questions.iter().map(|question| question.points().0).sum())
    }

    /// What a pupil has earned, given what each part has by itself; `None` where none has a verdict.
    pub fn earned(&self, of_part: impl Fn(&Part) -> Option<Score>) -> Option<Score> {
        let earned = self.questions.iter().filter_map(|question| question.earned(&of_part));
        earned.reduce(|a, b| Score(a.0 + b.0))
    }
}
