//! Worksheets drawn over pages: a person placed fields on artwork that has none, and typed what
//! belongs in them.
//!
//! A drawing keeps every word as it was typed, sound or not, so that work can be put aside at any
//! moment; [`Drawing::worksheet`] says what is still wrong, and where.

mod fault;
mod key;
mod label;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::examine::least_um;
use crate::{
    Credit, Decimal, Field, Framework, Key, Kind, NotFound, Page, Part, Question, Rect, Score,
    Worksheet, WorksheetError, WorksheetId, is_printable,
};

pub use fault::{DrawnFault, DrawnWrong};
pub use key::DrawnKind;

/// Subjects that a drawing may have, as worksheet files name them.
pub const SUBJECTS: [&str; 4] = ["math", "english", "chinese", "science"];

/// A worksheet being drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// The title, as typed.
    pub title: String,
    /// The grade, as typed.
    pub grade: String,
    /// One of [`SUBJECTS`].
    pub subject: String,
    /// In the order in which they were drawn.
    pub fields: Vec<DrawnField>,
}

/// One field of a drawing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnField {
    /// The page, from 1.
    pub page: u32,
    /// Where it is, page micrometres.
    pub rect: Rect,
    /// Whether it is the room between two printed brackets.
    #[serde(default)]
    pub bracket: bool,
    /// The question's number as printed; fields with the same number are blanks of one question.
    pub number: String,
    /// What may be written there.
    pub kind: DrawnKind,
    /// What is right, as typed; several right answers stand apart by `|`.
    pub key: String,
    /// For a letter: those to choose from, such as `ABCD`.
    #[serde(default)]
    pub options: String,
    /// What it is worth, as typed.
    pub points: String,
    /// The knowledge point: its id or name, as typed; empty: the subject itself, as in the text form.
    pub point: String,
}

/// Narrower than this no field can be written in, micrometres: a line of print is as high.
const UNUSABLE_UM: i32 = 4_000;
/// The most fields of a drawing.
pub const FIELDS_MAX: usize = 400;

/// A field with what could be read of it.
struct Sound<'a> {
    field: &'a DrawnField,
    label: String,
    point: Option<String>,
    part: Part,
}

impl Drawing {
    /// The worksheet that it makes of these pages, and everything that is wrong; there is none where
    /// something is that cannot stay so ([`DrawnWrong::is_grave`]).
    pub fn worksheet(
        &self,
        id: WorksheetId,
        pages: &[Page],
        framework: &Framework,
    ) -> (Option<Worksheet>, Vec<DrawnFault>) {
        let mut faults = Vec::new();
        let mut refuse = |field, wrong| faults.push(DrawnFault { field, wrong });
        let title = self.title.trim();
        if title.is_empty() {
            refuse(None, DrawnWrong::NoTitle);
        }
        if let Some(c) = unprintable([title]) {
            refuse(None, DrawnWrong::Character(c));
        }
        let grade = self.grade.trim().parse().ok().filter(|grade| (1..=12).contains(grade));
        if grade.is_none() {
            refuse(None, DrawnWrong::NoGrade);
        }
        if !SUBJECTS.contains(&self.subject.as_str()) {
            refuse(None, DrawnWrong::NoSubject);
        }
        if self.fields.is_empty() {
            refuse(None, DrawnWrong::NoFields);
        }
        if self.fields.len() > FIELDS_MAX {
            refuse(None, DrawnWrong::TooManyFields);
        }
        let mut sound = Vec::new();
        for (at, field) in self.fields.iter().enumerate().take(FIELDS_MAX) {
            let (read, wrongs) = field.read(framework);
            wrongs.into_iter().for_each(|wrong| refuse(Some(at), wrong));
            sound.extend(read.map(|read| (at, read)));
        }
        self.check_places(pages, &mut faults);
        check_numbers(&sound, &mut faults);
        faults.sort_by_key(|fault| fault.field);
        if faults.iter().any(|fault| fault.wrong.is_grave()) {
            return (None, faults);
        }
        let sound = sound.into_iter().map(|(_, sound)| sound).collect();
        let questions = questions(sound, &self.subject);
        let named = questions.iter().flat_map(|question: &Question| &question.knowledge_points);
        let sheet = Worksheet {
            id,
            title_zh: title.to_owned(),
            title_en: title.to_owned(),
            subject: self.subject.clone(),
            grade: grade.unwrap_or_default(),
            pages: pages.to_vec(),
            knowledge_points: framework.with_parents(named.map(String::as_str)),
            questions,
        };
        for error in sheet.contradictions() {
            let (field, reason) = self.place_of(&error);
            faults.push(DrawnFault { field, wrong: DrawnWrong::Other(reason) });
        }
        let is_sound = faults.iter().all(|fault| !fault.wrong.is_grave());
        (is_sound.then_some(sheet), faults)
    }

    /// Fields lie on their pages, apart from each other.
    fn check_places(&self, pages: &[Page], faults: &mut Vec<DrawnFault>) {
        let fields = &self.fields[..self.fields.len().min(FIELDS_MAX)];
        for (at, field) in fields.iter().enumerate() {
            let page = pages.iter().find(|page| page.number == field.page);
            if !page.is_some_and(|page| field.rect.fits(page)) {
                faults.push(DrawnFault { field: Some(at), wrong: DrawnWrong::OffPage });
                continue;
            }
            let covers =
                |other: &&DrawnField| other.page == field.page && other.rect.overlaps(&field.rect);
            if let Some(other) = fields[..at].iter().find(covers) {
                let wrong = DrawnWrong::Overlaps(other.number.trim().to_owned());
                faults.push(DrawnFault { field: Some(at), wrong });
            }
        }
    }

