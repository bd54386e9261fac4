//! One answer: what was expected, and what it teaches.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::{Belief, Credit};

/// The numbers of the model that no single item owns, chosen with each fit and kept with it.
/// Variances are in squared logits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Priors {
    /// Variance of a pupil's ability.
    pub ability: f64,
    /// Variance of a pupil's deviation from it on one knowledge point.
    pub skill: f64,
    /// Variance of an item's difficulty.
    pub item: f64,
    /// Variance of a knowledge point's difficulty.
    pub skill_difficulty: f64,
    /// Added to the variance of what a pupil knows with each answer, up to the prior.
    pub noise_per_answer: f64,
    /// Added for each day that passed since the answer before, up to the prior.
    pub noise_per_day: f64,
    /// What practice teaches, logits: the n-th answer that carries a knowledge point raises the
    /// pupil's deviation on it by learning·(1 − p)/√n, where p is the credit that was expected.
    /// Little is left to be learnt where p is near 1, and repetition teaches less each time.
    pub learning: f64,
    /// Factor on the standard deviation of what is believed of a pupil, wherever it is shown.
    /// A fit sets it such that the shown interval covers the answers that came next.
    pub spread: f64,
}

impl Priors {
    /// The middle of the ranges that were measured to be good. Two answer logs hardly tell them
    /// apart (`tests/answer_logs.rs`: AUC and RMSE move by less than .002 over the ranges). Neither
    /// log tells a rate for a day; with this one, what was learnt is all open again in a year.
    ///
    /// `learning` and `spread` are what a fit keeps where there are too few answers to choose by.
    pub const STANDARD: Self = Self {
        ability: 0.5,
        skill: 0.7,
        item: 1.0,
        skill_difficulty: 0.5,
        noise_per_answer: 0.01,
        noise_per_day: 0.002,
        learning: 0.2,
        spread: 0.9,
    };

    /// What an answer teaches on a knowledge point that `answers` answers have now carried, logits.
    pub(crate) fn practice(&self, answers: u32, expected: f64) -> f64 {
        self.learning * (1.0 - expected) / f64::from(answers.max(1)).sqrt()
    }
}

/// Probabilities stay this far from 0 and 1, so that no logarithm or ratio of them is infinite.
const PROBABILITY_MIN: f64 = 1e-9;

/// The logistic function at the mean of a Gaussian, flattened by its variance (MacKay 1992, "The
/// evidence framework applied to classification networks").
pub(crate) fn probability(mean: f64, variance: f64) -> f64 {
    logistic(mean / (1.0 + PI * variance / 8.0).sqrt())
}

/// Strictly between 0 and 1.
pub(crate) fn logistic(x: f64) -> f64 {
    (1.0 / (1.0 + (-x).exp())).clamp(PROBABILITY_MIN, 1.0 - PROBABILITY_MIN)
}

/// The sum of beliefs that an answer depends on, each with its loading: +1 for ability, −1 for the
/// item, ±1/m for each of m knowledge points.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    mean: f64,
    variance: f64,
}

impl Sum {
    pub(crate) fn add(&mut self, belief: Belief, loading: f64) {
        self.mean += loading * belief.mean();
        self.variance += loading * loading * belief.variance();
    }

    pub(crate) fn mean(self) -> f64 {
        self.mean
    }

    pub(crate) fn variance(self) -> f64 {
        self.variance
    }
}

/// What one answer teaches, to be applied to every belief that it depended on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// The probability of full credit before the answer was known.
    pub(crate) predicted: f64,
    gain: f64,
    shrink: f64,
}

impl Step {
    pub(crate) fn of(sum: Sum, credit: Credit) -> Self {
        let predicted = probability(sum.mean, sum.variance);
        let curvature = predicted * (1.0 - predicted);
        let damping = 1.0 + curvature * sum.variance;
        Self {
            predicted,
            gain: (credit.share() - predicted) / damping,
            shrink: curvature / damping,
        }
    }

