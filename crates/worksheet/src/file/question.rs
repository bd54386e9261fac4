//! Questions and their parts as they stand in a worksheet file.
//!
//! A question's own table holds its first part: points, field, answer. Each further blank has a
//! table `[[question.part]]`; `unordered` and `all_or_nothing` name parts by number, from 1.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::{
    Accepted, Bubble, Comparison, Credit, Criterion, Decimal, Equivalence, Field, Key, Kind,
    NumberForm, Part, Question, Rect, Score, WorksheetError, Written,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileQuestion {
    id: String,
    page: u32,
    label: String,
    prompt: String,
    knowledge_points: Vec<String>,
    #[serde(default)]
    part: Vec<FilePart>,
    #[serde(default)]
    unordered: Vec<Vec<usize>>,
    #[serde(default)]
    all_or_nothing: Vec<Vec<usize>>,
    // What follows is the first part's.
    points: Option<f64>,
    r#box: Option<Rect>,
    comb: Option<Vec<Rect>>,
    bubbles: Option<Vec<Bubble>>,
    bracket: Option<Rect>,
    lines: Option<FileLines>,
    area: Option<Rect>,
    answer: Option<FileAnswer>,
    #[serde(default)]
    criterion: Vec<FileCriterion>,
    model_answer: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePart {
    points: Option<f64>,
    r#box: Option<Rect>,
    comb: Option<Vec<Rect>>,
    bubbles: Option<Vec<Bubble>>,
    bracket: Option<Rect>,
    lines: Option<FileLines>,
    area: Option<Rect>,
    answer: Option<FileAnswer>,
    #[serde(default)]
    criterion: Vec<FileCriterion>,
    model_answer: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLines {
    rect: Rect,
    pitch_um: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCriterion {
    text: String,
    points: f64,
    score_box: Option<Rect>,
}

/// `also` are further right answers. Kinds that a person may judge need no `right`.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum FileAnswer {
    Digits {
        right: String,
        #[serde(default)]
        also: Vec<String>,
    },
    Number {
        right: String,
        #[serde(default)]
        also: Vec<String>,
        tolerance: Option<String>,
        #[serde(default)]
        form: NumberForm,
    },
    Letter {
        right: char,
        #[serde(default)]
        also: Vec<String>,
        options: String,
    },
    TrueFalse {
        right: bool,
        #[serde(default)]
        also: Vec<String>,
    },
    Comparison {
        right: String,
        #[serde(default)]
        also: Vec<String>,
    },
    Expression {
        right: Option<String>,
        #[serde(default)]
        also: Vec<String>,
        score_box: Option<Rect>,
    },
    Steps {
        right: String,
        #[serde(default)]
        also: Vec<String>,
    },
    Column {
        right: String,
        #[serde(default)]
        also: Vec<String>,
    },
    Character {
        right: char,
        #[serde(default)]
        also: Vec<String>,
    },
    Choice {
        right: char,
        #[serde(default)]
        also: Vec<String>,
    },
    Choices {
        right: String,
        #[serde(default)]
        also: Vec<String>,
    },
    Pairs {
        right: String,
        #[serde(default)]
        also: Vec<String>,
    },
    Free {
        score_box: Option<Rect>,
    },
}

/// A kind, its accepted answers if it has some, and the score box.
type Answer = (Kind, Option<Accepted>, Option<Rect>);

impl FileQuestion {
    pub(super) fn question(mut self) -> Result<Question, WorksheetError> {
        let id = self.id.clone();
        let refuse = |reason: String| WorksheetError::Question { question: id.clone(), reason };
        let part = |(at, part): (usize, FilePart)| {
            part.part(Part::id_of(&id, at)).map_err(|reason| refuse(reason.into()))
        };
        let further = std::mem::take(&mut self.part);
        let parts = std::iter::once(self.first_part()).chain(further).enumerate();
        let parts = parts.map(part).collect::<Result<Vec<_>, _>>()?;
        let credit = Credit {
            all_or_nothing: positions(&self.all_or_nothing),
            unordered: positions(&self.unordered),
        };
        Ok(Question {
            id: self.id,
            page: self.page,
            label: self.label,
            prompt: self.prompt,
            knowledge_points: self.knowledge_points,
            parts,
            credit,
        })
    }

    fn first_part(&mut self) -> FilePart {
        FilePart {
            points: self.points,
            r#box: self.r#box,
            comb: self.comb.take(),
            bubbles: self.bubbles.take(),
            bracket: self.bracket,
            lines: self.lines.take(),
            area: self.area,
            answer: self.answer.take(),
            criterion: std::mem::take(&mut self.criterion),
            model_answer: self.model_answer.take(),
        }
    }
}

/// Numbers from 1 as places from 0; a 0 becomes a place that no part has.
fn positions(groups: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let places = |group: &Vec<usize>| group.iter().map(|number| number.wrapping_sub(1)).collect();
    groups.iter().map(places).collect()
}

impl FilePart {
    /// How many fields it names.
    fn fields(&self) -> usize {
        let named = [
            self.r#box.is_some(),
            self.comb.is_some(),
            self.bubbles.is_some(),
            self.bracket.is_some(),
            self.lines.is_some(),
            self.area.is_some(),
        ];
        named.into_iter().filter(|named| *named).count()
    }

    fn part(mut self, id: String) -> Result<Part, &'static str> {
        let answer = self.answer.take().ok_or("it has no `answer`")?;
        let (kind, accepted, score_box) = answer.typed()?;
        let criteria = self.criterion.iter().enumerate();
        let criteria =
            criteria.map(|(at, c)| c.criterion(at)).collect::<Result<Vec<_>, &'static str>>()?;
        let key = match (accepted, criteria.is_empty()) {
            (Some(_), false) => {
                return Err("it has a key: criteria belong to what a person judges");
            }
            (Some(accepted), true) => Key::Accepted(accepted),
            (None, false) => Key::Rubric(criteria),
            (None, true) => Key::None,
        };
        let points = match (&key, self.points) {
            (Key::Rubric(criteria), None) => Score(criteria.iter().map(|c| c.points.0).sum()),
            (_, points) => score(points.unwrap_or(0.0))?,
        };
        let field = self.field(&kind)?;
        let model_answer = self.model_answer;
        Ok(Part { id, field, kind, key, points, score_box, model_answer })
    }

    /// The one field that it names.
    fn field(&mut self, kind: &Kind) -> Result<Field, &'static str> {
        let by_bubbles = matches!(kind, Kind::Choice | Kind::Choices | Kind::Pairs);
        match (self.fields(), self.bubbles.take()) {
            (1, Some(bubbles)) if by_bubbles => return Ok(Field::Bubbles(bubbles)),
            _ if by_bubbles => return Err("a choice has `bubbles` and no `box`"),
            (1, None) => {}
            _ => return Err("it has one `box`, or another field, and no `bubbles`"),
        }
        let lines = self.lines.take();
        let field = (self.r#box.map(Field::Box))
            .or_else(|| self.comb.take().map(Field::Comb))
            .or_else(|| self.bracket.map(Field::Bracket))
            .or_else(|| lines.map(|FileLines { rect, pitch_um }| Field::Lines { rect, pitch_um }))
            .or_else(|| self.area.map(Field::Area));
        field.ok_or("it has one `box`, or another field, and no `bubbles`")
    }
}

impl FileCriterion {
    fn criterion(&self, at: usize) -> Result<Criterion, &'static str> {
        let (id, text) = (Criterion::id_of(at), self.text.clone());
        Ok(Criterion { id, text, points: score(self.points)?, score_box: self.score_box })
    }
}

