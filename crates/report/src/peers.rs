//! Plain ways of reading, on the same writers: what the reader's figures are held against.

use std::collections::BTreeMap;

use ink::Handwriting;
use rayon::prelude::*;
use recognition::symbol_heights;
use smartcore::error::Failed;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::svm::Kernel;
use smartcore::svm::svc::{SVC, SVCParameters};

use crate::sets::Set;
use crate::text::{Text, text};

/// How much a peer read right of a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peer {
    /// Which.
    pub name: Text,
    /// Items read right.
    pub right: usize,
    /// Items.
    pub n: usize,
}

impl Peer {
    /// The share read right, 0–1.
    pub fn share(&self) -> f64 {
        self.right as f64 / self.n.max(1) as f64
    }
}

/// Points along the path.
const POINTS: usize = 16;
/// Cells of the map of directions, each way.
const CELLS: usize = 8;
/// Numbers in an item's description.
const LEN: usize = 2 * POINTS + CELLS * CELLS * 4;

/// Samples of one label that the support vectors are sought among, the first ones.
const PER_LABEL_MAX: usize = 300;
/// Neither was tuned.
const GAMMA: f64 = 0.5;
const PENALTY: f64 = 10.0;

/// What peers read of a set of single symbols; none of numbers, which they cannot cut.
pub fn peers(set: &Set) -> Vec<Peer> {
    if set.alphabet.is_number() || set.train.is_empty() {
        return Vec::new();
    }
    let (train, test) = (describe(&set.train, set), describe(&set.test, set));
    let n = test.len();
    let nearest = test.par_iter().filter(|item| nearest(&train, item) == item.label).count();
    let mut peers = vec![Peer { name: text("最近邻", "1-NN"), right: nearest, n }];
    if let Some(said) = vote(&train, &test) {
        let right = said.iter().zip(&test).filter(|(said, item)| **said == item.label).count();
        peers.push(Peer { name: text("支持向量机（RBF）", "SVM (RBF)"), right, n });
    }
    peers
}

/// An item as peers see it.
struct Described<'a> {
    label: &'a str,
    of: Vec<f64>,
}

fn describe<'a>(items: &'a [Handwriting], set: &Set) -> Vec<Described<'a>> {
    let heights = symbol_heights(items, set.alphabet);
    let one = |item: &'a Handwriting| {
        let size = f64::from(heights[item.writer.as_str()]);
        Described { label: &item.label, of: description(&item.strokes, size) }
    };
    items.iter().map(one).collect()
}

/// 16 points along the path, pen-up ways included, and how long the pen went which way where.
fn description(strokes: &[Vec<Vec<f64>>], size: f64) -> Vec<f64> {
    let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
    for p in strokes.iter().flatten() {
        for axis in 0..2 {
            low[axis] = low[axis].min(p[axis]);
            high[axis] = high[axis].max(p[axis]);
        }
    }
    // A point stays small beside its writer's digits.
    let extent = (high[0] - low[0]).max(high[1] - low[1]).max(0.2 * size).max(1e-9);
    let middle = [0, 1].map(|axis| f64::midpoint(low[axis], high[axis]));
    let place = |p: &Vec<f64>| [0, 1].map(|axis| (p[axis] - middle[axis]) / extent);
    let strokes: Vec<Vec<[f64; 2]>> =
        strokes.iter().map(|s| s.iter().map(place).collect()).collect();
    let mut of = Vec::with_capacity(LEN);
    of.extend(along(&strokes.concat()).into_iter().flatten());
    let mut map = vec![0.0; CELLS * CELLS * 4];
    for pair in strokes.iter().flat_map(|s| s.windows(2)) {
        splat(pair[0], pair[1], &mut map);
    }
    let sum: f64 = map.iter().sum();
    of.extend(map.iter().map(|v| (v / sum.max(1e-9)).sqrt()));
    of
}

