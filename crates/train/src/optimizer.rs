//! AdamW with a cosine rate, and the average of the weights that is kept in the end.

use rand_chacha::ChaCha8Rng;
use recognition::network::{CONVOLUTIONS, JOIN, LAST, PARAMETERS, PATH};

const RATE: f32 = 2e-3;
const WARM_UP_STEPS: f32 = 200.0;
const DECAY: f32 = 0.02;
const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.99;
const AVERAGE: f32 = 0.995;

/// Parameters to begin with: He's normal distribution, zero biases.
pub(crate) fn start(rng: &mut ChaCha8Rng) -> Vec<f32> {
    let mut parameters = vec![0.0; PARAMETERS];
    for layer in CONVOLUTIONS.map(|c| c.dense).into_iter().chain([PATH, JOIN, LAST]) {
        let spread = (2.0 / layer.inputs as f32).sqrt();
        for weight in &mut parameters[layer.at..layer.at + layer.inputs * layer.outputs] {
            *weight = spread * crate::chance::normal(rng);
        }
    }
    // The last layer starts quiet, so that no answer is sure at first.
    let last = LAST.at..LAST.at + LAST.inputs * LAST.outputs;
    parameters[last].iter_mut().for_each(|w| *w *= 0.3);
    parameters
}

/// The optimizer's memory.
pub(crate) struct Optimizer {
    pub(crate) parameters: Vec<f32>,
    pub(crate) average: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
    step: usize,
    steps: usize,
}

impl Optimizer {
    pub(crate) fn new(parameters: Vec<f32>, steps: usize) -> Self {
        let zeros = vec![0.0; parameters.len()];
        let average = parameters.clone();
        Self { average, mean: zeros.clone(), square: zeros, parameters, step: 0, steps }
    }

    /// Takes one step against `gradient`.
    pub(crate) fn step(&mut self, gradient: &[f32]) {
        self.step += 1;
        let step = self.step as f32;
        let cosine = 0.5 * (1.0 + (std::f32::consts::PI * step / self.steps as f32).cos());
        let rate = RATE * (step / WARM_UP_STEPS).min(1.0) * cosine.max(0.003);
        let whole_1 = 1.0 - BETA_1.powf(step);
        let whole_2 = 1.0 - BETA_2.powf(step);
        // Early averages forget faster, or they would remember the start for ever.
        let kept = AVERAGE.min(step / (step + 9.0));
        for (i, g) in gradient.iter().enumerate() {
            self.mean[i] = BETA_1 * self.mean[i] + (1.0 - BETA_1) * g;
            self.square[i] = BETA_2 * self.square[i] + (1.0 - BETA_2) * g * g;
            let along = self.mean[i] / whole_1 / ((self.square[i] / whole_2).sqrt() + 1e-8);
            self.parameters[i] -= rate * (along + DECAY * self.parameters[i]);
            self.average[i] = kept * self.average[i] + (1.0 - kept) * self.parameters[i];
        }
    }
}
