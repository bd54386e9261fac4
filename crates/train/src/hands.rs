//! How hands differ, fitted on training writers, and how much that is to count, chosen on validation
//! writers.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use recognition::features::{self, Glyph};
use recognition::hand::{DIMENSIONS, Hands, Own, Place};
use recognition::network::{JOIN, Network, OUTPUTS, Workspace};
use recognition::{Alphabet, SYMBOLS, Split, SymbolSet};

use crate::corpus::Corpus;
use crate::item::Item;

const WIDE: usize = JOIN.outputs;
/// A matrix over the hidden layer.
type Square = Vec<[f64; WIDE]>;

/// Digits that a page of numbers has, and how many of a writer's must be left for one.
const PAGE: usize = 40;
const PAGE_MIN: usize = 5;
/// A digit read with at least this probability counts as the hand's own.
const OWN_MIN: f32 = 0.97;
/// So much of the mean variance is added to each dimension's, for those that never move.
const RIDGE: f64 = 0.01;
/// Hands move digits at least so much.
const SPREAD_MIN: f64 = 1e-3;

/// A digit as the network sees it.
struct Seen<'c> {
    writer: &'c str,
    digit: usize,
    outputs: [f32; OUTPUTS],
    hidden: [f64; WIDE],
}

/// Fits how hands differ.
pub(crate) fn fit(parameters: &[f32], corpus: &Corpus, seed: u64) -> Hands {
    let network = Network::new(parameters.to_vec());
    let mut hands = differ(&seen(&network, corpus, Split::Train));
    let pages = pages(seen(&network, corpus, Split::Validation), seed);
    let surprise = |trust: f32| {
        let hands = Hands { trust, ..hands.clone() };
        pages.iter().map(|page| surprise(&hands, page)).sum::<f64>()
    };
    let all = (0..=20).map(|i| 0.05 * i as f32).map(|trust| (trust, surprise(trust)));
    let all: Vec<(f32, f64)> = all.collect();
    println!("surprise of validation writers' digits by trust: {all:.2?}");
    let best = all.into_iter().min_by(|a, b| a.1.total_cmp(&b.1));
    hands.trust = best.map_or(0.0, |(trust, _)| trust);
    hands
}

fn seen<'c>(network: &Network, corpus: &'c Corpus, split: Split) -> Vec<Seen<'c>> {
    let items = corpus.pendigits.split(split).iter().chain(corpus.digits.split(split));
    let mut work = Workspace::default();
    let (mut path, mut symbol) = (Vec::new(), vec![0.0; features::LEN]);
    let mut one = |item: &'c Item| {
        let mut glyph = Glyph::new(item.size);
        item.strokes.iter().for_each(|s| glyph.push(s.iter().copied()));
        features::extract(&glyph, &mut path, &mut symbol);
        let mut outputs = [0.0; OUTPUTS];
        outputs.copy_from_slice(network.forward(&symbol, &mut work));
        let hidden = std::array::from_fn(|at| f64::from(work.hidden()[at]));
        let digit = item.label.to_digit(10)? as usize;
        Some(Seen { writer: &item.writer, digit, outputs, hidden })
    };
    items.filter(|item| !item.doubtful).filter_map(&mut one).collect()
}

