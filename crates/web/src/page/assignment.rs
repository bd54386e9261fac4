//! Pupils × questions.

use askama::Template;
use export::Sign;
use store::Source;

use super::{Layout, State, States, Todo};
use crate::sign::{SignWord, source_word};
use crate::words::exports::ExportWords;
use crate::words::fill;

/// The matrix of an assignment.
#[derive(Template)]
#[template(path = "assignment.html")]
pub(crate) struct AssignmentPage {
    pub(crate) layout: Layout,
    pub(crate) class: String,
    pub(crate) after: i64,
    pub(crate) assigned: String,
    pub(crate) due: String,
    pub(crate) x: &'static ExportWords,
    /// What the link to the pages for parents says, for who may give them out.
    pub(crate) parents: Option<&'static str>,
    pub(crate) matrix: Matrix,
}

/// The part of the matrix that changes: what a live update fetches.
#[derive(Template)]
#[template(path = "assignment_part.html")]
pub(crate) struct AssignmentPart {
    pub(crate) layout: Layout,
    pub(crate) matrix: Matrix,
}

/// Columns of a table on A4 across: more would leave less than the 5 mm that points such as `2.5`
/// need in type of 8 pt.
const PRINT_COLUMNS_MAX: usize = 40;

/// Everything that follows from papers and responses.
pub(crate) struct Matrix {
    pub(crate) assignment: String,
    pub(crate) title: String,
    /// Parts of the worksheet and how many columns each has; empty where there are none.
    pub(crate) sections: Vec<(String, usize)>,
    pub(crate) columns: Vec<Column>,
    /// The pupils that are shown.
    pub(crate) rows: Vec<Row>,
    /// The state that is asked for; `None` shows everybody.
    pub(crate) shown: Option<State>,
    pub(crate) states: States,
    pub(crate) todo: Todo,
    /// Keys that may be wrong, since people overruled a reading often: words, and the question's page.
    pub(crate) doubts: Vec<(String, String)>,
    /// Papers that are neither settled nor collected.
    pub(crate) collectable: u32,
    /// What the teacher collected and can take back, the latest first.
    pub(crate) collections: Vec<Collection>,
    /// Points of the whole worksheet.
    pub(crate) points: String,
    /// The mean score of the pupils who wrote, as points.
    pub(crate) mean: Option<String>,
}

/// Papers that were said to be handed in at one moment.
pub(crate) struct Collection {
    /// The moment, Unix milliseconds: its name in a form.
    pub(crate) stamp_ms: i64,
    pub(crate) when: String,
    pub(crate) pupils: usize,
}

impl Collection {
    /// What the button says.
    pub(crate) fn words(&self, layout: &Layout) -> String {
        fill(layout.w.give_back_of, &[("date", &self.when), ("n", &self.pupils)])
    }
}

/// A question.
pub(crate) struct Column {
    pub(crate) question: String,
    pub(crate) label: String,
    /// The label without its section.
    pub(crate) number: String,
    pub(crate) prompt: String,
    pub(crate) page: u32,
    /// Whether it is the first question of its page; never so on the first page.
    pub(crate) starts_page: bool,
    pub(crate) facility: Option<Facility>,
}

/// The mean share of the points that responses earned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Facility {
    pub(crate) percent: u32,
    /// Responses that have a verdict.
    pub(crate) n: u32,
}

impl Matrix {
    /// The address of the matrix, or of what changes of it, as it is filtered.
    pub(crate) fn path(&self, part: bool) -> String {
        let part = if part { "?part" } else { "" };
        let state = self.shown.map_or_else(String::new, |state| {
            format!("{}state={}", if part.is_empty() { "?" } else { "&" }, state.class())
        });
        format!("/a/{}{part}{state}", self.assignment)
    }

    /// The columns of each table on paper, equally many; none where one table holds all of them.
    pub(crate) fn print_groups(&self) -> Vec<std::ops::Range<usize>> {
        let all = self.columns.len();
        let groups = all.div_ceil(PRINT_COLUMNS_MAX);
        if groups < 2 {
            return Vec::new();
        }
        let size = all.div_ceil(groups);
        (0..all).step_by(size).map(|from| from..all.min(from + size)).collect()
    }

    pub(crate) fn is_shown(&self, state: &State) -> bool {
        self.shown == Some(*state)
    }
}

impl Row {
    /// The pupil's state; for a pupil who has begun, with the last question that has ink.
    pub(crate) fn state_words(&self, layout: &Layout) -> String {
        match &self.begun_to {
            Some(question) if self.state == State::Begun => {
                layout.put(layout.w.begun_to, "question", question)
            }
            _ => self.state.word(layout.w).to_owned(),
        }
    }
}

impl Facility {
    pub(crate) fn why(&self, layout: &Layout) -> String {
        fill(layout.w.facility_why, &[("n", &self.n), ("p", &self.percent)])
    }
}

/// A pupil.
pub(crate) struct Row {
    pub(crate) pupil: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) state: State,
    /// The last question with ink, for a pupil who has begun.
    pub(crate) begun_to: Option<String>,
    /// Points so far, if there is ink.
    pub(crate) score: Option<String>,
    /// Whether any of it may still change by itself.
    pub(crate) provisional: bool,
    /// In the order of the columns.
    pub(crate) cells: Vec<Cell>,
}

