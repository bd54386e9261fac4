//! What one epoch shows the network, and as what.

use std::collections::BTreeMap;

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use recognition::Alphabet;
use recognition::features::Glyph;
use recognition::network::REJECT;

use crate::augment::{Strokes, distort, frame};
use crate::chance::{around, happens};
use crate::corpus::{Corpus, output};
use crate::gradient::{Target, open};
use crate::item::Item;
use crate::skeleton::Form;
use crate::synthetic;

/// One thing to be shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lesson<'a> {
    /// A written symbol as itself.
    Symbol(&'a Item),
    /// A written symbol that stands for another: `x` for ×, `v` for √.
    As(&'a Item, char),
    /// A symbol where another kind is asked for.
    Stranger(&'a Item, Alphabet),
    /// A symbol of no writer.
    Drawn(char),
    /// A half tick, where a tick is asked for.
    HalfTick,
    /// A digit with the rest of a stroke to its neighbour.
    Linked(&'a Item),
    /// A digit and a point, which are no one symbol.
    Pointed(&'a Item),
    /// A symbol of the project's own synthetic hand.
    Skeleton(&'a Form),
    /// What a wrong cut between two digits of one writer leaves.
    WrongCut(&'a Item, &'a Item),
}

/// How often each form of the synthetic hand is shown.
const SKELETONS: usize = 90;
/// Letters that look like none of A–G and no digit.
const STRANGERS: &str = "HKMNPQRW";
/// Symbols that look like neither √ nor ×, nor `<`, `>`, `=`.
const ROUND: &str = "023568ABCEG";

/// The lessons of one epoch, shuffled.
pub(crate) fn epoch<'a>(corpus: &'a Corpus, rng: &mut ChaCha8Rng) -> Vec<Lesson<'a>> {
    let mut lessons = Vec::new();
    let digits: Vec<&Item> = corpus.pendigits.train.iter().chain(&corpus.digits.train).collect();
    lessons.extend(digits.iter().map(|item| Lesson::Symbol(item)));
    for item in &corpus.upper.train {
        match item.label {
            'A'..='G' => lessons.extend([Lesson::Symbol(item); 2]),
            'X' => lessons.push(Lesson::As(item, '×')),
            _ => {}
        }
    }
    for item in &corpus.symbols.train {
        match item.label {
            '%' => lessons.extend([Lesson::Symbol(item); 2]),
            _ if output(item.label) != REJECT => lessons.extend([Lesson::Symbol(item); 3]),
            _ => {}
        }
    }
    for item in &corpus.lower.train {
        match item.label {
            'x' => lessons.push(Lesson::As(item, '×')),
            'v' => lessons.push(Lesson::As(item, '√')),
            _ => {}
        }
    }
    for (symbol, count) in [('√', 1_500), ('×', 1_200), ('÷', 900)] {
        lessons.extend(std::iter::repeat_n(Lesson::Drawn(symbol), count));
    }
    lessons.extend(std::iter::repeat_n(Lesson::HalfTick, 300));
    lessons.extend(corpus.synthetic.train.iter().map(Lesson::Symbol));
    for form in corpus.skeletons.iter().filter(|form| output(form.symbol) != REJECT) {
        lessons.extend([Lesson::Skeleton(form); SKELETONS]);
    }
    strangers(corpus, &digits, &mut lessons, rng);
    let digits: Vec<&Item> = digits.into_iter().filter(|item| item.is_sized()).collect();
    let mut by_writer: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    digits.iter().for_each(|item| by_writer.entry(&item.writer).or_default().push(item));
    for _ in 0..6_000 {
        let a = digits[rng.random_range(0..digits.len())];
        let same = &by_writer[a.writer.as_str()];
        lessons.push(Lesson::WrongCut(a, same[rng.random_range(0..same.len())]));
    }
    for _ in 0..2_500 {
        lessons.push(Lesson::Linked(digits[rng.random_range(0..digits.len())]));
    }
    for _ in 0..1_500 {
        lessons.push(Lesson::Pointed(digits[rng.random_range(0..digits.len())]));
    }
    lessons.shuffle(rng);
    lessons
}

fn strangers<'a>(
    corpus: &'a Corpus,
    digits: &[&'a Item],
    lessons: &mut Vec<Lesson<'a>>,
    rng: &mut ChaCha8Rng,
) {
    let upper = &corpus.upper.train;
    for _ in 0..1_600 {
        let item = &upper[rng.random_range(0..upper.len())];
        if STRANGERS.contains(item.label) {
            lessons.push(Lesson::Stranger(item, Alphabet::Letters));
        }
    }
    for _ in 0..1_200 {
        let alphabet = if happens(rng, 0.6) { Alphabet::TrueFalse } else { Alphabet::Comparison };
        let item = match happens(rng, 0.5) {
            true => digits[rng.random_range(0..digits.len())],
            false => &upper[rng.random_range(0..upper.len())],
        };
        if ROUND.contains(item.label) {
            lessons.push(Lesson::Stranger(item, alphabet));
        }
    }
}

impl Lesson<'_> {
    /// Writes the symbol anew into `glyph` and says what it is.
    pub(crate) fn show(&self, glyph: &mut Glyph, rng: &mut ChaCha8Rng) -> Target {
        let (strokes, size, target) = match self {
            Self::Symbol(item) => (item.strokes.clone(), item.size, known(item.label, rng)),
            Self::As(item, label) => {
                let mut strokes = item.strokes.clone();
                if *label == '√' {
                    shorten(&mut strokes[0], rng);
                }
                (strokes, item.size, known(*label, rng))
            }
            Self::Stranger(item, alphabet) => (item.strokes.clone(), item.size, reject(*alphabet)),
            Self::Drawn('√') => (synthetic::tick(rng), 1.0, known('√', rng)),
            Self::Drawn('×') => (synthetic::cross(rng), 1.1, known('×', rng)),
            Self::Drawn(_) => (synthetic::obelus(rng), 1.2, known('÷', rng)),
            Self::HalfTick => (synthetic::half_tick(rng), 1.0, reject(Alphabet::TrueFalse)),
            Self::Linked(item) => (synthetic::linked(item, rng), item.size, known(item.label, rng)),
            Self::Pointed(item) => {
                (synthetic::pointed(item, rng), item.size, reject(Alphabet::Decimal))
            }
            Self::Skeleton(form) => (form.write(rng), 1.0, known(form.symbol, rng)),
            Self::WrongCut(a, b) => match synthetic::wrong_cut(a, b, rng) {
                Some(strokes) => (strokes, a.size, reject(Alphabet::Decimal)),
                None => (a.strokes.clone(), a.size, known(a.label, rng)),
            },
        };
        let strokes: Strokes = strokes.into_iter().filter(|s| !s.is_empty()).collect();
        let factor = match self {
            // Nobody knows how large these are beside a writer's digits, or a file of mostly
            // points and dashes tells it badly.
            Self::Drawn(_) | Self::HalfTick => around(rng, 0.6).exp(),
            Self::Symbol(item) if !item.label.is_ascii_alphanumeric() => around(rng, 0.55).exp(),
            _ => around(rng, 0.35).exp(),
        };
        let size = match happens(rng, 0.08) && frame(&strokes).1 > 0.4 * size {
            // The writer is not known yet and the field says little.
            true => frame(&strokes).1 * around(rng, 0.6).exp(),
            false => size * factor,
        };
        glyph.clear(size);
        let distorted = match happens(rng, 0.92) {
            true => distort(&strokes, rng),
            false => strokes,
        };
        distorted.into_iter().for_each(|stroke| glyph.push(stroke));
        target
    }
}

/// A symbol that the recognizer knows, where some kind of question may ask for it.
fn known(label: char, rng: &mut ChaCha8Rng) -> Target {
    use Alphabet::{Comparison, Decimal, Digits, Letters, Operators, TrueFalse};
    let places: &[Alphabet] = match label {
        '0'..='9' => &[Digits, Decimal],
        'A'..='G' => &[Letters],
        '√' => &[TrueFalse],
        '×' => &[TrueFalse, Operators],
        '<' | '>' | '=' => &[Comparison, Operators, Operators],
        '.' => &[Operators, Decimal],
        _ => &[Operators],
    };
    let alphabet = places[rng.random_range(0..places.len())];
    Target { output: output(label), open: open(alphabet) }
}

fn reject(alphabet: Alphabet) -> Target {
    Target { output: REJECT, open: open(alphabet) }
}

/// Takes off a part of a `v`'s first arm, which makes it a tick.
fn shorten(stroke: &mut Vec<[f32; 2]>, rng: &mut ChaCha8Rng) {
    let lowest = (0..stroke.len()).max_by(|a, b| stroke[*a][1].total_cmp(&stroke[*b][1]));
    if let Some(lowest) = lowest.filter(|at| *at > 2) {
        stroke.drain(..rng.random_range(0..lowest * 3 / 4));
    }
}