/// Points in tenths.
fn score(points: f64) -> Result<Score, &'static str> {
    let tenths = (points * 10.0).round();
    if !(1.0..=10_000.0).contains(&tenths) || (tenths - points * 10.0).abs() > 1e-6 {
        return Err("its points are no tenths between 0.1 and 1000");
    }
    // A whole number in range.
    Ok(Score(tenths as u32))
}

impl FileAnswer {
    fn typed(self) -> Result<Answer, &'static str> {
        let several = |kind: Kind, right: String, also: Vec<String>, refusal| {
            let answers = std::iter::once(right).chain(also);
            let typed = answers.map(|text| Written::parse(&kind, &text).ok_or(refusal));
            let answers = typed.collect::<Result<Vec<_>, _>>()?;
            Ok((kind, Some(Accepted { answers, equal: Equivalence::Same }), None))
        };
        // The rest of the key is checked with its field, the further answers are parsed here.
        let first = |kind: Kind, right: Written, also: Vec<String>| {
            let also = also.iter().map(|text| {
                Written::parse(&kind, text).ok_or("a further answer is none of its kind")
            });
            let mut accepted = Accepted::one(right);
            accepted.answers.extend(also.collect::<Result<Vec<_>, _>>()?);
            Ok((kind, Some(accepted), None))
        };
        match self {
            Self::Digits { right, also } => {
                several(Kind::Digits, right, also, "its answer has other signs than digits")
            }
            Self::Number { right, also, tolerance, form } => {
                // Whether each is of the form is checked with the rest of the key.
                let any = Kind::Number(NumberForm::Unit);
                let (_, accepted, _) =
                    several(any, right, also, "its answer is no decimal number")?;
                let tolerance = tolerance.map_or(Some(Decimal::default()), |t| Decimal::parse(&t));
                let tolerance = tolerance.filter(|t| *t >= Decimal::default());
                let tolerance = tolerance.ok_or("its tolerance is no decimal number above 0")?;
                let equal = Equivalence::Value { tolerance };
                let accepted = accepted.map(|accepted| Accepted { equal, ..accepted });
                Ok((Kind::Number(form), accepted, None))
            }
            Self::Letter { right, also, options } => {
                first(Kind::Letter(options), Written::Letter(right), also)
            }
            Self::TrueFalse { right, also } => {
                first(Kind::TrueFalse, Written::TrueFalse(right), also)
            }
            Self::Comparison { right, also } => {
                let sign = Comparison::parse(&right).ok_or("its answer is none of < > =")?;
                first(Kind::Comparison, Written::Comparison(sign), also)
            }
            Self::Expression { right: None, also, score_box } => match also.is_empty() {
                true => Ok((Kind::Expression, None, score_box)),
                false => Err("further answers stand beside a first one, `right`"),
            },
            Self::Expression { score_box: Some(_), .. } => {
                Err("it has a key: a score box belongs to what a person judges")
            }
            Self::Expression { right: Some(right), also, score_box: None } => {
                several(Kind::Expression, right, also, "its answer is empty")
            }
            Self::Steps { right, also } => {
                several(Kind::Steps, right, also, "its answer is no plain arithmetic")
            }
            Self::Column { right, also } => {
                several(Kind::Column, right, also, "its answer is no plain arithmetic")
            }
            Self::Character { right, also } => {
                first(Kind::Character, Written::Character(right), also)
            }
            Self::Choice { right, also } => {
                first(Kind::Choice, Written::Choices(BTreeSet::from([right])), also)
            }
            Self::Choices { right, also } => {
                first(Kind::Choices, Written::Choices(right.chars().collect()), also)
            }
            Self::Pairs { right, also } => {
                several(Kind::Pairs, right, also, "its answer is no pairs, as `1B 2A` is")
            }
            Self::Free { score_box } => Ok((Kind::Free, None, score_box)),
        }
    }
}