    /// The field that an error is about, and its reason.
    fn place_of(&self, error: &WorksheetError) -> (Option<usize>, String) {
        match error {
            WorksheetError::Question { question, reason } => {
                let is_of = |field: &DrawnField| label::id(&field.number) == *question;
                (self.fields.iter().position(is_of), reason.clone())
            }
            other => (None, other.to_string()),
        }
    }
}

impl DrawnField {
    /// What of it could be read, and what is wrong.
    fn read(&self, framework: &Framework) -> (Option<Sound<'_>>, Vec<DrawnWrong>) {
        let mut wrongs = Vec::new();
        let label = self.number.trim().to_owned();
        if label.is_empty() || label.chars().count() > label::CHARS_MAX {
            wrongs.push(DrawnWrong::NoNumber);
        }
        if let Some(c) = unprintable([label.as_str(), &self.key, &self.options]) {
            wrongs.push(DrawnWrong::Character(c));
        }
        let key = self.kind.read(&self.key, &self.options);
        let points = points(&self.points);
        if points.is_none() {
            wrongs.push(DrawnWrong::NoPoints);
        }
        let point = match (self.point.trim(), framework.find(self.point.trim())) {
            ("", _) => Ok(None),
            (_, Ok(id)) => Ok(Some(id.to_owned())),
            (_, Err(NotFound::Unknown(nearest))) => Err(DrawnWrong::UnknownPoint(nearest)),
            (_, Err(NotFound::Ambiguous(ids))) => Err(DrawnWrong::AmbiguousPoint(ids)),
        };
        let (key, point) = match (key, point) {
            (Ok(key), Ok(point)) => (key, point),
            (key, point) => {
                wrongs.extend(key.err());
                wrongs.extend(point.err());
                return (None, wrongs);
            }
        };
        let (kind, key, model_answer) = key;
        let (width_um, height_um) = least_um(&kind);
        if self.rect.width_um.min(self.rect.height_um) < UNUSABLE_UM {
            wrongs.push(DrawnWrong::TooNarrow(UNUSABLE_UM / 1_000));
        } else if self.rect.width_um < width_um || self.rect.height_um < height_um {
            wrongs.push(DrawnWrong::TooSmall(width_um / 1_000, height_um / 1_000));
        }
        let field = match kind {
            Kind::Free => Field::Area(self.rect),
            _ if self.bracket => Field::Bracket(self.rect),
            _ => Field::Box(self.rect),
        };
        let (id, score_box) = (String::new(), None);
        let points = points.unwrap_or_default();
        let part = Part { id, field, kind, key, points, score_box, model_answer };
        (Some(Sound { field: self, label, point, part }), wrongs)
    }
}

/// A character among these that cannot be printed.
fn unprintable<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<char> {
    texts.into_iter().flat_map(str::chars).find(|c| !is_printable(*c))
}

/// Points in tenths, of what was typed.
fn points(text: &str) -> Option<Score> {
    let tenths = Decimal::parse(text.trim().trim_end_matches('分').trim())?.tenths()?;
    (1..=10_000).contains(&tenths).then_some(Score(tenths))
}

/// A number stands on one page, and no two numbers have one id.
fn check_numbers(sound: &[(usize, Sound<'_>)], faults: &mut Vec<DrawnFault>) {
    let mut first: BTreeMap<String, (u32, &str)> = BTreeMap::new();
    for (at, sound) in sound {
        let here = (sound.field.page, sound.label.as_str());
        let known = first.entry(label::id(&sound.label)).or_insert(here);
        if *known != here {
            let wrong = DrawnWrong::NumberTwice(known.0);
            faults.push(DrawnFault { field: Some(*at), wrong });
        }
    }
}

/// Fields of one number as one question, in the order of pages and numbers. One without a knowledge
/// point is of the subject itself.
fn questions(mut sound: Vec<Sound<'_>>, subject: &str) -> Vec<Question> {
    // Blanks of one question in the order in which one reads them.
    sound.sort_by_cached_key(|sound| {
        let Rect { x_um, y_um, .. } = sound.field.rect;
        (sound.field.page, label::order(&sound.label), y_um / 6_000, x_um)
    });
    let mut questions: Vec<Question> = Vec::new();
    for Sound { field, label, point, mut part } in sound {
        let id = label::id(&label);
        let place = questions.iter().position(|question| question.id == id);
        let place = place.unwrap_or_else(|| {
            let (prompt, credit) = (String::new(), Credit::default());
            let (knowledge_points, parts) = (Vec::new(), Vec::new());
            let page = field.page;
            let asked =
                Question { id: id.clone(), page, label, prompt, knowledge_points, parts, credit };
            questions.push(asked);
            questions.len() - 1
        });
        let question = &mut questions[place];
        part.id = Part::id_of(&id, question.parts.len());
        if let Some(point) = point.filter(|point| !question.knowledge_points.contains(point)) {
            question.knowledge_points.push(point);
        }
        question.parts.push(part);
    }
    for question in &mut questions {
        if question.knowledge_points.is_empty() {
            question.knowledge_points.push(subject.to_owned());
        }
    }
    questions
}

impl Key {
    /// The key of what a person judges, or of these answers.
    fn of(accepted: Option<crate::Accepted>) -> Self {
        accepted.map_or(Self::None, Self::Accepted)
    }
}
