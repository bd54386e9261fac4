//! How sure the recognizer may be, fitted on validation writers.

use std::collections::BTreeMap;

use ink::{Handwriting, Sample};
use recognition::hand::Hands;
use recognition::{
    Alphabet, Answer, Calibration, Context, Evidence, Model, Recognizer, SYMBOL_HEIGHT_UM, Scale,
    Scratch, Split, samples, symbol_heights,
};

use crate::corpus::Corpus;
use crate::measure::{self, Answers, Shown};
use crate::numbers;
use crate::surroundings::{self, Extra};

/// Fits scales and the curves of numbers.
pub(crate) fn fit(
    parameters: &[f32],
    hands: &Hands,
    corpus: &Corpus,
    seed: u64,
) -> anyhow::Result<Calibration> {
    let answers = measure::answers(parameters, corpus, Split::Validation, Shown::Sound);
    let mut calibration = Calibration::NONE;
    for alphabet in [
        Alphabet::Digits,
        Alphabet::Letters,
        Alphabet::TrueFalse,
        Alphabet::Operators,
        Alphabet::Comparison,
    ] {
        let sets: Vec<&Answers> = answers.iter().filter(|a| a.alphabet == alphabet).collect();
        if !sets.is_empty() {
            let strangers = measure::strangers(parameters, corpus, Split::Validation, alphabet);
            calibration.scales[Calibration::position(alphabet)] = scale(&sets, &strangers);
        }
    }
    // Own digits are those of numbers that are read surely by themselves, so that comes first.
    for hands in [&Hands::none(), hands] {
        let bytes = Model::to_bytes(calibration, hands, parameters);
        calibration.number = curves(&Recognizer::from_bytes(&bytes)?, corpus, seed);
    }
    Ok(calibration)
}

/// The curves of numbers.
fn curves(recognizer: &Recognizer, corpus: &Corpus, seed: u64) -> [[f32; 4]; 2] {
    let mut plain = evidence(recognizer, &numbers::real(corpus, Split::Validation));
    plain.extend(evidence(recognizer, &numbers::pages(corpus, Split::Validation, seed)));
    let joined = evidence(recognizer, &numbers::joined(corpus, Split::Validation, seed + 1));
    let mut lead: Vec<Seen> = Vec::new();
    let mut clean: Vec<Seen> = Vec::new();
    for (numbers, weight) in [(plain, 1.0), (joined, JOINED_WEIGHT)] {
        for (evidence, right) in numbers {
            let [other, foreign] = evidence.of();
            lead.push(Seen { of: other, right, weight });
            clean.push(Seen { of: foreign, right: true, weight });
        }
    }
    // Brackets the network does not know, and what is struck out marking takes away first: neither
    // says how far the lead is to be trusted.
    let left_out = [Extra::Brackets, Extra::OpeningBracket, Extra::Struck];
    for extra in Extra::ALL.into_iter().filter(|extra| !left_out.contains(extra)) {
        // Another seed than the figures have.
        let items = surroundings::numbers(corpus, Split::Validation, extra, seed + 1);
        let seen = evidence(recognizer, &items).into_iter().map(|(evidence, right)| Seen {
            of: evidence.of()[1],
            // With anything else than punctuation in it, no number is to be believed.
            right: right && extra.is_punctuation(),
            weight: EXTRA_WEIGHT,
        });
        clean.extend(seen);
    }
    [logistic(&lead), logistic(&clean)]
}

/// How often a number has each extra against one without, somewhat more than is likely.
const EXTRA_WEIGHT: f64 = 0.04;

/// How often digits are joined against numbers without: somewhat more than is likely.
const JOINED_WEIGHT: f64 = 0.1;

/// One case to fit a curve to.
struct Seen {
    /// What speaks for it.
    of: [f32; 3],
    right: bool,
    weight: f64,
}

/// How much surprise (nats) a temperature of e or 1/e is worth: few validation writers wrote some
/// kinds, and their having no error must not make the recognizer much surer than it is.
const RELUCTANCE: f64 = 20.0;
/// How many answers in a hundred are none of their alphabet's symbols, somewhat more than is
/// likely.
const STRANGE: f64 = 0.03;

