//! How sure the recognizer may be, fitted on validation writers.

use ink::{Handwriting, Sample};
use recognition::{
    Alphabet, Calibration, Evidence, Model, Recognizer, Scratch, Split, samples, symbol_heights,
};

use crate::corpus::Corpus;
use crate::measure::{self, Answers};
use crate::numbers;
use crate::surroundings::{self, Extra};

/// Fits temperatures and the curve of numbers.
pub(crate) fn fit(parameters: &[f32], corpus: &Corpus, seed: u64) -> anyhow::Result<Calibration> {
    let answers = measure::answers(parameters, corpus, Split::Validation, None);
    let mut calibration = Calibration::NONE;
    for alphabet in [
        Alphabet::Digits,
        Alphabet::Letters,
        Alphabet::TrueFalse,
        Alphabet::Operators,
        Alphabet::Comparison,
    ] {
        let sets: Vec<&Answers> = answers.iter().filter(|a| a.alphabet == alphabet).collect();
        calibration.temperatures[Calibration::position(alphabet)] = temperature(&sets);
    }
    let recognizer = Recognizer::from_bytes(&Model::to_bytes(calibration, parameters))?;
    let mut plain = evidence(&recognizer, &numbers::real(corpus, Split::Validation));
    plain.extend(evidence(&recognizer, &numbers::composed(corpus, Split::Validation, seed)));
    let mut lead: Vec<Seen> = Vec::new();
    let mut clean: Vec<Seen> = Vec::new();
    for (evidence, right) in plain {
        lead.push(Seen { log_odds: evidence.lead, right, weight: 1.0 });
        clean.push(Seen { log_odds: evidence.clean, right: true, weight: 1.0 });
    }
    // Brackets the network does not know, and what is struck out marking takes away first: neither
    // says how far the lead is to be trusted.
    let left_out = [Extra::Brackets, Extra::OpeningBracket, Extra::Struck];
    for extra in Extra::ALL.into_iter().filter(|extra| !left_out.contains(extra)) {
        // Another seed than the figures have.
        let items = surroundings::numbers(corpus, Split::Validation, extra, seed + 1);
        let seen = evidence(&recognizer, &items).into_iter().map(|(evidence, right)| Seen {
            log_odds: evidence.clean,
            // With anything else than punctuation in it, no number is to be believed.
            right: right && extra.is_punctuation(),
            weight: EXTRA_WEIGHT,
        });
        clean.extend(seen);
    }
    calibration.number = [logistic(&lead), logistic(&clean)];
    Ok(calibration)
}

/// How often a number has each extra against one without, somewhat more than is likely.
const EXTRA_WEIGHT: f64 = 0.04;

/// One case to fit a curve to.
struct Seen {
    log_odds: f32,
    right: bool,
    weight: f64,
}

/// The temperature of least surprise, never below one: few validation writers wrote some kinds,
/// and their having no error must not make the recognizer surer than it is.
fn temperature(sets: &[&Answers]) -> f32 {
    let loss = |t: f32| sets.iter().map(|set| set.loss(t)).sum::<f64>();
    let all = (0..=60).map(|i| 1.0 + 0.02 * i as f32);
    all.min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap_or(1.0)
}

fn evidence(recognizer: &Recognizer, items: &[Handwriting]) -> Vec<(Evidence, bool)> {
    let heights = symbol_heights(items, Alphabet::Number);
    let mut scratch = Scratch::new();
    let mut one = |item: &Handwriting| {
        let scale = recognition::SYMBOL_HEIGHT_UM / heights[item.writer.as_str()];
        let strokes = samples(item, scale);
        let strokes: Vec<&[Sample]> = strokes.iter().map(Vec::as_slice).collect();
        let (text, evidence) =
            recognizer.number_evidence(&strokes, Alphabet::Number, &mut scratch)?;
        Some((evidence, text == item.label))
    };
    items.iter().filter_map(&mut one).collect()
}

/// Logistic regression by Newton's steps would need a solver; plain descent on two numbers does.
fn logistic(seen: &[Seen]) -> [f32; 2] {
    let all: f64 = seen.iter().map(|seen| seen.weight).sum();
    let mut weights = [0.0_f64, 0.5];
    for _ in 0..20_000 {
        let mut slope = [0.0; 2];
        for seen in seen {
            let x = [1.0, f64::from(seen.log_odds)];
            let log_odds: f64 = x.iter().zip(weights).map(|(x, w)| x * w).sum();
            let missed = f64::from(u8::from(seen.right)) - 1.0 / (1.0 + (-log_odds).exp());
            slope.iter_mut().zip(x).for_each(|(s, x)| *s += seen.weight * missed * x / all);
        }
        weights.iter_mut().zip(slope).for_each(|(w, s)| *w += 0.05 * s);
    }
    // More lead never makes a number less likely.
    [weights[0] as f32, weights[1].max(0.0) as f32]
}
