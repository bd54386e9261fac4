//! What is said of a pupil's command of one knowledge point.

use crate::step::{logistic, probability};
use crate::{Belief, Priors};

/// What is believed of one pupil on one knowledge point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// The day of the last answer that carried the knowledge point.
    pub day: i32,
    /// Ability over all knowledge points, logits.
    pub ability: Belief,
    /// The day of the last answer that `ability` has seen.
    pub ability_day: i32,
    /// How far the pupil's ability here lies from the ability over all, logits.
    pub deviation: Belief,
    /// Answers so far that carried it.
    pub answers: u32,
    /// A median item of the knowledge point, logits.
    pub difficulty: f64,
}

/// How well a pupil masters one knowledge point: the chance to answer a median item of it rightly,
/// over the next [`Mastery::AHEAD`] answers.
///
/// It is about answers to come because those alone can tell whether what is said is true; see
/// [`crate::Coverage`]. What the pupil learns while giving them is part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mastery {
    /// The probability that the pupil masters it: that the chance is above [`Mastery::RATE`].
    pub probability: f64,
    /// The median of what is believed of the chance.
    pub rate: f64,
    /// Where the true chance lies with 90 % probability: its lower end, …
    pub low: f64,
    /// … and its upper end. `low ≤ rate ≤ high`, all within (0, 1).
    pub high: f64,
}

impl Mastery {
    /// To master a knowledge point is to answer its median item rightly more often than this.
    pub const RATE: f64 = 0.8;
    /// With fewer answers nothing is said: predictions over a pupil's first five answers are hardly
    /// better than guessing by item (AUC .71–.73).
    pub const ANSWERS_MIN: u32 = 5;
    /// The answers to come that it is about.
    pub const AHEAD: u32 = 20;
    /// 95th percentile of the standard normal distribution: 5 % on each side.
    pub(crate) const Z: f64 = 1.644_853_626_951_472_7;
}

impl State {
    /// Mastery as of `day`, with the priors of the profile that the state is of; `None` while fewer
    /// than [`Mastery::ANSWERS_MIN`] answers carried the knowledge point. The longer ago the last
    /// answer is, the wider the interval. A day before it counts as its day.
    ///
    /// The interval is of the pupil's uncertainty: a median item is one whose difficulty is known.
    pub fn mastery(&self, priors: &Priors, day: i32) -> Option<Mastery> {
        if self.answers < Mastery::ANSWERS_MIN {
            return None;
        }
        let ability = priors.ahead(self.ability, self.ability_day, day, priors.ability);
        let deviation = priors.ahead(self.deviation, self.day, day, priors.skill);
        let variance = ability.variance() + deviation.variance();
        let now = ability.mean() + deviation.mean() - self.difficulty;
        let mean = now + self.practice_ahead(now, variance, priors);
        let deviation = (variance.sqrt() * priors.spread).max(f64::MIN_POSITIVE);
        let threshold = (Mastery::RATE / (1.0 - Mastery::RATE)).ln();
        Some(Mastery {
            probability: normal_cdf((mean - threshold) / deviation),
            rate: logistic(mean),
            low: logistic(mean - Mastery::Z * deviation),
            high: logistic(mean + Mastery::Z * deviation),
        })
    }

    /// What the answers to come teach: its mean over them, logits.
    fn practice_ahead(&self, now: f64, variance: f64, priors: &Priors) -> f64 {
        let (mut learnt, mut sum) = (0.0, 0.0);
        for next in 1..=Mastery::AHEAD {
            sum += learnt;
            let expected = probability(now + learnt, variance);
            learnt += priors.practice(self.answers.saturating_add(next), expected);
        }
        sum / f64::from(Mastery::AHEAD)
    }
}

impl Priors {
    /// What a belief of the day `since` is worth on `day` as one of the answers to come: wider by
    /// the days between, and by what the mean of a random walk gains over those answers, a third of
    /// what the walk itself gains. At most as wide as its prior.
    pub(crate) fn ahead(&self, belief: Belief, since: i32, day: i32, prior: f64) -> Belief {
        let days = (f64::from(day) - f64::from(since)).max(0.0);
        let answers = f64::from(Mastery::AHEAD) / 3.0;
        belief.widened(self.noise_per_day * days + self.noise_per_answer * answers, prior)
    }
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}
