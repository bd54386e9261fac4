//! Responses cut out of their pages: what waits for a teacher.

use askama::Template;
use export::sheet::Crop;

use super::paper::ResponseItem;
use super::{Layout, Todo};
use crate::sign::SignWord;

/// What the machine is not sure of, of a whole class.
#[derive(Template)]
#[template(path = "decide.html")]
pub(crate) struct DecidePage {
    pub(crate) layout: Layout,
    pub(crate) class: String,
    pub(crate) after: i64,
    pub(crate) list: DecideList,
}

/// The part that changes.
#[derive(Template)]
#[template(path = "decide_part.html")]
pub(crate) struct DecidePart {
    pub(crate) layout: Layout,
    pub(crate) list: DecideList,
}

pub(crate) struct DecideList {
    pub(crate) assignment: String,
    /// The mark after which the teacher's sitting began.
    pub(crate) since: String,
    /// The first of them, and what was decided in the sitting.
    pub(crate) cards: Vec<Card>,
    pub(crate) todo: Todo,
}

impl DecideList {
    /// How many are not shown yet.
    pub(crate) fn more(&self) -> u32 {
        let shown = self.cards.iter().filter(|card| card.response.sign.waits()).count();
        self.todo.all().saturating_sub(u32::try_from(shown).unwrap_or(u32::MAX))
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

#[cfg(test)]
impl Card {
    fn sample(n: u32, sign: export::Sign) -> Self {
        Self {
            pupil: format!("p-{n:03}"),
            number: n,
            name: "欧阳思源".into(),
            page: 1,
            crop: super::written::crop(n),
            response: ResponseItem::sample(n, sign),
        }
    }
}

#[cfg(test)]
impl DecideList {
    fn sample() -> Self {
        let cards = (1..=9).map(|n| Card::sample(n, export::Sign::Decide)).collect();
        Self {
            assignment: "a-arithmetic".into(),
            since: "7".into(),
            cards,
            todo: Todo { decide: 12, score: 0 },
        }
    }
}

#[cfg(test)]
impl DecidePage {
    pub(crate) fn sample(layout: Layout) -> Self {
        Self { layout, class: "c-3-1".into(), after: 41, list: DecideList::sample() }
    }
}

#[cfg(test)]
impl DecidePart {
    pub(crate) fn sample(layout: Layout) -> Self {
        Self { layout, list: DecideList::sample() }
    }
}
