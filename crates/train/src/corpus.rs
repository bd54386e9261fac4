//! The labelled writing that the recognizer learns from and is measured on.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::Context as _;
use ink::Handwriting;
use recognition::network::REJECT;
use recognition::{Alphabet, SYMBOLS, Split, symbol_heights};

use crate::augment::Strokes;
use crate::doubtful;
use crate::item::Item;
use crate::skeleton::{self, Form};

/// All samples of one kind, by split.
#[derive(Debug, Default)]
pub(crate) struct Kind {
    pub(crate) train: Vec<Item>,
    pub(crate) validation: Vec<Item>,
    pub(crate) test: Vec<Item>,
}

impl Kind {
    pub(crate) fn split(&self, split: Split) -> &[Item] {
        match split {
            Split::Train => &self.train,
            Split::Validation => &self.validation,
            Split::Test => &self.test,
        }
    }
}

/// What there is.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) pendigits: Kind,
    pub(crate) digits: Kind,
    pub(crate) upper: Kind,
    pub(crate) lower: Kind,
    pub(crate) symbols: Kind,
    /// Strokes drawn by a program, all for training.
    pub(crate) synthetic: Kind,
    pub(crate) numbers: Vec<Handwriting>,
    /// How the project's own synthetic hand writes.
    pub(crate) skeletons: Vec<Form>,
}

impl Corpus {
    pub(crate) fn load(
        data: &Path,
        synthetic: Option<&Path>,
        skeletons: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let kind = |name: &str, alphabet| {
            Ok::<_, anyhow::Error>(kind(name, &read(&data.join(name))?, alphabet))
        };
        Ok(Self {
            pendigits: kind("pendigits-train.jsonl", Alphabet::Digits)?,
            digits: kind("unipen-digits.jsonl", Alphabet::Digits)?,
            upper: kind("unipen-upper.jsonl", Alphabet::Letters)?,
            lower: kind("unipen-lower.jsonl", Alphabet::Letters)?,
            symbols: kind("unipen-symbols.jsonl", Alphabet::Operators)?,
            synthetic: match synthetic {
                None => Kind::default(),
                Some(path) => kind_of_one_split(&read(path)?),
            },
            skeletons: skeletons.map(skeleton::load).transpose()?.unwrap_or_default(),
            numbers: read(&data.join("unipen-numbers.jsonl"))?
                .into_iter()
                .filter(|item| (2..=4).contains(&item.label.len()))
                .filter(|item| item.label.bytes().all(|b| b.is_ascii_digit()))
                .collect(),
        })
    }
}

/// Reads a whole handwriting file.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Handwriting>> {
    let file = File::open(path).with_context(|| format!("failed to open {}", path.display()))?;
    let items = Handwriting::read(BufReader::new(file)).collect::<Result<_, _>>();
    items.with_context(|| format!("failed to read {}", path.display()))
}

fn kind(name: &str, items: &[Handwriting], alphabet: Alphabet) -> Kind {
    let mut kind = Kind::default();
    for item in symbols(name, items, alphabet) {
        match Split::of(&item.writer) {
            Split::Train if item.doubtful => {}
            Split::Train => kind.train.push(item),
            Split::Validation => kind.validation.push(item),
            Split::Test => kind.test.push(item),
        }
    }
    kind
}

fn kind_of_one_split(items: &[Handwriting]) -> Kind {
    Kind { train: symbols("", items, Alphabet::Digits), ..Kind::default() }
}

fn symbols(name: &str, items: &[Handwriting], alphabet: Alphabet) -> Vec<Item> {
    // Sizes come from what a file of the question's alphabet would hold.
    let asked = |item: &&Handwriting| alphabet.symbols().contains(&item.label);
    let asked: Vec<Handwriting> = items.iter().filter(asked).cloned().collect();
    let (all, heights) = (symbol_heights(items, alphabet), symbol_heights(&asked, alphabet));
    let item = |(line, item): (usize, &Handwriting)| {
        let point = |p: &Vec<f64>| [p[0] as f32, p[1] as f32];
        let strokes: Strokes = item.strokes.iter().map(|s| s.iter().map(point).collect()).collect();
        let (label, writer) = (item.label.chars().next()?, item.writer.as_str());
        let size = *heights.get(writer).unwrap_or(&all[writer]);
        let doubtful = report::doubtful::is_listed(name, line)
            || doubtful::has_lost_strokes(&strokes, label, size);
        let writer = item.writer.clone();
        let any = strokes.iter().any(|s| !s.is_empty());
        any.then_some(Item { strokes, label, writer, size, doubtful })
    };
    items.iter().enumerate().filter_map(item).collect()
}

/// The network's output for a symbol.
pub(crate) fn output(label: char) -> usize {
    SYMBOLS.iter().position(|s| *s == label).unwrap_or(REJECT)
}