    /// Mean += aV·g, variance −= (aV)²·h/(1+hv). Since hv ≥ h·a²V, less than V is taken away.
    pub(crate) fn teach(&self, belief: &mut Belief, loading: f64) {
        let reach = loading * belief.variance();
        belief.shift(reach * self.gain);
        belief.narrow(reach * reach * self.shrink);
    }
}

/// What is believed of one thing that a pupil knows, and when it was last seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trait {
    pub(crate) belief: Belief,
    pub(crate) answers: u32,
    /// The latest day of an answer.
    pub(crate) last_day: Option<i32>,
}

impl Trait {
    pub(crate) fn new(prior: f64) -> Self {
        Self { belief: Belief::around_zero(prior), answers: 0, last_day: None }
    }

    /// Time passes until an answer on `day`. A day before the last one counts as the same day.
    fn drift(&mut self, day: i32, prior: f64, noise: &Priors) {
        if let Some(last) = self.last_day {
            let days = (f64::from(day) - f64::from(last)).max(0.0);
            self.belief.widen(noise.noise_per_answer + noise.noise_per_day * days, prior);
        }
        self.last_day = Some(self.last_day.map_or(day, |last| last.max(day)));
        self.answers = self.answers.saturating_add(1);
    }
}

/// Everything believed of one pupil; `K` names knowledge points.
#[derive(Clone, Debug)]
pub(crate) struct Pupil<K> {
    pub(crate) ability: Trait,
    /// Sorted by name.
    pub(crate) skills: Vec<(K, Trait)>,
    /// Places in `skills` that the last answer carried.
    touched: Vec<usize>,
}

impl<K: Ord + Copy> Pupil<K> {
    pub(crate) fn new(priors: &Priors) -> Self {
        Self { ability: Trait::new(priors.ability), skills: Vec::new(), touched: Vec::new() }
    }

    /// The update: lets time pass, predicts, and learns from the answer. `difficulty` gives the
    /// belief about a knowledge point's difficulty. The caller teaches item and difficulties, or
    /// holds them still. `names` has no name twice.
    pub(crate) fn answer(
        &mut self,
        names: &[K],
        item: Belief,
        difficulty: impl Fn(K) -> Belief,
        credit: Credit,
        day: i32,
        priors: &Priors,
    ) -> Step {
        for &name in names {
            if let Err(place) = self.skills.binary_search_by_key(&name, |(k, _)| *k) {
                self.skills.insert(place, (name, Trait::new(priors.skill)));
            }
        }
        self.touched.clear();
        let loading = share(names.len());
        let mut sum = Sum::default();
        self.ability.drift(day, priors.ability, priors);
        sum.add(self.ability.belief, 1.0);
        sum.add(item, -1.0);
        for &name in names {
            let Ok(place) = self.skills.binary_search_by_key(&name, |(k, _)| *k) else { continue };
            let skill = &mut self.skills[place].1;
            skill.drift(day, priors.skill, priors);
            sum.add(skill.belief, loading);
            sum.add(difficulty(name), -loading);
            self.touched.push(place);
        }
        let step = Step::of(sum, credit);
        step.teach(&mut self.ability.belief, 1.0);
        for &place in &self.touched {
            let skill = &mut self.skills[place].1;
            step.teach(&mut skill.belief, loading);
            skill.belief.shift(priors.practice(skill.answers, step.predicted));
        }
        step
    }

    /// What the last answer carried.
    pub(crate) fn touched(&self) -> impl Iterator<Item = (K, &Trait)> {
        self.touched.iter().map(|&place| (self.skills[place].0, &self.skills[place].1))
    }

    /// What is known on one knowledge point; `None` where no answer carried it.
    pub(crate) fn skill(&self, name: K) -> Option<&Trait> {
        let place = self.skills.binary_search_by_key(&name, |(k, _)| *k).ok()?;
        Some(&self.skills[place].1)
    }
}

/// 1/m, the loading of each of m knowledge points.
pub(crate) fn share(count: usize) -> f64 {
    1.0 / count.max(1) as f64
}
