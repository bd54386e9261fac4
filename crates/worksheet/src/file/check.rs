//! What must hold in a worksheet, wherever it comes from.

use std::collections::{BTreeMap, BTreeSet};

use crate::WorksheetError;
use crate::template::{Field, Kind, NumberForm, Page, Question, Rect, Worksheet};

/// The letters that are read: a worksheet may not ask for others.
const LETTERS: &str = "ABCDEFG";

impl Worksheet {
    /// Checks the worksheet.
    ///
    /// # Errors
    /// Names the question and what is wrong with it.
    pub(crate) fn check(&self) -> Result<(), WorksheetError> {
        let id = &self.id.id;
        let named = (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !named || self.id.version == 0 {
            let reason = format!("worksheet {id:?}: an id is [a-z0-9-]{{1,64}}, a version above 0");
            return Err(WorksheetError::Worksheet(reason));
        }
        if let Some(page) = self.pages.iter().find(|p| p.width_um <= 0 || p.height_um <= 0) {
            return Err(WorksheetError::Worksheet(format!("page {} has no area", page.number)));
        }
        self.check_knowledge_points()?;
        let mut ids = BTreeSet::new();
        for (index, question) in self.questions.iter().enumerate() {
            let refuse =
                |reason| Err(WorksheetError::Question { question: question.id.clone(), reason });
            if !ids.insert(question.id.as_str()) {
                return refuse("its id stands twice: give it one of its own".into());
            }
            question.check_key().or_else(|reason| refuse(reason.into()))?;
            self.check_place(question, &self.questions[..index]).or_else(refuse)?;
        }
        Ok(())
    }

    /// Parents exist and no point is above itself; questions name declared points.
    fn check_knowledge_points(&self) -> Result<(), WorksheetError> {
        let mut parents = BTreeMap::new();
        for point in &self.knowledge_points {
            let refuse = |reason: &str| {
                let reason = format!("knowledge point {}: {reason}", point.id);
                Err(WorksheetError::Worksheet(reason))
            };
            // Declaring parents first makes a circle impossible.
            match &point.parent {
                Some(parent) if !parents.contains_key(parent.as_str()) => {
                    return refuse("its parent is not declared before it");
                }
                _ => {}
            }
            if parents.insert(point.id.as_str(), point.parent.as_deref()).is_some() {
                return refuse("it stands twice");
            }
        }
        for question in &self.questions {
            let refuse =
                |reason| Err(WorksheetError::Question { question: question.id.clone(), reason });
            if question.knowledge_points.is_empty() {
                return refuse("it names no knowledge point".to_owned());
            }
            let unknown =
                question.knowledge_points.iter().find(|id| !parents.contains_key(id.as_str()));
            if let Some(unknown) = unknown {
                return refuse(format!("knowledge point {unknown} is not declared"));
            }
        }
        Ok(())
    }

    /// The question lies on its page, and nothing of it on something before it.
    fn check_place(&self, question: &Question, before: &[Question]) -> Result<(), String> {
        let Some(page) = self.pages.iter().find(|page| page.number == question.page) else {
            return Err(format!("page {} does not exist", question.page));
        };
        let rects: Vec<Rect> = question.rects().collect();
        for (index, rect) in rects.iter().enumerate() {
            if !rect.fits(page) {
                return Err(format!("{rect:?} does not lie on its page"));
            }
            if rects[..index].iter().any(|other| rect.overlaps(other)) {
                return Err(format!("{rect:?} lies on another part of it"));
            }
        }
        let covers = |other: &&Question| {
            other.page == question.page
                && other.rects().any(|theirs| rects.iter().any(|rect| rect.overlaps(&theirs)))
        };
        match before.iter().find(covers) {
            Some(other) => Err(format!("its field lies on that of question {}", other.id)),
            None => Ok(()),
        }
    }
}

impl Question {
    /// Every rectangle of the question: its field, bubbles, score box.
    pub fn rects(&self) -> impl Iterator<Item = Rect> {
        let field = match &self.field {
            Field::Box(rect) => vec![*rect],
            Field::Bubbles(bubbles) => bubbles.iter().map(|bubble| bubble.rect).collect(),
        };
        field.into_iter().chain(self.score_box)
    }

    /// The right answer is one that can be given.
    fn check_key(&self) -> Result<(), &'static str> {
        let Some(key) = self.key.as_deref() else {
            return match &self.model_answer {
                Some(text) if text.trim().is_empty() => {
                    Err("its model answer is empty: leave it out")
                }
                _ => Ok(()),
            };
        };
        if self.model_answer.is_some() {
            return Err("it has a key: a model answer belongs to what a person judges");
        }
        let is_one_of =
            |options: &str| options.chars().any(|option| key.chars().eq(std::iter::once(option)));
        match (&self.kind, &self.field) {
            (Kind::Number(form), _) => match is_number(key, *form) {
                true => Ok(()),
                false if is_number(key, NumberForm::Decimal) => {
                    Err("its answer is no whole number: its form is decimal")
                }
                false => Err("its answer is no decimal number"),
            },
            (Kind::Letter(options), _) if !are_letters(options.chars()) => {
                Err("its options are no different letters from A to G")
            }
            (Kind::Letter(options), _) if !is_one_of(options) => {
                Err("its answer is none of its options")
            }
            (Kind::Comparison, _) if !is_one_of("<>=") => Err("its answer is none of < > ="),
            (Kind::Choice, Field::Bubbles(bubbles))
                if !are_letters(bubbles.iter().map(|bubble| bubble.letter)) =>
            {
                Err("its bubbles have no different letters from A to G")
            }
            (Kind::Choice, Field::Bubbles(bubbles))
                if !is_one_of(&bubbles.iter().map(|bubble| bubble.letter).collect::<String>()) =>
            {
                Err("its answer is the letter of no bubble")
            }
            _ => Ok(()),
        }
    }
}

/// Digits, and in a decimal between digits perhaps one point; a minus before.
fn is_number(text: &str, form: NumberForm) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    match text.split_once('.') {
        Some((whole, part)) => form == NumberForm::Decimal && digits(whole) && digits(part),
        None => digits(text),
    }
}

/// At least two letters that are read, none twice.
fn are_letters(letters: impl Iterator<Item = char>) -> bool {
    let mut seen = BTreeSet::new();
    let mut all = true;
    for letter in letters {
        all &= LETTERS.contains(letter) && seen.insert(letter);
    }
    all && seen.len() >= 2
}

impl Rect {
    /// Whether it has an area and lies on the page.
    fn fits(&self, page: &Page) -> bool {
        let within = |from: i32, length: i32, limit: i32| {
            from >= 0 && length > 0 && from.checked_add(length).is_some_and(|to| to <= limit)
        };
        within(self.x_um, self.width_um, page.width_um)
            && within(self.y_um, self.height_um, page.height_um)
    }

    /// Whether both cover some area; both lie on a page.
    fn overlaps(&self, other: &Self) -> bool {
        self.x_um < other.x_um + other.width_um
            && other.x_um < self.x_um + self.width_um
            && self.y_um < other.y_um + other.height_um
            && other.y_um < self.y_um + self.height_um
    }
}
