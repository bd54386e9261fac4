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

/// What may be written in a field. It is all that reading may know of a question: what is right
/// there is its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number, written in this form.
    Number(NumberForm),
    /// One of these letters, written; for example `ABCD`.
    Letter(String),
    /// √ or ×.
    TrueFalse,
    /// One of `<`, `>`, `=`.
    Comparison,
    /// A bubble of the field.
    Choice,
    /// Whatever answers the question, for a person to judge.
    Free,
}

/// How a number may be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberForm {
    /// Figures alone: a dot among them is a stray tap of the pen.
    Whole,
    /// Figures, with a decimal point perhaps. What does not say its form is of this one, which
    /// takes whole numbers too.
    #[default]
    Decimal,
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
    /// What may be written there.
    pub kind: Kind,
    /// The right answer, spelled as a reading of this kind is: `3.5`, `B`, `√`, `<`. Marking holds
    /// readings against it; numbers of equal value are equal. `None` where a person judges.
    pub key: Option<String>,
    /// Where the teacher writes the points in red, if a person judges.
    pub score_box: Option<Rect>,
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
