//! A part of a question: one blank (空) with its field, its kind and its key.

use crate::{Accepted, Rect, Score};

/// One blank of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Unique in the worksheet: see [`Part::id_of`].
    pub id: String,
    /// Where the response is expected.
    pub field: Field,
    /// What may be written there.
    pub kind: Kind,
    /// What is right there.
    pub key: Key,
    /// Points for a right response.
    pub points: Score,
    /// Where the teacher writes the points in red, if a person judges the part as a whole.
    pub score_box: Option<Rect>,
    /// What a good answer looks like, for the person who judges. Only teachers see it: it is not
    /// on the sheet, and no reading knows it.
    pub model_answer: Option<String>,
}

/// Where a response is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A box or circle to write in.
    Box(Rect),
    /// Boxes side by side for one digit each, from left to right.
    Comb(Vec<Rect>),
    /// Bubbles to be filled.
    Bubbles(Vec<Bubble>),
    /// The space between two brackets.
    Bracket(Rect),
    /// Ruled lines to write on.
    Lines {
        /// All of them.
        rect: Rect,
        /// From one line to the next, positive.
        pitch_um: i32,
    },
    /// Free space.
    Area(Rect),
}

/// One bubble of a choice question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bubble {
    /// The letter printed in it.
    pub letter: char,
    /// Its bounds.
    pub rect: Rect,
}

/// What may be written in a field. It is all that reading may know of a part: what is right there
/// is its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Digits, each of which counts: `007` is not `7`.
    Digits,
    /// A number, written in this form.
    Number(NumberForm),
    /// One of these letters, written; for example `ABCD`.
    Letter(String),
    /// √ or ×.
    TrueFalse,
    /// One of `<`, `>`, `=`.
    Comparison,
    /// Words, or whatever else is on a line.
    Expression,
    /// Arithmetic worked out on a line or on several, such as `3 × 12 = 36`.
    Steps,
    /// Arithmetic in figures under each other (竖式): its steps are those of one line, `24×13=72+240=312`.
    Column,
    /// One Chinese character.
    Character,
    /// One bubble of the field.
    Choice,
    /// Any bubbles of the field, at least one.
    Choices,
    /// Lines between the field's bubbles: from those with figures to those with letters.
    Pairs,
    /// Whatever answers the question, for a person to judge.
    Free,
}

impl Kind {
    /// What it is called in a worksheet's file.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Number(_) => "number",
            Self::Letter(_) => "letter",
            Self::TrueFalse => "true_false",
            Self::Comparison => "comparison",
            Self::Expression => "expression",
            Self::Steps => "steps",
            Self::Column => "column",
            Self::Character => "character",
            Self::Choice => "choice",
            Self::Choices => "choices",
            Self::Pairs => "pairs",
            Self::Free => "free",
        }
    }
}

/// How a number may be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberForm {
    /// Figures alone: a dot among them is a stray tap of the pen.
    Whole,
    /// Figures, with a decimal point perhaps. A number without a stated form has this one, which
    /// takes whole numbers too.
    #[default]
    Decimal,
    /// The same, and perhaps a percent sign after it.
    Percent,
    /// The same, and perhaps a percent sign or a unit after it, which is not read.
    Unit,
}

/// What is right in a part. Marking alone sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// One of these answers.
    Accepted(Accepted),
    /// A person gives points for each criterion; at least one.
    Rubric(Vec<Criterion>),
    /// A person judges the part as a whole.
    None,
}

/// What a person gives points for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// `a`, `b`, … in the order of the rubric: marks name it.
    pub id: String,
    /// What is looked at, printed beside the score box and shown to the teacher.
    pub text: String,
    /// Points where it is met.
    pub points: Score,
    /// Where the teacher writes the points in red.
    pub score_box: Option<Rect>,
}

impl Part {
    /// The id of the part at `index` (from 0) of a question. The first has the question's own id,
    /// so that a question with one blank and its blank have one name; then come `7.2`, `7.3`, …
    pub fn id_of(question: &str, index: usize) -> String {
        match index {
            0 => question.to_owned(),
            index => format!("{question}.{}", index + 1),
        }
    }

    /// Its criteria; none without a rubric.
    pub fn criteria(&self) -> &[Criterion] {
        match &self.key {
            Key::Rubric(criteria) => criteria,
            Key::Accepted(_) | Key::None => &[],
        }
    }

    /// The accepted answers, where there are some.
    pub fn accepted(&self) -> Option<&Accepted> {
        match &self.key {
            Key::Accepted(accepted) => Some(accepted),
            Key::Rubric(_) | Key::None => None,
        }
    }

    /// The points of one criterion, or of the whole part; `None` where it has no such criterion,
    /// or is not judged as a whole.
    pub fn points_of(&self, criterion: Option<&str>) -> Option<Score> {
        match (&self.key, criterion) {
            (Key::Rubric(criteria), Some(id)) => {
                criteria.iter().find(|criterion| criterion.id == id).map(|found| found.points)
            }
            (Key::Accepted(_) | Key::None, None) => Some(self.points),
            (Key::Rubric(_), None) | (_, Some(_)) => None,
        }
    }

    /// Every rectangle of the part: its field, then its score boxes.
    pub fn rects(&self) -> impl Iterator<Item = Rect> {
        let boxes = self.criteria().iter().filter_map(|criterion| criterion.score_box);
        self.field.rects().into_iter().chain(self.score_box).chain(boxes)
    }
}

impl Criterion {
    /// The id of the criterion at `index` (from 0) of a rubric; rubrics have at most 26.
    pub fn id_of(index: usize) -> String {
        char::from(b'a' + (index % 26) as u8).to_string()
    }
}

impl Field {
    /// The rectangles that are written into, in reading order.
    pub fn rects(&self) -> Vec<Rect> {
        match self {
            Self::Box(rect) | Self::Bracket(rect) | Self::Area(rect) => vec![*rect],
            Self::Lines { rect, .. } => vec![*rect],
            Self::Comb(cells) => cells.clone(),
            Self::Bubbles(bubbles) => bubbles.iter().map(|bubble| bubble.rect).collect(),
        }
    }

    /// The rectangle around all of it; `None` of a field without any.
    pub fn bounds(&self) -> Option<Rect> {
        Rect::around(self.rects())
    }

    /// The bubbles; none of other fields.
    pub fn bubbles(&self) -> &[Bubble] {
        match self {
            Self::Bubbles(bubbles) => bubbles,
            _ => &[],
        }
    }
}
