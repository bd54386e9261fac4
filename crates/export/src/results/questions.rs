//! How each question went.

use std::collections::BTreeMap;

use store::{AnswerRow, Verdict};
use worksheet::{Question, Score, Worksheet};

use super::{Answers, Results, counts, read, score};
use crate::Language;
use crate::table::{Cell, Column, Table};
use crate::words::blank;

/// Wrong answers that are named.
const COMMON_MAX: usize = 5;

/// How a question went.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Went {
    /// Pupils who wrote something in any part, judged or not.
    pub(crate) wrote: usize,
    /// Pupils whose response has a verdict in each part; the other figures are of them.
    pub(crate) n: usize,
    pub(crate) right: usize,
    pub(crate) partly: usize,
    pub(crate) wrong: usize,
    pub(crate) blank: usize,
    /// What they earned together, tenths.
    tenths: u32,
    /// What was read where it is wrong, the most frequent first, with the number of the blank and how
    /// often.
    pub(crate) common: Vec<(String, usize)>,
}

impl Went {
    /// Counts a question's responses of all pupils.
    pub(crate) fn of(results: &Results<'_>, question: &Question) -> Self {
        Self::among(results, &results.answers(), question)
    }

    fn among(results: &Results<'_>, answers: &Answers<'_>, question: &Question) -> Self {
        let mut went = Self::default();
        let mut read_as: BTreeMap<(usize, String), usize> = BTreeMap::new();
        for pupil in &results.sheet.pupils {
            let rows: Vec<&AnswerRow> = question
                .parts
                .iter()
                .filter_map(|part| answers.get(&(&*pupil.id, &*part.id)).copied())
                .collect();
            if rows.iter().any(|row| is_written(row)) {
                went.wrote += 1;
            }
            if rows.len() < question.parts.len() || !rows.iter().all(|row| counts(row)) {
                continue;
            }
            let earned = question.earned(|part| score(answers.get(&(&*pupil.id, &*part.id))?));
            let earned = earned.unwrap_or_default();
            went.n += 1;
            went.tenths += earned.0;
            let blank = |row: &&AnswerRow| matches!(row.verdict, None | Some(Verdict::Blank));
            match earned {
                _ if rows.iter().all(blank) => went.blank += 1,
                Score(0) => went.wrong += 1,
                all if all == question.points() => went.right += 1,
                _ => went.partly += 1,
            }
            for (at, row) in rows.iter().enumerate() {
                let missed = matches!(row.verdict, Some(Verdict::Wrong | Verdict::Partly));
                if let Some(text) = read(row).filter(|_| missed) {
                    *read_as.entry((at, text.to_owned())).or_default() += 1;
                }
            }
        }
        let mut common: Vec<((usize, String), usize)> = read_as.into_iter().collect();
        common.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        let numbered = |((at, text), times): ((usize, String), usize)| {
            let of = question.each().nth(at);
            let blank = of.as_ref().map(blank).unwrap_or_default();
            (format!("{blank}{text}"), times)
        };
        went.common = common.into_iter().take(COMMON_MAX).map(numbered).collect();
        went
    }

    /// The mean share of the points, 0 to 1; `None` where nobody was counted.
    pub(crate) fn facility(&self, points: Score) -> Option<f64> {
        let all = self.n as f64 * f64::from(points.0);
        (all > 0.0).then(|| f64::from(self.tenths) / all)
    }

    /// `93（4 人）、73（2 人）`.
    pub(crate) fn common(&self, language: Language) -> String {
        let told = |(text, times): &(String, usize)| match language {
            Language::Zh => format!("{text}（{times} 人）"),
            Language::En => format!("{text} ({times})"),
        };
        language.list(&self.common.iter().map(told).collect::<Vec<_>>())
    }
}

impl Results<'_> {
    /// A row per question.
    pub(super) fn questions(&self) -> Table {
        let language = self.language;
        let column = |zh, en, width| Column::new(language.pick(zh, en), width);
        let columns = vec![
            column("题号", "Question", 10),
            column("题目", "Prompt", 36),
            column("知识点", "Knowledge point", 24),
            column("满分", "Points", 8),
            column("作答人数", "Responses", 10),
            column("已评人数", "Judged", 10),
            column("得分率", "Facility", 9),
            column("对", "Right", 7),
            column("半对", "Partly", 7),
            column("错", "Wrong", 7),
            column("空", "Blank", 7),
            column("答案", "Key", 16),
            column("常见错答", "Common wrong answers", 40),
        ];
        let answers = self.answers();
        let rows = self.worksheet.questions.iter().map(|question| {
            let went = Went::among(self, &answers, question);
            vec![
                Cell::number_or_text(&question.label),
                Cell::text(&question.prompt),
                Cell::text(language.list(&points_of(self.worksheet, question, language))),
                Cell::Points(question.points().0),
                Cell::count(went.wrote),
                Cell::count(went.n),
                went.facility(question.points()).map_or(Cell::Empty, Cell::Share),
                Cell::count(went.right),
                Cell::count(went.partly),
                Cell::count(went.wrong),
                Cell::count(went.blank),
                Cell::number_or_text(&key(question).unwrap_or_default()),
                Cell::text(went.common(language)),
            ]
        });
        let rows = rows.collect();
        Table { columns, rows, frozen: 1 }
    }
}

/// Whether there is something in a field: what waits for a person is there too.
fn is_written(answer: &AnswerRow) -> bool {
    answer.wanted.is_some() || !matches!(answer.verdict, None | Some(Verdict::Blank))
}

/// The names of a question's knowledge points.
pub(crate) fn points_of(
    worksheet: &Worksheet,
    question: &Question,
    language: Language,
) -> Vec<String> {
    let name = |id: &String| {
        let point = worksheet.knowledge_points.iter().find(|point| point.id == *id);
        point.map_or_else(|| id.clone(), |point| language.pick(&point.zh, &point.en).to_owned())
    };
    question.knowledge_points.iter().map(name).collect()
}

/// What is right in a question, its blanks numbered; `None` where a person judges.
pub(crate) fn key(question: &Question) -> Option<String> {
    let keys: Vec<String> =
        question.each().filter_map(|of| Some(format!("{}{}", blank(&of), of.answer()?))).collect();
    (!keys.is_empty()).then(|| keys.join("  "))
}