/// A discriminant analysis with writers: the dimensions that tell digits apart best against how one
/// hand strays, and how far hands lie from each other in them.
fn differ(seen: &[Seen<'_>]) -> Hands {
    let mean = |of: &[&Seen<'_>]| -> [f64; WIDE] {
        std::array::from_fn(|at| of.iter().map(|s| s.hidden[at]).sum::<f64>() / of.len() as f64)
    };
    let mut classes: BTreeMap<usize, Vec<&Seen<'_>>> = BTreeMap::new();
    let mut hands: BTreeMap<(usize, &str), Vec<&Seen<'_>>> = BTreeMap::new();
    for one in seen {
        classes.entry(one.digit).or_default().push(one);
        hands.entry((one.digit, one.writer)).or_default().push(one);
    }
    hands.retain(|_, of| of.len() > 1);
    let centres: Vec<[f64; WIDE]> = classes.values().map(|of| mean(of)).collect();
    let mut within: Square = vec![[0.0; WIDE]; WIDE];
    let mut between = within.clone();
    let (mut free, mut strays) = (0.0, 0.0);
    for ((digit, _), of) in &hands {
        let own = mean(of);
        let away =
            |from: &[f64; WIDE], to: &[f64; WIDE]| std::array::from_fn(|at| to[at] - from[at]);
        of.iter().for_each(|one| add_square(&mut within, &away(&own, &one.hidden)));
        add_square(&mut between, &away(&centres[*digit], &own));
        free += (of.len() - 1) as f64;
        // An own centre strays itself by what its digits do.
        strays += 1.0 / of.len() as f64 / hands.len() as f64;
    }
    scale(&mut within, 1.0 / free);
    scale(&mut between, 1.0 / hands.len() as f64);
    let ridge = RIDGE * (0..WIDE).map(|at| within[at][at]).sum::<f64>() / WIDE as f64;
    (0..WIDE).for_each(|at| within[at][at] += ridge);

    // Rows that make what one hand strays by 1 in each direction.
    let (variances, mut whiten) = eigen(within);
    for (row, variance) in whiten.iter_mut().zip(variances) {
        row.iter_mut().for_each(|value| *value /= variance.sqrt());
    }
    let middle: [f64; WIDE] =
        std::array::from_fn(|at| centres.iter().map(|c| c[at]).sum::<f64>() / centres.len() as f64);
    let mut apart: Square = vec![[0.0; WIDE]; WIDE];
    for centre in &centres {
        let centred: [f64; WIDE] = std::array::from_fn(|at| centre[at] - middle[at]);
        add_square(&mut apart, &std::array::from_fn(|at| dot(&whiten[at], &centred)));
    }
    let (_, directions) = eigen(apart);
    let axes: Vec<[f64; WIDE]> = (directions.iter().take(DIMENSIONS))
        .map(|axis| std::array::from_fn(|at| (0..WIDE).map(|i| axis[i] * whiten[i][at]).sum()))
        .collect();
    let spread: Place = std::array::from_fn(|at| {
        let across: f64 = (0..WIDE).map(|i| axes[at][i] * dot(&between[i], &axes[at])).sum();
        (across - strays).max(SPREAD_MIN) as f32
    });
    Hands {
        projection: (0..WIDE).flat_map(|i| axes.iter().map(move |axis| axis[i] as f32)).collect(),
        spread,
        centres: std::array::from_fn(|digit| {
            std::array::from_fn(|at| dot(&axes[at], &centres[digit]) as f32)
        }),
        trust: 0.0,
    }
}

/// Shuffled digits of one writer each.
fn pages(seen: Vec<Seen<'_>>, seed: u64) -> Vec<Vec<Seen<'_>>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut writers: BTreeMap<&str, Vec<Seen<'_>>> = BTreeMap::new();
    for one in seen {
        writers.entry(one.writer).or_default().push(one);
    }
    let mut pages = Vec::new();
    for (_, mut of) in writers {
        of.shuffle(&mut rng);
        while of.len() >= PAGE_MIN {
            pages.push(of.split_off(of.len().saturating_sub(PAGE)));
        }
    }
    pages
}

/// Surprise, in nats, at the digits of a page that one hand wrote.
fn surprise(hands: &Hands, page: &[Seen<'_>]) -> f64 {
    let set = SymbolSet::new(Alphabet::Digits, None);
    let place = |one: &Seen<'_>| hands.place(&one.hidden.map(|value| value as f32));
    let likely = |one: &Seen<'_>, says: [f32; 10]| {
        let weighed = one.outputs.iter().zip(set.log_priors()).enumerate();
        let mut p: Vec<f32> = weighed
            .map(|(at, (output, prior))| output + prior + says.get(at).copied().unwrap_or(0.0))
            .collect();
        let most = p.iter().copied().fold(f32::MIN, f32::max);
        p.iter_mut().for_each(|p| *p = (*p - most).exp());
        let sum: f32 = p.iter().take(SYMBOLS.len() + 1).sum();
        p.iter_mut().for_each(|p| *p /= sum);
        p
    };
    let read = |one: &Seen<'_>| {
        let p = likely(one, [0.0; 10]);
        (0..10).find(|digit| p[*digit] >= OWN_MIN)
    };
    let mut own = Own::default();
    let reads: Vec<Option<usize>> = page.iter().map(read).collect();
    for (one, read) in page.iter().zip(&reads) {
        read.iter().for_each(|digit| own.add(*digit, &place(one)));
    }
    let mut sum = 0.0;
    for (one, read) in page.iter().zip(&reads) {
        let place = place(one);
        read.iter().for_each(|digit| own.remove(*digit, &place));
        let p = likely(one, hands.says(&own, &place));
        sum -= f64::from(p[one.digit].max(1e-9).ln());
        read.iter().for_each(|digit| own.add(*digit, &place));
    }
    sum
}

fn dot(a: &[f64; WIDE], b: &[f64; WIDE]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn scale(matrix: &mut Square, by: f64) {
    matrix.iter_mut().flatten().for_each(|value| *value *= by);
}

/// Adds the outer product of a vector with itself.
fn add_square(matrix: &mut Square, vector: &[f64; WIDE]) {
    for (row, a) in matrix.iter_mut().zip(vector) {
        row.iter_mut().zip(vector).for_each(|(value, b)| *value += a * b);
    }
}

/// Sweeps over all pairs of dimensions.
const SWEEPS: usize = 30;

/// Eigenvalues of a symmetric matrix, largest first, and their vectors as rows (Jacobi's method).
fn eigen(mut matrix: Square) -> (Vec<f64>, Square) {
    let mut vectors: Square =
        (0..WIDE).map(|i| std::array::from_fn(|j| f64::from(u8::from(i == j)))).collect();
    for _ in 0..SWEEPS {
        for p in 0..WIDE {
            for q in p + 1..WIDE {
                if matrix[p][q].abs() < 1e-14 {
                    continue;
                }
                let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
                let tan = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let cos = 1.0 / tan.hypot(1.0);
                let sin = tan * cos;
                for row in &mut matrix {
                    let (a, b) = (row[p], row[q]);
                    (row[p], row[q]) = (cos * a - sin * b, sin * a + cos * b);
                }
                for i in 0..WIDE {
                    let (a, b) = (matrix[p][i], matrix[q][i]);
                    (matrix[p][i], matrix[q][i]) = (cos * a - sin * b, sin * a + cos * b);
                    let (a, b) = (vectors[p][i], vectors[q][i]);
                    (vectors[p][i], vectors[q][i]) = (cos * a - sin * b, sin * a + cos * b);
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..WIDE).collect();
    order.sort_by(|a, b| matrix[*b][*b].total_cmp(&matrix[*a][*a]));
    let values = order.iter().map(|i| matrix[*i][*i]).collect();
    (values, order.iter().map(|i| vectors[*i]).collect())
}
