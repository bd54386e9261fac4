//! The template of a worksheet.

#[cfg(test)]
mod tests;

use std::fmt;

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

/// One bubble of a choice question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bubble {
    /// The letter printed in it.
    pub letter: char,
    /// Its bounds.
    pub rect: Rect,
}

/// Where a response is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A box, bracket or line to write in.
    Box(Rect),
    /// Bubbles, one of which is to be filled.
    Bubbles(Vec<Bubble>),
}

/// The key of a question, and with it the kind of response that is read there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A number in decimal notation; other spellings of equal value are right too.
    Number(String),
    /// A letter out of `options`, written.
    Letter {
        /// The right letter.
        right: char,
        /// All that may be written, for example `ABCD`.
        options: String,
    },
    /// `true` for √, `false` for ×.
    TrueFalse(bool),
    /// One of `<`, `>`, `=`.
    Comparison(char),
    /// The letter of the right bubble.
    Choice(char),
    /// No key: the teacher decides, on paper in `score_box` or on the screen.
    Free {
        /// Where the teacher writes the points in red.
        score_box: Rect,
    },
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Unique in the worksheet; printed order is file order.
    pub id: String,
    /// The page it stands on, from 1.
    pub page: u32,
    /// What is printed as its number, for example `7` or `三(2)`.
    pub label: String,
    /// What is asked, in the language of the sheet.
    pub prompt: String,
    /// Points for a right response.
    pub points: Score,
    /// At least one.
    pub knowledge_points: Vec<String>,
    /// Where the response is expected.
    pub field: Field,
    /// What is expected.
    pub answer: Answer,
    /// What a good answer looks like, for the person who judges one without a key. Only teachers
    /// see it: it is not on the sheet, and no reading knows it.
    pub model_answer: Option<String>,
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
}
