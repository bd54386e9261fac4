//! Symbols that no writer in the data wrote: √, ×, ÷ and what is no symbol at all.
//!
//! All of it is synthetic: drawn from a few points with a hand's variations, or put together from
//! pieces of real symbols.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::augment::{Strokes, frame};
use crate::chance::{around, happens, normal};
use crate::item::Item;

/// A tick in a box of about 1 × 1: a short way down, a long way up.
pub(crate) fn tick(rng: &mut ChaCha8Rng) -> Strokes {
    let knee = [rng.random_range(0.12..0.5), rng.random_range(0.8..1.1)];
    let start = [around(rng, 0.08), knee[1] - rng.random_range(0.1..0.65)];
    let end = [rng.random_range(0.75..1.35), rng.random_range(-0.15..0.35)];
    let mut points = vec![start, knee, end];
    if happens(rng, 0.25) {
        // The mathematician's root, begun with a little rise.
        points.insert(
            0,
            [start[0] - rng.random_range(0.08..0.25), start[1] + rng.random_range(0.02..0.2)],
        );
    }
    if happens(rng, 0.2) {
        // Its roof.
        points.push([end[0] + rng.random_range(0.2..0.9), end[1] + around(rng, 0.08)]);
    }
    if happens(rng, 0.1) {
        points.reverse();
    }
    vec![sketch(&points, rng)]
}

/// A tick crossed by a short stroke: half right, which is neither √ nor ×.
pub(crate) fn half_tick(rng: &mut ChaCha8Rng) -> Strokes {
    let mut strokes = tick(rng);
    let (knee, end) = (strokes[0][strokes[0].len() / 3], strokes[0][strokes[0].len() - 1]);
    let along = rng.random_range(0.45..0.9);
    let at = [0, 1].map(|k| knee[k] + (end[k] - knee[k]) * along);
    let reach = [rng.random_range(0.12..0.28), rng.random_range(0.05..0.25)];
    let (from, to) = ([at[0] - reach[0], at[1] - reach[1]], [at[0] + reach[0], at[1] + reach[1]]);
    strokes.push(sketch(&[from, to], rng));
    strokes
}

/// A cross of two slanting strokes in any order and direction, or of one that loops.
pub(crate) fn cross(rng: &mut ChaCha8Rng) -> Strokes {
    let mut corner = |x: f32, y: f32| [x + around(rng, 0.16), y + around(rng, 0.16)];
    let (nw, ne, sw, se) = (corner(0.0, 0.0), corner(1.0, 0.0), corner(0.0, 1.0), corner(1.0, 1.0));
    if happens(rng, 0.12) {
        let turn = [1.15 + around(rng, 0.1), 0.5 + around(rng, 0.25)];
        return vec![sketch(&[nw, [0.5, 0.5], se, turn, ne, [0.5, 0.5], sw], rng)];
    }
    let falling = if happens(rng, 0.93) { [nw, se] } else { [se, nw] };
    let rising = if happens(rng, 0.7) { [ne, sw] } else { [sw, ne] };
    let (falling, rising) = (sketch(&falling, rng), sketch(&rising, rng));
    if happens(rng, 0.6) { vec![falling, rising] } else { vec![rising, falling] }
}

/// A bar and two dots, in any order.
pub(crate) fn obelus(rng: &mut ChaCha8Rng) -> Strokes {
    let bar = [[around(rng, 0.06), 0.5 + around(rng, 0.07)], [1.0, 0.5 + around(rng, 0.07)]];
    let gap = rng.random_range(0.2..0.48);
    let mut dot = |y: f32| {
        let (x, y) = (0.5 + around(rng, 0.16), y + around(rng, 0.06));
        let (dx, dy) = (0.05 * normal(rng), 0.05 * normal(rng));
        sketch(&[[x, y], [x + dx, y + dy]], rng)
    };
    let (above, below) = (dot(0.5 - gap), dot(0.5 + gap));
    let bar = sketch(&bar, rng);
    match rng.random_range(0..4) {
        0 => vec![above, bar, below],
        1 => vec![above, below, bar],
        _ => vec![bar, above, below],
    }
}

/// Two level lines above each other; a quick hand joins them.
pub(crate) fn equals(rng: &mut ChaCha8Rng) -> Strokes {
    let (gap, width) = (rng.random_range(0.16..0.5), rng.random_range(0.5..1.0));
    let mut line = |y: f32| {
        let (from, to) = (around(rng, 0.1), width + around(rng, 0.12));
        [[from, y + around(rng, 0.07)], [to, y + around(rng, 0.07)]]
    };
    let (above, below) = (line(0.5 - gap / 2.0), line(0.5 + gap / 2.0));
    if happens(rng, 0.15) {
        return vec![sketch(&[above, below].concat(), rng)];
    }
    let (above, below) = (sketch(&above, rng), sketch(&below, rng));
    if happens(rng, 0.93) { vec![above, below] } else { vec![below, above] }
}

