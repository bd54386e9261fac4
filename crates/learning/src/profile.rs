//! The fold over a pupil's settled answers.

use std::collections::BTreeMap;

use crate::step::{Pupil, Trait};
use crate::{Belief, Credit, Outcome, Priors, Process, State};

/// One settled response.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Which question, stable over pupils: worksheet id and question id.
    pub item: String,
    /// The knowledge points that it carries; one named twice counts once.
    pub skills: Vec<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// The day it was written, counted from any origin, local to the school.
    pub day: i32,
    /// How it was written; `None` where nothing was, or where only scores are known. No number of a
    /// profile depends on it yet.
    pub process: Option<Process>,
}

impl Observation {
    /// The knowledge points, each once.
    pub(crate) fn skills(&self) -> impl Iterator<Item = &str> {
        let new = |(place, name): &(usize, &String)| !self.skills[..*place].contains(name);
        self.skills.iter().enumerate().filter(new).map(|(_, name)| name.as_str())
    }
}

/// What is known of items, fitted in batch from all pupils' answers. A profile names the version
/// it was folded with.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemParameters {
    /// Counts the fits; 0 where nothing is fitted yet.
    pub version: u32,
    /// Priors, process noise and learning, part of the version.
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

    pub(crate) fn item(&self, id: &str) -> Belief {
        let prior = || Belief::around_zero(self.priors.item);
        self.items.get(id).copied().unwrap_or_else(prior)
    }

    pub(crate) fn skill(&self, id: &str) -> Belief {
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
    /// Ability over all knowledge points as of the last answer, logits.
    pub ability: Belief,
    /// The latest day of an answer; `None` without answers.
    pub last_day: Option<i32>,
    /// Answers folded. A question that was not reached does not count.
    pub answers: u32,
    /// For every knowledge point that an answer carried, what was believed at the end of each day
    /// on which one did: oldest first, at least one.
    pub states: BTreeMap<String, Vec<State>>,
}

impl Profile {
    /// What is believed on one knowledge point now: its last state, with the ability as later
    /// answers to other knowledge points left it. `None` where no answer carried it.
    pub fn state(&self, skill: &str) -> Option<State> {
        let last = *self.states.get(skill)?.last()?;
        let ability_day = self.last_day.unwrap_or(last.day);
        Some(State { ability: self.ability, ability_day, ..last })
    }
}

/// Folds a pupil's settled answers, oldest first, into a profile.
///
/// The same answers in the same order give the same numbers to the last bit, whatever was folded
/// before and for whom: items are held still (the crate's documentation says why). A revised
/// response is folded by folding the whole history again.
///
/// ```
/// # use learning::{Credit, ItemParameters, Observation, Outcome, fold};
/// let right = Observation {
///     item: "sums/1".into(),
///     skills: vec!["carry".into()],
///     outcome: Outcome::Answered(Credit::FULL),
///     day: 0,
///     process: None,
/// };
/// let items = ItemParameters::unfitted();
/// let mastery = |history: &[Observation], day| {
///     fold(&items, history).state("carry").and_then(|state| state.mastery(&items.priors, day))
/// };
/// assert_eq!(mastery(&vec![right.clone(); 4], 0), None); // four answers are no evidence yet
/// let today = mastery(&vec![right.clone(); 5], 0).unwrap();
/// let after_the_holidays = mastery(&vec![right; 5], 60).unwrap();
/// assert!(after_the_holidays.low < today.low);
/// ```
pub fn fold(items: &ItemParameters, history: &[Observation]) -> Profile {
    let mut days = Days::default();
    let pupil = walk(items, history, |pupil, _| days.after(items, pupil));
    days.end(items);
    Profile {
        item_version: items.version,
        ability: pupil.ability.belief,
        last_day: pupil.ability.last_day,
        answers: pupil.ability.answers,
        states: days.states,
    }
}

/// Gathers what is believed at the end of each day.
#[derive(Default)]
struct Days<'h> {
    states: BTreeMap<String, Vec<State>>,
    day: i32,
    ability: Belief,
    /// The knowledge points that answers of this day carried, as the last of them left them.
    carried: Vec<(&'h str, Trait)>,
}

impl<'h> Days<'h> {
    fn after(&mut self, items: &ItemParameters, pupil: &Pupil<&'h str>) {
        let day = pupil.ability.last_day.unwrap_or(self.day);
        if day != self.day {
            self.end(items);
            self.day = day;
        }
        self.ability = pupil.ability.belief;
        for (name, skill) in pupil.touched() {
            match self.carried.iter_mut().find(|(carried, _)| *carried == name) {
                Some((_, before)) => *before = *skill,
                None => self.carried.push((name, *skill)),
            }
        }
    }

    fn end(&mut self, items: &ItemParameters) {
        for (name, skill) in self.carried.drain(..) {
            let state = State {
                day: self.day,
                ability: self.ability,
                ability_day: self.day,
                deviation: skill.belief,
                answers: skill.answers,
                difficulty: items.median(name),
            };
            match self.states.get_mut(name) {
                Some(states) => states.push(state),
                None => {
                    self.states.insert(name.to_owned(), vec![state]);
                }
            }
        }
    }
}

/// The credit that [`fold`] expects of each of a pupil's answers before it learns from it, 0 to 1,
/// beside the credit that was earned: one pair per answer, in their order. Questions that were not
/// reached are no answers.
pub fn predict(items: &ItemParameters, history: &[Observation]) -> Vec<(f64, Credit)> {
    let mut pairs = Vec::with_capacity(history.len());
    walk(items, history, |_, answer| pairs.push((answer.expected, answer.credit)));
    pairs
}

/// An answer that was just learnt from.
pub(crate) struct Answered {
    pub(crate) credit: Credit,
    /// The credit that was expected before.
    pub(crate) expected: f64,
}

/// Learns from a pupil's answers one by one and shows the pupil after each.
pub(crate) fn walk<'h>(
    items: &ItemParameters,
    history: &'h [Observation],
    mut after: impl FnMut(&Pupil<&'h str>, Answered),
) -> Pupil<&'h str> {
    let mut pupil: Pupil<&str> = Pupil::new(&items.priors);
    let mut names: Vec<&str> = Vec::new();
    for observation in history {
        let Some(credit) = observation.outcome.credit() else { continue };
        names.clear();
        names.extend(observation.skills());
        let item = items.item(&observation.item);
        let difficulty = |skill: &str| items.skill(skill);
        let step = pupil.answer(&names, item, difficulty, credit, observation.day, &items.priors);
        after(&pupil, Answered { credit, expected: step.predicted });
    }
    pupil
}
