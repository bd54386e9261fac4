//! Responses cut out of their pages: those to decide, and all of one question.

use askama::Template;

use super::paper::ResponseItem;
use super::{Chrome, Todo};
use crate::sheet::Crop;

/// What the machine is not sure of, of a whole class.
#[derive(Template)]
#[template(path = "decide.html")]
pub(crate) struct DecidePage {
    pub(crate) chrome: Chrome,
    pub(crate) class: String,
    pub(crate) after: i64,
    pub(crate) list: DecideList,
}

/// The part that changes.
#[derive(Template)]
#[template(path = "decide_part.html")]
pub(crate) struct DecidePart {
    pub(crate) chrome: Chrome,
    pub(crate) list: DecideList,
}

pub(crate) struct DecideList {
    pub(crate) assignment: String,
    /// The first of them.
    pub(crate) cards: Vec<Card>,
    pub(crate) todo: Todo,
}

impl DecideList {
    /// How many are not shown yet.
    pub(crate) fn more(&self) -> u32 {
        self.todo.all().saturating_sub(u32::try_from(self.cards.len()).unwrap_or(u32::MAX))
    }
}

/// A response with its ink.
pub(crate) struct Card {
    pub(crate) pupil: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) page: u32,
    pub(crate) crop: Crop,
    pub(crate) response: ResponseItem,
}

/// One question as the class answered it.
#[derive(Template)]
#[template(path = "question.html")]
pub(crate) struct QuestionPage {
    pub(crate) chrome: Chrome,
    pub(crate) class: String,
    pub(crate) after: i64,
    pub(crate) assignment: String,
    pub(crate) label: String,
    pub(crate) prompt: String,
    pub(crate) answer: Option<String>,
    pub(crate) facility: Option<super::assignment::Facility>,
    pub(crate) groups: Vec<Group>,
}

/// Pupils who wrote the same.
pub(crate) struct Group {
    pub(crate) heading: String,
    pub(crate) sign: super::Sign,
    pub(crate) count: usize,
    /// The first of them.
    pub(crate) cards: Vec<Card>,
}

#[cfg(test)]
impl Card {
    fn sample(n: u32, sign: super::Sign) -> Self {
        Self {
            pupil: format!("p-{n:03}"),
            number: n,
            name: "欧阳思源".into(),
            page: 1,
            crop: Crop::sample(n),
            response: ResponseItem::sample(n, sign),
        }
    }
}

#[cfg(test)]
impl DecideList {
    fn sample() -> Self {
        let cards = (1..=9).map(|n| Card::sample(n, super::Sign::Decide)).collect();
        Self { assignment: "a-arithmetic".into(), cards, todo: Todo { decide: 12, score: 0 } }
    }
}

#[cfg(test)]
impl DecidePage {
    pub(crate) fn sample(chrome: Chrome) -> Self {
        Self { chrome, class: "c-3-1".into(), after: 41, list: DecideList::sample() }
    }
}

#[cfg(test)]
impl DecidePart {
    pub(crate) fn sample(chrome: Chrome) -> Self {
        Self { chrome, list: DecideList::sample() }
    }
}

#[cfg(test)]
impl QuestionPage {
    pub(crate) fn sample(chrome: Chrome) -> Self {
        use super::Sign;
        let group = |heading: &str, sign, numbers: std::ops::Range<u32>| Group {
            heading: heading.into(),
            sign,
            count: numbers.len(),
            cards: numbers.map(|n| Card::sample(n, sign)).collect(),
        };
        Self {
            chrome,
            class: "c-3-1".into(),
            after: 41,
            assignment: "a-arithmetic".into(),
            label: "7".into(),
            prompt: "9 × 7 =".into(),
            answer: Some("63".into()),
            facility: Some(super::assignment::Facility { percent: 79, n: 43 }),
            groups: vec![
                group("56", Sign::Wrong, 1..5),
                group("63", Sign::Right, 5..17),
                group("", Sign::Blank, 17..18),
            ],
        }
    }
}
