//! Chinese characters, read by the strokes of a model: their number, order, places and forms.
//!
//! The model is one skeleton a character, made from a font: it is no handwriting. What of it is sure
//! enough was chosen on skeletons that a program deformed, so a reading is trusted only where the
//! strokes are those of one character, one by one, and of no other. A character whose strokes are
//! joined, left out or too many is not read.

use ink::Sample;

use crate::features::length;

#[cfg(test)]
mod tests;

/// Points of a stroke.
pub const POINTS: usize = 8;
/// Names the skeletons and the rules in results.
pub const MODEL_VERSION: &str = "characters-1";

const MAGIC: [u8; 4] = *b"ZHZ1";
/// Strokes of the longest character that is read.
pub const STROKES_MAX: usize = 36;
/// How far a hand mostly stays from a skeleton, root mean square, where a character's points have a
/// spread of 1 on average over both axes.
const SPREAD: f32 = 0.085;
/// From this distance on, ink is likelier none of the characters.
const FAR: f32 = 0.40;
/// How much wider or taller than a skeleton a hand may write.
const STRETCH: (f32, f32) = (0.7, 1.4);
/// How much farther off a character is whose strokes were written in another order.
const OTHER_ORDER: f32 = 1.15;
/// Characters that are compared with strokes in any order.
const IN_ANY_ORDER: usize = 40;
/// How far a stroke's middle may lie from the skeleton's, where points have a spread of 1; how far it
/// may turn, radians; and how long it may be, in lengths of the skeleton's.
const AWAY_MAX: f32 = 0.5;
const TURN_MAX: f32 = 0.5;
const LENGTHS: (f32, f32) = (0.5, 1.7);
const ALTERNATIVES_MAX: usize = 3;
/// Less likely characters are not told.
const ALTERNATIVE_MIN: f32 = 0.01;

type Point = [f32; 2];
type Stroke = [Point; POINTS];

/// One character that is known.
#[derive(Clone, Debug)]
struct Skeleton {
    character: char,
    strokes: Vec<Stroke>,
}

/// The characters that can be read.
#[derive(Clone, Debug)]
pub struct Characters {
    /// By number of strokes.
    by_count: Vec<Vec<Skeleton>>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct CharacterReading {
    /// The likeliest character.
    pub character: char,
    /// How likely it is, 0–1, among all that are known and none of them: fitted to deformed
    /// skeletons, not to handwriting.
    pub probability: f32,
    /// Others and their probabilities, likeliest first.
    pub alternatives: Vec<(char, f32)>,
    /// Whether its strokes came in the model's order.
    pub in_order: bool,
    /// Whether each stroke by itself lies, runs and reaches about as the model's.
    pub is_even: bool,
}

/// Why bytes are no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these are no skeletons of characters, or not all of them")]
pub struct NoSkeletons;

impl Characters {
    /// The 3,755 most usual characters, of the first level of GB 2312.
    #[must_use]
    pub fn embedded() -> Self {
        Self::from_bytes(include_bytes!("../weights/characters-1.bin"))
            .expect("the embedded skeletons are whole")
    }

    /// Reads a model: see [`to_bytes`].
    ///
    /// # Errors
    /// If the bytes are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NoSkeletons> {
        let mut rest = bytes.strip_prefix(&MAGIC).ok_or(NoSkeletons)?;
        let mut by_count = vec![Vec::new(); STROKES_MAX + 1];
        while let Some((head, body)) = rest.split_first_chunk::<4>() {
            let character = u32::from_le_bytes([head[0], head[1], head[2], 0]);
            let character = char::from_u32(character).ok_or(NoSkeletons)?;
            let count = usize::from(head[3]);
            let bytes = body.get(..count * POINTS * 2).ok_or(NoSkeletons)?;
            let points = bytes.chunks_exact(2).map(|xy| [coordinate(xy[0]), coordinate(xy[1])]);
            let points: Vec<Point> = points.collect();
            let (strokes, _) = points.as_chunks::<POINTS>();
            let strokes = upright(strokes.to_vec()).ok_or(NoSkeletons)?;
            by_count.get_mut(count).ok_or(NoSkeletons)?.push(Skeleton { character, strokes });
            rest = &body[count * POINTS * 2..];
        }
        if rest.is_empty() { Ok(Self { by_count }) } else { Err(NoSkeletons) }
    }

