//! Numbers with what pupils write around and into them (synthetic: real digits and signs of
//! different writers, put together), and how they are read.

use ink::Handwriting;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use recognition::{Alphabet, Recognizer, Split, read_handwriting};

use crate::augment::{Strokes, distort, frame};
use crate::chance::{around, happens};
use crate::corpus::Corpus;
use crate::item::Item;
use crate::numbers::{Hands, handwriting};
use crate::synthetic::{self, edges};

/// What stands beside the digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    EqualsBefore,
    FullStop,
    PointAfter,
    ThousandsComma,
    Brackets,
    OpeningBracket,
    Carry,
    Minus,
    Plus,
    Struck,
}

impl Extra {
    pub(crate) const ALL: [Self; 10] = [
        Self::EqualsBefore,
        Self::FullStop,
        Self::PointAfter,
        Self::ThousandsComma,
        Self::Brackets,
        Self::OpeningBracket,
        Self::Carry,
        Self::Minus,
        Self::Plus,
        Self::Struck,
    ];

    /// Whether the number may still be decided.
    pub(crate) fn is_punctuation(self) -> bool {
        use Extra::{EqualsBefore, FullStop, PointAfter, ThousandsComma};
        matches!(self, EqualsBefore | FullStop | PointAfter | ThousandsComma)
    }
}

/// From this probability on, marking decides.
pub(crate) const DECIDED: f32 = 0.9;
/// Numbers per kind.
const COUNT: usize = 300;

/// Prints how numbers with each extra are read: whether decided as the number, decided as another
/// one, or left to a person.
pub(crate) fn report(recognizer: &Recognizer, corpus: &Corpus, split: Split, seed: u64) {
    for extra in Extra::ALL {
        for alphabet in [Alphabet::Number, Alphabet::Decimal] {
            let items = numbers(corpus, split, extra, seed);
            let reads = read_handwriting(recognizer, &items, alphabet);
            let share = |right: bool| {
                let of = reads.iter().filter(|r| r.confidence >= DECIDED);
                let of = of.filter(|r| (r.read == r.label) == right);
                100.0 * of.count() as f32 / reads.len() as f32
            };
            println!(
                "{split:?} {extra:?} as {alphabet:?}: decided right {:.1} %, wrong {:.1} %",
                share(true),
                share(false),
            );
        }
    }
}

/// Whole numbers with an extra; their labels are the digits alone.
pub(crate) fn numbers(corpus: &Corpus, split: Split, extra: Extra, seed: u64) -> Vec<Handwriting> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed + 1_000 * (extra as u64 + 1));
    let hands = Hands::new(corpus, split);
    let counts = if extra == Extra::ThousandsComma { 4..=6 } else { 1..=3 };
    (0..COUNT)
        .map(|_| {
            let count = rng.random_range(counts.clone());
            let digits = hands.digits(count, &mut rng);
            let other = hands.digits(1, &mut rng)[0];
            write(&digits, other, extra, corpus.symbols.split(split), &mut rng)
        })
        .collect()
}

/// Symbols side by side; sizes are parts of the first digit's writer's size.
struct Line {
    strokes: Strokes,
    size: f32,
    right: f32,
    gap: f32,
}

impl Line {
    /// Adds strokes whose middle is `low` of the size below the line's middle.
    fn push(&mut self, strokes: &Strokes, low: f32, gap: f32) {
        let ([left, right], (centre, _)) = (edges(strokes), frame(strokes));
        let shift = self.right + gap * self.size - left;
        let drop = low * self.size - centre[1];
        let moved = |p: &[f32; 2]| [p[0] + shift, p[1] + drop];
        self.strokes.extend(strokes.iter().map(|s| s.iter().map(moved).collect()));
        self.right += gap * self.size + right - left;
    }
}

fn write(
    digits: &[&Item],
    other: &Item,
    extra: Extra,
    symbols: &[Item],
    rng: &mut ChaCha8Rng,
) -> Handwriting {
    let size = digits[0].size;
    let gap = rng.random_range(0.08..0.4);
    let mut line = Line { strokes: Vec::new(), size, right: 0.0, gap };
    let sign = |symbol: char, rng: &mut ChaCha8Rng| sign(symbol, size, symbols, rng);
    match extra {
        Extra::EqualsBefore if happens(rng, 0.5) => {
            let drawn = synthetic::equals(rng);
            line.push(&scaled(&drawn, size * rng.random_range(0.45..0.85)), around(rng, 0.15), 0.0);
        }
        Extra::EqualsBefore => line.push(&sign('=', rng), around(rng, 0.15), 0.0),
        Extra::Minus => line.push(&sign('-', rng), around(rng, 0.15), 0.0),
        Extra::Plus => line.push(&sign('+', rng), around(rng, 0.15), 0.0),
        Extra::Brackets | Extra::OpeningBracket => line.push(&sign('(', rng), 0.0, 0.0),
        _ => {}
    }
    let carried = rng.random_range(0..digits.len());
    for (at, digit) in digits.iter().enumerate() {
        let left = digits.len() - at;
        if extra == Extra::ThousandsComma && at > 0 && left == 3 {
            let comma = sign(',', rng);
            let low = rng.random_range(0.42..0.62);
            line.push(&comma, low, rng.random_range(0.02..0.2));
        }
        if extra == Extra::Carry && at == carried {
            let small = scaled(&other.strokes, size / other.size * rng.random_range(0.3..0.55));
            line.push(&small, -rng.random_range(0.35..0.7), gap);
            // A carry stands above the gap and makes it little wider.
            line.right -= size * rng.random_range(0.0..0.25);
        }
        let mut strokes = digit.strokes.clone();
        if extra == Extra::Struck && at == carried {
            strokes = synthetic::struck(digit, rng);
        }
        let gap = if line.strokes.is_empty() { 0.0 } else { line.gap + around(rng, 0.06) };
        line.push(&strokes, 0.06 * around(rng, 1.0), gap);
    }
    match extra {
        Extra::FullStop => {
            let ring = scaled(&synthetic::ring(rng), size);
            line.push(&ring, rng.random_range(0.3..0.55), rng.random_range(0.05..0.4));
        }
        Extra::PointAfter => {
            line.push(&sign('.', rng), rng.random_range(0.38..0.55), rng.random_range(0.05..0.4));
        }
        Extra::Brackets => line.push(&sign(')', rng), 0.0, gap),
        _ => {}
    }
    handwriting(digits, line.strokes)
}

/// A written sign, as large against the number as its writer wrote it against theirs.
fn sign(symbol: char, size: f32, symbols: &[Item], rng: &mut ChaCha8Rng) -> Strokes {
    let of = symbols.iter().filter(|item| item.label == symbol);
    // Some items are in another unit, and of some writers nothing but commas are known.
    let most = if matches!(symbol, '.' | ',') { 0.45 } else { 1.6 };
    let fits = |item: &&Item| (0.02..most).contains(&(frame(&item.strokes).1 / item.size));
    let items: Vec<&Item> = of.filter(fits).collect();
    let item = items[rng.random_range(0..items.len())];
    distort(&scaled(&item.strokes, size / item.size), rng)
}

fn scaled(strokes: &Strokes, by: f32) -> Strokes {
    strokes.iter().map(|s| s.iter().map(|p| p.map(|v| v * by)).collect()).collect()
}
