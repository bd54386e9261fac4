//! Figures on writers that were not trained on.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use recognition::features::{self, Glyph};
use recognition::network::{Network, OUTPUTS, REJECT, Workspace};
use recognition::{Alphabet, Read, Split, SymbolSet};
use report::batch::Batch;
use report::perturb::perturb;

use crate::corpus::{Corpus, output};
use crate::item::Item;

/// Outputs and right answers of one set.
pub(crate) struct Answers {
    pub(crate) name: &'static str,
    pub(crate) alphabet: Alphabet,
    outputs: Vec<f32>,
    labels: Vec<char>,
}

/// Runs the network over every set of `split` as the product would ask for it, as written or
/// perturbed by chance.
pub(crate) fn answers(
    parameters: &[f32],
    corpus: &Corpus,
    split: Split,
    perturbed: Option<u64>,
) -> Vec<Answers> {
    let network = Network::new(parameters.to_vec());
    let run = |name, alphabet: Alphabet, items: &[Item]| {
        let asked = |item: &&Item| alphabet.symbols().contains(item.label);
        let mut rng = perturbed.map(ChaCha8Rng::seed_from_u64);
        run(&network, name, alphabet, items.iter().filter(asked), &mut rng)
    };
    vec![
        run("pendigits", Alphabet::Digits, corpus.pendigits.split(split)),
        run("unipen digits", Alphabet::Digits, corpus.digits.split(split)),
        run("A-G capitals", Alphabet::Letters, corpus.upper.split(split)),
        run("operators", Alphabet::Operators, corpus.symbols.split(split)),
        run("comparison", Alphabet::Comparison, corpus.symbols.split(split)),
    ]
}

fn run<'a>(
    network: &Network,
    name: &'static str,
    alphabet: Alphabet,
    items: impl Iterator<Item = &'a Item>,
    rng: &mut Option<ChaCha8Rng>,
) -> Answers {
    let mut work = Workspace::default();
    let (mut path, mut symbol) = (Vec::new(), vec![0.0; features::LEN]);
    let (mut outputs, mut labels) = (Vec::new(), Vec::new());
    for item in items {
        let mut glyph = Glyph::new(item.size);
        match rng {
            None => item.strokes.iter().for_each(|s| glyph.push(s.iter().copied())),
            Some(rng) => perturb(&item.strokes, rng).into_iter().for_each(|s| glyph.push(s)),
        }
        features::extract(&glyph, &mut path, &mut symbol);
        outputs.extend_from_slice(network.forward(&symbol, &mut work));
        labels.push(item.label);
    }
    Answers { name, alphabet, outputs, labels }
}

impl Answers {
    /// What is read at a temperature.
    pub(crate) fn reads(&self, temperature: f32) -> Vec<Read> {
        let set = SymbolSet::new(self.alphabet, None);
        let read = |(p, label): (Vec<f32>, &char)| {
            let of = (0..REJECT).filter(|at| set.has(*at));
            let best = of.max_by(|a, b| p[*a].total_cmp(&p[*b])).unwrap_or(0);
            let read = recognition::SYMBOLS[best].to_string();
            Read { label: label.to_string(), read, confidence: p[best] }
        };
        self.probabilities(temperature).zip(&self.labels).map(read).collect()
    }

    /// Mean surprise at the right answers.
    pub(crate) fn loss(&self, temperature: f32) -> f64 {
        let surprise =
            |(p, label): (Vec<f32>, &char)| -f64::from(p[output(*label)].max(1e-12).ln());
        let sum: f64 = self.probabilities(temperature).zip(&self.labels).map(surprise).sum();
        sum / self.labels.len().max(1) as f64
    }

    /// Of each item, the probabilities of all outputs.
    fn probabilities(&self, temperature: f32) -> impl Iterator<Item = Vec<f32>> {
        let set = SymbolSet::new(self.alphabet, None);
        self.outputs.chunks_exact(OUTPUTS).map(move |row| {
            let weighed =
                row.iter().zip(set.log_priors()).map(|(o, prior)| o / temperature + prior);
            let mut p: Vec<f32> = weighed.collect();
            let most = p.iter().copied().fold(f32::MIN, f32::max);
            p.iter_mut().for_each(|p| *p = (*p - most).exp());
            let sum: f32 = p.iter().sum();
            p.iter_mut().for_each(|p| *p /= sum);
            p
        })
    }
}

/// Microseconds that a symbol takes, features and network, many at once; the least of some runs.
pub(crate) fn cost_us(network: &Network, items: &[Item]) -> [f64; 2] {
    let glyph = |item: &Item| {
        let mut glyph = Glyph::new(item.size);
        item.strokes.iter().for_each(|s| glyph.push(s.iter().copied()));
        glyph
    };
    let mut batch = Batch::new(items.iter().take(512).map(glyph).collect());
    let mut least = [f64::MAX; 2];
    for _ in 0..12 {
        let start = std::time::Instant::now();
        batch.features();
        let middle = std::time::Instant::now();
        batch.network(network);
        let us = |from: std::time::Duration| from.as_secs_f64() * 1e6 / batch.len() as f64;
        least[0] = least[0].min(us(middle - start));
        least[1] = least[1].min(us(middle.elapsed()));
    }
    least
}