/// The scale of least surprise, near one where there is little to tell it by.
fn scale(sets: &[&Answers], strangers: &Answers) -> Scale {
    let loss = |scale: Scale| {
        let own: Vec<f64> =
            sets.iter().flat_map(|set| set.surprise(scale)).map(|(surprise, _)| surprise).collect();
        let strange = strangers.surprise(scale);
        let all: f64 = strange.iter().map(|(_, weight)| weight).sum();
        let strange: f64 = strange.iter().map(|(surprise, weight)| surprise * weight / all).sum();
        let reluctance = RELUCTANCE * f64::from(scale.temperature.ln()).powi(2);
        own.iter().sum::<f64>() + STRANGE * own.len() as f64 * strange + reluctance
    };
    let temperatures = (0..=20).map(|i| 0.6 + 0.05 * i as f32);
    let all = temperatures.flat_map(|temperature| {
        (0..=16).map(move |i| Scale { temperature, outside: -3.0 + 0.25 * i as f32 })
    });
    let losses = all.map(|scale| (scale, loss(scale)));
    losses.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(Scale::NONE, |(scale, _)| scale)
}

/// Numbers that one hand writes on a page, of the sizes that pages have.
const PAGE: usize = 20;

/// What speaks for numbers, those of one writer read together.
fn evidence(recognizer: &Recognizer, items: &[Handwriting]) -> Vec<(Evidence, bool)> {
    let heights = symbol_heights(items, Alphabet::Number);
    let mut writers: BTreeMap<&str, Vec<&Handwriting>> = BTreeMap::new();
    items.iter().for_each(|item| writers.entry(&item.writer).or_default().push(item));
    let mut scratch = Scratch::new();
    let mut page = |page: &[&Handwriting]| {
        let scale = |item: &Handwriting| SYMBOL_HEIGHT_UM / heights[item.writer.as_str()];
        let strokes: Vec<Vec<Vec<Sample>>> =
            page.iter().map(|item| samples(item, scale(item))).collect();
        let answers: Vec<Answer<'_>> = strokes.iter().map(|strokes| answer(strokes)).collect();
        let evidence = recognizer.evidence_together(&answers, &mut scratch);
        let seen = page.iter().zip(evidence);
        seen.filter_map(|(item, evidence)| evidence.map(|(text, e)| (e, text == item.label)))
            .collect::<Vec<_>>()
    };
    writers.values().flat_map(|items| items.chunks(PAGE)).flat_map(&mut page).collect()
}

fn answer(strokes: &[Vec<Sample>]) -> Answer<'_> {
    Answer {
        strokes: strokes.iter().map(Vec::as_slice).collect(),
        alphabet: Alphabet::Number,
        context: Context { symbol_height_um: Some(SYMBOL_HEIGHT_UM), only: None },
    }
}

/// Logistic regression by descent: a constant, and slopes that are not below zero.
fn logistic(seen: &[Seen]) -> [f32; 4] {
    let all: f64 = seen.iter().map(|seen| seen.weight).sum();
    let mut weights = [0.0, 0.5, 0.1, 0.1];
    for _ in 0..DESCENT {
        let mut slope = [0.0; 4];
        for seen in seen {
            let x = [1.0, seen.of[0], seen.of[1], seen.of[2]].map(f64::from);
            let log_odds: f64 = x.iter().zip(weights).map(|(x, w)| x * w).sum();
            let missed = f64::from(u8::from(seen.right)) - 1.0 / (1.0 + (-log_odds).exp());
            slope.iter_mut().zip(x).for_each(|(s, x)| *s += seen.weight * missed * x / all);
        }
        weights.iter_mut().zip(slope).for_each(|(w, s)| *w += RATE * s);
        weights[1..].iter_mut().for_each(|w| *w = w.max(0.0));
    }
    weights.map(|w| w as f32)
}

const DESCENT: usize = 20_000;
const RATE: f64 = 0.05;