/// One response.
#[derive(Clone)]
pub(crate) struct Cell {
    pub(crate) sign: Sign,
    pub(crate) provisional: bool,
    pub(crate) source: Option<Source>,
    /// Shown instead of the sign where the points say more.
    pub(crate) score: Option<String>,
}

impl Cell {
    /// The words behind the sign.
    pub(crate) fn words(&self, layout: &Layout) -> String {
        let w = layout.w;
        let mut words = self.sign.word(w).to_owned();
        if let Some(score) = &self.score {
            words.push(' ');
            words.push_str(score);
        }
        let source = self.source.filter(|_| !self.sign.waits());
        for more in
            [source.map(|source| source_word(source, w)), self.provisional.then_some(w.provisional)]
                .into_iter()
                .flatten()
        {
            words.push_str(" · ");
            words.push_str(more);
        }
        words
    }
}

#[cfg(test)]
impl Matrix {
    pub(crate) fn sample() -> Self {
        let columns: Vec<Column> = (1..=20u32)
            .map(|n| Column {
                question: format!("q{n}"),
                label: if n > 16 { format!("三({})", n - 16) } else { n.to_string() },
                number: if n > 16 { n - 16 } else { n }.to_string(),
                prompt: format!("{} × {} =", n + 1, n % 9 + 1),
                page: u32::from(n > 16) + 1,
                starts_page: n == 17,
                facility: (n != 20).then_some(Facility { percent: 100 - n * 3, n: 43 }),
            })
            .collect();
        let rows = super::tests::names()
            .map(|(number, name)| {
                let state = match number % 15 {
                    0 => State::Missing,
                    1..=2 => State::Writing,
                    3 => State::Begun,
                    _ => State::HandedIn,
                };
                let cells = (1..=20u32).map(|n| sample_cell(state, number * 7 + n * n)).collect();
                Row {
                    pupil: format!("p-{number:03}"),
                    number,
                    name,
                    state,
                    begun_to: (state == State::Begun).then(|| "第 12 题".to_owned()),
                    score: (state != State::Missing).then(|| (100 - number % 30).to_string()),
                    provisional: state == State::Writing,
                    cells,
                }
            })
            .collect();
        Self {
            assignment: "a-arithmetic".into(),
            title: "三年级口算练习(八)".into(),
            sections: vec![(String::new(), 16), ("三".into(), 4)],
            columns,
            rows,
            shown: None,
            states: States { handed_in: 33, settled: 5, writing: 4, begun: 1, missing: 2 },
            todo: Todo { decide: 12, score: 3 },
            doubts: vec![(
                "第 7 题：读作“56”的 12 次，老师改判了 9 次：答案对吗？".into(),
                "/a/a-arithmetic/q/q7#key".into(),
            )],
            collectable: 5,
            collections: vec![Collection {
                stamp_ms: 1_795_000_000_000,
                when: "11月23日 20:10".into(),
                pupils: 38,
            }],
            points: "100".into(),
            mean: Some("86.4".into()),
        }
    }
}

#[cfg(test)]
impl Matrix {
    /// A hundred questions.
    pub(crate) fn wide_sample() -> Self {
        let mut matrix = Self::sample();
        for _ in 0..4 {
            matrix.columns.extend(Self::sample().columns);
        }
        matrix.sections.clear();
        for row in &mut matrix.rows {
            row.cells = row.cells.iter().cycle().take(100).cloned().collect();
        }
        matrix
    }
}

#[cfg(test)]
fn sample_cell(state: State, seed: u32) -> Cell {
    let sign = match (state, seed % 23) {
        (State::Missing, _) => Sign::Nothing,
        (State::Writing, 0..=5) => Sign::Nothing,
        (State::Writing, 6) => Sign::Pending,
        (_, 7 | 8 | 15) => Sign::Wrong,
        (_, 9) => Sign::Partly,
        (_, 10) => Sign::Decide,
        (_, 12) => Sign::Score,
        (_, 11) => Sign::Blank,
        _ => Sign::Right,
    };
    let source = match sign {
        Sign::Nothing | Sign::Pending => None,
        _ if seed.is_multiple_of(5) => Some(Source::Red),
        _ => Some(Source::Machine),
    };
    let score = (sign == Sign::Partly).then(|| "2.5".to_owned());
    Cell { sign, provisional: state == State::Writing && source.is_some(), source, score }
}

#[cfg(test)]
impl AssignmentPage {
    pub(crate) fn sample(layout: Layout) -> Self {
        let x = ExportWords::of(layout.locale);
        Self {
            layout,
            class: "c-3-1".into(),
            after: 41,
            assigned: "11月23日 15:40".into(),
            due: "11月23日 20:00".into(),
            x,
            parents: Some("给家长看"),
            matrix: Matrix::sample(),
        }
    }
}

#[cfg(test)]
impl AssignmentPage {
    pub(crate) fn wide_sample(layout: Layout) -> Self {
        Self { matrix: Matrix::wide_sample(), ..Self::sample(layout) }
    }
}

#[cfg(test)]
impl AssignmentPart {
    pub(crate) fn sample(layout: Layout) -> Self {
        Self { layout, matrix: Matrix::sample() }
    }
}
