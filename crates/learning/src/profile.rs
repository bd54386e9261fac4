//! The fold over a pupil's settled answers.

use std::collections::BTreeMap;

use crate::step::{Pupil, logistic};
use crate::{Belief, Credit, Priors};

/// One settled response.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Which question, stable over pupils: worksheet id and question id.
    pub item: String,
    /// The knowledge points that it carries; one named twice counts once.
    pub skills: Vec<String>,
    /// What it earned.
    pub credit: Credit,
    /// The day it was written, counted from any origin, local to the school.
    pub day: i32,
}

/// What is known of items, fitted in batch from all pupils' answers. A profile names the version
/// it was folded with.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemParameters {
    /// Counts the fits; 0 where nothing is fitted yet.
    pub version: u32,
    /// Priors and process noise, part of the version.
    pub priors: Priors,
    /// Difficulty of each item; any other has the prior.
    pub items: BTreeMap<String, Belief>,
    /// Difficulty of each knowledge point; any other has the prior.
    pub skills: BTreeMap<String, Belief>,
    /// Difficulty of the median fitted item of each knowledge point, logits; any other has the
    /// difficulty of its knowledge point.
    pub medians: BTreeMap<String, f64>,
}

impl ItemParameters {
    /// Nothing fitted: every item and knowledge point has its prior.
    pub fn unfitted() -> Self {
        Self {
            version: 0,
            priors: Priors::STANDARD,
            items: BTreeMap::new(),
            skills: BTreeMap::new(),
            medians: BTreeMap::new(),
        }
    }

    fn item(&self, id: &str) -> Belief {
        let prior = || Belief::around_zero(self.priors.item);
        self.items.get(id).copied().unwrap_or_else(prior)
    }

    fn skill(&self, id: &str) -> Belief {
        let prior = || Belief::around_zero(self.priors.skill_difficulty);
        self.skills.get(id).copied().unwrap_or_else(prior)
    }

    /// The difficulty of a median item of a knowledge point, logits.
    fn median(&self, skill: &str) -> f64 {
        self.medians.get(skill).copied().unwrap_or_else(|| self.skill(skill).mean())
    }
}

/// What is known of one pupil.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The version of the item parameters that it was folded with.
    pub item_version: u32,
    /// Ability over all knowledge points, logits.
    pub ability: Belief,
    /// Answers folded.
    pub answers: u32,
    /// Every knowledge point that an answer carried.
    pub skills: BTreeMap<String, Skill>,
}

/// What is known of one pupil on one knowledge point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Skill {
    /// How far the pupil's ability here lies from the ability over all, logits.
    pub deviation: Belief,
    /// Answers that carried it.
    pub answers: u32,
    /// A median item of this knowledge point, logits.
    difficulty: f64,
}

/// How well a pupil masters one knowledge point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mastery {
    /// The probability that the pupil masters it: that `rate` is above [`Mastery::RATE`].
    pub probability: f64,
    /// The chance to answer a median item of this knowledge point rightly (the median of what is
    /// believed of it).
    pub rate: f64,
    /// Where the true chance lies with 90 % probability: its lower end, …
    pub low: f64,
    /// … and its upper end. `low ≤ rate ≤ high`, all within (0, 1).
    pub high: f64,
    /// Answers that carried the knowledge point.
    pub answers: u32,
}

impl Mastery {
    /// To master a knowledge point is to answer its median item rightly more often than this.
    pub const RATE: f64 = 0.8;
    /// With fewer answers nothing is said. Predictions over a pupil's first answers are hardly
    /// better than guessing by item (AUC .71–.73 on the first five), and below three a single slip
    /// turns the verdict over: one right answer alone would already lift a pupil above the prior.
    pub const ANSWERS_MIN: u32 = 3;
}

impl Profile {
    /// Mastery of one knowledge point as of the last answer; `None` while fewer than
    /// [`Mastery::ANSWERS_MIN`] answers carried it.
    ///
    /// The interval is of the pupil's uncertainty: a median item is one whose difficulty is known.
    pub fn mastery(&self, skill: &str) -> Option<Mastery> {
        /// 95th percentile of the standard normal distribution: 5 % on each side.
        const Z: f64 = 1.644_853_626_951_472_7;
        let skill = self.skills.get(skill).filter(|s| s.answers >= Mastery::ANSWERS_MIN)?;
        let mean = self.ability.mean() + skill.deviation.mean() - skill.difficulty;
        let variance = self.ability.variance() + skill.deviation.variance();
        let deviation = variance.sqrt().max(f64::MIN_POSITIVE);
        let threshold = (Mastery::RATE / (1.0 - Mastery::RATE)).ln();
        Some(Mastery {
            probability: normal_cdf((mean - threshold) / deviation),
            rate: logistic(mean),
            low: logistic(mean - Z * deviation),
            high: logistic(mean + Z * deviation),
            answers: skill.answers,
        })
    }
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// Folds a pupil's settled answers, oldest first, into a profile.
///
/// The same answers in the same order give the same numbers to the last bit, whatever was folded
/// before and for whom: items are held still (the crate's documentation says why). A revised
/// response is folded by folding the whole history again.
///
/// ```
/// # use learning::{Credit, ItemParameters, Observation, fold};
/// let right = Observation {
///     item: "sums/1".into(),
///     skills: vec!["carry".into()],
///     credit: Credit::FULL,
///     day: 0,
/// };
/// let items = ItemParameters::unfitted();
/// let twice = fold(&items, &[right.clone(), right.clone()]);
/// assert!(twice.ability.mean() > 0.0);
/// assert_eq!(twice.mastery("carry"), None); // two answers are no evidence yet
/// let thrice = fold(&items, &[right.clone(), right.clone(), right]);
/// assert!(thrice.mastery("carry").is_some());
/// ```
pub fn fold(items: &ItemParameters, history: &[Observation]) -> Profile {
    let pupil = walk(items, history, |_| {});
    let skills = pupil.skills.iter().map(|(name, state)| {
        let skill = Skill {
            deviation: state.belief,
            answers: state.answers,
            difficulty: items.median(name),
        };
        ((*name).to_owned(), skill)
    });
    Profile {
        item_version: items.version,
        ability: pupil.ability.belief,
        answers: pupil.ability.answers,
        skills: skills.collect(),
    }
}

/// The credit that [`fold`] expects of each of a pupil's answers before it learns from it: 0 to 1,
/// one per answer, in their order.
pub fn predict(items: &ItemParameters, history: &[Observation]) -> Vec<f64> {
    let mut predicted = Vec::with_capacity(history.len());
    walk(items, history, |expected| predicted.push(expected));
    predicted
}

fn walk<'h>(
    items: &ItemParameters,
    history: &'h [Observation],
    mut expected: impl FnMut(f64),
) -> Pupil<&'h str> {
    let mut pupil: Pupil<&str> = Pupil::new(&items.priors);
    let mut names: Vec<&str> = Vec::new();
    for answer in history {
        names.clear();
        for name in &answer.skills {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let item = items.item(&answer.item);
        let difficulty = |skill: &str| items.skill(skill);
        let step = pupil.answer(&names, item, difficulty, answer.credit, answer.day, &items.priors);
        expected(step.predicted);
    }
    pupil
}
