//! Numbers to measure and calibrate on: real ones, and synthetic ones put together from the digits
//! of one writer.

use std::collections::BTreeMap;

use ink::Handwriting;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use recognition::Split;

use crate::augment::{Strokes, frame};
use crate::chance::around;
use crate::corpus::Corpus;
use crate::item::Item;
use crate::synthetic::edges;

/// Numbers composed for a split.
const COMPOSED: usize = 1_500;
/// How often a writer's digits are put together anew.
const ROUNDS: usize = 3;
/// Of those with joined digits.
const COMPOSED_JOINED: usize = 500;

/// The real whole numbers of two to four digits.
pub(crate) fn real(corpus: &Corpus, split: Split) -> Vec<Handwriting> {
    corpus.numbers.iter().filter(|item| Split::of(&item.writer) == split).cloned().collect()
}

/// Whole numbers of one to four digits, put together from digits of one writer (synthetic).
pub(crate) fn composed(corpus: &Corpus, split: Split, seed: u64) -> Vec<Handwriting> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let hands = Hands::new(corpus, split);
    (0..COMPOSED).map(|_| number(&hands, false, &mut rng)).collect()
}

/// The same of two to four digits, two of which at least are joined by a pen that did not lift.
pub(crate) fn joined(corpus: &Corpus, split: Split, seed: u64) -> Vec<Handwriting> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed + 500);
    let hands = Hands::new(corpus, split);
    (0..COMPOSED_JOINED).map(|_| number(&hands, true, &mut rng)).collect()
}

/// Whole numbers of one to four digits of which each writer's digits are used once, thrice over:
/// numbers that stand on one page share none.
pub(crate) fn pages(corpus: &Corpus, split: Split, seed: u64) -> Vec<Handwriting> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let hands = Hands::new(corpus, split);
    let mut numbers = Vec::new();
    for _ in 0..ROUNDS {
        for of in hands.by_writer.values() {
            let mut left = of.clone();
            left.shuffle(&mut rng);
            while !left.is_empty() {
                let count = rng.random_range(1..=left.len().min(4));
                let digits = left.split_off(left.len() - count);
                let (gap, slope) = (rng.random_range(-0.02..0.45), around(&mut rng, 0.15));
                numbers.push(compose(&digits, gap, slope, None, &mut rng));
            }
        }
    }
    numbers
}

fn number(hands: &Hands<'_>, joined: bool, rng: &mut ChaCha8Rng) -> Handwriting {
    let count = if joined { rng.random_range(2..=4) } else { rng.random_range(1..=4) };
    let digits = hands.digits(count, rng);
    // A hand keeps its distance; some hands write tight.
    let (gap, slope) = (rng.random_range(-0.02..0.45), around(rng, 0.15));
    let joint = joined.then(|| rng.random_range(1..count));
    compose(&digits, gap, slope, joint, rng)
}

/// The digits of a split's writers.
pub(crate) struct Hands<'c> {
    all: Vec<&'c Item>,
    by_writer: BTreeMap<&'c str, Vec<&'c Item>>,
}

impl<'c> Hands<'c> {
    pub(crate) fn new(corpus: &'c Corpus, split: Split) -> Self {
        let items = corpus.pendigits.split(split).iter().chain(corpus.digits.split(split));
        let all: Vec<&Item> = items.filter(|item| item.is_sized()).collect();
        let mut by_writer: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
        all.iter().for_each(|item| by_writer.entry(&item.writer).or_default().push(item));
        Self { all, by_writer }
    }

    /// Some digits of one writer.
    pub(crate) fn digits(&self, count: usize, rng: &mut ChaCha8Rng) -> Vec<&'c Item> {
        let first = self.all[rng.random_range(0..self.all.len())];
        let same = &self.by_writer[first.writer.as_str()];
        let more = (1..count).map(|_| same[rng.random_range(0..same.len())]);
        std::iter::once(first).chain(more).collect()
    }
}

/// Puts digits side by side; the pen does not lift before the digit `joint`.
fn compose(
    digits: &[&Item],
    gap: f32,
    slope: f32,
    joint: Option<usize>,
    rng: &mut ChaCha8Rng,
) -> Handwriting {
    let mut strokes: Strokes = Vec::new();
    let mut right = 0.0;
    for (at, digit) in digits.iter().enumerate() {
        let (centre, _) = frame(&digit.strokes);
        let edge = edges(&digit.strokes);
        let shift = right - edge[0];
        let drop = slope * right - centre[1] + 0.06 * digit.size * around(rng, 1.0);
        let moved = |p: &[f32; 2]| [p[0] + shift, p[1] + drop];
        let begins = strokes.len();
        strokes.extend(digit.strokes.iter().map(|s| s.iter().map(moved).collect()));
        if joint == Some(at) {
            let next = strokes.remove(begins);
            link(&mut strokes[begins - 1], next);
        }
        right += edge[1] - edge[0] + digit.size * (gap + around(rng, 0.06));
    }
    handwriting(digits, strokes)
}

/// Lets a stroke go straight on to the next one.
fn link(stroke: &mut Vec<[f32; 2]>, next: Vec<[f32; 2]>) {
    if let (Some(&from), Some(&to)) = (stroke.last(), next.first()) {
        let part = |i: u8| [0, 1].map(|k| from[k] + (to[k] - from[k]) * f32::from(i) / 6.0);
        stroke.extend((1..6).map(part));
    }
    stroke.extend(next);
}

/// A line of a handwriting file, its label being the digits.
pub(crate) fn handwriting(digits: &[&Item], strokes: Strokes) -> Handwriting {
    Handwriting {
        label: digits.iter().map(|digit| digit.label).collect(),
        writer: digits[0].writer.clone(),
        strokes: strokes
            .iter()
            .map(|s| s.iter().map(|p| p.map(f64::from).to_vec()).collect())
            .collect(),
        source: "synthetic: digits of one writer side by side".into(),
        hz: None,
        pts_per_mm: None,
    }
}
