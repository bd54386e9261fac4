//! A pupil: what they can do, how they work, how they write.

use std::collections::BTreeMap;
use std::sync::Arc;

use worksheet::Question;

use crate::hand::Hand;
use crate::handwriting::Writers;
use crate::random::{Random, logistic};
use crate::setup::Setup;
use crate::skeleton::Skeletons;

/// One pupil's ways.
#[derive(Clone, Debug)]
pub(crate) struct Persona {
    pub(crate) hand: Hand,
    /// Mean 0, deviation 1 over all pupils.
    pub(crate) ability: f64,
    /// Probability of a right answer by knowledge point.
    pub(crate) right_probability: BTreeMap<String, f64>,
    /// Probability that a question is left blank, besides not knowing.
    pub(crate) blank: f64,
    /// Probability of crossing out a first answer.
    pub(crate) correction: f64,
    /// Probability of writing over the edge of a field.
    pub(crate) overflow: f64,
    /// Mean time to think about a short question.
    pub(crate) think_ms: f64,
    /// Milliseconds after the evening's start at which they begin.
    pub(crate) late_ms: i64,
    /// Where in a field they write: left edge -1, right edge 1.
    pub(crate) leaning: f64,
    /// How they fill bubbles.
    pub(crate) fill: Fill,
}

/// A way to fill a bubble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// To and fro, level.
    Level,
    /// To and fro, slanting.
    Slanting,
    /// Round and round.
    Spiral,
}

impl Persona {
    /// The pupil at `position` of the class.
    pub(crate) fn new(
        setup: &Setup,
        position: usize,
        skeletons: &Arc<Skeletons>,
        writers: Option<Writers>,
    ) -> Self {
        let pupil = &setup.class.pupils[position];
        let name = format!("{}/{}", setup.class.id, pupil.id);
        let mut random = Random::stream(setup.seed, &["persona", &name]);
        let ability = random.normal();
        // Most begin within five minutes, some after dinner.
        let late_ms = match random.chance(0.2) {
            true => random.between_ms(300_000, 720_000),
            false => random.between_ms(5_000, 240_000),
        };
        let fill = match random.unit() {
            u if u < 0.45 => Fill::Level,
            u if u < 0.8 => Fill::Slanting,
            _ => Fill::Spiral,
        };
        Self {
            hand: Hand::new(setup.seed, &name, skeletons, writers),
            ability,
            right_probability: knowledge(setup, ability, &mut random),
            blank: (0.02 - 0.012 * ability).clamp(0.004, 0.05),
            correction: random.between(0.02, 0.09),
            overflow: random.between(0.0, 0.05),
            think_ms: random.around(3200.0, 700.0) - 350.0 * ability,
            late_ms,
            leaning: random.around(-0.12, 0.12),
            fill,
        }
    }

    /// Probability that this pupil answers this question right: the weakest of its points.
    pub(crate) fn right_probability(&self, question: &Question) -> f64 {
        let known = question.knowledge_points.iter().filter_map(|k| self.right_probability.get(k));
        known.copied().fold(1.0, f64::min)
    }
}

/// Right answers by knowledge point: a point is as hard for the whole class, and a pupil is a
/// little better at one than at another.
fn knowledge(setup: &Setup, ability: f64, random: &mut Random) -> BTreeMap<String, f64> {
    let points: std::collections::BTreeSet<&String> = setup
        .assignments
        .iter()
        .flat_map(|plan| &plan.worksheet.questions)
        .flat_map(|question| &question.knowledge_points)
        .collect();
    points
        .into_iter()
        .map(|point| {
            let ease = Random::stream(setup.seed, &["point", point]).around(2.3, 0.7);
            let logit = ease + 0.9 * ability + random.around(0.0, 0.4);
            // Three decimals are enough for the manifest, and a pupil is never sure.
            let probability = (logistic(logit) * 1000.0).round() / 1000.0;
            (point.clone(), probability.clamp(0.05, 0.995))
        })
        .collect()
}