/// A full stop as the Chinese write it, a tenth to three tenths as tall as a digit.
pub(crate) fn ring(rng: &mut ChaCha8Rng) -> Strokes {
    let radius = rng.random_range(0.05..0.15);
    let (begin, turn) = (std::f32::consts::TAU * rng.random::<f32>(), rng.random_range(5.2..8.0));
    let turn = if happens(rng, 0.75) { -turn } else { turn };
    let mut points = Vec::new();
    for i in 0..9 {
        let angle = begin + turn * i as f32 / 8.0;
        let far = radius * (1.0 + around(rng, 0.18));
        points.push([far * angle.cos(), far * angle.sin() * 0.95]);
    }
    vec![curve(&points, 0.5, 0.02, rng)]
}

/// Lines to and fro, or loops, over about 1 × 1.
pub(crate) fn scribble(rng: &mut ChaCha8Rng) -> Strokes {
    let (width, height) = (rng.random_range(0.4..1.5), rng.random_range(0.2..1.1));
    let count = rng.random_range(5..14);
    let slant = around(rng, 0.6);
    let mut points = Vec::new();
    for i in 0..count {
        let side = if i % 2 == 0 { 0.0 } else { 1.0 };
        let along = i as f32 / (count - 1) as f32;
        let x = width * (side + around(rng, 0.15));
        points.push([x, height * (along + around(rng, 0.12)) + slant * side * height]);
    }
    if happens(rng, 0.3) {
        points.iter_mut().for_each(|p| p.swap(0, 1));
    }
    vec![sketch(&points, rng)]
}

/// A symbol with a line, two lines or a scribble through it. A `0` and a `7` with one line are
/// still symbols, and get two.
pub(crate) fn struck(item: &Item, rng: &mut ChaCha8Rng) -> Strokes {
    let (centre, extent) = frame(&item.strokes);
    let mut strokes = item.strokes.clone();
    let place = |p: &[f32; 2]| [0, 1].map(|k| centre[k] + extent * p[k]);
    let one = happens(rng, 0.6) && !"07".contains(item.label);
    let lines = match rng.random_range(0..4) {
        0 => {
            let scribble = scribble(rng);
            scribble
                .into_iter()
                .map(|s| s.iter().map(|p| [p[0] - 0.5, p[1] - 0.4]).collect())
                .collect()
        }
        _ if one => vec![strike(rng)],
        _ => vec![strike(rng), strike(rng)],
    };
    strokes.extend(lines.iter().map(|s: &Vec<[f32; 2]>| s.iter().map(place).collect()));
    strokes
}

/// A line through the middle, longer than a symbol is wide.
fn strike(rng: &mut ChaCha8Rng) -> Vec<[f32; 2]> {
    let angle = match rng.random_range(0..3) {
        0 => around(rng, 0.25),
        1 => -0.85 + around(rng, 0.4),
        _ => 0.85 + around(rng, 0.4),
    };
    let (left, right) = (rng.random_range(0.45..0.9), rng.random_range(0.45..0.9));
    let (x, y) = (around(rng, 0.1), around(rng, 0.15));
    let (sin, cos) = angle.sin_cos();
    let ends = [[x - left * cos, y - left * sin], [x + right * cos, y + right * sin]];
    sketch(&ends, rng)
}

/// A stroke through a few points, here round and there pointed.
fn sketch(points: &[[f32; 2]], rng: &mut ChaCha8Rng) -> Vec<[f32; 2]> {
    let roundness = rng.random_range(0.0..0.45);
    curve(points, roundness, 0.04, rng)
}

/// A curve through the points, slow at each as a hand is; with a roundness of one half it is
/// smooth (Catmull and Rom), and each arc bulges by chance.
pub(crate) fn curve(
    points: &[[f32; 2]],
    roundness: f32,
    bulge: f32,
    rng: &mut ChaCha8Rng,
) -> Vec<[f32; 2]> {
    let at = |i: isize| points[i.clamp(0, points.len() as isize - 1) as usize];
    let mut out = Vec::new();
    for i in 0..points.len() as isize - 1 {
        let (a, b) = (at(i), at(i + 1));
        let far = (b[0] - a[0]).hypot(b[1] - a[1]);
        let count = (rng.random_range(8.0..18.0) * far).ceil().clamp(2.0, 30.0) as usize;
        let bulge = bulge * normal(rng);
        for k in 0..count {
            let t = k as f32 / count as f32;
            // The path of least jerk between two rests.
            let s = t * t * t * (10.0 - 15.0 * t + 6.0 * t * t);
            let s = 0.5 * (s + t);
            let arch = 4.0 * s * (1.0 - s) * bulge;
            let hermite = |axis: usize| {
                let (m0, m1) = (b[axis] - at(i - 1)[axis], at(i + 2)[axis] - a[axis]);
                let (s2, s3) = (s * s, s * s * s);
                (2.0 * s3 - 3.0 * s2 + 1.0) * a[axis]
                    + (s3 - 2.0 * s2 + s) * m0 * roundness
                    + (3.0 * s2 - 2.0 * s3) * b[axis]
                    + (s3 - s2) * m1 * roundness
            };
            out.push([hermite(0) - arch * (b[1] - a[1]), hermite(1) + arch * (b[0] - a[0])]);
        }
    }
    out.extend(points.last());
    out
}

