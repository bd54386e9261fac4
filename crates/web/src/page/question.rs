//! One question as a class answered it.

use askama::Template;
use export::Sign;
use export::sheet::Crop;

use super::Layout;
use super::assignment::Facility;
use super::keys::Keys;
use crate::sign::SignWord;
#[cfg(test)]
use crate::words::{Locale, keys::KeysWords};

/// The page of a question.
#[derive(Template)]
#[template(path = "question.html")]
pub(crate) struct QuestionPage {
    pub(crate) layout: Layout,
    pub(crate) class: String,
    pub(crate) after: i64,
    pub(crate) question: QuestionView,
}

/// The part that changes.
#[derive(Template)]
#[template(path = "question_part.html")]
pub(crate) struct QuestionPart {
    pub(crate) layout: Layout,
    pub(crate) question: QuestionView,
}

/// What the class answered.
pub(crate) struct QuestionView {
    pub(crate) assignment: String,
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) prompt: String,
    /// The key; `None` for open questions.
    pub(crate) answer: Option<String>,
    /// What a person judges by, if the worksheet has it.
    pub(crate) model_answer: Option<String>,
    pub(crate) facility: Option<Facility>,
    /// What is said of the key; `None` where there is nothing to say or do.
    pub(crate) keys: Option<Keys>,
    pub(crate) groups: Vec<Group>,
}

/// Pupils who wrote the same.
pub(crate) struct Group {
    /// The part of the question.
    pub(crate) part: String,
    pub(crate) heading: String,
    pub(crate) sign: Sign,
    /// What accepts the answer too: words and address.
    pub(crate) accept: Option<(String, String)>,
    /// All of them: a class has few enough.
    pub(crate) written: Vec<Written>,
}

impl Group {
    /// The heading as part of an id: two groups of the same sign differ in it.
    pub(crate) fn id(&self) -> String {
        self.heading.chars().map(|c| if c.is_whitespace() { '_' } else { c }).collect()
    }
}

/// What one pupil wrote.
pub(crate) struct Written {
    pub(crate) pupil: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) page: u32,
    pub(crate) crop: Crop,
}

#[cfg(test)]
impl QuestionView {
    fn sample() -> Self {
        let written = |n: u32| Written {
            pupil: format!("p-{n:03}"),
            number: n,
            name: "欧阳思源".into(),
            page: 1,
            crop: super::written::crop(n),
        };
        let group = |heading: &str, sign, numbers: std::ops::Range<u32>| Group {
            part: "q7".into(),
            heading: heading.into(),
            sign,
            accept: (sign == Sign::Wrong).then(|| {
                ("“56”也算对".to_owned(), "/a/a-arithmetic/q/q7/key?part=q7&also=56".into())
            }),
            written: numbers.map(written).collect(),
        };
        Self {
            assignment: "a-arithmetic".into(),
            id: "q7".into(),
            label: "7".into(),
            prompt: "9 × 7 =".into(),
            answer: Some("63".into()),
            model_answer: None,
            keys: Some(Keys::sample(KeysWords::of(Locale::Zh))),
            facility: Some(Facility { percent: 79, n: 43 }),
            groups: vec![
                group("56", Sign::Wrong, 1..5),
                group("63", Sign::Right, 5..17),
                group("没有写", Sign::Blank, 17..18),
            ],
        }
    }
}

#[cfg(test)]
impl QuestionPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        Self { layout, class: "c-3-1".into(), after: 41, question: QuestionView::sample() }
    }
}

#[cfg(test)]
impl QuestionPart {
    pub(crate) fn sample(layout: Layout) -> Self {
        Self { layout, question: QuestionView::sample() }
    }
}
