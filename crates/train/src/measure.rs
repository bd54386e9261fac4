//! Figures on writers that were not trained on.

use recognition::features::{self, Glyph};
use recognition::network::{Network, OUTPUTS, REJECT, Workspace};
use recognition::{Alphabet, Read, Split, coverage};

use crate::corpus::{Corpus, output};
use crate::gradient::{open, softmax};
use crate::item::Item;

/// Outputs and right answers of one set.
pub(crate) struct Answers {
    pub(crate) name: &'static str,
    pub(crate) alphabet: Alphabet,
    outputs: Vec<f32>,
    labels: Vec<char>,
}

/// Runs the network over every set of `split` as the product would ask for it.
pub(crate) fn answers(parameters: &[f32], corpus: &Corpus, split: Split) -> Vec<Answers> {
    let network = Network::new(parameters.to_vec());
    let run = |name, alphabet: Alphabet, items: &[Item]| {
        let asked = |item: &&Item| alphabet.symbols().contains(item.label);
        run(&network, name, alphabet, items.iter().filter(asked))
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
) -> Answers {
    let mut work = Workspace::default();
    let (mut path, mut symbol) = (Vec::new(), vec![0.0; features::LEN]);
    let (mut outputs, mut labels) = (Vec::new(), Vec::new());
    for item in items {
        let mut glyph = Glyph::new(item.size);
        item.strokes.iter().for_each(|s| glyph.push(s.iter().copied()));
        features::extract(&glyph, &mut path, &mut symbol);
        outputs.extend_from_slice(network.forward(&symbol, &mut work));
        labels.push(item.label);
    }
    Answers { name, alphabet, outputs, labels }
}

impl Answers {
    /// What is read at a temperature.
    pub(crate) fn reads(&self, temperature: f32) -> Vec<Read> {
        let open = open(self.alphabet);
        let rows = self.outputs.chunks_exact(OUTPUTS).zip(&self.labels);
        rows.map(|(row, label)| {
            let cooled: Vec<f32> = row.iter().map(|o| o / temperature).collect();
            let p = softmax(&cooled, &open);
            let best = (0..REJECT).max_by(|a, b| p[*a].total_cmp(&p[*b])).unwrap_or(0);
            let read = recognition::SYMBOLS[best].to_string();
            Read { label: label.to_string(), read, confidence: p[best] }
        })
        .collect()
    }

    /// Mean surprise at the right answers.
    pub(crate) fn loss(&self, temperature: f32) -> f64 {
        let open = open(self.alphabet);
        let rows = self.outputs.chunks_exact(OUTPUTS).zip(&self.labels);
        let sum: f64 = rows
            .map(|(row, label)| {
                let cooled: Vec<f32> = row.iter().map(|o| o / temperature).collect();
                -f64::from(softmax(&cooled, &open)[output(*label)].max(1e-12).ln())
            })
            .sum();
        sum / self.labels.len().max(1) as f64
    }
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
