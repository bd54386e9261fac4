//! Figures on writers that were not trained on.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use recognition::features::{self, Glyph};
use recognition::network::{Network, OUTPUTS, REJECT, Workspace};
use recognition::{Alphabet, Read, Split, SymbolSet, coverage};

use crate::augment::{Strokes, frame};
use crate::chance::{around, normal};
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

/// Another slant, pen and tablet, as a figure's footnote states it: rotation and shear up to 10°,
/// each axis scaled by up to 15 %, 0.6 to 1.2 of the samples, a grid of a hundredth to a
/// five-hundredth of the symbol, and jitter of up to 0.5 %.
pub(crate) fn perturb(strokes: &Strokes, rng: &mut ChaCha8Rng) -> Strokes {
    let (centre, extent) = frame(strokes);
    let (sin, cos) = (10.0 * around(rng, 1.0)).to_radians().sin_cos();
    let shear = (10.0 * around(rng, 1.0)).to_radians().tan();
    let scale = [1.0 + around(rng, 0.15), 1.0 + around(rng, 0.15)];
    let rate = rng.random_range(0.6..1.2f32);
    let grid = extent / rng.random_range(100.0..500.0f32);
    let jitter = extent * 0.005 * rng.random::<f32>();
    let mut place = |p: [f32; 2]| {
        let (x, y) = ((p[0] - centre[0]) * scale[0], (p[1] - centre[1]) * scale[1]);
        let x = x + shear * y;
        let p = [cos * x - sin * y, sin * x + cos * y];
        p.map(|v| ((v + jitter * normal(rng)) / grid).round() * grid)
    };
    let stroke = |s: &Vec<[f32; 2]>| resampled(s, rate).into_iter().map(&mut place).collect();
    strokes.iter().map(stroke).collect()
}

/// The same stroke with `rate` times as many points.
fn resampled(stroke: &[[f32; 2]], rate: f32) -> Vec<[f32; 2]> {
    if stroke.len() < 4 {
        return stroke.to_vec();
    }
    let last = stroke.len() - 1;
    let count = ((last as f32 * rate) as usize).max(3);
    let point = |i: usize| {
        let at = i as f32 * last as f32 / count as f32;
        let k = (at as usize).min(last - 1);
        [0, 1].map(|a| stroke[k][a] + (stroke[k + 1][a] - stroke[k][a]) * (at - k as f32))
    };
    (0..=count).map(point).collect()
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
    let mut work = Workspace::default();
    let mut path = Vec::new();
    let items = &items[..items.len().min(512)];
    let mut symbols = vec![0.0; items.len() * features::LEN];
    let glyphs: Vec<Glyph> = items
        .iter()
        .map(|item| {
            let mut glyph = Glyph::new(item.size);
            item.strokes.iter().for_each(|s| glyph.push(s.iter().copied()));
            glyph
        })
        .collect();
    let mut least = [f64::MAX; 2];
    for _ in 0..12 {
        let start = std::time::Instant::now();
        for (glyph, symbol) in glyphs.iter().zip(symbols.chunks_exact_mut(features::LEN)) {
            features::extract(glyph, &mut path, symbol);
        }
        let middle = std::time::Instant::now();
        std::hint::black_box(network.forward(&symbols, &mut work));
        let us = |from: std::time::Duration| from.as_secs_f64() * 1e6 / items.len() as f64;
        least[0] = least[0].min(us(middle - start));
        least[1] = least[1].min(us(middle.elapsed()));
    }
    least
}

/// Accuracy, coverages and calibration of one set in a line.
pub(crate) fn line(name: &str, reads: &[Read]) -> String {
    let right = reads.iter().filter(|r| r.label == r.read).count();
    format!(
        "{name:<16} n {:>5}  accuracy {:6.2} %  coverage at 0.1 % error {:5.1} %, at 0.5 % {:5.1} %  ece {:.4}",
        reads.len(),
        100.0 * right as f64 / reads.len().max(1) as f64,
        100.0 * coverage(reads, 0.001),
        100.0 * coverage(reads, 0.005),
        ece(reads),
    )
}

/// Expected calibration error over ten bins of confidence (Naeini et al. 2015).
pub(crate) fn ece(reads: &[Read]) -> f64 {
    let mut bins = [(0.0, 0.0); 10];
    for read in reads {
        let bin = &mut bins[((read.confidence * 10.0) as usize).min(9)];
        bin.0 += f64::from(read.confidence);
        bin.1 += f64::from(u8::from(read.label == read.read));
    }
    bins.iter().map(|(sure, right)| (sure - right).abs()).sum::<f64>() / reads.len().max(1) as f64
}
