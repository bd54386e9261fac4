//! The marked page.

use std::fmt;
use std::str::FromStr;

use askama::Template;
use export::Sign;
use export::sheet::Sheet;
use store::Seen;

use super::hands::Hands;
use super::{Layout, State, Todo};
use crate::sign::SignWord;
#[cfg(test)]
use crate::words::Locale;
use crate::words::exports::ExportWords;
use crate::words::{Words, fill};

/// One pupil's page of an assignment.
#[derive(Template)]
#[template(path = "paper.html")]
pub(crate) struct PaperPage {
    pub(crate) layout: Layout,
    pub(crate) class: String,
    pub(crate) after: i64,
    pub(crate) previous: Option<Neighbour>,
    pub(crate) next: Option<Neighbour>,
    /// Whether the pupil's own page may be opened.
    pub(crate) may_know: bool,
    pub(crate) x: &'static ExportWords,
    pub(crate) paper: Paper,
}

/// What changes on the marked page when something is written or decided.
#[derive(Template)]
#[template(path = "paper_part.html")]
pub(crate) struct PaperPart {
    pub(crate) layout: Layout,
    pub(crate) paper: Paper,
}

/// What a page showed of a response, as its forms say it: `7`, or `7.31` with a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token(pub(crate) Seen);

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Seen { changed_rev, mark: Some(mark) } => write!(f, "{changed_rev}.{mark}"),
            Seen { changed_rev, mark: None } => write!(f, "{changed_rev}"),
        }
    }
}

impl FromStr for Token {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (changed_rev, mark) = match text.split_once('.') {
            Some((changed_rev, mark)) => (changed_rev, Some(mark.parse()?)),
            None => (text, None),
        };
        Ok(Self(Seen { changed_rev: changed_rev.parse()?, mark }))
    }
}

/// The pupil before or after.
pub(crate) struct Neighbour {
    pub(crate) href: String,
    pub(crate) name: String,
}

/// Everything about the page that changes.
pub(crate) struct Paper {
    pub(crate) assignment: String,
    pub(crate) pupil: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) page: u32,
    pub(crate) pages: u32,
    pub(crate) state: State,
    pub(crate) state_words: String,
    /// Points on all pages, in words; `None` where there is one page.
    pub(crate) whole: Option<String>,
    /// How many answers of this page the score has nothing of yet.
    pub(crate) undecided: u32,
    /// Points on this page, and what the page is worth.
    pub(crate) score: Option<String>,
    pub(crate) points: String,
    pub(crate) sheet: Sheet,
    pub(crate) has_ink: bool,
    pub(crate) responses: Vec<ResponseItem>,
    /// What waits for a person on this page.
    pub(crate) todo: Todo,
    /// The next page of this assignment on which something is to be decided.
    pub(crate) next_to_decide: Option<String>,
    /// Facts that a teacher should know: text and explanation.
    pub(crate) notes: Vec<Note>,
    /// The pens that wrote; `None`: nothing was ever written here.
    pub(crate) hands: Option<Hands>,
    pub(crate) can_hand_in: bool,
    /// When the teacher said that it is handed in: what can be taken back.
    pub(crate) handed_in_ms: Option<i64>,
}

/// A fact about the page.
pub(crate) struct Note {
    pub(crate) text: String,
    pub(crate) why: &'static str,
}

/// The highest points that have a button each.
const QUICK_POINTS_MAX: u32 = 9;

