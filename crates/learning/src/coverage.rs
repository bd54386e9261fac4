//! Whether the intervals that are shown hold what they promise.

use std::collections::BTreeMap;

use crate::profile::walk;
use crate::step::{Pupil, Sum, Trait, probability, share};
use crate::{ItemParameters, Mastery, Observation};

/// How often the next [`Mastery::AHEAD`] answers on a knowledge point earned what the 90 % interval
/// of mastery says, once the chance of single answers is allowed for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// The share of intervals that held, 0 to 1.
    pub share: f64,
    /// Intervals looked at.
    pub n: usize,
}

impl Coverage {
    /// Looks at every pupil and knowledge point, first where [`Mastery::ANSWERS_MIN`] answers carried
    /// it and again after each further [`Mastery::AHEAD`], as long as so many follow. `None` where
    /// nobody answered that often.
    pub fn of<'h>(
        items: &ItemParameters,
        histories: impl IntoIterator<Item = &'h [Observation]>,
    ) -> Option<Self> {
        Forecasts::of(items, histories).coverage(items.priors.spread)
    }
}

/// What was expected of the next answers on one knowledge point, and what came.
struct Forecast {
    earned: f64,
    expected: f64,
    /// Variance of the sum if the pupil were known: Σ p(1 − p).
    of_answers: f64,
    /// Standard deviation of the sum by what is not known of the pupil, before spreading.
    of_pupil: f64,
}

#[derive(Default)]
pub(crate) struct Forecasts {
    all: Vec<Forecast>,
    /// Σ (credit − expected)² over single answers, and …
    squares: f64,
    /// … Σ p(1 − p) over the same: as much where answers are right or wrong, more where they earn
    /// parts of their points.
    variances: f64,
}

impl Forecasts {
    pub(crate) fn of<'h>(
        items: &ItemParameters,
        histories: impl IntoIterator<Item = &'h [Observation]>,
    ) -> Self {
        let mut forecasts = Self::default();
        for history in histories {
            forecasts.add(items, history);
        }
        forecasts
    }

    fn add<'h>(&mut self, items: &ItemParameters, history: &'h [Observation]) {
        let mut carrying: BTreeMap<&str, Vec<&Observation>> = BTreeMap::new();
        for observation in history.iter().filter(|o| o.outcome.credit().is_some()) {
            for skill in observation.skills() {
                carrying.entry(skill).or_default().push(observation);
            }
        }
        let ahead = Mastery::AHEAD as usize;
        walk(items, history, |pupil: &Pupil<&'h str>, answered| {
            self.squares += (answered.credit.share() - answered.expected).powi(2);
            self.variances += answered.expected * (1.0 - answered.expected);
            for (skill, known) in pupil.touched() {
                let since = known.answers.checked_sub(Mastery::ANSWERS_MIN);
                if since.is_none_or(|since| !since.is_multiple_of(Mastery::AHEAD)) {
                    continue;
                }
                let seen = known.answers as usize;
                let next = carrying.get(skill).and_then(|all| all.get(seen..seen + ahead));
                if let Some(next) = next {
                    self.all.push(forecast(items, pupil, skill, known, next));
                }
            }
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// The share of intervals that hold if what is not known of a pupil is spread by this factor.
    pub(crate) fn coverage(&self, spread: f64) -> Option<Coverage> {
        if self.all.is_empty() {
            return None;
        }
        let dispersion = self.squares / self.variances.max(f64::MIN_POSITIVE);
        let holds = |f: &&Forecast| {
            let variance = dispersion * f.of_answers + (spread * f.of_pupil).powi(2);
            (f.earned - f.expected).abs() <= Mastery::Z * variance.sqrt()
        };
        let held = self.all.iter().filter(holds).count();
        Some(Coverage { share: held as f64 / self.all.len() as f64, n: self.all.len() })
    }
}

fn forecast(
    items: &ItemParameters,
    pupil: &Pupil<&str>,
    skill: &str,
    known: &Trait,
    next: &[&Observation],
) -> Forecast {
    let priors = &items.priors;
    let mut learnt = 0.0;
    let mut told = Forecast { earned: 0.0, expected: 0.0, of_answers: 0.0, of_pupil: 0.0 };
    for (place, observation) in (1..).zip(next) {
        let loading = share(observation.skills().count());
        let later = |known: &Trait, prior: f64| {
            let since = known.last_day.unwrap_or(observation.day);
            priors.ahead(known.belief, since, observation.day, prior)
        };
        let (mut of_pupil, mut of_items) = (Sum::default(), Sum::default());
        of_pupil.add(later(&pupil.ability, priors.ability), 1.0);
        of_items.add(items.item(&observation.item), -1.0);
        for name in observation.skills() {
            let unseen = || Trait::new(priors.skill);
            let mut belief =
                later(&pupil.skill(name).copied().unwrap_or_else(unseen), priors.skill);
            if name == skill {
                belief.shift(learnt);
            }
            of_pupil.add(belief, loading);
            of_items.add(items.skill(name), -loading);
        }
        let variance = of_pupil.variance() + of_items.variance();
        let expected = probability(of_pupil.mean() + of_items.mean(), variance);
        told.earned += observation.outcome.credit().map_or(0.0, |credit| credit.share());
        told.expected += expected;
        told.of_answers += expected * (1.0 - expected);
        told.of_pupil += expected * (1.0 - expected) * of_pupil.variance().sqrt();
        learnt += priors.practice(known.answers.saturating_add(place), expected);
    }
    told
}
