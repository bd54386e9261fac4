//! Answers held against the keys of a question, and keys as a person types them.

use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

use crate::arithmetic::half_width;
use crate::{
    Accepted, Key, Kind, Number, Part, Question, Review, Score, Step, Steps, StepsOutcome,
    Worksheet, WorksheetError, Written,
};

/// Blanks that may change places: which keys their answers match, each key used once. `answers` and
/// the result are in the order of `keys`; where nothing certain is written, no key is given.
///
/// As many answers are right as can be, and an answer keeps its own key where it may.
pub fn right_in_any_order(keys: &[&Accepted], answers: &[Option<&Written>]) -> Vec<bool> {
    let is_own = |at: &usize| answers[*at].is_some_and(|written| keys[*at].holds(written));
    let mut owner: Vec<Option<usize>> = (0..keys.len()).map(|at| Some(at).filter(is_own)).collect();
    // Kuhn's algorithm: each of the others takes a key, and moves its owner on if need be.
    for answer in (0..answers.len()).filter(|at| !is_own(at)) {
        take(answer, keys, answers, &mut owner, &mut vec![false; keys.len()]);
    }
    (0..answers.len()).map(|answer| owner.contains(&Some(answer))).collect()
}

fn take(
    answer: usize,
    keys: &[&Accepted],
    answers: &[Option<&Written>],
    owner: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    let Some(written) = answers[answer] else { return false };
    for key in 0..keys.len() {
        if tried[key] || !keys[key].holds(written) {
            continue;
        }
        tried[key] = true;
        if owner[key].is_none_or(|other| take(other, keys, answers, owner, tried)) {
            owner[key] = Some(answer);
            return true;
        }
    }
    false
}

impl Question {
    /// What each part earns by the answers of all of them in their order: `None` for a part without a
    /// key, or without an answer; an error says why a person must decide. Beside an answer stands
    /// whether it was read beyond doubt: a slip that may be the reader's is none.
    pub fn earns(
        &self,
        answers: &[Option<(&Written, bool)>],
    ) -> Vec<Option<Result<Score, Review>>> {
        let written: Vec<Option<&Written>> =
            answers.iter().map(|answer| answer.map(|(written, _)| written)).collect();
        let right = self.right(&written);
        let earns = |at: usize| {
            let part = &self.parts[at];
            let (written, certain) = answers.get(at).copied().flatten()?;
            let right = right[at]?;
            if self.lacks_its_sum(part, written) {
                let is_right = part.accepted()?.holds(written);
                return Some(Err(if is_right { Review::NoWorking } else { Review::AnotherWay }));
            }
            Some(match right {
                true => Ok(part.points),
                // An answer whose own key another blank's answer has taken is wrong.
                false => match part.accepted()?.earns(written, certain, part.points) {
                    Ok(all) if all == part.points => Ok(Score(0)),
                    other => other,
                },
            })
        };
        (0..self.parts.len()).map(earns).collect()
    }

    /// Which parts are right, by the answers of all of them in their order: `None` for a part
    /// without a key, or without an answer.
    fn right(&self, answers: &[Option<&Written>]) -> Vec<Option<bool>> {
        let answer = |at: usize| answers.get(at).copied().flatten();
        let mut right: Vec<Option<bool>> = (self.parts.iter().enumerate())
            .map(|(at, part)| {
                let written = answer(at)?;
                Some(part.accepted()?.holds(written) && !self.lacks_its_sum(part, written))
            })
            .collect();
        for group in &self.credit.unordered {
            let keys: Option<Vec<&Accepted>> =
                group.iter().map(|at| self.parts.get(*at)?.accepted()).collect();
            let Some(keys) = keys else { continue };
            let given: Vec<Option<&Written>> = group.iter().map(|at| answer(*at)).collect();
            for (at, found) in group.iter().zip(right_in_any_order(&keys, &given)) {
                right[*at] = right[*at].map(|_| found);
            }
        }
        right
    }

    /// Whether an answer goes on from a sum, as `=24.5` does, that is not printed and that the pupil
    /// was to find.
    fn lacks_its_sum(&self, part: &Part, answer: &Written) -> bool {
        let Written::Steps(steps) = answer else { return false };
        let plain = |c: char| Some(half_width(c)).filter(|c| *c != ' ');
        let printed: String = self.prompt.chars().filter_map(plain).collect();
        let prints = |key: &Written| match key {
            Written::Steps(key) => printed.contains(key.asked()),
            _ => false,
        };
        steps.goes_on() && !part.accepted().is_some_and(|key| key.answers.iter().any(prints))
    }
}