/// A response in the list beside the page.
#[derive(Clone)]
pub(crate) struct ResponseItem {
    /// The part's id: forms send it.
    pub(crate) part: String,
    pub(crate) label: String,
    pub(crate) prompt: String,
    pub(crate) sign: Sign,
    pub(crate) provisional: bool,
    /// Who gave the verdict.
    pub(crate) source: Option<&'static str>,
    /// What was read, if it can be.
    pub(crate) reading: Option<String>,
    /// In percent.
    pub(crate) certainty: Option<u32>,
    /// Other readings and their percent; only where somebody must decide.
    pub(crate) alternatives: Vec<(String, u32)>,
    /// The criteria of its rubric, each decided by itself; empty without a rubric.
    pub(crate) criteria: Vec<CriterionItem>,
    /// The key; `None` for open questions.
    pub(crate) answer: Option<String>,
    /// What a good answer looks like; open questions only, and not all of them.
    pub(crate) model_answer: Option<String>,
    pub(crate) score: Option<String>,
    pub(crate) points: String,
    /// Why somebody must decide.
    pub(crate) review: Option<String>,
    /// Whose it is: one, or all of a group.
    pub(crate) owners: Vec<Owner>,
    /// Who gave it.
    pub(crate) decided_by: Option<String>,
    /// Why what was just sent is not stored, where it was sent without our scripts.
    pub(crate) said: Option<String>,
    /// Pauses, rewrites: facts of the writing.
    pub(crate) process: Vec<String>,
    /// Label and text of what the verdict rests on; none of several answers at once.
    pub(crate) evidence: Vec<(&'static str, String)>,
}

/// A pupil whose response it is, and what the page shows of it for its forms to say.
#[derive(Clone)]
pub(crate) struct Owner {
    pub(crate) pupil: String,
    pub(crate) seen: Token,
    /// The decision on the screen that can be taken back.
    pub(crate) mark: Option<i64>,
}

/// One criterion of a rubric.
#[derive(Clone)]
pub(crate) struct CriterionItem {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) points: String,
    /// Points given.
    pub(crate) score: Option<String>,
    /// Whether somebody must still give them.
    pub(crate) waits: bool,
    /// Who gave them.
    pub(crate) source: Option<&'static str>,
    pub(crate) decided_by: Option<String>,
    /// What the page shows of it, for its forms to say.
    pub(crate) seen: Token,
    /// The decision on the screen that can be taken back.
    pub(crate) mark: Option<i64>,
    /// Why what was just sent is not stored, where it was sent without our scripts.
    pub(crate) said: Option<String>,
}

/// Whole points for one tap; none where they would be too many.
fn quick(points: &str) -> std::ops::Range<u32> {
    match points.parse::<u32>() {
        Ok(points) if points <= QUICK_POINTS_MAX => 0..points + 1,
        _ => 0..0,
    }
}

impl CriterionItem {
    /// Whole points for one tap; none where they would be too many.
    pub(crate) fn quick_points(&self) -> std::ops::Range<u32> {
        quick(&self.points)
    }

    /// Whether it has these points.
    pub(crate) fn has_score(&self, points: &u32) -> bool {
        self.score.as_ref().is_some_and(|score| *score == points.to_string())
    }
}

impl ResponseItem {
    /// Whether several pupils' answers are decided at once.
    pub(crate) fn many(&self) -> bool {
        self.owners.len() > 1
    }

    /// Whether there is a decision to take back.
    pub(crate) fn decided(&self) -> bool {
        self.owners.iter().any(|owner| owner.mark.is_some())
    }

    pub(crate) fn open(&self) -> bool {
        self.answer.is_none()
    }

    /// Whether each criterion of a rubric is decided by itself.
    pub(crate) fn rubric(&self) -> bool {
        !self.criteria.is_empty()
    }

    /// Whether something beside it is to be read at once.
    pub(crate) fn speaks(&self) -> bool {
        self.said.is_some() || self.criteria.iter().any(|criterion| criterion.said.is_some())
    }

    /// Whole points for one tap; none where they would be too many.
    pub(crate) fn quick_points(&self) -> std::ops::Range<u32> {
        quick(&self.points)
    }

    /// Whether it has these points.
    pub(crate) fn has_score(&self, points: &u32) -> bool {
        self.score.as_ref().is_some_and(|score| *score == points.to_string())
    }

    /// Another reading and its percent, in words.
    pub(crate) fn or(&self, text: &str, percent: &u32, w: &Words) -> String {
        fill(w.or_as, &[("text", &text), ("p", percent)])
    }
}

impl Paper {
    /// Whether the writing in a part can be played by itself: one stroke alone cannot.
    pub(crate) fn plays(&self, part: &str) -> bool {
        self.sheet.marks.iter().any(|m| m.own_ms > 0 && m.question.as_deref() == Some(part))
    }

    /// The page's address; what is done to the whole of it is sent below it.
    pub(crate) fn path(&self) -> String {
        format!("/a/{}/{}/{}", self.assignment, self.pupil, self.page)
    }
}