/// A digit with what is left of a stroke that led from the one before or to the next.
pub(crate) fn linked(item: &Item, rng: &mut ChaCha8Rng) -> Strokes {
    let mut strokes = item.strokes.clone();
    let mut away = |p: [f32; 2], side: f32| {
        let (far, angle) = (item.size * rng.random_range(0.05..0.4), around(rng, 0.8));
        let end = [p[0] + side * far * angle.cos(), p[1] + far * angle.sin()];
        let middle = [0, 1].map(|k| (p[k] + end[k]) / 2.0 + 0.05 * item.size * normal(rng));
        (middle, end, rng.random_range(0..3))
    };
    if let Some(last) = strokes.last_mut().filter(|s| !s.is_empty()) {
        let (middle, end, which) = away(last[last.len() - 1], 1.0);
        if which < 2 {
            last.extend([middle, end]);
        }
    }
    if let Some(first) = strokes.first_mut().filter(|s| !s.is_empty()) {
        let (middle, end, which) = away(first[0], -1.0);
        if which < 2 {
            first.splice(0..0, [end, middle]);
        }
    }
    strokes
}

/// Two digits of one writer side by side.
pub(crate) fn pair(a: &Item, b: &Item, gap: f32) -> (Strokes, usize) {
    let first = a.strokes.len();
    let (edge_a, edge_b) = (edges(&a.strokes), edges(&b.strokes));
    let shift = edge_a[1] + gap * a.size - edge_b[0];
    let (centre_a, _) = frame(&a.strokes);
    let (centre_b, _) = frame(&b.strokes);
    let drop = centre_a[1] - centre_b[1];
    let moved = |p: &[f32; 2]| [p[0] + shift, p[1] + drop];
    let mut strokes = a.strokes.clone();
    strokes.extend(b.strokes.iter().map(|s| s.iter().map(moved).collect()));
    (strokes, first)
}

/// A digit and a point beside its foot, which are two symbols.
pub(crate) fn pointed(digit: &Item, rng: &mut ChaCha8Rng) -> Strokes {
    let mut strokes = digit.strokes.clone();
    let [left, right] = edges(&strokes);
    let (centre, _) = frame(&strokes);
    let before = happens(rng, 0.4);
    let aside = digit.size * rng.random_range(0.0..0.4);
    let x = if before { left - aside } else { right + aside };
    let y = centre[1] + digit.size * rng.random_range(0.3..0.62);
    let end = [0.07 * digit.size * normal(rng), 0.07 * digit.size * normal(rng)];
    let dot = sketch(&[[x, y], [x + end[0], y + end[1]]], rng);
    strokes.insert(if before { 0 } else { strokes.len() }, dot);
    strokes
}

/// Leftmost and rightmost coordinate.
pub(crate) fn edges(strokes: &Strokes) -> [f32; 2] {
    let xs = strokes.iter().flatten().map(|p| p[0]);
    [xs.clone().fold(f32::MAX, f32::min), xs.fold(f32::MIN, f32::max)]
}

/// What a wrong cut leaves: more than one digit, or less.
pub(crate) fn wrong_cut(a: &Item, b: &Item, rng: &mut ChaCha8Rng) -> Option<Strokes> {
    let gap = rng.random_range(-0.15..0.45);
    let (mut strokes, first) = pair(a, b, gap);
    match rng.random_range(0..6) {
        // Two digits taken for one.
        0 | 1 => Some(strokes),
        2 => {
            // Joined as the hand joins them.
            let second = strokes.remove(first);
            strokes[first - 1].extend(second);
            Some(strokes)
        }
        // A digit and a part of its neighbour.
        3 => {
            let part = part(&strokes.split_off(first)[0], true, rng);
            strokes.push(part);
            Some(strokes)
        }
        4 => {
            let rest = strokes.split_off(first);
            let last = strokes.pop()?;
            let mut out = vec![part(&last, false, rng)];
            out.extend(rest);
            Some(out)
        }
        // A part alone, where a part is not another digit.
        _ => {
            let beginning = match a.label {
                '0' | '3' | '8' => happens(rng, 0.5),
                '4' => true,
                '2' | '5' => false,
                _ => return None,
            };
            (a.strokes.len() == 1 || a.label == '4')
                .then(|| vec![part(&a.strokes[0], beginning, rng)])
        }
    }
}

/// A third to two thirds of a stroke, from its beginning or to its end.
fn part(stroke: &[[f32; 2]], beginning: bool, rng: &mut ChaCha8Rng) -> Vec<[f32; 2]> {
    let at = (stroke.len() as f32 * rng.random_range(0.35..0.65)) as usize;
    let at = at.clamp(1, stroke.len().max(2) - 1).min(stroke.len());
    if beginning { stroke[..at].to_vec() } else { stroke[at.min(stroke.len() - 1)..].to_vec() }
}