impl Part {
    /// The steps of an answer, held against the first key; none of what has no steps.
    pub fn steps(&self, answer: &Written) -> Vec<Step> {
        match (self.accepted().and_then(|accepted| accepted.answers.first()), answer) {
            (Some(Written::Steps(key)), Written::Steps(steps)) => steps.against(key).steps,
            _ => Vec::new(),
        }
    }

    /// The key that a person types in place of the present one: answers, divided by `|`. When an
    /// answer is equal stays as it is.
    ///
    /// # Errors
    /// The answer that cannot be given here; empty where there is none at all.
    pub fn typed_key(&self, typed: &str) -> Result<Accepted, String> {
        let mut answers: Vec<Written> = Vec::new();
        for text in typed.split(['|', '｜']).map(str::trim).filter(|text| !text.is_empty()) {
            let answer = Written::typed(&self.kind, text).ok_or_else(|| text.to_owned())?;
            if !answers.contains(&answer) {
                answers.push(answer);
            }
        }
        let first = answers.first().ok_or_else(String::new)?;
        let equal = match &self.key {
            Key::Accepted(accepted) => accepted.equal,
            Key::Rubric(_) | Key::None => Accepted::one(first.clone()).equal,
        };
        Ok(Accepted { answers, equal })
    }
}

impl Accepted {
    /// The points that an answer earns by itself, of `points`: all or none, but a share of them for
    /// some of the steps or of the pairs. `certain` says that it was read beyond doubt.
    ///
    /// # Errors
    /// Why a person must decide.
    fn earns(&self, answer: &Written, certain: bool, points: Score) -> Result<Score, Review> {
        if self.holds(answer) {
            return Ok(points);
        }
        match answer {
            Written::Steps(steps) => self.of_steps(steps, certain, points),
            Written::Pairs(joined) => Ok(self.of_pairs(joined, points)),
            Written::Number(number) => self.of_number(number),
            _ => Ok(Score(0)),
        }
    }

    /// Each step that follows from the one before earns its share of the points, so that what follows
    /// rightly from a slip does; the share is rounded down to a tenth.
    fn of_steps(&self, steps: &Steps, certain: bool, points: Score) -> Result<Score, Review> {
        let judged = self.answers.iter().filter_map(|answer| match answer {
            Written::Steps(key) => Some(steps.against(key)),
            _ => None,
        });
        // A bracket that was taken for a figure makes a slip where there is none.
        let lacks = |key: &Steps| key.has_brackets_to_write() && !steps.has_brackets();
        let lost = self.answers.iter().any(|key| matches!(key, Written::Steps(key) if lacks(key)));
        // The line of a fraction is easily taken for a 1.
        let fraction = |key: &Written| matches!(key, Written::Steps(key) if key.has_fractions());
        let certain = certain && !lost && !self.answers.iter().any(fraction);
        // Of several keys, the one that says most in the pupil's favour.
        let rank = |outcome: StepsOutcome| match outcome {
            StepsOutcome::Right => (0, 0),
            StepsOutcome::Unworked => (1, 0),
            StepsOutcome::Slips(slips) => (2, slips),
            StepsOutcome::Unclear | StepsOutcome::Unfinished => (3, 0),
            StepsOutcome::AnotherWay => (4, 0),
        };
        let Some(judged) = judged.min_by_key(|judged| rank(judged.outcome)) else {
            return Err(Review::AnotherWay);
        };
        match judged.outcome {
            StepsOutcome::Right => Ok(points),
            StepsOutcome::Unworked => Err(Review::NoWorking),
            StepsOutcome::Slips(_) if !certain => Err(Review::LowConfidence),
            StepsOutcome::Slips(slips) => {
                let all = judged.steps.len().max(1) as u32;
                Ok(Score(points.0 * all.saturating_sub(slips as u32) / all))
            }
            StepsOutcome::Unclear => Err(Review::LowConfidence),
            StepsOutcome::Unfinished => Err(Review::Unfinished),
            StepsOutcome::AnotherWay => Err(Review::AnotherWay),
        }
    }

