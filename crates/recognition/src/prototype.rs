//! The nearest of a few drawn prototypes: modest, and to be replaced by the network.

use ink::Sample;

use crate::alphabet::{SYMBOLS, SymbolSet};
use crate::reading::Reading;

const POINTS: usize = 32;
type Shape = [(f32, f32); POINTS];

#[derive(Debug)]
pub(crate) struct Prototype {
    symbol: char,
    shape: Shape,
}

/// Strokes are parted by `;`, points are pairs of digits, x then y, on a 10 × 10 grid.
const DRAWN: &[(char, &str)] = &[
    ('0', "50 31 13 05 17 39 59 79 95 83 71 50"),
    ('0', "50 31 13 05 17 39 59 79 95 83 71 50"),
    ('1', "50 59"),
    ('1', "32 50 59"),
    ('2', "12 21 50 71 83 75 47 09 99"),
    ('3', "11 40 71 72 54 34 54 76 88 59 29 08"),
    ('4', "50 33 06 96;73 79"),
    ('4', "20 15 95;73 79"),
    ('5', "90 20 14 54 85 87 59 08"),
    ('5', "20 14 54 85 87 59 08;20 90"),
    ('6', "70 32 15 17 39 69 87 65 35 17"),
    ('7', "01 91 64 49"),
    ('8', "81 50 21 33 66 88 59 18 26 64 82 60"),
    ('9', "82 50 22 24 55 83 81 84 86 79"),
    ('A', "40 09;40 99;26 76"),
    ('A', "09 40 99;26 76"),
    ('B', "10 19;10 60 72 54 14;54 86 78 59 19"),
    ('B', "10 19;10 60 72 54 14 54 86 78 59 19"),
    ('C', "82 60 30 13 06 28 59 89"),
    ('D', "10 19;10 51 83 86 58 19"),
    ('E', "10 19;10 90;14 74;19 99"),
    ('E', "90 10 19 99;14 74"),
    ('F', "10 19;10 90;14 74"),
    ('F', "90 10 19;14 74"),
    ('G', "82 60 30 13 06 28 59 88 75;45 85 89"),
    ('G', "82 60 30 13 06 28 59 88 85 45"),
    ('√', "05 39 90"),
    ('√', "15 28 39 64 90"),
    ('×', "00 99;90 09"),
    ('+', "05 95;50 59"),
    ('+', "50 59;05 95"),
    ('-', "05 95"),
    ('=', "03 93;07 97"),
    ('/', "90 09"),
    ('<', "90 05 99"),
    ('>', "00 95 09"),
    ('.', "55 56"),
    ('÷', "05 95;51 52;58 59"),
    ('%', "31 13 34 52 31;90 09;76 58 79 98 76"),
];

pub(crate) fn all() -> Vec<Prototype> {
    DRAWN
        .iter()
        .filter_map(|(symbol, drawn)| {
            let number = |byte: u8| f32::from(byte - b'0');
            let strokes: Vec<Vec<(f32, f32)>> = drawn
                .split(';')
                .map(|s| s.split(' ').map(str::as_bytes).map(|p| (number(p[0]), number(p[1]))))
                .map(Iterator::collect)
                .collect();
            Some(Prototype { symbol: *symbol, shape: shape(&strokes)? })
        })
        .collect()
}

pub(crate) fn read(
    prototypes: &[Prototype],
    strokes: &[&[Sample]],
    set: SymbolSet,
) -> Option<Reading> {
    let points = |s: &&[Sample]| s.iter().map(|p| (p.x_um as f32, p.y_um as f32)).collect();
    let strokes: Vec<Vec<(f32, f32)>> = strokes.iter().map(points).collect();
    let shape = shape(&strokes)?;
    let mut best: Vec<(String, f32)> = Vec::new();
    for (index, symbol) in SYMBOLS.iter().enumerate().filter(|(index, _)| set.has(*index)) {
        let _ = index;
        let near = prototypes
            .iter()
            .filter(|p| p.symbol == *symbol)
            .map(|p| distance(&p.shape, &shape))
            .min_by(f32::total_cmp);
        if let Some(near) = near {
            best.push((symbol.to_string(), (-14.0 * near).exp()));
        }
    }
    let total: f32 = best.iter().map(|b| b.1).sum();
    best.iter_mut().for_each(|b| b.1 /= total.max(f32::MIN_POSITIVE));
    best.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (text, probability) = best.remove(0);
    best.truncate(3);
    Some(Reading { text, probability, alternatives: best })
}

/// Strokes that stand over each other, from left to right.
pub(crate) fn columns<'a>(strokes: &[&'a [Sample]]) -> Vec<Vec<&'a [Sample]>> {
    let span = |s: &[Sample]| {
        let (low, high) = (s.iter().map(|p| p.x_um).min(), s.iter().map(|p| p.x_um).max());
        (low.unwrap_or(0), high.unwrap_or(0))
    };
    let mut sorted = strokes.to_vec();
    sorted.sort_by_key(|s| span(s).0);
    let mut groups: Vec<(i32, Vec<&[Sample]>)> = Vec::new();
    for stroke in sorted {
        let (low, high) = span(stroke);
        match groups.last_mut() {
            Some((end, group)) if low < *end - (*end - low).min(high - low) / 4 => {
                group.push(stroke);
                *end = high.max(*end);
            }
            _ => groups.push((high, vec![stroke])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Points along the whole arc, in a box whose longer side is 1.
fn shape(strokes: &[Vec<(f32, f32)>]) -> Option<Shape> {
    let all: Vec<(f32, f32)> = strokes.iter().flatten().copied().collect();
    let first = *all.first()?;
    let (mut low, mut high) = (first, first);
    for p in &all {
        low = (low.0.min(p.0), low.1.min(p.1));
        high = (high.0.max(p.0), high.1.max(p.1));
    }
    let size = (high.0 - low.0).max(high.1 - low.1).max(1.0);
    let at = |p: (f32, f32)| {
        ((p.0 - (low.0 + high.0) / 2.0) / size, (p.1 - (low.1 + high.1) / 2.0) / size)
    };
    let lengths = all.windows(2).map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1));
    let total: f32 = lengths.clone().sum();
    let mut shape = [at(first); POINTS];
    let (mut next, mut walked) = (1, 0.0);
    for (w, length) in all.windows(2).zip(lengths) {
        while next < POINTS && walked + length >= total * next as f32 / (POINTS - 1) as f32 - 1e-3 {
            let part = (total * next as f32 / (POINTS - 1) as f32 - walked) / length.max(1e-6);
            let x = w[0].0 + (w[1].0 - w[0].0) * part;
            let y = w[0].1 + (w[1].1 - w[0].1) * part;
            shape[next] = at((x, y));
            next += 1;
        }
        walked += length;
    }
    (next..POINTS).for_each(|i| shape[i] = at(*all.last().unwrap_or(&first)));
    Some(shape)
}

fn distance(a: &Shape, b: &Shape) -> f32 {
    let along = |i: usize, j: usize| (a[i].0 - b[j].0).hypot(a[i].1 - b[j].1);
    let forward: f32 = (0..POINTS).map(|i| along(i, i)).sum();
    let back: f32 = (0..POINTS).map(|i| along(i, POINTS - 1 - i)).sum();
    forward.min(back + 1.0) / POINTS as f32
}
