//! What must hold in a worksheet, wherever it comes from.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Criterion, Field, Key, Kind, NumberForm, Page, Part, Question, Rect, Worksheet, WorksheetError,
    Written,
};

/// The letters that are read: a worksheet may not ask for others.
const LETTERS: &str = "ABCDEFG";

impl Worksheet {
    /// Checks the worksheet.
    ///
    /// # Errors
    /// Names the first question that is wrong and what is wrong with it.
    pub(crate) fn check(&self) -> Result<(), WorksheetError> {
        self.contradictions().into_iter().next().map_or(Ok(()), Err)
    }

    /// All that must hold in a worksheet and does not.
    pub(crate) fn contradictions(&self) -> Vec<WorksheetError> {
        let mut found = Vec::new();
        let id = &self.id.id;
        let named = (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !named || self.id.version == 0 {
            let reason = format!("worksheet {id:?}: an id is [a-z0-9-]{{1,64}}, a version above 0");
            found.push(WorksheetError::Worksheet(reason));
        }
        if let Some(page) = self.pages.iter().find(|p| p.width_um <= 0 || p.height_um <= 0) {
            found.push(WorksheetError::Worksheet(format!("page {} has no area", page.number)));
        }
        found.extend(self.check_knowledge_points().err());
        let mut ids = BTreeSet::new();
        for (index, question) in self.questions.iter().enumerate() {
            let mut refuse = |reason| {
                let question = question.id.clone();
                found.push(WorksheetError::Question { question, reason });
            };
            if question.parts.is_empty() {
                refuse("it has no part to answer in".into());
            }
            for (at, part) in question.parts.iter().enumerate() {
                if part.id != Part::id_of(&question.id, at) || !ids.insert(part.id.as_str()) {
                    refuse("its id stands twice: give it one of its own".into());
                }
                if let Err(reason) = part.check() {
                    refuse(reason.into());
                }
            }
            if let Err(reason) = question.check_credit() {
                refuse(reason.into());
            }
            if let Err(reason) = self.check_place(question, &self.questions[..index]) {
                refuse(reason);
            }
        }
        found
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

    /// The question lies on its page, and nothing of it overlaps an earlier question.
    fn check_place(&self, question: &Question, before: &[Question]) -> Result<(), String> {
        let Some(page) = self.pages.iter().find(|page| page.number == question.page) else {
            return Err(format!("page {} does not exist", question.page));
        };
        let rects: Vec<Rect> = question.rects().collect();
        for (index, rect) in rects.iter().enumerate() {
            if !rect.fits(page) {
                return Err(format!("its field {rect} does not lie on page {}", page.number));
            }
            if rects[..index].iter().any(|other| rect.overlaps(other)) {
                let page = page.number;
                return Err(format!("its field {rect} on page {page} lies on another part of it"));
            }
        }
        let covers = |other: &&Question| {
            other.page == question.page
                && other.rects().any(|theirs| rects.iter().any(|rect| rect.overlaps(&theirs)))
        };
        match before.iter().find(covers) {
            Some(other) => {
                let (page, other) = (page.number, &other.id);
                let at = Rect::around(rects).map_or(String::new(), |rect| rect.to_string());
                Err(format!("its field {at} on page {page} lies on that of question {other}"))
            }
            None => Ok(()),
        }
    }
}

impl Question {
    /// Every rectangle of the question: its fields and score boxes.
    pub fn rects(&self) -> impl Iterator<Item = Rect> {
        self.parts.iter().flat_map(Part::rects)
    }

    /// Groups name parts that there are, each once, and blanks that change places are alike.
    fn check_credit(&self) -> Result<(), &'static str> {
        for groups in [&self.credit.all_or_nothing, &self.credit.unordered] {
            let mut named = BTreeSet::new();
            for at in groups.iter().flatten() {
                if *at >= self.parts.len() || !named.insert(at) {
                    return Err("its groups name a part that there is not, or one twice");
                }
            }
            if groups.iter().any(|group| group.len() < 2) {
                return Err("a group has at least two parts");
            }
        }
        for group in &self.credit.unordered {
            let parts: Vec<&Part> = group.iter().map(|at| &self.parts[*at]).collect();
            let alike = |part: &&Part| {
                part.accepted().is_some()
                    && (&part.kind, part.points) == (&parts[0].kind, parts[0].points)
            };
            if !parts.iter().all(alike) {
                return Err("blanks in any order have keys, one kind and the same points");
            }
        }
        Ok(())
    }
}

/// The most criteria that have ids.
const CRITERIA_MAX: usize = 26;

impl Part {
    /// Field, kind and key agree, and the right answer is one that can be given.
    fn check(&self) -> Result<(), &'static str> {
        if self.model_answer.as_deref().is_some_and(|text| text.trim().is_empty()) {
            return Err("its model answer is empty: leave it out");
        }
        match (&self.kind, &self.field) {
            (Kind::Letter(options), _) if !are_letters(options.chars()) => {
                return Err("its options are no different letters from A to G");
            }
            (Kind::Choice | Kind::Choices, Field::Bubbles(bubbles))
                if !are_letters(bubbles.iter().map(|bubble| bubble.letter)) =>
            {
                return Err("its bubbles have no different letters from A to G");
            }
            (Kind::Pairs, Field::Bubbles(bubbles)) => {
                let mut names: Vec<char> = bubbles.iter().map(|bubble| bubble.letter).collect();
                let count = names.len();
                names.sort_unstable();
                names.dedup();
                let figures = names.iter().filter(|name| name.is_ascii_digit()).count();
                if names.len() < count || figures == 0 || figures == count {
                    return Err("its bubbles have no different figures and letters");
                }
            }
            (Kind::Choice | Kind::Choices, Field::Bubbles(_)) => {}
            (Kind::Choice | Kind::Choices | Kind::Pairs, _) => {
                return Err("a choice has `bubbles`");
            }
            (_, Field::Bubbles(_)) => return Err("bubbles belong to a choice"),
            (_, Field::Comb(cells)) if cells.is_empty() => return Err("its comb has no boxes"),
            (Kind::Digits | Kind::Number(NumberForm::Whole), Field::Comb(_)) => {}
            (_, Field::Comb(_)) => return Err("a comb takes digits or a whole number"),
            (_, Field::Lines { rect, pitch_um }) if !(1..=rect.height_um).contains(pitch_um) => {
                return Err("its lines stand no further apart than the field is high");
            }
            _ => {}
        }
        match &self.key {
            Key::Accepted(_) if self.model_answer.is_some() => {
                Err("it has a key: a model answer belongs to what a person judges")
            }
            Key::Accepted(accepted) if accepted.answers.is_empty() => Err("its key is empty"),
            Key::Accepted(accepted) => {
                accepted.answers.iter().try_for_each(|a| self.check_answer(a))
            }
            Key::Rubric(criteria) => self.check_rubric(criteria),
            Key::None => Ok(()),
        }
    }