    /// Each pair of the key that was joined earns its share, rounded down to a tenth; a pair that is
    /// none of the key's costs one of these.
    fn of_pairs(&self, joined: &BTreeSet<(char, char)>, points: Score) -> Score {
        let right = |answer: &Written| match answer {
            Written::Pairs(key) => {
                let found = joined.intersection(key).count();
                let more = joined.len().saturating_sub(key.len());
                let all = key.len().max(1) as u32;
                Some(points.0 * (found.saturating_sub(more) as u32) / all)
            }
            _ => None,
        };
        Score(self.answers.iter().filter_map(right).max().unwrap_or(0))
    }

    /// A number that is not right earns nothing. A fraction is right or a person sees it, unless one is
    /// asked for: its bar may have been something else. A unit is never read: whether one that is there is
    /// the right one, and whether the figures after the key's are a unit that was taken for figures, a
    /// person must see.
    fn of_number(&self, number: &Number) -> Result<Score, Review> {
        if number.unit() == Some(Number::UNREAD) {
            return Err(Review::UnitUnread);
        }
        let is_fraction = |key: &Written| matches!(key, Written::Number(key) if key.is_fraction());
        if number.is_fraction() && !self.answers.iter().any(is_fraction) {
            return Err(Review::LowConfidence);
        }
        for key in &self.answers {
            let Written::Number(key) = key else { continue };
            let figures = Number::parse(key.figures()).map(|key| key.value());
            let is_same = figures == Number::parse(number.figures()).map(|read| read.value());
            let goes_on = number.figures().len() > key.figures().len()
                && number.figures().starts_with(key.figures());
            match (key.unit(), number.unit()) {
                (Some(unit), None) if is_same && unit != "%" => return Err(Review::NoUnit),
                (Some(_), None) if goes_on && !is_same => return Err(Review::UnitUnread),
                (None, Some(_)) if is_same => return Err(Review::UnitUnread),
                _ => {}
            }
        }
        Ok(Score(0))
    }

    /// The answers as a person types them, for [`Part::typed_key`]: `0.5 | 1.5`.
    pub fn typed(&self) -> String {
        self.answers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
    }
}

impl Worksheet {
    /// The same worksheet with another key of a part; its version is the caller's to raise.
    ///
    /// # Errors
    /// Where there is no such part, it has no key, or no such answer can be given there.
    pub fn with_key(&self, part: &str, key: Accepted) -> Result<Self, WorksheetError> {
        let mut sheet = self.clone();
        let found = sheet.questions.iter_mut().flat_map(|question| &mut question.parts);
        let found = found.into_iter().find(|other| other.id == part && other.accepted().is_some());
        let found = found.ok_or_else(|| WorksheetError::Question {
            question: part.to_owned(),
            reason: "it has no key to correct".to_owned(),
        })?;
        found.key = Key::Accepted(key);
        sheet.check()?;
        Ok(sheet)
    }
}

impl Written {
    /// An answer of a kind as people type it: full-width signs, small letters, and what keyboards
    /// give for √ and ×.
    pub fn typed(kind: &Kind, text: &str) -> Option<Self> {
        Self::parse(kind, &spelled(kind, text))
    }
}

/// An answer in the one spelling that is read: half-width figures, capital letters in order, √ and ×.
pub(crate) fn spelled(kind: &Kind, answer: &str) -> String {
    match kind {
        Kind::Character => answer.to_owned(),
        Kind::TrueFalse => match answer.to_lowercase().as_str() {
            "√" | "✓" | "✔" | "对" | "正确" | "t" | "true" | "y" => "√".to_owned(),
            "×" | "✗" | "✘" | "x" | "错" | "错误" | "f" | "false" | "n" => "×".to_owned(),
            other => other.to_owned(),
        },
        Kind::Letter(_) => answer.chars().map(narrow).collect::<String>().to_uppercase(),
        Kind::Pairs => {
            let plain: String = answer.chars().map(narrow).collect::<String>().to_uppercase();
            let mut pairs: Vec<&str> = plain.split([' ', ',', '，', '、']).collect();
            pairs.retain(|pair| !pair.is_empty());
            pairs.sort_unstable();
            pairs.join(" ")
        }
        Kind::Choice | Kind::Choices => {
            let mut letters: Vec<char> =
                answer.chars().map(|c| narrow(c).to_ascii_uppercase()).collect();
            letters.sort_unstable();
            letters.into_iter().collect()
        }
        _ => answer.chars().map(narrow).collect(),
    }
}

/// The half-width form of a full-width letter, figure or sign.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '−' => '-',
        c => c,
    }
}