    /// Whether a character is known.
    #[must_use]
    pub fn knows(&self, character: char) -> bool {
        self.by_count.iter().flatten().any(|known| known.character == character)
    }

    /// Reads strokes in the order in which they were written; `None` where they are like no known
    /// character of their number, or have no extent.
    #[must_use]
    pub fn read(&self, strokes: &[&[Sample]]) -> Option<CharacterReading> {
        let ink = |stroke: &&[Sample]| -> Vec<Point> {
            stroke.iter().map(|s| [s.x_um as f32, s.y_um as f32]).collect()
        };
        let ink: Option<Vec<Stroke>> = strokes.iter().map(ink).map(|s| resample(&s)).collect();
        let ink = upright(ink?)?;
        let known = self.by_count.get(ink.len()).filter(|known| !known.is_empty())?;
        let mut distances: Vec<(f32, usize, bool)> = known
            .iter()
            .enumerate()
            .map(|(at, known)| (distance(&known.strokes, &ink, None), at, true))
            .collect();
        distances.sort_by(|a, b| a.0.total_cmp(&b.0));
        if distances[0].0 > FAR / 2.0 {
            self.in_any_order(&ink, known, &mut distances);
        }
        let weight = |distance: f32| (-0.5 * (distance / SPREAD).powi(2)).exp();
        let sum: f32 = distances.iter().map(|(d, ..)| weight(*d)).sum::<f32>() + weight(FAR);
        let mut likely =
            distances.iter().map(|(d, at, _)| (known[*at].character, weight(*d) / sum));
        let (character, probability) = likely.next().filter(|(_, p)| *p >= ALTERNATIVE_MIN)?;
        let alternatives =
            likely.take(ALTERNATIVES_MAX).filter(|(_, p)| *p >= ALTERNATIVE_MIN).collect();
        let (_, at, in_order) = distances[0];
        let strokes = &known[at].strokes;
        let order = (!in_order).then(|| matched(strokes, &ink));
        let is_even = are_even(strokes, &ink, order.as_deref());
        Some(CharacterReading { character, probability, alternatives, in_order, is_even })
    }