    fn check_answer(&self, answer: &Written) -> Result<(), &'static str> {
        let has = |letter| self.field.bubbles().iter().any(|b| b.letter == letter);
        let of_bubbles = match answer {
            Written::Pairs(pairs) => pairs.iter().all(|(from, to)| has(*from) && has(*to)),
            Written::Choices(letters) => letters.iter().all(|letter| has(*letter)),
            _ => true,
        };
        match &self.kind {
            Kind::Steps | Kind::Column if !matches!(answer, Written::Steps(steps) if steps.is_key()) => {
                Err("its answer is no sum worked out to a number, as 3×12=36 is")
            }
            Kind::Choice if !of_bubbles => Err("its answer is the letter of no bubble"),
            _ if of_bubbles && answer.is_of(&self.kind) => Ok(()),
            Kind::Number(NumberForm::Whole) => {
                Err("its answer is no whole number: its form is decimal")
            }
            Kind::Number(_) => Err("its answer has a sign or a unit that its form does not have"),
            Kind::Letter(_) => Err("its answer is none of its options"),
            Kind::Choice | Kind::Choices | Kind::Pairs => {
                Err("its answer is no letters of its bubbles")
            }
            _ => Err("its answer is none of its kind"),
        }
    }

    fn check_rubric(&self, criteria: &[Criterion]) -> Result<(), &'static str> {
        let sum: u32 = criteria.iter().map(|criterion| criterion.points.0).sum();
        let ids = criteria.iter().enumerate().all(|(at, c)| c.id == Criterion::id_of(at));
        if criteria.is_empty() || criteria.len() > CRITERIA_MAX || !ids {
            Err("a rubric has between 1 and 26 criteria")
        } else if sum != self.points.0 {
            Err("its criteria do not add up to its points")
        } else if self.score_box.is_some() {
            Err("the score boxes of a rubric stand at its criteria")
        } else if criteria.iter().any(|criterion| criterion.text.trim().is_empty()) {
            Err("a criterion has no text")
        } else {
            Ok(())
        }
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
    pub(crate) fn fits(&self, page: &Page) -> bool {
        let within = |from: i32, length: i32, limit: i32| {
            from >= 0 && length > 0 && from.checked_add(length).is_some_and(|to| to <= limit)
        };
        within(self.x_um, self.width_um, page.width_um)
            && within(self.y_um, self.height_um, page.height_um)
    }

    /// Whether both cover some area.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let apart = |from: i32, length: i32, other: i32| {
            i64::from(from) + i64::from(length) <= i64::from(other)
        };
        !(apart(self.x_um, self.width_um, other.x_um)
            || apart(other.x_um, other.width_um, self.x_um)
            || apart(self.y_um, self.height_um, other.y_um)
            || apart(other.y_um, other.height_um, self.y_um))
    }
}