#[cfg(test)]
impl ResponseItem {
    pub(crate) fn sample(n: u32, sign: Sign) -> Self {
        Self {
            part: format!("q{n}"),
            label: n.to_string(),
            prompt: format!("{} × {} =", n + 3, n % 9 + 2),
            sign,
            provisional: n.is_multiple_of(4),
            source: (sign != Sign::Decide).then_some(if n.is_multiple_of(3) {
                "红笔"
            } else {
                "机判"
            }),
            reading: (sign != Sign::Blank).then(|| (n * 7).to_string()),
            certainty: Some(if sign == Sign::Decide { 61 } else { 99 }),
            alternatives: if sign == Sign::Decide { vec![("71".into(), 30)] } else { vec![] },
            criteria: if n == 8 { CriterionItem::samples() } else { vec![] },
            answer: (n != 7 && n != 8).then(|| (n * 7).to_string()),
            model_answer: (n == 7).then(|| "9 × 7 = 63（元）。答：一共 63 元。".into()),
            score: (sign != Sign::Decide).then(|| "5".to_owned()),
            points: "5".into(),
            review: (sign == Sign::Decide).then(|| "笔迹没有把握".to_owned()),
            owners: vec![Owner::sample(n, (n == 5).then_some(12))],
            decided_by: (n == 5).then(|| "王丽华".to_owned()),
            said: None,
            process: if n == 2 { vec!["涂改 1 次".into()] } else { vec![] },
            evidence: vec![("读到", format!("{}，把握 99%", n * 7)), ("笔画", "作答 2 笔".into())],
        }
    }
}

#[cfg(test)]
impl Owner {
    pub(crate) fn sample(n: u32, mark: Option<i64>) -> Self {
        Self { pupil: format!("p-{n:03}"), seen: Token(Seen { changed_rev: 1, mark }), mark }
    }
}

#[cfg(test)]
impl CriterionItem {
    fn samples() -> Vec<Self> {
        let criterion = |(id, text): (&str, &str), score: Option<&str>| Self {
            id: id.into(),
            text: text.into(),
            points: "2".into(),
            score: score.map(Into::into),
            waits: score.is_none(),
            source: score.map(|_| "屏幕"),
            decided_by: score.map(|_| "王丽华".into()),
            seen: Token(Seen { changed_rev: 1, mark: score.map(|_| 31) }),
            mark: score.map(|_| 31),
            said: None,
        };
        vec![criterion(("a", "列式"), Some("2")), criterion(("b", "计算"), None)]
    }
}

#[cfg(test)]
impl Paper {
    pub(crate) fn sample() -> Self {
        let signs =
            [Sign::Right, Sign::Wrong, Sign::Partly, Sign::Blank, Sign::Right, Sign::Decide];
        let of_this = |n: u32| {
            let mut item = ResponseItem::sample(n, signs[n as usize % signs.len()]);
            item.owners[0].pupil = "p-007".into();
            item
        };
        let responses: Vec<_> = (1..=12).map(of_this).collect();
        Self {
            assignment: "a-arithmetic".into(),
            pupil: "p-007".into(),
            number: 7,
            name: "阿卜杜拉·买买提".into(),
            page: 1,
            pages: 2,
            state: State::Begun,
            state_words: "已动笔".into(),
            whole: Some("整份 35 / 100 分".into()),
            undecided: 2,
            score: Some("35".into()),
            points: "60".into(),
            sheet: super::written::sheet(),
            has_ink: true,
            responses,
            todo: Todo { decide: 2, score: 0 },
            next_to_decide: Some("/a/a-arithmetic/p-009/1".into()),
            notes: vec![
                Note { text: "有别人的笔在这页写过".into(), why: "请核对" },
                Note { text: "答题处之外有 3 笔".into(), why: "" },
            ],
            hands: Some(Hands::sample(crate::words::hands::HandsWords::of(Locale::Zh))),
            can_hand_in: true,
            handed_in_ms: None,
        }
    }
}

#[cfg(test)]
impl PaperPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let neighbour = |n: u32, name: &str| {
            Some(Neighbour { href: format!("/a/a-arithmetic/p-{n:03}/1"), name: name.into() })
        };
        let x = ExportWords::of(layout.locale);
        Self {
            layout,
            class: "c-3-1".into(),
            after: 41,
            previous: neighbour(6, "陈一诺"),
            next: neighbour(8, "欧阳思源"),
            may_know: true,
            x,
            paper: Paper::sample(),
        }
    }
}

#[cfg(test)]
impl PaperPart {
    pub(crate) fn sample(layout: Layout) -> Self {
        Self { layout, paper: Paper::sample() }
    }
}
