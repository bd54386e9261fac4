//! Figures on writers that were not trained on.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use recognition::features::{self, Glyph};
use recognition::network::{Network, OUTPUTS, REJECT, Workspace};
use recognition::{Alphabet, Read, Scale, Split, SymbolSet};
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

/// Which items of a set are measured on, and how they are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shown {
    /// All as they were written.
    All,
    /// Those that are what their label says.
    Sound,
    /// All perturbed by chance, with this seed.
    Perturbed(u64),
}

/// Runs the network over every set of `split` as the product would ask for it.
pub(crate) fn answers(
    parameters: &[f32],
    corpus: &Corpus,
    split: Split,
    shown: Shown,
) -> Vec<Answers> {
    let network = Network::new(parameters.to_vec());
    let run = |name, alphabet: Alphabet, items: &[Item]| {
        let asked = |item: &&Item| {
            let sound = !matches!(shown, Shown::Sound) || !item.doubtful;
            alphabet.symbols().contains(item.label) && sound
        };
        let mut rng = match shown {
            Shown::Perturbed(seed) => Some(ChaCha8Rng::seed_from_u64(seed)),
            Shown::All | Shown::Sound => None,
        };
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

/// What is no symbol counts among strangers like the likeliest of them.
const STRANGE_MAX: f32 = 0.03;

/// Runs the network over symbols that `alphabet` does not have.
pub(crate) fn strangers(
    parameters: &[f32],
    corpus: &Corpus,
    split: Split,
    alphabet: Alphabet,
) -> Answers {
    let kinds = [&corpus.digits, &corpus.upper, &corpus.symbols];
    let items = kinds.into_iter().flat_map(|kind| kind.split(split));
    let strange = |item: &&Item| !item.doubtful && !alphabet.symbols().contains(item.label);
    let network = Network::new(parameters.to_vec());
    run(&network, "strangers", alphabet, items.filter(strange), &mut None)
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
    /// What is read at a scale.
    pub(crate) fn reads(&self, scale: Scale) -> Vec<Read> {
        let set = SymbolSet::new(self.alphabet, None);
        let read = |(p, label): (Vec<f32>, &char)| {
            let of = (0..REJECT).filter(|at| set.has(*at));
            let best = of.max_by(|a, b| p[*a].total_cmp(&p[*b])).unwrap_or(0);
            let read = recognition::SYMBOLS[best].to_string();
            Read { label: label.to_string(), read, confidence: p[best] }
        };
        self.probabilities(scale).zip(&self.labels).map(read).collect()
    }

    /// Mean surprise at the right answers.
    pub(crate) fn loss(&self, scale: Scale) -> f64 {
        let surprise = self.surprise(scale);
        surprise.iter().map(|(surprise, _)| surprise).sum::<f64>() / surprise.len().max(1) as f64
    }

    /// Of each item the surprise, in nats, at its label, or at its being no symbol of the alphabet
    /// where it is none; and how likely such an item is beside others.
    pub(crate) fn surprise(&self, scale: Scale) -> Vec<(f64, f64)> {
        let set = SymbolSet::new(self.alphabet, None);
        let one = |(p, label): (Vec<f32>, &char)| {
            let at = output(*label);
            let right = match set.is_outside(at) {
                false => p[at],
                true => (0..=REJECT).filter(|at| set.is_outside(*at)).map(|at| p[at]).sum(),
            };
            let prior = set.log_priors()[at].exp().min(STRANGE_MAX);
            (-f64::from(right.max(1e-12).ln()), f64::from(prior))
        };
        self.probabilities(scale).zip(&self.labels).map(one).collect()
    }

    /// Of each item, the probabilities of all outputs.
    fn probabilities(&self, scale: Scale) -> impl Iterator<Item = Vec<f32>> {
        let set = SymbolSet::new(self.alphabet, None);
        self.outputs.chunks_exact(OUTPUTS).map(move |row| {
            let mut p: Vec<f32> = scale.weigh(row, &set).collect();
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