    /// Compares the characters whose strokes lie in the same places again, whatever their order.
    fn in_any_order(
        &self,
        ink: &[Stroke],
        known: &[Skeleton],
        distances: &mut [(f32, usize, bool)],
    ) {
        let mut near: Vec<(f32, usize)> =
            known.iter().enumerate().map(|(at, k)| (apart(&k.strokes, ink), at)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.truncate(IN_ANY_ORDER);
        for entry in distances.iter_mut() {
            if near.iter().any(|(_, at)| *at == entry.1) {
                let strokes = &known[entry.1].strokes;
                let order = matched(strokes, ink);
                let other = OTHER_ORDER * distance(strokes, ink, Some(&order));
                if other < entry.0 {
                    (entry.0, entry.2) = (other, false);
                }
            }
        }
        distances.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
}

/// Writes a model of characters and their strokes, in a frame of any unit, y growing downwards.
///
/// # Panics
/// Where a character has more strokes than [`STROKES_MAX`], or a stroke without extent.
#[must_use]
pub fn to_bytes(characters: &[(char, Vec<Vec<[f32; 2]>>)]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for (character, strokes) in characters {
        assert!(strokes.len() <= STROKES_MAX, "{character} has {} strokes", strokes.len());
        let points: Vec<Point> = strokes.iter().flatten().copied().collect();
        let (low, high) = frame(&points);
        let extent = (high[0] - low[0]).max(high[1] - low[1]);
        bytes.extend(&u32::from(*character).to_le_bytes()[..3]);
        bytes.push(strokes.len() as u8);
        for stroke in strokes {
            for point in resample(stroke).expect("a stroke has an extent") {
                let at = |axis: usize| {
                    let middle = (low[axis] + high[axis]) / 2.0;
                    ((point[axis] - middle) / extent * 254.0 + 128.0).round() as u8
                };
                bytes.extend([at(0), at(1)]);
            }
        }
    }
    bytes
}

fn coordinate(byte: u8) -> f32 {
    f32::from(byte) - 128.0
}

fn frame(points: &[Point]) -> (Point, Point) {
    let start = ([f32::MAX; 2], [f32::MIN; 2]);
    points.iter().fold(start, |(low, high), p| {
        ([low[0].min(p[0]), low[1].min(p[1])], [high[0].max(p[0]), high[1].max(p[1])])
    })
}

/// A stroke as points at even distances along it; `None` of a stroke without points.
fn resample(stroke: &[Point]) -> Option<Stroke> {
    let first = *stroke.first()?;
    let step = |pair: &[Point]| length(pair[0], pair[1]);
    let whole: f32 = stroke.windows(2).map(step).sum();
    let mut out = [first; POINTS];
    let (mut walked, mut at) = (0.0, 0);
    for (place, point) in out.iter_mut().enumerate().skip(1) {
        let wanted = whole * place as f32 / (POINTS - 1) as f32;
        while at + 2 < stroke.len() && walked + step(&stroke[at..at + 2]) < wanted {
            walked += step(&stroke[at..at + 2]);
            at += 1;
        }
        let Some(pair) = stroke.get(at..at + 2) else { break };
        let share = ((wanted - walked) / step(pair).max(f32::MIN_POSITIVE)).clamp(0.0, 1.0);
        *point = [0, 1].map(|axis| pair[0][axis] + share * (pair[1][axis] - pair[0][axis]));
    }
    Some(out)
}

/// Strokes about their middle, with a spread of 1 on average over both axes; `None` where they have
/// none.
fn upright(mut strokes: Vec<Stroke>) -> Option<Vec<Stroke>> {
    let count = (strokes.len() * POINTS) as f32;
    let sum = strokes.iter().flatten().fold([0.0; 2], |sum, p| [sum[0] + p[0], sum[1] + p[1]]);
    let middle = sum.map(|sum| sum / count);
    strokes.iter_mut().flatten().for_each(|p| *p = [p[0] - middle[0], p[1] - middle[1]]);
    let spread: f32 = strokes.iter().flatten().map(|p| p[0] * p[0] + p[1] * p[1]).sum();
    let spread = (spread / (2.0 * count)).sqrt();
    (spread > 0.0).then(|| {
        strokes.iter_mut().flatten().for_each(|p| *p = p.map(|v| v / spread));
        strokes
    })
}

/// How far ink lies from a skeleton of as many strokes that is stretched along each axis as suits it
/// best: root mean square. `order` says which stroke of the ink is each of the skeleton's, and
/// whether it runs the other way.
fn distance(skeleton: &[Stroke], ink: &[Stroke], order: Option<&[(usize, bool)]>) -> f32 {
    let mut sums = [[0.0_f32; 3]; 2];
    for (at, of) in skeleton.iter().enumerate() {
        let (place, turned) = order.map_or((at, false), |order| order[at]);
        for (point, of) in of.iter().enumerate() {
            let point = if turned { POINTS - 1 - point } else { point };
            for (axis, sum) in sums.iter_mut().enumerate() {
                let (k, i) = (of[axis], ink[place][point][axis]);
                *sum = [sum[0] + k * k, sum[1] + k * i, sum[2] + i * i];
            }
        }
    }
    let square: f32 = sums
        .iter()
        .map(|[kk, ki, ii]| {
            let stretch = (ki / kk.max(f32::MIN_POSITIVE)).clamp(STRETCH.0, STRETCH.1);
            stretch * stretch * kk - 2.0 * stretch * ki + ii
        })
        .sum();
    (square.max(0.0) / (skeleton.len() * POINTS) as f32).sqrt()
}

/// Whether each stroke is about where, as long and as steep as the skeleton's. One that is not may be
/// a slip of the pupil, however well all others fit.
fn are_even(skeleton: &[Stroke], ink: &[Stroke], order: Option<&[(usize, bool)]>) -> bool {
    let middle =
        |stroke: &Stroke, axis: usize| stroke.iter().map(|p| p[axis]).sum::<f32>() / POINTS as f32;
    let chord = |stroke: &Stroke| [0, 1].map(|axis| stroke[POINTS - 1][axis] - stroke[0][axis]);
    let along = |stroke: &Stroke| -> f32 { stroke.windows(2).map(|p| length(p[0], p[1])).sum() };
    skeleton.iter().enumerate().all(|(at, model)| {
        let (place, turned) = order.map_or((at, false), |order| order[at]);
        let stroke = &ink[place];
        let away =
            (middle(model, 0) - middle(stroke, 0)).hypot(middle(model, 1) - middle(stroke, 1));
        let (a, mut b) = (chord(model), chord(stroke));
        if turned {
            b = b.map(|v| -v);
        }
        let (dot, cross) = (a[0] * b[0] + a[1] * b[1], a[0] * b[1] - a[1] * b[0]);
        // The ends of a stroke that comes back to its start say nothing of its direction.
        let has_chord = a[0].hypot(a[1]) > 0.5 * along(model);
        let share = along(stroke) / along(model).max(f32::MIN_POSITIVE);
        away <= AWAY_MAX
            && (!has_chord || cross.atan2(dot).abs() <= TURN_MAX)
            && (LENGTHS.0..=LENGTHS.1).contains(&share)
    })
}

/// How far the strokes' middles lie apart, each from the nearest.
fn apart(skeleton: &[Stroke], ink: &[Stroke]) -> f32 {
    let middle = |stroke: &Stroke| {
        let sum = stroke.iter().fold([0.0; 2], |sum, p| [sum[0] + p[0], sum[1] + p[1]]);
        sum.map(|sum| sum / POINTS as f32)
    };
    let middles: Vec<Point> = ink.iter().map(middle).collect();
    let nearest = |stroke: &Stroke| {
        let [x, y] = middle(stroke);
        let squares = middles.iter().map(|m| (m[0] - x).powi(2) + (m[1] - y).powi(2));
        squares.fold(f32::MAX, f32::min)
    };
    skeleton.iter().map(nearest).sum()
}

/// Which stroke of the ink is each of the skeleton's: pairs that lie nearest first, then exchanges
/// that make the whole nearer.
fn matched(skeleton: &[Stroke], ink: &[Stroke]) -> Vec<(usize, bool)> {
    let one = |k: &Stroke, i: &Stroke| {
        let square = |a: &Point, b: &Point| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
        let along: f32 = k.iter().zip(i).map(|(a, b)| square(a, b)).sum();
        let against: f32 = k.iter().zip(i.iter().rev()).map(|(a, b)| square(a, b)).sum();
        // A stroke that was written the other way is rarer than one that lies elsewhere.
        if 2.0 * against < along { (2.0 * against, true) } else { (along, false) }
    };
    let costs: Vec<Vec<(f32, bool)>> =
        skeleton.iter().map(|k| ink.iter().map(|i| one(k, i)).collect()).collect();
    let mut pairs: Vec<(usize, usize)> =
        (0..skeleton.len()).flat_map(|k| (0..ink.len()).map(move |i| (k, i))).collect();
    pairs.sort_by(|a, b| costs[a.0][a.1].0.total_cmp(&costs[b.0][b.1].0));
    let (mut of, mut used) = (vec![usize::MAX; skeleton.len()], vec![false; ink.len()]);
    for (k, i) in pairs {
        if of[k] == usize::MAX && !used[i] {
            (of[k], used[i]) = (i, true);
        }
    }
    let mut better = true;
    while better {
        better = false;
        for a in 0..of.len() {
            for b in a + 1..of.len() {
                let now = costs[a][of[a]].0 + costs[b][of[b]].0;
                if costs[a][of[b]].0 + costs[b][of[a]].0 < now {
                    of.swap(a, b);
                    better = true;
                }
            }
        }
    }
    of.iter().enumerate().map(|(k, i)| (*i, costs[k][*i].1)).collect()
}
