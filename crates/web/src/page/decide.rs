//! Responses cut out of their pages: what waits for a teacher, alike answers in groups.

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
    /// Why what was just sent is not stored for some, where it was sent without our scripts.
    pub(crate) said: Option<String>,
    /// The first of them, and what was decided in the sitting.
    pub(crate) cards: Vec<Card>,
    /// Responses, each pupil's counted.
    pub(crate) todo: Todo,
    /// The groups in which they are decided.
    pub(crate) groups: u32,
}

impl DecideList {
    /// What is left to do, and how long that takes.
    pub(crate) fn costs(&self, layout: &Layout) -> Vec<String> {
        self.todo.costs_in(self.groups, layout.w)
    }

    /// How many are not shown yet.
    pub(crate) fn more(&self) -> u32 {
        let shown = self.cards.iter().filter(|card| card.response.sign.waits());
        let shown: usize = shown.map(|card| card.members.len()).sum();
        self.todo.all().saturating_sub(u32::try_from(shown).unwrap_or(u32::MAX))
    }
}

/// Responses that are alike, decided at once. A single one is a group of one.
pub(crate) struct Card {
    pub(crate) id: String,
    /// At least one.
    pub(crate) members: Vec<Member>,
    /// What is said of all of them.
    pub(crate) response: ResponseItem,
    /// What is said before a colleague's decision is overruled.
    pub(crate) other: Option<String>,
}

/// A pupil's response with its ink.
pub(crate) struct Member {
    pub(crate) pupil: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) page: u32,
    pub(crate) crop: Crop,
    /// Of a group's member, what is true of it alone.
    pub(crate) facts: Vec<String>,
}

#[cfg(test)]
impl Member {
    fn sample(n: u32) -> Self {
        Self {
            pupil: format!("p-{n:03}"),
            number: n,
            name: "欧阳思源".into(),
            page: 1,
            crop: super::written::crop(n),
            facts: Vec::new(),
        }
    }
}

#[cfg(test)]
impl Card {
    fn sample(n: u32, sign: export::Sign) -> Self {
        let id = format!("g-p-{n:03}-q{n}");
        Self {
            id,
            members: vec![Member::sample(n)],
            response: ResponseItem::sample(n, sign),
            other: None,
        }
    }

    /// Three who wrote the same; what of it is decided has its mark.
    fn group(n: u32, sign: export::Sign, mark: Option<i64>) -> Self {
        use super::paper::Owner;

        let mut response = ResponseItem::sample(n, sign);
        response.owners = (20..23).map(|pupil| Owner::sample(pupil, mark)).collect();
        (response.certainty, response.alternatives) = (None, Vec::new());
        let mut members: Vec<_> = (20..23).map(Member::sample).collect();
        members[1].facts = vec!["涂改 1 次".into()];
        let id = format!("g-q{n}-low_confidence-{}", n * 7);
        let other = mark.map(|_| "王丽华已经判了：再按一次才改判。".to_owned());
        Self { id, members, response, other }
    }
}

#[cfg(test)]
impl DecideList {
    fn sample() -> Self {
        let mut cards = vec![
            Card::group(4, export::Sign::Decide, None),
            Card::group(6, export::Sign::Wrong, Some(31)),
        ];
        cards.extend((1..=9).map(|n| Card::sample(n, export::Sign::Decide)));
        Self {
            assignment: "a-arithmetic".into(),
            since: "7".into(),
            said: Some("没有存下欧阳思源的：显示之后又写过，请看新的笔迹。".into()),
            cards,
            todo: Todo { decide: 15, score: 0 },
            groups: 13,
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