fn along(path: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let length = |pair: &[[f64; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
    let all: f64 = path.windows(2).map(length).sum();
    let mut points = Vec::with_capacity(POINTS);
    let (mut gone, mut at) = (0.0, 0);
    for i in 0..POINTS {
        let wanted = all * i as f64 / (POINTS - 1) as f64;
        while at + 2 < path.len() && gone + length(&path[at..at + 2]) < wanted {
            gone += length(&path[at..at + 2]);
            at += 1;
        }
        let (from, to) = (path[at], path[(at + 1).min(path.len() - 1)]);
        let share = ((wanted - gone) / length(&[from, to]).max(1e-9)).clamp(0.0, 1.0);
        points.push([0, 1].map(|axis| from[axis] + share * (to[axis] - from[axis])));
    }
    points
}

/// Adds a way's length to the cells around its middle, by direction without its sign.
fn splat(from: [f64; 2], to: [f64; 2], map: &mut [f64]) {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = dx.hypot(dy);
    if length == 0.0 {
        return;
    }
    let turn = dy.atan2(dx).rem_euclid(std::f64::consts::PI) / std::f64::consts::PI * 4.0;
    let at = [0, 1].map(|axis| {
        let middle = f64::midpoint(from[axis], to[axis]);
        ((middle + 0.5) * CELLS as f64 - 0.5).clamp(0.0, CELLS as f64 - 1.0)
    });
    for (direction, by_turn) in between(turn, 4, true) {
        for (x, by_x) in between(at[0], CELLS, false) {
            for (y, by_y) in between(at[1], CELLS, false) {
                map[(y * CELLS + x) * 4 + direction] += length * by_turn * by_x * by_y;
            }
        }
    }
}

/// The two cells that a place lies between, and its share of each.
fn between(at: f64, cells: usize, around: bool) -> [(usize, f64); 2] {
    let first = at.floor();
    let share = at - first;
    let first = first as usize;
    let next = if around { (first + 1) % cells } else { (first + 1).min(cells - 1) };
    [(first % cells, 1.0 - share), (next, share)]
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn nearest<'a>(train: &[Described<'a>], item: &Described<'_>) -> &'a str {
    let of = |known: &Described<'_>| distance(&known.of, &item.of);
    train.iter().min_by(|a, b| of(a).total_cmp(&of(b))).map_or("", |known| known.label)
}

/// The kernel exp(−γ d²), without the copies of the library's own.
#[derive(Debug)]
struct Rbf;

impl Kernel for Rbf {
    fn apply(&self, a: &Vec<f64>, b: &Vec<f64>) -> Result<f64, Failed> {
        Ok((-GAMMA * distance(a, b)).exp())
    }
}

/// The labels that machines of each pair of labels vote for; `None` where there is but one label.
fn vote<'a>(train: &[Described<'a>], test: &[Described<'_>]) -> Option<Vec<&'a str>> {
    let mut by_label: BTreeMap<&str, Vec<&Described<'a>>> = BTreeMap::new();
    for item in train {
        let same = by_label.entry(item.label).or_default();
        if same.len() < PER_LABEL_MAX {
            same.push(item);
        }
    }
    let groups: Vec<&Vec<&Described<'a>>> = by_label.values().collect();
    let pairs: Vec<(usize, usize)> =
        (0..groups.len()).flat_map(|b| (0..b).map(move |a| (a, b))).collect();
    let rows: Vec<Vec<f64>> = test.iter().map(|item| item.of.clone()).collect();
    let asked = DenseMatrix::from_2d_vec(&rows).ok()?;
    let said: Vec<Vec<usize>> = pairs
        .par_iter()
        .map(|&(a, b)| {
            let first = duel(groups[a], groups[b], &asked).ok()?;
            Some(first.into_iter().map(|first| if first { a } else { b }).collect())
        })
        .collect::<Option<_>>()?;
    let winner = |item: usize| {
        let mut votes = vec![0; groups.len()];
        said.iter().for_each(|said| votes[said[item]] += 1);
        let most = (0..votes.len()).rev().max_by_key(|label| votes[*label])?;
        Some(groups[most][0].label)
    };
    (!pairs.is_empty()).then(|| (0..test.len()).map(winner).collect())?
}

/// Of each item asked about, whether it is rather one of `a` than of `b`.
fn duel(
    a: &[&Described<'_>],
    b: &[&Described<'_>],
    asked: &DenseMatrix<f64>,
) -> Result<Vec<bool>, Failed> {
    let rows: Vec<Vec<f64>> = a.iter().chain(b).map(|item| item.of.clone()).collect();
    let x = DenseMatrix::from_2d_vec(&rows)?;
    let sides = std::iter::repeat_n(1, a.len()).chain(std::iter::repeat_n(-1, b.len()));
    let y: Vec<i32> = sides.collect();
    let parameters = SVCParameters::default().with_c(PENALTY).with_kernel(Rbf).with_seed(Some(1));
    let machine = SVC::fit(&x, &y, &parameters)?;
    // The lifetime of what is asked is tied to that of what was learnt.
    Ok(machine.predict(asked)?.into_iter().map(|side| side > 0.0).collect())
}

#[cfg(test)]
mod tests {
    use recognition::Alphabet;

    use super::*;
    use crate::sets::Goal;

    /// Failure: a peer does not tell upright strokes from flat ones.
    #[test]
    fn what_is_plain_is_read_by_all() {
        let item = |flat: bool, i: i32| Handwriting {
            label: if flat { "-" } else { "/" }.into(),
            writer: "w".into(),
            strokes: vec![
                (0..9)
                    .map(|t| f64::from(t * (10 + i)))
                    .map(|t| if flat { vec![t, f64::from(i)] } else { vec![0.3 * t, -t] })
                    .collect(),
            ],
            source: String::new(),
            hz: None,
            pts_per_mm: None,
        };
        let some = |from| (from..from + 10).flat_map(|i| [item(true, i), item(false, i)]).collect();
        let set = Set {
            name: text("", ""),
            files: String::new(),
            note: None,
            alphabet: Alphabet::Operators,
            goal: Goal::default(),
            test: some(3),
            train: some(0),
        };
        let found: Vec<_> = peers(&set).iter().map(|p| (p.name.en, p.right, p.n)).collect();
        assert_eq!(found, [("1-NN", 20, 20), ("SVM (RBF)", 20, 20)]);
    }
}
